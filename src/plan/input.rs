//! What a plan is made from.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use crate::addr::InstanceAddr;
use crate::addr::Pattern;
use crate::addr::ProviderAddr;
use crate::addr::ResourceAddr;
use crate::addr::Target as Selector;
use crate::config::Config;
use crate::config::VariableValues;
use crate::eval::Files;
use crate::graph::DependencyGraph;
use crate::schema::Registry;
use crate::state::State;

use super::Plan;
use super::PlanMode;
use super::Query;

/// Everything a plan is a function of, besides answers and options.
#[derive(Clone, Copy)]
pub struct PlanInput<'p> {
    /// The configuration.
    pub config: &'p Config,
    /// The values of its variables.
    pub variables: &'p VariableValues,
    /// The dependency graph of the configuration.
    pub graph: &'p DependencyGraph,
    /// What is known from earlier runs.
    pub state: &'p State,
    /// All schemas.
    pub registry: &'p Registry,
    /// Files that expressions may read.
    pub files: Option<&'p dyn Files>,
    /// The instant of the plan, RFC 3339.
    pub time: &'p str,
    /// The workspace.
    pub workspace: &'p str,
    /// Somebody is told about every object that is refreshed: even those are asked for that nobody knows better
    /// than the state.
    pub watched: bool,
}

impl std::fmt::Debug for PlanInput<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PlanInput").field("time", &self.time).finish_non_exhaustive()
    }
}

/// What was asked for.
#[derive(Debug, Clone)]
pub struct PlanOptions {
    /// The kind of plan.
    pub mode: PlanMode,
    /// Which objects are refreshed.
    pub refresh: Refresh,
    /// Only these and what they need; empty means everything.
    pub targets: Vec<Pattern>,
    /// Without these and what depends on them.
    pub excludes: Vec<Pattern>,
    /// Objects to replace in any case.
    pub replace: BTreeSet<InstanceAddr>,
    /// Objects of which everything that the service never returns is sent again.
    pub assert: Vec<Selector>,
    /// `--allow-data-loss ADDR=N`.
    pub allow_data_loss: Vec<(Selector, u64)>,
    /// `import ADDR ID`: in a refresh-only plan, objects that become managed.
    pub imports: Vec<(InstanceAddr, String)>,
    /// Provider configurations that are set up although nothing of theirs is planned.
    pub configure: BTreeSet<ProviderAddr>,
    /// `--allow-deletes N`: overrides the limits of the configuration.
    pub allow_deletes: Option<u64>,
    /// `--confirm ADDR`: objects whose held changes are made.
    pub confirm: Vec<Selector>,
    /// `--invoke ADDR`: only these actions are run, and nothing else is changed.
    pub invoke: Vec<Selector>,
    /// `--again`: also those whose run with the same arguments is recorded.
    pub again: bool,
    /// `--wait-drain DURATION`: steps that wait for something are not put off to a later run before that.
    pub wait_drain: Option<Duration>,
    /// The plan undoes a run: the configuration describes the past.
    pub undo: Option<Arc<Undo>>,
}

/// What a plan that undoes a run knows of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Undo {
    /// The run, by the first characters of its id.
    pub run: Arc<str>,
    /// The run in a few words.
    pub told: Arc<str>,
    /// What does not return, and why.
    pub lost: Vec<Arc<str>>,
    /// Objects whose secrets are not known: they cannot be made again.
    pub without_secrets: BTreeSet<InstanceAddr>,
    /// What objects that are made again depended on: the blocks that stand for the past do not name it.
    pub dependencies: BTreeMap<InstanceAddr, Vec<ResourceAddr>>,
}

impl PlanOptions {
    /// A plan of everything without special wishes.
    #[must_use]
    pub fn normal() -> Self {
        Self {
            mode: PlanMode::Normal,
            refresh: Refresh::All,
            targets: Vec::new(),
            excludes: Vec::new(),
            replace: BTreeSet::new(),
            assert: Vec::new(),
            allow_data_loss: Vec::new(),
            imports: Vec::new(),
            configure: BTreeSet::new(),
            allow_deletes: None,
            confirm: Vec::new(),
            invoke: Vec::new(),
            again: false,
            wait_drain: None,
            undo: None,
        }
    }

    /// A plan that deletes everything.
    #[must_use]
    pub fn destroy() -> Self {
        Self { mode: PlanMode::Destroy, ..Self::normal() }
    }
}

/// Which objects are refreshed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refresh {
    /// All of them.
    All,
    /// Only those that a first plan on the stored state would change.
    Touched,
    /// None: the stored state is believed.
    None,
}

/// The result of one round.
#[derive(Debug)]
pub enum Planning {
    /// These must be answered first.
    Needs(Vec<Query>),
    /// The plan.
    Done(Box<Plan>),
}

/// The instant of a plan as shared text.
pub(super) fn shared(text: &str) -> Arc<str> {
    Arc::from(text)
}
