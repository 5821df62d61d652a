//! What is known about remote objects between runs: the state, its documents, its journal and where they live.
//!
//! Owns the model ([`State`]), its file form (Terraform v4 state documents), secrets at rest, the journal of
//! a run, and the stores that keep both durable. Knows nothing of configuration, schemas or providers: types
//! are handed in by those who ask for values.

mod attributes;
pub mod document;
pub mod envelope;
mod forms;
pub mod journal;
mod json;
mod model;
mod seal;
mod sealing;
pub mod store;
mod typed;

pub use attributes::AttributeError;
pub use attributes::Attributes;
pub use attributes::SensitiveLeaf;
pub use model::Action;
pub use model::Answer;
pub use model::CheckObject;
pub use model::CheckResult;
pub use model::CheckStatus;
pub use model::DeposedKey;
pub use model::Due;
pub use model::Identity;
pub use model::Instance;
pub use model::Intent;
pub use model::Lineage;
pub use model::Object;
pub use model::ObjectRef;
pub use model::Output;
pub use model::OutputError;
pub use model::Pending;
pub use model::PlanProgress;
pub use model::State;
pub use model::Status;
pub use seal::Digest;
pub use seal::DigestError;
