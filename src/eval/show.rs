//! Short forms of values for diagnostics. Nothing sensitive is ever shown.

use crate::diag::Diagnostic;
use crate::syntax::ast::Expr;
use crate::syntax::ast::ExprKind;
use crate::syntax::ast::TemplatePart;
use crate::value::Data;
use crate::value::Value;

use super::Scope;
use super::evaluate::Evaluator;

/// Texts longer than this are cut.
const LONGEST: usize = 60;

/// At most so many references are explained at one finding.
const MOST_VALUES: usize = 5;

/// Returns what a value is, in a few words.
#[must_use]
pub fn show(value: &Value) -> String {
    if value.marks_deep().is_sensitive() {
        return "(sensitive value)".to_owned();
    }
    match value.data() {
        Data::Null(_) => "null".to_owned(),
        Data::Bool(value) => value.to_string(),
        Data::Number(number) => cut(&number.to_string()),
        Data::String(text) => format!("{:?}", cut(text)),
        Data::Unknown(_) => "known only after apply".to_owned(),
        Data::List(..) | Data::Set(..) => format!(
            "{} with {}",
            article(&value.ty().friendly_name()),
            count(value.elements().map_or(0, <[Value]>::len), "element")
        ),
        Data::Map(_, parts) => {
            format!("{} with {}", article(&value.ty().friendly_name()), count(parts.len(), "element"))
        }
        Data::Tuple(parts) => format!("a tuple with {}", count(parts.len(), "element")),
        Data::Object(parts) => {
            let names: Vec<&str> = parts.keys().map(|name| &**name).collect();
            match names.as_slice() {
                [] => "an object without attributes".to_owned(),
                [name] => format!("an object with the attribute `{name}`"),
                names => format!("an object with the attributes {}", list_names(names)),
            }
        }
    }
}

fn cut(text: &str) -> String {
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    text.chars().take(LONGEST).chain(['…']).collect()
}

/// `a list of string`, `an object`.
pub(super) fn article(noun: &str) -> String {
    let article = if noun.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {noun}")
}

/// `1 element`, `3 elements`.
pub(super) fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// Names in backticks, the first dozen of them.
pub(super) fn list_names(names: &[&str]) -> String {
    const MOST: usize = 12;
    let mut text: Vec<String> = names.iter().take(MOST).map(|name| format!("`{name}`")).collect();
    if names.len() > MOST {
        text.push(format!("and {} more", names.len() - MOST));
    }
    text.join(", ")
}

/// Adds the values of the references in an expression to a finding about it.
#[must_use]
pub fn explain(diagnostic: Diagnostic, expr: &Expr, scope: &dyn Scope) -> Diagnostic {
    Evaluator::new(scope).explained(diagnostic, expr)
}

impl Evaluator<'_> {
    /// Adds the values of the references in an expression to a finding about it.
    pub(super) fn explained(&self, diagnostic: Diagnostic, expr: &Expr) -> Diagnostic {
        let mut references: Vec<(String, &Expr)> = Vec::new();
        collect(expr, &mut references);
        let mut diagnostic = diagnostic;
        for (text, reference) in references {
            let known = diagnostic.values.iter().any(|(seen, _)| *seen == text);
            if known || diagnostic.values.len() >= MOST_VALUES {
                continue;
            }
            let mut evaluator = Evaluator::new(self.scope);
            evaluator.locals.clone_from(&self.locals);
            evaluator.items.clone_from(&self.items);
            let value = evaluator.reference(reference);
            if evaluator.diags.is_empty() {
                diagnostic = diagnostic.value(text, show(&value));
            }
        }
        diagnostic
    }
}

/// Finds the references in an expression, each as far as its steps are static.
fn collect<'e>(expr: &'e Expr, found: &mut Vec<(String, &'e Expr)>) {
    if found.len() > MOST_VALUES {
        return;
    }
    if let Some(text) = path(expr) {
        found.push((text, expr));
        return;
    }
    match &expr.kind {
        ExprKind::GetAttr(node) => collect(&node.of, found),
        ExprKind::Index(node) => {
            collect(&node.of, found);
            collect(&node.key, found);
        }
        ExprKind::Splat(node) => collect(&node.of, found),
        ExprKind::TemplateWrap(inner) | ExprKind::Parens(inner) => collect(inner, found),
        ExprKind::Call(node) => node.arguments.iter().for_each(|argument| collect(argument, found)),
        ExprKind::Conditional(node) => {
            collect(&node.condition, found);
            collect(&node.yes, found);
            collect(&node.no, found);
        }
        ExprKind::Unary(node) => collect(&node.operand, found),
        ExprKind::Binary(_) => {
            // Chains nest to the left and may be long.
            let mut operands = Vec::new();
            let mut current = expr;
            while let ExprKind::Binary(node) = &current.kind {
                operands.push(&node.right);
                current = &node.left;
            }
            collect(current, found);
            operands.into_iter().rev().for_each(|operand| collect(operand, found));
        }
        ExprKind::Template(parts) => {
            for part in parts {
                if let TemplatePart::Interpolation(inner) = part {
                    collect(inner, found);
                }
            }
        }
        ExprKind::Tuple(elements) => elements.iter().for_each(|element| collect(element, found)),
        ExprKind::Object(items) => items.iter().for_each(|item| collect(&item.value, found)),
        ExprKind::For(node) => collect(&node.collection, found),
        ExprKind::Literal(_) | ExprKind::Variable(_) | ExprKind::SplatItem | ExprKind::Invalid => {}
    }
}

/// Writes a reference with static steps: `var.topics["a"].name`.
fn path(expr: &Expr) -> Option<String> {
    match &expr.kind {
        ExprKind::Variable(name) => Some(name.to_string()),
        ExprKind::GetAttr(node) => Some(format!("{}.{}", path(&node.of)?, node.name.value)),
        ExprKind::Index(node) => {
            let ExprKind::Literal(key) = &node.key.kind else { return None };
            let key = match key.data() {
                Data::String(text) => format!("{text:?}"),
                Data::Number(number) => number.to_string(),
                _ => return None,
            };
            Some(format!("{}[{key}]", path(&node.of)?))
        }
        _ => None,
    }
}
