//! Mistakes on the command line as diagnostics, with an answer for the habits of Terraform users.

use std::io;

use clap::Command;
use clap::CommandFactory as _;
use clap::error::ContextKind;
use clap::error::ContextValue;
use clap::error::Error;
use clap::error::ErrorKind;
use queueform::diag::Code;
use queueform::diag::Diagnostic;
use queueform::diag::Diagnostics;
use queueform::diag::did_you_mean;
use queueform::render::Look;
use queueform::render::diag;
use queueform::source::SourceMap;

use crate::args::Cli;
use crate::exit::Exit;
use crate::habits;
use crate::host::Host;

/// Reports a mistake on the command line.
pub(crate) fn complain(host: &Host, diagnostic: Diagnostic) -> Exit {
    let colour = host.stderr_is_terminal && host.variable("NO_COLOR").is_none();
    let look = Look { colour, width: host.width() };
    let mut text = String::new();
    let drawn = diag::human(&mut text, &Diagnostics::from(diagnostic), &SourceMap::new(), look);
    if drawn.is_ok() {
        // Nobody is left to be told that this failed.
        io::Write::write_all(&mut io::stderr().lock(), text.as_bytes()).ok();
    }
    Exit::Error
}

/// Returns what is wrong with the command line and what to do about it.
pub(crate) fn diagnostic(error: &Error, arguments: &[std::ffi::OsString]) -> Diagnostic {
    let root = Cli::command();
    let command = command_of(&root, arguments);
    let name = full_name(&root, arguments);
    match error.kind() {
        ErrorKind::InvalidSubcommand => unknown_command(error, command),
        ErrorKind::UnknownArgument => unknown_argument(error, &root, command, &name),
        ErrorKind::MissingRequiredArgument => missing(error, &name),
        _ => other(error, &name),
    }
}

fn missing(error: &Error, name: &str) -> Diagnostic {
    let missing = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::Strings(names)) => names.join("`, `"),
        _ => return other(error, name),
    };
    Diagnostic::error(Code::Usage, format!("`{name}` needs `{missing}`")).hint(see(name))
}

fn unknown_command(error: &Error, command: &Command) -> Diagnostic {
    let name = context(error, ContextKind::InvalidSubcommand).unwrap_or_default();
    let found = Diagnostic::error(Code::Usage, format!("there is no command `{name}`"));
    if let Some(answer) = habits::command_answer(&name) {
        return found.hint(answer);
    }
    let known = command.get_subcommands().filter(|other| !other.is_hide_set()).map(Command::get_name);
    found.hint(
        did_you_mean(&name, known).unwrap_or_else(|| "`queueform --help` lists the commands".to_owned()),
    )
}

fn unknown_argument(error: &Error, root: &Command, command: &Command, name: &str) -> Diagnostic {
    let given = context(error, ContextKind::InvalidArg).unwrap_or_default();
    let flag = given.trim_start_matches('-').split('=').next().unwrap_or_default().to_owned();
    if !given.starts_with('-') {
        return Diagnostic::error(Code::Usage, format!("`{name}` does not expect `{given}`")).hint(see(name));
    }
    let found = Diagnostic::error(Code::Usage, format!("`{name}` has no option `--{flag}`"));
    if let Some(answer) = habits::flag_answer(&flag) {
        return found.hint(answer);
    }
    let longs = |command: &'_ Command| -> Vec<String> {
        command.get_arguments().filter_map(|arg| arg.get_long().map(str::to_owned)).collect()
    };
    let own: Vec<String> = longs(command).into_iter().chain(longs(root)).collect();
    if let Some(near) = queueform::diag::suggestion(&flag, own.iter().map(String::as_str)) {
        return found.hint(format!("did you mean `--{near}`?"));
    }
    let elsewhere = root.get_subcommands().find(|other| longs(other).contains(&flag));
    match elsewhere {
        Some(other) => found.hint(format!("it is an option of `{}`", other.get_name())),
        None => found.hint(see(name)),
    }
}

/// Takes clap's own words, which are good enough for missing and malformed values.
fn other(error: &Error, name: &str) -> Diagnostic {
    let text = error.render().to_string();
    let text = text.strip_prefix("error: ").unwrap_or(&text);
    let mut lines =
        text.lines().take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more"));
    let summary = lines.next().unwrap_or_default().trim_end_matches(':').replace('\'', "`");
    let more: Vec<&str> = lines.map(str::trim).filter(|line| !line.is_empty()).collect();
    let detail = more.join("\n").replace('\'', "`");
    Diagnostic::error(Code::Usage, summary).detail(detail).hint(see(name))
}

fn see(name: &str) -> String {
    if name.is_empty() {
        "`queueform --help` lists commands and options".to_owned()
    } else {
        format!("`queueform {name} --help` lists what it takes")
    }
}

fn context(error: &Error, kind: ContextKind) -> Option<String> {
    match error.get(kind)? {
        ContextValue::String(text) => Some(text.clone()),
        _ => None,
    }
}

/// Returns the names of the command that was meant, such as `state list`.
fn full_name(root: &Command, arguments: &[std::ffi::OsString]) -> String {
    let mut names = Vec::new();
    let mut command = root;
    for argument in arguments.iter().skip(1).filter_map(|argument| argument.to_str()) {
        if let Some(next) = command.find_subcommand(argument) {
            names.push(next.get_name());
            command = next;
        }
    }
    names.join(" ")
}

fn command_of<'c>(root: &'c Command, arguments: &[std::ffi::OsString]) -> &'c Command {
    let mut command = root;
    for argument in arguments.iter().skip(1).filter_map(|argument| argument.to_str()) {
        if let Some(next) = command.find_subcommand(argument) {
            command = next;
        }
    }
    command
}
