//! `import`: takes an object that exists already into the state, and changes nothing else.

use crate::addr::InstanceAddr;
use crate::addr::Target;
use crate::api::Stop;
use crate::apply::Applied;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::diag::Severity;
use crate::plan::PlanMode;
use crate::plan::PlanOptions;
use crate::plan::Refresh;

use super::apply::ApplyOutcome;
use super::apply::ApplyPorts;
use super::apply::carry_out;
use super::apply::closed;
use super::apply::new_id;
use super::plan::Planned;
use super::plan::now;
use super::plan::plan_on;
use super::project::Project;

/// An object that is managed now.
#[derive(Debug)]
pub struct Imported {
    /// What was planned: the import alone.
    pub planned: Planned,
    /// What became of it.
    pub applied: Applied,
}

/// Reads an object by its id and records it under an address, holding the lock of the state all the time.
///
/// # Errors
/// If there is no such object, no block for it, the address or the object is managed already, or the state
/// cannot be written.
pub async fn import(
    project: &Project,
    addr: InstanceAddr,
    id: &str,
    stop: &Stop,
) -> Result<Imported, Diagnostics> {
    let options = PlanOptions {
        mode: PlanMode::RefreshOnly,
        refresh: Refresh::None,
        targets: vec![Target::Instance(addr.clone()).into()],
        imports: vec![(addr, id.to_owned())],
        ..PlanOptions::normal()
    };
    let open = project.place.open("import", stop)?;
    let state = open.ledger.state(Clone::clone);
    let planned = plan_on(project, state, Some(&open.ledger), &options, &now(), stop).await;
    let ports =
        ApplyPorts { approve: &mut |_planned| true, events: &mut |_event| {}, stop, abort: &Stop::never() };
    let ended = match planned {
        Ok(planned) => carry_out(project, planned, &new_id(), &open, ports).await,
        Err(found) => Err(found),
    };
    match closed(project, ended).await? {
        ApplyOutcome::Applied(planned, applied) if applied.complete => {
            Ok(Imported { planned: *planned, applied: *applied })
        }
        ApplyOutcome::Applied(_, applied) => Err(applied.diagnostics),
        ApplyOutcome::Refused(planned)
        | ApplyOutcome::Unchanged(planned)
        | ApplyOutcome::Declined(planned) => {
            let found: Diagnostics = planned
                .plan
                .diagnostics
                .iter()
                .filter(|item| item.severity == Severity::Error)
                .cloned()
                .collect();
            Err(if found.is_empty() {
                Diagnostic::error(Code::Internal, "the import was planned without a change").into()
            } else {
                found
            })
        }
    }
}
