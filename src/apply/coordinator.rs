//! The coordinator: counts open dependencies, starts what can start, and takes in what has ended.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;

use crate::addr::InstanceAddr;
use crate::addr::Mode;
use crate::addr::ResourceAddr;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::graph::Node;
use crate::plan::Answer;
use crate::plan::ObjectKey;
use crate::plan::Plan;
use crate::plan::StepId;
use crate::plan::StepKind;
use crate::plan::created_first;
use crate::plan::scope::World;
use crate::provider::ProviderError;
use crate::schema::ResourceKind;
use crate::schema::ResourceSchema;
use crate::state::Due;
use crate::state::State;
use crate::state::journal::Record;
use crate::state::journal::RunHeader;
use crate::syntax::ast::Name;
use crate::value::Value;

use super::Applied;
use super::ApplyInput;
use super::End;
use super::Event;
use super::Failure;
use super::ObjectEnd;
use super::call::CallEnd;
use super::evaluate::Expansions;
use super::evaluate::populate;
use super::evaluate::stored_values;
use super::invoke::due_in;
use super::object::timestamp;
use super::readback::Group;
use super::work::Work;
use super::work::works;

/// Objects worked on side by side unless told otherwise. The limiter of every endpoint decides how many
/// calls are really made at once; more objects than this would only be in doubt if the process died.
const SIDE_BY_SIDE: usize = 32;

/// Time between reports about objects that are still worked on.
const PROGRESS: Duration = Duration::from_secs(10);

/// How far a step has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StepState {
    Waiting,
    Ready,
    Running,
    Done,
    Failed,
    Skipped,
}

/// What ended.
#[derive(Debug)]
pub(super) enum Finished {
    Call(Box<CallEnd>),
    ReadBack(Vec<(ObjectKey, Answer)>, Vec<StepId>),
    Data(StepId, Result<Answer, ProviderError>),
    Looked(Group, Result<Vec<ObjectKey>, ProviderError>),
}

/// What is known about objects that are there before others of their kind are created.
#[derive(Debug)]
pub(super) enum Look {
    /// It is being looked; these calls wait.
    Running(Vec<StepId>),
    /// These were there already.
    Done(BTreeSet<ObjectKey>),
}

pub(super) type Task<'r> = Pin<Box<dyn Future<Output = Finished> + 'r>>;

/// Names of the children of an object in the state, by child type.
pub(super) type Children = BTreeMap<(Name, Arc<str>), BTreeMap<Name, BTreeSet<Arc<str>>>>;

/// One apply.
pub(super) struct Run<'r, 'e> {
    pub input: ApplyInput<'r>,
    pub world: World<'r>,
    pub works: BTreeMap<ObjectKey, Work<'r>>,
    pub states: Vec<StepState>,
    waiting: Vec<usize>,
    followers: Vec<Vec<StepId>>,
    /// Steps that can start and need nobody.
    at_once: BTreeSet<StepId>,
    /// Steps that can start and make calls.
    calls: BTreeSet<StepId>,
    pub running: FuturesUnordered<Task<'r>>,
    calling: usize,
    /// Objects that wait to be read back.
    pub batch: BTreeMap<Group, Vec<StepId>>,
    /// Steps of a group that can start or are running.
    pub active: BTreeMap<Group, usize>,
    /// When something of a group ended last.
    pub moved: BTreeMap<Group, Instant>,
    /// Looks at what is there before something is created.
    pub looks: BTreeMap<Group, Look>,
    pub ends: BTreeMap<ObjectKey, End>,
    /// What went wrong first with each object.
    failures: BTreeMap<ObjectKey, Failure>,
    pub diagnostics: Diagnostics,
    events: &'e mut dyn FnMut(Event),
    pub expansions: Expansions,
    /// Resources, as declared, that are created before they are destroyed.
    pub created_first: BTreeSet<ResourceAddr>,
    pub children: Option<Children>,
    pub stopping: bool,
    /// The journal takes no more records: nothing that changes something may start.
    pub broken: bool,
    pub outputs: BTreeMap<Name, Value>,
    /// Runs of actions that become due when an object is made or changed.
    pub due: BTreeMap<InstanceAddr, Vec<Due>>,
    /// Data sources of checks that could not be read.
    pub unread: BTreeSet<Node>,
    /// When the run began.
    started: Instant,
}

