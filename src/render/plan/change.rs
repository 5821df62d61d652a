//! One change, or siblings that change in the same way.

use std::collections::BTreeMap;
use std::fmt;

use crate::plan::Action;
use crate::plan::Change;
use crate::plan::GuardFinding;
use crate::plan::Verdict;

use super::super::paint::Tone;
use super::super::value;
use super::attributes;
use super::fold::Group;
use super::heading;
use super::label;
use super::layout;
use super::page::Page;
use super::sign_of;
use super::table;
use super::tone;
use super::update;
use super::waiting;

/// Width of the column with the risk.
const LABEL: usize = 11;

/// Most notes on single siblings.
const NOTES: usize = 12;

/// Most siblings that a note is said to be about.
const KEYS: usize = 4;

/// Draws a group. With `labelled`, the risk stands in front.
pub(super) fn write(
    out: &mut dyn fmt::Write,
    group: &Group<'_>,
    page: &Page<'_>,
    labelled: bool,
) -> fmt::Result {
    let Some(first) = group.changes.first() else { return Ok(()) };
    let narrow = page.look.width < 80;
    let lead = if labelled {
        let (word, tone) = label(first, page);
        // A narrow view has the label on the same line, but sets nothing in because of it.
        let word = if narrow { word.to_owned() } else { format!("{word:LABEL$}") };
        format!("  {} ", page.paint.tone(tone, &word))
    } else {
        "  ".to_owned()
    };
    let indent = if labelled && !narrow { LABEL + 7 } else { 6 };
    let mark = page.paint.tone(tone(first.action), sign_of(first));
    let said = Notes::of(&group.changes);
    let (name, heading) = match group.changes.as_slice() {
        [only] => (name(only), heading::of(only, page, false, &said.common)),
        several => {
            let name = format!("{}   {}", first.addr.resource, layout::grouped(several.len()));
            (name, heading::of(first, page, true, &said.common))
        }
    };
    let line = format!("{lead}{mark} {}", page.paint.tone(Tone::Strong, &name));
    let fits = layout::columns(&line) + 3 + layout::columns(&heading) <= page.look.width;
    if heading.is_empty() {
        writeln!(out, "{line}")?;
    } else if fits {
        writeln!(out, "{line}   {}", page.faint(&heading))?;
    } else {
        writeln!(out, "{line}")?;
        for line in layout::wrap(&heading, page.room(indent)) {
            writeln!(out, "{:indent$}{}", "", page.faint(&line))?;
        }
    }
    if group.changes.len() > 1 {
        table::write(out, group, indent, page)?;
        notes(out, first, &said.common, indent, page)?;
        said.single(out, indent, page)
    } else {
        body(out, first, indent, page)?;
        notes(out, first, &said.common, indent, page)?;
        guards(out, first, indent, page)
    }
}

fn name(change: &Change) -> String {
    match &change.deposed {
        Some(key) => format!("{} (deposed {key})", change.addr),
        None => change.addr.to_string(),
    }
}

fn body(out: &mut dyn fmt::Write, change: &Change, indent: usize, page: &Page<'_>) -> fmt::Result {
    match (&change.before, &change.after, change.action) {
        (_, Some(after), Action::Create | Action::Read) => {
            attributes::write(out, &change.addr, after, '+', indent, page)?;
        }
        (_, Some(after), Action::Invoke) => {
            for trigger in change.triggers.iter().filter(|_| change.triggers.len() > 1) {
                for line in layout::wrap(&heading::trigger(trigger), page.room(indent)) {
                    writeln!(out, "{:indent$}{}", "", page.faint(&line))?;
                }
            }
            attributes::write(out, &change.addr, after, '!', indent, page)?;
        }
        (Some(before), _, Action::Delete) if page.view.full => {
            attributes::write(out, &change.addr, before, '-', indent, page)?;
        }
        (Some(_), Some(_), Action::Update | Action::Replace(_)) => update::write(out, change, indent, page)?,
        _ => {}
    }
    for name in &change.sends {
        let (sign, text) = match change.action {
            Action::Update => ('~', format!("{name}: {} sent again", value::SENSITIVE)),
            _ => ('+', format!("{name} = {}", value::SENSITIVE)),
        };
        writeln!(out, "{:indent$}{} {text}", "", super::signed(sign, page.paint))?;
    }
    for path in &change.unverified {
        let remark = page.faint("(unverified: the service never returns it)");
        writeln!(out, "{:indent$}  {path} {remark}", "")?;
    }
    for path in &change.not_read_back {
        let remark = page.faint("(not read back: changes made elsewhere go unnoticed)");
        writeln!(out, "{:indent$}  {path} {remark}", "")?;
    }
    Ok(())
}

