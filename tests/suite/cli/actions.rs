//! Actions: triggered, named, recorded, guarded, forgotten.

use serde_json::Value as Json;

use super::state_commands::assert_transcript;
use super::state_commands::transcript;
use crate::support::Place;

const MAIN: &str = r#"
provider "dms" {
  region = "ru-moscow-1"
}
resource "dms_rocketmq_instance" "main" {
  name               = "actions"
  engine_version     = "4.8.0"
  flavor_id          = "c6.4u8g.cluster"
  storage_space      = 600
  broker_num         = 1
  storage_spec_code  = "dms.physical.storage.high.v2"
  vpc_id             = "vpc-demo"
  subnet_id          = "subnet-demo"
  security_group_id  = "sg-demo"
  availability_zones = ["ru-moscow-1a"]
}
resource "dms_rocketmq_topic" "orders" {
  instance_id = dms_rocketmq_instance.main.id
  name        = "orders"
  lifecycle {
    action_trigger {
      events  = [after_create]
      actions = [action.dms_rocketmq_send_message.hello]
    }
    action_trigger {
      events    = [after_create]
      condition = false
      actions   = [action.dms_rocketmq_send_message.never]
    }
  }
}
action "dms_rocketmq_send_message" "hello" {
  config {
    instance_id = dms_rocketmq_instance.main.id
    topic       = dms_rocketmq_topic.orders.name
    body        = "hello"
  }
}
action "dms_rocketmq_send_message" "never" {
  config {
    instance_id = dms_rocketmq_instance.main.id
    topic       = dms_rocketmq_topic.orders.name
    body        = "never"
  }
}
output "msg_id" {
  value = action.dms_rocketmq_send_message.hello.msg_id
}
output "never" {
  value = action.dms_rocketmq_send_message.never.msg_id
}
"#;
const HELLO: &str = "action.dms_rocketmq_send_message.hello";

#[test]
fn a_trigger_runs_an_action_and_naming_it_again_does_not() {
    let place = Place::with(&[("main.qf.hcl", MAIN)]);
    let unknown = place.run(&["action", "run", HELLO, "--emulate", "--auto-approve"]).ended(1);
    assert!(unknown.stderr.contains("`instance_id` of"), "{}", unknown.stderr);
    let applied = place.run(&["apply", "--emulate", "--auto-approve"]).ended(0);
    assert!(applied.stdout.contains("1 to run"), "{}", applied.stdout);
    assert!(applied.stdout.contains("after_create of dms_rocketmq_topic.orders"), "{}", applied.stdout);
    let outputs = place.run(&["output", "--json", "--emulate"]).ended(0).json();
    let first = outputs["msg_id"]["value"].as_str().unwrap().to_owned();
    assert!(outputs.get("never").is_none());
    // Nothing is left to be done, and the record is kept.
    let plan = place.run(&["plan", "--emulate", "--detailed-exitcode"]).ended(0);
    assert!(plan.stdout.contains("No changes"), "{}", plan.stdout);
    let same = place.run(&["action", "run", HELLO, "--emulate", "--auto-approve"]).ended(0);
    assert!(same.stderr.contains("already run at"), "{}", same.stderr);
    assert!(same.stdout.contains(&first), "{}", same.stdout);
    // Asked for again it runs again, and outputs follow.
    let again = place.run(&[
        "action",
        "run",
        HELLO,
        "--emulate",
        "--auto-approve",
        "--again",
        "--out-file",
        "r.json",
    ]);
    again.success();
    let outputs = place.run(&["output", "--json", "--emulate"]).ended(0).json();
    let second = outputs["msg_id"]["value"].as_str().unwrap().to_owned();
    assert_ne!(first, second);
    assert!(place.read("r.json").contains(&second));
    // Without its block the record goes, and nothing else.
    let without: String = MAIN.replace("action.dms_rocketmq_send_message.hello.msg_id", "1");
    let (before, rest) = without.split_once("action \"dms_rocketmq_send_message\" \"hello\"").unwrap();
    let (_, after) = rest.split_once("action \"dms_rocketmq_send_message\" \"never\"").unwrap();
    let before = before.replace(
        "    action_trigger {\n      events  = [after_create]\n      actions = [action.dms_rocketmq_send_message.hello]\n    }\n",
        "",
    );
    let text = format!("{before}action \"dms_rocketmq_send_message\" \"never\"{after}");
    place.write("main.qf.hcl", &text);
    let applied = place.run(&["apply", "--emulate", "--auto-approve"]).ended(0);
    assert!(applied.stdout.contains("0 to destroy"), "{}", applied.stdout);
    assert!(!applied.stderr.contains("no longer be managed"), "{}", applied.stderr);
    place.run(&["destroy", "--emulate", "--auto-approve"]).success();
}

