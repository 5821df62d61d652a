//! Pages on the language, and guides: their files are written, their commands are run, and what they print is compared.
//!
//! A block of HCL with `title="NAME"` is a file. In a block `console` each line that begins with `$ ` is a command, and
//! the lines below it are what it prints; a line `…` stands for any lines, and `…` within a line for any
//! text. A command may have quoted words, and end in `# exit status N` if it does not end with 0 (`rm FILE` is the only
//! other program). In a block `expressions` each line that begins with `> ` is evaluated by the console, and the lines below it are
//! the result, or what is wrong; `UPDATE=1` writes them.

#![expect(clippy::indexing_slicing, reason = "a line more than there are is a defect of the test")]

use std::path::Path;

use queueform::config::LoadOptions;
use queueform::ops::console::Console;
use queueform::ops::console::ConsoleOptions;
use queueform::ops::console::Evaluated;
use queueform::ops::place::PlaceOptions;
use queueform::render::console::type_text;
use queueform::render::console::value_text;

use super::estate::left_in;
use crate::support::ENVIRONMENT;
use crate::support::Place;
use crate::support::Repository;
use crate::support::has_git;

/// One fenced block: the words behind the fence, and the text.
pub(super) fn blocks(page: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut open: Option<(String, String)> = None;
    for line in page.lines() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(words), None) => open = Some((words.to_owned(), String::new())),
            (Some(_), Some(_)) => found.extend(open.take()),
            (None, Some((_, text))) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a fence is not closed");
    found
}

/// Whether a text is as expected; a line `…` stands for any lines.
pub(super) fn is_as_shown(shown: &str, text: &str) -> bool {
    fn lines(shown: &[&str], text: &[&str]) -> bool {
        match shown {
            [] => text.is_empty(),
            ["…", rest @ ..] => (0..=text.len()).any(|skip| lines(rest, &text[skip..])),
            [first, rest @ ..] => {
                let fits = |line: &&str| {
                    let mut parts = first.trim_end().split('…');
                    let start = parts.next().unwrap_or_default();
                    let Some(mut rest) = line.trim_end().strip_prefix(start) else { return false };
                    let parts: Vec<&str> = parts.collect();
                    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
                    for part in middle {
                        let Some((_, after)) = rest.split_once(part) else { return false };
                        rest = after;
                    }
                    rest.ends_with(last)
                };
                text.first().is_some_and(fits) && lines(rest, &text[1..])
            }
        }
    }
    let split = |text: &str| -> Vec<String> { text.trim_end().lines().map(str::to_owned).collect() };
    let (shown, text) = (split(shown), split(text));
    let shown: Vec<&str> = shown.iter().map(String::as_str).collect();
    let text: Vec<&str> = text.iter().map(String::as_str).collect();
    lines(&shown, &text)
}

/// Takes the exit status that a command of a page ends with off its end: `# exit status 3`.
fn expected_status(line: &str) -> (&str, Option<i32>) {
    match line.split_once("# exit status ") {
        Some((command, status)) => (command.trim_end(), Some(status.trim().parse().unwrap())),
        None => (line, None),
    }
}

/// Splits a command into its words, as a shell does with words in quotes.
fn words_of(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for character in line.chars() {
        match (quote, character) {
            (Some(open), _) if open == character => quote = None,
            (None, '\'' | '"') => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (None, ' ') => words.extend(word.take()),
            _ => word.get_or_insert_default().push(character),
        }
    }
    assert!(quote.is_none(), "a quote is not closed: {line}");
    words.extend(word);
    words
}

/// Runs a page on the language.
fn run(name: &str, prepare: impl FnOnce(&Place) -> Vec<(String, String)>) {
    run_page(&format!("language/{name}"), prepare);
}

