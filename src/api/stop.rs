//! The stop signal: ends waits at once, lets requests in flight finish.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::clock::Clock;

/// Gives the signal. Dropping it does not stop anything.
#[derive(Clone, Debug)]
pub struct Stopper {
    sender: Arc<watch::Sender<bool>>,
}

/// Hears the signal; cheap to clone.
#[derive(Clone, Debug)]
pub struct Stop {
    receiver: Option<watch::Receiver<bool>>,
}

/// A wait ended because of the stop signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("stopped on request")]
pub struct Stopped;

impl Default for Stopper {
    fn default() -> Self {
        Self { sender: Arc::new(watch::Sender::new(false)) }
    }
}

impl Stopper {
    /// Gives the signal, for good.
    pub fn stop(&self) {
        self.sender.send_replace(true);
    }

    /// Returns a listener.
    pub fn signal(&self) -> Stop {
        Stop { receiver: Some(self.sender.subscribe()) }
    }
}

impl Stop {
    /// A signal that is never given.
    pub fn never() -> Self {
        Self { receiver: None }
    }

    /// Tells whether the signal was given.
    pub fn is_stopped(&self) -> bool {
        self.receiver.as_ref().is_some_and(|receiver| *receiver.borrow())
    }

    /// Returns when the signal is given.
    pub async fn stopped(&self) {
        if let Some(mut receiver) = self.receiver.clone()
            && receiver.wait_for(|stopped| *stopped).await.is_ok()
        {
            return;
        }
        // Nobody is left who could give the signal.
        std::future::pending::<()>().await;
    }

    /// Waits for `future` unless the signal comes first.
    pub async fn unless<T>(&self, future: impl Future<Output = T>) -> Result<T, Stopped> {
        tokio::select! {
            biased;
            () = self.stopped() => Err(Stopped),
            value = future => Ok(value),
        }
    }

    /// Sleeps unless the signal comes first.
    pub async fn sleep(&self, clock: &dyn Clock, duration: Duration) -> Result<(), Stopped> {
        self.unless(clock.sleep(duration)).await
    }
}
