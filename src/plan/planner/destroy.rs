//! Objects that go: without configuration, deposed, or because everything goes.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::addr::InstanceAddr;
use crate::addr::InstanceKey;
use crate::addr::ModuleInstance;
use crate::addr::Target as Selector;
use crate::config::Repetition;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::state::Status;
use crate::value::Value;

use super::super::Action;
use super::super::ActionReason;
use super::super::Cause;
use super::super::PlanMode;
use super::super::query::ObjectKey;
use super::Planner;
use super::draft::Draft;
use super::draft::Prior;
use super::replace::shown;

impl Planner<'_> {
    /// Plans the objects of the state that the configuration does not hold.
    pub(super) fn plan_orphans(&mut self) {
        let keys: Vec<ObjectKey> = self
            .prior
            .keys()
            .filter(|key| key.deposed.is_none() && !self.drafts.contains_key(key))
            .filter(|key| self.is_within(&key.addr))
            .cloned()
            .collect();
        for key in keys {
            let resource = self.input.config.resource(&key.addr.resource);
            let resource = resource.filter(|_| !self.is_module_gone(&key.addr.resource.module));
            let expanded = resource.is_none_or(|_| {
                self.world
                    .instances(&key.addr.resource)
                    .is_some_and(|instances| !matches!(instances, super::super::scope::Instances::Unknown(_)))
            });
            if self.options.mode == PlanMode::Normal && !expanded {
                // Its instances could not be told, which is an error already.
                continue;
            }
            if self.options.mode == PlanMode::Normal && self.still_wanted(&key.addr) {
                // Its arguments could not be evaluated, which is an error already.
                continue;
            }
            let Some(prior) = self.prior.get(&key).cloned() else { continue };
            let draft = self.orphan(&key, &prior);
            self.drafts.insert(key, draft);
        }
    }

    /// Whether the configuration holds this instance.
    fn still_wanted(&self, addr: &InstanceAddr) -> bool {
        self.input.config.resource(&addr.resource).is_some()
            && self
                .world
                .instances(&addr.resource)
                .is_some_and(|instances| instances.get(addr.key.as_ref()).is_some())
    }

    fn orphan(&self, key: &ObjectKey, prior: &Prior) -> Draft {
        let mut draft = Draft::new(Arc::clone(&prior.schema), prior.provider.clone());
        draft.recorded.clone_from(&prior.object.dependencies);
        draft.before.clone_from(&prior.found);
        let removed = self.removed(&key.addr);
        if let Some(removed) = removed {
            draft.allowed = removed.allow_data_loss.as_ref().map(|limit| (limit.value, "removed".to_owned()));
            draft.place = Some(removed.from.span);
        }
        let resource = self.input.config.resource(&key.addr.resource);
        if let Some(resource) = resource {
            draft.place = Some(resource.header);
            if draft.allowed.is_none() {
                let limit = resource.lifecycle.allow_data_loss.as_ref();
                draft.allowed = limit.map(|limit| (limit.value, "lifecycle".to_owned()));
            }
        }
        if prior.schema.invocation.is_some() {
            // Nothing was made: only the record of the run goes.
            draft.action = Action::Forget;
            return draft;
        }
        if prior.found.is_none() {
            // It is gone already; the state only has to be told.
            draft.action = Action::NoOp;
            draft.record = true;
            return draft;
        }
        let forget = removed.is_some_and(|removed| !removed.destroy) && self.options.mode == PlanMode::Normal;
        if forget {
            draft.action = Action::Forget;
            draft.reason = Some(ActionReason::DeleteBecauseNoResourceConfig);
            return draft;
        }
        if let Status::InDoubt(_) = prior.object.status {
            draft.after.clone_from(&prior.found);
            return draft;
        }
        draft.action = Action::Delete;
        if self.options.mode == PlanMode::Destroy {
            return draft;
        }
        if let Some(undo) = &self.options.undo {
            draft.reason = Some(ActionReason::DeleteBecauseNoResourceConfig);
            draft.place = None;
            draft.causes.push(Cause { path: None, text: format!("run {} made it", undo.run), from: None });
            return draft;
        }
        let gone = self.is_module_gone(&key.addr.resource.module);
        let (reason, text) = match resource {
            _ if gone && !self.moves.done.contains_key(&key.addr) => {
                let module = &key.addr.resource.module;
                let mut text = format!("there is no {module} any more");
                // Objects of modules do not move by themselves when `count` comes or goes.
                if let Some(sibling) = self.moved_module(module) {
                    text.push_str(&format!("; `moved` from it to {sibling} would keep it"));
                }
                (ActionReason::DeleteBecauseNoModule, text)
            }
            None if self.moves.done.contains_key(&key.addr) => {
                (ActionReason::DeleteBecauseNoMoveTarget, "it has moved to where no block is".to_owned())
            }
            None => {
                (ActionReason::DeleteBecauseNoResourceConfig, "there is no block for it any more".to_owned())
            }
            Some(resource) => match (&resource.repetition, &key.addr.key) {
                (Repetition::Count(_), Some(InstanceKey::Int(_))) => {
                    (ActionReason::DeleteBecauseCountIndex, "`count` is lower than its index".to_owned())
                }
                (Repetition::ForEach(expr), Some(InstanceKey::Str(_))) => {
                    let of = crate::syntax::parse::traversal(expr).map(|reference| shown(&reference));
                    let text = of.map_or_else(
                        || "its key is gone from `for_each`".to_owned(),
                        |of| format!("key is gone from {of}"),
                    );
                    (ActionReason::DeleteBecauseEachKey, text)
                }
                (Repetition::Enabled(_), None) => {
                    (ActionReason::DeleteBecauseEnabledFalse, "`enabled` is false".to_owned())
                }
                _ => (
                    ActionReason::DeleteBecauseWrongRepetition,
                    "the block changed between one instance, `count` and `for_each`".to_owned(),
                ),
            },
        };
        draft.reason = Some(reason);
        draft.causes.push(Cause { path: None, text, from: None });
        draft
    }

    /// Whether an instance of a module is neither declared nor expanded.
    fn is_module_gone(&self, module: &ModuleInstance) -> bool {
        !self.world.has_module(module)
            && !(1..=module.0.len()).any(|depth| {
                let around = ModuleInstance(module.0.iter().take(depth).cloned().collect());
                let Some((parent, name, _)) = around.parent() else { return false };
                // Its instances could not be told.
                self.world.has_module(&parent)
                    && self.input.config.call(&around.path()).is_some()
                    && !self.world.is_expanded(&parent, name)
            })
    }

    /// The instance of a module that stands where another one was before `count` came or went.
    fn moved_module(&self, module: &ModuleInstance) -> Option<ModuleInstance> {
        let (parent, name, key) = module.parent()?;
        let sibling = match key {
            None => parent.child(name, Some(InstanceKey::Int(0))),
            Some(InstanceKey::Int(0)) => parent.child(name, None),
            Some(_) => return None,
        };
        self.world.has_module(&sibling).then_some(sibling)
    }

    /// The `removed` block that speaks of an object, the most exact one first.
    fn removed(&self, addr: &InstanceAddr) -> Option<&crate::config::Removed> {
        let mut found: Option<&crate::config::Removed> = None;
        for module in self.input.config.all_modules() {
            let Some(inner) = addr.within(&module.path) else { continue };
            let speaking = module.removed.iter().filter(|removed| removed.from.value.contains(&inner));
            for removed in speaking {
                let exact = matches!(removed.from.value, Selector::Instance(_));
                if found.is_none() || exact {
                    found = Some(removed);
                }
            }
        }
        found
    }

    /// Plans what is left of replacements that could not be finished.
    pub(super) fn plan_deposed(&mut self) {
        let keys: Vec<ObjectKey> = self
            .prior
            .keys()
            .filter(|key| key.deposed.is_some() && self.is_within(&key.addr))
            .cloned()
            .collect();
        for key in keys {
            let Some(prior) = self.prior.get(&key).cloned() else { continue };
            let mut draft = Draft::new(Arc::clone(&prior.schema), prior.provider.clone());
            draft.recorded.clone_from(&prior.object.dependencies);
            draft.before.clone_from(&prior.found);
            if prior.found.is_some() {
                draft.action = Action::Delete;
                draft.causes.push(Cause {
                    path: None,
                    text: "left over from a replacement that did not finish".to_owned(),
                    from: None,
                });
            } else {
                draft.record = true;
            }
            self.drafts.insert(key, draft);
        }
    }

    /// Objects that go with their parent need no call of their own.
    pub(super) fn follow_parents(&mut self) {
        let mut dying: BTreeMap<(Arc<str>, Arc<str>), InstanceAddr> = BTreeMap::new();
        for (key, draft) in &self.drafts {
            if !matches!(draft.action, Action::Delete) || key.deposed.is_some() {
                continue;
            }
            let id = draft.before.as_ref().and_then(|value| value.get("id")).and_then(Value::as_str);
            if let Some(id) = id {
                dying.insert((Arc::clone(&draft.schema.type_name), Arc::clone(id)), key.addr.clone());
            }
        }
        for (key, draft) in &mut self.drafts {
            let Some(parent) = draft.schema.parent.as_ref().filter(|parent| parent.deleted_with) else {
                continue;
            };
            if draft.action != Action::Delete || key.deposed.is_some() {
                continue;
            }
            let by = draft.before.as_ref().and_then(|value| value.get(&parent.by)).and_then(Value::as_str);
            let Some(by) = by else { continue };
            draft.with_parent = dying.get(&(Arc::clone(&parent.type_name), Arc::clone(by))).cloned();
        }
    }

    /// Refuses to destroy what must not be destroyed, now or according to the state.
    pub(super) fn refuse_protected(&mut self) {
        let mut found = Vec::new();
        for (key, draft) in &self.drafts {
            if !matches!(draft.action, Action::Delete | Action::Replace(_)) || key.deposed.is_some() {
                continue;
            }
            let block = self.input.config.resource(&key.addr.resource);
            let declared = block.and_then(|block| block.lifecycle.prevent_destroy.as_ref());
            let recorded = self.prior.get(key).is_some_and(|prior| prior.object.prevent_destroy);
            let what = if draft.action == Action::Delete { "deleted" } else { "replaced" };
            let item = Diagnostic::error(
                Code::PreventDestroy,
                format!("`{}` must not be destroyed, but it would be {what}", key.addr),
            )
            .about(key.addr.clone());
            let item = match (declared, recorded) {
                (Some(flag), _) if flag.value => item
                    .at(flag.span, "`prevent_destroy` is set")
                    .hint("set `prevent_destroy = false`, apply that, and plan again; or keep the object"),
                (None, true) if self.removed(&key.addr).is_some_and(|removed| removed.unprotect) => continue,
                // A block that says nothing, or is gone, does not lift what was applied before.
                (None, true) => item.detail("`prevent_destroy` was set when it was last applied; removing the block does not lift it.").hint(
                    match block {
                        Some(_) => format!("set `prevent_destroy = false` and apply that first, or lift it with `queueform state unprotect '{}'`", key.addr),
                        None => format!("write `removed {{ from = {} lifecycle {{ unprotect = true }} }}` in place of the block, or lift it with `queueform state unprotect '{}'`", key.addr.resource, key.addr),
                    },
                ),
                _ => continue,
            };
            let item = match draft.replace_paths.first() {
                Some(path) => item.value(path.to_string(), "forces the replacement"),
                None => item,
            };
            found.push(item);
        }
        if !found.is_empty() {
            self.denied = true;
            self.diagnostics.extend(found);
        }
    }
}
