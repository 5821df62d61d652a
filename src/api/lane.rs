//! Lanes: calls that an API wants one after the other, such as changes of one instance.
//!
//! A lane begins one wide and widens while the API does not mind; when it answers "busy" to calls
//! made side by side, the lane narrows and remembers the width that was too much.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use super::gate::Gate;
pub use super::gate::Mode;
use super::gate::Pass;
use super::stop::Stop;
use super::stop::Stopped;

/// Good calls at the remembered width after which a wider one is tried again.
const PROBE_AFTER: usize = 64;

/// All lanes of one provider configuration, by key.
#[derive(Clone, Debug)]
pub struct Lanes {
    lanes: Arc<Mutex<BTreeMap<String, Arc<Lane>>>>,
    widest: usize,
}

#[derive(Debug)]
struct Lane {
    gate: Arc<Gate>,
    state: Mutex<State>,
    widest: usize,
}

#[derive(Debug)]
struct State {
    width: usize,
    good: usize,
    /// The widest that is not known to be too much.
    ceiling: usize,
    /// Counts narrowings, as in the limiter.
    epoch: u64,
}

/// The right to make calls in a lane; given back when dropped. Say how it went.
#[derive(Debug)]
pub struct InLane {
    lane: Arc<Lane>,
    epoch: u64,
    mode: Mode,
    _pass: Pass,
}

impl Lanes {
    /// Makes lanes that widen up to `widest`.
    pub fn new(widest: usize) -> Self {
        Self { lanes: Arc::default(), widest: widest.max(1) }
    }

    fn lane(&self, key: &str) -> Arc<Lane> {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        let lane = lanes.entry(key.to_owned()).or_insert_with(|| {
            let state = State { width: 1, good: 0, ceiling: self.widest, epoch: 0 };
            Arc::new(Lane { gate: Gate::new(1), state: Mutex::new(state), widest: self.widest })
        });
        Arc::clone(lane)
    }

    /// Waits for a turn in the lane of `key`.
    pub async fn enter(&self, key: &str, mode: Mode, stop: &Stop) -> Result<InLane, Stopped> {
        let lane = self.lane(key);
        let pass = stop.unless(lane.gate.enter(mode)).await?;
        let epoch = lane.lock().epoch;
        Ok(InLane { lane, epoch, mode, _pass: pass })
    }

    /// Returns the present width of the lane of `key`.
    pub fn width(&self, key: &str) -> usize {
        self.lane(key).lock().width
    }
}

impl Lane {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl InLane {
    /// The API took the call.
    pub fn went_well(&self) {
        let mut state = self.lane.lock();
        if self.mode == Mode::Exclusive || self.epoch != state.epoch {
            return;
        }
        let (inside, queued) = self.lane.gate.load();
        if inside < state.width && !queued {
            return;
        }
        state.good += 1;
        if state.width >= state.ceiling {
            if state.good < PROBE_AFTER {
                return;
            }
            state.ceiling = (state.ceiling + 1).min(self.lane.widest);
        }
        if state.good >= state.width && state.width < state.ceiling {
            state.good = 0;
            state.width += 1;
            let width = state.width;
            drop(state);
            self.lane.gate.set_width(width);
        }
    }

    /// The API answered "busy".
    pub fn was_busy(&self) {
        let mut state = self.lane.lock();
        // Busy with something else, or with what was begun before the lane last narrowed.
        if self.mode == Mode::Exclusive || self.epoch != state.epoch || state.width == 1 {
            return;
        }
        state.epoch += 1;
        state.good = 0;
        state.ceiling = state.width - 1;
        state.width = (state.width / 2).max(1);
        let width = state.width;
        drop(state);
        self.lane.gate.set_width(width);
    }
}
