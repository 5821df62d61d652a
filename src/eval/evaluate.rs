//! The evaluator's entry points, its state, and the plain forms of expressions.

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::source::Span;
use crate::syntax::ast::Conditional;
use crate::syntax::ast::Expr;
use crate::syntax::ast::ExprKind;
use crate::syntax::ast::Name;
use crate::syntax::ast::ObjectItem;
use crate::value::Data;
use crate::value::Fields;
use crate::value::Marks;
use crate::value::Type;
use crate::value::Value;
use crate::value::convert;

use std::sync::Arc;

use super::Scope;
use super::advice::with_advice;
use super::conditional;
use super::limits;
use super::limits::Spent;

/// Expressions nested deeper than this are refused, so that the stack always suffices.
const MOST_LEVELS: u32 = 512;

/// Evaluates an expression.
///
/// # Errors
/// All independent findings of the expression, in the order of evaluation.
pub fn evaluate(expr: &Expr, scope: &dyn Scope) -> Result<Value, Diagnostics> {
    evaluate_with_locals(expr, scope, &[])
}

/// Evaluates an expression that sees some more names before those of the scope.
///
/// # Errors
/// All independent findings of the expression, in the order of evaluation.
pub fn evaluate_with_locals(
    expr: &Expr,
    scope: &dyn Scope,
    locals: &[(Name, Value)],
) -> Result<Value, Diagnostics> {
    let mut evaluator = Evaluator::new(scope);
    evaluator.locals.extend_from_slice(locals);
    let value = evaluator.eval(expr);
    if let Some(found) = limits::too_large(&value, expr.span) {
        evaluator.diags.push(found);
    }
    if evaluator.diags.is_empty() { Ok(value) } else { Err(evaluator.diags.into_iter().collect()) }
}

/// Evaluates an expression and converts the result to a type.
///
/// # Errors
/// All findings of the expression, or that its result does not convert.
pub fn evaluate_as(expr: &Expr, scope: &dyn Scope, ty: &Type) -> Result<Value, Diagnostics> {
    let value = evaluate(expr, scope)?;
    convert(&value, ty).map_err(|error| {
        Diagnostic::error(Code::UnsuitableValue, format!("unsuitable value: {error}"))
            .at(expr.span, format!("this is {}", value.ty().friendly_name()))
            .into()
    })
}

/// One evaluation. Where something fails, a finding is kept and the value is unknown and of unknown type, so
/// that the rest of the expression is checked too without findings that only follow from the first.
pub(super) struct Evaluator<'s> {
    pub(super) scope: &'s dyn Scope,
    pub(super) diags: Vec<Diagnostic>,
    /// Variables of enclosing `for` expressions, innermost last.
    pub(super) locals: Vec<(Name, Value)>,
    /// Elements of enclosing splats, innermost last.
    pub(super) items: Vec<Value>,
    level: u32,
    pub(super) spent: Spent,
}

/// The value of what failed.
pub(super) fn failed() -> Value {
    Value::unknown(Type::Any)
}

impl<'s> Evaluator<'s> {
    pub(super) fn new(scope: &'s dyn Scope) -> Self {
        Self {
            scope,
            diags: Vec::new(),
            locals: Vec::new(),
            items: Vec::new(),
            level: 0,
            spent: Spent::default(),
        }
    }

    /// Keeps a finding and gives the value of what failed.
    pub(super) fn fail(&mut self, diagnostic: Diagnostic) -> Value {
        self.diags.push(diagnostic);
        failed()
    }

    pub(super) fn eval(&mut self, expr: &Expr) -> Value {
        if let Some(found) = self.spent.step(expr.span) {
            self.diags.push(found);
        }
        self.level += 1;
        let value = if self.level > MOST_LEVELS { self.too_deep(expr.span) } else { self.eval_kind(expr) };
        self.level -= 1;
        value
    }

    /// Whether a loop had better end: the budget is spent, or enough was found.
    pub(super) fn is_over(&self) -> bool {
        self.spent.is_over(self.diags.len())
    }

