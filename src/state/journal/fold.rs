//! What journal records mean to the state.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::state::Action;
use crate::state::Due;
use crate::state::Instance;
use crate::state::Intent;
use crate::state::Object;
use crate::state::ObjectRef;
use crate::state::Pending;
use crate::state::PlanProgress;
use crate::state::State;
use crate::state::Status;

use super::Outcome;
use super::OutcomeResult;
use super::Record;
use super::RunHeader;

/// How many plans are remembered, so that a second apply of a saved plan is refused.
const PLANS_REMEMBERED: usize = 32;

/// A record contradicts the state that it is to be folded into.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("record {sequence}: {message}")]
pub struct FoldError {
    /// The record.
    pub sequence: u64,
    /// What does not fit.
    pub message: String,
    /// Whether the journal belongs to another state, or to another version of this one.
    pub is_foreign: bool,
}

/// A state that follows a journal record by record.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Fold {
    state: State,
    /// The intents without outcome, by sequence number.
    open: BTreeMap<u64, Intent>,
    /// The runs whose headers were folded.
    runs: Vec<RunHeader>,
}

/// What a state and its journal say together.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Recovered {
    /// The state; objects that were left in the middle carry their status.
    pub state: State,
    /// Objects whose last call was answered and whose waiter must be resumed.
    pub pending: Vec<ObjectRef>,
    /// Objects whose creation goes on after its last finished step.
    pub incomplete: Vec<ObjectRef>,
    /// Objects of which it is not known whether the last call took effect.
    pub in_doubt: Vec<ObjectRef>,
    /// The runs that left records behind which are not part of the snapshot.
    pub runs: Vec<RunHeader>,
}

impl From<State> for Recovered {
    /// Finds what an earlier run left unfinished.
    fn from(state: State) -> Self {
        let mut recovered = Self::default();
        for (target, _, object) in state.objects() {
            match &object.status {
                Status::Ready | Status::Tainted => {}
                Status::Pending(_) => recovered.pending.push(target),
                Status::Incomplete { .. } => recovered.incomplete.push(target),
                Status::InDoubt(_) => recovered.in_doubt.push(target),
            }
        }
        recovered.state = state;
        recovered
    }
}

impl Recovered {
    /// Returns true if nothing was left unfinished.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.pending.is_empty() && self.incomplete.is_empty() && self.in_doubt.is_empty()
    }
}

impl Fold {
    /// Starts from a snapshot.
    #[must_use]
    pub fn new(state: State) -> Self {
        let open = state
            .objects()
            .filter_map(|(_, _, object)| object.status.intent())
            .map(|intent| (intent.sequence, intent.clone()))
            .collect();
        Self { state, open, runs: Vec::new() }
    }

    /// The state so far.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Gives the state up.
    #[must_use]
    pub fn into_state(self) -> State {
        self.state
    }

    /// Finds what is unfinished.
    #[must_use]
    pub fn recovered(self) -> Recovered {
        Recovered { runs: self.runs, ..Recovered::from(self.state) }
    }

    /// Replaces the state by another one, as `state push` does.
    pub fn replace(&mut self, state: State) {
        *self = Self::new(state);
    }

    pub(crate) fn state_mut(&mut self) -> &mut State {
        &mut self.state
    }

    /// Folds a record in. One that is part of the state already is skipped, so that replaying is harmless.
    ///
    /// # Errors
    /// If the record does not continue the state, or contradicts it.
    pub fn apply(&mut self, sequence: u64, record: Record) -> Result<(), FoldError> {
        if sequence <= self.state.folded {
            return Ok(());
        }
        let next = self.state.folded + 1;
        if sequence != next {
            return Err(FoldError {
                sequence,
                message: format!("the state knows records up to {} only", self.state.folded),
                is_foreign: true,
            });
        }
        self.effect(sequence, record)?;
        self.state.folded = sequence;
        Ok(())
    }

    /// Folds in a record that could not be made durable although what it says has happened.
    pub(crate) fn apply_unsaved(&mut self, record: Record) -> Result<(), FoldError> {
        self.effect(self.state.folded, record)
    }

