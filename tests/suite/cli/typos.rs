//! Every kind of name with a mistake in it: what was meant is said, once.
//!
//! The cases stand in `tests/fixtures/typos`. What finds names in the sources is counted, so that a new kind of name
//! needs a case.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use crate::support::Place;

/// One mistake.
struct Case {
    /// The kind of name.
    title: String,
    /// The files, by name.
    files: BTreeMap<String, String>,
    /// The commands; the last one finds the mistake.
    commands: Vec<String>,
    /// What must be said.
    expected: String,
}

fn cases() -> Vec<Case> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/typos/names.cases");
    let text = fs::read_to_string(path).unwrap();
    let mut found: Vec<Case> = Vec::new();
    let mut file = String::new();
    let mut done = true;
    for line in text.lines() {
        if let Some(title) = line.strip_prefix("=== ") {
            assert!(done, "the case before `{title}` expects nothing");
            found.push(Case {
                title: title.to_owned(),
                files: BTreeMap::new(),
                commands: Vec::new(),
                expected: String::new(),
            });
            "main.qf.hcl".clone_into(&mut file);
            done = false;
        } else if let Some(case) = found.last_mut().filter(|_| !done) {
            if let Some(name) = line.strip_prefix("+++ ") {
                name.clone_into(&mut file);
                case.files.entry(file.clone()).or_default();
            } else if let Some(command) = line.strip_prefix("$ ") {
                case.commands.push(command.to_owned());
            } else if let Some(expected) = line.strip_prefix("--- ") {
                expected.clone_into(&mut case.expected);
                done = true;
            } else {
                let text = case.files.entry(file.clone()).or_default();
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    found
}

/// Runs the commands of a case; returns what the last one says.
fn said(case: &Case) -> String {
    let files: Vec<(&str, &str)> =
        case.files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let place = Place::with(&files);
    let mut commands: Vec<&str> = case.commands.iter().map(String::as_str).collect();
    if commands.is_empty() {
        commands.push("validate");
    }
    let mut last = String::new();
    for command in commands {
        let words: Vec<&str> = command.split(' ').collect();
        let output = place.run(&words);
        last = format!("{}{}", output.stdout, output.stderr);
    }
    last
}

#[test]
fn what_was_meant_is_said_once() {
    let cases = cases();
    let titles: BTreeSet<&str> = cases.iter().map(|case| case.title.as_str()).collect();
    assert_eq!(titles.len(), cases.len(), "two cases of one kind");
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let parts: Vec<_> = cases.chunks(cases.len().div_ceil(4)).collect();
        let running: Vec<_> = parts
            .into_iter()
            .map(|part| {
                scope.spawn(move || {
                    let mut wrong = Vec::new();
                    for case in part {
                        let said = said(case);
                        let flat = said.split_whitespace().collect::<Vec<_>>().join(" ");
                        let findings = said
                            .lines()
                            .filter(|line| line.starts_with("error[") || line.starts_with("warning["))
                            .count();
                        if !flat.contains(&case.expected) || findings != 1 {
                            wrong.push(format!("{}: {} expected\n{said}", case.title, case.expected));
                        }
                    }
                    wrong
                })
            })
            .collect();
        running.into_iter().flat_map(|part| part.join().unwrap()).collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Where names of configurations and schemas are looked up.
const LANGUAGE: [&str; 5] = ["src/config/", "src/eval/", "src/plan/", "src/schema/", "src/syntax/"];

/// Sources that say what was meant, with the number of places. A new place needs a case, and is counted here.
const PLACES: &[(&str, usize)] = &[
    ("src/config/decode/action.rs", 1),
    ("src/config/decode/block.rs", 3),
    ("src/config/decode/check.rs", 1),
    ("src/config/decode/encryption.rs", 2),
    ("src/config/decode/mocks.rs", 1),
    ("src/config/decode/mod.rs", 1),
    ("src/config/decode/module.rs", 1),
    ("src/config/decode/requirements.rs", 1),
    ("src/config/decode/resource.rs", 1),
    ("src/config/decode/test_file.rs", 1),
    ("src/config/early.rs", 1),
    ("src/config/handover.rs", 1),
    ("src/config/overrides.rs", 1),
    ("src/config/rules/arguments.rs", 1),
    ("src/config/rules/imports.rs", 1),
    ("src/config/rules/lifecycle.rs", 1),
    ("src/config/rules/literals.rs", 1),
    ("src/config/rules/modules.rs", 1),
    ("src/config/rules/providers.rs", 5),
    ("src/config/rules/references.rs", 8),
    ("src/config/variables.rs", 2),
    ("src/eval/access.rs", 5),
    ("src/eval/functions/template.rs", 1),
    ("src/eval/type_constraint.rs", 1),
    ("src/plan/planner/finish.rs", 1),
    ("src/plan/planner/imports.rs", 1),
    ("src/plan/planner/providers.rs", 1),
    ("src/plan/scope/calls.rs", 3),
    ("src/plan/scope/names.rs", 5),
    ("src/schema/load/reader.rs", 4),
    ("src/schema/rules/capacity.rs", 1),
    ("src/schema/rules/names.rs", 1),
    ("src/schema/rules/refers.rs", 2),
    ("src/schema/rules/steps.rs", 2),
    ("src/schema/scope/findings.rs", 1),
    ("src/syntax/parse/template.rs", 1),
];

fn sources(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn every_place_that_looks_for_names_is_known() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    sources(&root.join("src"), &mut files);
    let mut counted: Vec<(String, usize)> = Vec::new();
    for path in files {
        let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
        if name.contains("tests") || !LANGUAGE.iter().any(|directory| name.starts_with(directory)) {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap();
        let count = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("use ") && !line.trim_start().starts_with("//"))
            .map(|line| line.matches("did_you_mean(").count() + line.matches("suggestion(").count())
            .sum();
        if count > 0 {
            counted.push((name, count));
        }
    }
    counted.sort();
    let known: Vec<(String, usize)> =
        PLACES.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect();
    let shown: String = counted.iter().map(|(name, count)| format!("    ({name:?}, {count}),\n")).collect();
    assert!(
        counted == known,
        "add a case to `tests/fixtures/typos` for what is new, then write here:\n{shown}"
    );
}

/// Findings that a name is not known, by their codes.
const OF_NAMES: [&str; 9] = [
    "Code::UnknownFunction",
    "Code::UnknownBlock",
    "Code::UnknownArgument",
    "Code::UnknownAttribute",
    "Code::UnknownResourceType",
    "Code::UnknownProvider,",
    "Code::UnknownProviderConfiguration",
    "Code::UndeclaredReference",
    "Code::UndeclaredVariable",
];

/// Whoever says that a name is not known says what to do, in the same breath.
#[test]
fn unknown_names_come_with_a_hint() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    sources(&root.join("src"), &mut files);
    let mut wrong = Vec::new();
    for path in files {
        let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
        if name.contains("tests") || !LANGUAGE.iter().any(|directory| name.starts_with(directory)) {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap();
        let lines: Vec<&str> = text.lines().collect();
        for (index, line) in lines.iter().enumerate() {
            let made = lines[index.saturating_sub(1)..=index]
                .iter()
                .any(|line| line.contains("Diagnostic::error(") || line.contains("Diagnostic::warning("));
            if made && OF_NAMES.iter().any(|code| line.contains(code)) {
                let near = &lines[index.saturating_sub(3)..(index + 16).min(lines.len())];
                if !near.iter().any(|line| line.contains("hint")) {
                    wrong.push(format!("{name}:{}", index + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "no hint near {}", wrong.join(", "));
}
