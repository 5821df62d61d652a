//! The evaluator: expressions to values.
//!
//! Owns operators, templates, `for`, splats, type constraints and functions. Does no I/O: files come through
//! the [`Files`] port, names through the [`Scope`]. Knows no schema and no resource.

pub mod functions;
mod scope;

pub use scope::FileError;
pub use scope::Files;
pub use scope::Namespace;
pub use scope::Referent;
pub use scope::Scope;
