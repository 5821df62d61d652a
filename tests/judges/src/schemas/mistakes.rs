//! The schemas are strict: what is missing, misspelled or of another type is noticed.

use serde_json::Value as Json;
use serde_json::json;

use crate::support::Place;

use super::Judge;

const CONFIG: &str = r#"
variable "n" {
  default = 1
}
resource "queueform_data" "a" {
  count            = 2
  input            = { n = var.n, secret = sensitive("s") }
  triggers_replace = var.n
}
check "c" {
  assert {
    condition     = var.n == 2
    error_message = "not two"
  }
}
output "n" {
  value = var.n
}
"#;

/// Returns the paths of all objects in a document whose fields are ours to name: those below values are not.
fn objects(document: &Json, at: String, found: &mut Vec<String>) {
    match document {
        Json::Object(fields) => {
            found.push(at.clone());
            for (name, part) in fields {
                let free = [
                    "before",
                    "after",
                    "values",
                    "sensitive_values",
                    "after_unknown",
                    "before_sensitive",
                    "after_sensitive",
                    "constant_value",
                    "value",
                    "default",
                    "type",
                ];
                if !free.contains(&name.as_str()) {
                    objects(part, format!("{at}/{}", name.replace('~', "~0").replace('/', "~1")), found);
                }
            }
        }
        Json::Array(parts) => {
            for (index, part) in parts.iter().enumerate() {
                objects(part, format!("{at}/{index}"), found);
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}

/// Objects whose fields are names that users choose: a field more is another entry of the same kind.
const TABLES: [&str; 12] = [
    "variables",
    "outputs",
    "output_changes",
    "pending_outputs",
    "provider_config",
    "module_calls",
    "expressions",
    "targets",
    "pin",
    "provider_schemas",
    "attributes",
    "function_signatures",
];

fn is_table(path: &str) -> bool {
    path.rsplit('/').next().is_some_and(|last| TABLES.contains(&last))
}

/// Every object is given a field that nobody knows, and loses every field that it has, one by one.
fn strictness(judge: &mut Judge, name: &str, document: &Json, optional: &[&str]) -> (usize, usize) {
    judge.holds(name, document);
    let mut paths = Vec::new();
    objects(document, String::new(), &mut paths);
    let (mut added, mut removed) = (0, 0);
    for path in paths.iter().filter(|path| !is_table(path)) {
        let mut wrong = document.clone();
        let place = wrong.pointer_mut(path).unwrap().as_object_mut().unwrap();
        place.insert("unexpected".to_owned(), Json::Null);
        assert!(judge.problem(name, &wrong).is_some(), "{name}: one more field in `{path}` goes unnoticed");
        added += 1;
        let fields: Vec<String> =
            document.pointer(path).unwrap().as_object().unwrap().keys().cloned().collect();
        // What an output will be is left out while it is not known.
        let of_output = ["output_changes/", "pending_outputs/"].iter().any(|table| path.contains(table))
            || path.contains("/outputs/");
        let may_go = |field: &str| optional.contains(&field) || of_output && field == "after";
        for field in fields.iter().filter(|field| !may_go(field)) {
            let mut wrong = document.clone();
            wrong.pointer_mut(path).unwrap().as_object_mut().unwrap().remove(field);
            assert!(judge.problem(name, &wrong).is_some(), "{name}: `{path}/{field}` is not missed");
            removed += 1;
        }
    }
    (added, removed)
}

/// Fields that are there only sometimes.
const OPTIONAL: [&str; 26] = [
    "prior_state",
    "outputs",
    "resources",
    "child_modules",
    "module_address",
    "index",
    "action_reason",
    "replace_paths",
    "place",
    "sensitive",
    "unknown",
    "forces_replacement",
    "note",
    "address",
    "name",
    "call",
    "type",
    "value",
    "instances",
    "problems",
    "expressions",
    "variables",
    "count_expression",
    "output",
    "references",
    "constant_value",
];

#[test]
fn a_plan_must_be_whole_and_without_other_fields() {
    let place = Place::with(&[("main.qf.hcl", CONFIG)]);
    drop(place.run(&["apply", "-auto-approve"]).success());
    drop(place.run(&["plan", "-var=n=2", "-out=a.qfplan"]).success());
    let plan = place.run(&["show", "-json", "a.qfplan"]).ended(0).json();
    let optional: Vec<&str> =
        OPTIONAL.into_iter().chain(["values", "checks", "queueform", "default", "mode"]).collect();
    let (added, removed) = strictness(&mut Judge::new(), "plan", &plan, &optional);
    assert!(added >= 50 && removed >= 150, "{added} objects, {removed} fields");
}

#[test]
fn a_state_must_be_whole_and_without_other_fields() {
    let place = Place::with(&[("main.qf.hcl", CONFIG)]);
    drop(place.run(&["apply", "-auto-approve"]).success());
    let state = place.run(&["show", "-json"]).ended(0).json();
    let optional: Vec<&str> = OPTIONAL.into_iter().chain(["checks", "queueform", "values"]).collect();
    let (added, removed) = strictness(&mut Judge::new(), "state", &state, &optional);
    assert!(added >= 7 && removed >= 11, "{added} objects, {removed} fields");
}

#[test]
fn every_line_of_a_stream_must_be_whole_and_without_other_fields() {
    let place = Place::with(&[("main.qf.hcl", CONFIG)]);
    let mut judge = Judge::new();
    let optional: Vec<&str> = OPTIONAL
        .into_iter()
        .chain([
            "reason",
            "id_key",
            "id_value",
            "elapsed_seconds",
            "range",
            "snippet",
            "values",
            "labels",
            "hints",
        ])
        .collect();
    let (mut added, mut removed) = (0, 0);
    for arguments in [&["apply", "-json", "-auto-approve"][..], &["plan", "-json", "-var=n=2"]] {
        let stream = place.run(arguments).ended(0).stdout;
        for line in judge.lines("events", &stream) {
            let (more, less) = strictness(&mut judge, "events", &line, &optional);
            (added, removed) = (added + more, removed + less);
        }
    }
    assert!(added > 60 && removed > 200, "{added} objects, {removed} fields");
}

#[test]
fn documents_of_one_command_must_be_whole_and_without_other_fields() {
    let place = Place::with(&[("main.qf.hcl", CONFIG)]);
    drop(place.run(&["apply", "-auto-approve"]).success());
    let mut judge = Judge::new();
    let of_findings = ["labels", "range", "snippet", "values", "hints"];
    let optional: Vec<&str> = OPTIONAL.into_iter().chain(of_findings).collect();
    let mut strict = |name: &str, document: &Json, least: usize| {
        let (added, removed) = strictness(&mut judge, name, document, &optional);
        assert!(added >= least && removed >= 2 * least, "{name}: {added} objects, {removed} fields");
    };
    let explained =
        place.run(&["plan", "explain", "-json", "-var=n=2", "queueform_data.a[0]"]).ended(0).json();
    strict("explain", &explained, 4);
    let drift = place.run(&["drift", "-json", "-var=n=2"]).json();
    strict("drift", &drift, 10);
    let found = Place::with(&[("main.qf.hcl", "provider \"dms\" {}\n")]);
    let found = found.run(&["adopt", "--all", "--emulate", "--json", "--dry-run"]).ended(0).json();
    strict("adopt", &found, 1);
    let failed = Place::new().run(&["adopt", "--all", "--json"]).ended(1).json();
    strict("adopt", &failed, 2);
}

#[test]
fn values_of_another_kind_are_noticed() {
    let mut judge = Judge::new();
    for (name, wrong) in [
        (
            "version",
            json!({ "queueform_version": "1", "platform": "linux", "state_version": 4, "plan_format_version": "1.2" }),
        ),
        (
            "validate",
            json!({ "format_version": "2.0", "valid": true, "error_count": 0, "warning_count": 0, "diagnostics": [] }),
        ),
        (
            "validate",
            json!({ "format_version": "1.0", "valid": true, "error_count": -1, "warning_count": 0, "diagnostics": [] }),
        ),
        ("output", json!({ "a": { "sensitive": "no", "type": "string", "value": "x" } })),
        ("output", json!({ "a": { "sensitive": false, "type": "string" } })),
        ("console", json!({ "value": 1, "type": "number", "sensitive": false })),
        ("modules", json!({ "format_version": "1.0", "modules": [{ "key": "a", "source": "./a" }] })),
        (
            "graph",
            json!({ "format_version": "1.0", "type": "other", "nodes": [], "edges": [], "cycles": [] }),
        ),
        ("workspaces", json!({ "current": "default" })),
        (
            "events",
            json!({ "@level": "info", "@message": "", "@module": "queueform.ui", "@timestamp": "2026-01-01T00:00:00Z", "type": "refresh_begin" }),
        ),
    ] {
        assert!(judge.problem(name, &wrong).is_some(), "{name}: {wrong}");
    }
}
