//! The client: sends a request until there is an answer worth reporting.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;

use tracing::Instrument as _;

use crate::value::Secret;

use super::attempt::Call;
use super::attempt::Origin;
use super::auth::Auth;
use super::auth::Iam;
use super::classify::Envelope;
use super::classify::ErrorClass;
use super::classify::ErrorRule;
use super::clock::Clock;
use super::clock::SystemClock;
use super::error::ApiError;
use super::error::Sent;
use super::lane::Lanes;
use super::limit::Width;
use super::request::Request;
use super::response::Response;
use super::retry::RetryPolicy;
use super::retry::Tries;
use super::secret::Redaction;
use super::secret::Scrub;
use super::stats::Stats;
use super::stop::Stop;
use super::transport::Connections;
use super::transport::Transport;

/// Settings of a client: one per provider configuration.
#[derive(Clone, Debug)]
pub struct ClientOptions {
    /// Who is calling.
    pub auth: Auth,
    /// The provider's error rules, in order.
    pub rules: Arc<[ErrorRule]>,
    /// Where the API puts code and message.
    pub envelope: Envelope,
    /// Which keys hold secrets.
    pub redaction: Redaction,
    /// When to try again.
    pub retry: RetryPolicy,
    /// Calls side by side per endpoint.
    pub width: Width,
    /// Widest lane.
    pub lane_width: usize,
    /// Headers of every request.
    pub headers: Vec<(String, String)>,
    /// Longest wait for an answer, beside the time for making a connection.
    pub timeout: Duration,
    /// Longest duration of making a connection.
    pub connect_timeout: Duration,
    /// Most bytes of an answer.
    pub largest_body: u64,
    /// Whether other machines may be called without encryption.
    pub plain_http: bool,
    /// Whether certificates are not checked.
    pub accept_invalid_certificates: bool,
    /// More certificate authorities, in PEM.
    pub ca_pem: Option<Vec<u8>>,
    /// How the program names itself.
    pub user_agent: String,
    /// Time.
    pub clock: Arc<dyn Clock>,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            auth: Auth::none(),
            rules: Arc::from([]),
            envelope: Envelope::default(),
            redaction: Redaction::default(),
            retry: RetryPolicy::default(),
            width: Width::default(),
            lane_width: 32,
            headers: Vec::new(),
            timeout: Duration::from_mins(1),
            connect_timeout: Duration::from_secs(10),
            largest_body: 16 * 1024 * 1024,
            plain_http: false,
            accept_invalid_certificates: false,
            ca_pem: None,
            user_agent: concat!("queueform/", env!("CARGO_PKG_VERSION")).to_owned(),
            clock: Arc::new(SystemClock::default()),
        }
    }
}

/// Sends requests to the endpoints of one provider configuration. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    options: ClientOptions,
    transport: Transport,
    iam: Iam,
    lanes: Lanes,
    /// The credentials, for cutting them out of texts.
    scrub: Scrub,
    origins: Mutex<BTreeMap<String, Arc<Origin>>>,
    stats: Mutex<Stats>,
}

impl fmt::Debug for Client {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Client").field("auth", &self.inner.options.auth).finish_non_exhaustive()
    }
}

impl Client {
    /// Makes a client. No connection is made before the first request.
    pub fn new(options: ClientOptions) -> Result<Self, ApiError> {
        const SETUP: &str = "set up the API client";
        let Auth { signer, credentials, .. } = &options.auth;
        if !signer.accepts(credentials) {
            let reason = "the credentials do not fit the provider's way of authentication";
            return Err(ApiError::refused(SETUP, reason));
        }
        let mut scrub = Scrub::default();
        credentials.collect(&mut scrub);
        let transport = Transport::new(Connections {
            connect_timeout: options.connect_timeout,
            largest_body: options.largest_body,
            user_agent: options.user_agent.clone(),
            ca_pem: options.ca_pem.clone(),
            accept_invalid_certificates: options.accept_invalid_certificates,
        });
        let lanes = Lanes::new(options.lane_width);
        Ok(Self {
            inner: Arc::new(Inner {
                options,
                transport,
                iam: Iam::default(),
                lanes,
                scrub,
                origins: Mutex::default(),
                stats: Mutex::default(),
            }),
        })
    }

    /// Sends a request, with authentication, and tries again as the retry rules allow.
    ///
    /// Dropping the future abandons a request in flight; give the stop signal instead, which ends
    /// waits but lets it finish.
    pub async fn send(&self, request: &Request, stop: &Stop) -> Result<Response, ApiError> {
        self.run(request, &self.inner.options.auth, stop).await
    }

    /// Sends a request without authentication. Used for getting tokens.
    pub async fn send_unsigned(&self, request: &Request, stop: &Stop) -> Result<Response, ApiError> {
        self.run(request, &Auth::none(), stop).await
    }

    /// Returns the id of a project by its name, from IAM the first time.
    pub async fn project_id(&self, name: &str, stop: &Stop) -> Result<String, ApiError> {
        self.inner.iam.project_id(self, name, stop).await
    }

