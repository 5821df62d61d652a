//! `apply` and `destroy`: plan, ask, do.

use std::sync::Arc;

use crate::api::Stop;
use crate::apply;
use crate::apply::Applied;
use crate::apply::ApplyInput;
use crate::apply::Event;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::plan::PlanOptions;
use crate::state::store::Ledger;

use super::place::OpenState;
use super::plan::Planned;
use super::plan::close_ephemeral;
use super::plan::now;
use super::plan::plan_on;
use super::project::Project;

/// What to apply.
#[derive(Debug, Clone)]
pub struct ApplyRequest {
    /// What is planned.
    pub options: PlanOptions,
    /// `--expect-plan HASH`: nothing is done unless the plan has this fingerprint (or starts with it).
    pub expect: Option<String>,
    /// The command, as the lock and the journal name it.
    pub command: String,
}

/// Where an apply reports to and what can stop it.
pub struct ApplyPorts<'p> {
    /// Asked whether a plan that changes something is to be carried out.
    pub approve: &'p mut dyn FnMut(&Planned) -> bool,
    /// Told what happens.
    pub events: &'p mut dyn FnMut(Event),
    /// The first signal.
    pub stop: &'p Stop,
    /// The second signal.
    pub abort: &'p Stop,
}

impl std::fmt::Debug for ApplyPorts<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ApplyPorts").finish_non_exhaustive()
    }
}

/// How an apply went.
#[derive(Debug)]
pub enum ApplyOutcome {
    /// There was nothing to change.
    Unchanged(Box<Planned>),
    /// The plan is denied or has errors; nothing was done.
    Refused(Box<Planned>),
    /// The approval was not given; nothing was done.
    Declined(Box<Planned>),
    /// The plan was carried out, as far as it went.
    Applied(Box<Planned>, Box<Applied>),
}

/// Plans and carries the plan out, holding the lock of the state all the time.
///
/// # Errors
/// If nothing could be planned. What goes wrong later is in the outcome.
pub async fn apply(
    project: &Project,
    request: &ApplyRequest,
    ports: ApplyPorts<'_>,
) -> Result<ApplyOutcome, Diagnostics> {
    let ended = plan_and_carry_out(project, request, ports).await;
    closed(project, ended).await
}

/// Closes what the run has opened, and tells what could not be closed with how the run ended.
pub(super) async fn closed(
    project: &Project,
    ended: Result<ApplyOutcome, Diagnostics>,
) -> Result<ApplyOutcome, Diagnostics> {
    let closed = close_ephemeral(project).await;
    match ended {
        Ok(mut outcome) => {
            match &mut outcome {
                ApplyOutcome::Unchanged(planned)
                | ApplyOutcome::Refused(planned)
                | ApplyOutcome::Declined(planned) => planned.plan.diagnostics.extend(closed),
                ApplyOutcome::Applied(_, applied) => applied.diagnostics.extend(closed),
            }
            Ok(outcome)
        }
        Err(mut found) => {
            found.extend(closed);
            Err(found)
        }
    }
}

/// Makes sure that a plan is the one that is expected: the one with this fingerprint, of which the first eight digits
/// are enough.
///
/// # Errors
/// If it is another one.
pub fn expect_plan(expected: &str, hash: &str) -> Result<(), Diagnostic> {
    if expected.len() >= 8 && hash.starts_with(expected) {
        return Ok(());
    }
    Err(Diagnostic::error(Code::PlanStale, "the plan is not the one that was expected")
        .detail(format!("The fingerprint of this plan is {hash}, expected was {expected}."))
        .hint("review the plan again: `queueform plan`"))
}

async fn plan_and_carry_out(
    project: &Project,
    request: &ApplyRequest,
    ports: ApplyPorts<'_>,
) -> Result<ApplyOutcome, Diagnostics> {
    let open = project.place.open(&request.command, ports.stop)?;
    let state = open.ledger.state(Clone::clone);
    let planned = plan_on(project, state, Some(&open.ledger), &request.options, &now(), ports.stop).await?;
    if let Some(expected) = &request.expect
        && let Err(found) = expect_plan(expected, &planned.hash())
    {
        keep(&open.ledger)?;
        return Err(found.into());
    }
    carry_out(project, planned, &new_id(), &open, ports).await
}

/// Carries out a plan that was made on an open state, once it is approved. Steps are recorded under the id of
/// the plan.
///
/// # Errors
/// If the state cannot be written. What goes wrong with objects is in the outcome.
pub async fn carry_out(
    project: &Project,
    planned: Planned,
    plan_id: &Arc<str>,
    open: &OpenState,
    ports: ApplyPorts<'_>,
) -> Result<ApplyOutcome, Diagnostics> {
    let ledger = &open.ledger;
    if !planned.is_applicable() {
        // What was found out about earlier calls is kept in any case.
        keep(ledger)?;
        return Ok(ApplyOutcome::Refused(Box::new(planned)));
    }
    if !planned.has_changes() && planned.plan.steps.is_empty() {
        keep(ledger)?;
        return Ok(ApplyOutcome::Unchanged(Box::new(planned)));
    }
    if planned.has_changes() && !(ports.approve)(&planned) {
        keep(ledger)?;
        return Ok(ApplyOutcome::Declined(Box::new(planned)));
    }
    let input = ApplyInput {
        config: &project.config,
        variables: &project.variables,
        graph: &project.graph,
        registry: &project.registry,
        files: project.files(),
        workspace: project.place.workspace(),
        time: &planned.time,
        plan: &planned.plan,
        plan_id,
        plan_hash: &planned.hash().into(),
        holder: &open.holder,
        providers: project.providers()?,
        ledger,
        stop: ports.stop,
        abort: ports.abort,
        parallelism: project.options.parallelism,
    };
    let applied = apply::apply(input, ports.events).await;
    if !planned.has_changes() && applied.complete {
        return Ok(ApplyOutcome::Unchanged(Box::new(planned)));
    }
    Ok(ApplyOutcome::Applied(Box::new(planned), Box::new(applied)))
}

/// Returns a new id for a plan.
#[must_use]
pub fn new_id() -> Arc<str> {
    uuid::Uuid::new_v4().to_string().into()
}

fn keep(ledger: &Ledger) -> Result<(), Diagnostics> {
    ledger.commit().map_err(Diagnostic::from)?;
    Ok(())
}
