//! A token with the spaces in front of it: what the formatter moves around.

use unicode_segmentation::UnicodeSegmentation;

use crate::syntax::lex::TokenKind;
use crate::syntax::lex::lex;

/// A token of the output.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece<'t> {
    pub(super) kind: TokenKind,
    pub(super) text: &'t str,
    /// How many spaces to write before it.
    pub(super) spaces: usize,
}

impl<'t> Piece<'t> {
    pub(super) fn new(kind: TokenKind, text: &'t str) -> Self {
        Self { kind, text, spaces: 0 }
    }

    /// Returns the tokens of a text, without the byte order mark and the tokens that are empty.
    pub(super) fn of(text: &'t str) -> Vec<Self> {
        let tokens = lex(text);
        let wanted = tokens.iter().filter(|token| token.kind != TokenKind::Bom && !token.is_empty());
        wanted.map(|token| Self::new(token.kind, token.text(text))).collect()
    }

    /// Returns whether a new line begins behind it. A comment at the end of the file has no line end.
    pub(super) fn ends_line(&self) -> bool {
        match self.kind {
            TokenKind::Newline => true,
            TokenKind::LineComment => self.text.ends_with('\n'),
            _ => false,
        }
    }

    /// Returns by how much it changes the number of open brackets.
    pub(super) fn bracket_change(&self) -> isize {
        match self.kind {
            TokenKind::OBrace
            | TokenKind::OBrack
            | TokenKind::OParen
            | TokenKind::TemplateInterp
            | TokenKind::TemplateControl => 1,
            TokenKind::CBrace | TokenKind::CBrack | TokenKind::CParen | TokenKind::TemplateSeqEnd => -1,
            _ => 0,
        }
    }

    /// Returns how wide it is with its spaces, in characters as a reader counts them.
    pub(super) fn columns(&self) -> usize {
        let plain = self.text.bytes().all(|byte| byte.is_ascii() && byte != b'\r');
        let width = if plain { self.text.len() } else { self.text.graphemes(true).count() };
        self.spaces + width
    }
}

/// Returns how much white space there is behind the last token: in a last line that has no end.
pub(super) fn behind(text: &str) -> usize {
    let last = lex(text).into_iter().filter(|token| !token.is_empty()).map(|token| token.range().end).max();
    let rest = text.get(last.unwrap_or(0)..).unwrap_or("");
    if rest.bytes().all(|byte| matches!(byte, b' ' | b'\t')) { rest.len() } else { 0 }
}

/// Writes the pieces; `size` is about how long the result will be.
pub(super) fn write(pieces: &[Piece<'_>], size: usize) -> String {
    let mut out = String::with_capacity(size + size / 4);
    for piece in pieces {
        out.extend(std::iter::repeat_n(' ', piece.spaces));
        out.push_str(piece.text);
    }
    out
}
