//! Diagnostics as JSON: the fields of Terraform's `validate -json`, ours under new keys.

use serde_json::Map;
use serde_json::Value as Json;
use serde_json::json;

use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::diag::Reply;
use crate::diag::Severity;
use crate::source::SourceFile;
use crate::source::Span;

use super::Sources;
use super::quote::clamp;
use super::quote::window;

/// Returns the document of `validate --json`.
#[must_use]
pub fn validation_json(diagnostics: &Diagnostics, sources: &dyn Sources) -> Json {
    let errors = diagnostics.iter().filter(|item| item.is_error()).count();
    let list: Vec<Json> = diagnostics.iter().map(|item| diagnostic_json(item, sources)).collect();
    json!({
        "format_version": "1.0",
        "valid": errors == 0,
        "error_count": errors,
        "warning_count": diagnostics.len() - errors,
        "diagnostics": list,
    })
}

/// Returns one diagnostic: `severity`, `summary`, `detail`, `address`, `range` and `snippet` as Terraform
/// writes them; `code`, `hints`, `labels`, `values` and `reply` are ours.
#[must_use]
pub fn diagnostic_json(diagnostic: &Diagnostic, sources: &dyn Sources) -> Json {
    let mut out = Map::new();
    let severity = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    out.insert("severity".to_owned(), severity.into());
    out.insert("code".to_owned(), diagnostic.code.name().into());
    out.insert("summary".to_owned(), diagnostic.summary.as_str().into());
    out.insert("detail".to_owned(), diagnostic.detail.as_str().into());
    if let Some(addr) = &diagnostic.addr {
        out.insert("address".to_owned(), addr.to_string().into());
    }
    let statements: Vec<Json> = diagnostic
        .values
        .iter()
        .map(|(reference, shown)| json!({ "traversal": reference, "statement": format!("is {shown}") }))
        .collect();
    let primary = diagnostic.labels.first();
    if let Some((file, label)) = primary.and_then(|label| Some((sources.file(label.span.source)?, label))) {
        out.insert("range".to_owned(), range(file, label.span));
        out.insert("snippet".to_owned(), snippet(file, label.span, &statements));
    }
    if !statements.is_empty() {
        out.insert("values".to_owned(), statements.into());
    }
    let labels: Vec<Json> = diagnostic
        .labels
        .iter()
        .filter_map(|label| {
            let file = sources.file(label.span.source)?;
            Some(json!({ "range": range(file, label.span), "text": label.text }))
        })
        .collect();
    if !labels.is_empty() {
        out.insert("labels".to_owned(), labels.into());
    }
    if !diagnostic.hints.is_empty() {
        out.insert("hints".to_owned(), diagnostic.hints.clone().into());
    }
    if let Some(found) = &diagnostic.reply {
        out.insert("reply".to_owned(), reply(found));
    }
    out.into()
}

/// What a service answered, as its support asks for it.
fn reply(found: &Reply) -> Json {
    json!({ "status": found.status, "code": found.code, "request_id": found.request_id })
}

fn range(file: &SourceFile, span: Span) -> Json {
    let at = |offset: u32| {
        let position = file.position(offset);
        json!({ "line": position.line, "column": position.column, "byte": position.byte })
    };
    json!({ "filename": file.name(), "start": at(span.start), "end": at(span.end) })
}

fn snippet(file: &SourceFile, span: Span, values: &[Json]) -> Json {
    let range = clamp(file.text(), span);
    let window = window(file, &range);
    let length = window.text.len();
    let from = (range.start - window.start).min(length);
    let to = range.end.saturating_sub(window.start).clamp(from, length);
    json!({
        "context": context(file, window.line),
        "code": window.text,
        "start_line": window.line,
        "highlight_start_offset": from,
        "highlight_end_offset": to,
        "values": values,
    })
}

/// Returns the header of the top-level block that a line stands in, such as `resource "x" "y"`.
fn context(file: &SourceFile, line: usize) -> Option<String> {
    let mut line = u32::try_from(line).unwrap_or(u32::MAX);
    while line > 0 {
        let text = file.line(line)?;
        if text.starts_with(|c: char| c.is_alphabetic()) {
            let header = text.split('{').next()?;
            let is_header = text.contains('{') && !header.contains('=');
            return is_header.then(|| header.trim_end().to_owned());
        }
        if text.starts_with('}') {
            return None;
        }
        line -= 1;
    }
    None
}
