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
use crate::render::plan::layout::room;
use crate::render::plan::layout::wrap;
use crate::state::Output;

/// Most objects that are listed one by one for the same reason.
const MOST: usize = 10;
/// More skipped objects than this, for one reason, are counted instead of listed.
const MOST_SKIPPED: usize = 3;
/// Width of the column that says how it ended.
const WORD: usize = 10;

/// Writes what became of a plan: first what was done, then everything that was not, with its reason, and the command
/// that goes on from here.
///
/// # Errors
/// If the writer fails.
pub fn report(
    out: &mut dyn Write,
    applied: &Applied,
    mode: PlanMode,
    again: &str,
    look: Look,
) -> fmt::Result {
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
    writeln!(out)?;
    Table { out, paint, width: look.width }.write(&applied.ends)?;
    writeln!(out, "\nEverything that was done is recorded. To go on from here:\n\n  {again}")
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

/// The table of what is done and of what is not, with the reasons.
struct Table<'o> {
    out: &'o mut dyn Write,
    paint: Paint,
    width: usize,
}

impl Table<'_> {
    fn write(&mut self, ends: &[ObjectEnd]) -> fmt::Result {
        let done = ends.iter().filter(|object| object.end == End::Done).count();
        self.row("done", Tone::Add, &count(done))?;
        for (wanted, word, tone) in [
            (End::Failed, "failed", Tone::Alarm),
            (End::Denied, "denied", Tone::Alarm),
            (End::InDoubt, "in doubt", Tone::Warn),
            (End::Pending, "pending", Tone::Warn),
        ] {
            let found: Vec<&ObjectEnd> = ends.iter().filter(|object| object.end == wanted).collect();
            self.reasons(&found, word, tone)?;
        }
        let mut behind: BTreeMap<Option<&InstanceAddr>, Vec<&ObjectEnd>> = BTreeMap::new();
        for object in ends {
            if let End::Skipped { blocker } = &object.end {
                behind.entry(blocker.as_ref()).or_default().push(object);
            }
        }
        let mut rest = 0;
        for (position, (blocker, objects)) in behind.into_iter().enumerate() {
            if position >= MOST {
                rest += objects.len();
                continue;
            }
            let why = match blocker {
                Some(blocker) => format!("blocked by {blocker}"),
                None => "not started".to_owned(),
            };
            if objects.len() > MOST_SKIPPED {
                self.row("skipped", Tone::Faint, &format!("{}   {why}", count(objects.len())))?;
                continue;
            }
            for object in objects {
                self.row("skipped", Tone::Faint, &format!("{}   {why}", name(object)))?;
            }
        }
        if rest > 0 {
            self.row("skipped", Tone::Faint, &format!("{}   blocked by others", count(rest)))?;
        }
        Ok(())
    }

    /// Objects that ended in the same way, those with the same reason together.
    fn reasons(&mut self, objects: &[&ObjectEnd], word: &str, tone: Tone) -> fmt::Result {
        let mut alike: Vec<Vec<&ObjectEnd>> = Vec::new();
        for object in objects {
            match alike.iter_mut().find(|known| known.first().is_some_and(|first| is_alike(first, object))) {
                Some(known) => known.push(object),
                None => alike.push(vec![object]),
            }
        }
        for group in alike {
            for object in group.iter().take(MOST) {
                let id = object.failure.as_ref().and_then(|failure| failure.request_id.as_ref());
                let id = id.map_or_else(String::new, |id| format!("   request id {id}"));
                self.row(word, tone, &format!("{}{id}", name(object)))?;
            }
            if let Some(more) = group.len().checked_sub(MOST).filter(|more| *more > 0) {
                self.row(word, tone, &format!("and {} more for the same reason", count(more)))?;
            }
            let Some(first) = group.first() else { continue };
            if let Some(failure) = &first.failure {
                self.reason(&failure.text)?;
            }
            match &first.end {
                End::Denied if first.failure.is_none() => {
                    self.reason("more would be lost than is allowed; left alone")?;
                }
                End::Pending => self.reason("the service is still working on it; the next run waits for it")?,
                End::InDoubt => self.reason(
                    "it is not known whether the last call took effect; the next run looks, and goes on from what it finds",
                )?,
                _ => {}
            }
            if let Some(hint) = first.failure.as_ref().and_then(|failure| failure.hint.as_ref()) {
                self.reason(&format!("hint: {hint}"))?;
            }
        }
        Ok(())
    }

    fn row(&mut self, word: &str, tone: Tone, text: &str) -> fmt::Result {
        writeln!(self.out, "  {} {text}", self.paint.tone(tone, &format!("{word:WORD$}")))
    }

    fn reason(&mut self, text: &str) -> fmt::Result {
        let indent = WORD + 5;
        for line in wrap(text, room(self.width, indent)) {
            writeln!(self.out, "{:indent$}{line}", "")?;
        }
        Ok(())
    }
}

