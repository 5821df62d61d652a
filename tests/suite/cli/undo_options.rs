//! Every option of `undo`, each with its effect.

use super::custom;
use super::inbox::Inbox;
use super::state_commands::assert_transcript;
use super::state_commands::transcript;
use crate::support::Place;

const CONFIG: &str = r#"
variable "size" {
  type = number
}

resource "queueform_data" "a" {
  for_each = toset(["x", "y"])
  input    = "${each.key} ${var.size}"
}

resource "queueform_data" "b" {
  input = var.size
}
"#;

/// A run that changed three objects. The variable has no value but that of the command line.
fn changed() -> Place {
    let place = Place::with(&[
        ("main.qf.hcl", CONFIG),
        ("two.qfvars.hcl", "size = 2\n"),
        ("b.txt", "queueform_data.b  # this one alone\n"),
    ]);
    for size in ["--var=size=1", "--var=size=2"] {
        drop(place.run(&["apply", "--auto-approve", size]).success());
    }
    place
}

#[test]
fn variables() {
    let place = changed();
    assert_transcript!(transcript(
        &place,
        &[
            "undo --dry-run",
            "undo --dry-run --var=size=2",
            "undo --dry-run --var=size=many",
            "undo --dry-run --var-file=two.qfvars.hcl --refresh=false",
            "undo --dry-run --var-file=none.qfvars.hcl",
        ]
    ));
}

#[test]
fn what_is_undone() {
    let place = changed();
    assert_transcript!(transcript(
        &place,
        &[
            "undo --dry-run --var=size=2 --target 'queueform_data.a[\"x\"]'",
            "undo --dry-run --var=size=2 --target-file=b.txt",
            "undo --dry-run --var=size=2 --target=queueform_data.z",
            "undo --dry-run --var=size=2 --target-file=none.txt",
            "undo --dry-run --var=size=2 --exclude 'queueform_data.a[\"x\"]'",
            "undo --dry-run --var=size=2 --exclude-file=b.txt",
            "undo --dry-run --var=size=2 --exclude=queueform_data.z",
            "undo --dry-run --var=size=2 --exclude-file=none.txt",
            "undo --dry-run --var=size=2 --target=queueform_data.b --exclude-file=b.txt",
            "undo --auto-approve --var=size=2 --exclude 'queueform_data.a[*]' --refresh=touched",
            "state show queueform_data.b",
            "state show 'queueform_data.a[\"x\"]'",
        ]
    ));
}

