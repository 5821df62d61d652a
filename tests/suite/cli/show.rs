//! `show --json`: plans in format 1.2 and states in format 1.0, against what Terraform was observed to write.

#![expect(clippy::indexing_slicing, reason = "JSON answers null to what is not there")]

use serde_json::Value as Json;

use crate::support::Place;

const OBSERVED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/terraform");

fn observed(name: &str) -> Json {
    let text = std::fs::read_to_string(format!("{OBSERVED}/{name}")).unwrap();
    let text = text.replace("terraform.io/builtin/terraform", "queueform.io/builtin/queueform");
    let text = text.replace("terraform_data", "queueform_data");
    let text =
        text.replace("\"provider_config_key\": \"terraform\"", "\"provider_config_key\": \"queueform\"");
    let text = text.replace("\"schema_version\": 0", "\"schema_version\": 1");
    // Secrets are null.
    let mut found: Json = serde_json::from_str(&text.replace("\"tok3n\"", "null")).unwrap();
    if let Some(providers) = found.pointer_mut("/configuration/provider_config").and_then(Json::as_object_mut)
    {
        let mut provider = providers.remove("terraform").unwrap();
        provider["name"] = "queueform".into();
        providers.insert("queueform".to_owned(), provider);
    }
    found
}

/// Takes out what differs from run to run, and what is ours alone.
fn neutral(value: &mut Json) {
    match value {
        Json::Object(fields) => {
            fields.retain(|name, _| {
                !name.starts_with("queueform") && name != "terraform_version" && name != "timestamp"
            });
            fields.values_mut().for_each(neutral);
        }
        Json::Array(parts) => parts.iter_mut().for_each(neutral),
        Json::String(text) => {
            let id = text.len() == 36 && text.bytes().filter(|byte| *byte == b'-').count() == 4;
            if id {
                "ID".clone_into(text);
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

/// Lists where two documents differ.
fn differences(theirs: &Json, ours: &Json, at: &str, found: &mut Vec<String>) {
    match (theirs, ours) {
        (Json::Object(a), Json::Object(b)) => {
            let names: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for name in names {
                let at = format!("{at}/{name}");
                match (a.get(name), b.get(name)) {
                    (Some(a), Some(b)) => differences(a, b, &at, found),
                    (Some(a), None) => found.push(format!("{at}: only theirs: {a}")),
                    (_, b) => found.push(format!("{at}: only ours: {}", b.unwrap())),
                }
            }
        }
        (Json::Array(a), Json::Array(b)) if a.len() == b.len() => {
            for (index, (a, b)) in a.iter().zip(b).enumerate() {
                differences(a, b, &format!("{at}/{index}"), found);
            }
        }
        _ if theirs == ours => {}
        _ => found.push(format!("{at}: theirs {theirs}, ours {ours}")),
    }
}

/// Differences that are meant, with their reasons.
fn is_meant(difference: &str) -> bool {
    let at = difference.split(':').next().unwrap();
    // Which variables are sensitive is said beside their hidden values.
    at.starts_with("/variables/") && at.ends_with("/sensitive")
        // A list that is empty is there.
        || matches!(at, "/resource_drift" | "/relevant_attributes") && difference.ends_with("only ours: []")
        // The copy of a secret is a secret too.
        || at.ends_with("sensitive_values/output/token")
        || at.ends_with("before_sensitive/output/token")
        || at.ends_with("after_sensitive/output/token")
        // Nothing is said of the parts of a value whose type is not known either.
        || difference.ends_with("after_sensitive/output: only theirs: {}")
        || difference.ends_with("sensitive_values/output: only theirs: {}")
        // The state before the plan, not with the outputs that it plans.
        || at.starts_with("/prior_state/values/outputs/")
        || at == "/prior_state/values"
        // A variable without quotes is a number.
        || at == "/variables/size/value"
        // The whole attribute there, the part of it that differs here.
        || at.contains("/replace_paths/")
        // Conditions of objects that are deleted are not evaluated; those of the last run are not kept.
        || at == "/checks"
        // What `replace_triggered_by` names is no dependency of the stored object.
        || difference.contains("/depends_on: only theirs")
}

#[track_caller]
fn same(name: &str, ours: &Json) {
    let (mut theirs, mut ours) = (observed(name), ours.clone());
    for document in [&mut theirs, &mut ours] {
        neutral(document);
        // In no particular order.
        if let Some(list) = document.get_mut("relevant_attributes").and_then(Json::as_array_mut) {
            list.sort_by_key(ToString::to_string);
        }
    }
    let mut found = Vec::new();
    differences(&theirs, &ours, "", &mut found);
    found.retain(|difference| !is_meant(difference));
    assert!(found.is_empty(), "{name}:\n{}", found.join("\n"));
}

fn plan(place: &Place, arguments: &[&str]) -> Json {
    let arguments = [&["plan", "-out=a.qfplan"], arguments].concat();
    drop(place.run(&arguments).success());
    place.run(&["show", "-json", "a.qfplan"]).ended(0).json()
}

#[test]
fn terraform_was_observed_to_write_the_same() {
    let main = std::fs::read_to_string(format!("{OBSERVED}/main.tf")).unwrap();
    let place = Place::with(&[("main.qf.hcl", &main.replace("terraform_data", "queueform_data"))]);
    same("first.json", &plan(&place, &[]));
    drop(place.run(&["apply", "a.qfplan"]).success());
    same("state.json", &place.run(&["show", "-json"]).ended(0).json());
    same("nothing.json", &plan(&place, &[]));
    same("second.json", &plan(&place, &["-var=size=2", "-var=keys=[\"x\",\"z\"]"]));
    same("destroy.json", &plan(&place, &["-destroy"]));
}

#[test]
fn constants_in_places_of_secrets_are_hidden() {
    let place = Place::with(&[(
        "main.qf.hcl",
        r#"
        provider "dms" {
          access_key = "visible"
          secret_key = "hunter2"
        }
        variable "old" {
          type      = string
          sensitive = true
          default   = "hunter3"
        }
        resource "dms_rocketmq_user" "a" {
          instance_id        = "11111111-2222-4333-8444-555555555555"
          access_key         = "app-user"
          secret_key         = "hunter2hunter2"
          secret_key_version = 1
        }
        output "o" {
          value     = "hunter4"
          sensitive = true
        }
        "#,
    )]);
    // The instance does not exist; what was planned is saved all the same.
    drop(place.run(&["plan", "--emulate", "-out=a.qfplan"]).ended(1));
    let output = place.run(&["show", "-json", "a.qfplan"]).ended(0);
    assert!(!output.stdout.contains("hunter"), "{output}");
    let json = output.json();
    let resource = &json["configuration"]["root_module"]["resources"][0];
    assert_eq!(resource["expressions"]["access_key"]["constant_value"], "app-user");
    assert_eq!(
        resource["expressions"]["secret_key"],
        serde_json::json!({ "constant_value": null, "sensitive": true })
    );
    assert_eq!(
        json["configuration"]["provider_config"]["dms"]["expressions"]["secret_key"]["sensitive"],
        true
    );
    assert_eq!(json["variables"]["old"], serde_json::json!({ "value": null, "sensitive": true }));
}

#[test]
fn conditions_are_listed_by_declaration() {
    let place = Place::with(&[(
        "main.qf.hcl",
        r#"
        variable "n" {
          default = 1
          validation {
            condition     = var.n > 0
            error_message = "positive"
          }
        }
        resource "queueform_data" "a" {
          count = 2
          input = count.index
          lifecycle {
            postcondition {
              condition     = self.id != ""
              error_message = "no id"
            }
          }
        }
        output "o" {
          value = var.n
          precondition {
            condition     = var.n < 10
            error_message = "small"
          }
        }
        "#,
    )]);
    let checks = plan(&place, &[])["checks"].clone();
    let told: Vec<(String, String, usize)> = checks
        .as_array()
        .unwrap()
        .iter()
        .map(|check| {
            let kind = format!(
                "{} {}",
                check["address"]["kind"].as_str().unwrap(),
                check["address"]["to_display"].as_str().unwrap()
            );
            (kind, check["status"].as_str().unwrap().to_owned(), check["instances"].as_array().unwrap().len())
        })
        .collect();
    let expected = [
        ("output_value output.o", "pass", 1),
        ("resource queueform_data.a", "unknown", 2),
        ("var var.n", "pass", 1),
    ];
    assert_eq!(told, expected.map(|(name, status, number)| (name.to_owned(), status.to_owned(), number)));
}

#[test]
fn a_saved_plan_is_as_wide_as_the_terminal() {
    let config = r#"
resource "queueform_data" "a" {
  for_each = toset(["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"])
  input    = { key = each.key, text = "some words that take their place" }
}
"#;
    let place = Place::with(&[("main.qf.hcl", config)]);
    drop(place.run(&["plan", "-out=a.qfplan"]).success());
    for width in [40, 60, 100, 160, 200] {
        let columns = width.to_string();
        let shown = place.command(&["show", "a.qfplan"]).env("COLUMNS", &columns).output().success();
        let widest = shown.lines().map(|line| line.chars().count()).max().unwrap();
        assert!(widest <= width.max(60), "{width}: {shown}");
        assert!(width != 160 || widest > 60, "{shown}");
        assert!(shown.ends_with("Plan: 10 to add, 0 to change, 0 to destroy.\n"), "{shown}");
        let planned = place.command(&["plan"]).env("COLUMNS", &columns).output().success();
        assert!(!matches!(width, 60 | 100 | 160) || shown == planned, "{shown}{planned}");
    }
}
