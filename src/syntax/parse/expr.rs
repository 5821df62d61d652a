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
use super::super::lex::Token;
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
            return self.fail_missing_colon(question);
        }
        self.bump();
        let no = self.expression()?;
        self.depth = depth;
        Ok(conditional(condition, yes, no))
    }

    /// Operands with operators between them. One loop for all precedences: a chain of operators is no nesting.
    fn operators(&mut self) -> Parse<Expr> {
        let depth = self.depth;
        let mut pending: Vec<(Expr, Spanned<BinaryOp>)> = Vec::new();
        loop {
            let right = self.operand()?;
            if let Some(whole) = self.operator(&mut pending, right)? {
                self.depth = depth;
                return Ok(whole);
            }
        }
    }

    /// Takes the operator behind an operand; without one, everything is joined.
    fn operator(&mut self, pending: &mut Vec<(Expr, Spanned<BinaryOp>)>, right: Expr) -> Parse<Option<Expr>> {
        let Some(operator) = binary_operator(self.kind()) else {
            return Ok(Some(self.join(pending, right, 0)));
        };
        let left = self.join(pending, right, rank(operator));
        let token = self.bump();
        let span = self.span(token);
        self.deeper(span)?;
        pending.push((left, Spanned::new(operator, span)));
        Ok(None)
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
        let operators = self.unary_operators()?;
        let term = self.term()?;
        let operand = self.steps(term)?;
        self.depth = depth;
        Ok(operators.into_iter().rev().fold(operand, unary))
    }

    fn unary_operators(&mut self) -> Parse<Vec<Spanned<UnaryOp>>> {
        let mut operators = Vec::new();
        while let Some(operator) = unary_operator(self.kind()) {
            let token = self.bump();
            let span = self.span(token);
            self.deeper(span)?;
            operators.push(Spanned::new(operator, span));
        }
        Ok(operators)
    }

    // Here and below, whatever calls itself keeps its own frame small: leaves and findings have functions of
    // their own, because unoptimised code gives each of their temporaries a place in the frame.
    fn term(&mut self) -> Parse<Expr> {
        match self.kind() {
            TokenKind::Ident => {
                if matches!(self.ahead(1).kind, TokenKind::OParen | TokenKind::DoubleColon) {
                    self.call()
                } else {
                    Ok(self.name_or_keyword())
                }
            }
            TokenKind::OQuote | TokenKind::OHeredoc => Ok(self.quoted_template()),
            TokenKind::OParen => self.parens(),
            TokenKind::OBrack => self.tuple_or_for(),
            TokenKind::OBrace => self.object_or_for(),
            TokenKind::Number => self.number_term(),
            _ => self.fail_expected_expression(),
        }
    }

    fn name_or_keyword(&mut self) -> Expr {
        let token = self.bump();
        let kind = match self.word(token) {
            "true" => ExprKind::Literal(Value::bool(true)),
            "false" => ExprKind::Literal(Value::bool(false)),
            "null" => ExprKind::Literal(Value::null()),
            _ => ExprKind::Variable(self.ident(token).value),
        };
        Expr { kind, span: self.span(token) }
    }

    fn number_term(&mut self) -> Parse<Expr> {
        let token = self.bump();
        self.refuse_second_point()?;
        let value = self.number(token);
        Ok(Expr { kind: ExprKind::Literal(value), span: self.span(token) })
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
        self.deeper(self.span(open)).inspect_err(|_| self.pos = close + 1)?;
        let inner = self.expression();
        self.depth = depth;
        Ok(self.end_of_parens(inner, open, close))
    }

    fn end_of_parens(&mut self, inner: Parse<Expr>, open: Token, close: usize) -> Expr {
        let start = self.span(open);
        let whole = self.end_of_bracket(inner.is_ok(), open, close, "`)`");
        match inner {
            Ok(inner) if whole => {
                Expr { kind: ExprKind::Parens(Box::new(inner)), span: start.to(self.here()) }
            }
            _ => self.invalid(start),
        }
    }

    /// Takes the closing bracket of a single expression, wherever that ended; returns whether all is well.
    pub(super) fn end_of_bracket(&mut self, good: bool, open: Token, close: usize, closer: &str) -> bool {
        let reached = self.pos == close;
        if good && !reached {
            let diagnostic = self.unexpected(close, open, closer);
            self.report(diagnostic);
        }
        self.pos = close;
        let end = self.bump();
        good && reached && !end.is_empty()
    }
}

fn conditional(condition: Expr, yes: Expr, no: Expr) -> Expr {
    let span = condition.span.to(no.span);
    Expr { kind: ExprKind::Conditional(Box::new(Conditional { condition, yes, no })), span }
}

fn unary(operand: Expr, operator: Spanned<UnaryOp>) -> Expr {
    let span = operator.span.to(operand.span);
    Expr { kind: ExprKind::Unary(Box::new(Unary { operator, operand })), span }
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
