//! Streams compared: what is planned, what is done, and the numbers of it.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::compare::neutral;
use super::compare::translated;

/// The lines that are compared. The words of findings are our own, and reading is told by every run.
const TOLD: [&str; 7] = [
    "resource_drift",
    "planned_change",
    "change_summary",
    "outputs",
    "apply_start",
    "apply_complete",
    "apply_errored",
];

/// Lists the lines that are only in one of two streams.
pub(super) fn differences(what: &str, expected: &str, ours: &str) -> Vec<String> {
    let plan = what.ends_with("plan");
    let mut balance: BTreeMap<String, i64> = BTreeMap::new();
    for (text, by) in [(translated(expected), 1), (ours.to_owned(), -1)] {
        for line in text.lines().filter_map(|line| told(line, plan)) {
            *balance.entry(line).or_default() += by;
        }
    }
    balance
        .into_iter()
        .filter(|(line, by)| *by != 0 && !is_meant(what, line))
        .map(|(line, by)| format!("{what} stream: only {}: {line}", if by > 0 { "theirs" } else { "ours" }))
        .collect()
}

/// Returns a line without what differs from run to run, and without what is ours.
fn told(line: &str, plan: bool) -> Option<String> {
    let mut line: Json = serde_json::from_str(line).unwrap();
    neutral(&mut line);
    let kind = line.get("type")?.as_str()?.to_owned();
    let fields = line.as_object_mut()?;
    for name in ["@timestamp", "@module", "@message"] {
        fields.remove(name);
    }
    // A saved plan is planned again before it is applied: what that says is in its own stream.
    let of_plan =
        fields.get("changes").is_some_and(|changes| changes.get("operation") == Some(&"plan".into()));
    let reads = fields.get("hook").is_some_and(|hook| hook.get("action") == Some(&"read".into()));
    if !TOLD.contains(&&*kind) || (reads || of_plan || kind == "outputs" || kind == "planned_change") && !plan
    {
        return None;
    }
    for (part, names) in [("hook", &["id_key", "id_value", "elapsed_seconds"][..]), ("changes", &["forget"])]
    {
        if let Some(Json::Object(part)) = fields.get_mut(part) {
            part.retain(|name, _| !names.contains(&name.as_str()));
        }
    }
    if let Some(Json::Object(outputs)) = fields.get_mut("outputs") {
        for output in outputs.values_mut() {
            output.as_object_mut()?.remove("value");
        }
    }
    Some(line.to_string())
}

/// Lines that differ on purpose.
fn is_meant(what: &str, line: &str) -> bool {
    // Data sources in checks are read while planning.
    line.contains("read_because_check_nested")
        // A plan of a destroy is counted as one.
        || what == "destroyed 3 apply" && line.contains("change_summary")
        // The whole module is gone, not only the block of the resource.
        || what == "removed 2 plan" && line.contains("module.lost.queueform_data.inner")
        // An output that cannot be told is not known; one that is no secret any more can be read.
        || matches!(what, "errored 2 plan" | "outputs 2 plan") && line.contains("\"outputs\"")
}
