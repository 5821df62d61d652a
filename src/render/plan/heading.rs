//! Why a change is made: its reason, the chain of causes down to the first one, and what the schema says of it.

use std::collections::BTreeSet;

use crate::addr::InstanceAddr;
use crate::addr::Mode;
use crate::addr::ValuePath;
use crate::plan::Action;
use crate::plan::ActionReason;
use crate::plan::Cause;
use crate::plan::Change;
use crate::plan::Triggered;
use crate::render::diff;
use crate::render::diff::Difference;
use crate::render::diff::Nature;
use crate::value::Value;

use super::super::value::inline;
use super::layout;
use super::page::Page;

/// Longest value within a cause.
const LONGEST: usize = 32;

/// Most causes of one change.
const CAUSES: usize = 3;

/// Most links of a chain of causes.
const LINKS: usize = 8;

/// Returns the text behind an address. `notes` are those of all objects that it stands for.
pub(super) fn of(change: &Change, page: &Page<'_>, folded: bool, notes: &[&String]) -> String {
    let mut parts = Vec::new();
    let mut forcing: Vec<String> = change.replace_paths.iter().map(ToString::to_string).collect();
    forcing.dedup();
    if folded && !forcing.is_empty() {
        // The lines of single objects say it themselves.
        parts.push(format!("{} forces replacement", forcing.join(", ")));
    }
    if let Some(id) = &change.importing {
        parts.push(format!("imported, id {id}"));
    }
    if let Some(previous) = &change.previous_addr {
        parts.push(format!("was {previous}"));
    }
    parts.extend(reason(change));
    parts.extend(change.causes.iter().take(CAUSES).map(|cause| because(cause, page)));
    let all = u64::try_from(change.causes.len()).unwrap_or(u64::MAX).saturating_add(change.more_causes);
    if let Some(more) = all.checked_sub(CAUSES as u64).filter(|more| *more > 0) {
        let noun = if more == 1 { "cause" } else { "causes" };
        parts.push(format!("and {more} more {noun}, which `plan explain` lists"));
    }
    if !folded && change.causes.is_empty() && is_set_back(change, page) {
        parts.push("was changed outside of Queueform".to_owned());
    }
    if change.action == Action::Create {
        parts.extend(notes.iter().map(ToString::to_string));
    }
    let mut text = parts.join("; ");
    let placed = !matches!(change.action, Action::Create | Action::Read | Action::NoOp);
    if let Some(place) = page.place(change).filter(|_| placed) {
        if !text.is_empty() {
            text.push_str(", ");
        }
        text.push_str(&place);
    }
    text
}

/// Whether a change takes back what somebody else has changed.
fn is_set_back(change: &Change, page: &Page<'_>) -> bool {
    let Some(drift) = page.drift(&change.addr) else { return false };
    let names = |before: Option<&Value>, after: Option<&Value>| -> BTreeSet<String> {
        let found = diff::attributes(before, after);
        found.iter().filter_map(|one| one.attribute().map(ToString::to_string)).collect()
    };
    matches!(change.action, Action::Update | Action::Replace(_))
        && !names(Some(&drift.before), drift.after.as_ref())
            .is_disjoint(&names(change.before.as_ref(), change.after.as_ref()))
}

/// What an action is run for.
pub(super) fn trigger(trigger: &Triggered) -> String {
    let left = if trigger.due.is_some() { ", which an earlier run did not get to" } else { "" };
    format!("{} of {}{left}", trigger.event.name(), trigger.by)
}

fn reason(change: &Change) -> Option<String> {
    if change.action == Action::Forget {
        return Some("no longer managed, left as it is".to_owned());
    }
    match change.triggers.as_slice() {
        [] => {}
        [only] => return Some(trigger(only)),
        several => return Some(format!("runs {} times", layout::grouped(several.len()))),
    }
    let is_ephemeral = change.addr.resource.mode == Mode::Ephemeral;
    let text = match change.reason? {
        ActionReason::ReadBecauseConfigUnknown if is_ephemeral => {
            "opened during apply: arguments are not known yet"
        }
        ActionReason::ReadBecauseDependencyPending if is_ephemeral => {
            "opened during apply: something it depends on changes"
        }
        ActionReason::ReplaceBecauseTainted => "is tainted, so it must be replaced",
        ActionReason::ReplaceByRequest => "replaced as requested",
        ActionReason::ReadBecauseConfigUnknown => "read during apply: arguments are not known yet",
        ActionReason::ReadBecauseDependencyPending => "read during apply: something it depends on changes",
        // The causes, or the attributes below, say it.
        _ => return None,
    };
    Some(text.to_owned())
}

/// Tells a cause with the change that it goes back to.
fn because(cause: &Cause, page: &Page<'_>) -> String {
    let Some(from) = &cause.from else {
        return match &cause.path {
            Some(path) => format!("{path} follows {}", cause.text),
            None => cause.text.clone(),
        };
    };
    let rest = cause.text.strip_prefix(&from.to_string()).map(str::trim);
    let mut text = match (&cause.path, rest) {
        (Some(path), Some(rest)) => format!("{path} follows {from}, which {rest}"),
        (Some(path), None) => format!("{path} follows {}", cause.text),
        (None, _) => cause.text.clone(),
    };
    if let Some((root, change)) = root(from, page) {
        if root.addr != *from {
            text.push_str(&format!(" because of {}", root.addr));
        }
        text.push_str(&format!(" ({change})"));
    }
    text
}

/// Goes back along the causes to the change that set all off, and tells what changes there.
fn root<'p>(from: &InstanceAddr, page: &Page<'p>) -> Option<(&'p Change, String)> {
    let mut change = page.change(from)?;
    let mut seen = BTreeSet::new();
    for _ in 0..LINKS {
        if !seen.insert(&change.addr) {
            break;
        }
        let before = change.causes.iter().filter_map(|cause| cause.from.as_ref());
        let Some(next) = before.filter_map(|addr| page.change(addr)).find(|next| next.action != Action::NoOp)
        else {
            break;
        };
        change = next;
    }
    what_changes(change).map(|text| (change, text))
}

/// Tells in a few words what changes in an object: what forces its replacement first.
fn what_changes(change: &Change) -> Option<String> {
    if !matches!(change.action, Action::Update | Action::Replace(_)) {
        return None;
    }
    let known: Vec<Difference> = diff::attributes(change.before.as_ref(), change.after.as_ref())
        .into_iter()
        .filter(|found| found.nature == Nature::Plain && !found.is_unknown())
        .collect();
    let forces = |found: &&Difference| {
        change.replace_paths.iter().any(|path| path.starts_with(&found.path) || found.path.starts_with(path))
    };
    let found = known.iter().find(forces).or_else(|| known.first())?;
    let side = |side: &Option<Value>| {
        side.as_ref().map_or_else(|| "null".to_owned(), |value| layout::cut(&inline(value), LONGEST))
    };
    Some(format!("{}: {} -> {}", name(found), side(&found.before), side(&found.after)))
}

/// Names a part with its attribute.
pub(super) fn name(found: &Difference) -> String {
    let attribute = found.attribute().map_or_else(String::new, ToString::to_string);
    match found.label.as_str() {
        "" => attribute,
        label if label.starts_with('[') => format!("{attribute}{label}"),
        label => format!("{attribute}.{label}"),
    }
}

/// Whether an attribute, or a part of it, forces the replacement.
pub(super) fn forces(change: &Change, name: &str) -> bool {
    let root = ValuePath::attr(name);
    change.replace_paths.iter().any(|path| path.starts_with(&root))
}
