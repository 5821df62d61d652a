//! What the steps do, and what follows from how they end.

use std::sync::Arc;

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::plan::Action;
use crate::plan::ObjectKey;
use crate::plan::Operation;
use crate::plan::Record as Noted;
use crate::plan::ReplaceOrder;
use crate::plan::StepId;
use crate::plan::StepKind;
use crate::plan::with_attributes;
use crate::provider::ProviderError;
use crate::schema::OnFailure;
use crate::schema::scope::cool_down;
use crate::schema::scope::identity;
use crate::schema::scope::operation;
use crate::state::Action as StateAction;
use crate::state::DeposedKey;
use crate::state::Intent;
use crate::state::ObjectRef;
use crate::state::Status;
use crate::state::journal::OutcomeResult;
use crate::state::journal::Put;
use crate::state::journal::Record;
use crate::syntax::ast::Name;
use crate::value::Value;

use super::End;
use super::Verb;
use super::call::CallEnd;
use super::call::CallError;
use super::call::CallTask;
use super::call::GuardCheck;
use super::coordinator::Finished;
use super::coordinator::Run;
use super::coordinator::Task;
use super::evaluate;
use super::invoke;
use super::object;
use super::work::Work;
use super::work::is_unchanged;
use super::work::kind_of;
use super::work::verb_of;
impl<'r> Run<'r, '_> {
    /// Runs a step that calls nobody.
    pub(super) fn run_at_once(&mut self, id: StepId) {
        let Some(step) = self.step(id) else { return };
        let key = Self::key_of(step);
        match (&step.kind, key) {
            (StepKind::Evaluate, Some(key)) => self.evaluate(id, &key),
            (StepKind::Depose, Some(key)) => {
                let set_aside = DeposedKey::random();
                let addr = key.addr.clone();
                self.record(vec![Record::Deposed { addr, key: set_aside.clone() }]);
                if let Some(work) = self.works.get_mut(&key) {
                    work.set_aside = Some(set_aside);
                }
                self.done(id);
            }
            (StepKind::Record(Noted::Invoked), Some(key)) => self.invoked(id, &key),
            (StepKind::Record(noted), Some(key)) => self.note(id, &key, *noted),
            (StepKind::Output(name), _) => self.output(id, name),
            _ => self.done(id),
        }
    }

    fn evaluate(&mut self, id: StepId, key: &ObjectKey) {
        let now = self.now();
        let Some(work) = self.works.get(key) else { return };
        let verb = match work.change.action {
            Action::Update => Verb::Update,
            Action::Invoke => Verb::Invoke,
            _ => Verb::Create,
        };
        if verb == Verb::Invoke {
            self.begin_run(id, key);
        }
        let Some(work) = self.works.get(key) else { return };
        let Some(resource) = work.resource else {
            let found =
                Diagnostic::error(Code::Internal, format!("`{}` is planned without a block", key.addr));
            self.failed_with(id, End::Failed, found.into());
            return;
        };
        let provider = self.input.providers.arguments(&work.change.provider);
        let evaluated = self
            .expansions
            .each(resource, &key.addr, &self.world)
            .and_then(|each| evaluate::evaluate(work, resource, &self.world, &each, provider.as_ref()));
        match evaluated {
            Ok(evaluated) => {
                let foreign = self.not_ours(key, &evaluated.planned);
                if foreign.has_errors() {
                    return self.failed_with(id, End::Denied, foreign);
                }
                if let Some(work) = self.works.get_mut(key) {
                    work.planned = evaluated.planned;
                    work.written = evaluated.written;
                    work.unchanged = verb == Verb::Update && is_unchanged(work);
                    let started = work.begin(verb, now);
                    work.current = match verb {
                        Verb::Update => work.change.before.clone().unwrap_or_else(Value::null),
                        Verb::Create | Verb::Delete | Verb::Read | Verb::Invoke => Value::null(),
                    };
                    if let Some(event) = started {
                        self.tell(event);
                    }
                }
                self.done(id);
            }
            Err(found) => {
                self.failed_with(id, End::Failed, evaluate::about(found, &key.addr));
            }
        }
    }

    fn note(&mut self, id: StepId, key: &ObjectKey, noted: Noted) {
        let Some(work) = self.works.get(key) else { return };
        let target = work.target(Some(Operation::Delete));
        match noted {
            Noted::Forget => self.record(vec![Record::Forget(target)]),
            Noted::Drop => {
                self.record(self.dropped(work, &target));
                self.tell_drop(key);
            }
            // All addresses were changed before the first step.
            Noted::Moved | Noted::Invoked => {}
            Noted::Refreshed | Noted::Imported => {
                let found = if noted == Noted::Imported && work.change.action != Action::NoOp {
                    work.change.before.clone()
                } else {
                    work.change.after.clone()
                };
                let found = self.refreshed(key, &found.unwrap_or_else(Value::null));
                if let Err(found) = found {
                    self.failed_with(id, End::Failed, found.into());
                    return;
                }
            }
        }
        let step = Record::Step { plan: Arc::clone(self.input.plan_id), step: id.0 };
        self.record(vec![step]);
        self.done(id);
    }

    /// Tells that an object is destroyed, although no call was needed for it.
    fn tell_drop(&mut self, key: &ObjectKey) {
        let now = self.now();
        let Some(work) = self.works.get_mut(key) else { return };
        if !matches!(work.change.action, Action::Delete | Action::Replace(_)) {
            return;
        }
        let begun = work.begun.take();
        let events = [work.begin(Verb::Delete, now), work.finish(now, true)];
        work.begun = begun;
        for event in events.into_iter().flatten() {
            self.tell(event);
        }
    }

    /// Writes down what was found.
    fn refreshed(&mut self, key: &ObjectKey, value: &Value) -> Result<(), Diagnostic> {
        let Some(work) = self.works.get(key) else { return Ok(()) };
        let target = work.target(None);
        let stored = self.input.ledger.state(|state| state.object(&target).cloned());
        let status = stored.as_ref().map(|object| object.status.clone()).unwrap_or_default();
        let mut object = self.object(work, &object::known_so_far(value), status)?;
        if let Some(stored) = stored {
            object.attributes = object.attributes.or_secrets_of(&stored.attributes);
            if work.resource.is_none() || self.plan().mode != crate::plan::PlanMode::Normal {
                object.dependencies = stored.dependencies;
                object.prevent_destroy = stored.prevent_destroy;
                object.held = stored.held;
                object.create_before_destroy = stored.create_before_destroy;
            }
        }
        let put = Put::new(target, &Self::instance(work), object);
        self.record(vec![Record::Put(Box::new(put))]);
        Ok(())
    }

    fn output(&mut self, id: StepId, name: &Name) {
        let gone = self.plan().outputs.get(name).is_some_and(|output| output.action == Action::Delete);
        if gone {
            self.record(vec![Record::Output { name: Arc::clone(name), output: None }]);
            self.done(id);
            return;
        }
        let found = match evaluate::output(name, &self.world) {
            Ok(Some((value, sensitive))) => {
                let prior = self.input.ledger.state(|state| state.outputs.get(name).cloned());
                if value.is_null() && !sensitive {
                    // An output without a value is none.
                    self.record(vec![Record::Output { name: Arc::clone(name), output: None }]);
                    self.outputs.insert(Arc::clone(name), value);
                    self.done(id);
                    return;
                }
                let keep = self.input.ledger.keeps_secrets();
                match object::output(&value, sensitive, prior.as_ref(), keep) {
                    Ok(output) => {
                        self.record(vec![Record::Output { name: Arc::clone(name), output: Some(output) }]);
                        self.outputs.insert(Arc::clone(name), value);
                        self.done(id);
                        return;
                    }
                    Err(error) => Diagnostic::error(
                        Code::StateWrite,
                        format!("output `{name}` cannot be stored: {error}"),
                    )
                    .into(),
                }
            }
            Ok(None) => Diagnostics::new(),
            Err(found) => found,
        };
        self.failed_with(id, End::Failed, found);
    }

    /// Prepares the call of a step.
    pub(super) fn task(&mut self, id: StepId) -> Option<Task<'r>> {
        let step = self.step(id)?;
        let key = Self::key_of(step)?;
        match &step.kind {
            StepKind::ReadData => self.data_task(id, &key),
            StepKind::Call { operation, index, guards, waits, .. } => {
                self.call_task(id, &key, *operation, *index, (guards, waits))
            }
            _ => None,
        }
    }

    fn call_task(
        &mut self,
        id: StepId,
        key: &ObjectKey,
        doing: Operation,
        index: usize,
        (guards, waits): (&[(String, u64)], &[String]),
    ) -> Option<Task<'r>> {
        if self.works.get(key).is_some_and(|work| work.unchanged && doing == Operation::Update) {
            self.done(id);
            return None;
        }
        let now = self.now();
        let managed = if guards.is_empty() { None } else { Some(self.managed(key)) };
        let work = self.works.get_mut(key)?;
        if work.begun.is_none_or(|(verb, _)| verb != verb_of(doing)) {
            work.done = if doing == Operation::Create { std::mem::take(&mut work.done) } else { Vec::new() };
            if doing == Operation::Delete {
                work.current = work.change.before.clone().unwrap_or_else(Value::null);
            }
            if let Some(event) = work.begin(verb_of(doing), now) {
                self.tell(event);
            }
        }
        let work = self.works.get(key)?;
        let kind = kind_of(doing);
        let before = work.change.before.clone();
        let planned = match doing {
            Operation::Delete => before.clone().unwrap_or_else(Value::null),
            Operation::Create | Operation::Update | Operation::Invoke => {
                with_attributes(&work.planned, work.written.clone())
            }
        };
        let schema_step = operation(&work.schema, kind).and_then(|operation| operation.steps.get(index))?;
        let target = work.target(Some(doing));
        let stored =
            self.input.ledger.state(|state| state.object(&target).map(|object| object.attributes.clone()));
        let intent = if schema_step.call.is_some() && !work.schema.only_reads() {
            match self.intent(work, id, doing, &schema_step.name, &target, &planned) {
                Ok(intent) => Some(Box::new(intent)),
                Err(found) => {
                    self.failed_with(id, End::Failed, found.into());
                    return None;
                }
            }
        } else {
            None
        };
        let task = CallTask {
            step: id,
            target,
            provider: work.change.provider.clone(),
            schema: Arc::clone(&work.schema),
            subject: key.addr.to_string(),
            operation: kind,
            index,
            planned,
            prior: if matches!(doing, Operation::Create | Operation::Invoke) { None } else { before },
            current: work.current.clone(),
            after: if doing == Operation::Delete && work.change.action == Action::Delete {
                None
            } else {
                Some(work.planned.clone())
            },
            timeout: work.timeout(doing),
            cool_down: match work.change.action {
                Action::Replace(ReplaceOrder::DeleteFirst)
                    if doing == Operation::Create && work.done.is_empty() =>
                {
                    cool_down(&work.schema, &work.planned)
                }
                _ => std::time::Duration::ZERO,
            },
            guards: guards
                .iter()
                .map(|(name, allowed)| GuardCheck { name: Arc::from(name.as_str()), allowed: *allowed })
                .collect(),
            waits: waits.iter().map(|name| Arc::from(name.as_str())).collect(),
            patience: self.plan().wait_drain.unwrap_or_default(),
            managed: managed.unwrap_or_default(),
            look: doing == Operation::Create
                && work.done.is_empty()
                && work.schema.has_server_id()
                && work.schema.find.is_some(),
            intent,
            stored,
        };
        let (providers, ledger, stop) = (self.input.providers, self.input.ledger, self.input.stop);
        Some(Box::pin(async move { Finished::Call(Box::new(task.run(providers, ledger, stop).await)) }))
    }

    /// What is about to be done, for the journal.
    fn intent(
        &self,
        work: &Work<'_>,
        id: StepId,
        doing: Operation,
        name: &Arc<str>,
        target: &ObjectRef,
        planned: &Value,
    ) -> Result<Intent, Diagnostic> {
        let object = match doing {
            Operation::Delete => None,
            Operation::Create | Operation::Update | Operation::Invoke => {
                Some(Box::new(self.object(work, &work.with_held(planned), Status::Ready)?))
            }
        };
        Ok(Intent {
            sequence: 0,
            run: Arc::clone(&self.input.holder.id),
            plan: Arc::clone(self.input.plan_id),
            step: id.0,
            call: Arc::clone(name),
            done: work.done.clone(),
            action: match doing {
                Operation::Create => StateAction::Create,
                Operation::Update => StateAction::Update,
                Operation::Delete => StateAction::Delete,
                Operation::Invoke => StateAction::Invoke,
            },
            target: target.clone(),
            provider: work.change.provider.clone(),
            schema_version: u64::from(work.schema.version),
            schema_digest: Arc::clone(&work.schema.digest.0),
            planned: object,
            natural_key: identity(&work.schema, planned)
                .map(Arc::from)
                .or_else(|| planned.get("name").and_then(Value::as_str).cloned()),
            token: None,
            seen: self.seen(&(work.change.provider.clone(), Arc::clone(&work.schema.type_name)), work),
            due: if self.later_call(id, &work.key, doing) { Vec::new() } else { self.due_of(work) },
            serves: work.serves.clone(),
            before: Box::default(),
            prior: None,
            at: self.at(),
        })
    }

    /// Takes in how a call ended.
    pub(super) fn after_call(&mut self, end: CallEnd) {
        let CallEnd { step: id, result, intent, noted } = end;
        let Some((key, doing, name)) = self.step(id).and_then(|step| match &step.kind {
            StepKind::Call { operation, name, .. } => {
                Some((Self::key_of(step)?, *operation, Arc::<str>::from(name.as_str())))
            }
            _ => None,
        }) else {
            return;
        };
        let Some(work) = self.works.get_mut(&key) else { return };
        if intent.is_some() {
            work.intent = intent;
        }
        match result {
            Ok(answer) => {
                work.note_done(doing, name);
                work.current = answer.current;
                if doing == Operation::Delete {
                    self.after_delete(id, &key);
                    return;
                }
                work.planned = object::without_written(&work.schema, &answer.planned);
                self.done(id);
            }
            Err(CallError::Denied(found)) => self.failed_with(id, End::Denied, found.into()),
            Err(CallError::PutOff(reason)) => self.put_off(id, &key, &name, reason),
            Err(CallError::Unprepared(found)) => self.failed_with(id, End::Failed, found),
            Err(CallError::Journal(error)) => {
                self.broken = true;
                self.failed_with(id, End::Failed, Diagnostic::from(error).into());
            }
            Err(CallError::Provider(error)) => {
                self.after_error(id, &key, doing, &name, &error, noted.as_ref())
            }
        }
    }

    fn after_delete(&mut self, id: StepId, key: &ObjectKey) {
        let more = self.later_call(id, key, Operation::Delete);
        if more {
            self.done(id);
            return;
        }
        let Some(work) = self.works.get(key) else { return };
        let target = work.target(Some(Operation::Delete));
        self.outcome(key, &target, OutcomeResult::Gone, Some(id), Vec::new());
        if let Some(work) = self.works.get_mut(key) {
            work.intent = None;
            work.done.clear();
        }
        self.finish(key);
        self.done(id);
    }

    /// Whether a later step of the object belongs to the same operation.
    fn later_call(&self, id: StepId, key: &ObjectKey, doing: Operation) -> bool {
        let Some(work) = self.works.get(key) else { return false };
        work.change.steps.iter().filter(|later| **later > id).any(|later| {
            self.step(*later).is_some_and(
                |step| matches!(&step.kind, StepKind::Call { operation, .. } if *operation == doing),
            )
        })
    }

    /// A step failed: what is known of the object is written down.
    fn after_error(
        &mut self,
        id: StepId,
        key: &ObjectKey,
        doing: Operation,
        name: &Arc<str>,
        error: &ProviderError,
        noted: Option<&Value>,
    ) {
        let found = evaluate::about(error.diagnostics(), &key.addr);
        let Some(work) = self.works.get_mut(key) else { return };
        let found = evaluate::with_import(found, error, doing, key, work);
        if let Some(set) = noted.and_then(Value::fields) {
            work.planned = with_attributes(&work.planned, set.clone());
        }
        let Some(work) = self.works.get(key) else { return };
        let target = work.target(Some(doing));
        let answered = noted.is_some();
        let rejected = matches!(error, ProviderError::Rejected { .. });
        let vanished = matches!(error, ProviderError::Vanished { .. }) || error.is_gone();
        if matches!(error, ProviderError::NotRecorded { .. }) {
            self.broken = true;
            self.failed_with(id, End::Failed, found);
            return;
        }
        let goes_on = operation(&work.schema, kind_of(doing))
            .and_then(|operation| operation.steps.iter().find(|step| step.name == *name))
            .is_some_and(|step| step.on_failure == OnFailure::Continue);
        if goes_on && (rejected || !error.may_have_changed()) && self.later_call(id, key, doing) {
            self.note_failure(id, &found);
            self.diagnostics.extend(found);
            if let Some(work) = self.works.get_mut(key) {
                work.faulty = true;
            }
            self.done(id);
            return;
        }
        if error.may_have_changed() && !rejected && !vanished {
            // The journal knows: answered calls are waited for by the next run, others are in doubt.
            let end = if answered { End::Pending } else { End::InDoubt };
            let mut found = found;
            if !answered {
                let hint = if matches!(doing, Operation::Invoke) {
                    "look at the service whether it did; it is not repeated by itself, `--again` repeats it"
                } else {
                    "run `queueform apply` again: it looks for the object and goes on from there"
                };
                found.push(
                    Diagnostic::warning(
                        Code::InDoubt,
                        format!("it is not known whether the call for `{}` took effect", key.addr),
                    )
                    .about(key.addr.clone())
                    .hint(hint),
                );
            }
            self.failed_with(id, end, found);
            return;
        }
        let result = self.result_of(work, doing, name, (rejected, vanished, answered), &target);
        self.remember_failure(key, error);
        let Some(work) = self.works.get(key) else { return };
        match result {
            Ok(result) => {
                // Nothing was run: it is still due.
                let nothing = doing == Operation::Invoke && !answered && !rejected && work.done.is_empty();
                let due = work.serves.clone().filter(|_| nothing).into_iter().collect();
                self.outcome(key, &target, result, None, due);
            }
            Err(error) => self.diagnostics.push(error),
        }
        if let Some(work) = self.works.get_mut(key) {
            work.intent = None;
        }
        self.restore(key, doing);
        let end = if error.is_stopped() { End::Skipped { blocker: None } } else { End::Failed };
        let found = if error.is_stopped() { Diagnostics::new() } else { found };
        self.failed_with(id, end, found);
    }

    /// What a failed call means for the object.
    fn result_of(
        &self,
        work: &Work<'_>,
        doing: Operation,
        name: &Arc<str>,
        (rejected, vanished, answered): (bool, bool, bool),
        target: &ObjectRef,
    ) -> Result<OutcomeResult, Diagnostic> {
        let stored = self.input.ledger.state(|state| state.object(target).cloned());
        let before = || match stored.as_ref().map(|object| &object.status) {
            Some(Status::InDoubt(intent)) => (*intent.before).clone(),
            Some(Status::Pending(pending)) => (*pending.intent.before).clone(),
            Some(other) => other.clone(),
            None => Status::Ready,
        };
        let object = |value: &Value, status: Status| {
            let value = object::known_so_far(&object::without_written(&work.schema, value));
            self.object(work, &value, status).map(|mut object| {
                if let Some(stored) = &stored {
                    object.attributes = object.attributes.or_secrets_of(&stored.attributes);
                }
                OutcomeResult::Object(Box::new(object))
            })
        };
        match doing {
            Operation::Create if rejected => object(&work.planned, Status::Tainted),
            Operation::Create if vanished && work.done.is_empty() => Ok(OutcomeResult::Gone),
            Operation::Create if work.done.is_empty() => Ok(OutcomeResult::Unchanged),
            Operation::Create => {
                let failed = Arc::clone(name);
                object(&work.planned, Status::Incomplete { done: work.done.clone(), failed })
            }
            Operation::Update if !work.done.is_empty() || rejected => object(&work.current, before()),
            Operation::Delete if !work.done.is_empty() => {
                let value = &work.current;
                object(value, before())
            }
            // Some turns of this step were answered: another run would repeat them.
            Operation::Invoke if answered => {
                let failed = Arc::clone(name);
                object(&work.planned, Status::Incomplete { done: work.done.clone(), failed })
            }
            Operation::Invoke if invoke::has_written(work) => {
                let failed = Arc::clone(name);
                object(&work.planned, Status::Incomplete { done: work.done.clone(), failed })
            }
            Operation::Invoke if rejected || !work.done.is_empty() => object(&work.planned, Status::Tainted),
            Operation::Invoke => Ok(match &work.recorded {
                Some(recorded) => OutcomeResult::Object(Box::new(recorded.clone())),
                None => OutcomeResult::Gone,
            }),
            Operation::Update | Operation::Delete => Ok(OutcomeResult::Unchanged),
        }
    }

    /// If the replacement could not be made at all, what was set aside is the current object again.
    fn restore(&mut self, key: &ObjectKey, doing: Operation) {
        if doing != Operation::Create {
            return;
        }
        let Some(set_aside) = self.works.get(key).and_then(|work| work.set_aside.clone()) else { return };
        let addr = key.addr.clone();
        if self.works.get(key).is_some_and(|work| work.done.is_empty()) {
            self.record(vec![Record::Restored { addr, key: set_aside }]);
        }
    }
}
