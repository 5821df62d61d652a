//! Which tokens of a line have a space between them.

use crate::syntax::lex::TokenKind as K;

use super::line::Line;
use super::piece::Piece;

/// Sets the spaces inside the cells of all lines.
pub(super) fn space(pieces: &mut [Piece<'_>], lines: &[Line]) {
    for line in lines {
        for cell in [&line.lead, &line.assign] {
            let mut before = None;
            for at in cell.start + 1..cell.end {
                let wanted = space_between(before, pieces[at - 1], pieces[at]);
                pieces[at].spaces = usize::from(wanted);
                before = Some(pieces[at - 1].kind);
            }
        }
    }
}

#[expect(clippy::match_same_arms, reason = "the first rule that fits decides, so their order is the meaning")]
/// Returns whether `left` and `right` are kept apart; `before` is what stands before `left` in its cell.
fn space_between(before: Option<K>, left: Piece<'_>, right: Piece<'_>) -> bool {
    match (left.kind, right.kind) {
        (_, K::Newline) => false,
        // Calls, namespaces, attributes.
        (K::Ident, K::OParen | K::DoubleColon) | (K::DoubleColon, K::Ident) => false,
        // Close together, `a.0 .1` would hold the number `0.1`.
        (K::Dot, K::Number) if before == Some(K::Number) => true,
        (K::Dot, _) | (_, K::Dot) => false,
        (_, K::Comma | K::Ellipsis) => false,
        (K::Comma, _) => true,
        // What literal text touches belongs to the value.
        (K::QuotedLit | K::StringLit | K::OQuote | K::OHeredoc, _)
        | (_, K::QuotedLit | K::StringLit | K::CQuote | K::CHeredoc) => false,
        // `for x in [a]` is not an index into `in`.
        (K::Ident, _) if left.text == "in" && before == Some(K::Ident) => true,
        (K::Ident | K::Number, K::OBrack) => false,
        (_, K::OBrack) if left.bracket_change() < 0 => false,
        (K::Bang, _) => false,
        (K::Minus, _) => !before.is_none_or(starts_operand),
        (K::OBrace, K::CBrace) => false,
        (K::OBrace, _) | (_, K::CBrace) => true,
        // An object as the whole content of a template sequence.
        (K::TemplateInterp | K::TemplateControl, K::OBrace) | (K::CBrace, K::TemplateSeqEnd) => true,
        (K::TemplateSeqEnd, K::TemplateInterp | K::TemplateControl) => false,
        _ => left.bracket_change() <= 0 && right.bracket_change() >= 0,
    }
}

/// Returns whether a `-` behind this token is a sign, not a subtraction.
fn starts_operand(kind: K) -> bool {
    matches!(
        kind,
        K::OParen
            | K::OBrace
            | K::OBrack
            | K::Equal
            | K::Colon
            | K::Comma
            | K::Question
            | K::Plus
            | K::Minus
            | K::Star
            | K::Slash
            | K::Percent
            | K::EqualOp
            | K::NotEqual
            | K::LessThan
            | K::LessThanEq
            | K::GreaterThan
            | K::GreaterThanEq
            | K::And
            | K::Or
            | K::Bang
    )
}
