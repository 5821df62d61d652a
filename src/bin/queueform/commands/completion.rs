//! `completion`

use std::io;

use clap::CommandFactory as _;

use crate::args::Cli;
use crate::args::CompletionArgs;
use crate::exit::Exit;
use crate::session::Session;

/// Prints a completion script.
pub(crate) fn run(session: &Session<'_>, args: &CompletionArgs) -> io::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "queueform", &mut script);
    session.print(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Success)
}
