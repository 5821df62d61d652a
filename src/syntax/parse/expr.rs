//! Expressions: operators, conditionals, and the terms between them.

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::source::Spanned;
use crate::value::Value;

use super::super::ast::Binary;
use super::super::ast::BinaryOp;
use super::super::ast::Conditional;
use super::super::ast::Expr;
use super::super::ast::ExprKind;
use super::super::ast::Unary;
use super::super::ast::UnaryOp;
use super::super::lex::TokenKind;
use super::parser::Parse;
use super::parser::Parser;

impl Parser<'_> {
    /// Any expression.
    pub(super) fn expression(&mut self) -> Parse<Expr> {
        let condition = self.operators()?;
        if !self.at(TokenKind::Question) {
            return Ok(condition);
        }
        let question = self.bump();
        let depth = self.depth;
        self.deeper(self.span(question))?;
        let yes = self.expression()?;
        if !self.at(TokenKind::Colon) {
            let place = self.here();
            let question = self.span(question);
            let diagnostic = match self.maybe_bad_token() {
                Some(diagnostic) => diagnostic,
                None => Diagnostic::error(Code::Syntax, "the `:` of this conditional is missing")
                    .at(place, "expected `:` and the value for false here")
                    .at(question, "the conditional starts here")
                    .hint("write `condition ? value_if_true : value_if_false`")
                    .maybe_hint(self.newline_hint()),
            };
            return self.fail(diagnostic);
        }
        self.bump();
        let no = self.expression()?;
        self.depth = depth;
        let span = condition.span.to(no.span);
        Ok(Expr { kind: ExprKind::Conditional(Box::new(Conditional { condition, yes, no })), span })
    }

    /// Operands with operators between them. One loop for all precedences: a chain of operators is no nesting.
    fn operators(&mut self) -> Parse<Expr> {
        let depth = self.depth;
        let mut pending: Vec<(Expr, Spanned<BinaryOp>)> = Vec::new();
        let mut right = self.operand()?;
        while let Some(operator) = binary_operator(self.kind()) {
            let rank = rank(operator);
            right = self.join(&mut pending, right, rank);
            let token = self.bump();
            let span = self.span(token);
            self.deeper(span)?;
            pending.push((right, Spanned::new(operator, span)));
            right = self.operand()?;
        }
        right = self.join(&mut pending, right, 0);
        self.depth = depth;
        Ok(right)
    }

    /// Joins the operands whose operator binds at least as strongly as `rank`.
    fn join(&mut self, pending: &mut Vec<(Expr, Spanned<BinaryOp>)>, mut right: Expr, least: u8) -> Expr {
        while let Some((left, operator)) = pending.pop_if(|(_, operator)| rank(operator.value) >= least) {
            self.depth -= 1;
            let span = left.span.to(right.span);
            right = Expr { kind: ExprKind::Binary(Box::new(Binary { operator, left, right })), span };
        }
        right
    }

    /// A term with the operators before it and the steps behind it.
    fn operand(&mut self) -> Parse<Expr> {
        let depth = self.depth;
        let mut operators: Vec<Spanned<UnaryOp>> = Vec::new();
        while let Some(operator) = unary_operator(self.kind()) {
            let token = self.bump();
            let span = self.span(token);
            self.deeper(span)?;
            operators.push(Spanned::new(operator, span));
        }
        let term = self.term()?;
        let mut operand = self.steps(term)?;
        while let Some(operator) = operators.pop() {
            let span = operator.span.to(operand.span);
            operand = Expr { kind: ExprKind::Unary(Box::new(Unary { operator, operand })), span };
        }
        self.depth = depth;
        Ok(operand)
    }

    fn term(&mut self) -> Parse<Expr> {
        let token = self.peek();
        let span = self.span(token);
        match token.kind {
            TokenKind::Number => {
                self.bump();
                self.refuse_second_point()?;
                let value = self.number(token);
                Ok(Expr { kind: ExprKind::Literal(value), span })
            }
            TokenKind::Ident => {
                if matches!(self.ahead(1).kind, TokenKind::OParen | TokenKind::DoubleColon) {
                    return self.call();
                }
                self.bump();
                let kind = match self.word(token) {
                    "true" => ExprKind::Literal(Value::bool(true)),
                    "false" => ExprKind::Literal(Value::bool(false)),
                    "null" => ExprKind::Literal(Value::null()),
                    _ => ExprKind::Variable(self.ident(token).value),
                };
                Ok(Expr { kind, span })
            }
            TokenKind::OQuote | TokenKind::OHeredoc => self.quoted_template(),
            TokenKind::OParen => self.parens(),
            TokenKind::OBrack => self.tuple_or_for(),
            TokenKind::OBrace => self.object_or_for(),
            _ => {
                let diagnostic = self.expected_expression();
                self.fail(diagnostic)
            }
        }
    }

    /// `1.2.3` is no number, and no index either.
    fn refuse_second_point(&mut self) -> Parse<()> {
        let Some(number) = self.previous() else { return Ok(()) };
        let (dot, next) = (self.peek(), self.ahead(1));
        let joined = dot.kind == TokenKind::Dot
            && next.kind == TokenKind::Number
            && dot.start == number.end
            && next.start == dot.end;
        if !joined {
            return Ok(());
        }
        let span = self.span(number).to(self.span(next));
        self.bump();
        self.bump();
        self.fail(
            Diagnostic::error(Code::InvalidNumber, "a number has one decimal point at most")
                .at(span, "")
                .hint("write a version or address as a string, in quotes"),
        )
    }

    fn parens(&mut self) -> Parse<Expr> {
        let depth = self.depth;
        let close = self.partner(self.pos);
        let open = self.bump();
        let start = self.span(open);
        self.deeper(start).inspect_err(|_| self.pos = close + 1)?;
        let inner = self.expression();
        self.depth = depth;
        if inner.is_ok() && self.pos != close {
            let diagnostic = self.unexpected(close, open, "`)`");
            self.report(diagnostic);
        }
        let whole = inner.is_ok() && self.pos == close && !self.token(close).is_empty();
        self.pos = close;
        self.bump();
        match inner {
            Ok(inner) if whole => {
                Ok(Expr { kind: ExprKind::Parens(Box::new(inner)), span: start.to(self.here()) })
            }
            _ => Ok(self.invalid(start)),
        }
    }
}

