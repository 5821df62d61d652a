//! What becomes of single blocks, and of tables.

use std::sync::Arc;

use super::*;
use crate::diag::Diagnostics;
use crate::schema::Registry;
use crate::schema::ResourceKind;
use crate::source::SourceMap;

/// Converts one file of a root module.
fn converted(text: &str, state: Option<&str>) -> (String, Option<String>, Vec<String>) {
    let tables = Tables::embedded().unwrap();
    let state = state.map(|text| TerraformState::read("state", text).unwrap());
    let mut sources = SourceMap::new();
    let source = sources.add("main.tf", text);
    let module = Module { addresses: vec![String::new()], files: vec![(source, text.to_owned())] };
    let mut notes = Diagnostics::new();
    let converter = Converter { tables: &tables, state: state.as_ref() };
    let files = converter.module(&module, &mut notes);
    assert!(!notes.has_errors(), "{notes:?}");
    notes.sort();
    let notes = notes
        .iter()
        .map(|note| {
            let line = note
                .labels
                .first()
                .and_then(|label| Some(sources.get(label.span.source)?.position(label.span.start).line));
            format!("{}: {}", line.unwrap_or(0), note.summary)
        })
        .collect();
    (files.texts[0].clone().unwrap(), files.standins, notes)
}

#[track_caller]
fn check(before: &str, after: &str, notes: &[&str]) {
    let (text, _, found) = converted(before, None);
    assert_eq!(text.trim(), after.trim());
    assert_eq!(found, notes);
}

#[test]
fn types_attributes_and_references_are_renamed_and_comments_stay() {
    check(
        r#"
# A topic.
resource "huaweicloud_dms_rocketmq_topic" "a" { # of all teams
  for_each             = var.topics
  instance_id          = huaweicloud_dms_rocketmq_instance.main[0].id // the only one
  name                 = "${each.key}-topic"
  total_read_queue_num = each.value
}

output "queues" {
  value = [huaweicloud_dms_rocketmq_topic.a["x"].total_read_queue_num, values(huaweicloud_dms_rocketmq_topic.a)[*].total_write_queue_num, terraform.workspace]
}
"#,
        r#"
# A topic.
resource "dms_rocketmq_topic" "a" { # of all teams
  for_each       = var.topics
  instance_id    = dms_rocketmq_instance.main[0].id // the only one
  name           = "${each.key}-topic"
  read_queue_num = each.value
}

output "queues" {
  value = [dms_rocketmq_topic.a["x"].read_queue_num, values(dms_rocketmq_topic.a)[*].total_write_queue_num, queueform.workspace]
}
"#,
        &[],
    );
}

#[test]
fn elements_are_renamed_by_the_names_that_loops_give_them() {
    check(
        r#"
output "queues" {
  value = { for name, topic in huaweicloud_dms_rocketmq_topic.t : name => topic.total_read_queue_num if topic.total_write_queue_num > 1 }
}

output "text" {
  value = "%{ for topic in huaweicloud_dms_rocketmq_topic.t }${topic.total_read_queue_num} %{ endfor }${[for topic in var.topics : topic.total_read_queue_num][0]}"
}

resource "huaweicloud_dms_rocketmq_topic" "copy" {
  for_each             = huaweicloud_dms_rocketmq_topic.t
  instance_id          = var.instance
  name                 = each.value.name
  total_read_queue_num = each.value.total_read_queue_num
}
"#,
        r#"
output "queues" {
  value = { for name, topic in dms_rocketmq_topic.t : name => topic.read_queue_num if topic.write_queue_num > 1 }
}

output "text" {
  value = "%{for topic in dms_rocketmq_topic.t}${topic.read_queue_num} %{endfor}${[for topic in var.topics : topic.total_read_queue_num][0]}"
}

resource "dms_rocketmq_topic" "copy" {
  for_each       = dms_rocketmq_topic.t
  instance_id    = var.instance
  name           = each.value.name
  read_queue_num = each.value.read_queue_num
}
"#,
        &[],
    );
}

