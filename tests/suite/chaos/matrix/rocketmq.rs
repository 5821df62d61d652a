//! `ApsaraMQ` for `RocketMQ`: an instance of its own, a disaster recovery plan between two others, and what is in them.

use queueform::emulator::System;
use queueform::emulator::rocketmq::InstanceSeed;

use crate::engine::Lab;

use super::course::Course;
use super::course::Objects;
use super::course::Stage;
use super::table::Kind;
use super::table::Spot;
use super::table::at;
use super::table::none;

const MAIN: &str = "rmq-cn-main0000001";
const STANDBY: &str = "rmq-cn-standby0001";

pub(super) const COURSE: Course = Course {
    name: "rocketmq",
    system: System::ApsaramqRocketmq,
    prepare,
    stages,
    objects,
    spot,
    counts: true,
};

fn prepare(lab: &Lab) {
    let rocketmq = lab.emulator.store().rocketmq();
    for (id, region) in [(MAIN, "cn-hangzhou"), (STANDBY, "cn-beijing")] {
        let seed = InstanceSeed::new(id)
            .id(id)
            .region(region)
            .topic("orders")
            .topic("foreign")
            .group("billing")
            .account("foreign", "Foreign-Secret-1");
        rocketmq.seed_instance(&seed);
        assert!(rocketmq.set_lag(id, "billing", "orders", 2));
    }
}

fn own(name: &str, remark: &str) -> String {
    format!(
        r#"
        resource "apsaramq_rocketmq_instance" "own" {{
          name         = "{name}"
          remark       = "{remark}"
          series       = "standard"
          sub_series   = "cluster_ha"
          payment_type = "PayAsYouGo"
          vpc_id       = "vpc-1"
          vswitch_ids  = ["vsw-1"]
          spec         = "rmq.s2.2xlarge"
          internet     = {{ enabled = false }}
          tags         = {{ team = "made" }}
        }}
        "#
    )
}

fn members(tps: u32, remark: &str, actions: &str) -> String {
    format!(
        r#"
        resource "apsaramq_rocketmq_topic" "new" {{
          instance_id  = "{MAIN}"
          name         = "new"
          max_send_tps = {tps}
        }}
        resource "apsaramq_rocketmq_consumer_group" "readers" {{
          instance_id         = "{MAIN}"
          group_id            = "readers"
          delivery_order_type = "Concurrently"
          retry               = {{ policy = "DefaultRetryPolicy" }}
          remark              = "{remark}"
        }}
        resource "apsaramq_rocketmq_account" "app" {{
          instance_id      = "{MAIN}"
          username         = "app"
          password         = "s3 e+c"
          password_version = 1
          remark           = "{remark}"
        }}
        resource "apsaramq_rocketmq_acl" "app" {{
          instance_id   = "{MAIN}"
          username      = apsaramq_rocketmq_account.app.username
          resource_type = "Topic"
          resource_name = apsaramq_rocketmq_topic.new.name
          actions       = {actions}
          decision      = "Allow"
        }}
        "#
    )
}

fn recovery(description: &str) -> String {
    let side = |id: &str, region: &str, role: &str| {
        format!(
            "{{ type = \"ALIYUN_ROCKETMQ\", region_id = \"{region}\", instance_id = \"{id}\", role = \"{role}\", \
             auth_type = \"NO_AUTH\" }}"
        )
    };
    let (here, there) = (side(MAIN, "cn-hangzhou", "ACTIVE"), side(STANDBY, "cn-beijing", "PASSIVE"));
    format!(
        r#"
        resource "apsaramq_rocketmq_disaster_recovery_plan" "dr" {{
          name                    = "dr"
          description             = "{description}"
          type                    = "ACTIVE_PASSIVE"
          sync_checkpoint_enabled = true
          instances               = [
            {here},
            {there},
          ]
        }}
        resource "apsaramq_rocketmq_disaster_recovery_item" "orders" {{
          plan_id = apsaramq_rocketmq_disaster_recovery_plan.dr.id
          topics  = [
            {{ instance_id = "{MAIN}", topic_name = "orders" }},
            {{ instance_id = "{STANDBY}", topic_name = "orders" }},
          ]
        }}
        "#
    )
}

