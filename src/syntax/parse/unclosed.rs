//! What to say about brackets that do not fit: always both ends, where it was opened and where it is missed.

use crate::diag::Code;
use crate::diag::Diagnostic;

use super::super::lex::Token;
use super::super::lex::TokenKind;
use super::spans::Spans;

/// Where something is missing: the offset, and how to make a span of it.
type Place<'t> = (Spans<'t>, u32);

/// A closing bracket with nothing to close.
pub(super) fn stray(spans: Spans<'_>, token: Token) -> Diagnostic {
    let what = token.kind.describe();
    Diagnostic::error(Code::UnclosedBracket, format!("{what} closes nothing"))
        .at(spans.of(token), "no bracket is open here")
        .hint(format!("remove this {what}, or look for one too many before it"))
}

/// A closing bracket of another kind than the opening one.
pub(super) fn closed_wrongly(spans: Spans<'_>, open: Token, token: Token, meant: TokenKind) -> Diagnostic {
    let (opener, found, meant) = (open.kind.describe(), token.kind.describe(), meant.describe());
    Diagnostic::error(Code::UnclosedBracket, format!("{opener} is closed by {found}"))
        .at(spans.of(token), format!("expected {meant} here"))
        .at(spans.of(open), "opened here")
        .hint(format!("write {meant} instead of {found}"))
}

/// Brackets of an expression that are all missed at the same place, innermost first; `count` of them in all.
pub(super) fn brackets(
    (spans, place): Place<'_>,
    first: Token,
    others: &[Token],
    count: usize,
    missing: TokenKind,
) -> Diagnostic {
    let missing = missing.describe();
    let summary = match count {
        1 => format!("{} is not closed", first.kind.describe()),
        _ => format!("{count} brackets are not closed"),
    };
    let mut diagnostic = Diagnostic::error(Code::UnclosedBracket, summary)
        .at(spans.of(first), "opened here")
        .at(spans.range(place, place), format!("expected {missing} here"));
    for other in others {
        diagnostic = diagnostic.at(spans.of(*other), "this one is open, too");
    }
    diagnostic.hint(format!("write the missing {missing}"))
}

/// A block, from the first token of its header to its brace.
pub(super) fn block((spans, place): Place<'_>, first: Token, brace: Token, name: &str) -> Diagnostic {
    Diagnostic::error(Code::UnclosedBlock, format!("the block `{name}` is not closed"))
        .at(spans.of(first).to(spans.of(brace)), "opened here")
        .at(spans.range(place, place), "expected `}` on a line of its own behind this")
        .hint("write the missing `}`; the indentation shows where it probably belongs")
}

/// The kind of token that closes what an opening one opens.
pub(super) fn closer(opener: TokenKind) -> TokenKind {
    use TokenKind as K;
    match opener {
        K::OBrack => K::CBrack,
        K::OParen => K::CParen,
        K::OQuote => K::UnclosedQuote,
        K::OHeredoc => K::UnclosedHeredoc,
        K::TemplateInterp | K::TemplateControl => K::UnclosedTemplate,
        _ => K::CBrace,
    }
}
