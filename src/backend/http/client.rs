//! Requests of the protocol, tried again while the service fails.

use std::error::Error as _;
use std::path::Path;
use std::sync::Mutex;
use std::sync::OnceLock;
use std::sync::PoisonError;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::Digest as _;

use crate::api::Secret;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;

use super::super::Settings;
use super::super::blocking;
use super::settings::Addresses;

/// How long the service may take for one request.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The pause before the second try, doubled for each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
const RETRIES: u64 = 4;

/// The largest answer that is read, in bytes.
const LARGEST: usize = 512 * 1024 * 1024;

/// Speaks to one service.
#[derive(Debug)]
pub(super) struct Client {
    authorities: Option<Vec<u8>>,
    identity: Option<Secret>,
    user: Option<(String, Secret)>,
    headers: Vec<(String, Secret)>,
    is_loopback: bool,
    retries: u64,
    pool: OnceLock<Result<reqwest::Client, String>>,
    /// The service's time in its last answer, in seconds since 1970.
    heard: Mutex<Option<i64>>,
}

/// What the service answered.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

/// There was no answer that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Silence {
    /// Why.
    pub(super) why: String,
    /// Whether the service may have done what it was asked for.
    pub(super) may_have_happened: bool,
}

/// A request.
#[derive(Debug, Clone)]
pub(super) struct Asked<'a> {
    pub(super) method: &'a str,
    pub(super) address: &'a str,
    /// The lock's id, which writes name.
    pub(super) lock: Option<&'a str>,
    pub(super) body: Option<Vec<u8>>,
}

impl Client {
    pub(super) fn of(settings: &Settings, addresses: &Addresses) -> Result<Self, Diagnostics> {
        let mut found = Diagnostics::new();
        let mut authorities = settings.text("client_ca_certificate_pem").map(|text| text.as_bytes().to_vec());
        if let Some(path) = settings.path("ca_file") {
            match read(&path) {
                Ok(bytes) => authorities.get_or_insert_default().extend(bytes),
                Err(error) => found.push(settings.wrong("ca_file", error)),
            }
        }
        let identity =
            match (settings.text("client_certificate_pem"), settings.secret("client_private_key_pem")) {
                (Some(certificate), Some(key)) => {
                    Some(Secret::new(format!("{certificate}\n{}", key.reveal())))
                }
                (None, None) => None,
                _ => {
                    found.push(
                        Diagnostic::error(
                            Code::MissingArgument,
                            "`client_certificate_pem` and `client_private_key_pem` belong together",
                        )
                        .hint("give both or neither"),
                    );
                    None
                }
            };
        // A password alone may be in the environment for others.
        let user = settings.text("username").map(|user| {
            (user.to_owned(), settings.secret("password").cloned().unwrap_or_else(|| Secret::new("")))
        });
        let headers = settings.map("headers").into_iter().flatten();
        if found.has_errors() {
            return Err(found);
        }
        Ok(Self {
            authorities,
            identity,
            user,
            headers: headers.map(|(name, value)| (name.clone(), value.clone())).collect(),
            is_loopback: addresses.is_loopback(),
            retries: settings.number("retry_max").unwrap_or(RETRIES),
            pool: OnceLock::new(),
            heard: Mutex::new(None),
        })
    }

