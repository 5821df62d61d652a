//! Expressions that must be the same whenever they are evaluated: defaults, schema files, settings.

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::source::Span;
use crate::syntax::ast::Expr;
use crate::value::Type;
use crate::value::Value;

use super::Referent;
use super::Scope;
use super::evaluate;
use super::evaluate_as;

/// A scope without names, and with or without functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Constants {
    /// Functions may be called.
    pub functions: bool,
}

impl Scope for Constants {
    fn root(&self, name: &str, span: Span) -> Result<Referent<'_>, Diagnostics> {
        Err(Diagnostic::error(Code::InvalidReference, format!("`{name}` cannot be used here"))
            .at(span, "only constant values are allowed")
            .hint("write the value itself; a text stands in quotes")
            .into())
    }

    fn allows_functions(&self) -> bool {
        self.functions
    }
}

/// Evaluates an expression that refers to nothing and calls no function.
///
/// # Errors
/// All findings; every name and every call is one.
pub fn constant(expr: &Expr) -> Result<Value, Diagnostics> {
    evaluate(expr, &Constants { functions: false })
}

/// Evaluates a constant expression and converts it to a type.
///
/// # Errors
/// All findings, or that the value does not convert.
pub fn constant_as(expr: &Expr, ty: &Type) -> Result<Value, Diagnostics> {
    evaluate_as(expr, &Constants { functions: false }, ty)
}
