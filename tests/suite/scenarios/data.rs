//! Data sources: every filter, and what each says.

use std::collections::BTreeMap;

use queueform::emulator::dms::InstanceSeed;
use queueform::value::to_json;
use serde_json::Value;
use serde_json::json;

use super::script::PREAMBLE;
use crate::engine::Lab;
use crate::engine::listed;

/// A service with an instance of each kind.
pub(super) fn service() -> (Lab, String, String) {
    let lab = Lab::new("");
    let main = InstanceSeed::new("orders-main")
        .flavor("c6.4u8g.cluster")
        .brokers(2)
        .acl(true)
        .tag("owner", "orders")
        .topic("orders", 4)
        .topic("refunds", 2)
        .group("billing")
        .group("billing-audit")
        .group("stopped")
        .user("reader-1", "Secret-Reader-1")
        .user("admin-11", "Secret-Admin-11");
    let main = lab.dms().seed_instance(&main);
    let other = lab
        .dms()
        .seed_instance(&InstanceSeed::new("orders-new").v5().tag("owner", "audit").tag("env", "test"));
    lab.dms().edit_group(&main, "stopped", |group| {
        group.enabled = false;
        group.retry_max_time = 3;
    });
    lab.dms().edit_group(&main, "billing-audit", |group| group.broadcast = true);
    lab.dms().edit_user(&main, "admin-11", |user| {
        user.admin = true;
        "PUB|SUB".clone_into(&mut user.default_topic_perm);
        "10.0.0.1".clone_into(&mut user.white_remote_address);
    });
    (lab, main, other)
}

/// The outputs of a configuration that only reads.
pub(super) async fn outputs(lab: &Lab, configuration: &str) -> BTreeMap<String, Value> {
    lab.write(&format!("{PREAMBLE}{configuration}"));
    let planned = lab.plan().await;
    assert!(planned.is_applicable(), "{}", listed(&planned.plan.diagnostics));
    let outputs = &planned.plan.outputs;
    outputs
        .iter()
        .map(|(name, output)| (name.to_string(), to_json(output.after.as_ref().unwrap()).unwrap()))
        .collect()
}

#[tokio::test]
async fn instances_by_name_state_and_id() {
    let (lab, main, other) = service();
    let found = outputs(
        &lab,
        &format!(
            r#"
            data "dms_rocketmq_instances" "all" {{}}
            data "dms_rocketmq_instances" "like" {{ name = "orders" }}
            data "dms_rocketmq_instances" "named" {{
              name             = "orders-main"
              exact_match_name = true
            }}
            data "dms_rocketmq_instances" "none" {{
              name             = "orders"
              exact_match_name = true
            }}
            data "dms_rocketmq_instances" "broken" {{ status = "ERROR" }}
            data "dms_rocketmq_instances" "id" {{ instance_id = "{other}" }}
            data "dms_rocketmq_instance" "name" {{ name = "orders-main" }}
            data "dms_rocketmq_instance" "id" {{ instance_id = "{other}" }}
            output "all" {{ value = sort(data.dms_rocketmq_instances.all.instances[*].name) }}
            output "like" {{ value = length(data.dms_rocketmq_instances.like.ids) }}
            output "named" {{ value = data.dms_rocketmq_instances.named.instances[0] }}
            output "none" {{ value = data.dms_rocketmq_instances.none.ids }}
            output "broken" {{ value = data.dms_rocketmq_instances.broken.ids }}
            output "id" {{ value = data.dms_rocketmq_instances.id.instances[*].engine_version }}
            output "one" {{ value = data.dms_rocketmq_instance.name }}
            output "other" {{ value = data.dms_rocketmq_instance.id.name }}
            "#
        ),
    )
    .await;
    assert_eq!(found["all"], json!(["orders-main", "orders-new"]));
    assert_eq!(found["like"], 2);
    assert_eq!((&found["named"]["id"], &found["named"]["broker_num"]), (&json!(main), &json!(2)));
    assert_eq!((&found["none"], &found["broken"]), (&json!([]), &json!([])));
    assert_eq!(found["id"], json!(["5.x"]));
    let one = &found["one"];
    assert_eq!(
        (&one["id"], &one["instance_id"], &one["enable_acl"]),
        (&json!(main), &json!(main), &json!(true))
    );
    assert_eq!((&one["tags"], &one["publicip_ids"]), (&json!({ "owner": "orders" }), &json!([])));
    assert!(one["cross_vpc_accesses"].as_array().is_some_and(|all| all.len() == 8), "{one}");
    assert_eq!(found["other"], "orders-new");
}

