//! Operators on values, and expressions made of them.

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::source::Span;
use crate::syntax::ast::Binary;
use crate::syntax::ast::BinaryOp;
use crate::syntax::ast::Expr;
use crate::syntax::ast::ExprKind;
use crate::syntax::ast::Unary;
use crate::syntax::ast::UnaryOp;
use crate::value::Data;
use crate::value::Number;
use crate::value::Refinement;
use crate::value::Type;
use crate::value::Value;
use crate::value::convert;

use super::advice::with_advice;
use super::evaluate::Evaluator;

/// An unknown result of an operator.
fn unknown(ty: Type) -> Value {
    Value::refined(ty, Refinement::not_null())
}

fn operand_type(operator: BinaryOp) -> Type {
    match operator {
        BinaryOp::Or | BinaryOp::And => Type::Bool,
        BinaryOp::Equal | BinaryOp::NotEqual => Type::Any,
        BinaryOp::Greater
        | BinaryOp::GreaterOrEqual
        | BinaryOp::Less
        | BinaryOp::LessOrEqual
        | BinaryOp::Add
        | BinaryOp::Subtract
        | BinaryOp::Multiply
        | BinaryOp::Divide
        | BinaryOp::Modulo => Type::Number,
    }
}

fn result_type(operator: BinaryOp) -> Type {
    match operator {
        BinaryOp::Add | BinaryOp::Subtract | BinaryOp::Multiply | BinaryOp::Divide | BinaryOp::Modulo => {
            Type::Number
        }
        _ => Type::Bool,
    }
}

fn symbol(operator: BinaryOp) -> &'static str {
    match operator {
        BinaryOp::Or => "||",
        BinaryOp::And => "&&",
        BinaryOp::Equal => "==",
        BinaryOp::NotEqual => "!=",
        BinaryOp::Greater => ">",
        BinaryOp::GreaterOrEqual => ">=",
        BinaryOp::Less => "<",
        BinaryOp::LessOrEqual => "<=",
        BinaryOp::Add => "+",
        BinaryOp::Subtract => "-",
        BinaryOp::Multiply => "*",
        BinaryOp::Divide => "/",
        BinaryOp::Modulo => "%",
    }
}

impl Evaluator<'_> {
    /// Evaluates a chain `a + b + c …`, which nests to the left, from its first operand on.
    pub(super) fn binary(&mut self, expr: &Expr) -> Value {
        let mut chain: Vec<(Span, &Binary)> = Vec::new();
        let mut first = expr;
        while let ExprKind::Binary(node) = &first.kind {
            chain.push((first.span, node));
            first = &node.left;
        }
        let before = self.diags.len();
        let mut left = self.eval(first);
        while let Some((span, node)) = chain.pop() {
            let right = self.eval(&node.right);
            left = self.operate(node, span, &left, &right, self.diags.len() > before);
        }
        left
    }

    fn operate(&mut self, node: &Binary, span: Span, left: &Value, right: &Value, failed: bool) -> Value {
        let operator = node.operator.value;
        let ty = operand_type(operator);
        let converted_left = self.operand(left, &ty, &node.left, symbol(operator), "left");
        let converted_right = self.operand(right, &ty, &node.right, symbol(operator), "right");
        let (Some(left), Some(right)) = (converted_left, converted_right) else {
            return Value::unknown(result_type(operator));
        };
        if failed {
            return unknown(result_type(operator)).mark(left.marks() | right.marks());
        }
        match binary(operator, &left, &right) {
            Ok(value) => value,
            Err(message) => {
                let code =
                    if left.is_null() || right.is_null() { Code::NullValue } else { Code::OperationFailed };
                let mut diagnostic =
                    Diagnostic::error(code, format!("`{}` failed: {message}", symbol(operator))).at(span, "");
                for (operand, value) in [(&node.left, &left), (&node.right, &right)] {
                    if value.is_null() {
                        diagnostic = diagnostic.at(operand.span, "this is null");
                    }
                }
                diagnostic = self.explained(diagnostic, &node.left);
                diagnostic = self.explained(diagnostic, &node.right);
                self.fail(diagnostic);
                Value::unknown(result_type(operator))
            }
        }
    }

    fn operand(&mut self, value: &Value, ty: &Type, expr: &Expr, symbol: &str, side: &str) -> Option<Value> {
        match convert(value, ty) {
            Ok(value) => Some(value),
            Err(error) => {
                let diagnostic = Diagnostic::error(
                    Code::UnsuitableOperand,
                    format!("unsuitable value for the {side} operand of `{symbol}`: {error}"),
                )
                .at(expr.span, format!("this is {}", value.ty().friendly_name()));
                let diagnostic = if symbol == "+" && value.ty() == Type::String {
                    diagnostic.hint("`+` adds numbers; write `\"${a}${b}\"` to join texts")
                } else {
                    with_advice(diagnostic, expr, value, ty)
                };
                let diagnostic = self.explained(diagnostic, expr);
                self.diags.push(diagnostic);
                None
            }
        }
    }

    pub(super) fn unary(&mut self, node: &Unary, span: Span) -> Value {
        let (ty, symbol) = match node.operator.value {
            UnaryOp::Negate => (Type::Number, "-"),
            UnaryOp::Not => (Type::Bool, "!"),
        };
        let before = self.diags.len();
        let value = self.eval(&node.operand);
        let failed = self.diags.len() > before;
        let Some(value) = self.unary_operand(&value, &ty, &node.operand, symbol) else {
            return Value::unknown(ty);
        };
        if failed {
            return unknown(ty);
        }
        let marks = value.marks();
        match value.data() {
            Data::Null(_) => {
                let diagnostic = Diagnostic::error(
                    Code::NullValue,
                    format!("`{symbol}` failed: argument must not be null"),
                )
                .at(span, "")
                .at(node.operand.span, "this is null");
                let diagnostic = self.explained(diagnostic, &node.operand);
                self.fail(diagnostic);
                Value::unknown(ty)
            }
            Data::Bool(value) => Value::bool(!value).mark(marks),
            Data::Number(number) => Value::number(number.negate()).mark(marks),
            _ => unknown(ty).mark(marks),
        }
    }

    fn unary_operand(&mut self, value: &Value, ty: &Type, expr: &Expr, symbol: &str) -> Option<Value> {
        match convert(value, ty) {
            Ok(value) => Some(value),
            Err(error) => {
                let diagnostic = Diagnostic::error(
                    Code::UnsuitableOperand,
                    format!("unsuitable value for the operand of `{symbol}`: {error}"),
                )
                .at(expr.span, format!("this is {}", value.ty().friendly_name()));
                let diagnostic = self.explained(diagnostic, expr);
                self.diags.push(diagnostic);
                None
            }
        }
    }
}