#[test]
fn nested_blocks_become_attributes() {
    check(
        r#"
resource "huaweicloud_dms_rocketmq_user" "a" {
  instance_id = var.instance
  access_key  = "billing-worker"
  secret_key  = var.secret

  topic_perms {
    # what it reads
    name = "orders"
    perm = "SUB"
  }
  topic_perms {
    name = var.topic
    perm = "PUB"
  }
  dynamic "group_perms" {
    for_each = toset(var.groups)
    content {
      name = group_perms.value
      perm = "SUB"
    }
  }
}

resource "huaweicloud_dms_rocketmq_topic" "b" {
  instance_id = var.instance
  name        = "b-topic"
  brokers { name = "broker-0" }
  brokers { name = "broker-1" }
  dynamic "queues" {
    for_each = var.queues
    iterator = each_queue
    content {
      broker    = each_queue.key
      queue_num = each_queue.value
    }
  }
}
"#,
        r#"
resource "dms_rocketmq_user" "a" {
  instance_id        = var.instance
  access_key         = "billing-worker"
  secret_key         = var.secret
  secret_key_version = 1

  # what it reads
  topic_perms = {
    orders      = "SUB"
    (var.topic) = "PUB"
  }
  group_perms = { for perm in toset(var.groups) : perm => "SUB" }
}

resource "dms_rocketmq_topic" "b" {
  instance_id = var.instance
  name        = "b-topic"
  brokers     = ["broker-0", "broker-1"]
  queues      = [for queue_key, queue in var.queues : { broker = queue_key, queue_num = queue }]
}
"#,
        &[],
    );
}

#[test]
fn what_cannot_be_converted_is_a_comment_and_is_told() {
    check(
        r#"
terraform {
  required_version = ">= 1.5"
  required_providers {
    huaweicloud = { source = "huaweicloud/huaweicloud" }
  }
  backend "s3" {
    bucket = "states"
  }
}

provider "huaweicloud" {
  region   = "cn-north-4"
  insecure = true
}

resource "huaweicloud_dms_rocketmq_instance" "main" {
  name          = "main"
  charging_mode = "prePaid"
  configs {
    name  = "fileReservedTime"
    value = "72"
  }
  lifecycle {
    ignore_changes = [configs, tags, auto_renew]
  }
}

resource "aws_sqs_queue" "other" {
  name = "other"
}
"#,
        r#"
queueform {
  # required_version = ">= 1.5"
  # Providers are part of the program.
  # required_providers {
  #   huaweicloud = { source = "huaweicloud/huaweicloud" }
  # }
  # The old state stays where it is: give the new one a place of its own.
  # backend "s3" {
  #   bucket = "states"
  # }
}

provider "dms" {
  cloud = "huawei"

  region = "cn-north-4"
  # certificates are always checked: name the authority with `ca_file`
  # insecure = true
}

resource "dms_rocketmq_instance" "main" {
  name = "main"
  # instances are made with pay-per-use billing; change it in the console
  # charging_mode = "prePaid"
  lifecycle {
    ignore_changes = [tags]
  }
}

resource "dms_rocketmq_instance_config" "main" {
  instance_id = dms_rocketmq_instance.main.id
  settings    = { fileReservedTime = "72" }

  lifecycle {
    ignore_changes = [settings]
  }
}

# resources of type aws_sqs_queue are not converted
# resource "aws_sqs_queue" "other" {
#   name = "other"
# }
"#,
        &[
            "7: the backend `s3` is not taken over, so that the old state stays as it is",
            "14: the provider `dms` has no argument `insecure`",
            "19: `dms_rocketmq_instance` has no argument `charging_mode`",
            "25: `dms_rocketmq_instance` has no argument `auto_renew` whose changes could be ignored",
            "29: resources of type `aws_sqs_queue` are not converted",
        ],
    );
}

