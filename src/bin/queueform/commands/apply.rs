//! `apply` and `destroy`

use std::io;
use std::path::Path;

use queueform::ops::apply::ApplyRequest;
use queueform::ops::planfile::PlanFile;
use queueform::plan::PlanMode;
use queueform::source::SourceMap;

use crate::args::ActionRunArgs;
use crate::args::ApplyArgs;
use crate::args::ConsentArgs;
use crate::args::DestroyArgs;
use crate::args::PlanningArgs;
use crate::carry_out::Run;
use crate::carry_out::Work;
use crate::carry_out::carry_out;
use crate::exit::Exit;
use crate::project;
use crate::session::Session;
use crate::teller::Teller;

use super::action;
use super::plan;

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
    let project = project.because(consent.reason.as_deref());
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
    let planning = &args.planning;
    let options = project::options(session, &planning.variables, planning.parallelism);
    let file = match PlanFile::read_with(path, &options.place()) {
        Ok(file) => file,
        Err(found) => {
            teller.report(&found, &SourceMap::new())?;
            return Ok(Exit::Error);
        }
    };
    let Some(project) = project::usable(&teller, file.project(options))? else { return Ok(Exit::Error) };
    let project = project.because(args.consent.reason.as_deref());
    // Somebody looked at a saved plan before it was given here.
    let consent = ConsentArgs { auto_approve: true, ..args.consent.clone() };
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
    let project = project.because(args.consent.reason.as_deref());
    let mut options = plan::options(planning, None);
    options.invoke.push(args.addr.clone());
    options.again |= args.again;
    // What changes nothing is not asked about.
    let consent = ConsentArgs {
        auto_approve: args.consent.auto_approve || action::only_reads(&project, &args.addr),
        ..args.consent.clone()
    };
    let request = ApplyRequest { options, expect: None, command: "action run".to_owned() };
    let results = Some(args);
    let run = Run { session, teller: &teller, project: &project, planning, consent: &consent, results };
    carry_out(&run, &Work::New(Box::new(request)))
}
