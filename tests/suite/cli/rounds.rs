//! Rounds: objects whose number is known only after an apply are left to the next one.

use crate::support::Output;
use crate::support::Place;

/// `b` has as many instances as an object says that is made by the same plan, and `c` needs them.
const MAIN: &str = r#"resource "queueform_data" "a" {
  input = ["x", "y"]
}

resource "queueform_data" "b" {
  for_each = toset(queueform_data.a.output)
  input    = each.key
}

resource "queueform_data" "c" {
  input = [for b in queueform_data.b : b.output]
}

resource "queueform_data" "aside" {
  input = "now"
}

output "all" {
  value = queueform_data.c.output
}

output "aside" {
  value = queueform_data.aside.output
}
"#;

fn place() -> Place {
    Place::with(&[("main.qf.hcl", MAIN)])
}

fn addresses(place: &Place) -> String {
    place.run(&["state", "list"]).success()
}

#[track_caller]
fn has(output: &Output, words: &[&str]) {
    for word in words {
        assert!(output.stdout.contains(word) || output.stderr.contains(word), "no `{word}`\n{output}");
    }
}

#[test]
fn a_plan_says_what_is_left_and_why() {
    let place = place();
    let output = place.run(&["plan"]).ended(0);
    has(
        &output,
        &[
            "Left to the next round",
            "? queueform_data.b: `for_each` depends on `queueform_data.a`",
            "? queueform_data.c: needs `queueform_data.b`",
            "? output.all: needs `queueform_data.c`",
            "Plan: 2 to add, 0 to change, 0 to destroy; 3 left to the next round.",
        ],
    );
    assert!(!output.stdout.contains("output.aside"), "{output}");
    drop(place.run(&["plan", "-out=p"]).ended(0));
    let json = place.run(&["show", "-json", "p"]).ended(0).json();
    assert_eq!((&json["complete"], &json["applyable"]), (&false.into(), &true.into()));
    let deferred: Vec<(&str, &str)> = json["deferred_changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| {
            (entry["reason"].as_str().unwrap(), entry["resource_change"]["address"].as_str().unwrap())
        })
        .collect();
    assert_eq!(
        deferred,
        [("instance_count_unknown", "queueform_data.b[*]"), ("deferred_prereq", "queueform_data.c[*]")]
    );
    assert_eq!(json["queueform"]["deferred_outputs"], serde_json::json!(["all"]));
}

#[test]
fn a_saved_plan_is_one_round() {
    let place = place();
    drop(place.run(&["plan", "-out=p"]).ended(0));
    let output = place.run(&["apply", "p"]).ended(2);
    has(&output, &["Resources: 2 added", "The next round", "+ queueform_data.b   2", "Plan: 3 to add"]);
    assert_eq!(addresses(&place), "queueform_data.a\nqueueform_data.aside\n");
    // What was shown is what the next plan is.
    drop(place.run(&["plan", "-out=p"]).ended(0));
    let output = place.run(&["apply", "p"]).ended(0);
    has(&output, &["Resources: 3 added"]);
    drop(place.run(&["plan", "-detailed-exitcode"]).ended(0));
}

#[test]
fn approval_of_all_goes_on_to_the_end() {
    let place = place();
    let output = place.run(&["apply", "-auto-approve"]).ended(0);
    has(&output, &["Resources: 2 added", "Round 2", "Resources: 3 added"]);
    assert_eq!(place.run(&["output", "-json", "all"]).ended(0).json(), serde_json::json!(["x", "y"]));
    drop(place.run(&["plan", "-detailed-exitcode"]).ended(0));
}

#[test]
fn a_stream_tells_of_rounds() {
    let place = place();
    let output = place.run(&["apply", "-auto-approve", "-json"]).ended(0);
    let lines: Vec<serde_json::Value> =
        output.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |kind: &str| lines.iter().filter(|line| line["type"] == kind).count();
    assert_eq!((of("deferred_change"), of("round")), (3, 1), "{output}");
}

#[test]
fn what_exists_stays_until_its_number_is_known() {
    let place = place();
    drop(place.run(&["apply", "-auto-approve"]).ended(0));
    // The number is not known in the first round, so nothing of it is deleted.
    place.write("main.qf.hcl", &MAIN.replace("[\"x\", \"y\"]", "[\"y\", \"z\"]"));
    let output = place.run(&["plan"]).ended(0);
    has(
        &output,
        &["? queueform_data.b: `for_each` depends on `queueform_data.a`; 2 objects stay as they are"],
    );
    assert!(!output.stdout.contains("- queueform_data.b[\"x\"]"), "{output}");
    drop(place.run(&["plan", "-out=p"]).ended(0));
    drop(place.run(&["apply", "p"]).ended(2));
    assert!(addresses(&place).contains("queueform_data.b[\"x\"]"));
    let output = place.run(&["apply", "-auto-approve"]).ended(0);
    has(&output, &["1 added", "1 destroyed"]);
    let left = addresses(&place);
    assert!(left.contains("b[\"y\"]") && left.contains("b[\"z\"]") && !left.contains("b[\"x\"]"), "{left}");
}

