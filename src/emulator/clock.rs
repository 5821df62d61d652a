//! The virtual clock. Jobs that take minutes on the real service are measured with it.
//!
//! The wall clock is read here and nowhere else in the emulator.

use std::time::Duration;
use std::time::Instant;
use std::time::SystemTime;
use std::time::UNIX_EPOCH;

use serde::Deserialize;
use serde::Serialize;

/// How virtual time passes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "mode", rename_all = "snake_case")]
pub enum ClockMode {
    /// Time stands still between polls; a pending job is finished by the `polls`-th look at it.
    Polled {
        /// How many looks a job takes: 1 = already done at the first look.
        polls: u32,
    },
    /// Time runs `factor` times as fast as the wall clock.
    Scaled {
        /// Virtual seconds per real second.
        factor: f64,
    },
    /// Time moves only by the control route or [`crate::emulator::dms::Handle::advance`].
    Manual,
}

impl Default for ClockMode {
    fn default() -> Self {
        Self::Polled { polls: 2 }
    }
}

/// Milliseconds since the epoch on the virtual clock.
#[derive(Clone, Debug)]
pub(crate) struct Clock {
    mode: ClockMode,
    base_ms: i64,
    started: Instant,
}

impl Clock {
    pub(crate) fn new(mode: ClockMode, now_ms: i64) -> Self {
        Self { mode, base_ms: now_ms, started: Instant::now() }
    }

    pub(crate) fn mode(&self) -> ClockMode {
        self.mode
    }

    /// Changes the mode without a jump in time.
    pub(crate) fn set_mode(&mut self, mode: ClockMode) {
        *self = Self::new(mode, self.now_ms());
    }

    pub(crate) fn now_ms(&self) -> i64 {
        match self.mode {
            ClockMode::Scaled { factor } => {
                let passed = self.started.elapsed().as_secs_f64() * factor.max(0.0) * 1000.0;
                #[expect(clippy::cast_possible_truncation, reason = "float to int saturates")]
                let passed = passed as i64;
                self.base_ms.saturating_add(passed)
            }
            ClockMode::Polled { .. } | ClockMode::Manual => self.base_ms,
        }
    }

    pub(crate) fn advance_ms(&mut self, by: i64) {
        self.base_ms = self.base_ms.saturating_add(by.max(0));
    }

    /// Moves forward to `at`, never back.
    pub(crate) fn advance_to(&mut self, at: i64) {
        self.advance_ms(at.saturating_sub(self.now_ms()));
    }
}

/// Milliseconds since the epoch on the wall clock, for signatures, tokens and rate limits.
pub(crate) fn wall_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
