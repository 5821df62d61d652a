//! One object while it is worked on.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::addr::ResourceAddr;
use crate::config::Resource;
use crate::plan::Action;
use crate::plan::Change;
use crate::plan::ObjectKey;
use crate::plan::Operation;
use crate::plan::Verdict;
use crate::plan::mocked_schema;
use crate::schema::ResourceKind;
use crate::schema::ResourceSchema;
use crate::schema::scope;
use crate::schema::scope::OperationKind;
use crate::state::Action as StateAction;
use crate::state::DeposedKey;
use crate::state::Due;
use crate::state::Object;
use crate::state::ObjectRef;
use crate::state::journal::CallFailure;
use crate::syntax::ast::Name;
use crate::value::Value;

use super::ApplyInput;
use super::Event;
use super::Subject;
use super::Verb;
use super::object::shown_id;
use super::readback::with_followers;

/// One object while it is worked on.
#[derive(Debug)]
pub(super) struct Work<'p> {
    pub key: ObjectKey,
    pub change: &'p Change,
    pub schema: Arc<ResourceSchema>,
    /// Its block, if there is one.
    pub resource: Option<&'p Resource>,
    /// The object as evaluated, with what calls have set; without what is only written.
    pub planned: Value,
    /// What is only written, by attribute.
    pub written: BTreeMap<Name, Value>,
    /// The object after the last call.
    pub current: Value,
    /// The steps of the schema's operation that are done.
    pub done: Vec<Arc<str>>,
    /// A step failed whose failure does not stop the following ones.
    pub faulty: bool,
    /// Resources it depends on.
    pub dependencies: Vec<ResourceAddr>,
    /// The journal record of the last call, if its outcome is not written.
    pub intent: Option<u64>,
    /// Why the last call failed, until that is written down.
    pub failure: Option<CallFailure>,
    /// The key of the object that waits for its deletion behind its replacement.
    pub set_aside: Option<DeposedKey>,
    /// Attributes that stay as they are because steps are put off.
    pub held: Vec<Name>,
    /// What a step that was put off waits for.
    pub put_off: Option<String>,
    /// What was to be changed turned out to be as it is: nothing is called.
    pub unchanged: bool,
    /// The action was run to its end.
    pub answered: bool,
    /// What the action is run for just now, if that is due.
    pub serves: Option<Due>,
    /// What the state had of an action before this run.
    pub recorded: Option<Object>,
    /// What is being done, and since when.
    pub begun: Option<(Verb, Duration)>,
}

impl<'p> Work<'p> {
    pub(super) fn new(
        key: ObjectKey,
        change: &'p Change,
        schema: Arc<ResourceSchema>,
        resource: Option<&'p Resource>,
        dependencies: Vec<ResourceAddr>,
    ) -> Self {
        Self {
            key,
            change,
            schema,
            resource,
            planned: change.after.clone().unwrap_or_else(Value::null),
            written: BTreeMap::new(),
            current: change.before.clone().unwrap_or_else(Value::null),
            done: Vec::new(),
            faulty: false,
            dependencies,
            intent: None,
            failure: None,
            set_aside: None,
            held: change.held.clone(),
            put_off: waits_for(change),
            unchanged: false,
            answered: false,
            serves: None,
            recorded: None,
            begun: None,
        }
    }

    /// Names the object in the state: what is deleted behind its replacement was set aside before.
    pub(super) fn target(&self, operation: Option<Operation>) -> ObjectRef {
        let planned = self.key.deposed.as_ref().and_then(|key| DeposedKey::parse(key));
        let deposed = match operation {
            Some(Operation::Delete) => planned.or_else(|| self.set_aside.clone()),
            _ => planned,
        };
        ObjectRef { addr: self.key.addr.clone(), deposed }
    }

    /// Notes that a step is done. One without a call has done nothing that could be left unfinished.
    pub(super) fn note_done(&mut self, doing: Operation, name: Arc<str>) {
        let operation = scope::operation(&self.schema, kind_of(doing));
        let step = operation.and_then(|all| all.steps.iter().find(|step| step.name == name));
        if step.is_none_or(|step| step.call.is_some()) {
            self.done.push(name);
        }
    }

    /// How long an operation may take.
    pub(super) fn timeout(&self, operation: Operation) -> Duration {
        let (name, declared) = match operation {
            Operation::Create => ("create", self.schema.timeouts.create),
            Operation::Update => ("update", self.schema.timeouts.update),
            Operation::Delete => ("delete", self.schema.timeouts.delete),
            Operation::Invoke => ("run", self.schema.run_timeout()),
        };
        let written = self.resource.and_then(|resource| resource.timeouts.get(name));
        written.map_or(declared, |seconds| Duration::from_secs(seconds.value))
    }