#[test]
fn blocks_become_resources_of_their_own() {
    check(
        r#"
resource "huaweicloud_dms_rocketmq_instance" "many" {
  provider = huaweicloud.north
  for_each = var.instances
  name     = each.key
  dynamic "configs" {
    for_each = each.value.settings
    content {
      name  = configs.key
      value = configs.value
    }
  }
} # of all teams

resource "huaweicloud_dms_rocketmq_instance" "counted" {
  count = 2
  name  = "counted-${count.index}"
  configs { # in hours
    name  = "fileReservedTime"
    value = tostring(huaweicloud_dms_rocketmq_topic.t.total_read_queue_num)
  }
  configs {
    name  = "a.b"
    value = "1"
  }
}

output "settings" {
  value = huaweicloud_dms_rocketmq_instance.counted[0].configs
}
"#,
        r#"
resource "dms_rocketmq_instance" "many" {
  provider = dms.north
  for_each = var.instances
  name     = each.key
}

resource "dms_rocketmq_instance_config" "many" {
  for_each    = var.instances
  provider    = dms.north
  instance_id = dms_rocketmq_instance.many[each.key].id
  settings    = { for config_key, config in each.value.settings : config_key => config }
} # of all teams

resource "dms_rocketmq_instance" "counted" {
  count = 2
  name  = "counted-${count.index}"
}

resource "dms_rocketmq_instance_config" "counted" {
  count       = 2
  instance_id = dms_rocketmq_instance.counted[count.index].id
  # in hours
  settings = {
    fileReservedTime = tostring(dms_rocketmq_topic.t.read_queue_num)
    "a.b"            = "1"
  }
}

output "settings" {
  value = dms_rocketmq_instance.counted[0].configs
}
"#,
        &[
            "2: which `configs` there are is computed: `dms_rocketmq_instance_config.many` is not in the state",
            "29: `configs` of `huaweicloud_dms_rocketmq_instance.counted` stands in a resource of its own here",
        ],
    );
}

#[test]
fn what_is_read_of_local_values_is_renamed_or_told() {
    check(
        r#"
locals {
  topic  = huaweicloud_dms_rocketmq_topic.a
  topics = { for name, topic in huaweicloud_dms_rocketmq_topic.t : name => topic if var.all }
  again  = local.topics
  first  = values(local.again)[0]
  number = length(huaweicloud_dms_rocketmq_topic.t)
  all    = { topics = huaweicloud_dms_rocketmq_topic.t }
  task   = [huaweicloud_dms_rocketmq_consumer_group.g]
}

module "m" {
  source = "./m"
  topic  = local.topic
  group  = huaweicloud_dms_rocketmq_consumer_group.g
  name   = huaweicloud_dms_rocketmq_topic.a.name
}

resource "huaweicloud_dms_rocketmq_topic" "copy" {
  for_each             = local.topics
  instance_id          = local.topic.instance_id
  name                 = "copy-${each.value.name}"
  total_read_queue_num = each.value.total_read_queue_num
}

output "n" {
  value = [local.topic.total_read_queue_num, local.again["a"].total_write_queue_num, [for t in local.topics : t.total_read_queue_num], local.number]
}
"#,
        r#"
locals {
  topic  = dms_rocketmq_topic.a
  topics = { for name, topic in dms_rocketmq_topic.t : name => topic if var.all }
  again  = local.topics
  first  = values(local.again)[0]
  number = length(dms_rocketmq_topic.t)
  all    = { topics = dms_rocketmq_topic.t }
  task   = [dms_rocketmq_consumer_group.g]
}

module "m" {
  source = "./m"
  topic  = local.topic
  group  = dms_rocketmq_consumer_group.g
  name   = dms_rocketmq_topic.a.name
}

resource "dms_rocketmq_topic" "copy" {
  for_each       = local.topics
  instance_id    = local.topic.instance_id
  name           = "copy-${each.value.name}"
  read_queue_num = each.value.read_queue_num
}

output "n" {
  value = [local.topic.read_queue_num, local.again["a"].write_queue_num, [for t in local.topics : t.read_queue_num], local.number]
}
"#,
        &[
            "8: `local.all` holds `huaweicloud_dms_rocketmq_topic.t`, whose attributes have other names here",
            "14: `topic` of module `m` holds `huaweicloud_dms_rocketmq_topic.a`, whose attributes have other names here",
        ],
    );
}

