//! `undo`, `state log`, and what plans tell of objects that were only renamed.

use super::state_commands::assert_transcript;
use super::state_commands::transcript;
use crate::support::Place;

/// Topics of an instance in the emulator.
fn topics(table: &str) -> String {
    format!(
        r#"
provider "dms" {{
  region = "ru-moscow-1"
}}

resource "dms_rocketmq_instance" "main" {{
  name               = "quickstart"
  engine_version     = "4.8.0"
  flavor_id          = "c6.4u8g.cluster.small"
  storage_spec_code  = "dms.physical.storage.high.v2"
  storage_space      = 300
  vpc_id             = "vpc-demo"
  subnet_id          = "subnet-demo"
  security_group_id  = "sg-demo"
  availability_zones = ["ru-moscow-1a"]
}}

resource "dms_rocketmq_topic" "topic" {{
  for_each        = {{ {table} }}
  instance_id     = dms_rocketmq_instance.main.id
  name            = each.key
  read_queue_num  = each.value
  write_queue_num = each.value
}}
"#
    )
}

fn applied(tables: &[&str]) -> Place {
    let place = Place::new();
    for table in tables {
        place.write("main.qf.hcl", &topics(table));
        drop(place.run(&["apply", "--emulate", "--auto-approve", "--reason=a test"]).success());
    }
    place
}

#[test]
fn a_run_is_undone() {
    let place = applied(&["orders = 8, refunds = 4", "orders = 16, bills = 4"]);
    assert_transcript!(transcript(
        &place,
        &[
            "undo --emulate --dry-run",
            "undo --emulate --dry-run --detailed-exitcode --target 'dms_rocketmq_topic.topic[\"orders\"]'",
            "undo --emulate",
            "undo --emulate --replace=dms_rocketmq_instance.main",
            "undo --emulate zzz",
            "undo --emulate --out=undo.qfplan",
            "apply --emulate undo.qfplan",
            "state log --emulate",
            "undo --emulate --auto-approve --reason 'not after all'",
            "state list --emulate",
        ]
    ));
    let stream = place.run(&["undo", "--emulate", "--auto-approve", "--json"]).success();
    assert!(stream.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()), "{stream}");
    let nothing = Place::with(&[("main.qf.hcl", "")]);
    assert_transcript!(transcript(&nothing, &["undo", "state log", "state log --json"]));
}

#[test]
fn limits_hold_for_what_is_undone() {
    let place = Place::new();
    place.write("main.qf.hcl", &topics("orders = 8"));
    place.write("limits.qf.hcl", "queueform {\n  limits {\n    deletes = 0\n  }\n}\n");
    drop(place.run(&["apply", "--emulate", "--auto-approve"]).success());
    let denied = place.run(&["undo", "--emulate", "--auto-approve"]).ended(3);
    assert!(denied.stderr.contains("deletion-limit"), "{denied}");
    drop(place.run(&["undo", "--emulate", "--auto-approve", "--allow-deletes=9"]).success());
    assert_eq!(place.run(&["state", "list", "--emulate"]).success(), "");
}

#[test]
fn modules_and_counts_are_undone() {
    let place = Place::new();
    let main = |size: u32| {
        format!(
            "module \"m\" {{\n  source   = \"./m\"\n  for_each = toset([\"x\", \"y\"])\n  size     = {size}\n}}\nresource \"queueform_data\" \"n\" {{\n  count = 2\n  input = {{ index = count.index, size = {size}, list = [\"a ${{1}}\", null] }}\n}}\n"
        )
    };
    place.write(
        "m/main.qf.hcl",
        "variable \"size\" {}\nresource \"queueform_data\" \"a\" {\n  input = var.size\n}\nresource \"queueform_data\" \"b\" {\n  for_each = toset([\"k\"])\n  input    = [var.size, queueform_data.a.output]\n}\n",
    );
    place.write("main.qf.hcl", &main(1));
    drop(place.run(&["apply", "--auto-approve"]).success());
    place.write("main.qf.hcl", &main(2));
    drop(place.run(&["apply", "--auto-approve"]).success());
    drop(place.run(&["undo", "--auto-approve"]).success());
    place.write("main.qf.hcl", &main(1));
    let settled = place.run(&["plan", "--detailed-exitcode"]).ended(0);
    assert!(settled.stdout.contains("No changes."), "{settled}");
    // Everything is deleted, and comes back.
    drop(place.run(&["destroy", "--auto-approve"]).success());
    drop(place.run(&["undo", "--auto-approve"]).success());
    let settled = place.run(&["plan", "--detailed-exitcode"]).ended(0);
    assert!(settled.stdout.contains("No changes."), "{settled}");
}

