//! `drift` changes nothing: neither at any service nor in the state, and it needs no lock.

use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use queueform::api::Stop;
use queueform::emulator::Fault;
use queueform::emulator::FaultRule;
use queueform::emulator::System;
use queueform::emulator::dms::InstanceSeed;
use queueform::emulator::rocketmq;
use queueform::ops::drift::DriftRequest;
use queueform::ops::drift::Drifted;
use queueform::ops::drift::drift;
use queueform::ops::plan::now;
use queueform::plan::DriftStatus;
use queueform::state::Status;

use super::lab::INSTANCE;
use super::lab::Lab;
use super::lab::listed;
use super::lab::topics;

/// Something on every system.
const ESTATE: &str = r#"
provider "dms" {}
provider "apsaramq" {}
provider "apsarastack" {}

resource "dms_rocketmq_topic" "t" {
  for_each        = toset(["orders", "refunds"])
  instance_id     = "11111111-2222-4333-8444-555555555555"
  name            = each.key
  read_queue_num  = 8
  write_queue_num = 8
}
resource "dms_rocketmq_user" "u" {
  instance_id        = "11111111-2222-4333-8444-555555555555"
  access_key         = "billing-worker"
  secret_key         = "Demo-Secret-1"
  secret_key_version = 1
}
resource "apsaramq_rocketmq_topic" "t" {
  instance_id = "rmq-cn-main0000001"
  name        = "orders"
}
resource "apsaramq_rocketmq_account" "a" {
  instance_id      = "rmq-cn-main0000001"
  username         = "app"
  password         = "Demo-Secret-2"
  password_version = 1
}
resource "apsaramq_mqtt_group" "g" {
  instance_id = "mqtt-cn-demohangzhou"
  group_id    = "GID_meters"
}
resource "apsarastack_mq_instance" "i" {
  name            = "shop"
  cluster         = "cluster1"
  max_send_tps    = 500
  max_receive_tps = 600
  topic_capacity  = 20
}
resource "apsarastack_mq_topic" "t" {
  instance_id  = apsarastack_mq_instance.i.id
  name         = "orders"
  message_type = "normal"
}
"#;

fn lab() -> Lab {
    let options =
        queueform::emulator::Options { open_instances: true, ..queueform::emulator::Options::default() };
    let lab = Lab::with(ESTATE, options);
    lab.dms().seed_instance(&InstanceSeed::new("shared").id(INSTANCE));
    lab.emulator
        .store()
        .rocketmq()
        .seed_instance(&rocketmq::InstanceSeed::new("main").id("rmq-cn-main0000001"));
    lab
}

async fn look(lab: &Lab, request: &DriftRequest) -> Drifted {
    let found = drift(&lab.open(), request, &now(), &Stop::never()).await;
    found.unwrap_or_else(|found| panic!("{}", listed(&found)))
}

fn everything() -> DriftRequest {
    DriftRequest { unmanaged: true, ..DriftRequest::default() }
}

/// Every file below a directory, with its bytes.
fn files(directory: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    let mut open = vec![directory.to_path_buf()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let bytes = std::fs::read(&path).unwrap();
                found.push((path, bytes));
            }
        }
    }
    found.sort();
    found
}

/// How many calls there were that could have changed something, on all systems.
fn writes(lab: &Lab) -> usize {
    let store = lab.emulator.store();
    System::ALL.iter().map(|system| store.calls(*system).iter().filter(|call| call.mutating).count()).sum()
}

fn calls(lab: &Lab) -> usize {
    System::ALL.iter().map(|system| lab.emulator.store().calls(*system).len()).sum()
}

#[tokio::test]
async fn nothing_is_written_anywhere() {
    let lab = lab();
    lab.converge().await;
    lab.settled().await;
    let (before, written, asked) = (files(lab.path()), writes(&lab), calls(&lab));
    assert!(written > 0);
    let found = look(&lab, &everything()).await;
    assert_eq!(found.report.status(), DriftStatus::None, "{:?}", found.report.drift);
    assert!(!found.report.has_failed(), "{}", listed(&found.report.found.diagnostics));
    assert_eq!(found.report.compared(), 8);
    assert!(calls(&lab) > asked, "it looked");
    // Drifted, with changes pending, and half of it gone.
    assert!(lab.dms().edit_topic(INSTANCE, "orders", |topic| topic.permission = "sub".to_owned()));
    assert!(lab.dms().remove_topic(INSTANCE, "refunds"));
    assert!(lab.dms().add_topic(INSTANCE, "by-hand", 4));
    lab.write(&ESTATE.replace("topic_capacity  = 20", "topic_capacity  = 30"));
    let before = before
        .into_iter()
        .map(|(path, bytes)| {
            if path.ends_with("main.qf.hcl") {
                (path.clone(), std::fs::read(path).unwrap())
            } else {
                (path, bytes)
            }
        })
        .collect::<Vec<_>>();
    let found = look(&lab, &everything()).await;
    assert_eq!(found.report.status(), DriftStatus::Both);
    let drifted: Vec<String> = found.report.drift.iter().map(|one| one.addr.to_string()).collect();
    assert_eq!(drifted, ["dms_rocketmq_topic.t[\"orders\"]", "dms_rocketmq_topic.t[\"refunds\"]"]);
    let pending: Vec<String> = found.report.pending.changes.iter().map(|one| one.addr.to_string()).collect();
    assert!(pending.contains(&"apsarastack_mq_instance.i".to_owned()), "{pending:?}");
    assert!(pending.iter().all(|addr| addr.starts_with("apsarastack_")), "{pending:?}");
    let unmanaged = found.report.unmanaged.unwrap();
    let of_dms: Vec<&str> =
        unmanaged.iter().filter(|one| &*one.provider.name == "dms").map(|one| one.id.as_str()).collect();
    assert_eq!(of_dms, [INSTANCE, &format!("{INSTANCE}/by-hand")]);
    assert_eq!(writes(&lab), written, "a call that changes something was made");
    assert_eq!(files(lab.path()), before, "a file was written");
}

