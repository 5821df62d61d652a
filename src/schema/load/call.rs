//! Calls: the text of `call` and the arguments around it.

use std::sync::Arc;

use crate::schema::Body;
use crate::schema::BodyShape;
use crate::schema::Call;
use crate::schema::Method;
use crate::schema::Segment;
use crate::source::Span;
use crate::syntax::ast::Expr;
use crate::syntax::ast::ExprKind;
use crate::syntax::ast::TemplatePart;

use super::reader::Found;
use super::reader::Named;
use super::reader::Reader;
use super::reader::fields;

/// Reads the call of a block, if it has one.
pub(super) fn call(reader: &Reader<'_>, found: &mut Found) -> Option<Call> {
    let Some(expr) = reader.expr("call", found) else {
        let parts =
            ["operation", "region", "query", "query_map", "form", "body", "pages", "items", "total", "item"];
        for name in parts {
            if reader.has(name) {
                found.error(format!("`{name}` has no `call` that it could belong to"), reader.span_of(name));
            }
        }
        return None;
    };
    let operation = reader.text("operation", found);
    let region = reader.expr("region", found);
    let query = reader.fields("query", found);
    let query_map = reader.expr("query_map", found);
    let form = reader.fields("form", found);
    let body = reader.expr("body", found).map(body);
    let pages = reader.name("pages", Named::Paging, found);
    let items = reader.expr("items", found);
    let total = reader.expr("total", found);
    if pages.is_some() && items.is_none() && !reader.block.body.partial {
        found.error("`pages` needs `items`", reader.span_of("pages"));
    }
    if total.is_some() && pages.is_none() {
        found.error("`total` is used only with `pages`", reader.span_of("total"));
    }
    match template(&expr) {
        Ok((method, path)) => {
            let written = ["body", "form"].iter().filter(|name| reader.has(name)).count();
            if method == Method::Get && written > 0 {
                let name = if body.is_some() { "body" } else { "form" };
                found.error("a GET has no body", reader.span_of(name));
            }
            if written > 1 {
                found.error("`form` stands instead of `body`", reader.span_of("form"));
            }
            let span = expr.span;
            Some(Call {
                method,
                path,
                operation,
                region,
                query,
                query_map,
                form,
                body,
                pages,
                items,
                total,
                span,
            })
        }
        Err(problem) => {
            if !matches!(expr.kind, ExprKind::Invalid) {
                found.report(problem.summary, problem.span, problem.hint);
            }
            None
        }
    }
}

fn body(expr: Expr) -> Body {
    let span = expr.span;
    if let ExprKind::Call(call) = &expr.kind
        && &*call.name.value == "only_changed"
        && let [argument] = &*call.arguments
    {
        return Body { shape: shape(argument.clone()), only_changed: true, span };
    }
    Body { shape: shape(expr), only_changed: false, span }
}

fn shape(expr: Expr) -> BodyShape {
    match fields(&expr) {
        Some(fields) => BodyShape::Fields(fields),
        None => BodyShape::Whole(expr),
    }
}

/// Why a call is not well-formed.
struct Problem {
    summary: String,
    span: Span,
    hint: Option<String>,
}

impl Problem {
    fn new(summary: impl Into<String>, span: Span, hint: &str) -> Self {
        Self { summary: summary.into(), span, hint: Some(hint.to_owned()) }
    }
}

/// A piece of the text of a call.
enum Piece<'e> {
    Text(&'e str),
    Value(&'e Expr),
}

/// A part of a template as a piece; nothing for directives.
fn piece(part: &TemplatePart) -> Option<Piece<'_>> {
    match part {
        TemplatePart::Text(text) => Some(Piece::Text(text)),
        TemplatePart::Interpolation(value) => Some(Piece::Value(value)),
        TemplatePart::If(_) | TemplatePart::For(_) => None,
    }
}

