//! Diagnostics for people, drawn as the Rust compiler draws them.

use std::collections::BTreeMap;
use std::fmt;
use std::fmt::Write;

use annotate_snippets::Annotation;
use annotate_snippets::AnnotationKind;
use annotate_snippets::Group;
use annotate_snippets::Level;
use annotate_snippets::Renderer;
use annotate_snippets::Snippet;

use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::diag::Label;
use crate::diag::Severity;
use crate::render::Look;
use crate::source::SourceFile;

use super::Sources;
use super::quote::clamp;
use super::quote::window;

/// Labels of one file that are further apart than this are quoted separately.
const NEAR: usize = 40;
/// And so are those with more text between them: lines may be as long as the file.
const NEAR_BYTES: usize = 4096;
/// How many findings are drawn before the rest is only counted.
const MOST: usize = 500;
/// So many warnings of one kind are drawn one by one; of more, the first stands for all.
const SIMILAR: usize = 3;
/// How many places of the others are named.
const PLACES: usize = 5;

/// Writes all findings, an empty line after each, and a line that counts them if there is more than one.
///
/// # Errors
/// If the writer fails.
pub fn human(
    out: &mut dyn Write,
    diagnostics: &Diagnostics,
    sources: &dyn Sources,
    look: Look,
) -> fmt::Result {
    let mut kinds: BTreeMap<(&str, String), Vec<&Diagnostic>> = BTreeMap::new();
    for diagnostic in diagnostics.iter().filter(|item| !item.is_error()) {
        kinds.entry(kind(diagnostic)).or_default().push(diagnostic);
    }
    kinds.retain(|_, alike| alike.len() > SIMILAR);
    let mut drawn: Vec<(&Diagnostic, Vec<&Diagnostic>)> = Vec::new();
    for diagnostic in diagnostics {
        let alike = kinds.get_mut(&kind(diagnostic)).filter(|_| !diagnostic.is_error());
        match alike {
            // The first of a kind stands for all.
            Some(alike) if !alike.is_empty() => {
                drawn.push((diagnostic, alike.drain(..).skip(1).collect()));
            }
            Some(_) => {}
            None => drawn.push((diagnostic, Vec::new())),
        }
    }
    for (diagnostic, more) in drawn.iter().take(MOST) {
        one(out, diagnostic, more, sources, look)?;
        out.write_char('\n')?;
    }
    if let Some(more) = drawn.len().checked_sub(MOST).filter(|more| *more > 0) {
        writeln!(out, "… and {more} more")?;
    }
    match summary(diagnostics) {
        Some(line) if diagnostics.len() > 1 => writeln!(out, "{line}"),
        _ => Ok(()),
    }
}

/// Returns `2 errors, 1 warning`, or nothing if there is no finding.
#[must_use]
pub fn summary(diagnostics: &Diagnostics) -> Option<String> {
    let errors = diagnostics.iter().filter(|item| item.is_error()).count();
    let warnings = diagnostics.len() - errors;
    let count = |number: usize, word: &str| match number {
        0 => None,
        1 => Some(format!("1 {word}")),
        more => Some(format!("{more} {word}s")),
    };
    match (count(errors, "error"), count(warnings, "warning")) {
        (Some(errors), Some(warnings)) => Some(format!("{errors}, {warnings}")),
        (errors, warnings) => errors.or(warnings),
    }
}

/// What warnings that say the same have in common: everything but the names they are about.
fn kind(diagnostic: &Diagnostic) -> (&str, String) {
    let words = diagnostic.summary.split('`').step_by(2);
    (diagnostic.code.name(), words.collect::<Vec<_>>().join("`"))
}

/// The names in a summary.
fn names(diagnostic: &Diagnostic) -> Vec<&str> {
    diagnostic.summary.split('`').skip(1).step_by(2).collect()
}

/// Says how many more findings there are like one, and where the first of them are.
fn others(first: &Diagnostic, more: &[&Diagnostic], sources: &dyn Sources) -> String {
    let noun = if more.len() == 1 { "warning" } else { "warnings" };
    let mut text = format!("and {} more {noun} like this one", more.len());
    let known = names(first);
    let place = |found: &&Diagnostic| {
        let at = match (found.labels.first(), &found.addr) {
            (Some(label), _) => {
                let file = sources.file(label.span.source)?;
                Some(format!("{}:{}", file.name(), file.position(label.span.start).line))
            }
            (None, addr) => addr.as_ref().map(ToString::to_string),
        };
        let own = names(found).into_iter().filter(|name| !known.contains(name));
        let own: Vec<String> = own.map(|name| format!("`{name}`")).collect();
        match (own.join(", "), at) {
            (own, at) if own.is_empty() => at,
            (own, Some(at)) => Some(format!("{own} at {at}")),
            (own, None) => Some(own),
        }
    };
    let mut places: Vec<String> = more.iter().filter_map(place).collect();
    places.dedup();
    if places.is_empty() {
        return text;
    }
    let rest = places.len().saturating_sub(PLACES);
    places.truncate(PLACES);
    text.push_str(&format!(": {}", places.join(", ")));
    if rest > 0 {
        text.push_str(", …");
    }
    text
}

