//! `apply`, `destroy` and what looks at their results: `show`, `output`, `state`, `lock`, `init`.

use insta::assert_snapshot;

use crate::support::Place;

const CONFIG: &str = r#"
variable "size" {
  type    = number
  default = 1
}

resource "queueform_data" "a" {
  for_each = toset(["x", "y"])
  input    = { key = each.key, size = var.size }
}

output "sizes" {
  value = [for a in queueform_data.a : a.output.size]
}

output "secret" {
  value     = "hunter2"
  sensitive = true
}
"#;

fn place() -> Place {
    Place::with(&[("main.qf.hcl", CONFIG)])
}

fn applied() -> Place {
    let place = place();
    drop(place.run(&["apply", "-auto-approve"]).success());
    place
}

#[test]
fn the_plan_is_shown_and_done() {
    let place = place();
    let output = place.run(&["apply", "-auto-approve"]).ended(0);
    assert!(output.stdout.contains("Plan: 2 to add"), "{output}");
    assert!(
        output.stdout.contains("Apply complete! Resources: 2 added, 0 changed, 0 destroyed."),
        "{output}"
    );
    assert!(output.stderr.contains("queueform_data.a[\"x\"]: Creation complete after"), "{output}");
    assert!(!output.to_string().contains("hunter2"), "{output}");
    assert!(output.stdout.contains("\nOutputs:\n\nsecret = (sensitive value)\nsizes = [\n"), "{output}");
    let again = place.run(&["apply", "-auto-approve"]).success();
    assert!(again.contains("No changes."), "{again}");
    assert_eq!(place.run(&["plan", "-detailed-exitcode"]).status, Some(0));
    assert_eq!(place.run(&["plan", "-detailed-exitcode", "-var=size=2"]).status, Some(2));
}

#[test]
fn without_approval_nothing_is_done() {
    let place = place();
    assert_snapshot!(place.run(&["apply"]));
    assert!(!place.has("queueform.state.json"));
}

#[test]
fn the_stream_has_the_names_of_terraform() {
    let output = place().run(&["apply", "-auto-approve", "-json"]).ended(0);
    let lines: Vec<serde_json::Value> =
        output.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let types: Vec<&str> = lines.iter().map(|line| line["type"].as_str().unwrap()).collect();
    assert_eq!(types.first(), Some(&"version"));
    for wanted in ["planned_change", "change_summary", "apply_start", "apply_complete", "outputs"] {
        assert!(types.contains(&wanted), "{types:?}");
    }
    let done = lines.iter().find(|line| line["type"] == "apply_complete").unwrap();
    assert_eq!(done["hook"]["resource"]["resource_type"], "queueform_data");
    assert_eq!(lines.last().unwrap()["outputs"]["secret"].get("value"), None);
    assert!(!output.stdout.contains("hunter2"), "{output}");
}

#[test]
fn a_saved_plan_is_applied_once() {
    let place = place();
    let written = place.run(&["plan", "-out=first.qfplan"]).success();
    assert!(written.contains("Apply it with: queueform apply first.qfplan"), "{written}");
    let shown = place.run(&["show", "first.qfplan"]).success();
    assert!(shown.contains("Plan: 2 to add"), "{shown}");
    let json = place.run(&["show", "-json", "first.qfplan"]).ended(0).json();
    assert_eq!(json["format_version"], "1.2");
    let done = place.run(&["apply", "first.qfplan"]).success();
    assert!(done.contains("Apply complete! Resources: 2 added"), "{done}");
    let again = place.run(&["apply", "first.qfplan"]).ended(1);
    assert!(again.stderr.contains("was applied already"), "{again}");
}

#[test]
fn an_unexpected_plan_is_refused() {
    let place = place();
    let output = place.run(&["apply", "-auto-approve", "-expect-plan=00000000"]).ended(1);
    assert!(output.stderr.contains("not the one that was expected"), "{output}");
    assert_eq!(place.run(&["state", "list"]).success(), "");
}

