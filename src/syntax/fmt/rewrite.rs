//! Outdated notation that the formatter replaces.
//!
//! - `name = "${value}"` becomes `name = value`, one level a run;
//! - labels of blocks get quotation marks;
//! - the type of a variable: `"string"` becomes `string`, `"list"` and `"map"` get the element
//!   type `string` they used to mean, and bare `list`, `map`, `set` the element type `any`.
//!
//! Only whole arguments of bodies are rewritten, never the parts of an expression.

use crate::syntax::lex::TokenKind;
use crate::syntax::lex::steps;

use super::piece::Piece;

/// Rewrites a file's tokens.
pub(super) fn rewrite<'t>(pieces: &[Piece<'t>]) -> Vec<Piece<'t>> {
    let mut rewriter = Rewriter { out: Vec::with_capacity(pieces.len()), blocks: Vec::new() };
    let mut rest = pieces;
    while let Some(first) = rest.first() {
        steps::count(1);
        let taken = match first.kind {
            TokenKind::Ident => rewriter.item(rest),
            kind => {
                if kind == TokenKind::CBrace {
                    rewriter.blocks.pop();
                }
                rewriter.out.push(*first);
                1
            }
        };
        rest = &rest[taken..];
    }
    rewriter.out
}

struct Rewriter<'t> {
    out: Vec<Piece<'t>>,
    /// The types of the blocks that are open.
    blocks: Vec<&'t str>,
}

