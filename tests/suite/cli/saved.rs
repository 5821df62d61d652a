//! Saved plans beside the directory that they were made in: what makes them stale, and what does not.

use insta::assert_snapshot;

use crate::support::Output;
use crate::support::Place;

const CONFIG: &str = r#"
variable "size" {
  type    = number
  default = 1
}

variable "unused" {
  default = "x"
}

locals {
  name = "orders"
}

resource "queueform_data" "a" {
  input = { name = local.name, size = var.size }
}

resource "queueform_data" "apart" {
  input = "apart"
}
"#;

/// A place where `a` is to be changed, and `apart` stays as it is.
fn place() -> Place {
    let place = Place::with(&[("main.qf.hcl", &CONFIG.replace("orders", "earlier"))]);
    drop(place.run(&["apply", "-auto-approve"]).success());
    place.write("main.qf.hcl", CONFIG);
    drop(place.run(&["plan", "-out=p.qfplan"]).success());
    place
}

/// Applies the plan beside another configuration.
fn beside(place: &Place, config: &str) -> Output {
    place.write("main.qf.hcl", config);
    place.run(&["apply", "p.qfplan"])
}

#[test]
fn what_was_changed_is_named() {
    let place = place();
    assert_snapshot!(beside(&place, &CONFIG.replace("orders", "later")));
    assert_snapshot!(beside(&place, &CONFIG.replace("= 1", "= 2")));
    assert_snapshot!(beside(&place, &CONFIG.replace("size = var.size", "size = 3")));
    assert_snapshot!(beside(&place, &CONFIG.replace("\"a\"", "\"b\"")));
    place.write("limits.qf.hcl", "queueform {\n  limits {\n    deletes = 1\n  }\n}\n");
    assert_snapshot!(beside(&place, CONFIG));
}

#[test]
fn what_the_plan_leaves_alone_may_change() {
    let place = place();
    let other = CONFIG
        .replace("variable \"size\" {", "# how much\nvariable \"size\" {  // one or two")
        .replace("\"apart\"\n}", "\"changed\"\n}\n\nresource \"queueform_data\" \"new\" {}\n")
        .replace("default = \"x\"", "default = \"y\"");
    // A block may move to another file.
    let (before, locals) = other.split_once("locals {").unwrap();
    let (locals, after) = locals.split_once("}\n").unwrap();
    place.write("locals.qf.hcl", &format!("locals {{{locals}}}\n"));
    let output = beside(&place, &format!("{before}{after}")).ended(0);
    assert!(output.stdout.contains("0 added, 1 changed, 0 destroyed"), "{output}");
    // Without any configuration there is nothing that could differ.
    let place = self::place();
    std::fs::remove_file(place.path().join("main.qf.hcl")).unwrap();
    drop(place.run(&["apply", "p.qfplan"]).success());
}

#[test]
fn variables_that_are_given_otherwise_are_named() {
    let place = Place::with(&[("main.qf.hcl", CONFIG)]);
    drop(place.command(&["plan", "-out=p.qfplan"]).env("QF_VAR_size", "2").output().success());
    assert_snapshot!(place.command(&["apply", "p.qfplan"]).env("QF_VAR_size", "3").output());
    assert_snapshot!(place.run(&["apply", "-var=size=3", "p.qfplan"]));
    // Who applies need not give them again.
    let done = place.run(&["apply", "p.qfplan"]).success();
    assert!(done.contains("2 added"), "{done}");
    place.write("queueform.qfvars.hcl", "size = 4\nunused = \"y\"\n");
    drop(place.run(&["plan", "-out=p.qfplan"]).success());
    place.write("queueform.qfvars.hcl", "size = 4\nunused = \"z\"\n");
    let unrelated = place.run(&["plan", "explain", "queueform_data.a", "p.qfplan"]).success();
    assert!(unrelated.contains("`var.size`"), "{unrelated}");
    place.write("queueform.qfvars.hcl", "size = 5\n");
    assert_snapshot!(place.run(&["apply", "p.qfplan"]));
    place.write("queueform.qfvars.hcl", "size = 4\nunused = \"z\"\n");
    drop(place.run(&["apply", "p.qfplan"]).success());
}

#[test]
fn a_finished_plan_is_refused() {
    let place = place();
    drop(place.run(&["apply", "p.qfplan"]).success());
    assert!(place.run(&["apply", "p.qfplan"]).ended(1).stderr.contains("was applied already"));
    let shown = place.run(&["show", "p.qfplan", "-detail=full"]).success();
    assert!(shown.contains("id = \""), "{shown}");
    assert_snapshot!(place.run(&["show", "p.qfplan", "-calls"]));
    assert_snapshot!(place.run(&["show", "nothing.qfplan"]));
}
