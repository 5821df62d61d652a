//! The parser: tokens to the tree of [`super::ast`], with recovery.

use crate::diag::Checked;
use crate::source::SourceId;

use super::ast::Body;
use super::ast::Expr;
use super::ast::Reference;

/// Parses a whole file. The body holds everything that could be parsed; broken parts are marked partial.
pub fn parse_file(_source: SourceId, _text: &str) -> Checked<Body> {
    Checked::failed(crate::diag::Diagnostic::error(
        crate::diag::Code::Internal,
        "the parser is not there yet",
    ))
}

/// Parses one expression that is the whole text (`base` is the offset of `text` in its source).
pub fn parse_expression(_source: SourceId, _base: u32, _text: &str) -> Checked<Expr> {
    Checked::failed(crate::diag::Diagnostic::error(
        crate::diag::Code::Internal,
        "the parser is not there yet",
    ))
}

/// Parses a text as a template, as `templatefile` does.
pub fn parse_template(_source: SourceId, _base: u32, _text: &str) -> Checked<Expr> {
    Checked::failed(crate::diag::Diagnostic::error(
        crate::diag::Code::Internal,
        "the parser is not there yet",
    ))
}

/// Calls `visit` for every reference in an expression (not for variables bound by an enclosing `for`), in source order.
pub fn references(_expr: &Expr, _visit: &mut dyn FnMut(Reference)) {}
