//! The plan: what will change, why, at what risk, and the ordered steps that do it.
//!
//! Views and apply read this model and compute nothing of their own.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use crate::addr::InstanceAddr;
use crate::addr::ProviderAddr;
use crate::addr::ResourceAddr;
use crate::addr::ValuePath;
use crate::config::TriggerEvent;
use crate::diag::Diagnostics;
use crate::source::Span;
use crate::state::CheckStatus;
use crate::state::Due;
use crate::state::Identity;
use crate::syntax::ast::Name;
use crate::value::Value;
use crate::value::from_implied_json;

use super::Deferred;

/// A finished plan.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Whether it can be applied, and if not why.
    pub status: PlanStatus,
    /// What was asked for.
    pub mode: PlanMode,
    /// Where each provider configuration in use points.
    pub targets: BTreeMap<ProviderAddr, Target>,
    /// One entry for every object of configuration and state, also for those that do not change, by address
    /// (deposed objects behind the current one).
    pub changes: Vec<Change>,
    /// Differences between state and what was found, for objects whose difference matters to the plan.
    pub drift: Vec<Drift>,
    /// What is left to the next round, because its number is known only after this plan was applied.
    pub deferred: Vec<Deferred>,
    /// Root outputs.
    pub outputs: BTreeMap<Name, OutputChange>,
    /// What apply does, in an order in which it could be done one by one.
    pub steps: Vec<Step>,
    /// Results of conditions and deletion limits that were evaluated, for machine output.
    pub checks: Vec<CheckResult>,
    /// Warnings and errors found while planning.
    pub diagnostics: Diagnostics,
    /// Reading effort, for the summary.
    pub effort: Effort,
    /// How long apply waits for what would put steps off; not at all without it.
    pub wait_drain: Option<Duration>,
}

impl Plan {
    /// Returns the changes that are held until their objects are named.
    pub fn held(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(|change| change.is_held())
    }
}

/// Whether a plan can be applied. Every plan can be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanStatus {
    /// All of it is decided.
    Complete,
    /// Only a part was planned (targets, or the rest is left to the next round); it can be applied.
    Incomplete,
    /// A guard, limit or protection forbids it.
    Denied,
    /// Planning failed; the plan holds what was decided before.
    Errored,
}

/// What kind of plan was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanMode {
    /// Bring the remote objects to the configuration.
    Normal,
    /// Delete everything.
    Destroy,
    /// Only take over what was found.
    RefreshOnly,
}

/// Where a provider configuration points: pinned in state, compared before the first read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Target {
    /// Named parts in the order of the schema, such as cloud, region, project.
    pub pin: Vec<(String, String)>,
    /// The arguments that may be shown, as expressions of schemas see them while a plan is made.
    pub arguments: Vec<(String, serde_json::Value)>,
    /// Where the credentials come from, never their value.
    pub credentials: String,
    /// An emulator, not the real service.
    pub emulated: bool,
}

impl Target {
    /// Returns the arguments of the provider configuration as schema expressions see them.
    #[must_use]
    pub fn value(&self) -> Value {
        let arguments = self.arguments.iter();
        let arguments =
            arguments.filter_map(|(name, value)| Some((name.as_str(), from_implied_json(value).ok()?)));
        let pin = self.pin.iter().map(|(name, value)| (name.as_str(), Value::string(value.as_str())));
        Value::object(pin.chain(arguments))
    }

    /// Returns what the state remembers of it.
    #[must_use]
    pub fn identity(&self) -> Identity {
        let part = |names: &[&str]| {
            let known = self.pin.iter().filter(|(_, value)| !value.is_empty());
            let mut known = known.filter(|(part, _)| names.contains(&part.as_str()));
            known.next().map(|(_, value)| Arc::from(value.as_str()))
        };
        let cloud = part(&["cloud"]).unwrap_or_default();
        // A region has endpoints of its own; the emulator has one for all of them.
        let endpoint = part(&["endpoint"]).or_else(|| part(&["region"])).unwrap_or_default();
        Identity {
            cloud,
            endpoint,
            account: part(&["account", "account_id", "domain_id"]),
            project: part(&["project", "project_id", "resource_group_id", "department"]),
        }
    }
}

