//! Every command and every option is used by a test that runs the program, or on a page that is replayed.
//!
//! The commands and their options are those of `docs/reference/cli.md`, which is generated from what reads them.

#![expect(clippy::indexing_slicing, reason = "a test that meets the unexpected should stop at once")]

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;
use std::path::PathBuf;

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

/// The commands and words that stand in each test and on each page.
fn texts() -> Vec<Vec<Vec<String>>> {
    let mut found = Vec::new();
    let mut open: Vec<PathBuf> =
        ["tests/suite", "docs/guides", "docs/language"].iter().map(|name| root().join(name)).collect();
    while let Some(directory) = open.pop() {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            let text = || std::fs::read_to_string(&path).unwrap();
            match path.extension().and_then(|end| end.to_str()) {
                _ if path.is_dir() => open.push(path),
                Some("rs") => found.push(of_code(&text())),
                Some("md") => found.push(of_page(&text())),
                _ => {}
            }
        }
    }
    found
}

/// The lines of a page on which commands stand.
fn of_page(text: &str) -> Vec<Vec<String>> {
    let lines = text.lines().filter_map(|line| line.strip_prefix("$ "));
    let commands = lines.filter_map(|line| Some(line.split_once("queueform ")?.1));
    commands.map(|words| words.split_whitespace().map(str::to_owned).collect()).collect()
}

/// The lists of words that stand in a test: string literals in brackets.
fn of_code(text: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let mut open: Vec<Vec<String>> = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if rest.starts_with("//") {
            rest = rest.split_once('\n').map_or("", |(_, rest)| rest);
        } else if let Some((word, after)) = literal(rest) {
            if let Some(list) = open.last_mut() {
                list.push(word);
            }
            rest = after;
        } else {
            match first {
                '[' => open.push(Vec::new()),
                ']' => found.extend(open.pop()),
                _ => {}
            }
            rest = &rest[first.len_utf8()..];
        }
    }
    found
}

/// The literal that a text begins with, and what is behind it. Single characters are words, too.
fn literal(text: &str) -> Option<(String, &str)> {
    if let Some(raw) = text.strip_prefix('r') {
        let inner = raw.trim_start_matches('#');
        let end = format!("\"{}", "#".repeat(raw.len() - inner.len()));
        let (word, after) = inner.strip_prefix('"')?.split_once(&end)?;
        return Some((word.to_owned(), after));
    }
    let mark = text.chars().next().filter(|first| matches!(first, '"' | '\''))?;
    let mut word = String::new();
    let mut characters = text.char_indices().skip(1);
    while let Some((at, next)) = characters.next() {
        match next {
            '\\' => word.extend(characters.next().map(|(_, escaped)| escaped)),
            _ if next == mark => return Some((word, &text[at + 1..])),
            // What begins like a character may be a lifetime.
            _ if mark == '\'' && !word.is_empty() => return None,
            _ => word.push(next),
        }
    }
    None
}

/// The commands of transcripts in lists: words that are lines themselves.
fn lines(lists: &[Vec<String>]) -> Vec<Vec<String>> {
    let lines = lists.iter().flatten().filter(|word| word.contains(' '));
    lines.map(|line| line.split_whitespace().map(str::to_owned).collect()).collect()
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
    for lists in texts() {
        let here: BTreeSet<String> = lists.iter().filter_map(|words| command_of(words, &all)).collect();
        let lines = lines(&lists).into_iter().filter(|words| command_of(words, &all).is_some());
        for words in lists.iter().cloned().chain(lines) {
            let options = words.iter().filter_map(|word| word.strip_prefix('-'));
            let options = options.map(|word| word.trim_start_matches('-'));
            let options: BTreeSet<String> =
                options.map(|word| word.split('=').next().unwrap().to_owned()).collect();
            // Words that helpers put behind a command may belong to any command of their file.
            let commands = match command_of(&words, &all) {
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
        if !command.is_empty() && !used.contains_key(command) {
            missing.push(command.clone());
        }
        let none = BTreeSet::new();
        let known = used.get(command).unwrap_or(&none);
        for option in options {
            let is_used = known.contains(option) || command.is_empty() && anywhere.contains(option);
            if !is_used {
                missing.push(format!("{command} --{option}"));
            }
        }
    }
    assert!(missing.is_empty(), "no test and no replayed page uses:\n{}", missing.join("\n"));
}
