//! What stands in brackets: tuples, objects, `for` expressions, calls.

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::source::Span;

use super::super::ast::Call;
use super::super::ast::Expr;
use super::super::ast::ExprKind;
use super::super::ast::For;
use super::super::ast::Ident;
use super::super::ast::ObjectItem;
use super::super::lex::Token;
use super::super::lex::TokenKind;
use super::literal::string;
use super::parser::Failed;
use super::parser::Parse;
use super::parser::Parser;

/// What a comma-separated list belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum List {
    Items,
    Arguments,
}

impl Parser<'_> {
    pub(super) fn tuple_or_for(&mut self) -> Parse<Expr> {
        let close = self.partner(self.pos);
        let open = self.bump();
        let start = self.span(open);
        let depth = self.depth;
        self.deeper(start).inspect_err(|_| self.pos = close + 1)?;
        let kind = if self.at_word("for") {
            self.for_expression(open, close)
        } else {
            let (items, _) = self.list(open, close, List::Items);
            Ok(ExprKind::Tuple(items.into_boxed_slice()))
        };
        self.depth = depth;
        Ok(self.close_bracket(start, close, kind))
    }

    pub(super) fn object_or_for(&mut self) -> Parse<Expr> {
        let close = self.partner(self.pos);
        let open = self.bump();
        let start = self.span(open);
        let depth = self.depth;
        self.deeper(start).inspect_err(|_| self.pos = close + 1)?;
        let kind =
            if self.at_word("for") { self.for_expression(open, close) } else { Ok(self.object(close)) };
        self.depth = depth;
        Ok(self.close_bracket(start, close, kind))
    }

    /// Takes the closing bracket, wherever the content ended.
    fn close_bracket(&mut self, start: Span, close: usize, kind: Parse<ExprKind>) -> Expr {
        let whole = !self.token(close).is_empty();
        self.pos = close;
        self.bump();
        match kind {
            Ok(kind) if whole => Expr { kind, span: start.to(self.here()) },
            _ => self.invalid(start),
        }
    }

    /// `name(…)`, with the namespaces before the name.
    pub(super) fn call(&mut self) -> Parse<Expr> {
        let first = self.bump();
        let mut name = self.ident(first);
        while self.at(TokenKind::DoubleColon) {
            self.bump();
            let part = self.peek();
            if part.kind != TokenKind::Ident {
                let place = self.here();
                return self.fail(
                    Diagnostic::error(Code::Syntax, "a function name is missing after `::`")
                        .at(place, "expected a name here"),
                );
            }
            self.bump();
            let part = self.ident(part);
            name = Ident::new(format!("{}::{}", name.value, part.value).into(), name.span.to(part.span));
        }
        if !self.at(TokenKind::OParen) {
            return self.fail(
                Diagnostic::error(Code::Syntax, format!("`{}` is a function, but is not called", name.value))
                    .at(name.span, "")
                    .hint(format!("write `{}(…)`", name.value)),
            );
        }
        let depth = self.depth;
        let close = self.partner(self.pos);
        let open = self.bump();
        let start = self.span(open);
        self.deeper(start).inspect_err(|_| self.pos = close + 1)?;
        let (arguments, expand) = self.list(open, close, List::Arguments);
        self.depth = depth;
        let whole = !self.token(close).is_empty();
        self.pos = close;
        self.bump();
        if !whole {
            return Ok(self.invalid(name.span));
        }
        let parens = start.to(self.here());
        let span = name.span.to(parens);
        let call = Call { name, arguments: arguments.into_boxed_slice(), expand, parens };
        Ok(Expr { kind: ExprKind::Call(Box::new(call)), span })
    }

    /// Expressions with commas between them, up to `close`; and whether the last is followed by `...`.
    fn list(&mut self, open: Token, close: usize, list: List) -> (Vec<Expr>, bool) {
        let depth = self.depth;
        let mut items = Vec::new();
        let mut expand = false;
        let mut complained = false;
        while self.pos < close {
            if self.at(TokenKind::Comma) {
                let place = self.span(self.peek());
                self.report(
                    Diagnostic::error(Code::Syntax, "there is nothing before this comma")
                        .at(place, "expected an expression before it")
                        .hint("remove the comma, or write what is missing"),
                );
                self.bump();
                continue;
            }
            let start = self.span(self.peek());
            match self.expression() {
                Ok(item) => items.push(item),
                Err(Failed) => {
                    self.depth = depth;
                    self.skip_to(close, &[TokenKind::Comma]);
                    items.push(self.invalid(start));
                }
            }
            if self.pos < close && self.at(TokenKind::Ellipsis) {
                let dots = self.bump();
                expand = true;
                self.check_ellipsis(dots, close, list);
                // A comma behind the dots was refused with them.
                self.eat(TokenKind::Comma);
                continue;
            }
            if self.pos >= close || self.eat(TokenKind::Comma).is_some() {
                continue;
            }
            if !complained || !starts_expression(self.kind()) {
                let diagnostic = self.missing_comma(open, close, list == List::Arguments);
                self.report(diagnostic);
                complained = true;
            }
            if !starts_expression(self.kind()) || is_word_operator(self.word(self.peek())) {
                self.skip_to(close, &[TokenKind::Comma]);
                self.eat(TokenKind::Comma);
            }
        }
        (items, expand)
    }

    fn check_ellipsis(&mut self, dots: Token, close: usize, list: List) {
        let place = self.span(dots);
        if list == List::Items {
            self.report(
                Diagnostic::error(Code::Syntax, "`...` cannot stand in a list")
                    .at(place, "")
                    .hint("use `concat(list, [item])` to join lists"),
            );
        } else if self.pos != close {
            self.report(
                Diagnostic::error(Code::Syntax, "`...` must be the end of the arguments")
                    .at(place, "expected `)` behind this")
                    .hint("put the expanded argument last, without a comma behind it"),
            );
        }
    }

    fn object(&mut self, close: usize) -> ExprKind {
        const END: [TokenKind; 2] = [TokenKind::Newline, TokenKind::Comma];
        let depth = self.depth;
        let mut items = Vec::new();
        while self.pos < close {
            if self.eat(TokenKind::Newline).is_some() {
                continue;
            }
            let start = self.span(self.peek());
            match self.object_item(close) {
                Ok(item) => items.push(item),
                Err(Failed) => {
                    self.depth = depth;
                    self.skip_to(close, &END);
                    let lost = self.invalid(start);
                    items.push(ObjectItem { key: lost.clone(), bare: false, value: lost });
                }
            }
            if self.pos >= close
                || self.eat(TokenKind::Newline).is_some()
                || self.eat(TokenKind::Comma).is_some()
            {
                continue;
            }
            let goes_on = matches!(self.ahead(1).kind, TokenKind::Equal | TokenKind::Colon)
                || (self.at(TokenKind::OQuote) || self.at(TokenKind::OParen));
            let diagnostic = self.missing_object_comma();
            self.report(diagnostic);
            if !goes_on {
                self.skip_to(close, &END);
                if self.pos < close {
                    self.bump();
                }
            }
        }
        ExprKind::Object(items.into_boxed_slice())
    }

    fn object_item(&mut self, close: usize) -> Parse<ObjectItem> {
        let token = self.peek();
        let in_parens = token.kind == TokenKind::OParen;
        let key = if token.kind == TokenKind::Ident
            && matches!(self.ahead(1).kind, TokenKind::Equal | TokenKind::Colon)
        {
            self.bump();
            Expr { kind: ExprKind::Variable(self.ident(token).value), span: self.span(token) }
        } else {
            self.expression()?
        };
        let bare = !in_parens && token.kind == TokenKind::Ident && key.span == self.span(token);
        let key = if bare {
            let name = string(self.word(token));
            Expr { kind: ExprKind::Literal(name), span: key.span }
        } else {
            key
        };
        if self.pos >= close || !matches!(self.kind(), TokenKind::Equal | TokenKind::Colon) {
            let diagnostic = self.missing_object_value(close, &key);
            return self.fail(diagnostic);
        }
        self.bump();
        let start = self.here();
        let value = match self.expression() {
            Ok(value) => value,
            Err(Failed) => {
                self.skip_to(close, &[TokenKind::Newline, TokenKind::Comma]);
                self.invalid(start)
            }
        };
        Ok(ObjectItem { key, bare, value })
    }

    /// `for key, value in collection : result…`, from the word `for` to the closing bracket.
    fn for_expression(&mut self, open: Token, close: usize) -> Parse<ExprKind> {
        let intro = self.bump();
        let object = open.kind == TokenKind::OBrace;
        let (key, value) = self.for_names(intro, close)?;
        let collection = self.expression()?;
        if !self.at(TokenKind::Colon) {
            return self.fail_for(intro, "`:` is missing after the collection", "expected `:` here");
        }
        self.bump();
        let mut result = self.expression()?;
        let mut result_key = None;
        if self.at(TokenKind::FatArrow) {
            let arrow = self.bump();
            if !object {
                let place = self.span(arrow);
                self.report(
                    Diagnostic::error(Code::Syntax, "a `for` expression in `[…]` has no keys")
                        .at(place, "")
                        .hint("write `{for …}` for an object, or the value alone"),
                );
            }
            result_key = Some(std::mem::replace(&mut result, self.expression()?));
        } else if object && self.pos <= close {
            return self.fail_for(
                intro,
                "a `for` expression in `{…}` needs a key",
                "expected `=> value` here",
            );
        }
        let mut group = false;
        if self.at(TokenKind::Ellipsis) {
            let dots = self.bump();
            group = true;
            if !object {
                let place = self.span(dots);
                self.report(
                    Diagnostic::error(Code::Syntax, "only a `for` expression in `{…}` can group values")
                        .at(place, "")
                        .hint("remove the `...`"),
                );
            }
        }
        let mut condition = None;
        if self.at_word("if") {
            self.bump();
            condition = Some(self.expression()?);
        }
        if self.pos != close {
            let diagnostic = match self.maybe_bad_token() {
                Some(diagnostic) => diagnostic,
                None => {
                    let place = self.span(self.peek());
                    Diagnostic::error(Code::Syntax, "the `for` expression should end here")
                        .at(place, format!("expected {}", self.token(close).kind.describe()))
                        .at(self.span(intro), "the `for` expression starts here")
                        .maybe_hint(self.word_operator_hint())
                }
            };
            return self.fail(diagnostic);
        }
        let result = For { key, value, collection, result_key, result, group, condition };
        Ok(ExprKind::For(Box::new(result)))
    }

    /// `name in` or `key, value in`, behind the word `for`.
    pub(super) fn for_names(&mut self, intro: Token, close: usize) -> Parse<(Option<Ident>, Ident)> {
        if self.pos >= close || !self.at(TokenKind::Ident) {
            return self.fail_for(intro, "a name is missing after `for`", "expected a name here");
        }
        let token = self.bump();
        let mut key = None;
        let mut value = self.ident(token);
        if self.at(TokenKind::Comma) {
            self.bump();
            if !self.at(TokenKind::Ident) {
                return self.fail_for(intro, "a name is missing after the comma", "expected a name here");
            }
            let token = self.bump();
            key = Some(std::mem::replace(&mut value, self.ident(token)));
        }
        if !self.at_word("in") {
            return self.fail_for(intro, "`in` is missing after the names of `for`", "expected `in` here");
        }
        self.bump();
        Ok((key, value))
    }

    fn fail_for<T>(&mut self, intro: Token, summary: &str, text: &str) -> Parse<T> {
        let place = self.here();
        let next = self.peek();
        if let Some(diagnostic) = self.maybe_bad_token() {
            return self.fail(diagnostic);
        }
        let key = matches!(next.kind, TokenKind::Equal | TokenKind::Colon)
            && self.previous().is_some_and(|previous| previous == intro);
        let hint = if key {
            "write `\"for\"` in quotes to use it as a key"
        } else {
            "write `[for x in list : x]` or `{for k, v in map : k => v}`"
        };
        self.fail(
            Diagnostic::error(Code::Syntax, summary)
                .at(place, text)
                .at(self.span(intro), "the `for` starts here")
                .hint(hint),
        )
    }
}

/// Returns whether an expression can start with a token.
pub(super) fn starts_expression(kind: TokenKind) -> bool {
    use TokenKind as K;
    matches!(
        kind,
        K::Ident | K::Number | K::OQuote | K::OHeredoc | K::OBrace | K::OBrack | K::OParen | K::Bang
    )
}

/// Returns whether a name is an operator in other languages.
pub(super) fn is_word_operator(word: &str) -> bool {
    matches!(word, "and" | "or" | "not" | "is" | "then" | "else" | "if" | "in")
}
