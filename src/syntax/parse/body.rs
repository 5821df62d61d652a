//! Bodies: arguments and blocks, one after the other.
//!
//! An item that cannot be parsed does not disturb the next one: items end at a line end outside of brackets,
//! and the outline has put all brackets in pairs.

use std::collections::BTreeMap;

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::source::Span;

use super::super::ast::Attribute;
use super::super::ast::Block;
use super::super::ast::Body;
use super::super::ast::Expr;
use super::super::ast::Ident;
use super::super::ast::Name;
use super::super::lex::Token;
use super::super::lex::TokenKind;
use super::brackets::starts_expression;
use super::literal::normalise;
use super::parser::Failed;
use super::parser::Parse;
use super::parser::Parser;

/// A body under construction.
struct Items {
    attributes: Vec<Attribute>,
    blocks: Vec<Block>,
    names: BTreeMap<Name, Span>,
    /// The block started on the line where its only argument stands.
    one_line: Option<Span>,
    /// The index of its end.
    close: usize,
}

impl Parser<'_> {
    /// The items up to `close`, and the body they make.
    pub(super) fn body(&mut self, close: usize, span: Span, one_line: Option<Span>) -> Body {
        let lost = std::mem::replace(&mut self.lost, false);
        let mut items =
            Items { attributes: Vec::new(), blocks: Vec::new(), names: BTreeMap::new(), one_line, close };
        while self.pos < close {
            if self.eat(TokenKind::Newline).is_some() {
                if let Some(brace) = items.one_line.take() {
                    self.not_one_line(brace);
                }
                continue;
            }
            let depth = self.depth;
            if depth == 0 {
                self.too_deep = false;
            }
            if self.item(&mut items).is_err() {
                self.lost = true;
                self.depth = depth;
                self.skip_to(close, &[TokenKind::Newline]);
            }
        }
        let partial = std::mem::replace(&mut self.lost, lost);
        Body { attributes: items.attributes, blocks: items.blocks, span, partial }
    }

    fn not_one_line(&mut self, brace: Span) {
        let place = self.here().head();
        self.report(
            Diagnostic::error(Code::Syntax, "a block of one line must end on that line")
                .at(place, "expected `}` here")
                .at(brace, "the block starts here, with an argument behind the brace")
                .hint("start a new line behind the `{`"),
        );
    }

    fn item(&mut self, items: &mut Items) -> Parse<()> {
        let token = self.peek();
        match token.kind {
            TokenKind::Ident => {}
            TokenKind::OQuote => return self.quoted_name(items),
            _ => {
                let diagnostic = self.maybe_bad_token().unwrap_or_else(|| {
                    Diagnostic::error(Code::Syntax, "expected an argument or a block")
                        .at(self.span(token), format!("{} cannot start one", token.kind.describe()))
                        .hint("write `name = value`, or `type \"label\" { … }`")
                });
                return self.fail(diagnostic);
            }
        }
        self.bump();
        let name = self.ident(token);
        match self.kind() {
            TokenKind::Equal => {
                self.bump();
                self.argument(items, name);
                Ok(())
            }
            TokenKind::OBrace | TokenKind::OQuote | TokenKind::Ident => self.block(items, name),
            TokenKind::Colon => {
                let colon = self.bump();
                let place = self.span(colon);
                self.report(
                    Diagnostic::error(Code::Syntax, format!("`{}` is followed by `:`", name.value))
                        .at(place, "expected `=` here")
                        .hint(format!("write `{} = …`", name.value)),
                );
                self.argument(items, name);
                Ok(())
            }
            TokenKind::EqualOp => {
                let wrong = self.bump();
                let place = self.span(wrong);
                self.report(
                    Diagnostic::error(Code::Syntax, "`==` compares, it does not set an argument")
                        .at(place, "expected `=` here")
                        .hint(format!("write `{} = …`", name.value)),
                );
                self.argument(items, name);
                Ok(())
            }
            TokenKind::Number | TokenKind::OHeredoc | TokenKind::Minus | TokenKind::Bang => {
                self.missing_equal(&name);
                self.argument(items, name);
                Ok(())
            }
            TokenKind::OBrack if self.goes_on_like_a_value() => {
                self.missing_equal(&name);
                self.argument(items, name);
                Ok(())
            }
            _ => {
                let diagnostic = self.lone_name(&name);
                self.report(diagnostic);
                self.brace_on_next_line()?;
                self.block(items, name)
            }
        }
    }

    /// Goes on with the `{` of a block that stands on the next line.
    fn brace_on_next_line(&mut self) -> Parse<()> {
        if !self.at(TokenKind::Newline) || self.ahead(1).kind != TokenKind::OBrace {
            return Err(Failed);
        }
        self.bump();
        Ok(())
    }

    /// `a [1, 2]` lacks a `=`; `a[0] = 1` is something else.
    fn goes_on_like_a_value(&self) -> bool {
        self.token(self.partner(self.pos) + 1).kind != TokenKind::Equal
    }

    fn missing_equal(&mut self, name: &Ident) {
        let place = name.span.tail();
        self.report(
            Diagnostic::error(Code::Syntax, format!("`=` is missing after `{}`", name.value))
                .at(place, "expected `=` here")
                .hint(format!("write `{} = …`", name.value)),
        );
    }

    /// `"name" = value`: the quotes are wrong, the rest is not.
    fn quoted_name(&mut self, items: &mut Items) -> Parse<()> {
        let close = self.partner(self.pos);
        let follows = self.token(close + 1).kind;
        let label = self.label();
        if !matches!(follows, TokenKind::Equal | TokenKind::Colon) {
            let place = label.span;
            return self.fail(
                Diagnostic::error(Code::Syntax, "expected an argument or a block")
                    .at(place, "a string cannot start one")
                    .hint("write `name = value`, or `type \"label\" { … }`"),
            );
        }
        self.report(
            Diagnostic::error(Code::Syntax, "the name of an argument stands without quotes")
                .at(label.span, "")
                .hint(format!("write `{} = …`", label.value)),
        );
        self.bump();
        self.argument(items, label);
        Ok(())
    }

    /// The value of an argument, and the end of its line.
    fn argument(&mut self, items: &mut Items, name: Ident) {
        let depth = self.depth;
        let start = self.here();
        let expr = self.expression().unwrap_or_else(|Failed| {
            self.depth = depth;
            self.skip_to(items.close, &[TokenKind::Newline]);
            self.invalid(start.tail())
        });
        let span = name.span.to(expr.span);
        self.add(items, Attribute { name, expr, span });
        self.end_of_argument(items);
    }

    fn add(&mut self, items: &mut Items, attribute: Attribute) {
        let name = &attribute.name;
        if let Some(first) = items.names.get(&name.value).copied() {
            self.report(
                Diagnostic::error(
                    Code::DuplicateArgument,
                    format!("the argument `{}` is set twice", name.value),
                )
                .at(name.span, "set again here")
                .at(first, "first set here")
                .hint("remove one of the two"),
            );
            return;
        }
        items.names.insert(Name::clone(&name.value), name.span);
        items.attributes.push(attribute);
    }

    fn end_of_argument(&mut self, items: &mut Items) {
        let at_end = self.pos >= items.close;
        let one_line = items.one_line.take();
        if let Some(brace) = one_line {
            if at_end {
                return;
            }
            if self.at(TokenKind::Newline) {
                // A heredoc ends with its line, so it cannot stand in such a block at all.
                self.not_one_line(brace);
                return;
            }
        } else if at_end {
            let end = self.token(items.close);
            if end.kind == TokenKind::CBrace && !end.is_empty() {
                let place = self.span(end);
                self.report(
                    Diagnostic::error(Code::Syntax, "`}` must stand on a line of its own")
                        .at(place, "expected a line end before it")
                        .hint("start a new line before the `}`"),
                );
            }
            return;
        } else if self.at(TokenKind::Newline) {
            return;
        }
        let diagnostic = self.missing_newline();
        self.report(diagnostic);
        // `a = 1 b = 2` and `a = 1, b = 2` hold a second argument that is worth having.
        self.eat(TokenKind::Comma);
        let next = self.ahead(1).kind;
        if !(self.at(TokenKind::Ident) && matches!(next, TokenKind::Equal | TokenKind::Colon)) {
            self.skip_to(items.close, &[TokenKind::Newline]);
        }
        items.one_line = one_line;
    }

    fn block(&mut self, items: &mut Items, kind: Ident) -> Parse<()> {
        let mut labels: Vec<Ident> = Vec::new();
        while let TokenKind::OQuote | TokenKind::Ident = self.kind() {
            if self.at(TokenKind::OQuote) {
                let label = self.label();
                labels.push(label);
            } else {
                let token = self.bump();
                labels.push(self.ident(token));
            }
        }
        let header = labels.last().map_or(kind.span, |last| kind.span.to(last.span));
        if self.at(TokenKind::Equal) && self.ahead(1).kind == TokenKind::OBrace && !labels.is_empty() {
            let place = self.span(self.peek());
            self.report(
                Diagnostic::error(Code::Syntax, "a block has no `=` before its `{`")
                    .at(place, "")
                    .hint("remove the `=`"),
            );
            self.bump();
        }
        if !self.at(TokenKind::OBrace) {
            if self.previous().is_some_and(|previous| previous.kind.is_unclosed()) {
                return Err(Failed);
            }
            let diagnostic = self.not_a_block(&kind, &labels);
            self.report(diagnostic);
            self.brace_on_next_line()?;
        }
        if let Some(brace) = items.one_line.take() {
            self.report(
                Diagnostic::error(Code::Syntax, "a block of one line can hold one argument only")
                    .at(kind.span, "this is a block")
                    .at(brace, "the block of one line starts here")
                    .hint("start a new line behind the `{`"),
            );
        }
        let close = self.partner(self.pos);
        let open = self.bump();
        let brace = self.span(open);
        let depth = self.depth;
        if self.deeper(brace).is_err() {
            self.pos = close + 1;
            self.lost = true;
            return Ok(());
        }
        let end = self.token(close);
        let inside = self.spans.range(open.end, end.start);
        let one_line = (self.pos < close && !self.at(TokenKind::Newline)).then_some(header.to(brace));
        let mut body = self.body(close, inside, one_line);
        self.depth = depth;
        self.pos = close;
        let end = self.bump();
        body.partial |= end.is_empty();
        let span = kind.span.to(self.span(end));
        items.blocks.push(Block { kind, labels, body, header, span });
        self.end_of_block(items, end);
        Ok(())
    }

    fn end_of_block(&mut self, items: &Items, end: Token) {
        if self.pos < items.close && self.at(TokenKind::Newline) {
            return;
        }
        let missing = if self.pos < items.close {
            !end.is_empty()
        } else {
            let outer = self.token(items.close);
            outer.kind == TokenKind::CBrace && !outer.is_empty()
        };
        if missing {
            let place = self.span(self.peek());
            let diagnostic = self.maybe_bad_token().unwrap_or_else(|| {
                Diagnostic::error(Code::Syntax, "a block ends with its line")
                    .at(place, "expected a line end before this")
                    .hint("start a new line behind the `}`")
            });
            self.report(diagnostic);
        }
        if self.pos < items.close && !self.at(TokenKind::Ident) {
            self.skip_to(items.close, &[TokenKind::Newline]);
        }
    }

    /// A quoted label. It is a literal: nothing can be put in.
    fn label(&mut self) -> Ident {
        let close = self.partner(self.pos);
        let open = self.bump();
        let mut text = String::new();
        while self.pos < close {
            let token = self.peek();
            if token.kind == TokenKind::QuotedLit {
                self.bump();
                text.push_str(&self.unescape(token, true));
                continue;
            }
            let place = self.span(token);
            let diagnostic = self.maybe_bad_token().unwrap_or_else(|| {
                Diagnostic::error(Code::Syntax, "a label cannot hold a template sequence")
                    .at(place, "")
                    .hint("write the name itself; use `for_each` for blocks with computed names")
            });
            self.report(diagnostic);
            break;
        }
        self.pos = close;
        let end = self.bump();
        if end.kind == TokenKind::UnclosedQuote && self.first_cut(end.start) {
            let start = self.span(open);
            let place = self.span(end);
            self.report(
                Diagnostic::error(Code::UnterminatedString, "a label is not closed on its line")
                    .at(start, "opened here")
                    .at(place, "expected `\"` before the end of the line")
                    .hint("write the missing `\"`"),
            );
        }
        Ident::new(normalise(&text).into(), self.span(open).to(self.span(end)))
    }

    /// A whole text that is one expression, up to the end.
    pub(super) fn whole_expression(&mut self) -> Parse<Expr> {
        let expr = self.expression()?;
        if self.at(TokenKind::Eof) {
            return Ok(expr);
        }
        let place = self.span(self.peek());
        let hint = starts_expression(self.kind()).then(|| "put a string in quotes".to_owned());
        let diagnostic = self.maybe_bad_token().unwrap_or_else(|| {
            Diagnostic::error(Code::Syntax, "there is more text behind the expression")
                .at(place, "expected the end here")
                .maybe_hint(self.word_operator_hint().or(hint))
        });
        self.fail(diagnostic)
    }
}
