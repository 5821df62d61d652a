//! How far an object has come: ready, tainted, or left somewhere in the middle by an earlier run.

use std::sync::Arc;

use serde::Deserialize;
use serde::Serialize;

use crate::addr::ProviderAddr;
use crate::state::Attributes;

use super::Due;
use super::Object;
use super::ObjectRef;

/// What a mutating call is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Creates the object.
    Create,
    /// Changes the object in place.
    Update,
    /// Deletes the object.
    Delete,
    /// A one-shot operation on the object; never repeated by itself.
    Invoke,
}

impl Action {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Invoke => "invoke",
        }
    }
}

/// What is about to be done to an object. It is durable before the call is made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Intent {
    /// The sequence number of its journal record; 0 until it is appended.
    #[serde(default)]
    pub sequence: u64,
    /// The run.
    pub run: Arc<str>,
    /// The plan.
    pub plan: Arc<str>,
    /// The step of the plan.
    pub step: u32,
    /// The schema's step of the action that this call is, such as `create` or `write side`.
    pub call: Arc<str>,
    /// The schema's steps of the action that were done before, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub done: Vec<Arc<str>>,
    /// What the call is part of.
    pub action: Action,
    /// The object.
    pub target: ObjectRef,
    /// The provider configuration.
    #[serde(with = "crate::state::forms::provider")]
    pub provider: ProviderAddr,
    /// The schema's version.
    pub schema_version: u64,
    /// The schema's digest.
    pub schema_digest: Arc<str>,
    /// The object as planned, without write-only leaves; none for a deletion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub planned: Option<Box<Object>>,
    /// What the object is looked up by if the answer is lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub natural_key: Option<Arc<str>>,
    /// The idempotency token sent along, where the API has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<Arc<str>>,
    /// The ids found under the natural key before the call; an object with one of them is not ours.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seen: Vec<Arc<str>>,
    /// Runs of actions that become due when the object is as planned.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub due: Vec<Due>,
    /// What an action was due for: it is not due any more once it may have been run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serves: Option<Due>,
    /// The object's status before the call; filled in when the record is folded.
    #[serde(default, skip_serializing_if = "before_is_ready")]
    pub before: Box<Status>,
    /// The object as the state had it when the run first touched it; only in journals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prior: Option<Box<Object>>,
    /// When it was written (RFC 3339); the visibility window is counted from here.
    pub at: Arc<str>,
}

#[expect(clippy::borrowed_box, reason = "serde passes the field as it is declared")]
fn before_is_ready(status: &Box<Status>) -> bool {
    status.is_ready()
}

/// What the service answered to an intent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The sequence number of the intent.
    pub intent: u64,
    /// The object.
    pub target: ObjectRef,
    /// The id that the service gave the object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Arc<str>>,
    /// The id of the asynchronous operation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<Arc<str>>,
    /// The object with what the answer told about it; none if it told nothing new.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attributes: Option<Attributes>,
    /// The call as it was made, without its arguments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<Arc<str>>,
    /// The service's id of the call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<Arc<str>>,
    /// When it was written (RFC 3339).
    pub at: Arc<str>,
}

/// A call that was answered and whose effect has not been awaited yet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pending {
    /// What was to be done.
    pub intent: Intent,
    /// What the service answered.
    pub answer: Answer,
}

/// How far an object has come.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It is as its attributes say.
    #[default]
    Ready,
    /// It exists but is not usable; the next plan replaces it.
    Tainted,
    /// A call was answered and its waiter has not finished; the next run resumes it.
    Pending(Box<Pending>),
    /// Some of the schema's steps of its creation are done and a later one failed; the next run goes on.
    Incomplete {
        /// The steps that are done, in order.
        done: Vec<Arc<str>>,
        /// The step that failed.
        failed: Arc<str>,
    },
    /// It is not known whether a call took effect.
    InDoubt(Box<Intent>),
}

impl Status {
    /// Returns true for [`Status::Ready`].
    #[must_use]
    pub fn is_ready(&self) -> bool {
        matches!(self, Self::Ready)
    }

    /// Returns the intent of the call that was left unfinished, if there is one.
    #[must_use]
    pub fn intent(&self) -> Option<&Intent> {
        match self {
            Self::Pending(pending) => Some(&pending.intent),
            Self::InDoubt(intent) => Some(intent),
            Self::Ready | Self::Tainted | Self::Incomplete { .. } => None,
        }
    }

    /// Returns true if the object may not exist, or not yet wholly: its creation has not finished.
    #[must_use]
    pub fn is_being_created(&self) -> bool {
        match self {
            Self::Ready | Self::Tainted => false,
            Self::Incomplete { .. } => true,
            Self::Pending(pending) => pending.intent.action == Action::Create,
            Self::InDoubt(intent) => intent.action == Action::Create,
        }
    }
}
