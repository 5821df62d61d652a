//! The same configurations on the services of both clouds, which take other forms and answer in other shapes.

use queueform::emulator::dms::Dialect;
use queueform::emulator::dms::InstanceSeed;
use queueform::plan::PlanOptions;
use serde_json::json;

use super::data::outputs;
use super::script::Script;
use crate::engine::Lab;

const CLOUDS: [(Dialect, &str); 2] = [(Dialect::Sbercloud, "sbercloud"), (Dialect::Huawei, "huawei")];

/// Everything that an estate is made of.
fn estate(cloud: &str, queues: u32, retries: u32, hours: u32) -> String {
    format!(
        r#"
        provider "dms" {{
          cloud  = "{cloud}"
          region = "ru-moscow-1"
        }}
        data "dms_rocketmq_availability_zones" "all" {{}}
        resource "dms_rocketmq_instance" "main" {{
          name               = "both-clouds"
          engine_version     = "4.8.0"
          flavor_id          = "c6.4u8g.cluster"
          storage_spec_code  = "dms.physical.storage.high.v2"
          storage_space      = {space}
          broker_num         = {brokers}
          vpc_id             = "vpc-demo"
          subnet_id          = "subnet-demo"
          security_group_id  = "sg-demo"
          availability_zones = [data.dms_rocketmq_availability_zones.all.zones[0].code]
          enable_acl         = true
          tags               = {{ owner = "both", queues = "{queues}" }}
        }}
        resource "dms_rocketmq_instance_config" "main" {{
          instance_id = dms_rocketmq_instance.main.id
          settings    = {{ fileReservedTime = "{hours}" }}
        }}
        resource "dms_rocketmq_topic" "orders" {{
          instance_id     = dms_rocketmq_instance.main.id
          name            = "orders"
          brokers         = ["broker-0"]
          read_queue_num  = {queues}
          write_queue_num = {queues}
        }}
        resource "dms_rocketmq_consumer_group" "billing" {{
          instance_id     = dms_rocketmq_instance.main.id
          name            = "billing"
          retry_max_times = {retries}
          description     = "retries {retries}"
        }}
        resource "dms_rocketmq_user" "worker" {{
          instance_id        = dms_rocketmq_instance.main.id
          access_key         = "billing-worker"
          secret_key         = "Secret-Billing-{retries}"
          secret_key_version = {retries}
          default_topic_perm = "SUB"
          group_perms        = {{ billing = "SUB" }}
        }}
        "#,
        brokers = if queues > 4 { 2 } else { 1 },
        space = if queues > 4 { 1200 } else { 600 },
    )
}

#[tokio::test]
async fn an_estate_is_made_changed_adopted_and_destroyed() {
    for (dialect, cloud) in CLOUDS {
        let mut script = Script::new();
        script.lab.dms().set_dialect(dialect);
        let first = estate(cloud, 4, 3, 48);
        script.apply_alone(&first).await;
        let second = estate(cloud, 8, 5, 72);
        script.apply_alone(&second).await;
        let instance = script.lab.dms().instance_named("both-clouds").unwrap();
        assert_eq!((instance.broker_num, instance.total_storage_space), (2, 1200), "{cloud}");
        assert_eq!(instance.configs["fileReservedTime"], "72", "{cloud}");
        let iid = instance.id;
        let id = |rest: &str| format!("{iid}{rest}");
        script
            .import_alone(
                &second,
                &[
                    ("dms_rocketmq_instance.main", id("")),
                    ("dms_rocketmq_instance_config.main", id("")),
                    ("dms_rocketmq_topic.orders", id("/orders")),
                    ("dms_rocketmq_consumer_group.billing", id("/billing")),
                    ("dms_rocketmq_user.worker", id("/billing-worker")),
                ],
            )
            .await;
        script.lab.apply_with(PlanOptions::destroy()).await;
        assert!(script.lab.state().is_empty(), "{cloud}");
        assert_eq!(script.lab.dms().count(), 0, "{cloud}");
    }
}

#[tokio::test]
async fn answers_are_read_in_the_shapes_of_both_clouds() {
    for (dialect, cloud) in CLOUDS {
        let lab = Lab::new("");
        let seed = InstanceSeed::new("shapes")
            .acl(true)
            .topic("orders", 4)
            .group("billing")
            .user("billing-worker", "Secret-Billing-1")
            .messages("orders", 2)
            .lag("billing", "orders", 3)
            .dead_letters("billing", 1);
        let iid = lab.dms().seed_instance(&seed);
        lab.dms().edit_user(&iid, "billing-worker", |user| {
            "SUB".clone_into(&mut user.default_group_perm);
        });
        let message = lab.dms().messages(&iid, "orders")[0].id.clone();
        lab.dms().set_dialect(dialect);
        let blocks = [
            ("topic_status", "topic = \"orders\""),
            ("consumer_group_topics", "group = \"billing\"\ntopic = \"orders\""),
            ("consumer_group_access_users", "group = \"billing\""),
            ("dead_letter_messages", "group = \"billing\""),
            ("message_traces", &format!("msg_id = \"{message}\"")),
            ("consumer_groups", ""),
        ]
        .map(|(kind, more)| {
            format!(
                "data \"dms_rocketmq_{kind}\" \"x\" {{\ninstance_id = \"{iid}\"\n{more}\n}}\noutput \"{kind}\" {{\nvalue = data.dms_rocketmq_{kind}.x\n}}\n"
            )
        });
        let found = outputs(&lab, &blocks.concat()).await;
        assert_eq!(
            found["topic_status"]["brokers"][0]["queues"].as_array().map(Vec::len),
            Some(4),
            "{cloud}"
        );
        assert_eq!(found["consumer_group_topics"]["lag"], 3, "{cloud}");
        assert_eq!(found["consumer_group_access_users"]["access_keys"], json!(["billing-worker"]), "{cloud}");
        assert_eq!(found["dead_letter_messages"]["messages"].as_array().map(Vec::len), Some(1), "{cloud}");
        assert_eq!(found["message_traces"]["traces"][0]["trace_type"], "Pub", "{cloud}");
        assert!(found["consumer_groups"]["groups"][0]["created_at"].is_string(), "{cloud}");
    }
}
