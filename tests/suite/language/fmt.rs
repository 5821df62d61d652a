//! The formatter against recorded results of `terraform fmt`.

use std::collections::BTreeMap;

use queueform::syntax::fmt::format_valid;
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    id: String,
    group: String,
    input: String,
    /// What the file holds afterwards; none if the file was refused.
    expected: Option<String>,
    #[serde(default)]
    idempotent: bool,
}

fn cases() -> Vec<Case> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/conformance/fmt/cases.jsonl");
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Prints the share of each group and fails unless every case passed.
fn judge(what: &str, results: Vec<(String, Result<(), String>)>) {
    let mut groups: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut failures = Vec::new();
    for (group, result) in results {
        let (passed, all) = groups.entry(group).or_default();
        *all += 1;
        match result {
            Ok(()) => *passed += 1,
            Err(failure) => failures.push(failure),
        }
    }
    for (group, (passed, all)) in &groups {
        println!("{what}: {group:12} {passed:3}/{all:3}");
    }
    assert!(!groups.is_empty(), "no cases");
    assert!(failures.is_empty(), "{} failed\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn layout_is_that_of_terraform() {
    let mut results = Vec::new();
    for case in cases() {
        let Some(expected) = case.expected else { continue };
        let actual = format_valid(&case.input);
        let result = (actual == expected).then_some(()).ok_or_else(|| {
            format!("{}\n--- input\n{}\n--- expected\n{expected}\n--- actual\n{actual}", case.id, case.input)
        });
        results.push((case.group, result));
    }
    judge("layout", results);
}

#[test]
fn a_second_run_changes_nothing() {
    let mut results = Vec::new();
    for case in cases().into_iter().filter(|case| case.idempotent) {
        let once = format_valid(&case.input);
        let twice = format_valid(&once);
        let result = (once == twice)
            .then_some(())
            .ok_or_else(|| format!("{}\n--- once\n{once}\n--- twice\n{twice}", case.id));
        results.push((case.group, result));
    }
    judge("second run", results);
}
