//! What journals of the past say: one run after the other, with its calls and what became of objects.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::state::Action;
use crate::state::Instance;
use crate::state::Object;
use crate::state::ObjectRef;

use super::CallFailure;
use super::OutcomeResult;
use super::Record;
use super::RunHeader;

/// A run as its records tell it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PastRun {
    /// Who ran what.
    pub header: RunHeader,
    /// Its records behind the header, in order.
    pub records: Vec<(u64, Record)>,
    /// How it ended by its own account, and when; none if it died, or goes on.
    pub end: Option<(Arc<str>, Arc<str>)>,
}

/// A call that changed something, or was to.
#[derive(Debug, Clone, PartialEq)]
pub struct PastCall {
    /// The object.
    pub target: ObjectRef,
    /// What it was part of.
    pub action: Action,
    /// The schema's step.
    pub step: Arc<str>,
    /// The call as it was made, if it was answered.
    pub call: Option<Arc<str>>,
    /// The service's id of it.
    pub request_id: Option<Arc<str>>,
    /// When it was about to be made.
    pub at: Arc<str>,
    /// When its effect was known.
    pub until: Option<Arc<str>>,
    /// How it ended.
    pub end: CallEnd,
}

/// How a call ended, as far as the run knew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallEnd {
    /// It took effect.
    Done,
    /// It failed.
    Failed(Option<CallFailure>),
    /// The run did not learn what became of it.
    Open,
}

/// What a run made of one object.
#[derive(Debug, Clone, PartialEq)]
pub struct Effect {
    /// The object.
    pub target: ObjectRef,
    /// What it was before the run; none if it was not there.
    pub before: Option<Object>,
    /// What it was after the run; none if it was gone.
    pub after: Option<Object>,
    /// The provider configuration and the schema that it follows.
    pub like: Instance,
    /// Calls were made for it, or it was made without any; otherwise it was only written down.
    pub is_change: bool,
    /// The run did not learn what became of a call.
    pub is_open: bool,
    /// A call failed.
    pub failure: Option<CallFailure>,
}

/// Splits records, in the order in which they were written, into runs. Records in front of the first header are of a run
/// whose beginning is not kept any more.
#[must_use]
pub fn runs(records: Vec<(u64, Record)>) -> Vec<PastRun> {
    let mut found: Vec<PastRun> = Vec::new();
    for (sequence, record) in records {
        match record {
            Record::Run(header) => {
                // A journal that was folded in the middle of a run goes on under the same id.
                if found.last().is_none_or(|run| run.header.id != header.id) {
                    found.push(PastRun { header, ..PastRun::default() });
                }
            }
            Record::End { result, at, .. } => {
                if let Some(run) = found.last_mut() {
                    run.end = Some((result, at));
                }
            }
            other => {
                if found.is_empty() {
                    found.push(PastRun::default());
                }
                if let Some(run) = found.last_mut() {
                    run.records.push((sequence, other));
                }
            }
        }
    }
    found
}

impl PastRun {
    /// Returns the calls that the run made, in order. What it learned of calls of earlier runs is not among them.
    #[must_use]
    pub fn calls(&self) -> Vec<PastCall> {
        let mut calls: Vec<PastCall> = Vec::new();
        let mut by_intent: BTreeMap<u64, usize> = BTreeMap::new();
        for (sequence, record) in &self.records {
            match record {
                Record::Intent(intent) => {
                    by_intent.insert(*sequence, calls.len());
                    calls.push(PastCall {
                        target: intent.target.clone(),
                        action: intent.action,
                        step: Arc::clone(&intent.call),
                        call: None,
                        request_id: None,
                        at: Arc::clone(&intent.at),
                        until: None,
                        end: CallEnd::Open,
                    });
                }
                Record::Answer(answer) => {
                    if let Some(call) = by_intent.get(&answer.intent).and_then(|at| calls.get_mut(*at)) {
                        call.call = answer.call.clone().or_else(|| call.call.clone());
                        call.request_id = answer.request_id.clone().or_else(|| call.request_id.clone());
                        // The next call of the object stands for what it waited for.
                        call.end = CallEnd::Done;
                        call.until = Some(Arc::clone(&answer.at));
                    }
                }
                Record::Outcome(outcome) => {
                    if let Some(call) = by_intent.get(&outcome.intent).and_then(|at| calls.get_mut(*at)) {
                        let failure = outcome.failure.as_deref().cloned();
                        let id = failure.as_ref().and_then(|failure| failure.request_id.clone());
                        call.request_id = call.request_id.clone().or(id);
                        call.until = Some(Arc::clone(&outcome.at));
                        let is_failed = failure.is_some() || outcome.result == OutcomeResult::Unchanged;
                        call.end = if is_failed { CallEnd::Failed(failure) } else { CallEnd::Done };
                    }
                }
                _ => {}
            }
        }
        calls
    }

