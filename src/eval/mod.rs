//! The evaluator: expressions to values.
//!
//! Owns operators, templates, `for`, splats, type constraints and functions. Does no I/O: files come through
//! the [`Files`] port, names through the [`Scope`]. Knows no schema and no resource.

mod access;
mod advice;
mod calls;
mod conditional;
mod constant;
mod evaluate;
pub mod functions;
mod iterate;
mod limits;
mod operators;
mod scope;
mod show;
mod template;
#[cfg(test)]
mod tests;
mod text;
mod type_constraint;

pub use access::attribute;
pub use access::element;
pub use advice::Advice;
pub use advice::advise;
pub use advice::unsuitable;
pub use constant::Constants;
pub use constant::constant;
pub use constant::constant_as;
pub use evaluate::evaluate;
pub use evaluate::evaluate_as;
pub use evaluate::evaluate_with_locals;
pub use scope::FileError;
pub use scope::Files;
pub use scope::Namespace;
pub use scope::Referent;
pub use scope::Scope;
pub use show::explain;
pub use show::show;
pub use text::known_prefix;
pub use text::normalise;
pub use type_constraint::type_constraint;
