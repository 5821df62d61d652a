//! What came back: a good answer, or the kinds of unreadable ones.

use std::fmt;

use serde_json::Value;

use super::safe_url::SafeUrl;
use super::secret::first_line;

/// A good answer. `Debug` shows neither headers nor body, because they may hold secrets.
#[derive(Clone)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The vendor's id of this call, for support requests.
    pub request_id: Option<String>,
    /// The document; null if there was none. With `Expect::Text`, the text as a string.
    pub body: Value,
    /// Where it came from.
    pub url: SafeUrl,
    /// How many attempts it took.
    pub attempts: u32,
}

impl Response {
    /// Returns a header by its lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Response")
            .field("status", &self.status)
            .field("url", &self.url)
            .field("request_id", &self.request_id)
            .field("attempts", &self.attempts)
            .finish_non_exhaustive()
    }
}

pub(super) fn header<'h>(headers: &'h [(String, String)], name: &str) -> Option<&'h str> {
    headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

/// Why a body could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// A web page: a proxy, a login page or the wrong host answered.
    Html,
    /// JSON that ends too early.
    TruncatedJson,
    /// The connection ended before the announced end of the body.
    CutOff,
    /// Something else than JSON.
    NotJson,
    /// Bytes that are no text.
    NotText,
    /// More than the limit, in bytes.
    TooLarge(u64),
}

impl fmt::Display for Unreadable {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Html => out.write_str("a web page instead of JSON"),
            Self::TruncatedJson => out.write_str("JSON that ends too early"),
            Self::CutOff => out.write_str("a body that was cut off"),
            Self::NotJson => out.write_str("something that is not JSON"),
            Self::NotText => out.write_str("bytes that are not UTF-8 text"),
            Self::TooLarge(limit) => write!(out, "more than {limit} bytes"),
        }
    }
}

/// A body as far as it could be understood.
pub(super) enum Decoded {
    Json(Value),
    /// What it is instead, and its first line.
    Not(Unreadable, String),
}

/// Reads a complete body.
pub(super) fn decode(bytes: &[u8], content_type: Option<&str>) -> Decoded {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Decoded::Not(Unreadable::NotText, String::new());
    };
    // Some gateways put a byte order mark before JSON.
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.is_empty() {
        return Decoded::Json(Value::Null);
    }
    match serde_json::from_str(text) {
        Ok(value) => Decoded::Json(value),
        Err(error) => {
            let html = content_type.is_some_and(|kind| kind.to_ascii_lowercase().contains("html"))
                || text.starts_with('<');
            let what = if html {
                Unreadable::Html
            } else if error.is_eof() {
                Unreadable::TruncatedJson
            } else {
                Unreadable::NotJson
            };
            Decoded::Not(what, first_line(text))
        }
    }
}
