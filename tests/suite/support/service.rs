//! A service that keeps states over HTTP: the protocol of Terraform's `http` backend, as strict as GitLab is.
//!
//! It takes a write only under the lock that it names, and never a version that it has; a lock is freed only by its own
//! id. Faults are answers that tell something else than what happened.

#![expect(clippy::indexing_slicing, reason = "what is missing in JSON is null")]

use std::collections::VecDeque;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;
use std::time::SystemTime;

use axum::body::Bytes;
use axum::extract::Path;
use axum::extract::RawQuery;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::Method;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::response::Response;
use serde_json::Value as Json;

/// What goes wrong with one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The service fails before it has done anything.
    Before,
    /// It fails when it has done what was asked for.
    After,
}

#[derive(Debug, Default)]
struct Kept {
    document: Option<Bytes>,
    versions: Vec<u64>,
    lock: Option<Json>,
}

#[derive(Debug, Default)]
struct Inner {
    states: std::collections::BTreeMap<String, Kept>,
    trouble: VecDeque<(Method, Trouble)>,
    clock: Clock,
    is_lenient: bool,
    is_silent: bool,
    hang: Hang,
}

/// When the service stops to answer.
#[derive(Debug, Default)]
struct Hang {
    /// How many requests it answers before, and whether it does what the next one asks for.
    at: Option<(usize, bool)>,
    is_hanging: bool,
}

/// The service's time: it may be ahead, and go faster.
#[derive(Debug)]
struct Clock {
    start: SystemTime,
    ahead: Duration,
    rate: u32,
}

impl Default for Clock {
    fn default() -> Self {
        Self { start: SystemTime::now(), ahead: Duration::ZERO, rate: 1 }
    }
}

impl Clock {
    fn now(&self) -> SystemTime {
        self.start + self.ahead + self.start.elapsed().unwrap_or_default() * self.rate
    }
}

/// A service on a port of this machine, stopped when dropped.
#[derive(Debug)]
pub(crate) struct Service {
    inner: Arc<Mutex<Inner>>,
    port: u16,
    _stop: tokio::sync::oneshot::Sender<()>,
}

type Shared = Arc<Mutex<Inner>>;

impl Service {
    /// The user.
    pub(crate) const USER: &str = "queueform";
    /// The password.
    pub(crate) const PASSWORD: &str = "not-a-real-password-0002";

    /// Starts one.
    pub(crate) fn start() -> Self {
        let inner = Shared::default();
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        let served = Arc::clone(&inner);
        drop(std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async move {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                let routes = axum::Router::new()
                    .route("/states/{name}", axum::routing::any(state))
                    .route("/states/{name}/lock", axum::routing::any(lock))
                    .layer(axum::extract::DefaultBodyLimit::disable())
                    .with_state(served);
                let ended = async { drop(stopped.await) };
                axum::serve(listener, routes).with_graceful_shutdown(ended).await.unwrap();
            });
        }));
        Self { inner, port, _stop: stop }
    }

    /// The address of a state.
    pub(crate) fn address(&self, name: &str) -> String {
        format!("http://127.0.0.1:{}/states/{name}", self.port)
    }

    fn inner(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    /// The document of a state.
    pub(crate) fn document(&self, name: &str) -> Option<Json> {
        let inner = self.inner();
        serde_json::from_slice(inner.states.get(name)?.document.as_ref()?).ok()
    }

    /// Puts a document in place of one, as another tool would.
    pub(crate) fn put(&self, name: &str, document: &str) {
        let mut inner = self.inner();
        let kept = inner.states.entry(name.to_owned()).or_default();
        kept.document = Some(Bytes::from(document.to_owned()));
    }

    /// Who holds the lock of a state, as the service was told.
    pub(crate) fn lock_of(&self, name: &str) -> Option<Json> {
        self.inner().states.get(name)?.lock.clone()
    }

    /// Locks a state for somebody, or frees it.
    pub(crate) fn set_lock(&self, name: &str, lock: Option<Json>) {
        self.inner().states.entry(name.to_owned()).or_default().lock = lock;
    }

    /// The next request of a method ends like that.
    pub(crate) fn trouble(&self, method: &str, trouble: Trouble) {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        self.inner().trouble.push_back((method, trouble));
    }

    /// Lets anybody write, as services do that know nothing of locks.
    pub(crate) fn be_lenient(&self) {
        self.inner().is_lenient = true;
    }

    /// Tells nobody who holds a lock.
    pub(crate) fn be_silent(&self) {
        self.inner().is_silent = true;
    }

    /// Answers so many requests, and then nothing more; the next one may take effect.
    pub(crate) fn hang_at(&self, requests: usize, takes_effect: bool) {
        self.inner().hang = Hang { at: Some((requests, takes_effect)), is_hanging: false };
    }

    /// Whether somebody waits for an answer that does not come.
    pub(crate) fn is_hanging(&self) -> bool {
        self.inner().hang.is_hanging
    }

    /// Answers again.
    pub(crate) fn go_on(&self) {
        self.inner().hang = Hang::default();
    }

    /// Puts the service's clock forward.
    pub(crate) fn advance(&self, time: Duration) {
        self.inner().clock.ahead += time;
    }

    /// Makes the service's clock go faster than others.
    pub(crate) fn hurry(&self, rate: u32) {
        self.inner().clock.rate = rate;
    }
}

