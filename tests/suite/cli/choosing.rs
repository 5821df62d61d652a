//! What is planned at all: `--target`, `--exclude` and their files.

#![expect(clippy::indexing_slicing, reason = "a test that meets the unexpected should stop at once")]

use insta::assert_snapshot;

use crate::support::Place;

const CONFIG: &str = r#"
resource "queueform_data" "topic" {
  for_each = toset(["audit", "orders", "orders-dlq"])
  input    = each.key
}

resource "queueform_data" "group" {
  for_each = toset(["audit", "orders"])
  input    = queueform_data.topic[each.key].output
}

resource "queueform_data" "report" {
  input = [for group in queueform_data.group : group.output]
}

resource "queueform_data" "apart" {
  input = "apart"
}

output "report" {
  value = queueform_data.report.output
}

output "apart" {
  value = queueform_data.apart.output
}
"#;

fn place() -> Place {
    Place::with(&[("main.qf.hcl", CONFIG)])
}

fn planned(place: &Place, arguments: &[&str]) -> Vec<String> {
    let all: Vec<&str> = ["plan", "-json"].into_iter().chain(arguments.iter().copied()).collect();
    let output = place.run(&all).ended(0);
    let lines = output.stdout.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let changes = lines.filter(|line| line["type"] == "planned_change");
    changes
        .map(|line| {
            let change = &line["change"];
            let addr = change["resource"]["addr"].as_str().unwrap().replace("queueform_data.", "");
            format!("{} {addr}", change["action"].as_str().unwrap())
        })
        .collect()
}

#[test]
fn what_is_excluded_is_left_out_with_what_depends_on_it() {
    let place = place();
    assert_snapshot!(place.run(&["plan", "--exclude", "queueform_data.group[\"audit\"]"]));
    // The other group needs nothing of it.
    assert_eq!(
        planned(&place, &["--exclude", "queueform_data.topic[\"audit\"]"]),
        [
            "create apart",
            "create group[\"orders\"]",
            "create topic[\"orders\"]",
            "create topic[\"orders-dlq\"]"
        ]
    );
    assert_eq!(planned(&place, &["--exclude", "queueform_data.topic"]), ["create apart"]);
}

#[test]
fn stars_stand_for_any_text() {
    let place = place();
    let pattern = ["--exclude", "queueform_data.topic[\"orders*\"]"];
    let expected = ["create apart", "create group[\"audit\"]", "create topic[\"audit\"]"];
    assert_eq!(planned(&place, &pattern), expected);
    let pattern = ["--target", "queueform_data.topic[\"orders*\"]"];
    let expected = ["create topic[\"orders\"]", "create topic[\"orders-dlq\"]"];
    assert_eq!(planned(&place, &pattern), expected);
    assert_eq!(planned(&place, &["--exclude", "queueform_data.*"]), Vec::<String>::new());
}

#[test]
fn targets_and_exclusions_go_together() {
    let place = place();
    let both = ["--target=queueform_data.group", "--exclude=queueform_data.topic[\"audit\"]"];
    let expected = ["create group[\"orders\"]", "create topic[\"orders\"]", "create topic[\"orders-dlq\"]"];
    assert_eq!(planned(&place, &both), expected);
    assert_snapshot!(place.run(&[
        "plan",
        "--target=queueform_data.report",
        "--exclude=queueform_data.topic",
    ]));
}

#[test]
fn what_is_excluded_must_be_there() {
    let place = place();
    assert_snapshot!(place.run(&["plan", "--exclude", "queueform_data.topics"]));
    assert_snapshot!(place.run(&["plan", "--exclude", "queueform_data.topic[\"x*\"]"]));
    let invoke = place.run(&["plan", "--exclude=queueform_data.topic", "--invoke=action.a.b"]).ended(1);
    assert!(invoke.stderr.contains("cannot be used with"), "{invoke}");
}

#[test]
fn targets_must_be_there() {
    let place = place();
    assert_snapshot!(place.run(&["plan", "--target", "queueform_data.topic[\"ordrs\"]"]));
    assert_snapshot!(place.run(&["plan", "--target", "queueform_data.topics"]));
    // What is gone need not be deleted.
    let gone = place.run(&["plan", "--destroy", "--target", "queueform_data.topic[\"ordrs\"]"]).ended(0);
    assert!(gone.stdout.contains("Nothing to destroy"), "{gone}");
    let import = place.run(&["import", "dms_rocketmq_topik.x", "a/b"]).ended(1);
    assert!(import.stderr.contains("did you mean `dms_rocketmq_topic`?"), "{import}");
    // An import block of a type that nobody has.
    place.write("imports.qf.hcl", "import {\n  to = dms_rocketmq_topik.x\n  id = \"a/b\"\n}\n");
    let import = place.run(&["validate"]).ended(1);
    assert!(import.stderr.contains("did you mean `dms_rocketmq_topic`?"), "{import}");
}

#[test]
fn what_is_excluded_stays_as_it_is() {
    let place = place();
    drop(place.run(&["apply", "-auto-approve"]).success());
    // Everything goes but one object, which keeps what it needs.
    place.write("main.qf.hcl", "");
    assert_eq!(
        planned(&place, &["--exclude", "queueform_data.group[\"audit\"]"]),
        ["delete apart", "delete group[\"orders\"]", "delete report"]
    );
    place.write("main.qf.hcl", CONFIG);
    assert_snapshot!(place.run(&["plan", "-destroy", "--exclude", "queueform_data.group[\"audit\"]"]));
    drop(place.run(&["apply", "-auto-approve", "-destroy", "--exclude", "queueform_data.topic"]).success());
    assert_eq!(
        place.run(&["state", "list"]).success().lines().collect::<Vec<_>>(),
        [
            "queueform_data.topic[\"audit\"]",
            "queueform_data.topic[\"orders\"]",
            "queueform_data.topic[\"orders-dlq\"]"
        ]
    );
}

#[test]
fn addresses_come_from_files() {
    let place = place();
    place.write(
        "wave-1.txt",
        "# the first wave\nqueueform_data.apart\n\nqueueform_data.topic[\"audit\"]  # has no group yet\n",
    );
    assert_eq!(planned(&place, &["--target-file=wave-1.txt"]), ["create apart", "create topic[\"audit\"]"]);
    assert_eq!(
        planned(&place, &["--exclude-file", "wave-1.txt"]),
        ["create group[\"orders\"]", "create topic[\"orders\"]", "create topic[\"orders-dlq\"]"]
    );
    place.write("broken.txt", "queueform_data.apart\n\nqueueform_data\nqueueform_data.topic[audit]\n");
    assert_snapshot!(place.run(&["plan", "--exclude-file=broken.txt"]));
    assert_snapshot!(place.run(&["plan", "--target-file=nowhere.txt"]));
    place.write("empty.txt", "# nothing yet\n");
    assert_snapshot!(place.run(&["apply", "-auto-approve", "--target-file=empty.txt"]));
    assert_eq!(planned(&place, &["--exclude-file=empty.txt"]).len(), 7);
}
