//! `plan explain`

use std::io;

use queueform::diag::Code;
use queueform::diag::Diagnostic;
use queueform::ops;
use queueform::ops::planfile::PlanFile;
use queueform::plan::PlanMode;
use queueform::plan::PlanStatus;
use queueform::render::explain;
use queueform::source::SourceMap;
use serde_json::Value as Json;

use crate::args::ExplainArgs;
use crate::exit::Exit;
use crate::host;
use crate::planning::decisive;
use crate::planning::options;
use crate::project;
use crate::session::Session;
use crate::teller::Teller;

/// Says why objects change, or do not.
pub(crate) fn run(session: &Session<'_>, args: &ExplainArgs) -> io::Result<Exit> {
    let Some(plan) = (match &args.file {
        Some(_) => saved(session, args)?,
        None => fresh(session, args)?,
    }) else {
        return Ok(Exit::Error);
    };
    match explain::explain(&plan, &args.addr) {
        Ok(found) if args.json => session.print(&format!("{}\n", explain::json(&found)))?,
        Ok(found) => session.print(&explain::human(&found, session.look()))?,
        Err(found) => {
            session.report_one(found)?;
            return Ok(Exit::Error);
        }
    }
    Ok(Exit::Success)
}

/// Returns a saved plan; nothing if it cannot be read, which is told.
fn saved(session: &Session<'_>, args: &ExplainArgs) -> io::Result<Option<Json>> {
    let Some(path) = &args.file else { return Ok(None) };
    if let Some(name) = decisive(&args.planning).first() {
        let found =
            Diagnostic::error(Code::Usage, format!("a saved plan is explained as it is, without `{name}`"));
        session.report_one(found.hint("leave out the file to make a new plan"))?;
        return Ok(None);
    }
    let options = project::options(session, &args.planning.variables, None);
    match PlanFile::read_with(path, &options.place()) {
        Ok(file) => Ok(Some(file.json().clone())),
        Err(found) => {
            session.report(&found, &SourceMap::new())?;
            Ok(None)
        }
    }
}

/// Makes a new plan; nothing if that fails, which is told.
fn fresh(session: &Session<'_>, args: &ExplainArgs) -> io::Result<Option<Json>> {
    let planning = &args.planning;
    // What is told on the way goes to standard error: standard output has the explanation alone.
    let teller = Teller::telling(session, false, &planning.told)?;
    let mode = args.destroy.then_some(PlanMode::Destroy);
    let Some(options) = options(&teller, planning, mode)? else { return Ok(None) };
    let Some(project) = project::open(session, &teller, &planning.variables, planning.parallelism)? else {
        return Ok(None);
    };
    let time = ops::plan::now();
    let planned =
        host::interruptible(async |signals| ops::plan::plan(&project, &options, &time, &signals.stop).await)?;
    match planned {
        Ok(planned) => {
            // Warnings say nothing about the object; errors say why the plan is not what it should be.
            if planned.plan.status == PlanStatus::Errored {
                teller.failed(&project, &planned.plan.diagnostics)?;
                return Ok(None);
            }
            Ok(Some(ops::plan::json(&project, &planned)))
        }
        Err(found) => {
            teller.failed(&project, &found)?;
            Ok(None)
        }
    }
}