fn is_known(headers: &HeaderMap) -> bool {
    use base64::Engine as _;
    let wanted =
        base64::engine::general_purpose::STANDARD.encode(format!("{}:{}", Service::USER, Service::PASSWORD));
    headers.get("authorization").is_some_and(|given| *given == format!("Basic {wanted}"))
}

/// Answers a request, unless the service hangs.
async fn answered(shared: &Shared, method: &Method, work: impl FnOnce(&mut Inner) -> Response) -> Response {
    let hangs = {
        let mut inner = shared.lock().unwrap();
        match inner.hang.at.take() {
            Some((0, takes_effect)) => {
                inner.hang = Hang { at: Some((0, false)), is_hanging: true };
                Some(takes_effect)
            }
            at => {
                inner.hang.at = at.map(|(left, takes_effect)| (left - 1, takes_effect));
                None
            }
        }
    };
    let Some(takes_effect) = hangs else { return with_trouble(shared, method, work) };
    if takes_effect {
        drop(with_trouble(shared, method, work));
    }
    std::future::pending().await
}

/// Runs a request with the trouble that waits for it.
fn with_trouble(shared: &Shared, method: &Method, work: impl FnOnce(&mut Inner) -> Response) -> Response {
    let mut inner = shared.lock().unwrap();
    let at = inner.trouble.iter().position(|(of, _)| of == method);
    let trouble = at.and_then(|at| inner.trouble.remove(at)).map(|(_, trouble)| trouble);
    let mut response = match trouble {
        Some(Trouble::Before) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Some(Trouble::After) => {
            drop(work(&mut inner));
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
        None => work(&mut inner),
    };
    let date = httpdate::fmt_http_date(inner.clock.now());
    response.headers_mut().insert("date", date.parse().unwrap());
    response
}

async fn state(
    State(shared): State<Shared>,
    method: Method,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if !is_known(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let asked = method.clone();
    let work = move |inner: &mut Inner| {
        let kept = inner.states.entry(name).or_default();
        match asked.as_str() {
            "GET" => match &kept.document {
                Some(document) => (StatusCode::OK, document.clone()).into_response(),
                None => StatusCode::NO_CONTENT.into_response(),
            },
            "DELETE" => {
                *kept = Kept { lock: kept.lock.take(), ..Kept::default() };
                StatusCode::OK.into_response()
            }
            "POST" => {
                let id = query.as_deref().and_then(|query| query.strip_prefix("ID="));
                let held = kept.lock.as_ref().and_then(|lock| lock["ID"].as_str());
                if held != id && !inner.is_lenient {
                    return (StatusCode::CONFLICT, "the state is locked").into_response();
                }
                let Ok(document) = serde_json::from_slice::<Json>(&body) else {
                    return (StatusCode::BAD_REQUEST, "this is no JSON").into_response();
                };
                let serial = document["serial"].as_u64().unwrap_or_default();
                if kept.versions.contains(&serial) {
                    return (StatusCode::UNPROCESSABLE_ENTITY, "Version has already been taken")
                        .into_response();
                }
                kept.versions.push(serial);
                kept.document = Some(body);
                StatusCode::OK.into_response()
            }
            _ => StatusCode::METHOD_NOT_ALLOWED.into_response(),
        }
    };
    answered(&shared, &method, work).await
}

async fn lock(
    State(shared): State<Shared>,
    method: Method,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if !is_known(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let asked = method.clone();
    let work = move |inner: &mut Inner| {
        let is_silent = inner.is_silent;
        let kept = inner.states.entry(name).or_default();
        let info: Json = serde_json::from_slice(&body).unwrap_or_default();
        match (asked.as_str(), &kept.lock) {
            ("LOCK", Some(_)) if is_silent => (StatusCode::LOCKED, "it is locked").into_response(),
            ("LOCK", Some(held)) => (StatusCode::LOCKED, held.to_string()).into_response(),
            ("LOCK", None) => {
                kept.lock = Some(info);
                StatusCode::OK.into_response()
            }
            ("UNLOCK", Some(held)) if held["ID"] != info["ID"] => {
                (StatusCode::CONFLICT, held.to_string()).into_response()
            }
            ("UNLOCK", _) => {
                kept.lock = None;
                StatusCode::OK.into_response()
            }
            _ => StatusCode::METHOD_NOT_ALLOWED.into_response(),
        }
    };
    answered(&shared, &method, work).await
}
