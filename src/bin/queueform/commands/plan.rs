//! `plan`

use std::io;

use queueform::diag::Code;
use queueform::ops;
use queueform::ops::plan::Planned;
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
use crate::exit::Exit;
use crate::host;
use crate::project;
use crate::session::Session;

/// Plans and shows the plan.
pub(crate) fn run(session: &Session<'_>, args: &PlanArgs) -> io::Result<Exit> {
    let planning = &args.planning;
    let Some(project) = project::open(session, &planning.variables, planning.parallelism)? else {
        return Ok(Exit::Error);
    };
    let options = options(planning);
    let time = ops::plan::now();
    let planned = host::interruptible(async |stop| ops::plan::plan(&project, &options, &time, &stop).await)?;
    let planned = match planned {
        Ok(planned) => planned,
        Err(found) => {
            session.report(&found, &(&project.sources, &*project.registry))?;
            let interrupted = found.iter().any(|item| item.code == Code::Interrupted);
            return Ok(if interrupted { Exit::Interrupted } else { Exit::Error });
        }
    };
    show(session, planning, &project, &planned)?;
    Ok(match planned.plan.status {
        PlanStatus::Errored => Exit::Error,
        PlanStatus::Denied => Exit::Denied,
        PlanStatus::Complete | PlanStatus::Incomplete
            if args.detailed_exitcode && view::has_changes(&planned.plan) =>
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
            sources: &project.sources,
            state: &planned.state_text,
            full: args.detail == Detail::Full,
            calls: args.calls,
        };
        let mut text = String::new();
        view::human(&mut text, &drawn, look).map_err(io::Error::other)?;
        session.print(&text)?;
    }
    if !plan.diagnostics.is_empty() {
        session.say("\n")?;
        session.report(&plan.diagnostics, &(&project.sources, &*project.registry))?;
    }
    Ok(())
}

/// Returns what was asked for.
pub(crate) fn options(args: &PlanningArgs) -> PlanOptions {
    PlanOptions {
        mode: match (args.destroy, args.refresh_only) {
            (true, _) => PlanMode::Destroy,
            (false, true) => PlanMode::RefreshOnly,
            (false, false) => PlanMode::Normal,
        },
        refresh: match args.refresh {
            RefreshMode::True => Refresh::All,
            RefreshMode::Touched => Refresh::Touched,
            RefreshMode::False => Refresh::None,
        },
        targets: args.target.clone(),
        replace: args.replace.iter().cloned().collect(),
        allow_data_loss: args.allow_data_loss.clone(),
        allow_deletes: args.allow_deletes,
    }
}
