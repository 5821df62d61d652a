//! `metadata`

use std::io;

use queueform::ops::functions;

use crate::args::MetadataFunctionsArgs;
use crate::exit::Exit;
use crate::session::Session;

/// Prints the signatures of all functions. The flag is required, so that other forms may come.
pub(crate) fn functions(session: &Session<'_>, args: &MetadataFunctionsArgs) -> io::Result<Exit> {
    debug_assert!(args.json, "the command line asks for it");
    session.print(&format!("{}\n", functions::signatures()))?;
    Ok(Exit::Success)
}
