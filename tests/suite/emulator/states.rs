//! Life of an instance: states, jobs, what is refused meanwhile.

use std::time::Duration;

use queueform::emulator::ClockMode;
use queueform::emulator::Emulator;
use queueform::emulator::Fault;
use queueform::emulator::FaultRule;
use queueform::emulator::Options;
use queueform::emulator::System;
use queueform::emulator::dms::InstanceSeed;
use queueform::emulator::dms::Status;
use serde_json::json;

use super::client::Service;

fn refused(code: &str) -> (u16, String) {
    (400, code.to_owned())
}

#[test]
fn creating_takes_two_looks_and_six_minutes() {
    let service = Service::start();
    let store = service.running.store().dms();
    let before = store.now_ms();
    let iid = service.create("waiting");
    let topics = format!("/v2/{{pid}}/instances/{iid}/topics");
    let seen: Vec<String> = (0..3).map(|_| service.status(&iid)).collect();
    assert_eq!(seen, ["CREATING", "RUNNING", "RUNNING"]);
    assert_eq!(store.now_ms() - before, 360_000);
    assert_eq!(service.post(&topics, &json!({ "name": "orders" })).status, 200);
}

#[test]
fn time_can_be_moved_by_hand() {
    let service = Service::with(Options { clock: ClockMode::Manual, ..Options::default() });
    let iid = service.create("waiting");
    let store = service.running.store().dms();
    store.advance(Duration::from_secs(359));
    assert_eq!(service.status(&iid), "CREATING");
    let answer = service.control("POST", "/clock/advance", &json!({ "seconds": 1 }));
    assert_eq!(answer.status, 200);
    assert_eq!(service.status(&iid), "RUNNING");
}

#[test]
fn scaled_time_passes_by_itself() {
    let service = Service::with(Options { clock: ClockMode::Scaled { factor: 1e7 }, ..Options::default() });
    let iid = service.create("waiting");
    // 360 virtual seconds are 36 real microseconds.
    let seen = (0..1000).map(|_| service.status(&iid)).find(|status| status == "RUNNING");
    assert_eq!(seen.as_deref(), Some("RUNNING"));
}

#[test]
fn changes_are_refused_until_the_instance_runs() {
    let service = Service::with(Options { clock: ClockMode::Manual, ..Options::default() });
    let iid = service.create("waiting");
    let url = format!("/v2/{{pid}}/instances/{iid}");
    let topic = json!({ "name": "orders" });
    assert_eq!(service.post(&format!("{url}/topics"), &topic).refusal(), refused("DMS.00400026"));
    assert_eq!(service.put(&url, &json!({ "description": "x" })).refusal(), refused("DMS.00400026"));
    assert_eq!(service.delete(&url).refusal(), refused("DMS.00400099"));
    service.running.store().dms().advance(Duration::from_secs(400));
    let eips: Vec<String> = (0..3).map(|n| format!("eip-demo-{n}")).collect();
    let bind = json!({ "enable_publicip": true, "publicip_id": eips.join(",") });
    assert_eq!(service.put(&url, &bind).status, 204);
    assert_eq!(service.post(&format!("{url}/topics"), &topic).refusal(), refused("DMS.00400017"));
    service.running.store().dms().advance(Duration::from_mins(1));
    assert_eq!(service.post(&format!("{url}/topics"), &topic).status, 200);
}

#[test]
fn repeating_a_refused_change_succeeds_one_day() {
    let service = Service::start();
    let iid = service.create("waiting");
    let url = format!("/v2/{{pid}}/instances/{iid}/topics");
    let statuses: Vec<u16> =
        (0..3).map(|_| service.post(&url, &json!({ "name": "orders" })).status).collect();
    assert_eq!(statuses, [400, 400, 200]);
}

#[test]
fn deleting_ends_in_404_and_takes_the_children_along() {
    let service = Service::start();
    let iid = service.running.store().dms().seed_instance(&InstanceSeed::new("doomed").topic("orders", 1));
    let url = format!("/v2/{{pid}}/instances/{iid}");
    let answer = service.delete(&url);
    assert_eq!((answer.status, answer.body.len()), (204, 0));
    assert_eq!(service.status(&iid), "DELETING");
    assert_eq!(service.get(&url).refusal(), (404, "DMS.00404022".to_owned()));
    assert_eq!(service.delete(&url).status, 404);
    assert_eq!(service.running.store().dms().count(), 0);
}

