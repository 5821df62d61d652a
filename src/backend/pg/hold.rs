//! Whether a run still holds its lock: known at every moment without asking the server.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;
use std::time::SystemTime;

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::state::store::Fence;
use crate::state::store::Lease;
use crate::state::store::StoreError;

/// What is known about the lock of a session.
#[derive(Debug)]
pub(super) struct Hold {
    state: Mutex<State>,
    /// Woken when a connection ends, so that a new one is made at once.
    pub(super) ended: Notify,
    /// How long an answer of the server proves that the lock is held.
    lease: Duration,
    place: Arc<str>,
}

#[derive(Debug, Clone, Copy)]
enum State {
    /// The lock was not asked for.
    Unlocked,
    /// It is held over the connection of this number; the server said so to something that was asked then.
    Held { connection: u64, asked: Moment },
    /// The connection is lost, and nobody is known to have taken the lock since.
    Broken,
    /// Somebody else took it, or nobody can tell any more.
    Lost,
}

/// An instant by two clocks: one that is never set, and one that goes on while the machine sleeps.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    steady: Instant,
    wall: SystemTime,
}

impl Moment {
    pub(super) fn now() -> Self {
        Self { steady: Instant::now(), wall: SystemTime::now() }
    }

    /// Returns how long ago it was, by the clock that says more.
    fn age(self) -> Duration {
        self.steady.elapsed().max(self.wall.elapsed().unwrap_or_default())
    }
}

impl Hold {
    pub(super) fn new(is_locked: bool, lease: Duration, place: Arc<str>) -> Self {
        let state = if is_locked { State::Broken } else { State::Unlocked };
        // The server's lease begins later than ours, and ours ends sooner.
        Self { state: Mutex::new(state), ended: Notify::new(), lease: lease * 9 / 10, place }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The server answered over a connection, to something asked at a moment: the lock was held then.
    pub(super) fn prove(&self, connection: u64, asked: Moment) {
        let mut state = self.state();
        match *state {
            State::Held { .. } | State::Broken => *state = State::Held { connection, asked },
            State::Unlocked | State::Lost => {}
        }
    }

    /// A connection ended.
    pub(super) fn end(&self, connection: u64) {
        let mut state = self.state();
        if matches!(*state, State::Held { connection: held, .. } if held == connection) {
            *state = State::Broken;
        }
        drop(state);
        self.ended.notify_one();
    }

    /// Nothing more may be written.
    pub(super) fn lose(&self) {
        *self.state() = State::Lost;
    }

    pub(super) fn is_lost(&self) -> bool {
        matches!(*self.state(), State::Lost)
    }

    pub(super) fn lost(&self) -> StoreError {
        StoreError::LostLock { place: Arc::clone(&self.place) }
    }
}

impl Fence for Hold {
    fn check(&self) -> Result<Lease, StoreError> {
        match *self.state() {
            State::Unlocked => Ok(Lease::Unlimited),
            State::Held { asked, .. } => Ok(Lease::For(self.lease.saturating_sub(asked.age()))),
            State::Broken => Err(StoreError::Engine {
                doing: "write",
                place: Arc::clone(&self.place),
                reason: "the connection that holds the lock was lost a moment ago and is being made anew"
                    .into(),
                hint: Some("run the same command again: it takes up what was left unfinished".into()),
            }),
            State::Lost => Err(self.lost()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hold() -> Hold {
        Hold::new(true, Duration::from_secs(100), "here".into())
    }

    #[test]
    fn an_answer_proves_the_lock_for_less_than_the_lease() {
        let hold = hold();
        assert!(matches!(hold.check(), Err(StoreError::Engine { .. })), "nothing is proved yet");
        hold.prove(1, Moment::now());
        let Ok(Lease::For(left)) = hold.check() else { panic!("it is held") };
        assert!(left <= Duration::from_secs(90) && left > Duration::from_secs(60));
    }

    #[test]
    fn a_machine_that_slept_has_no_lease_left() {
        let hold = hold();
        let slept = Moment { wall: SystemTime::now() - Duration::from_secs(3600), ..Moment::now() };
        hold.prove(1, slept);
        assert_eq!(hold.check().unwrap(), Lease::For(Duration::ZERO));
    }

    #[test]
    fn the_end_of_an_older_connection_changes_nothing() {
        let hold = hold();
        hold.prove(2, Moment::now());
        hold.end(1);
        assert!(hold.check().is_ok());
        hold.end(2);
        assert!(matches!(hold.check(), Err(StoreError::Engine { .. })));
        hold.prove(3, Moment::now());
        assert!(hold.check().is_ok(), "a new connection proves it again");
    }

    #[test]
    fn what_is_lost_stays_lost() {
        let hold = hold();
        hold.lose();
        hold.prove(1, Moment::now());
        hold.end(1);
        assert!(matches!(hold.check(), Err(StoreError::LostLock { .. })));
        assert!(hold.is_lost());
    }

    #[test]
    fn without_a_lock_there_is_no_limit() {
        let hold = Hold::new(false, Duration::from_secs(1), "here".into());
        hold.end(0);
        assert_eq!(hold.check().unwrap(), Lease::Unlimited);
    }
}
