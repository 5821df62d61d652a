//! The last lines: how much, and by which calls.

use std::fmt;

use crate::plan::Action;
use crate::plan::Change;
use crate::plan::Operation;
use crate::plan::PlanMode;
use crate::plan::PlanStatus;
use crate::plan::Risk;
use crate::plan::Step;
use crate::plan::StepKind;

use super::super::paint::Tone;
use super::frame::is_object;
use super::layout;
use super::layout::count;
use super::page::Page;
use super::waiting;

/// Most kinds of calls named in the summary.
const KINDS: usize = 8;

/// Draws the summary.
pub(super) fn write(out: &mut dyn fmt::Write, page: &Page<'_>) -> fmt::Result {
    let plan = page.view.plan;
    let mut text = counts(&plan.changes);
    let denied = plan.changes.iter().filter(|change| change.risk == Risk::Denied).count();
    match plan.status {
        PlanStatus::Denied if denied > 0 => {
            text.push_str(&format!("; {denied} denied, nothing can be applied"));
        }
        PlanStatus::Denied => text.push_str("; denied, nothing can be applied"),
        PlanStatus::Errored => text.push_str("; planning failed, nothing can be applied"),
        PlanStatus::Complete | PlanStatus::Incomplete => {}
    }
    let waiting = waiting::number(&plan.changes);
    if waiting > 0 {
        text.push_str(&format!("; {} waiting", layout::grouped(waiting)));
    }
    let held = plan.held().count();
    if held > 0 {
        text.push_str(&format!("; {} held", layout::grouped(held)));
    }
    let left = plan.deferred.len();
    if left > 0 {
        text.push_str(&format!("; {} left to the next round", layout::grouped(left)));
    }
    text.push('.');
    let mut line = page.paint.tone(Tone::Strong, &text);
    let hidden = plan.changes.iter().filter(|change| !change.is_effective() && is_object(change)).count();
    if hidden > 0 && plan.mode == PlanMode::Normal {
        line.push_str(&format!(" {} hidden.", count(hidden, "unchanged object")));
    }
    let calls = calls(page);
    if !calls.is_empty() {
        let named: Vec<String> =
            calls
                .iter()
                .take(KINDS)
                .map(|(name, number)| {
                    if *number == 1 { name.clone() } else { format!("{name} x{}", layout::grouped(*number)) }
                })
                .collect();
        let more = if calls.len() > KINDS { ", …" } else { "" };
        let list = if page.view.calls { "" } else { " (--calls lists them)" };
        let how_many = how_many(page, calls.iter().map(|(_, number)| number).sum());
        line.push_str(&format!(" {how_many}: {}{more}{list}", named.join(", ")));
    }
    page.paragraph(out, 0, &line)?;
    if page.view.calls && !calls.is_empty() { list(out, page) } else { Ok(()) }
}

fn counts(changes: &[Change]) -> String {
    let of = |wanted: &dyn Fn(&Change) -> bool| changes.iter().filter(|change| wanted(change)).count();
    let replaced = of(&|change| matches!(change.action, Action::Replace(_)));
    let add = of(&|change| change.action == Action::Create) + replaced;
    let update = of(&|change| change.action == Action::Update);
    let destroy = of(&|change| change.action == Action::Delete) + replaced;
    let forget = of(&|change| change.action == Action::Forget);
    let import = of(&|change| change.importing.is_some());
    let moved = of(&|change| change.previous_addr.is_some());
    let n = layout::grouped;
    let import = if import > 0 { format!("{} to import, ", n(import)) } else { String::new() };
    let mut text =
        format!("Plan: {import}{} to add, {} to change, {} to destroy", n(add), n(update), n(destroy));
    let invoke = of(&|change| change.action == Action::Invoke);
    if invoke > 0 {
        text.push_str(&format!(", {} to run", n(invoke)));
    }
    if forget > 0 {
        text.push_str(&format!(", {} to forget", n(forget)));
    }
    if moved > 0 {
        text.push_str(&format!("; {} moved", count(moved, "object")));
    }
    text
}

/// `11 calls`, `Once allowed: 7 calls now, 1 waiting`.
fn how_many(page: &Page<'_>, total: usize) -> String {
    let waiting = page.view.plan.steps.iter().filter(|step| is_waiting(step)).count();
    let text = match waiting {
        0 => count(total, "call"),
        waiting => format!("{} now, {} waiting", count(total - waiting, "call"), layout::grouped(waiting)),
    };
    if page.view.plan.status == PlanStatus::Denied { format!("Once allowed: {text}") } else { text }
}

/// Whether a call waits for something before it is made.
fn is_waiting(step: &Step) -> bool {
    matches!(&step.kind, StepKind::Call { operation: Operation::Update, waits, .. } if !waits.is_empty())
}

/// Method and noun of every kind of call with its number, in order of first use.
fn calls(page: &Page<'_>) -> Vec<(String, usize)> {
    let mut found: Vec<(String, usize)> = Vec::new();
    for step in &page.view.plan.steps {
        let StepKind::Call { call, .. } = &step.kind else { continue };
        let Some(name) = short(call) else { continue };
        match found.iter_mut().find(|(known, _)| *known == name) {
            Some((_, number)) => *number += 1,
            None => found.push((name, 1)),
        }
    }
    found
}

/// What paths end in where they name what is done and not to what.
const VERBS: &[&str] = &["create", "delete", "get", "list", "update"];

/// `PUT /v2/{project_id}/instances/i-1/topics/orders` becomes `PUT topics`, `POST /?Action=CreateGroupId` becomes
/// `CreateGroupId`.
fn short(call: &str) -> Option<String> {
    let (method, path) = call.split_once(' ')?;
    if let Some(action) = path.strip_prefix("/?Action=") {
        return Some(action.to_owned());
    }
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    if let [.., noun, verb] = segments.as_slice()
        && VERBS.contains(verb)
    {
        return Some(format!("{method} {noun}/{verb}"));
    }
    let noun = match (method, segments.as_slice()) {
        (_, [.., noun, "action"] | [.., "instances", _, noun]) => noun,
        ("POST", [.., last]) | (_, [last]) => last,
        (_, [.., before, _]) => before,
        _ => return None,
    };
    Some(format!("{method} {noun}"))
}

fn list(out: &mut dyn fmt::Write, page: &Page<'_>) -> fmt::Result {
    writeln!(out, "\n  {}", page.paint.tone(Tone::Strong, "Calls, each after those it needs"))?;
    for step in &page.view.plan.steps {
        let StepKind::Call { call, name, .. } = &step.kind else { continue };
        if call.is_empty() {
            continue;
        }
        let addr = step.addr.as_ref().map(ToString::to_string).unwrap_or_default();
        let line = format!("  {:>4}  {call}", step.id.0);
        let what = page.faint(&format!("{addr}: {name}"));
        if layout::columns(&line) + 2 + layout::columns(&what) <= page.look.width {
            writeln!(out, "{line}  {what}")?;
        } else {
            writeln!(out, "{line}\n        {what}")?;
        }
    }
    Ok(())
}
