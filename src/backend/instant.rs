//! Instants that neither a sleeping machine nor a clock that is set can bring back.

use std::time::Duration;

use crate::state::store::Clock;

/// An instant by two clocks: one never goes back but may stand still while the machine sleeps, the other may be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Instant {
    steady: Duration,
    /// Milliseconds since 1970.
    wall: i64,
}

impl Instant {
    /// Returns the instant that it is now.
    pub(super) fn now(clock: &dyn Clock) -> Self {
        let wall = clock.now().parse::<jiff::Timestamp>().map_or(0, jiff::Timestamp::as_millisecond);
        Self { steady: clock.elapsed(), wall }
    }

    /// Returns the instant that comes so much later.
    pub(super) fn plus(self, time: Duration) -> Self {
        let wall = i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
        Self { steady: self.steady.saturating_add(time), wall: self.wall.saturating_add(wall) }
    }

    /// Returns how long it is from another instant to this one; nothing if either clock is past it.
    pub(super) fn since(self, earlier: Self) -> Duration {
        let wall = u64::try_from(self.wall.saturating_sub(earlier.wall))
            .map_or(Duration::ZERO, Duration::from_millis);
        self.steady.saturating_sub(earlier.steady).min(wall)
    }
}