#[test]
fn the_json_form_becomes_the_native_one() {
    let native = |text: &str| {
        let source = SourceMap::new().add("main.tf.json", text);
        as_native(&Tables::embedded().unwrap(), source, text)
    };
    let text = r#"{
      "//": "Queues of the shop.",
      "terraform": { "required_providers": { "huaweicloud": { "source": "huaweicloud/huaweicloud", "configuration_aliases": ["huaweicloud.north"] } },
        "backend": { "s3": { "bucket": "states" } } },
      "variable": { "size": { "type": "map(number)", "default": { "a.b": 1, "c": "${no}" }, "validation": { "condition": "${length(var.size) > 0}", "error_message": "none" } } },
      "locals": { "from": "a", "text": "x-${join("-", ["a", "}"])}-\"$${y}\\n\"", "big": 12345678901234567890 },
      "module": { "m": [{ "source": "./m", "providers": { "huaweicloud.n": "huaweicloud.north" }, "to": "plain", "depends_on": ["module.n"] }] },
      "resource": {
        "huaweicloud_dms_rocketmq_user": { "a": {
          "//": "of billing",
          "provider": "huaweicloud.north", "instance_id": "${var.instance}", "access_key": "billing-worker", "secret_key": "s",
          "topic_perms": [{ "name": "orders", "perm": "SUB" }, { "name": "${var.topic}", "perm": "PUB" }],
          "dynamic": { "group_perms": { "for_each": "${toset(var.groups)}", "iterator": "g", "content": { "name": "${g.value}", "perm": "SUB" } } },
          "lifecycle": { "ignore_changes": ["topic_perms"], "precondition": [{ "condition": "${var.ok}", "error_message": "no" }] } } },
        "aws_sqs_queue": { "b": { "tags": { "${var.key}": "x", "a b": null } } } },
      "moved": [{ "from": "huaweicloud_dms_rocketmq_user.b", "to": "huaweicloud_dms_rocketmq_user.a" }],
      "output": { "n": { "value": "${[for t in var.t : upper(t)]}", "sensitive": true } }
    }"#
        .replace("join(\"-\", [\"a\", \"}\"])", "join(\\\"-\\\", [\\\"a\\\", \\\"}\\\"])");
    insta::assert_snapshot!("native", native(&text).unwrap());
    let (converted, _, notes) = converted(&native(&text).unwrap(), None);
    insta::assert_snapshot!("from_json", format!("{converted}\n{}", notes.join("\n")));
    assert!(native("{").unwrap_err().has_errors());
    assert!(native("{ \"resources\": {} }").unwrap_err().has_errors());
    assert_eq!(native("{}").unwrap(), "");
}

#[test]
fn what_there_is_not_has_a_way() {
    let of = |kind: &str| {
        let tables = Tables::embedded().unwrap();
        let mut sources = SourceMap::new();
        let text = format!("resource \"{kind}\" \"a\" {{\n}}\n");
        let source = sources.add("main.tf", text.as_str());
        let module = Module { addresses: vec![String::new()], files: vec![(source, text)] };
        let mut notes = Diagnostics::new();
        let converter = Converter { tables: &tables, state: None };
        drop(converter.module(&module, &mut notes));
        notes.iter().next().unwrap().hints.join(" ")
    };
    assert!(of("alicloud_ons_topic").contains("`apsaramq_rocketmq_topic`"));
    assert!(of("alicloud_ons_group").contains("`apsaramq_rocketmq_consumer_group`"));
    assert!(of("alicloud_ons_instance").contains("`apsarastack_mq_instance`"));
    assert!(of("alicloud_mqtt_something").contains("queueform adopt"));
    assert!(of("alicloud_vpc").contains("stays with Terraform"));
    // Whatever is named there exists.
    let registry = Registry::embedded();
    for kind in ["alicloud_ons_topic", "alicloud_ons_group", "alicloud_ons_instance"] {
        for word in of(kind).split('`').filter(|word| word.starts_with("apsara")) {
            assert!(registry.resource(ResourceKind::Managed, word).is_some(), "{word}");
        }
    }
}

