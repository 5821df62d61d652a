//! From offsets in a text to spans of its source.

use crate::source::SourceId;
use crate::source::Span;

use super::super::lex::Token;

/// Where a parsed text stands in its source.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spans<'t> {
    pub source: SourceId,
    /// Offset of the text in the source.
    pub base: u32,
    /// For texts that the source holds in an escaped form: where an escape ends in the text, and by how many bytes the
    /// source is longer up to there.
    pub escapes: &'t [(u32, u32)],
}

impl Spans<'_> {
    fn place(self, offset: u32) -> u32 {
        let before = self.escapes.partition_point(|(end, _)| *end <= offset);
        let longer =
            before.checked_sub(1).and_then(|last| self.escapes.get(last)).map_or(0, |(_, more)| *more);
        self.base.saturating_add(offset).saturating_add(longer)
    }

    pub(super) fn range(self, start: u32, end: u32) -> Span {
        Span::new(self.source, self.place(start), self.place(end))
    }

    pub(super) fn of(self, token: Token) -> Span {
        self.range(token.start, token.end)
    }
}