const EXTRA: &str = r#"
    resource "apsaramq_rocketmq_topic" "extra" {
      instance_id = "rmq-cn-main0000001"
      name        = "extra"
    }
    resource "apsaramq_rocketmq_consumer_group" "extra" {
      instance_id         = "rmq-cn-main0000001"
      group_id            = "extra"
      delivery_order_type = "Concurrently"
      retry               = { policy = "DefaultRetryPolicy" }
    }
"#;

const SYNC: &str = r#"
    action "apsaramq_rocketmq_disaster_recovery_checkpoint_sync" "run" {
      config {
        plan_id     = apsaramq_rocketmq_disaster_recovery_plan.dr.id
        item_id     = apsaramq_rocketmq_disaster_recovery_item.orders.item_id
        instance_id = "rmq-cn-main0000001"
      }
    }
"#;

fn stages() -> Vec<Stage> {
    let provider = "provider \"apsaramq\" {\n  region = \"cn-hangzhou\"\n}\n";
    let made = [own("own", "made"), members(10, "made", "[\"Sub\"]"), recovery("made"), EXTRA.to_owned()];
    let changed =
        [own("renamed", "changed"), members(20, "changed", "[\"Pub\", \"Sub\"]"), recovery("changed")]
            .concat();
    vec![
        Stage::apply(format!("{provider}{}", made.concat())),
        Stage::apply(format!("{provider}{changed}")),
        Stage::invoke(
            format!("{provider}{changed}{SYNC}"),
            "action.apsaramq_rocketmq_disaster_recovery_checkpoint_sync.run",
        ),
    ]
}

fn spot(kind: Kind) -> Spot {
    match kind {
        Kind::Create => at(0, "POST", "/topics/new$"),
        Kind::Job => at(0, "POST", "/instances$"),
        Kind::LaterStep => none("every object is made by one call"),
        Kind::Read => at(1, "GET", "/instances/*$"),
        Kind::ListPage => at(1, "GET", "/topics$"),
        Kind::Update => at(1, "PATCH", "/topics/new$"),
        Kind::Grow => at(1, "PATCH", "/instances/*$"),
        Kind::Delete => at(1, "DELETE", "/topics/extra$"),
        Kind::Wait => at(0, "GET", "/topics/*$").since("/topics/*$"),
        Kind::Guard => at(1, "GET", "/consumerGroups/extra/"),
        Kind::Lookup => at(0, "GET", "/instances/*$"),
        Kind::Action => at(2, "POST", "/checkpoints/*$"),
        Kind::Verify => at(2, "GET", "/checkpoints$"),
        Kind::ReadBack => at(0, "GET", "/account$").since("/accounts$"),
    }
}

fn objects(lab: &Lab) -> Objects {
    let mut found = Objects::new();
    let rocketmq = lab.emulator.store().rocketmq();
    for broker in rocketmq.brokers() {
        let instance = &broker.instance;
        let place = instance.name.clone();
        found.insert(place.clone(), format!("{} {} {:?}", instance.remark, instance.status, instance.tags));
        for topic in broker.topics.values() {
            let text = format!("{} {:?} {}", topic.message_type, topic.max_send_tps, topic.status);
            found.insert(format!("{place}/topic/{}", topic.name), text);
        }
        for group in broker.groups.values() {
            let text = format!("{} {}", group.remark, group.status);
            found.insert(format!("{place}/group/{}", group.name), text);
        }
        // New instances come with an account of their own, whose name nobody chooses.
        for account in broker.accounts.values().filter(|_| place.starts_with("rmq-")) {
            let text = format!("{} {} {}", account.password, account.remark, account.status);
            found.insert(format!("{place}/account/{}", account.username), text);
        }
        for acl in broker.acls.values() {
            let text = format!("{:?} {}", acl.actions, acl.decision);
            let name = format!("{place}/acl/{}/{}/{}", acl.username, acl.resource_type, acl.resource_name);
            found.insert(name, text);
        }
    }
    for plan in rocketmq.plans() {
        // Plans may have the same name: a second one must not hide behind the first.
        let mut name = format!("plan/{}", plan.name);
        while found.contains_key(&name) {
            name.push('+');
        }
        let items: Vec<String> =
            plan.items.values().map(|item| format!("{:?} {}", item.topics, item.status)).collect();
        found.insert(name, format!("{} {} {items:?}", plan.description, plan.status));
    }
    found
}
