//! What does not fit as a whole is refused by the plan, and what fits if it is done in the right order is done so.

use queueform::emulator::dms::InstanceSeed;
use queueform::plan::PlanStatus;
use queueform::plan::StepKind;

use super::lab::INSTANCE;
use super::lab::Lab;
use super::lab::listed;
use super::lab::topics;

/// A lab with an instance that has room for so many topics and groups.
fn with_room(topics: u64, groups: u64) -> Lab {
    let lab = Lab::new("");
    lab.dms().seed_instance(&InstanceSeed::new("main").id(INSTANCE));
    lab.dms().set_quotas(topics, groups);
    lab
}

async fn refused(lab: &Lab) -> String {
    let planned = lab.plan().await;
    assert_eq!(planned.plan.status, PlanStatus::Errored);
    listed(&planned.plan.diagnostics)
}

#[tokio::test]
async fn each_fits_alone_but_not_all_of_them() {
    let lab = with_room(2, 0);
    lab.write(&topics(&["a1x", "b2x", "c3x"]));
    let found = refused(&lab).await;
    let said = format!(
        "Error no-room: not enough room for topics in `{INSTANCE}`: the plan adds 3, and 2 of 2 are left (DMS.00400039) \
         Added: `dms_rocketmq_topic.topic[\"a1x\"]`, `dms_rocketmq_topic.topic[\"b2x\"]`, `dms_rocketmq_topic.topic[\"c3x\"]`."
    );
    assert_eq!(found, said);
    assert!(lab.dms().topics(INSTANCE).is_empty());
    lab.write(&topics(&["a1x", "b2x"]));
    lab.converge().await;
    lab.settled().await;
    // No room is needed for what is there already.
    assert_eq!(lab.dms().topics(INSTANCE).len(), 2);
}

#[tokio::test]
async fn what_goes_makes_room_for_what_comes() {
    let lab = with_room(3, 0);
    lab.write(&topics(&["one", "two", "three"]));
    lab.converge().await;
    lab.write(&topics(&["three", "four", "five"]));
    let planned = lab.plan().await;
    assert!(planned.is_applicable(), "{}", listed(&planned.plan.diagnostics));
    // Every creation stands behind every deletion.
    let called: Vec<&str> = planned
        .plan
        .steps
        .iter()
        .filter_map(|step| match &step.kind {
            StepKind::Call { call, .. } => call.split(' ').next(),
            _ => None,
        })
        .collect();
    assert_eq!(called, ["DELETE", "DELETE", "POST", "POST"]);
    lab.converge().await;
    lab.settled().await;
    lab.write(&topics(&["three", "six", "seven", "eight"]));
    let found = refused(&lab).await;
    assert!(
        found
            .contains("the plan adds 3, and 0 of 3 are left, and room for 2 that goes before (DMS.00400039)"),
        "{found}"
    );
}

#[tokio::test]
async fn without_need_creations_do_not_wait_for_deletions() {
    let lab = with_room(6, 0);
    lab.write(&topics(&["one", "two"]));
    lab.converge().await;
    lab.write(&topics(&["three", "four"]));
    let planned = lab.plan().await;
    let joins = planned.plan.steps.iter().filter(|step| step.kind == StepKind::Join).count();
    assert_eq!(joins, 0, "{:#?}", planned.plan.steps);
    lab.converge().await;
}

#[tokio::test]
async fn replacements_make_room_for_themselves_unless_they_are_created_first() {
    let lab = with_room(1, 0);
    let topic = |name: &str, more: &str| {
        format!(
            "provider \"dms\" {{}}\nresource \"dms_rocketmq_topic\" \"t\" {{\n  instance_id = \"{INSTANCE}\"\n  name = \"{name}\"\n{more}\n}}\n"
        )
    };
    lab.write(&topic("orders", ""));
    lab.converge().await;
    lab.write(&topic("refunds", "lifecycle {\n  create_before_destroy = true\n}"));
    let found = refused(&lab).await;
    assert!(
        found.contains("the plan adds 1, and 0 of 1 are left (DMS.00400039)")
            && found.contains("Deleted only afterwards: `dms_rocketmq_topic.t`."),
        "{found}"
    );
    lab.write(&topic("refunds", ""));
    lab.converge().await;
    lab.settled().await;
    assert_eq!(lab.dms().topics(INSTANCE)[0].name, "refunds");
}

#[tokio::test]
async fn a_new_instance_has_the_room_of_its_flavor() {
    let lab = Lab::new("");
    let configuration = |groups: u32, brokers: u32| {
        format!(
            r#"
            provider "dms" {{}}
            data "dms_rocketmq_availability_zones" "all" {{}}
            resource "dms_rocketmq_instance" "main" {{
              name               = "roomy"
              engine_version     = "4.8.0"
              flavor_id          = "c6.4u8g.cluster.small"
              storage_spec_code  = "dms.physical.storage.high.v2"
              storage_space      = 300 * {brokers}
              broker_num         = {brokers}
              vpc_id             = "vpc-demo"
              subnet_id          = "subnet-demo"
              security_group_id  = "sg-demo"
              availability_zones = [data.dms_rocketmq_availability_zones.all.zones[0].code]
            }}
            resource "dms_rocketmq_consumer_group" "g" {{
              count       = {groups}
              instance_id = dms_rocketmq_instance.main.id
              name        = "group-${{count.index}}"
            }}
            "#
        )
    };
    lab.write(&configuration(2001, 1));
    let found = refused(&lab).await;
    assert!(
        found.contains(
            "not enough room for consumer groups in `dms_rocketmq_instance.main`: the plan adds 2,001, and 2,000 of \
             2,000 are left (DMS.10240019)"
        ) && found.contains("`dms_rocketmq_consumer_group.g[9]` and 1,991 more"),
        "{found}"
    );
    lab.write(&configuration(2001, 2));
    let planned = lab.plan().await;
    assert!(planned.is_applicable(), "{}", listed(&planned.plan.diagnostics));
}
