//! JSON values as expressions.

use crate::diag::Diagnostics;
use crate::source::Span;
use crate::value::Value;

use super::super::ast::Expr;
use super::super::ast::ExprKind;
use super::super::ast::ObjectItem;
use super::super::parse;
use super::Node;
use super::NodeKind;
use super::Text;

/// What the strings of a value mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strings {
    /// Templates: `"${var.name}"` is a reference, `"a-${var.name}"` is joined.
    Templates,
    /// Just their texts.
    Texts,
    /// Expressions, as of references and types: `"var.name"`.
    Expressions,
}

/// Returns the expression that a value is. Names of objects are templates if strings are.
pub fn expression(node: &Node, strings: Strings, diagnostics: &mut Diagnostics) -> Expr {
    let literal = |value: Value| Expr { kind: ExprKind::Literal(value), span: node.span };
    match &node.kind {
        NodeKind::Null => literal(Value::null()),
        NodeKind::Bool(value) => literal(Value::bool(*value)),
        NodeKind::Number(number) => literal(Value::number(number.clone())),
        NodeKind::String(text) => string(text, node.span, strings, diagnostics),
        NodeKind::Array(elements) => {
            let elements = elements.iter().map(|element| expression(element, strings, diagnostics)).collect();
            Expr { kind: ExprKind::Tuple(elements), span: node.span }
        }
        NodeKind::Object(members) => {
            let names = if strings == Strings::Templates { Strings::Templates } else { Strings::Texts };
            let items = members
                .iter()
                .map(|member| ObjectItem {
                    key: string(&member.name, member.name_span, names, diagnostics),
                    bare: false,
                    value: expression(&member.value, strings, diagnostics),
                })
                .collect();
            Expr { kind: ExprKind::Object(items), span: node.span }
        }
    }
}

fn string(text: &Text, span: Span, strings: Strings, diagnostics: &mut Diagnostics) -> Expr {
    let base = span.start.saturating_add(1);
    let checked = match strings {
        Strings::Texts => {
            return Expr { kind: ExprKind::Literal(parse::literal_text(&text.value)), span };
        }
        Strings::Templates => parse::parse_template_of(span.source, base, &text.value, &text.escapes),
        Strings::Expressions => parse::parse_expression_of(span.source, base, &text.value, &text.escapes),
    };
    let kind = checked.collect_into(diagnostics).map_or(ExprKind::Invalid, |expr| expr.kind);
    // The quotes belong to it, so that a finding about all of it shows the string as written.
    Expr { kind, span }
}
