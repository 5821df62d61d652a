//! Migrations of metadata in both forms and both dialects, and what they must not do.

use queueform::api::Stop;
use queueform::api::Stopper;
use queueform::emulator::Fault;
use queueform::emulator::FaultRule;
use queueform::emulator::System;
use queueform::emulator::dms::Dialect;
use queueform::emulator::dms::InstanceSeed;
use queueform::ops;
use queueform::ops::apply::ApplyOutcome;
use queueform::ops::apply::ApplyPorts;
use queueform::ops::apply::ApplyRequest;
use queueform::plan::PlanOptions;
use queueform::plan::Verdict;

use super::script::Expected;
use super::script::PREAMBLE;
use super::script::Script;
use crate::engine::Lab;
use crate::engine::listed;
use crate::engine::told;

/// The first scenario: topics and groups of another `RocketMQ`.
fn rocketmq(iid: &str, name: &str, overwrite: bool) -> String {
    format!(
        r#"
        resource "dms_rocketmq_migration_task" "one" {{
          instance_id = "{iid}"
          name        = "{name}"
          type        = "rocketmq"
          overwrite   = {overwrite}
          topic_configs = [
            {{ topic_name = "{name}-topic", order = false, perm = 6, read_queue_num = 16, write_queue_num = 16, topic_filter_type = "SINGLE_TAG", topic_sys_flag = 0 }},
            {{ topic_name = "{name}-other", perm = 4, read_queue_num = 8, write_queue_num = 8 }},
          ]
          subscription_groups = [
            {{ group_name = "{name}-group", consume_enable = true, consume_broadcast_enable = true, consume_from_min_enable = true, notify_consumer_ids_changed_enable = true, retry_max_times = 16, retry_queue_num = 1, which_broker_when_consume_slow = 1 }},
            {{ group_name = "{name}-audit" }},
          ]
        }}
        "#
    )
}

/// The second one: queues of a `RabbitMQ`.
fn rabbitmq(iid: &str, name: &str) -> String {
    format!(
        r#"
        resource "dms_rocketmq_migration_task" "one" {{
          instance_id = "{iid}"
          name        = "{name}"
          type        = "rabbitToRocket"
          overwrite   = true
          vhosts      = [{{ name = "{name}-vhost" }}]
          queues      = [{{ vhost = "{name}-vhost", name = "{name}-queue", durable = false }}]
          exchanges   = [{{ vhost = "{name}-vhost", name = "{name}-direct", type = "topic", durable = false }}]
          bindings    = [{{ vhost = "{name}-vhost", source = "{name}-direct", destination = "{name}-queue", destination_type = "queue", routing_key = "{name}-queue" }}]
        }}
        "#
    )
}

const CREATED: &[&str] = &["create dms_rocketmq_migration_task.one"];
const STEPS: &[&str] = &["create start", "create completion"];

async fn course(dialect: Dialect, gone: &str, configuration: impl Fn(&str) -> String) {
    let mut script = Script::new();
    let iid = script.seed(&InstanceSeed::new("target"));
    script.lab.dms().set_dialect(dialect);
    let configuration = configuration(&iid);
    script
        .step(
            &configuration,
            Expected { actions: CREATED, steps: STEPS, calls: &["POST /instances/{id}/metadata"] },
        )
        .await;
    let id = {
        let state = script.lab.state();
        let object = state.objects().next().unwrap();
        let text = |name: &str| object.1.current.as_ref().unwrap().attributes.text(name).unwrap();
        assert_eq!(text("status"), "finished");
        assert!(!text("start_date").is_empty());
        text("id")
    };
    script.import(&configuration, &[("dms_rocketmq_migration_task.one", id)]).await;
    // The record goes, and nothing else.
    script.skip();
    script.lab.apply_with(PlanOptions::destroy()).await;
    assert!(script.lab.state().is_empty());
    assert_eq!(script.writes(), [gone]);
}

