//! Every command and every option is used by a test that runs the program, or on a page that is replayed.
//!
//! The commands and their options are those of `docs/reference/cli.md`, which is generated from what reads them.

#![expect(clippy::indexing_slicing, reason = "a test that meets the unexpected should stop at once")]

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;
use std::path::PathBuf;

/// What nobody uses so far. To be emptied: an entry is a test that is missing.
const MISSING: &[(&str, &str)] = &[
    ("action run", "reason"),
    ("adopt", "var"),
    ("adopt", "var-file"),
    ("apply", "reason"),
    ("destroy", "reason"),
    ("drift", "var-file"),
    ("force-unlock", ""),
    ("force-unlock", "force"),
    ("graph", "var"),
    ("graph", "var-file"),
    ("lock show", "json"),
    ("migrate", "dir"),
    ("migrate", "json"),
    ("migrate", "state"),
    ("modules", "var"),
    ("modules", "var-file"),
    ("providers", "var"),
    ("providers", "var-file"),
    ("state log", ""),
    ("state log", "address"),
    ("state log", "json"),
    ("state log", "limit"),
    ("state replace-provider", ""),
    ("state replace-provider", "dry-run"),
    ("state resolve", "adopt"),
    ("state show", "json"),
    ("state unprotect", ""),
    ("undo", "allow-data-loss"),
    ("undo", "calls"),
    ("undo", "compact-warnings"),
    ("undo", "concise"),
    ("undo", "confirm"),
    ("undo", "detail"),
    ("undo", "detailed-exitcode"),
    ("undo", "exclude"),
    ("undo", "exclude-file"),
    ("undo", "json-into"),
    ("undo", "out"),
    ("undo", "parallelism"),
    ("undo", "refresh"),
    ("undo", "target"),
    ("undo", "target-file"),
    ("undo", "var"),
    ("undo", "var-file"),
    ("undo", "wait-drain"),
];

/// Options by command, without dashes; those of all commands under an empty name.
type Options = BTreeMap<String, BTreeSet<String>>;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The commands of the reference, with their options.
fn reference() -> Options {
    let page = std::fs::read_to_string(root().join("docs/reference/cli.md")).unwrap();
    let mut found = Options::from([(String::new(), BTreeSet::new())]);
    let mut command = String::new();
    for line in page.lines() {
        if let Some(name) = line.strip_prefix("## `queueform ") {
            name.trim_end_matches('`').clone_into(&mut command);
            found.entry(command.clone()).or_default();
        }
        if let Some(option) = line.strip_prefix("| `--") {
            let end = option.find(['=', '[', '`']).unwrap();
            found.get_mut(&command).unwrap().insert(option[..end].to_owned());
        }
    }
    found
}

/// The texts of tests and pages.
fn texts() -> Vec<String> {
    let mut found = Vec::new();
    let mut open: Vec<PathBuf> =
        ["tests/suite", "docs/guides", "docs/language"].iter().map(|name| root().join(name)).collect();
    while let Some(directory) = open.pop() {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|end| end == "rs" || end == "md") {
                found.push(std::fs::read_to_string(path).unwrap());
            }
        }
    }
    found
}

/// The lists of words that stand in a text: string literals in brackets, and lines of commands.
fn lists(text: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for line in text.lines().filter_map(|line| line.strip_prefix("$ ")) {
        if let Some((_, words)) = line.split_once("queueform ") {
            found.push(words.split_whitespace().map(str::to_owned).collect());
        }
    }
    let mut open: Vec<Vec<String>> = Vec::new();
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '[' => open.push(Vec::new()),
            ']' => found.extend(open.pop()),
            '"' => {
                let mut word = String::new();
                while let Some(next) = characters.next() {
                    match next {
                        '"' => break,
                        '\\' => word.extend(characters.next()),
                        other => word.push(other),
                    }
                }
                if let Some(list) = open.last_mut() {
                    list.push(word);
                }
            }
            _ => {}
        }
    }
    found
}

/// The command that a list of words runs, if it does.
fn command_of(words: &[String], commands: &Options) -> Option<String> {
    let names: Vec<&str> = words.iter().map(String::as_str).filter(|word| !word.starts_with('-')).collect();
    (1..=3.min(names.len()))
        .rev()
        .map(|length| names[..length].join(" "))
        .find(|name| commands.contains_key(name))
}

#[test]
fn every_option_is_used() {
    let all = reference();
    assert!(all.len() > 30 && all[""].contains("chdir"), "{all:?}");
    let mut used: Options = Options::new();
    for text in texts() {
        let lists = lists(&text);
        let here: BTreeSet<String> = lists.iter().filter_map(|words| command_of(words, &all)).collect();
        for words in &lists {
            let options = words.iter().filter_map(|word| word.strip_prefix('-'));
            let options = options.map(|word| word.trim_start_matches('-'));
            let options: BTreeSet<String> =
                options.map(|word| word.split('=').next().unwrap().to_owned()).collect();
            // Words that helpers put behind a command may belong to any command of their file.
            let commands = match command_of(words, &all) {
                Some(command) => BTreeSet::from([command]),
                None => here.clone(),
            };
            for command in commands {
                used.entry(command).or_default().extend(options.clone());
            }
        }
    }
    let anywhere: BTreeSet<&String> = used.values().flatten().collect();
    let mut missing: Vec<String> = Vec::new();
    for (command, options) in &all {
        if !command.is_empty() && !used.contains_key(command) && !MISSING.contains(&(command, "")) {
            missing.push(format!("(\"{command}\", \"\"),"));
        }
        let none = BTreeSet::new();
        let known = used.get(command).unwrap_or(&none);
        for option in options {
            let is_used = known.contains(option) || command.is_empty() && anywhere.contains(option);
            if !is_used && !MISSING.contains(&(command, option)) {
                missing.push(format!("(\"{command}\", \"{option}\"),"));
            }
        }
    }
    assert!(missing.is_empty(), "no test and no replayed page uses:\n{}", missing.join("\n"));
}
