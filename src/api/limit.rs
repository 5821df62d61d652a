//! How many calls one endpoint gets at the same time: as many as it bears.
//!
//! The width doubles per round trip until the first throttling, then grows by one per round trip
//! and halves on throttling, once per round trip however many answers say so. At width one a gap
//! between calls takes over. `Retry-After` pauses every call to the endpoint.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;

use super::clock::Clock;
use super::gate::Gate;
use super::gate::Mode;
use super::gate::Pass;
use super::stop::Stop;
use super::stop::Stopped;

const FIRST_GAP: Duration = Duration::from_millis(50);
const LONGEST_GAP: Duration = Duration::from_secs(5);

/// Bounds of the width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Width {
    /// To begin with.
    pub first: usize,
    /// At most.
    pub most: usize,
}

impl Default for Width {
    fn default() -> Self {
        Self { first: 8, most: 64 }
    }
}

impl Width {
    /// A number the user fixed (`--parallelism`): begins there, never wider; throttling still
    /// narrows it for a while.
    pub fn fixed(parallelism: usize) -> Self {
        let parallelism = parallelism.max(1);
        Self { first: parallelism, most: parallelism }
    }
}

#[derive(Debug)]
pub(super) struct Limiter {
    gate: Arc<Gate>,
    state: Mutex<State>,
    most: usize,
}

#[derive(Debug)]
struct State {
    width: usize,
    /// Good answers since the width last changed.
    good: usize,
    /// Until the first throttling.
    doubling: bool,
    /// Counts narrowings; a pass from before one says nothing about the width after it.
    epoch: u64,
    gap: Duration,
    /// No call starts before this moment.
    next_start: Duration,
}

/// The right to make one call.
#[derive(Debug)]
pub(super) struct Turn {
    limiter: Arc<Limiter>,
    epoch: u64,
    _pass: Pass,
}

/// What a call taught about the endpoint's capacity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lesson {
    Good,
    Throttled { pause: Option<Duration> },
    None,
}

impl Limiter {
    pub(super) fn new(width: Width) -> Arc<Self> {
        let most = width.most.max(1);
        let first = width.first.clamp(1, most);
        Arc::new(Self {
            gate: Gate::new(first),
            state: Mutex::new(State {
                width: first,
                good: 0,
                doubling: true,
                epoch: 0,
                gap: Duration::ZERO,
                next_start: Duration::ZERO,
            }),
            most,
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a turn: for room, then for pauses and gaps.
    pub(super) async fn turn(self: &Arc<Self>, clock: &dyn Clock, stop: &Stop) -> Result<Turn, Stopped> {
        let pass = stop.unless(self.gate.enter(Mode::Shared)).await?;
        loop {
            let wait = {
                let mut state = self.lock();
                let now = clock.elapsed();
                let wait = state.next_start.saturating_sub(now);
                if wait.is_zero() {
                    state.next_start = now + state.gap;
                    return Ok(Turn { limiter: Arc::clone(self), epoch: state.epoch, _pass: pass });
                }
                wait
            };
            stop.sleep(clock, wait).await?;
        }
    }

    pub(super) fn width(&self) -> usize {
        self.lock().width
    }
}

impl Turn {
    /// Ends the call and passes on what it taught.
    pub(super) fn end(self, lesson: Lesson, clock: &dyn Clock) {
        let limiter = &self.limiter;
        let (inside, queued) = limiter.gate.load();
        let mut state = limiter.lock();
        match lesson {
            Lesson::None => return,
            Lesson::Good => {
                if !state.gap.is_zero() {
                    state.gap = state.gap.mul_f64(0.8);
                    if state.gap < FIRST_GAP / 2 {
                        state.gap = Duration::ZERO;
                    }
                    return;
                }
                // A width that is not used is not proven.
                if self.epoch != state.epoch || (inside < state.width && !queued) {
                    return;
                }
                state.good += 1;
                if state.doubling || state.good >= state.width {
                    state.good = 0;
                    state.width = (state.width + 1).min(limiter.most);
                }
            }
            Lesson::Throttled { pause } => {
                if let Some(pause) = pause {
                    state.next_start = state.next_start.max(clock.elapsed() + pause);
                }
                if self.epoch != state.epoch {
                    return;
                }
                state.epoch += 1;
                state.good = 0;
                state.doubling = false;
                if state.width == 1 {
                    state.gap = (state.gap * 2).clamp(FIRST_GAP, LONGEST_GAP);
                }
                state.width = (state.width / 2).max(1);
            }
        }
        let width = state.width;
        drop(state);
        limiter.gate.set_width(width);
    }
}