fn one(
    out: &mut dyn Write,
    diagnostic: &Diagnostic,
    more: &[&Diagnostic],
    sources: &dyn Sources,
    look: Look,
) -> fmt::Result {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(told(&diagnostic.summary)).id(diagnostic.code.name());
    let mut group = Group::with_title(title);
    for part in parts(&diagnostic.labels, sources) {
        group = group.element(part.snippet());
    }
    if let Some(addr) = &diagnostic.addr {
        group = group.element(Level::NOTE.with_name("address").message(told(&addr.to_string())));
    }
    for paragraph in diagnostic.detail.split("\n\n").filter(|text| !text.trim().is_empty()) {
        group = group.element(Level::NOTE.message(told(paragraph.trim_end())));
    }
    for (reference, shown) in &diagnostic.values {
        group = group.element(Level::NOTE.message(told(&format!("`{reference}` is {shown}"))));
    }
    for hint in &diagnostic.hints {
        group = group.element(Level::HELP.with_name("hint").message(told(hint)));
    }
    if !more.is_empty() {
        group = group.element(Level::NOTE.message(told(&others(diagnostic, more, sources))));
    }
    let renderer = if look.colour { Renderer::styled() } else { Renderer::plain() };
    let drawn = renderer.term_width(look.width).render(&[group]);
    for line in drawn.lines() {
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

/// A text as it is shown: names may be as long as the file, so that only begin and end of a long one are.
fn told(text: &str) -> String {
    const BEGIN: usize = 3_000;
    const END: usize = 500;
    let length = text.chars().count();
    if length <= BEGIN + END + 100 {
        return printable(text);
    }
    let begin: String = text.chars().take(BEGIN).collect();
    let end: String = text.chars().skip(length - END).collect();
    format!("{} … {}", printable(&begin), printable(&end))
}

/// The labels of one stretch of one file.
struct Part<'d> {
    file: &'d SourceFile,
    /// Whether a label is the primary one, its range and its text.
    labels: Vec<(bool, std::ops::Range<usize>, &'d str)>,
}

/// Groups labels by file and nearness; the part with the primary label comes first.
fn parts<'d>(labels: &'d [Label], sources: &'d dyn Sources) -> Vec<Part<'d>> {
    let mut parts: Vec<(crate::source::SourceId, Part<'d>)> = Vec::new();
    for (index, label) in labels.iter().enumerate() {
        let Some(file) = sources.file(label.span.source) else { continue };
        let range = clamp(file.text(), label.span);
        let line = |offset: usize| file.position(u32::try_from(offset).unwrap_or(u32::MAX)).line as usize;
        let near = parts.iter_mut().find(|(source, part)| {
            *source == label.span.source
                && part.labels.iter().any(|(_, other, _)| {
                    line(other.start).abs_diff(line(range.start)) <= NEAR
                        && other.start.abs_diff(range.start) <= NEAR_BYTES
                })
        });
        let entry = (index == 0, range, label.text.as_str());
        match near {
            Some((_, part)) => part.labels.push(entry),
            None => parts.push((label.span.source, Part { file, labels: vec![entry] })),
        }
    }
    parts.into_iter().map(|(_, part)| part).collect()
}

impl<'d> Part<'d> {
    fn snippet(self) -> Snippet<'d, Annotation<'d>> {
        let start = self.labels.iter().map(|(_, range, _)| range.start).min().unwrap_or(0);
        let end = self.labels.iter().map(|(_, range, _)| range.end).max().unwrap_or(start);
        let window = window(self.file, &(start..end));
        let length = window.text.len();
        let annotations: Vec<Annotation<'d>> = self
            .labels
            .into_iter()
            .map(|(primary, range, text)| {
                let kind = if primary { AnnotationKind::Primary } else { AnnotationKind::Context };
                let from = (range.start - window.start).min(length);
                let to = range.end.saturating_sub(window.start).clamp(from, length);
                let label = (!text.is_empty()).then(|| told(text));
                kind.span(from..to).label(label)
            })
            .collect();
        Snippet::source(window.text)
            .path(printable(self.file.name()))
            .line_start(window.line)
            .fold(true)
            .annotations(annotations)
    }
}

/// Makes control characters visible: what a service answers must not steer a terminal.
fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push('\n'),
            '\t' => out.push_str("    "),
            c if c.is_control() => out.extend(c.escape_unicode()),
            // Characters that reorder what is shown around them.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' => {
                out.extend(c.escape_unicode());
            }
            c => out.push(c),
        }
    }
    out
}
