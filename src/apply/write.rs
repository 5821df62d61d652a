//! Writing objects down: outcomes of calls, and what the state keeps of an object.

use std::sync::Arc;

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::plan::ObjectKey;
use crate::plan::StepId;
use crate::provider::ProviderError;
use crate::state::Due;
use crate::state::Instance;
use crate::state::Object;
use crate::state::ObjectRef;
use crate::state::Status;
use crate::state::journal::Outcome;
use crate::state::journal::OutcomeResult;
use crate::state::journal::Put;
use crate::state::journal::Record;
use crate::value::Value;

use super::coordinator::Run;
use super::evaluate;
use super::object;
use super::work::Work;

impl Run<'_, '_> {
    /// Writes the outcome of the last call of an object.
    pub(super) fn outcome(
        &self,
        key: &ObjectKey,
        target: &ObjectRef,
        result: OutcomeResult,
        done: Option<StepId>,
        due: Vec<Due>,
    ) {
        let Some(work) = self.works.get(key) else { return };
        let plan = Arc::clone(self.input.plan_id);
        let Some(intent) = work.intent else {
            let mut records = Vec::new();
            let served = work.serves.iter().map(|due| Arc::clone(&due.id)).collect::<Vec<_>>();
            if !due.is_empty() || !served.is_empty() {
                // Before what makes it so: what is due for an object that is not there is passed over.
                records.push(Record::Due { add: due, done: served });
            }
            match result {
                OutcomeResult::Object(object) => {
                    let put = Put::new(target.clone(), &Self::instance(work), *object);
                    records.push(Record::Put(Box::new(put)));
                }
                OutcomeResult::Gone => records.extend(self.dropped(work, target)),
                OutcomeResult::Unchanged => {}
            }
            records.extend(done.map(|step| Record::Step { plan, step: step.0 }));
            self.record(records);
            return;
        };
        self.record(vec![Record::Outcome(Box::new(Outcome {
            intent,
            target: target.clone(),
            result,
            step_done: done.is_some(),
            due,
            failure: work.failure.clone().map(Box::new),
            at: self.at(),
        }))]);
    }

    /// What is written down of an object that goes without a call: with a word on what it was.
    pub(super) fn dropped(&self, work: &Work<'_>, target: &ObjectRef) -> Vec<Record> {
        let was = self.input.ledger.state(|state| state.object(target).cloned());
        let put = was.map(|was| Put::new(target.clone(), &Self::instance(work), was));
        let put = put.map(|put| Record::Put(Box::new(put)));
        put.into_iter().chain([Record::Forget(target.clone())]).collect()
    }

    /// Remembers why a call failed, for its outcome.
    pub(super) fn remember_failure(&mut self, key: &ObjectKey, error: &ProviderError) {
        if let Some(work) = self.works.get_mut(key) {
            work.failure = Some(evaluate::failure(error));
        }
    }

    /// The last step of an object.
    pub(super) fn last_step(&self, key: &ObjectKey) -> Option<StepId> {
        self.works.get(key).and_then(|work| work.change.steps.last().copied())
    }

    /// What the state keeps beside the objects of an address.
    pub(super) fn instance(work: &Work<'_>) -> Instance {
        Instance::new(
            work.change.provider.clone(),
            u64::from(work.schema.version),
            Arc::clone(&work.schema.digest.0),
        )
    }

    /// Makes an object of the state.
    pub(super) fn object(
        &self,
        work: &Work<'_>,
        value: &Value,
        status: Status,
    ) -> Result<Object, Diagnostic> {
        let target = work.target(None);
        let stored = self.input.ledger.state(|state| state.object(&target).cloned());
        let kept = stored.as_ref().map(|object| &object.attributes);
        let attributes = object::encode(&work.schema, value, kept, self.input.ledger.keeps_secrets())
            .map_err(|error| {
                Diagnostic::error(Code::StateWrite, format!("`{}` cannot be stored: {error}", work.key.addr))
                    .about(work.key.addr.clone())
            })?;
        let pin = self.plan().targets.get(&work.change.provider).map(crate::plan::Target::identity);
        let lifecycle = work.resource.map(|resource| &resource.lifecycle);
        Ok(Object {
            attributes,
            status,
            dependencies: work.dependencies.clone(),
            create_before_destroy: work
                .resource
                .is_some_and(|_| self.created_first.contains(&work.key.addr.resource.declared())),
            prevent_destroy: lifecycle
                .and_then(|lifecycle| lifecycle.prevent_destroy.as_ref())
                .is_some_and(|flag| flag.value),
            held: work.half_done(),
            pin: pin.map(|identity| identity.fingerprint()),
            private: stored.map(|object| object.private).unwrap_or_default(),
        })
    }
}