#[test]
fn settings_that_the_configuration_names_are_taken_over() {
    let state = r#"{ "version": 4, "resources": [
      { "module": "module.q", "mode": "managed", "type": "huaweicloud_dms_rocketmq_instance", "name": "main",
        "provider": "provider[\"registry.terraform.io/huaweicloud/huaweicloud\"]", "instances": [
        { "index_key": 1, "attributes": { "id": "i-1", "name": "main", "configs": [
          { "name": "fileReservedTime", "value": "72" }, { "name": "other", "value": "1" } ] } } ] } ] }"#;
    let state = TerraformState::read("state", state).unwrap();
    let (tables, registry) = (Tables::embedded().unwrap(), Registry::embedded());
    let kind = "huaweicloud_dms_rocketmq_instance".to_owned();
    let place = ("module.q".to_owned(), kind, "main".to_owned(), "configs".to_owned());
    let with = |keys: Option<&str>| {
        let keys = keys.map(|key| [key.to_owned()].into());
        let companions = Companions::from([(place.clone(), keys)]);
        convert_state(&state, &tables, &registry, "L", &companions, &mut Diagnostics::new())
    };
    let found = with(Some("fileReservedTime"));
    assert_eq!(found.objects, 2);
    let settings = found.document["resources"].as_array().unwrap().iter();
    let settings = settings.clone().find(|one| one["type"] == "dms_rocketmq_instance_config").unwrap();
    assert_eq!((&settings["module"], &settings["name"]), (&"module.q".into(), &"main".into()));
    let instance = &settings["instances"][0];
    assert_eq!(instance["index_key"], 1);
    assert_eq!(instance["dependencies"], serde_json::json!(["module.q.dms_rocketmq_instance.main"]));
    assert_eq!(instance["attributes"]["id"], "i-1");
    assert_eq!(instance["attributes"]["settings"], serde_json::json!({ "fileReservedTime": "72" }));
    // What is computed is learnt from the first plan.
    assert_eq!(with(None).objects, 1);
}

#[test]
fn what_others_made_is_taken_from_the_state() {
    let state = r#"{ "version": 4, "resources": [
      { "mode": "managed", "type": "huaweicloud_vpc", "name": "main", "provider": "provider[\"registry.terraform.io/huaweicloud/huaweicloud\"]", "instances": [
        { "attributes": { "id": "vpc-1", "name": "n" } } ] },
      { "mode": "data", "type": "huaweicloud_zones", "name": "all", "provider": "provider[\"registry.terraform.io/huaweicloud/huaweicloud\"]", "instances": [
        { "attributes": { "names": ["a", "b"] } } ] },
      { "mode": "managed", "type": "huaweicloud_subnet", "name": "s", "provider": "provider[\"registry.terraform.io/huaweicloud/huaweicloud\"]", "instances": [
        { "index_key": "x", "attributes": { "id": "s-x" } }, { "index_key": "y", "attributes": { "id": "s-y" } } ] }
    ] }"#;
    let text = r#"
resource "huaweicloud_vpc" "main" {}
data "huaweicloud_zones" "all" {}
resource "huaweicloud_subnet" "s" { for_each = toset(["x", "y"]) }
resource "random_password" "p" {}
resource "huaweicloud_dms_rocketmq_instance" "main" {
  vpc_id             = huaweicloud_vpc.main.id
  subnet_id          = huaweicloud_subnet.s["x"].id
  availability_zones = slice(data.huaweicloud_zones.all.names, 0, 1)
  description        = random_password.p.result
  depends_on         = [huaweicloud_vpc.main]
}
"#;
    let (text, standins, notes) = converted(text, Some(state));
    let block = text.split("resource \"dms_rocketmq_instance\"").nth(1).unwrap();
    assert!(block.contains("vpc_id             = local.huaweicloud_vpc_main.id\n"), "{block}");
    assert!(block.contains("= local.huaweicloud_subnet_s[\"x\"].id\n"), "{block}");
    assert!(block.contains("= slice(local.data_huaweicloud_zones_all.names, 0, 1)\n"), "{block}");
    assert!(block.contains("= var.random_password_p.result\n"), "{block}");
    assert!(block.contains("# depends_on         = [huaweicloud_vpc.main]\n"), "{block}");
    let standins = standins.unwrap();
    assert!(standins.contains("huaweicloud_vpc_main = { id = \"vpc-1\" }"), "{standins}");
    assert!(
        standins.contains("huaweicloud_subnet_s = { x = { id = \"s-x\" }, y = { id = \"s-y\" } }"),
        "{standins}"
    );
    assert!(standins.contains("variable \"random_password_p\" {"), "{standins}");
    assert!(standins.contains("sensitive   = true"), "{standins}");
    assert!(notes.iter().any(|note| note.contains("`random_password.p` is a secret")), "{notes:?}");
}

