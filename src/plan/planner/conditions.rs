//! Validations, preconditions and postconditions.

use crate::addr::ModuleInstance;
use crate::config::Condition;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::eval;
use crate::eval::Scope;
use crate::state::CheckStatus;
use crate::syntax::ast::Name;
use crate::value::Data;
use crate::value::Type;
use crate::value::convert;

use super::super::CheckResult;
use super::super::scope::View;
use super::Planner;

/// What a condition says.
#[derive(Debug)]
pub enum Held {
    /// It holds.
    Yes,
    /// It cannot be told yet.
    Unknown,
    /// It does not hold: its message.
    No(String),
}

/// Evaluates a condition.
///
/// # Errors
/// If the condition is not a bool, or something in it cannot be evaluated.
pub fn evaluate_condition(condition: &Condition, scope: &dyn Scope) -> Result<Held, Diagnostics> {
    let (value, _marks) = eval::evaluate(&condition.condition, scope)?.unmark();
    let value = convert(&value, &Type::Bool).map_err(|error| {
        Diagnostic::error(Code::ConditionUnusable, format!("the condition is not true or false: {error}"))
            .at(condition.condition.span, "")
    })?;
    match value.data() {
        Data::Unknown(_) => Ok(Held::Unknown),
        Data::Bool(true) => Ok(Held::Yes),
        Data::Bool(false) => Ok(Held::No(message(condition, scope)?)),
        _ => Err(Diagnostic::error(Code::ConditionUnusable, "the condition must not be null")
            .at(condition.condition.span, "")
            .into()),
    }
}

fn message(condition: &Condition, scope: &dyn Scope) -> Result<String, Diagnostics> {
    let unusable = |text: String| {
        Diagnostic::error(Code::ConditionUnusable, text)
            .at(condition.message.span, "")
            .at(condition.condition.span, "this does not hold, and the message cannot tell why")
    };
    let value = eval::evaluate(&condition.message, scope)?;
    if value.marks_deep().is_sensitive() {
        return Ok("(the message is not shown because it holds a sensitive value)".to_owned());
    }
    if value.marks_deep().is_ephemeral() {
        // Results of conditions are kept.
        return Ok("(the message is not shown because it holds an ephemeral value)".to_owned());
    }
    let value = convert(&value, &Type::String)
        .map_err(|error| unusable(format!("the error message is not a string: {error}")))?;
    if value.is_null() {
        return Err(unusable("the error message must not be null".to_owned()).into());
    }
    Ok(value
        .as_str()
        .map_or_else(|| "(the message is not known yet)".to_owned(), |text| text.trim().to_owned()))
}

impl Planner<'_> {
    /// Checks the validations of a variable.
    pub(super) fn validate_variable(&mut self, module: &ModuleInstance, name: &Name) {
        let declared = self.input.config.module(&module.path());
        let Some(variable) = declared.and_then(|module| module.variables.get(name)) else { return };
        let addr = if module.is_root() { format!("var.{name}") } else { format!("{module}.var.{name}") };
        for condition in &variable.validations {
            let held = evaluate_condition(condition, &View::module(&self.world, module));
            if let Ok(held) = &held {
                let (status, message) = match held {
                    Held::Yes => (CheckStatus::Pass, None),
                    Held::Unknown => (CheckStatus::Unknown, None),
                    Held::No(message) => (CheckStatus::Fail, Some(message.clone())),
                };
                self.checks.push(CheckResult { addr: addr.clone(), status, message });
            }
            match held {
                Ok(Held::Yes | Held::Unknown) => {}
                Ok(Held::No(message)) => {
                    let mut found = Diagnostic::error(
                        Code::VariableValidation,
                        format!("the value of variable `{}` is not accepted", shown(module, name)),
                    )
                    .detail(message);
                    let given = self.input.variables.values.get(name).filter(|_| module.is_root());
                    let call = self.input.config.call(&module.path());
                    let argument = call.and_then(|call| call.arguments.get(name));
                    let place = given
                        .and_then(|value| value.span)
                        .or_else(|| argument.map(|argument| argument.expr.span));
                    let place = if variable.sensitive { Some(variable.header) } else { place };
                    if let Some(place) = place {
                        found = found.at(place, "");
                    }
                    let found = found.at(condition.condition.span, "does not hold");
                    let view = View::module(&self.world, module);
                    self.diagnostics.push(eval::explain(found, &condition.condition, &view));
                }
                Err(found) => self.diagnostics.extend(found),
            }
        }
    }
    /// Takes over what the conditions of an object or output said; returns false if one does not hold.
    pub(super) fn note_conditions(&mut self, outcome: Outcome) -> bool {
        self.checks.extend(outcome.checks);
        self.diagnostics.extend(outcome.diagnostics);
        outcome.held
    }
}

/// The name of a variable for messages.
fn shown(module: &ModuleInstance, name: &Name) -> String {
    if module.is_root() { name.to_string() } else { format!("{module}.{name}") }
}

/// What all conditions of one kind of an object or output said.
#[derive(Debug)]
pub struct Outcome {
    /// One result per condition.
    pub checks: Vec<CheckResult>,
    /// Conditions that do not hold or cannot be evaluated.
    pub diagnostics: Diagnostics,
    /// None of them fails.
    pub held: bool,
}

/// Checks the conditions of an object or output, which is named in findings.
#[must_use]
pub fn check_conditions(conditions: &[Condition], kind: &str, addr: &str, scope: &dyn Scope) -> Outcome {
    let mut outcome = Outcome { checks: Vec::new(), diagnostics: Diagnostics::new(), held: true };
    for condition in conditions {
        let mut result = CheckResult { addr: addr.to_owned(), status: CheckStatus::Unknown, message: None };
        match evaluate_condition(condition, scope) {
            Ok(Held::Yes) => result.status = CheckStatus::Pass,
            Ok(Held::Unknown) => {}
            Ok(Held::No(message)) => {
                outcome.held = false;
                result.status = CheckStatus::Fail;
                result.message = Some(message.clone());
                let found =
                    Diagnostic::error(Code::ConditionFailed, format!("a {kind} of `{addr}` does not hold"))
                        .at(condition.condition.span, "is false")
                        .detail(message);
                outcome.diagnostics.push(eval::explain(found, &condition.condition, scope));
            }
            Err(found) => {
                outcome.held = false;
                outcome.diagnostics.extend(found);
                continue;
            }
        }
        outcome.checks.push(result);
    }
    outcome
}
