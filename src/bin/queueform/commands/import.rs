//! `import`

use std::io;

use queueform::ops::import;

use crate::args::ImportArgs;
use crate::exit::Exit;
use crate::host;
use crate::project;
use crate::session::Session;
use crate::teller::Teller;

/// Reads an object and records it under an address.
pub(crate) fn run(session: &Session<'_>, args: &ImportArgs) -> io::Result<Exit> {
    let teller = Teller::new(session, false)?;
    let Some(project) = project::open(session, &teller, &args.variables, None)? else {
        return Ok(Exit::Error);
    };
    let imported = host::interruptible(async |signals| {
        import::import(&project, args.address.clone(), &args.id, &signals.stop).await
    })?;
    match imported {
        Ok(_) => {
            session.print(&format!(
                "{}: imported, id {}. `queueform plan` shows where it differs from its block.\n",
                args.address, args.id
            ))?;
            Ok(Exit::Success)
        }
        Err(found) => teller.failed(&project, &found),
    }
}