/// Runs a page, which is named as it lies below `docs`, from its first block to its last.
fn run_page(name: &str, prepare: impl FnOnce(&Place) -> Vec<(String, String)>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name);
    let page = std::fs::read_to_string(&path).unwrap();
    let mut updated = page.clone();
    let place = Place::new();
    let environment = prepare(&place);
    let mut commands = 0;
    for (words, text) in blocks(&page) {
        if let Some((_, rest)) = words.split_once("title=\"") {
            place.write(rest.split('"').next().unwrap(), &text);
        }
        if words == "expressions" {
            let found = expressions(place.path(), &text);
            if std::env::var_os("UPDATE").is_some() {
                updated = updated
                    .replace(&format!("```expressions\n{text}```"), &format!("```expressions\n{found}```"));
            } else {
                assert_eq!(text, found, "{name}");
            }
            commands += 1;
        }
        if words != "console" {
            continue;
        }
        for part in text.split("$ ").skip(1) {
            let (line, shown) = part.split_once('\n').unwrap_or((part, ""));
            let (line, status) = expected_status(line);
            let arguments = words_of(line);
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            let [program, arguments @ ..] = arguments.as_slice() else { panic!("{line}") };
            if let ("rm", [file]) = (*program, arguments) {
                std::fs::remove_file(place.path().join(file)).unwrap();
                continue;
            }
            assert_eq!(*program, "queueform", "{line}");
            let mut command = place.command(arguments);
            for (name, value) in &environment {
                command = command.env(name, value);
            }
            let output = command.output();
            let printed = format!("{}{}", output.stdout, output.stderr);
            assert!(
                is_as_shown(shown, &printed),
                "{name}: $ {line}\n--- shown\n{shown}\n--- printed\n{printed}"
            );
            if let Some(status) = status {
                assert_eq!(output.status, Some(status), "{name}: $ {line}\n{printed}");
            }
            commands += 1;
        }
    }
    assert!(commands > 0, "{name}: no command");
    if updated != page {
        std::fs::write(path, updated).unwrap();
    }
}

/// Evaluates the expressions of a block one after the other.
fn expressions(directory: &Path, text: &str) -> String {
    let console = Console::open(&ConsoleOptions {
        load: LoadOptions { directory: directory.to_owned(), ..LoadOptions::default() },
        place: PlaceOptions::of_directory(directory),
        home: None,
    });
    let mut evaluator = console.evaluator();
    let mut found = String::new();
    for line in text.lines() {
        let Some(expression) = line.strip_prefix("> ") else { continue };
        let result = match evaluator.evaluate(expression) {
            Ok(Evaluated::Value(value)) => value_text(&value),
            Ok(Evaluated::Type(ty)) => type_text(&ty),
            Ok(Evaluated::TypeOfType) => "type".to_owned(),
            Err(findings) => {
                let first = findings.iter().next().unwrap();
                format!("error[{}]: {}", first.code.name(), first.summary)
            }
        };
        found.push_str(&format!("> {expression}\n{result}\n"));
    }
    found
}

/// A repository with a module and a tag, found under an address that a server would have.
fn queues(place: &Place) -> Vec<(String, String)> {
    let base = place.path().with_file_name("git");
    let repository = Repository::new(base.join("queues.git"));
    let module = "variable \"name\" {\n  type = string\n}\n\nresource \"queueform_data\" \"topic\" {\n  input = var.name\n}\n\noutput \"name\" {\n  value = queueform_data.topic.output\n}\n";
    repository.commit(&[("topic/main.qf.hcl", module)]);
    repository.git(&["tag", "v1.0.0"]);
    let mut variables: Vec<(String, String)> =
        ENVIRONMENT.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    for (name, value) in [
        ("PATH", std::env::var("PATH").unwrap()),
        ("GIT_CONFIG_COUNT", "1".to_owned()),
        ("GIT_CONFIG_KEY_0", format!("url.file://{}/.insteadOf", base.display())),
        ("GIT_CONFIG_VALUE_0", "https://git.example.com/".to_owned()),
    ] {
        variables.push((name.to_owned(), value));
    }
    variables
}

#[test]
fn modules_installing() {
    if !has_git() {
        return;
    }
    run("modules-installing.md", queues);
}

#[test]
fn enabled() {
    run("enabled.md", |_| Vec::new());
}

#[test]
fn provider_sets() {
    run("provider-sets.md", |_| Vec::new());
}

#[test]
fn rounds() {
    run("rounds.md", |_| Vec::new());
}

#[test]
fn remote_state() {
    run("remote-state.md", |_| Vec::new());
}

#[test]
fn modules() {
    run("modules.md", |_| Vec::new());
}

#[test]
fn migrating() {
    run_page("guides/migrate-from-terraform.md", |_| Vec::new());
}

/// The pages whose examples need nothing but their own files.
const PAGES: [&str; 11] = [
    "conditionals-and-for.md",
    "ephemeral.md",
    "expressions.md",
    "functions.md",
    "json.md",
    "limits.md",
    "mistakes.md",
    "overrides.md",
    "strings.md",
    "types.md",
    "variables.md",
];

#[test]
fn topics() {
    for page in PAGES {
        run(page, |_| Vec::new());
    }
}

#[test]
fn stale_plans() {
    run_page("guides/stale-plans.md", |_| Vec::new());
}

#[test]
fn adopting() {
    run_page("guides/adopting.md", |place| {
        left_in(place, include_str!("../../fixtures/adopt/dms.qf.hcl"));
        Vec::new()
    });
}

#[test]
fn undo() {
    run_page("guides/undo.md", |_| Vec::new());
}

#[test]
fn renaming() {
    run_page("guides/renaming.md", |_| Vec::new());
}