/// Two triggers of one action stand one under the other, and both are in the JSON with what must not be shown.
#[test]
fn every_run_of_an_action_is_told() {
    let text = MAIN
        .replace(
            "condition = false\n      actions   = [action.dms_rocketmq_send_message.never]",
            "actions = [HELLO]",
        )
        .replace("HELLO", HELLO)
        .replace("body        = \"hello\"", "body        = var.greeting")
        + "variable \"greeting\" {\n  default   = \"psst\"\n  sensitive = true\n}\n";
    let place = Place::with(&[("main.qf.hcl", &text)]);
    let plan = place.run(&["plan", "--emulate", "--out", "p"]).ended(0);
    let line = "      after_create of dms_rocketmq_topic.orders\n";
    assert!(plan.stdout.contains(&format!("runs 2 times, main.qf.hcl:31\n{line}{line}")), "{}", plan.stdout);
    let shown = place.run(&["show", "--json", "--emulate", "p"]).ended(0);
    let runs = shown.json()["action_invocations"].as_array().unwrap().clone();
    let blocks: Vec<_> =
        runs.iter().map(|run| &run["lifecycle_action_trigger"]["action_trigger_block_index"]).collect();
    assert_eq!(blocks, [0, 1]);
    for run in &runs {
        assert_eq!(
            (&run["config_sensitive"]["body"], &run["config_values"]["body"]),
            (&true.into(), &Json::Null)
        );
        assert_eq!(run["config_values"]["topic"], "orders");
        assert!(run["config_sensitive"].get("topic").is_none(), "{run}");
    }
    let applied = place.run(&["apply", "--json", "--emulate", "p"]).ended(0);
    let events: Vec<Json> = applied.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |kind: &str| {
        let hooks = events.iter().filter(|event| event["type"] == kind).map(|event| &event["hook"]);
        hooks.filter(|hook| hook["action"] == "invoke" && hook["resource"]["addr"] == HELLO).count()
    };
    assert_eq!((of("apply_start"), of("apply_complete")), (2, 2), "{}", applied.stdout);
    assert!(
        events.iter().any(|event| event["type"] == "planned_change" && event["change"]["action"] == "invoke")
    );
    assert!(![&plan.stdout, &shown.stdout, &applied.stdout].iter().any(|text| text.contains("psst")));
}

#[test]
fn mistakes_in_actions_are_found_without_asking_anybody() {
    let text =
        MAIN.replace("events  = [after_create]", "events  = [after_delete]").replace("body ", "boddy ");
    let place = Place::with(&[("main.qf.hcl", &text)]);
    let found = place.run(&["validate"]).ended(1);
    assert!(found.stderr.contains("`after_delete` is no event that triggers actions"), "{}", found.stderr);
    assert!(found.stderr.contains("has no attribute `boddy`"), "{}", found.stderr);
}

/// Why something was done is told by the log, whatever did it.
#[test]
fn reasons_are_kept() {
    let place = Place::with(&[("main.qf.hcl", MAIN)]);
    drop(place.run(&["apply", "--emulate", "--auto-approve", "--reason=the shop opens"]).ended(0));
    let again = ["action", "run", HELLO, "--emulate", "--auto-approve", "--again", "--reason=a greeting"];
    drop(place.run(&again).ended(0));
    drop(place.run(&["destroy", "--emulate", "--auto-approve", "--reason=the shop closes"]).ended(0));
    assert_transcript!(transcript(&place, &["state log --emulate"]));
}
