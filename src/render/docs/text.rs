//! Small texts inside pages.

use std::fmt::Display;
use std::fmt::Write as _;
use std::time::Duration;

use crate::schema::Registry;
use crate::source::Span;
use crate::syntax::ast::Expr;
use crate::syntax::ast::ExprKind;
use crate::syntax::ast::Name;
use crate::syntax::ast::TemplatePart;
use crate::value::Data;
use crate::value::Value;

/// Makes a text fit into a cell of a table.
pub(super) fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

/// Writes names as code, joined by commas.
pub(super) fn names(names: impl IntoIterator<Item: Display>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// Returns the text of an expression as it stands in the schema, on one line.
pub(super) fn source(registry: &Registry, span: Span) -> String {
    let text = registry.source(span.source).and_then(|file| file.text().get(span.range())).unwrap_or("");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Returns a message as readers will see it: `N` for the figure, names for parts of the object, and an ellipsis
/// for everything else that is filled in.
pub(super) fn message(expr: &Expr) -> String {
    match &expr.kind {
        ExprKind::Literal(value) => value.as_str().map_or_else(String::new, ToString::to_string),
        ExprKind::Template(parts) => parts.iter().map(part).collect(),
        _ => "…".to_owned(),
    }
}

fn part(part: &TemplatePart) -> String {
    match part {
        TemplatePart::Text(text) => text.to_string(),
        TemplatePart::Interpolation(expr) => match &expr.kind {
            ExprKind::Variable(name) if &**name == "count" => "N".to_owned(),
            ExprKind::GetAttr(access) => access.name.value.to_string(),
            // Mostly one thing or several of it.
            ExprKind::Conditional(either) => match &either.no.kind {
                ExprKind::Literal(value) => {
                    value.as_str().map_or_else(|| "…".to_owned(), ToString::to_string)
                }
                _ => "…".to_owned(),
            },
            _ => "…".to_owned(),
        },
        TemplatePart::If(_) | TemplatePart::For(_) => "…".to_owned(),
    }
}

/// Longer conditions say less than that there is one.
const LONGEST_CONDITION: usize = 60;

/// Returns a condition as it stands in the schema, if it is short.
pub(super) fn condition(registry: &Registry, span: Span) -> String {
    let text = source(registry, span);
    if text.chars().count() > LONGEST_CONDITION {
        return "; only if needed".to_owned();
    }
    format!("; if `{text}`")
}

/// Writes a duration in its largest whole unit.
pub(super) fn duration(duration: Duration) -> String {
    let millis = duration.as_millis();
    match millis {
        0 => "0 s".to_owned(),
        _ if millis.is_multiple_of(60_000) => format!("{} min", millis / 60_000),
        _ if millis.is_multiple_of(1000) => format!("{} s", millis / 1000),
        _ => format!("{millis} ms"),
    }
}

/// Writes a value without unknown parts as in a configuration.
pub(super) fn value(value: &Value) -> String {
    match value.data() {
        Data::Null(_) | Data::Unknown(_) => "null".to_owned(),
        Data::Bool(flag) => flag.to_string(),
        Data::Number(number) => number.to_string(),
        Data::String(text) => format!("\"{text}\""),
        Data::List(_, parts) | Data::Set(_, parts) | Data::Tuple(parts) => list(parts),
        Data::Map(_, fields) | Data::Object(fields) => object(fields.iter()),
    }
}

fn list(parts: &[Value]) -> String {
    format!("[{}]", parts.iter().map(value).collect::<Vec<_>>().join(", "))
}

fn object<'v>(fields: impl Iterator<Item = (&'v Name, &'v Value)>) -> String {
    let mut text = String::new();
    for (name, part) in fields {
        let separator = if text.is_empty() { " " } else { ", " };
        // Writing to a string does not fail.
        write!(text, "{separator}{name} = {}", value(part)).ok();
    }
    if text.is_empty() { "{}".to_owned() } else { format!("{{{text} }}") }
}
