//! From offsets in a text to spans of its source.

use crate::source::SourceId;
use crate::source::Span;

use super::super::lex::Token;

/// Where a parsed text stands in its source.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spans {
    pub source: SourceId,
    /// Offset of the text in the source.
    pub base: u32,
}

impl Spans {
    pub(super) fn range(self, start: u32, end: u32) -> Span {
        Span::new(self.source, self.base.saturating_add(start), self.base.saturating_add(end))
    }

    pub(super) fn of(self, token: Token) -> Span {
        self.range(token.start, token.end)
    }
}
