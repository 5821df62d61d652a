//! The state as a value: objects by address, outputs, check results, and what must be remembered beside them.

mod check;
mod due;
mod identity;
mod object;
mod output;
mod reference;
mod snapshot;
mod status;

pub use check::CheckObject;
pub use check::CheckResult;
pub use check::CheckStatus;
pub use due::Due;
pub use identity::Identity;
pub use object::Instance;
pub use object::Object;
pub use output::Output;
pub use output::OutputError;
pub use reference::DeposedKey;
pub use reference::ObjectRef;
pub use snapshot::Lineage;
pub use snapshot::PlanProgress;
pub use snapshot::State;
pub use status::Action;
pub use status::Answer;
pub use status::Intent;
pub use status::Pending;
pub use status::Status;