fn count(number: usize) -> String {
    if number == 1 { "1 object".to_owned() } else { format!("{number} objects") }
}

fn name(object: &ObjectEnd) -> String {
    match &object.deposed {
        Some(key) => format!("{} (deposed object {key})", object.addr),
        None => object.addr.to_string(),
    }
}

/// Whether two objects went wrong for the same reason.
fn is_alike(one: &ObjectEnd, other: &ObjectEnd) -> bool {
    match (&one.failure, &other.failure) {
        (Some(one), Some(other)) => {
            one.code == other.code && one.hint == other.hint && (one.code.is_some() || one.text == other.text)
        }
        (one, other) => one.is_none() && other.is_none(),
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
    use crate::apply::Failure;
    use crate::plan::Action;

    fn ended(addr: &str, end: End) -> ObjectEnd {
        ObjectEnd {
            addr: addr.parse().unwrap(),
            deposed: None,
            action: Action::Create,
            end,
            failure: None,
            id: None,
            imported: false,
            unchanged: false,
            waits_for: None,
        }
    }

    fn failed(addr: &str, end: End, request: &str) -> ObjectEnd {
        let failure = Failure {
            text: format!(
                "cannot create `{addr}`: the API answered 400 `DMS.40050123`: the quota is used up"
            ),
            code: Some("DMS.40050123".to_owned()),
            request_id: Some(request.to_owned()),
            hint: Some("delete what is not needed, or ask the vendor for a higher quota".to_owned()),
        };
        ObjectEnd { failure: Some(failure), ..ended(addr, end) }
    }

    fn told(ends: Vec<ObjectEnd>) -> String {
        let applied = Applied { ends, ..Applied::default() };
        let mut text = String::new();
        let look = Look { width: 100, ..Look::default() };
        report(&mut text, &applied, PlanMode::Normal, "queueform apply -auto-approve", look).unwrap();
        text
    }

    #[test]
    fn many_objects_behind_the_same_one_make_one_line() {
        let main: InstanceAddr = "dms_rocketmq_instance.main".parse().unwrap();
        let behind = || End::Skipped { blocker: Some(main.clone()) };
        let mut ends = vec![failed("dms_rocketmq_instance.main", End::Failed, "req-1")];
        ends.extend((0..20).map(|n| ended(&format!("dms_rocketmq_topic.topic[{n}]"), behind())));
        ends.push(ended("queueform_data.a", End::Skipped { blocker: None }));
        insta::assert_snapshot!(told(ends));
    }

    #[test]
    fn every_end_has_its_reason_once() {
        let mut ends: Vec<ObjectEnd> =
            (0..14).map(|n| failed(&format!("a.b[{n}]"), End::Failed, &format!("req-{n}"))).collect();
        ends.extend((0..3).map(|n| ended(&format!("a.c[{n}]"), End::Done)));
        ends.push(failed("a.d", End::InDoubt, "req-d"));
        ends.push(ended("a.e", End::Pending));
        ends.push(ended("a.f", End::Denied));
        let behind = End::Skipped { blocker: Some("a.d".parse().unwrap()) };
        ends.push(ended("a.g", behind));
        insta::assert_snapshot!(told(ends));
    }
}
