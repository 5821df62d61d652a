//! What became of a plan: the summary, what is left, how to go on, and the outputs.

use std::collections::BTreeMap;
use std::fmt;
use std::fmt::Write;
use std::sync::Arc;

use crate::apply::Applied;
use crate::apply::End;
use crate::apply::ObjectEnd;
use crate::plan::PlanMode;
use crate::render::Look;
use crate::render::console::value_text;
use crate::render::paint::Paint;
use crate::render::paint::Tone;
use crate::state::Output;

/// Writes what became of a plan: first what was done, then everything that was not, with its reason.
///
/// # Errors
/// If the writer fails.
pub fn report(out: &mut dyn Write, applied: &Applied, mode: PlanMode, look: Look) -> fmt::Result {
    let paint = Paint::of(look);
    let counts = applied.counts();
    let what = if mode == PlanMode::Destroy { "Destroy" } else { "Apply" };
    let mut done = match mode {
        PlanMode::Destroy => format!("{} destroyed", counts.destroyed),
        PlanMode::Normal | PlanMode::RefreshOnly => {
            let imported =
                if counts.imported > 0 { format!("{} imported, ", counts.imported) } else { String::new() };
            format!(
                "{imported}{} added, {} changed, {} destroyed",
                counts.created, counts.changed, counts.destroyed
            )
        }
    };
    if counts.forgotten > 0 {
        write!(done, ", {} forgotten", counts.forgotten)?;
    }
    if applied.complete {
        let text = format!("{what} complete! Resources: {done}.");
        return writeln!(out, "{}", paint.tone(Tone::Add, &text));
    }
    for (number, word) in [
        (counts.failed, "failed"),
        (counts.denied, "denied"),
        (counts.skipped, "skipped"),
        (counts.pending, "pending"),
        (counts.in_doubt, "in doubt"),
    ] {
        if number > 0 {
            write!(done, ", {number} {word}")?;
        }
    }
    let how = if applied.stopped { "interrupted" } else { "incomplete" };
    let text = format!("{what} {how}. Resources: {done}.");
    writeln!(out, "{}", paint.tone(Tone::Alarm, &text))?;
    for object in applied.ends.iter().filter(|object| object.end != End::Done) {
        writeln!(out, "  {}", left(object))?;
    }
    writeln!(out, "Everything that was done is recorded. Run the command again to go on from here.")
}

/// Tells what became of one object.
fn left(object: &ObjectEnd) -> String {
    let addr = &object.addr;
    let text = match &object.end {
        End::Done => "done".to_owned(),
        End::Failed => "failed".to_owned(),
        End::Denied => "denied: more would be lost than is allowed; left alone".to_owned(),
        End::Skipped { blocker: Some(blocker) } => format!("skipped: waits for {blocker}"),
        End::Skipped { blocker: None } => "skipped: not started".to_owned(),
        End::Pending => "pending: the service is still working on it; the next run waits for it".to_owned(),
        End::InDoubt => {
            "in doubt: it is not known whether the last call took effect; the next run looks again".to_owned()
        }
    };
    match &object.deposed {
        Some(key) => format!("{addr} (deposed object {key})  {text}"),
        None => format!("{addr}  {text}"),
    }
}

/// Writes outputs as `name = value`; sensitive ones are only named.
///
/// # Errors
/// If the writer fails.
pub fn outputs(out: &mut dyn Write, outputs: &BTreeMap<Arc<str>, Output>) -> fmt::Result {
    for (name, output) in outputs {
        let shown = match output.value(name) {
            Ok(value) => value_text(&value),
            // What is not stored is a secret.
            Err(_) => "(sensitive value)".to_owned(),
        };
        writeln!(out, "{name} = {shown}")?;
    }
    Ok(())
}
