//! An emulator, a provider configuration that points at it, and objects by a few words.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use queueform::addr::ProviderAddr;
use queueform::addr::ResourceAddr;
use queueform::api::Stop;
use queueform::api::SystemClock;
use queueform::emulator::DEMO_ACCESS_KEY;
use queueform::emulator::DEMO_PROJECT_ID;
use queueform::emulator::DEMO_REGION;
use queueform::emulator::DEMO_SECRET_KEY;
use queueform::emulator::Emulator;
use queueform::emulator::Fault;
use queueform::emulator::FaultRule;
use queueform::emulator::Options;
use queueform::emulator::Running;
use queueform::emulator::System;
use queueform::emulator::dms;
use queueform::plan::Answer;
use queueform::plan::Answers;
use queueform::plan::ObjectKey;
use queueform::plan::Query;
use queueform::plan::QueryKey;
use queueform::provider::EmulatedEndpoint;
use queueform::provider::ProviderError;
use queueform::provider::ProviderOptions;
use queueform::provider::Providers;
use queueform::provider::ReadBack;
use queueform::provider::StepAnswer;
use queueform::provider::StepNote;
use queueform::provider::StepRequest;
use queueform::refresh;
use queueform::schema::Registry;
use queueform::schema::ResourceKind;
use queueform::schema::ResourceSchema;
use queueform::schema::scope;
use queueform::schema::scope::OperationKind;
use queueform::value::Value;

pub(super) struct Rig {
    pub(super) emulator: Running,
    pub(super) providers: Providers,
    pub(super) addr: ProviderAddr,
    pub(super) stop: Stop,
    /// What answers said, in order.
    pub(super) notes: Arc<Mutex<Vec<StepNote>>>,
}

