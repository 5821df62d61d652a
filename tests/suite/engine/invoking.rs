//! Actions that are run by name, and what becomes of their results.

use std::fmt::Write as _;

use queueform::api::Stop;
use queueform::api::Stopper;
use queueform::emulator::System;
use queueform::ops;
use queueform::ops::apply::ApplyOutcome;
use queueform::ops::apply::ApplyPorts;
use queueform::ops::apply::ApplyRequest;
use queueform::plan::PlanOptions;
use queueform::value::to_json;
use serde_json::Value;

use super::Lab;
use super::listed;
use super::told;

/// What became of a run that was asked for.
#[derive(Debug)]
pub(crate) enum Ran {
    /// It was run; arguments and results, secrets too.
    Done(Value),
    /// It is recorded already.
    Recorded,
    /// It was not run, or failed: all that is said about it.
    Refused(String),
}

/// Runs an action; `approve` is called between plan and apply.
pub(crate) async fn invoke(lab: &Lab, addr: &str, again: bool, approve: &mut dyn FnMut()) -> Ran {
    let options = PlanOptions { invoke: vec![addr.parse().unwrap()], again, ..PlanOptions::normal() };
    let stopper = Stopper::default();
    let ports = ApplyPorts {
        approve: &mut |_planned| {
            approve();
            true
        },
        events: &mut |_event| {},
        stop: &stopper.signal(),
        abort: &Stop::never(),
    };
    let request = ApplyRequest { options, expect: None, command: "apply".to_owned() };
    match ops::apply::apply(&lab.open(), &request, ports).await {
        Err(found) => Ran::Refused(listed(&found)),
        Ok(ApplyOutcome::Unchanged(_)) => Ran::Recorded,
        Ok(ApplyOutcome::Applied(_, applied)) if applied.complete => {
            let mut results = applied.results.values();
            let value = results.next().unwrap().clone().unmark_deep().0;
            assert!(results.next().is_none(), "one action, one run");
            Ran::Done(to_json(&value).unwrap())
        }
        Ok(ApplyOutcome::Refused(planned)) => {
            let mut text = listed(&planned.plan.diagnostics);
            for guard in planned.plan.changes.iter().flat_map(|change| &change.guards) {
                write!(text, "\n{}: {}", guard.guard, guard.message).unwrap();
            }
            Ran::Refused(text)
        }
        Ok(other) => Ran::Refused(told(&other)),
    }
}

/// Runs an action once. Its results are recorded, nothing else is left to do, and it is not run a second time.
pub(crate) async fn once(lab: &Lab, system: System, addr: &str) -> Value {
    ran(lab, system, addr, false).await
}

/// Runs an action that was run before once more.
pub(crate) async fn again(lab: &Lab, system: System, addr: &str) -> Value {
    ran(lab, system, addr, true).await
}

async fn ran(lab: &Lab, system: System, addr: &str, again: bool) -> Value {
    let done = match invoke(lab, addr, again, &mut || {}).await {
        Ran::Done(done) => done,
        other => panic!("{addr}: {other:?}"),
    };
    let recorded = record(lab, addr).unwrap_or_else(|| panic!("{addr} is not recorded"));
    for (name, value) in done.as_object().unwrap() {
        let known = recorded.get(name).cloned().unwrap_or_default();
        // Secrets are kept as digests alone.
        assert!(known == *value || known.is_null(), "{addr}: {name} is {value} and recorded as {known}");
    }
    lab.settled().await;
    let before = changes(lab, system);
    let second = invoke(lab, addr, false, &mut || {}).await;
    assert!(matches!(second, Ran::Recorded), "{addr} is run twice: {second:?}");
    assert_eq!(changes(lab, system), before, "{addr}: a recorded run changes something");
    done
}

/// Why an action is not run, or how it failed.
pub(crate) async fn refusal(lab: &Lab, addr: &str) -> String {
    match invoke(lab, addr, false, &mut || {}).await {
        Ran::Refused(text) => text,
        other => panic!("{addr}: {other:?}"),
    }
}

/// What the state keeps of the last run of an action.
pub(crate) fn record(lab: &Lab, addr: &str) -> Option<Value> {
    let state = lab.state();
    let mut found = state.objects().filter(|(target, _, _)| target.addr.to_string() == addr);
    let (_, _, object) = found.next()?;
    Some(serde_json::from_str(object.attributes.raw()).unwrap())
}

/// How many calls changed something.
pub(crate) fn changes(lab: &Lab, system: System) -> usize {
    let calls = lab.emulator.store().calls(system);
    calls.iter().filter(|call| call.mutating && call.committed).count()
}