/// What the schema says of a deletion, also if it is half of a replacement.
fn notes(
    out: &mut dyn fmt::Write,
    change: &Change,
    common: &[&String],
    indent: usize,
    page: &Page<'_>,
) -> fmt::Result {
    // Those of creations stand behind the address.
    if change.action == Action::Create || !has_notes(change) || common.is_empty() {
        return Ok(());
    }
    let texts: Vec<&str> = common.iter().map(|note| note.as_str()).collect();
    page.paragraph(out, indent, &texts.join("; "))
}

/// Whether what is noted of a change is told.
fn has_notes(change: &Change) -> bool {
    match change.action {
        Action::Create | Action::Delete | Action::Replace(_) | Action::Invoke => true,
        Action::NoOp | Action::Read | Action::Update | Action::Forget => change.importing.is_some(),
    }
}

/// What is noted of siblings.
struct Notes<'c> {
    /// Of all of them.
    common: Vec<&'c String>,
    /// Of some, with those.
    single: Vec<(&'c String, Vec<&'c Change>)>,
}

impl<'c> Notes<'c> {
    fn of(changes: &[&'c Change]) -> Self {
        let mut all: Vec<(&'c String, Vec<&'c Change>)> = Vec::new();
        let mut places: BTreeMap<&'c String, usize> = BTreeMap::new();
        for change in changes {
            for note in &change.notes {
                let place = *places.entry(note).or_insert(all.len());
                match all.get_mut(place) {
                    Some((_, whose)) => whose.push(change),
                    None => all.push((note, vec![change])),
                }
            }
        }
        let (common, single): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|(_, whose)| whose.len() >= changes.len());
        Self { common: common.into_iter().map(|(note, _)| note).collect(), single }
    }

    /// Draws those of some.
    fn single(&self, out: &mut dyn fmt::Write, indent: usize, page: &Page<'_>) -> fmt::Result {
        if !self.single.iter().flat_map(|(_, whose)| whose).all(|change| has_notes(change)) {
            return Ok(());
        }
        for (note, whose) in self.single.iter().take(NOTES) {
            let keys = whose.iter().filter_map(|change| change.addr.key.as_ref());
            let mut named: Vec<String> = keys.take(KEYS).map(ToString::to_string).collect();
            if whose.len() > named.len() {
                named.push(format!("{} more", layout::grouped(whose.len() - named.len())));
            }
            page.paragraph(out, indent, &format!("{}: {note}", named.join(", ")))?;
        }
        match self.single.len().saturating_sub(NOTES) {
            0 => Ok(()),
            more => page.paragraph(out, indent, &format!("and {} more notes", layout::grouped(more))),
        }
    }
}

