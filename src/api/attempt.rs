//! One attempt: take a turn, sign, exchange, understand.

use std::borrow::Cow;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::SystemTime;

use serde_json::Value;
use url::Url;

use crate::value::Secret;

use super::auth::Auth;
use super::classify::ErrorClass;
use super::classify::ErrorRule;
use super::classify::Vendor;
use super::classify::classify;
use super::client::Client;
use super::encode;
use super::error::ApiError;
use super::error::Failure;
use super::error::Sent;
use super::limit::Lesson;
use super::limit::Limiter;
use super::limit::Width;
use super::request::Body;
use super::request::Expect;
use super::request::Request;
use super::response::Decoded;
use super::response::Response;
use super::response::Unreadable;
use super::response::decode;
use super::response::header;
use super::retry::retry_after;
use super::safe_url::SafeUrl;
use super::secret::Scrub;
use super::secret::first_line;
use super::sign::Unsigned;
use super::stop::Stop;
use super::transport::BodyError;
use super::transport::NoAnswer;
use super::transport::Raw;
use super::transport::Wire;

/// Differences of clocks below this are delays of the network.
const SMALLEST_SKEW: i64 = 2;
/// Gateways accept dates that are minutes off; a change below this is no reason to sign again.
const TELLING_SKEW: i64 = 30;

/// What is known about one scheme, host and port.
#[derive(Debug)]
pub(super) struct Origin {
    pub(super) limiter: Arc<Limiter>,
    /// Seconds the server's clock is ahead of ours.
    skew: AtomicI64,
}

impl Origin {
    pub(super) fn new(width: Width) -> Self {
        Self { limiter: Limiter::new(width), skew: AtomicI64::new(0) }
    }

    pub(super) fn skew(&self) -> i64 {
        self.skew.load(Ordering::Relaxed)
    }

    /// Tells whether the clock turned out to be far from where `skew` had it.
    pub(super) fn has_learnt_since(&self, skew: i64) -> bool {
        self.skew().abs_diff(skew) >= TELLING_SKEW.unsigned_abs()
    }

    /// Learns from a `Date` header. Our own date is taken from the middle of the exchange.
    fn learn(&self, date: Option<&str>, before: SystemTime, after: SystemTime) {
        let Some(theirs) = date.and_then(|date| httpdate::parse_http_date(date).ok()) else { return };
        let half = after.duration_since(before).unwrap_or_default() / 2;
        let skew = seconds(theirs) - seconds(before + half);
        let skew = if skew.abs() < SMALLEST_SKEW { 0 } else { skew };
        if self.skew.swap(skew, Ordering::Relaxed).abs_diff(skew) >= TELLING_SKEW.unsigned_abs() {
            tracing::warn!(seconds = skew, "this machine's clock differs from the server's");
        }
    }

    fn date(&self, now: SystemTime) -> SystemTime {
        let skew = self.skew();
        let by = Duration::from_secs(skew.unsigned_abs());
        let date = if skew < 0 { now.checked_sub(by) } else { now.checked_add(by) };
        date.unwrap_or(now)
    }
}

fn seconds(date: SystemTime) -> i64 {
    let since = |duration: Duration| i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
    match date.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => since(after),
        Err(before) => -since(before.duration()),
    }
}

/// A request made ready: encoded once, sent perhaps several times.
pub(super) struct Call<'r> {
    pub(super) request: &'r Request,
    pub(super) auth: &'r Auth,
    operation: String,
    url: Url,
    safe_url: SafeUrl,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    timeout: Duration,
    scrub: Scrub,
}

