//! Guides about what goes wrong, replayed: every command in them is run, and must say what the guide says.
//!
//! What cannot be written as a command stands in the guide's HTML comments: `write`, `append` and `edit` a file, what
//! the service does, a `fault` rule of the emulator, and when a command is interrupted or killed. In what is printed, `…` stands for any text, alone on
//! a line for any lines.

use std::process::Command;
use std::process::Stdio;

use queueform::emulator::DEMO_ACCESS_KEY;
use queueform::emulator::DEMO_SECRET_KEY;
use serde_json::json;

use crate::support::Place;

use super::process::Process;
use super::remote::Remote;

const GUIDE: &str = include_str!("../../../docs/guides/first-hour.md");

/// When and how a command is ended.
enum Cut {
    /// SIGINT as soon as the service has changed something.
    Interrupt,
    /// SIGKILL as soon as this is said.
    Kill(String),
}

struct Replay {
    place: Place,
    remote: Option<Remote>,
    cut: Option<Cut>,
    file: Option<(String, bool)>,
    commands: usize,
}

impl Replay {
    fn service(&self) -> &Remote {
        self.remote.as_ref().unwrap()
    }

    fn directive(&mut self, text: &str) {
        let (verb, rest) = text.split_once(' ').unwrap_or((text, ""));
        match (verb, rest) {
            ("write", file) => self.file = Some((file.to_owned(), false)),
            ("append", file) => self.file = Some((file.to_owned(), true)),
            ("edit", rest) => {
                let (file, change) = rest.split_once(": ").unwrap();
                let (old, new) = change.split_once(" => ").unwrap();
                let before = self.place.read(file);
                assert!(before.contains(old), "{file} has no `{old}`");
                self.place.write(file, &before.replace(old, new));
            }
            ("interrupt", "behind its first call") => self.cut = Some(Cut::Interrupt),
            ("kill", rest) => self.cut = Some(Cut::Kill(rest.trim_start_matches("at ").to_owned())),
            ("service", "starts") => self.remote = Some(Remote::start()),
            ("service", "is stuck") => {
                self.service().control("PUT", "/clock", &json!({ "mode": "manual" }));
            }
            ("service", "is slow") => {
                self.service().control("PUT", "/clock", &json!({ "mode": "polled", "polls": 2 }));
                let slow = json!({ "fault": "latency", "ms": 2000, "method": "POST", "path": "/topics" });
                self.service().control("POST", "/faults", &slow);
            }
            ("fault", rule) => {
                let rule: serde_json::Value = serde_json::from_str(rule).unwrap();
                self.service().control("POST", "/faults", &rule);
            }
            ("service", "has the instance shop") => {
                self.service().seed(&json!({ "id": "11111111-2222-4333-8444-555555555555", "name": "shop" }));
            }
            ("service", "is normal") => self.service().speed_up(),
            ("unread", rest) => {
                let count: u64 = rest.trim_start_matches("messages: ").parse().unwrap();
                let lag = json!({ "topic": "refunds", "lag": count });
                self.service().control("PUT", "/instances/first-hour/groups/billing/lag", &lag);
            }
            ("everything", "was created once") => {
                let creates = self.service().creates("");
                assert_eq!(creates.len(), 4, "{creates:?}");
                assert!(creates.values().all(|count| *count == 1), "{creates:?}");
            }
            _ => panic!("the guide has an unknown comment: {text}"),
        }
    }

    /// A block of configuration.
    fn text(&mut self, text: &str) {
        let Some((file, append)) = self.file.take() else { return };
        let before = if append { self.place.read(&file) } else { String::new() };
        self.place.write(&file, &(before + text));
    }

    /// A block of commands, each followed by what it prints.
    fn console(&mut self, block: &str) {
        let mut rest = block;
        while let Some(text) = rest.strip_prefix("$ ") {
            let end = text.find("\n$ ").map_or(text.len(), |at| at + 1);
            let (command, printed) = text[..end].split_once('\n').unwrap_or((&text[..end], ""));
            self.run(command, printed);
            rest = &text[end..];
        }
        assert!(rest.is_empty(), "a block of commands begins with `$ `: {rest}");
    }

