//! What became of a plan: the summary, what is left, how to go on, and the outputs.

use std::collections::BTreeMap;
use std::fmt;
use std::fmt::Write;
use std::sync::Arc;

use crate::addr::InstanceAddr;
use crate::apply::Applied;
use crate::apply::End;
use crate::apply::ObjectEnd;
use crate::plan::PlanMode;
use crate::render::Look;
use crate::render::console::value_text;
use crate::render::paint::Paint;
use crate::render::paint::Tone;
use crate::state::Output;

/// More skipped objects than this, for one reason, are counted instead of listed.
const MOST_SKIPPED: usize = 3;

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
    if counts.waiting > 0 {
        write!(done, ", {} waiting", counts.waiting)?;
    }
    if !applied.held.is_empty() {
        write!(done, ", {} held", applied.held.len())?;
    }
    if applied.complete {
        let text = format!("{what} complete! Resources: {done}.");
        writeln!(out, "{}", paint.tone(Tone::Add, &text))?;
        write_waiting(out, &applied.ends)?;
        for addr in &applied.held {
            writeln!(out, "  {addr} is held: `--confirm '{addr}'` makes its change")?;
        }
        return Ok(());
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
    write_left(out, &applied.ends)?;
    writeln!(out, "Everything that was done is recorded. Run the command again to go on from here.")
}

/// Tells what was put off, and how to go on.
fn write_waiting(out: &mut dyn Write, ends: &[ObjectEnd]) -> fmt::Result {
    let mut any = false;
    for object in ends {
        let Some(reason) = object.waits_for.as_ref().filter(|_| object.end == End::Done) else { continue };
        writeln!(out, "  {} waits: {reason}", object.addr)?;
        any = true;
    }
    if any {
        writeln!(out, "What waits is planned again by every later run, and made when it can be.")
    } else {
        Ok(())
    }
}

/// Tells what became of every object that is not done. Many objects behind the same one make one line.
fn write_left(out: &mut dyn Write, ends: &[ObjectEnd]) -> fmt::Result {
    let mut waiting: BTreeMap<&InstanceAddr, Vec<&ObjectEnd>> = BTreeMap::new();
    let mut not_started = Vec::new();
    for object in ends {
        match &object.end {
            End::Done => {}
            End::Skipped { blocker: Some(blocker) } => waiting.entry(blocker).or_default().push(object),
            End::Skipped { blocker: None } => not_started.push(object),
            End::Failed | End::Denied | End::Pending | End::InDoubt => writeln!(out, "  {}", left(object))?,
        }
    }
    for (blocker, objects) in waiting {
        write_skipped(out, &objects, &format!("skipped: they wait for {blocker}"))?;
    }
    write_skipped(out, &not_started, "skipped: not started")
}

fn write_skipped(out: &mut dyn Write, objects: &[&ObjectEnd], why: &str) -> fmt::Result {
    if objects.len() > MOST_SKIPPED {
        return writeln!(out, "  {} objects  {why}", objects.len());
    }
    objects.iter().try_for_each(|object| writeln!(out, "  {}", left(object)))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Action;

    fn ended(addr: &str, end: End) -> ObjectEnd {
        ObjectEnd {
            addr: addr.parse().unwrap(),
            deposed: None,
            action: Action::Create,
            end,
            id: None,
            imported: false,
            unchanged: false,
            waits_for: None,
        }
    }

    #[test]
    fn many_objects_behind_the_same_one_make_one_line() {
        let main: InstanceAddr = "dms_rocketmq_instance.main".parse().unwrap();
        let behind = || End::Skipped { blocker: Some(main.clone()) };
        let mut ends = vec![ended("dms_rocketmq_instance.main", End::Failed)];
        ends.extend((0..20).map(|n| ended(&format!("dms_rocketmq_topic.topic[{n}]"), behind())));
        ends.push(ended("queueform_data.a", End::Skipped { blocker: None }));
        let applied = Applied { ends, ..Applied::default() };
        let mut text = String::new();
        report(&mut text, &applied, PlanMode::Normal, Look::default()).unwrap();
        insta::assert_snapshot!(text);
    }
}
