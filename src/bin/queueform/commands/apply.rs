//! `apply` and `destroy`

use std::io;
use std::path::Path;

use queueform::diag::Code;
use queueform::diag::Diagnostic;
use queueform::ops;
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
use crate::planning::NOT_OF_ACTIONS;
use crate::planning::NOT_OF_DESTROY;
use crate::planning::NOT_OF_REFRESH;
use crate::planning::decisive;
use crate::planning::options;
use crate::planning::refuse;
use crate::project;
use crate::session::Session;
use crate::teller::Teller;

use super::action;

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
    let teller = Teller::telling(session, consent.json, &planning.told)?;
    let (name, not) = match mode {
        Some(PlanMode::Destroy) => ("destroy", NOT_OF_DESTROY),
        Some(PlanMode::RefreshOnly) => ("refresh", NOT_OF_REFRESH),
        Some(PlanMode::Normal) | None => ("apply", &[][..]),
    };
    if refuse(&teller, name, planning, not)? {
        return Ok(Exit::Error);
    }
    let Some(options) = options(&teller, planning, mode)? else { return Ok(Exit::Error) };
    let Some(project) = project::open(session, &teller, &planning.variables, planning.parallelism)? else {
        return Ok(Exit::Error);
    };
    let project = project.because(consent.reason.as_deref());
    let command = if mode == Some(PlanMode::Destroy) { "destroy" } else { "apply" };
    let request = ApplyRequest { options, expect, command: command.to_owned() };
    carry_out(
        &Run { session, teller: &teller, project: &project, planning, consent, results: None },
        &Work::New(Box::new(request)),
    )
}

fn saved(session: &Session<'_>, args: &ApplyArgs, path: &Path) -> io::Result<Exit> {
    let planning = &args.planning;
    let teller = Teller::telling(session, args.consent.json, &planning.told)?;
    let given = decisive(planning);
    if !given.is_empty() {
        let names = given.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let found =
            Diagnostic::error(Code::Usage, format!("a saved plan is applied as it is, without {names}"));
        let all = given.join(" … ");
        teller.report_one(found.hint(format!("plan again with it: `queueform plan {all} … --out FILE`")))?;
        return Ok(Exit::Error);
    }
    let options = project::options(session, &planning.variables, planning.parallelism);
    let file = match PlanFile::read_with(path, &options.place()) {
        Ok(file) => file,
        Err(found) => {
            teller.report(&found, &SourceMap::new())?;
            return Ok(Exit::Error);
        }
    };
    if let Some(expected) = &args.expect_plan
        && let Err(found) = ops::apply::expect_plan(expected, file.hash())
    {
        teller.report_one(found)?;
        return Ok(Exit::Error);
    }
    let Some(project) = project::usable(&teller, file.project(options))? else { return Ok(Exit::Error) };
    let project = project.because(args.consent.reason.as_deref());
    // Somebody looked at a saved plan before it was given here.
    let consent = ConsentArgs { auto_approve: true, ..args.consent.clone() };
    let run = Run { session, teller: &teller, project: &project, planning, consent: &consent, results: None };
    carry_out(&run, &Work::Saved(&file))
}

/// Plans one action, asks, runs it and tells its results.
pub(crate) fn run_action(session: &Session<'_>, args: &ActionRunArgs) -> io::Result<Exit> {
    let planning = &args.planning;
    let teller = Teller::telling(session, args.consent.json, &planning.told)?;
    if refuse(&teller, "action run", planning, NOT_OF_ACTIONS)? {
        return Ok(Exit::Error);
    }
    let Some(mut options) = options(&teller, planning, None)? else { return Ok(Exit::Error) };
    let Some(project) = project::open(session, &teller, &planning.variables, planning.parallelism)? else {
        return Ok(Exit::Error);
    };
    let project = project.because(args.consent.reason.as_deref());
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