#[test]
fn what_kept_objects_need_is_not_deleted() {
    let with = |extra: &str| {
        format!(
            "resource \"queueform_data\" \"n\" {{\n  input = 1\n}}\n{extra}\nresource \"queueform_data\" \"many\" {{\n  count = queueform_data.n.output\n  input = {}\n}}\n",
            if extra.is_empty() { "null" } else { "queueform_data.base.output" }
        )
    };
    let base = "resource \"queueform_data\" \"base\" {\n  input = \"base\"\n}\n";
    let place = Place::with(&[("main.qf.hcl", &with(base))]);
    drop(place.run(&["apply", "-auto-approve"]).ended(0));
    place.write("main.qf.hcl", &with("").replace("input = 1", "input = 2"));
    let output = place.run(&["plan"]).ended(0);
    has(&output, &["? queueform_data.base: `queueform_data.many[0]` still needs it"]);
    assert!(output.stdout.contains("0 to destroy"), "{output}");
    drop(place.run(&["apply", "-auto-approve"]).ended(0));
    assert_eq!(addresses(&place), "queueform_data.many[0]\nqueueform_data.many[1]\nqueueform_data.n\n");
}

#[test]
fn several_rounds_one_behind_the_other() {
    let mut text = String::from("resource \"queueform_data\" \"r0\" {\n  input = 1\n}\n");
    for index in 1..4 {
        text.push_str(&format!(
            "resource \"queueform_data\" \"r{index}\" {{\n  count = {}\n  input = 1\n}}\n",
            if index == 1 {
                "queueform_data.r0.output".to_owned()
            } else {
                format!("queueform_data.r{}[0].output", index - 1)
            }
        ));
    }
    let place = Place::with(&[("main.qf.hcl", &text)]);
    let output = place.run(&["apply", "-auto-approve"]).ended(0);
    has(&output, &["Round 4"]);
    assert_eq!(addresses(&place).lines().count(), 4);
}

#[test]
fn what_no_round_makes_known_is_an_error() {
    let text = "resource \"queueform_data\" \"a\" {\n  count = length(timestamp()) > 30 ? 1 : parseint(formatdate(\"s\", timestamp()), 10)\n}\n";
    let place = Place::with(&[("main.qf.hcl", text)]);
    let output = place.run(&["plan"]).ended(1);
    has(&output, &["the instances cannot be told"]);
    // With something else to do the first round is made, and then it is said.
    place.write("more.qf.hcl", "resource \"queueform_data\" \"b\" {}\n");
    let output = place.run(&["apply", "-auto-approve"]).ended(1);
    has(&output, &["Resources: 1 added", "the instances cannot be told"]);
}

#[test]
fn guards_and_limits_count_in_each_round() {
    let limits = "queueform {\n  limits {\n    deletes = 1\n  }\n}\n";
    let main = "resource \"queueform_data\" \"a\" {\n  input = ITEMS\n}\nresource \"queueform_data\" \"b\" {\n  for_each = toset(queueform_data.a.output)\n}\n";
    let place = Place::with(&[
        ("limits.qf.hcl", limits),
        ("main.qf.hcl", &main.replace("ITEMS", "[\"x\", \"y\", \"z\"]")),
    ]);
    drop(place.run(&["apply", "-auto-approve"]).ended(0));
    place.write("main.qf.hcl", &main.replace("ITEMS", "[\"x\"]"));
    let output = place.run(&["apply", "-auto-approve"]).ended(3);
    has(&output, &["1 changed", "Round 2", "deletion-limit"]);
    assert_eq!(addresses(&place).lines().count(), 4);
}

#[test]
fn whole_modules_are_left_to_the_next_round() {
    let main = r#"resource "queueform_data" "n" {
  input = 2
}

module "m" {
  source = "./m"
  count  = queueform_data.n.output
  name   = "m${count.index}"
}

output "names" {
  value = module.m[*].name
}
"#;
    let inner = "variable \"name\" {}\nresource \"queueform_data\" \"a\" {\n  input = var.name\n}\noutput \"name\" {\n  value = queueform_data.a.output\n}\n";
    let place = Place::with(&[("main.qf.hcl", main), ("m/main.qf.hcl", inner)]);
    let output = place.run(&["plan"]).ended(0);
    has(&output, &["? module.m.queueform_data.a: `module.m`: `count` depends on", "? output.names"]);
    drop(place.run(&["apply", "-auto-approve"]).ended(0));
    assert_eq!(
        addresses(&place),
        "queueform_data.n\nmodule.m[0].queueform_data.a\nmodule.m[1].queueform_data.a\n"
    );
    place.write("main.qf.hcl", &main.replace("input = 2", "input = 1"));
    let output = place.run(&["plan"]).ended(0);
    has(&output, &["2 objects stay", "0 to destroy"]);
    drop(place.run(&["apply", "-auto-approve"]).ended(0));
    assert_eq!(addresses(&place), "queueform_data.n\nmodule.m[0].queueform_data.a\n");
}
