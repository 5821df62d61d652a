//! Plans a project: asks and answers in rounds until everything is decided.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::addr::ResourceAddr;
use crate::api::Stop;
use crate::apply::RecoverInput;
use crate::apply::recover;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::plan;
use crate::plan::Answers;
use crate::plan::Plan;
use crate::plan::PlanInput;
use crate::plan::PlanMode;
use crate::plan::PlanOptions;
use crate::plan::PlanStatus;
use crate::plan::Planning;
use crate::plan::Query;
use crate::plan::Refresh;
use crate::refresh;
use crate::render::json::PlanDocument;
use crate::render::json::plan_json;
use crate::state::State;
use crate::state::journal::Fold;
use crate::state::journal::Record;
use crate::state::store::Clock as _;
use crate::state::store::Ledger;
use crate::state::store::SystemClock;

use super::elsewhere;
use super::planfile::plan_hash;
use super::project::Project;

/// Most rounds of questions. A round settles everything that is known by then, so that only data sources
/// which depend on each other take several.
const ROUNDS: usize = 200;

/// A plan, with what it was made from.
#[derive(Debug, Clone)]
pub struct Planned {
    /// The plan.
    pub plan: Plan,
    /// The state it starts from.
    pub state: State,
    /// What was asked for.
    pub options: PlanOptions,
    /// The instant of the plan, RFC 3339.
    pub time: Arc<str>,
    /// The state in a few words: `local, serial 4`.
    pub state_text: String,
}

impl Planned {
    /// Returns true if there is something to be done that a user would want to know of.
    #[must_use]
    pub fn has_changes(&self) -> bool {
        let changes = self.plan.changes.iter().any(plan::Change::is_effective);
        changes || self.plan.outputs.values().any(|output| output.action != plan::Action::NoOp)
    }

    /// Returns true if it is not known of some object whether an earlier call took effect.
    #[must_use]
    pub fn has_doubts(&self) -> bool {
        !self.state.doubts().is_empty()
    }

    /// Returns true if it may be applied.
    #[must_use]
    pub fn is_applicable(&self) -> bool {
        matches!(self.plan.status, PlanStatus::Complete | PlanStatus::Incomplete)
    }

    /// Notes the configuration that was generated for its objects just before, by resource.
    pub fn note_generated(&mut self, blocks: &BTreeMap<ResourceAddr, Arc<str>>) {
        for change in &mut self.plan.changes {
            change.generated_config = blocks.get(&change.addr.resource).map(Arc::clone);
        }
    }

    /// Returns the fingerprint of its decisions and steps.
    #[must_use]
    pub fn hash(&self) -> String {
        plan_hash(&self.plan)
    }
}

/// Returns a plan as JSON, format 1.2 of `show -json`; secrets are null.
#[must_use]
pub fn json(project: &Project, planned: &Planned) -> serde_json::Value {
    plan_json(PlanDocument {
        plan: &planned.plan,
        config: &project.config,
        variables: &project.variables,
        registry: &project.registry,
        sources: &project.sources,
        time: &planned.time,
        prior: &planned.state,
    })
}

/// Returns the current instant as plans have it: RFC 3339 in whole seconds.
#[must_use]
pub fn now() -> Arc<str> {
    let now = SystemClock::default().now();
    match now.split_once('.') {
        Some((seconds, _)) => format!("{seconds}Z").into(),
        None => now,
    }
}

/// Plans a project on its stored state, which is read without a lock.
///
/// # Errors
/// If there is no state to be read, no provider to be asked, or the run is interrupted. Whatever is wrong with
/// the configuration or was answered by a service stands in the plan.
pub async fn plan(
    project: &Project,
    options: &PlanOptions,
    time: &str,
    stop: &Stop,
) -> Result<Planned, Diagnostics> {
    if options.mode == PlanMode::RefreshOnly && options.refresh == Refresh::None {
        return Err(Diagnostic::error(Code::Usage, "a refresh that reads nothing has nothing to take over")
            .hint("leave out `--refresh=false`, or `--refresh-only`")
            .into());
    }
    let view = project.place.view()?;
    let planned = plan_on(project, view.recovered.state, None, options, time, stop).await;
    let closed = close_ephemeral(project).await;
    let mut planned = planned?;
    planned.plan.diagnostics.extend(closed);
    if let Some(holder) = view.writer {
        planned.plan.diagnostics.push(
            Diagnostic::warning(Code::StateLocked, "another run is changing the state right now")
                .detail(format!("The plan shows it as it was a moment ago. Held by {holder}."))
                .hint("plan again when that run has ended"),
        );
    }
    Ok(planned)
}

