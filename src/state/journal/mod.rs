//! The journal of a run: what is about to be done, what was answered, how it ended. Append-only, checksummed.
//!
//! Owns the records, their lines and what they mean to the state (folding). Where the lines are kept is the
//! business of `store`.

mod fold;
mod line;
mod record;
mod runs;

#[cfg(test)]
pub(crate) mod tests;

pub use fold::Fold;
pub use fold::FoldError;
pub use fold::Recovered;
pub use line::Damage;
pub(crate) use line::Kept;
pub use line::Lines;
pub use line::encode;
pub(crate) use line::for_history;
pub use line::is_sealed;
pub use line::parse;
pub use record::CallFailure;
pub use record::MovedPair;
pub use record::Outcome;
pub use record::OutcomeResult;
pub use record::Put;
pub use record::Record;
pub use record::RunHeader;
pub use runs::CallEnd;
pub use runs::Effect;
pub use runs::PastCall;
pub use runs::PastRun;
pub use runs::runs;
