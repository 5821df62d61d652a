//! `drift`

use std::io;
use std::sync::Arc;

use queueform::diag::Diagnostics;
use queueform::ops;
use queueform::ops::drift::DriftRequest;
use queueform::ops::drift::Drifted;
use queueform::ops::project::Project;
use queueform::plan::DriftStatus;
use queueform::render::json::DriftDocument;
use queueform::render::json::drift_failed_json;
use queueform::render::json::drift_json;
use queueform::render::plan::DriftView;
use queueform::render::plan::departures;

use crate::args::Detail;
use crate::args::DriftArgs;
use crate::exit::Exit;
use crate::host;
use crate::project;
use crate::session::Session;
use crate::teller::Teller;

/// Compares and tells.
pub(crate) fn run(session: &Session<'_>, args: &DriftArgs) -> io::Result<Exit> {
    let teller = Teller::new(session, false)?;
    let time = ops::plan::now();
    let project = if args.json {
        let opened = Project::open(project::options(session, &args.variables, args.parallelism));
        match opened.output {
            Some(mut found) if !opened.diagnostics.has_errors() => {
                teller.watch(&mut found);
                found
            }
            found => return failed(session, found.as_ref(), &opened.diagnostics, &time),
        }
    } else {
        match project::open(session, &teller, &args.variables, args.parallelism)? {
            Some(found) => found,
            None => return Ok(Exit::Error),
        }
    };
    let request = DriftRequest {
        targets: args.target.clone(),
        ignore: args.ignore.iter().map(|pattern| Arc::from(pattern.as_str())).collect(),
        unmanaged: args.unmanaged,
    };
    let found = host::interruptible(async |signals| {
        ops::drift::drift(&project, &request, &time, &signals.stop).await
    })?;
    match found {
        Ok(found) => {
            show(session, args, &project, &found)?;
            Ok(exit(&found))
        }
        Err(found) if args.json => failed(session, Some(&project), &found, &time),
        Err(found) => teller.failed(&project, &found),
    }
}

fn exit(found: &Drifted) -> Exit {
    if found.report.has_failed() || found.has_doubts {
        return Exit::Error;
    }
    match found.report.status() {
        DriftStatus::None => Exit::Success,
        DriftStatus::Drift => Exit::Changes,
        DriftStatus::Pending => Exit::Pending,
        DriftStatus::Both => Exit::DriftAndPending,
    }
}

fn show(session: &Session<'_>, args: &DriftArgs, project: &Project, found: &Drifted) -> io::Result<()> {
    let sources = (&project.sources, &*project.registry);
    let diagnostics = &found.report.found.diagnostics;
    if args.json {
        let document = DriftDocument {
            report: &found.report,
            state: &found.state,
            sources: &project.sources,
            time: &found.time,
            workspace: project.place.workspace(),
        };
        return session.print(&format!("{:#}\n", drift_json(document, &sources)));
    }
    let view = DriftView {
        report: &found.report,
        registry: &project.registry,
        sources: &project.sources,
        state: &found.state_text,
        full: args.detail == Detail::Full,
    };
    let mut text = String::new();
    departures(&mut text, &view, session.look()).map_err(io::Error::other)?;
    session.print_long(&text)?;
    if !diagnostics.is_empty() {
        session.say("\n")?;
        session.report(diagnostics, &sources)?;
    }
    Ok(())
}

/// Tells, as JSON, why there is no report.
fn failed(
    session: &Session<'_>,
    project: Option<&Project>,
    found: &Diagnostics,
    time: &str,
) -> io::Result<Exit> {
    let workspace = session.workspace();
    let document = match project {
        Some(project) => drift_failed_json(found, &(&project.sources, &*project.registry), time, &workspace),
        None => drift_failed_json(found, &queueform::source::SourceMap::new(), time, &workspace),
    };
    session.print(&format!("{document:#}\n"))?;
    let interrupted = found.iter().any(|item| item.code == queueform::diag::Code::Interrupted);
    Ok(if interrupted { Exit::Interrupted } else { Exit::Error })
}
