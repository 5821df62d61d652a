//! Arguments that must be plain values because they are needed before anything is evaluated.

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::eval;
use crate::source::Spanned;
use crate::syntax::ast::Expr;
use crate::syntax::ast::ExprKind;
use crate::syntax::parse;
use crate::value::Type;
use crate::value::Value;
use crate::value::convert;

/// Evaluates an expression without references and converts it.
pub(super) fn value(expr: &Expr, ty: &Type, what: &str, diagnostics: &mut Diagnostics) -> Option<Value> {
    let value = match eval::constant(expr) {
        Ok(value) => value,
        Err(found) => {
            diagnostics.extend(found);
            return None;
        }
    };
    match convert(&value, ty) {
        Ok(value) => Some(value),
        Err(error) => {
            let summary = format!("unsuitable value for {what}: {error}");
            diagnostics.push(eval::unsuitable(summary, expr, &value, ty));
            None
        }
    }
}

/// Returns a known bool.
pub(super) fn bool(expr: &Expr, what: &str, diagnostics: &mut Diagnostics) -> Option<Spanned<bool>> {
    let value = value(expr, &Type::Bool, what, diagnostics)?;
    match value.as_bool() {
        Some(known) => Some(Spanned::new(known, expr.span)),
        None => null(expr, what, diagnostics),
    }
}

/// Returns a known string.
pub(super) fn string(expr: &Expr, what: &str, diagnostics: &mut Diagnostics) -> Option<Spanned<String>> {
    let value = value(expr, &Type::String, what, diagnostics)?;
    match value.as_str() {
        Some(text) => Some(Spanned::new(text.to_string(), expr.span)),
        None => null(expr, what, diagnostics),
    }
}

/// A list of strings, each with its place.
pub(super) fn strings(expr: &Expr, what: &str, diagnostics: &mut Diagnostics) -> Vec<Spanned<String>> {
    let ExprKind::Tuple(elements) = &expr.kind else {
        diagnostics.push(
            Diagnostic::error(Code::UnsuitableValue, format!("{what} must be a list of strings"))
                .at(expr.span, "")
                .hint("write `[\"name\", \"prefix-*\"]`"),
        );
        return Vec::new();
    };
    let what = format!("an element of {what}");
    elements.iter().filter_map(|element| string(element, &what, diagnostics)).collect()
}

/// Returns a known whole number that is not negative.
pub(super) fn count(expr: &Expr, what: &str, diagnostics: &mut Diagnostics) -> Option<Spanned<u64>> {
    let value = value(expr, &Type::Number, what, diagnostics)?;
    let number = value
        .as_number()
        .and_then(crate::value::Number::to_i64)
        .and_then(|number| u64::try_from(number).ok());
    if number.is_none() {
        diagnostics.push(
            Diagnostic::error(Code::InvalidValue, format!("{what} must be a whole number of at least 0"))
                .at(expr.span, ""),
        );
    }
    number.map(|number| Spanned::new(number, expr.span))
}

/// Reads a reference that is written in quotes, as old configurations have it; nothing for everything else.
pub(super) fn unquoted(expr: &Expr, diagnostics: &mut Diagnostics) -> Option<Expr> {
    let ExprKind::Literal(value) = &expr.kind else { return None };
    let text = value.as_str()?;
    // Behind an escape, places would be wrong; nobody writes those in references.
    let base = expr.span.start.saturating_add(1);
    if usize::try_from(expr.span.end.saturating_sub(base)).ok()? != text.len() + 1 {
        return None;
    }
    let parsed = parse::parse_expression(expr.span.source, base, text);
    let inner = parsed.output.filter(|_| parsed.diagnostics.is_empty())?;
    parse::traversal(&inner)?;
    diagnostics.push(
        Diagnostic::warning(Code::TerraformHabit, "references are written without quotes")
            .at(expr.span, "")
            .hint(format!("write `{text}`")),
    );
    Some(inner)
}

fn null<T>(expr: &Expr, what: &str, diagnostics: &mut Diagnostics) -> Option<T> {
    diagnostics.push(
        Diagnostic::error(Code::NullValue, format!("{what} must not be null"))
            .at(expr.span, "")
            .hint("remove the argument or give it a value"),
    );
    None
}
