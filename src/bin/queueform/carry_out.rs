//! A run that changes something: shown, approved, carried out, told.

use std::io;

use queueform::apply::Event;
use queueform::diag::Code;
use queueform::diag::Diagnostic;
use queueform::ops::apply as operation;
use queueform::ops::apply::ApplyOutcome;
use queueform::ops::apply::ApplyPorts;
use queueform::ops::apply::ApplyRequest;
use queueform::ops::plan::Planned;
use queueform::ops::planfile;
use queueform::ops::planfile::PlanFile;
use queueform::ops::project::Project;
use queueform::plan::PlanStatus;

use crate::args::ActionRunArgs;
use crate::args::ConsentArgs;
use crate::args::PlanningArgs;
use crate::commands::action;
use crate::commands::plan;
use crate::consent;
use crate::exit::Exit;
use crate::host;
use crate::session::Session;
use crate::teller::Teller;

/// What is to be done: a new plan, or a saved one.
pub(crate) enum Work<'w> {
    New(Box<ApplyRequest>),
    Saved(&'w PlanFile),
}

/// What a run works with.
pub(crate) struct Run<'r, 's> {
    pub(crate) session: &'r Session<'s>,
    pub(crate) teller: &'r Teller<'s>,
    pub(crate) project: &'r Project,
    pub(crate) planning: &'r PlanningArgs,
    pub(crate) consent: &'r ConsentArgs,
    /// The results of an action are told, too.
    pub(crate) results: Option<&'r ActionRunArgs>,
}

/// Carries out what was asked for.
pub(crate) fn carry_out(run: &Run<'_, '_>, work: &Work<'_>) -> io::Result<Exit> {
    let Run { session, teller, project, planning, consent, results } = *run;
    if !consent.auto_approve && !teller.may_ask() {
        let found = Diagnostic::error(Code::Usage, "nobody is there to approve the plan");
        teller.report_one(found.hint("review it with `queueform plan`, then use `--auto-approve`"))?;
        return Ok(Exit::Error);
    }
    let show = |planned: &Planned| {
        teller.plan(project, planned, |planned| plan::show(session, planning, project, planned))
    };
    let (outcome, stopped) = host::interruptible(async |signals| {
        let mut approve = |planned: &Planned| {
            let approved = show(planned).is_ok() && consent::given(session, planned, consent, &signals.stop);
            // Only now: a progress bar would be drawn over the question.
            approved.then(|| teller.begin(planned)).is_some()
        };
        let mut events = |event: Event| teller.event(&event);
        let ports = ApplyPorts {
            approve: &mut approve,
            events: &mut events,
            stop: &signals.stop,
            abort: &signals.abort,
        };
        let outcome = match work {
            Work::New(request) => operation::apply(project, request, ports).await,
            Work::Saved(file) => planfile::apply_saved(file, project, "apply", ports).await,
        };
        (outcome, signals.stop.is_stopped())
    })?;
    match outcome {
        Err(found) => teller.failed(project, &found),
        Ok(ApplyOutcome::Applied(planned, applied)) => {
            let exit = teller.applied(project, &planned, &applied)?;
            match results {
                Some(args) => action::tell(session, project, args, &applied.results, exit),
                None => Ok(exit),
            }
        }
        Ok(ApplyOutcome::Unchanged(planned)) if results.is_some() => match results {
            Some(args) => action::recorded(session, project, args, &planned),
            None => Ok(Exit::Success),
        },
        Ok(ApplyOutcome::Declined(_)) => {
            session.say("Not approved; nothing was changed.\n")?;
            Ok(if stopped { Exit::Interrupted } else { Exit::Error })
        }
        Ok(ApplyOutcome::Unchanged(planned)) => {
            show(&planned)?;
            let held = planned.plan.held().next().is_some();
            Ok(if planned.has_doubts() { Exit::Error } else { Exit::done(held) })
        }
        Ok(ApplyOutcome::Refused(planned)) => {
            show(&planned)?;
            let denied = planned.plan.status == PlanStatus::Denied;
            Ok(if denied { Exit::Denied } else { Exit::Error })
        }
    }
}