#[test]
fn the_log_tells_runs() {
    let place = applied(&["orders = 8, refunds = 4", "orders = 16"]);
    let run = place.run(&["state", "log", "--emulate", "--limit=1"]).success();
    let run = &run[..8];
    assert_transcript!(transcript(
        &place,
        &[
            "state log --emulate",
            "state log --emulate --limit=1",
            "state log --emulate --address '*[\"refunds\"]'",
            "state log --emulate --address=dms_rocketmq_topic.none",
            &format!("state log --emulate {run}"),
            &format!("state log --emulate {run} --json"),
            "state log --emulate --json --limit=1",
            "state log --emulate zzz",
        ]
    ));
}

/// Calls that failed are told with the service's words.
#[test]
fn the_log_tells_of_failures_and_jobs() {
    let place = Place::new();
    place.write("main.qf.hcl", &topics("orders = 8").replace("vpc-demo", "vpc-none"));
    let failed = place
        .command(&["apply", "--emulate", "--auto-approve"])
        .env("GITLAB_CI", "true")
        .env("CI_JOB_URL", "https://lab.example.com/a/-/jobs/3")
        .output();
    assert_eq!(failed.status, Some(1), "{failed}");
    let log = place.run(&["state", "log", "--emulate"]).success();
    assert!(log.contains("https://lab.example.com/a/-/jobs/3"), "{log}");
}

#[test]
fn objects_that_only_moved_are_recognised() {
    let place = applied(&["orders = 8, refunds = 4"]);
    let text = topics("orders = 8, refunds = 4");
    let renamed = |old: &str, new: &str| {
        place.write("main.qf.hcl", &text.replace(old, new));
        transcript(&place, &["plan --emulate"])
    };
    assert_transcript!(renamed("\"dms_rocketmq_topic\" \"topic\"", "\"dms_rocketmq_topic\" \"queue\""));
    // From for_each to count, and out of the table.
    place.write(
        "main.qf.hcl",
        &text
            .replace("for_each        = { orders = 8, refunds = 4 }", "count = 1")
            .replace("each.key", "\"orders\"")
            .replace("each.value", "8"),
    );
    assert_transcript!(transcript(&place, &["plan --emulate"]));
    // Another name is another object.
    assert_transcript!(renamed("refunds = 4", "returns = 4"));
}

#[test]
fn objects_that_another_workspace_manages_are_recognised() {
    let place = applied(&["orders = 8"]);
    let instance = place.run(&["state", "show", "--emulate", "dms_rocketmq_instance.main", "--json"]).json();
    let id = instance["resources"][0]["values"]["id"].as_str().unwrap().to_owned();
    drop(place.run(&["workspace", "--emulate", "new", "green"]).success());
    place.write(
        "main.qf.hcl",
        &format!(
            "provider \"dms\" {{\n  region = \"ru-moscow-1\"\n}}\nresource \"dms_rocketmq_topic\" \"moved\" {{\n  instance_id = \"{id}\"\n  name = \"orders\"\n  read_queue_num = 8\n  write_queue_num = 8\n}}\n"
        ),
    );
    assert_transcript!(transcript(
        &place,
        &[
            "plan --emulate",
            "workspace select --emulate default",
            "state mv --emulate --to-state=green 'dms_rocketmq_topic.topic[\"orders\"]' dms_rocketmq_topic.moved",
            "workspace select --emulate green",
            "plan --emulate",
        ]
    ));
}

/// The state keeps no secrets, so which run changed one must still be told, and the run before it is not undone instead.
#[test]
fn a_run_that_changed_a_secret_alone_is_no_run_without_changes() {
    let place = Place::with(&[(
        "main.qf.hcl",
        "variable \"secret\" {\n  sensitive = true\n}\n\nresource \"queueform_data\" \"kept\" {\n  input = { user = \"me\", password = var.secret }\n}\n",
    )]);
    for secret in ["one", "two", "three"] {
        drop(place.run(&["apply", "--auto-approve", &format!("--var=secret={secret}")]).success());
    }
    let log = place.run(&["state", "log"]).success();
    let counts: Vec<&str> =
        log.lines().map(|line| if line.contains("1 changed") { "1 changed" } else { line }).collect();
    assert_eq!(counts.get(..2), Some(&["1 changed", "1 changed"][..]), "{log}");
    // One of them is in the history, the last in the journal.
    for run in log.lines().take(2).filter_map(|line| line.split_whitespace().next()) {
        let refused = place.run(&["undo", run, "--var=secret=three", "--out=undo.plan"]).ended(1);
        assert!(
            refused.stderr.contains("only secrets of it changed; those before are kept nowhere"),
            "{refused}"
        );
    }
    assert!(!place.has("undo.plan"));
}
