//! Apsara Stack: an instance of its own, and topics, groups and rights beside what others have in a shared one.

use queueform::emulator::System;
use queueform::emulator::apsarastack::InstanceSeed;

use crate::engine::Lab;

use super::course::Course;
use super::course::Objects;
use super::course::Stage;
use super::table::Kind;
use super::table::Spot;
use super::table::at;
use super::table::none;

const SHARED: &str = "MQ_INST_1234567890123456_BXmain";

pub(super) const COURSE: Course =
    Course { name: "apsarastack", system: System::ApsaraStack, prepare, stages, objects, spot, counts: true };

fn prepare(lab: &Lab) {
    let seed = InstanceSeed::new("shared")
        .id(SHARED)
        .topic("inbox")
        .topic("foreign")
        .group("GID_reader")
        .group("GID_foreign")
        .messages("inbox", 30)
        .lag("GID_reader", "inbox", 5);
    lab.emulator.store().apsarastack().seed_instance(&seed);
}

fn estate(tps: u32, permission: &str, remark: &str, grant: &str) -> String {
    format!(
        r#"
        provider "apsarastack" {{}}
        resource "apsarastack_mq_instance" "own" {{
          name            = "own"
          cluster         = "cluster1"
          max_send_tps    = {tps}
          max_receive_tps = 600
          topic_capacity  = 20
          remark          = "{remark}"
        }}
        resource "apsarastack_mq_topic" "inside" {{
          instance_id  = apsarastack_mq_instance.own.id
          name         = "inside"
          message_type = "normal"
        }}
        resource "apsarastack_mq_topic" "orders" {{
          instance_id  = "{SHARED}"
          name         = "orders"
          message_type = "partition_ordered"
          permission   = "{permission}"
          remark       = "hello"
        }}
        resource "apsarastack_mq_group" "billing" {{
          instance_id  = "{SHARED}"
          group_id     = "GID_billing"
          remark       = "reads"
          read_enabled = {read}
        }}
        resource "apsarastack_mq_topic_authorization" "partner" {{
          instance_id  = "{SHARED}"
          topic        = apsarastack_mq_topic.orders.name
          grantee_type = "account"
          grantee_id   = "9007199254740993"
          permission   = "{grant}"
        }}
        "#,
        read = permission == "read_write",
    )
}

fn extra() -> String {
    format!(
        r#"
        resource "apsarastack_mq_topic" "extra" {{
          instance_id  = "{SHARED}"
          name         = "extra"
          message_type = "normal"
        }}
        resource "apsarastack_mq_group" "extra" {{
          instance_id = "{SHARED}"
          group_id    = "GID_extra"
        }}
        "#
    )
}

fn reset() -> String {
    format!(
        r#"
        action "apsarastack_mq_reset_offset" "x" {{
          config {{
            instance_id = "{SHARED}"
            group_id    = "GID_reader"
            topic       = "inbox"
          }}
          lifecycle {{
            allow_data_loss = 5
          }}
        }}
        "#
    )
}

fn stages() -> Vec<Stage> {
    let changed = estate(700, "read_write", "changed", "both");
    vec![
        Stage::apply(format!("{}{}", estate(500, "read_only", "made", "publish"), extra())),
        Stage::apply(changed.clone()),
        Stage::invoke(format!("{changed}{}", reset()), "action.apsarastack_mq_reset_offset.x"),
    ]
}

fn spot(kind: Kind) -> Spot {
    match kind {
        Kind::Create => at(0, "", "/topic/create$"),
        Kind::Job => at(0, "", "/instance/create$"),
        Kind::LaterStep => at(0, "", "/topic/update$"),
        Kind::Read => at(1, "", "/instance/baseInfo$"),
        Kind::ListPage => at(1, "", "/topic/listInPage$"),
        Kind::Update => at(1, "", "/topic/update$"),
        Kind::Grow => none("an instance is changed at once"),
        Kind::Delete => at(1, "", "/topic/delete$"),
        Kind::Wait => at(0, "", "/instance/list$").since("/instance/create$"),
        Kind::Guard => at(1, "", "/topic/subDetail$"),
        Kind::Lookup => at(0, "", "/topic/listNames$"),
        Kind::Action => at(2, "", "/consumer/resetoffset$"),
        Kind::Verify => at(2, "", "/consumer/accumulate$").since("/consumer/resetoffset$"),
        Kind::ReadBack => at(0, "", "/topic/listInPage$").since("/topic/create$"),
    }
}

fn objects(lab: &Lab) -> Objects {
    let mut found = Objects::new();
    for space in lab.emulator.store().apsarastack().spaces() {
        let instance = &space.instance;
        let mut place = instance.name.clone();
        while found.contains_key(&place) {
            place.push('+');
        }
        found.insert(place.clone(), format!("{} {}", instance.max_send_tps, instance.remark));
        for topic in space.topics.values() {
            let text = format!("{} {} {}", topic.order_type, topic.perm, topic.remark);
            found.insert(format!("{place}/topic/{}", topic.name), text);
        }
        for group in space.groups.values() {
            found.insert(
                format!("{place}/group/{}", group.name),
                format!("{} {}", group.remark, group.read_enabled),
            );
        }
        for grant in space.grants.values() {
            found.insert(format!("{place}/grant/{}/{}", grant.topic, grant.user), grant.relation.to_string());
        }
    }
    found
}