    fn run(&mut self, line: &str, expected: &str) {
        self.commands += 1;
        let (line, status) = line.split_once(" # exit status ").unwrap_or((line, "0"));
        let mut words = line.split(' ').peekable();
        // Both streams go one way, as in a terminal.
        let mut command = Command::new("sh");
        command.args(["-c", "exec \"$0\" \"$@\" 2>&1", env!("CARGO_BIN_EXE_queueform")]);
        command.env_clear().env("HOME", self.place.path()).current_dir(self.place.path());
        command.envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
        if let Some(remote) = &self.remote {
            command.env("SBC_ACCESS_KEY", DEMO_ACCESS_KEY).env("SBC_SECRET_KEY", DEMO_SECRET_KEY);
            command.env("QF_VAR_endpoint", remote.endpoint());
        }
        while let Some((name, value)) = words.peek().and_then(|word| word.split_once('=')) {
            command.env(name, value);
            words.next();
        }
        assert_eq!(words.next(), Some("queueform"), "{line}");
        command.args(words).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = Process::new(command.spawn().unwrap());
        let cut = self.cut.take();
        match &cut {
            Some(Cut::Interrupt) => {
                assert!(process.until(|| !self.service().writes().is_empty()), "nothing was called");
                process.interrupt();
            }
            Some(Cut::Kill(text)) => {
                process.until_says(text);
                process.kill();
            }
            None => {}
        }
        let ended = process.end();
        let said = ended.stdout;
        if !matches!(cut, Some(Cut::Kill(_))) {
            assert_eq!(ended.status, Some(status.parse().unwrap()), "{line}\n{said}");
        }
        let (expected, said): (Vec<&str>, Vec<&str>) = (lines(expected), lines(&said));
        assert!(fits(&expected, &said), "{line} printed\n{}\nnot\n{}", said.join("\n"), expected.join("\n"));
    }
}

/// Lines without the empty ones around them.
fn lines(text: &str) -> Vec<&str> {
    text.trim_matches('\n').lines().map(str::trim_end).collect()
}

/// Whether lines are as a pattern has them.
fn fits(pattern: &[&str], lines: &[&str]) -> bool {
    match pattern.split_first() {
        None => lines.is_empty(),
        Some((&"…", rest)) => (0..=lines.len()).any(|skipped| fits(rest, &lines[skipped..])),
        Some((first, rest)) => {
            lines.split_first().is_some_and(|(line, others)| line_fits(first, line) && fits(rest, others))
        }
    }
}

fn line_fits(pattern: &str, line: &str) -> bool {
    let mut parts = pattern.split('…');
    let Some(mut rest) = line.strip_prefix(parts.next().unwrap()) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

/// Runs a guide and returns how many commands it has.
fn replay(guide: &str) -> usize {
    let mut replay = Replay { place: Place::new(), remote: None, cut: None, file: None, commands: 0 };
    let mut all = guide.lines();
    while let Some(line) = all.next() {
        if let Some(text) = line.strip_prefix("<!-- ").and_then(|text| text.strip_suffix(" -->")) {
            replay.directive(text);
        } else if let Some(kind) = line.strip_prefix("```") {
            let block: String =
                all.by_ref().take_while(|line| *line != "```").map(|line| format!("{line}\n")).collect();
            match kind {
                "hcl" => replay.text(&block),
                "console" => replay.console(&block),
                other => panic!("the guide has a block of kind `{other}`"),
            }
        }
    }
    replay.commands
}

#[test]
fn the_first_hour_goes_as_the_guide_says() {
    assert_eq!(replay(GUIDE), 13);
}

#[test]
fn an_apply_that_fails_half_way_goes_as_the_guide_says() {
    assert_eq!(replay(include_str!("../../../docs/guides/partial-failure.md")), 4);
}

#[test]
fn patterns_match_what_they_should() {
    assert!(line_fits("a … c", "a b c") && line_fits("a…", "a") && !line_fits("a … d", "a b c"));
    assert!(!line_fits("a", "ab") && line_fits("… b …", "a b c"));
    assert!(fits(&["…", "b", "…"], &["a", "b"]) && !fits(&["b"], &["a", "b"]) && !fits(&["…", "c"], &["a"]));
}
