//! `show`

use std::io;

use queueform::diag::Diagnostics;
use queueform::ops::show;
use queueform::schema::Registry;
use queueform::source::SourceMap;

use crate::args::Detail;
use crate::args::ShowArgs;
use crate::args::Variables;
use crate::exit::Exit;
use crate::project;
use crate::session::Session;

/// Shows the state, or a saved plan.
pub(crate) fn run(session: &Session<'_>, args: &ShowArgs) -> io::Result<Exit> {
    let found = match &args.file {
        Some(path) => show::file(path, &project::options(session, &Variables::default(), None).place()),
        None => match project::place(session)? {
            Some(place) => show::state(&place).map_err(Diagnostics::from),
            None => return Ok(Exit::Error),
        },
    };
    let found = match found {
        Ok(found) => found,
        Err(found) => {
            session.report(&found, &SourceMap::new())?;
            return Ok(Exit::Error);
        }
    };
    let registry = Registry::embedded();
    let text = if args.json {
        format!("{}\n", found.json(&registry))
    } else {
        found.human(&registry, args.detail == Detail::Full, args.calls, session.look())
    };
    session.print(&text)?;
    Ok(Exit::Success)
}