/// Takes `METHOD /path/${value}` apart.
fn template(expr: &Expr) -> Result<(Method, Vec<Segment>), Problem> {
    let hint = "write a method and a path: `\"GET /v2/${provider.project_id}/instances\"`";
    let pieces: Vec<Piece<'_>> = match &expr.kind {
        ExprKind::Literal(value) => vec![Piece::Text(value.as_str().map_or("", |text| text))],
        ExprKind::Template(parts) => {
            let pieces: Option<Vec<Piece<'_>>> = parts.iter().map(piece).collect();
            pieces.ok_or_else(|| Problem::new("a call takes no template directives", expr.span, hint))?
        }
        _ => return Err(Problem::new("`call` is not a method and a path", expr.span, hint)),
    };
    let mut pieces = pieces.into_iter();
    let Some(Piece::Text(first)) = pieces.next() else {
        return Err(Problem::new("`call` does not begin with a method", expr.span, hint));
    };
    let (method, first) = first.split_once(' ').unwrap_or((first, ""));
    let Some(method) = Method::from_name(method) else {
        let methods: Vec<&str> = Method::ALL.iter().map(|method| method.name()).collect();
        let hint = format!("methods are {}", methods.join(", "));
        return Err(Problem::new(format!("`{method}` is not a method"), expr.span, &hint));
    };
    let mut path = Path::default();
    // An API whose operations are told apart by their name alone has one path.
    if first == "/" && pieces.len() == 0 {
        return Ok((method, Vec::new()));
    }
    path.text(first, expr.span)?;
    for piece in pieces {
        match piece {
            Piece::Text(text) => path.text(text, expr.span)?,
            Piece::Value(value) => path.value(value)?,
        }
    }
    Ok((method, path.finish(expr.span)?))
}

/// A path being put together. Every segment is either fixed text or one value, so that encoding is exact.
#[derive(Default)]
struct Path {
    segments: Vec<Segment>,
    /// The segment being read; none before the first `/`.
    open: Option<Open>,
}

enum Open {
    Text(String),
    Value(Expr),
}

impl Path {
    fn text(&mut self, text: &str, span: Span) -> Result<(), Problem> {
        if text.contains(['?', '#', ' ']) {
            let hint = "query parameters are written in `query`";
            return Err(Problem::new("a path holds `?`, `#` or a space", span, hint));
        }
        for (index, part) in text.split('/').enumerate() {
            if index > 0 {
                self.close(span)?;
                self.open = Some(Open::Text(String::new()));
            }
            match &mut self.open {
                _ if part.is_empty() => {}
                Some(Open::Text(open)) => open.push_str(part),
                Some(Open::Value(_)) => return Err(mixed(span)),
                None => {
                    let hint = "write a space and a `/` after the method";
                    return Err(Problem::new("the path does not begin with `/`", span, hint));
                }
            }
        }
        Ok(())
    }

    fn value(&mut self, value: &Expr) -> Result<(), Problem> {
        match &self.open {
            Some(Open::Text(text)) if text.is_empty() => {
                self.open = Some(Open::Value(value.clone()));
                Ok(())
            }
            Some(_) => Err(mixed(value.span)),
            None => {
                let hint = "write a space and a `/` after the method";
                Err(Problem::new("the path does not begin with `/`", value.span, hint))
            }
        }
    }

    fn close(&mut self, span: Span) -> Result<(), Problem> {
        match self.open.take() {
            None => Ok(()),
            Some(Open::Text(text)) if text.is_empty() => {
                Err(Problem::new("the path has an empty segment", span, "remove the `/`"))
            }
            Some(Open::Text(text)) => {
                self.segments.push(Segment::Literal(Arc::from(text)));
                Ok(())
            }
            Some(Open::Value(value)) => {
                self.segments.push(Segment::Value(value));
                Ok(())
            }
        }
    }

    fn finish(mut self, span: Span) -> Result<Vec<Segment>, Problem> {
        self.close(span)?;
        if self.segments.is_empty() {
            return Err(Problem::new("`call` has no path", span, "write `\"GET /path\"`"));
        }
        Ok(self.segments)
    }
}

fn mixed(span: Span) -> Problem {
    let hint = "make it one value: `${join(\"\", [\"prefix-\", self.name])}`";
    Problem::new("a segment of a path mixes text and a value", span, hint)
}