/// What guards found, and how to consent to it.
fn guards(out: &mut dyn fmt::Write, change: &Change, indent: usize, page: &Page<'_>) -> fmt::Result {
    for finding in &change.guards {
        let text = match finding.verdict {
            // What is held is listed on its own.
            Verdict::Clear | Verdict::Held => continue,
            Verdict::Allowed => match &finding.allowed {
                Some((limit, by)) => format!("{} ({} by {by})", finding.message, limit_text(*limit)),
                None => finding.message.clone(),
            },
            Verdict::Unobserved => format!(
                "{} could not be observed, which counts as not safe: {}",
                finding.guard, finding.message
            ),
            Verdict::Denied => match &finding.allowed {
                Some((limit, by)) => format!("{}; only {} by {by}", finding.message, limit_text(*limit)),
                None => finding.message.clone(),
            },
            Verdict::Interrupts => finding.message.clone(),
            Verdict::Waits => waiting::text(change, finding),
        };
        page.paragraph(out, indent, &text)?;
    }
    let clear: Vec<&str> = change
        .guards
        .iter()
        .filter(|finding| finding.verdict == Verdict::Clear && !page.is_condition(change, &finding.guard))
        .map(|finding| finding.guard.as_str())
        .collect();
    if !clear.is_empty() {
        let text = format!("checked, nothing found: {}", clear.join(", "));
        for line in layout::wrap(&text, page.room(indent)) {
            writeln!(out, "{:indent$}{}", "", page.faint(&line))?;
        }
    }
    // One consent covers all that is lost: the greatest.
    let consent = change.guards.iter().filter(|finding| finding.consent.is_some());
    if let Some(GuardFinding { consent: Some(consent), .. }) = consent.max_by_key(|finding| finding.count) {
        let what = match consent.as_str() {
            option if option.starts_with("--") => "to accept the loss, add",
            block if block.starts_with("lifecycle") => "to accept the loss, write in its block",
            _ => "to accept the loss, write",
        };
        let lead = page.paint.tone(Tone::Warn, "hint:");
        writeln!(out, "{:indent$}{lead} {what}", "")?;
        for line in consent.lines() {
            writeln!(out, "{:indent$}      {line}", "")?;
        }
    }
    Ok(())
}

fn limit_text(limit: u64) -> String {
    if limit == u64::MAX {
        return "any loss allowed".to_owned();
    }
    format!("{} allowed", layout::grouped(usize::try_from(limit).unwrap_or(usize::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::addr::ProviderAddr;
    use crate::plan::Risk;

    fn sibling(key: &str, notes: &[&str]) -> Change {
        Change {
            addr: format!("dms_rocketmq_topic.a[\"{key}\"]").parse().unwrap(),
            deposed: None,
            provider: "dms".parse::<ProviderAddr>().unwrap(),
            action: Action::Create,
            reason: None,
            before: None,
            after: None,
            replace_paths: Vec::new(),
            causes: Vec::new(),
            more_causes: 0,
            unverified: Vec::new(),
            not_read_back: Vec::new(),
            ignored: Vec::new(),
            sends: Vec::new(),
            guards: Vec::new(),
            risk: Risk::Creates,
            notes: notes.iter().map(ToString::to_string).collect(),
            importing: None,
            generated_config: None,
            held: Vec::new(),
            wanted: None,
            previous_addr: None,
            steps: Vec::new(),
            triggers: Vec::new(),
            dependencies: [].into(),
            place: None,
        }
    }

    #[test]
    fn notes_of_all_siblings_are_told_once_and_the_others_with_their_keys() {
        let siblings = [
            sibling("a", &["takes minutes", "is billed"]),
            sibling("b", &["is billed"]),
            sibling("c", &["is billed", "takes minutes", "is the last one"]),
        ];
        let all: Vec<&Change> = siblings.iter().collect();
        let notes = Notes::of(&all);
        assert_eq!(notes.common, ["is billed"]);
        let single: Vec<(&str, Vec<String>)> = notes
            .single
            .iter()
            .map(|(note, whose)| (note.as_str(), whose.iter().map(|one| one.addr.to_string()).collect()))
            .collect();
        let addr = |key: &str| format!("dms_rocketmq_topic.a[\"{key}\"]");
        assert_eq!(
            single,
            [("takes minutes", vec![addr("a"), addr("c")]), ("is the last one", vec![addr("c")])]
        );
        // What a single object says is said of all there is.
        assert_eq!(Notes::of(&all[..1]).common, ["takes minutes", "is billed"]);
    }
}
