//! Policies in Rego, written as they are for Terraform plans, look at ours.

use std::collections::BTreeSet;

use regorus::Engine;
use regorus::Value;
use serde_json::Value as Json;
use serde_json::json;

use crate::support::Place;

/// The example whose policies these are.
const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/policies");

fn text(name: &str) -> String {
    std::fs::read_to_string(format!("{EXAMPLE}/{name}")).unwrap()
}

/// A place with the configuration of the example.
fn place() -> Place {
    let place = Place::new();
    for name in ["main.qf.hcl", "emulate.qfvars.hcl"] {
        place.write(name, &text(name));
    }
    place
}

fn plan(place: &Place, arguments: &[&str]) -> Json {
    let all = [&["plan", "--emulate", "--out=a.qfplan"], arguments].concat();
    let planned = place.run(&all);
    assert!(matches!(planned.status, Some(0 | 3)), "{planned}");
    place.run(&["show", "--json", "a.qfplan"]).ended(0).json()
}

/// Evaluates a rule over a plan, with policies by name and text.
fn evaluate(policies: &[(&str, String)], plan: &Json, rule: &str) -> Json {
    let mut engine = Engine::new();
    for (name, policy) in policies {
        engine.add_policy((*name).to_owned(), policy.clone()).unwrap();
    }
    engine.set_input(Value::from_json_str(&plan.to_string()).unwrap());
    let found = engine.eval_rule(rule.to_owned()).unwrap();
    serde_json::from_str(&found.to_json_str().unwrap()).unwrap()
}

/// What the policies of the example say.
fn verdict(plan: &Json, rule: &str) -> Json {
    let names = ["deletes", "tags", "names", "blast"];
    let policies: Vec<(&str, String)> =
        names.iter().map(|name| (*name, text(&format!("policy/{name}.rego")))).collect();
    evaluate(&policies, plan, rule)
}

fn messages(found: &Json) -> BTreeSet<&str> {
    found.as_array().unwrap().iter().map(|message| message.as_str().unwrap()).collect()
}

#[test]
fn a_good_plan_passes() {
    let plan = plan(&place(), &[]);
    assert_eq!(verdict(&plan, "data.main.deny"), json!([]));
    assert_eq!(verdict(&plan, "data.blast.score"), json!(13));
    assert_eq!(verdict(&plan, "data.blast.allow"), json!(true));
}

#[test]
fn deletions_and_replacements_are_refused() {
    let place = place();
    drop(place.run(&["apply", "--emulate", "--auto-approve"]).success());
    let fewer = plan(&place, &["--var=topics={\"orders-created\"=16,\"orders-refunded\"=12}"]);
    let found = verdict(&fewer, "data.main.deny");
    let gone = "dms_rocketmq_topic.topic[\"billing-done\"] would be deleted (delete_because_each_key)";
    assert_eq!(messages(&found), BTreeSet::from([gone]));
    // One deletion and one update.
    assert_eq!(verdict(&fewer, "data.blast.score"), json!(11));
    assert_eq!(verdict(&fewer, "data.blast.allow"), json!(true));

    let all = plan(&place, &["--destroy"]);
    assert_eq!(messages(&verdict(&all, "data.main.deny")).len(), 4);
    assert_eq!(verdict(&all, "data.blast.allow"), json!(false));
    assert_eq!(verdict(&all, "data.blast.score"), json!(130));

    let again = plan(&place, &["--replace=dms_rocketmq_topic.topic[\"billing-done\"]"]);
    let found = verdict(&again, "data.main.deny");
    let replaced = "dms_rocketmq_topic.topic[\"billing-done\"] would be deleted (replace_by_request)";
    assert_eq!(messages(&found), BTreeSet::from([replaced]));
}

#[test]
fn tags_and_names_are_asked_for() {
    let place = place();
    let plan =
        plan(&place, &["--var=tags={team=\"commerce\"}", "--var=topics={\"Orders\"=8,\"orders-b\"=8}"]);
    let found = verdict(&plan, "data.main.deny");
    let expected = [
        "dms_rocketmq_instance.main lacks the tags cost_center",
        "dms_rocketmq_topic.topic[\"Orders\"]: the name Orders is not AREA-EVENT",
    ];
    assert_eq!(messages(&found), BTreeSet::from(expected));
}

