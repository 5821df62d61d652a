//! `drift`: what it prints and how it ends, and the guide about it.

use std::fs;

use insta::assert_snapshot;
use serde_json::Value as Json;

use crate::support::Place;

use super::pages::blocks;
use super::pages::is_as_shown;

const ESTATE: &str = r#"provider "dms" {}

variable "permission" {
  type    = string
  default = "all"
}

resource "dms_rocketmq_instance" "main" {
  name               = "main"
  engine_version     = "4.8.0"
  flavor_id          = "c6.4u8g.cluster.small"
  storage_spec_code  = "dms.physical.storage.high.v2"
  storage_space      = 600
  broker_num         = 2
  vpc_id             = "vpc-demo"
  subnet_id          = "subnet-demo"
  security_group_id  = "sg-demo"
  availability_zones = ["ru-moscow-1a"]
  enable_acl         = true
}

resource "dms_rocketmq_topic" "orders" {
  for_each        = toset(["orders", "refunds", "invoices"])
  instance_id     = dms_rocketmq_instance.main.id
  name            = each.key
  read_queue_num  = 8
  write_queue_num = 8
  permission      = var.permission
}

resource "dms_rocketmq_consumer_group" "billing" {
  instance_id     = dms_rocketmq_instance.main.id
  name            = "billing"
  retry_max_times = 3
}

resource "dms_rocketmq_user" "billing" {
  instance_id        = dms_rocketmq_instance.main.id
  access_key         = "billing-worker"
  secret_key         = "Demo-Secret-1"
  secret_key_version = 1
  group_perms        = { billing = "SUB" }
}

output "permission" {
  value = var.permission
}
"#;

fn applied() -> Place {
    let place = Place::with(&[("main.qf.hcl", ESTATE)]);
    drop(place.run(&["apply", "--emulate", "--auto-approve"]).success());
    place
}

/// Somebody else, with a configuration of their own, changes what the emulator holds.
fn elsewhere(place: &Place, edits: &[(&str, &str)]) {
    let other = Place::new();
    let mut text = place.read("main.qf.hcl");
    for (old, new) in edits {
        assert!(text.contains(old), "nothing to edit: {old}");
        text = text.replace(old, new);
    }
    other.write("main.qf.hcl", &text);
    let emulated = ".queueform/emulator";
    fs::create_dir_all(other.path().join(emulated).join("data")).unwrap();
    let copy = |from: &Place, to: &Place, directory: &str| {
        for entry in fs::read_dir(from.path().join(directory)).unwrap() {
            let entry = entry.unwrap();
            if entry.path().is_file() {
                fs::copy(entry.path(), to.path().join(directory).join(entry.file_name())).unwrap();
            }
        }
    };
    copy(place, &other, emulated);
    copy(place, &other, &format!("{emulated}/data"));
    let consent = "--allow-data-loss=dms_rocketmq_topic.orders=100";
    drop(other.run(&["apply", "--emulate", "--auto-approve", consent]).success());
    copy(&other, place, &format!("{emulated}/data"));
}

/// Takes instants out: milliseconds since 1970.
fn timeless(text: &str) -> String {
    let mut out = String::new();
    let mut digits = String::new();
    for letter in text.chars().chain(['\n']) {
        if letter.is_ascii_digit() {
            digits.push(letter);
            continue;
        }
        let is_instant = digits.len() == 13 && digits.starts_with('1');
        out.push_str(if is_instant { "INSTANT" } else { &digits });
        digits.clear();
        out.push(letter);
    }
    out.trim_end().to_owned()
}

/// A topic less and one more, one attribute of all topics, one of the group, one part of the user's grants.
const BY_HAND: &[(&str, &str)] = &[
    ("\"refunds\", \"invoices\"", "\"refunds\", \"by-hand\""),
    ("default = \"all\"", "default = \"sub\""),
    ("retry_max_times = 3", "retry_max_times = 5"),
    ("{ billing = \"SUB\" }", "{ billing = \"SUB\", orders = \"PUB\" }"),
];

#[test]
fn nothing_has_drifted() {
    let place = applied();
    let state = fs::read(place.path().join(".queueform/emulator/queueform.state.json")).unwrap();
    assert_snapshot!(place.run(&["drift", "--emulate"]));
    assert_eq!(fs::read(place.path().join(".queueform/emulator/queueform.state.json")).unwrap(), state);
    assert_snapshot!("pending", place.run(&["drift", "--emulate", "-var=permission=sub"]).ended(4));
    place.write("sub.qfvars.hcl", "permission = \"sub\"\n");
    assert_snapshot!("pending", place.run(&["drift", "--emulate", "--var-file=sub.qfvars.hcl"]).ended(4));
}