const DIALECTS: [(Dialect, &str); 3] = [
    (Dialect::Any, "DELETE /instances/{id}/metadata"),
    (Dialect::Sbercloud, "DELETE /instances/{id}/metadata"),
    (Dialect::Huawei, "POST /instances/{id}/metadata/batch-delete"),
];

#[tokio::test]
async fn from_another_rocketmq_in_every_dialect() {
    for (dialect, gone) in DIALECTS {
        course(dialect, gone, |iid| rocketmq(iid, "tf-s12", true)).await;
    }
}

#[tokio::test]
async fn from_a_rabbitmq_in_every_dialect() {
    for (dialect, gone) in DIALECTS {
        course(dialect, gone, |iid| rabbitmq(iid, "tf-s13")).await;
    }
}

#[tokio::test]
async fn every_change_is_another_migration_and_what_was_made_stays() {
    let mut script = Script::new();
    let iid = script.seed(&InstanceSeed::new("target"));
    script.apply(&rocketmq(&iid, "tf-one", true)).await;
    // Making it again overwrites what it made.
    let edited = rocketmq(&iid, "tf-one", true)
        .replace("perm = 4", "perm = 2")
        .replace("type        =", "lifecycle { allow_data_loss = 4 }\ntype        =");
    script
        .step(
            &edited,
            Expected {
                actions: &["replace dms_rocketmq_migration_task.one"],
                steps: &["delete record", "create start", "create completion"],
                calls: &["DELETE /instances/{id}/metadata", "POST /instances/{id}/metadata"],
            },
        )
        .await;
    let topics: Vec<String> = script.lab.dms().topics(&iid).into_iter().map(|topic| topic.name).collect();
    assert_eq!(topics, ["tf-one-other", "tf-one-topic"]);
    script
        .step(
            &edited.replace("type        =", "wait_for_completion = false\ntype ="),
            Expected {
                actions: &["update dms_rocketmq_migration_task.one"],
                steps: &["update nothing to do"],
                calls: &[],
            },
        )
        .await;
    script.lab.apply_with(PlanOptions::destroy()).await;
    assert!(script.lab.state().is_empty());
    assert_eq!(script.lab.dms().topics(&iid).len(), 2);
}

#[tokio::test]
async fn what_cannot_be_migrated_is_told_by_the_plan() {
    let lab = Lab::new("");
    let iid =
        lab.dms().seed_instance(&InstanceSeed::new("target").topic("tf-a-topic", 4).group("tf-a-audit"));
    let good = rocketmq(&iid, "tf-a", true);
    let rabbit = rabbitmq(&iid, "tf-b");
    for (configuration, said) in [
        (rocketmq(&iid, "tf-a", false), "exists already: tf-a-audit, tf-a-topic"),
        (good.replace("tf-a-topic\"", "rmq_sys_x\""), "topics of RocketMQ itself"),
        (good.replace("tf-a-topic\"", "a\""), "3 to 64 letters"),
        (good.replace("tf-a-other\"", "tf-a-topic\""), "stands twice"),
        (good.replace("perm = 4", "perm = 5"), "`perm` is 2, 4 or 6"),
        (good.replace("\"rocketmq\"", "\"rabbitToRocket\""), "needs `vhosts`"),
        (rabbit.replace("\"rabbitToRocket\"", "\"rocketmq\""), "needs `topic_configs`"),
        (rabbit.replace("type = \"topic\"", "type = \"tree\""), "an exchange is of `type`"),
        (rabbit.replace("destination = \"tf-b-queue\"", "destination = \"nothing\""), "a binding leads from"),
        (rabbit.replace("name = \"tf-b-vhost\"", "name = \"other\""), "not in `vhosts`: tf-b-vhost"),
    ] {
        lab.write(&format!("{PREAMBLE}{configuration}"));
        let planned = lab.plan().await;
        let found = listed(&planned.plan.diagnostics);
        assert!(!planned.is_applicable() && found.contains(said), "{said}: {found}");
    }
    lab.write(&format!("{PREAMBLE}{}", rocketmq(&iid, "tf-new", true)));
    let planned = lab.plan().await;
    assert!(planned.is_applicable(), "{}", listed(&planned.plan.diagnostics));
    assert!(listed(&planned.plan.diagnostics).contains("are not managed"));
}

