//! Conditions must depend on something, or they can never change.

use crate::config::Condition;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::schema::Registry;
use crate::syntax::ast::RefStep;
use crate::syntax::parse::references;

use super::super::Config;
use super::super::Module;

/// Checks validations, preconditions and postconditions.
pub(super) fn check(_config: &Config, module: &Module, _registry: &Registry, diagnostics: &mut Diagnostics) {
    for (name, variable) in &module.variables {
        for condition in &variable.validations {
            let mut own = false;
            references(&condition.condition, &mut |reference| {
                own |= &*reference.root.value == "var"
                    && matches!(reference.steps.first().map(|step| &step.value), Some(RefStep::Attr(found)) if found == name);
            });
            if !own {
                diagnostics.push(
                    Diagnostic::error(
                        Code::ConditionUnusable,
                        format!("the condition must refer to `var.{name}`"),
                    )
                    .at(condition.condition.span, "")
                    .hint(format!("write a condition on `var.{name}`, the value it validates")),
                );
            }
        }
    }
    let outputs = module.outputs.values().flat_map(|output| &output.preconditions);
    let resources = module.resources.values().flat_map(|resource| {
        resource.lifecycle.preconditions.iter().chain(&resource.lifecycle.postconditions)
    });
    for check in module.checks.values() {
        let fixed: Vec<_> = check.asserts.iter().filter(|assert| !refers(assert)).collect();
        let Some(first) = fixed.first() else { continue };
        let mut found = Diagnostic::error(
            Code::ConditionUnusable,
            format!("check `{}` asserts what can never change", check.name.value),
        )
        .at(check.header, "")
        .at(first.condition.span, "refers to nothing");
        for assert in fixed.iter().skip(1) {
            found = found.at(assert.condition.span, "refers to nothing, too");
        }
        diagnostics
            .push(found.hint("assert something of an object, a data source, a variable or a local value"));
    }
    for condition in outputs.chain(resources) {
        needs_reference(condition, diagnostics);
    }
}

fn refers(condition: &Condition) -> bool {
    let mut any = false;
    references(&condition.condition, &mut |_| any = true);
    any
}

fn needs_reference(condition: &Condition, diagnostics: &mut Diagnostics) {
    if !refers(condition) {
        diagnostics.push(
            Diagnostic::error(Code::ConditionUnusable, "the condition must refer to at least one object")
                .at(condition.condition.span, "always the same")
                .hint("a condition without references is always true or always false: remove it or refer to something"),
        );
    }
}
