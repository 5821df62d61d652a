//! Machine output: plan JSON (format 1.2) and state JSON (format 1.0) with our additions under new keys.
//!
//! Sensitive values are null, with the sensitive shape beside them.

mod checks;
mod configuration;
mod detail;
mod drift;
mod invocations;
mod plan;
mod prior;
mod references;
mod rounds;
mod shape;
mod state;
mod tree;

pub use configuration::provider_name;
pub use detail::attribute;
pub use detail::details;
pub use drift::DriftDocument;
pub use drift::drift_failed_json;
pub use drift::drift_json;
pub use plan::PlanDocument;
pub use plan::change_json;
pub use plan::output_representation;
pub use plan::plan_json;
pub use plan::reason_name;
pub use plan::representation;
pub use plan::status;
pub use shape::shown;
pub use state::object_json;
pub use state::state_json;

/// The Terraform whose formats these are. Programs that read them look at it before they read on.
pub(crate) const TERRAFORM: &str = "1.11.4";
