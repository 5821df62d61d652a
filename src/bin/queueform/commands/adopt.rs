//! `adopt`

use std::io;

use queueform::adopt::GroupBy;
use queueform::diag::Code;
use queueform::diag::Diagnostics;
use queueform::ops::adopt;
use queueform::ops::adopt::AdoptRequest;
use queueform::ops::adopt::What;
use queueform::ops::project::Project;
use queueform::render::diag::Sources;
use queueform::schema::Registry;
use queueform::source::SourceMap;

use crate::adopted;
use crate::adopted::json;
use crate::adopted::told;
use crate::adopted::warnings;
use crate::args::AdoptArgs;
use crate::args::Grouping;
use crate::exit::Exit;
use crate::host;
use crate::project;
use crate::session::Session;
use crate::teller::Teller;

/// Writes the configuration of what exists.
pub(crate) fn run(session: &Session<'_>, args: &AdoptArgs) -> io::Result<Exit> {
    let teller = Teller::new(session, false)?;
    let project = if args.json {
        let opened = Project::open(project::options(session, &args.variables, None));
        match opened.output {
            Some(found) if !opened.diagnostics.has_errors() => found,
            Some(found) => return failed(session, args, &opened.diagnostics, &sources(&found)),
            None => return failed(session, args, &opened.diagnostics, &SourceMap::new()),
        }
    } else {
        match project::open(session, &teller, &args.variables, None)? {
            Some(found) => found,
            None => return Ok(Exit::Error),
        }
    };
    let what = match (&args.kind, args.ids.is_empty()) {
        (None, _) => What::Everything,
        (Some(kind), true) => What::Types(kind.clone()),
        (Some(kind), false) => What::Objects { kind: kind.clone(), ids: args.ids.clone() },
    };
    let request = AdoptRequest {
        what,
        scope: args.scope.clone(),
        only: args.only.clone(),
        provider: args.provider.clone(),
        group_by: match args.group_by {
            Grouping::Instance => GroupBy::Instance,
            Grouping::Prefix => GroupBy::Prefix,
            Grouping::None => GroupBy::None,
        },
        directory: args.dir.clone(),
        write: !args.dry_run,
    };
    let found = host::interruptible(async |signals| adopt::adopt(&project, &request, &signals.stop).await)?;
    let adopted = match found {
        Ok(adopted) => adopted,
        Err(found) if args.json => return failed(session, args, &found, &sources(&project)),
        Err(found) => return teller.failed(&project, &found),
    };
    if args.json {
        session.print(&format!("{:#}\n", json(&adopted, args.dry_run, &sources(&project))))?;
        return Ok(Exit::Success);
    }
    if args.dry_run {
        for file in &adopted.files {
            session.print(&format!("# {}\n{}\n", file.name, file.text))?;
        }
        session.say(&told(&adopted, true))?;
    } else {
        session.print(&told(&adopted, false))?;
    }
    session.report(&warnings(&adopted), &sources(&project))?;
    Ok(Exit::Success)
}

fn sources(project: &Project) -> (&SourceMap, &Registry) {
    (&project.sources, &*project.registry)
}

/// Tells, as JSON, why nothing was adopted.
fn failed(
    session: &Session<'_>,
    args: &AdoptArgs,
    found: &Diagnostics,
    sources: &dyn Sources,
) -> io::Result<Exit> {
    session.print(&format!("{:#}\n", adopted::failed(found, args.dry_run, sources)))?;
    let interrupted = found.iter().any(|item| item.code == Code::Interrupted);
    Ok(if interrupted { Exit::Interrupted } else { Exit::Error })
}
