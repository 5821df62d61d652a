//! The call log: what was asked, what was answered, what was created how often.

use std::collections::BTreeMap;
use std::collections::VecDeque;

use serde::Deserialize;
use serde::Serialize;

/// Older calls are forgotten beyond this many; counts are kept.
const KEPT: usize = 100_000;

/// One call as it was handled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoggedCall {
    /// Position in the log, from 1.
    pub sequence: u64,
    /// HTTP method.
    pub method: String,
    /// Whether the call could change something.
    pub mutating: bool,
    /// Path as sent, without query.
    pub path: String,
    /// Query as sent.
    pub query: String,
    /// Status of the answer; 0 when the connection was dropped instead.
    pub status: u16,
    /// The vendor's error code.
    pub error_code: Option<String>,
    /// `X-Request-Id` of the answer.
    pub request_id: String,
    /// Whether the call changed the store.
    pub committed: bool,
    /// Natural key of the object that the call created, as `type/parent/name`.
    pub created: Option<String>,
    /// The fault that shaped the answer.
    pub fault: Option<String>,
    /// When the call arrived, in milliseconds since the log began.
    pub arrived_ms: u64,
}

/// Which calls to return.
#[derive(Clone, Debug, Default)]
pub(crate) struct CallFilter {
    pub(crate) method: Option<String>,
    pub(crate) path: Option<String>,
    pub(crate) status: Option<u16>,
    pub(crate) after: u64,
    pub(crate) mutating: bool,
}

#[derive(Debug, Default)]
pub(crate) struct CallLog {
    last: u64,
    calls: VecDeque<LoggedCall>,
    creates: BTreeMap<String, u64>,
}

impl CallLog {
    /// Returns the sequence number of a call that starts now.
    pub(crate) fn next_sequence(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    pub(crate) fn record(&mut self, call: LoggedCall) {
        if let Some(key) = &call.created {
            *self.creates.entry(key.clone()).or_default() += 1;
        }
        self.calls.push_back(call);
        if self.calls.len() > KEPT {
            self.calls.pop_front();
        }
    }

    /// Matching calls in the order of their sequence numbers.
    pub(crate) fn matching(&self, filter: &CallFilter) -> Vec<LoggedCall> {
        let mut found: Vec<LoggedCall> = self
            .calls
            .iter()
            .filter(|call| {
                call.sequence > filter.after
                    && filter.method.as_ref().is_none_or(|method| *method == call.method)
                    && filter.path.as_ref().is_none_or(|path| call.path.contains(path.as_str()))
                    && filter.status.is_none_or(|status| status == call.status)
                    && (call.mutating || !filter.mutating)
            })
            .cloned()
            .collect();
        found.sort_by_key(|call| call.sequence);
        found
    }

    pub(crate) fn creates(&self) -> &BTreeMap<String, u64> {
        &self.creates
    }

    pub(crate) fn clear(&mut self) {
        self.calls.clear();
        self.creates.clear();
    }
}