/// Executes a plan.
pub async fn apply(input: ApplyInput<'_>, events: &mut dyn FnMut(Event)) -> Applied {
    let mut run = Run::new(input, events);
    run.open();
    run.relocate();
    run.prepare();
    run.go().await;
    run.close()
}

impl<'r, 'e> Run<'r, 'e> {
    fn new(input: ApplyInput<'r>, events: &'e mut dyn FnMut(Event)) -> Self {
        let plan = input.plan;
        let count = plan.steps.len();
        let mut followers = vec![Vec::new(); count];
        for step in &plan.steps {
            for after in &step.after {
                if let Some(list) = followers.get_mut(after.0 as usize) {
                    list.push(step.id);
                }
            }
        }
        let first: BTreeSet<ResourceAddr> = created_first(input.config, input.graph).into_keys().collect();
        let mut world = input.world();
        let mut stored = input.providers.opened();
        if plan.changes.len() < input.ledger.state(|state| state.resources.len()) {
            stored.extend(input.ledger.state(|state| stored_values(&input, state)));
        }
        populate(&mut world, input.graph, plan, &stored);
        Self {
            input,
            world,
            works: BTreeMap::new(),
            states: vec![StepState::Waiting; count],
            waiting: plan.steps.iter().map(|step| step.after.len()).collect(),
            followers,
            at_once: BTreeSet::new(),
            calls: BTreeSet::new(),
            running: FuturesUnordered::new(),
            calling: 0,
            batch: BTreeMap::new(),
            active: BTreeMap::new(),
            moved: BTreeMap::new(),
            looks: BTreeMap::new(),
            ends: BTreeMap::new(),
            failures: BTreeMap::new(),
            diagnostics: Diagnostics::new(),
            events,
            expansions: Expansions::default(),
            created_first: first,
            children: None,
            stopping: false,
            broken: false,
            outputs: BTreeMap::new(),
            due: due_in(plan, input.plan_id),
            unread: BTreeSet::new(),
            started: Instant::now(),
        }
    }

    /// Takes up the objects of the plan as the state has them now, and what can start at once.
    fn prepare(&mut self) {
        self.works = works(&self.input);
        for step in &self.input.plan.steps {
            if step.after.is_empty() {
                self.make_ready(step.id);
            }
        }
    }

