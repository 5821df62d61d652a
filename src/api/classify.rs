//! What an error answer means: ordered rules as data, first match wins.
//!
//! Rules come from the provider's files; this module only knows how to apply them, how to dig
//! code and message out of the envelopes in use, and what plain HTTP says when no rule matches.
//! Status alone never means "gone" here: a 404 without a rule is an API that is not available.

use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

use serde_json::Value;

use crate::value::matches_wildcard;

/// What an error means for whoever sent the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ErrorClass {
    /// Flow control; the request was turned away and can be sent again later, whatever its method.
    Throttled,
    /// The service cannot answer just now.
    Transient,
    /// The object (or its parent) is being worked on: wait until it has settled.
    Busy,
    /// The object does not exist.
    Gone,
    /// The object exists already.
    Exists,
    /// The credentials were not accepted.
    Unauthenticated,
    /// The credentials are good but not allowed to do this.
    Forbidden,
    /// The request is wrong.
    Invalid,
    /// A limit of the account is reached.
    Quota,
    /// The vendor has sold out.
    Capacity,
    /// Orders, balance or a frozen account.
    Billing,
    /// This API, or this method of it, is not available here.
    Unavailable,
    /// The service failed; what it did before is not known.
    Server,
    /// Anything else; trying again will not help.
    Fatal,
    /// No answer: connections could not be made or were lost.
    Connection,
    /// An answer that cannot be read.
    Unreadable,
    /// Not sent: the stop signal came first, or a rule of ours forbids it.
    NotSent,
}

impl ErrorClass {
    /// The classes rules can name, in the order of documentation.
    pub const IN_RULES: &[Self] = &[
        Self::Throttled,
        Self::Transient,
        Self::Busy,
        Self::Gone,
        Self::Exists,
        Self::Unauthenticated,
        Self::Forbidden,
        Self::Invalid,
        Self::Quota,
        Self::Capacity,
        Self::Billing,
        Self::Unavailable,
        Self::Server,
        Self::Fatal,
    ];

    /// Returns the class a rule names.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::IN_RULES.iter().copied().find(|class| class.name() == name)
    }

    /// Returns the name used in rules and logs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Throttled => "throttled",
            Self::Transient => "transient",
            Self::Busy => "busy",
            Self::Gone => "gone",
            Self::Exists => "exists",
            Self::Unauthenticated => "unauthenticated",
            Self::Forbidden => "forbidden",
            Self::Invalid => "invalid",
            Self::Quota => "quota",
            Self::Capacity => "capacity",
            Self::Billing => "billing",
            Self::Unavailable => "unavailable",
            Self::Server => "server",
            Self::Fatal => "fatal",
            Self::Connection => "connection",
            Self::Unreadable => "unreadable",
            Self::NotSent => "not-sent",
        }
    }
}

impl fmt::Display for ErrorClass {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// A vendor code to match; `*` stands for any run of characters (`DMS.*`, `*.NotFound`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodePattern(String);

impl CodePattern {
    /// Makes a pattern.
    pub fn new(pattern: impl Into<String>) -> Self {
        Self(pattern.into())
    }

    /// Tells whether `code` matches as a whole.
    pub fn matches(&self, code: &str) -> bool {
        matches_wildcard(&self.0, code)
    }
}

/// One rule. An empty list matches everything; both lists must match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorRule {
    /// HTTP statuses.
    pub status: Vec<u16>,
    /// Vendor codes; an answer without a code matches only an empty list.
    pub code: Vec<CodePattern>,
    /// What it means.
    pub class: ErrorClass,
    /// What to do now, for the message.
    pub hint: Option<String>,
}

impl ErrorRule {
    fn matches(&self, status: u16, code: Option<&str>) -> bool {
        let status_fits = self.status.is_empty() || self.status.contains(&status);
        let code_fits = self.code.is_empty()
            || code.is_some_and(|code| self.code.iter().any(|pattern| pattern.matches(code)));
        status_fits && code_fits
    }
}

/// Applies lists of rules one after the other; without a match, plain HTTP decides.
pub fn classify(lists: &[&[ErrorRule]], status: u16, code: Option<&str>) -> (ErrorClass, Option<String>) {
    match lists.iter().copied().flatten().find(|rule| rule.matches(status, code)) {
        Some(rule) => (rule.class, rule.hint.clone()),
        None => (by_status(status), None),
    }
}

