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

use super::super::Module;
use super::super::Repetition;

/// Checks locals and resources for references to themselves. (Longer circles are found by the graph.)
pub(super) fn check(module: &Module, _registry: &Registry, diagnostics: &mut Diagnostics) {
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
            Repetition::Count(expr) | Repetition::ForEach(expr) => expressions.push(expr),
        }
        expressions.extend(resource.lifecycle.preconditions.iter().map(|condition| &condition.condition));
        let mine = |reference: &Reference| {
            super::references::resource_of(reference).is_some_and(|found| found == *id)
        };
        for expr in expressions {
            each(expr, |reference| {
                if mine(reference) {
                    diagnostics.push(own(&id.to_string(), reference.span));
                }
            });
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
