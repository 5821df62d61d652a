//! Arguments as Terraform users type them: single dashes, `=true`, arguments from the environment.

use std::ffi::OsString;

use clap::Arg;
use clap::ArgAction;
use clap::Command;

use crate::host::Host;

/// Returns the arguments as clap reads them: `-auto-approve` becomes `--auto-approve`, `--json=false` goes, and
/// what `QF_CLI_ARGS` and `QF_CLI_ARGS_command` hold is put behind the command's name.
///
/// # Errors
/// The name of the variable whose quotes do not match.
pub(crate) fn normalise(host: &Host, root: &Command) -> Result<Vec<OsString>, String> {
    let mut out = vec![OsString::from("queueform")];
    let mut reader = Reader { command: root, root, names: Vec::new() };
    let mut rest = host.arguments.iter();
    while let Some(argument) = rest.next() {
        let Some(text) = argument.to_str() else {
            out.push(argument.clone());
            continue;
        };
        if text == "--" {
            out.push(argument.clone());
            break;
        }
        let before = reader.names.len();
        let taken = reader.read(text, &mut out);
        let goes_on = || {
            let next = rest.clone().next().and_then(|next| next.to_str());
            next.is_some_and(|next| reader.command.find_subcommand(next).is_some())
        };
        let is_group = reader.command.has_subcommands() && reader.command.is_subcommand_required_set();
        if reader.names.len() > before && !is_group && !goes_on() {
            for extra in from_environment(host, &reader.names)? {
                reader.read(&extra, &mut out);
            }
        }
        if taken == Takes::Value {
            out.extend(rest.next().cloned());
        }
    }
    out.extend(rest.cloned());
    Ok(out)
}

/// Returns the arguments that the environment adds to a command: first those for all commands.
fn from_environment(host: &Host, names: &[String]) -> Result<Vec<String>, String> {
    let mut out = Vec::new();
    let own = format!("QF_CLI_ARGS_{}", names.join("_").replace('-', "_"));
    for name in ["QF_CLI_ARGS", own.as_str()] {
        if let Some(value) = host.variable(name) {
            out.extend(shlex::split(value).ok_or_else(|| name.to_owned())?);
        }
    }
    Ok(out)
}

/// Whether the next argument belongs to this one.
#[derive(Debug, PartialEq, Eq)]
enum Takes {
    Nothing,
    Value,
}

/// Follows the arguments into the tree of commands.
struct Reader<'c> {
    command: &'c Command,
    root: &'c Command,
    names: Vec<String>,
}

impl Reader<'_> {
    /// Adds one argument in the form that clap reads.
    fn read(&mut self, text: &str, out: &mut Vec<OsString>) -> Takes {
        let Some(flag) = long_flag(text) else {
            if !text.starts_with('-')
                && let Some(next) = self.command.find_subcommand(text)
            {
                self.command = next;
                self.names.push(next.get_name().to_owned());
            }
            out.push(text.into());
            return Takes::Nothing;
        };
        let (name, value) = flag.split_once('=').map_or((flag, None), |(name, value)| (name, Some(value)));
        let known = self.find(name);
        let is_switch = known.is_some_and(|arg| !arg.get_action().takes_values());
        match (is_switch, value) {
            (true, Some("true")) => out.push(format!("--{name}").into()),
            (true, Some("false")) => {}
            _ => out.push(format!("--{flag}").into()),
        }
        let wants = known.is_some_and(|arg| {
            matches!(arg.get_action(), ArgAction::Set | ArgAction::Append) && !arg.is_require_equals_set()
        });
        if wants && value.is_none() { Takes::Value } else { Takes::Nothing }
    }

    fn find(&self, name: &str) -> Option<&Arg> {
        let of = |command: &'_ Command| command.get_arguments().position(|arg| arg.get_long() == Some(name));
        of(self.command)
            .and_then(|index| self.command.get_arguments().nth(index))
            .or_else(|| of(self.root).and_then(|index| self.root.get_arguments().nth(index)))
    }
}

/// Returns the long flag that an argument is, with its value, without dashes.
fn long_flag(text: &str) -> Option<&str> {
    if let Some(flag) = text.strip_prefix("--") {
        return Some(flag);
    }
    let flag = text.strip_prefix('-')?;
    // `-` alone is standard input, `-h` a short flag.
    (flag.len() > 1 && flag.starts_with(|c: char| c.is_ascii_alphabetic())).then_some(flag)
}

