//! What would be lost is observed before it is lost.

use queueform::api::Stop;
use queueform::api::Stopper;
use queueform::apply::End;
use queueform::emulator::Fault;
use queueform::emulator::FaultRule;
use queueform::emulator::System;
use queueform::emulator::apsarastack::InstanceSeed;
use queueform::ops;
use queueform::ops::apply::ApplyOutcome;
use queueform::ops::apply::ApplyPorts;
use queueform::ops::apply::ApplyRequest;
use queueform::plan::PlanOptions;
use queueform::plan::PlanStatus;

use super::course::Course;
use super::course::INST;
use crate::engine::listed;
use crate::engine::told;

const BOTH: &str = r#"
    resource "apsarastack_mq_topic" "orders" {
      instance_id  = "MQ_INST_1234567890123456_BXmain"
      name         = "orders"
      message_type = "normal"
    }
    resource "apsarastack_mq_group" "billing" {
      instance_id = "MQ_INST_1234567890123456_BXmain"
      group_id    = "GID_billing"
    }
"#;

async fn course() -> Course {
    let mut course = Course::seeded(InstanceSeed::new("main").group("GID_audit"));
    course.apply(BOTH).await;
    course
}

async fn denied(course: &Course, what: &[&str]) {
    course.write("");
    let planned = course.lab.plan().await;
    assert_eq!(planned.plan.status, PlanStatus::Denied, "{}", listed(&planned.plan.diagnostics));
    let text = format!("{:?}\n{}", planned.plan.changes, listed(&planned.plan.diagnostics));
    for part in what {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[tokio::test]
async fn unread_messages_of_any_group_deny_the_deletion_of_a_topic() {
    let course = course().await;
    assert!(course.store().set_lag(INST, "GID_audit", "orders", 12));
    denied(&course, &["12 unread: GID_audit 12"]).await;
    assert!(course.store().set_lag(INST, "GID_audit", "orders", 0));
    assert!(course.lab.plan().await.is_applicable());
}

#[tokio::test]
async fn unread_messages_and_dead_letters_deny_the_deletion_of_a_group() {
    let course = course().await;
    assert!(course.store().add_dead_letters(INST, "GID_billing", 3));
    denied(&course, &["3 dead letters"]).await;
    assert!(course.store().add_dead_letters(INST, "GID_billing", 100));
    denied(&course, &["at least 101 dead letters"]).await;
    assert!(course.store().set_lag(INST, "GID_billing", "orders", 7));
    denied(&course, &["7 unread: orders 7"]).await;
}

#[tokio::test]
async fn online_consumers_are_shown() {
    let course = course().await;
    assert!(course.store().connect(INST, "GID_billing", "c1", &["orders"]));
    course.write("");
    let planned = course.lab.plan().await;
    let text = format!("{:?}", planned.plan.changes);
    assert!(text.contains("1 group has consumers online: GID_billing"), "{text}");
    assert!(text.contains("consumers are online"), "{text}");
}

#[tokio::test]
async fn an_observation_that_fails_denies() {
    for path in ["consumer/accumulate", "getByPagedDLQ", "group/list"] {
        let course = course().await;
        let fault = Fault::Status { status: 200, code: Some("ONS_SERVICE_UNSUPPORTED".to_owned()) };
        course.lab.emulator.store().add_fault(System::ApsaraStack, FaultRule::new(fault).on("GET", path));
        course.write("");
        let project = course.lab.open();
        let planned =
            ops::plan::plan(&project, &PlanOptions::normal(), &ops::plan::now(), &Stop::never()).await;
        // Without the list of groups the state of the group cannot be read at all.
        let applicable = planned.is_ok_and(|planned| planned.is_applicable());
        assert!(!applicable, "{path}");
        assert_eq!(course.store().topics(INST).len(), 1);
    }
}

#[tokio::test]
async fn a_message_between_plan_and_apply_stops_the_deletion_every_time() {
    let course = course().await;
    let group = BOTH.split("resource \"apsarastack_mq_group\"").nth(1).unwrap();
    course.write(&format!("resource \"apsarastack_mq_group\"{group}"));
    for round in 0..100 {
        assert!(course.store().set_lag(INST, "GID_audit", "orders", 0));
        let project = course.lab.open();
        let stopper = Stopper::default();
        let ports = ApplyPorts {
            approve: &mut |_planned| course.store().produce(INST, "orders", 1),
            events: &mut |_event| {},
            stop: &stopper.signal(),
            abort: &Stop::never(),
        };
        let request =
            ApplyRequest { options: PlanOptions::normal(), expect: None, command: "apply".to_owned() };
        let outcome = ops::apply::apply(&project, &request, ports).await.unwrap();
        let ApplyOutcome::Applied(_, applied) = &outcome else { panic!("{}", told(&outcome)) };
        assert_eq!(applied.ends.iter().map(|object| &object.end).collect::<Vec<_>>(), [&End::Denied]);
        assert_eq!(course.store().topics(INST).len(), 1, "round {round}");
    }
}

#[tokio::test]
async fn an_instance_with_topics_of_others_is_not_deleted() {
    let mut course = Course::new();
    let instance = r#"
        resource "apsarastack_mq_instance" "shop" {
          name            = "shop"
          cluster         = "cluster1"
          max_send_tps    = 500
          max_receive_tps = 600
        }
    "#;
    course.apply(instance).await;
    let id = course.store().instances()[0].id.clone();
    let kept = course.store().space(&id).unwrap();
    course.store().seed_instance(&InstanceSeed::new("shop").id(&id).topic("theirs").group("GID_theirs"));
    course.store().edit_instance(&id, |found| *found = kept.instance);
    course.write("");
    let planned = course.lab.plan().await;
    assert_eq!(planned.plan.status, PlanStatus::Denied, "{}", listed(&planned.plan.diagnostics));
    let text = format!("{:?}", planned.plan.changes);
    assert!(text.contains("INSTANCE_NOT_EMPTY") && text.contains("theirs, GID_theirs"), "{text}");
}
