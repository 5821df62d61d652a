//! One exchange over HTTP: the only place that names the HTTP library.
//!
//! Redirects are not followed, proxies of the environment are honoured except for this machine,
//! bodies are read up to a limit.

use std::error::Error;
use std::sync::Once;
use std::sync::OnceLock;
use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::header::HeaderName;
use reqwest::header::HeaderValue;
use url::Url;

use super::request::Method;

/// Connections idle for longer are closed: a server that closes one at the moment of a request
/// would leave a create in doubt.
const IDLE: Duration = Duration::from_secs(20);

/// Most bytes of the headers of an answer with HTTP/2; HTTP/1 has a limit of its own, of 100 headers.
const LARGEST_HEADERS: u32 = 64 * 1024;

/// Settings of the connections.
#[derive(Clone, Debug)]
pub(super) struct Connections {
    pub(super) connect_timeout: Duration,
    pub(super) largest_body: u64,
    pub(super) user_agent: String,
    pub(super) ca_pem: Option<Vec<u8>>,
    pub(super) accept_invalid_certificates: bool,
}

/// A request in its last form.
pub(super) struct Wire<'r> {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: &'r [u8],
    pub(super) timeout: Duration,
    pub(super) loopback: bool,
}

/// An answer, good or bad.
pub(super) struct Raw {
    pub(super) status: u16,
    /// Names in lower case.
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Result<Vec<u8>, BodyError>,
}

/// Why a body could not be received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum BodyError {
    CutOff(String),
    TooLarge,
}

/// No answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NoAnswer {
    /// The library or its settings are at fault; nothing was sent.
    Setup(String),
    /// Nothing was sent.
    Connect(String),
    Timeout,
    Lost(String),
}

/// Pools of connections, made when first used: reading the system's certificates takes time.
#[derive(Debug)]
pub(super) struct Transport {
    settings: Connections,
    remote: Pool,
    loopback_tls: Pool,
    loopback_plain: Pool,
}

type Pool = OnceLock<Result<reqwest::Client, String>>;

/// Which peers a pool is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Peer {
    Remote,
    LoopbackTls,
    LoopbackPlain,
}

impl Transport {
    pub(super) fn new(settings: Connections) -> Self {
        Self { settings, remote: Pool::new(), loopback_tls: Pool::new(), loopback_plain: Pool::new() }
    }

    pub(super) async fn exchange(&self, wire: Wire<'_>) -> Result<Raw, NoAnswer> {
        let (pool, peer) = match (wire.loopback, wire.url.scheme()) {
            (false, _) => (&self.remote, Peer::Remote),
            (true, "https") => (&self.loopback_tls, Peer::LoopbackTls),
            (true, _) => (&self.loopback_plain, Peer::LoopbackPlain),
        };
        let client = pool
            .get_or_init(|| self.settings.build(peer))
            .as_ref()
            .map_err(|reason| NoAnswer::Setup(reason.clone()))?;
        let headers = header_map(&wire.headers).map_err(NoAnswer::Setup)?;
        let sent = client
            .request(method(wire.method), wire.url)
            .headers(headers)
            .timeout(wire.timeout)
            .body(wire.body.to_vec())
            .send()
            .await;
        let mut response = sent.map_err(|error| no_answer(&error))?;
        let status = response.status().as_u16();
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| {
                (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
            })
            .collect();
        let body = self.body(&mut response).await;
        Ok(Raw { status, headers, body })
    }

    async fn body(&self, response: &mut reqwest::Response) -> Result<Vec<u8>, BodyError> {
        let limit = self.settings.largest_body;
        if response.content_length().is_some_and(|length| length > limit) {
            return Err(BodyError::TooLarge);
        }
        let mut body = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) => {
                    if (body.len() as u64).saturating_add(chunk.len() as u64) > limit {
                        return Err(BodyError::TooLarge);
                    }
                    body.extend_from_slice(&chunk);
                }
                Ok(None) => return Ok(body),
                Err(error) => return Err(BodyError::CutOff(deepest(&error))),
            }
        }
    }
}