#[test]
fn instances_of_alibaba_cloud_are_laid_out_anew() {
    check(
        r#"
resource "alicloud_rocketmq_instance" "main" {
  instance_name   = "orders"
  service_code    = "rmq"
  series_code     = "standard"
  sub_series_code = "cluster_ha"
  payment_type    = "PayAsYouGo"
  product_info {
    msg_process_spec       = "rmq.s2.2xlarge"
    message_retention_time = 72
  }
  network_info {
    vpc_info {
      vpc_id = var.vpc
      vswitches {
        vswitch_id = var.switch
      }
    }
    internet_info {
      internet_spec      = "enable"
      flow_out_type      = "payByBandwidth"
      flow_out_bandwidth = 30
    }
  }
}

resource "alicloud_rocketmq_consumer_group" "g" {
  instance_id         = alicloud_rocketmq_instance.main.id
  consumer_group_id   = "GID_billing"
  delivery_order_type = "Concurrently"
  consume_retry_policy {
    max_retry_times = 10
    retry_policy    = "DefaultRetryPolicy"
  }
}

import {
  to = alicloud_rocketmq_topic.t
  id = "rmq-cn-1:orders"
}
"#,
        r#"
resource "apsaramq_rocketmq_instance" "main" {
  name = "orders"
  # it is always `rmq`
  # service_code    = "rmq"
  series                  = "standard"
  sub_series              = "cluster_ha"
  payment_type            = "PayAsYouGo"
  spec                    = "rmq.s2.2xlarge"
  message_retention_hours = 72
  vpc_id                  = var.vpc
  vswitch_ids             = [var.switch]
  internet                = { bandwidth_mbps = 30, billing = "payByBandwidth", enabled = true }
}

resource "apsaramq_rocketmq_consumer_group" "g" {
  instance_id         = apsaramq_rocketmq_instance.main.id
  group_id            = "GID_billing"
  delivery_order_type = "Concurrently"
  retry               = { max_times = 10, policy = "DefaultRetryPolicy" }
}

import {
  to = apsaramq_rocketmq_topic.t
  id = "rmq-cn-1/orders"
}
"#,
        &["4: `apsaramq_rocketmq_instance` has no argument `service_code`"],
    );
}

#[test]
fn tables_name_what_there_is() {
    let (tables, registry) = (Tables::embedded().unwrap(), Registry::embedded());
    for (name, found) in tables.types() {
        let schema = registry.resource(ResourceKind::Managed, &found.to);
        let schema = schema.unwrap_or_else(|| panic!("{name}: there is no type {}", found.to));
        for target in found.shape.targets() {
            assert!(schema.attribute(target).is_some(), "{name}: {} has no {target}", found.to);
        }
        for nested in found.shape.blocks.values() {
            let table::Form::Resource(rule) = &nested.form else { continue };
            let other = registry.resource(ResourceKind::Managed, &nested.to).unwrap();
            for known in [&rule.by, &rule.attribute] {
                assert!(other.attribute(known).is_some(), "{name}: {} has no {known}", nested.to);
            }
        }
        for (attribute, version) in &found.versions {
            assert!(schema.attribute(attribute).is_some_and(|known| known.write_only), "{name}: {attribute}");
            assert!(schema.attribute(version).is_some(), "{name}: {version}");
        }
        for required in schema.attributes.iter().filter(|known| known.mode == crate::schema::Mode::Required) {
            assert!(
                found.shape.targets().contains(&&*required.name),
                "{name}: nothing gives {}",
                required.name
            );
        }
    }
    assert_eq!(tables.provider_name("huaweicloud.north").as_deref(), Some("dms.north"));
}

