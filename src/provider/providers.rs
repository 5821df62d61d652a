//! All provider configurations of one run.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use futures_util::future::join_all;

use crate::addr::ProviderAddr;
use crate::api;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::encryption::Keyring;
use crate::plan::Answer;
use crate::plan::ObjectKey;
use crate::plan::Query;
use crate::plan::QueryKey;
use crate::plan::RoomKey;
use crate::plan::Target;
use crate::schema::Registry;
use crate::schema::ResourceKind;
use crate::schema::ResourceSchema;
use crate::syntax::ast::Name;
use crate::value::Value;

use super::Candidate;
use super::EmulatedEndpoint;
use super::Environment;
use super::FindRequest;
use super::ProviderError;
use super::ProviderStats;
use super::Recorded;
use super::StepAnswer;
use super::StepNote;
use super::StepRequest;
use super::bulk;
use super::bulk::Wanted;
use super::configure::configure;
use super::connection::Connection;
use super::describe::Described;
use super::describe::describe;
use super::ephemeral::Open;
use super::find;
use super::look;
use super::look::Watched;
use super::read::Patience;
use super::read::Pauses;
use super::remote_state;
use super::room;
use super::room::Room;
use super::stats::Counts;
use super::write;

/// What a run gives to its providers.
#[derive(Debug, Clone)]
pub struct ProviderOptions {
    /// Variables, and programs that print credentials.
    pub environment: Arc<dyn Environment>,
    /// Whether remote systems are not to be called.
    pub emulate: bool,
    /// Systems that are emulated, by provider.
    pub emulated: BTreeMap<String, EmulatedEndpoint>,
    /// Time. With an emulator, a scaled clock makes waits last milliseconds.
    pub clock: Arc<dyn api::Clock>,
    /// Calls in flight per endpoint; adaptive if not given.
    pub parallelism: Option<usize>,
    /// What paths of other states are relative to.
    pub directory: PathBuf,
    /// The keys that open other states; none if they are read as they are.
    pub remote_states: Option<Arc<Keyring>>,
}

impl Default for ProviderOptions {
    fn default() -> Self {
        Self {
            environment: Arc::new(BTreeMap::new()),
            emulate: false,
            emulated: BTreeMap::new(),
            clock: Arc::new(api::SystemClock::default()),
            parallelism: None,
            directory: PathBuf::from("."),
            remote_states: None,
        }
    }
}

/// An object to be read back after it was written.
#[derive(Debug, Clone)]
pub struct ReadBack {
    /// The object.
    pub key: ObjectKey,
    /// The provider configuration.
    pub provider: ProviderAddr,
    /// The resource type.
    pub kind: Name,
    /// The object as far as it is known.
    pub value: Value,
    /// It was just created: it may stay invisible for a while.
    pub new: bool,
}

/// All provider configurations of one run.
#[derive(Debug)]
pub struct Providers {
    registry: Arc<Registry>,
    options: ProviderOptions,
    connections: Mutex<BTreeMap<ProviderAddr, Arc<Connection>>>,
    counts: Arc<Counts>,
    outage: api::Outage,
    pub(super) open: Open,
}

impl Providers {
    /// Describes a configuration without any call; nothing if there is no such provider.
    #[must_use]
    pub fn describe(&self, addr: &ProviderAddr, arguments: &Value) -> Option<Described> {
        let schema = self.registry.provider(&addr.name)?;
        Some(describe(&schema, arguments, &self.options))
    }

    /// Starts without any configuration.
    #[must_use]
    pub fn new(registry: Arc<Registry>, options: ProviderOptions) -> Self {
        Self {
            registry,
            options,
            connections: Mutex::default(),
            counts: Arc::default(),
            outage: api::Outage::default(),
            open: Open::default(),
        }
    }

    /// Returns the schemas.
    #[must_use]
    pub fn registry(&self) -> &Arc<Registry> {
        &self.registry
    }