impl Connections {
    fn build(&self, peer: Peer) -> Result<reqwest::Client, String> {
        install_tls();
        let mut builder = reqwest::Client::builder()
            .user_agent(&self.user_agent)
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .connect_timeout(self.connect_timeout)
            .pool_idle_timeout(IDLE)
            .http2_max_header_list_size(LARGEST_HEADERS)
            .min_tls_version(reqwest::tls::Version::TLS_1_2)
            .tcp_nodelay(true);
        if peer != Peer::Remote {
            builder = builder.no_proxy();
        }
        if peer == Peer::LoopbackPlain {
            // No certificates are needed, so the system's are not read.
            builder = builder.tls_certs_only(std::iter::empty::<reqwest::Certificate>());
        } else if let Some(pem) = &self.ca_pem {
            let certificates = reqwest::Certificate::from_pem_bundle(pem)
                .map_err(|error| format!("the CA bundle cannot be read: {}", deepest(&error)))?;
            builder = builder.tls_certs_merge(certificates);
        }
        if self.accept_invalid_certificates {
            builder = builder.tls_danger_accept_invalid_certs(true);
        }
        builder.build().map_err(|error| format!("no HTTP client: {}", deepest(&error)))
    }
}

/// Checks that a file in PEM holds certificates; otherwise says what is wrong with it.
///
/// # Errors
/// If it holds none, or one that cannot be read.
pub fn check_authorities(pem: &[u8]) -> Result<(), String> {
    match reqwest::Certificate::from_pem_bundle(pem) {
        Ok(found) if found.is_empty() => Err("it holds no certificate".to_owned()),
        Ok(_) => Ok(()),
        Err(error) => Err(format!("it is no list of certificates: {}", deepest(&error))),
    }
}

/// Returns a pool of connections for a client library that signs and understands requests itself: as with our own requests,
/// redirects are not followed and this machine is reached directly. `silence` is how long a peer may say nothing;
/// `identity_pem` is the certificate with its key that this side shows.
///
/// # Errors
/// If the certificates cannot be read, or the library refuses its settings.
pub fn connections(
    ca_pem: Option<Vec<u8>>,
    identity_pem: Option<&[u8]>,
    is_loopback: bool,
    silence: Duration,
) -> Result<reqwest::Client, String> {
    install_tls();
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("queueform/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .connect_timeout(silence.min(Duration::from_secs(10)))
        .read_timeout(silence)
        .pool_idle_timeout(IDLE)
        .tcp_nodelay(true);
    if is_loopback {
        builder = builder.no_proxy();
    }
    if let Some(pem) = ca_pem {
        let certificates = reqwest::Certificate::from_pem_bundle(&pem)
            .map_err(|error| format!("the CA bundle cannot be read: {}", deepest(&error)))?;
        builder = builder.tls_certs_merge(certificates);
    }
    if let Some(pem) = identity_pem {
        let identity = reqwest::Identity::from_pem(pem)
            .map_err(|_error| "the client certificate or its key cannot be read".to_owned())?;
        builder = builder.identity(identity);
    }
    builder.build().map_err(|error| format!("no HTTP client: {}", deepest(&error)))
}

/// The TLS library wants its cryptography chosen once per process.
fn install_tls() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        if rustls::crypto::ring::default_provider().install_default().is_err() {
            tracing::debug!("the TLS cryptography was chosen by someone else");
        }
    });
}

fn method(method: Method) -> reqwest::Method {
    match method {
        Method::Get => reqwest::Method::GET,
        Method::Head => reqwest::Method::HEAD,
        Method::Post => reqwest::Method::POST,
        Method::Put => reqwest::Method::PUT,
        Method::Patch => reqwest::Method::PATCH,
        Method::Delete => reqwest::Method::DELETE,
    }
}

/// Errors name the header, never its value.
fn header_map(headers: &[(String, String)]) -> Result<HeaderMap, String> {
    let mut map = HeaderMap::with_capacity(headers.len());
    for (name, value) in headers {
        let key =
            HeaderName::from_bytes(name.as_bytes()).map_err(|_| format!("`{name}` is not a header name"))?;
        let mut value = HeaderValue::from_bytes(value.as_bytes())
            .map_err(|_| format!("the value of header `{name}` holds characters headers cannot"))?;
        // Keeps it out of the HTTP library's own logs and compression tables.
        value.set_sensitive(true);
        map.insert(key, value);
    }
    Ok(map)
}

fn no_answer(error: &reqwest::Error) -> NoAnswer {
    if error.is_builder() {
        NoAnswer::Setup(deepest(error))
    } else if error.is_connect() {
        NoAnswer::Connect(deepest(error))
    } else if error.is_timeout() {
        NoAnswer::Timeout
    } else {
        NoAnswer::Lost(deepest(error))
    }
}

/// The innermost cause says most and holds no URL.
fn deepest(error: &reqwest::Error) -> String {
    let mut cause: Option<&(dyn Error + 'static)> = error.source();
    let mut text = None;
    while let Some(inner) = cause {
        text = Some(inner.to_string());
        cause = inner.source();
    }
    text.unwrap_or_else(|| "unknown cause".to_owned())
}
