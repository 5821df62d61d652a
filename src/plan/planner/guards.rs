//! Guards: what a change would destroy is observed, and denied unless it is allowed.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::schema::Call;
use crate::schema::Guard;
use crate::schema::GuardKind;
use crate::schema::GuardOn;
use crate::schema::scope::Frame;
use crate::schema::scope::Root;
use crate::schema::scope::names_in;
use crate::syntax::ast::Name;
use crate::value::Value;

use super::super::Action;
use super::super::Answer;
use super::super::GuardFinding;
use super::super::PlanMode;
use super::super::Query;
use super::super::Risk;
use super::super::Verdict;
use super::super::ago::with_last;
use super::super::query::ObjectKey;
use super::Planner;
use super::draft::Draft;

impl Planner<'_> {
    /// Observes every guard of every change that may do harm, and judges what was seen.
    pub(super) fn observe_guards(&mut self) {
        let keys: Vec<ObjectKey> = self
            .drafts
            .iter()
            .filter(|(_, draft)| {
                (draft.wanted.is_some() && !draft.is_held())
                    || matches!(
                        draft.action,
                        Action::Create
                            | Action::Update
                            | Action::Replace(_)
                            | Action::Delete
                            | Action::Invoke
                    )
            })
            .map(|(key, _)| key.clone())
            .collect();
        let children = self.children_by_parent();
        let mut findings: Vec<(ObjectKey, GuardFinding, GuardKind)> = Vec::new();
        for key in keys {
            let Some(draft) = self.drafts.get(&key) else { continue };
            let (draft, schema) = (draft.clone(), Arc::clone(&draft.schema));
            // What is put off is judged now: whoever reads the plan should not have to wait for the verdict.
            let action = if draft.wanted.is_some() { Action::Update } else { draft.action };
            for guard in schema.guards.iter().filter(|guard| watches(guard, action)) {
                if let Some(finding) = self.observe(&key, &draft, guard, &children) {
                    findings.push((key.clone(), finding, guard.kind));
                }
            }
        }
        for (key, finding, _kind) in findings {
            let denied = matches!(finding.verdict, Verdict::Denied | Verdict::Unobserved);
            self.denied |= denied;
            let Some(draft) = self.drafts.get_mut(&key) else { continue };
            let risk = match finding.verdict {
                Verdict::Clear => Risk::Safe,
                Verdict::Interrupts => Risk::Interrupts,
                Verdict::Waits | Verdict::Held => continue,
                Verdict::Allowed => Risk::LosesData,
                Verdict::Denied | Verdict::Unobserved => Risk::Denied,
            };
            draft.risk = draft.risk.max(risk);
            draft.guards.push(finding);
            if denied && let Some(wanted) = draft.wanted.take() {
                // What is denied is not put off: the whole change is shown.
                draft.action = Action::Update;
                draft.after = Some(wanted);
                draft.held.clear();
                draft.held_steps.clear();
                draft.guards.retain(|finding| finding.verdict != Verdict::Waits);
            }
        }
    }

    fn observe(
        &mut self,
        key: &ObjectKey,
        draft: &Draft,
        guard: &Guard,
        children: &BTreeMap<(Name, Arc<str>), BTreeMap<Name, BTreeSet<Arc<str>>>>,
    ) -> Option<GuardFinding> {
        let creates = matches!(draft.action, Action::Create | Action::Invoke);
        let planned = draft.wanted.clone().or_else(|| draft.after.clone());
        let prior = if creates { planned.clone()? } else { draft.before.clone()? };
        if creates && !is_askable(guard, &prior) {
            return None;
        }
        if !is_needed(guard, &prior, planned.as_ref()) {
            return None;
        }
        let id = prior.get("id").and_then(Value::as_str).cloned();
        let managed = id
            .and_then(|id| children.get(&(Arc::clone(&draft.schema.type_name), id)).cloned())
            .unwrap_or_default();
        let query = Query::Guard {
            key: key.clone(),
            provider: draft.provider.clone(),
            kind: Arc::clone(&draft.schema.type_name),
            guard: Arc::clone(&guard.name),
            prior,
            planned,
            managed,
        };
        let answer = self.answer(query)?.clone();
        let allowed = self.allowance(key, draft);
        let (verdict, count, message) = match answer {
            Answer::Observed { count: 0, message, .. } => (Verdict::Clear, 0, message),
            Answer::Observed { count, message, last } => {
                let within = allowed.as_ref().is_some_and(|(limit, _)| count <= *limit);
                let verdict = match guard.kind.denies() {
                    false => Verdict::Interrupts,
                    true if within => Verdict::Allowed,
                    true => Verdict::Denied,
                };
                (verdict, count, with_last(&message, last, self.input.time))
            }
            Answer::Unobserved { reason } if guard.kind.denies() => {
                // Unknown is not safe; an unlimited allowance is the only way past it.
                let unlimited = allowed.as_ref().is_some_and(|(limit, _)| *limit == u64::MAX);
                (if unlimited { Verdict::Allowed } else { Verdict::Unobserved }, 0, reason)
            }
            Answer::Unobserved { reason } => (Verdict::Interrupts, 0, reason),
            Answer::Failed(found) => {
                let reason = found.iter().map(|item| item.summary.clone()).collect::<Vec<_>>().join("; ");
                let verdict = if guard.kind.denies() { Verdict::Unobserved } else { Verdict::Interrupts };
                (verdict, 0, reason)
            }
            _ => return None,
        };
        let consent = match verdict {
            Verdict::Denied => Some(self.consent(key, draft, count)),
            // No number is known to be enough.
            Verdict::Unobserved => Some(format!("--allow-data-loss '{}={}'", key.addr, u64::MAX)),
            Verdict::Clear | Verdict::Allowed | Verdict::Interrupts | Verdict::Waits | Verdict::Held => None,
        };
        Some(GuardFinding { guard: guard.name.to_string(), verdict, count, message, allowed, consent })
    }

    /// The greatest loss that is allowed for an object, and by what.
    pub(super) fn allowance(&self, key: &ObjectKey, draft: &Draft) -> Option<(u64, String)> {
        let by_option = self
            .options
            .allow_data_loss
            .iter()
            .filter(|(target, _)| target.contains(&key.addr))
            .map(|(_, limit)| (*limit, "--allow-data-loss".to_owned()))
            .max();
        by_option.into_iter().chain(draft.allowed.clone()).max()
    }

    /// What to write to allow the loss.
    fn consent(&self, key: &ObjectKey, draft: &Draft, count: u64) -> String {
        let ceiling = count.max(1);
        // The blocks of the past are nobody's to edit.
        if self.options.mode == PlanMode::Destroy || self.options.undo.is_some() {
            return format!("--allow-data-loss '{}={ceiling}'", key.addr);
        }
        let declared = self.input.config.resource(&key.addr.resource).is_some();
        if declared && draft.action != Action::Delete {
            return format!("lifecycle {{\n  allow_data_loss = {ceiling}\n}}");
        }
        format!(
            "removed {{\n  from = {}\n  lifecycle {{\n    allow_data_loss = {ceiling}\n  }}\n}}",
            key.addr
        )
    }

    /// Names of the managed children of every object, by parent type and id, then by child type.
    fn children_by_parent(&self) -> BTreeMap<(Name, Arc<str>), BTreeMap<Name, BTreeSet<Arc<str>>>> {
        let mut found: BTreeMap<(Name, Arc<str>), BTreeMap<Name, BTreeSet<Arc<str>>>> = BTreeMap::new();
        for (key, prior) in &self.prior {
            let Some(parent) = &prior.schema.parent else { continue };
            if key.deposed.is_some() {
                continue;
            }
            let Some(id) = prior.stored.get(&parent.by).and_then(Value::as_str) else { continue };
            let own =
                prior.schema.identity.last().and_then(|name| prior.stored.get(name)).and_then(Value::as_str);
            let Some(own) = own else { continue };
            found
                .entry((Arc::clone(&parent.type_name), Arc::clone(id)))
                .or_default()
                .entry(Arc::clone(&prior.schema.type_name))
                .or_default()
                .insert(Arc::clone(own));
        }
        found
    }
}

