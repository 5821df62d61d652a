//! `apply` and `destroy`

use std::io;
use std::path::Path;

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
use queueform::plan::PlanMode;
use queueform::plan::PlanStatus;

use crate::args::ActionRunArgs;
use crate::args::ApplyArgs;
use crate::args::ConsentArgs;
use crate::args::DestroyArgs;
use crate::args::PlanningArgs;
use crate::consent;
use crate::exit::Exit;
use crate::host;
use crate::project;
use crate::session::Session;
use crate::teller::Teller;

use super::action;
use super::plan;

/// What is to be done: a new plan, or a saved one.
enum Work<'w> {
    New(Box<ApplyRequest>),
    Saved(&'w PlanFile),
}

/// Plans, asks and does it; or does what a saved plan says.
pub(crate) fn apply(session: &Session<'_>, args: &ApplyArgs) -> io::Result<Exit> {
    if let Some(path) = &args.plan {
        return saved(session, args, path);
    }
    let mode = args.destroy.then_some(PlanMode::Destroy);
    new(session, &args.planning, &args.consent, mode, args.expect_plan.clone())
}

/// Plans to delete everything, asks and does it.
pub(crate) fn destroy(session: &Session<'_>, args: &DestroyArgs) -> io::Result<Exit> {
    new(session, &args.planning, &args.consent, Some(PlanMode::Destroy), None)
}

pub(super) fn new(
    session: &Session<'_>,
    planning: &PlanningArgs,
    consent: &ConsentArgs,
    mode: Option<PlanMode>,
    expect: Option<String>,
) -> io::Result<Exit> {
    let teller = Teller::new(session, consent.json)?;
    let Some(project) = project::open(session, &teller, &planning.variables, planning.parallelism)? else {
        return Ok(Exit::Error);
    };
    let command = if mode == Some(PlanMode::Destroy) { "destroy" } else { "apply" };
    let request =
        ApplyRequest { options: plan::options(planning, mode), expect, command: command.to_owned() };
    carry_out(
        &Run { session, teller: &teller, project: &project, planning, consent, results: None },
        &Work::New(Box::new(request)),
    )
}

fn saved(session: &Session<'_>, args: &ApplyArgs, path: &Path) -> io::Result<Exit> {
    let teller = Teller::new(session, args.consent.json)?;
    let file = match PlanFile::read(path) {
        Ok(file) => file,
        Err(found) => {
            teller.report_one(found)?;
            return Ok(Exit::Error);
        }
    };
    let planning = &args.planning;
    let options = project::options(session, &planning.variables, planning.parallelism);
    let Some(project) = project::usable(&teller, file.project(options))? else { return Ok(Exit::Error) };
    // Somebody looked at a saved plan before it was given here.
    let consent = ConsentArgs { auto_approve: true, json: args.consent.json };
    let run = Run { session, teller: &teller, project: &project, planning, consent: &consent, results: None };
    carry_out(&run, &Work::Saved(&file))
}

/// Plans one action, asks, runs it and tells its results.
pub(crate) fn run_action(session: &Session<'_>, args: &ActionRunArgs) -> io::Result<Exit> {
    let teller = Teller::new(session, args.consent.json)?;
    let planning = &args.planning;
    let Some(project) = project::open(session, &teller, &planning.variables, planning.parallelism)? else {
        return Ok(Exit::Error);
    };
    let mut options = plan::options(planning, None);
    options.invoke.push(args.addr.clone());
    options.again |= args.again;
    // What changes nothing is not asked about.
    let consent = ConsentArgs {
        auto_approve: args.consent.auto_approve || action::only_reads(&project, &args.addr),
        json: args.consent.json,
    };
    let request = ApplyRequest { options, expect: None, command: "action run".to_owned() };
    let results = Some(args);
    let run = Run { session, teller: &teller, project: &project, planning, consent: &consent, results };
    carry_out(&run, &Work::New(Box::new(request)))
}

/// What a run works with.
struct Run<'r, 's> {
    session: &'r Session<'s>,
    teller: &'r Teller<'s>,
    project: &'r Project,
    planning: &'r PlanningArgs,
    consent: &'r ConsentArgs,
    /// The results of an action are told, too.
    results: Option<&'r ActionRunArgs>,
}

fn carry_out(run: &Run<'_, '_>, work: &Work<'_>) -> io::Result<Exit> {
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
