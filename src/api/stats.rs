//! Figures about the calls made.

use std::collections::BTreeMap;
use std::time::Duration;

/// What a client has done so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Requests sent, by kind; retries count again.
    pub by_kind: BTreeMap<String, u64>,
    /// Requests sent again after an attempt that failed.
    pub retries: u64,
    /// Answers that throttled.
    pub throttled: u64,
    /// Time spent waiting between attempts, summed over calls.
    pub waited: Duration,
    /// Calls that failed in the end.
    pub failed: u64,
    /// Calls side by side each endpoint bears at present, by origin.
    pub width: BTreeMap<String, usize>,
}

impl Stats {
    /// Returns the number of requests sent.
    pub fn sent(&self) -> u64 {
        self.by_kind.values().sum()
    }
}
