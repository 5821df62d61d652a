//! `plan`

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

output "ids" {
  value = [for a in queueform_data.a : a.id]
}
"#;

#[test]
fn a_first_plan() {
    let place = Place::with(&[("main.qf.hcl", CONFIG)]);
    assert_snapshot!(place.run(&["plan"]));
    assert!(!place.has("queueform.state.json"), "planning writes nothing");
}

#[test]
fn changes_have_an_exit_status_of_their_own_on_request() {
    let place = Place::with(&[("main.qf.hcl", CONFIG)]);
    assert_eq!(place.run(&["plan", "-detailed-exitcode"]).status, Some(2));
    place.write("main.qf.hcl", "");
    assert_eq!(place.run(&["plan", "-detailed-exitcode"]).status, Some(0));
}

#[test]
fn a_variable_without_a_value() {
    let place = Place::with(&[("main.qf.hcl", "variable \"x\" {}\n\noutput \"o\" {\n  value = var.x\n}\n")]);
    assert_snapshot!(place.run(&["plan", "--input=false"]));
    drop(place.run(&["plan", "-var=x=1"]).success());
}

#[test]
fn a_malformed_address() {
    let place = Place::with(&[("main.qf.hcl", CONFIG)]);
    let output = place.run(&["plan", "-target=queueform_data"]).ended(1);
    assert!(output.stderr.contains("--target"), "{output}");
}

#[test]
fn a_broken_configuration_is_not_planned() {
    let place = Place::with(&[("main.qf.hcl", "output \"o\" {\n  value = local.nothing\n}\n")]);
    let output = place.run(&["plan"]).ended(1);
    assert!(
        output.stderr.contains("there is no local value `nothing`") && output.stdout.is_empty(),
        "{output}"
    );
}