#[test]
fn how_it_is_told() {
    let place = changed();
    assert_transcript!(transcript(
        &place,
        &[
            "undo --dry-run --var=size=2 --detail=full",
            "undo --dry-run --var=size=2 --detail=everything",
            "undo --dry-run --var=size=2 --compact-warnings",
            "undo --dry-run --var=size=2 --parallelism=0",
            "undo --dry-run --var=size=2 --json-into=undo.json --json",
            "undo --dry-run --var=size=2 --detailed-exitcode --json-into=undo.json",
        ]
    ));
    let kinds = |place: &Place| -> Vec<String> {
        let text = place.read("undo.json");
        let lines = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        lines.map(|line| line["type"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(kinds(&place).iter().filter(|kind| *kind == "planned_change").count(), 3);
    assert!(!kinds(&place).contains(&"apply_complete".to_owned()));
    // Without the lines about each object.
    let arguments = ["undo", "--auto-approve", "--var=size=2", "--json-into=undo.json", "--parallelism=1"];
    let told = place.run(&[&arguments[..], &["--target=queueform_data.b"]].concat()).ended(0);
    assert!(told.stderr.contains("queueform_data.b: Modif"), "{told}");
    assert!(kinds(&place).contains(&"apply_complete".to_owned()));
    let first = place.run(&["state", "log", "--limit=2"]).success();
    let run = &first.lines().nth(1).unwrap()[..8];
    let told =
        place.run(&[&arguments[..], &["--concise", "--target=queueform_data.a", run]].concat()).ended(0);
    assert!(told.stdout.contains("0 added, 2 changed") && !told.stderr.contains("Modif"), "{told}");
}

const SHOP: &str = r#"
provider "dms" {
  region = "ru-moscow-1"
}

variable "topics" {
  type    = map(number)
  default = { orders = 8 }
}

resource "dms_rocketmq_instance" "main" {
  name               = "options"
  engine_version     = "4.8.0"
  flavor_id          = "c6.4u8g.cluster.small"
  storage_spec_code  = "dms.physical.storage.high.v2"
  storage_space      = 300
  vpc_id             = "vpc-demo"
  subnet_id          = "subnet-demo"
  security_group_id  = "sg-demo"
  availability_zones = ["ru-moscow-1a"]
}

resource "dms_rocketmq_topic" "topic" {
  for_each        = var.topics
  instance_id     = dms_rocketmq_instance.main.id
  name            = each.key
  read_queue_num  = each.value
  write_queue_num = each.value
}
"#;

#[test]
fn calls_and_waiting() {
    let place = Place::with(&[("main.qf.hcl", SHOP)]);
    for topics in ["--var=topics={orders=8}", "--var=topics={orders=16}"] {
        drop(place.run(&["apply", "--emulate", "--auto-approve", topics]).success());
    }
    assert_transcript!(transcript(
        &place,
        &[
            "undo --emulate --dry-run --calls",
            "undo --emulate --dry-run --wait-drain=soon",
            "undo --emulate --auto-approve --wait-drain=1m --parallelism=1",
            "state show --emulate 'dms_rocketmq_topic.topic[\"orders\"]'",
        ]
    ));
}

const FLEET: &str = r#"
provider "apsaramq" {
  region = "cn-hangzhou"
}

variable "active" {
  type    = list(string)
  default = ["mqtt-cn-demohangzhou", "mqtt-cn-demoshanghai"]
}

resource "apsaramq_mqtt_disaster_recovery" "fleet" {
  name                = "fleet"
  members             = { mqtt-cn-demohangzhou = "cn-hangzhou", mqtt-cn-demoshanghai = "cn-shanghai" }
  active_instance_ids = var.active
}
"#;

/// A switch is held until it is named, also when it is undone.
#[test]
fn confirmed() {
    let place = Place::with(&[("main.qf.hcl", FLEET)]);
    drop(place.run(&["apply", "--emulate", "--auto-approve"]).success());
    let fleet = "--confirm=apsaramq_mqtt_disaster_recovery.fleet";
    let active = "--var=active=[\"mqtt-cn-demoshanghai\"]";
    drop(place.run(&["apply", "--emulate", "--auto-approve", fleet, active]).success());
    assert_transcript!(transcript(
        &place,
        &[
            "undo --emulate --auto-approve",
            "undo --emulate --auto-approve --confirm=apsaramq_mqtt_disaster_recovery.fleet",
        ]
    ));
}

/// What a run made holds messages by now.
#[test]
fn data_loss() {
    let (place, inbox) = (custom::example(), Inbox::start());
    let run = |arguments: &[&str]| custom::run(&place, &inbox, arguments);
    drop(run(&["apply", "--auto-approve"]).success());
    place.write(
        "main.qf.hcl",
        &place
            .read("main.qf.hcl")
            .replace("    audit ", "    bills = { retention_days = 7, labels = {} }\n    audit "),
    );
    drop(run(&["apply", "--auto-approve"]).success());
    inbox.send("bills");
    inbox.send("bills");
    let arguments = ["undo", "--auto-approve"];
    assert_transcript!(run(&arguments).ended(3));
    let bills = "inbox_queue.all[\"bills\"]";
    let less = ["undo", "--auto-approve", &format!("--allow-data-loss={bills}=1")];
    drop(run(&less).ended(3));
    assert!(inbox.names().contains(&"bills".to_owned()));
    let enough = ["undo", "--auto-approve", &format!("--allow-data-loss={bills}=2")];
    assert_transcript!(run(&enough).ended(0));
    assert!(!inbox.names().contains(&"bills".to_owned()));
}

/// The command that goes on with an undo names the run: the last one is another one by then.
#[test]
fn a_failed_undo_goes_on() {
    let (place, inbox) = (custom::example(), Inbox::start());
    let run = |arguments: &[&str]| custom::run(&place, &inbox, arguments);
    drop(run(&["apply", "--auto-approve"]).success());
    let more = "    stuck = { retention_days = 7, labels = {} }\n    bills = { retention_days = 7, labels = {} }\n    audit ";
    place.write("main.qf.hcl", &place.read("main.qf.hcl").replace("    audit ", more));
    drop(run(&["apply", "--auto-approve"]).success());
    let failed = run(&["undo", "--auto-approve", "--concise"]).ended(1);
    assert_transcript!(failed);
    let (_, again) = failed.stdout.split_once("queueform undo --auto-approve --concise ").unwrap();
    let again = ["undo", "--auto-approve", "--concise", again.split_whitespace().next().unwrap()];
    // What is done is done; the queue that stays, stays.
    assert_transcript!(run(&again).ended(1));
    assert!(inbox.names().contains(&"stuck".to_owned()) && !inbox.names().contains(&"bills".to_owned()));
}
