//! What the service would refuse is refused by the plan, with the service's own code.

use queueform::emulator::dms::InstanceSeed;
use queueform::emulator::dms::Status;

use super::script::Expected;
use super::script::PREAMBLE;
use super::script::Script;
use crate::engine::Lab;
use crate::engine::listed;

async fn refused(lab: &Lab, configuration: &str, said: &str) {
    lab.write(&format!("{PREAMBLE}{configuration}"));
    let planned = lab.plan().await;
    let found = listed(&planned.plan.diagnostics);
    assert!(!planned.is_applicable() && found.contains(said), "{said}: {found}");
}

fn instance(change: &str) -> String {
    let mut arguments: Vec<(&str, &str)> = vec![
        ("name", "\"limits\""),
        ("engine_version", "\"4.8.0\""),
        ("flavor_id", "\"c6.4u8g.cluster\""),
        ("storage_spec_code", "\"dms.physical.storage.high.v2\""),
        ("storage_space", "600"),
        ("vpc_id", "local.net.vpc_id"),
        ("subnet_id", "local.net.subnet_id"),
        ("security_group_id", "local.net.security_group_id"),
        ("availability_zones", "[local.azs[0]]"),
    ];
    for line in change.split("; ").filter(|line| !line.is_empty()) {
        let (name, value) = line.split_once(" = ").unwrap();
        arguments.retain(|(known, _)| *known != name);
        arguments.push((name, value));
    }
    let lines = arguments.iter().map(|(name, value)| format!("  {name} = {value}\n"));
    format!("resource \"dms_rocketmq_instance\" \"main\" {{\n{}}}\n", lines.collect::<String>())
}

#[tokio::test]
async fn instances_that_cannot_be_had() {
    let lab = Lab::new("");
    for (change, said) in [
        ("flavor_id = \"c9.huge\"", "there is no flavor `c9.huge` in this region (DMS.00400009)"),
        (
            "flavor_id = \"rocketmq.b1.large.1\"; storage_space = 300",
            "is for engine version 5.x (DMS.00400022)",
        ),
        (
            "broker_num = 3; flavor_id = \"c6.4u8g.cluster.small\"; storage_space = 900",
            "has at most 2 brokers",
        ),
        ("storage_space = 200", "at least 300 GB for each broker (DMS.00400500)"),
        ("storage_space = 500; broker_num = 2", "`storage_space` is for 2 (DMS.00400500)"),
        ("storage_spec_code = \"floppy\"", "not `floppy` (DMS.00400125)"),
        ("availability_zones = [local.azs[0], local.azs[1]]", "(DMS.00400067)"),
        ("availability_zones = [\"mars-1a\"]", "(DMS.00400042)"),
        ("enable_publicip = true", "(DMS.00400128)"),
    ] {
        refused(&lab, &instance(change), said).await;
    }
    lab.write(&format!("{PREAMBLE}{}", instance("")));
    assert!(lab.plan().await.is_applicable());
}

#[tokio::test]
async fn the_quota_of_the_project() {
    let lab = Lab::new("");
    lab.dms().set_instance_quota(1);
    lab.dms().seed_instance(&InstanceSeed::new("other"));
    refused(
        &lab,
        &instance(""),
        "not enough room for instances in `dms`: the plan adds 1, and 0 of 1 are left (DMS.00400035)",
    )
    .await;
}

#[tokio::test]
async fn where_the_region_does_not_tell_nothing_is_refused() {
    let lab = Lab::new("");
    lab.dms().set_dialect(queueform::emulator::dms::Dialect::Sbercloud);
    lab.dms().set_instance_quota(1);
    lab.dms().seed_instance(&InstanceSeed::new("other"));
    lab.write(&format!("{PREAMBLE}{}", instance("")));
    let planned = lab.plan().await;
    assert!(planned.is_applicable(), "{}", listed(&planned.plan.diagnostics));
}