#[test]
fn failed_creations_can_only_be_deleted() {
    let service = Service::instant();
    let rule = FaultRule::new(Fault::FailJob).on("POST", "/instances");
    service.running.store().add_fault(System::Dms, rule.times(1));
    let iid = service.create("failing");
    assert_eq!(service.status(&iid), "CREATEFAILED");
    let topics = format!("/v2/{{pid}}/instances/{iid}/topics");
    assert_eq!(service.post(&topics, &json!({ "name": "orders" })).refusal(), refused("DMS.00400026"));
    let list = |query: &str| service.get(&format!("/v2/{{pid}}/instances?{query}")).json();
    assert_eq!(list("engine=reliability")["instance_num"], 0);
    assert_eq!(list("include_failure=true")["instance_num"], 1);
    let every = json!({ "action": "delete", "all_failure": "reliability" });
    assert_eq!(service.post("/v2/{pid}/instances/action", &every).status, 204);
    let gone = service.get(&format!("/v2/{{pid}}/instances/{iid}"));
    assert_eq!(gone.refusal(), (404, "DMS.00404022".to_owned()));
}

#[test]
fn batches_answer_for_each_instance() {
    let service = Service::instant();
    let store = service.running.store().dms();
    let one = store.seed_instance(&InstanceSeed::new("one"));
    let two = store.seed_instance(&InstanceSeed::new("two"));
    store.set_status(&two, Status::Restarting);
    let body = json!({ "action": "delete", "instances": [one, two] });
    let results = service.post("/v2/{pid}/instances/action", &body).json();
    assert_eq!(results["results"][0], json!({ "result": "success", "instance": one }));
    assert_eq!(results["results"][1], json!({ "result": "failed", "instance": two }));
    let many: Vec<String> = (0..51).map(|n| format!("{n}")).collect();
    let answer =
        service.post("/v2/{pid}/instances/action", &json!({ "action": "delete", "instances": many }));
    assert_eq!(answer.refusal(), refused("DMS.00400100"));
}

#[test]
fn extending_changes_the_specification() {
    let service = Service::start();
    let iid = service.running.store().dms().seed_instance(&InstanceSeed::new("growing").topic("orders", 4));
    let extend = format!("/v2/rocketmq/{{pid}}/instances/{iid}/extend");
    let job = service.post(&extend, &json!({ "oper_type": "horizontal", "new_broker_num": 2 })).json();
    let task = format!("/v2/{{pid}}/instances/{iid}/tasks/{}", job["job_id"].as_str().unwrap());
    let state = || service.get(&task).json()["tasks"][0]["status"].as_str().unwrap().to_owned();
    assert_eq!([state(), state()], ["EXECUTING", "SUCCESS"]);
    let seen = service.get(&format!("/v2/{{pid}}/instances/{iid}")).json();
    assert_eq!(seen["status"], "RUNNING");
    assert_eq!((seen["broker_num"].as_u64(), seen["total_storage_space"].as_u64()), (Some(2), Some(1200)));
    // New brokers get no topics.
    let topic = service.get(&format!("/v2/{{pid}}/instances/{iid}/topics/orders")).json();
    assert_eq!(topic["brokers"].as_array().unwrap().len(), 1);
    let small = json!({ "oper_type": "storage", "new_storage_space": 1399 });
    assert_eq!(service.post(&extend, &small).refusal(), refused("DMS.00400500"));
}

#[test]
fn groups_are_replaced_topics_are_patched() {
    let service = Service::start();
    let iid = service.running.store().dms().seed_instance(&InstanceSeed::new("parent").topic("orders", 8));
    let url = format!("/v2/{{pid}}/instances/{iid}");
    let group = json!({ "name": "billing", "group_desc": "words", "retry_max_time": 3 });
    assert_eq!(service.post(&format!("{url}/groups"), &group).json(), json!({ "name": "billing" }));
    let replace = json!({ "enabled": true, "broadcast": false, "retry_max_time": 5 });
    assert_eq!(service.put(&format!("{url}/groups/billing"), &replace).status, 204);
    let seen = service.get(&format!("{url}/groups/billing")).json();
    assert_eq!((seen["group_desc"].as_str(), seen["retry_max_time"].as_u64()), (Some(""), Some(5)));
    let partial = json!({ "enabled": true });
    assert_eq!(service.put(&format!("{url}/groups/billing"), &partial).status, 400);
    let patch = json!({ "write_queue_num": 4 });
    assert_eq!(service.put(&format!("{url}/topics/orders"), &patch).status, 204);
    let seen = service.get(&format!("{url}/topics/orders")).json();
    let totals = (seen["total_read_queue_num"].as_u64(), seen["total_write_queue_num"].as_u64());
    assert_eq!((totals, seen["permission"].as_str()), ((Some(8), Some(4)), Some("all")));
}

#[test]
fn an_emulator_lives_in_somebody_elses_runtime() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let options = Options { data_dir: Some(dir.path().to_path_buf()), ..Options::default() };
    for round in 1..=2 {
        let running = runtime.block_on(Emulator::start(options.clone())).unwrap();
        assert!(running.endpoints()["dms"].ends_with(&format!(":{}", running.ports()["dms"])));
        running.store().dms().seed_instance(&InstanceSeed::new(&format!("round-{round}")));
        assert_eq!(running.store().dms().instances().len(), round);
        runtime.block_on(running.shutdown());
    }
}