    /// Returns the lanes of this provider configuration.
    pub fn lanes(&self) -> &Lanes {
        &self.inner.lanes
    }

    /// Returns the figures so far.
    pub fn stats(&self) -> Stats {
        let mut stats = self.stats_mut().clone();
        let origins = self.inner.origins.lock().unwrap_or_else(PoisonError::into_inner);
        stats.width = origins.iter().map(|(name, origin)| (name.clone(), origin.limiter.width())).collect();
        stats
    }

    /// Returns how the client authenticates.
    pub fn auth(&self) -> &Auth {
        &self.inner.options.auth
    }

    pub(super) fn iam(&self) -> &Iam {
        &self.inner.iam
    }

    /// Returns the clock, for waits around calls.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.inner.options.clock
    }

    pub(super) fn options(&self) -> &ClientOptions {
        &self.inner.options
    }

    pub(super) fn transport(&self) -> &Transport {
        &self.inner.transport
    }

    pub(super) fn scrub(&self) -> &Scrub {
        &self.inner.scrub
    }

    pub(super) fn stats_mut(&self) -> MutexGuard<'_, Stats> {
        self.inner.stats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn origin(&self, name: String) -> Arc<Origin> {
        let mut origins = self.inner.origins.lock().unwrap_or_else(PoisonError::into_inner);
        let origin = origins.entry(name).or_insert_with(|| Arc::new(Origin::new(self.inner.options.width)));
        Arc::clone(origin)
    }

    async fn run(&self, request: &Request, auth: &Auth, stop: &Stop) -> Result<Response, ApiError> {
        let call = Call::prepare(self, request, auth)?;
        let span = tracing::debug_span!(
            "call",
            operation = %call.operation(),
            method = %request.method,
            url = %call.url(),
            status = tracing::field::Empty,
            request_id = tracing::field::Empty,
            ms = tracing::field::Empty,
        );
        let begin = self.clock().elapsed();
        let result = self.until_settled(&call, stop).instrument(span.clone()).await;
        let took = self.clock().elapsed().saturating_sub(begin);
        span.record("ms", u64::try_from(took.as_millis()).unwrap_or(u64::MAX));
        let (status, id) = match &result {
            Ok(response) => (Some(response.status), response.request_id.as_deref()),
            Err(error) => (error.status(), error.request_id()),
        };
        status.map(|status| span.record("status", status));
        id.map(|id| span.record("request_id", id));
        let _entered = span.enter();
        match &result {
            Ok(response) => tracing::debug!(attempts = response.attempts, "answered"),
            Err(error) => {
                self.stats_mut().failed += 1;
                tracing::debug!(class = %error.class(), attempts = error.attempts(), "{error}");
            }
        }
        result
    }

    async fn until_settled(&self, call: &Call<'_>, stop: &Stop) -> Result<Response, ApiError> {
        let origin = self.origin(call.request.endpoint.origin());
        let options = self.options();
        let mut tries = Tries::default();
        let mut attempts = 0;
        let mut may_have_changed = false;
        let mut refused: Option<Secret> = None;
        let mut corrected = false;
        loop {
            let token = call.token(self, refused.as_ref(), stop).await?;
            let skew = origin.skew();
            attempts += 1;
            let mut error = match call.attempt(self, &origin, token.as_ref(), stop).await {
                Ok(mut response) => {
                    response.attempts = attempts;
                    return Ok(response);
                }
                Err(error) => error,
            };
            if error.class() == ErrorClass::NotSent {
                attempts -= 1;
            }
            may_have_changed |= error.may_have_changed();
            let details = error.details();
            details.attempts = attempts;
            details.may_have_changed = may_have_changed;
            if error.class() == ErrorClass::Throttled {
                self.stats_mut().throttled += 1;
            }

            // A refused token is replaced once, a signature with a wrong date is made anew once.
            // Both were turned away at the door, so any method may be sent again.
            let turned_away = matches!(error.class(), ErrorClass::Unauthenticated | ErrorClass::Forbidden)
                && error.sent() == Sent::Answered;
            let wait = if error.class() == ErrorClass::Unauthenticated
                && refused.is_none()
                && let Some(token) = token
            {
                tracing::debug!("the token was refused, asking for another");
                refused = Some(token);
                Some(Duration::ZERO)
            } else if turned_away
                && !corrected
                && call.auth.signer.is_dated()
                && origin.has_learnt_since(skew)
            {
                tracing::debug!("signing again with the server's date");
                corrected = true;
                Some(Duration::ZERO)
            } else {
                options.retry.again(&error, call.request.idempotent, &mut tries, fastrand::f64())
            };
            let Some(wait) = wait else { return Err(error) };
            if !wait.is_zero() {
                let seconds = wait.as_secs_f64();
                tracing::info!(seconds, attempts, class = %error.class(), "trying again: {error}");
                self.stats_mut().waited += wait;
                if stop.sleep(self.clock().as_ref(), wait).await.is_err() {
                    return Err(error);
                }
            }
            if stop.is_stopped() {
                return Err(error);
            }
            self.stats_mut().retries += 1;
        }
    }
}
