//! Resources and data sources.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::addr::Mode;
use crate::source::Span;
use crate::syntax::ast::Expr;
use crate::syntax::ast::Name;
use crate::value::Type;

use super::Attribute;
use super::Capacity;
use super::Check;
use super::ErrorRule;
use super::Find;
use super::Guard;
use super::ListOp;
use super::Lookup;
use super::Operation;
use super::Ready;
use super::Waiter;

/// One resource type or data source.
#[derive(Debug, Clone)]
pub struct ResourceSchema {
    /// The provider: `dms`.
    pub provider: Name,
    /// The type: `dms_rocketmq_topic`.
    pub type_name: Name,
    /// Managed or only read.
    pub kind: ResourceKind,
    /// The provider's service that calls go to.
    pub service: Option<Name>,
    /// Version of the schema.
    pub version: u32,
    /// What it is.
    pub description: Arc<str>,
    /// The attributes whose values, joined by `separator`, are the id in state and import. `[id]` alone is an
    /// id made by the server; otherwise `id` is derived. Data sources have none.
    pub identity: Vec<Name>,
    /// Stands between the parts of an id; the last part takes the rest.
    pub separator: Arc<str>,
    /// Changes that share a key run in one lane.
    pub serialize: Option<Serialize>,
    /// A data source that is answered by the outputs of another state.
    pub reads_state: bool,
    /// An ephemeral object whose `result` is made up here.
    pub generates: Option<Generated>,
    /// The object this one is part of.
    pub parent: Option<Parent>,
    /// The attributes in the order of the file.
    pub attributes: Vec<Attribute>,
    /// The type of a whole object.
    pub object_type: Type,
    /// Many objects by one list.
    pub list: Option<ListOp>,
    /// One object. Without it the state is what is known.
    pub read: Option<Operation>,
    /// How an object of unknown id is found.
    pub find: Option<Find>,
    /// The object is there as long as its parent is: creating it takes it over.
    pub always_exists: bool,
    /// Over `item`: the object is gone although the API still returns it.
    pub gone_when: Option<Expr>,
    /// Over `self`: the object belongs to the service itself.
    pub system_when: Option<Expr>,
    /// How long a new object may stay invisible to reads.
    pub visible_within: Duration,
    /// How long the name of a deleted object may stay taken.
    pub vacant_within: Duration,
    /// Over `self`: how long a replacement waits between deleting and creating.
    pub cool_down: Option<Expr>,
    /// Whether an object can be worked with as it is found.
    pub ready: Option<Ready>,
    /// Makes the object; opens an ephemeral one.
    pub create: Option<Operation>,
    /// Changes it in place.
    pub update: Option<Operation>,
    /// Removes it; closes an ephemeral one.
    pub delete: Option<Operation>,
    /// Carries an action out; none for everything else.
    pub invocation: Option<Invocation>,
    /// What must not be lost by accident.
    pub guards: Vec<Guard>,
    /// Values fetched when an expression refers to them.
    pub lookups: Vec<Lookup>,
    /// Rooms that it takes a part of.
    pub capacities: Vec<Capacity>,
    /// Conditions that steps wait for.
    pub waiters: Vec<Waiter>,
    /// Rules over more than one value.
    pub checks: Vec<Check>,
    /// Rules for error answers, before those of the provider.
    pub errors: Vec<ErrorRule>,
    /// How long operations may take unless the configuration says otherwise.
    pub timeouts: Timeouts,
    /// What deleting or replacing it loses, in a few words.
    pub loses: Option<Arc<str>>,
    /// What deleting or replacing it does to clients, in a few words.
    pub impact: Option<Arc<str>>,
    /// Something a reader of a plan should know about creating it: cost, duration.
    pub notice: Option<Arc<str>>,
    /// A complete block that works.
    pub example: Arc<str>,
    /// Digest of the file.
    pub digest: Digest,
    /// The block.
    pub span: Span,
}

impl ResourceSchema {
    /// Returns true for an attribute that steers the engine alone: changing it calls nobody, so that nobody else has it.
    #[must_use]
    pub fn is_kept_here(&self, attribute: &str) -> bool {
        let steps = self.update.iter().flat_map(|operation| &operation.steps);
        let mut changing = steps.filter(|step| step.on.iter().any(|name| &**name == attribute)).peekable();
        changing.peek().is_some() && changing.all(|step| step.call.is_none())
    }

