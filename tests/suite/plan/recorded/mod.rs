//! Whole scenarios against plans and applies recorded from Terraform.
//!
//! Every scenario of `tests/conformance/plans.jsonl.gz` that needs only what is built is planned and
//! applied step by step; actions, reasons, known and unknown values, order of operations and the state after
//! each step are compared.

mod compare;
mod scene;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::io::Read;
use std::path::Path;

use flate2::read::GzDecoder;
use serde_json::Value as Json;

use scene::Scene;

/// The number of scenarios that need what is not built, by what they need.
const SKIPPED: [(&str, usize); 3] = [("check blocks", 1), ("provisioners", 5), ("remote state", 2)];

/// Scenarios that go another way here, with the reason.
const DEPARTURES: [(&str, &str); 5] = [
    (
        "plan-basic-sensitive-input-1dd14f",
        "secrets are not stored, so a value that stops being one is not known yet",
    ),
    (
        "plan-for_each-foreach-depends-unknown-keys-d8e442",
        "instances whose keys are known only after apply are left to the next round",
    ),
    (
        "plan-modules-module-output-sensitive-4f7275",
        "Terraform 1.11.4 loses the sensitivity of a module's output; here it stays, and so the value is not stored",
    ),
    ("plan-lifecycle-prevent-destroy-remove-227bec", "removing a block does not lift its `prevent_destroy`"),
    ("plan-failures-output-precondition-at-apply-5f0a84", "an output whose precondition fails is not stored"),
];

fn scenarios() -> Vec<Json> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance/plans.jsonl.gz");
    let mut text = String::new();
    GzDecoder::new(&*fs::read(path).unwrap()).read_to_string(&mut text).unwrap();
    let text = text.replace("terraform_data", "queueform_data");
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// What a scenario needs that is not built.
fn lacks(scenario: &Json) -> Option<&'static str> {
    let steps = scenario["steps"].as_array().unwrap();
    let files = steps.iter().flat_map(|step| step["files"].as_object().unwrap().values());
    let text: String = files.map(|text| text.as_str().unwrap()).collect();
    [
        ("provisioner \"", "provisioners"),
        ("terraform_remote_state", "remote state"),
        ("check \"", "check blocks"),
    ]
    .into_iter()
    .find(|(word, _)| text.contains(word))
    .map(|(_, what)| what)
}

/// Every scenario goes as it went with Terraform.
///
/// With `QF_CONFORMANCE=GROUP` (or `all`) the differences are printed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scenarios_go_as_with_terraform() {
    let wanted = std::env::var("QF_CONFORMANCE").unwrap_or_default();
    let mut shares: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut skipped: BTreeMap<&str, usize> = BTreeMap::new();
    let mut failed = String::new();
    let mut departed = 0;
    for scenario in scenarios() {
        if let Some(what) = lacks(&scenario) {
            *skipped.entry(what).or_default() += 1;
            continue;
        }
        let (group, id) = (scenario["group"].as_str().unwrap(), scenario["id"].as_str().unwrap());
        let differences = Scene::new().play(&scenario).await;
        if DEPARTURES.iter().any(|(known, _)| *known == id) {
            assert!(!differences.is_empty(), "{id} goes as recorded: it is no departure");
            departed += 1;
            continue;
        }
        let share = shares.entry(group.to_owned()).or_default();
        share.1 += 1;
        if differences.is_empty() {
            share.0 += 1;
            continue;
        }
        writeln!(failed, "{id}: {} differences", differences.len()).unwrap();
        if wanted == group || wanted == "all" || id.contains(&wanted) && !wanted.is_empty() {
            println!("{id}\n    {}", differences.join("\n    "));
        }
    }
    let (mut same, mut all) = (0, 0);
    for (group, (passed, total)) in &shares {
        println!("{group} {passed}/{total}");
        same += passed;
        all += total;
    }
    println!("all {same}/{all}, on purpose another way: {departed}, not built: {skipped:?}");
    assert!(failed.is_empty(), "{failed}");
    assert_eq!(departed, DEPARTURES.len());
    assert_eq!(skipped, SKIPPED.into_iter().collect());
}
