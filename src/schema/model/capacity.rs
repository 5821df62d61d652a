//! Room that objects share.

use std::sync::Arc;

use crate::source::Span;
use crate::syntax::ast::Expr;
use crate::syntax::ast::Name;

/// What objects take of a room that they share.
#[derive(Debug, Clone)]
pub struct Capacity {
    /// What there is room for, in the plural, as shown: `topics`.
    pub name: Name,
    /// The attributes that name the room; all objects of the provider configuration share one without any.
    pub scope: Vec<Name>,
    /// Over `self` and `provider`: how much one object takes; one without it.
    pub takes: Option<Expr>,
    /// Over `self` (the scope), `parent`, `provider` and `lookup`: how much there is in all.
    pub limit: Expr,
    /// Over the same names: how much of it is taken now.
    pub used: Expr,
    /// The lookups that `limit` and `used` need.
    pub lookups: Vec<Name>,
    /// The vendor's code for the refusal.
    pub code: Arc<str>,
    /// What to do now.
    pub hint: Option<Arc<str>>,
    /// The block.
    pub span: Span,
}
