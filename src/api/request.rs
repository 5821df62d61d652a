//! What is asked: a request as the caller describes it.

use std::fmt;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use serde_json::Value;

use crate::value::Secret;

use super::classify::ErrorRule;
use super::clock::Clock;
use super::safe_url::Endpoint;
use super::stop::Stop;

/// An HTTP method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    /// Reads.
    Get,
    /// Reads the headers.
    Head,
    /// Mostly creates; not idempotent by itself.
    Post,
    /// Sets.
    Put,
    /// Changes in part; not idempotent by itself.
    Patch,
    /// Removes.
    Delete,
}

impl Method {
    /// Returns the method of an upper-case name.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "GET" => Self::Get,
            "HEAD" => Self::Head,
            "POST" => Self::Post,
            "PUT" => Self::Put,
            "PATCH" => Self::Patch,
            "DELETE" => Self::Delete,
            _ => return None,
        })
    }

    /// Returns the name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    /// Tells whether sending it twice is the same as sending it once.
    pub fn is_idempotent(self) -> bool {
        !matches!(self, Self::Post | Self::Patch)
    }

    /// Tells whether it only reads.
    pub fn is_read(self) -> bool {
        matches!(self, Self::Get | Self::Head)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// What is sent after the headers.
#[derive(Clone, PartialEq, Debug)]
pub enum Body {
    /// Nothing.
    Empty,
    /// A JSON document.
    Json(Value),
    /// `application/x-www-form-urlencoded` pairs.
    Form(Vec<(String, String)>),
}

/// What a good answer holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// A JSON document, or nothing.
    Json,
    /// Any text.
    Text,
}

/// A condition checked immediately before every attempt, such as "the lease on the state outlasts
/// the timeout". Given the time the attempt would like to have, it returns the time that the attempt may take;
/// `Err` says why it must not start.
#[derive(Clone)]
pub struct Fence {
    check: Arc<FenceCheck>,
    outage: Outage,
}

/// Since when fences are closed for now, by the clock of the calls. Calls that share it wait for the same opening, and
/// not each for its own.
#[derive(Clone, Debug, Default)]
pub struct Outage(Arc<Mutex<Option<Duration>>>);

impl Outage {
    /// Returns how long it lasts; the first call begins it.
    fn lasts(&self, now: Duration) -> Duration {
        let mut since = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        now.saturating_sub(*since.get_or_insert(now))
    }

    fn ends(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

type FenceCheck = dyn Fn(Duration) -> Result<Duration, Closed> + Send + Sync;

/// Why an attempt must not start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Closed {
    /// It may in a moment, such as when a lease that is about to end is renewed.
    ForNow(String),
    /// It never may.
    ForGood(String),
}

/// How long a fence that is closed for now is waited for, and how often it is looked at.
const PATIENCE: Duration = Duration::from_mins(1);
const LOOK: Duration = Duration::from_millis(50);

impl Fence {
    /// Wraps the condition.
    pub fn new(check: impl Fn(Duration) -> Result<Duration, Closed> + Send + Sync + 'static) -> Self {
        Self { check: Arc::new(check), outage: Outage::default() }
    }

    /// Waits together with others.
    #[must_use]
    pub fn during(self, outage: Outage) -> Self {
        Self { outage, ..self }
    }

    /// Returns when the attempt may start, and how long it may take, waiting for a while if it may not now. None if the
    /// run is stopped meanwhile.
    pub(super) async fn pass(
        &self,
        timeout: Duration,
        clock: &dyn Clock,
        stop: &Stop,
    ) -> Option<Result<Duration, String>> {
        loop {
            match (self.check)(timeout) {
                Ok(allowed) => {
                    self.outage.ends();
                    return Some(Ok(allowed));
                }
                Err(Closed::ForGood(reason)) => return Some(Err(reason)),
                Err(Closed::ForNow(reason)) if self.outage.lasts(clock.elapsed()) >= PATIENCE => {
                    return Some(Err(reason));
                }
                Err(Closed::ForNow(_)) if stop.is_stopped() => return None,
                Err(Closed::ForNow(_)) => clock.sleep(LOOK).await,
            }
        }
    }
}

impl fmt::Debug for Fence {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Fence")
    }
}

/// The operation as the API names it; some signatures cover it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// The name: `CreateDisasterRecoveryPlan`.
    pub name: String,
    /// The version of the API: `2022-08-01`.
    pub version: String,
    /// How operations are told apart on the wire.
    pub style: Style,
}

/// How the operations of an API are told apart on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// By method and path.
    Roa,
    /// By a parameter; the path is `/`.
    Rpc,
}

/// A request. `Debug` shows neither headers, query nor body, because they may hold secrets.
#[derive(Clone)]
pub struct Request {
    /// What is being done, as a verb phrase for messages: "create the topic `orders`".
    pub operation: String,
    /// The kind of call for statistics: "create topic". Empty: the method.
    pub kind: String,
    /// The operation as the API names it.
    pub action: Option<Action>,
    /// The method.
    pub method: Method,
    /// Where to.
    pub endpoint: Endpoint,
    /// Path segments, not encoded; each is one segment whatever characters it holds.
    pub path: Vec<String>,
    /// Query, not encoded, in the order to be sent.
    pub query: Vec<(String, String)>,
    /// Headers beside those the client sets.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Body,
    /// Whether sending it twice is the same as sending it once. Preset from the method.
    pub idempotent: bool,
    /// Whether it only reads. Preset from the method; some APIs read by POST and write by GET.
    pub reads: bool,
    /// Longest wait for an answer, beside the time for making a connection; none: the client's.
    pub timeout: Option<Duration>,
    /// What a good answer holds.
    pub expect: Expect,
    /// Error rules of this call, tried before the client's.
    pub rules: Arc<[ErrorRule]>,
    /// Secrets in this request that stand under keys not known as sensitive.
    pub secrets: Vec<Secret>,
    /// Condition checked before every attempt.
    pub fence: Option<Fence>,
}

impl Request {
    /// Returns the call without its arguments, as people look it up in the API's pages: `POST /v2/…/topics`, or the name of
    /// the operation where the API has names.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.action {
            Some(action) => action.name.clone(),
            None => format!("{} /{}", self.method, self.path.join("/")),
        }
    }

    /// Starts a request.
    pub fn new(method: Method, endpoint: &Endpoint, operation: impl Into<String>) -> Self {
        Self {
            operation: operation.into(),
            kind: String::new(),
            action: None,
            method,
            endpoint: endpoint.clone(),
            path: Vec::new(),
            query: Vec::new(),
            headers: Vec::new(),
            body: Body::Empty,
            idempotent: method.is_idempotent(),
            reads: method.is_read(),
            timeout: None,
            expect: Expect::Json,
            rules: Arc::from([]),
            secrets: Vec::new(),
            fence: None,
        }
    }

    /// Appends path segments.
    #[must_use]
    pub fn segments<S: Into<String>>(mut self, segments: impl IntoIterator<Item = S>) -> Self {
        self.path.extend(segments.into_iter().map(Into::into));
        self
    }

    /// Appends a query pair.
    #[must_use]
    pub fn query(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.query.push((key.into(), value.into()));
        self
    }

    /// Appends a header.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Sets a JSON body.
    #[must_use]
    pub fn json(mut self, body: Value) -> Self {
        self.body = Body::Json(body);
        self
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Request")
            .field("operation", &self.operation)
            .field("method", &self.method)
            .field("endpoint", &self.endpoint)
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}
