//! Never the wrong place, and only what was asked for.

use queueform::addr::Target;
use queueform::emulator::Credentials;
use queueform::emulator::Options;
use queueform::emulator::dms::InstanceSeed;
use queueform::ops::apply::ApplyOutcome;
use queueform::plan::PlanMode;
use queueform::plan::PlanOptions;
use queueform::plan::PlanStatus;

use super::lab::INSTANCE;
use super::lab::Lab;
use super::lab::actions;
use super::lab::listed;
use super::lab::told;
use super::lab::topics;

fn codes(found: &queueform::diag::Diagnostics) -> Vec<&'static str> {
    found.iter().map(|item| item.code.name()).collect()
}

#[tokio::test]
async fn another_project_is_refused_before_anything_is_read() {
    let mut lab = Lab::new(&topics(&["orders"]));
    lab.dms().seed_instance(&InstanceSeed::new("main").id(INSTANCE));
    lab.converge().await;
    let credentials =
        Credentials { project_id: "fedcba9876543210fedcba9876543210".to_owned(), ..Credentials::default() };
    lab.move_to(Options { credentials, ..Options::default() });
    let planned = lab.plan().await;
    assert_eq!(planned.plan.status, PlanStatus::Errored);
    assert_eq!(codes(&planned.plan.diagnostics), ["wrong-target"]);
    assert!(lab.calls().iter().all(|call| !call.path.contains("/topics")));
}

#[tokio::test]
async fn a_state_without_objects_belongs_to_no_place() {
    let mut lab = Lab::new(&topics(&["orders"]));
    lab.dms().seed_instance(&InstanceSeed::new("main").id(INSTANCE));
    lab.converge().await;
    drop(lab.apply_with(PlanOptions::destroy()).await);
    assert!(lab.state().is_empty() && !lab.state().pins.is_empty());
    let credentials =
        Credentials { project_id: "fedcba9876543210fedcba9876543210".to_owned(), ..Credentials::default() };
    lab.move_to(Options { credentials, ..Options::default() });
    lab.dms().seed_instance(&InstanceSeed::new("main").id(INSTANCE));
    lab.converge().await;
    lab.settled().await;
}

#[tokio::test]
async fn a_vanished_parent_is_an_error_and_not_a_creation() {
    let lab = Lab::new(
        r#"
        provider "dms" {}
        resource "dms_rocketmq_instance" "main" {
          name               = "main"
          engine_version     = "4.8.0"
          flavor_id          = "c6.4u8g.cluster.small"
          storage_spec_code  = "dms.physical.storage.high.v2"
          storage_space      = 300
          vpc_id             = "vpc-demo"
          subnet_id          = "subnet-demo"
          security_group_id  = "sg-demo"
          availability_zones = ["ru-moscow-1a"]
        }
        resource "dms_rocketmq_topic" "orders" {
          instance_id     = dms_rocketmq_instance.main.id
          name            = "orders"
          read_queue_num  = 8
          write_queue_num = 8
        }
        "#,
    );
    lab.converge().await;
    let id = lab.dms().instances().first().unwrap().id.clone();
    lab.dms().remove_instance(&id);
    let planned = lab.plan().await;
    assert_eq!(planned.plan.status, PlanStatus::Errored, "{}", actions(&planned).join("\n"));
    assert_eq!(codes(&planned.plan.diagnostics), ["vanished-parent"]);

    // If it really is gone, the state is told so, and it is made anew.
    let refresh = PlanOptions { mode: PlanMode::RefreshOnly, ..PlanOptions::normal() };
    match lab.apply_with(refresh).await {
        ApplyOutcome::Applied(..) | ApplyOutcome::Unchanged(_) => {}
        other => panic!("{}", told(&other)),
    }
    assert!(lab.state().resources.is_empty());
    lab.converge().await;
    lab.settled().await;
}

#[tokio::test]
async fn a_target_leaves_everything_else_alone() {
    let lab = Lab::new(&topics(&["orders", "refunds"]));
    lab.dms().seed_instance(&InstanceSeed::new("main").id(INSTANCE));
    let target: Target = "dms_rocketmq_topic.topic[\"refunds\"]".parse().unwrap();
    let options = PlanOptions { targets: vec![target.into()], ..PlanOptions::normal() };
    let planned = lab.plan_with(&options).await;
    assert_eq!(planned.plan.status, PlanStatus::Incomplete, "{}", listed(&planned.plan.diagnostics));
    match lab.apply_with(options).await {
        ApplyOutcome::Applied(_, applied) if applied.complete => {}
        other => panic!("{}", told(&other)),
    }
    let names: Vec<String> = lab.dms().topics(INSTANCE).into_iter().map(|topic| topic.name).collect();
    assert_eq!(names, ["refunds"]);
}

#[tokio::test]
async fn a_topic_of_somebody_else_is_not_taken_over() {
    let lab = Lab::new(&topics(&["orders", "mine"]));
    lab.dms().seed_instance(&InstanceSeed::new("main").id(INSTANCE).topic("orders", 8));
    let outcome = lab.apply().await;
    let ApplyOutcome::Applied(_, applied) = &outcome else { panic!("{}", told(&outcome)) };
    assert_eq!(applied.counts().failed, 1, "{}", told(&outcome));
    assert_eq!(applied.counts().created, 1, "{}", told(&outcome));
    assert_eq!(codes(&applied.diagnostics), ["already-exists"]);
    assert_eq!(lab.state().resources.len(), 1);
}
