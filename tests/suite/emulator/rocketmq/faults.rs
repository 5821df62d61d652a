//! Calls that go wrong, what is there after a restart, and the control routes.

use std::path::Path;

use queueform::emulator::Fault;
use queueform::emulator::FaultRule;
use queueform::emulator::Options;
use queueform::emulator::System;
use serde_json::json;

use super::MAIN;
use super::Service;
use super::order;
use super::plan;
use super::topics;

fn fault(service: &Service, fault: Fault, method: &str, path: &str) {
    let rule = FaultRule::new(fault).on(method, path).times(1);
    service.running.store().add_fault(System::ApsaramqRocketmq, rule);
}

fn new_topic(name: &str) -> String {
    format!("CreateTopic POST /instances/{MAIN}/topics/{name}")
}

#[test]
fn calls_fail_before_and_after_they_took_effect() {
    let service = Service::seeded();
    let normal = json!({ "messageType": "NORMAL" });
    let is_there = |name: &str| service.store().broker(MAIN).unwrap().topics.contains_key(name);

    fault(&service, Fault::Throttle, "POST", "/topics/a");
    let throttled = service.try_call(&new_topic("a"), Some(&normal)).unwrap();
    assert_eq!((throttled.status, throttled.json()["code"].clone()), (400, json!("Throttling.User")));
    assert_eq!((throttled.header("x-acs-retry-after"), is_there("a")), (Some("20"), false));

    fault(&service, Fault::Status { status: 500, code: None }, "POST", "/topics/a");
    assert_eq!(service.refusal(&new_topic("a"), Some(&normal)), (500, "InternalError".to_owned()));
    fault(&service, Fault::Status { status: 503, code: None }, "POST", "/topics/a");
    assert_eq!(service.refusal(&new_topic("a"), Some(&normal)), (503, "ServiceUnavailable".to_owned()));

    fault(&service, Fault::DropBeforeCommit, "POST", "/topics/a");
    assert!(service.try_call(&new_topic("a"), Some(&normal)).is_err() && !is_there("a"));
    fault(&service, Fault::DropAfterCommit, "POST", "/topics/a");
    assert!(service.try_call(&new_topic("a"), Some(&normal)).is_err() && is_there("a"));
    fault(&service, Fault::TruncateBody, "POST", "/topics/b");
    assert!(service.try_call(&new_topic("b"), Some(&normal)).is_err() && is_there("b"));

    fault(&service, Fault::Html { status: 502 }, "POST", "/topics/c");
    let page = service.try_call(&new_topic("c"), Some(&normal)).unwrap();
    assert!(page.status == 502 && page.header("content-type").unwrap().starts_with("text/html"));
    assert!(!is_there("c"));

    fault(&service, Fault::ExpiredToken, "POST", "/topics/c");
    let expired = service.try_call(&new_topic("c"), Some(&normal)).unwrap();
    assert_eq!(expired.json()["Code"], "InvalidSecurityToken.Expired");
    assert_eq!(service.call(&new_topic("c"), Some(&normal)), json!(true));
}

#[test]
fn reads_may_be_late() {
    let service = Service::seeded();
    fault(&service, Fault::StaleReads { reads: 2 }, "POST", "/topics/new");
    service.call(&new_topic("new"), Some(&json!({ "messageType": "NORMAL" })));
    let get = format!("GetTopic GET /instances/{MAIN}/topics/new");
    for _ in 0..2 {
        assert_eq!(service.refusal(&get, None), (404, "Topic.NotFound".to_owned()));
    }
    assert_eq!(service.call(&get, None)["topicName"], "new");

    fault(&service, Fault::HiddenAfterCreate { reads: 2 }, "POST", "/instances");
    let id = service.call("CreateInstance POST /instances", Some(&order(&[])));
    let get = format!("GetInstance GET /instances/{}", id.as_str().unwrap());
    for _ in 0..2 {
        assert_eq!(service.refusal(&get, None), (404, "Instance.NotFound".to_owned()));
    }
    service.call(&get, None);
}

