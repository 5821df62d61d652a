//! What tests of configurations say: names that their expressions see, judging of assertions and of failures that
//! were expected, and the results as a model.
//!
//! Pure: running is left to `ops`, drawing to `render`.

mod batches;
mod check;
mod expected;
mod judge;
mod mocks;
mod model;
mod scope;
#[cfg(test)]
mod tests;

pub use batches::batches;
pub use batches::state_key;
pub use check::check_file;
pub use check::undeclared;
pub use expected::Expected;
pub use judge::judge;
pub use mocks::check_mocks;
pub use model::Counts;
pub use model::Event;
pub use model::FileReport;
pub use model::Leftover;
pub use model::RunReport;
pub use model::RunStatus;
pub use model::Shown;
pub use model::Texts;
pub use scope::RunScope;
