//! The records of a journal.

use std::sync::Arc;

use serde::Deserialize;
use serde::Serialize;

use crate::addr::InstanceAddr;
use crate::addr::ProviderAddr;
use crate::state::Answer;
use crate::state::CheckResult;
use crate::state::DeposedKey;
use crate::state::Due;
use crate::state::Identity;
use crate::state::Instance;
use crate::state::Intent;
use crate::state::Lineage;
use crate::state::Object;
use crate::state::ObjectRef;
use crate::state::Output;
use crate::state::Status;

/// One record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Record {
    /// A run starts.
    Run(RunHeader),
    /// A call to a remote system is about to be made; durable before the call.
    Intent(Box<Intent>),
    /// The remote system answered.
    Answer(Box<Answer>),
    /// The effect of the call is known.
    Outcome(Box<Outcome>),
    /// An object is as given, without a call of its own: imported, read, refreshed, tainted, protected.
    Put(Box<Put>),
    /// An object is no longer managed.
    Forget(ObjectRef),
    /// Everything under an address moves to another one.
    Moved {
        /// The address that becomes free.
        #[serde(with = "crate::state::forms::text")]
        from: InstanceAddr,
        /// The new address.
        #[serde(with = "crate::state::forms::text")]
        to: InstanceAddr,
    },
    /// Everything under several addresses moves at once: all of it, or nothing. An address may become free and be taken
    /// by the same record.
    Moves(Vec<MovedPair>),
    /// The current object of an address is set aside for its replacement.
    Deposed {
        /// The address.
        #[serde(with = "crate::state::forms::text")]
        addr: InstanceAddr,
        /// The key it is kept under.
        key: DeposedKey,
    },
    /// A deposed object becomes the current one again: its replacement could not be created.
    Restored {
        /// The address.
        #[serde(with = "crate::state::forms::text")]
        addr: InstanceAddr,
        /// The key it was kept under.
        key: DeposedKey,
    },
    /// An output has a new value, or is gone.
    Output {
        /// Its name.
        name: Arc<str>,
        /// Its value.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        output: Option<Output>,
    },
    /// The results of all conditions and checks.
    Checks(Vec<CheckResult>),
    /// Where the objects of a provider configuration live.
    Pin {
        /// The provider configuration.
        #[serde(with = "crate::state::forms::provider")]
        provider: ProviderAddr,
        /// Its target.
        identity: Identity,
    },
    /// A step of a plan that needs no call is done.
    Step {
        /// The plan.
        plan: Arc<str>,
        /// The step.
        step: u32,
    },
    /// A plan is done to its end.
    Complete {
        /// The plan.
        plan: Arc<str>,
    },
    /// Runs of actions that become due, and that are not due any more, where no call of its own says so.
    Due {
        /// What becomes due.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        add: Vec<Due>,
        /// The ids of what was done.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        done: Vec<Arc<str>>,
    },
    /// A run ends in an orderly way.
    End {
        /// The run.
        run: Arc<str>,
        /// What it says about itself: `done`, `failed`, `interrupted`.
        result: Arc<str>,
        /// When (RFC 3339).
        at: Arc<str>,
    },
}

/// One of several moves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MovedPair {
    /// The address that becomes free.
    #[serde(with = "crate::state::forms::text")]
    pub from: InstanceAddr,
    /// The new address.
    #[serde(with = "crate::state::forms::text")]
    pub to: InstanceAddr,
}

/// Who runs what.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunHeader {
    /// The run's id.
    pub id: Arc<str>,
    /// The state it works on.
    pub lineage: Lineage,
    /// The user.
    pub who: Arc<str>,
    /// The machine.
    pub host: Arc<str>,
    /// The process.
    pub pid: u32,
    /// The command.
    pub command: Arc<str>,
    /// Why, if somebody said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Arc<str>>,
    /// The job of a CI service, if it is part of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<Arc<str>>,
    /// The plan, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<Arc<str>>,
    /// The fingerprint of the plan, as `plan` shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan_hash: Option<Arc<str>>,
    /// Whether the records of the run say what objects were before it; older journals do not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub keeps_prior: bool,
    /// The version of Queueform.
    pub version: Arc<str>,
    /// When it started (RFC 3339).
    pub at: Arc<str>,
}

/// How a call ended, after its waiter and the read-back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// The sequence number of the intent.
    pub intent: u64,
    /// The object.
    pub target: ObjectRef,
    /// What became of the object.
    pub result: OutcomeResult,
    /// Whether the step of the plan is done with this call.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub step_done: bool,
    /// Runs of actions that are due now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub due: Vec<Due>,
    /// Why the call failed, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Box<CallFailure>>,
    /// When it was written (RFC 3339).
    pub at: Arc<str>,
}

