//! Assertions.

use crate::config::Condition;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::eval;
use crate::eval::Scope;
use crate::plan::Held;
use crate::plan::evaluate_condition;

use super::RunStatus;

/// Judges the assertions of a run, all of them.
pub fn judge(
    run: &str,
    assertions: &[Condition],
    scope: &dyn Scope,
    diagnostics: &mut Diagnostics,
) -> RunStatus {
    let mut status = RunStatus::Pass;
    for assertion in assertions {
        let (one, found) = one(run, assertion, scope);
        status = status.max(one);
        diagnostics.extend(found);
    }
    status
}

fn one(run: &str, assertion: &Condition, scope: &dyn Scope) -> (RunStatus, Diagnostics) {
    let explained =
        |found: Diagnostic| -> Diagnostics { eval::explain(found, &assertion.condition, scope).into() };
    match evaluate_condition(assertion, scope) {
        Ok(Held::Yes) => (RunStatus::Pass, Diagnostics::new()),
        Ok(Held::No(message)) => {
            let summary = format!("an assertion of run `{run}` does not hold");
            let found = Diagnostic::error(Code::TestAssertion, summary)
                .at(assertion.condition.span, "is false")
                .detail(message);
            (RunStatus::Fail, explained(found))
        }
        Ok(Held::Unknown) => {
            let summary = format!("an assertion of run `{run}` cannot be judged: its condition is not known");
            let found = Diagnostic::error(Code::ConditionUnusable, summary)
                .at(assertion.condition.span, "")
                .hint("assert only what a plan knows, or use `command = apply`");
            (RunStatus::Error, explained(found))
        }
        Err(found) => (RunStatus::Error, found),
    }
}
