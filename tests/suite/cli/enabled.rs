//! `lifecycle { enabled = … }`: one object without a key, or none.

use crate::support::Place;

const MAIN: &str = r#"variable "on" {
  type    = bool
  default = true
}

resource "queueform_data" "a" {
  input = "a"
  lifecycle {
    enabled = var.on
  }
}

output "a" {
  value = var.on ? queueform_data.a.output : "none"
}

output "whole" {
  value = queueform_data.a == null
}
"#;

#[test]
fn an_object_is_there_or_not() {
    let place = Place::with(&[("main.qf.hcl", MAIN)]);
    drop(place.run(&["apply", "-auto-approve"]).ended(0));
    assert_eq!(place.run(&["state", "list"]).success(), "queueform_data.a\n");
    assert_eq!(place.run(&["output", "-json", "whole"]).success().trim(), "false");
    let off = place.run(&["plan", "-var=on=false"]).ended(0);
    assert!(off.stdout.contains("- queueform_data.a") && off.stdout.contains("`enabled` is false"), "{off}");
    drop(place.run(&["apply", "-auto-approve", "-var=on=false"]).ended(0));
    assert_eq!(place.run(&["state", "list"]).success(), "");
    assert_eq!(place.run(&["output", "-raw", "a"]).success().trim(), "none");
    assert_eq!(place.run(&["output", "-json", "whole"]).success().trim(), "true");
    drop(place.run(&["plan", "-detailed-exitcode", "-var=on=false"]).ended(0));
}

#[test]
fn it_takes_over_from_count_and_the_reverse() {
    let place = Place::with(&[("main.qf.hcl", "resource \"queueform_data\" \"a\" {\n  count = 1\n}\n")]);
    drop(place.run(&["apply", "-auto-approve"]).ended(0));
    let enabled = "resource \"queueform_data\" \"a\" {\n  lifecycle {\n    enabled = true\n  }\n}\n";
    place.write("main.qf.hcl", enabled);
    let moved = place.run(&["apply", "-auto-approve"]).ended(0);
    assert!(moved.stdout.contains("0 added, 0 changed, 0 destroyed"), "{moved}");
    assert_eq!(place.run(&["state", "list"]).success(), "queueform_data.a\n");
    place.write("main.qf.hcl", "resource \"queueform_data\" \"a\" {\n  count = 1\n}\n");
    drop(place.run(&["apply", "-auto-approve"]).ended(0));
    assert_eq!(place.run(&["state", "list"]).success(), "queueform_data.a[0]\n");
}

#[test]
fn modules_may_be_left_out() {
    let main = "variable \"on\" {\n  type = bool\n}\nmodule \"m\" {\n  source = \"./m\"\n  lifecycle {\n    enabled = var.on\n  }\n}\noutput \"m\" {\n  value = try(module.m.name, \"none\")\n}\n";
    let inner =
        "resource \"queueform_data\" \"a\" {\n  input = 1\n}\noutput \"name\" {\n  value = \"m\"\n}\n";
    let place = Place::with(&[("main.qf.hcl", main), ("m/main.qf.hcl", inner)]);
    drop(place.run(&["apply", "-auto-approve", "-var=on=true"]).ended(0));
    assert_eq!(place.run(&["state", "list"]).success(), "module.m.queueform_data.a\n");
    drop(place.run(&["apply", "-auto-approve", "-var=on=false"]).ended(0));
    assert_eq!(place.run(&["state", "list"]).success(), "");
    assert_eq!(place.run(&["output", "-raw", "m"]).success().trim(), "none");
}

#[test]
fn what_is_wrong_is_said() {
    let block = |lifecycle: &str, more: &str| {
        format!("resource \"queueform_data\" \"a\" {{\n{more}  lifecycle {{\n    {lifecycle}\n  }}\n}}\n")
    };
    for (text, words) in [
        (block("enabled = \"x\"", ""), "`enabled` is not a boolean"),
        (block("enabled = null", ""), "must not be null"),
        (block("enabled = sensitive(true)", ""), "`enabled` is sensitive"),
        (block("enabled = true", "  count = 1\n"), "cannot stand beside `count`"),
        (
            format!("{}output \"a\" {{\n  value = queueform_data.a[0]\n}}\n", block("enabled = true", "")),
            "neither `count` nor `for_each`",
        ),
        (
            format!("{}output \"a\" {{\n  value = queueform_data.a.id\n}}\n", block("enabled = false", "")),
            "null",
        ),
    ] {
        let place = Place::with(&[("main.qf.hcl", &text)]);
        let output = place.run(&["plan"]).ended(1);
        assert!(output.stderr.contains(words), "{text}\n{output}");
    }
}

#[test]
fn whether_it_is_enabled_may_be_known_in_the_next_round() {
    let text = "resource \"queueform_data\" \"n\" {\n  input = true\n}\nresource \"queueform_data\" \"a\" {\n  lifecycle {\n    enabled = queueform_data.n.output\n  }\n}\n";
    let place = Place::with(&[("main.qf.hcl", text)]);
    let plan = place.run(&["plan"]).ended(0);
    assert!(plan.stdout.contains("? queueform_data.a: `enabled` depends on `queueform_data.n`"), "{plan}");
    drop(place.run(&["apply", "-auto-approve"]).ended(0));
    assert_eq!(place.run(&["state", "list"]).success(), "queueform_data.a\nqueueform_data.n\n");
}
