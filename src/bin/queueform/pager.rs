//! Long texts on a terminal, a page at a time.

use std::io;
use std::io::Write as _;
use std::process::Command;
use std::process::Stdio;

use crate::host::Host;

/// The pager if the environment names none.
const USUAL: &str = "less";

/// What `less` does unless `LESS` says otherwise: ends by itself if all fits, shows colours, and leaves the text there.
const LESS: &str = "FRX";

/// Returns the program that shows a text page by page; none if nobody is there to turn pages, or all of it fits.
pub(crate) fn wanted(host: &Host, no_pager: bool, text: &str) -> Option<Vec<String>> {
    if no_pager || !host.stdout_is_terminal || host.variable("TERM") == Some("dumb") {
        return None;
    }
    // The prompt behind it takes two lines.
    let fits = host.rows.is_none_or(|rows| text.lines().count() + 2 <= rows);
    if fits {
        return None;
    }
    let named = host.variable("QF_PAGER").or_else(|| host.variable("PAGER")).unwrap_or(USUAL);
    let words = shlex::split(named)?;
    let is_none = words.first().is_none_or(|program| program == "cat");
    (!is_none).then_some(words)
}

/// Shows a text by a program.
///
/// # Errors
/// If it cannot be started: nothing was shown.
pub(crate) fn show(host: &Host, words: &[String], text: &str) -> io::Result<()> {
    let Some((program, arguments)) = words.split_first() else { return Err(io::ErrorKind::NotFound.into()) };
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped());
    if host.variable("LESS").is_none() {
        command.env("LESS", LESS);
    }
    let mut child = command.spawn()?;
    if let Some(mut input) = child.stdin.take() {
        // Who has seen enough ends the pager.
        input.write_all(text.as_bytes()).ok();
    }
    child.wait().map(drop)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn host(terminal: bool, variables: &[(&str, &str)]) -> Host {
        let environment = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Host {
            arguments: Vec::new(),
            environment: environment.collect::<BTreeMap<_, _>>(),
            stdout_is_terminal: terminal,
            stderr_is_terminal: false,
            stdin_is_terminal: false,
            columns: Some(80),
            rows: Some(24),
        }
    }

    #[test]
    fn only_long_texts_on_terminals_are_paged() {
        let (long, short) = ("line\n".repeat(30), "line\n".repeat(22));
        let words =
            |host: &Host, no_pager, text: &str| wanted(host, no_pager, text).map(|words| words.join(" "));
        assert_eq!(words(&host(true, &[]), false, &long).as_deref(), Some("less"));
        assert_eq!(words(&host(true, &[]), false, &short), None);
        assert_eq!(words(&host(true, &[]), true, &long), None);
        assert_eq!(words(&host(false, &[("PAGER", "more")]), false, &long), None);
        assert_eq!(words(&host(true, &[("TERM", "dumb")]), false, &long), None);
        assert_eq!(words(&host(true, &[("PAGER", "more -s")]), false, &long).as_deref(), Some("more -s"));
        let both = [("PAGER", "more"), ("QF_PAGER", "most")];
        assert_eq!(words(&host(true, &both), false, &long).as_deref(), Some("most"));
        assert_eq!(words(&host(true, &[("QF_PAGER", "cat")]), false, &long), None);
        let unknown = Host { rows: None, ..host(true, &[]) };
        assert_eq!(words(&unknown, false, &long), None);
    }

    #[cfg(unix)]
    #[test]
    fn a_pager_reads_the_text_and_may_end_before() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("read");
        let script = format!("cat > '{}'; printf %s \"$LESS\" >> '{}'", file.display(), file.display());
        let shell = |script: &str| vec!["sh".to_owned(), "-c".to_owned(), script.to_owned()];
        show(&host(true, &[]), &shell(&script), "all of it\n").unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "all of it\nFRX");
        show(&host(true, &[]), &shell("exit 0"), &"much\n".repeat(100_000)).unwrap();
        assert!(show(&host(true, &[]), &["queueform-no-such-pager".to_owned()], "x").is_err());
        assert!(show(&host(true, &[]), &[], "x").is_err());
    }
}
