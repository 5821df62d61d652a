//! `adopt`

use std::io;

use queueform::adopt::GroupBy;
use queueform::ops::adopt;
use queueform::ops::adopt::AdoptRequest;
use queueform::ops::adopt::What;

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
    let Some(project) = project::open(session, &teller, &args.variables, None)? else {
        return Ok(Exit::Error);
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
    let adopted = host::interruptible(async |signals| adopt::adopt(&project, &request, &signals.stop).await)?;
    let adopted = match adopted {
        Ok(adopted) => adopted,
        Err(found) => return teller.failed(&project, &found),
    };
    if args.json {
        session.print(&format!("{:#}\n", json(&adopted, args.dry_run)))?;
    } else if args.dry_run {
        for file in &adopted.files {
            session.print(&format!("# {}\n{}\n", file.name, file.text))?;
        }
        session.say(&told(&adopted, true))?;
    } else {
        session.print(&told(&adopted, false))?;
    }
    session.report(&warnings(&adopted), &(&project.sources, &*project.registry))?;
    Ok(Exit::Success)
}
