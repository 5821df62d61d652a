//! Waiting for asynchronous clients from code that blocks.
//!
//! Stores block, and they are used from threads of their own as well as from within asynchronous code; their clients
//! are asynchronous. They run on one runtime of this module, and whoever asks waits for the answer outside of any
//! runtime's bookkeeping.

use std::sync::OnceLock;
use std::sync::mpsc;
use std::time::Duration;

use tokio::runtime::Builder;
use tokio::runtime::Runtime;
use tokio::task::AbortHandle;

/// The runtime of the clients could not be started, or ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no thread could be started for the connection to the state")]
pub(super) struct Unavailable;

fn runtime() -> Result<&'static Runtime, Unavailable> {
    static RUNTIME: OnceLock<Option<Runtime>> = OnceLock::new();
    let started = RUNTIME.get_or_init(|| {
        Builder::new_multi_thread().worker_threads(1).thread_name("state").enable_all().build().ok()
    });
    started.as_ref().ok_or(Unavailable)
}

/// Runs a future on the runtime of the clients and waits for what it returns.
///
/// # Errors
/// If there is no such runtime.
pub(super) fn wait<T: Send + 'static>(
    future: impl Future<Output = T> + Send + 'static,
) -> Result<T, Unavailable> {
    let (answer, answered) = mpsc::sync_channel(1);
    let task = runtime()?.spawn(async move {
        // Nobody waits any more if the asking thread ended.
        answer.send(future.await).unwrap_or_default();
    });
    let result = answered.recv().map_err(|_closed| Unavailable);
    drop(task);
    result
}

/// A task that goes on until this is dropped, such as one that keeps a lease alive.
#[derive(Debug)]
pub(super) struct Background(AbortHandle);

impl Background {
    /// Starts a task.
    ///
    /// # Errors
    /// If there is no runtime for it.
    pub(super) fn start(future: impl Future<Output = ()> + Send + 'static) -> Result<Self, Unavailable> {
        Ok(Self(runtime()?.spawn(future).abort_handle()))
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Waits on the runtime of the clients.
pub(super) async fn sleep(time: Duration) {
    tokio::time::sleep(time).await;
}