/// Why a call failed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallFailure {
    /// What happened, in words, without secrets.
    pub message: Arc<str>,
    /// The service's code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Arc<str>>,
    /// The service's id of the call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<Arc<str>>,
}

/// What became of an object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutcomeResult {
    /// It is this now (its status says whether it is usable).
    Object(Box<Object>),
    /// It does not exist (any more).
    Gone,
    /// The call had no effect: the object is as it was before the intent.
    Unchanged,
}

/// An object that is as given, with the provider configuration and schema it follows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Put {
    /// The object.
    pub target: ObjectRef,
    /// The provider configuration.
    #[serde(with = "crate::state::forms::provider")]
    pub provider: ProviderAddr,
    /// The schema's version.
    pub schema_version: u64,
    /// The schema's digest.
    pub schema_digest: Arc<str>,
    /// What it is.
    pub object: Object,
    /// What it was when the run first touched it; only in journals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prior: Option<Box<Object>>,
}

impl Put {
    /// Joins an object with the provider configuration and schema of an instance.
    #[must_use]
    pub fn new(target: ObjectRef, like: &Instance, object: Object) -> Self {
        Self {
            target,
            provider: like.provider.clone(),
            schema_version: like.schema_version,
            schema_digest: Arc::clone(&like.schema_digest),
            object,
            prior: None,
        }
    }
}

impl Record {
    /// Returns the object that the record is about, if it is about one.
    #[must_use]
    pub fn target(&self) -> Option<ObjectRef> {
        match self {
            Self::Intent(intent) => Some(intent.target.clone()),
            Self::Answer(answer) => Some(answer.target.clone()),
            Self::Outcome(outcome) => Some(outcome.target.clone()),
            Self::Put(put) => Some(put.target.clone()),
            Self::Forget(target) => Some(target.clone()),
            Self::Moved { to, .. } => Some(ObjectRef::current(to.clone())),
            Self::Deposed { addr, key } | Self::Restored { addr, key } => {
                Some(ObjectRef::deposed(addr.clone(), key.clone()))
            }
            Self::Run(_)
            | Self::Moves(_)
            | Self::Output { .. }
            | Self::Checks(_)
            | Self::Pin { .. }
            | Self::Step { .. }
            | Self::Complete { .. }
            | Self::Due { .. }
            | Self::End { .. } => None,
        }
    }

    /// Returns the record as it is kept in the history: without the digests of secrets.
    #[must_use]
    pub(crate) fn for_history(self) -> Self {
        fn object(mut object: Object) -> Object {
            object.attributes = object.attributes.without_digests();
            object.status = match object.status {
                Status::Pending(mut pending) => {
                    pending.intent = intent(pending.intent);
                    pending.answer.attributes =
                        pending.answer.attributes.map(crate::state::Attributes::without_digests);
                    Status::Pending(pending)
                }
                Status::InDoubt(doubt) => Status::InDoubt(Box::new(intent(*doubt))),
                other @ (Status::Ready | Status::Tainted | Status::Incomplete { .. }) => other,
            };
            object
        }
        fn intent(mut intent: Intent) -> Intent {
            intent.planned = intent.planned.map(|planned| Box::new(object(*planned)));
            intent.prior = intent.prior.map(|prior| Box::new(object(*prior)));
            intent.token = None;
            intent
        }
        match self {
            Self::Intent(it) => Self::Intent(Box::new(intent(*it))),
            Self::Answer(mut answer) => {
                answer.attributes = answer.attributes.map(crate::state::Attributes::without_digests);
                Self::Answer(answer)
            }
            Self::Outcome(mut outcome) => {
                if let OutcomeResult::Object(it) = outcome.result {
                    outcome.result = OutcomeResult::Object(Box::new(object(*it)));
                }
                Self::Outcome(outcome)
            }
            Self::Put(mut put) => {
                put.object = object(put.object);
                put.prior = put.prior.map(|prior| Box::new(object(*prior)));
                Self::Put(put)
            }
            Self::Output { name, output } => {
                let output = output.map(|output| Output { digest: None, ..output });
                Self::Output { name, output }
            }
            other @ (Self::Run(_)
            | Self::Forget(_)
            | Self::Moved { .. }
            | Self::Moves(_)
            | Self::Deposed { .. }
            | Self::Restored { .. }
            | Self::Checks(_)
            | Self::Pin { .. }
            | Self::Step { .. }
            | Self::Complete { .. }
            | Self::Due { .. }
            | Self::End { .. }) => other,
        }
    }
}
