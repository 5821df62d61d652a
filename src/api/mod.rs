//! HTTP client of the remote systems: requests, signatures, limits, retries.
//!
//! Owns how a request becomes an answer worth reporting. Knows no resource, schema or state, and
//! reads no environment (but the proxy variables, through the HTTP library).
//!
//! Entry point: [`Client`]. One client serves one provider configuration:
//!
//! ```text
//! let client = Client::new(ClientOptions { auth, rules, envelope, ..ClientOptions::default() })?;
//! let request = Request::new(Method::Get, &endpoint, "list the topics of `i-1`")
//!     .segments(["v2", project, "instances", "i-1", "topics"])
//!     .query("limit", "50");
//! let response = client.send(&request, &stop).await?;
//! ```
//!
//! What `send` does, in order: encode and check the request (plain HTTP only to this machine or on
//! request) · get a token if the credentials need one · wait for a turn at the endpoint's limiter ·
//! check the caller's [`Fence`] · sign with the server's date · exchange · learn from `Date`,
//! `Retry-After` and throttling · classify by the rules · try again or report.
//!
//! What is tried again, and how often, is [`RetryPolicy`]. A call that is not idempotent is never
//! sent again once the server may have begun with it; [`ApiError::may_have_changed`] tells.
//! `Busy` is never retried here: the caller knows how to wait until an object has settled.
//! Calls on one object or instance side by side are the caller's matter too, with [`Lanes`].
//!
//! Secrets: [`Secret`] never prints; URLs are printed as [`SafeUrl`]; bodies, headers and messages
//! pass a [`Redaction`] by key names, and every secret of a call is cut out of vendor texts.
//!
//! Logs (`QF_LOG=queueform::api=debug`): one span `call` per call with method, URL, status, request
//! id and milliseconds; bodies, redacted, at `trace`.

mod attempt;
mod auth;
mod classify;
mod client;
mod clock;
mod encode;
mod error;
mod gate;
mod lane;
mod limit;
mod request;
mod response;
mod retry;
mod safe_url;
mod secret;
mod sign;
mod stats;
mod stop;
mod transport;

pub use crate::value::Secret;
pub use auth::Auth;
pub use auth::Credentials;
pub use classify::CodePattern;
pub use classify::Envelope;
pub use classify::ErrorClass;
pub use classify::ErrorRule;
pub use classify::classify;
pub use client::Client;
pub use client::ClientOptions;
pub use clock::Clock;
pub use clock::Sleep;
pub use clock::SystemClock;
pub use error::ApiError;
pub use error::Failure;
pub use error::Sent;
pub use lane::InLane;
pub use lane::Lanes;
pub use lane::Mode;
pub use limit::Width;
pub use request::Action;
pub use request::Body;
pub use request::Closed;
pub use request::Expect;
pub use request::Fence;
pub use request::Method;
pub use request::Outage;
pub use request::Request;
pub use request::Style;
pub use response::Response;
pub use response::Unreadable;
pub use retry::RetryPolicy;
pub use safe_url::Endpoint;
pub use safe_url::EndpointError;
pub use safe_url::SafeUrl;
pub use secret::Redaction;
pub use secret::SENSITIVE;
pub use sign::Signer;
pub use stats::Stats;
pub use stop::Stop;
pub use stop::Stopped;
pub use stop::Stopper;
pub use transport::check_authorities;
pub use transport::connections;

#[cfg(test)]
mod tests;
