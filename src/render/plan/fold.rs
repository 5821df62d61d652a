//! Siblings that change in the same way become one group.

use crate::plan::Action;
use crate::plan::Change;
use crate::plan::Risk;
use crate::plan::Verdict;

/// Changes that are drawn together.
#[derive(Debug)]
pub(super) struct Group<'p> {
    /// At least one; all of one resource with one action if there are several.
    pub changes: Vec<&'p Change>,
}

/// Groups the instances of a resource that are created, or deleted without risk.
pub(super) fn fold<'p>(shown: &[&'p Change], full: bool) -> Vec<Group<'p>> {
    let mut groups: Vec<Group<'p>> = Vec::new();
    for change in shown {
        let last = groups
            .last_mut()
            .filter(|group| !full && group.changes.first().is_some_and(|first| alike(first, change)));
        match last {
            Some(group) => group.changes.push(change),
            None => groups.push(Group { changes: vec![change] }),
        }
    }
    groups
}

fn alike(a: &Change, b: &Change) -> bool {
    a.addr.resource == b.addr.resource
        && a.addr.key.is_some()
        && b.addr.key.is_some()
        && a.action == b.action
        && a.risk == b.risk
        && a.deposed.is_none()
        && b.deposed.is_none()
        && match a.action {
            Action::Create | Action::Forget | Action::Read => true,
            // What loses something is read one by one.
            Action::Delete => a.risk < Risk::LosesData && is_clear(a) && is_clear(b) && same_causes(a, b),
            Action::NoOp | Action::Update | Action::Replace(_) => false,
        }
}

/// Whether no guard has anything to say.
fn is_clear(change: &Change) -> bool {
    change.guards.iter().all(|finding| finding.verdict == Verdict::Clear)
}

fn same_causes(a: &Change, b: &Change) -> bool {
    a.causes.len() == b.causes.len() && a.causes.iter().zip(&b.causes).all(|(a, b)| a.text == b.text)
}
