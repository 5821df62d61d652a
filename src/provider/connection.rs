//! A provider configuration that was set up: calls of schemas become requests, answers become values.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use tokio::sync::OnceCell;

use crate::addr::ProviderAddr;
use crate::api;
use crate::diag::Diagnostics;
use crate::plan::Target;
use crate::schema::Call;
use crate::schema::ProviderSchema;
use crate::schema::ResourceSchema;
use crate::schema::scope::Frame;
use crate::schema::scope::OperationKind;
use crate::schema::scope::Root;
use crate::value::Data;
use crate::value::Fields;
use crate::value::Type;
use crate::value::Value;
use crate::value::convert;
use crate::value::from_implied_json;

use super::ProviderError;
use super::places::Places;
use super::stats::Counts;
use super::stats::Purpose;
use super::steps::is_one_of;

/// A provider configuration that can be worked with.
pub(super) struct Connection {
    pub(super) addr: ProviderAddr,
    pub(super) schema: Arc<ProviderSchema>,
    pub(super) target: Target,
    client: Option<api::Client>,
    places: Places,
    root: Value,
    lookups: Mutex<BTreeMap<String, Arc<OnceCell<Value>>>>,
    counts: Arc<Counts>,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("addr", &self.addr)
            .field("target", &self.target)
            .finish_non_exhaustive()
    }
}

/// What a call is for: texts of messages, counters, conditions.
#[derive(Debug, Clone)]
pub(super) struct About {
    /// A verb phrase: "create `dms_rocketmq_topic.orders`".
    pub(super) doing: String,
    /// For statistics: "create `dms_rocketmq_topic`".
    pub(super) kind: String,
    pub(super) purpose: Purpose,
    /// The operation of a writing call.
    pub(super) operation: Option<OperationKind>,
    pub(super) idempotent: bool,
    pub(super) fence: Option<api::Fence>,
}

impl About {
    /// A call that only looks.
    pub(super) fn reading(verb: &str, schema: &ResourceSchema, subject: &str, purpose: Purpose) -> Self {
        let doing = if subject.is_empty() {
            format!("{verb} `{}`", schema.type_name)
        } else {
            format!("{verb} `{}` `{subject}`", schema.type_name)
        };
        Self {
            doing,
            kind: format!("{verb} {}", schema.type_name),
            purpose,
            operation: None,
            idempotent: true,
            fence: None,
        }
    }

    fn sent(&self) -> bool {
        self.purpose == Purpose::Write
    }

    /// Wraps findings made before the call.
    pub(super) fn before(&self, findings: Diagnostics) -> ProviderError {
        ProviderError::Schema { doing: self.doing.clone(), findings, sent: false }
    }

    /// Wraps findings made on the answer.
    pub(super) fn after(&self, findings: Diagnostics) -> ProviderError {
        ProviderError::Schema { doing: self.doing.clone(), findings, sent: self.sent() }
    }

    /// The request cannot be made.
    pub(super) fn unsent(&self, reason: impl Into<String>) -> ProviderError {
        ProviderError::Answer { doing: self.doing.clone(), reason: reason.into(), sent: false }
    }

    /// The answer is not what it should be.
    pub(super) fn answer(&self, reason: impl Into<String>) -> ProviderError {
        ProviderError::Answer { doing: self.doing.clone(), reason: reason.into(), sent: self.sent() }
    }
}

impl Connection {
    pub(super) fn new(
        addr: ProviderAddr,
        schema: Arc<ProviderSchema>,
        client: Option<api::Client>,
        places: Places,
        root: Value,
        target: Target,
        counts: Arc<Counts>,
    ) -> Self {
        Self { addr, schema, target, client, places, root, lookups: Mutex::default(), counts }
    }

