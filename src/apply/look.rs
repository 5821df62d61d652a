//! Looking what is there before something is created: an object that somebody else made under the same name
//! must never be taken for ours if the answer of a call is lost.

use std::sync::Arc;

use crate::plan::Action;
use crate::plan::ObjectKey;
use crate::plan::Operation;
use crate::plan::StepId;
use crate::plan::StepKind;
use crate::provider::ProviderError;
use crate::schema::scope::identity;
use crate::value::Value;

use super::End;
use super::coordinator::Finished;
use super::coordinator::Look;
use super::coordinator::Run;
use super::coordinator::StepState;
use super::evaluate;
use super::readback::Group;
use super::work::Work;

impl Run<'_, '_> {
    /// Returns true if a call must wait until it was looked what is there. All objects of a group are looked
    /// up together, by a list. Where the plan did not know the whole name, such as below a parent that is
    /// created in the same run, nothing can be there.
    pub(super) fn must_look(&mut self, id: StepId) -> bool {
        let Some(step) = self.step(id) else { return false };
        let creates = matches!(step.kind, StepKind::Call { operation: Operation::Create, .. });
        let Some(work) = Self::key_of(step).and_then(|key| self.works.get(&key)) else { return false };
        if !creates || !is_nameable(work) {
            return false;
        }
        let Some(group) = self.group_of(id) else { return false };
        if !matches!(self.looks.get(&group), Some(Look::Done(_))) {
            self.set(id, StepState::Ready);
        }
        match self.looks.get_mut(&group) {
            Some(Look::Done(_)) => return false,
            Some(Look::Running(waiting)) => {
                waiting.push(id);
                return true;
            }
            None => {}
        }
        let objects: Vec<(ObjectKey, Value)> = self
            .works
            .values()
            .filter(|work| work.change.provider == group.0 && work.schema.type_name == group.1)
            .filter(|work| is_nameable(work))
            .filter_map(|work| Some((work.key.clone(), work.change.after.clone()?)))
            .collect();
        self.looks.insert(group.clone(), Look::Running(vec![id]));
        let (providers, stop) = (self.input.providers, self.input.stop);
        self.running.push(Box::pin(async move {
            let found = providers.existing(&group.0, &group.1, objects, stop).await;
            Finished::Looked(group, found)
        }));
        true
    }

    /// Takes in what is there.
    pub(super) fn after_look(&mut self, group: &Group, result: Result<Vec<ObjectKey>, ProviderError>) {
        let Some(Look::Running(waiting)) = self.looks.remove(group) else { return };
        match result {
            Ok(found) => {
                self.looks.insert(group.clone(), Look::Done(found.into_iter().collect()));
                for id in waiting {
                    self.resume(id);
                }
            }
            Err(error) => {
                for id in waiting {
                    let Some(key) = self.step(id).and_then(Self::key_of) else { continue };
                    let found = evaluate::about(error.diagnostics(), &key.addr);
                    let end = if error.is_stopped() { End::Skipped { blocker: None } } else { End::Failed };
                    self.failed_with(id, end, found);
                }
            }
        }
    }

    /// The ids that were there under the name of an object.
    pub(super) fn seen(&self, group: &Group, work: &Work<'_>) -> Vec<Arc<str>> {
        let known = match self.looks.get(group) {
            Some(Look::Done(found)) => found.contains(&work.key),
            _ => false,
        };
        identity(&work.schema, &work.planned).filter(|_| known).map(Arc::from).into_iter().collect()
    }
}

/// Whether the plan knows the whole name under which an object is created, and nothing of ours has it.
fn is_nameable(work: &Work<'_>) -> bool {
    if !matches!(work.change.action, Action::Create | Action::Replace(_))
        || work.schema.has_server_id()
        || work.schema.always_exists
        || !work.done.is_empty()
    {
        return false;
    }
    let name = |value: &Option<Value>| value.as_ref().and_then(|value| identity(&work.schema, value));
    let after = name(&work.change.after);
    after.is_some() && after != name(&work.change.before)
}
