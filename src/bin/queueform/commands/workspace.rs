//! `workspace …`

use std::io;

use queueform::diag::Code;
use queueform::diag::Diagnostic;
use queueform::diag::Diagnostics;
use queueform::ops::workspace::WorkspaceOptions;
use queueform::source::SourceMap;

use crate::args::Variables;
use crate::args::WorkspaceCommand;
use crate::args::WorkspaceNewArgs;
use crate::exit::Exit;
use crate::project;
use crate::session::Session;

/// Runs one of the commands.
pub(crate) fn run(session: &Session<'_>, command: &WorkspaceCommand) -> io::Result<Exit> {
    let options = WorkspaceOptions {
        place: project::options(session, &Variables::default(), None).place(),
        forced: session.forced_workspace(),
    };
    let done = match command {
        WorkspaceCommand::List(args) => {
            options.list().map(|names| list(&names, options.current(), args.json))
        }
        WorkspaceCommand::Show => Ok(format!("{}\n", options.current())),
        WorkspaceCommand::New(args) => create(&options, args),
        WorkspaceCommand::Select(args) => options.select(&args.name, args.or_create).map(|is_new| {
            let what = if is_new { "Made and chose" } else { "Chose" };
            format!("{what} the workspace `{}`.\n", args.name)
        }),
        WorkspaceCommand::Delete(args) => options.delete(&args.name, args.force).map(|managed| {
            let left = if managed > 0 {
                format!(" {managed} objects are managed by nobody now.")
            } else {
                String::new()
            };
            format!("Removed the workspace `{}`.{left}\n", args.name)
        }),
    };
    match done {
        Ok(text) => {
            session.print(&text)?;
            Ok(Exit::Success)
        }
        Err(found) => {
            session.report(&found, &SourceMap::new())?;
            Ok(Exit::Error)
        }
    }
}

fn list(names: &[String], current: &str, json: bool) -> String {
    if json {
        let document = serde_json::json!({ "current": current, "workspaces": names });
        return format!("{document:#}\n");
    }
    names.iter().map(|name| format!("{} {name}\n", if name == current { '*' } else { ' ' })).collect()
}

fn create(options: &WorkspaceOptions, args: &WorkspaceNewArgs) -> Result<String, Diagnostics> {
    let state = match &args.state {
        None => None,
        Some(path) => Some(std::fs::read(path).map_err(|error| {
            Diagnostic::error(Code::FileAccess, format!("cannot read `{}`", path.display()))
                .detail(error.to_string())
        })?),
    };
    options.create(&args.name, state.as_deref())?;
    Ok(format!("Made and chose the workspace `{}`; its state is its own.\n", args.name))
}