    /// Returns the service's time in its last answer, in seconds since 1970.
    pub(super) fn heard(&self) -> Option<i64> {
        *self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pool(&self) -> Result<&reqwest::Client, Silence> {
        let made = self.pool.get_or_init(|| {
            let identity = self.identity.as_ref().map(|pem| pem.reveal().as_bytes());
            crate::api::connections(self.authorities.clone(), identity, self.is_loopback, TIMEOUT)
        });
        made.as_ref().map_err(|why| Silence { why: why.clone(), may_have_happened: false })
    }

    /// Asks once.
    pub(super) async fn once(&self, asked: &Asked<'_>) -> Result<Answer, Silence> {
        let unsent = |why: String| Silence { why, may_have_happened: false };
        let method = reqwest::Method::from_bytes(asked.method.as_bytes())
            .map_err(|_error| unsent(format!("`{}` is not a method of HTTP", asked.method)))?;
        let mut url = url::Url::parse(asked.address).map_err(|error| unsent(error.to_string()))?;
        if let Some(id) = asked.lock {
            url.query_pairs_mut().append_pair("ID", id);
        }
        let mut request = self.pool()?.request(method, url).timeout(TIMEOUT);
        if let Some((user, password)) = &self.user {
            request = request.basic_auth(user, Some(password.reveal()));
        }
        for (name, value) in &self.headers {
            let mut value = reqwest::header::HeaderValue::from_str(value.reveal())
                .map_err(|_error| unsent(format!("the header `{name}` holds characters headers cannot")))?;
            value.set_sensitive(true);
            request = request.header(name, value);
        }
        if let Some(body) = &asked.body {
            request = request
                .header("Content-Type", "application/json")
                .header("Content-MD5", STANDARD.encode(md5::Md5::digest(body)))
                .body(body.clone());
        }
        let sent = request.send().await;
        let mut answer = sent.map_err(|error| {
            let may_have_happened = !error.is_connect() && !error.is_builder();
            let why = if error.is_timeout() { "no answer in time".to_owned() } else { deepest(&error) };
            Silence { why, may_have_happened }
        })?;
        let date = answer.headers().get("date").and_then(|date| date.to_str().ok()).and_then(seconds);
        if let Some(date) = date {
            *self.heard.lock().unwrap_or_else(PoisonError::into_inner) = Some(date);
        }
        let status = answer.status().as_u16();
        let mut body = Vec::new();
        loop {
            match answer.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() <= LARGEST => body.extend_from_slice(&chunk),
                Ok(Some(_)) => {
                    let why = "the answer is larger than 512 MiB".to_owned();
                    return Err(Silence { why, may_have_happened: true });
                }
                Ok(None) => return Ok(Answer { status, body }),
                Err(error) => {
                    let why = format!("the answer was cut off: {}", deepest(&error));
                    return Err(Silence { why, may_have_happened: true });
                }
            }
        }
    }

    /// Asks until there is an answer that is no failure of the service, for as often as the settings say. Only what may
    /// happen twice is asked for like that.
    pub(super) async fn patiently(&self, asked: &Asked<'_>) -> Result<Answer, Silence> {
        let mut tries = 0;
        loop {
            let result = self.once(asked).await;
            let is_final = match &result {
                Ok(answer) => !is_failure(answer.status),
                Err(_) => false,
            };
            if is_final || tries >= self.retries {
                return result;
            }
            blocking::sleep(Self::pause(tries)).await;
            tries += 1;
        }
    }

    /// Returns how often something is tried again.
    pub(super) fn retries(&self) -> u64 {
        self.retries
    }

    /// Returns how long to wait before a try.
    pub(super) fn pause(tries: u64) -> Duration {
        let factor = 1_u32 << tries.min(6);
        (FIRST_PAUSE * factor).min(LONGEST_PAUSE).mul_f64(0.5 + fastrand::f64() / 2.0)
    }
}

/// Whether an answer says that the service failed, and may not fail the next time.
pub(super) fn is_failure(status: u16) -> bool {
    status >= 500 || matches!(status, 408 | 429)
}

/// Returns seconds since 1970 of a date in a header.
fn seconds(date: &str) -> Option<i64> {
    let time = httpdate::parse_http_date(date).ok()?;
    let since = time.duration_since(std::time::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_secs()).ok()
}

/// The innermost cause says most and holds no address.
fn deepest(error: &reqwest::Error) -> String {
    let mut cause = error.source();
    let mut text = None;
    while let Some(inner) = cause {
        text = Some(inner.to_string());
        cause = inner.source();
    }
    text.unwrap_or_else(|| "unknown cause".to_owned())
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(path).map_err(|error| format!("cannot read `{}`: {error}", path.display()))
}
