//! Time as stores need it.

use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;

/// Tells the time and waits. Tests replace it.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// Returns the time as RFC 3339 in UTC.
    fn now(&self) -> Arc<str>;

    /// Returns the time since some fixed instant; it never goes back.
    fn elapsed(&self) -> Duration;

    /// Waits; false if the run was interrupted meanwhile and waiting should end.
    fn pause(&self, time: Duration) -> bool;
}

/// The clock of the machine.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock {
    start: Instant,
}

impl Default for SystemClock {
    fn default() -> Self {
        Self { start: Instant::now() }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Arc<str> {
        let now = jiff::Timestamp::now();
        now.round(jiff::Unit::Millisecond).unwrap_or(now).to_string().into()
    }

    fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    #[expect(clippy::disallowed_methods, reason = "this is the clock that others take")]
    fn pause(&self, time: Duration) -> bool {
        std::thread::sleep(time);
        true
    }
}
