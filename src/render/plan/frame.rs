//! What stands around the changes: the target, the verdict, outputs.

use std::fmt;

use crate::addr::Mode;
use crate::addr::ValuePath;
use crate::plan::Action;
use crate::plan::Change;
use crate::plan::OutputChange;
use crate::plan::PlanMode;
use crate::plan::PlanStatus;
use crate::plan::Risk;
use crate::plan::Target;
use crate::value::Value;

use super::super::diff;
use super::super::paint::Tone;
use super::super::value;
use super::drift;
use super::layout;
use super::layout::count;
use super::page::LONGEST;
use super::page::Page;
use super::update;

/// Most parts of an output in a folded view.
const PARTS: usize = 12;

/// Where all this points: on one line, if it fits.
pub(super) fn header(out: &mut dyn fmt::Write, page: &Page<'_>) -> fmt::Result {
    let plan = page.view.plan;
    let mut parts = Vec::new();
    let state = format!("state: {}", page.view.state);
    let is_emulated = plan.targets.values().any(|target| target.emulated);
    if is_emulated {
        // Together they fit a line, which leaves the next one to the target: a plan without changes has three.
        parts.push(page.paint.tone(Tone::Warn, "EMULATOR, nothing real is touched"));
        parts.push(state.clone());
    }
    for (addr, target) in plan.targets.iter().filter(|(_, target)| !target.pin.is_empty()) {
        parts.push(format!("{addr}: {}", target_text(target)));
    }
    if !is_emulated {
        parts.push(state);
    }
    let mut line = String::new();
    for part in parts {
        if line.is_empty() {
            line = part;
        } else if layout::columns(&line) + 3 + layout::columns(&part) <= page.look.width {
            line.push_str(" · ");
            line.push_str(&part);
        } else {
            writeln!(out, "{line}")?;
            line = part;
        }
    }
    writeln!(out, "{line}")
}

fn target_text(target: &Target) -> String {
    let shown = target.pin.iter().filter(|(name, value)| name != "endpoint" && !value.is_empty());
    let pin: Vec<String> = shown
        .map(|(name, value)| match name.as_str() {
            "project" | "project_id" => format!("project {value}"),
            _ => value.clone(),
        })
        .collect();
    let credentials = if target.credentials.is_empty() {
        String::new()
    } else {
        format!(" (keys: {})", target.credentials)
    };
    format!("{}{credentials}", pin.join(", "))
}

/// What was looked at, and at what cost.
pub(super) fn effort(page: &Page<'_>) -> Option<String> {
    let effort = page.view.plan.effort;
    let number = |number: u64, noun: &str| count(usize::try_from(number).unwrap_or(usize::MAX), noun);
    let observed = match effort.observations {
        0 => String::new(),
        observations => format!("; {}", number(observations, "observation")),
    };
    (effort.refreshed > 0 || effort.observations > 0).then(|| {
        format!(
            "Refreshed {} with {}{observed}",
            number(effort.refreshed, "object"),
            number(effort.reads, "read")
        )
    })
}

/// A plan without changes: at most two more lines, but for what a refresh-only plan takes over.
pub(super) fn nothing(out: &mut dyn fmt::Write, page: &Page<'_>) -> fmt::Result {
    let plan = page.view.plan;
    if plan.status == PlanStatus::Errored {
        return writeln!(out, "{}", page.paint.tone(Tone::Alarm, "Planning failed; nothing was decided."));
    }
    let all: Vec<_> = plan.drift.iter().collect();
    if plan.mode == PlanMode::RefreshOnly && !all.is_empty() {
        let differ = if all.len() == 1 {
            "1 object differs".to_owned()
        } else {
            format!("{} differ", count(all.len(), "object"))
        };
        let text = format!("{differ} from the state; applying this takes over what was found:");
        writeln!(out, "\n{}\n", page.paint.tone(Tone::Strong, &text))?;
        return drift::list(out, &all, page);
    }
    let how = effort(page).map_or_else(String::new, |effort| format!(" {effort}."));
    if plan.mode == PlanMode::Destroy {
        return writeln!(out, "{}{how}", page.paint.tone(Tone::Strong, "Nothing to destroy."));
    }
    let is_settled = |change: &&Change| is_object(change) && !change.is_held();
    let objects = plan.changes.iter().filter(is_settled).count();
    let holds = plan.held().next().is_some();
    let lead = if holds { "Nothing to do now." } else { "No changes." };
    let are = match objects {
        0 if holds => "Nothing else is managed".to_owned(),
        0 => "There are no objects".to_owned(),
        1 => "1 object is as configured".to_owned(),
        _ => format!("{} are as configured", count(objects, "object")),
    };
    writeln!(out, "{} {are}.{how}", page.paint.tone(Tone::Strong, lead))?;
    match drift::without_effect(drift::split(page).1.len()) {
        Some(text) => writeln!(out, "{}", page.faint(&text)),
        None => Ok(()),
    }
}

/// Whether a change is about an object that is managed: not a data source, nor what a replacement left over.
pub(super) fn is_object(change: &Change) -> bool {
    change.deposed.is_none() && change.addr.resource.mode == Mode::Managed
}

