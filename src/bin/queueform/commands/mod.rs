//! The commands: each fills the options of one operation, calls it, and draws what comes back.

pub(crate) mod action;
mod adopt;
mod apply;
mod completion;
mod console;
mod drift;
mod emulator;
mod explain;
mod fmt;
mod generate;
mod graph;
mod import;
mod init;
mod lock;
mod metadata;
mod migrate;
mod modules;
mod output;
pub(crate) mod plan;
mod providers;
mod refresh;
mod schema;
mod show;
mod state;
mod state_changes;
mod state_log;
mod state_moves;
mod test;
mod undo;
mod validate;
mod version;
mod workspace;

use std::io;

use clap::CommandFactory as _;
use clap::FromArgMatches as _;
use clap::error::ErrorKind;
use queueform::diag::Code;
use queueform::diag::Diagnostic;

use crate::args::ActionCommand;
use crate::args::Cli;
use crate::args::Command;
use crate::args::MetadataCommand;
use crate::args::SchemaCommand;
use crate::args::with_examples;
use crate::exit::Exit;
use crate::habits;
use crate::host::Host;
use crate::log;
use crate::session::Session;
use crate::usage;

/// Runs the command that the process was started with.
pub(crate) fn run(host: &Host) -> Exit {
    match parse(host) {
        Ok(cli) => {
            let session = Session { host, global: cli.global };
            let ended = dispatch(&session, cli.command);
            ended.unwrap_or_else(|error| broken_stream(&session, &error))
        }
        Err(exit) => exit,
    }
}

/// Reads the command line; help and mistakes are printed here.
fn parse(host: &Host) -> Result<Cli, Exit> {
    let mut root = with_examples(Cli::command());
    if host.variable("COLUMNS").is_some() {
        root = root.term_width(host.width());
    }
    root.build();
    let arguments = habits::normalise(host, &root).map_err(|name| {
        let found = Diagnostic::error(Code::Usage, format!("the quotes in {name} do not match"));
        usage::complain(host, found.hint("quote it as you would in a shell"))
    })?;
    let parsed = root.try_get_matches_from_mut(&arguments);
    parsed.and_then(|matches| Cli::from_arg_matches(&matches)).map_err(|error| match error.kind() {
        // Nothing can be said if the stream is closed.
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => match error.print() {
            Ok(()) | Err(_) => Exit::Success,
        },
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand => {
            match error.print() {
                Ok(()) | Err(_) => Exit::Error,
            }
        }
        _ => usage::complain(host, usage::diagnostic(&error, &arguments)),
    })
}

fn dispatch(session: &Session<'_>, command: Command) -> io::Result<Exit> {
    if let Some(directory) = &session.global.chdir
        && let Err(error) = std::env::set_current_dir(directory)
    {
        let summary = format!("cannot work in `{}`", directory.display());
        session.report_one(Diagnostic::error(Code::FileAccess, summary).detail(error.to_string()))?;
        return Ok(Exit::Error);
    }
    log::start(session.host)?;
    match command {
        Command::Init(args) => init::run(session, &args),
        Command::Validate(args) => validate::run(session, &args),
        Command::Plan(args) => plan::run(session, &args),
        Command::Drift(args) => drift::run(session, &args),
        Command::Apply(args) => apply::apply(session, &args),
        Command::Action(ActionCommand::Run(args)) => apply::run_action(session, &args),
        Command::Destroy(args) => apply::destroy(session, &args),
        Command::Undo(args) => undo::run(session, &args),
        Command::Show(args) => show::run(session, &args),
        Command::Output(args) => output::run(session, &args),
        Command::Refresh(args) => refresh::run(session, &args),
        Command::Import(args) => import::run(session, &args),
        Command::Adopt(args) => adopt::run(session, &args),
        Command::Taint(args) => state_changes::taint(session, &args, true),
        Command::Untaint(args) => state_changes::taint(session, &args, false),
        Command::State(command) => state::run(session, &command),
        Command::Workspace(command) => workspace::run(session, &command),
        Command::Lock(command) => lock::run(session, &command),
        Command::ForceUnlock(args) => lock::force_unlock(session, &args),
        Command::Console(args) => console::run(session, &args),
        Command::Graph(args) => graph::run(session, &args),
        Command::Providers(args) => providers::run(session, &args),
        Command::Modules(args) => modules::run(session, &args),
        Command::Metadata(MetadataCommand::Functions(args)) => metadata::functions(session, &args),
        Command::Test(args) => test::run(session, &args),
        Command::Fmt(args) => fmt::run(session, &args),
        Command::Schema(SchemaCommand::Show(args)) => schema::show(session, &args),
        Command::Schema(SchemaCommand::Check(args)) => schema::check(session, &args),
        Command::Emulator(args) => emulator::run(session, &args),
        Command::Migrate(args) => migrate::run(session, &args),
        Command::Complete(args) => Ok(completion::answer(session, &args)),
        Command::Completion(args) => completion::run(session, &args),
        Command::Version(args) => version::run(session, &args),
    }
}

/// A reader that went away, as `head` does, is no failure; anything else is.
fn broken_stream(session: &Session<'_>, error: &io::Error) -> Exit {
    if error.kind() == io::ErrorKind::BrokenPipe {
        return Exit::Success;
    }
    let found = Diagnostic::error(Code::FileAccess, "cannot write the output").detail(error.to_string());
    // Nobody is left to be told that this failed.
    session.report_one(found).ok();
    Exit::Error
}
