//! Expressions against results recorded from Terraform.
//!
//! Every case of `tests/conformance/expressions.jsonl.gz` that needs only what is built is evaluated
//! and compared; the number of cases that agree is pinned per group.

mod compare;
mod world;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::path::PathBuf;

use flate2::read::GzDecoder;
use serde_json::Value as Json;

use compare::Verdict;
use compare::judge;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance")
}

fn cases() -> Vec<Json> {
    let packed = fs::read(fixtures().join("expressions.jsonl.gz")).unwrap();
    let mut text = String::new();
    GzDecoder::new(&*packed).read_to_string(&mut text).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[derive(Default)]
struct Share {
    passed: usize,
    failed: usize,
    skipped: usize,
}

/// The least number of cases that must agree, by group.
fn pins() -> BTreeMap<String, usize> {
    let text = fs::read_to_string(fixtures().join("shares.txt")).unwrap();
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let (group, passed) = line.split_once(' ').unwrap();
            (group.to_owned(), passed.parse().unwrap())
        })
        .collect()
}

/// No group agrees with fewer recorded results than before.
///
/// With `QF_CONFORMANCE=shares` the figures of all groups are printed in the form of the pins; with
/// `QF_CONFORMANCE=GROUP` the cases of a group (or area) that differ.
#[test]
fn results_are_those_of_terraform() {
    let wanted = std::env::var("QF_CONFORMANCE").unwrap_or_default();
    let mut shares: BTreeMap<String, Share> = BTreeMap::new();
    for case in cases() {
        let group = case["group"].as_str().unwrap();
        let share = shares.entry(group.to_owned()).or_default();
        match judge(&case) {
            Verdict::Same => share.passed += 1,
            Verdict::NotBuilt => share.skipped += 1,
            Verdict::Different(how) => {
                share.failed += 1;
                let area = group.split('/').next().unwrap();
                if wanted == group || wanted == area || wanted == "all" {
                    println!("{}: {}\n    {how}", case["id"].as_str().unwrap(), case["expr"]);
                }
            }
        }
    }
    let mut summary = String::new();
    let (mut passed, mut total, mut skipped) = (0, 0, 0);
    for (group, share) in &shares {
        passed += share.passed;
        total += share.passed + share.failed;
        skipped += share.skipped;
        if wanted == "shares" {
            println!("{group} {}", share.passed);
        }
        writeln!(
            summary,
            "{group} {}/{} ({} skipped)",
            share.passed,
            share.passed + share.failed,
            share.skipped
        )
        .unwrap();
    }
    println!("{summary}all {passed}/{total} ({skipped} skipped)");
    let mut fallen = String::new();
    for (group, pinned) in pins() {
        let passed = shares.get(&group).map_or(0, |share| share.passed);
        if passed < pinned {
            writeln!(fallen, "{group}: {passed} cases agree, {pinned} did before").unwrap();
        }
    }
    assert!(fallen.is_empty(), "{fallen}");
}