#[tokio::test]
async fn a_run_that_holds_the_lock_is_no_hindrance() {
    let lab = lab();
    lab.converge().await;
    let project = lab.open();
    let held = project.place.open("apply", &Stop::never()).unwrap();
    let found = look(&lab, &DriftRequest::default()).await;
    assert_eq!(found.report.status(), DriftStatus::None);
    let told = listed(&found.report.found.diagnostics);
    assert!(told.contains("another run is changing the state right now"), "{told}");
    drop(held);
}

#[tokio::test]
async fn doubts_are_settled_in_memory_only() {
    let mut lab = Lab::new(&topics(&["orders", "refunds", "audit"]));
    lab.dms().seed_instance(&InstanceSeed::new("shared").id(INSTANCE));
    lab.emulator
        .store()
        .add_fault(System::Dms, FaultRule::new(Fault::DropAfterCommit).on("POST", "/topics").times(1));
    let _outcome = lab.apply().await;
    let doubtful = |lab: &Lab| {
        lab.state().objects().filter(|(_, _, object)| matches!(object.status, Status::InDoubt(_))).count()
    };
    assert_eq!(doubtful(&lab), 1);
    let (before, written) = (files(lab.path()), writes(&lab));
    let found = look(&lab, &DriftRequest::default()).await;
    assert_eq!((found.report.status(), found.has_doubts), (DriftStatus::None, false));
    assert_eq!(found.report.compared(), 3, "the object in doubt was found");
    assert_eq!((files(lab.path()), writes(&lab), doubtful(&lab)), (before, written, 1));
    // Without the service nothing can be told, and nothing is concluded.
    lab.move_to(queueform::emulator::Options::default());
    let found = look(&lab, &DriftRequest::default()).await;
    assert!(found.report.has_failed() || found.has_doubts || !found.report.drift.is_empty());
    assert_eq!(doubtful(&lab), 1);
}

#[tokio::test]
async fn what_was_done_by_hand_already_is_not_pending() {
    let lab = Lab::new(&topics(&["orders", "refunds"]));
    lab.dms().seed_instance(&InstanceSeed::new("shared").id(INSTANCE));
    lab.converge().await;
    lab.write(&topics(&["orders", "refunds"]).replace("write_queue_num = 8", "write_queue_num = 4"));
    let found = look(&lab, &DriftRequest::default()).await;
    assert_eq!((found.report.status(), found.report.pending.changes.len()), (DriftStatus::Pending, 2));
    let change = |name: &str| {
        lab.dms().edit_topic(INSTANCE, name, |topic| {
            let share = 4 / topic.brokers.len() as u64;
            for broker in &mut topic.brokers {
                broker.write_queue_num = share;
            }
        })
    };
    assert!(change("orders"));
    let found = look(&lab, &DriftRequest::default()).await;
    let pending: Vec<String> = found.report.pending.changes.iter().map(|one| one.addr.to_string()).collect();
    assert_eq!(pending, ["dms_rocketmq_topic.topic[\"refunds\"]"]);
    assert_eq!(found.report.status(), DriftStatus::Both);
    assert!(change("refunds"));
    let found = look(&lab, &DriftRequest::default()).await;
    assert_eq!(found.report.status(), DriftStatus::Drift);
}

#[tokio::test]
async fn what_is_ignored_is_no_drift() {
    let lab = Lab::new(&topics(&["orders", "refunds"]));
    lab.dms().seed_instance(&InstanceSeed::new("shared").id(INSTANCE));
    lab.converge().await;
    assert!(lab.dms().edit_topic(INSTANCE, "orders", |topic| topic.permission = "sub".to_owned()));
    assert!(lab.dms().remove_topic(INSTANCE, "refunds"));
    let ignoring = |patterns: &[&str]| DriftRequest {
        ignore: patterns.iter().map(|pattern| Arc::from(*pattern)).collect(),
        ..DriftRequest::default()
    };
    for (patterns, drifted, ignored) in [
        (&["*.permission"][..], 1, 1),
        (&["dms_rocketmq_topic.topic[\"refunds\"]"], 1, 1),
        (&["*"], 0, 2),
        (&["dms_rocketmq_user.*"], 2, 0),
    ] {
        let found = look(&lab, &ignoring(patterns)).await;
        assert_eq!(
            (found.report.drift.len(), found.report.ignored.len()),
            (drifted, ignored),
            "{patterns:?}"
        );
    }
    lab.write(&format!(
        "queueform {{\n  drift {{\n    ignore = [\"*.permission\"]\n  }}\n}}\n{}",
        topics(&["orders", "refunds"])
    ));
    let found = look(&lab, &ignoring(&["*[\"refunds\"]"])).await;
    assert_eq!((found.report.status(), found.report.ignored.len()), (DriftStatus::None, 2));
}