#[test]
fn outputs() {
    let place = applied();
    assert_snapshot!(place.run(&["output"]), @"
    secret = (sensitive value)
    sizes = [
      1,
      1,
    ]
    ");
    assert_snapshot!(place.run(&["output", "-raw", "secret"]));
    assert_eq!(place.run(&["output", "-json", "sizes"]).success(), "[1,1]\n");
    let all = place.run(&["output", "-json"]).ended(0).json();
    assert_eq!(all["secret"]["sensitive"], true);
    assert_eq!(all["secret"]["value"], serde_json::Value::Null);
    assert_snapshot!(place.run(&["output", "size"]));
}

#[test]
fn the_state_is_listed_and_shown() {
    let place = applied();
    assert_snapshot!(place.run(&["state", "list"]), @r#"
    queueform_data.a["x"]
    queueform_data.a["y"]
    "#);
    assert_eq!(
        place.run(&["state", "list", "queueform_data.a[\"y\"]"]).success(),
        "queueform_data.a[\"y\"]\n"
    );
    let one = place.run(&["state", "show", "queueform_data.a[\"x\"]"]).success();
    assert!(one.contains("resource \"queueform_data\" \"a\" {"), "{one}");
    assert_snapshot!(place.run(&["state", "show", "queueform_data.b"]));
    let json = place.run(&["show", "-json"]).ended(0).json();
    assert_eq!(json["values"]["root_module"]["resources"].as_array().unwrap().len(), 2);
    assert_snapshot!(place.run(&["state", "resolve", "queueform_data.a[\"x\"]", "-absent"]));
    assert_snapshot!(place.run(&["lock", "show"]), @"Nobody holds the lock.");
}

#[test]
fn destroy_deletes_everything() {
    let place = applied();
    let output = place.run(&["destroy", "-auto-approve"]).success();
    assert!(output.contains("Destroy complete! Resources: 2 destroyed."), "{output}");
    assert_eq!(place.run(&["state", "list"]).success(), "");
}

#[test]
fn init_says_what_is_there() {
    let place = place();
    assert_snapshot!(place.run(&["init"]));
    assert!(place.has(".queueform"));
}

#[test]
fn the_quickstart_is_created_emulated_and_destroyed() {
    let place = Place::new();
    for name in ["main.qf.hcl", "emulate.qfvars.hcl"] {
        let path = format!("{}/examples/quickstart/{name}", env!("CARGO_MANIFEST_DIR"));
        place.write(name, &std::fs::read_to_string(path).unwrap());
    }
    let done = place.run(&["apply", "--emulate", "--auto-approve"]).success();
    assert!(done.contains("EMULATOR, nothing real is touched"), "{done}");
    assert!(done.contains("Apply complete! Resources: 11 added"), "{done}");
    assert_eq!(place.run(&["plan", "--emulate", "--detailed-exitcode"]).status, Some(0));
    assert!(!place.has("queueform.state.json"), "the real state is not touched");
    let gone = place.run(&["destroy", "--emulate", "--auto-approve"]).success();
    assert!(gone.contains("Destroy complete! Resources: 11 destroyed."), "{gone}");
}

/// A switch of traffic is held until it is named; a saved plan carries the confirmation.
#[test]
fn what_is_held_has_an_exit_status_of_its_own() {
    let fleet = |active: &str| {
        format!(
            r#"provider "apsaramq" {{
  region = "cn-hangzhou"
}}

resource "apsaramq_mqtt_disaster_recovery" "fleet" {{
  name                = "fleet"
  members             = {{ mqtt-cn-demohangzhou = "cn-hangzhou", mqtt-cn-demoshanghai = "cn-shanghai" }}
  active_instance_ids = [{active}]
}}
"#
        )
    };
    let place = Place::with(&[("main.qf.hcl", &fleet("\"mqtt-cn-demohangzhou\", \"mqtt-cn-demoshanghai\""))]);
    drop(place.run(&["apply", "--emulate", "--auto-approve"]).success());
    place.write("main.qf.hcl", &fleet("\"mqtt-cn-demoshanghai\""));
    let planned = place.run(&["plan", "--emulate", "--detailed-exitcode"]).ended(2);
    for text in ["HELD", "Nothing to do now", "DisasterDowngrade)", "--confirm"] {
        assert!(planned.stdout.contains(text), "{text}: {planned}");
    }
    drop(place.run(&["apply", "--emulate", "--auto-approve"]).ended(4));
    let told = place.run(&["plan", "--emulate", "--json"]).success();
    assert!(told.contains("\"held\""), "{told}");
    let confirm = "--confirm=apsaramq_mqtt_disaster_recovery.fleet";
    let saved = place.run(&["plan", "--emulate", "--out=plan.json", confirm]).success();
    assert!(saved.contains("1 to change") && !saved.contains("HELD"), "{saved}");
    let applied = place.run(&["apply", "--emulate", "plan.json"]).success();
    assert!(applied.contains("1 changed"), "{applied}");
    drop(place.run(&["plan", "--emulate", "--detailed-exitcode"]).ended(0));
}

/// What could not be read again is not stored.
#[test]
fn values_that_are_nested_too_deep_are_refused() {
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    let config = |levels: usize| {
        let text = nested(levels);
        format!(
            "resource \"queueform_data\" \"a\" {{\n  input = jsondecode(\"{text}\")\n}}\noutput \"x\" {{\n  value = jsondecode(\"{text}\")\n}}\n"
        )
    };
    let place = Place::with(&[("main.qf.hcl", &config(45))]);
    place.run(&["apply", "-auto-approve"]).success();
    place.run(&["plan", "-detailed-exitcode"]).success();
    place.write("main.qf.hcl", &config(60));
    let output = place.run(&["apply", "-auto-approve"]).ended(1);
    assert!(output.stderr.contains("nested more than 50 levels deep"), "{output}");
    // The state is still there.
    assert!(place.run(&["state", "list"]).success().contains("queueform_data.a"));
    place.write("main.qf.hcl", &config(45));
    place.run(&["apply", "-auto-approve"]).success();
}
