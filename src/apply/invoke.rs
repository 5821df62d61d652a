//! Runs of actions: how they begin, and what is written down when they end.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::addr::InstanceAddr;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::plan::Action;
use crate::plan::ObjectKey;
use crate::plan::Plan;
use crate::plan::StepId;
use crate::plan::StepKind;
use crate::plan::Triggered;
use crate::plan::mocked_result;
use crate::schema::Method;
use crate::schema::ResourceSchema;
use crate::schema::scope::Frame;
use crate::schema::scope::Root;
use crate::schema::scope::mark_sensitive;
use crate::state::Due;
use crate::state::Status;
use crate::state::journal::OutcomeResult;
use crate::value::Value;
use crate::value::convert;

use super::End;
use super::coordinator::Run;
use super::evaluate;
use super::object::known_so_far;
use super::work::Work;

impl Run<'_, '_> {
    /// Makes an action ready for its next run: an action may be run several times in one plan.
    pub(super) fn begin_run(&mut self, id: StepId, key: &ObjectKey) {
        let serves = self.works.get(key).and_then(|work| {
            // Each run begins with an evaluation, and they stand in the order of what triggers them.
            let begins =
                |step: &&StepId| self.step(**step).is_some_and(|step| step.kind == StepKind::Evaluate);
            let earlier = work.change.steps.iter().filter(|step| **step < id).filter(begins).count();
            let trigger = work.change.triggers.get(earlier)?;
            match &trigger.due {
                Some(due) => Some(due.clone()),
                None => due_for(trigger, &key.addr, self.input.plan_id),
            }
        });
        let Some(work) = self.works.get_mut(key) else { return };
        let target = work.target(None);
        let recorded = self.input.ledger.state(|state| state.object(&target).cloned());
        work.recorded = recorded.filter(|object| matches!(object.status, Status::Ready | Status::Tainted));
        work.planned = work.change.after.clone().unwrap_or_else(Value::null);
        work.done.clear();
        work.intent = None;
        work.serves = serves;
    }

    /// What becomes due when an object is made or changed.
    pub(super) fn due_of(&self, work: &Work<'_>) -> Vec<Due> {
        let happens = work.key.deposed.is_none()
            && matches!(work.change.action, Action::Create | Action::Update | Action::Replace(_));
        self.due.get(&work.key.addr).filter(|_| happens).cloned().unwrap_or_default()
    }

    /// An action was run: its results are written down and checked.
    pub(super) fn invoked(&mut self, id: StepId, key: &ObjectKey) {
        let Some(work) = self.works.get(key) else { return };
        let schema = Arc::clone(&work.schema);
        let provider = work.change.provider.clone();
        let target = work.target(None);
        let planned = typed(&schema, &work.planned);
        let planned = match self.input.config.mocks.object(&key.addr, &provider) {
            Some(standin) => mocked_result(&schema, &planned, standin, &key.addr),
            None => Ok(planned),
        };
        let planned = match planned {
            Ok(planned) => planned,
            Err(found) => return self.failed_with(id, End::Failed, found),
        };
        let Some(work) = self.works.get(key) else { return };
        let value = known_so_far(&planned);
        let arguments = self.input.providers.arguments(&provider).unwrap_or_else(Value::null);
        let mut found = evaluate::about(verify(&schema, &value, &arguments), &key.addr);
        let refuted = found.iter().filter(|item| item.is_error()).map(|item| item.summary.as_str());
        let refuted = refuted.collect::<Vec<_>>().join("; ");
        let written = self.object(work, &value, Status::Ready).map(|mut object| {
            object.set_invoked_at(&self.at());
            object.set_refuted(Some(refuted.as_str()).filter(|refuted| !refuted.is_empty()));
            object
        });
        match written {
            Ok(object) => {
                let result = OutcomeResult::Object(Box::new(object));
                self.outcome(key, &target, result, Some(id), Vec::new());
            }
            Err(error) => found.push(error),
        }
        if let Some(work) = self.works.get_mut(key) {
            work.planned = value.clone();
            work.intent = None;
            work.answered = true;
        }
        self.world.set_instance(&key.addr.resource, key.addr.key.as_ref(), value);
        if found.has_errors() {
            self.failed_with(id, End::Failed, found);
            return;
        }
        self.finish(key);
        self.done(id);
    }
}

/// What becomes due in a plan, by the object that asks for it.
pub(super) fn due_in(plan: &Plan, plan_id: &Arc<str>) -> BTreeMap<InstanceAddr, Vec<Due>> {
    let mut found: BTreeMap<InstanceAddr, Vec<Due>> = BTreeMap::new();
    for change in plan.changes.iter().filter(|change| change.action == Action::Invoke) {
        for trigger in change.triggers.iter().filter(|trigger| trigger.due.is_none()) {
            let due = due_for(trigger, &change.addr, plan_id);
            found.entry(trigger.by.clone()).or_default().extend(due);
        }
    }
    found
}

/// What is due between a change and the run that it triggers; nothing for runs that come before the change.
fn due_for(trigger: &Triggered, action: &InstanceAddr, plan_id: &Arc<str>) -> Option<Due> {
    let Triggered { by, event, block, index, .. } = trigger;
    let event: Arc<str> = event.name().into();
    (!trigger.event.is_before()).then(|| Due {
        id: format!("{plan_id} {event} {by} {block} {index} {action}").into(),
        by: by.clone(),
        action: action.clone(),
        event,
        block: *block,
        index: *index,
    })
}

/// Whether a step of the action that is done has changed something.
pub(super) fn has_written(work: &Work<'_>) -> bool {
    let steps = work.schema.invocation.iter().flat_map(|invocation| &invocation.run.steps);
    let mut written =
        steps.filter(|step| work.done.contains(&step.name)).filter_map(|step| step.call.as_ref());
    !work.schema.only_reads() && written.any(|call| call.method != Method::Get)
}

/// Gives results the types of their attributes.
fn typed(schema: &ResourceSchema, value: &Value) -> Value {
    Value::object(schema.attributes.iter().map(|attribute| {
        let ty = attribute.ty.without_optional();
        let part = value.get(&attribute.name).and_then(|part| convert(part, &attribute.ty).ok());
        let part = part.unwrap_or_else(|| Value::null_of(ty));
        (Arc::clone(&attribute.name), mark_sensitive(attribute, part))
    }))
}

/// What does not hold of the results.
fn verify(schema: &ResourceSchema, value: &Value, provider: &Value) -> Diagnostics {
    let frame = Frame::of(schema).with(Root::This, value.clone()).with(Root::Provider, provider.clone());
    let mut found = Diagnostics::new();
    for rule in schema.invocation.iter().flat_map(|invocation| &invocation.verifies) {
        match frame.holds(&rule.that) {
            Ok(Some(true) | None) => {}
            Ok(Some(false)) => match frame.text(&rule.message) {
                Ok(message) => found.push(
                    Diagnostic::error(Code::OperationRejected, message)
                        .maybe_hint(rule.hint.as_ref().map(ToString::to_string)),
                ),
                Err(errors) => found.extend(errors),
            },
            Err(errors) => found.extend(errors),
        }
    }
    found
}
