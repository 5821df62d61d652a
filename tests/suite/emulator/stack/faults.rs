//! Calls that go wrong, and what is there after a restart.

use std::path::Path;

use queueform::emulator::Fault;
use queueform::emulator::FaultRule;
use queueform::emulator::Options;
use queueform::emulator::System;
use queueform::emulator::apsarastack::InstanceSeed;
use serde_json::json;

use super::INST;
use super::SHOP;
use super::Stack;

#[test]
fn faults_happen_here_too() {
    let stack = Stack::seeded();
    let store = stack.running.store();
    let topic = [("instanceId", INST), ("topic", "new"), ("orderType", "0")];
    let on = |fault: Fault| FaultRule::new(fault).on("GET", "topic/create").times(1);
    store.add_fault(System::ApsaraStack, on(Fault::Throttle));
    assert_eq!(stack.refusal("topic/create", &topic), "Throttling.User");
    store.add_fault(
        System::ApsaraStack,
        on(Fault::Status { status: 200, code: Some("ONS_SYSTEM_ERROR".into()) }),
    );
    assert_eq!(stack.refusal("topic/create", &topic), "ONS_SYSTEM_ERROR");
    store.add_fault(System::ApsaraStack, on(Fault::ExpiredToken));
    assert_eq!(stack.refusal("topic/create", &topic), "AUTH_LOGIN_CHECK_ERROR");
    store.add_fault(System::ApsaraStack, on(Fault::DropBeforeCommit));
    assert!(stack.try_call("topic/create", &topic).is_err());
    assert_eq!(stack.store().topics(INST).len(), 1);
    store.add_fault(System::ApsaraStack, on(Fault::DropAfterCommit));
    assert!(stack.try_call("topic/create", &topic).is_err());
    assert_eq!(stack.store().topics(INST).len(), 2);
    let calls = store.calls(System::ApsaraStack);
    let last = calls.last().unwrap();
    assert_eq!((last.status, last.committed, last.mutating, &*last.method), (0, true, true, "GET"));
    assert_eq!(calls[0].error_code.as_deref(), Some("Throttling.User"));
    let stale = FaultRule::new(Fault::StaleReads { reads: 1 }).on("GET", "topic/delete").times(1);
    store.add_fault(System::ApsaraStack, stale);
    let name = [("instanceId", INST), ("topic", "new")];
    stack.call("topic/delete", &name);
    assert_eq!(stack.call("topic/get", &name)[0]["topic"], "new");
    assert_eq!(stack.refusal("topic/get", &name), "BIZ_TOPIC_NOT_FOUND");
    let hidden = FaultRule::new(Fault::HiddenAfterCreate { reads: 1 }).on("GET", "instance/create");
    store.add_fault(System::ApsaraStack, hidden);
    stack.call("instance/create", &SHOP);
    assert_eq!(stack.call("instance/list", &[]).as_array().unwrap().len(), 1);
    assert_eq!(stack.call("instance/list", &[]).as_array().unwrap().len(), 2);
}

fn start(directory: &Path) -> Stack {
    Stack::with(Options { data_dir: Some(directory.to_path_buf()), ..Options::default() })
}

#[test]
fn everything_outlasts_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let stack = start(directory.path());
    let seed = InstanceSeed::new("main")
        .id(INST)
        .topic("orders")
        .topic("gone")
        .group("GID_billing")
        .grant("orders", "42", 6)
        .messages("orders", 3)
        .lag("GID_billing", "orders", 2)
        .client("GID_billing", "c1", &["orders"])
        .dead_letters("GID_billing", 1);
    stack.store().seed_instance(&seed);
    stack.call("topic/delete", &[("instanceId", INST), ("topic", "gone")]);
    stack.call(
        "vpcTunnel/tunnelSwitch",
        &[("instanceId", INST), ("tunnelType", "anyTunnel"), ("force", "true")],
    );
    let (before, tunnel) = (stack.store().spaces(), stack.store().tunnel("cluster1"));
    drop(stack);
    let stack = start(directory.path());
    assert_eq!(stack.store().spaces(), before);
    assert_eq!(stack.store().tunnel("cluster1"), tunnel);
    let again = [("instanceId", INST), ("topic", "gone"), ("orderType", "0")];
    assert_eq!(stack.refusal("topic/create", &again), "BIZ_TOPIC_EXISTED");
    let copy = tempfile::tempdir().unwrap();
    let log = "apsarastack.log";
    std::fs::copy(directory.path().join(log), copy.path().join(log)).unwrap();
    assert_eq!(start(copy.path()).store().spaces(), before);
    stack.control("POST", "/reset", &json!(null));
    drop(stack);
    assert_eq!(start(directory.path()).store().spaces(), []);
}
