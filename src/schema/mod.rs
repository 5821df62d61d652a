//! Provider schemas: what resources are and which calls make them so, as data.
//!
//! Owns the closed vocabulary of `schemas/**/*.hcl`, the model it is read into, the rules that every schema
//! must follow, and the registry that loads embedded files when a type is first asked for.
//! Knows nothing of configurations, state or HTTP; expressions are kept as written.

mod embedded;
mod load;
mod model;
mod registry;
mod rules;
pub mod scope;
#[cfg(test)]
mod tests;
pub mod vocabulary;

pub use load::check;
pub(crate) use load::duration;
pub use load::words;
pub use model::*;
pub use registry::Registry;
pub use registry::SchemaFile;