#[tokio::test]
async fn topics_groups_and_users_by_what_they_are() {
    let (lab, main, _) = service();
    let data = |kind: &str, name: &str, more: &str| {
        format!("data \"dms_rocketmq_{kind}\" \"{name}\" {{\ninstance_id = \"{main}\"\n{more}\n}}\n")
    };
    let blocks = [
        data("topic", "orders", "name = \"orders\""),
        data("consumer_group", "stopped", "name = \"stopped\""),
        data("consumer_groups", "all", ""),
        data("consumer_groups", "named", "name = \"billing\""),
        data("consumer_groups", "off", "enabled = false"),
        data("consumer_groups", "broadcast", "broadcast = true"),
        data("consumer_groups", "retries", "retry_max_times = 3"),
        data("users", "all", ""),
        data("users", "one", "access_key = \"reader-1\""),
        data("users", "admins", "admin = true"),
        data("users", "others", "admin = false"),
        data("users", "perm", "default_topic_perm = \"SUB|PUB\""),
        data("users", "denied", "default_group_perm = \"DENY\""),
        data("users", "white", "white_remote_address = \"10.0.0.1\""),
    ];
    let names = ["all", "named", "off", "broadcast", "retries"].map(|name| {
        format!("output \"g_{name}\" {{\nvalue = sort(data.dms_rocketmq_consumer_groups.{name}.names)\n}}\n")
    });
    let users = ["all", "one", "admins", "others", "perm", "denied", "white"].map(|name| {
        format!("output \"u_{name}\" {{\nvalue = sort(data.dms_rocketmq_users.{name}.access_keys)\n}}\n")
    });
    let whole = "output \"topic\" {\nvalue = data.dms_rocketmq_topic.orders\n}\n\
                 output \"group\" {\nvalue = data.dms_rocketmq_consumer_group.stopped\n}\n\
                 output \"user\" {\nvalue = data.dms_rocketmq_users.admins.users[0]\n}\n";
    let configuration = format!("{}{}{}{whole}", blocks.concat(), names.concat(), users.concat());
    let found = outputs(&lab, &configuration).await;
    assert_eq!(found["g_all"], json!(["billing", "billing-audit", "stopped"]));
    assert_eq!(found["g_named"], json!(["billing", "billing-audit"]));
    assert_eq!(found["g_off"], json!(["stopped"]));
    assert_eq!(found["g_broadcast"], json!(["billing-audit"]));
    assert_eq!(found["g_retries"], json!(["stopped"]));
    assert_eq!(found["u_all"], json!(["admin-11", "reader-1"]));
    assert_eq!(found["u_one"], json!(["reader-1"]));
    assert_eq!(found["u_admins"], json!(["admin-11"]));
    assert_eq!(found["u_others"], json!(["reader-1"]));
    assert_eq!(found["u_perm"], json!(["admin-11"]));
    assert_eq!(found["u_white"], json!(["admin-11"]));
    assert!(found["u_denied"].as_array().is_some_and(|all| !all.is_empty()));
    assert_eq!(
        (&found["topic"]["read_queue_num"], &found["topic"]["permission"]),
        (&json!(4), &json!("all"))
    );
    assert_eq!(found["topic"]["brokers"].as_array().map(Vec::len), Some(2));
    assert_eq!((&found["group"]["enabled"], &found["group"]["retry_max_times"]), (&json!(false), &json!(3)));
    assert_eq!(found["group"]["topics"], json!([]));
    assert!(!format!("{found:?}").contains("Secret"), "{found:?}");
}

