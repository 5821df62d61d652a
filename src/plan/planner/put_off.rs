//! Steps that are put off: what they wait for has not happened yet, so a later run makes them.

use std::sync::Arc;

use crate::addr::Step as PathStep;
use crate::schema::Guard;
use crate::schema::GuardKind;
use crate::schema::scope::SettledStep;
use crate::syntax::ast::Name;
use crate::value::Value;

use super::super::Action;
use super::super::Answer;
use super::super::GuardFinding;
use super::super::Query;
use super::super::Verdict;
use super::super::query::ObjectKey;
use super::super::shape::with_attributes;
use super::Planner;
use super::draft::Draft;
use super::guards::is_needed;

impl Planner<'_> {
    /// Asks the guards that put off steps of an update, and takes out what is put off. `steps` are those that
    /// would run, `sent` is the object as they see it. Returns whether anything is left to be done.
    pub(super) fn put_off(
        &mut self,
        key: &ObjectKey,
        draft: &mut Draft,
        before: &Value,
        sent: &Value,
        steps: &[SettledStep],
    ) -> bool {
        let schema = Arc::clone(&draft.schema);
        for guard in schema.guards.iter().filter(|guard| guard.kind == GuardKind::Wait) {
            if !steps.iter().any(|step| guard.holds.contains(&step.name)) {
                continue;
            }
            let Some(finding) = self.ask_to_wait(key, draft, guard, before, sent) else { continue };
            if finding.verdict == Verdict::Waits && self.options.wait_drain.is_none() {
                draft.held_steps.extend(guard.holds.iter().cloned());
            }
            draft.guards.push(finding);
        }
        if draft.held_steps.is_empty() {
            return true;
        }
        draft.wanted.clone_from(&draft.after);
        let update = schema.update.iter().flat_map(|update| &update.steps);
        let on = update.filter(|step| draft.held_steps.contains(&step.name)).flat_map(|step| &step.on);
        let mut held: Vec<Name> = Vec::new();
        for name in on {
            let (Some(was), Some(is)) =
                (before.get(name), draft.after.as_ref().and_then(|all| all.get(name)))
            else {
                continue;
            };
            if !was.same_as(is) && !held.contains(name) {
                held.push(Arc::clone(name));
            }
        }
        draft.changed.retain(|path| match path.0.first() {
            Some(PathStep::Attr(name)) => !held.contains(name),
            _ => true,
        });
        let left = steps.iter().any(|step| !draft.held_steps.contains(&step.name));
        if !left && draft.changed.is_empty() {
            draft.action = Action::NoOp;
            draft.after = Some(before.clone());
            draft.held = held;
            return false;
        }
        let kept = held.iter().filter_map(|name| Some((Arc::clone(name), before.get(name)?.clone())));
        let kept: Vec<_> = kept.collect();
        draft.after = draft.after.take().map(|after| with_attributes(&after, kept));
        draft.held = held;
        true
    }

    /// Asks one guard. What cannot be observed is waited for too.
    fn ask_to_wait(
        &mut self,
        key: &ObjectKey,
        draft: &Draft,
        guard: &Guard,
        before: &Value,
        sent: &Value,
    ) -> Option<GuardFinding> {
        if !is_needed(guard, before, Some(sent)) {
            return None;
        }
        let query = Query::Guard {
            key: key.clone(),
            provider: draft.provider.clone(),
            kind: Arc::clone(&draft.schema.type_name),
            guard: Arc::clone(&guard.name),
            prior: before.clone(),
            planned: Some(sent.clone()),
            managed: std::collections::BTreeMap::new(),
        };
        let (verdict, count, message) = match self.answer(query)? {
            Answer::Observed { count: 0, message, .. } => (Verdict::Clear, 0, message.clone()),
            Answer::Observed { count, message, .. } => (Verdict::Waits, *count, message.clone()),
            Answer::Unobserved { reason } => (Verdict::Waits, 0, reason.clone()),
            Answer::Failed(found) => {
                let reasons: Vec<String> = found.iter().map(|item| item.summary.clone()).collect();
                (Verdict::Waits, 0, reasons.join("; "))
            }
            _ => return None,
        };
        Some(GuardFinding {
            guard: guard.name.to_string(),
            verdict,
            count,
            message,
            allowed: None,
            consent: None,
        })
    }
}