#[test]
fn drift_alone_and_beside_pending_changes() {
    let place = applied();
    elsewhere(&place, BY_HAND);
    assert_snapshot!("drifted", place.run(&["drift", "--emulate"]).ended(2));
    let both = place.run(&["drift", "--emulate", "-var=permission=pub", "--ignore=*.permission"]).ended(6);
    assert_snapshot!("both", both);
    let full = place.run(&["drift", "--emulate", "--detail=full", "--parallelism=2"]).ended(2);
    assert_snapshot!("full", timeless(&full.to_string()));
    assert_snapshot!("unmanaged", place.run(&["drift", "--emulate", "--unmanaged"]).ended(2));
    let target = "--target=dms_rocketmq_topic.orders[\"invoices\"]";
    assert_snapshot!("target", place.run(&["drift", "--emulate", target]).ended(2));
    let ignore = ["drift", "--emulate", "--ignore=dms_rocketmq_*", "--detail=full"];
    assert_snapshot!("ignored", place.run(&ignore).ended(0));
}

#[test]
fn a_secret_is_not_shown() {
    let place = applied();
    elsewhere(
        &place,
        &[("enable_acl         = true", "enable_acl         = true\n  description        = \"x\"")],
    );
    for arguments in [&["drift", "--emulate", "--detail=full"][..], &["drift", "--emulate", "--json"]] {
        let output = place.run(arguments).ended(2);
        assert!(!output.to_string().contains("Demo-Secret"), "{output}");
    }
}

/// Takes out what differs from run to run.
fn neutral(mut document: Json) -> Json {
    if let Some(fields) = document.as_object_mut() {
        fields.insert("timestamp".to_owned(), "TIME".into());
        if let Some(state) = fields.get_mut("state").and_then(Json::as_object_mut) {
            state.insert("lineage".to_owned(), "LINEAGE".into());
        }
    }
    document
}

#[test]
fn one_document_for_programs() {
    let place = applied();
    elsewhere(&place, &[("\"refunds\", \"invoices\"", "\"refunds\""), BY_HAND[2]]);
    let output =
        place.run(&["drift", "--emulate", "--unmanaged", "--json", "--ignore=*.created_at"]).ended(2);
    assert!(output.stderr.is_empty(), "{output}");
    assert_snapshot!("json", timeless(&format!("{:#}", neutral(output.json()))));
    place.write("main.qf.hcl", "output \"x\" {\n  value = local.y\n}\n");
    let output = place.run(&["drift", "--emulate", "--json"]).ended(1);
    assert_snapshot!("json_failed", format!("{:#}", neutral(output.json())));
}

#[test]
fn mistakes() {
    let place = Place::with(&[("main.qf.hcl", "queueform {\n  drift {\n    ignored = [1]\n  }\n}\n")]);
    assert_snapshot!("settings", place.run(&["drift"]).ended(1));
    assert_snapshot!("flag", Place::new().run(&["drift", "--refresh-only"]).ended(1));
    assert_snapshot!("address", Place::new().run(&["drift", "--target=nowhere"]).ended(1));
    assert_snapshot!("empty", Place::new().run(&["drift"]));
}

#[test]
fn the_guide() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/guides/drift.md");
    let page = fs::read_to_string(path).unwrap();
    let place = Place::new();
    let (mut commands, mut edits) = (0, Vec::new());
    for part in page.split("<!-- elsewhere ") {
        let (edit, text) = if commands == 0 { ("", part) } else { part.split_once(" -->").unwrap() };
        if let Some(edit) = edit.split_once(" => ") {
            // What was done there before stays.
            edits.push(edit);
            elsewhere(&place, &edits);
        }
        for (words, text) in blocks(text) {
            if let Some((_, rest)) = words.split_once("title=\"") {
                place.write(rest.split('"').next().unwrap(), &text);
            }
            if words != "console" {
                continue;
            }
            for part in text.split("$ ").skip(1) {
                let (line, shown) = part.split_once('\n').unwrap_or((part, ""));
                let (line, status) = line.split_once(" # exit status ").unwrap_or((line, "0"));
                let arguments: Vec<&str> =
                    line.split_whitespace().skip(1).map(|one| one.trim_matches('\'')).collect();
                let output = place.run(&arguments).ended(status.parse().unwrap());
                let printed = format!("{}{}", output.stdout, output.stderr);
                assert!(is_as_shown(shown, &printed), "$ {line}\n--- shown\n{shown}\n--- printed\n{printed}");
                commands += 1;
            }
        }
    }
    assert_eq!(commands, 8);
}