    fn effect(&mut self, sequence: u64, record: Record) -> Result<(), FoldError> {
        let contradiction = |message: String| Err(FoldError { sequence, message, is_foreign: false });
        match record {
            Record::Run(run) => {
                if self.state.lineage.0.is_empty() {
                    self.state.lineage = run.lineage.clone();
                } else if self.state.lineage != run.lineage {
                    let message = format!(
                        "it belongs to the state with lineage {}, not {}",
                        run.lineage, self.state.lineage
                    );
                    return Err(FoldError { sequence, message, is_foreign: true });
                }
                self.runs.push(run);
            }
            Record::Intent(intent) => self.intent(sequence, *intent),
            Record::Answer(answer) => {
                let Some(intent) = self.open.get(&answer.intent).cloned() else {
                    return contradiction(format!(
                        "it answers record {}, which is no open intent",
                        answer.intent
                    ));
                };
                let Some(object) = self.state.object_mut(&answer.target) else {
                    return contradiction(format!("`{}` is not in the state", answer.target));
                };
                if let Some(attributes) = &answer.attributes {
                    object.attributes = attributes.clone().without_unknown();
                }
                object.status = Status::Pending(Box::new(Pending { intent, answer: *answer }));
            }
            Record::Outcome(outcome) => return self.outcome(sequence, *outcome),
            Record::Put(put) => {
                let like = Instance::new(put.provider, put.schema_version, put.schema_digest);
                self.state.put(&put.target, &like, put.object);
            }
            Record::Forget(target) => {
                self.state.remove(&target);
            }
            Record::Moved { from, to } => {
                if self.state.resources.contains_key(&to) {
                    return contradiction(format!("`{to}` is taken, `{from}` cannot move there"));
                }
                self.state.relocate(&from, &to);
            }
            Record::Moves(pairs) => {
                let pairs: Vec<_> = pairs.into_iter().map(|pair| (pair.from, pair.to)).collect();
                if let Err(taken) = self.state.relocate_all(&pairs) {
                    return contradiction(format!("`{taken}` is taken, nothing can move there"));
                }
            }
            Record::Deposed { addr, key } => {
                if let Some(instance) = self.state.resources.get_mut(&addr)
                    && let Some(object) = instance.current.take()
                {
                    instance.deposed.insert(key, object);
                }
            }
            Record::Restored { addr, key } => {
                if let Some(instance) = self.state.resources.get_mut(&addr)
                    && instance.current.is_none()
                {
                    instance.current = instance.deposed.remove(&key);
                }
            }
            Record::Output { name, output } => {
                match output {
                    Some(output) => self.state.outputs.insert(name, output),
                    None => self.state.outputs.remove(&name),
                };
            }
            Record::Checks(checks) => self.state.checks = checks,
            Record::Pin { provider, identity } => {
                self.state.pins.insert(provider, identity);
            }
            Record::Step { plan, step } => self.step_done(sequence, plan, step),
            Record::Complete { plan } => {
                let progress = PlanProgress { complete: true, last: sequence, ..PlanProgress::default() };
                self.state.plans.insert(plan, progress);
                self.forget_plans();
            }
            Record::Due { add, done } => {
                for id in done {
                    self.state.due.remove(&id);
                }
                self.becomes_due(add);
            }
            Record::End { .. } => {}
        }
        Ok(())
    }

    fn intent(&mut self, sequence: u64, mut intent: Intent) {
        intent.sequence = sequence;
        intent.prior = None;
        if let Some(due) = &intent.serves {
            self.state.due.remove(&due.id);
        }
        let target = intent.target.clone();
        let like =
            Instance::new(intent.provider.clone(), intent.schema_version, Arc::clone(&intent.schema_digest));
        let object = if let Some(object) = self.state.object(&target) {
            if let Some(earlier) = object.status.intent() {
                self.open.remove(&earlier.sequence);
            }
            *intent.before = match &object.status {
                Status::Pending(pending) => (*pending.intent.before).clone(),
                Status::InDoubt(doubt) => (*doubt.before).clone(),
                settled @ (Status::Ready | Status::Tainted | Status::Incomplete { .. }) => settled.clone(),
            };
            object.clone()
        } else {
            let planned = intent.planned.as_deref().cloned().unwrap_or_default();
            Object { attributes: planned.attributes.without_unknown(), ..planned }
        };
        self.open.insert(sequence, intent.clone());
        let object = object.with_status(Status::InDoubt(Box::new(intent)));
        match self.state.object_mut(&target) {
            Some(place) => *place = object,
            None => self.state.put(&target, &like, object),
        }
    }

    fn outcome(&mut self, sequence: u64, outcome: Outcome) -> Result<(), FoldError> {
        let Some(intent) = self.open.remove(&outcome.intent) else {
            let message = format!("it ends record {}, which is no open intent", outcome.intent);
            return Err(FoldError { sequence, message, is_foreign: false });
        };
        let target = outcome.target;
        match outcome.result {
            OutcomeResult::Object(object) => {
                let like = Instance::new(intent.provider, intent.schema_version, intent.schema_digest);
                self.state.put(&target, &like, *object);
            }
            OutcomeResult::Gone => {
                self.state.remove(&target);
            }
            OutcomeResult::Unchanged => {
                let was_new = intent.action == Action::Create && intent.done.is_empty();
                let is_placeholder =
                    self.state.object(&target).is_some_and(|object| object.attributes.raw() == "null");
                if was_new || is_placeholder {
                    self.state.remove(&target);
                } else if let Some(object) = self.state.object_mut(&target) {
                    object.status = *intent.before;
                }
            }
        }
        self.becomes_due(outcome.due);
        if outcome.step_done {
            self.step_done(sequence, intent.plan, intent.step);
        }
        Ok(())
    }

    fn becomes_due(&mut self, due: Vec<Due>) {
        for due in due {
            self.state.due.insert(Arc::clone(&due.id), due);
        }
    }

    fn step_done(&mut self, sequence: u64, plan: Arc<str>, step: u32) {
        let progress = self.state.plans.entry(plan).or_default();
        if !progress.complete {
            progress.steps.insert(step);
        }
        progress.last = progress.last.max(sequence);
        self.forget_plans();
    }

    fn forget_plans(&mut self) {
        while self.state.plans.len() > PLANS_REMEMBERED {
            let oldest = self.state.plans.iter().min_by_key(|(_, progress)| progress.last);
            let Some(oldest) = oldest.map(|(plan, _)| Arc::clone(plan)) else { return };
            self.state.plans.remove(&oldest);
        }
    }
}
