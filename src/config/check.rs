//! Checks, as declared.

use crate::source::Span;
use crate::syntax::ast::Ident;

use super::Condition;
use super::ResourceId;

/// A `check` block: what should hold of the whole. What does not is told, and keeps nothing from being done.
#[derive(Debug, Clone)]
pub struct Check {
    /// The name.
    pub name: Ident,
    /// What should hold.
    pub asserts: Vec<Condition>,
    /// The data source that belongs to it, if there is one.
    pub data: Option<ResourceId>,
    /// The block's header.
    pub header: Span,
}
