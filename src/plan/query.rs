//! What a plan needs to know from outside, and the answers.
//!
//! Planning is restartable: it runs on what is known, says what it needs ([`Query`]), and is run again with
//! the answers. The same inputs and answers give the same plan.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::addr::InstanceAddr;
use crate::addr::ProviderAddr;
use crate::diag::Diagnostics;
use crate::syntax::ast::Name;
use crate::value::Value;

use super::Target;

/// Names one object of the state: the current one, or a deposed one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectKey {
    /// The address.
    pub addr: InstanceAddr,
    /// The key of a deposed object.
    pub deposed: Option<Arc<str>>,
}

/// Names a question, so that its answer is found again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum QueryKey {
    /// Where a provider configuration points.
    Configure(ProviderAddr),
    /// How an object is now.
    Refresh(ObjectKey),
    /// What exists under the id that an object is imported by.
    Import(InstanceAddr, Arc<str>),
    /// What a data source says.
    Data(InstanceAddr),
    /// An ephemeral resource.
    Ephemeral(InstanceAddr),
    /// What a guard sees.
    Guard(ObjectKey, Name),
    /// Whether a check that needs lookups holds.
    Check(InstanceAddr, Name),
    /// How much room there is.
    Room(RoomKey),
}

/// Names a room that objects share.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoomKey {
    /// The provider configuration.
    pub provider: ProviderAddr,
    /// The resource type of what there is room for.
    pub kind: Name,
    /// The `capacity` in its schema.
    pub capacity: Name,
    /// The values of the attributes of its scope, joined by `/`; the address of the parent if only that is known.
    pub place: Arc<str>,
}

/// One question. All questions of a round are answered together, in bulk where the API allows it.
#[derive(Debug, Clone)]
pub enum Query {
    /// Sets up a provider configuration with its evaluated arguments (an object with null for what is not
    /// set) and asks where it points.
    Configure {
        /// The configuration.
        provider: ProviderAddr,
        /// The arguments as written in the block.
        arguments: Value,
    },
    /// Asks how an object is now.
    Refresh {
        /// The object.
        key: ObjectKey,
        /// The provider configuration that manages it.
        provider: ProviderAddr,
        /// Its resource type.
        kind: Name,
        /// The object as the state has it.
        prior: Value,
        /// Attributes whose value is needed even if it costs a call of its own.
        needed: BTreeSet<Name>,
    },
    /// Asks what exists under the id that an object is imported by.
    Import {
        /// The object as which it will be managed.
        addr: InstanceAddr,
        /// The provider configuration.
        provider: ProviderAddr,
        /// The resource type.
        kind: Name,
        /// The id.
        id: Arc<str>,
        /// The object as far as its id tells it: null for everything else.
        known: Value,
    },
    /// Reads a data source.
    Data {
        /// The data source.
        addr: InstanceAddr,
        /// The provider configuration.
        provider: ProviderAddr,
        /// Its arguments: the whole object, null for what the provider decides.
        arguments: Value,
    },
    /// Opens an ephemeral resource, unless it is open already.
    Ephemeral {
        /// The resource.
        addr: InstanceAddr,
        /// The provider configuration.
        provider: ProviderAddr,
        /// Its arguments: the whole object, unknown for what the provider decides.
        arguments: Value,
    },
    /// Observes what a change would destroy.
    Guard {
        /// The object.
        key: ObjectKey,
        /// The provider configuration.
        provider: ProviderAddr,
        /// The resource type.
        kind: Name,
        /// The guard in the schema.
        guard: Name,
        /// The object as it is.
        prior: Value,
        /// The object as planned; none if it is deleted.
        planned: Option<Value>,
        /// Names of the children of this object that the state manages, by child type.
        managed: BTreeMap<Name, BTreeSet<Arc<str>>>,
    },
    /// Evaluates a check of the schema that needs lookups.
    Check {
        /// The object.
        addr: InstanceAddr,
        /// The provider configuration.
        provider: ProviderAddr,
        /// The resource type.
        kind: Name,
        /// The check in the schema.
        check: Name,
        /// The object as planned.
        planned: Value,
        /// The object as it is.
        prior: Option<Value>,
    },
    /// Asks how much room there is.
    Room {
        /// The room.
        room: RoomKey,
        /// An object with only the attributes of the scope; null for everything else and for what is not known.
        scope: Value,
        /// The parent as planned, if the plan makes or changes it.
        parent: Option<Value>,
        /// The plan makes the parent: there is nothing in it.
        fresh: bool,
    },
}