    pub(super) fn plan(&self) -> &'r Plan {
        self.input.plan
    }

    pub(super) fn step(&self, id: StepId) -> Option<&'r crate::plan::Step> {
        self.input.plan.steps.get(id.0 as usize)
    }

    /// What people wait for is real time, also where an emulator's clock runs faster.
    pub(super) fn now(&self) -> Duration {
        self.started.elapsed()
    }

    pub(super) fn at(&self) -> Arc<str> {
        timestamp(&**self.input.providers.clock())
    }

    pub(super) fn tell(&mut self, event: Event) {
        (self.events)(event);
    }

    /// Appends records. Whether they became durable is seen when the state is committed.
    pub(super) fn record(&self, records: Vec<Record>) {
        drop(self.input.ledger.append(records));
    }

    /// The key of the object a step is about.
    pub(super) fn key_of(step: &crate::plan::Step) -> Option<ObjectKey> {
        Some(ObjectKey { addr: step.addr.clone()?, deposed: step.deposed.clone() })
    }

    /// Writes down who runs what, and where the objects live.
    fn open(&mut self) {
        let lineage = self.input.ledger.state(|state| state.lineage.clone());
        let mut records = vec![Record::Run(RunHeader {
            id: Arc::clone(&self.input.holder.id),
            lineage,
            who: Arc::clone(&self.input.holder.who),
            host: Arc::clone(&self.input.holder.host),
            pid: self.input.holder.pid,
            command: Arc::clone(&self.input.holder.command),
            reason: self.input.holder.reason.clone(),
            job: self.input.holder.job.clone(),
            plan: Some(Arc::clone(self.input.plan_id)),
            plan_hash: Some(Arc::clone(self.input.plan_hash)),
            keeps_prior: true,
            version: env!("CARGO_PKG_VERSION").into(),
            at: self.at(),
        })];
        let known = self.input.ledger.state(|state| state.pins.clone());
        for (provider, target) in &self.plan().targets {
            let identity = target.identity();
            if known.get(provider) != Some(&identity) {
                records.push(Record::Pin { provider: provider.clone(), identity });
            }
        }
        self.record(records);
    }

    /// Runs until nothing is left that can be done.
    async fn go(&mut self) {
        let mut progress = tokio::time::interval(PROGRESS);
        progress.tick().await;
        let mut look = tokio::time::interval(Duration::from_millis(100));
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let (stop, abort) = (self.input.stop, self.input.abort);
        loop {
            if stop.is_stopped() && !self.stopping {
                self.stopping = true;
                self.tell(Event::Stopping);
            }
            if abort.is_stopped() {
                break;
            }
            self.start_what_can();
            self.flush();
            if self.running.is_empty() {
                if self.stopping || (self.at_once.is_empty() && self.calls.is_empty()) {
                    break;
                }
                continue;
            }
            tokio::select! {
                biased;
                () = abort.stopped() => break,
                Some(finished) = self.running.next() => self.take_in(finished),
                () = stop.stopped(), if !self.stopping => {}
                _ = look.tick(), if !self.batch.is_empty() => {}
                _ = progress.tick() => self.report_progress(),
            }
        }
    }

    fn start_what_can(&mut self) {
        while !self.stopping && !self.broken {
            let Some(id) = self.at_once.pop_first() else { break };
            self.set(id, StepState::Running);
            self.run_at_once(id);
        }
        let limit = self.input.parallelism.unwrap_or(SIDE_BY_SIDE).max(1);
        while !self.stopping && !self.broken && self.calling < limit {
            let Some(id) = self.calls.pop_first() else { break };
            self.set(id, StepState::Running);
            if self.must_look(id) {
                continue;
            }
            if let Some(task) = self.task(id) {
                self.calling += 1;
                self.running.push(task);
            }
        }
        if self.broken {
            self.at_once.clear();
            self.calls.clear();
            self.batch.clear();
        }
    }

    fn take_in(&mut self, finished: Finished) {
        match finished {
            Finished::Call(end) => {
                self.calling = self.calling.saturating_sub(1);
                self.after_call(*end);
            }
            Finished::Data(step, result) => {
                self.calling = self.calling.saturating_sub(1);
                self.after_data(step, result);
            }
            Finished::Looked(group, result) => self.after_look(&group, result),
            Finished::ReadBack(answers, steps) => self.after_read_back(answers, &steps),
        }
    }

    fn report_progress(&mut self) {
        let now = self.now();
        let events: Vec<Event> = self
            .works
            .values()
            .filter_map(|work| {
                let (_, since) = work.begun?;
                Some(Event::Progress { subject: work.subject(), elapsed: now.saturating_sub(since) })
            })
            .collect();
        for event in events {
            self.tell(event);
        }
    }

    pub(super) fn set(&mut self, id: StepId, state: StepState) {
        if let Some(place) = self.states.get_mut(id.0 as usize) {
            *place = state;
        }
    }

    /// The group whose objects are read back together, if a step belongs to one.
    pub(super) fn group_of(&self, id: StepId) -> Option<Group> {
        let step = self.step(id)?;
        match step.kind {
            StepKind::Evaluate | StepKind::Call { .. } | StepKind::ReadBack => {}
            StepKind::ReadData
            | StepKind::Depose
            | StepKind::Join
            | StepKind::Record(_)
            | StepKind::Output(_) => return None,
        }
        let work = self.works.get(&Self::key_of(step)?)?;
        Some((work.change.provider.clone(), Arc::clone(&work.schema.type_name)))
    }

    fn make_ready(&mut self, id: StepId) {
        let Some(step) = self.step(id) else { return };
        self.set(id, StepState::Ready);
        let group = self.group_of(id);
        match step.kind {
            StepKind::ReadBack => {
                if let Some(group) = group {
                    self.batch.entry(group).or_default().push(id);
                }
                return;
            }
            StepKind::Call { .. } | StepKind::ReadData => {
                self.calls.insert(id);
            }
            StepKind::Evaluate
            | StepKind::Depose
            | StepKind::Join
            | StepKind::Record(_)
            | StepKind::Output(_) => {
                self.at_once.insert(id);
            }
        }
        if let Some(group) = group {
            *self.active.entry(group).or_default() += 1;
        }
    }

    /// Lets a call start again that waited.
    pub(super) fn resume(&mut self, id: StepId) {
        self.set(id, StepState::Ready);
        self.calls.insert(id);
    }

    fn leave_group(&mut self, id: StepId) {
        let Some(group) = self.group_of(id) else { return };
        if self.step(id).is_some_and(|step| step.kind != StepKind::ReadBack)
            && let Some(active) = self.active.get_mut(&group)
        {
            *active = active.saturating_sub(1);
        }
        self.moved.insert(group, Instant::now());
    }

    /// A step is done: what waited only for it can start.
    pub(super) fn done(&mut self, id: StepId) {
        self.set(id, StepState::Done);
        let followers = self.followers.get(id.0 as usize).cloned().unwrap_or_default();
        for follower in followers {
            let Some(open) = self.waiting.get_mut(follower.0 as usize) else { continue };
            *open = open.saturating_sub(1);
            if *open == 0 && self.states.get(follower.0 as usize) == Some(&StepState::Waiting) {
                self.make_ready(follower);
            }
        }
        self.leave_group(id);
    }

    /// A step did not succeed: what depends on it is left out.
    pub(super) fn failed(&mut self, id: StepId, end: End) {
        self.set(id, StepState::Failed);
        self.leave_group(id);
        let Some(step) = self.step(id) else { return };
        let blocker = step.addr.clone();
        if let Some(key) = Self::key_of(step) {
            self.ends.insert(key.clone(), end);
            let now = self.now();
            let event = self.works.get_mut(&key).and_then(|work| work.finish(now, false));
            if let Some(event) = event {
                self.tell(event);
            }
        }
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            for follower in self.followers.get(id.0 as usize).cloned().unwrap_or_default() {
                if self.states.get(follower.0 as usize) != Some(&StepState::Waiting) {
                    continue;
                }
                self.set(follower, StepState::Skipped);
                open.push(follower);
                if let Some(key) = self.step(follower).and_then(Self::key_of) {
                    self.ends.entry(key).or_insert_with(|| End::Skipped { blocker: blocker.clone() });
                }
            }
        }
    }

    /// A step failed with findings.
    pub(super) fn failed_with(&mut self, id: StepId, end: End, found: Diagnostics) {
        let Some(found) = self.spare_check(id, found) else { return };
        self.note_failure(id, &found);
        self.diagnostics.extend(found);
        self.failed(id, end);
    }

    /// Remembers what went wrong with the object of a step, for the summary.
    pub(super) fn note_failure(&mut self, id: StepId, found: &Diagnostics) {
        let key = self.step(id).and_then(Self::key_of);
        if let (Some(key), Some(failure)) = (key, Failure::of(found)) {
            self.failures.entry(key).or_insert(failure);
        }
    }

    /// Returns the schema of a data source or resource.
    pub(super) fn schema(&self, mode: Mode, kind: &str) -> Option<Arc<ResourceSchema>> {
        let kind_of = ResourceKind::of(mode);
        self.input.registry.resource(kind_of, kind)
    }

    /// Sees what is left, writes the state and sums up.
    fn close(mut self) -> Applied {
        // Tasks that were cut off leave intents behind; the journal has them.
        drop(std::mem::take(&mut self.running));
        let mut ends = Vec::new();
        let mut complete = true;
        let doubts = self.input.ledger.state(State::doubts);
        for change in &self.plan().changes {
            let key = ObjectKey { addr: change.addr.clone(), deposed: change.deposed.clone() };
            let mut end = self.ends.get(&key).cloned();
            if end.is_none() {
                let state_of = |id: &StepId| self.states.get(id.0 as usize).copied();
                let open = change.steps.iter().filter_map(state_of).any(|state| state != StepState::Done);
                end = if !open {
                    (!change.steps.is_empty()).then_some(End::Done)
                } else if self.works.get(&key).is_some_and(|work| work.intent.is_some()) {
                    Some(End::Pending)
                } else {
                    let running = |id: &StepId| state_of(id) == Some(StepState::Running);
                    let cut = change.steps.iter().any(running);
                    Some(if cut { End::InDoubt } else { End::Skipped { blocker: None } })
                };
            }
            if end.is_none() && change.deposed.is_none() && doubts.contains(&change.addr) {
                end = Some(End::InDoubt);
            }
            let Some(end) = end else { continue };
            if !change.is_effective() && end == End::Done {
                continue;
            }
            complete &= end == End::Done;
            let value = self.works.get(&key).map(|work| &work.planned);
            let id = value
                .and_then(super::object::shown_id)
                .or_else(|| change.before.as_ref().and_then(super::object::shown_id));
            ends.push(ObjectEnd {
                addr: change.addr.clone(),
                deposed: change.deposed.clone(),
                action: change.action,
                imported: change.importing.is_some(),
                waits_for: self.works.get(&key).and_then(|work| work.put_off.clone()),
                unchanged: self.works.get(&key).is_some_and(|work| work.unchanged),
                failure: self.failures.remove(&key).filter(|_| end != End::Done),
                end,
                id,
            });
        }
        complete &= self.states.iter().all(|state| *state == StepState::Done);
        let result = match (complete, self.stopping) {
            (true, _) => "done",
            (false, true) => "interrupted",
            (false, false) => "failed",
        };
        let mut records = Vec::new();
        records.extend(self.judge_checks(complete));
        if complete {
            records.push(Record::Complete { plan: Arc::clone(self.input.plan_id) });
        }
        let run = Arc::clone(&self.input.holder.id);
        records.push(Record::End { run, result: result.into(), at: self.at() });
        self.record(records);
        let serial = match self.input.ledger.commit() {
            Ok(committed) => {
                if let Some(trouble) = committed.trouble {
                    let mut found = Diagnostic::from(trouble);
                    found.severity = crate::diag::Severity::Warning;
                    self.diagnostics.push(found);
                }
                Some(committed.serial)
            }
            Err(error) => {
                complete = false;
                self.diagnostics.push(
                    Diagnostic::from(error)
                        .hint("the next run takes up what is in the journal beside the state"),
                );
                None
            }
        };
        if self.stopping {
            self.diagnostics.push(
                Diagnostic::warning(Code::Interrupted, "the run was interrupted before everything was done")
                    .hint("run `queueform apply` again: it goes on where this run stopped"),
            );
        }
        let held = self.plan().held().map(|change| change.addr.clone()).collect();
        let invoked = |work: &&Work<'_>| work.change.action == crate::plan::Action::Invoke && work.answered;
        let results = self.works.values().filter(invoked);
        let results = results.map(|work| (work.key.addr.clone(), work.planned.clone())).collect();
        let read = self.works.values().filter(|work| work.change.action == crate::plan::Action::Read);
        let read = read.map(|work| (work.key.addr.clone(), work.planned.clone())).collect();
        Applied {
            results,
            read,
            ends,
            held,
            outputs: self.outputs,
            stored: self.input.ledger.state(|state| state.outputs.clone()),
            diagnostics: self.diagnostics,
            stopped: self.stopping,
            complete,
            serial,
        }
    }
}
