//! Lines and their cells.
//!
//! A line has up to three cells: the lead, the assignment from its `=` on, and the comment at
//! its end. Cells of neighbouring lines are aligned with each other.

use std::ops::Range;

use crate::syntax::lex::TokenKind;
use crate::syntax::lex::steps;

use super::piece::Piece;

/// A line as ranges of the pieces. A line ends with a line end *token*: a heredoc with all its
/// text belongs to the line it starts on.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) lead: Range<usize>,
    /// Empty if the line assigns nothing, or nothing that ends on it.
    pub(super) assign: Range<usize>,
    /// Empty if there is no comment, or nothing before it.
    pub(super) comment: Range<usize>,
}

/// Cuts the pieces into lines and cells.
pub(super) fn lines(pieces: &[Piece<'_>]) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut start = 0;
    for (at, piece) in pieces.iter().enumerate() {
        if piece.ends_line() {
            lines.push(line(pieces, start..at + 1));
            start = at + 1;
        }
    }
    if start < pieces.len() {
        lines.push(line(pieces, start..pieces.len()));
    }
    lines
}

fn line(pieces: &[Piece<'_>], whole: Range<usize>) -> Line {
    let Range { start, mut end } = whole;
    let line_end = end;
    if end - start > 1 && pieces[end - 1].kind.is_comment() {
        end -= 1;
    }
    let mut equal = end;
    for at in start + 1..end {
        steps::count(1);
        if pieces[at].kind == TokenKind::Equal {
            // A value that goes on in the next line would pull its neighbours far to the right.
            steps::count(end - at);
            let change: isize = pieces[at..end].iter().map(Piece::bracket_change).sum();
            if change == 0 {
                equal = at;
            }
            break;
        }
    }
    Line { lead: start..equal, assign: equal..end, comment: end..line_end }
}