/// Whether a guard has a reason to look. What cannot be told yet is left to whoever observes.
pub(super) fn is_needed(guard: &Guard, prior: &Value, planned: Option<&Value>) -> bool {
    let Some(when) = &guard.when else { return true };
    let planned = planned.cloned().unwrap_or_else(Value::null);
    let frame = Frame::new().with(Root::This, prior.clone()).with(Root::Planned, planned);
    !matches!(frame.holds(when), Ok(Some(false)))
}

/// Whether all that a guard asks with is known already.
fn is_askable(guard: &Guard, object: &Value) -> bool {
    let calls = guard.steps.iter().filter_map(|step| step.call.as_ref());
    let mut names = calls.flat_map(Call::inputs).flat_map(|expr| names_in(expr, Root::This));
    names.all(|name| object.get(&name).is_some_and(Value::is_wholly_known))
}

/// Whether a guard watches an action.
pub(super) fn watches(guard: &Guard, action: Action) -> bool {
    let on = match action {
        Action::Update => GuardOn::Update,
        Action::Replace(_) => GuardOn::Replace,
        Action::Delete => GuardOn::Delete,
        Action::Create => GuardOn::Create,
        Action::Invoke => GuardOn::Invoke,
        Action::NoOp | Action::Read | Action::Forget => return false,
    };
    // What only puts steps off was asked when the change was decided.
    guard.kind != GuardKind::Wait && guard.on.contains(&on)
}
