//! What can go wrong with a call, and whether anything may have been changed by it.

use std::fmt;
use std::time::Duration;

use super::classify::ErrorClass;
use super::request::Method;
use super::response::Unreadable;
use super::safe_url::SafeUrl;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Reply;

/// How far a request got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sent {
    /// It never left: nothing was changed by it.
    Not,
    /// The server answered.
    Answered,
    /// It was sent, or partly, and no answer came: anything may have happened.
    Unknown,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Not sent because the request or the client's settings do not allow it.
    Refused(String),
    /// Not sent because the stop signal came first.
    Stopped,
    /// No connection could be made.
    Connect(String),
    /// No answer within the time.
    Timeout(Duration),
    /// The connection was lost after sending.
    Lost(String),
    /// The server answered with an error; the message is redacted.
    Answer(Option<String>),
    /// The answer cannot be read; with its first line, redacted.
    Unreadable(Unreadable, String),
}

/// A failed call.
#[derive(Debug, thiserror::Error)]
#[error("cannot {}: {}", .0.operation, Cause(.0))]
pub struct ApiError(Box<Details>);

#[derive(Debug)]
pub(super) struct Details {
    pub(super) operation: String,
    pub(super) method: Option<Method>,
    pub(super) url: Option<SafeUrl>,
    pub(super) status: Option<u16>,
    pub(super) code: Option<String>,
    pub(super) request_id: Option<String>,
    pub(super) class: ErrorClass,
    pub(super) failure: Failure,
    pub(super) sent: Sent,
    pub(super) may_have_changed: bool,
    pub(super) hint: Option<String>,
    pub(super) attempts: u32,
    pub(super) retry_after: Option<Duration>,
}

impl ApiError {
    pub(super) fn new(operation: &str, class: ErrorClass, failure: Failure) -> Self {
        let sent = match failure {
            Failure::Refused(_) | Failure::Stopped | Failure::Connect(_) => Sent::Not,
            Failure::Timeout(_) | Failure::Lost(_) => Sent::Unknown,
            Failure::Answer(_) | Failure::Unreadable(..) => Sent::Answered,
        };
        Self(Box::new(Details {
            operation: operation.to_owned(),
            method: None,
            url: None,
            status: None,
            code: None,
            request_id: None,
            class,
            failure,
            sent,
            may_have_changed: sent == Sent::Unknown,
            hint: None,
            attempts: 0,
            retry_after: None,
        }))
    }

    pub(super) fn refused(operation: &str, reason: impl Into<String>) -> Self {
        Self::new(operation, ErrorClass::NotSent, Failure::Refused(reason.into()))
    }

    pub(super) fn stopped(operation: &str) -> Self {
        Self::new(operation, ErrorClass::NotSent, Failure::Stopped)
    }

    pub(super) fn details(&mut self) -> &mut Details {
        &mut self.0
    }

    #[must_use]
    pub(super) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// Returns what was being done.
    pub fn operation(&self) -> &str {
        &self.0.operation
    }

    /// Returns the method and URL, if the request got as far as having them.
    pub fn call(&self) -> Option<(Method, &SafeUrl)> {
        self.0.method.zip(self.0.url.as_ref())
    }

    /// Returns the HTTP status, if there was an answer.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// Returns the vendor's error code.
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// Returns the vendor's message, redacted.
    pub fn message(&self) -> Option<&str> {
        match &self.0.failure {
            Failure::Answer(message) => message.as_deref(),
            Failure::Refused(_)
            | Failure::Stopped
            | Failure::Connect(_)
            | Failure::Timeout(_)
            | Failure::Lost(_)
            | Failure::Unreadable(..) => None,
        }
    }

    /// Returns the vendor's id of the call.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// Returns what it means.
    pub fn class(&self) -> ErrorClass {
        self.0.class
    }

    /// Returns what happened.
    pub fn failure(&self) -> &Failure {
        &self.0.failure
    }

    /// Returns how far the last attempt got.
    pub fn sent(&self) -> Sent {
        self.0.sent
    }

    /// Tells whether this call, in any of its attempts, may have changed something.
    pub fn may_have_changed(&self) -> bool {
        self.0.may_have_changed
    }

    /// Tells whether the call ended because of the stop signal.
    pub fn is_stopped(&self) -> bool {
        self.0.failure == Failure::Stopped
    }

    /// Returns what to do now.
    pub fn hint(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// Returns how often it was tried.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// Returns how long the server asked to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Returns one sentence on what is known about changes; none for calls that only read.
    pub fn consequence(&self) -> &'static str {
        if self.0.may_have_changed {
            "the call may have been carried out"
        } else {
            "nothing was changed by this call"
        }
    }
}