impl Query {
    /// Returns the key under which the answer is looked up.
    #[must_use]
    pub fn key(&self) -> QueryKey {
        match self {
            Self::Configure { provider, .. } => QueryKey::Configure(provider.clone()),
            Self::Refresh { key, .. } => QueryKey::Refresh(key.clone()),
            Self::Import { addr, id, .. } => QueryKey::Import(addr.clone(), Arc::clone(id)),
            Self::Data { addr, .. } => QueryKey::Data(addr.clone()),
            Self::Ephemeral { addr, .. } => QueryKey::Ephemeral(addr.clone()),
            Self::Guard { key, guard, .. } => QueryKey::Guard(key.clone(), Arc::clone(guard)),
            Self::Check { addr, check, .. } => QueryKey::Check(addr.clone(), Arc::clone(check)),
            Self::Room { room, .. } => QueryKey::Room(room.clone()),
        }
    }

    /// Whether it judges what is planned: it is asked once, when nothing planned can still become known.
    pub(super) fn judges(&self) -> bool {
        matches!(self, Self::Guard { .. } | Self::Check { .. })
    }

    /// Whether the plan may know more of values when it is answered.
    pub(super) fn informs(&self) -> bool {
        matches!(
            self,
            Self::Configure { .. } | Self::Data { .. } | Self::Ephemeral { .. } | Self::Import { .. }
        )
    }
}

/// When messages last moved, in milliseconds since 1970, where the service says so.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Last {
    /// The last message came.
    pub written: Option<i64>,
    /// The last message was read.
    pub read: Option<i64>,
}

/// What is known from outside.
#[derive(Debug, Clone)]
pub enum Answer {
    /// Where a provider configuration points.
    Configured(Target),
    /// The object as it is now, complete: parts that the API does not return are as in the prior object.
    Found {
        /// The object.
        value: Value,
        /// It never became usable: planned as tainted.
        broken: bool,
    },
    /// The object does not exist any more.
    Gone,
    /// What a data source says.
    Data(Value),
    /// What a guard sees: how much would be lost, and the guard's message.
    Observed {
        /// How much; 0 is nothing.
        count: u64,
        /// The guard's message.
        message: String,
        /// When messages last moved.
        last: Last,
    },
    /// A guard that could not look.
    Unobserved {
        /// Why.
        reason: String,
    },
    /// A check that holds, or that does not with its findings.
    Checked(Diagnostics),
    /// How much room there is; nothing where the service does not tell.
    Room {
        /// In all.
        limit: Option<u64>,
        /// Taken now.
        used: Option<u64>,
    },
    /// The question could not be answered.
    Failed(Diagnostics),
}

/// All answers so far.
#[derive(Debug, Clone, Default)]
pub struct Answers {
    answers: BTreeMap<QueryKey, Answer>,
}

impl Answers {
    /// No answers.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds or replaces an answer.
    pub fn insert(&mut self, key: QueryKey, answer: Answer) {
        self.answers.insert(key, answer);
    }

    /// Returns an answer.
    #[must_use]
    pub fn get(&self, key: &QueryKey) -> Option<&Answer> {
        self.answers.get(key)
    }

    /// Returns all answers by key.
    pub fn iter(&self) -> impl Iterator<Item = (&QueryKey, &Answer)> {
        self.answers.iter()
    }
}
