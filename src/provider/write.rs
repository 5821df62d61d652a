//! Steps that change something: one call of an operation, its lane, its waiters, what it sets.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crate::addr::ProviderAddr;
use crate::api;
use crate::api::ErrorClass;
use crate::schema::LaneMode;
use crate::schema::Operation;
use crate::schema::ResourceSchema;
use crate::schema::Step;
use crate::schema::scope::Frame;
use crate::schema::scope::OperationKind;
use crate::schema::scope::Root;
use crate::schema::scope::advance;
use crate::schema::scope::is_called_for;
use crate::schema::scope::mark_sensitive;
use crate::schema::scope::operation;
use crate::schema::scope::with_found_leaves;
use crate::syntax::ast::Expr;
use crate::syntax::ast::Name;
use crate::value::Fields;
use crate::value::Value;
use crate::value::convert;

use super::ProviderError;
use super::connection::About;
use super::connection::Connection;
use super::item::adopt;
use super::item::without_unknowns;
use super::pages;
use super::read;
use super::read::Patience;
use super::read::Pauses;
use super::stats::Purpose;
use super::steps::is_tolerated;
use super::steps::later;
use super::steps::lookups_of;
use super::steps::merge;
use super::steps::other_form;
use super::steps::turns;
use super::wait::Waited;
use super::wait::Waiting;

/// One step of an operation to be carried out.
#[derive(Debug, Clone)]
pub struct StepRequest<'r> {
    /// The provider configuration.
    pub provider: &'r ProviderAddr,
    /// The resource type.
    pub schema: &'r ResourceSchema,
    /// The object's address, for messages.
    pub subject: &'r str,
    /// The operation.
    pub operation: OperationKind,
    /// The position of the step in it.
    pub index: usize,
    /// The object as planned, with what earlier steps have set; for a deletion, the object as last known.
    pub planned: &'r Value,
    /// The object before the operation; none in a creation.
    pub prior: Option<&'r Value>,
    /// The object after the previous step ([`StepAnswer::current`]); the prior one for the first step.
    pub current: &'r Value,
    /// How long each wait of the step may take: for the object to be free, and for what it waits for.
    pub timeout: Duration,
    /// Checked immediately before every attempt of the call.
    pub fence: Option<api::Fence>,
}

/// What the answer of a call says, to be written down before anything is waited for.
#[derive(Debug, Clone)]
pub struct StepNote {
    /// The turn of `for_each`, from 0.
    pub turn: usize,
    /// The id of the object, if the answer gave one.
    pub id: Option<String>,
    /// Everything that the answer set so far: an object.
    pub set: Value,
    /// The call as it was made, without its arguments: `POST /v2/…/topics`.
    pub call: String,
    /// The service's id of the call.
    pub request_id: Option<String>,
}

/// Writes an answer down durably; the step goes on when it is done, or fails with the reason.
pub type Recorded = Pin<Box<dyn Future<Output = Result<(), String>> + Send>>;

/// What a step did.
#[derive(Debug, Clone)]
pub struct StepAnswer {
    /// Calls made; none if `when` did not hold, nothing had changed, or the step has no call.
    pub calls: u32,
    /// The planned object with what was set, for the next step.
    pub planned: Value,
    /// The object after this step, for the next one.
    pub current: Value,
    /// What the answers set, and what a waiter saw of attributes that were not known: an object.
    pub set: Value,
    /// A deletion found the object gone.
    pub gone: bool,
}

/// Carries out one step. `on_answer` is called the moment an answer arrived, before its waiter runs.
pub(super) async fn run(
    connection: &Connection,
    request: &StepRequest<'_>,
    stop: &api::Stop,
    on_answer: &mut (dyn FnMut(StepNote) -> Recorded + Send),
) -> Result<StepAnswer, ProviderError> {
    let run = Run::new(connection, request, stop)?;
    run.carry_out(on_answer).await
}

struct Run<'r> {
    connection: &'r Connection,
    request: &'r StepRequest<'r>,
    operation: &'r Operation,
    step: &'r Step,
    about: About,
    prior: Value,
    /// The planned object with null where the provider decides.
    sent: Value,
    stop: &'r api::Stop,
}

