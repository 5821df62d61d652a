//! When to try again, and after how long. Pure: no clock, no connection.

use std::time::Duration;
use std::time::SystemTime;

use super::classify::ErrorClass;
use super::error::ApiError;
use super::error::Failure;
use super::response::Unreadable;

/// Numbers of the retry rules; shown in plans, changed only by a provider's `limits`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RetryPolicy {
    /// Attempts in all while the API throttles or is not ready.
    pub throttled: u32,
    /// Attempts in all on 5xx answers; idempotent calls only.
    pub server: u32,
    /// Attempts in all on connections that fail, and on lost ones if the call is idempotent.
    pub connection: u32,
    /// First wait.
    pub first: Duration,
    /// Longest wait by our own choice.
    pub longest: Duration,
    /// Longest wait a server may ask for.
    pub longest_asked: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            throttled: 6,
            server: 3,
            connection: 3,
            first: Duration::from_secs(1),
            longest: Duration::from_secs(30),
            longest_asked: Duration::from_mins(5),
        }
    }
}

/// Attempts of one call so far, by what they failed with.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tries {
    throttled: u32,
    server: u32,
    connection: u32,
}

impl RetryPolicy {
    /// Returns how long to wait before the next attempt, or none to give up. `random` is in 0..1.
    pub(super) fn again(
        &self,
        error: &ApiError,
        idempotent: bool,
        tries: &mut Tries,
        random: f64,
    ) -> Option<Duration> {
        let asked = error.retry_after();
        let (count, limit) = match error.class() {
            ErrorClass::Throttled => (&mut tries.throttled, self.throttled),
            // A service that names a time to come back has not begun with the request.
            ErrorClass::Transient if idempotent || asked.is_some() => (&mut tries.throttled, self.throttled),
            ErrorClass::Server if idempotent => (&mut tries.server, self.server),
            ErrorClass::Connection => {
                let safe = match error.failure() {
                    Failure::Connect(_) => true,
                    Failure::Timeout(_) | Failure::Lost(_) => idempotent,
                    Failure::Refused(_) | Failure::Stopped | Failure::Answer(_) | Failure::Unreadable(..) => {
                        false
                    }
                };
                if !safe {
                    return None;
                }
                (&mut tries.connection, self.connection)
            }
            ErrorClass::Unreadable if idempotent && is_cut(error.failure()) => {
                (&mut tries.connection, self.connection)
            }
            ErrorClass::Transient
            | ErrorClass::Busy
            | ErrorClass::Gone
            | ErrorClass::Exists
            | ErrorClass::Unauthenticated
            | ErrorClass::Forbidden
            | ErrorClass::Invalid
            | ErrorClass::Quota
            | ErrorClass::Capacity
            | ErrorClass::Billing
            | ErrorClass::Unavailable
            | ErrorClass::Server
            | ErrorClass::Fatal
            | ErrorClass::Unreadable
            | ErrorClass::NotSent => return None,
        };
        *count += 1;
        if *count >= limit {
            return None;
        }
        match asked {
            Some(asked) if asked > self.longest_asked => None,
            // Never earlier than asked; spread, so that all who waited do not come back at once.
            Some(asked) => Some(asked + Duration::from_secs(1).min(asked).mul_f64(random)),
            None => Some(self.back_off(*count, random)),
        }
    }

    /// Doubles from the first wait up to the longest; the upper half of each is random.
    fn back_off(&self, failed: u32, random: f64) -> Duration {
        let factor = 2_u32.saturating_pow(failed.saturating_sub(1));
        let full = self.first.saturating_mul(factor).min(self.longest);
        full.mul_f64(0.5 + 0.5 * random.clamp(0.0, 1.0))
    }
}

/// A body cut on the way is worth another try; a web page is not.
fn is_cut(failure: &Failure) -> bool {
    matches!(failure, Failure::Unreadable(Unreadable::CutOff | Unreadable::TruncatedJson, _))
}

/// Reads a `Retry-After` header: a number of `unit`s or a date.
pub(super) fn retry_after(text: &str, unit: Duration, now: SystemTime) -> Option<Duration> {
    let text = text.trim();
    if let Ok(number) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(number * unit.as_secs_f64()).ok();
    }
    let date = httpdate::parse_http_date(text).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}