/// What was looked at, and one line that says the worst first.
pub(super) fn verdict(out: &mut dyn fmt::Write, shown: &[&Change], page: &Page<'_>) -> fmt::Result {
    if let Some(effort) = effort(page) {
        writeln!(out, "{}", page.faint(&effort))?;
    }
    let plan = page.view.plan;
    let of = |risk: Risk| shown.iter().filter(|change| change.risk == risk).count();
    let denied = of(Risk::Denied);
    let mut parts = Vec::new();
    match plan.status {
        PlanStatus::Errored => parts.push(
            page.paint.tone(Tone::Alarm, "Planning failed. This is what was decided before the error."),
        ),
        _ if denied > 0 => {
            let text =
                format!("DENIED: {} would lose something, or it cannot be told.", count(denied, "change"));
            parts.push(page.paint.tone(Tone::Alarm, &text));
        }
        PlanStatus::Denied => {
            parts.push(page.paint.tone(Tone::Alarm, "DENIED by a limit or a protection; see the errors."));
        }
        PlanStatus::Complete | PlanStatus::Incomplete => {}
    }
    let waits = shown.iter().filter(|change| page.is_in_steps(change)).count();
    let deletes = shown
        .iter()
        .filter(|change| change.risk == Risk::Replaces && change.action == Action::Delete)
        .count();
    let verbs = |number: usize, one: &str, many: &str| {
        (number > 0).then(|| format!("{} {}", layout::grouped(number), if number == 1 { one } else { many }))
    };
    let also: Vec<String> = [
        verbs(of(Risk::LosesData), "loses data, as allowed", "lose data, as allowed"),
        verbs(of(Risk::Interrupts), "interrupts clients", "interrupt clients"),
        verbs(of(Risk::Replaces) - deletes, "replaces", "replace"),
        verbs(deletes, "deletes", "delete"),
        verbs(waits, "waits", "wait"),
    ]
    .into_iter()
    .flatten()
    .collect();
    if !also.is_empty() {
        let safe =
            shown.iter().filter(|change| change.risk <= Risk::Creates && !page.is_in_steps(change)).count();
        let safe = verbs(safe, "safe", "safe");
        let all: Vec<String> = also.into_iter().chain(safe).collect();
        let list = all.join(", ");
        parts.push(match (denied, shown) {
            (0, [_]) => format!("1 change, which {}.", list.trim_start_matches("1 ")),
            (0, _) => format!("{}: {list}.", count(shown.len(), "change")),
            _ => format!("Also {list}."),
        });
    }
    if parts.is_empty() {
        return Ok(());
    }
    writeln!(out)?;
    page.paragraph(out, 0, &parts.join(" "))
}

/// Changed outputs.
pub(super) fn outputs(out: &mut dyn fmt::Write, page: &Page<'_>) -> fmt::Result {
    let all = page.view.plan.outputs.iter();
    let changed: Vec<_> = all.filter(|(_, output)| output.action != Action::NoOp).collect();
    if changed.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n  {}", page.paint.tone(Tone::Strong, "Outputs"))?;
    let width = changed.iter().map(|(name, _)| layout::columns(name)).max().unwrap_or(0);
    for (name, found) in changed {
        output(out, &layout::pad(name, width, false), found, page)?;
    }
    Ok(())
}

fn output(out: &mut dyn fmt::Write, name: &str, found: &OutputChange, page: &Page<'_>) -> fmt::Result {
    let sign = page.paint.tone(super::tone(found.action), super::sign(found.action));
    let room = page.room(layout::columns(name) + 7);
    let side = |side: &Option<Value>| {
        let text = side.as_ref().map_or_else(|| "null".to_owned(), value::inline);
        if page.view.full { text } else { layout::cut(&text, room.max(LONGEST.min(page.look.width))) }
    };
    let text = match (found.action, &found.before, &found.after) {
        (Action::Create, ..) => side(&found.after),
        (Action::Delete, ..) => side(&found.before),
        (_, Some(before), Some(after)) => {
            let parts = diff::values(ValuePath::default(), before, after);
            let texts: Vec<String> = match parts.as_slice() {
                // Of a secret in the state no more is known than that it was not null.
                [] if before.marks().is_sensitive() && after.is_null() => {
                    vec![format!("{} -> null", value::SENSITIVE)]
                }
                [only] if only.label.is_empty() => vec![update::one(only)],
                parts => parts.iter().map(|part| update::part_text(part, page)).collect(),
            };
            let line = texts.join("  ");
            if layout::columns(&line) > room && texts.len() > 1 {
                writeln!(out, "  {sign} {name} =")?;
                let most = if page.view.full { texts.len() } else { PARTS };
                for text in texts.iter().take(most) {
                    writeln!(out, "      {}", layout::cut(text, page.room(6)))?;
                }
                if texts.len() > most {
                    writeln!(out, "      {}", page.faint(&format!("… {} more", texts.len() - most)))?;
                }
                return Ok(());
            }
            line
        }
        _ => format!("{} -> {}", side(&found.before), side(&found.after)),
    };
    writeln!(out, "  {sign} {name} = {text}")
}
