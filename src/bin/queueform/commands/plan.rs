//! `plan`

use std::io;

use queueform::ops;
use queueform::ops::plan::Planned;
use queueform::ops::planfile;
use queueform::ops::project::Project;
use queueform::plan::PlanMode;
use queueform::plan::PlanStatus;
use queueform::render::plan as view;
use queueform::render::plan::PlanView;

use crate::args::Detail;
use crate::args::PlanArgs;
use crate::args::PlanCommand;
use crate::args::PlanningArgs;
use crate::commands::explain;
use crate::commands::generate;
use crate::exit::Exit;
use crate::host;
use crate::planning::options;
use crate::project;
use crate::session::Session;
use crate::teller::Teller;

/// Plans and shows the plan.
pub(crate) fn run(session: &Session<'_>, args: &PlanArgs) -> io::Result<Exit> {
    if let Some(PlanCommand::Explain(args)) = &args.command {
        return explain::run(session, args);
    }
    let planning = &args.planning;
    let teller = Teller::telling(session, args.json, &planning.told)?;
    let mode = if args.destroy { Some(PlanMode::Destroy) } else { None };
    let Some(options) = options(&teller, planning, mode)? else { return Ok(Exit::Error) };
    let mut opening = project::options(session, &planning.variables, planning.parallelism);
    let mut generated = None;
    if let Some(path) = &args.generate_config_out {
        match generate::before_planning(session, &teller, opening, path)? {
            Ok(before) => {
                opening = before.again();
                generated = Some(before);
            }
            Err(exit) => return Ok(exit),
        }
    }
    let Some(project) = project::open_with(session, &teller, opening)? else {
        return Ok(Exit::Error);
    };
    let time = ops::plan::now();
    let planned =
        host::interruptible(async |signals| ops::plan::plan(&project, &options, &time, &signals.stop).await)?;
    let mut planned = match planned {
        Ok(planned) => planned,
        Err(found) => return teller.failed(&project, &found),
    };
    if let Some(before) = generated {
        planned.note_generated(&before.blocks);
    }
    teller.plan(&project, &planned, |planned| show(session, &teller, planning, &project, planned))?;
    if let Some(path) = &args.out {
        let written = planfile::save_for(&project, &planned, args.expires)
            .and_then(|text| planfile::write(path, &text));
        match written {
            Ok(()) => teller.saved(&planned, path, project.is_emulated())?,
            Err(found) => return teller.failed(&project, &found.into()),
        }
    }
    Ok(match planned.plan.status {
        PlanStatus::Errored => Exit::Error,
        PlanStatus::Denied => Exit::Denied,
        PlanStatus::Complete | PlanStatus::Incomplete
            if args.detailed_exitcode
                && (view::has_changes(&planned.plan) || planned.plan.held().next().is_some()) =>
        {
            Exit::Changes
        }
        PlanStatus::Complete | PlanStatus::Incomplete => Exit::Success,
    })
}

/// Draws a plan, and its findings.
pub(crate) fn show(
    session: &Session<'_>,
    teller: &Teller<'_>,
    args: &PlanningArgs,
    project: &Project,
    planned: &Planned,
) -> io::Result<()> {
    let plan = &planned.plan;
    if plan.status != PlanStatus::Errored || view::has_changes(plan) {
        let look = session.look();
        let drawn = PlanView {
            plan,
            registry: &project.registry,
            sources: &project.sources,
            state: &planned.state_text,
            full: args.detail == Detail::Full,
            calls: args.calls,
        };
        let mut text = String::new();
        view::human(&mut text, &drawn, look).map_err(io::Error::other)?;
        session.print_long(&text)?;
        if !plan.diagnostics.is_empty() {
            session.say("\n")?;
        }
    }
    if !plan.diagnostics.is_empty() {
        teller.findings(&plan.diagnostics, &(&project.sources, &*project.registry))?;
    }
    Ok(())
}
