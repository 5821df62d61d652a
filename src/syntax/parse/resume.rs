//! Lexing on behind something that was never closed.
//!
//! A heredoc or template sequence without its end swallows the rest of the file. The lexer is started anew at
//! the next line that looks like the header of a block, so that the rest of the file is parsed all the same.

use super::super::lex;
use super::super::lex::Token;
use super::super::lex::TokenKind;

/// How often the lexer is started anew. Each time it may read to the end: the limit keeps the work linear.
const RESTARTS: usize = 16;

/// Lexes a file. Where the lexer was started anew, a [`TokenKind::Eof`] stands in the middle.
pub(super) fn lex(text: &str) -> Vec<Token> {
    let mut tokens = lex::lex(text);
    let mut from = 0;
    for _ in 0..RESTARTS {
        let Some(open) = swallower(&tokens, from) else { break };
        let Some(start) = next_header(text, open.end) else { break };
        let depth = unclosed(&tokens);
        let kept = tokens.partition_point(|token| token.end <= start);
        let ends = closers(tokens.get(from..kept).unwrap_or_default());
        // The lexer's own closers stand at the end of the text; the new ones end where it starts anew.
        debug_assert!(depth > 0, "something is unclosed");
        tokens.truncate(kept);
        tokens.extend(ends.into_iter().rev().map(|kind| Token { kind, start, end: start }));
        tokens.push(Token { kind: TokenKind::Eof, start, end: start });
        from = tokens.len();
        tokens.extend(lex::lex_from(text, start));
    }
    tokens
}

/// How many constructs the end of the text leaves open.
fn unclosed(tokens: &[Token]) -> usize {
    tokens.iter().rev().skip(1).take_while(|token| token.kind.is_unclosed()).count()
}

/// The opening token of the outermost construct that the end of the text leaves open.
fn swallower(tokens: &[Token], from: usize) -> Option<Token> {
    let depth = unclosed(tokens);
    if depth == 0 || tokens.iter().rev().nth(1)?.kind == TokenKind::UnclosedComment {
        return None;
    }
    let run = tokens.get(from..tokens.len().checked_sub(depth + 1)?)?;
    let mut open: Vec<Token> = Vec::new();
    for token in run {
        track(&mut open, *token);
    }
    open.first().copied()
}

/// The kinds that close what a run of tokens leaves open, outermost first.
fn closers(run: &[Token]) -> Vec<TokenKind> {
    let mut open: Vec<Token> = Vec::new();
    for token in run {
        track(&mut open, *token);
    }
    open.iter()
        .filter_map(|token| match token.kind {
            TokenKind::OQuote => Some(TokenKind::UnclosedQuote),
            TokenKind::OHeredoc => Some(TokenKind::UnclosedHeredoc),
            TokenKind::TemplateInterp | TokenKind::TemplateControl => Some(TokenKind::UnclosedTemplate),
            _ => None,
        })
        .collect()
}

/// Follows strings, heredocs and template sequences; braces inside of sequences count as the lexer counts them.
fn track(open: &mut Vec<Token>, token: Token) {
    use TokenKind as K;
    match token.kind {
        K::OQuote | K::OHeredoc | K::TemplateInterp | K::TemplateControl => open.push(token),
        K::OBrace if !open.is_empty() => open.push(token),
        K::CQuote | K::CHeredoc | K::UnclosedQuote | K::UnclosedHeredoc | K::UnclosedTemplate => {
            while open.pop_if(|top| top.kind == K::OBrace).is_some() {}
            open.pop();
        }
        K::CBrace | K::TemplateSeqEnd => {
            open.pop();
        }
        _ => {}
    }
}

/// The start of the next line that looks like `type "label" {` at the margin, behind an offset.
fn next_header(text: &str, after: u32) -> Option<u32> {
    let mut offset = after as usize;
    if !text.get(..offset)?.ends_with('\n') {
        offset += text.get(offset..)?.find('\n')? + 1;
    }
    for line in text.get(offset..)?.split_inclusive('\n') {
        if is_header(line) {
            return u32::try_from(offset).ok();
        }
        offset += line.len();
    }
    None
}

fn is_header(line: &str) -> bool {
    let Some(rest) = line.trim_end().strip_suffix('{') else { return false };
    let kind = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-')).unwrap_or(rest.len());
    let (kind, labels) = rest.split_at(kind);
    let labels = labels.trim();
    kind.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && (labels.is_empty() || (labels.starts_with('"') && labels.ends_with('"') && labels.len() > 1))
}
