//! A queue in front of something of changeable width: first come, first served, safe to cancel.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use tokio::sync::oneshot;

/// How a pass uses the gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// Beside others, as many as the gate is wide.
    Shared,
    /// Alone.
    Exclusive,
}

#[derive(Debug)]
pub(super) struct Gate {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    width: usize,
    shared: usize,
    exclusive: bool,
    queue: VecDeque<Waiter>,
    next_id: u64,
}

#[derive(Debug)]
struct Waiter {
    id: u64,
    mode: Mode,
    grant: oneshot::Sender<Pass>,
}

/// The right to be inside; given back when dropped.
#[derive(Debug)]
pub(super) struct Pass {
    /// None once given back.
    gate: Option<Arc<Gate>>,
    mode: Mode,
}

impl Gate {
    pub(super) fn new(width: usize) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(State {
                width: width.max(1),
                shared: 0,
                exclusive: false,
                queue: VecDeque::new(),
                next_id: 0,
            }),
        })
    }

    /// A panic elsewhere leaves the counters correct: they change in single steps.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a turn. Dropping the future leaves the queue.
    pub(super) async fn enter(self: &Arc<Self>, mode: Mode) -> Pass {
        loop {
            let (receiver, place) = {
                let mut state = self.lock();
                if state.queue.is_empty() && state.fits(mode) {
                    state.admit(mode);
                    return Pass { gate: Some(Arc::clone(self)), mode };
                }
                let (sender, receiver) = oneshot::channel();
                let id = state.next_id;
                state.next_id += 1;
                state.queue.push_back(Waiter { id, mode, grant: sender });
                (receiver, Place { gate: self, id })
            };
            let pass = receiver.await;
            drop(place);
            // The sender lives in the queue until it is used, so this does not fail.
            if let Ok(pass) = pass {
                return pass;
            }
        }
    }

    /// Changes the width; whoever is inside stays.
    pub(super) fn set_width(self: &Arc<Self>, width: usize) {
        self.lock().width = width.max(1);
        self.wake();
    }

    /// Returns how many are inside, and whether others wait.
    pub(super) fn load(&self) -> (usize, bool) {
        let state = self.lock();
        (state.shared + usize::from(state.exclusive), !state.queue.is_empty())
    }

    /// Lets in from the head of the queue as many as fit.
    fn wake(self: &Arc<Self>) {
        loop {
            let (grant, mode) = {
                let mut state = self.lock();
                let fits = state.queue.front().is_some_and(|waiter| state.fits(waiter.mode));
                let Some(waiter) = state.queue.pop_front_if(|_| fits) else { return };
                state.admit(waiter.mode);
                (waiter.grant, waiter.mode)
            };
            let pass = Pass { gate: Some(Arc::clone(self)), mode };
            // A receiver that is gone gave up just now. Its pass is undone here rather than by its
            // drop, which would come back to this function.
            if let Err(mut pass) = grant.send(pass) {
                pass.gate = None;
                self.lock().release(mode);
            }
        }
    }
}

impl State {
    fn fits(&self, mode: Mode) -> bool {
        match mode {
            Mode::Shared => !self.exclusive && self.shared < self.width,
            Mode::Exclusive => !self.exclusive && self.shared == 0,
        }
    }

    fn admit(&mut self, mode: Mode) {
        match mode {
            Mode::Shared => self.shared += 1,
            Mode::Exclusive => self.exclusive = true,
        }
    }

    fn release(&mut self, mode: Mode) {
        match mode {
            Mode::Shared => self.shared = self.shared.saturating_sub(1),
            Mode::Exclusive => self.exclusive = false,
        }
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        if let Some(gate) = self.gate.take() {
            gate.lock().release(self.mode);
            gate.wake();
        }
    }
}

/// A place in the queue, left when the waiting future is dropped.
struct Place<'g> {
    gate: &'g Arc<Gate>,
    id: u64,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let left = {
            let mut state = self.gate.lock();
            let before = state.queue.len();
            state.queue.retain(|waiter| waiter.id != self.id);
            state.queue.len() != before
        };
        if left {
            // Those behind may fit where this one did not.
            self.gate.wake();
        }
    }
}
