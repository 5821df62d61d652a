//! Data is not destroyed by accident.

use queueform::api::Stop;
use queueform::api::Stopper;
use queueform::apply::End;
use queueform::emulator::dms::InstanceSeed;
use queueform::ops;
use queueform::ops::apply::ApplyOutcome;
use queueform::ops::apply::ApplyPorts;
use queueform::ops::apply::ApplyRequest;
use queueform::plan::Action;
use queueform::plan::PlanOptions;
use queueform::plan::PlanStatus;

use super::lab::INSTANCE;
use super::lab::Lab;
use super::lab::actions;
use super::lab::listed;
use super::lab::told;
use super::lab::topics;

/// A lab in which the topic `orders` is managed and read by a group that is not.
async fn read_by_billing() -> Lab {
    let lab = Lab::new(&topics(&["orders", "refunds"]));
    lab.dms().seed_instance(&InstanceSeed::new("main").id(INSTANCE).group("billing"));
    lab.converge().await;
    lab.settled().await;
    lab
}

#[tokio::test]
async fn unread_messages_deny_the_deletion_until_their_loss_is_allowed() {
    let lab = read_by_billing().await;
    assert!(lab.dms().set_lag(INSTANCE, "billing", "orders", 5));
    lab.write(&topics(&["refunds"]));
    let planned = lab.plan().await;
    assert_eq!(planned.plan.status, PlanStatus::Denied, "{}", listed(&planned.plan.diagnostics));
    assert!(matches!(lab.apply().await, ApplyOutcome::Refused(_)));
    assert_eq!(lab.dms().topics(INSTANCE).len(), 2);

    let consent = |ceiling: u64| {
        format!(
            "{}\nremoved {{\n  from = dms_rocketmq_topic.topic[\"orders\"]\n  lifecycle {{\n    allow_data_loss = {ceiling}\n  }}\n}}\n",
            topics(&["refunds"])
        )
    };
    lab.write(&consent(4));
    assert_eq!(lab.plan().await.plan.status, PlanStatus::Denied);
    lab.write(&consent(5));
    let planned = lab.plan().await;
    assert_eq!(actions(&planned), ["delete dms_rocketmq_topic.topic[\"orders\"]"]);
    lab.converge().await;
    assert_eq!(lab.dms().topics(INSTANCE).len(), 1);
}

#[tokio::test]
async fn figures_are_told_with_their_thousands_apart_and_how_old_they_are() {
    let lab = read_by_billing().await;
    assert!(lab.dms().connect(INSTANCE, "billing", "c@1", &["orders"]));
    assert!(lab.dms().set_lag(INSTANCE, "billing", "orders", 12_345));
    lab.write(&topics(&["refunds"]));
    let planned = lab.plan().await;
    let change = planned.plan.changes.iter().find(|change| change.action == Action::Delete);
    let change = change.unwrap_or_else(|| panic!("{}", listed(&planned.plan.diagnostics)));
    let said: Vec<&str> = change.guards.iter().map(|finding| finding.message.as_str()).collect();
    assert!(said[0].starts_with("12,345 unread: billing 12,345; last message "), "{said:#?}");
    assert_eq!(said[1], "1 consumer is online: billing 1");
    assert!(said[0].ends_with(" ago"), "{said:#?}");
}

#[tokio::test]
async fn a_message_that_comes_after_the_plan_stops_the_deletion() {
    let lab = read_by_billing().await;
    lab.write(&topics(&["refunds", "new"]));
    let project = lab.open();
    let ports = ApplyPorts {
        approve: &mut |_planned| lab.dms().set_lag(INSTANCE, "billing", "orders", 1),
        events: &mut |_event| {},
        stop: &Stopper::default().signal(),
        abort: &Stop::never(),
    };
    let request = ApplyRequest { options: PlanOptions::normal(), expect: None, command: "apply".to_owned() };
    let outcome = ops::apply::apply(&project, &request, ports).await.unwrap();
    let ApplyOutcome::Applied(_, applied) = &outcome else { panic!("{}", told(&outcome)) };
    // Only this object is stopped.
    let ends: Vec<(String, &End)> =
        applied.ends.iter().map(|object| (object.addr.to_string(), &object.end)).collect();
    assert_eq!(
        ends,
        [
            ("dms_rocketmq_topic.topic[\"new\"]".to_owned(), &End::Done),
            ("dms_rocketmq_topic.topic[\"orders\"]".to_owned(), &End::Denied)
        ]
    );
    assert_eq!(lab.dms().topics(INSTANCE).len(), 3);
}
