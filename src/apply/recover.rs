//! Taking up what an earlier run left unfinished: waiters are resumed, doubts are looked into.
//!
//! Only reads are made. What is found out is returned as journal records: a plan folds them into its copy of
//! the state, an apply makes them durable first.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;

use crate::addr::ValuePath;
use crate::api::Stop;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::plan::Answer;
use crate::plan::ObjectKey;
use crate::plan::mark_object;
use crate::plan::object_type;
use crate::plan::with_attributes;
use crate::provider::Candidate;
use crate::provider::FindRequest;
use crate::provider::ProviderError;
use crate::provider::Providers;
use crate::provider::ReadBack;
use crate::provider::StepRequest;
use crate::schema::Method;
use crate::schema::Registry;
use crate::schema::ResourceKind;
use crate::schema::ResourceSchema;
use crate::schema::Step;
use crate::schema::scope;
use crate::schema::scope::OperationKind;
use crate::state::Action;
use crate::state::Due;
use crate::state::Intent;
use crate::state::Object;
use crate::state::ObjectRef;
use crate::state::Pending;
use crate::state::State;
use crate::state::Status;
use crate::state::journal::Outcome;
use crate::state::journal::OutcomeResult;
use crate::state::journal::Record;
use crate::value::Value;

use super::object::encode;
use super::object::known_so_far;
use super::object::timestamp;
use super::work::kind_of_action;

/// What is needed to find out how unfinished calls ended.
#[derive(Debug, Clone, Copy)]
pub struct RecoverInput<'a> {
    /// The state with what is unfinished.
    pub state: &'a State,
    /// All schemas.
    pub registry: &'a Registry,
    /// The provider configurations, set up.
    pub providers: &'a Providers,
    /// Whether secrets are kept where the outcomes go.
    pub keeps_secrets: bool,
    /// Ends waits.
    pub stop: &'a Stop,
}

/// What was found out.
#[derive(Debug, Default)]
pub struct Settled {
    /// The outcomes of calls, to be folded into the state.
    pub records: Vec<Record>,
    /// What could not be settled, and why.
    pub diagnostics: Diagnostics,
}

/// Finds out how the unfinished calls of earlier runs ended.
pub async fn recover(input: RecoverInput<'_>) -> Settled {
    let unfinished: Vec<(ObjectRef, Object)> = input
        .state
        .objects()
        .filter(|(_, _, object)| object.status.intent().is_some())
        .map(|(target, _, object)| (target, object.clone()))
        .collect();
    let found = join_all(unfinished.iter().map(|(target, object)| one(input, target, object))).await;
    let mut settled = Settled::default();
    for one in found {
        settled.records.extend(one.records);
        settled.diagnostics.extend(one.diagnostics);
    }
    settled
}

async fn one(input: RecoverInput<'_>, target: &ObjectRef, object: &Object) -> Settled {
    let kind = ResourceKind::of(target.addr.resource.mode);
    let Some(schema) = input.registry.resource(kind, &target.addr.resource.kind) else {
        // The planner reports that the type is not known.
        return Settled::default();
    };
    let case = Case { input, target, object, schema };
    let found = match &object.status {
        Status::Pending(pending) => case.pending(pending).await,
        Status::InDoubt(intent) => case.doubt(intent).await,
        Status::Ready | Status::Tainted | Status::Incomplete { .. } => return Settled::default(),
    };
    let mut settled = Settled::default();
    match found {
        Ok(Verdict::Is(intent, result)) => {
            settled.records.push(Record::Outcome(Box::new(Outcome {
                intent,
                target: target.clone(),
                step_done: false,
                due: due_after(object, &result),
                result,
                failure: None,
                at: timestamp(&**input.providers.clock()),
            })));
        }
        Ok(Verdict::Open(found)) => settled.diagnostics.extend(found),
        Err(error) => {
            settled.diagnostics.push(
                Diagnostic::warning(
                    Code::Pending,
                    format!(
                        "it could not be found out how an earlier call for `{}` ended: {error}",
                        target.addr
                    ),
                )
                .about(target.addr.clone())
                .hint("run the command again"),
            );
        }
    }
    settled
}

