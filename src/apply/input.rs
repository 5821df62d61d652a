//! What an apply needs.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::api::Stop;
use crate::config::Config;
use crate::config::VariableValues;
use crate::eval::Files;
use crate::graph::DependencyGraph;
use crate::plan::Plan;
use crate::plan::scope::World;
use crate::provider::Providers;
use crate::schema::Registry;
use crate::state::store::Holder;
use crate::state::store::Ledger;
use crate::syntax::ast::Name;
use crate::value::Value;

/// What an apply needs. The providers were configured while the plan was made.
#[derive(Clone, Copy)]
pub struct ApplyInput<'a> {
    /// The configuration of the plan.
    pub config: &'a Config,
    /// The values of its variables.
    pub variables: &'a VariableValues,
    /// Its dependency graph.
    pub graph: &'a DependencyGraph,
    /// All schemas.
    pub registry: &'a Registry,
    /// Files that expressions may read.
    pub files: Option<&'a dyn Files>,
    /// The workspace.
    pub workspace: &'a str,
    /// The instant of the plan, RFC 3339.
    pub time: &'a str,
    /// What is to be done.
    pub plan: &'a Plan,
    /// The plan's id, under which finished steps are recorded.
    pub plan_id: &'a Arc<str>,
    /// The plan's fingerprint, as it is shown.
    pub plan_hash: &'a Arc<str>,
    /// Who runs it; its id is the run's.
    pub holder: &'a Holder,
    /// The provider configurations.
    pub providers: &'a Providers,
    /// The state, open for writing.
    pub ledger: &'a Arc<Ledger>,
    /// The first signal: requests in flight finish, waits end, nothing new starts.
    pub stop: &'a Stop,
    /// The second signal: what is known is saved, and nothing is waited for.
    pub abort: &'a Stop,
    /// Most objects worked on side by side; adaptive if not given.
    pub parallelism: Option<usize>,
}

impl std::fmt::Debug for ApplyInput<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ApplyInput").field("run", &self.holder.id).finish_non_exhaustive()
    }
}

impl<'a> ApplyInput<'a> {
    /// Returns a world in which only the variables are known.
    pub(super) fn world(&self) -> World<'a> {
        let variables: BTreeMap<Name, Value> = self
            .variables
            .values
            .iter()
            .map(|(name, value)| (Arc::clone(name), value.value.clone()))
            .collect();
        let world = World::new(self.config, variables)
            .with_plan_time(self.time)
            .with_workspace(self.workspace)
            .applying();
        match self.files {
            Some(files) => world.with_files(files),
            None => world,
        }
    }
}
