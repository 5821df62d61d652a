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

/// What ends an item of an object.
const ITEM_ENDS: [TokenKind; 2] = [TokenKind::Newline, TokenKind::Comma];

impl Parser<'_> {
    pub(super) fn tuple_or_for(&mut self) -> Parse<Expr> {
        let close = self.partner(self.pos);
        let open = self.bump();
        let depth = self.depth;
        self.deeper(self.span(open)).inspect_err(|_| self.pos = close + 1)?;
        let kind = if self.at_word("for") {
            self.for_expression(open, close)
        } else {
            Ok(ExprKind::Tuple(self.list(open, close, List::Items).0.into_boxed_slice()))
        };
        self.depth = depth;
        Ok(self.close_bracket(self.span(open), close, kind))
    }

    pub(super) fn object_or_for(&mut self) -> Parse<Expr> {
        let close = self.partner(self.pos);
        let open = self.bump();
        let depth = self.depth;
        self.deeper(self.span(open)).inspect_err(|_| self.pos = close + 1)?;
        let kind =
            if self.at_word("for") { self.for_expression(open, close) } else { Ok(self.object(close)) };
        self.depth = depth;
        Ok(self.close_bracket(self.span(open), close, kind))
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
        let name = self.function_name()?;
        let depth = self.depth;
        let close = self.partner(self.pos);
        let open = self.bump();
        self.deeper(self.span(open)).inspect_err(|_| self.pos = close + 1)?;
        let arguments = self.list(open, close, List::Arguments);
        self.depth = depth;
        Ok(self.end_of_call(name, open, close, arguments))
    }

    fn end_of_call(&mut self, name: Ident, open: Token, close: usize, arguments: (Vec<Expr>, bool)) -> Expr {
        self.pos = close;
        let end = self.bump();
        if end.is_empty() {
            return self.invalid(name.span);
        }
        let parens = self.span(open).to(self.span(end));
        let span = name.span.to(parens);
        let (arguments, expand) = arguments;
        let call = Call { name, arguments: arguments.into_boxed_slice(), expand, parens };
        Expr { kind: ExprKind::Call(Box::new(call)), span }
    }

    fn function_name(&mut self) -> Parse<Ident> {
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
        if self.at(TokenKind::OParen) {
            return Ok(name);
        }
        self.fail(
            Diagnostic::error(Code::Syntax, format!("`{}` is a function, but is not called", name.value))
                .at(name.span, "")
                .hint(format!("write `{}(…)`", name.value)),
        )
    }

    /// Expressions with commas between them, up to `close`; and whether the last is followed by `...`.
    fn list(&mut self, open: Token, close: usize, list: List) -> (Vec<Expr>, bool) {
        let mut items = Vec::new();
        let mut expand = false;
        let mut complained = false;
        while self.pos < close {
            if self.at(TokenKind::Comma) {
                self.lone_comma();
                continue;
            }
            self.list_item(&mut items, close);
            if self.pos < close && self.at(TokenKind::Ellipsis) {
                expand = true;
                self.check_ellipsis(close, list);
            } else if self.pos < close && self.eat(TokenKind::Comma).is_none() {
                self.no_comma(open, close, list, &mut complained);
            }
        }
        (items, expand)
    }

    fn list_item(&mut self, items: &mut Vec<Expr>, close: usize) {
        let depth = self.depth;
        let start = self.span(self.peek());
        let item = self.expression().unwrap_or_else(|Failed| {
            self.depth = depth;
            self.skip_to(close, &[TokenKind::Comma]);
            self.invalid(start)
        });
        items.push(item);
    }

    fn lone_comma(&mut self) {
        let place = self.span(self.peek());
        self.report(
            Diagnostic::error(Code::Syntax, "there is nothing before this comma")
                .at(place, "expected an expression before it")
                .hint("remove the comma, or write what is missing"),
        );
        self.bump();
    }

    fn no_comma(&mut self, open: Token, close: usize, list: List, complained: &mut bool) {
        if !*complained || !starts_expression(self.kind()) {
            let diagnostic = self.missing_comma(open, close, list == List::Arguments);
            self.report(diagnostic);
            *complained = true;
        }
        if !starts_expression(self.kind()) || is_word_operator(self.word(self.peek())) {
            self.skip_to(close, &[TokenKind::Comma]);
            self.eat(TokenKind::Comma);
        }
    }

    fn check_ellipsis(&mut self, close: usize, list: List) {
        let dots = self.bump();
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
        // A comma behind the dots was refused with them.
        self.eat(TokenKind::Comma);
    }

    fn object(&mut self, close: usize) -> ExprKind {
        let mut items = Vec::new();
        let mut complained = false;
        while self.pos < close {
            if self.eat(TokenKind::Newline).is_some() {
                continue;
            }
            self.object_item(&mut items, close, &mut complained);
            if self.pos < close
                && self.eat(TokenKind::Newline).is_none()
                && self.eat(TokenKind::Comma).is_none()
            {
                self.no_separator(close);
            }
        }
        ExprKind::Object(items.into_boxed_slice())
    }

    fn no_separator(&mut self, close: usize) {
        let goes_on = matches!(self.ahead(1).kind, TokenKind::Equal | TokenKind::Colon)
            || matches!(self.kind(), TokenKind::OQuote | TokenKind::OParen);
        let diagnostic = self.missing_object_comma();
        self.report(diagnostic);
        if !goes_on {
            self.skip_to(close, &ITEM_ENDS);
            if self.pos < close {
                self.bump();
            }
        }
    }

    fn object_item(&mut self, items: &mut Vec<ObjectItem>, close: usize, complained: &mut bool) {
        let depth = self.depth;
        let start = self.span(self.peek());
        let Ok((key, bare)) = self.object_key(close, complained) else {
            self.depth = depth;
            self.skip_to(close, &ITEM_ENDS);
            items.push(self.invalid_item(start));
            return;
        };
        let start = self.here();
        let value = self.expression().unwrap_or_else(|Failed| {
            self.depth = depth;
            self.skip_to(close, &ITEM_ENDS);
            self.invalid(start)
        });
        items.push(ObjectItem { key, bare, value });
    }

    fn invalid_item(&self, start: Span) -> ObjectItem {
        ObjectItem { key: self.invalid(start), bare: false, value: self.invalid(start) }
    }

    /// A key with the `=` behind it, and whether it is a bare name.
    fn object_key(&mut self, close: usize, complained: &mut bool) -> Parse<(Expr, bool)> {
        let token = self.peek();
        let key = if token.kind == TokenKind::Ident
            && matches!(self.ahead(1).kind, TokenKind::Equal | TokenKind::Colon)
        {
            Ok(self.bare_key())
        } else {
            self.expression().map(|key| (key, false))
        };
        let (key, bare) = key?;
        if self.pos < close && matches!(self.kind(), TokenKind::Equal | TokenKind::Colon) {
            self.bump();
            return Ok((key, bare));
        }
        // Someone who takes `{…}` for a list does so for all of its items.
        if std::mem::replace(complained, true) {
            return Err(Failed);
        }
        let diagnostic = self.missing_object_value(close, &key);
        self.fail(diagnostic)
    }

    fn bare_key(&mut self) -> (Expr, bool) {
        let token = self.bump();
        let name = string(self.word(token));
        (Expr { kind: ExprKind::Literal(name), span: self.span(token) }, true)
    }

    /// `for key, value in collection : result…`, from the word `for` to the closing bracket.
    fn for_expression(&mut self, open: Token, close: usize) -> Parse<ExprKind> {
        let intro = self.bump();
        let object = open.kind == TokenKind::OBrace;
        let (key, value) = self.for_names(intro, close)?;
        let collection = self.expression()?;
        self.for_colon(intro)?;
        let mut result = self.expression()?;
        let mut result_key = None;
        if self.at(TokenKind::FatArrow) {
            self.for_mark(object, "a `for` expression in `[…]` has no keys", "write `{for …}` for an object");
            result_key = Some(std::mem::replace(&mut result, self.expression()?));
        } else if object {
            return self.fail_for(
                intro,
                "a `for` expression in `{…}` needs a key",
                "expected `=> value` here",
            );
        }
        let group = self.at(TokenKind::Ellipsis);
        if group {
            self.for_mark(object, "only a `for` expression in `{…}` can group values", "remove the `...`");
        }
        let condition = if self.at_word("if") { Some(self.for_condition()?) } else { None };
        self.end_of_for(intro, close)?;
        Ok(ExprKind::For(Box::new(For { key, value, collection, result_key, result, group, condition })))
    }

    fn for_condition(&mut self) -> Parse<Expr> {
        self.bump();
        self.expression()
    }

    fn for_colon(&mut self, intro: Token) -> Parse<()> {
        if self.eat(TokenKind::Colon).is_some() {
            return Ok(());
        }
        self.fail_for(intro, "`:` is missing after the collection", "expected `:` here")
    }

    /// Takes what may stand in the object form only.
    fn for_mark(&mut self, object: bool, summary: &str, hint: &str) {
        let token = self.bump();
        if !object {
            let place = self.span(token);
            self.report(Diagnostic::error(Code::Syntax, summary).at(place, "").hint(hint));
        }
    }

    fn end_of_for(&mut self, intro: Token, close: usize) -> Parse<()> {
        if self.pos == close {
            return Ok(());
        }
        let diagnostic = self.maybe_bad_token().unwrap_or_else(|| {
            let place = self.span(self.peek());
            Diagnostic::error(Code::Syntax, "the `for` expression should end here")
                .at(place, format!("expected {}", self.token(close).kind.describe()))
                .at(self.span(intro), "the `for` expression starts here")
                .maybe_hint(self.word_operator_hint())
        });
        self.fail(diagnostic)
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
