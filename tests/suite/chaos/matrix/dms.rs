//! DMS: an instance of its own, and topics, groups and users beside what others have in a shared one.

use queueform::emulator::System;
use queueform::emulator::dms::InstanceSeed;

use crate::engine::Lab;

use super::course::Course;
use super::course::Objects;
use super::course::Stage;
use super::table::Kind;
use super::table::Spot;
use super::table::at;
use super::table::none;

const SHARED: &str = "11111111-2222-4333-8444-555555555555";

pub(super) const COURSE: Course =
    Course { name: "dms", system: System::Dms, prepare, stages, objects, spot, counts: true };

fn prepare(lab: &Lab) {
    let seed = InstanceSeed::new("shared")
        .id(SHARED)
        .flavor("c6.4u8g.cluster")
        .acl(true)
        .topic("foreign", 4)
        .topic("inbox", 4)
        .group("foreign")
        .group("reader")
        .user("foreign", "Foreign-Secret-1")
        .client("reader", "reader-1", &["inbox"])
        .messages("inbox", 20);
    lab.dms().seed_instance(&seed);
}

fn estate(more: &str) -> String {
    format!(
        r#"
        provider "dms" {{}}
        locals {{
          shared = "{SHARED}"
        }}
        {more}
        "#
    )
}

fn own(storage: u32, description: &str) -> String {
    format!(
        r#"
        resource "dms_rocketmq_instance" "own" {{
          name               = "own-instance"
          description        = "{description}"
          engine_version     = "4.8.0"
          flavor_id          = "c6.4u8g.cluster.small"
          storage_spec_code  = "dms.physical.storage.high.v2"
          storage_space      = {storage}
          vpc_id             = "vpc-demo"
          subnet_id          = "subnet-demo"
          security_group_id  = "sg-demo"
          availability_zones = ["ru-moscow-1a"]
        }}
        resource "dms_rocketmq_topic" "inside" {{
          instance_id     = dms_rocketmq_instance.own.id
          name            = "inside"
          read_queue_num  = 4
          write_queue_num = 4
        }}
        "#
    )
}

fn topic(name: &str, read: u32, write: u32) -> String {
    format!(
        r#"
        resource "dms_rocketmq_topic" "{name}" {{
          instance_id     = local.shared
          name            = "{name}"
          read_queue_num  = {read}
          write_queue_num = {write}
        }}
        "#
    )
}

fn group(name: &str, description: &str) -> String {
    format!(
        r#"
        resource "dms_rocketmq_consumer_group" "{name}" {{
          instance_id = local.shared
          name        = "{name}"
          description = "{description}"
        }}
        "#
    )
}

fn user(permission: &str) -> String {
    format!(
        r#"
        resource "dms_rocketmq_user" "billing" {{
          instance_id        = local.shared
          access_key         = "billing-user"
          secret_key         = "Demo-Secret-1"
          secret_key_version = 1
          topic_perms        = {{ (dms_rocketmq_topic.orders.name) = "{permission}" }}
        }}
        resource "queueform_data" "note" {{
          input = dms_rocketmq_topic.orders.id
        }}
        "#
    )
}

const RESET: &str = r#"
    action "dms_rocketmq_reset_consumer_offset" "back" {
      config {
        instance_id = local.shared
        group       = "reader"
        topic       = "inbox"
        timestamp   = "0"
      }
    }
"#;

fn stages() -> Vec<Stage> {
    let made = [own(300, "made"), topic("orders", 8, 4), topic("audit", 8, 8), group("billing", "made")];
    let made = format!("{}{}{}", made.concat(), group("idle", "made"), user("SUB"));
    let changed = [own(600, "changed"), topic("orders", 12, 12), group("billing", "changed"), user("PUB")];
    let changed = changed.concat();
    vec![
        Stage::apply(estate(&made)),
        Stage::apply(estate(&changed)),
        Stage::invoke(estate(&format!("{changed}{RESET}")), "action.dms_rocketmq_reset_consumer_offset.back"),
    ]
}

fn spot(kind: Kind) -> Spot {
    match kind {
        Kind::Create => at(0, "POST", "/topics$"),
        Kind::Job => at(0, "POST", "/instances$"),
        Kind::LaterStep => at(0, "PUT", "/topics/orders$"),
        Kind::Read => at(1, "GET", "/instances/*$"),
        Kind::ListPage => at(1, "GET", "/topics$"),
        Kind::Update => at(1, "PUT", "/topics/orders$"),
        Kind::Grow => at(1, "POST", "/extend$"),
        Kind::Delete => at(1, "DELETE", "/topics/audit$"),
        Kind::Wait => at(0, "GET", "/instances/*$").since("/instances$"),
        Kind::Guard => at(1, "GET", "/groups/idle/topics$"),
        Kind::Lookup => at(0, "GET", "/v2/rocketmq/products$"),
        Kind::Action => at(2, "POST", "/reset-message-offset$"),
        Kind::Verify => none("what actions of this system verify stands in the answer of their call"),
        Kind::ReadBack => at(0, "GET", "/topics$").since("/topics$"),
    }
}

fn objects(lab: &Lab) -> Objects {
    let mut found = Objects::new();
    for broker in lab.dms().brokers() {
        let place = broker.instance.name.clone();
        let instance = &broker.instance;
        let (storage, status) = (instance.total_storage_space, instance.status);
        found.insert(place.clone(), format!("{} {storage} {status:?}", instance.description));
        for topic in broker.topics.values() {
            let queues = (topic.read_queues(), topic.write_queues());
            found.insert(format!("{place}/topic/{}", topic.name), format!("{queues:?} {}", topic.permission));
        }
        for group in broker.groups.values() {
            found.insert(format!("{place}/group/{}", group.name), group.description.clone());
        }
        for user in broker.users.values() {
            let rights = format!("{} {:?} {:?}", user.secret_key, user.topic_perms, user.group_perms);
            found.insert(format!("{place}/user/{}", user.access_key), rights);
        }
    }
    found
}