#[tokio::test]
async fn topics_and_groups_that_do_not_fit() {
    let lab = Lab::new("");
    let old = lab.dms().seed_instance(&InstanceSeed::new("old").brokers(2).topic("full", 1).group("full"));
    let new = lab.dms().seed_instance(&InstanceSeed::new("new").v5());
    let topic = |iid: &str, more: &str| {
        format!(
            "resource \"dms_rocketmq_topic\" \"t\" {{\ninstance_id = \"{iid}\"\nname = \"orders\"\n{more}\n}}\n"
        )
    };
    let group = |iid: &str, more: &str| {
        format!(
            "resource \"dms_rocketmq_consumer_group\" \"g\" {{\ninstance_id = \"{iid}\"\nname = \"billing\"\n{more}\n}}\n"
        )
    };
    for (configuration, said) in [
        (topic(&old, "").replace("\"orders\"", "\"%DLQ%billing\""), "is reserved for RocketMQ itself"),
        (topic(&old, "").replace("\"orders\"", "\"rmq_sys_x\""), "is reserved for RocketMQ itself"),
        (topic(&old, "brokers = [\"broker-7\"]"), "the instance has no `broker-7`"),
        (
            topic(&old, "queues = [{ broker = \"broker-9\", queue_num = 1 }]"),
            "the instance has no `broker-9`",
        ),
        (topic(&old, "queue_num = 101"), "a broker has at most 50 queues of a topic"),
        (topic(&old, "message_type = \"FIFO\""), "`message_type` is for 5.x"),
        (topic(&new, "permission = \"sub\""), "`permission` is for engine version 4.8.0"),
        (topic(&new, "brokers = [\"broker-0\"]"), "`brokers` are for engine version 4.8.0"),
        (group(&old, "").replace("\"billing\"", "\"CID_RMQ_SYS_x\""), "is reserved for RocketMQ itself"),
        (group(&old, "").replace("\"billing\"", "\"TOOLS_CONSUMER\""), "is reserved for RocketMQ itself"),
        (group(&old, "brokers = [\"broker-7\"]"), "the instance has no `broker-7`"),
        (group(&old, "consume_orderly = true"), "`consume_orderly` is for engine version 5.x"),
        (group(&new, "brokers = [\"broker-0\"]"), "`brokers` are for engine version 4.8.0"),
    ] {
        refused(&lab, &configuration, said).await;
    }
    lab.dms().set_quotas(1, 1);
    let full = |what: &str, code: &str| {
        format!("not enough room for {what} in `{old}`: the plan adds 1, and 0 of 1 are left ({code})")
    };
    refused(&lab, &topic(&old, ""), &full("topics", "DMS.00400039")).await;
    refused(&lab, &group(&old, ""), &full("consumer groups", "DMS.10240019")).await;
    lab.dms().set_quotas(0, 0);
    lab.dms().set_status(&old, Status::Error);
    refused(&lab, &topic(&old, ""), "the instance is ERROR and takes no changes (DMS.00400026)").await;
}

#[tokio::test]
async fn disks_that_grow_by_themselves() {
    let mut script = Script::new();
    let iid = script.seed(&InstanceSeed::new("grows"));
    let space = 800;
    let expand = |more: &str| {
        format!("resource \"dms_rocketmq_auto_expand\" \"a\" {{\ninstance_id = \"{iid}\"\n{more}\n}}\n")
    };
    let put = "PUT /instances/{id}/auto-volume-expand";
    let first = expand(&format!("threshold = 80\nincrement = 10\nmax_storage_space = {space}"));
    script
        .step(
            &first,
            Expected {
                actions: &["create dms_rocketmq_auto_expand.a"],
                steps: &["create settings"],
                calls: &[put],
            },
        )
        .await;
    script.import(&first, &[("dms_rocketmq_auto_expand.a", iid.clone())]).await;
    let off = expand(&format!("enabled = false\nthreshold = 50\nmax_storage_space = {space}"));
    script
        .step(
            &off,
            Expected {
                actions: &["update dms_rocketmq_auto_expand.a"],
                steps: &["update settings"],
                calls: &[put],
            },
        )
        .await;
    refused(&script.lab, &expand("max_storage_space = 850"), "not a multiple of 100 GB").await;
    refused(
        &script.lab,
        &expand("max_storage_space = 100"),
        "not more than the storage that the instance has",
    )
    .await;
    refused(&script.lab, &expand("max_storage_space = 900000"), "more than the nodes").await;
    script.apply(&first).await;
    script.destroy().await;
}

#[tokio::test]
async fn the_recycle_bin_of_the_project() {
    let mut script = Script::new();
    let policy = |more: &str| format!("resource \"dms_rocketmq_recycle_policy\" \"p\" {{\n{more}\n}}\n");
    let expected = |actions, steps| Expected { actions, steps, calls: &["PUT /recycle"] };
    script.step(&policy(""), expected(&["create dms_rocketmq_recycle_policy.p"], &["create policy"])).await;
    script
        .step(
            &policy("retention_days = 3"),
            expected(&["update dms_rocketmq_recycle_policy.p"], &["update policy"]),
        )
        .await;
    let id = queueform::emulator::DEMO_PROJECT_ID.to_owned();
    script.import(&policy("retention_days = 3"), &[("dms_rocketmq_recycle_policy.p", id)]).await;
    script.destroy().await;
}