/// What is due when it is found out that a call took effect.
fn due_after(object: &Object, result: &OutcomeResult) -> Vec<Due> {
    match result {
        OutcomeResult::Object(found) if found.status.is_ready() => {
            object.status.intent().map(|intent| intent.due.clone()).unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

/// What is known about an unfinished call.
enum Verdict {
    /// How it ended.
    Is(u64, OutcomeResult),
    /// That cannot be told yet.
    Open(Option<Diagnostic>),
}

/// One unfinished call.
struct Case<'a> {
    input: RecoverInput<'a>,
    target: &'a ObjectRef,
    object: &'a Object,
    schema: Arc<ResourceSchema>,
}

impl Case<'_> {
    fn key(&self) -> ObjectKey {
        ObjectKey {
            addr: self.target.addr.clone(),
            deposed: self.target.deposed.as_ref().map(|key| Arc::from(key.as_str())),
        }
    }

    fn value_of(&self, object: &Object) -> Option<Value> {
        let value = object.value(&object_type(&self.schema)).ok()?;
        Some(mark_object(&value, &self.schema))
    }

    /// The object of the state with other attributes and another status.
    fn with(&self, value: &Value, status: Status) -> OutcomeResult {
        let kept = &self.object.attributes;
        let mut object = self.object.clone().with_status(status);
        if let Ok(attributes) =
            encode(&self.schema, &known_so_far(value), Some(kept), self.input.keeps_secrets)
        {
            object.attributes = attributes.or_secrets_of(kept);
        }
        OutcomeResult::Object(Box::new(object))
    }

    async fn read(&self, intent: &Intent, value: &Value, new: bool) -> Option<Answer> {
        let object = ReadBack {
            key: self.key(),
            provider: intent.provider.clone(),
            kind: Arc::clone(&self.schema.type_name),
            value: value.clone(),
            new,
        };
        let mut read = self.input.providers.read_back(vec![object], self.input.stop).await;
        read.pop().map(|(_, answer)| answer)
    }

    fn still_open(&self, reason: &str) -> Verdict {
        Verdict::Open(Some(
            Diagnostic::warning(
                Code::Pending,
                format!("an earlier operation on `{}` has not finished: {reason}", self.target.addr),
            )
            .about(self.target.addr.clone())
            .hint("run the command again later: it goes on waiting"),
        ))
    }

    fn in_doubt(&self, reason: &str) -> Verdict {
        Verdict::Open(Some(
            Diagnostic::warning(Code::InDoubt, format!("`{}` stays in doubt: {reason}", self.target.addr))
                .about(self.target.addr.clone()),
        ))
    }

    /// The object as it was planned when the call was made, as far as that was known then.
    fn planned(&self, intent: &Intent, value: &Value) -> Value {
        let planned = intent.planned.as_deref().and_then(|object| self.value_of(object));
        let Some(fields) = planned.as_ref().and_then(Value::fields) else { return value.clone() };
        let known = fields.iter().filter(|(_, part)| {
            part.is_wholly_known() && !(part.is_null() && part.marks_deep().is_sensitive())
        });
        with_attributes(value, known.map(|(name, part)| (Arc::clone(name), part.clone())))
    }

    /// A call that was answered: its waiter goes on.
    async fn pending(&self, pending: &Pending) -> Result<Verdict, ProviderError> {
        let intent = &pending.intent;
        let kind = kind_of_action(intent.action);
        let Some(value) = self.value_of(self.object) else {
            return Ok(self.still_open("its attributes cannot be read"));
        };
        let steps = scope::operation(&self.schema, kind).map(|operation| operation.steps.as_slice());
        let index = steps.unwrap_or_default().iter().position(|step| step.name == intent.call);
        let Some(index) = index else {
            return Ok(self.still_open("its schema has no such step any more"));
        };
        // The state has what the steps so far have made of the object; what is waited for is what was planned.
        let planned = match kind {
            OperationKind::Update => self.planned(intent, &value),
            OperationKind::Create | OperationKind::Delete | OperationKind::Invoke => value.clone(),
        };
        let subject = self.target.addr.to_string();
        let request = StepRequest {
            provider: &intent.provider,
            schema: &self.schema,
            subject: &subject,
            operation: kind,
            index,
            planned: &planned,
            prior: (kind != OperationKind::Create).then_some(&value),
            current: &value,
            timeout: match kind {
                OperationKind::Create => self.schema.timeouts.create,
                OperationKind::Update => self.schema.timeouts.update,
                OperationKind::Delete => self.schema.timeouts.delete,
                OperationKind::Invoke => self.schema.run_timeout(),
            },
            fence: None,
        };
        let is = |result: OutcomeResult| Ok(Verdict::Is(intent.sequence, result));
        let before = (*intent.before).clone();
        match self.input.providers.resume_wait(&request, self.input.stop).await {
            Ok(answer) => match kind {
                OperationKind::Delete => {
                    let last = steps.is_some_and(|steps| index + 1 == steps.len());
                    is(if answer.gone || last { OutcomeResult::Gone } else { OutcomeResult::Unchanged })
                }
                OperationKind::Create => self.created(intent, index, &answer.planned).await,
                OperationKind::Invoke => Ok(self.invoked(intent, index, &answer.planned)),
                OperationKind::Update => match self.read(intent, &value, false).await {
                    Some(Answer::Found { value, .. }) => is(self.with(&value, before)),
                    Some(Answer::Gone) => is(OutcomeResult::Unchanged),
                    _ => Ok(self.still_open("it cannot be read")),
                },
            },
            Err(ProviderError::Rejected { .. }) => match kind {
                OperationKind::Create | OperationKind::Invoke => is(self.with(&value, Status::Tainted)),
                OperationKind::Update | OperationKind::Delete => is(OutcomeResult::Unchanged),
            },
            Err(error) if matches!(error, ProviderError::Vanished { .. }) || error.is_gone() => match kind {
                OperationKind::Create | OperationKind::Delete => is(OutcomeResult::Gone),
                OperationKind::Update => is(OutcomeResult::Unchanged),
                OperationKind::Invoke => is(self.with(&value, Status::Tainted)),
            },
            Err(error) if error.is_pending() => Ok(self.still_open(&error.to_string())),
            Err(error) => Err(error),
        }
    }

    /// An invocation that was answered and waited for: done, unless more calls should have followed. Those are
    /// never made by themselves.
    fn invoked(&self, intent: &Intent, index: usize, value: &Value) -> Verdict {
        let steps = scope::operation(&self.schema, OperationKind::Invoke);
        let steps = steps.map(|operation| operation.steps.as_slice()).unwrap_or_default();
        if steps.get(index).is_some_and(|step| step.for_each.is_some()) {
            return self.in_doubt("some of its calls were made, and the others are not made by themselves");
        }
        let provider = self.input.providers.arguments(&intent.provider).unwrap_or_else(Value::null);
        let rest = scope::settle(OperationKind::Invoke, &self.schema, value, None, &provider);
        let next = rest.unwrap_or_default().into_iter().find(|step| step.index > index);
        let status = match next {
            Some(next) => {
                let mut done = intent.done.clone();
                done.push(Arc::clone(&intent.call));
                Status::Incomplete { done, failed: next.name }
            }
            None => Status::Ready,
        };
        let mut result = self.with(value, status);
        if let OutcomeResult::Object(object) = &mut result {
            object.set_invoked_at(&intent.at);
        }
        Verdict::Is(intent.sequence, result)
    }

    /// A creation whose step is done: either others follow, or the object is there.
    async fn created(&self, intent: &Intent, index: usize, value: &Value) -> Result<Verdict, ProviderError> {
        let provider = self.input.providers.arguments(&intent.provider).unwrap_or_else(Value::null);
        let rest = scope::settle(OperationKind::Create, &self.schema, value, None, &provider);
        let next = rest.unwrap_or_default().into_iter().find(|step| step.index > index);
        if let Some(next) = next {
            let mut done = intent.done.clone();
            done.push(Arc::clone(&intent.call));
            let status = Status::Incomplete { done, failed: next.name };
            return Ok(Verdict::Is(intent.sequence, self.with(value, status)));
        }
        let result = match self.read(intent, value, true).await {
            Some(Answer::Found { value, broken }) => {
                self.with(&value, if broken { Status::Tainted } else { Status::Ready })
            }
            Some(Answer::Gone) => OutcomeResult::Gone,
            _ => return Ok(self.still_open("it cannot be read")),
        };
        Ok(Verdict::Is(intent.sequence, result))
    }

    /// A call without an answer.
    async fn doubt(&self, intent: &Intent) -> Result<Verdict, ProviderError> {
        let is = |result: OutcomeResult| Ok(Verdict::Is(intent.sequence, result));
        match intent.action {
            // An invocation is never repeated by itself.
            Action::Invoke => Ok(self.in_doubt("a one-shot operation is not repeated by itself")),
            Action::Update | Action::Delete => {
                let Some(value) = self.value_of(self.object) else {
                    return Ok(self.in_doubt("its attributes cannot be read"));
                };
                match self.read(intent, &value, false).await {
                    Some(Answer::Gone) if intent.action == Action::Delete => is(OutcomeResult::Gone),
                    // What can be read is read when it is planned; what cannot is still as it was before the
                    // call, so that it is sent again.
                    Some(Answer::Found { .. } | Answer::Gone) => is(OutcomeResult::Unchanged),
                    _ => Ok(self.in_doubt("it cannot be read")),
                }
            }
            Action::Create if self.has_called(intent) => {
                let steps = scope::operation(&self.schema, OperationKind::Create);
                let step = steps.and_then(|all| all.steps.iter().find(|step| step.name == intent.call));
                let repeats = |step: &Step| {
                    let posts = step.call.as_ref().is_some_and(|call| call.method == Method::Post);
                    step.idempotent || !posts
                };
                if !step.is_some_and(repeats) {
                    return Ok(self.in_doubt("the call cannot be repeated without a second effect"));
                }
                let Some(value) = self.value_of(self.object) else {
                    return Ok(self.in_doubt("its attributes cannot be read"));
                };
                let failed = Arc::clone(&intent.call);
                is(self.with(&value, Status::Incomplete { done: intent.done.clone(), failed }))
            }
            Action::Create => self.search(intent).await,
        }
    }

    /// Whether the service was called in a step before the one in doubt: then the object is there.
    fn has_called(&self, intent: &Intent) -> bool {
        let steps = scope::operation(&self.schema, OperationKind::Create);
        let steps = steps.map(|operation| operation.steps.as_slice()).unwrap_or_default();
        intent.done.iter().any(|name| {
            let step = steps.iter().find(|step| step.name == *name);
            step.is_none_or(|step| step.call.is_some())
        })
    }

    /// Looks for an object that may have been created.
    async fn search(&self, intent: &Intent) -> Result<Verdict, ProviderError> {
        if self.schema.always_exists {
            // Whoever made it, nothing more is there than was before: the call is made again.
            return Ok(Verdict::Is(intent.sequence, OutcomeResult::Unchanged));
        }
        let planned = intent.planned.as_deref().and_then(|object| Some((object, self.value_of(object)?)));
        let Some((object, planned)) = planned else {
            return Ok(self.in_doubt("what was planned cannot be read"));
        };
        let request = FindRequest { provider: &intent.provider, schema: &self.schema, planned: &planned };
        let clock = self.input.providers.clock();
        let (before, start) = (waited(&**clock, intent), clock.elapsed());
        loop {
            let waited = before.saturating_add(clock.elapsed().saturating_sub(start));
            let found = self.input.providers.find(&request, self.input.stop).await?;
            let new: Vec<Candidate> = found
                .into_iter()
                .filter(|candidate| !intent.seen.iter().any(|seen| **seen == *candidate.id))
                .collect();
            match new.as_slice() {
                [] if waited >= self.schema.visible_within => {
                    return Ok(Verdict::Is(intent.sequence, OutcomeResult::Unchanged));
                }
                [] => {
                    let rest = self.schema.visible_within.saturating_sub(waited);
                    let pause = rest.min(Duration::from_secs(2)).max(Duration::from_millis(50));
                    if self.input.stop.sleep(&**clock, pause).await.is_err() {
                        return Ok(self.in_doubt("the search was interrupted"));
                    }
                }
                [only] => {
                    if let Some(name) = self.unlike(intent, object, &planned, &only.value) {
                        return Ok(self.in_doubt(&format!(
                            "there is `{}`, but its `{name}` is not what was planned",
                            only.id
                        )));
                    }
                    return self.adopt(intent, only).await;
                }
                several => {
                    return Ok(self.in_doubt(&format!("there are {} objects that fit", several.len())));
                }
            }
        }
    }

    /// The first readable attribute that is not as planned.
    fn unlike(&self, intent: &Intent, object: &Object, planned: &Value, found: &Value) -> Option<Arc<str>> {
        let readable = self.schema.attributes.iter().filter(|attribute| {
            !(attribute.write_only
                || attribute.volatile
                || attribute.readback.is_never()
                || self.is_sent_later(&intent.call, &attribute.name))
        });
        for attribute in readable {
            let (Some(planned), Some(found)) = (planned.get(&attribute.name), found.get(&attribute.name))
            else {
                continue;
            };
            let planned = &scope::learnt(attribute, planned, found);
            if attribute.nested.is_none() && planned.marks_deep().is_sensitive() {
                let path = ValuePath::attr(Arc::clone(&attribute.name));
                // Secrets that the service makes were promised to be nothing in particular.
                if attribute.mode.is_computed() && object.sensitive_matches(&path, &Value::null()) {
                    continue;
                }
                let plain = found.clone().unmark_deep().0;
                if !found.is_null() && !object.sensitive_matches(&path, &plain) {
                    return Some(Arc::clone(&attribute.name));
                }
                continue;
            }
            if scope::normalised_eq(attribute, planned, found) == Some(false) {
                return Some(Arc::clone(&attribute.name));
            }
        }
        None
    }

    /// Whether a step behind the one in doubt sends an attribute: it may still have another value.
    fn is_sent_later(&self, call: &str, name: &str) -> bool {
        let steps = scope::operation(&self.schema, OperationKind::Create);
        let steps = steps.map(|operation| operation.steps.as_slice()).unwrap_or_default();
        let later = steps.iter().skip_while(|step| &*step.name != call).skip(1);
        later
            .filter_map(|step| step.call.as_ref())
            .any(|call| call.inputs().any(|expr| scope::names_in(expr, scope::Root::This).contains(name)))
    }

    /// The object is ours: its waiter and what follows go on as if the answer had come.
    async fn adopt(&self, intent: &Intent, found: &Candidate) -> Result<Verdict, ProviderError> {
        let steps = scope::operation(&self.schema, OperationKind::Create);
        let index =
            steps.and_then(|all| all.steps.iter().position(|step| step.name == intent.call)).unwrap_or(0);
        let subject = self.target.addr.to_string();
        let request = StepRequest {
            provider: &intent.provider,
            schema: &self.schema,
            subject: &subject,
            operation: OperationKind::Create,
            index,
            planned: &found.value,
            prior: None,
            current: &found.value,
            timeout: self.schema.timeouts.create,
            fence: None,
        };
        match self.input.providers.resume_wait(&request, self.input.stop).await {
            Ok(answer) => self.created(intent, index, &answer.planned).await,
            Err(ProviderError::Rejected { .. }) => {
                Ok(Verdict::Is(intent.sequence, self.with(&found.value, Status::Tainted)))
            }
            Err(error) if error.is_pending() => Ok(self.still_open(&error.to_string())),
            Err(error) => Err(error),
        }
    }
}

/// How long ago a call was made.
fn waited(clock: &dyn crate::api::Clock, intent: &Intent) -> Duration {
    let Ok(at) = intent.at.parse::<jiff::Timestamp>() else { return Duration::MAX };
    let Ok(now) = jiff::Timestamp::try_from(clock.now()) else { return Duration::MAX };
    Duration::try_from(now.duration_since(at)).unwrap_or(Duration::ZERO)
}
