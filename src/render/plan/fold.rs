//! Siblings that change in the same way become one group.

use crate::plan::Action;
use crate::plan::Change;
use crate::plan::Risk;
use crate::plan::Verdict;
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
    for change in shown {
        let last = groups.last_mut().filter(|group| {
            !page.view.full && group.changes.first().is_some_and(|first| alike(first, change, page))
        });
        match last {
            Some(group) => group.changes.push(change),
            None => groups.push(Group { changes: vec![change] }),
        }
    }
    groups
}

fn alike(a: &Change, b: &Change, page: &Page<'_>) -> bool {
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
            // What loses something is read one by one.
            Action::Delete => a.risk < Risk::LosesData && is_clear(a) && is_clear(b),
            Action::Update | Action::Replace(_) => {
                a.risk < Risk::LosesData && is_clear(a) && is_clear(b) && same_parts(a, b, page)
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

/// Whether the same attributes differ, and all of that fits into a table.
fn same_parts(a: &Change, b: &Change, page: &Page<'_>) -> bool {
    let schema = page.schema(&a.addr);
    let parts = |change: &Change| -> Option<Vec<(String, String)>> {
        let waits = page.waits(change);
        let found = update::differences(change, schema.as_deref());
        let parts: Vec<_> = found.attributes.iter().flat_map(|(_, parts)| parts).collect();
        let plain = parts.iter().all(|part| matches!(part.nature, Nature::Plain | Nature::Order));
        let fits = plain && parts.len() <= COLUMNS && waits.is_empty() && change.sends.is_empty();
        fits.then(|| {
            parts
                .iter()
                .map(|part| {
                    (part.attribute().map_or_else(String::new, ToString::to_string), part.label.clone())
                })
                .collect()
        })
    };
    match (parts(a), parts(b)) {
        (Some(a), Some(b)) => a == b,
        _ => false,
    }
}
