//! What stands around the changes: the target, the verdict, outputs.

use std::fmt;

use crate::plan::Action;
use crate::plan::Change;
use crate::plan::Plan;
use crate::plan::PlanMode;
use crate::plan::PlanStatus;
use crate::plan::Risk;

use super::super::paint::Paint;
use super::super::paint::Tone;
use super::super::value;
use super::PlanView;

/// One line: where all this points.
pub(super) fn header(out: &mut dyn fmt::Write, view: &PlanView<'_>, paint: Paint) -> fmt::Result {
    let mut parts = Vec::new();
    if view.plan.targets.values().any(|target| target.emulated) {
        parts.push(paint.tone(Tone::Warn, "EMULATOR, nothing real is touched"));
    }
    for (addr, target) in &view.plan.targets {
        if target.pin.is_empty() {
            continue;
        }
        let pin: Vec<String> = target
            .pin
            .iter()
            .filter(|(name, value)| name != "endpoint" && !value.is_empty())
            .map(|(name, value)| {
                if name == "project" || name == "project_id" {
                    format!("project {value}")
                } else {
                    value.clone()
                }
            })
            .collect();
        let credentials = if target.credentials.is_empty() {
            String::new()
        } else {
            format!(" (keys: {})", target.credentials)
        };
        parts.push(format!("{addr}: {}{credentials}", pin.join(", ")));
    }
    parts.push(format!("state: {}", view.state));
    writeln!(out, "{}", parts.join(" · "))
}

/// A plan without changes: at most two more lines.
pub(super) fn nothing(out: &mut dyn fmt::Write, view: &PlanView<'_>, paint: Paint) -> fmt::Result {
    let plan = view.plan;
    if plan.status == PlanStatus::Errored {
        return writeln!(out, "{}", paint.tone(Tone::Alarm, "Planning failed; nothing was decided."));
    }
    let objects = plan.changes.iter().filter(|change| change.deposed.is_none()).count();
    let how = match plan.effort.refreshed {
        0 => String::new(),
        refreshed => {
            format!(" Refreshed {} with {}.", count(refreshed, "object"), count(plan.effort.reads, "read"))
        }
    };
    match plan.mode {
        PlanMode::RefreshOnly if !plan.drift.is_empty() => {
            writeln!(
                out,
                "{} differ from the state; applying this takes over what was found:",
                count(plan.drift.len() as u64, "object")
            )?;
            for drift in &plan.drift {
                let what = if drift.after.is_none() { "is gone" } else { "has changed" };
                writeln!(out, "  {} {what}", drift.addr)?;
            }
            Ok(())
        }
        PlanMode::Destroy => writeln!(out, "{}{how}", paint.tone(Tone::Strong, "Nothing to destroy.")),
        PlanMode::Normal | PlanMode::RefreshOnly => writeln!(
            out,
            "{} {} as configured.{how}",
            paint.tone(Tone::Strong, "No changes."),
            if objects == 1 { "1 object is".to_owned() } else { format!("{objects} objects are") }
        ),
    }
}

/// One line that says the worst first.
pub(super) fn verdict(out: &mut dyn fmt::Write, shown: &[&Change], paint: Paint) -> fmt::Result {
    let of = |risk: Risk| shown.iter().filter(|change| change.risk == risk).count() as u64;
    let denied = of(Risk::Denied);
    let mut parts = Vec::new();
    if denied > 0 {
        let text = format!("DENIED: {} would lose something, or it cannot be told.", count(denied, "change"));
        parts.push(paint.tone(Tone::Alarm, &text));
    }
    let mut also = Vec::new();
    for (risk, text) in [
        (Risk::LosesData, "losing data, as allowed"),
        (Risk::Interrupts, "interrupting clients"),
        (Risk::Replaces, "deleting or replacing"),
    ] {
        let number = of(risk);
        if number > 0 {
            also.push(format!("{number} {text}"));
        }
    }
    if !also.is_empty() {
        let safe = of(Risk::Safe) + of(Risk::Creates);
        if safe > 0 {
            also.push(format!("{safe} safe"));
        }
        let lead = if denied > 0 {
            "Also".to_owned()
        } else {
            format!("Of {}:", count(shown.len() as u64, "change"))
        };
        parts.push(format!("{lead} {}.", also.join(", ")));
    }
    if parts.is_empty() { Ok(()) } else { write!(out, "\n{}\n", parts.join(" ")) }
}

/// Changed outputs.
pub(super) fn outputs(out: &mut dyn fmt::Write, plan: &Plan, paint: Paint) -> fmt::Result {
    let changed: Vec<_> = plan.outputs.iter().filter(|(_, output)| output.action != Action::NoOp).collect();
    if changed.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n  {}", paint.tone(Tone::Strong, "Outputs"))?;
    let width = changed.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    for (name, output) in changed {
        let sign = paint.tone(super::tone(output.action), super::sign(output.action));
        let shown = |side: &Option<crate::value::Value>| {
            side.as_ref().map_or_else(|| "null".to_owned(), value::inline)
        };
        let text = match output.action {
            Action::Create => shown(&output.after),
            Action::Delete => shown(&output.before),
            _ => format!("{} -> {}", shown(&output.before), shown(&output.after)),
        };
        writeln!(out, "  {sign} {name:width$} = {text}")?;
    }
    Ok(())
}

/// `1 object`, `2 objects`.
pub(super) fn count(number: u64, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}
