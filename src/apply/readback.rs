//! Reading back what was made: many objects at a time, checked against the plan, written down.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;

use crate::addr::ProviderAddr;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::plan::Action;
use crate::plan::Answer;
use crate::plan::ObjectKey;
use crate::plan::StepId;
use crate::plan::check_conditions;
use crate::plan::fill_secrets;
use crate::plan::mark_object;
use crate::plan::mocked_result;
use crate::plan::scope::View;
use crate::plan::with_attributes;
use crate::provider::ReadBack;
use crate::schema::ResourceSchema;
use crate::state::Status;
use crate::state::journal::OutcomeResult;
use crate::syntax::ast::Name;
use crate::value::Value;

use super::End;
use super::coordinator::Finished;
use super::coordinator::Run;
use super::coordinator::StepState;
use super::object::known_so_far;
use super::refine::result_departures;

/// Objects of one type of one provider configuration.
pub(super) type Group = (ProviderAddr, Name);

/// Objects are read back together as long as others of their group are being finished. If nothing of the group
/// has ended for this long, those that wait are read: others may depend on them.
const PATIENCE: Duration = Duration::from_millis(700);

impl Run<'_, '_> {
    /// Starts the reading of every group that nothing more can be added to.
    pub(super) fn flush(&mut self) {
        if self.stopping || self.broken {
            return;
        }
        let idle = self.running.is_empty();
        let due: Vec<Group> = self
            .batch
            .keys()
            .filter(|group| {
                let active = self.active.get(*group).copied().unwrap_or(0);
                let moved = self.moved.get(*group).map_or(PATIENCE, Instant::elapsed);
                idle || active == 0 || moved >= PATIENCE
            })
            .cloned()
            .collect();
        for group in due {
            let Some(steps) = self.batch.remove(&group) else { continue };
            let mut objects = Vec::with_capacity(steps.len());
            // What a test puts in place of something is as the test says.
            let mut mocked = Vec::new();
            for id in &steps {
                self.set(*id, StepState::Running);
                let Some(key) = self.step(*id).and_then(Self::key_of) else { continue };
                let Some(work) = self.works.get_mut(&key) else { continue };
                work.planned = work.with_held(&work.planned);
                if let Some(standin) = self.input.config.mocks.object(&key.addr, &work.change.provider) {
                    let answer = match mocked_result(&work.schema, &work.planned, standin, &key.addr) {
                        Ok(value) => Answer::Found { value, broken: false },
                        Err(found) => Answer::Failed(found),
                    };
                    mocked.push((key, answer));
                    continue;
                }
                objects.push(ReadBack {
                    key,
                    provider: work.change.provider.clone(),
                    kind: Arc::clone(&work.schema.type_name),
                    value: work.planned.clone(),
                    new: work.change.action != Action::Update,
                });
            }
            let (providers, stop) = (self.input.providers, self.input.stop);
            self.running.push(Box::pin(async move {
                mocked.extend(providers.read_back(objects, stop).await);
                Finished::ReadBack(mocked, steps)
            }));
        }
    }

    /// Takes in what was read back.
    pub(super) fn after_read_back(&mut self, answers: Vec<(ObjectKey, Answer)>, steps: &[StepId]) {
        let mut answers: BTreeMap<ObjectKey, Answer> = answers.into_iter().collect();
        for id in steps {
            let Some(key) = self.step(*id).and_then(Self::key_of) else { continue };
            let answer = answers.remove(&key);
            self.conclude(*id, &key, answer);
        }
    }

