//! Machine output: plan JSON (format 1.2) and state JSON (format 1.0) with our additions under new keys.
//!
//! Sensitive values are null, with the sensitive shape beside them.

mod plan;
mod shape;
mod state;

pub use plan::plan_json;
pub use shape::shown;
pub use state::state_json;