#[test]
fn objects_of_a_state_become_ours() {
    let state = r#"{ "version": 4, "outputs": { "x": { "value": 1, "type": "number" } }, "resources": [
      { "module": "module.q[\"a\"]", "mode": "managed", "type": "huaweicloud_dms_rocketmq_topic", "name": "t",
        "provider": "provider[\"registry.terraform.io/huaweicloud/huaweicloud\"].north", "instances": [
        { "index_key": "x", "status": "tainted", "dependencies": ["module.q.huaweicloud_dms_rocketmq_topic.u", "huaweicloud_vpc.main"],
          "attributes": { "id": "i/x", "instance_id": "i", "name": "x", "message_type": "", "total_read_queue_num": 8,
            "brokers": [{ "name": "broker-0", "read_queue_num": 8 }], "queues": [] } } ] },
      { "mode": "managed", "type": "huaweicloud_dms_rocketmq_migration_task", "name": "m",
        "provider": "provider[\"registry.terraform.io/huaweicloud/huaweicloud\"]", "instances": [
        { "attributes": { "id": "task", "instance_id": "i", "name": "m", "type": "rocketmq", "overwrite": "true" } } ] },
      { "mode": "managed", "type": "huaweicloud_vpc", "name": "main", "provider": "provider[\"registry.terraform.io/huaweicloud/huaweicloud\"]", "instances": [{ "index_key": 0 }, { "index_key": 1 }] }
    ] }"#;
    let state = TerraformState::read("state", state).unwrap();
    let (tables, registry) = (Tables::embedded().unwrap(), Registry::embedded());
    let mut notes = Diagnostics::new();
    let converted = convert_state(&state, &tables, &registry, "L", &Companions::new(), &mut notes);
    assert!(notes.is_empty(), "{notes:?}");
    assert_eq!((converted.objects, converted.outputs), (2, 1));
    assert_eq!(
        converted.left,
        [Left { address: "huaweicloud_vpc.main".to_owned(), objects: 2, why: "it stays with Terraform" }]
    );
    let [task, topic] = converted.document["resources"].as_array().unwrap().as_slice() else { panic!() };
    assert_eq!(topic["provider"], "provider[\"queueform.io/builtin/dms\"].north");
    assert_eq!((&topic["module"], &topic["type"]), (&"module.q[\"a\"]".into(), &"dms_rocketmq_topic".into()));
    let instance = &topic["instances"][0];
    assert_eq!((&instance["status"], &instance["index_key"]), (&"tainted".into(), &"x".into()));
    assert_eq!(instance["dependencies"], serde_json::json!(["module.q.dms_rocketmq_topic.u"]));
    let attributes = &instance["attributes"];
    assert_eq!(attributes["id"], "i/x");
    assert_eq!(attributes["brokers"], serde_json::json!(["broker-0"]));
    assert_eq!(
        (&attributes["read_queue_num"], &attributes["message_type"]),
        (&8.into(), &serde_json::Value::Null)
    );
    let task = &task["instances"][0]["attributes"];
    assert_eq!(
        (&task["id"], &task["task_id"], &task["overwrite"]),
        (&"i/task".into(), &"task".into(), &true.into())
    );
    let text: Arc<str> = converted.document.to_string().into();
    crate::state::document::read_edited(text.as_bytes()).unwrap();
    for wrong in [
        "",
        "{}",
        "{\"version\": 3}",
        "{\"serial\": 1, \"lineage\": \"x\", \"meta\": {}, \"encrypted_data\": \"AA\", \"encryption_version\": \"v0\"}",
    ] {
        assert!(TerraformState::read("state", wrong).is_err(), "{wrong}");
    }
}
