//! Failures that a run expects.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::config::Condition;
use crate::config::Module;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::diag::did_you_mean;
use crate::source::Span;
use crate::syntax::ast::RefStep;
use crate::syntax::ast::Reference;

/// The failures that a run expects, and those of them that were seen.
#[derive(Debug)]
pub struct Expected {
    /// Whose condition a place belongs to.
    places: Vec<(Span, String)>,
    /// What is expected, and where that is written.
    wanted: BTreeMap<String, Span>,
    seen: BTreeSet<String>,
}

impl Expected {
    /// Reads what is expected of a module.
    ///
    /// # Errors
    /// If something is named that is not there.
    pub fn of(references: &[Reference], module: &Module) -> Result<Self, Diagnostics> {
        let places = places(module);
        let names = checkable(module);
        let mut wanted = BTreeMap::new();
        let mut found = Diagnostics::new();
        for reference in references {
            let name = name_of(reference);
            if !names.contains(&name) {
                found.push(
                    Diagnostic::error(
                        Code::UndeclaredReference,
                        format!("there is no `{name}` that could fail"),
                    )
                    .at(reference.span, "not declared in the configuration under test")
                    .maybe_hint(did_you_mean(&name, names.iter().map(String::as_str))),
                );
            }
            wanted.insert(name, reference.span);
        }
        if found.is_empty() { Ok(Self { places, wanted, seen: BTreeSet::new() }) } else { Err(found) }
    }

    /// Returns true if no failure is expected.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.wanted.is_empty()
    }

    /// Returns whether an expected failure was seen.
    #[must_use]
    pub fn has_seen(&self) -> bool {
        !self.seen.is_empty()
    }

    /// Takes expected failures out of findings.
    pub fn take(&mut self, diagnostics: Diagnostics) -> Diagnostics {
        let mut left = Diagnostics::new();
        for item in diagnostics {
            match self.wanted_by(&item).map(ToOwned::to_owned) {
                Some(name) => {
                    self.seen.insert(name);
                }
                None => left.push(item),
            }
        }
        left
    }

    /// Returns findings as they are, those that were expected with an explanation why they came at the wrong time.
    #[must_use]
    pub fn explain(&self, diagnostics: Diagnostics) -> Diagnostics {
        let explain = |item: Diagnostic| match self.wanted_by(&item) {
            Some(name) => {
                let told = format!(
                    "`{name}` is expected to fail, but it fails while the plan is made, so there is nothing to apply."
                );
                let detail = if item.detail.is_empty() { told } else { format!("{}\n\n{told}", item.detail) };
                item.detail(detail).hint("use `command = plan` in this run")
            }
            None => item,
        };
        diagnostics.into_iter().map(explain).collect()
    }

    /// Returns a finding for everything that was expected to fail and did not.
    #[must_use]
    pub fn missing(&self) -> Diagnostics {
        let missing = self.wanted.iter().filter(|(name, _)| !self.seen.contains(*name));
        missing
            .map(|(name, span)| {
                Diagnostic::error(
                    Code::MissingFailure,
                    format!("`{name}` was expected to fail, but it did not"),
                )
                .at(*span, "")
            })
            .collect()
    }

    fn wanted_by(&self, item: &Diagnostic) -> Option<&str> {
        if !matches!(item.code, Code::VariableValidation | Code::ConditionFailed | Code::CheckFailed) {
            return None;
        }
        let owner =
            self.places.iter().find(|(place, _)| item.labels.iter().any(|label| label.span == *place));
        owner.map(|(_, name)| name.as_str()).filter(|name| self.wanted.contains_key(*name))
    }
}

/// The address of a checkable object, without keys.
fn name_of(reference: &Reference) -> String {
    let mut name = reference.root.value.to_string();
    for step in &reference.steps {
        match &step.value {
            RefStep::Attr(part) => {
                name.push('.');
                name.push_str(part);
            }
            RefStep::Key(_) | RefStep::Index(_) | RefStep::Dynamic => break,
        }
    }
    name
}

/// The names of everything that may have conditions.
fn checkable(module: &Module) -> BTreeSet<String> {
    let variables = module.variables.keys().map(|name| format!("var.{name}"));
    let outputs = module.outputs.keys().map(|name| format!("output.{name}"));
    let checks = module.checks.keys().map(|name| format!("check.{name}"));
    let resources = module.resources.keys().map(ToString::to_string);
    variables.chain(outputs).chain(checks).chain(resources).collect()
}

/// Where conditions stand, and whose they are.
fn places(module: &Module) -> Vec<(Span, String)> {
    let mut places = Vec::new();
    let mut add = |conditions: &[Condition], name: String| {
        places.extend(conditions.iter().map(|condition| (condition.condition.span, name.clone())));
    };
    for (name, variable) in &module.variables {
        add(&variable.validations, format!("var.{name}"));
    }
    for (name, output) in &module.outputs {
        add(&output.preconditions, format!("output.{name}"));
    }
    for (id, resource) in &module.resources {
        add(&resource.lifecycle.preconditions, id.to_string());
        add(&resource.lifecycle.postconditions, id.to_string());
    }
    for (name, check) in &module.checks {
        add(&check.asserts, format!("check.{name}"));
    }
    places
}