/// The second half of the message.
struct Cause<'e>(&'e Details);

impl fmt::Display for Cause<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let details = self.0;
        match &details.failure {
            Failure::Refused(reason) => out.write_str(reason),
            Failure::Stopped => out.write_str("stopped on request before it was sent"),
            Failure::Connect(reason) => write!(out, "no connection: {reason}"),
            Failure::Timeout(limit) => write!(out, "no answer within {} s", limit.as_secs_f64()),
            Failure::Lost(reason) => write!(out, "connection lost before the answer: {reason}"),
            Failure::Answer(message) => {
                out.write_str("the API answered")?;
                if let Some(status) = details.status {
                    write!(out, " {status}")?;
                }
                if let Some(code) = &details.code {
                    write!(out, " `{code}`")?;
                }
                message.as_ref().map_or(Ok(()), |message| write!(out, ": {message}"))
            }
            Failure::Unreadable(what, line) => {
                write!(out, "the API answered {} with {what}", details.status.unwrap_or_default())?;
                if line.is_empty() { Ok(()) } else { write!(out, ": {line}") }
            }
        }
    }
}

/// The call as it was made, for the second line of a message.
struct Place<'e>(&'e Details);

impl fmt::Display for Place<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let details = self.0;
        let Some((method, url)) = details.method.zip(details.url.as_ref()) else { return Ok(()) };
        write!(out, "{method} {url}")?;
        if let Some(id) = &details.request_id {
            write!(out, ", request id {id}")?;
        }
        if details.attempts > 1 {
            write!(out, ", {} attempts", details.attempts)?;
        }
        Ok(())
    }
}

impl From<&ApiError> for Diagnostic {
    fn from(error: &ApiError) -> Self {
        let details = &error.0;
        let place = Place(details).to_string();
        let detail = match (place.is_empty(), error.sent()) {
            (true, _) => String::new(),
            (false, Sent::Not) => place,
            (false, Sent::Answered | Sent::Unknown) => format!("{place}; {}", error.consequence()),
        };
        let hint = details.hint.clone().or_else(|| general_hint(details.class).map(str::to_owned));
        let reply = Reply {
            status: details.status,
            code: details.code.clone(),
            request_id: details.request_id.clone(),
        };
        let found = Self::error(code(details), error.to_string()).detail(detail).maybe_hint(hint);
        if reply == Reply::default() { found } else { found.reply(reply) }
    }
}

fn code(details: &Details) -> Code {
    match details.class {
        ErrorClass::Throttled => Code::Throttled,
        ErrorClass::Busy => Code::Busy,
        ErrorClass::Gone => Code::NotFound,
        ErrorClass::Exists => Code::AlreadyExists,
        ErrorClass::Unauthenticated => Code::CredentialsRejected,
        ErrorClass::Forbidden => Code::PermissionDenied,
        ErrorClass::Connection => Code::Unreachable,
        ErrorClass::Unreadable => Code::UnexpectedAnswer,
        ErrorClass::NotSent if details.failure == Failure::Stopped => Code::Interrupted,
        ErrorClass::Transient
        | ErrorClass::Invalid
        | ErrorClass::Quota
        | ErrorClass::Capacity
        | ErrorClass::Billing
        | ErrorClass::Unavailable
        | ErrorClass::Server
        | ErrorClass::Fatal
        | ErrorClass::NotSent => Code::ApiError,
    }
}

/// What to do when no rule says anything better.
fn general_hint(class: ErrorClass) -> Option<&'static str> {
    Some(match class {
        ErrorClass::Throttled => "wait a little, or use fewer calls at a time with `--parallelism`",
        ErrorClass::Transient | ErrorClass::Server => {
            "try again later; the request id helps the vendor's support"
        }
        ErrorClass::Busy => "wait until the object has settled, then run the command again",
        ErrorClass::Exists => "import the object, or choose another name",
        ErrorClass::Unauthenticated => "check the credentials, the region and this machine's clock",
        ErrorClass::Forbidden => "ask for the permission, or use other credentials",
        ErrorClass::Quota => "delete what is not needed, or ask the vendor for a higher quota",
        ErrorClass::Capacity => "choose another size or availability zone, or try again later",
        ErrorClass::Billing => "settle orders and balance of the account",
        ErrorClass::Unavailable => "check the endpoint, the region and whether the service is offered there",
        ErrorClass::Connection => "check the endpoint, the network and the proxy settings",
        ErrorClass::Unreadable => {
            "check whether the endpoint is the API itself and not a proxy or a web page"
        }
        ErrorClass::Gone | ErrorClass::Invalid | ErrorClass::Fatal | ErrorClass::NotSent => return None,
    })
}
