//! How plans and their execution are told: `--compact-warnings`, `--concise`, `--json-into`, and exit statuses.

use insta::assert_snapshot;

use crate::support::Place;

const CONFIG: &str = r#"
variable "size" {
  type    = number
  default = 1
}

resource "queueform_data" "a" {
  input = var.size
}

check "size" {
  assert {
    condition     = var.size > 5
    error_message = "The size is small."
  }
}
"#;

fn place() -> Place {
    Place::with(&[("main.qf.hcl", CONFIG)])
}

#[test]
fn warnings_take_one_line_each_on_request() {
    let place = place();
    assert_snapshot!(place.run(&["plan", "--compact-warnings"]));
    // Beside an error, everything is shown.
    let output = place.run(&["plan", "--compact-warnings", "--target=queueform_data.b"]).ended(1);
    assert!(output.stderr.contains("help:") || output.stderr.contains("hint"), "{output}");
}

#[test]
fn warnings_of_one_kind_are_told_once() {
    let place = place();
    place.write("queueform.qfvars.hcl", "a = 1\nb = 1\nc = 1\n");
    let three = place.run(&["plan"]).ended(0);
    assert_eq!(three.stderr.matches("warning[undeclared-variable]").count(), 3, "{three}");
    place.write("queueform.qfvars.hcl", "a = 1\nb = 1\nc = 1\nd = 1\n");
    assert_snapshot!(place.run(&["plan"]));
    assert_snapshot!(place.run(&["apply", "-auto-approve", "--concise"]));
    // Programs get them all.
    let lines = place.run(&["plan", "--json"]).ended(0).stdout;
    assert_eq!(lines.matches("undeclared-variable").count(), 4, "{lines}");
}

#[test]
fn progress_is_left_out_on_request() {
    let place = place();
    assert_snapshot!(place.run(&["apply", "-auto-approve", "--concise", "--compact-warnings"]));
    assert_snapshot!(place.run(&["destroy", "-auto-approve", "--concise"]));
}

#[test]
fn the_stream_goes_into_a_file() {
    let place = place();
    let types = |name: &str| -> Vec<String> {
        let text = place.read(name);
        let lines = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        lines.map(|line| line["type"].as_str().unwrap().to_owned()).collect()
    };
    let has = |name: &str, wanted: &[&str]| {
        let found = types(name);
        for one in wanted {
            assert!(found.iter().any(|known| known == one), "{name}: {found:?}");
        }
    };
    let output = place.run(&["plan", "--json-into=plan.json", "--out=p.qfplan"]).ended(0);
    assert!(output.stdout.contains("Plan: 1 to add") && output.stdout.contains("written to"), "{output}");
    assert!(output.stderr.contains("The size is small."), "{output}");
    has("plan.json", &["version", "planned_change", "change_summary", "diagnostic"]);
    let output = place.run(&["apply", "--json-into=apply.json", "p.qfplan"]).ended(0);
    assert!(output.stderr.contains("Creation complete"), "{output}");
    has("apply.json", &["apply_start", "apply_complete", "change_summary", "outputs"]);
    let output = place.run(&["refresh", "--json-into=refresh.json"]).ended(0);
    assert!(output.stdout.contains("No changes"), "{output}");
    has("refresh.json", &["version", "refresh_start", "refresh_complete"]);
    let output = place.run(&["destroy", "-auto-approve", "--json-into=destroy.json"]).ended(0);
    assert!(output.stdout.contains("Destroy complete!"), "{output}");
    has("destroy.json", &["apply_start", "apply_complete"]);
    assert_snapshot!(place.run(&["plan", "--json-into=nowhere/plan.json"]));
    let test = "run \"one\" {\n  assert {\n    condition     = queueform_data.b.output == 1\n    error_message = \"it is not 1\"\n  }\n}\n";
    let tested = Place::with(&[
        ("main.qf.hcl", "resource \"queueform_data\" \"b\" {\n  input = 1\n}\n"),
        ("b.qftest.hcl", test),
    ]);
    let output = tested.run(&["test", "--json-into=test.json"]).ended(0);
    assert!(output.stdout.contains("1 passed"), "{output}");
    let stream = tested.read("test.json");
    assert!(stream.contains("\"test_run\"") && stream.contains("\"test_summary\""), "{stream}");
    let both = place.run(&["plan", "--json-into=plan.json", "--json"]).ended(1);
    assert!(both.stderr.contains("cannot be used with"), "{both}");
}

#[test]
fn apply_tells_by_its_status_whether_something_was_changed() {
    let place = place();
    let all = |more: &[&str]| {
        let arguments = ["apply", "-auto-approve", "-detailed-exitcode"];
        let arguments: Vec<&str> = arguments.iter().chain(more).copied().collect();
        place.run(&arguments).status
    };
    assert_eq!(all(&[]), Some(2));
    assert_eq!(all(&[]), Some(0));
    assert_eq!(all(&["-target=queueform_data.b"]), Some(1));
    assert_eq!(place.run(&["destroy", "-auto-approve", "-detailed-exitcode"]).status, Some(2));
    drop(place.run(&["plan", "-out=p.qfplan"]).success());
    assert_eq!(place.run(&["apply", "-detailed-exitcode", "p.qfplan"]).status, Some(2));
}

#[test]
fn a_saved_plan_takes_no_options_of_planning() {
    let place = place();
    drop(place.run(&["plan", "-out=p.qfplan"]).success());
    assert_snapshot!(place.run(&["apply", "-target=queueform_data.a", "-refresh=false", "p.qfplan"]));
    assert_snapshot!(place.run(&["destroy", "-auto-approve", "-replace=queueform_data.a"]));
    assert_snapshot!(place.run(&["apply", "-state=x.tfstate", "p.qfplan"]));
    let output = place.run(&["apply", "-expect-plan=0000000000", "p.qfplan"]).ended(1);
    assert!(output.stderr.contains("not the one that was expected"), "{output}");
}

#[test]
fn a_saved_plan_expires() {
    let place = place();
    let written = place.run(&["plan", "-out=p.qfplan", "-expires=0s"]).success();
    assert!(written.contains("Apply it with"), "{written}");
    let shown = place.run(&["show", "p.qfplan"]).success();
    assert!(shown.contains("This saved plan can be applied until 20"), "{shown}");
    let json = place.run(&["show", "-json", "p.qfplan"]).ended(0).json();
    assert!(json["queueform"]["expires_at"].is_string());
    let refused = place.run(&["apply", "p.qfplan"]).ended(1);
    assert!(
        refused.stderr.contains("has expired") && refused.stderr.contains("to be applied before"),
        "{refused}"
    );
    assert!(!place.has("queueform.state.json"));
    drop(place.run(&["plan", "-out=p.qfplan", "-expires=2h"]).success());
    drop(place.run(&["apply", "p.qfplan"]).success());
    let alone = place.run(&["plan", "-expires=2h"]).ended(1);
    assert!(alone.stderr.contains("--out"), "{alone}");
}