    /// The frame that expressions of a resource type start from.
    pub(super) fn frame<'s>(&self, schema: &'s ResourceSchema) -> Frame<'s> {
        Frame::of(schema)
            .running()
            .with(Root::Provider, self.root.clone())
            .with(Root::Prior, Value::null())
            .with(Root::Current, Value::null())
    }

    /// The arguments of the configuration.
    pub(super) fn root(&self) -> &Value {
        &self.root
    }

    /// Where calls go.
    pub(super) fn places(&self) -> &Places {
        &self.places
    }

    pub(super) fn client(&self) -> Result<&api::Client, ProviderError> {
        self.client.as_ref().ok_or_else(|| ProviderError::NotConfigured(self.addr.clone()))
    }

    /// The clock; the machine's for a provider without calls.
    pub(super) fn clock(&self) -> Arc<dyn api::Clock> {
        match &self.client {
            Some(client) => Arc::clone(client.clock()),
            None => Arc::new(api::SystemClock::default()),
        }
    }

    pub(super) fn retries(&self) -> u64 {
        self.client.as_ref().map_or(0, |client| client.stats().retries)
    }

    /// Sends a request and reads the answer as a value.
    pub(super) async fn send(
        &self,
        request: &api::Request,
        about: &About,
        stop: &api::Stop,
    ) -> Result<Value, ProviderError> {
        Ok(self.exchange(request, about, stop).await?.0)
    }

    /// Sends a request and returns the answer with the service's id of the call.
    pub(super) async fn exchange(
        &self,
        request: &api::Request,
        about: &About,
        stop: &api::Stop,
    ) -> Result<(Value, Option<String>), ProviderError> {
        self.counts.add(about.purpose);
        let response = self.client()?.send(request, stop).await?;
        let body = self.schema.envelope.opened(response.body);
        let value = from_implied_json(&body).map_err(|error| about.answer(error.message))?;
        Ok((value, response.request_id))
    }

    /// Makes a call without pages.
    pub(super) async fn call(
        &self,
        schema: &ResourceSchema,
        call: &Call,
        frame: &Frame<'_>,
        about: &About,
        stop: &api::Stop,
    ) -> Result<Value, ProviderError> {
        match self.request(schema, call, frame, about)? {
            Some(request) => self.send(&request, about, stop).await,
            None => Ok(Value::null()),
        }
    }

    /// Returns the frame with the lookups that expressions refer to; each distinct call is made once.
    pub(super) async fn with_lookups<'s>(
        &self,
        schema: &'s ResourceSchema,
        frame: Frame<'s>,
        names: impl IntoIterator<Item = crate::syntax::ast::Name>,
        stop: &api::Stop,
    ) -> Result<Frame<'s>, ProviderError> {
        let mut fetched: Fields =
            frame.get(Root::Lookup).and_then(Value::fields).cloned().unwrap_or_default();
        for name in names {
            let Some(lookup) = schema.lookup(&name).filter(|_| !fetched.contains_key(&name)) else {
                continue;
            };
            let about = About::reading("look up", schema, &name, Purpose::Read);
            let Some(request) = self.request(schema, &lookup.call, &frame, &about)? else { continue };
            let key = format!(
                "{} {} {} {:?} {:?}",
                schema.type_name, name, request.endpoint, request.path, request.query
            );
            let cell = {
                let mut cells = self.lookups.lock().unwrap_or_else(PoisonError::into_inner);
                Arc::clone(cells.entry(key).or_default())
            };
            let value = cell
                .get_or_try_init(|| async {
                    let answer = super::pages::answer(self, schema, &lookup.call, &frame, &about, stop).await;
                    let (response, items) = match answer {
                        Err(error) if is_one_of(&error, &lookup.tolerate) => return Ok(Value::null()),
                        answer => answer?,
                    };
                    let mut frame = frame.clone().with(Root::Response, response);
                    frame.set(Root::Items, items.unwrap_or_else(Value::null));
                    match frame.found(&lookup.value).map_err(|findings| about.after(findings))? {
                        Some(value) => Ok(value),
                        None => Err(about.answer("the answer lacks what is looked for")),
                    }
                })
                .await?;
            fetched.insert(name, value.clone());
        }
        Ok(frame.with(Root::Lookup, Value::object(fetched)))
    }

    pub(super) async fn sleep(&self, pause: Duration, stop: &api::Stop) -> Result<(), api::Stopped> {
        stop.sleep(&*self.clock(), pause).await
    }
}

/// Reads a whole number.
pub(super) fn whole_number(value: &Value) -> Option<u64> {
    let (value, _) = value.clone().unmark_deep();
    match convert(&value, &Type::Number).ok()?.data() {
        Data::Number(number) => number.to_u64(),
        _ => None,
    }
}
