//! Plans for people: target and verdict first, then changes by risk, then the summary.
//!
//! Siblings with the same action are folded into one table; what does not change is not shown. Everything that
//! is told stands in the plan or in the schemas.

mod attributes;
mod change;
mod departures;
mod drift;
mod fold;
mod frame;
mod heading;
mod held;
pub(super) mod layout;
mod page;
mod rounds;
mod summary;
mod table;
mod update;
mod waiting;

use std::collections::BTreeMap;
use std::fmt;

use crate::addr::ResourceAddr;
use crate::plan::Action;
use crate::plan::Change;
use crate::plan::Plan;
use crate::plan::PlanMode;
use crate::plan::PlanStatus;
use crate::plan::ReplaceOrder;
use crate::plan::Risk;
use crate::schema::Registry;
use crate::source::SourceMap;

use super::Look;
use super::paint::Paint;
use super::paint::Tone;

pub use departures::DriftView;
pub use departures::departures;
use page::Page;

/// What a view of a plan needs besides the plan.
#[derive(Debug, Clone, Copy)]
pub struct PlanView<'v> {
    /// The plan.
    pub plan: &'v Plan,
    /// All schemas.
    pub registry: &'v Registry,
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
    let page = Page::new(view, look);
    frame::header(out, &page)?;
    let plan = view.plan;
    let mut shown: Vec<&Change> = plan.changes.iter().filter(|change| change.is_effective()).collect();
    let quiet = shown.is_empty() && plan.outputs.values().all(|output| output.action == Action::NoOp);
    if quiet {
        frame::nothing(out, &page)?;
        held::write(out, &page)?;
        return waiting::write(out, &page);
    }
    // Within one risk, resources stand in the order of their steps, so that parents come before children, and
    // siblings with the same action beside each other.
    let mut first: BTreeMap<&ResourceAddr, u32> = BTreeMap::new();
    for change in &shown {
        let step = change.steps.first().map_or(u32::MAX, |step| step.0);
        first.entry(&change.addr.resource).and_modify(|least| *least = (*least).min(step)).or_insert(step);
    }
    let waiting: BTreeMap<_, bool> =
        shown.iter().map(|change| ((&change.addr, &change.deposed), page.is_in_steps(change))).collect();
    let rank = |change: &Change| {
        (
            weight(change, waiting.get(&(&change.addr, &change.deposed)) == Some(&true)),
            first.get(&change.addr.resource).copied().unwrap_or(u32::MAX),
        )
    };
    shown.sort_by(|a, b| {
        (rank(a), &a.addr.resource, a.action, &a.addr, &a.deposed).cmp(&(
            rank(b),
            &b.addr.resource,
            b.action,
            &b.addr,
            &b.deposed,
        ))
    });
    frame::verdict(out, &shown, &page)?;
    if !shown.is_empty() {
        writeln!(out)?;
    }
    let labelled = shown.iter().any(|change| {
        change.risk >= Risk::Replaces || waiting.get(&(&change.addr, &change.deposed)) == Some(&true)
    });
    for group in fold::fold(&shown, &page) {
        change::write(out, &group, &page, labelled)?;
    }
    held::write(out, &page)?;
    waiting::write(out, &page)?;
    rounds::write(out, &page)?;
    drift::write(out, &page)?;
    frame::outputs(out, &page)?;
    writeln!(out)?;
    summary::write(out, &page)
}

/// Orders changes: the worst first.
fn weight(change: &Change, waits: bool) -> u8 {
    match change.risk {
        Risk::Denied => 0,
        Risk::LosesData => 1,
        Risk::Interrupts => 2,
        _ if waits => 3,
        Risk::Replaces => 4,
        Risk::Safe | Risk::Creates if change.action == Action::Update => 5,
        Risk::Safe | Risk::Creates => 6,
    }
}

/// The sign of an action.
#[must_use]
pub fn sign(action: Action) -> &'static str {
    match action {
        Action::NoOp => " ",
        Action::Create => "+",
        Action::Read => "<=",
        Action::Update => "~",
        Action::Replace(ReplaceOrder::DeleteFirst) => "-/+",
        Action::Replace(ReplaceOrder::CreateFirst) => "+/-",
        Action::Delete => "-",
        Action::Forget => ".",
        Action::Invoke => "!",
    }
}

/// The sign of a change: also of those that do nothing to the object.
fn sign_of(change: &Change) -> &'static str {
    match change.action {
        Action::NoOp if change.importing.is_some() => "=",
        Action::NoOp => ">",
        action => sign(action),
    }
}

/// A sign in its tone.
fn signed(sign: char, paint: Paint) -> String {
    let tone = match sign {
        '+' => Tone::Add,
        '-' => Tone::Remove,
        _ => Tone::Change,
    };
    paint.tone(tone, &sign.to_string())
}

/// The tone of an action.
#[must_use]
pub fn tone(action: Action) -> Tone {
    match action {
        Action::NoOp | Action::Forget => Tone::Faint,
        Action::Create => Tone::Add,
        Action::Read => Tone::Read,
        Action::Update | Action::Invoke => Tone::Change,
        Action::Replace(_) | Action::Delete => Tone::Remove,
    }
}

/// The word in front of a change.
fn label(change: &Change, page: &Page<'_>) -> (&'static str, Tone) {
    match change.risk {
        Risk::Denied => ("DENIED", Tone::Alarm),
        Risk::LosesData => ("LOSES DATA", Tone::Alarm),
        Risk::Interrupts => ("INTERRUPTS", Tone::Warn),
        Risk::Replaces if matches!(change.action, Action::Replace(_)) => ("REPLACES", Tone::Warn),
        Risk::Replaces => ("DELETES", Tone::Warn),
        Risk::Creates | Risk::Safe if page.is_in_steps(change) => ("WAITS", Tone::Warn),
        Risk::Creates | Risk::Safe => ("ok", Tone::Faint),
    }
}

/// Whether a plan changes anything when it is applied.
#[must_use]
pub fn has_changes(plan: &Plan) -> bool {
    plan.changes.iter().any(Change::is_effective)
        || plan.outputs.values().any(|output| output.action != Action::NoOp)
        || (plan.mode == PlanMode::RefreshOnly && !plan.drift.is_empty())
}

/// Whether a plan can be applied.
#[must_use]
pub fn is_applicable(plan: &Plan) -> bool {
    matches!(plan.status, PlanStatus::Complete | PlanStatus::Incomplete)
}