/// Plans a project on a state that is at hand. What earlier runs left unfinished is looked into as soon as the
/// providers are set up and point where the state belongs: durably with a ledger, otherwise in memory only.
///
/// # Errors
/// If there is no provider to be asked, or the run is interrupted.
pub async fn plan_on(
    project: &Project,
    mut state: State,
    ledger: Option<&Ledger>,
    options: &PlanOptions,
    time: &str,
    stop: &Stop,
) -> Result<Planned, Diagnostics> {
    let providers = project.providers()?;
    let before = providers.stats();
    let mut answers = Answers::new();
    let mut unsettled = None;
    for _ in 0..ROUNDS {
        let input = PlanInput {
            config: &project.config,
            variables: &project.variables,
            graph: &project.graph,
            state: &state,
            registry: &project.registry,
            files: project.files(),
            time,
            workspace: project.place.workspace(),
            watched: project.watcher.is_set(),
        };
        let planning = plan::plan(input, options, &answers);
        // Even a plan without questions waits for what is unfinished: it may be all that the state holds.
        let can_settle = match &planning {
            Planning::Needs(queries) => !queries.iter().any(|query| matches!(query, Query::Configure { .. })),
            Planning::Done(plan) => plan.status != PlanStatus::Errored,
        };
        if unsettled.is_none() && can_settle {
            let registry = &project.registry;
            let keeps_secrets = ledger.is_none_or(Ledger::keeps_secrets);
            let found =
                recover(RecoverInput { state: &state, registry, providers, keeps_secrets, stop }).await;
            unsettled = Some(found.diagnostics);
            if !found.records.is_empty() {
                state = fold(state, found.records, ledger)?;
                continue;
            }
        }
        let queries = match planning {
            Planning::Needs(queries) => queries,
            Planning::Done(plan) => {
                let mut plan = *plan;
                plan.diagnostics.extend(unsettled.unwrap_or_default());
                plan.diagnostics.extend(elsewhere::managed(&project.place, &project.registry, &plan));
                let after = providers.stats();
                plan.effort.reads = after.reads.saturating_sub(before.reads);
                plan.effort.observations = after.observations.saturating_sub(before.observations);
                let state_text = project.place.describe(&state);
                let (options, time) = (options.clone(), Arc::from(time));
                return Ok(Planned { plan, state, options, time, state_text });
            }
        };
        if queries.iter().all(|query| answers.get(&query.key()).is_some()) {
            break;
        }
        let asked = project.watcher.asked(&queries);
        let found = refresh::answer(queries, providers, stop).await;
        project.watcher.answered(&asked);
        if stop.is_stopped() {
            return Err(Diagnostic::error(Code::Interrupted, "planning was interrupted")
                .detail("Nothing was changed.")
                .into());
        }
        for (key, answer) in found.iter() {
            answers.insert(key.clone(), answer.clone());
        }
    }
    Err(Diagnostic::error(Code::Internal, "planning does not come to an end").into())
}

/// Closes the ephemeral resources that a run has opened, once nobody needs them.
pub(super) async fn close_ephemeral(project: &Project) -> Diagnostics {
    match project.providers() {
        Ok(providers) => providers.close_ephemeral().await,
        Err(_) => Diagnostics::new(),
    }
}

/// Takes the outcomes of calls of earlier runs into the state.
fn fold(state: State, records: Vec<Record>, ledger: Option<&Ledger>) -> Result<State, Diagnostics> {
    if let Some(ledger) = ledger {
        ledger.append(records).wait().map_err(Diagnostic::from)?;
        return Ok(ledger.state(Clone::clone));
    }
    let mut fold = Fold::new(state);
    for record in records {
        fold.apply_unsaved(record).map_err(|error| {
            Diagnostic::error(Code::Internal, format!("an outcome does not fit the state: {error}"))
        })?;
    }
    Ok(fold.into_state())
}