fn unary_operator(kind: TokenKind) -> Option<UnaryOp> {
    match kind {
        TokenKind::Minus => Some(UnaryOp::Negate),
        TokenKind::Bang => Some(UnaryOp::Not),
        _ => None,
    }
}

fn binary_operator(kind: TokenKind) -> Option<BinaryOp> {
    Some(match kind {
        TokenKind::Or => BinaryOp::Or,
        TokenKind::And => BinaryOp::And,
        TokenKind::EqualOp => BinaryOp::Equal,
        TokenKind::NotEqual => BinaryOp::NotEqual,
        TokenKind::GreaterThan => BinaryOp::Greater,
        TokenKind::GreaterThanEq => BinaryOp::GreaterOrEqual,
        TokenKind::LessThan => BinaryOp::Less,
        TokenKind::LessThanEq => BinaryOp::LessOrEqual,
        TokenKind::Plus => BinaryOp::Add,
        TokenKind::Minus => BinaryOp::Subtract,
        TokenKind::Star => BinaryOp::Multiply,
        TokenKind::Slash => BinaryOp::Divide,
        TokenKind::Percent => BinaryOp::Modulo,
        _ => return None,
    })
}

/// How strongly an operator binds; operators of one rank group from the left.
fn rank(operator: BinaryOp) -> u8 {
    match operator {
        BinaryOp::Or => 1,
        BinaryOp::And => 2,
        BinaryOp::Equal | BinaryOp::NotEqual => 3,
        BinaryOp::Greater | BinaryOp::GreaterOrEqual | BinaryOp::Less | BinaryOp::LessOrEqual => 4,
        BinaryOp::Add | BinaryOp::Subtract => 5,
        BinaryOp::Multiply | BinaryOp::Divide | BinaryOp::Modulo => 6,
    }
}