/// Whether a refused call can be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Readiness {
    Maybe,
    /// Nothing changes before somebody helps.
    Stuck,
}

/// What was set so far.
struct Progress {
    set: Fields,
    /// The object as a waiter saw it last.
    seen: Option<Value>,
    calls: u32,
    gone: bool,
}

impl<'r> Run<'r> {
    fn new(
        connection: &'r Connection,
        request: &'r StepRequest<'r>,
        stop: &'r api::Stop,
    ) -> Result<Self, ProviderError> {
        let schema = request.schema;
        let missing = || ProviderError::Unsupported {
            kind: Arc::clone(&schema.type_name),
            lacks: format!("has no step {} of `{}`", request.index, request.operation.name()),
        };
        let operation = operation(schema, request.operation).ok_or_else(missing)?;
        let step = operation.steps.get(request.index).ok_or_else(missing)?;
        let verb = request.operation.name();
        let place = if operation.steps.len() > 1 { format!(" ({})", step.name) } else { String::new() };
        let about = About {
            doing: format!("{verb} `{}`{place}", request.subject),
            kind: format!("{verb} {}", schema.type_name),
            purpose: Purpose::Write,
            operation: Some(request.operation),
            idempotent: step.idempotent,
            fence: request.fence.clone(),
        };
        let prior = request.prior.cloned().unwrap_or_else(Value::null);
        let sent = without_unknowns(request.planned);
        Ok(Self { connection, request, operation, step, about, prior, sent, stop })
    }

