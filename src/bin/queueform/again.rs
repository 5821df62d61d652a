//! The command that goes on where a run stopped: the same one, without what would be done twice.

use std::collections::BTreeSet;

use queueform::apply::Applied;
use queueform::apply::End;
use queueform::ops::project::Project;

use crate::host::Host;

/// What stands for the value of a secret variable.
const SECRET: &str = "…";

/// Returns the command line of this process as it is to be run again. Objects that were replaced or written again on
/// request are done, and the fingerprint of the plan was that of the whole. Secrets are not repeated.
pub(crate) fn command(host: &Host, project: &Project, applied: &Applied) -> String {
    let done: BTreeSet<String> = applied
        .ends
        .iter()
        .filter(|object| object.end == End::Done)
        .map(|object| object.addr.to_string())
        .collect();
    let is_secret = |name: &str| {
        let variable = project.config.root.variables.get(name);
        variable.is_some_and(|variable| variable.sensitive || variable.ephemeral)
    };
    line(host.arguments.iter().map(|argument| argument.to_string_lossy().into_owned()), &done, &is_secret)
}

fn line(
    arguments: impl Iterator<Item = String>,
    done: &BTreeSet<String>,
    is_secret: &dyn Fn(&str) -> bool,
) -> String {
    let mut kept = vec!["queueform".to_owned()];
    let mut arguments = arguments.peekable();
    while let Some(argument) = arguments.next() {
        let dashes = argument.len() - argument.trim_start_matches('-').len();
        let text = argument.trim_start_matches('-');
        let (name, value) = match text.split_once('=') {
            Some((name, value)) if dashes > 0 => (name, Some(value.to_owned())),
            _ => (text, None),
        };
        if dashes == 0 || !matches!(name, "replace" | "assert" | "expect-plan" | "var") {
            kept.push(argument);
            continue;
        }
        let is_apart = value.is_none();
        let Some(value) = value.or_else(|| arguments.next()) else {
            kept.push(argument);
            continue;
        };
        let value = match name {
            "expect-plan" => continue,
            "var" => match value.split_once('=') {
                Some((variable, _)) if is_secret(variable.trim()) => format!("{variable}={SECRET}"),
                _ => value,
            },
            _ if done.contains(&value) => continue,
            _ => value,
        };
        if is_apart {
            kept.extend([argument, value]);
        } else {
            kept.push(format!("{}{name}={value}", "-".repeat(dashes)));
        }
    }
    kept.iter().map(|argument| quoted(argument)).collect::<Vec<_>>().join(" ")
}

/// Quotes an argument for a shell, if it must be.
fn quoted(argument: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-=.,:/@%+".contains(c);
    if !argument.is_empty() && argument.chars().all(is_plain) {
        return argument.to_owned();
    }
    // Only what no shell can be given cannot be quoted.
    shlex::try_quote(argument).map_or_else(|_| argument.to_owned(), std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(arguments: &[&str], expected: &str) {
        let done = BTreeSet::from(["a.b[\"x\"]".to_owned()]);
        let given = arguments.iter().map(|argument| (*argument).to_owned());
        assert_eq!(line(given, &done, &|name| name == "token"), expected);
    }

    #[test]
    fn options_are_kept() {
        check(
            &["--chdir=x y", "apply", "-auto-approve", "-target", "a.b[\"x\"]", "-var", "size=2"],
            "queueform '--chdir=x y' apply -auto-approve -target 'a.b[\"x\"]' -var size=2",
        );
        check(&["apply", "first.qfplan"], "queueform apply first.qfplan");
    }

    #[test]
    fn what_was_asked_for_once_is_not_done_twice() {
        check(
            &[
                "apply",
                "-replace=a.b[\"x\"]",
                "--replace",
                "a.c",
                "--expect-plan=01234567",
                "--assert",
                "a.b[\"x\"]",
            ],
            "queueform apply --replace a.c",
        );
    }

    #[test]
    fn secrets_are_not_repeated() {
        check(
            &["apply", "-var=token=s3cret", "--var", "token=s3cret", "-var=size=1"],
            "queueform apply '-var=token=…' --var 'token=…' -var=size=1",
        );
    }
}