/// Applies an operator to operands of its type.
fn binary(operator: BinaryOp, left: &Value, right: &Value) -> Result<Value, &'static str> {
    let marks = left.marks() | right.marks();
    match operator {
        BinaryOp::Equal => return Ok(left.equals(right)),
        BinaryOp::NotEqual => return Ok(not(left.equals(right))),
        _ => {}
    }
    if left.is_null() || right.is_null() {
        return Err("argument must not be null");
    }
    let value = match operator {
        BinaryOp::And | BinaryOp::Or => match (left.as_bool(), right.as_bool()) {
            (Some(left), Some(right)) if operator == BinaryOp::And => Value::bool(left && right),
            (Some(left), Some(right)) => Value::bool(left || right),
            // Both sides are always evaluated, and one unknown side makes the result unknown.
            _ => unknown(Type::Bool),
        },
        BinaryOp::Less => less(left, right),
        BinaryOp::Greater => less(right, left),
        BinaryOp::LessOrEqual => or_equal(&less(left, right), left, right),
        BinaryOp::GreaterOrEqual => or_equal(&less(right, left), left, right),
        _ => match (left.as_number(), right.as_number()) {
            (Some(left), Some(right)) => Value::number(arithmetic(operator, left, right)?),
            _ => unknown(Type::Number),
        },
    };
    Ok(value.mark(marks))
}

fn arithmetic(operator: BinaryOp, left: &Number, right: &Number) -> Result<Number, &'static str> {
    match operator {
        BinaryOp::Add => left.add(right).ok_or("can't compute sum of opposing infinities"),
        BinaryOp::Subtract => left.subtract(right).ok_or("can't subtract infinity from itself"),
        BinaryOp::Multiply => left.multiply(right).ok_or("can't multiply zero by infinity"),
        BinaryOp::Divide => left.divide(right).ok_or("can't divide zero by zero or infinity by infinity"),
        _ => left.remainder(right).ok_or("can't use modulo with zero and infinity"),
    }
}

fn not(value: Value) -> Value {
    match value.as_bool() {
        Some(result) => Value::bool(!result).mark(value.marks()),
        None => value,
    }
}

/// `left < right`, also where only bounds are known.
fn less(left: &Value, right: &Value) -> Value {
    if let (Some(left), Some(right)) = (left.as_number(), right.as_number()) {
        return Value::bool(left < right);
    }
    let below = |max: Option<&Number>, min: Option<&Number>| matches!((max, min), (Some(max), Some(min)) if max < min);
    if below(upper(left), lower(right)) {
        return Value::bool(true);
    }
    if below(upper(right), lower(left)) {
        return Value::bool(false);
    }
    unknown(Type::Bool)
}

fn or_equal(less: &Value, left: &Value, right: &Value) -> Value {
    let equal = left.equals(right);
    match (less.as_bool(), equal.as_bool()) {
        (Some(true), _) | (_, Some(true)) => Value::bool(true),
        (Some(false), Some(false)) => Value::bool(false),
        _ => unknown(Type::Bool),
    }
}

fn lower(value: &Value) -> Option<&Number> {
    value.as_number().or_else(|| value.refinement()?.min.as_ref().map(|(bound, _)| bound))
}

fn upper(value: &Value) -> Option<&Number> {
    value.as_number().or_else(|| value.refinement()?.max.as_ref().map(|(bound, _)| bound))
}