/// What happens to one object.
#[derive(Debug, Clone)]
pub struct Change {
    /// The object.
    pub addr: InstanceAddr,
    /// The key of a deposed object, if this is one.
    pub deposed: Option<Arc<str>>,
    /// The provider configuration that manages it.
    pub provider: ProviderAddr,
    /// What is done.
    pub action: Action,
    /// Why this action and not a lesser one.
    pub reason: Option<ActionReason>,
    /// The object before, with sensitive parts marked; none for a creation.
    pub before: Option<Value>,
    /// The object after, with unknown and sensitive parts; none for a deletion.
    pub after: Option<Value>,
    /// Attributes that force the replacement.
    pub replace_paths: Vec<ValuePath>,
    /// What set this change off, nearest cause first.
    pub causes: Vec<Cause>,
    /// How many more there are than are listed: only in plans with very many.
    pub more_causes: u64,
    /// Attributes that the service never returns: shown as unverified.
    pub unverified: Vec<ValuePath>,
    /// Attributes that are set and never returned by the service: changes made elsewhere go unnoticed.
    pub not_read_back: Vec<ValuePath>,
    /// Attributes that `ignore_changes` leaves as they are, with what is configured.
    pub ignored: Vec<(Name, Value)>,
    /// Write-only attributes whose value is sent; neither side has it.
    pub sends: Vec<Name>,
    /// What guards found.
    pub guards: Vec<GuardFinding>,
    /// How much harm the change may do; orders every view.
    pub risk: Risk,
    /// Notes of the schema about this change, such as what is lost or how long it takes.
    pub notes: Vec<String>,
    /// Import id, if the object is imported.
    pub importing: Option<String>,
    /// The configuration that was generated for it just before; the planner knows of none.
    pub generated_config: Option<Arc<str>>,
    /// Attributes that stay as they are because a guard puts off the steps that change them.
    pub held: Vec<Name>,
    /// What the object would be if its change were not held; none for a deletion too.
    pub wanted: Option<Value>,
    /// Where the object was before it moved.
    pub previous_addr: Option<InstanceAddr>,
    /// Steps of [`Plan::steps`] that belong to this change.
    pub steps: Vec<StepId>,
    /// What an action is run for, in order; empty if its address was named.
    pub triggers: Vec<Triggered>,
    /// The resources, as declared, that the state remembers it to depend on.
    pub dependencies: Arc<[ResourceAddr]>,
    /// Where the block stands in the configuration: file and line.
    pub place: Option<Span>,
}

impl Change {
    /// Returns whether a part of it is put off until something has happened elsewhere.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.guards.iter().any(|finding| finding.verdict == Verdict::Waits)
    }

    /// Returns whether it is held until the object is named.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.guards.iter().any(|finding| finding.verdict == Verdict::Held)
    }

    /// Returns whether it is more than an observation: something is done, or the object gets another address or
    /// becomes managed.
    #[must_use]
    pub fn is_effective(&self) -> bool {
        self.action != Action::NoOp || self.importing.is_some() || self.previous_addr.is_some()
    }
}

/// What an action is run for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Triggered {
    /// The object.
    pub by: InstanceAddr,
    /// What happens to it.
    pub event: TriggerEvent,
    /// Which of its `action_trigger` blocks, from 0.
    pub block: usize,
    /// Which of the actions in it, from 0.
    pub index: usize,
    /// An earlier run made the change and did not get to this.
    pub due: Option<Due>,
}

/// What is done to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Nothing.
    NoOp,
    /// Made anew.
    Create,
    /// A data source is read during apply.
    Read,
    /// Changed in place.
    Update,
    /// Deleted and made anew.
    Replace(ReplaceOrder),
    /// Deleted.
    Delete,
    /// No longer managed, but left alone.
    Forget,
    /// An action is run.
    Invoke,
}

/// Which half of a replacement comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReplaceOrder {
    /// Delete, then create.
    DeleteFirst,
    /// Create, then delete.
    CreateFirst,
}

/// Why an action was chosen; the names follow plan JSON format 1.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActionReason {
    /// The object is tainted.
    ReplaceBecauseTainted,
    /// An attribute cannot be changed in place.
    ReplaceBecauseCannotUpdate,
    /// `--replace` asks for it.
    ReplaceByRequest,
    /// `replace_triggered_by` asks for it.
    ReplaceByTriggers,
    /// There is no block for it.
    DeleteBecauseNoResourceConfig,
    /// It has moved to where no block is.
    DeleteBecauseNoMoveTarget,
    /// The block changed between one instance, `count` and `for_each`.
    DeleteBecauseWrongRepetition,
    /// `count` is lower than its index.
    DeleteBecauseCountIndex,
    /// `for_each` does not hold its key.
    DeleteBecauseEachKey,
    /// `enabled` is false.
    DeleteBecauseEnabledFalse,
    /// The module is gone.
    DeleteBecauseNoModule,
    /// Arguments of the data source are unknown.
    ReadBecauseConfigUnknown,
    /// Something the data source depends on changes.
    ReadBecauseDependencyPending,
}

/// One link in the chain of causes of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// The attribute of this object that the cause reaches.
    pub path: Option<ValuePath>,
    /// In words: `for_each no longer holds the key`, `dms_rocketmq_instance.main is replaced` …
    pub text: String,
    /// The object that the cause lies in, if it is another one.
    pub from: Option<InstanceAddr>,
}

