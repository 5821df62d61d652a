//! The provider runtime: schemas and values become calls, answers become values.
//!
//! Owns provider configurations ([`Providers::configure`]), reading objects in bulk, data sources, guards,
//! checks, single steps of operations with their waiters, and the search for objects in doubt. Keeps no state of
//! its own beyond one run and decides nothing: what is done stands in a plan. Knows no graph and no state file.

mod bulk;
mod configure;
mod connection;
mod credentials;
mod describe;
mod environment;
mod ephemeral;
mod error;
mod find;
mod item;
mod listing;
mod look;
mod pages;
mod password;
mod places;
mod providers;
mod read;
mod remote_state;
mod request;
mod room;
mod stats;
mod steps;
mod survey;
#[cfg(test)]
mod tests;
mod trust;
mod wait;
mod write;

pub use describe::Described;
pub use describe::DescribedArgument;
pub use environment::EmulatedEndpoint;
pub use environment::Environment;
pub use error::ProviderError;
pub use find::Candidate;
pub use find::FindRequest;
pub use listing::Listed;
pub use providers::ProviderOptions;
pub use providers::Providers;
pub use providers::ReadBack;
pub use stats::ProviderStats;
pub use survey::Survey;
pub use survey::Surveyed;
pub use write::Recorded;
pub use write::StepAnswer;
pub use write::StepNote;
pub use write::StepRequest;
