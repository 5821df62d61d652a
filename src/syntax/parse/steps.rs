//! The steps behind a term: attributes, indices, splats.

use crate::diag::Code;
use crate::diag::Diagnostic;

use super::super::ast::Expr;
use super::super::ast::ExprKind;
use super::super::ast::GetAttr;
use super::super::ast::Index;
use super::super::ast::Splat;
use super::super::lex::TokenKind;
use super::parser::Parse;
use super::parser::Parser;

impl Parser<'_> {
    /// All the steps that follow `of`. A long row of steps is no nesting.
    pub(super) fn steps(&mut self, mut of: Expr) -> Parse<Expr> {
        loop {
            of = match self.kind() {
                TokenKind::Dot => {
                    let dot = self.bump();
                    if self.at(TokenKind::Star) {
                        let star = self.bump();
                        let marker = self.span(dot).to(self.span(star));
                        self.attribute_splat(of, marker)?
                    } else {
                        self.attribute(of)?
                    }
                }
                TokenKind::OBrack if self.ahead(1).kind == TokenKind::Star => self.full_splat(of)?,
                TokenKind::OBrack => self.index(of)?,
                _ => return Ok(of),
            };
        }
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
                let diagnostic = match self.maybe_bad_token() {
                    Some(diagnostic) => diagnostic,
                    None => Diagnostic::error(Code::Syntax, "an attribute name is missing after the dot")
                        .at(place, format!("expected a name here, not {}", token.kind.describe()))
                        .hint("write `object.name`, or `object[\"any key\"]`"),
                };
                self.fail(diagnostic)
            }
        }
    }

    /// `.*` and the attributes behind it; other steps apply to its result.
    fn attribute_splat(&mut self, of: Expr, marker: crate::source::Span) -> Parse<Expr> {
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
        let span = of.span.to(each.span);
        let splat = Splat { of, each, attribute_only: true, marker };
        Ok(Expr { kind: ExprKind::Splat(Box::new(splat)), span })
    }

    /// `[*]` and all steps behind it.
    fn full_splat(&mut self, of: Expr) -> Parse<Expr> {
        let depth = self.depth;
        let close = self.partner(self.pos);
        let open = self.bump();
        self.bump();
        let marker = self.span(open).to(self.span(self.token(close)));
        let complete = self.pos == close;
        if !complete {
            let diagnostic = self.unexpected(close, open, "`]`");
            self.report(diagnostic);
        }
        self.pos = close;
        self.bump();
        self.deeper(marker)?;
        let each = self.steps(Expr { kind: ExprKind::SplatItem, span: marker })?;
        self.depth = depth;
        if !complete {
            return Ok(self.invalid(of.span));
        }
        let span = of.span.to(each.span);
        let splat = Splat { of, each, attribute_only: false, marker };
        Ok(Expr { kind: ExprKind::Splat(Box::new(splat)), span })
    }

    /// `[key]`
    fn index(&mut self, of: Expr) -> Parse<Expr> {
        let depth = self.depth;
        let close = self.partner(self.pos);
        let open = self.bump();
        let start = self.span(open);
        self.deeper(start).inspect_err(|_| self.pos = close + 1)?;
        let key = self.expression();
        self.depth = depth;
        if key.is_ok() && self.pos != close {
            let diagnostic = self.unexpected(close, open, "`]`");
            self.report(diagnostic);
        }
        let whole = self.pos == close && !self.token(close).is_empty();
        self.pos = close;
        self.bump();
        match key {
            Ok(key) if whole => {
                let span = of.span.to(self.here());
                Ok(Expr { kind: ExprKind::Index(Box::new(Index { of, key, legacy: false })), span })
            }
            _ => Ok(self.invalid(of.span)),
        }
    }
}