/// How much harm a change may do, from least to most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Risk {
    /// None that is known.
    Safe,
    /// Creates something that is billed, or reads.
    Creates,
    /// Replaced, without known loss.
    Replaces,
    /// Clients are cut off.
    Interrupts,
    /// Data would be lost, and that is allowed.
    LosesData,
    /// Forbidden.
    Denied,
}

/// What a guard found out about a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuardFinding {
    /// The guard's name in the schema.
    pub guard: String,
    /// What it found.
    pub verdict: Verdict,
    /// How many things (messages, children …) would be lost.
    pub count: u64,
    /// The guard's message.
    pub message: String,
    /// How many are allowed, by whom (`lifecycle`, `removed`, `--allow-data-loss`), if at all.
    pub allowed: Option<(u64, String)>,
    /// HCL or a command that would allow it.
    pub consent: Option<String>,
}

/// The verdict of a guard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing is lost.
    Clear,
    /// Something is lost, within what is allowed.
    Allowed,
    /// Something is lost and not allowed.
    Denied,
    /// It could not be observed, which counts as not safe.
    Unobserved,
    /// Clients are interrupted; shown, not denied.
    Interrupts,
    /// Something must happen elsewhere first; a part of the change is put off to a later run.
    Waits,
    /// The change is made only when its object is named.
    Held,
}

/// An object that is not what the state says.
#[derive(Debug, Clone)]
pub struct Drift {
    /// The object.
    pub addr: InstanceAddr,
    /// As the state has it.
    pub before: Value,
    /// As it was found; none if it is gone.
    pub after: Option<Value>,
    /// The attributes that are not what the state says; none of an object that is gone. Others may differ between the
    /// two sides too, but say nothing: they change all the time, or the service has only now told what it decided.
    pub differing: BTreeSet<Name>,
}

/// What happens to a root output.
#[derive(Debug, Clone)]
pub struct OutputChange {
    /// The value in state.
    pub before: Option<Value>,
    /// The value after apply, possibly unknown; none if the output is gone.
    pub after: Option<Value>,
    /// Not to be shown.
    pub sensitive: bool,
    /// `create`, `update`, `delete` or no-op.
    pub action: Action,
}

/// Result of a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckResult {
    /// The object or output the condition belongs to.
    pub addr: String,
    /// Whether it holds.
    pub status: CheckStatus,
    /// The message of a condition that does not hold.
    pub message: Option<String>,
}

/// What planning cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Effort {
    /// Objects that were refreshed.
    pub refreshed: u64,
    /// Calls that read objects or lists.
    pub reads: u64,
    /// Calls that observed what guards ask for.
    pub observations: u64,
}

/// The number of a step within its plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StepId(pub u32);

/// One thing apply does. It decides nothing: everything it needs to know stands here or in the change.
#[derive(Debug, Clone)]
pub struct Step {
    /// Its number.
    pub id: StepId,
    /// The object it is about; none for outputs.
    pub addr: Option<InstanceAddr>,
    /// The key of the deposed object it is about.
    pub deposed: Option<Arc<str>>,
    /// What is done.
    pub kind: StepKind,
    /// Steps that must have succeeded before.
    pub after: Vec<StepId>,
}

/// The kinds of steps.
#[derive(Debug, Clone, PartialEq)]
pub enum StepKind {
    /// Evaluates the object's arguments, which must refine what was planned, and its preconditions.
    Evaluate,
    /// One call of the schema: an operation's step by position.
    Call {
        /// Create, update or delete.
        operation: Operation,
        /// The position of the step in the schema's operation.
        index: usize,
        /// The schema's name of the step.
        name: String,
        /// The call as far as it is known: `POST /v2/…/topics`.
        call: String,
        /// Guards observed again immediately before the call, by name, with the greatest loss allowed.
        guards: Vec<(String, u64)>,
        /// Guards that must find nothing any more; otherwise the step is put off to a later run.
        waits: Vec<String>,
    },
    /// Reads the object back and checks that it is what was planned.
    ReadBack,
    /// Reads a data source.
    ReadData,
    /// Moves the object to a deposed key before its replacement is created.
    Depose,
    /// Does nothing by itself: everything it comes after has been done. Keeps the number of dependencies linear
    /// where all instances of one resource come before all of another.
    Join,
    /// Changes only the state.
    Record(Record),
    /// Evaluates a root output.
    Output(Name),
}

/// Operations of a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operation {
    /// Makes the object.
    Create,
    /// Changes it.
    Update,
    /// Deletes it.
    Delete,
    /// Runs an action.
    Invoke,
}

/// Changes of the state without a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Record {
    /// The object is no longer managed.
    Forget,
    /// The object was found gone, or an object with zero delete steps is dropped.
    Drop,
    /// What was found, or a changed protection or dependency, is written down.
    Refreshed,
    /// The object gets another address: from [`Change::previous_addr`].
    Moved,
    /// The action was run: its results are written down.
    Invoked,
    /// The object that was found becomes managed: under the id [`Change::importing`].
    Imported,
}
