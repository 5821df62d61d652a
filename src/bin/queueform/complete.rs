//! What may come next on a command line: commands, options, and names from the configuration and the state.
//!
//! The scripts of `completion` ask for it by the hidden command `__complete`. Whatever is wrong, nothing is said of it.

use std::path::PathBuf;

use clap::Arg;
use clap::Command;
use queueform::ops::complete;
use queueform::ops::workspace::WorkspaceOptions;

use crate::args::Emulate;
use crate::args::Variables;
use crate::complete_words::Word;
use crate::complete_words::escaped;
use crate::complete_words::meaning;
use crate::complete_words::split;
use crate::project;
use crate::session::Session;

/// What may come next.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// These words, each with what it is.
    Words(Vec<(String, String)>),
    /// A file.
    Files,
    /// A directory.
    Directories,
}

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Nothing,
    Files,
    Directories,
    /// Addresses of the state.
    State,
    /// Addresses of the configuration.
    Configuration,
    /// Both of them.
    Addresses,
    Actions,
    Outputs,
    Workspaces,
    Types,
}

/// Where a command line has got to.
struct Line<'c> {
    root: &'c Command,
    command: &'c Command,
    /// The names of the command.
    names: Vec<String>,
    /// How many arguments without a name were given.
    positionals: usize,
    /// The option whose value comes next.
    pending: Option<&'c Arg>,
    /// Nothing is an option any more.
    is_plain: bool,
    chdir: Option<PathBuf>,
    emulate: Option<Emulate>,
}

/// Returns the answer for a shell: a line for each candidate, its description behind a tab.
pub(crate) fn answer(session: &Session<'_>, root: &Command, shell: &str, words: &[String]) -> String {
    let words: Vec<Word> = match (shell, words) {
        // Bash gives the line as it stands.
        ("bash", [line]) => split(line).into_iter().skip(1).collect(),
        ("zsh", words) => words.iter().map(|word| meaning(word)).collect(),
        (_, words) => words.iter().map(|word| Word { text: word.clone(), open: None }).collect(),
    };
    let Some((current, before)) = words.split_last() else { return String::new() };
    let mut line = Line {
        root,
        command: root,
        names: Vec::new(),
        positionals: 0,
        pending: None,
        is_plain: false,
        chdir: None,
        emulate: None,
    };
    for word in before {
        line.read(&word.text);
    }
    let found = match next(session, &line, &current.text) {
        Next::Files => return ":files\n".to_owned(),
        Next::Directories => return ":dirs\n".to_owned(),
        Next::Words(found) => found,
    };
    // Bash begins a new word behind `=`.
    let skip = match current.text.split_once('=') {
        Some((option, _)) if shell == "bash" && option.starts_with('-') => option.len() + 1,
        _ => 0,
    };
    let mut out = String::new();
    for (word, about) in found {
        let word = word.get(skip..).unwrap_or_default();
        match shell {
            "bash" if current.open.is_none() => out.push_str(&escaped(word)),
            _ => out.push_str(word),
        }
        if shell != "bash" && !about.is_empty() {
            out.push('\t');
            out.push_str(&about);
        }
        out.push('\n');
    }
    out
}

impl<'c> Line<'c> {
    /// Takes in a word that is written already.
    fn read(&mut self, word: &str) {
        if let Some(option) = self.pending.take() {
            self.value(option, Some(word));
        } else if word == "--" {
            self.is_plain = true;
        } else if word.starts_with('-') && word.len() > 1 && !self.is_plain {
            let (name, value) =
                word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)));
            let Some(option) = self.option(name) else { return };
            let takes = option.get_action().takes_values();
            if takes && value.is_none() && !option.is_require_equals_set() {
                self.pending = Some(option);
            } else {
                self.value(option, value);
            }
        } else if let Some(inner) = self.command.find_subcommand(word).filter(|_| !self.is_plain) {
            self.command = inner;
            self.names.push(inner.get_name().to_owned());
            self.positionals = 0;
        } else {
            self.positionals += 1;
        }
    }

    /// Takes in the value of an option that counts here.
    fn value(&mut self, option: &Arg, value: Option<&str>) {
        match (option.get_id().as_str(), value) {
            ("chdir", Some(directory)) => self.chdir = Some(directory.into()),
            ("emulate", Some("state")) => self.emulate = Some(Emulate::State),
            ("emulate", _) => self.emulate = Some(Emulate::Fresh),
            _ => {}
        }
    }

    fn option(&self, written: &str) -> Option<&'c Arg> {
        let name = written.trim_start_matches('-');
        let own = self.command.get_arguments().chain(self.root.get_arguments());
        own.into_iter().find(|arg| arg.get_long() == Some(name))
    }

    /// Returns what a value is.
    fn kind(&self, arg: &Arg) -> Kind {
        let names: Vec<&str> = self.names.iter().map(String::as_str).collect();
        let value = arg.get_value_names().and_then(<[_]>::first).map(ToString::to_string).unwrap_or_default();
        match (names.as_slice(), arg.get_id().as_str(), value.as_str()) {
            (["action", ..], _, "ADDR") | (_, "invoke", _) => Kind::Actions,
            (["import"], _, "ADDR") => Kind::Configuration,
            (["state", "replace-provider"], _, "FROM" | "TO") => Kind::Nothing,
            (["state" | "taint" | "untaint", ..], _, "ADDR" | "FROM" | "TO") | (_, "replace", "ADDR") => {
                Kind::State
            }
            (_, _, "ADDR" | "ADDR=N") => Kind::Addresses,
            (["output"], "name", _) => Kind::Outputs,
            (["workspace", "select" | "delete"], "name", _) => Kind::Workspaces,
            (["schema", "show"], "type_name", _) => Kind::Types,
            (_, _, "FILE" | "PATHS") | (["fmt"], "paths", _) => Kind::Files,
            (_, _, "DIR") => Kind::Directories,
            _ => Kind::Nothing,
        }
    }
}

