//! A small S3 service in this process, strict about conditions and signatures, that fails on request.
//!
//! Shares no code with the engine. Every write is atomic and every read sees the last one, as the services promise.

#![expect(clippy::indexing_slicing, reason = "a test that meets the unexpected should stop at once")]
#![expect(clippy::disallowed_methods, reason = "held requests are waited for in real time")]

use std::collections::BTreeMap;
use std::collections::VecDeque;
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::Method;
use axum::http::Response;
use axum::http::Uri;
use hmac::KeyInit as _;
use hmac::Mac as _;
use sha2::Digest as _;

/// The credentials that the service knows.
pub(crate) const ACCESS_KEY: &str = "AKIDTEST";
pub(crate) const SECRET_KEY: &str = "canary-s3-secret-key-7f3a";

/// The bucket that there is.
pub(crate) const BUCKET: &str = "states";

const REGION: &str = "us-east-1";

/// What goes wrong with the next requests of a kind.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    /// The method; any if it is empty.
    pub(crate) method: &'static str,
    /// What the key contains.
    pub(crate) key: &'static str,
    /// How many requests it hits.
    pub(crate) times: usize,
    pub(crate) kind: FaultKind,
}

/// How it goes wrong.
#[derive(Debug, Clone)]
pub(crate) enum FaultKind {
    /// It is refused with a status and a code; nothing happens.
    Refuse(u16, &'static str),
    /// It happens, and the answer is a failure.
    RefuseAfter(u16, &'static str),
    /// It happens, and nobody ever answers.
    LoseAnswer,
    /// Nothing happens, and nobody ever answers.
    Ignore,
    /// It happens only when the service lets go of it.
    Late,
    /// Conditions are not looked at.
    NoConditions,
}

/// A request as it was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) key: String,
    pub(crate) status: u16,
}

#[derive(Debug, Clone)]
struct Stored {
    bytes: Bytes,
    tag: String,
    /// Seconds since 1970.
    modified: i64,
}

#[derive(Debug, Default)]
struct Inner {
    objects: BTreeMap<String, Stored>,
    faults: VecDeque<Fault>,
    exact: Vec<(&'static str, String, FaultKind)>,
    /// How many requests are held back, and how often they were let go.
    waiting: usize,
    round: usize,
    seen: Vec<Seen>,
    /// What is added to the service's time.
    skew: i64,
    /// How long each answer takes.
    delay: Duration,
}

/// The service; ended when dropped.
#[derive(Debug)]
pub(crate) struct Service {
    inner: Arc<Mutex<Inner>>,
    port: u16,
    runtime: Option<tokio::runtime::Runtime>,
}

impl Service {
    pub(crate) fn start() -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let inner = Arc::new(Mutex::new(Inner::default()));
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let port = listener.local_addr().unwrap().port();
        let router = Router::new().fallback(answer).with_state(Arc::clone(&inner));
        let router = router.layer(axum::extract::DefaultBodyLimit::disable());
        runtime.spawn(async move { axum::serve(listener, router).await });
        Self { inner, port, runtime: Some(runtime) }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Makes the next requests of a kind fail.
    pub(crate) fn fail(&self, fault: Fault) {
        self.inner.lock().unwrap().faults.push_back(fault);
    }

    /// Makes all requests for one object fail.
    pub(crate) fn fail_exactly(&self, method: &'static str, key: &str, kind: FaultKind) {
        self.inner.lock().unwrap().exact.push((method, key.to_owned(), kind));
    }

    /// Returns whether a request is held back.
    pub(crate) fn is_waiting(&self) -> bool {
        self.inner.lock().unwrap().waiting > 0
    }