    pub(super) fn subject(&self) -> Subject {
        let verb = self.begun.map_or(
            match self.change.action {
                Action::Create | Action::Replace(_) => Verb::Create,
                Action::Read => Verb::Read,
                Action::Delete | Action::Forget => Verb::Delete,
                Action::Invoke => Verb::Invoke,
                Action::NoOp | Action::Update => Verb::Update,
            },
            |(verb, _)| verb,
        );
        let value = match verb {
            Verb::Create | Verb::Read | Verb::Invoke => Some(&self.planned),
            Verb::Update | Verb::Delete => self.change.before.as_ref(),
        };
        Subject {
            addr: self.key.addr.clone(),
            deposed: self.key.deposed.clone().or_else(|| {
                self.set_aside.as_ref().filter(|_| verb == Verb::Delete).map(|key| Arc::from(key.as_str()))
            }),
            verb,
            id: value.and_then(shown_id),
        }
    }

    /// Notes that work of a kind starts; returns the event if it had not.
    pub(super) fn begin(&mut self, verb: Verb, now: Duration) -> Option<Event> {
        if self.unchanged || self.begun.is_some_and(|(begun, _)| begun == verb) {
            return None;
        }
        self.begun = Some((verb, now));
        Some(Event::Started(self.subject()))
    }

    /// Notes that the work ended.
    pub(super) fn finish(&mut self, now: Duration, well: bool) -> Option<Event> {
        let subject = self.subject();
        let (_, since) = self.begun.take()?;
        let elapsed = now.saturating_sub(since);
        Some(if well { Event::Completed { subject, elapsed } } else { Event::Errored { subject, elapsed } })
    }
}

/// What the plan has put off already.
fn waits_for(change: &Change) -> Option<String> {
    let mut waiting = change.guards.iter().filter(|finding| finding.verdict == Verdict::Waits);
    waiting.next().filter(|_| !change.held.is_empty()).map(|finding| finding.message.clone())
}

/// Which operation of the schema an operation of the plan is.
pub(super) fn kind_of(operation: Operation) -> OperationKind {
    match operation {
        Operation::Create => OperationKind::Create,
        Operation::Update => OperationKind::Update,
        Operation::Delete => OperationKind::Delete,
        Operation::Invoke => OperationKind::Invoke,
    }
}

/// What an operation of the plan is in events.
pub(super) fn verb_of(operation: Operation) -> Verb {
    match operation {
        Operation::Create => Verb::Create,
        Operation::Update => Verb::Update,
        Operation::Delete => Verb::Delete,
        Operation::Invoke => Verb::Invoke,
    }
}

/// What an operation of the journal is in schemas.
pub(super) fn kind_of_action(action: StateAction) -> OperationKind {
    match action {
        StateAction::Create => OperationKind::Create,
        StateAction::Update => OperationKind::Update,
        StateAction::Delete => OperationKind::Delete,
        StateAction::Invoke => OperationKind::Invoke,
    }
}

/// The objects of a plan that have steps.
pub(super) fn works<'r>(input: &ApplyInput<'r>) -> BTreeMap<ObjectKey, Work<'r>> {
    let mut works = BTreeMap::new();
    for change in &input.plan.changes {
        if change.steps.is_empty() {
            continue;
        }
        let kind = ResourceKind::of(change.addr.resource.mode);
        let Some(schema) = input.registry.resource(kind, &change.addr.resource.kind) else { continue };
        let schema = match input.config.mocks.object(&change.addr, &change.provider) {
            Some(standin) => mocked_schema(&schema, standin),
            None => schema,
        };
        let key = ObjectKey { addr: change.addr.clone(), deposed: change.deposed.clone() };
        let resource = input.config.resource(&change.addr.resource);
        let dependencies = resource.map(|_| change.dependencies.to_vec()).unwrap_or_default();
        let mut work = Work::new(key.clone(), change, schema, resource, dependencies);
        let target = work.target(None);
        work.done = input.ledger.state(|state| match state.object(&target).map(|object| &object.status) {
            Some(crate::state::Status::Incomplete { done, .. }) => done.clone(),
            _ => Vec::new(),
        });
        works.insert(key, work);
    }
    works
}

/// Whether an update turned out to change nothing, now that everything is known that it was planned from.
pub(super) fn is_unchanged(work: &Work<'_>) -> bool {
    let (Some(before), Some(after)) = (&work.change.before, &work.change.after) else { return false };
    if after.is_wholly_known() || !work.written.is_empty() {
        return false;
    }
    let planned = with_followers(&work.schema, work.planned.clone(), Some(before));
    work.schema.attributes.iter().all(|attribute| {
        match (planned.get(&attribute.name), before.get(&attribute.name)) {
            (Some(planned), Some(before)) => planned.is_wholly_known() && planned.same_as(before),
            _ => false,
        }
    })
}