#[tokio::test]
async fn a_failed_migration_is_made_again() {
    let lab = Lab::new("");
    let iid = lab.dms().seed_instance(&InstanceSeed::new("target"));
    lab.write(&format!("{PREAMBLE}{}", rocketmq(&iid, "tf-f", false)));
    let rule = FaultRule::new(Fault::FailJob).on("POST", "/metadata").times(1);
    lab.emulator.store().add_fault(System::Dms, rule);
    let failed = lab.apply().await;
    assert!(told(&failed).contains("the migration is finished"), "{}", told(&failed));
    let planned = lab.plan().await;
    assert_eq!(crate::engine::actions(&planned), ["replace dms_rocketmq_migration_task.one"]);
    lab.converge().await;
    lab.settled().await;
}

#[tokio::test]
async fn what_exists_is_overwritten_only_if_the_configuration_says_how_much() {
    let lab = Lab::new("");
    let iid =
        lab.dms().seed_instance(&InstanceSeed::new("target").topic("tf-g-topic", 4).group("tf-g-audit"));
    let form = rocketmq(&iid, "tf-g", true);
    lab.write(&format!("{PREAMBLE}{form}"));
    let planned = lab.plan().await;
    let change = planned.plan.changes.iter().find(|change| !change.guards.is_empty()).unwrap();
    let finding = &change.guards[0];
    assert_eq!((finding.verdict, finding.count), (Verdict::Denied, 2), "{finding:?}");
    assert!(finding.message.contains("tf-g-audit, tf-g-topic"), "{}", finding.message);
    let allowed = |most: u32| {
        form.replace("type        =", &format!("lifecycle {{ allow_data_loss = {most} }}\ntype ="))
    };
    lab.write(&format!("{PREAMBLE}{}", allowed(1)));
    assert!(matches!(lab.apply().await, ApplyOutcome::Refused(_)));
    // One more that comes between the plan and the call stops it.
    lab.write(&format!("{PREAMBLE}{}", allowed(2)));
    let project = lab.open();
    let ports = ApplyPorts {
        approve: &mut |_planned| lab.dms().add_topic(&iid, "tf-g-other", 4),
        events: &mut |_event| {},
        stop: &Stopper::default().signal(),
        abort: &Stop::never(),
    };
    let request = ApplyRequest { options: PlanOptions::normal(), expect: None, command: "apply".to_owned() };
    let outcome = ops::apply::apply(&project, &request, ports).await.unwrap();
    let ApplyOutcome::Applied(_, applied) = &outcome else { panic!("{}", told(&outcome)) };
    let said = listed(&applied.diagnostics);
    assert!(said.contains("3 topics and consumer groups that exist would be overwritten"), "{said}");
    drop(project);
    lab.write(&format!("{PREAMBLE}{}", allowed(3)));
    lab.converge().await;
    lab.settled().await;
}

#[tokio::test]
async fn a_migration_into_a_new_instance_is_asked_for_before_its_call() {
    let lab = Lab::new("");
    let instance = r#"
        resource "dms_rocketmq_instance" "new" {
          name               = "new-one"
          engine_version     = "4.8.0"
          flavor_id          = "c6.4u8g.cluster"
          storage_spec_code  = "dms.physical.storage.high.v2"
          storage_space      = 600
          vpc_id             = local.net.vpc_id
          subnet_id          = local.net.subnet_id
          security_group_id  = local.net.security_group_id
          availability_zones = [local.azs[0]]
        }
    "#;
    let form = rocketmq("X", "tf-n", true).replace("\"X\"", "dms_rocketmq_instance.new.id");
    lab.write(&format!("{PREAMBLE}{instance}{form}"));
    lab.converge().await;
    lab.settled().await;
}
