//! Quoting the text behind spans: lookup, clamping and masking.

use std::borrow::Cow;
use std::ops::Range;

use crate::schema::Registry;
use crate::source::SourceFile;
use crate::source::SourceId;
use crate::source::SourceMap;
use crate::source::Span;

/// Where the text of a span is found.
pub trait Sources {
    /// Returns the text that spans of this source lie in.
    fn file(&self, id: SourceId) -> Option<&SourceFile>;
}

impl Sources for SourceMap {
    fn file(&self, id: SourceId) -> Option<&SourceFile> {
        self.get(id)
    }
}

impl Sources for Registry {
    fn file(&self, id: SourceId) -> Option<&SourceFile> {
        self.source(id)
    }
}

/// The texts of a configuration, and those of the schemas it was checked against.
impl Sources for (&SourceMap, &Registry) {
    fn file(&self, id: SourceId) -> Option<&SourceFile> {
        self.0.get(id).or_else(|| self.1.source(id))
    }
}

/// A span as a byte range that is certainly a valid range of the text.
pub(super) fn clamp(text: &str, span: Span) -> Range<usize> {
    let floor = |offset: u32| {
        let mut offset = (offset as usize).min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    };
    let start = floor(span.start);
    start..floor(span.end).max(start)
}

/// Whole lines of a text, ready to be quoted.
pub(super) struct Window<'t> {
    /// The text of the lines; what is hidden is masked, byte for byte.
    pub(super) text: Cow<'t, str>,
    /// The number of the first line.
    pub(super) line: usize,
    /// The offset of the first byte in the whole text.
    pub(super) start: usize,
}

/// Cuts out the lines that a range touches, without the last line's ending.
pub(super) fn window(file: &SourceFile, range: &Range<usize>) -> Window<'static> {
    let text = file.text();
    let before = text.get(..range.start).unwrap_or("");
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    // A range that ends with a line ending does not touch the next line.
    let inside = text.get(range.clone()).unwrap_or("");
    let last = range.start + inside.strip_suffix('\n').unwrap_or(inside).len();
    let rest = text.get(last..).unwrap_or("");
    let end = rest.find('\n').map_or(text.len(), |at| last + at);
    let end = if text.get(start..end).is_some_and(|lines| lines.ends_with('\r')) { end - 1 } else { end };
    let (start, end) = near(text, range, start, end);
    let line = file.position(u32::try_from(start).unwrap_or(u32::MAX)).line as usize;
    Window { text: Cow::Owned(masked(file, start..end.max(start))), line, start }
}

/// How much of a line is quoted before and behind a range.
const BESIDE: usize = 500;
/// The longest text that is quoted.
const LONGEST: usize = 8 * 1024;

/// Cuts off what is far from a range: lines may be as long as the file.
fn near(text: &str, range: &Range<usize>, start: usize, end: usize) -> (usize, usize) {
    let boundary = |mut at: usize| {
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let from = if range.start - start > BESIDE { boundary(range.start - BESIDE) } else { start };
    let last = range.end.max(range.start).min(from + LONGEST);
    let to = if end > last + BESIDE { boundary(last + BESIDE) } else { end };
    (from, to)
}

/// Returns a part of a text with every hidden byte replaced by `*`, so that offsets stay what they are.
fn masked(file: &SourceFile, range: Range<usize>) -> String {
    let part = file.text().get(range.clone()).unwrap_or("");
    let mut out = String::with_capacity(part.len());
    for (offset, c) in part.char_indices() {
        let at = u32::try_from(range.start + offset).unwrap_or(u32::MAX);
        if c != '\n' && file.is_hidden(at) {
            out.extend(std::iter::repeat_n('*', c.len_utf8()));
        } else {
            out.push(c);
        }
    }
    out
}