/// Returns what may come next.
fn next(session: &Session<'_>, line: &Line<'_>, current: &str) -> Next {
    if let Some(option) = line.pending {
        return values(session, line, option, current, "");
    }
    if current.starts_with('-') && !line.is_plain {
        if let Some((written, value)) = current.split_once('=') {
            let Some(option) = line.option(written) else { return Next::Words(Vec::new()) };
            return values(session, line, option, value, &format!("{written}="));
        }
        let dashes = if current.starts_with("--") || current == "-" { "--" } else { "-" };
        let own = line.command.get_arguments();
        let global = line.root.get_arguments().filter(|arg| arg.is_global_set());
        let mut found: Vec<(String, String)> = own
            .chain(global)
            .filter(|arg| !arg.is_hide_set())
            .filter_map(|arg| {
                let equals = if arg.is_require_equals_set()
                    && arg.get_num_args().is_some_and(|n| n.min_values() > 0)
                {
                    "="
                } else {
                    ""
                };
                Some((format!("{dashes}{}{equals}", arg.get_long()?), first_line(arg.get_help())))
            })
            .filter(|(name, _)| name.starts_with(current))
            .collect();
        found.sort();
        found.dedup();
        return Next::Words(found);
    }
    if line.command.has_subcommands() {
        let inner = line.command.get_subcommands().filter(|inner| !inner.is_hide_set());
        let found = inner.map(|inner| (inner.get_name().to_owned(), first_line(inner.get_about())));
        return Next::Words(found.filter(|(name, _)| name.starts_with(current)).collect());
    }
    let all: Vec<&Arg> = line.command.get_positionals().collect();
    let arg = all.get(line.positionals).or_else(|| {
        // The last one may come several times.
        all.last().filter(|arg| matches!(arg.get_action(), clap::ArgAction::Append))
    });
    match arg {
        Some(arg) => values(session, line, arg, current, ""),
        None => Next::Words(Vec::new()),
    }
}

fn first_line(text: Option<&clap::builder::StyledStr>) -> String {
    text.map(ToString::to_string).unwrap_or_default().lines().next().unwrap_or_default().to_owned()
}

/// Returns the values of an argument that begin with what is written.
fn values(session: &Session<'_>, line: &Line<'_>, arg: &Arg, written: &str, lead: &str) -> Next {
    let possible = arg.get_possible_values();
    if !possible.is_empty() {
        let found = possible.iter().filter(|value| value.get_name().starts_with(written));
        let found = found.map(|value| (format!("{lead}{}", value.get_name()), first_line(value.get_help())));
        return Next::Words(found.collect());
    }
    let kind = line.kind(arg);
    match kind {
        Kind::Files => return Next::Files,
        Kind::Directories => return Next::Directories,
        Kind::Nothing => return Next::Words(Vec::new()),
        _ => {}
    }
    if let Some(directory) = &line.chdir
        && std::env::set_current_dir(directory).is_err()
    {
        return Next::Words(Vec::new());
    }
    let mut global = session.global.clone();
    global.emulate = line.emulate;
    let session = Session { host: session.host, global };
    let options = || project::options(&session, &Variables::default(), None);
    let configuration = |actions| complete::of_configuration(&options().load(), written, actions);
    let names: Vec<String> = match kind {
        Kind::State => complete::of_state(options().place(), written),
        Kind::Configuration => configuration(false),
        Kind::Actions => configuration(true),
        Kind::Addresses => {
            let mut all = complete::of_state(options().place(), written);
            all.extend(configuration(false));
            all.sort();
            all.dedup();
            all
        }
        Kind::Outputs => complete::outputs(options().place()),
        Kind::Workspaces => complete::workspaces(&WorkspaceOptions {
            place: options().place(),
            forced: session.forced_workspace(),
        }),
        Kind::Types => complete::types(std::path::Path::new(".")),
        Kind::Nothing | Kind::Files | Kind::Directories => Vec::new(),
    };
    let end = if line.kind(arg) == Kind::Addresses && arg.get_id().as_str() == "allow_data_loss" {
        "="
    } else {
        ""
    };
    let found = names.into_iter().filter(|name| name.starts_with(written));
    Next::Words(found.map(|name| (format!("{lead}{name}{end}"), String::new())).collect())
}