    fn too_deep(&mut self, span: Span) -> Value {
        let diagnostic = Diagnostic::error(Code::TooDeep, "the expression is nested too deeply")
            .at(span, format!("more than {MOST_LEVELS} levels"))
            .hint("split it into local values");
        self.fail(diagnostic)
    }

    fn eval_kind(&mut self, expr: &Expr) -> Value {
        match &expr.kind {
            ExprKind::Literal(value) => value.clone(),
            ExprKind::Template(parts) => self.template(parts, expr.span),
            ExprKind::TemplateWrap(inner) | ExprKind::Parens(inner) => self.eval(inner),
            ExprKind::Variable(_) | ExprKind::GetAttr(_) | ExprKind::Index(_) => self.reference(expr),
            ExprKind::Splat(splat) => self.splat(splat, expr.span),
            ExprKind::SplatItem => self.items.last().cloned().unwrap_or_else(failed),
            ExprKind::Call(call) => self.call(call, expr.span),
            ExprKind::Conditional(conditional) => self.conditional(conditional, expr.span),
            ExprKind::Binary(_) => self.binary(expr),
            ExprKind::Unary(unary) => self.unary(unary, expr.span),
            ExprKind::Tuple(elements) => {
                Value::tuple(elements.iter().map(|element| self.eval(element)).collect::<Vec<_>>())
            }
            ExprKind::Object(items) => self.object(items),
            ExprKind::For(each) => self.for_expression(each, expr.span),
            ExprKind::Invalid => failed(),
        }
    }

    /// Evaluates something of which only the success matters: its findings are returned, not kept.
    pub(super) fn attempt(&mut self, expr: &Expr) -> (Value, Vec<Diagnostic>) {
        let kept = std::mem::take(&mut self.diags);
        let value = self.eval(expr);
        let found = std::mem::replace(&mut self.diags, kept);
        (value, found)
    }

    fn object(&mut self, items: &[ObjectItem]) -> Value {
        let mut fields = Fields::new();
        let mut marks = Marks::NONE;
        let mut known = true;
        for item in items {
            let key = self.object_key(&item.key, &mut marks);
            let value = self.eval(&item.value);
            match key {
                Some(key) => {
                    fields.insert(key, value);
                }
                None => known = false,
            }
        }
        if known { Value::from(Data::Object(Arc::new(fields))).mark(marks) } else { failed().mark(marks) }
    }

    /// Returns the key of an object item, or nothing if it failed or is not known.
    fn object_key(&mut self, expr: &Expr, marks: &mut Marks) -> Option<Arc<str>> {
        if let ExprKind::Literal(value) = &expr.kind
            && let Data::String(text) = value.data()
        {
            return Some(Arc::clone(text));
        }
        if matches!(expr.kind, ExprKind::GetAttr(_)) {
            let diagnostic = Diagnostic::error(
                Code::InvalidReference,
                "a name with dots is ambiguous as the name of an attribute",
            )
            .at(expr.span, "")
            .hint("put it in parentheses if it is a reference, in quotes if it is a name");
            self.diags.push(diagnostic);
            return None;
        }
        let (key, key_marks) = self.eval(expr).unmark();
        *marks |= key_marks;
        if key.is_null() {
            let diagnostic =
                Diagnostic::error(Code::NullValue, "a null value cannot be the name of an attribute")
                    .at(expr.span, "this is null");
            self.diags.push(self.explained(diagnostic, expr));
            return None;
        }
        match convert(&key, &Type::String) {
            Ok(key) => key.as_str().cloned(),
            Err(error) => {
                let diagnostic = Diagnostic::error(
                    Code::UnsuitableValue,
                    format!("this value cannot be the name of an attribute: {error}"),
                )
                .at(expr.span, format!("this is {}", key.ty().friendly_name()));
                self.diags.push(self.explained(diagnostic, expr));
                None
            }
        }
    }

