//! `plan --generate-config-out`

use insta::assert_snapshot;

use super::estate::Estate;

const PROVIDER: &str = "provider \"dms\" {\n  cloud  = \"sbercloud\"\n  region = \"ru-moscow-1\"\n}\n";

const MADE: &str = r#"
resource "dms_rocketmq_instance" "shop" {
  name               = "shop"
  engine_version     = "4.8.0"
  flavor_id          = "c6.4u8g.cluster.small"
  storage_spec_code  = "dms.physical.storage.high.v2"
  storage_space      = 300
  vpc_id             = "vpc-demo"
  subnet_id          = "subnet-demo"
  security_group_id  = "sg-demo"
  availability_zones = ["ru-moscow-1a"]
  enable_acl         = true
  tags               = { team = "shop" }
}

resource "dms_rocketmq_topic" "topic" {
  for_each        = { orders = 16, payments = 8, for = 8 }
  instance_id     = dms_rocketmq_instance.shop.id
  name            = each.key
  read_queue_num  = each.value
  write_queue_num = each.value
}

resource "dms_rocketmq_consumer_group" "billing" {
  instance_id     = dms_rocketmq_instance.shop.id
  name            = "billing"
  retry_max_times = 5
  description     = "says \"${"$"}{no}\""
}

resource "dms_rocketmq_user" "storefront" {
  instance_id = dms_rocketmq_instance.shop.id
  access_key  = "storefront"
  secret_key  = "Not-to-be-found-1"
  topic_perms = { orders = "PUB", payments = "PUB|SUB" }
}

output "shop" {
  value = dms_rocketmq_instance.shop.id
}
"#;

fn estate() -> Estate {
    Estate::made_by(&format!("{PROVIDER}{MADE}"), &["shop"])
}

/// Imports of an instance, of topics by a set, and of single objects.
fn imports(id: &str) -> String {
    format!(
        r#"{PROVIDER}
locals {{
  names = ["orders", "payments", "for"]
}}

import {{
  to = dms_rocketmq_instance.shop
  id = "{id}"
}}

import {{
  for_each = toset(local.names)
  to       = dms_rocketmq_topic.topic[each.value]
  id       = "{id}/${{each.value}}"
}}

import {{
  to       = dms_rocketmq_consumer_group.billing
  identity = {{ instance_id = dms_rocketmq_instance.shop.id, name = "billing" }}
}}

import {{
  to = dms_rocketmq_user.user["Shop Front"]
  id = "{id}/storefront"
}}

output "brokers" {{
  value = dms_rocketmq_instance.shop.namesrv_address
}}
"#
    )
}

#[test]
fn blocks_that_are_missing_are_written_and_imported() {
    let estate = estate();
    estate.place.write("main.qf.hcl", &imports(estate.id("shop")));
    let refused = estate.run(&["plan"]).ended(1);
    assert!(refused.stderr.contains("--generate-config-out=generated.qf.hcl"), "{refused}");
    let output = estate.run(&["plan", "--generate-config-out=generated.qf.hcl"]);
    assert_snapshot!(output);
    assert_snapshot!(estate.read("generated.qf.hcl"));
    assert!(!estate.read("generated.qf.hcl").contains("Not-to-be-found"), "secrets are written nowhere");
    let formatted = estate.place.run(&["fmt", "--check", "generated.qf.hcl"]).ended(0);
    assert_eq!(formatted.stdout, "");
    estate.takes_over(6);
}

#[test]
fn what_is_managed_is_referred_to() {
    let estate = estate();
    let id = estate.id("shop").to_owned();
    let only_shop =
        format!("{PROVIDER}\nimport {{\n  to = dms_rocketmq_instance.shop\n  id = \"{id}\"\n}}\n");
    estate.place.write("main.qf.hcl", &only_shop);
    drop(estate.run(&["plan", "--generate-config-out=shop.qf.hcl"]).ended(0));
    drop(estate.run(&["apply", "--auto-approve"]).ended(0));
    let topic = format!("\nimport {{\n  to = dms_rocketmq_topic.orders\n  id = \"{id}/orders\"\n}}\n");
    estate.place.write("topic.qf.hcl", &topic);
    drop(estate.run(&["plan", "--generate-config-out=generated.qf.hcl"]).ended(0));
    assert_snapshot!(estate.read("generated.qf.hcl"));
}

#[test]
fn nothing_is_written_over_and_nothing_beside_the_configuration() {
    let estate = estate();
    estate.place.write("main.qf.hcl", &imports(estate.id("shop")));
    estate.place.write("mine.qf.hcl", "# mine\n");
    assert_snapshot!(estate.run(&["plan", "--generate-config-out=mine.qf.hcl"]));
    assert_eq!(estate.place.read("mine.qf.hcl"), "# mine\n");
    assert_snapshot!(estate.run(&["plan", "-generate-config-out=generated.tf"]));
    assert_snapshot!(estate.run(&["plan", "--generate-config-out=elsewhere/generated.qf.hcl"]));
    assert!(!estate.place.has("generated.tf") && !estate.place.has("elsewhere"));
}

#[test]
fn nothing_is_written_without_a_block_to_write_or_an_object_to_find() {
    let estate = estate();
    estate.place.write("main.qf.hcl", PROVIDER);
    assert_snapshot!(estate.run(&["plan", "--generate-config-out=generated.qf.hcl"]));
    let imports = format!(
        "{PROVIDER}\nimport {{\n  to = dms_rocketmq_topic.a\n  id = \"{}/nowhere\"\n}}\n",
        estate.id("shop")
    );
    estate.place.write("main.qf.hcl", &imports);
    assert_snapshot!(estate.run(&["plan", "--generate-config-out=generated.qf.hcl"]));
    assert!(!estate.place.has("generated.qf.hcl"));
}

#[test]
fn keys_are_all_there_or_not_at_all_and_no_numbers() {
    let estate = estate();
    let id = estate.id("shop");
    let import = |key: &str, name: &str| {
        format!("import {{\n  to = dms_rocketmq_topic.a{key}\n  id = \"{id}/{name}\"\n}}\n")
    };
    let main = format!(
        "{PROVIDER}{}{}{}",
        import("", "orders"),
        import("[\"b\"]", "payments"),
        import("[0]", "for").replace("topic.a", "topic.b")
    );
    estate.place.write("main.qf.hcl", &main);
    assert_snapshot!(estate.run(&["plan", "--generate-config-out=generated.qf.hcl"]));
}

#[test]
fn a_stream_says_what_was_written() {
    let estate = estate();
    estate.place.write("main.qf.hcl", &imports(estate.id("shop")));
    let output = estate.run(&["plan", "--json", "--generate-config-out=generated.qf.hcl"]).ended(0);
    let line = output.stdout.lines().find(|line| line.contains("\"generated_config\"")).unwrap();
    assert!(line.contains("Wrote 4 blocks for 6 objects to generated.qf.hcl."), "{line}");
    assert_eq!(output.stderr, "");
}