impl<'r> Call<'r> {
    pub(super) fn prepare(client: &Client, request: &'r Request, auth: &'r Auth) -> Result<Self, ApiError> {
        let options = client.options();
        let mut scrub = client.scrub().clone();
        request.secrets.iter().for_each(|secret| scrub.add(secret.reveal()));
        let pairs = request.query.iter().chain(&request.headers).chain(&options.headers);
        for (key, value) in pairs {
            if options.redaction.is_sensitive(key) {
                scrub.add(value);
            }
        }
        let (body, content_type) = match &request.body {
            Body::Empty => (Vec::new(), "application/json"),
            Body::Json(value) => {
                options.redaction.collect(value, &mut scrub);
                (value.to_string().into_bytes(), "application/json")
            }
            Body::Form(pairs) => {
                for (key, value) in pairs {
                    if options.redaction.is_sensitive(key) {
                        scrub.add(value);
                    }
                }
                (encode::pairs(pairs).into_bytes(), "application/x-www-form-urlencoded")
            }
        };
        let operation = scrub.text(&request.operation);

        let endpoint = &request.endpoint;
        if !endpoint.is_encrypted() && !endpoint.is_loopback() && !options.plain_http {
            let reason = format!("`{endpoint}` is not encrypted");
            return Err(ApiError::refused(&operation, reason)
                .with_hint("use `https`; only this machine is called without encryption"));
        }
        let Some(mut url) = endpoint.join(&request.path) else {
            let reason = "a segment of the path is empty, `.` or `..`";
            return Err(ApiError::refused(&operation, reason));
        };
        if !request.query.is_empty() {
            url.set_query(Some(&encode::pairs(&request.query)));
        }
        let safe_url = SafeUrl::new(&url, &options.redaction);

        let mut headers: Vec<(String, String)> = Vec::new();
        let given = options.headers.iter().chain(&request.headers);
        let own = [("accept", "application/json"), ("content-type", content_type)];
        let own = own.map(|(name, value)| (name.to_owned(), value.to_owned()));
        for (name, value) in own.iter().chain(given) {
            // Later ones win: the call's, then the provider's, then ours.
            let name = name.to_ascii_lowercase();
            headers.retain(|(earlier, _)| *earlier != name);
            headers.push((name, value.clone()));
        }
        // Making a connection has a limit of its own, which must be the one to end first: a call that
        // was never sent is not in doubt.
        let timeout = request.timeout.unwrap_or(options.timeout) + options.connect_timeout;
        Ok(Self { request, auth, operation, url, safe_url, headers, body, timeout, scrub })
    }

    pub(super) fn operation(&self) -> &str {
        &self.operation
    }

    pub(super) fn url(&self) -> &SafeUrl {
        &self.safe_url
    }

