//! One call: guards observed again, the intent durable, the call, its answer durable, its waiter.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use crate::addr::ProviderAddr;
use crate::api::Closed;
use crate::api::Fence;
use crate::api::Stop;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::plan::Answer as PlanAnswer;
use crate::plan::StepId;
use crate::plan::with_attributes;
use crate::plan::with_last;
use crate::provider::FindRequest;
use crate::provider::ProviderError;
use crate::provider::Providers;
use crate::provider::Recorded;
use crate::provider::StepAnswer;
use crate::provider::StepNote;
use crate::provider::StepRequest;
use crate::schema::ResourceSchema;
use crate::schema::scope::OperationKind;
use crate::schema::scope::advance;
use crate::schema::scope::operation;
use crate::state::Answer;
use crate::state::Attributes;
use crate::state::Intent;
use crate::state::ObjectRef;
use crate::state::journal::Record;
use crate::state::store::Lease;
use crate::state::store::Ledger;
use crate::state::store::StoreError;
use crate::syntax::ast::Name;
use crate::value::Value;

use super::object::encode;
use super::object::timestamp;

/// Between the first two looks at what a step waits for; then twice as long each time, up to the second.
const BETWEEN_LOOKS: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(15)];

/// A guard to be observed before the call.
#[derive(Debug)]
pub(super) struct GuardCheck {
    pub name: Name,
    pub allowed: u64,
}

/// Everything one call needs.
#[derive(Debug)]
pub(super) struct CallTask {
    pub step: StepId,
    pub target: ObjectRef,
    pub provider: ProviderAddr,
    pub schema: Arc<ResourceSchema>,
    pub subject: String,
    pub operation: OperationKind,
    pub index: usize,
    /// The object as planned, with what is only written.
    pub planned: Value,
    pub prior: Option<Value>,
    pub current: Value,
    /// What guards compare with: the object as it should be; none if it goes.
    pub after: Option<Value>,
    pub timeout: Duration,
    /// Wait so long first: the object before was deleted a moment ago.
    pub cool_down: Duration,
    pub guards: Vec<GuardCheck>,
    /// Guards that must find nothing any more, and how long that may take.
    pub waits: Vec<Name>,
    pub patience: Duration,
    pub managed: BTreeMap<Name, BTreeSet<Arc<str>>>,
    /// None for a step that calls nobody.
    pub intent: Option<Box<Intent>>,
    /// Look first which objects there are under the natural key.
    pub look: bool,
    /// Digests to keep.
    pub stored: Option<Attributes>,
}

/// How a call ended.
#[derive(Debug)]
pub(super) struct CallEnd {
    pub step: StepId,
    pub result: Result<StepAnswer, CallError>,
    /// The number of the intent, if it was written.
    pub intent: Option<u64>,
    /// What the answers set, if there was one.
    pub noted: Option<Value>,
}

/// Why a call did not succeed.
#[derive(Debug)]
pub(super) enum CallError {
    /// A guard forbids it; nothing was sent.
    Denied(Diagnostic),
    /// What it waits for has not happened yet; nothing was sent. Says what that is.
    PutOff(String),
    /// It could not be prepared; nothing was sent.
    Unprepared(Diagnostics),
    /// The intent could not be made durable; nothing was sent.
    Journal(StoreError),
    /// The step failed.
    Provider(ProviderError),
}

impl CallTask {
    /// Makes the call.
    pub(super) async fn run(mut self, providers: &Providers, ledger: &Arc<Ledger>, stop: &Stop) -> CallEnd {
        let mut end = CallEnd {
            step: self.step,
            result: Err(CallError::Unprepared(Diagnostics::new())),
            intent: None,
            noted: None,
        };
        if let Err(error) = self.prepare(providers, stop).await {
            end.result = Err(error);
            return end;
        }
        if let Some(mut intent) = self.intent.take() {
            intent.at = timestamp(&**providers.clock());
            let ticket = ledger.append(vec![Record::Intent(intent)]);
            if let Err(error) = ticket.clone().await {
                end.result = Err(CallError::Journal(error));
                return end;
            }
            end.intent = Some(ticket.first());
        }
        let sequence = end.intent;
        let mut noted = None;
        let result = {
            let kind = self.operation;
            let base = match (kind, operation(&self.schema, kind)) {
                (OperationKind::Update, Some(operation)) => {
                    advance(kind, operation, self.index, &self.current, &self.planned)
                }
                _ => self.planned.clone(),
            };
            let (schema, target, stored) = (&self.schema, &self.target, self.stored.as_ref());
            let noted = &mut noted;
            let mut on_answer = |note: StepNote| -> Recorded {
                *noted = Some(note.set.clone());
                let Some(sequence) = sequence else { return Box::pin(std::future::ready(Ok(()))) };
                let set = note.set.fields().cloned().unwrap_or_default();
                let attributes = match kind {
                    OperationKind::Delete => None,
                    OperationKind::Create | OperationKind::Update | OperationKind::Invoke => {
                        match encode(schema, &with_attributes(&base, set), stored, ledger.keeps_secrets()) {
                            Ok(attributes) => Some(attributes),
                            Err(error) => {
                                return Box::pin(std::future::ready(Err(error.to_string())));
                            }
                        }
                    }
                };
                let record = Record::Answer(Box::new(Answer {
                    intent: sequence,
                    target: target.clone(),
                    id: note.id.map(Arc::from),
                    job: None,
                    attributes,
                    call: Some(note.call.into()),
                    request_id: note.request_id.map(Arc::from),
                    at: timestamp(&**providers.clock()),
                }));
                let ticket = ledger.append(vec![record]);
                Box::pin(async move { ticket.await.map_err(|error| error.to_string()) })
            };
            let request = StepRequest {
                provider: &self.provider,
                schema: &self.schema,
                subject: &self.subject,
                operation: self.operation,
                index: self.index,
                planned: &self.planned,
                prior: self.prior.as_ref(),
                current: &self.current,
                timeout: self.timeout,
                fence: sequence.map(|_| fence(ledger).during(providers.outage())),
            };
            providers.run_step(&request, stop, &mut on_answer).await
        };
        end.noted = noted;
        end.result = result.map_err(CallError::Provider);
        end
    }

