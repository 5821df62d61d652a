//! Expressions against results recorded from Terraform.
//!
//! Every case of `tests/conformance/expressions.jsonl.gz` is evaluated and compared; the number of cases that agree
//! is pinned per group.

mod compare;
mod directory;
mod world;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;

use serde_json::Value as Json;

use super::super::conformance::Differences;
use super::super::conformance::cases;
use super::super::conformance::directory;
use compare::Verdict;
use compare::judge;

#[derive(Default)]
struct Share {
    passed: usize,
    total: usize,
}

/// The least number of cases that must agree, by group.
fn pins() -> BTreeMap<String, usize> {
    let text = fs::read_to_string(directory().join("shares.txt")).unwrap();
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let (group, passed) = line.split_once(' ').unwrap();
            (group.to_owned(), passed.parse().unwrap())
        })
        .collect()
}

/// No group agrees with fewer recorded results than before, and nearly all cases agree.
///
/// With `QF_CONFORMANCE=shares` the figures of all groups are printed in the form of the pins; with
/// `QF_CONFORMANCE=GROUP` (or an area, or `all`) the cases that differ.
#[test]
fn results_are_those_of_terraform() {
    let mut differences = Differences::of("expressions");
    let shares = judge_all(&cases("expressions.jsonl.gz"), Some(&mut differences));
    let departed = differences.finish();
    let (mut numbers, mut others) = (Share::default(), Share::default());
    for (group, share) in &shares {
        let sum = if group.starts_with("numbers") { &mut numbers } else { &mut others };
        sum.passed += share.passed;
        sum.total += share.total;
    }
    println!(
        "expressions {}/{}, numbers {}/{}, on purpose another way {departed}",
        others.passed, others.total, numbers.passed, numbers.total
    );
    let mut fallen = String::new();
    for (group, pinned) in pins() {
        let passed = shares.get(&group).map_or(0, |share| share.passed);
        if passed < pinned {
            writeln!(fallen, "{group}: {passed} cases agree, {pinned} did before").unwrap();
        }
    }
    assert!(fallen.is_empty(), "{fallen}");
    assert!(others.passed * 1000 >= others.total * 995, "fewer than 99.5 % agree");
}

/// Further results of Terraform, recorded to settle what the others leave open. All of them agree.
#[test]
fn further_results_are_those_of_terraform() {
    let shares = judge_all(&cases("further.jsonl.gz"), None);
    let different: usize = shares.values().map(|share| share.total - share.passed).sum();
    assert!(shares.values().map(|share| share.total).sum::<usize>() > 500);
    assert_eq!(different, 0, "cases that differ");
}

/// Judges cases in one file of the reader's choice, `QF_CASES=PATH`: one JSON object a line, as in the others.
#[test]
fn results_in_a_file_at_hand_are_those_of_terraform() {
    let Some(path) = std::env::var_os("QF_CASES") else { return };
    let text = fs::read_to_string(path).unwrap();
    let cases: Vec<Json> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let shares = judge_all(&cases, None);
    let different: usize = shares.values().map(|share| share.total - share.passed).sum();
    assert_eq!(different, 0, "cases that differ");
}

/// Judges cases, prints the share of each group that agrees, and the cases that differ if they are asked for.
fn judge_all(cases: &[Json], mut differences: Option<&mut Differences>) -> BTreeMap<String, Share> {
    let wanted = std::env::var("QF_CONFORMANCE").unwrap_or_default();
    let mut shares: BTreeMap<String, Share> = BTreeMap::new();
    for case in cases {
        let group = case["group"].as_str().unwrap();
        let verdict = judge(case);
        if let Some(differences) = &mut differences
            && differences.settle(case["id"].as_str().unwrap(), &verdict.shown())
        {
            continue;
        }
        let share = shares.entry(group.to_owned()).or_default();
        share.total += 1;
        match verdict {
            Verdict::Same => share.passed += 1,
            Verdict::Different { how, .. } => {
                let area = group.split('/').next().unwrap();
                if wanted == group || wanted == area || wanted == "all" {
                    println!("{}: {}\n    {how}", case["id"].as_str().unwrap(), case["expr"]);
                }
            }
        }
    }
    for (group, share) in &shares {
        if wanted == "shares" {
            println!("{group} {}", share.passed);
        } else {
            println!("{group} {}/{}", share.passed, share.total);
        }
    }
    shares
}
