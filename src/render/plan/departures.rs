//! What has drifted, what is pending and what is not managed: the report of `drift` for people.

use std::collections::BTreeMap;
use std::fmt;

use crate::addr::ProviderAddr;
use crate::plan::Action;
use crate::plan::Change;
use crate::plan::DriftReport;
use crate::plan::Plan;
use crate::plan::Unmanaged;
use crate::schema::Registry;
use crate::source::SourceMap;

use super::super::Look;
use super::super::paint::Tone;
use super::PlanView;
use super::change;
use super::fold;
use super::frame;
use super::layout;
use super::layout::count;
use super::page::Page;

/// Most objects of one type that are not managed, in a folded view.
const UNMANAGED: usize = 10;

/// Most ignored parts in a full view.
const IGNORED: usize = 200;

/// What a view of a report needs besides the report.
#[derive(Debug, Clone, Copy)]
pub struct DriftView<'v> {
    /// The report.
    pub report: &'v DriftReport,
    /// All schemas.
    pub registry: &'v Registry,
    /// The texts that places refer to.
    pub sources: &'v SourceMap,
    /// The state in a few words: `local, serial 4`.
    pub state: &'v str,
    /// Every object by itself.
    pub full: bool,
}

impl<'v> DriftView<'v> {
    fn plan(&self, plan: &'v Plan) -> PlanView<'v> {
        PlanView {
            plan,
            registry: self.registry,
            sources: self.sources,
            state: self.state,
            full: self.full,
            calls: false,
        }
    }
}

/// Draws a report.
///
/// # Errors
/// If the writer fails.
pub fn departures(out: &mut dyn fmt::Write, view: &DriftView<'_>, look: Look) -> fmt::Result {
    let report = view.report;
    let (found, pending) = (view.plan(&report.found), view.plan(&report.pending));
    let (found, pending) = (Page::new(&found, look), Page::new(&pending, look));
    frame::header(out, &found)?;
    let drifted = report.as_changes();
    let outputs = changed_outputs(&report.pending);
    let is_quiet = drifted.is_empty() && report.pending.changes.is_empty() && outputs == 0;
    if is_quiet {
        nothing(out, report, &found)?;
    } else {
        if let Some(text) = frame::effort(&found) {
            writeln!(out, "{}", found.faint(&format!("{text}.")))?;
        }
        writeln!(out, "\n{}", found.paint.tone(Tone::Strong, &verdict(report, outputs)))?;
    }
    if !drifted.is_empty() {
        section(out, "Not as the state says", &found)?;
        changes(out, &drifted, &found)?;
    }
    if !report.pending.changes.is_empty() || outputs > 0 {
        section(out, "Pending in the configuration", &pending)?;
        changes(out, &report.pending.changes, &pending)?;
        frame::outputs(out, &pending)?;
    }
    if let Some(all) = &report.unmanaged {
        unmanaged(out, all, &found)?;
    }
    ignored(out, report, &found)?;
    if is_quiet { Ok(()) } else { next(out, report, &found) }
}

fn changed_outputs(plan: &Plan) -> usize {
    plan.outputs.values().filter(|output| output.action != Action::NoOp).count()
}

fn section(out: &mut dyn fmt::Write, title: &str, page: &Page<'_>) -> fmt::Result {
    writeln!(out, "\n{}\n", page.paint.tone(Tone::Strong, title))
}

fn nothing(out: &mut dyn fmt::Write, report: &DriftReport, page: &Page<'_>) -> fmt::Result {
    let how = frame::effort(page).map_or_else(String::new, |effort| format!(" {effort}."));
    if report.has_failed() {
        let text = "What could be compared is as the state says; the rest could not be looked at.";
        return writeln!(out, "{}{how}", page.paint.tone(Tone::Alarm, text));
    }
    let are = match usize::try_from(report.compared()).unwrap_or(usize::MAX) {
        0 => "There are no objects".to_owned(),
        1 => "1 object is as the state and the configuration say".to_owned(),
        number => format!("{} are as the state and the configuration say", count(number, "object")),
    };
    let but = if report.ignored.is_empty() { "" } else { ", but for what is ignored" };
    writeln!(out, "{} {are}{but}.{how}", page.paint.tone(Tone::Strong, "No drift."))
}

/// One line that says the worst first.
fn verdict(report: &DriftReport, outputs: usize) -> String {
    let gone = report.drift.iter().filter(|drift| drift.after.is_none()).count();
    let changed = report.drift.len() - gone;
    let objects = |number: usize, one: &str, many: &str| {
        let verb = if number == 1 { one } else { many };
        (number > 0).then(|| format!("{} {verb}", count(number, "object")))
    };
    let drift: Vec<String> = [objects(gone, "is gone", "are gone"), objects(changed, "differs", "differ")]
        .into_iter()
        .flatten()
        .collect();
    let number = report.pending.changes.len() + outputs;
    let pending = (number > 0).then(|| {
        let are = if number == 1 { "is" } else { "are" };
        format!("{} {are} pending in the configuration", count(number, "change"))
    });
    let drift = if drift.is_empty() { "No drift".to_owned() } else { format!("Drift: {}", drift.join(", ")) };
    match pending {
        Some(pending) => format!("{drift}; {pending}."),
        None => format!("{drift}."),
    }
}

fn changes(out: &mut dyn fmt::Write, all: &[Change], page: &Page<'_>) -> fmt::Result {
    let mut shown: Vec<&Change> = all.iter().collect();
    // What is gone stands first within its resource.
    let rank = |change: &Change| (change.action != Action::Delete, change.action);
    shown.sort_by(|a, b| {
        (&a.addr.resource, rank(a), &a.addr, &a.deposed).cmp(&(
            &b.addr.resource,
            rank(b),
            &b.addr,
            &b.deposed,
        ))
    });
    fold::fold(&shown, page).iter().try_for_each(|group| change::write(out, group, page, false))
}

/// Objects that nobody manages, by provider configuration and type.
fn unmanaged(out: &mut dyn fmt::Write, all: &[Unmanaged], page: &Page<'_>) -> fmt::Result {
    if all.is_empty() {
        return writeln!(out, "\n{}", page.faint("Everything that the lists show is managed."));
    }
    section(out, "Not managed", page)?;
    let mut types: BTreeMap<(&ProviderAddr, &str), Vec<&Unmanaged>> = BTreeMap::new();
    for one in all {
        types.entry((&one.provider, &one.kind)).or_default().push(one);
    }
    for ((provider, kind), found) in types {
        let whose = if provider.alias.is_some() { format!("   {provider}") } else { String::new() };
        let name = page.paint.tone(Tone::Strong, kind);
        writeln!(out, "  {} {name}   {}{whose}", page.faint("?"), layout::grouped(found.len()))?;
        let most = if page.view.full { found.len() } else { UNMANAGED };
        for one in found.iter().take(most) {
            let text = match &one.name {
                Some(name) => format!("{} ({name})", one.id),
                None => one.id.clone(),
            };
            writeln!(out, "      {text}")?;
        }
        if found.len() > most {
            let text = format!("… {} more (--detail full lists them)", layout::grouped(found.len() - most));
            writeln!(out, "      {}", page.faint(&text))?;
        }
    }
    Ok(())
}

fn ignored(out: &mut dyn fmt::Write, report: &DriftReport, page: &Page<'_>) -> fmt::Result {
    if report.ignored.is_empty() {
        return Ok(());
    }
    let number = count(report.ignored.len(), "difference");
    let are = if report.ignored.len() == 1 { "is" } else { "are" };
    let more = if page.view.full { ":" } else { " (--detail full lists them)." };
    writeln!(out, "\n{}", page.faint(&format!("{number} {are} ignored{more}")))?;
    if !page.view.full {
        return Ok(());
    }
    for one in report.ignored.iter().take(IGNORED) {
        let part = if one.path.0.is_empty() { String::new() } else { format!("   {}", one.path) };
        writeln!(out, "  {}", page.faint(&format!("{}{part}   by `{}`", one.addr, one.pattern)))?;
    }
    let rest = report.ignored.len().saturating_sub(IGNORED);
    if rest > 0 {
        writeln!(out, "  {}", page.faint(&format!("… {} more", layout::grouped(rest))))?;
    }
    Ok(())
}

/// What can be done about it.
fn next(out: &mut dyn fmt::Write, report: &DriftReport, page: &Page<'_>) -> fmt::Result {
    let text = if report.drift.is_empty() {
        "`queueform plan` shows what these changes would do."
    } else {
        "`queueform plan` shows how the configuration is restored; `queueform apply --refresh-only` takes what was found into the state."
    };
    writeln!(out)?;
    for line in layout::wrap(text, page.room(0)) {
        writeln!(out, "{}", page.faint(&line))?;
    }
    Ok(())
}
