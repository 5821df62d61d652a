//! Where lines start, and which columns neighbouring lines share.

use std::ops::Range;

use crate::syntax::lex::TokenKind;
use crate::syntax::lex::steps;

use super::line::Line;
use super::piece::Piece;

const INDENT: usize = 2;

/// Indents each line by the brackets that are open before it.
///
/// A line that opens several brackets at once adds one level only, and that level ends when as
/// many are closed: so `f({` and `})` stand in the same column.
pub(super) fn indent(pieces: &mut [Piece<'_>], lines: &[Line]) {
    let mut levels: Vec<usize> = Vec::new();
    let mut heredocs = 0_usize;
    for line in lines {
        let first = line.lead.start;
        if pieces[first].kind == TokenKind::Newline {
            continue;
        }
        let mut change = 0;
        for piece in &pieces[line.lead.start..line.assign.end] {
            steps::count(1);
            match piece.kind {
                TokenKind::OHeredoc => heredocs += 1,
                TokenKind::CHeredoc => heredocs = heredocs.saturating_sub(1),
                // The brackets inside a heredoc must not move the lines behind it.
                _ if heredocs == 0 => change += piece.bracket_change(),
                _ => {}
            }
        }
        close(&mut levels, change.min(0).unsigned_abs());
        pieces[first].spaces = INDENT * levels.len();
        if change > 0 {
            levels.push(change.unsigned_abs());
        }
    }
}

fn close(levels: &mut Vec<usize>, mut brackets: usize) {
    while brackets > 0
        && let Some(level) = levels.last_mut()
    {
        steps::count(1);
        if brackets < *level {
            *level -= brackets;
            return;
        }
        brackets -= *level;
        levels.pop();
    }
}

/// Puts the assignments, then the comments, of consecutive lines into one column each.
pub(super) fn align(pieces: &mut [Piece<'_>], lines: &[Line]) {
    align_cells(pieces, lines, |line| (line.lead.clone(), line.assign.clone()));
    align_cells(pieces, lines, |line| (line.lead.start..line.assign.end, line.comment.clone()));
}

/// `cells` returns the part of a line before the cell to align, and that cell.
fn align_cells(
    pieces: &mut [Piece<'_>],
    lines: &[Line],
    cells: impl Fn(&Line) -> (Range<usize>, Range<usize>),
) {
    for chain in lines.chunk_by(|one, next| !cells(one).1.is_empty() && !cells(next).1.is_empty()) {
        let widths: Vec<usize> = chain.iter().map(|line| width(&pieces[cells(line).0])).collect();
        let widest = widths.iter().copied().max().unwrap_or(0);
        for (line, width) in chain.iter().zip(widths) {
            let cell = cells(line).1;
            if !cell.is_empty() {
                pieces[cell.start].spaces = widest - width + 1;
            }
        }
    }
}

fn width(pieces: &[Piece<'_>]) -> usize {
    steps::count(pieces.len());
    pieces.iter().map(Piece::columns).sum()
}
