//! `lifecycle { adopt = true }`, and what is said when an object exists already.

use insta::assert_snapshot;

use super::estate::Estate;

const DMS: &str = include_str!("../../fixtures/adopt/dms.qf.hcl");

fn shop() -> Estate {
    Estate::made_by(DMS, &["shop"])
}

/// Topics that are to be there, with a `lifecycle` block.
fn topics(estate: &Estate, names: &str, lifecycle: &str) -> String {
    let provider = DMS.split_inclusive("\n}\n").next().unwrap();
    let id = estate.id("shop");
    format!(
        r#"{provider}
resource "dms_rocketmq_topic" "topic" {{
  for_each        = {names}
  instance_id     = "{id}"
  name            = each.key
  read_queue_num  = each.value
  write_queue_num = each.value
{lifecycle}}}
"#
    )
}

#[test]
fn what_exists_is_taken_over_and_the_rest_is_created() {
    let estate = shop();
    let names = "{ orders-created = 16, audit = 8, new = 4 }";
    let main = topics(&estate, names, "\n  lifecycle {\n    adopt = true\n  }\n");
    estate.place.write("main.qf.hcl", &main);
    let planned = estate.run(&["plan"]).ended(0);
    assert!(planned.stdout.contains("Plan: 2 to import, 1 to add, 1 to change, 0 to destroy."), "{planned}");
    let told = "exists already and is taken over (`adopt = true`), found with";
    assert_eq!(planned.stdout.matches(told).count(), 2, "{planned}");
    let applied = estate.run(&["apply", "--auto-approve"]).ended(0);
    assert!(applied.stdout.contains("2 imported, 1 added, 1 changed, 0 destroyed"), "{applied}");
    let planned = estate.run(&["plan", "--detailed-exitcode"]).ended(0);
    assert!(planned.stdout.contains("No changes."), "{planned}");
}

#[test]
fn without_consent_the_refusal_says_how_to_take_it_over() {
    let estate = shop();
    estate.place.write("main.qf.hcl", &topics(&estate, "{ audit = 8 }", ""));
    let refused = estate.run(&["apply", "--auto-approve"]).ended(1);
    let id = "<shop>/audit";
    let wanted = ["import {", "to = dms_rocketmq_topic.topic[\"audit\"]", &format!("id = \"{id}\"")];
    assert!(wanted.iter().all(|line| refused.stderr.contains(line)), "{refused}");
}

#[test]
fn what_another_address_manages_is_not_taken() {
    let estate = shop();
    estate
        .place
        .write("main.qf.hcl", &topics(&estate, "{ audit = 4 }", "\n  lifecycle {\n    adopt = true\n  }\n"));
    drop(estate.run(&["apply", "--auto-approve"]).ended(0));
    let again = format!(
        "\nresource \"dms_rocketmq_topic\" \"again\" {{\n  instance_id = \"{}\"\n  name        = \"audit\"\n\n  lifecycle {{\n    adopt = true\n  }}\n}}\n",
        estate.id("shop")
    );
    estate.place.write("again.qf.hcl", &again);
    let refused = estate.run(&["plan"]).ended(1);
    assert!(
        refused.stderr.contains("is managed already, as `dms_rocketmq_topic.topic[\"audit\"]`"),
        "{refused}"
    );
}

#[test]
fn ids_made_by_the_service_tell_nothing() {
    let estate = shop();
    let main = DMS.replace(
        "  enable_acl         = true\n",
        "  enable_acl         = true\n\n  lifecycle {\n    adopt = true\n  }\n",
    );
    estate.place.write("main.qf.hcl", &main);
    assert_snapshot!(estate.run(&["validate"]));
}