    /// Returns the clock of this run.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn api::Clock> {
        &self.options.clock
    }

    /// Returns what the calls of this run wait for together while the state cannot be written.
    #[must_use]
    pub fn outage(&self) -> api::Outage {
        self.outage.clone()
    }

    /// Sets up a provider configuration with its evaluated arguments and says where it points.
    ///
    /// # Errors
    /// Everything that is wrong with the configuration.
    pub async fn configure(
        &self,
        addr: &ProviderAddr,
        arguments: &Value,
        stop: &api::Stop,
    ) -> Result<Target, Diagnostics> {
        let Some(schema) = self.registry.provider(&addr.name) else {
            let summary = format!("there is no provider `{}`", addr.name);
            return Err(Diagnostic::error(Code::UnknownProvider, summary)
                .hint("`queueform schema show` lists the types of all providers")
                .into());
        };
        let counts = Arc::clone(&self.counts);
        let connection = configure(addr, schema, arguments, &self.options, counts, stop).await?;
        let target = connection.target.clone();
        self.connections().insert(addr.clone(), Arc::new(connection));
        Ok(target)
    }

    /// Returns the arguments of a configuration as expressions of schemas see them, for
    /// [`settle`](crate::schema::scope::settle) and checks.
    #[must_use]
    pub fn arguments(&self, addr: &ProviderAddr) -> Option<Value> {
        self.connections().get(addr).map(|connection| connection.root().clone())
    }

    /// Returns where a configuration points.
    #[must_use]
    pub fn target(&self, addr: &ProviderAddr) -> Option<Target> {
        self.connections().get(addr).map(|connection| connection.target.clone())
    }

    fn connections(&self) -> MutexGuard<'_, BTreeMap<ProviderAddr, Arc<Connection>>> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn connection(&self, addr: &ProviderAddr) -> Result<Arc<Connection>, ProviderError> {
        let found = self.connections().get(addr).cloned();
        found.ok_or_else(|| ProviderError::NotConfigured(addr.clone()))
    }

    pub(super) fn schema(
        &self,
        kind: ResourceKind,
        name: &Name,
    ) -> Result<Arc<ResourceSchema>, ProviderError> {
        self.registry.resource(kind, name).ok_or_else(|| ProviderError::Unsupported {
            kind: Arc::clone(name),
            lacks: format!("is no {} type of any provider", kind.block()),
        })
    }

    /// Answers all [`Query::Refresh`] and [`Query::Import`] among the queries; others are left out.
    pub async fn refresh(&self, queries: Vec<Query>, stop: &api::Stop) -> Vec<(QueryKey, Answer)> {
        let mut imported: BTreeMap<ObjectKey, Arc<str>> = BTreeMap::new();
        let mut wanted = Vec::with_capacity(queries.len());
        for query in queries {
            match query {
                Query::Refresh { key, provider, kind, prior, mut needed } => {
                    // What should be is known of them without an argument of the configuration.
                    if let Some(schema) = self.registry.resource(ResourceKind::Managed, &kind) {
                        let derived = schema.attributes.iter().filter(|one| one.derived.is_some());
                        needed.extend(derived.map(|attribute| Arc::clone(&attribute.name)));
                    }
                    wanted.push((provider, kind, Wanted { key, prior, needed: Some(needed) }));
                }
                // Nothing is known of it yet, so everything is read.
                Query::Import { addr, provider, kind, id, known } => {
                    let key = ObjectKey { addr, deposed: None };
                    imported.insert(key.clone(), id);
                    wanted.push((provider, kind, Wanted { key, prior: known, needed: None }));
                }
                _ => {}
            }
        }
        let read = self.read(wanted, stop).await;
        read.into_iter()
            .map(|(key, answer)| match imported.get(&key) {
                Some(id) => (QueryKey::Import(key.addr, Arc::clone(id)), answer),
                None => (QueryKey::Refresh(key), answer),
            })
            .collect()
    }

    async fn read(
        &self,
        wanted: Vec<(ProviderAddr, Name, Wanted)>,
        stop: &api::Stop,
    ) -> Vec<(ObjectKey, Answer)> {
        let mut groups: BTreeMap<(ProviderAddr, Name), Vec<Wanted>> = BTreeMap::new();
        for (provider, kind, object) in wanted {
            groups.entry((provider, kind)).or_default().push(object);
        }
        let groups = groups.into_iter().map(|((provider, kind), group)| async move {
            let found = self
                .connection(&provider)
                .and_then(|connection| Ok((connection, self.schema(ResourceKind::Managed, &kind)?)));
            match found {
                Ok((connection, schema)) => bulk::objects(&connection, &schema, group, stop).await,
                Err(error) => {
                    let findings = error.diagnostics();
                    group
                        .into_iter()
                        .map(|object| (object.key, Ok(Answer::Failed(findings.clone()))))
                        .collect()
                }
            }
        });
        let mut read: Vec<(ObjectKey, Answer)> = join_all(groups)
            .await
            .into_iter()
            .flatten()
            .map(|(key, answer)| {
                let answer = answer.unwrap_or_else(|error| Answer::Failed(about(error.diagnostics(), &key)));
                (key, answer)
            })
            .collect();
        read.sort_by(|(a, _), (b, _)| a.cmp(b));
        read
    }

    /// Reads objects back after they were written, in bulk. A new object that is not visible yet is looked for
    /// again for as long as its schema says.
    pub async fn read_back(&self, objects: Vec<ReadBack>, stop: &api::Stop) -> Vec<(ObjectKey, Answer)> {
        let mut open: BTreeMap<ObjectKey, ReadBack> =
            objects.into_iter().map(|object| (object.key.clone(), object)).collect();
        let mut answers: BTreeMap<ObjectKey, Answer> = BTreeMap::new();
        let mut patience = Patience::new(&*self.options.clock);
        for pause in Pauses::default() {
            let wanted = open.values().map(|object| {
                let wanted = Wanted { key: object.key.clone(), prior: object.value.clone(), needed: None };
                (object.provider.clone(), Arc::clone(&object.kind), wanted)
            });
            let read = self.read(wanted.collect(), stop).await;
            let waited = patience.passed(&*self.options.clock);
            for (key, answer) in read {
                let invisible = matches!(answer, Answer::Gone);
                let patient = open.get(&key).filter(|object| object.new).is_some_and(|object| {
                    let schema = self.registry.resource(ResourceKind::Managed, &object.kind);
                    schema.is_some_and(|schema| waited < schema.visible_within)
                });
                if !(invisible && patient) {
                    open.remove(&key);
                }
                answers.insert(key, answer);
            }
            patience.pause(pause);
            if open.is_empty() || stop.sleep(&*self.options.clock, pause).await.is_err() {
                break;
            }
        }
        answers.into_iter().collect()
    }

    /// Returns which of some objects of one type exist before they are created, so that an object that was there
    /// already is never taken for one that was created.
    ///
    /// # Errors
    /// If that cannot be told.
    pub async fn existing(
        &self,
        provider: &ProviderAddr,
        kind: &Name,
        objects: Vec<(ObjectKey, Value)>,
        stop: &api::Stop,
    ) -> Result<Vec<ObjectKey>, ProviderError> {
        let connection = self.connection(provider)?;
        let schema = self.schema(ResourceKind::Managed, kind)?;
        let wanted = objects
            .into_iter()
            .map(|(key, prior)| Wanted { key, prior, needed: Some(BTreeSet::new()) })
            .collect();
        bulk::existing(&connection, &schema, wanted, stop).await
    }

    /// Answers any query, also the kinds that otherwise come in bulk.
    pub async fn answer(&self, query: &Query, stop: &api::Stop) -> Answer {
        let answer = match query {
            Query::Configure { provider, arguments } => {
                return match self.configure(provider, arguments, stop).await {
                    Ok(target) => Answer::Configured(target),
                    Err(findings) => Answer::Failed(findings),
                };
            }
            Query::Refresh { .. } | Query::Import { .. } => {
                let mut read = self.refresh(vec![query.clone()], stop).await;
                return match read.pop() {
                    Some((_, answer)) => answer,
                    None => Answer::Gone,
                };
            }
            Query::Data { addr, provider, arguments } => {
                self.read_data(provider, &addr.resource.kind, arguments, stop).await
            }
            Query::Ephemeral { addr, provider, arguments } => {
                self.open_ephemeral(addr, provider, arguments, stop).await
            }
            Query::Guard { key, provider, kind, guard, prior, planned, managed } => {
                return self
                    .observe(
                        provider,
                        (ResourceKind::of(key.addr.resource.mode), kind),
                        guard,
                        prior,
                        planned.as_ref(),
                        managed,
                        stop,
                    )
                    .await
                    .unwrap_or_else(|error| Answer::Unobserved { reason: error.to_string() });
            }
            Query::Check { addr, provider, kind, check, planned, prior } => {
                self.check_one(addr, provider, kind, check, planned, prior.as_ref(), stop).await
            }
            Query::Room { room, scope, parent, fresh } => {
                self.room(room, &Room { scope, parent: parent.as_ref(), fresh: *fresh }, stop).await
            }
        };
        answer.unwrap_or_else(|error| Answer::Failed(error.diagnostics()))
    }

    /// Reads a data source: [`Answer::Data`].
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn read_data(
        &self,
        provider: &ProviderAddr,
        kind: &Name,
        arguments: &Value,
        stop: &api::Stop,
    ) -> Result<Answer, ProviderError> {
        let connection = self.connection(provider)?;
        let schema = self.schema(ResourceKind::Data, kind)?;
        if schema.reads_state {
            return Ok(remote_state::read(arguments.clone(), &self.options).await);
        }
        look::data(&connection, &schema, arguments, stop).await
    }

    /// Observes what a guard asks for.
    ///
    /// # Errors
    /// If there is no such guard. A guard that could not look is [`Answer::Unobserved`].
    #[expect(clippy::too_many_arguments, reason = "the parts of a guard query")]
    pub async fn observe(
        &self,
        provider: &ProviderAddr,
        (of, kind): (ResourceKind, &Name),
        guard: &Name,
        prior: &Value,
        planned: Option<&Value>,
        managed: &BTreeMap<Name, BTreeSet<Arc<str>>>,
        stop: &api::Stop,
    ) -> Result<Answer, ProviderError> {
        let connection = self.connection(provider)?;
        let schema = self.schema(of, kind)?;
        let found = schema.guards.iter().find(|found| found.name == *guard);
        let found = found.ok_or_else(|| ProviderError::Unsupported {
            kind: Arc::clone(kind),
            lacks: format!("has no guard `{guard}`"),
        })?;
        Ok(look::guard(&connection, &schema, found, &Watched { prior, planned, managed }, stop).await)
    }

    async fn room(&self, key: &RoomKey, room: &Room<'_>, stop: &api::Stop) -> Result<Answer, ProviderError> {
        let connection = self.connection(&key.provider)?;
        let schema = self.schema(ResourceKind::Managed, &key.kind)?;
        let capacity = schema.capacities.iter().find(|capacity| capacity.name == key.capacity);
        let capacity = capacity.ok_or_else(|| ProviderError::Unsupported {
            kind: Arc::clone(&key.kind),
            lacks: format!("has no capacity `{}`", key.capacity),
        })?;
        room::left(&connection, &schema, capacity, room, stop).await
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of a check query")]
    async fn check_one(
        &self,
        addr: &crate::addr::InstanceAddr,
        provider: &ProviderAddr,
        kind: &Name,
        check: &Name,
        planned: &Value,
        prior: Option<&Value>,
        stop: &api::Stop,
    ) -> Result<Answer, ProviderError> {
        let connection = self.connection(provider)?;
        let schema = self.schema(ResourceKind::of(addr.resource.mode), kind)?;
        let rule = schema.checks.iter().find(|rule| rule.name == *check);
        let rule = rule.ok_or_else(|| ProviderError::Unsupported {
            kind: Arc::clone(kind),
            lacks: format!("has no check `{check}`"),
        })?;
        let findings = look::check(&connection, &schema, rule, addr, planned, prior, stop).await?;
        Ok(Answer::Checked(findings))
    }

    /// Carries out one step of an operation. `on_answer` is called the moment an answer arrived, and awaited
    /// before anything is waited for.
    ///
    /// # Errors
    /// Why the step did not succeed; [`ProviderError::may_have_changed`] tells what that means.
    pub async fn run_step(
        &self,
        request: &StepRequest<'_>,
        stop: &api::Stop,
        on_answer: &mut (dyn FnMut(StepNote) -> Recorded + Send),
    ) -> Result<StepAnswer, ProviderError> {
        let connection = self.connection(request.provider)?;
        write::run(&connection, request, stop, on_answer).await
    }

    /// Waits again for a step whose answer is known: `planned` holds what the answer set.
    ///
    /// # Errors
    /// As [`Providers::run_step`].
    pub async fn resume_wait(
        &self,
        request: &StepRequest<'_>,
        stop: &api::Stop,
    ) -> Result<StepAnswer, ProviderError> {
        let connection = self.connection(request.provider)?;
        write::resume(&connection, request, stop).await
    }

    /// Looks for an object of which it is not known whether it was created.
    ///
    /// # Errors
    /// If it cannot be looked for.
    pub async fn find(
        &self,
        request: &FindRequest<'_>,
        stop: &api::Stop,
    ) -> Result<Vec<Candidate>, ProviderError> {
        let connection = self.connection(request.provider)?;
        find::find(&connection, request, stop).await
    }

    /// Returns the figures so far.
    #[must_use]
    pub fn stats(&self) -> ProviderStats {
        let retries = self.connections().values().map(|connection| connection.retries()).sum();
        ProviderStats { retries, ..self.counts.get() }
    }
}

/// Names the object that findings are about.
fn about(findings: Diagnostics, key: &ObjectKey) -> Diagnostics {
    findings
        .into_iter()
        .map(|found| Diagnostic { addr: found.addr.clone().or_else(|| Some(key.addr.clone())), ..found })
        .collect()
}
