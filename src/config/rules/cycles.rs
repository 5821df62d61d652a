//! Declarations must not refer to themselves.

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::schema::Registry;
use crate::source::Span;
use crate::syntax::ast::Expr;
use crate::syntax::ast::RefStep;
use crate::syntax::ast::Reference;
use crate::syntax::parse::references;

use super::super::Config;
use super::super::Module;
use super::super::Repetition;

/// Checks locals and resources for references to themselves. (Longer circles are found by the graph.)
pub(super) fn check(_config: &Config, module: &Module, _registry: &Registry, diagnostics: &mut Diagnostics) {
    for (name, local) in &module.locals {
        each(&local.expr, |reference| {
            if &*reference.root.value == "local" && first_name(reference) == Some(&**name) {
                diagnostics.push(own(&format!("local.{name}"), reference.span));
            }
        });
    }
    for (id, resource) in &module.resources {
        let mut expressions: Vec<&Expr> =
            resource.arguments.values().map(|attribute| &attribute.expr).collect();
        match &resource.repetition {
            Repetition::One => {}
            Repetition::Count(expr) | Repetition::ForEach(expr) | Repetition::Enabled(expr) => {
                expressions.push(expr)
            }
        }
        let conditions: Vec<&Expr> = resource
            .lifecycle
            .preconditions
            .iter()
            .chain(&resource.lifecycle.postconditions)
            .flat_map(|condition| [&condition.condition, &condition.message])
            .collect();
        let mine = |reference: &Reference| {
            super::references::resource_of(reference).is_some_and(|found| found == *id)
        };
        // Instances may be said to need others of their block, until one needs itself.
        let is_late = !resource.repetition.is_keyless();
        for expr in expressions {
            each(expr, |reference| {
                if mine(reference) {
                    let found = own(&id.to_string(), reference.span);
                    diagnostics.push(if is_late { found.late() } else { found });
                }
            });
        }
        for expr in conditions {
            each(expr, |reference| {
                if mine(reference) {
                    diagnostics.push(own(&id.to_string(), reference.span));
                }
            });
        }
        for trigger in resource.lifecycle.replace_triggered_by.iter().filter(|one| mine(&one.reference)) {
            diagnostics.push(own(&id.to_string(), trigger.reference.span).late());
        }
        for reference in resource.depends_on.iter().filter(|reference| mine(reference)) {
            diagnostics.push(own(&id.to_string(), reference.span));
        }
    }
}

fn each(expr: &Expr, mut visit: impl FnMut(&Reference)) {
    references(expr, &mut |reference| visit(&reference));
}

fn first_name(reference: &Reference) -> Option<&str> {
    match reference.steps.first().map(|step| &step.value) {
        Some(RefStep::Attr(name) | RefStep::Key(name)) => Some(name),
        _ => None,
    }
}

fn own(what: &str, span: Span) -> Diagnostic {
    Diagnostic::error(Code::SelfReference, format!("`{what}` refers to itself"))
        .at(span, "")
        .hint("use a local value or a variable for what both need; `self` works only in postconditions")
}
