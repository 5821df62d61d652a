//! Figures about the calls made through providers.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

/// Calls so far; a call that had to be sent again counts once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ProviderStats {
    /// Calls that read objects, lists, data sources and lookups.
    pub reads: u64,
    /// Calls that change something.
    pub writes: u64,
    /// Calls of guards.
    pub observations: u64,
    /// Calls made while waiting for something.
    pub polls: u64,
    /// Requests sent again after a failure.
    pub retries: u64,
}

/// What a call is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Read,
    Write,
    Observe,
    Poll,
}

/// Counts calls of all provider configurations of a run.
#[derive(Debug, Default)]
pub(super) struct Counts {
    reads: AtomicU64,
    writes: AtomicU64,
    observations: AtomicU64,
    polls: AtomicU64,
}

impl Counts {
    pub(super) fn add(&self, purpose: Purpose) {
        let counter = match purpose {
            Purpose::Read => &self.reads,
            Purpose::Write => &self.writes,
            Purpose::Observe => &self.observations,
            Purpose::Poll => &self.polls,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn read(&self, calls: u64) {
        self.reads.fetch_add(calls, Ordering::Relaxed);
    }

    pub(super) fn get(&self) -> ProviderStats {
        ProviderStats {
            reads: self.reads.load(Ordering::Relaxed),
            writes: self.writes.load(Ordering::Relaxed),
            observations: self.observations.load(Ordering::Relaxed),
            polls: self.polls.load(Ordering::Relaxed),
            retries: 0,
        }
    }
}