pub(super) fn emulated(emulator: &Running) -> BTreeMap<String, EmulatedEndpoint> {
    let texts = |pairs: &[(&str, &str)]| {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    let url = emulator.endpoint(System::Dms);
    let endpoint = EmulatedEndpoint {
        arguments: texts(&[
            ("endpoint", url),
            ("auth_url", url),
            ("access_key", DEMO_ACCESS_KEY),
            ("secret_key", DEMO_SECRET_KEY),
            ("project_id", DEMO_PROJECT_ID),
        ]),
        defaults: texts(&[("cloud", "sbercloud"), ("region", DEMO_REGION)]),
    };
    BTreeMap::from([("dms".to_owned(), endpoint)])
}

pub(super) fn options(emulator: &Running) -> ProviderOptions {
    ProviderOptions {
        emulated: emulated(emulator),
        clock: Arc::new(SystemClock::scaled(0.001)),
        ..ProviderOptions::default()
    }
}

impl Rig {
    pub(super) async fn start() -> Self {
        let emulator = Emulator::start(Options::default()).await.unwrap();
        let providers = Providers::new(Arc::new(Registry::embedded()), options(&emulator));
        let addr = ProviderAddr::default_of("dms");
        let stop = Stop::never();
        providers.configure(&addr, &object(&[]), &stop).await.unwrap();
        Self { emulator, providers, addr, stop, notes: Arc::default() }
    }

    pub(super) fn dms(&self) -> &dms::Handle {
        self.emulator.store().dms()
    }

    pub(super) fn fault(&self, rule: FaultRule) {
        self.emulator.store().add_fault(System::Dms, rule);
    }

    pub(super) fn throttle(&self, every: u64) {
        self.fault(FaultRule::new(Fault::Throttle).every(every));
    }

    /// Calls so far, as `GET 200 /v2/…`.
    pub(super) fn calls(&self) -> Vec<String> {
        let calls = self.emulator.store().calls(System::Dms);
        calls.iter().map(|call| format!("{} {} {}", call.method, call.status, call.path)).collect()
    }

    pub(super) fn schema(&self, kind: &str) -> Arc<ResourceSchema> {
        self.providers.registry().resource(ResourceKind::Managed, kind).unwrap()
    }

    /// The query for an object of which only the id is known.
    pub(super) fn refresh_query(&self, kind: &str, name: &str, id: &str, needed: &[&str]) -> Query {
        let schema = self.schema(kind);
        Query::Refresh {
            key: key(kind, name),
            provider: self.addr.clone(),
            kind: Arc::from(kind),
            prior: scope::from_identity(&schema, id).unwrap(),
            needed: needed.iter().map(|name| Arc::from(*name)).collect::<BTreeSet<_>>(),
        }
    }

    pub(super) async fn answer(&self, queries: Vec<Query>) -> Answers {
        refresh::answer(queries, &self.providers, &self.stop).await
    }

    /// Refreshes one object.
    pub(super) async fn refresh(&self, kind: &str, id: &str, needed: &[&str]) -> Answer {
        let query = self.refresh_query(kind, "one", id, needed);
        let key = query.key();
        self.answer(vec![query]).await.get(&key).unwrap().clone()
    }

    /// The arguments of the provider configuration.
    pub(super) fn arguments(&self) -> Value {
        self.providers.arguments(&self.addr).unwrap()
    }

    /// Carries out all steps of an operation and returns the object as read back; none for a deletion.
    pub(super) async fn operate(
        &self,
        operation: OperationKind,
        kind: &str,
        config: &Value,
        prior: Option<&Value>,
    ) -> Result<Option<Value>, ProviderError> {
        let schema = self.schema(kind);
        let arguments = self.providers.arguments(&self.addr).unwrap();
        let completed = crate::support::proposed(&schema, config, prior, &arguments);
        let (mut planned, sent) = match operation {
            OperationKind::Delete => (prior.unwrap().clone(), prior.unwrap().clone()),
            OperationKind::Create | OperationKind::Update | OperationKind::Invoke => {
                (completed.value, completed.sent)
            }
        };
        let steps = scope::settle(operation, &schema, &sent, prior, &arguments).unwrap();
        let mut current = prior.cloned().unwrap_or_else(Value::null);
        for step in steps {
            let request = StepRequest {
                provider: &self.addr,
                schema: &schema,
                subject: "it",
                operation,
                index: step.index,
                planned: &planned,
                prior,
                current: &current,
                timeout: Duration::from_mins(50),
                fence: None,
            };
            let answer = self.step(&request).await?;
            planned = answer.planned;
            current = answer.current;
        }
        if operation == OperationKind::Delete {
            return Ok(None);
        }
        let object = ReadBack {
            key: key(kind, "one"),
            provider: self.addr.clone(),
            kind: Arc::from(kind),
            value: planned,
            new: operation == OperationKind::Create,
        };
        let read = self.providers.read_back(vec![object], &self.stop).await;
        match &read.first().unwrap().1 {
            Answer::Found { value, .. } => Ok(Some(value.clone())),
            other => panic!("not read back: {other:?}"),
        }
    }

    pub(super) async fn step(&self, request: &StepRequest<'_>) -> Result<StepAnswer, ProviderError> {
        let notes = Arc::clone(&self.notes);
        let mut on_answer = move |note: StepNote| -> queueform::provider::Recorded {
            notes.lock().unwrap().push(note);
            Box::pin(async { Ok(()) })
        };
        self.providers.run_step(request, &self.stop, &mut on_answer).await
    }
}

pub(super) fn key(kind: &str, name: &str) -> ObjectKey {
    let resource = ResourceAddr {
        module: queueform::addr::ModuleInstance::default(),
        mode: queueform::addr::Mode::Managed,
        kind: Arc::from(kind),
        name: Arc::from(name),
    };
    ObjectKey { addr: resource.instance(None), deposed: None }
}

pub(super) fn refresh_key(kind: &str, name: &str) -> QueryKey {
    QueryKey::Refresh(key(kind, name))
}

pub(super) fn object(fields: &[(&str, Value)]) -> Value {
    Value::object(fields.iter().map(|(name, value)| (*name, value.clone())))
}

pub(super) fn text(value: &str) -> Value {
    Value::string(value)
}

/// The object that was found.
pub(super) fn found(answer: &Answer) -> &Value {
    match answer {
        Answer::Found { value, .. } => value,
        other => panic!("not found: {other:?}"),
    }
}

/// An attribute as text, for assertions.
pub(super) fn attribute(object: &Value, name: &str) -> String {
    let (value, _) = object.get(name).unwrap().clone().unmark_deep();
    queueform::value::to_json(&value).unwrap().to_string()
}
