//! `check` blocks: warnings of plan and apply, results in JSON and in the state.

#![expect(clippy::indexing_slicing, reason = "the documents have a known form")]

use serde_json::Value as Json;

use crate::support::Place;

const CONFIG: &str = r#"
variable "consumers" {
  type    = number
  default = 4
}

variable "password" {
  type      = string
  sensitive = true
  default   = "hunter2"
}

resource "queueform_data" "queues" {
  input = 8
}

check "enough" {
  assert {
    condition     = var.consumers <= 8
    error_message = "${var.consumers} consumers share 8 queues."
  }
  assert {
    condition     = length(queueform_data.queues.id) > 0
    error_message = "There is no id."
  }
}

check "secret" {
  assert {
    condition     = length(var.password) > 3 && var.consumers != 13
    error_message = "The password is ${var.password}."
  }
}
"#;

fn place() -> Place {
    Place::with(&[("main.qf.hcl", CONFIG)])
}

/// The status of each check in a list of results.
fn statuses(checks: &Json) -> Vec<(String, String)> {
    let text = |value: &Json| value.as_str().unwrap().to_owned();
    let one = |check: &Json| (text(&check["address"]["to_display"]), text(&check["status"]));
    checks.as_array().unwrap().iter().map(one).collect()
}

#[test]
fn what_does_not_hold_is_told_and_stops_nothing() {
    let place = place();
    let output = place.run(&["plan", "-var=consumers=13"]).ended(0);
    assert!(output.stderr.contains("warning[check-failed]: `check.enough` does not hold"), "{output}");
    assert!(output.stderr.contains("13 consumers share 8 queues."), "{output}");
    assert!(output.stderr.contains("`var.consumers` is 13"), "{output}");
    assert!(output.stderr.contains("`check.secret` does not hold"), "{output}");
    assert!(!output.to_string().contains("hunter2"), "{output}");
    let output = place.run(&["apply", "-auto-approve", "-var=consumers=13"]).ended(0);
    assert!(output.stdout.contains("1 added"), "{output}");
    assert!(output.stderr.contains("`check.enough` does not hold"), "{output}");
}

#[test]
fn results_are_in_plans_and_in_the_state() {
    let place = place();
    drop(place.run(&["plan", "-out=p"]).success());
    let plan = place.run(&["show", "-json", "p"]).json();
    let of = |name: &str, status: &str| (name.to_owned(), status.to_owned());
    assert_eq!(statuses(&plan["checks"]), [of("check.enough", "unknown"), of("check.secret", "pass")]);
    drop(place.run(&["apply", "p"]).success());
    let state = place.run(&["show", "-json"]).json();
    assert_eq!(statuses(&state["checks"]), [of("check.enough", "pass"), of("check.secret", "pass")]);
    let document: Json = serde_json::from_str(&place.read("queueform.state.json")).unwrap();
    let kept = &document["check_results"][0];
    assert_eq!(
        (&kept["object_kind"], &kept["config_addr"]),
        (&Json::from("check"), &Json::from("check.enough"))
    );
    assert!(place.run(&["plan"]).success().contains("No changes."));
}

#[test]
fn a_data_source_of_a_check_never_fails_a_run() {
    let place = Place::with(&[(
        "main.qf.hcl",
        r#"
resource "queueform_data" "a" {
  input = 1
}
check "network" {
  data "queueform_remote_state" "network" {
    backend = "local"
    config  = { path = "nowhere/queueform.state.json" }
  }
  assert {
    condition     = length(data.queueform_remote_state.network.outputs) > 0
    error_message = "The network has no outputs."
  }
}
"#,
    )]);
    let output = place.run(&["apply", "-auto-approve"]).ended(0);
    assert!(output.stdout.contains("1 added"), "{output}");
    assert!(output.stderr.contains("warning["), "{output}");
    assert!(!output.stderr.contains("error["), "{output}");
    let state = place.run(&["show", "-json"]).json();
    assert_eq!(statuses(&state["checks"]), [("check.network".to_owned(), "error".to_owned())]);
}

#[test]
fn mistakes_in_checks_are_found() {
    let place = Place::with(&[(
        "main.qf.hcl",
        r#"
variable "x" {
  default = 1
}
check "empty" {}
check "fixed" {
  assert {
    condition     = 1 == 1
    error_message = "never"
  }
}
check "owner" {
  data "queueform_remote_state" "s" {
    count   = 2
    backend = "local"
  }
  data "queueform_remote_state" "t" {
    backend = "local"
  }
  assert {
    condition     = var.x == 1
    error_message = "x"
  }
}
output "o" {
  value = data.queueform_remote_state.t
}
check "owner" {
  assert {
    condition     = var.y == 1
    error_message = "x"
  }
}
"#,
    )]);
    let output = place.run(&["validate"]).ended(1);
    for text in [
        "check `empty` asserts nothing",
        "check `fixed` asserts what can never change",
        "`count` cannot be used in the data source of a check",
        "belongs to check `owner` and cannot be used outside of it",
        "check `owner` is declared twice",
    ] {
        assert!(output.stderr.contains(text), "{text}: {output}");
    }
}
