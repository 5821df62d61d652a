//! Applying a plan as it happens, and what became of it: lines for people, a stream of JSON for programs.

mod json;
mod report;
mod text;

pub use json::Moment;
pub use json::PlanLines;
pub use json::Stream;
pub use json::denials;
pub(super) use json::entry;
pub use report::outputs;
pub use report::report;
pub use text::ends_work;
pub use text::line;
