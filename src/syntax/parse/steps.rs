//! The steps behind a term: attributes, indices, splats.

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::source::Span;

use super::super::ast::Expr;
use super::super::ast::ExprKind;
use super::super::ast::GetAttr;
use super::super::ast::Index;
use super::super::ast::Splat;
use super::super::lex::Token;
use super::super::lex::TokenKind;
use super::parser::Parse;
use super::parser::Parser;

impl Parser<'_> {
    /// All the steps that follow `of`. A long row of steps is no nesting.
    pub(super) fn steps(&mut self, mut of: Expr) -> Parse<Expr> {
        loop {
            of = match self.kind() {
                TokenKind::Dot => self.dot(of)?,
                TokenKind::OBrack if self.ahead(1).kind == TokenKind::Star => self.full_splat(of)?,
                TokenKind::OBrack => self.index(of)?,
                _ => return Ok(of),
            };
        }
    }

    fn dot(&mut self, of: Expr) -> Parse<Expr> {
        let dot = self.bump();
        if !self.at(TokenKind::Star) {
            return self.attribute(of);
        }
        let star = self.bump();
        let marker = self.span(dot).to(self.span(star));
        self.attribute_splat(of, marker)
    }

    /// `.name` or `.0`, behind the dot.
    fn attribute(&mut self, of: Expr) -> Parse<Expr> {
        let token = self.peek();
        let span = of.span.to(self.span(token));
        match token.kind {
            TokenKind::Ident => {
                self.bump();
                let name = self.ident(token);
                Ok(Expr { kind: ExprKind::GetAttr(Box::new(GetAttr { of, name })), span })
            }
            TokenKind::Number => {
                self.bump();
                if self.word(token).contains('.') {
                    let written = self.word(token).replace('.', "][");
                    let place = self.span(token);
                    return self.fail(
                        Diagnostic::error(
                            Code::InvalidIndex,
                            "two indices after a dot cannot be told from a number",
                        )
                        .at(place, "")
                        .hint(format!("write `[{written}]`")),
                    );
                }
                let key = Expr { kind: ExprKind::Literal(self.number(token)), span: self.span(token) };
                Ok(Expr { kind: ExprKind::Index(Box::new(Index { of, key, legacy: true })), span })
            }
            _ => {
                let place = self.here();
                let diagnostic = self.maybe_bad_token().unwrap_or_else(|| {
                    Diagnostic::error(Code::Syntax, "an attribute name is missing after the dot")
                        .at(place, format!("expected a name here, not {}", token.kind.describe()))
                        .hint("write `object.name`, or `object[\"any key\"]`")
                });
                self.fail(diagnostic)
            }
        }
    }

    /// `.*` and the attributes behind it; other steps apply to its result.
    fn attribute_splat(&mut self, of: Expr, marker: Span) -> Parse<Expr> {
        let depth = self.depth;
        self.deeper(marker)?;
        let mut each = Expr { kind: ExprKind::SplatItem, span: marker };
        while self.at(TokenKind::Dot) {
            self.bump();
            if self.at(TokenKind::Star) {
                let star = self.peek();
                let second = self.span(star);
                return self.fail(
                    Diagnostic::error(Code::Syntax, "a `.*` cannot follow another one")
                        .at(second, "")
                        .at(marker, "the first one")
                        .hint("write `[*]` instead of `.*`, or use `flatten`"),
                );
            }
            each = self.attribute(each)?;
        }
        self.depth = depth;
        Ok(splat(of, each, true, marker))
    }

    /// `[*]` and all steps behind it.
    fn full_splat(&mut self, of: Expr) -> Parse<Expr> {
        let depth = self.depth;
        let close = self.partner(self.pos);
        let open = self.bump();
        self.bump();
        let marker = self.span(open).to(self.span(self.token(close)));
        let whole = self.end_of_bracket(true, open, close, "`]`");
        self.deeper(marker)?;
        let each = self.steps(Expr { kind: ExprKind::SplatItem, span: marker })?;
        self.depth = depth;
        Ok(if whole { splat(of, each, false, marker) } else { self.invalid(of.span) })
    }

    /// `[key]`
    fn index(&mut self, of: Expr) -> Parse<Expr> {
        let depth = self.depth;
        let close = self.partner(self.pos);
        let open = self.bump();
        self.deeper(self.span(open)).inspect_err(|_| self.pos = close + 1)?;
        let key = self.expression();
        self.depth = depth;
        Ok(self.end_of_index(of, key, open, close))
    }

    fn end_of_index(&mut self, of: Expr, key: Parse<Expr>, open: Token, close: usize) -> Expr {
        let whole = self.end_of_bracket(key.is_ok(), open, close, "`]`");
        match key {
            Ok(key) if whole => {
                let span = of.span.to(self.here());
                Expr { kind: ExprKind::Index(Box::new(Index { of, key, legacy: false })), span }
            }
            _ => self.invalid(of.span),
        }
    }
}

fn splat(of: Expr, each: Expr, attribute_only: bool, marker: Span) -> Expr {
    let span = of.span.to(each.span);
    Expr { kind: ExprKind::Splat(Box::new(Splat { of, each, attribute_only, marker })), span }
}
