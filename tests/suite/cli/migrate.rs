//! `migrate`: what it prints, writes and refuses, and the guide about it.

use insta::assert_snapshot;

use crate::support::Place;

const CONFIG: &str = r#"# Queues of the shop.
provider "huaweicloud" {
  region = "cn-north-4"
}

resource "huaweicloud_vpc" "main" {
  name = "shop"
}

resource "huaweicloud_dms_rocketmq_topic" "orders" {
  instance_id          = "i-1"
  name                 = "orders-${huaweicloud_vpc.main.id}"
  total_read_queue_num = 8
}

module "more" {
  source = "./modules/more"
}

output "queues" {
  value = huaweicloud_dms_rocketmq_topic.orders.total_read_queue_num
}
"#;

const MODULE: &str = "resource \"huaweicloud_dms_rocketmq_consumer_group\" \"all\" {\n  instance_id     = \"i-1\"\n  name            = \"all\"\n  retry_max_times = 3\n}\n";

const STATE: &str = r#"{
  "version": 4, "terraform_version": "1.9.8", "serial": 7, "lineage": "5d1c1a0e-6f3b-4a51-9df0-0d7c6d3c9b1e",
  "outputs": { "queues": { "value": 8, "type": "number" } },
  "resources": [
    { "mode": "managed", "type": "huaweicloud_vpc", "name": "main",
      "provider": "provider[\"registry.terraform.io/huaweicloud/huaweicloud\"]",
      "instances": [{ "attributes": { "id": "vpc-1" } }] },
    { "mode": "managed", "type": "huaweicloud_dms_rocketmq_topic", "name": "orders",
      "provider": "provider[\"registry.terraform.io/huaweicloud/huaweicloud\"]",
      "instances": [{ "attributes": { "id": "i-1/orders-vpc-1", "instance_id": "i-1", "name": "orders-vpc-1",
        "total_read_queue_num": 8, "total_write_queue_num": 8, "permission": "all", "message_type": "" } }] },
    { "module": "module.more", "mode": "managed", "type": "huaweicloud_dms_rocketmq_consumer_group", "name": "all",
      "provider": "provider[\"registry.terraform.io/huaweicloud/huaweicloud\"]",
      "instances": [{ "attributes": { "id": "i-1/all", "instance_id": "i-1", "name": "all", "retry_max_times": 3,
        "enabled": true, "broadcast": false, "description": "" } }] }
  ]
}
"#;

fn place() -> Place {
    Place::with(&[("main.tf", CONFIG), ("modules/more/main.tf", MODULE), ("terraform.tfstate", STATE)])
}

#[test]
fn said_then_done() {
    let place = place();
    assert_snapshot!("dry_run", place.run(&["migrate", "--dry-run"]).ended(0));
    assert!(!place.has("main.qf.hcl") && !place.has("queueform.state.json"));
    assert_snapshot!("done", place.run(&["migrate"]).ended(0));
    assert_eq!(
        (place.read("main.tf"), place.read("terraform.tfstate")),
        (CONFIG.to_owned(), STATE.to_owned())
    );
    assert_snapshot!("main", place.read("main.qf.hcl"));
    assert_snapshot!("standins", place.read("from-terraform.qf.hcl"));
    assert_eq!(
        place.run(&["state", "list"]).success(),
        "dms_rocketmq_topic.orders\nmodule.more.dms_rocketmq_consumer_group.all\n"
    );
    assert_eq!(place.run(&["output", "queues"]).success(), "8\n");
    drop(place.run(&["validate"]).success());
    assert_snapshot!("again", place.run(&["migrate"]).ended(1));
}

#[test]
fn into_another_directory_with_a_state_of_its_own() {
    let place = place();
    std::fs::rename(place.path().join("terraform.tfstate"), place.path().join("pulled.json")).unwrap();
    assert_snapshot!("without_state", place.run(&["migrate", "--dry-run"]).ended(0));
    assert_snapshot!("dir", place.run(&["migrate", "--dir", "ours", "--state", "pulled.json"]).ended(0));
    assert!(place.has("ours/modules/more/main.qf.hcl") && place.has("ours/queueform.state.json"));
    assert!(!place.has("main.qf.hcl"));
}

#[test]
fn files_in_json_become_native_ones() {
    let place = place();
    let group = r#"{ "resource": { "huaweicloud_dms_rocketmq_consumer_group": { "j": {
      "//": "Made by a program.", "instance_id": "i-1", "name": "json-group", "retry_max_times": 16, "region": "cn-north-4" } } } }"#;
    place.write("main.tf.json", group);
    place.write(
        "more.tf.json",
        r#"{ "output": { "j": { "value": "${huaweicloud_dms_rocketmq_consumer_group.j.name}" } } }"#,
    );
    assert_snapshot!("from_json", place.run(&["migrate"]).ended(0));
    assert_snapshot!("native", place.read("main-json.qf.hcl") + &place.read("more.qf.hcl"));
    drop(place.run(&["validate"]).success());
    place.write("more.tf.json", "{ \"resources\": ");
    assert_snapshot!("broken_json", place.run(&["migrate", "--dry-run"]).ended(1));
}

#[test]
fn one_document_for_programs() {
    let place = place();
    let document = place.run(&["migrate", "--dry-run", "--json"]).ended(0).json();
    assert_snapshot!("json", format!("{document:#}"));
    place.write("terraform.tfstate", "{}");
    let document = place.run(&["migrate", "--json"]).ended(1).json();
    assert_snapshot!("json_failed", format!("{document:#}"));
}

#[test]
fn what_is_refused() {
    assert_snapshot!("nothing", Place::new().run(&["migrate"]).ended(1));
    let place = place();
    place.write("main.qf.hcl", "# mine\n");
    assert_snapshot!("exists", place.run(&["migrate"]).ended(1));
    assert_eq!(place.read("main.qf.hcl"), "# mine\n");
    assert_snapshot!("no_state", place.run(&["migrate", "--state", "nowhere.json"]).ended(1));
    place.write("main.tf", "resource \"a\" {\n");
    assert_snapshot!("broken", place.run(&["migrate", "--dry-run"]).ended(1));
}
