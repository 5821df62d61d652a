//! `version`

use std::io;

use queueform::ops;

use crate::args::VersionArgs;
use crate::exit::Exit;
use crate::session::Session;

/// Prints the version.
pub(crate) fn run(session: &Session<'_>, args: &VersionArgs) -> io::Result<Exit> {
    let version = ops::version::version();
    if args.json {
        session.print(&format!("{:#}\n", version.to_json()))?;
    } else {
        session.print(&format!("queueform {} on {}\n", version.version, version.platform))?;
    }
    Ok(Exit::Success)
}
