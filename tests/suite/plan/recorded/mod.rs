//! Whole scenarios against plans and applies recorded from Terraform.
//!
//! Every scenario of `tests/conformance/plans.jsonl.gz` is planned and applied step by step; actions, reasons, known
//! and unknown values, order of operations and the state after each step are compared. Those that go another way on
//! purpose are listed in `tests/conformance/differences.jsonl` with the first difference.

mod compare;
mod scene;

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::json;

use crate::conformance::Differences;
use crate::conformance::renamed_cases;

use scene::Scene;

/// Every scenario goes as it went with Terraform.
///
/// With `QF_CONFORMANCE=GROUP` (or `all`) the differences are printed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scenarios_go_as_with_terraform() {
    let wanted = std::env::var("QF_CONFORMANCE").unwrap_or_default();
    let mut shares: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut failed = String::new();
    let mut listed = Differences::of("plans");
    for scenario in renamed_cases("plans.jsonl.gz") {
        let (group, id) = (scenario["group"].as_str().unwrap(), scenario["id"].as_str().unwrap());
        let differences = Scene::new().play(&scenario).await;
        let first = json!(differences.first());
        if listed.settle(id, &first) {
            assert!(!differences.is_empty(), "{id} goes as recorded: it is no difference");
            continue;
        }
        if wanted == "differences" && !differences.is_empty() {
            println!("{}", json!({ "corpus": "plans", "id": id, "why": "", "expect": first }));
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
    let departed = listed.finish();
    println!("all {same}/{all}, on purpose another way: {departed}");
    assert!(failed.is_empty(), "{failed}");
}