    /// Returns the attribute of a name.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| &*attribute.name == name)
    }

    /// Returns the waiter of a name.
    #[must_use]
    pub fn waiter(&self, name: &str) -> Option<&Waiter> {
        self.waiters.iter().find(|waiter| &*waiter.name == name)
    }

    /// Returns the lookup of a name.
    #[must_use]
    pub fn lookup(&self, name: &str) -> Option<&Lookup> {
        self.lookups.iter().find(|lookup| &*lookup.name == name)
    }

    /// Returns how long a run of an action may take.
    #[must_use]
    pub fn run_timeout(&self) -> Duration {
        self.invocation.as_ref().map_or(self.timeouts.create, |invocation| invocation.timeout)
    }

    /// Returns whether the calls of an action change nothing.
    #[must_use]
    pub fn only_reads(&self) -> bool {
        self.invocation.as_ref().is_some_and(|invocation| invocation.reads)
    }

    /// Returns true if the id is made by the server.
    #[must_use]
    pub fn has_server_id(&self) -> bool {
        matches!(self.identity.as_slice(), [only] if &**only == "id")
    }

    /// Takes an id apart into the identity attributes: the last part takes the rest.
    #[must_use]
    pub fn split_id(&self, id: &str) -> Option<Vec<(Name, Arc<str>)>> {
        let (last, leading) = self.identity.split_last()?;
        let mut rest = id;
        let mut parts = Vec::with_capacity(self.identity.len());
        for name in leading {
            let (part, after) = rest.split_once(&*self.separator)?;
            if part.is_empty() {
                return None;
            }
            parts.push((Arc::clone(name), Arc::from(part)));
            rest = after;
        }
        if rest.is_empty() {
            return None;
        }
        parts.push((Arc::clone(last), Arc::from(rest)));
        Some(parts)
    }

    /// Returns the form of an import id: `<instance_id>/<name>`.
    #[must_use]
    pub fn id_form(&self) -> String {
        let parts: Vec<String> = self.identity.iter().map(|name| format!("<{name}>")).collect();
        parts.join(&self.separator)
    }
}

/// What is made up here instead of asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Generated {
    /// Random characters.
    Password,
}

/// What is declared under a type comes in four kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ResourceKind {
    /// `resource "…"`: created, changed and deleted.
    Managed,
    /// `data "…"`: only read.
    Data,
    /// `action "…"`: run when it is asked for.
    Action,
    /// `ephemeral "…"`: opened and closed by each run, never stored.
    Ephemeral,
}

impl ResourceKind {
    /// All kinds.
    pub const ALL: &'static [Self] = &[Self::Managed, Self::Data, Self::Action, Self::Ephemeral];

    /// Returns the directory of its schemas and pages, with `/`; empty for resources.
    #[must_use]
    pub fn directory(self) -> &'static str {
        match self {
            Self::Managed => "",
            Self::Data => "data/",
            Self::Action => "action/",
            Self::Ephemeral => "ephemeral/",
        }
    }

    /// Returns the kind that belongs to an address.
    #[must_use]
    pub fn of(mode: Mode) -> Self {
        match mode {
            Mode::Managed => Self::Managed,
            Mode::Data => Self::Data,
            Mode::Action => Self::Action,
            Mode::Ephemeral => Self::Ephemeral,
        }
    }

    /// Returns the block type in configurations and schemas.
    #[must_use]
    pub fn block(self) -> &'static str {
        match self {
            Self::Managed => "resource",
            Self::Data => "data",
            Self::Action => "action",
            Self::Ephemeral => "ephemeral",
        }
    }
}

/// How an action is carried out.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// Its steps.
    pub run: Operation,
    /// Its calls change nothing.
    pub reads: bool,
    /// Running it twice does what running it once does.
    pub repeatable: bool,
    /// It runs only if its address is named, and this is what must be known then.
    pub confirm: Option<Arc<str>>,
    /// The result whose elements are the lines of an NDJSON file.
    pub rows: Option<Name>,
    /// How long a run may take.
    pub timeout: Duration,
    /// What must hold of the results.
    pub verifies: Vec<Verify>,
}

/// What must hold of the results of an action.
#[derive(Debug, Clone)]
pub struct Verify {
    /// The name.
    pub name: Name,
    /// What must hold, over `self` and `provider`.
    pub that: Expr,
    /// What is wrong if it does not.
    pub message: Expr,
    /// What to do now.
    pub hint: Option<Arc<str>>,
    /// The block.
    pub span: Span,
}

/// Changes that share a key run in one lane.
#[derive(Debug, Clone)]
pub struct Serialize {
    /// The key, over `self`.
    pub key: Expr,
    /// How many at a time.
    pub mode: LaneMode,
    /// The text.
    pub span: Span,
}

/// How many changes run in one lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LaneMode {
    /// One at a time.
    Exclusive,
    /// One to begin with; more until the API answers "busy".
    Shared,
}

/// The object that another is part of.
#[derive(Debug, Clone)]
pub struct Parent {
    /// The type of the parent.
    pub type_name: Name,
    /// The attribute that holds the parent's id.
    pub by: Name,
    /// Deleting the parent deletes this object too; its guards still hold.
    pub deleted_with: bool,
    /// The block.
    pub span: Span,
}

/// How long operations may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Creating, with its waiters.
    pub create: Duration,
    /// Updating.
    pub update: Duration,
    /// Deleting.
    pub delete: Duration,
    /// Reading.
    pub read: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        let minutes = |count: u64| Duration::from_secs(count * 60);
        Self { create: minutes(5), update: minutes(5), delete: minutes(5), read: minutes(2) }
    }
}

/// Digest of a schema file: changes of the schema show in plans and state.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub Arc<str>);

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
