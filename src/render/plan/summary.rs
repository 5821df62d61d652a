//! The last lines: how much, and by which calls.

use std::fmt;

use crate::plan::Action;
use crate::plan::PlanMode;
use crate::plan::PlanStatus;
use crate::plan::Risk;
use crate::plan::StepKind;

use super::super::paint::Paint;
use super::super::paint::Tone;
use super::PlanView;
use super::frame::count;

/// Most kinds of calls named in the summary.
const KINDS: usize = 8;

/// Draws the summary.
pub(super) fn write(out: &mut dyn fmt::Write, view: &PlanView<'_>, paint: Paint) -> fmt::Result {
    let plan = view.plan;
    let of =
        |wanted: &dyn Fn(Action) -> bool| plan.changes.iter().filter(|change| wanted(change.action)).count();
    let replaced = of(&|action| matches!(action, Action::Replace(_)));
    let add = of(&|action| action == Action::Create) + replaced;
    let change = of(&|action| action == Action::Update);
    let destroy = of(&|action| action == Action::Delete) + replaced;
    let forget = of(&|action| action == Action::Forget);
    let mut text = format!("Plan: {add} to add, {change} to change, {destroy} to destroy");
    if forget > 0 {
        text.push_str(&format!(", {forget} to forget"));
    }
    let denied = plan.changes.iter().filter(|change| change.risk == Risk::Denied).count();
    match plan.status {
        PlanStatus::Denied if denied > 0 => {
            text.push_str(&format!("; {denied} denied, nothing can be applied"))
        }
        PlanStatus::Denied => text.push_str("; denied, nothing can be applied"),
        PlanStatus::Errored => text.push_str("; planning failed, nothing can be applied"),
        PlanStatus::Complete | PlanStatus::Incomplete => {}
    }
    text.push('.');
    let hidden = plan.changes.iter().filter(|change| change.action == Action::NoOp).count();
    let mut line = paint.tone(Tone::Strong, &text);
    if hidden > 0 && plan.mode == PlanMode::Normal {
        line.push_str(&format!(" {} hidden.", count(hidden as u64, "unchanged object")));
    }
    let calls = calls(view);
    if !calls.is_empty() {
        let total: usize = calls.iter().map(|(_, number)| number).sum();
        let named: Vec<String> = calls
            .iter()
            .take(KINDS)
            .map(|(name, number)| if *number == 1 { name.clone() } else { format!("{name} x{number}") })
            .collect();
        let more = if calls.len() > KINDS { ", …" } else { "" };
        let list = if view.calls { "" } else { " (--calls lists them)" };
        line.push_str(&format!(" {}: {}{more}{list}", count(total as u64, "call"), named.join(", ")));
    }
    writeln!(out, "{line}")?;
    if view.calls { list(out, view, paint) } else { Ok(()) }
}

/// Method and noun of every kind of call with its number, in order of first use.
fn calls(view: &PlanView<'_>) -> Vec<(String, usize)> {
    let mut found: Vec<(String, usize)> = Vec::new();
    for step in &view.plan.steps {
        let StepKind::Call { call, .. } = &step.kind else { continue };
        let Some(name) = short(call) else { continue };
        match found.iter_mut().find(|(known, _)| *known == name) {
            Some((_, number)) => *number += 1,
            None => found.push((name, 1)),
        }
    }
    found
}

/// `PUT /v2/{project_id}/instances/i-1/topics/orders` becomes `PUT topics`.
fn short(call: &str) -> Option<String> {
    let (method, path) = call.split_once(' ')?;
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let noun = match (method, segments.as_slice()) {
        ("POST", [.., last]) | (_, [last]) => last,
        (_, [.., before, _]) => before,
        _ => return None,
    };
    Some(format!("{method} {noun}"))
}

fn list(out: &mut dyn fmt::Write, view: &PlanView<'_>, paint: Paint) -> fmt::Result {
    writeln!(out, "\n  {}", paint.tone(Tone::Strong, "Calls, each after those it needs"))?;
    for step in &view.plan.steps {
        let StepKind::Call { call, name, .. } = &step.kind else { continue };
        let addr = step.addr.as_ref().map(ToString::to_string).unwrap_or_default();
        let what = if call.is_empty() { "(no call)" } else { call };
        writeln!(out, "  {:>4}  {what}  {}", step.id.0, paint.tone(Tone::Faint, &format!("{addr}: {name}")))?;
    }
    Ok(())
}
