//! Results of tests: lines for people, a stream of JSON as Terraform writes it, and a report for pipelines.

mod human;
mod json;
mod junit;
#[cfg(test)]
mod tests;

pub use human::line;
pub use human::summary;
pub use json::TestStream;
pub use junit::junit;
