//! The connection below the client library: answers are read up to a limit, redirects are not followed, and what an
//! answer said is noted for messages.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use futures_util::StreamExt as _;
use object_store::ClientOptions;
use object_store::client::HttpClient;
use object_store::client::HttpConnector;
use object_store::client::HttpError;
use object_store::client::HttpErrorKind;
use object_store::client::HttpRequest;
use object_store::client::HttpResponse;
use object_store::client::HttpService;

/// The largest answer that is read, in bytes.
const LARGEST: usize = 512 * 1024 * 1024;

/// The largest part of a refusal that is looked at.
const LARGEST_REFUSAL: usize = 64 * 1024;

/// What the last answer of an operation said.
#[derive(Debug, Clone, Default)]
pub(super) struct Note {
    /// Its status; none if there was no answer.
    pub(super) status: Option<u16>,
    /// The code of a refusal, such as `NoSuchBucket`.
    pub(super) code: Option<String>,
    /// What the service says about it.
    pub(super) message: Option<String>,
    /// The region of the bucket, if the service names it.
    pub(super) region: Option<String>,
    /// The service's id of the request.
    pub(super) request: Option<String>,
    /// The service's time, in seconds since 1970.
    pub(super) date: Option<i64>,
    /// Why there was no answer.
    pub(super) lost: Option<String>,
}

tokio::task_local! {
    static NOTE: Arc<Mutex<Note>>;
}

/// Runs an operation and returns what its last answer said.
pub(super) async fn noted<T>(operation: impl Future<Output = T>) -> (T, Note) {
    let note = Arc::new(Mutex::new(Note::default()));
    let result = NOTE.scope(Arc::clone(&note), operation).await;
    let note = note.lock().unwrap_or_else(PoisonError::into_inner).clone();
    (result, note)
}

fn note(change: impl FnOnce(&mut Note)) {
    // Requests for credentials may be made outside of any operation; nobody asks for their notes.
    NOTE.try_with(|note| change(&mut note.lock().unwrap_or_else(PoisonError::into_inner)))
        .unwrap_or_default();
}

/// Makes the connections of the client library: all are the one it was made with.
#[derive(Debug, Clone)]
pub(super) struct Wire {
    client: HttpClient,
}

impl Wire {
    pub(super) fn new(client: impl HttpService) -> Self {
        Self { client: HttpClient::new(client) }
    }

    async fn exchange(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let answer = self.client.execute(request).await.inspect_err(|error| {
            note(|note| *note = Note { lost: Some(deepest(error)), ..Note::default() });
        })?;
        let (parts, body) = answer.into_parts();
        let header = |name: &str| Some(parts.headers.get(name)?.to_str().ok()?.to_owned());
        let mut said = Note {
            status: Some(parts.status.as_u16()),
            region: header("x-amz-bucket-region"),
            request: header("x-amz-request-id"),
            date: header("date").and_then(|date| seconds(&date)),
            ..Note::default()
        };
        let is_good = parts.status.is_success();
        let limit = if is_good { LARGEST } else { LARGEST_REFUSAL };
        let mut bytes: Vec<u8> = Vec::new();
        let mut chunks = body.bytes_stream();
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.inspect_err(|error| {
                note(|note| *note = Note { lost: Some(deepest(error)), ..Note::default() });
            })?;
            if bytes.len() + chunk.len() > limit {
                if is_good {
                    note(|note| {
                        *note = Note { lost: Some("the answer is too large".to_owned()), ..Note::default() };
                    });
                    return Err(HttpError::new(HttpErrorKind::Decode, TooLarge));
                }
                break;
            }
            bytes.extend_from_slice(&chunk);
        }
        if !is_good {
            let text = String::from_utf8_lossy(&bytes);
            said.code = element(&text, "Code");
            said.message = element(&text, "Message");
            said.region = said.region.or_else(|| element(&text, "Region"));
        }
        note(|note| *note = said);
        Ok(HttpResponse::from_parts(parts, bytes.into()))
    }
}

impl HttpService for Wire {
    fn call<'s, 'f>(
        &'s self,
        request: HttpRequest,
    ) -> Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'f>>
    where
        's: 'f,
        Self: 'f,
    {
        Box::pin(self.exchange(request))
    }
}

impl HttpConnector for Wire {
    fn connect(&self, _options: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}

/// An answer is larger than any state.
#[derive(Debug)]
struct TooLarge;

impl fmt::Display for TooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the answer is too large")
    }
}

impl std::error::Error for TooLarge {}

/// Returns what an error is in the end due to.
pub(super) fn deepest(error: &(dyn std::error::Error + 'static)) -> String {
    let mut last = error;
    while let Some(source) = last.source() {
        last = source;
    }
    last.to_string()
}

/// Returns the text of the first XML element of a name. Refusals are small and flat; a parser would add nothing.
fn element(text: &str, name: &str) -> Option<String> {
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    let (content, _) = rest.split_once("</")?;
    let plain = content
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&apos;", "'")
        .replace("&amp;", "&");
    let short: String = plain.chars().filter(|c| !c.is_control()).take(300).collect();
    (!short.is_empty()).then_some(short)
}

fn seconds(date: &str) -> Option<i64> {
    let parsed = jiff::fmt::rfc2822::parse(date).ok()?;
    Some(parsed.timestamp().as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_read() {
        let text =
            "<?xml version=\"1.0\"?><Error><Code>NoSuchBucket</Code><Message>it &amp; that</Message></Error>";
        assert_eq!(element(text, "Code").as_deref(), Some("NoSuchBucket"));
        assert_eq!(element(text, "Message").as_deref(), Some("it & that"));
        assert_eq!(element("<Code>never ends", "Code"), None);
        assert_eq!(element("", "Code"), None);
    }

    #[test]
    fn dates_of_answers_are_read() {
        assert_eq!(seconds("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777));
        assert_eq!(seconds("yesterday"), None);
    }
}
