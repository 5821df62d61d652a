//! A receipt for records on their way to the disk.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::Condvar;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::task::Context;
use std::task::Poll;
use std::task::Waker;

use super::StoreError;

/// A receipt for appended records: awaiting it (or [`Ticket::wait`]) returns when they are durable.
///
/// Dropping it changes nothing: the records are written all the same.
#[derive(Debug, Clone)]
#[must_use = "records are durable only when their ticket says so"]
pub struct Ticket {
    first: u64,
    count: u64,
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    state: Mutex<Progress>,
    done: Condvar,
}

#[derive(Debug, Default)]
struct Progress {
    result: Option<Result<(), StoreError>>,
    wakers: Vec<Waker>,
}

impl Ticket {
    pub(super) fn new(first: u64, count: u64) -> Self {
        Self { first, count, inner: Arc::default() }
    }

    /// The sequence number of the first record. It means something only if the records became durable.
    #[must_use]
    pub fn first(&self) -> u64 {
        self.first
    }

    /// The sequence numbers of the records.
    #[must_use]
    pub fn sequences(&self) -> std::ops::Range<u64> {
        self.first..self.first + self.count
    }

    pub(super) fn complete(&self, result: Result<(), StoreError>) {
        let mut progress = self.inner.state.lock().unwrap_or_else(PoisonError::into_inner);
        progress.result = Some(result);
        let wakers = std::mem::take(&mut progress.wakers);
        drop(progress);
        self.inner.done.notify_all();
        for waker in wakers {
            waker.wake();
        }
    }

    /// Blocks until the records are durable. Not for asynchronous code, which awaits the ticket.
    ///
    /// # Errors
    /// If they could not be made durable.
    pub fn wait(&self) -> Result<(), StoreError> {
        let mut progress = self.inner.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(result) = &progress.result {
                return result.clone();
            }
            progress = self.inner.done.wait(progress).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Future for Ticket {
    type Output = Result<(), StoreError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut progress = self.inner.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(result) = &progress.result {
            return Poll::Ready(result.clone());
        }
        if !progress.wakers.iter().any(|waker| waker.will_wake(context.waker())) {
            progress.wakers.push(context.waker().clone());
        }
        Poll::Pending
    }
}
