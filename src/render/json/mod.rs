//! Machine output: plan JSON (format 1.2) and state JSON (format 1.0) with our additions under new keys.
//!
//! Sensitive values are null, with the sensitive shape beside them.

mod detail;
mod plan;
mod shape;
mod state;

pub use detail::attribute;
pub use detail::details;
pub use plan::change_json;
pub use plan::plan_json;
pub use plan::reason_name;
pub use plan::representation;
pub use plan::status;
pub use shape::shown;
pub use state::state_json;