fn by_status(status: u16) -> ErrorClass {
    match status {
        429 => ErrorClass::Throttled,
        408 | 503 => ErrorClass::Transient,
        401 => ErrorClass::Unauthenticated,
        403 => ErrorClass::Forbidden,
        404 | 405 | 501 => ErrorClass::Unavailable,
        400 | 409 | 410 | 412 | 413 | 415 | 422 => ErrorClass::Invalid,
        500..=599 => ErrorClass::Server,
        _ => ErrorClass::Fatal,
    }
}

/// Where an API puts code, message and request id. Key names are compared without case, and
/// looked for in nested objects too (gateways wrap `{"error": {"code": …}}`), outer ones first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// Keys of the vendor code, most telling first.
    pub code: Vec<String>,
    /// Codes that say nothing and are passed over, such as `SUCCESS`.
    pub ignored_codes: Vec<String>,
    /// Whether a code made of digits only counts as a code.
    pub numeric_codes: bool,
    /// Keys of the message, most telling first.
    pub message: Vec<String>,
    /// Keys of the request id in the body.
    pub request_id: Vec<String>,
    /// Headers of the request id, lower case.
    pub request_id_headers: Vec<String>,
    /// Headers that say how long to wait, lower case, each with the unit of its number.
    pub retry_after_headers: Vec<(String, Duration)>,
    /// Top-level keys of a boolean that decides whether a 2xx answer is good; the first that is there.
    pub success: Vec<String>,
    /// If the success key is missing: codes of a good answer (any other code is an error); empty:
    /// the status alone decides.
    pub good_codes: Vec<String>,
}

impl Default for Envelope {
    fn default() -> Self {
        let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Self {
            code: list(&["error_code", "errorCode", "code"]),
            ignored_codes: Vec::new(),
            numeric_codes: true,
            message: list(&["error_msg", "errorMsg", "message"]),
            request_id: list(&["request_id", "requestId"]),
            request_id_headers: list(&["x-request-id"]),
            retry_after_headers: vec![("retry-after".to_owned(), Duration::from_secs(1))],
            success: Vec::new(),
            good_codes: Vec::new(),
        }
    }
}

/// Code, message and request id found in a body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Vendor {
    pub(super) code: Option<String>,
    pub(super) message: Option<String>,
    pub(super) request_id: Option<String>,
}

impl Envelope {
    pub(super) fn extract(&self, body: &Value) -> Vendor {
        Vendor {
            code: find(body, &self.code, |code| self.is_telling(code)),
            message: find(body, &self.message, |_| true),
            request_id: find(body, &self.request_id, |_| true),
        }
    }

    fn is_telling(&self, code: &str) -> bool {
        let ignored = self.ignored_codes.iter().any(|ignored| ignored.eq_ignore_ascii_case(code));
        let digits = code.bytes().all(|byte| byte.is_ascii_digit());
        !ignored && (self.numeric_codes || !digits)
    }

    /// Tells whether a 2xx answer with this body is an error all the same.
    pub(super) fn is_failure(&self, body: &Value) -> bool {
        let Value::Object(map) = body else { return false };
        let get =
            |name: &str| map.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value);
        if let Some(success) = self.success.iter().find_map(|name| get(name)) {
            match success {
                Value::Bool(good) => return !good,
                Value::String(text) if text.eq_ignore_ascii_case("true") => return false,
                Value::String(text) if text.eq_ignore_ascii_case("false") => return true,
                Value::Null | Value::String(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {}
            }
        }
        if self.good_codes.is_empty() {
            return false;
        }
        self.code
            .iter()
            .filter_map(|name| get(name).and_then(text))
            .any(|code| !self.good_codes.contains(&code) && self.is_telling_or_number(&code))
    }

    fn is_telling_or_number(&self, code: &str) -> bool {
        self.is_telling(code) || code.bytes().all(|byte| byte.is_ascii_digit())
    }
}

/// Objects nested deeper than this are data, not an envelope.
const DEEPEST: usize = 4;

/// Searches breadth first; within one object the names' order decides.
fn find(body: &Value, names: &[String], accept: impl Fn(&str) -> bool) -> Option<String> {
    let mut queue = VecDeque::from([(body, 0)]);
    while let Some((value, depth)) = queue.pop_front() {
        let Value::Object(map) = value else { continue };
        for name in names {
            let hit = map
                .iter()
                .filter(|(key, _)| key.eq_ignore_ascii_case(name))
                .find_map(|(_, value)| text(value).filter(|found| accept(found)));
            if hit.is_some() {
                return hit;
            }
        }
        if depth < DEEPEST {
            queue.extend(map.values().map(|value| (value, depth + 1)));
        }
    }
    None
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => None,
    }
}
