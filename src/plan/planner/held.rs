//! Changes that are held: they are made only when their object is named.

use std::sync::Arc;

use crate::addr::Step as PathStep;
use crate::schema::scope;
use crate::schema::scope::SettledStep;

use super::super::Action;
use super::super::GuardFinding;
use super::super::Operation;
use super::super::Risk;
use super::super::Verdict;
use super::super::query::ObjectKey;
use super::Planner;
use super::draft::Draft;
use super::managed::scope_operation;

impl Planner<'_> {
    /// Takes a change back if one of its steps needs a confirmation that nobody gave. Returns whether it did.
    pub(super) fn hold(
        &self,
        key: &ObjectKey,
        draft: &mut Draft,
        operation: Operation,
        steps: &[SettledStep],
    ) -> bool {
        let schema = Arc::clone(&draft.schema);
        let all = scope::operation(&schema, scope_operation(operation));
        let all = all.map(|operation| operation.steps.as_slice()).unwrap_or_default();
        let reason = steps.iter().find_map(|step| all.get(step.index)?.confirm.clone());
        let Some(reason) = reason else { return false };
        if self.options.confirm.iter().any(|target| target.contains(&key.addr)) {
            return false;
        }
        let mut calls: Vec<&str> = Vec::new();
        for call in steps.iter().filter_map(|step| step.call.as_deref()).filter(|call| !call.is_empty()) {
            calls.push(call);
        }
        draft.guards.push(GuardFinding {
            guard: "confirmation".to_owned(),
            verdict: Verdict::Held,
            count: 0,
            message: format!("{reason} ({})", calls.join(", then ")),
            allowed: None,
            consent: Some(format!("--confirm '{}'", key.addr)),
        });
        draft.held = draft
            .changed
            .iter()
            .filter_map(|path| match path.0.first() {
                Some(PathStep::Attr(name)) => Some(Arc::clone(name)),
                _ => None,
            })
            .collect();
        draft.held.sort();
        draft.held.dedup();
        draft.wanted = draft.after.take().filter(|_| operation == Operation::Update);
        draft.action = Action::NoOp;
        draft.reason = None;
        draft.risk = Risk::Safe;
        draft.changed.clear();
        draft.sends.clear();
        draft.after.clone_from(&draft.before);
        true
    }

    /// Holds deletions whose steps need a confirmation.
    pub(super) fn hold_deletions(&mut self) {
        let going = |draft: &Draft| {
            matches!(draft.action, Action::Delete | Action::Replace(_))
                && draft.schema.delete.iter().flat_map(|all| &all.steps).any(|step| step.confirm.is_some())
        };
        let keys: Vec<ObjectKey> =
            self.drafts.iter().filter(|(_, draft)| going(draft)).map(|(key, _)| key.clone()).collect();
        for key in keys {
            let Some(mut draft) = self.drafts.get(&key).cloned() else { continue };
            let Some(before) = draft.before.clone() else { continue };
            let provider = self.provider_value(&draft);
            let kind = scope_operation(Operation::Delete);
            match scope::settle(kind, &draft.schema, &before, Some(&before), &provider) {
                Ok(steps) => {
                    if self.hold(&key, &mut draft, Operation::Delete, &steps) {
                        self.drafts.insert(key, draft);
                    }
                }
                Err(found) => {
                    self.diagnostics.extend(found.into_iter().map(|item| item.about(key.addr.clone())));
                }
            }
        }
    }
}