#[test]
fn changes_may_take_long_or_fail() {
    let service = Service::seeded();
    fault(&service, Fault::FailJob, "POST", "/instances");
    let id = service.call("CreateInstance POST /instances", Some(&order(&[])));
    let get = format!("GetInstance GET /instances/{}", id.as_str().unwrap());
    service.call(&get, None);
    assert_eq!(service.call(&get, None)["status"], "STOPPED");

    let dr = service.call("CreateDisasterRecoveryPlan POST /disaster_recovery", Some(&plan("dr")));
    let items = format!("/disaster_recovery/{dr}/items");
    fault(&service, Fault::SlowJob { factor: 3 }, "POST", "/items");
    let item = service.call(&format!("AddDisasterRecoveryItem POST {items}"), Some(&topics("orders")));
    let get = format!("GetDisasterRecoveryItem GET {items}/{item}");
    for _ in 0..5 {
        assert_eq!(service.call(&get, None)["itemStatus"], "CREATING");
    }
    assert_eq!(service.call(&get, None)["itemStatus"], "RUNNING");
    fault(&service, Fault::StuckJob, "POST", "/stop");
    service.call(&format!("StopDisasterRecoveryItem POST {items}/{item}/stop"), None);
    for _ in 0..20 {
        assert_eq!(service.call(&get, None)["itemStatus"], "CHANGING");
    }
}

#[test]
fn everything_is_there_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let start =
        |dir: &Path| Service::with(Options { data_dir: Some(dir.to_path_buf()), ..Options::default() });
    let service = start(dir.path());
    let id = service.call("CreateInstance POST /instances", Some(&order(&[])));
    let id = id.as_str().unwrap();
    for _ in 0..2 {
        service.call(&format!("GetInstance GET /instances/{id}"), None);
    }
    let topic = format!("CreateTopic POST /instances/{id}/topics/orders");
    service.call(&topic, Some(&json!({ "messageType": "NORMAL" })));
    let account = json!({ "username": "app", "password": "secret" });
    service.call(&format!("CreateInstanceAccount POST /instances/{id}/accounts"), Some(&account));
    assert!(service.store().produce(id, "orders", 3));
    let before = service.store().brokers();
    drop(service);
    let service = start(dir.path());
    assert_eq!(service.store().brokers(), before);
    assert_eq!(service.control("POST", "/reset", &json!({})).status, 204);
    assert!(service.store().brokers().is_empty());
}

#[test]
fn settings_and_the_clock_are_controlled() {
    let service = Service::seeded();
    let changed =
        service.control("PUT", "/settings", &json!({ "topic_quota": 2, "password_echo": "masked" }));
    assert_eq!((changed.status, changed.json()["topic_quota"].clone()), (200, json!(2)));
    let normal = json!({ "messageType": "NORMAL" });
    assert_eq!(service.refusal(&new_topic("x"), Some(&normal)).1, "Topic.QuotaExceeded");
    assert_eq!(service.control("PUT", "/settings", &json!({ "nothing": 1 })).status, 400);
    assert_eq!(service.control("PUT", "/settings", &json!({ "topic_quota": "many" })).status, 400);
    let now = |answer: &super::Answer| answer.json()["now_ms"].as_i64().unwrap();
    let before = now(&service.control("GET", "/clock", &json!({})));
    let after = now(&service.control("POST", "/clock/advance", &json!({ "seconds": 60 })));
    assert!(after - before >= 60_000);
    // What is under way ends when its time has come.
    service.call(&format!("DeleteInstance DELETE /instances/{MAIN}"), None);
    service.control("POST", "/clock/advance", &json!({ "seconds": 3600 }));
    assert!(service.store().instances().iter().all(|instance| instance.id != MAIN));
}
