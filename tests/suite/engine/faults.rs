//! What goes wrong between us and the service must not cost an object.

use std::collections::BTreeMap;
use std::time::Duration;

use queueform::addr::InstanceKey;
use queueform::api::Stopper;
use queueform::apply::End;
use queueform::emulator::ClockMode;
use queueform::emulator::Fault;
use queueform::emulator::FaultRule;
use queueform::emulator::Options;
use queueform::emulator::System;
use queueform::emulator::dms::InstanceSeed;
use queueform::ops::apply::ApplyOutcome;
use queueform::plan::PlanOptions;
use queueform::state::Status;

use super::lab::INSTANCE;
use super::lab::Lab;
use super::lab::told;
use super::lab::topics;

fn lab_with(fault: FaultRule) -> Lab {
    let lab = Lab::new(&topics(&["orders", "refunds", "audit"]));
    lab.dms().seed_instance(&InstanceSeed::new("main").id(INSTANCE));
    lab.emulator.store().add_fault(System::Dms, fault);
    lab
}

/// Everything was created once.
fn created_once(lab: &Lab) {
    let creates: BTreeMap<String, u64> = lab.emulator.store().creates(System::Dms);
    let twice: Vec<_> = creates.iter().filter(|(_, count)| **count != 1).collect();
    assert!(twice.is_empty(), "{twice:?}");
    assert_eq!(lab.dms().topics(INSTANCE).len(), 3);
}

#[tokio::test]
async fn throttling_is_waited_out() {
    let lab = lab_with(FaultRule::new(Fault::Throttle).every(3).times(12));
    lab.converge().await;
    created_once(&lab);
    lab.settled().await;
}

#[tokio::test]
async fn an_error_of_the_service_fails_one_object_and_the_next_run_makes_it() {
    let fault = Fault::Status { status: 400, code: Some("DMS.00400002".to_owned()) };
    let lab = lab_with(FaultRule::new(fault).on("POST", "/topics").times(1));
    let outcome = lab.apply().await;
    let ApplyOutcome::Applied(_, applied) = &outcome else { panic!("{}", told(&outcome)) };
    assert_eq!((applied.counts().failed, applied.counts().created), (1, 2), "{}", told(&outcome));
    lab.converge().await;
    created_once(&lab);
    lab.settled().await;
}

/// The answer of a creation is lost: the object is in doubt, and adopted by the next run.
async fn adopted_after(fault: Fault) {
    let lab = lab_with(FaultRule::new(fault).on("POST", "/topics").times(1));
    let outcome = lab.apply().await;
    let ApplyOutcome::Applied(_, applied) = &outcome else { panic!("{}", told(&outcome)) };
    assert_eq!((applied.counts().in_doubt, applied.counts().created), (1, 2), "{}", told(&outcome));
    let doubtful =
        lab.state().objects().filter(|(_, _, object)| matches!(object.status, Status::InDoubt(_))).count();
    assert_eq!(doubtful, 1);
    match lab.apply().await {
        ApplyOutcome::Unchanged(_) => {}
        other => panic!("{}", told(&other)),
    }
    created_once(&lab);
    lab.settled().await;
    assert!(lab.state().objects().all(|(_, _, object)| object.status.is_ready()));
}

#[tokio::test]
async fn a_connection_that_breaks_after_the_commit_leaves_no_duplicate() {
    adopted_after(Fault::DropAfterCommit).await;
}

#[tokio::test]
async fn what_stays_in_doubt_is_left_alone_and_no_success() {
    let lab = lab_with(FaultRule::new(Fault::DropAfterCommit).on("POST", "/topics").times(1));
    let names = ["orders", "refunds", "audit"];
    lab.write(&topics(&names).replace("each.key\n", "each.key\n          permission = \"all\"\n"));
    let outcome = lab.apply().await;
    let ApplyOutcome::Applied(_, applied) = &outcome else { panic!("{}", told(&outcome)) };
    let doubtful = applied.ends.iter().find(|object| object.end == End::InDoubt).unwrap();
    let Some(InstanceKey::Str(name)) = &doubtful.addr.key else { panic!("{}", doubtful.addr) };
    // It is there, but not as it was asked for: it may be somebody else's.
    assert!(lab.dms().edit_topic(INSTANCE, name, |topic| topic.permission = "sub".to_owned()));
    for _ in 0..2 {
        match lab.apply().await {
            ApplyOutcome::Unchanged(planned) => assert!(planned.has_doubts()),
            ApplyOutcome::Applied(_, applied) => {
                assert!(!applied.complete);
                assert_eq!(applied.counts().in_doubt, 1);
            }
            other => panic!("{}", told(&other)),
        }
    }
    created_once(&lab);
}

#[tokio::test]
async fn a_connection_that_breaks_before_the_commit_leaves_no_hole() {
    let lab = lab_with(FaultRule::new(Fault::DropBeforeCommit).on("POST", "/topics").times(1));
    let outcome = lab.apply().await;
    let ApplyOutcome::Applied(_, applied) = &outcome else { panic!("{}", told(&outcome)) };
    assert_eq!(applied.counts().in_doubt, 1, "{}", told(&outcome));
    lab.converge().await;
    created_once(&lab);
    lab.settled().await;
}

#[tokio::test]
async fn an_answer_that_breaks_off_leaves_no_duplicate() {
    adopted_after(Fault::TruncateBody).await;
}

#[tokio::test]
async fn an_interrupted_wait_is_taken_up_again() {
    let configuration = r#"
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
        "#;
    // Nothing gets ready unless the test lets time pass.
    let lab = Lab::with(configuration, Options { clock: ClockMode::Manual, ..Options::default() });
    let stopper = Stopper::default();
    let watch = async {
        let polled = |lab: &Lab| {
            lab.calls()
                .iter()
                .filter(|call| call.method == "GET" && call.path.contains("/instances/"))
                .count()
        };
        while polled(&lab) == 0 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        stopper.stop();
    };
    let mut silent = |_event| {};
    let run = lab.run(PlanOptions::normal(), &stopper, &mut silent);
    let (outcome, ()) = tokio::join!(run, watch);
    let ApplyOutcome::Applied(_, applied) = &outcome else { panic!("{}", told(&outcome)) };
    assert!(applied.stopped);
    let ends: Vec<&End> = applied.ends.iter().map(|object| &object.end).collect();
    assert!(matches!(ends.as_slice(), [End::Pending, End::Skipped { .. }]), "{}", told(&outcome));
    assert_eq!(lab.dms().instances().len(), 1);

    lab.dms().advance(Duration::from_hours(1));
    lab.converge().await;
    lab.settled().await;
    assert_eq!(lab.dms().instances().len(), 1);
    assert!(lab.emulator.store().creates(System::Dms).values().all(|count| *count == 1));
}