    /// Returns what the run made of objects, in their order.
    #[must_use]
    pub fn effects(&self) -> Vec<Effect> {
        let mut effects: BTreeMap<ObjectRef, Effect> = BTreeMap::new();
        let mut open: BTreeMap<u64, ObjectRef> = BTreeMap::new();
        let mut set_aside: Vec<ObjectRef> = Vec::new();
        for (sequence, record) in &self.records {
            match record {
                Record::Intent(intent) => {
                    let like = Instance::new(
                        intent.provider.clone(),
                        intent.schema_version,
                        Arc::clone(&intent.schema_digest),
                    );
                    let effect = effect(&mut effects, &intent.target, &like, intent.prior.as_deref());
                    effect.is_change = true;
                    effect.is_open = true;
                    open.insert(*sequence, intent.target.clone());
                }
                Record::Outcome(outcome) => {
                    let target = open.get(&outcome.intent).unwrap_or(&outcome.target);
                    if let Some(effect) = effects.get_mut(target) {
                        effect.is_open = false;
                        effect.failure = outcome.failure.as_deref().cloned().or(effect.failure.take());
                        match &outcome.result {
                            OutcomeResult::Object(object) => effect.after = Some((**object).clone()),
                            OutcomeResult::Gone => effect.after = None,
                            OutcomeResult::Unchanged => {}
                        }
                    }
                }
                Record::Put(put) => {
                    let like = Instance::new(
                        put.provider.clone(),
                        put.schema_version,
                        Arc::clone(&put.schema_digest),
                    );
                    let effect = effect(&mut effects, &put.target, &like, put.prior.as_deref());
                    effect.after = Some(put.object.clone());
                }
                Record::Forget(target) => {
                    if let Some(effect) = effects.get_mut(target) {
                        effect.after = None;
                    }
                }
                Record::Deposed { addr, key } => {
                    set_aside.push(ObjectRef::deposed(addr.clone(), key.clone()));
                }
                Record::Restored { addr, key } => {
                    set_aside.retain(|known| *known != ObjectRef::deposed(addr.clone(), key.clone()));
                }
                _ => {}
            }
        }
        // A replacement that was made first: the object before it is the one that was set aside.
        for deposed in set_aside {
            let was = effects.get(&deposed).filter(|effect| effect.after.is_none());
            let was = was.and_then(|effect| effect.before.clone());
            if was.is_some() {
                effects.remove(&deposed);
            }
            if let Some(effect) = effects.get_mut(&ObjectRef::current(deposed.addr)) {
                effect.is_open |= was.is_none();
                effect.before = was;
            }
        }
        effects.into_values().collect()
    }
}

fn effect<'e>(
    effects: &'e mut BTreeMap<ObjectRef, Effect>,
    target: &ObjectRef,
    like: &Instance,
    prior: Option<&Object>,
) -> &'e mut Effect {
    effects.entry(target.clone()).or_insert_with(|| Effect {
        target: target.clone(),
        before: prior.cloned(),
        after: prior.cloned(),
        like: like.clone(),
        is_change: false,
        is_open: false,
        failure: None,
    })
}