#[test]
fn references_are_told_from_constants() {
    let place = place();
    let main = text("main.qf.hcl").replace(
        "instance_id     = dms_rocketmq_instance.main.id",
        "instance_id     = \"11111111-2222-4333-8444-555555555555\"",
    );
    place.write("main.qf.hcl", &main);
    drop(place.run(&["plan", "--emulate", "--out=a.qfplan"]));
    let plan = place.run(&["show", "--json", "a.qfplan"]).ended(0).json();
    let found = verdict(&plan, "data.main.deny");
    assert!(
        messages(&found).contains("dms_rocketmq_topic.topic names its instance by a constant"),
        "{found}"
    );
}

/// Kinds of rules that are found in every collection: what is unknown, what is secret, what drifts, what is imported,
/// which provider, which module, what checks say.
const COMMON: &str = r#"
package common

import rego.v1

created contains change.address if {
	some change in input.resource_changes
	change.change.actions == ["create"]
}

unknown contains name if {
	some change in input.resource_changes
	walk(change.change.after_unknown, [path, flag])
	flag == true
	count(path) == 1
	name := path[0]
}

secret contains address if {
	some change in input.resource_changes
	walk(change.change.after_sensitive, [path, flag])
	flag == true
	count(path) > 0
	address := change.address
}

modules contains module.address if {
	some module in input.planned_values.root_module.child_modules
}

sources contains call.source if {
	some call in input.configuration.root_module.module_calls
}

providers contains change.provider_name if {
	some change in input.resource_changes
}

failing contains check.address.to_display if {
	some check in input.checks
	check.status == "fail"
}

secret_outputs contains name if {
	some name, output in input.planned_values.outputs
	output.sensitive
}

format_ok if startswith(input.format_version, "1.")

moved contains [change.previous_address, change.address] if {
	some change in input.resource_changes
	change.previous_address
}

imported contains id if {
	some change in input.resource_changes
	id := change.change.importing.id
}

whole if {
	input.applyable
	input.complete
	not input.errored
}
"#;

#[test]
fn common_rules_find_what_they_look_for() {
    let place = Place::with(&[
        (
            "main.qf.hcl",
            r#"
            variable "token" {
              type      = string
              default   = "hunter2"
              sensitive = true
            }
            module "child" {
              source = "./child"
            }
            resource "queueform_data" "new" {
              input            = var.token
              triggers_replace = module.child.id
            }
            resource "queueform_data" "after" {
              input = 1
            }
            moved {
              from = queueform_data.before
              to   = queueform_data.after
            }
            import {
              to = queueform_data.taken
              id = "11111111-2222-4333-8444-555555555555"
            }
            resource "queueform_data" "taken" {
            }
            check "small" {
              assert {
                condition     = queueform_data.after.input > 1
                error_message = "too small"
              }
            }
            output "token" {
              value     = var.token
              sensitive = true
            }
            "#,
        ),
        (
            "child/main.qf.hcl",
            "resource \"queueform_data\" \"inner\" {}\n\noutput \"id\" {\n  value = queueform_data.inner.id\n}\n",
        ),
    ]);
    let main = place.read("main.qf.hcl");
    place.write("main.qf.hcl", "resource \"queueform_data\" \"before\" {\n  input = 1\n}\n");
    drop(place.run(&["apply", "--auto-approve"]).success());
    place.write("main.qf.hcl", &main);
    drop(place.run(&["plan", "--out=a.qfplan"]).ended(0));
    let plan = place.run(&["show", "--json", "a.qfplan"]).ended(0).json();
    let said = |rule: &str| evaluate(&[("common", COMMON.to_owned())], &plan, &format!("data.common.{rule}"));
    assert_eq!(said("created"), json!(["module.child.queueform_data.inner", "queueform_data.new"]));
    assert_eq!(said("unknown"), json!(["id", "output", "triggers_replace"]));
    assert_eq!(said("secret"), json!(["queueform_data.new"]));
    assert_eq!(said("modules"), json!(["module.child"]));
    assert_eq!(said("sources"), json!(["./child"]));
    assert_eq!(said("providers"), json!(["queueform.io/builtin/queueform"]));
    assert_eq!(said("failing"), json!(["check.small"]));
    assert_eq!(said("secret_outputs"), json!(["token"]));
    assert_eq!(said("format_ok"), json!(true));
    assert_eq!(said("moved"), json!([["queueform_data.before", "queueform_data.after"]]));
    assert_eq!(said("imported"), json!(["11111111-2222-4333-8444-555555555555"]));
    assert_eq!(said("whole"), json!(true));
}
