//! Plans that undo a run: what must hold for them, and what is told with them.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::addr::InstanceAddr;
use crate::addr::ResourceAddr;
use crate::diag::Code;
use crate::diag::Diagnostic;

use super::super::Action;
use super::super::query::ObjectKey;
use super::Planner;

impl Planner<'_> {
    /// What an object depends on: the blocks that stand for the past do not name it.
    pub(super) fn with_recorded(&self, key: &ObjectKey, known: &Arc<[ResourceAddr]>) -> Arc<[ResourceAddr]> {
        let Some(undo) = &self.options.undo else { return Arc::clone(known) };
        let recorded = match self.prior.get(key) {
            Some(prior) => Some(&prior.object.dependencies),
            None => undo.dependencies.get(&key.addr),
        };
        let all: BTreeSet<ResourceAddr> =
            known.iter().chain(recorded.into_iter().flatten()).cloned().collect();
        all.into_iter().collect()
    }

    /// What is to be made before an object that is made again, as it was the first time.
    pub(super) fn made_before(&self, addr: &InstanceAddr) -> impl Iterator<Item = ResourceAddr> {
        let undo = self.options.undo.as_ref();
        undo.and_then(|undo| undo.dependencies.get(addr)).into_iter().flatten().map(ResourceAddr::declared)
    }

    /// Whether something stands for secrets of an object that are not known.
    pub(super) fn has_stand_ins(&self, addr: &InstanceAddr) -> bool {
        self.options.undo.as_ref().is_some_and(|undo| undo.without_secrets.contains(addr))
    }

    /// Refuses what must not be undone, and tells what does not return.
    pub(super) fn check_undo(&mut self) {
        let Some(undo) = self.options.undo.clone() else { return };
        let mut found = Vec::new();
        for drift in &self.drift {
            if !self.options.targets.iter().any(|target| target.contains(&drift.addr)) {
                continue;
            }
            let what = match &drift.after {
                None => "is gone".to_owned(),
                Some(after) => {
                    let names = drift.before.fields().into_iter().flat_map(|fields| fields.iter());
                    let differing: Vec<String> = names
                        .filter(|(name, before)| after.get(name).is_some_and(|after| !after.same_as(before)))
                        .map(|(name, _)| format!("`{name}`"))
                        .collect();
                    format!("was changed elsewhere since: {}", differing.join(", "))
                }
            };
            let is_made = self.drafts.iter().any(|(key, draft)| {
                key.addr == drift.addr && draft.action == Action::NoOp && draft.before.is_none()
            });
            // What the run made and is gone already is as undone as it can be.
            if drift.after.is_none() && is_made {
                continue;
            }
            found.push(
                Diagnostic::error(Code::StateMoved, format!("`{}` {what}", drift.addr))
                    .about(drift.addr.clone())
                    .hint("look at it, and leave it out if it is to stay: `--target` names the objects that are undone"),
            );
        }
        for (key, draft) in &self.drafts {
            if undo.without_secrets.contains(&key.addr)
                && matches!(draft.action, Action::Create | Action::Replace(_))
            {
                found.push(
                    Diagnostic::error(
                        Code::CannotReplace,
                        format!("`{}` would be made again, and its secrets are not kept anywhere", key.addr),
                    )
                    .about(key.addr.clone())
                    .hint("put its block back as it was and apply, or leave it out with `--target`"),
                );
            }
        }
        let mut told = Diagnostic::warning(
            Code::Undo,
            format!("this undoes {}; the configuration stays as it is", undo.told),
        );
        if !undo.lost.is_empty() {
            told = told.detail(format!("What does not return:\n{}", undo.lost.join("\n")));
        }
        found.push(told.hint("change the configuration back too, or the next apply makes the change again"));
        self.diagnostics.extend(found);
    }
}
