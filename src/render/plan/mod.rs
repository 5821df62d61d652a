//! Plans for people: target and verdict first, then changes by risk, then the summary.
//!
//! Siblings with the same action are folded into one table; what does not change is not shown.

mod change;
mod fold;
mod frame;
mod summary;

use std::collections::BTreeMap;
use std::fmt;

use crate::addr::ResourceAddr;
use crate::plan::Action;
use crate::plan::Change;
use crate::plan::Plan;
use crate::plan::PlanMode;
use crate::plan::PlanStatus;
use crate::plan::Risk;
use crate::source::SourceMap;

use super::Look;
use super::paint::Paint;
use super::paint::Tone;

/// What a view of a plan needs besides the plan.
#[derive(Debug, Clone, Copy)]
pub struct PlanView<'v> {
    /// The plan.
    pub plan: &'v Plan,
    /// The texts that places refer to.
    pub sources: &'v SourceMap,
    /// The state in a few words: `local, serial 4`.
    pub state: &'v str,
    /// Every object by itself, with all its attributes.
    pub full: bool,
    /// List the calls.
    pub calls: bool,
}

/// Draws a plan.
///
/// # Errors
/// If the writer fails.
pub fn human(out: &mut dyn fmt::Write, view: &PlanView<'_>, look: Look) -> fmt::Result {
    let paint = Paint::of(look);
    frame::header(out, view, paint)?;
    let plan = view.plan;
    let mut shown: Vec<&Change> = plan.changes.iter().filter(|change| is_shown(change)).collect();
    let quiet = shown.is_empty() && plan.outputs.values().all(|output| output.action == Action::NoOp);
    if quiet {
        return frame::nothing(out, view, paint);
    }
    // Within one risk, resources stand in the order of their steps, so that parents come before children.
    let mut first: BTreeMap<&ResourceAddr, u32> = BTreeMap::new();
    for change in &shown {
        let step = change.steps.first().map_or(u32::MAX, |step| step.0);
        first.entry(&change.addr.resource).and_modify(|least| *least = (*least).min(step)).or_insert(step);
    }
    let rank = |change: &Change| {
        (std::cmp::Reverse(change.risk), first.get(&change.addr.resource).copied().unwrap_or(u32::MAX))
    };
    shown.sort_by(|a, b| (rank(a), &a.addr, &a.deposed).cmp(&(rank(b), &b.addr, &b.deposed)));
    frame::verdict(out, &shown, paint)?;
    writeln!(out)?;
    let labelled = shown.iter().any(|change| change.risk >= Risk::Replaces);
    for group in fold::fold(&shown, view.full) {
        change::write(out, &group, view, labelled, look)?;
    }
    frame::outputs(out, plan, paint)?;
    writeln!(out)?;
    summary::write(out, view, paint)
}

/// Whether a change is worth a line: no-ops are, only if the state changes without a call.
fn is_shown(change: &Change) -> bool {
    change.action != Action::NoOp
}

/// The sign of an action.
#[must_use]
pub fn sign(action: Action) -> &'static str {
    match action {
        Action::NoOp => " ",
        Action::Create => "+",
        Action::Read => "<=",
        Action::Update => "~",
        Action::Replace(crate::plan::ReplaceOrder::DeleteFirst) => "-/+",
        Action::Replace(crate::plan::ReplaceOrder::CreateFirst) => "+/-",
        Action::Delete => "-",
        Action::Forget => ".",
    }
}

/// The tone of an action.
#[must_use]
pub fn tone(action: Action) -> Tone {
    match action {
        Action::NoOp | Action::Forget => Tone::Faint,
        Action::Create => Tone::Add,
        Action::Read => Tone::Read,
        Action::Update => Tone::Change,
        Action::Replace(_) | Action::Delete => Tone::Remove,
    }
}

/// The word in front of a risky change.
fn label(change: &Change) -> (&'static str, Tone) {
    match change.risk {
        Risk::Denied => ("DENIED", Tone::Alarm),
        Risk::LosesData => ("LOSES DATA", Tone::Alarm),
        Risk::Interrupts => ("INTERRUPTS", Tone::Warn),
        Risk::Replaces if matches!(change.action, Action::Replace(_)) => ("REPLACES", Tone::Warn),
        Risk::Replaces => ("DELETES", Tone::Warn),
        Risk::Creates | Risk::Safe => ("ok", Tone::Faint),
    }
}

/// Whether a plan changes anything when it is applied.
#[must_use]
pub fn has_changes(plan: &Plan) -> bool {
    plan.changes.iter().any(|change| change.action != Action::NoOp)
        || plan.outputs.values().any(|output| output.action != Action::NoOp)
        || (plan.mode == PlanMode::RefreshOnly && !plan.drift.is_empty())
}

/// Whether a plan can be applied.
#[must_use]
pub fn is_applicable(plan: &Plan) -> bool {
    matches!(plan.status, PlanStatus::Complete | PlanStatus::Incomplete)
}
