//! Changes of a text, collected and made at once.

use std::ops::Range;

use crate::source::Span;
use crate::syntax::lex::lex;

/// Changes of one text. A change of a part takes the place of those within it.
#[derive(Debug)]
pub(super) struct Edits<'t> {
    text: &'t str,
    /// Sorted by place, apart from each other.
    changes: Vec<(Range<usize>, String)>,
}

impl<'t> Edits<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, changes: Vec::new() }
    }

    /// Replaces a part.
    pub(super) fn replace(&mut self, span: Span, with: impl Into<String>) {
        self.put(span.range(), with.into());
    }

    /// Puts something in front of an offset.
    pub(super) fn insert(&mut self, at: usize, text: impl Into<String>) {
        self.put(at..at, text.into());
    }

    fn put(&mut self, range: Range<usize>, with: String) {
        self.changes.retain(|(old, _)| {
            old.start < range.start || old.end > range.end || (range.is_empty() && old != &range)
        });
        let at = self.changes.partition_point(|(old, _)| (old.start, old.end) <= (range.start, range.end));
        self.changes.insert(at, (range, with));
    }

    /// Returns a part as it is after the changes within it.
    pub(super) fn of(&self, span: Span) -> String {
        self.within(span.range())
    }

    /// Returns the whole text after all changes.
    pub(super) fn all(&self) -> String {
        self.within(0..self.text.len())
    }

    fn within(&self, range: Range<usize>) -> String {
        let mut out = String::new();
        let mut at = range.start;
        for (changed, with) in &self.changes {
            if changed.start < at || changed.end > range.end {
                continue;
            }
            out.push_str(self.text.get(at..changed.start).unwrap_or(""));
            out.push_str(with);
            at = changed.end;
        }
        out.push_str(self.text.get(at..range.end).unwrap_or(""));
        out
    }

    /// Takes a part out, with the line it begins.
    pub(super) fn remove(&mut self, span: Span) {
        let range = span.range();
        let before = self.text.get(..range.start).unwrap_or("");
        let start = before.trim_end_matches([' ', '\t', '\r']);
        let start = start.strip_suffix('\n').unwrap_or(before).len();
        // Of two empty lines around it, one stays.
        let is_between = self.text.get(..start).is_some_and(|text| text.ends_with('\n'))
            && self.text.get(range.end..).is_some_and(|text| text.starts_with("\n\n"));
        self.put(start..range.end + usize::from(is_between), String::new());
    }

    /// Makes a comment of a part, with a remark above it.
    pub(super) fn comment_out(&mut self, span: Span, remark: &str) {
        let range = span.range();
        let indent = self.indent(range.start);
        let text = self.of(span).replace(&format!("\n{indent}"), "\n");
        let text = commented(&text, remark);
        let text = text.lines().collect::<Vec<_>>().join(&format!("\n{indent}"));
        // What else is on the line goes to the next one.
        let rest = self.text.get(range.end..).unwrap_or("");
        let line = rest.lines().next().unwrap_or("").trim_start();
        let after =
            if line.is_empty() || line.starts_with('#') || line.starts_with("//") { "" } else { "\n" };
        let before = self.text.get(..range.start).unwrap_or("");
        let before = before.rsplit('\n').next().unwrap_or("");
        let before = if before.trim().is_empty() { "" } else { "\n" };
        self.put(range, format!("{before}{text}{after}"));
    }

    /// Returns where something can be put behind what ends at an offset: behind a comment on the same line.
    pub(super) fn behind(&self, at: usize) -> usize {
        let rest = self.text.get(at..).unwrap_or("");
        let line = rest.lines().next().unwrap_or("");
        let is_comment = line.trim_start().starts_with('#') || line.trim_start().starts_with("//");
        if is_comment { at + line.len() } else { at }
    }

    /// Returns the white space in front of the line of an offset.
    pub(super) fn indent(&self, at: usize) -> String {
        let before = self.text.get(..at).unwrap_or("");
        let line = before.rsplit('\n').next().unwrap_or("");
        line.chars().take_while(|letter| letter.is_whitespace()).collect()
    }

    /// Returns the comments of a part, one a line.
    pub(super) fn comments(&self, span: Span) -> Vec<String> {
        let text = self.text.get(span.range()).unwrap_or("");
        let tokens = lex(text);
        let found = tokens.iter().filter(|token| token.kind.is_comment());
        found.map(|token| token.text(text).trim_end().to_owned()).collect()
    }
}

/// Returns a text as a comment.
pub(super) fn commented(text: &str, remark: &str) -> String {
    let remark = if remark.is_empty() { String::new() } else { format!("# {remark}\n") };
    let lines: Vec<String> =
        text.lines().map(|line| if line.is_empty() { "#".to_owned() } else { format!("# {line}") }).collect();
    remark + &lines.join("\n")
}
