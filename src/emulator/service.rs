//! The seam between the shared parts and one emulated system.

use std::collections::BTreeMap;

use super::commit_log::Ticket;
use super::exchange::Call;
use super::exchange::Reply;
use super::faults::JobShape;

/// What a system made of one call.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) reply: Reply,
    /// Whether the store changed.
    pub(crate) committed: bool,
    /// The answer must not leave before this is durable; absent without a directory.
    pub(crate) ticket: Option<Ticket>,
    /// Natural key of a created object.
    pub(crate) created: Option<String>,
}

/// One emulated system. Calls are handled one after the other, in memory, without waiting.
pub(crate) trait Service: Send + Sync + 'static {
    /// Handles one call of the vendor's API, authentication included.
    fn answer(&self, call: &Call, shape: &JobShape) -> Answer;

    /// Handles the control routes below `/_emulator/` that belong to this system.
    fn control(&self, call: &Call) -> Option<Reply>;

    /// The vendor's way of saying "slow down" without status 429.
    fn throttled(&self) -> Reply;

    /// The vendor's error envelope; without a code, one that fits the status.
    fn error(&self, status: u16, code: Option<&str>, message: &str) -> Reply;

    /// The vendor's error code in a reply, if it is a failure.
    fn error_code(&self, reply: &Reply) -> Option<String>;

    /// Whether the call could change something. Some vendors change with GET and read with POST.
    fn is_mutating(&self, call: &Call) -> bool;

    /// What the call log and faults know the call by: its path, or its operation where all share one path.
    fn route(&self, call: &Call) -> String {
        call.raw_path.clone()
    }

    /// Whether the place that the call was meant for does not answer at all.
    fn is_unreachable(&self, _call: &Call) -> bool {
        false
    }

    /// The lane of a mutating call: calls of one lane can get in each other's way.
    fn lane(&self, call: &Call) -> Option<String>;

    /// The vendor's way of saying "another change of this lane is running".
    fn busy(&self) -> Reply;

    /// Forgets every object.
    fn reset(&self);

    /// Lets every read see the latest state again.
    fn end_stale_reads(&self);

    /// Numbers for the status route.
    fn figures(&self) -> BTreeMap<String, u64>;
}
