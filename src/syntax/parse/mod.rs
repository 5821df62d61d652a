//! The parser: tokens to the tree of [`super::ast`], with recovery.
//!
//! A file is parsed in one pass that finds all independent errors. [`outline`](self) puts the brackets in pairs
//! first; the recursive descent above it then goes on behind the next bracket, comma or line whatever is wrong
//! before. The work is linear in the text on every input, and nesting is limited to [`MAX_DEPTH`] levels.
//!
//! Must not know: what names mean, where texts come from.

mod body;
mod brackets;
mod directive;
mod expr;
mod findings;
mod literal;
mod outline;
mod parser;
mod references;
mod resume;
mod spans;
mod steps;
mod template;
mod unclosed;

pub use parser::MAX_DEPTH;
pub use references::called;
pub use references::references;
pub use references::references_within;
pub use references::traversal;

use crate::diag::Checked;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::source::SourceId;
use crate::value::Value;

use super::ast::Body;
use super::ast::Expr;
use super::ast::ExprKind;
use super::lex;
use super::lex::Token;
use outline::Root;
use parser::Parser;
use spans::Spans;

/// Texts from this size on are refused: spans count bytes in 32 bits.
const MAX_BYTES: usize = 256 << 20;

/// Parses a whole file. The body holds everything that could be parsed; broken parts are marked partial.
pub fn parse_file(source: SourceId, text: &str) -> Checked<Body> {
    counted(source, text).0
}

/// Parses a file and tells how many steps that took, for tests of the work done.
fn counted(source: SourceId, text: &str) -> (Checked<Body>, u64) {
    let spans = Spans { source, base: 0, escapes: &[] };
    if let Some(refusal) = too_large(text, spans) {
        return (Checked::failed(refusal), 0);
    }
    let tokens = resume::lex(text);
    let mut parser = start(text, spans, &tokens, Root::Body);
    let close = parser.last();
    let end = u32::try_from(text.len()).unwrap_or(u32::MAX);
    let mut body = parser.body(close, spans.range(0, end), None);
    body.partial |= parser.has_findings();
    let steps = parser.steps;
    (Checked::with(body, parser.finish()), steps)
}

/// Parses one expression that is the whole text (`base` is the offset of `text` in its source).
///
/// Line ends mean nothing in it, as in parentheses.
pub fn parse_expression(source: SourceId, base: u32, text: &str) -> Checked<Expr> {
    parse_expression_of(source, base, text, &[])
}

/// Parses an expression whose source holds it with escapes, as JSON does.
pub(super) fn parse_expression_of(
    source: SourceId,
    base: u32,
    text: &str,
    escapes: &[(u32, u32)],
) -> Checked<Expr> {
    let spans = Spans { source, base, escapes };
    if let Some(refusal) = too_large(text, spans) {
        return Checked::failed(refusal);
    }
    let tokens = lex::lex_expression(text);
    let mut parser = start(text, spans, &tokens, Root::Expression);
    let end = u32::try_from(text.len()).unwrap_or(u32::MAX);
    let expr = parser
        .whole_expression()
        .unwrap_or_else(|_| Expr { kind: ExprKind::Invalid, span: spans.range(0, end) });
    Checked::with(expr, parser.finish())
}

/// Parses a text as a template, as `templatefile` does.
pub fn parse_template(source: SourceId, base: u32, text: &str) -> Checked<Expr> {
    parse_template_of(source, base, text, &[])
}

/// Returns the value of a string without templates and escapes.
pub(super) fn literal_text(text: &str) -> Value {
    literal::string(text)
}

/// Parses a template whose source holds it with escapes, as JSON does.
pub(super) fn parse_template_of(
    source: SourceId,
    base: u32,
    text: &str,
    escapes: &[(u32, u32)],
) -> Checked<Expr> {
    let spans = Spans { source, base, escapes };
    if let Some(refusal) = too_large(text, spans) {
        return Checked::failed(refusal);
    }
    let tokens = lex::lex_template(text);
    let mut parser = start(text, spans, &tokens, Root::Template);
    let close = parser.last();
    let parts = parser.parts(close);
    let end = u32::try_from(text.len()).unwrap_or(u32::MAX);
    let expr = parser.template(parts, false, spans.range(0, end));
    Checked::with(expr, parser.finish())
}

fn start<'t>(text: &'t str, spans: Spans<'t>, tokens: &[Token], root: Root) -> Parser<'t> {
    Parser::new(text, spans, outline::outline(tokens, text, spans, root))
}

fn too_large(text: &str, spans: Spans<'_>) -> Option<Diagnostic> {
    (text.len() > MAX_BYTES).then(|| {
        Diagnostic::error(Code::TooLarge, "this file is larger than 256 MiB")
            .at(spans.range(0, 0), "")
            .hint("split it into several files")
    })
}

#[cfg(test)]
mod tests;
