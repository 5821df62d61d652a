//! `plan explain`

use insta::assert_snapshot;

use crate::support::Place;

const CONFIG: &str = r#"
variable "release" {
  default = "1"
}

resource "queueform_data" "root" {
  input            = "a"
  triggers_replace = var.release
}

resource "queueform_data" "middle" {
  input = queueform_data.root.id
}

resource "queueform_data" "leaf" {
  input = queueform_data.middle.output

  lifecycle {
    replace_triggered_by = [queueform_data.root]
  }
}

resource "queueform_data" "kept" {
  input = var.release

  lifecycle {
    ignore_changes = [input]
  }
}

resource "queueform_data" "same" {
  for_each = toset(["x", "y"])
  input    = each.key
}
"#;

fn applied() -> Place {
    let place = Place::with(&[("main.qf.hcl", CONFIG)]);
    drop(place.run(&["apply", "-auto-approve"]).success());
    place
}

/// Ids differ from run to run.
fn neutral(text: &str) -> String {
    let mut out = String::new();
    for word in text.split_inclusive(|c: char| c == '"' || c.is_whitespace()) {
        let bare = word.trim_end_matches(|c: char| c == '"' || c.is_whitespace());
        let is_id = bare.len() == 36 && bare.bytes().filter(|byte| *byte == b'-').count() == 4;
        out.push_str(&if is_id { word.replace(bare, "ID") } else { word.to_owned() });
    }
    out
}

#[test]
fn the_chain_of_causes_is_told() {
    let place = applied();
    let explained = |arguments: &[&str]| {
        let all: Vec<&str> = ["plan", "explain"].iter().chain(arguments).copied().collect();
        neutral(&place.run(&all).to_string())
    };
    assert_snapshot!(explained(&["queueform_data.leaf", "-var=release=2"]));
    assert_snapshot!(explained(&["queueform_data.root", "-var=release=2"]));
    assert_snapshot!(explained(&["queueform_data.same", "-var=release=2"]));
    assert_snapshot!(explained(&["queueform_data.kept", "-var=release=2"]));
    assert_snapshot!(explained(&["queueform_data.root", "-destroy"]));
    assert_snapshot!(explained(&["queueform_data.rot"]));
    assert_snapshot!(explained(&["queueform_data.same[\"x\"]", "-target=queueform_data.root"]));
}

#[test]
fn a_saved_plan_is_explained_as_it_is() {
    let place = applied();
    drop(place.run(&["plan", "-var=release=2", "-out=p.qfplan"]).success());
    place.write("main.qf.hcl", "");
    let json = place.run(&["plan", "explain", "queueform_data.middle", "p.qfplan", "-json"]).ended(0).json();
    assert_eq!(json["format_version"], "1.0");
    let link = &json["explanations"][0]["why"][0];
    assert_eq!((&link["kind"], &link["address"]), (&"reference".into(), &"queueform_data.root".into()));
    assert_eq!(link["because"][0]["kind"], "provider");
    assert_eq!(link["because"][1]["kind"], "configuration");
    assert!(link["because"][1]["text"].as_str().unwrap().contains("`var.release`"), "{json}");
    assert_snapshot!(place.run(&[
        "plan",
        "explain",
        "queueform_data.root",
        "p.qfplan",
        "-target=queueform_data.root"
    ]));
    assert_snapshot!(place.run(&["plan", "-json", "explain", "queueform_data.root"]));
}

#[test]
fn a_key_that_is_gone_is_a_cause() {
    let place = applied();
    place.write("main.qf.hcl", &CONFIG.replace("toset([\"x\", \"y\"])", "toset([\"x\"])"));
    let gone = place.run(&["plan", "explain", "queueform_data.same[\"y\"]"]).success();
    assert!(gone.contains("is deleted") && gone.contains("key is gone"), "{gone}");
}

#[test]
fn of_many_causes_people_see_some_and_programs_all() {
    let config = |release: &str| {
        format!(
            "resource \"queueform_data\" \"one\" {{\n  count            = 12\n  input            = count.index\n  triggers_replace = {release}\n}}\n\nresource \"queueform_data\" \"sum\" {{\n  input = queueform_data.one[*].id\n}}\n"
        )
    };
    let place = Place::with(&[("main.qf.hcl", &config("1"))]);
    drop(place.run(&["apply", "-auto-approve"]).success());
    place.write("main.qf.hcl", &config("2"));
    let planned = place.run(&["plan", "-out=p.qfplan"]).success();
    assert!(planned.contains("and 9 more causes, which `plan explain` lists"), "{planned}");
    let told = place.run(&["plan", "explain", "queueform_data.sum", "p.qfplan"]).success();
    assert_eq!(told.matches("`input` follows queueform_data.one[").count(), 10, "{told}");
    // Besides, the provider decides an attribute.
    assert!(told.contains("… and 3 more: `--json` has all of them"), "{told}");
    let found = place.run(&["plan", "explain", "queueform_data.sum", "p.qfplan", "-json"]).ended(0).json();
    let why = found["explanations"][0]["why"].as_array().unwrap();
    let causes: Vec<_> = why.iter().filter(|link| link["kind"] == "reference").collect();
    assert_eq!(causes.len(), 12, "{found:#}");
    assert!(causes.iter().all(|link| link["because"][0]["kind"] == "configuration"), "{found:#}");
    let plan = place.run(&["show", "-json", "p.qfplan"]).ended(0).json();
    let changes = plan["resource_changes"].as_array().unwrap();
    let sum = changes.iter().find(|change| change["address"] == "queueform_data.sum").unwrap();
    assert_eq!(sum["queueform"]["causes"].as_array().unwrap().len(), 12);
}

#[test]
fn secrets_that_are_sent_again_are_named() {
    let place = Place::with(&[("main.qf.hcl", "")]);
    let user = |version: u32| {
        format!(
            "provider \"dms\" {{}}\nresource \"dms_rocketmq_user\" \"app\" {{\n  instance_id = dms_rocketmq_instance.main.id\n  access_key = \"application\"\n  secret_key = \"S3cret-{version}x\"\n}}\nresource \"dms_rocketmq_instance\" \"main\" {{\n  name = \"main\"\n  engine_version = \"4.8.0\"\n  flavor_id = \"c6.4u8g.cluster.small\"\n  storage_spec_code = \"dms.physical.storage.high.v2\"\n  storage_space = 300\n  vpc_id = \"vpc-demo\"\n  subnet_id = \"subnet-demo\"\n  security_group_id = \"sg-demo\"\n  availability_zones = [\"ru-moscow-1a\"]\n  enable_acl = true\n}}\n"
        )
    };
    place.write("main.qf.hcl", &user(1));
    drop(place.run(&["apply", "--emulate", "--auto-approve"]).success());
    place.write("main.qf.hcl", &user(2));
    let told = place.run(&["plan", "explain", "--emulate", "dms_rocketmq_user.app"]).success();
    assert!(told.contains("What changes\n  ~ secret_key: (sensitive value) sent again"), "{told}");
    let json = place.run(&["plan", "explain", "--emulate", "--json", "dms_rocketmq_user.app"]).success();
    assert!(json.contains("\"sends\"") && !json.contains("S3cret"), "{json}");
}