    /// Looks at what must hold before anything is sent.
    async fn prepare(&mut self, providers: &Providers, stop: &Stop) -> Result<(), CallError> {
        if !self.cool_down.is_zero() {
            let slept = stop.sleep(&**providers.clock(), self.cool_down).await;
            let stopped = |_| ProviderError::Stopped { subject: self.subject.clone(), pending: false };
            slept.map_err(|error| CallError::Provider(stopped(error)))?;
        }
        for guard in &self.guards {
            // What does not exist yet is looked at as it will be.
            let prior = self.prior.as_ref().or(self.after.as_ref()).cloned().unwrap_or_else(Value::null);
            let seen = providers
                .observe(
                    &self.provider,
                    (self.schema.kind, &self.schema.type_name),
                    &guard.name,
                    &prior,
                    self.after.as_ref(),
                    &self.managed,
                    stop,
                )
                .await
                .map_err(CallError::Provider)?;
            self.judge(guard, &seen, &timestamp(&**providers.clock()))?;
        }
        for guard in &self.waits {
            self.wait_for(guard, providers, stop).await?;
        }
        if self.look
            && let Some(intent) = &mut self.intent
        {
            let request =
                FindRequest { provider: &self.provider, schema: &self.schema, planned: &self.planned };
            let found = providers.find(&request, stop).await.map_err(CallError::Provider)?;
            intent.seen = found.into_iter().map(|candidate| Arc::from(candidate.id)).collect();
        }
        Ok(())
    }

    /// Looks until a guard finds nothing any more, for as long as it may take.
    async fn wait_for(&self, guard: &Name, providers: &Providers, stop: &Stop) -> Result<(), CallError> {
        let clock = providers.clock();
        let begin = clock.elapsed();
        let prior = self.prior.clone().unwrap_or_else(Value::null);
        let [mut pause, longest] = BETWEEN_LOOKS;
        loop {
            let kind = &self.schema.type_name;
            let after = self.after.as_ref();
            let seen = providers
                .observe(&self.provider, (self.schema.kind, kind), guard, &prior, after, &self.managed, stop)
                .await;
            let reason = match seen {
                Ok(PlanAnswer::Observed { count: 0, .. }) => return Ok(()),
                Ok(PlanAnswer::Observed { message, .. }) => message,
                Ok(PlanAnswer::Unobserved { reason }) => reason,
                Ok(_) => "it could not be observed".to_owned(),
                Err(error) => error.to_string(),
            };
            let left = self.patience.saturating_sub(clock.elapsed().saturating_sub(begin));
            if left.is_zero() || stop.sleep(&**clock, left.min(pause)).await.is_err() {
                return Err(CallError::PutOff(reason));
            }
            pause = (pause * 2).min(longest);
        }
    }

    fn judge(&self, guard: &GuardCheck, seen: &PlanAnswer, now: &str) -> Result<(), CallError> {
        let denied = |code: Code, text: String| {
            Err(CallError::Denied(
                Diagnostic::error(code, format!("`{}` was left alone: {text}", self.subject))
                    .about(self.target.addr.clone())
                    .detail(format!(
                        "The guard `{}` was observed again immediately before the call.",
                        guard.name
                    ))
                    .hint("plan again: it shows what would be lost now, and how to allow it"),
            ))
        };
        match seen {
            PlanAnswer::Observed { count, .. } if *count <= guard.allowed => Ok(()),
            PlanAnswer::Observed { message, last, .. } => {
                denied(Code::GuardDenied, with_last(message, *last, now))
            }
            _ if guard.allowed == u64::MAX => Ok(()),
            PlanAnswer::Unobserved { reason } => {
                denied(Code::GuardUnobserved, format!("what would be lost could not be observed ({reason})"))
            }
            _ => denied(Code::GuardUnobserved, "what would be lost could not be observed".to_owned()),
        }
    }
}

/// No call begins with less time than this for its answer: it would only be in doubt afterwards.
const LEAST: Duration = Duration::from_secs(1);

/// A mutating call starts only while the right to write lasts, and takes no longer than that. A lease that is about to end
/// is renewed, or the connection that holds the lock is made anew: the call waits for that.
fn fence(ledger: &Arc<Ledger>) -> Fence {
    let ledger = Arc::clone(ledger);
    Fence::new(move |wanted| match ledger.fence() {
        Ok(Lease::Unlimited) => Ok(wanted),
        Ok(Lease::For(left)) if left >= wanted.min(LEAST) => Ok(wanted.min(left)),
        Ok(Lease::For(left)) => {
            Err(Closed::ForNow(format!("the right to write the state ends in {} s", left.as_secs())))
        }
        Err(error @ StoreError::Engine { .. }) => Err(Closed::ForNow(error.to_string())),
        Err(error) => Err(Closed::ForGood(error.to_string())),
    })
}
