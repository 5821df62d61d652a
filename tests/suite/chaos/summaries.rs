//! What an apply says of itself when calls fail, against what the services have seen. `QUEUEFORM_CHAOS_SUMMARIES` and
//! `QUEUEFORM_CHAOS_SEED` make more of it, or others.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::json;

use super::dice::Dice;
use super::everywhere::Chain;
use super::everywhere::OBJECTS;
use super::everywhere::SYSTEMS;
use super::everywhere::World;
use super::everywhere::setting;

/// The numbers of a summary, by their words: `Resources: 3 added, 1 failed` …
fn numbers(stdout: &str) -> BTreeMap<String, usize> {
    let line = stdout.lines().find(|line| line.contains("Resources: ")).unwrap_or_else(|| panic!("{stdout}"));
    let (_, list) = line.split_once("Resources: ").unwrap();
    let parts = list.trim_end_matches('.').split(", ").map(|part| part.split_once(' ').unwrap());
    parts.map(|(number, word)| (word.to_owned(), number.parse().unwrap())).collect()
}

/// How many objects the rows of the table tell of, by their words.
fn rows(stdout: &str) -> BTreeMap<String, usize> {
    let mut found: BTreeMap<String, usize> = BTreeMap::new();
    let table = stdout.lines().skip_while(|line| !line.contains("Resources: ")).skip(1);
    for line in table.take_while(|line| !line.starts_with("Everything")) {
        // Reasons are set in further.
        if !line.starts_with("  ") || line.starts_with("   ") {
            continue;
        }
        let (word, rest) = line.split_at(13);
        let count = rest.strip_prefix("and ").unwrap_or(rest).split_once(' ');
        let count = match count {
            Some((number, what)) if what.starts_with("object") || what.starts_with("more") => {
                number.parse().ok()
            }
            _ => None,
        };
        *found.entry(word.trim().to_owned()).or_default() += count.unwrap_or(1);
    }
    found
}

/// Faults at a few calls that create something, on some of the systems.
fn faults(world: &World, dice: &mut Dice) -> usize {
    let mut made = 0;
    for system in SYSTEMS {
        for _ in 0..dice.below(3) {
            let fault = match dice.below(4) {
                0 => json!({ "fault": "drop_after_commit" }),
                1 => json!({ "fault": "drop_before_commit" }),
                2 => json!({ "fault": "status", "status": 403 }),
                _ => json!({ "fault": "status", "status": 400 }),
            };
            let mut rule = fault;
            // All attempts of one call, and some of the calls behind it.
            rule["method"] = "POST".into();
            rule["after"] = dice.below(4).into();
            rule["times"] = (6 + dice.below(6)).into();
            world.remote.control_of(system, "POST", "/faults", &rule);
            made += 1;
        }
    }
    made
}

#[test]
fn counts_are_those_of_the_services_and_the_printed_command_goes_on() {
    let seed = setting("SEED", 2026);
    let world = World::new();
    let mut incomplete = 0;
    for number in 0..setting("SUMMARIES", 4) {
        let mut dice = Dice::new(seed.wrapping_add(number));
        let chain = Chain::new(&world, 700 + number);
        let made = faults(&world, &mut dice);
        let ended = chain.start(&["apply", "--auto-approve", "--json-into=stream.json"]).end();
        for system in SYSTEMS {
            world.remote.control_of(system, "DELETE", "/faults", &Value::Null);
        }
        let creates = world.creates(&chain.mark);
        assert!(creates.values().all(|count| *count == 1), "{creates:?}");
        let told = || format!("seed {seed}, run {number}, {made} faults\n{}\n{}", ended.stdout, ended.stderr);
        let found = numbers(&ended.stdout);
        let of = |word: &str| found.get(word).copied().unwrap_or_default();
        let added = of("added");
        assert_eq!((of("changed"), of("destroyed")), (0, 0), "{}", told());
        if ended.status == Some(0) {
            assert_eq!((added, creates.len()), (OBJECTS, OBJECTS), "{}", told());
            chain.settle();
            continue;
        }
        incomplete += 1;
        let words = ["failed", "denied", "skipped", "pending", "in doubt"];
        let left: usize = words.iter().map(|word| of(word)).sum();
        assert_eq!(added + left, OBJECTS, "{}", told());
        // What is done is there, what was not started is not, and nobody claims to know of the rest.
        assert!(
            added <= creates.len() && creates.len() <= OBJECTS - of("skipped"),
            "{creates:?}\n{}",
            told()
        );
        let table = rows(&ended.stdout);
        for word in words {
            assert_eq!(table.get(word).copied().unwrap_or_default(), of(word), "{word}: {}", told());
        }
        assert_eq!(table["done"], added, "{}", told());
        // The stream says the same.
        let stream = chain.place.read("stream.json");
        let lines: Vec<Value> = stream.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let complete = lines.iter().filter(|line| line["type"] == "apply_complete").count();
        assert_eq!(complete, added, "{}", told());
        let summary = lines.iter().rev().find(|line| line["type"] == "change_summary").unwrap();
        assert_eq!(summary["changes"]["add"], added, "{}", told());
        // The command that is printed does the rest.
        let again = ended.stdout.lines().find_map(|line| line.strip_prefix("  queueform ")).unwrap();
        let arguments: Vec<&str> = again.split(' ').collect();
        chain.start(&arguments).end().with(0);
        chain.settle();
    }
    assert!(incomplete > 0, "no run met a fault: choose other seeds");
}
