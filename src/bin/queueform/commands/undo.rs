//! `undo`

use std::io;

use queueform::diag::Code;
use queueform::diag::Diagnostic;
use queueform::ops;
use queueform::ops::apply::ApplyRequest;
use queueform::ops::planfile;
use queueform::ops::project::Project;
use queueform::ops::undo;
use queueform::plan::PlanOptions;
use queueform::plan::PlanStatus;
use queueform::render::plan as view;

use crate::args::UndoArgs;
use crate::carry_out::Run;
use crate::carry_out::Work;
use crate::carry_out::carry_out;
use crate::exit::Exit;
use crate::host;
use crate::planning;
use crate::project;
use crate::session::Session;
use crate::teller::Teller;

use super::plan;

/// Plans the inverse of a run, asks and does it; or only shows or saves the plan.
pub(crate) fn run(session: &Session<'_>, args: &UndoArgs) -> io::Result<Exit> {
    let UndoArgs { planning: wishes, consent, .. } = args;
    let teller = Teller::telling(session, consent.json, &wishes.told)?;
    let unusual = [
        (wishes.refresh_only, "--refresh-only"),
        (!wishes.replace.is_empty(), "--replace"),
        (!wishes.assert.is_empty(), "--assert"),
        (!wishes.invoke.is_empty(), "--invoke"),
    ];
    if let Some((_, option)) = unusual.iter().find(|(given, _)| *given) {
        let found = Diagnostic::error(Code::Usage, format!("`undo` does not take `{option}`"));
        teller.report_one(found.hint("`queueform undo --help` lists what it takes"))?;
        return Ok(Exit::Error);
    }
    let Some(now) = project::open(session, &teller, &wishes.variables, wishes.parallelism)? else {
        return Ok(Exit::Error);
    };
    let Some(options) = planning::options(&teller, wishes, None)? else { return Ok(Exit::Error) };
    let past = match undo::prepare(&now, args.run.as_deref(), &options) {
        Ok(past) => past,
        Err(found) => return teller.failed(&now, &found),
    };
    if args.run.is_none() {
        // The last run is another one then.
        teller.goes_on_with(past.run.id.get(..8).unwrap_or(&past.run.id));
    }
    let Some(project) = project::usable(&teller, past.project)? else { return Ok(Exit::Error) };
    let project = project.because(consent.reason.as_deref());
    if args.dry_run || args.out.is_some() {
        return only_plan(session, &teller, args, &project, &past.options);
    }
    let request = ApplyRequest { options: past.options, expect: None, command: "undo".to_owned() };
    let run = Run { session, teller: &teller, project: &project, planning: wishes, consent, results: None };
    carry_out(&run, &Work::New(Box::new(request)))
}

fn only_plan(
    session: &Session<'_>,
    teller: &Teller<'_>,
    args: &UndoArgs,
    project: &Project,
    options: &PlanOptions,
) -> io::Result<Exit> {
    let time = ops::plan::now();
    let planned =
        host::interruptible(async |signals| ops::plan::plan(project, options, &time, &signals.stop).await)?;
    let planned = match planned {
        Ok(planned) => planned,
        Err(found) => return teller.failed(project, &found),
    };
    teller
        .plan(project, &planned, |planned| plan::show(session, teller, &args.planning, project, planned))?;
    if let Some(path) = &args.out {
        let written = planfile::save(project, &planned).and_then(|text| planfile::write(path, &text));
        match written {
            Ok(()) => teller.saved(&planned, path, project.is_emulated())?,
            Err(found) => return teller.failed(project, &found.into()),
        }
    }
    Ok(match planned.plan.status {
        PlanStatus::Errored => Exit::Error,
        PlanStatus::Denied => Exit::Denied,
        PlanStatus::Complete | PlanStatus::Incomplete
            if args.consent.detailed_exitcode && view::has_changes(&planned.plan) =>
        {
            Exit::Changes
        }
        PlanStatus::Complete | PlanStatus::Incomplete => Exit::Success,
    })
}
