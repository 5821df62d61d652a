//! `migrate`

use std::io;
use std::path::PathBuf;

use queueform::ops::migrate::MigrateRequest;
use queueform::ops::migrate::migrate;
use queueform::render::migrate as view;

use crate::args::MigrateArgs;
use crate::args::Variables;
use crate::exit::Exit;
use crate::project;
use crate::session::Session;

/// Migrates.
pub(crate) fn run(session: &Session<'_>, args: &MigrateArgs) -> io::Result<Exit> {
    let request = MigrateRequest {
        directory: PathBuf::from("."),
        into: args.dir.clone(),
        state: args.state.clone(),
        dry_run: args.dry_run,
        place: project::options(session, &Variables::default(), None).place(),
    };
    match migrate(&request) {
        Ok(found) if args.json => session.print(&format!("{:#}\n", view::document(&found)))?,
        Ok(found) => {
            session.report(&found.notes, &found.sources)?;
            let mut text = String::new();
            view::human(&mut text, &found, session.look()).map_err(io::Error::other)?;
            session.print(&text)?;
        }
        Err((found, sources)) => {
            if args.json {
                session.print(&format!("{:#}\n", view::failed(&found, &sources)))?;
            } else {
                session.report(&found, &sources)?;
            }
            return Ok(Exit::Error);
        }
    }
    Ok(Exit::Success)
}
