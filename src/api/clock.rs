//! Time as a port, so that tests run on virtual time and emulated systems with short waits.

use std::fmt::Debug;
use std::pin::Pin;
use std::time::Duration;
use std::time::Instant;
use std::time::SystemTime;

/// A wait.
pub type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Where time comes from.
pub trait Clock: Debug + Send + Sync + 'static {
    /// Returns the date and time, for signatures and expiry dates.
    fn now(&self) -> SystemTime;

    /// Returns the time since some fixed moment; never goes back. For timeouts and pauses.
    fn elapsed(&self) -> Duration;

    /// Waits.
    fn sleep(&self, duration: Duration) -> Sleep;
}

/// The machine's clock.
#[derive(Debug)]
pub struct SystemClock {
    start: Instant,
    scale: f64,
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::scaled(1.0)
    }
}

impl SystemClock {
    /// A clock whose waits last `scale` times what is asked; `elapsed` runs faster to match, so
    /// that a timeout of minutes still spans as many waits. Dates are not changed.
    pub fn scaled(scale: f64) -> Self {
        let scale = if scale.is_finite() { scale.clamp(1e-6, 1e3) } else { 1.0 };
        Self { start: Instant::now(), scale }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn elapsed(&self) -> Duration {
        let seconds = self.start.elapsed().as_secs_f64() / self.scale;
        Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        let seconds = duration.as_secs_f64() * self.scale;
        // Longer than any run; tokio caps what it cannot represent.
        let duration = Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
        Box::pin(tokio::time::sleep(duration))
    }
}