#[tokio::test]
async fn flavors_configs_and_tags() {
    let (lab, main, other) = service();
    let found = outputs(
        &lab,
        &format!(
            r#"
            data "dms_rocketmq_flavors" "all" {{}}
            data "dms_rocketmq_flavors" "cluster" {{ type = "cluster" }}
            data "dms_rocketmq_flavors" "single" {{
              type              = "single.basic"
              arch_type         = "X86"
              charging_mode     = "postPaid"
              storage_spec_code = "dms.physical.storage.high.v2"
            }}
            data "dms_rocketmq_flavors" "one" {{ flavor_id = "c6.8u16g.cluster" }}
            data "dms_rocketmq_flavors" "new" {{ engine_version = "5.x" }}
            data "dms_rocketmq_flavors" "zones" {{ availability_zones = [local.azs[0], "mars-1a"] }}
            data "dms_rocketmq_flavors" "disk" {{ storage_spec_code = "floppy" }}
            data "dms_rocketmq_configs" "main" {{ instance_id = "{main}" }}
            data "dms_rocketmq_tags" "project" {{}}
            data "dms_rocketmq_tags" "instance" {{ instance_id = "{other}" }}
            output "all" {{ value = length(data.dms_rocketmq_flavors.all.flavors) }}
            output "cluster" {{ value = data.dms_rocketmq_flavors.cluster.flavors[*].id }}
            output "versions" {{ value = [data.dms_rocketmq_flavors.all.versions, data.dms_rocketmq_flavors.cluster.versions, data.dms_rocketmq_flavors.single.versions] }}
            output "single" {{ value = data.dms_rocketmq_flavors.single.flavors }}
            output "one" {{ value = data.dms_rocketmq_flavors.one.flavors[*].type }}
            output "new" {{ value = data.dms_rocketmq_flavors.new.flavors[*].type }}
            output "nothing" {{ value = concat(data.dms_rocketmq_flavors.zones.flavors, data.dms_rocketmq_flavors.disk.flavors) }}
            output "configs" {{ value = data.dms_rocketmq_configs.main }}
            output "project" {{ value = data.dms_rocketmq_tags.project }}
            output "instance" {{ value = data.dms_rocketmq_tags.instance.tags }}
            "#
        ),
    )
    .await;
    assert_eq!(found["all"], 7);
    let clusters = ["c6.4u8g.cluster", "c6.8u16g.cluster", "c6.12u24g.cluster", "c6.16u32g.cluster"];
    assert_eq!(found["cluster"], json!(clusters));
    assert_eq!(found["versions"], json!([["4.8.0", "5.x"], ["4.8.0"], ["5.x"]]));
    let single = &found["single"][0];
    assert_eq!(
        (&single["id"], &single["charging_modes"]),
        (&json!("rocketmq.b1.large.1"), &json!(["prePaid", "postPaid"]))
    );
    assert_eq!((&single["max_brokers"], &single["min_storage_per_broker"]), (&json!(1), &json!(200)));
    assert_eq!(single["ios"][0]["storage_spec_code"], "dms.physical.storage.high.v2");
    assert_eq!(
        (&found["one"], &found["new"]),
        (&json!(["cluster"]), &json!(["single.basic", "cluster.basic"]))
    );
    assert_eq!(found["nothing"], json!([]));
    assert_eq!(found["configs"]["settings"], json!({ "fileReservedTime": "48" }));
    assert_eq!(found["configs"]["configs"][0]["valid_values"], "0-720");
    assert_eq!(found["project"]["keys"], json!(["env", "owner"]));
    assert_eq!(found["project"]["tags"], json!({ "env": ["test"], "owner": ["audit", "orders"] }));
    assert_eq!(found["instance"], json!({ "env": ["test"], "owner": ["audit"] }));
}

#[tokio::test]
async fn what_is_not_there_is_an_error() {
    let (lab, main, _) = service();
    for (block, said) in [
        ("data \"dms_rocketmq_instance\" \"x\" { name = \"nobody\" }".to_owned(), "there is no such object"),
        ("data \"dms_rocketmq_instance\" \"x\" {}".to_owned(), "set either `instance_id` or `name`"),
        (
            format!("data \"dms_rocketmq_topic\" \"x\" {{\ninstance_id = \"{main}\"\nname = \"nothing\"\n}}"),
            "there is no such object",
        ),
        (
            "data \"dms_rocketmq_configs\" \"x\" { instance_id = \"99999999-2222-4333-8444-555555555555\" }"
                .to_owned(),
            "This DMS instance does not exist",
        ),
    ] {
        lab.write(&format!("{PREAMBLE}{block}"));
        let planned = lab.plan().await;
        let found = listed(&planned.plan.diagnostics);
        assert!(!planned.is_applicable() && found.contains(said), "{block}: {found}");
    }
}