    /// Returns the token to send, if the credentials are exchanged for one.
    ///
    /// The future is boxed because getting a token is itself a call.
    pub(super) fn token<'c>(
        &self,
        client: &'c Client,
        refused: Option<&'c Secret>,
        stop: &'c Stop,
    ) -> Pin<Box<dyn Future<Output = Result<Option<Secret>, ApiError>> + Send + 'c>> {
        if matches!(self.auth.signer, super::sign::Signer::Token { .. }) {
            Box::pin(client.iam().token(client, refused, stop))
        } else {
            Box::pin(std::future::ready(Ok(None)))
        }
    }

    pub(super) async fn attempt(
        &self,
        client: &Client,
        origin: &Origin,
        token: Option<&Secret>,
        stop: &Stop,
    ) -> Result<Response, ApiError> {
        let clock = client.clock();
        let turn = origin
            .limiter
            .turn(clock.as_ref(), stop)
            .await
            .map_err(|_| ApiError::stopped(&self.operation))?;
        if stop.is_stopped() {
            return Err(ApiError::stopped(&self.operation));
        }
        let mut timeout = self.timeout;
        if let Some(fence) = &self.request.fence {
            match fence.pass(self.timeout, client.clock().as_ref(), stop).await {
                None => return Err(ApiError::stopped(&self.operation)),
                Some(allowed) => {
                    let allowed = allowed.map_err(|reason| ApiError::refused(&self.operation, reason))?;
                    timeout = timeout.min(allowed);
                }
            }
        }
        let mut scrub = Cow::Borrowed(&self.scrub);
        if let Some(token) = token {
            scrub.to_mut().add(token.reveal());
        }
        let before = clock.now();
        let wire = Wire { timeout, ..self.wire(origin.date(before), token)? };
        self.log_request();
        *client.stats_mut().by_kind.entry(self.kind().to_owned()).or_default() += 1;
        let outcome = match client.transport().exchange(wire).await {
            Ok(raw) => {
                origin.learn(header(&raw.headers, "date"), before, clock.now());
                self.understand(client, raw, &scrub)
            }
            Err(none) => Err(self.no_answer(none, timeout, &scrub)),
        };
        let lesson = match &outcome {
            Ok(_) => Lesson::Good,
            Err(error) => match error.class() {
                ErrorClass::Throttled | ErrorClass::Transient => {
                    Lesson::Throttled { pause: error.retry_after() }
                }
                _ if error.sent() == Sent::Answered => Lesson::Good,
                _ => Lesson::None,
            },
        };
        turn.end(lesson, clock.as_ref());
        outcome
    }

    fn kind(&self) -> &str {
        if self.request.kind.is_empty() { self.request.method.name() } else { &self.request.kind }
    }

    fn wire(&self, date: SystemTime, token: Option<&Secret>) -> Result<Wire<'_>, ApiError> {
        let host = self.request.endpoint.host();
        let unsigned = Unsigned {
            method: self.request.method.name(),
            host: &host,
            path: self.url.path(),
            query: &self.request.query,
            headers: &self.headers,
            body: &self.body,
            form: match &self.request.body {
                Body::Form(pairs) => pairs,
                Body::Empty | Body::Json(_) => &[],
            },
            action: self.request.action.as_ref(),
            date,
            nonce: &uuid::Uuid::new_v4().simple().to_string(),
        };
        let added = self
            .auth
            .signer
            .sign(&unsigned, &self.auth.credentials, token)
            .map_err(|error| ApiError::refused(&self.operation, error.to_string()))?;
        let mut headers = self.headers.clone();
        for (name, value) in added.headers {
            headers.retain(|(earlier, _)| *earlier != name);
            headers.push((name, value));
        }
        let mut url = self.url.clone();
        if !added.query.is_empty() {
            let query = [self.request.query.as_slice(), &added.query].concat();
            url.set_query(Some(&encode::pairs(&query)));
        }
        Ok(Wire {
            method: self.request.method,
            url,
            headers,
            body: &self.body,
            timeout: self.timeout,
            loopback: self.request.endpoint.is_loopback(),
        })
    }

    fn error(&self, class: ErrorClass, failure: Failure) -> ApiError {
        let mut error = ApiError::new(&self.operation, class, failure);
        let details = error.details();
        details.method = Some(self.request.method);
        details.url = Some(self.safe_url.clone());
        details.may_have_changed &= !self.request.reads;
        error
    }

    fn no_answer(&self, none: NoAnswer, timeout: Duration, scrub: &Scrub) -> ApiError {
        let text = |text: &str| scrub.text(&first_line(text));
        match none {
            NoAnswer::Setup(reason) => self.error(ErrorClass::NotSent, Failure::Refused(text(&reason))),
            NoAnswer::Connect(reason) => self.error(ErrorClass::Connection, Failure::Connect(text(&reason))),
            NoAnswer::Timeout => self.error(ErrorClass::Connection, Failure::Timeout(timeout)),
            NoAnswer::Lost(reason) => self.error(ErrorClass::Connection, Failure::Lost(text(&reason))),
        }
    }

    fn understand(&self, client: &Client, raw: Raw, scrub: &Scrub) -> Result<Response, ApiError> {
        let options = client.options();
        let Raw { status, headers, body } = raw;
        let good = (200..300).contains(&status);
        let content_type = header(&headers, "content-type");
        let decoded = match &body {
            Ok(bytes) if good && self.request.expect == Expect::Text => match std::str::from_utf8(bytes) {
                Ok(text) => Decoded::Json(Value::String(text.to_owned())),
                Err(_) => Decoded::Not(Unreadable::NotText, String::new()),
            },
            Ok(bytes) => decode(bytes, content_type),
            Err(BodyError::CutOff(reason)) => Decoded::Not(Unreadable::CutOff, reason.clone()),
            Err(BodyError::TooLarge) => {
                Decoded::Not(Unreadable::TooLarge(options.largest_body), String::new())
            }
        };
        self.log_answer(client, status, &decoded, scrub);

        let mut vendor = match &decoded {
            Decoded::Json(body) => options.envelope.extract(body),
            Decoded::Not(..) => Vendor::default(),
        };
        let id_header = options.envelope.request_id_headers.iter().find_map(|name| header(&headers, name));
        let request_id = id_header
            .map(str::to_owned)
            .or_else(|| vendor.request_id.take())
            .map(|id| scrub.text(&first_line(&id)));
        let asked = options
            .envelope
            .retry_after_headers
            .iter()
            .find_map(|(name, unit)| retry_after(header(&headers, name)?, *unit, client.clock().now()));

        let (class, failure, hint) = match decoded {
            Decoded::Json(body) if good && !options.envelope.is_failure(&body) => {
                return Ok(Response {
                    status,
                    headers,
                    request_id,
                    body,
                    url: self.safe_url.clone(),
                    attempts: 1,
                });
            }
            Decoded::Not(what, line) if good || is_torn(&what, status) => {
                let line = scrub.text(&line);
                (ErrorClass::Unreadable, Failure::Unreadable(what, line), None)
            }
            decoded => {
                let rules: [&[ErrorRule]; 2] = [&self.request.rules, &options.rules];
                let (class, hint) = classify(&rules, status, vendor.code.as_deref());
                let message = match decoded {
                    Decoded::Json(_) => vendor.message.as_deref().map(first_line),
                    Decoded::Not(Unreadable::NotJson, line) => Some(line),
                    Decoded::Not(what, line) if line.is_empty() => Some(what.to_string()),
                    Decoded::Not(what, line) => Some(format!("{what}: {line}")),
                };
                let message = message.map(|message| scrub.text(&message));
                (class, Failure::Answer(message), hint.or_else(|| redirect_hint(status)))
            }
        };
        let mut error = self.error(class, failure);
        let details = error.details();
        details.status = Some(status);
        details.code = vendor.code.take().map(|code| scrub.text(&first_line(&code)));
        details.request_id = request_id;
        details.hint = hint;
        details.retry_after = asked;
        // A service that failed, or whose good answer cannot be read, may have done it.
        let unsure = match class {
            ErrorClass::Server => true,
            ErrorClass::Transient => asked.is_none(),
            ErrorClass::Unreadable => good || status >= 500,
            _ => false,
        };
        details.may_have_changed = unsure && !self.request.reads;
        Err(error)
    }

    fn log_request(&self) {
        tracing::trace!(bytes = self.body.len(), "sending");
    }

    fn log_answer(&self, client: &Client, status: u16, decoded: &Decoded, scrub: &Scrub) {
        if !tracing::enabled!(tracing::Level::TRACE) {
            return;
        }
        let redaction = &client.options().redaction;
        let sent = match &self.request.body {
            Body::Empty => String::new(),
            Body::Json(body) => scrub.text(&redaction.json(body).to_string()),
            Body::Form(pairs) => {
                let shown =
                    |(key, value): &(String, String)| format!("{key}={}", redaction.shown(key, value));
                scrub.text(&pairs.iter().map(shown).collect::<Vec<_>>().join("&"))
            }
        };
        let received = match decoded {
            Decoded::Json(body) => scrub.text(&redaction.json(body).to_string()),
            Decoded::Not(what, line) => format!("{what}: {}", scrub.text(line)),
        };
        tracing::trace!(status, sent, received, "exchanged");
    }
}

/// An error answer that was torn says nothing reliable, unless its status says "later" anyway.
fn is_torn(what: &Unreadable, status: u16) -> bool {
    matches!(what, Unreadable::CutOff | Unreadable::TruncatedJson)
        && status < 500
        && !matches!(status, 408 | 429)
}

fn redirect_hint(status: u16) -> Option<String> {
    (300..400)
        .contains(&status)
        .then(|| "redirects are not followed: check the endpoint of the provider".to_owned())
}
