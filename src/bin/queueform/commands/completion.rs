//! `completion`, and the hidden command that its scripts ask

use std::io;

use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::args::Cli;
use crate::args::CompleteArgs;
use crate::args::CompletionArgs;
use crate::complete;
use crate::exit::Exit;
use crate::session::Session;

/// Prints a completion script. Those of the usual shells ask the program itself, which knows addresses and names.
pub(crate) fn run(session: &Session<'_>, args: &CompletionArgs) -> io::Result<Exit> {
    let script = match args.shell {
        Shell::Bash => include_str!("completion/queueform.bash").to_owned(),
        Shell::Zsh => include_str!("completion/queueform.zsh").to_owned(),
        Shell::Fish => include_str!("completion/queueform.fish").to_owned(),
        shell => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "queueform", &mut script);
            String::from_utf8_lossy(&script).into_owned()
        }
    };
    session.print(&script)?;
    Ok(Exit::Success)
}

/// Answers a script. Nobody wants to read of anything that is wrong while writing a command.
pub(crate) fn answer(session: &Session<'_>, args: &CompleteArgs) -> Exit {
    let mut root = Cli::command();
    root.build();
    // Nobody may be left to read it.
    session.print(&complete::answer(session, &root, &args.shell, &args.words)).ok();
    Exit::Success
}
