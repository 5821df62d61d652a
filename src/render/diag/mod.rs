//! Diagnostics for people (with the quoted source) and as JSON (the shape of `terraform validate -json`).
//!
//! Must not know where the sources came from: it asks [`Sources`] for the text behind a span. What a source
//! marks as hidden is masked before it is quoted.

mod brief;
mod human;
mod json;
mod quote;
#[cfg(test)]
mod tests;

pub use brief::brief;
pub use human::human;
pub use human::summary;
pub use json::diagnostic_json;
pub use json::validation_json;
pub use quote::Sources;