    fn conditional(&mut self, node: &Conditional, span: Span) -> Value {
        // A chain `a ? b : c ? d : …` nests to the right; long ones are legal and must not exhaust the stack,
        // which the limit on levels takes care of.
        let (yes, yes_found) = self.attempt(&node.yes);
        let (no, no_found) = self.attempt(&node.no);
        // References that do not exist are wrong wherever they stand.
        for found in yes_found.iter().chain(&no_found) {
            if !is_catchable(found) {
                self.diags.push(found.clone());
            }
        }
        let arms = [&yes, &no];
        let result = match arms {
            [yes, no] if is_plain_null(yes) => Some(no.ty()),
            [yes, no] if is_plain_null(no) => Some(yes.ty()),
            [yes, no] if yes.ty() == Type::Any || no.ty() == Type::Any => Some(Type::Any),
            [yes, no] => conditional::common_type(&yes.ty(), &no.ty()),
        };
        let Some(result) = result else {
            let diagnostic = Diagnostic::error(
                Code::InconsistentConditional,
                "the results of the conditional have no common type",
            )
            .at(span, "")
            .at(node.yes.span, format!("this is {}", yes.ty().friendly_name()))
            .at(node.no.span, format!("this is {}", no.ty().friendly_name()))
            .detail(conditional::difference(&yes.ty(), &no.ty()));
            return self.fail(diagnostic);
        };
        let before = self.diags.len();
        let condition = self.eval(&node.condition);
        if self.diags.len() > before {
            return Value::unknown(result);
        }
        if condition.is_null() {
            let diagnostic = Diagnostic::error(Code::NullValue, "the condition is null")
                .at(node.condition.span, "must be true or false");
            let diagnostic = self.explained(diagnostic, &node.condition);
            self.diags.push(diagnostic);
            return Value::unknown(result);
        }
        let marks = condition.marks() | yes.marks() | no.marks();
        if !condition.is_known() {
            return conditional::unknown_choice(&yes, &no, result).mark(marks);
        }
        let choice = match convert(&condition, &Type::Bool) {
            Ok(choice) => choice.as_bool() == Some(true),
            Err(error) => {
                let diagnostic = Diagnostic::error(
                    Code::UnsuitableValue,
                    format!("unsuitable value for a condition: {error}"),
                )
                .at(node.condition.span, format!("this is {}", condition.ty().friendly_name()));
                let diagnostic = with_advice(diagnostic, &node.condition, &condition, &Type::Bool);
                let diagnostic = self.explained(diagnostic, &node.condition);
                self.diags.push(diagnostic);
                return Value::unknown(result);
            }
        };
        let (value, found, expr) =
            if choice { (yes, yes_found, &node.yes) } else { (no, no_found, &node.no) };
        self.diags.extend(found.into_iter().filter(is_catchable));
        match convert(&value, &result) {
            Ok(value) => value.mark(marks),
            Err(error) => {
                let diagnostic = Diagnostic::error(
                    Code::InconsistentConditional,
                    format!("the chosen result does not convert to the type of both: {error}"),
                )
                .at(expr.span, format!("this is {}", value.ty().friendly_name()));
                self.diags.push(diagnostic);
                Value::unknown(result).mark(marks)
            }
        }
    }
}

fn is_plain_null(value: &Value) -> bool {
    matches!(value.data(), Data::Null(Type::Any)) && value.marks().is_none()
}

/// Returns true for failures of evaluation, which `try` and `can` catch and which do not matter in an arm that
/// is not taken. Names that do not exist are not among them.
pub(super) fn is_catchable(diagnostic: &Diagnostic) -> bool {
    matches!(
        diagnostic.code,
        Code::UnsuitableOperand
            | Code::UnsuitableValue
            | Code::UnknownFunction
            | Code::FunctionArguments
            | Code::InvalidFunctionArgument
            | Code::FunctionFailed
            | Code::InvalidIndex
            | Code::UnsupportedAttribute
            | Code::NullValue
            | Code::InconsistentConditional
            | Code::InvalidTemplateValue
            | Code::InvalidForExpression
            | Code::OperationFailed
    )
}
