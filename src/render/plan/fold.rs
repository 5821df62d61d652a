//! Siblings that change in the same way become one group.

use crate::plan::Action;
use crate::plan::Change;
use crate::plan::Risk;
use crate::plan::Verdict;
use crate::render::diff::Difference;
use crate::render::diff::Nature;

use super::page::Page;
use super::update;

/// Most parts of an update that fit into the columns of a table.
const COLUMNS: usize = 4;

/// Changes that are drawn together.
#[derive(Debug)]
pub(super) struct Group<'p> {
    /// At least one; all of one resource with one action if there are several.
    pub(super) changes: Vec<&'p Change>,
}

/// Groups the instances of a resource that change in the same way.
pub(super) fn fold<'p>(shown: &[&'p Change], page: &Page<'_>) -> Vec<Group<'p>> {
    let mut groups: Vec<Group<'p>> = Vec::new();
    // What differs in the last change, if it may be part of a table.
    let mut last: Option<Vec<(String, String)>> = None;
    for change in shown {
        let updates = matches!(change.action, Action::Update | Action::Replace(_));
        let parts = if updates && !page.view.full { parts(change, page) } else { None };
        let open = groups.last_mut().filter(|group| {
            !page.view.full
                && group.changes.first().is_some_and(|first| alike(first, change))
                && (!updates || parts.is_some() && parts == last)
        });
        match open {
            Some(group) => group.changes.push(change),
            None => groups.push(Group { changes: vec![change] }),
        }
        last = parts;
    }
    groups
}

fn alike(a: &Change, b: &Change) -> bool {
    a.addr.resource == b.addr.resource
        && a.addr.key.is_some()
        && b.addr.key.is_some()
        && a.action == b.action
        && a.reason == b.reason
        && a.risk == b.risk
        && a.deposed.is_none()
        && b.deposed.is_none()
        && a.importing.is_none()
        && b.importing.is_none()
        && a.previous_addr.is_none()
        && b.previous_addr.is_none()
        && same_causes(a, b)
        && match a.action {
            Action::Create | Action::Forget | Action::Read => true,
            Action::Invoke => a.triggers.is_empty() && b.triggers.is_empty() && is_clear(a) && is_clear(b),
            // What loses something is read one by one.
            Action::Delete | Action::Update | Action::Replace(_) => {
                a.risk < Risk::LosesData && is_clear(a) && is_clear(b)
            }
            Action::NoOp => false,
        }
}

/// Whether no guard has anything to say.
fn is_clear(change: &Change) -> bool {
    change.guards.iter().all(|finding| finding.verdict == Verdict::Clear)
}

fn same_causes(a: &Change, b: &Change) -> bool {
    a.causes.len() == b.causes.len()
        && a.causes.iter().zip(&b.causes).all(|(a, b)| a.text == b.text && a.path == b.path)
}

/// Returns what differs in an update or replacement, by attribute and part, if all of it fits into a table.
fn parts(change: &Change, page: &Page<'_>) -> Option<Vec<(String, String)>> {
    if !change.sends.is_empty() || page.is_in_steps(change) {
        return None;
    }
    let schema = page.schema(&change.addr);
    let found = update::differences(change, schema.as_deref());
    let parts: Vec<_> = found.attributes.iter().flat_map(|(_, parts)| parts).collect();
    let plain = parts.iter().all(|part| matches!(part.nature, Nature::Plain | Nature::Order));
    (plain && parts.len() <= COLUMNS).then(|| {
        let name = |part: &&Difference| part.attribute().map_or_else(String::new, ToString::to_string);
        parts.iter().map(|part| (name(part), part.label.clone())).collect()
    })
}