    fn frame(&self) -> Frame<'r> {
        self.connection
            .frame(self.request.schema)
            .with(Root::This, self.sent.clone())
            .with(Root::Prior, self.prior.clone())
            .with(Root::Current, self.request.current.clone())
            .with(Root::Observed, Value::object(Fields::new()))
    }

    async fn carry_out(
        &self,
        on_answer: &mut (dyn FnMut(StepNote) -> Recorded + Send),
    ) -> Result<StepAnswer, ProviderError> {
        let (schema, request) = (self.request.schema, self.request);
        let frame = self.frame();
        let frame = self.connection.with_lookups(schema, frame, lookups_of(self.step), self.stop).await?;
        let mut progress = Progress { set: Fields::new(), seen: None, calls: 0, gone: false };
        let called_for =
            is_called_for(request.operation, schema, self.step, &self.sent, request.prior, &frame)
                .map_err(|findings| self.about.before(findings))?;
        if !called_for {
            return Ok(self.answer(progress));
        }
        let turns = turns(self.step, &frame, &self.about)?;
        if self.step.for_each.is_some() {
            for field in &self.step.set {
                let empty = self.typed(&field.name, Value::object(Fields::new()))?;
                progress.set.insert(Arc::clone(&field.name), empty);
            }
        }
        for (index, turn) in turns.into_iter().enumerate() {
            let mut frame = frame.clone();
            if let Some(turn) = turn {
                frame.set(Root::Each, turn);
            }
            self.turn(index, frame, &mut progress, on_answer).await?;
        }
        if request.index + 1 == self.operation.steps.len() && self.lacks_id(&progress) {
            return Err(self.about.answer("the answer gives no id"));
        }
        Ok(self.answer(progress))
    }

    /// Whether the id comes from this step, and from none behind it.
    fn is_last_to_set_id(&self) -> bool {
        let mut steps = self.operation.steps.iter().enumerate().rev();
        let last = steps.find(|(_, step)| step.set.iter().any(|field| &*field.name == "id"));
        last.is_some_and(|(index, _)| index == self.request.index)
    }

    /// Whether an object that was created has no id, although the service makes one.
    fn lacks_id(&self, progress: &Progress) -> bool {
        self.request.operation == OperationKind::Create
            && self.request.schema.has_server_id()
            && self
                .overlaid(&progress.set)
                .get("id")
                .is_none_or(|id| id.as_str().is_none_or(|id| id.is_empty()))
    }

    async fn turn(
        &self,
        index: usize,
        mut frame: Frame<'r>,
        progress: &mut Progress,
        on_answer: &mut (dyn FnMut(StepNote) -> Recorded + Send),
    ) -> Result<(), ProviderError> {
        let schema = self.request.schema;
        let lane = match &self.step.call {
            Some(_) => self.lane().await?,
            None => None,
        };
        if let Some(call) = &self.step.call {
            let request = self.connection.request(schema, call, &frame, &self.about)?;
            let Some(api_request) = request else { return Ok(()) };
            let mut named = api_request.name();
            let mut request_id = None;
            let mut answer = match &call.items {
                // What is listed is read to its end.
                Some(_) => pages::answer(self.connection, schema, call, &frame, &self.about, self.stop).await,
                None => self.send(&api_request, lane.as_ref(), &mut request_id).await,
            };
            if let Err(error) = &answer
                && let Some(other) = other_form(self.step, error)
                && let Some(request) = self.connection.request(schema, other, &frame, &self.about)?
            {
                progress.calls += 1;
                named = request.name();
                let second = self.send(&request, lane.as_ref(), &mut request_id).await;
                answer = later(answer, second, self.step);
            }
            match answer {
                Ok((response, items)) => {
                    progress.calls += 1;
                    frame.set(Root::Response, response);
                    frame.set(Root::Items, items.unwrap_or_else(Value::null));
                    self.collect(&frame, progress)?;
                    // Nothing could be waited for or read again: such an answer is none, and the object is looked for.
                    if self.is_last_to_set_id() && self.lacks_id(progress) {
                        return Err(self.about.answer("the answer gives no id"));
                    }
                }
                Err(error) if is_tolerated(self.step, &error) => progress.calls += 1,
                Err(error) if error.is_gone() && self.request.operation == OperationKind::Delete => {
                    progress.calls += 1;
                    progress.gone = true;
                }
                Err(error) => return Err(error),
            }
            let set = Value::of_fields(progress.set.clone());
            let id = set.get("id").and_then(Value::as_str).map(ToString::to_string);
            let note = StepNote { turn: index, id, set, call: named, request_id };
            on_answer(note).await.map_err(|reason| ProviderError::NotRecorded {
                subject: self.request.subject.to_owned(),
                reason,
            })?;
        } else {
            self.collect(&frame, progress)?;
        }
        let exclusive =
            schema.serialize.as_ref().is_some_and(|serialize| serialize.mode == LaneMode::Exclusive);
        let held = lane.filter(|_| exclusive);
        if !progress.gone
            && let Some(waiter) = self.step.wait.as_ref().and_then(|name| schema.waiter(name))
        {
            let this = self.overlaid(&progress.set);
            match self.waiting(&this, true).until(waiter).await? {
                Waited::Gone => progress.gone = true,
                Waited::Reached(Some(item)) => self.learn(&item, &this, progress).await?,
                Waited::Reached(None) => {}
            }
        }
        drop(held);
        Ok(())
    }

    /// Waits for a turn in the lane of the object.
    async fn lane(&self) -> Result<Option<api::InLane>, ProviderError> {
        let Some(serialize) = &self.request.schema.serialize else { return Ok(None) };
        let frame = self.frame();
        let key = frame.value(&serialize.key).map_err(|findings| self.about.before(findings))?;
        // An object that does not exist yet has no lane.
        let Some(key) = key.as_str() else { return Ok(None) };
        let mode = match serialize.mode {
            LaneMode::Exclusive => api::Mode::Exclusive,
            LaneMode::Shared => api::Mode::Shared,
        };
        let lane = self.connection.client()?.lanes().enter(key, mode, self.stop).await;
        lane.map(Some).map_err(|_| self.stopped(false))
    }

    fn stopped(&self, pending: bool) -> ProviderError {
        ProviderError::Stopped { subject: self.request.subject.to_owned(), pending }
    }

    /// Sends the call; while the API answers busy, waits until the object has settled and sends again.
    async fn send(
        &self,
        request: &api::Request,
        lane: Option<&api::InLane>,
        request_id: &mut Option<String>,
    ) -> Result<(Value, Option<Value>), ProviderError> {
        let clock = self.connection.clock();
        let mut patience = Patience::new(&*clock);
        let mut pauses = Pauses::default();
        loop {
            let error = match self.connection.exchange(request, &self.about, self.stop).await {
                Ok((response, id)) => {
                    lane.inspect(|lane| lane.went_well());
                    *request_id = id;
                    return Ok((response, None));
                }
                Err(error) => error,
            };
            let passed = patience.passed(&*clock);
            let is_busy = error.class() == Some(ErrorClass::Busy) && !error.may_have_changed();
            if !is_busy && !self.is_name_held(&error, passed).await {
                return Err(error);
            }
            lane.inspect(|lane| lane.was_busy());
            if passed >= self.request.timeout {
                return Err(ProviderError::Busy {
                    subject: format!("`{}`", self.request.subject),
                    after: self.request.timeout,
                });
            }
            let pause = pauses.next().unwrap_or_default();
            patience.pause(pause);
            self.connection.sleep(pause, self.stop).await.map_err(|_| self.stopped(false))?;
            if self.until_ready(&mut patience).await? == Readiness::Stuck {
                return Err(error);
            }
        }
    }

    /// Whether the name of the object is only held by a deleted one: it is refused as taken, and nothing is there.
    async fn is_name_held(&self, error: &ProviderError, passed: Duration) -> bool {
        let schema = self.request.schema;
        self.request.operation == OperationKind::Create
            && error.class() == Some(ErrorClass::Exists)
            && passed < schema.vacant_within
            && matches!(read::item(self.connection, schema, &self.sent, self.stop).await, Ok(None))
    }

    /// Waits until the object itself is not being changed any more, as far as it can be read.
    async fn until_ready(&self, patience: &mut Patience) -> Result<Readiness, ProviderError> {
        let schema = self.request.schema;
        let Some(ready) = schema.ready.as_ref() else { return Ok(Readiness::Maybe) };
        if self.request.operation == OperationKind::Create {
            return Ok(Readiness::Maybe);
        }
        for pause in Pauses::default() {
            let Ok(Some(item)) = read::item(self.connection, schema, &self.prior, self.stop).await else {
                return Ok(Readiness::Maybe);
            };
            let frame = self.frame().with(Root::Item, item);
            let holds = |expr: &Option<Expr>| match expr {
                Some(expr) => frame.holds_found(expr).map_err(|findings| self.about.before(findings)),
                None => Ok(false),
            };
            if holds(&ready.stuck)? {
                return Ok(Readiness::Stuck);
            }
            if !holds(&ready.busy)? || patience.passed(&*self.connection.clock()) >= self.request.timeout {
                return Ok(Readiness::Maybe);
            }
            patience.pause(pause);
            self.connection.sleep(pause, self.stop).await.map_err(|_| self.stopped(false))?;
        }
        Ok(Readiness::Maybe)
    }

    /// Takes what the answer sets.
    fn collect(&self, frame: &Frame<'_>, progress: &mut Progress) -> Result<(), ProviderError> {
        for field in &self.step.set {
            let found = frame.found(&field.value).map_err(|findings| self.about.after(findings))?;
            let Some(value) = found else { continue };
            if self.step.for_each.is_some() {
                merge(&mut progress.set, &field.name, &value);
                if let Some(merged) = progress.set.get(&field.name).cloned() {
                    progress.set.insert(Arc::clone(&field.name), self.typed(&field.name, merged)?);
                }
                continue;
            }
            let value = self.typed(&field.name, value)?;
            progress.set.insert(Arc::clone(&field.name), value);
        }
        Ok(())
    }

    fn typed(&self, name: &Name, value: Value) -> Result<Value, ProviderError> {
        let Some(attribute) = self.request.schema.attribute(name) else { return Ok(value) };
        let value = convert(&value, &attribute.ty)
            .map_err(|error| self.about.answer(format!("`{name}`: {}", error.message)))?;
        Ok(mark_sensitive(attribute, value))
    }

    /// Takes from a polled object what was not known before: addresses, sizes, …
    async fn learn(&self, item: &Value, this: &Value, progress: &mut Progress) -> Result<(), ProviderError> {
        let schema = self.request.schema;
        let frame = self.connection.frame(schema).with(Root::This, this.clone());
        let names = read::attribute_lookups(schema);
        let frame = self.connection.with_lookups(schema, frame, names, self.stop).await;
        // The read-back that follows reports what cannot be read.
        let Ok(object) = frame.and_then(|frame| adopt(schema, item, this, &frame, &self.about)) else {
            return Ok(());
        };
        let later = self.operation.steps.get(self.request.index + 1..).unwrap_or_default();
        // What a later step changes again is not what was planned.
        let settled = schema.attributes.iter().filter(|attribute| {
            !attribute.follows.iter().any(|name| later.iter().any(|step| step.on.contains(name)))
        });
        for attribute in settled {
            let planned = this.get(&attribute.name);
            let unknown = planned.is_none_or(|value| !value.is_wholly_known());
            let found = object.get(&attribute.name);
            let Some(found) = found.filter(|found| unknown && found.is_wholly_known() && !found.is_null())
            else {
                continue;
            };
            // What the configuration says of an object is still to be done by the steps that follow.
            let filled = planned.map(|planned| with_found_leaves(attribute, planned, found));
            let value = filled.filter(Value::is_wholly_known).unwrap_or_else(|| found.clone());
            progress.set.insert(Arc::clone(&attribute.name), value);
        }
        progress.seen = Some(object);
        Ok(())
    }

    /// The planned object with what was set.
    fn overlaid(&self, set: &Fields) -> Value {
        overlay(self.request.planned, set)
    }

    fn waiting<'w>(&'w self, this: &'w Value, pending: bool) -> Waiting<'w> {
        Waiting {
            connection: self.connection,
            schema: self.request.schema,
            subject: self.request.subject,
            this,
            prior: &self.prior,
            timeout: self.request.timeout,
            pending,
            stop: self.stop,
        }
    }

    fn answer(&self, progress: Progress) -> StepAnswer {
        let planned = self.overlaid(&progress.set);
        let current = advance(
            self.request.operation,
            self.operation,
            self.request.index,
            self.request.current,
            &planned,
        );
        let current = match self.request.operation {
            OperationKind::Create | OperationKind::Invoke => current,
            OperationKind::Update | OperationKind::Delete => {
                let current = match progress.seen.as_ref().and_then(Value::fields) {
                    Some(seen) => overlay(&current, seen),
                    None => current,
                };
                overlay(&current, &progress.set)
            }
        };
        StepAnswer {
            calls: progress.calls,
            planned,
            current,
            set: Value::of_fields(progress.set),
            gone: progress.gone,
        }
    }
}

/// Returns the object with some attributes replaced.
pub(super) fn overlay(object: &Value, set: &Fields) -> Value {
    let mut fields = object.fields().cloned().unwrap_or_default();
    fields.extend(set.iter().map(|(name, value)| (Arc::clone(name), value.clone())));
    Value::of_fields(fields).mark(object.marks())
}

/// Waits again for a step whose answer is known.
pub(super) async fn resume(
    connection: &Connection,
    request: &StepRequest<'_>,
    stop: &api::Stop,
) -> Result<StepAnswer, ProviderError> {
    let run = Run::new(connection, request, stop)?;
    let mut progress = Progress { set: Fields::new(), seen: None, calls: 0, gone: false };
    if let Some(waiter) = run.step.wait.as_ref().and_then(|name| request.schema.waiter(name)) {
        match run.waiting(request.planned, true).until(waiter).await? {
            Waited::Gone => progress.gone = true,
            Waited::Reached(Some(item)) => run.learn(&item, request.planned, &mut progress).await?,
            Waited::Reached(None) => {}
        }
    }
    Ok(run.answer(progress))
}
