//! A run that changes something: shown, approved, carried out, told.

use std::collections::BTreeSet;
use std::io;

use queueform::apply::Event;
use queueform::diag::Code;
use queueform::diag::Diagnostic;
use queueform::ops::apply as operation;
use queueform::ops::apply::ApplyOutcome;
use queueform::ops::apply::ApplyPorts;
use queueform::ops::apply::ApplyRequest;
use queueform::ops::plan::Planned;
use queueform::ops::plan::now;
use queueform::ops::plan::plan as plan_now;
use queueform::ops::planfile;
use queueform::ops::planfile::PlanFile;
use queueform::ops::project::Project;
use queueform::plan::PlanOptions;
use queueform::plan::PlanStatus;
use queueform::plan::ROUNDS;

use crate::args::ActionRunArgs;
use crate::args::ConsentArgs;
use crate::args::PlanningArgs;
use crate::commands::action;
use crate::commands::plan;
use crate::consent;
use crate::exit::Exit;
use crate::host;
use crate::project;
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

/// Carries out what was asked for: one round, and further ones if the plan leaves something to them and somebody
/// approves each, or approved all of them. Whoever approved one plan alone is shown the next.
pub(crate) fn carry_out(run: &Run<'_, '_>, work: &Work<'_>) -> io::Result<Exit> {
    let mut ended = round(run, work)?;
    let mut has_changed = ended.has_changed;
    let mut made = 1;
    while ended.is_left {
        let again = run.project.again();
        let opened = match work {
            Work::New(_) => Project::open(again),
            Work::Saved(file) => file.project(again),
        };
        let Some(project) = project::usable(run.teller, opened)? else { return Ok(Exit::Error) };
        let project = project.because(run.consent.reason.as_deref());
        let options = match work {
            Work::New(request) => Ok(request.options.clone()),
            Work::Saved(file) => file.options(),
        };
        let options = match options {
            Ok(options) => later(options),
            Err(found) => {
                run.teller.report_one(found)?;
                return Ok(Exit::Error);
            }
        };
        let next = Run { project: &project, ..*run };
        let request = match work {
            Work::New(request) if request.expect.is_none() && made < ROUNDS => {
                ApplyRequest { options, expect: None, command: request.command.clone() }
            }
            Work::New(_) | Work::Saved(_) => return show_next(&next, &options, made),
        };
        made += 1;
        run.teller.round(made)?;
        ended = round(&next, &Work::New(Box::new(request)))?;
        has_changed |= ended.has_changed;
        if ended.is_declined {
            return Ok(Exit::Changes);
        }
    }
    let tells_changes = run.consent.detailed_exitcode && has_changed;
    Ok(if tells_changes && ended.exit == Exit::Success { Exit::Changes } else { ended.exit })
}

/// The options of a later round: what was asked for once is not done twice.
fn later(options: PlanOptions) -> PlanOptions {
    PlanOptions { replace: BTreeSet::new(), assert: Vec::new(), imports: Vec::new(), ..options }
}

/// Shows the plan of the next round, which nobody has approved.
fn show_next(run: &Run<'_, '_>, options: &PlanOptions, made: usize) -> io::Result<Exit> {
    let Run { session, teller, project, planning, .. } = *run;
    if made >= ROUNDS {
        let found = Diagnostic::warning(
            Code::RoundsLeft,
            format!("{made} rounds were made, and another one is left"),
        );
        teller.report_one(
            found.hint("look at the plan below, and run `queueform apply` again if it is right"),
        )?;
    }
    teller.next_round()?;
    let planned =
        host::interruptible(async |signals| plan_now(project, options, &now(), &signals.stop).await)?;
    match planned {
        Ok(planned) => {
            teller
                .plan(project, &planned, |planned| plan::show(session, teller, planning, project, planned))?;
            Ok(match planned.plan.status {
                PlanStatus::Errored => Exit::Error,
                PlanStatus::Denied => Exit::Denied,
                PlanStatus::Complete | PlanStatus::Incomplete => Exit::Changes,
            })
        }
        Err(found) => teller.failed(project, &found),
    }
}

/// How one round ended.
struct Ended {
    exit: Exit,
    /// It was done, and something is left to the next one.
    is_left: bool,
    /// Nobody approved it.
    is_declined: bool,
    /// Something was done.
    has_changed: bool,
}

impl From<Exit> for Ended {
    fn from(exit: Exit) -> Self {
        Self { exit, is_left: false, is_declined: false, has_changed: false }
    }
}

/// Carries out one round.
fn round(run: &Run<'_, '_>, work: &Work<'_>) -> io::Result<Ended> {
    let Run { session, teller, project, planning, consent, results } = *run;
    if !consent.auto_approve && !teller.may_ask() {
        let review = match work {
            Work::New(request) if request.command == "undo" => "undo --dry-run",
            Work::New(_) | Work::Saved(_) => "plan",
        };
        let found = Diagnostic::error(Code::Usage, "nobody is there to approve the plan");
        let hint = format!("review it with `queueform {review}`, then use `--auto-approve`");
        teller.report_one(found.hint(hint))?;
        return Ok(Exit::Error.into());
    }
    let show = |planned: &Planned| {
        teller.plan(project, planned, |planned| plan::show(session, teller, planning, project, planned))
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
    let exit = match outcome {
        Err(found) => teller.failed(project, &found)?,
        Ok(ApplyOutcome::Applied(planned, applied)) => {
            let exit = teller.applied(project, &planned, &applied)?;
            let is_left = matches!(exit, Exit::Success | Exit::Held) && !planned.plan.deferred.is_empty();
            let exit = match results {
                Some(args) => action::tell(session, project, args, &applied.results, exit)?,
                None => exit,
            };
            return Ok(Ended { exit, is_left, is_declined: false, has_changed: planned.has_changes() });
        }
        Ok(ApplyOutcome::Unchanged(planned)) if results.is_some() => match results {
            Some(args) => action::recorded(session, project, args, &planned)?,
            None => Exit::Success,
        },
        Ok(ApplyOutcome::Declined(_)) => {
            session.say("Not approved; nothing was changed.\n")?;
            let exit = if stopped { Exit::Interrupted } else { Exit::Error };
            return Ok(Ended { is_declined: !stopped, ..exit.into() });
        }
        Ok(ApplyOutcome::Unchanged(planned)) => {
            show(&planned)?;
            let held = planned.plan.held().next().is_some();
            if planned.has_doubts() { Exit::Error } else { Exit::done(held) }
        }
        Ok(ApplyOutcome::Refused(planned)) => {
            show(&planned)?;
            let denied = planned.plan.status == PlanStatus::Denied;
            if denied { Exit::Denied } else { Exit::Error }
        }
    };
    Ok(exit.into())
}