/// Answers to commands of Terraform that are something else here.
const COMMANDS: &[(&str, &str)] = &[
    ("get", "`queueform init` installs modules, `queueform init --upgrade` takes newer commits"),
    ("login", "there is nothing to log in to; credentials come from the vendors' own environment variables"),
    (
        "logout",
        "there is nothing to log out of; credentials come from the vendors' own environment variables",
    ),
    ("env", "use `queueform workspace`"),
    ("stacks", "use one directory for each deployment"),
    ("push", "nothing is sent anywhere but to the brokers' own APIs"),
    ("help", "use `queueform --help` or `queueform COMMAND --help`"),
];

/// Answers to flags of Terraform that are something else here.
const FLAGS: &[(&str, &str)] = &[
    ("allow-missing-config", "use an `import` block, which stands for its resource block"),
    ("backup", "every state is kept in the history beside the journal"),
    ("consolidate-warnings", "similar warnings are folded already"),
    ("config", "import from the directory of the configuration; choose it with `--chdir=DIR`"),
    ("deprecation", "nothing is deprecated so far"),
    ("force", "use `--auto-approve`"),
    ("from-module", "copy the files yourself, for example with `git clone`"),
    ("get", "`init` fetches only what is missing"),
    ("get-plugins", "providers are part of the program"),
    ("ignore-remote-version", "the version that wrote a state is checked by its format alone"),
    ("module-depth", "`queueform graph` shows what needs what"),
    (
        "plugin-dir",
        "providers are part of the program; your own schemas are named by `schemas` in a provider block",
    ),
    ("show-sensitive", "use `queueform output --raw NAME` for one value"),
    ("state", "the state stands beside the configuration; choose the directory with `--chdir=DIR`"),
    ("state-out", "the state stands beside the configuration; choose the directory with `--chdir=DIR`"),
    ("verify-plugins", "providers are part of the program"),
];

/// Returns what to do instead of a command of Terraform.
pub(crate) fn command_answer(name: &str) -> Option<&'static str> {
    find(COMMANDS, name)
}

/// Returns what to do instead of a flag of Terraform, given without dashes.
pub(crate) fn flag_answer(name: &str) -> Option<&'static str> {
    find(FLAGS, name)
}

fn find(table: &'static [(&str, &str)], name: &str) -> Option<&'static str> {
    table.iter().find(|(known, _)| *known == name).map(|(_, answer)| *answer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    fn check(arguments: &[&str], environment: &[(&str, &str)], expected: &str) {
        let host = Host {
            arguments: arguments.iter().map(OsString::from).collect(),
            environment: environment.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect(),
            stdout_is_terminal: false,
            stderr_is_terminal: false,
            stdin_is_terminal: false,
            columns: None,
            rows: None,
        };
        let mut root = crate::args::Cli::command();
        root.build();
        let read: Vec<String> =
            normalise(&host, &root).unwrap().iter().map(|a| a.to_str().unwrap().to_owned()).collect();
        assert_eq!(read.join(" "), format!("queueform {expected}").trim_end());
    }

    #[test]
    fn single_dashes_become_double() {
        check(&["-chdir=x", "fmt", "-check", "-", "-h"], &[], "--chdir=x fmt --check - -h");
        check(&["fmt", "--", "-check"], &[], "fmt -- -check");
    }

    #[test]
    fn values_are_not_flags() {
        check(&["-chdir", "-odd", "fmt"], &[], "--chdir -odd fmt");
        check(&["-chdir", "fmt", "fmt"], &[], "--chdir fmt fmt");
    }

    #[test]
    fn switches_take_true_and_false() {
        check(&["version", "-json=false"], &[], "version");
        check(&["version", "--json=true"], &[], "version --json");
        check(&["fmt", "-write=false"], &[], "fmt --write=false");
    }

    #[test]
    fn the_environment_adds_arguments_behind_the_command() {
        let environment = [("QF_CLI_ARGS", "-no-color"), ("QF_CLI_ARGS_schema_show", "'a b'")];
        check(
            &["-input=false", "schema", "show", "-json"],
            &environment,
            "--input=false schema show --no-color a b --json",
        );
        check(&["fmt"], &environment, "fmt --no-color");
        check(&[], &environment, "");
    }
}
