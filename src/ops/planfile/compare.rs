//! Whether a fresh plan decides what a saved one did.

use serde_json::Value as Json;

use crate::diag::Diagnostics;
use crate::plan::PlanStatus;
use crate::plan::Verdict;
use crate::schema::Registry;

use super::super::plan::Planned;
use super::decide::Decision;
use super::decide::UNKNOWN;
use super::decide::decisions;
use super::decide::plan_hash;
use super::format::PlanFile;
use super::reopen::stale;
use super::save::relied_on;

/// Most differences that are listed.
const LISTED: usize = 12;

/// Makes sure that a fresh plan decides the same as the saved one. If the saved one is being carried out
/// already, it may also decide less, and know more.
pub(super) fn check(
    file: &PlanFile,
    planned: &Planned,
    registry: &Registry,
    is_begun: bool,
) -> Result<(), Diagnostics> {
    let plan = &planned.plan;
    if plan.status == PlanStatus::Errored {
        return Err(plan.diagnostics.clone());
    }
    let fresh = decisions(plan);
    let mut differences: Vec<String> = Vec::new();
    for (subject, was) in &file.decisions {
        match fresh.get(subject) {
            None if is_begun => {}
            None => {
                differences.push(format!("{subject}: planned to {}, now nothing is to be done", was.action))
            }
            Some(now) if is_begun && is_rest_of(now, was) => {}
            Some(now) => differences.extend(difference(subject, was, now)),
        }
    }
    for (subject, now) in &fresh {
        if !file.decisions.contains_key(subject) {
            differences.push(format!("{subject}: not in the saved plan, now to {}", now.action));
        }
    }
    if !is_begun {
        let now = relied_on(&plan.changes, registry);
        for (subject, was) in &file.relied_on {
            let Some(now) = now.get(subject) else { continue };
            if let Some(names) = changed_names(was, now)
                && !differences.iter().any(|line| line.starts_with(&format!("{subject}:")))
            {
                differences.push(format!("{subject}: it is not what it was: {names}"));
            }
        }
    }
    if plan.status == PlanStatus::Denied {
        for change in &plan.changes {
            let denied = |verdict| matches!(verdict, Verdict::Denied | Verdict::Unobserved);
            for guard in change.guards.iter().filter(|guard| denied(guard.verdict)) {
                differences.push(format!("{}: now denied: {}", change.addr, guard.message));
            }
        }
        if differences.is_empty() {
            differences.push("it is denied now".to_owned());
        }
    }
    if differences.is_empty() && !is_begun && plan_hash(plan) != file.hash {
        differences.push("the order of its steps is another one".to_owned());
    }
    if differences.is_empty() {
        return Ok(());
    }
    let more = differences.len().saturating_sub(LISTED);
    let mut lines: Vec<String> =
        differences.into_iter().take(LISTED).map(|line| format!("  {line}")).collect();
    if more > 0 {
        lines.push(format!("  … and {more} more"));
    }
    let mut found: Diagnostics = plan.diagnostics.iter().filter(|found| found.is_error()).cloned().collect();
    found.push(
        stale(format!(
            "the saved plan {} is stale: things have changed since it was made",
            file.short_hash()
        ))
        .detail(format!("Nothing was done. The differences:\n{}", lines.join("\n"))),
    );
    Err(found)
}

/// Says how two decisions about one subject differ, if they do.
fn difference(subject: &str, was: &Decision, now: &Decision) -> Option<String> {
    if was == now {
        return None;
    }
    if was.action != now.action {
        return Some(format!("{subject}: planned to {}, now to {}", was.action, now.action));
    }
    let none = "nothing".to_owned();
    let names = was.values.keys().chain(now.values.keys());
    let mut parts: Vec<String> = names
        .filter(|name| was.values.get(*name) != now.values.get(*name))
        .map(|name| {
            let before = was.values.get(name).unwrap_or(&none);
            let after = now.values.get(name).unwrap_or(&none);
            format!("`{name}` was planned as {before}, now as {after}")
        })
        .collect();
    parts.sort();
    parts.dedup();
    if parts.is_empty() {
        let step = now.steps.iter().find(|step| !was.steps.contains(step));
        let step = step.or_else(|| was.steps.iter().find(|step| !now.steps.contains(step)));
        parts.push(match step {
            Some(step) => format!("the steps are other ones ({step})"),
            None => "the steps have another order".to_owned(),
        });
    }
    Some(format!("{subject}: {}", parts.join("; ")))
}

/// Returns whether a decision is what is left of an earlier one: nothing new is done, and nothing is set to
/// another value, except for values that were not known then.
fn is_rest_of(now: &Decision, was: &Decision) -> bool {
    let values = now.values.iter().all(|(name, now)| match was.values.get(name) {
        Some(was) => was == now || was.contains(UNKNOWN),
        None => false,
    });
    // Calls may name ids that were not known then; the step is the same by its name.
    let name = |step: &String| step.split(':').next().unwrap_or_default().to_owned();
    let steps = now.steps.iter().all(|step| was.steps.iter().any(|known| name(known) == name(step)));
    values && (steps || now.action == was.action)
}

/// Names the attributes in which two versions of an object differ, with their values.
fn changed_names(was: &Json, now: &Json) -> Option<String> {
    let (Json::Object(was), Json::Object(now)) = (was, now) else {
        return (was != now).then(|| "all of it".to_owned());
    };
    let mut names: Vec<&String> = was.keys().chain(now.keys()).collect();
    names.sort();
    names.dedup();
    let shown = |value: Option<&Json>| value.map_or_else(|| "nothing".to_owned(), ToString::to_string);
    let parts: Vec<String> = names
        .into_iter()
        .filter(|name| was.get(*name) != now.get(*name))
        .map(|name| format!("`{name}` was {}, is {}", shown(was.get(name)), shown(now.get(name))))
        .collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}
