//! Unknown values: what is known about them nevertheless.

use std::sync::Arc;

use super::Number;
use super::Type;

/// A value that will be known only after apply.
#[derive(Debug, Clone)]
pub struct Unknown {
    /// Its type; [`Type::Any`] if even that is unknown.
    pub ty: Type,
    /// What is known about it.
    pub refinement: Refinement,
}

/// What is known about an unknown value. The default says nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Refinement {
    /// It will not be null.
    pub not_null: bool,
    /// Strings: it starts with this text.
    pub prefix: Option<Arc<str>>,
    /// Numbers: lower bound and whether the bound itself is included.
    pub min: Option<(Number, bool)>,
    /// Numbers: upper bound and whether the bound itself is included.
    pub max: Option<(Number, bool)>,
    /// Collections: the least possible length.
    pub min_length: Option<u64>,
    /// Collections: the greatest possible length.
    pub max_length: Option<u64>,
}

impl Refinement {
    /// Says only that the value will not be null.
    #[must_use]
    pub fn not_null() -> Self {
        Self { not_null: true, ..Self::default() }
    }
}