    /// Lets go of the requests that are held back, and waits until they have happened.
    pub(crate) fn let_go(&self) {
        self.inner.lock().unwrap().round += 1;
        while self.is_waiting() {
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Ends all faults.
    pub(crate) fn heal(&self) {
        let mut inner = self.inner.lock().unwrap();
        inner.faults.clear();
        inner.exact.clear();
    }

    /// Moves the service's time.
    pub(crate) fn skew(&self, seconds: i64) {
        self.inner.lock().unwrap().skew = seconds;
    }

    /// Every answer takes longer from now on.
    pub(crate) fn slow_down(&self, delay: Duration) {
        self.inner.lock().unwrap().delay = delay;
    }

    /// Returns the requests so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.inner.lock().unwrap().seen.clone()
    }

    /// Returns the content of an object.
    pub(crate) fn object(&self, key: &str) -> Option<Vec<u8>> {
        Some(self.inner.lock().unwrap().objects.get(key)?.bytes.to_vec())
    }

    /// Returns the names of the objects.
    pub(crate) fn keys(&self) -> Vec<String> {
        self.inner.lock().unwrap().objects.keys().cloned().collect()
    }

    /// Puts an object there, behind everybody's back.
    pub(crate) fn write(&self, key: &str, bytes: &[u8]) {
        let mut inner = self.inner.lock().unwrap();
        let stored = inner.stored(bytes.to_vec().into());
        inner.objects.insert(key.to_owned(), stored);
    }

    /// Takes an object away, behind everybody's back.
    pub(crate) fn remove(&self, key: &str) {
        self.inner.lock().unwrap().objects.remove(key).unwrap();
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Inner {
    fn now(&self) -> i64 {
        jiff::Timestamp::now().as_second() + self.skew
    }

    fn stored(&self, bytes: Bytes) -> Stored {
        use md5::Digest as _;
        let tag = format!("\"{}\"", hex(&md5::Md5::digest(&bytes)));
        Stored { tag, modified: self.now(), bytes }
    }

    /// Takes a fault that hits a request.
    fn fault(&mut self, method: &str, key: &str) -> Option<FaultKind> {
        if let Some((.., kind)) = self.exact.iter().find(|(with, of, _)| *with == method && of == key) {
            return Some(kind.clone());
        }
        let at = self.faults.iter().position(|fault| {
            (fault.method.is_empty() || fault.method == method) && key.contains(fault.key)
        })?;
        let fault = &mut self.faults[at];
        fault.times -= 1;
        let kind = fault.kind.clone();
        if fault.times == 0 {
            self.faults.remove(at);
        }
        Some(kind)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

fn refusal(status: u16, code: &str) -> Response<Body> {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>{code}</Code><Message>{code} it is</Message></Error>"
    );
    Response::builder().status(status).header("content-type", "application/xml").body(body.into()).unwrap()
}

fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

async fn answer(
    State(inner): State<Arc<Mutex<Inner>>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    // What has arrived happens, even if nobody waits for it any more.
    tokio::spawn(handle(inner, method, uri, headers, body)).await.unwrap()
}

async fn handle(
    inner: Arc<Mutex<Inner>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let method = method.as_str();
    let decoded = percent(uri.path());
    let (bucket, key) = decoded[1..].split_once('/').unwrap_or((&decoded[1..], ""));
    let (bucket, key) = (bucket.to_owned(), key.to_owned());
    let delay = inner.lock().unwrap().delay;
    tokio::time::sleep(delay).await;
    let fault = inner.lock().unwrap().fault(method, &key);
    match &fault {
        Some(FaultKind::Ignore) => std::future::pending().await,
        Some(FaultKind::Late) => {
            inner.lock().unwrap().waiting += 1;
            let round = inner.lock().unwrap().round;
            while inner.lock().unwrap().round == round {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
        _ => {}
    }
    let is_kept = !matches!(fault, Some(FaultKind::NoConditions));
    let response = match (&fault, verify(method, &uri, &headers, &body)) {
        (Some(FaultKind::Refuse(status, code)), _) => refusal(*status, code),
        (_, Err(code)) => refusal(403, code),
        _ if bucket != BUCKET => refusal(404, "NoSuchBucket"),
        _ => act(&mut inner.lock().unwrap(), (method, &key, &uri), &headers, body, is_kept),
    };
    let response = match &fault {
        Some(FaultKind::LoseAnswer) => std::future::pending().await,
        Some(FaultKind::RefuseAfter(status, code)) => refusal(*status, code),
        _ => response,
    };
    let mut inner = inner.lock().unwrap();
    inner.waiting -= usize::from(matches!(fault, Some(FaultKind::Late)));
    let date = date(inner.now());
    let status = response.status().as_u16();
    inner.seen.push(Seen { method: method.to_owned(), key, status });
    let (mut parts, body) = response.into_parts();
    parts.headers.insert("date", date.parse().unwrap());
    Response::from_parts(parts, body)
}

fn date(seconds: i64) -> String {
    let time = jiff::Timestamp::from_second(seconds).unwrap();
    jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&time).unwrap()
}

fn act(
    inner: &mut Inner,
    (method, key, uri): (&str, &str, &Uri),
    headers: &HeaderMap,
    body: Bytes,
    is_kept: bool,
) -> Response<Body> {
    let found = inner.objects.get(key).cloned();
    let plain = |status: u16| Response::builder().status(status);
    match method {
        "GET" if key.is_empty() => list(inner, uri),
        "GET" | "HEAD" => match found {
            None => refusal(404, "NoSuchKey"),
            Some(found) => plain(200)
                .header("etag", &found.tag)
                .header("last-modified", date(found.modified))
                .header("content-length", found.bytes.len())
                .body(if method == "GET" { found.bytes.into() } else { Body::empty() })
                .unwrap(),
        },
        "PUT" => {
            if is_kept && header(headers, "if-none-match") == Some("*") && found.is_some() {
                return refusal(412, "PreconditionFailed");
            }
            if is_kept && let Some(tag) = header(headers, "if-match") {
                match found {
                    None => return refusal(404, "NoSuchKey"),
                    Some(found) if found.tag != tag => return refusal(412, "PreconditionFailed"),
                    Some(_) => {}
                }
            }
            let stored = inner.stored(body);
            let tag = stored.tag.clone();
            inner.objects.insert(key.to_owned(), stored);
            plain(200).header("etag", tag).body(Body::empty()).unwrap()
        }
        "DELETE" => {
            inner.objects.remove(key);
            plain(204).body(Body::empty()).unwrap()
        }
        _ => refusal(405, "MethodNotAllowed"),
    }
}

/// How many names a page of a list has: few, so that lists have pages.
const PAGE: usize = 100;

fn list(inner: &Inner, uri: &Uri) -> Response<Body> {
    let query: BTreeMap<String, String> = uri
        .query()
        .unwrap_or_default()
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (percent(name), percent(value)))
        .collect();
    assert_eq!(query.get("list-type").map(String::as_str), Some("2"), "{uri}");
    let prefix = query.get("prefix").cloned().unwrap_or_default();
    let after = query.get("continuation-token").cloned().unwrap_or_default();
    let found: Vec<_> = inner
        .objects
        .iter()
        .filter(|(key, _)| key.starts_with(&prefix) && **key > after)
        .take(PAGE + 1)
        .collect();
    let is_cut = found.len() > PAGE;
    let page = &found[..found.len().min(PAGE)];
    let mut text = format!("<?xml version=\"1.0\"?><ListBucketResult><IsTruncated>{is_cut}</IsTruncated>");
    if is_cut {
        write!(text, "<NextContinuationToken>{}</NextContinuationToken>", page[PAGE - 1].0).unwrap();
    }
    for (key, stored) in page {
        let time = jiff::Timestamp::from_second(stored.modified).unwrap();
        write!(
            text,
            "<Contents><Key>{key}</Key><LastModified>{time}</LastModified><ETag>{}</ETag><Size>{}</Size></Contents>",
            stored.tag.replace('"', "&quot;"),
            stored.bytes.len()
        )
        .unwrap();
    }
    text.push_str("</ListBucketResult>");
    Response::builder().status(200).header("content-type", "application/xml").body(text.into()).unwrap()
}

fn percent(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        if first == b'%' {
            bytes.push(u8::from_str_radix(std::str::from_utf8(&tail[..2]).unwrap(), 16).unwrap());
            rest = &tail[2..];
        } else {
            bytes.push(first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).unwrap()
}

/// Checks the signature of a request (AWS Signature Version 4).
fn verify(method: &str, uri: &Uri, headers: &HeaderMap, body: &Bytes) -> Result<(), &'static str> {
    let authorization = header(headers, "authorization").ok_or("AccessDenied")?;
    let fields = authorization.strip_prefix("AWS4-HMAC-SHA256 ").ok_or("AccessDenied")?;
    let field = |name: &str| {
        fields
            .split(',')
            .find_map(|field| field.trim().strip_prefix(name)?.strip_prefix('='))
            .ok_or("AuthorizationHeaderMalformed")
    };
    let scope: Vec<&str> = field("Credential")?.split('/').collect();
    if scope[0] != ACCESS_KEY {
        return Err("InvalidAccessKeyId");
    }
    let [_, day, region, service, end] = scope[..] else { return Err("AuthorizationHeaderMalformed") };
    if (region, service, end) != (REGION, "s3", "aws4_request") {
        return Err("AuthorizationHeaderMalformed");
    }
    let content = header(headers, "x-amz-content-sha256").ok_or("AccessDenied")?;
    if content != hex(&sha2::Sha256::digest(body)) {
        return Err("XAmzContentSHA256Mismatch");
    }
    let names = field("SignedHeaders")?;
    if !names.split(';').any(|name| name == "host") {
        return Err("SignatureDoesNotMatch");
    }
    let mut canonical = String::new();
    for name in names.split(';') {
        let value = header(headers, name).unwrap_or_default().trim();
        writeln!(canonical, "{name}:{value}").unwrap();
    }
    let mut query: Vec<&str> = uri.query().unwrap_or_default().split('&').filter(|q| !q.is_empty()).collect();
    query.sort_unstable();
    let query = query
        .iter()
        .map(|pair| if pair.contains('=') { (*pair).to_owned() } else { format!("{pair}=") })
        .collect::<Vec<_>>()
        .join("&");
    let request = format!("{method}\n{}\n{query}\n{canonical}\n{names}\n{content}", uri.path());
    let time = header(headers, "x-amz-date").ok_or("AccessDenied")?;
    let text = format!(
        "AWS4-HMAC-SHA256\n{time}\n{day}/{region}/{service}/{end}\n{}",
        hex(&sha2::Sha256::digest(request.as_bytes()))
    );
    let mac = |key: &[u8], text: &str| {
        let mut mac = hmac::Hmac::<sha2::Sha256>::new_from_slice(key).unwrap();
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().to_vec()
    };
    let mut key = format!("AWS4{SECRET_KEY}").into_bytes();
    for part in [day, region, service, end] {
        key = mac(&key, part);
    }
    if hex(&mac(&key, &text)) == field("Signature")? { Ok(()) } else { Err("SignatureDoesNotMatch") }
}
