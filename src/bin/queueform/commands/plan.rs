//! `plan`

use std::io;

use queueform::ops;
use queueform::ops::plan::Planned;
use queueform::ops::planfile;
use queueform::ops::project::Project;
use queueform::plan::PlanMode;
use queueform::plan::PlanOptions;
use queueform::plan::PlanStatus;
use queueform::plan::Refresh;
use queueform::render::plan as view;
use queueform::render::plan::PlanView;

use crate::args::Detail;
use crate::args::PlanArgs;
use crate::args::PlanningArgs;
use crate::args::RefreshMode;
use crate::commands::generate;
use crate::exit::Exit;
use crate::host;
use crate::project;
use crate::session::Session;
use crate::teller::Teller;

/// Plans and shows the plan.
pub(crate) fn run(session: &Session<'_>, args: &PlanArgs) -> io::Result<Exit> {
    let planning = &args.planning;
    let teller = Teller::new(session, args.json)?;
    let mut opening = project::options(session, &planning.variables, planning.parallelism);
    let mut generated_by = None;
    if let Some(path) = &args.generate_config_out {
        match generate::before_planning(session, &teller, opening, path)? {
            Ok((again, project)) => {
                opening = again;
                generated_by = Some(project);
            }
            Err(exit) => return Ok(exit),
        }
    }
    let Some(project) = project::open_with(session, &teller, opening)? else {
        return Ok(Exit::Error);
    };
    let mode = if args.destroy { Some(PlanMode::Destroy) } else { None };
    let options = options(planning, mode);
    let time = ops::plan::now();
    let planned =
        host::interruptible(async |signals| ops::plan::plan(&project, &options, &time, &signals.stop).await)?;
    drop(generated_by);
    let planned = match planned {
        Ok(planned) => planned,
        Err(found) => return teller.failed(&project, &found),
    };
    teller.plan(&project, &planned, |planned| show(session, planning, &project, planned))?;
    if let Some(path) = &args.out {
        let written = planfile::save(&project, &planned).and_then(|text| planfile::write(path, &text));
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
        session.print(&text)?;
        if !plan.diagnostics.is_empty() {
            session.say("\n")?;
        }
    }
    if !plan.diagnostics.is_empty() {
        session.report(&plan.diagnostics, &(&project.sources, &*project.registry))?;
    }
    Ok(())
}

/// Returns what was asked for.
pub(crate) fn options(args: &PlanningArgs, mode: Option<PlanMode>) -> PlanOptions {
    PlanOptions {
        mode: match (mode, args.refresh_only) {
            (Some(mode), _) => mode,
            (None, true) => PlanMode::RefreshOnly,
            (None, false) => PlanMode::Normal,
        },
        refresh: match args.refresh {
            RefreshMode::True => Refresh::All,
            RefreshMode::Touched => Refresh::Touched,
            RefreshMode::False => Refresh::None,
        },
        targets: args.target.clone(),
        replace: args.replace.iter().cloned().collect(),
        assert: args.assert.clone(),
        allow_data_loss: args.allow_data_loss.clone(),
        imports: Vec::new(),
        allow_deletes: args.allow_deletes,
        confirm: args.confirm.clone(),
        invoke: args.invoke.clone(),
        again: false,
        wait_drain: args.wait_drain,
    }
}
