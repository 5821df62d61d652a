//! The state of one parse: where it stands, how deep it is, what it found.

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::source::Span;

use super::super::ast::Expr;
use super::super::ast::ExprKind;
use super::super::ast::Ident;
use super::super::lex::Token;
use super::super::lex::TokenKind;
use super::literal::normalise;
use super::outline::Outline;
use super::spans::Spans;

/// How deep blocks, brackets, templates, operators and conditionals may be nested in each other.
///
/// The parser, and everything that walks the tree, calls itself once for each level. Chains such as `1 + 1 + 1`
/// and `a.b.c` are no nesting. The deepest text fits into half of a 2 MiB stack in a debug build (tested).
pub const MAX_DEPTH: u32 = 128;

/// More findings than this are counted, not kept: the text is hardly HCL then.
const MAX_FINDINGS: usize = 200;

/// An expression could not be parsed. What is wrong has been reported; the next bracket or item goes on.
#[derive(Debug)]
pub(super) struct Failed;

pub(super) type Parse<T> = Result<T, Failed>;

pub(super) struct Parser<'t> {
    pub text: &'t str,
    pub spans: Spans<'t>,
    tokens: Vec<Token>,
    partners: Vec<u32>,
    /// Index of the next token.
    pub pos: usize,
    pub depth: u32,
    /// The depth limit was reported for the current item.
    pub too_deep: bool,
    /// Something of the current body was lost.
    pub lost: bool,
    /// Work done, counted in tokens.
    pub steps: u64,
    findings: Diagnostics,
    pub quiet: bool,
    more: usize,
    /// Where the last unclosed string or template sequence was reported: those around it end there, too.
    cut: Option<u32>,
}

impl<'t> Parser<'t> {
    pub(super) fn new(text: &'t str, spans: Spans<'t>, outline: Outline) -> Self {
        let mut parser = Self {
            text,
            spans,
            tokens: outline.tokens,
            partners: outline.partners,
            pos: 0,
            depth: 0,
            too_deep: false,
            lost: false,
            steps: outline.steps,
            findings: Diagnostics::new(),
            quiet: false,
            more: 0,
            cut: None,
        };
        for diagnostic in outline.diagnostics {
            parser.report(diagnostic);
        }
        parser
    }

    /// Ends the parse: all findings in the order of the text.
    pub(super) fn finish(mut self) -> Diagnostics {
        self.findings.sort();
        if self.more > 0 {
            self.findings.push(
                Diagnostic::error(Code::Syntax, format!("{} more syntax errors are not shown", self.more))
                    .at(self.spans.range(0, 0), "")
                    .hint("check that this file is HCL"),
            );
        }
        self.findings
    }

    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        if self.quiet {
            return;
        }
        if self.findings.len() < MAX_FINDINGS {
            self.findings.push(diagnostic);
        } else {
            self.more += 1;
        }
    }

    /// Reports and fails.
    pub(super) fn fail<T>(&mut self, diagnostic: Diagnostic) -> Parse<T> {
        self.report(diagnostic);
        Err(Failed)
    }

    pub(super) fn has_findings(&self) -> bool {
        !self.findings.is_empty()
    }

    fn eof(&self) -> Token {
        let end = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
        Token { kind: TokenKind::Eof, start: end, end }
    }

    pub(super) fn peek(&self) -> Token {
        self.tokens.get(self.pos).copied().unwrap_or_else(|| self.eof())
    }

    pub(super) fn ahead(&self, count: usize) -> Token {
        self.tokens.get(self.pos + count).copied().unwrap_or_else(|| self.eof())
    }

    pub(super) fn kind(&self) -> TokenKind {
        self.peek().kind
    }

    pub(super) fn at(&self, kind: TokenKind) -> bool {
        self.kind() == kind
    }

    /// The token before the next one.
    pub(super) fn previous(&self) -> Option<Token> {
        self.tokens.get(self.pos.checked_sub(1)?).copied()
    }

    /// The index of the last token, the end of the text.
    pub(super) fn last(&self) -> usize {
        self.tokens.len().saturating_sub(1)
    }

    pub(super) fn token(&self, index: usize) -> Token {
        self.tokens.get(index).copied().unwrap_or_else(|| self.eof())
    }

    /// Takes the next token.
    pub(super) fn bump(&mut self) -> Token {
        let token = self.peek();
        self.steps += 1;
        if self.pos < self.tokens.len() {
            self.pos += 1;
        }
        token
    }

    /// Takes the next token if it is of a kind.
    pub(super) fn eat(&mut self, kind: TokenKind) -> Option<Token> {
        self.at(kind).then(|| self.bump())
    }

    /// The index of the closing token of the opening token at an index.
    pub(super) fn partner(&self, open: usize) -> usize {
        match self.partners.get(open) {
            Some(&partner) if partner != u32::MAX => partner as usize,
            _ => self.last(),
        }
    }

    pub(super) fn word(&self, token: Token) -> &'t str {
        token.text(self.text)
    }

    /// Returns whether the next token is a certain name.
    pub(super) fn at_word(&self, word: &str) -> bool {
        let token = self.peek();
        token.kind == TokenKind::Ident && self.word(token) == word
    }

    pub(super) fn span(&self, token: Token) -> Span {
        self.spans.of(token)
    }

    /// The empty span behind the last token taken.
    pub(super) fn here(&self) -> Span {
        self.previous().map_or(self.spans.range(0, 0), |token| self.span(token).tail())
    }

    pub(super) fn ident(&self, token: Token) -> Ident {
        Ident::new(normalise(self.word(token)).into(), self.span(token))
    }

    /// The index of the next of `kinds` outside of brackets, or `close`, whichever comes first.
    pub(super) fn skip_to(&mut self, close: usize, kinds: &[TokenKind]) {
        while self.pos < close && !kinds.contains(&self.kind()) {
            self.steps += 1;
            self.pos = match self.partners.get(self.pos) {
                Some(&partner) if partner != u32::MAX => partner as usize + 1,
                _ => self.pos + 1,
            };
        }
        self.pos = self.pos.min(close);
    }

    /// Goes one level deeper. The caller gives `depth` back when it is done.
    pub(super) fn deeper(&mut self, place: Span) -> Parse<()> {
        if self.depth >= MAX_DEPTH {
            if self.too_deep {
                return Err(Failed);
            }
            self.too_deep = true;
            return self.fail(
                Diagnostic::error(Code::TooDeep, format!("this is nested more than {MAX_DEPTH} levels deep"))
                    .at(place, "the limit is reached here")
                    .hint("split the expression with `locals`"),
            );
        }
        self.depth += 1;
        Ok(())
    }

    /// Stands for an expression from `start` to the last token taken.
    pub(super) fn invalid(&self, start: Span) -> Expr {
        Expr { kind: ExprKind::Invalid, span: start.to(self.here()) }
    }

    /// Returns whether an unclosed construct that ends at an offset is still to be reported.
    pub(super) fn first_cut(&mut self, at: u32) -> bool {
        !self.quiet && self.cut.replace(at) != Some(at)
    }
}