impl<'t> Rewriter<'t> {
    /// Copies an argument, or the head of a block with its `{`; returns how many pieces that took.
    fn item(&mut self, pieces: &[Piece<'t>]) -> usize {
        let name = pieces[0];
        let next = skip_comments(pieces, 1);
        if pieces.get(next).is_some_and(|piece| piece.kind == TokenKind::Equal) {
            let start = skip_comments(pieces, next + 1);
            let end = value_end(pieces, start);
            self.out.extend_from_slice(&pieces[..start]);
            self.value(name.text, &pieces[start..end], pieces.get(end));
            return end;
        }
        self.out.push(name);
        let mut in_quotes = false;
        for (at, &piece) in pieces.iter().enumerate().skip(1) {
            steps::count(1);
            match piece.kind {
                TokenKind::OBrace => {
                    self.out.push(piece);
                    self.blocks.push(name.text);
                    return at + 1;
                }
                TokenKind::Ident if !in_quotes => self.out.extend([QUOTE_OPEN, label(piece), QUOTE_CLOSE]),
                TokenKind::OQuote | TokenKind::CQuote => {
                    in_quotes = piece.kind == TokenKind::OQuote;
                    self.out.push(piece);
                }
                TokenKind::QuotedLit | TokenKind::BlockComment => self.out.push(piece),
                // Not the head of a block.
                _ => return at,
            }
        }
        pieces.len()
    }

    fn value(&mut self, name: &str, value: &[Piece<'t>], next: Option<&Piece<'t>>) {
        let rewritten = match (self.blocks.as_slice(), name) {
            (["variable"], "type") => variable_type(value),
            _ => unwrapped(value, next),
        };
        match rewritten {
            Some(rewritten) => self.out.extend(rewritten),
            None => self.out.extend_from_slice(value),
        }
    }
}

const QUOTE_OPEN: Piece<'static> = Piece { kind: TokenKind::OQuote, text: "\"", spaces: 0 };
const QUOTE_CLOSE: Piece<'static> = Piece { kind: TokenKind::CQuote, text: "\"", spaces: 0 };
const PAREN_OPEN: Piece<'static> = Piece { kind: TokenKind::OParen, text: "(", spaces: 0 };
const PAREN_CLOSE: Piece<'static> = Piece { kind: TokenKind::CParen, text: ")", spaces: 0 };

fn label(name: Piece<'_>) -> Piece<'_> {
    Piece::new(TokenKind::QuotedLit, name.text)
}

fn skip_comments(pieces: &[Piece<'_>], from: usize) -> usize {
    let comments = pieces[from..].iter().take_while(|piece| piece.kind == TokenKind::BlockComment);
    let end = from + comments.count();
    steps::count(end - from);
    end
}

/// Returns where the value that starts at `start` ends, comments behind it excluded.
fn value_end(pieces: &[Piece<'_>], start: usize) -> usize {
    let mut depth = 0;
    let mut end = start;
    for (at, piece) in pieces.iter().enumerate().skip(start) {
        steps::count(1);
        let ends = matches!(piece.kind, TokenKind::Newline | TokenKind::LineComment | TokenKind::CBrace);
        if depth <= 0 && ends {
            break;
        }
        depth += piece.bracket_change();
        if piece.kind != TokenKind::BlockComment {
            end = at + 1;
        }
    }
    end
}

fn variable_type<'t>(value: &[Piece<'t>]) -> Option<Vec<Piece<'t>>> {
    let word = |text| Piece::new(TokenKind::Ident, text);
    let collection = |name, element| vec![word(name), PAREN_OPEN, word(element), PAREN_CLOSE];
    match value {
        [name] if name.kind == TokenKind::Ident => match name.text {
            "list" | "map" | "set" => Some(collection(name.text, "any")),
            _ => None,
        },
        [open, name, close] if open.kind == TokenKind::OQuote && close.kind == TokenKind::CQuote => {
            match name.text {
                "string" => Some(vec![word("string")]),
                "list" | "map" => Some(collection(name.text, "string")),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Returns the content of a string that is a single interpolation; `next` is what follows it.
fn unwrapped<'t>(value: &[Piece<'t>], next: Option<&Piece<'t>>) -> Option<Vec<Piece<'t>>> {
    let [quote, open, inside @ .., close, end_quote] = value else { return None };
    let outer = [quote.kind, open.kind, close.kind, end_quote.kind];
    if outer != [TokenKind::OQuote, TokenKind::TemplateInterp, TokenKind::TemplateSeqEnd, TokenKind::CQuote] {
        return None;
    }
    if !is_single(inside) {
        return None;
    }
    let start = inside.iter().take_while(|piece| piece.kind == TokenKind::Newline).count();
    let inside = &inside[start..];
    let newlines = inside.iter().rev().take_while(|piece| piece.kind == TokenKind::Newline).count();
    let (inside, newlines) = inside.split_at(inside.len() - newlines);
    let last = inside.last()?;

    // Brackets let an expression span lines; the quotation marks did so before.
    let breaks = Breaks::of(inside);
    let mut out = Vec::with_capacity(inside.len() + 3);
    if breaks.any && (breaks.outside_brackets || !in_parentheses(inside)) || breaks.comment_outside {
        out.push(PAREN_OPEN);
        out.extend_from_slice(inside);
        if last.kind == TokenKind::CHeredoc {
            out.extend(newlines.first());
        }
        out.push(PAREN_CLOSE);
        return Some(out);
    }
    // These must stay at the end of a line.
    let needs_line_end = matches!(last.kind, TokenKind::LineComment | TokenKind::CHeredoc);
    if needs_line_end && next.is_some_and(|piece| piece.kind != TokenKind::Newline) {
        return None;
    }
    out.extend_from_slice(inside);
    Some(out)
}

/// Returns whether no literal text and no second sequence stands beside the first one. Strings
/// inside it may have their own.
fn is_single(inside: &[Piece<'_>]) -> bool {
    steps::count(inside.len());
    let mut quotes = 0;
    for piece in inside {
        match piece.kind {
            TokenKind::OQuote => quotes += 1,
            TokenKind::CQuote => quotes -= 1,
            TokenKind::TemplateInterp | TokenKind::TemplateSeqEnd | TokenKind::QuotedLit if quotes == 0 => {
                return false;
            }
            _ => {}
        }
    }
    true
}

/// Returns whether the first and the last piece are parentheses.
fn in_parentheses(inside: &[Piece<'_>]) -> bool {
    matches!(inside, [first, .., last]
        if first.kind == TokenKind::OParen && last.kind == TokenKind::CParen)
}

/// Where an expression has line ends.
struct Breaks {
    any: bool,
    outside_brackets: bool,
    /// A comment up to the end of its line has more of the expression behind it.
    comment_outside: bool,
}

impl Breaks {
    fn of(pieces: &[Piece<'_>]) -> Self {
        let mut breaks = Self { any: false, outside_brackets: false, comment_outside: false };
        let mut depth = 0;
        steps::count(pieces.len());
        for (at, piece) in pieces.iter().enumerate() {
            depth += piece.bracket_change();
            let outside = depth <= 0;
            match piece.kind {
                TokenKind::Newline => {
                    breaks.any = true;
                    breaks.outside_brackets |= outside;
                }
                TokenKind::LineComment if outside && at + 1 < pieces.len() => breaks.comment_outside = true,
                _ => {}
            }
        }
        breaks
    }
}