    /// Writes down what became of one object.
    fn conclude(&mut self, id: StepId, key: &ObjectKey, answer: Option<Answer>) {
        let (value, broken) = match answer {
            Some(Answer::Found { value, broken }) => (value, broken),
            Some(Answer::Gone) => {
                let found = Diagnostic::error(
                    Code::NotFound,
                    format!("`{}` cannot be found after it was written", key.addr),
                )
                .about(key.addr.clone())
                .hint("run the command again: it looks for the object once more");
                self.failed_with(id, End::Pending, found.into());
                return;
            }
            Some(Answer::Failed(found)) => {
                self.failed_with(id, End::Pending, super::evaluate::about(found, &key.addr));
                return;
            }
            _ => {
                let end = if self.stopping { End::Pending } else { End::Failed };
                self.failed_with(id, end, Diagnostics::new());
                return;
            }
        };
        let Some(work) = self.works.get(key) else { return };
        let schema = Arc::clone(&work.schema);
        let value = fill_secrets(&mark_object(&value, &schema), &work.planned);
        let mut found = Diagnostics::new();
        let broken = broken || work.faulty;
        if !broken {
            for departure in result_departures(&schema, &work.planned, &value) {
                found.push(departure.diagnostic(&key.addr, "the service returned").hint(
                    "the next plan shows the difference; if it comes back again and again, the value is one that the service changes",
                ));
            }
        }
        let value = with_followers(&schema, value, work.change.before.as_ref());
        if let Some(unknown) = unknown_part(&value) {
            found.push(
                Diagnostic::error(
                    Code::InconsistentResult,
                    format!("`{unknown}` of `{}` is still not known after it was applied", key.addr),
                )
                .about(key.addr.clone()),
            );
        }
        let value = known_so_far(&value);
        let creates = !matches!(work.change.action, Action::Update);
        let status = match (creates, work.faulty, broken) {
            (true, true, _) => Status::Incomplete { done: work.done.clone(), failed: "".into() },
            (true, false, true) => Status::Tainted,
            _ => Status::Ready,
        };
        if broken && !work.faulty {
            found.push(
                Diagnostic::error(Code::OperationRejected, format!("`{}` did not become usable", key.addr))
                    .about(key.addr.clone())
                    .hint("the next plan replaces it"),
            );
        }
        if let Err(error) = self.write(key, &value, status) {
            found.push(error);
        }
        if let Some(work) = self.works.get_mut(key) {
            work.planned = value.clone();
            work.intent = None;
        }
        self.world.set_instance(&key.addr.resource, key.addr.key.as_ref(), value.clone());
        if !broken && !found.has_errors() {
            // The object is made; what is expected of it is another matter.
            self.finish(key);
        }
        if !broken {
            found.extend(self.postconditions(key, &value));
        }
        if found.has_errors() || broken {
            self.failed_with(id, End::Failed, found);
            return;
        }
        self.diagnostics.extend(found);
        self.done(id);
    }

    /// Tells that the work on an object is finished, as far as one operation goes.
    pub(super) fn finish(&mut self, key: &ObjectKey) {
        let now = self.now();
        if let Some(event) = self.works.get_mut(key).and_then(|work| work.finish(now, true)) {
            self.tell(event);
        }
    }

    fn postconditions(&mut self, key: &ObjectKey, value: &Value) -> Diagnostics {
        let Some(resource) = self.works.get(key).and_then(|work| work.resource) else {
            return Diagnostics::new();
        };
        if resource.lifecycle.postconditions.is_empty() {
            return Diagnostics::new();
        }
        let each = match self.expansions.each(resource, &key.addr, &self.world) {
            Ok(found) => found,
            Err(found) => return found,
        };
        let view = View::instance(&self.world, &key.addr.resource.module, each).with_self(value.clone());
        let name = key.addr.to_string();
        let outcome = check_conditions(&resource.lifecycle.postconditions, "postcondition", &name, &view);
        super::evaluate::about(outcome.diagnostics, &key.addr)
    }

    /// Writes an object down as the outcome of its last call.
    pub(super) fn write(&mut self, key: &ObjectKey, value: &Value, status: Status) -> Result<(), Diagnostic> {
        let Some(work) = self.works.get(key) else { return Ok(()) };
        let due = if status == Status::Ready { self.due_of(work) } else { Vec::new() };
        let object = self.object(work, &with_attributes(value, work.written.clone()), status)?;
        let target = work.target(None);
        let last = self.last_step(key);
        self.outcome(key, &target, OutcomeResult::Object(Box::new(object)), last, due);
        Ok(())
    }
}

/// Fills in what the plan did not know because it could not tell whether something else changes, and that did
/// not: it is as before.
pub(super) fn with_followers(schema: &ResourceSchema, value: Value, before: Option<&Value>) -> Value {
    let Some(before) = before else { return value };
    let same = |name: &Name| match (value.get(name), before.get(name)) {
        (Some(now), Some(before)) => now.same_as(before),
        _ => false,
    };
    let kept = schema.attributes.iter().filter(|attribute| {
        value.get(&attribute.name).is_some_and(|value| !value.is_known())
            && !attribute.follows.is_empty()
            && attribute.follows.iter().all(same)
    });
    let kept: Vec<(Name, Value)> = kept
        .filter_map(|attribute| Some((Arc::clone(&attribute.name), before.get(&attribute.name)?.clone())))
        .collect();
    if kept.is_empty() { value } else { with_attributes(&value, kept) }
}

/// The first top-level attribute that is not wholly known.
fn unknown_part(value: &Value) -> Option<Arc<str>> {
    let fields = value.fields()?;
    fields.iter().find(|(_, part)| !part.is_wholly_known()).map(|(name, _)| Arc::clone(name))
}
