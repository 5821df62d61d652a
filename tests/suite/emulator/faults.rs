//! Faults: each kind once, by rule from the test or by control route.

use std::time::Instant;

use queueform::emulator::Fault;
use queueform::emulator::FaultRule;
use queueform::emulator::System;
use queueform::emulator::dms::InstanceSeed;
use serde_json::json;

use super::client::Service;

fn with(fault: Fault) -> Service {
    let service = Service::instant();
    let rule = FaultRule::new(fault).on("GET", "/instances").times(1);
    service.running.store().add_fault(System::Dms, rule);
    service
}

#[test]
fn throttling_says_404() {
    let service = Service::start();
    let rule = json!({ "fault": "throttle", "every": 3 });
    assert_eq!(service.control("POST", "/faults", &rule).status, 200);
    let statuses: Vec<u16> = (0..6).map(|_| service.get("/v2/{pid}/instances").status).collect();
    assert_eq!(statuses, [200, 200, 404, 200, 200, 404]);
    service.control("DELETE", "/faults", &json!(null));
    assert_eq!(service.get("/v2/{pid}/instances").status, 200);
}

#[test]
fn errors_instead_of_answers() {
    let service = with(Fault::TooManyRequests { retry_after: Some(7) });
    let answer = service.get("/v2/{pid}/instances");
    assert_eq!((answer.status, answer.header("retry-after")), (429, Some("7")));
    let service = with(Fault::Status { status: 500, code: Some("DMS.00500006".to_owned()) });
    assert_eq!(service.get("/v2/{pid}/instances").refusal(), (500, "DMS.00500006".to_owned()));
    let service = with(Fault::Html { status: 502 });
    let answer = service.get("/v2/{pid}/instances");
    assert_eq!((answer.status, answer.header("content-type")), (502, Some("text/html")));
    assert!(answer.body.starts_with(b"<html>"));
    let service = with(Fault::ExpiredToken);
    assert_eq!(service.get("/v2/{pid}/instances").refusal(), (401, "DMS.10240102".to_owned()));
    assert_eq!(service.get("/v2/{pid}/instances").status, 200);
}

#[test]
fn answers_come_late() {
    let service = with(Fault::Latency { ms: 50 });
    let start = Instant::now();
    assert_eq!(service.get("/v2/{pid}/instances").status, 200);
    assert!(start.elapsed().as_millis() >= 50);
}

#[test]
fn connections_drop_before_and_after_the_commit() {
    for (fault, committed) in [(Fault::DropBeforeCommit, 0), (Fault::DropAfterCommit, 1)] {
        let service = Service::start();
        let store = service.running.store();
        let iid = store.dms().seed_instance(&InstanceSeed::new("parent"));
        store.add_fault(System::Dms, FaultRule::new(fault).on("POST", "/topics").times(1));
        let url = format!("/v2/{{pid}}/instances/{iid}/topics");
        let lost = service.try_call("POST", &url, Some(&json!({ "name": "orders" })));
        assert!(lost.is_err(), "{lost:?}");
        assert_eq!(store.dms().topics(&iid).len(), committed);
        let last = store.calls(System::Dms).pop().unwrap();
        assert_eq!((last.status, last.committed), (0, committed == 1));
    }
}

#[test]
fn bodies_break_off() {
    let service = with(Fault::TruncateBody);
    let broken = service.try_call("GET", "/v2/{pid}/instances", None);
    assert!(broken.is_err(), "{broken:?}");
    assert_eq!(service.get("/v2/{pid}/instances").status, 200);
}

#[test]
fn reads_are_stale_for_a_while() {
    let service = Service::start();
    let store = service.running.store();
    let iid = store.dms().seed_instance(&InstanceSeed::new("parent"));
    let url = format!("/v2/{{pid}}/instances/{iid}/topics");
    let rule = FaultRule::new(Fault::StaleReads { reads: 2 }).on("POST", "/topics").times(1);
    store.add_fault(System::Dms, rule);
    assert_eq!(service.post(&url, &json!({ "name": "orders" })).status, 200);
    let statuses: Vec<u16> = (0..3).map(|_| service.get(&format!("{url}/orders")).status).collect();
    assert_eq!(statuses, [404, 404, 200]);
}

#[test]
fn new_instances_hide_and_changed_ones_look_unchanged() {
    let service = Service::instant();
    let store = service.running.store();
    store.add_fault(
        System::Dms,
        FaultRule::new(Fault::HiddenAfterCreate { reads: 2 }).on("POST", "").times(1),
    );
    let iid = service.create("hidden");
    let url = format!("/v2/{{pid}}/instances/{iid}");
    let statuses: Vec<u16> = (0..3).map(|_| service.get(&url).status).collect();
    assert_eq!(statuses, [404, 404, 200]);
    store.add_fault(
        System::Dms,
        FaultRule::new(Fault::HiddenAfterCreate { reads: 1 }).on("POST", "").times(1),
    );
    service.create("unlisted");
    let found: Vec<u64> = (0..2)
        .map(|_| service.get("/v2/{pid}/instances?name=unlisted").json()["instance_num"].as_u64().unwrap())
        .collect();
    assert_eq!(found, [0, 1]);

    service.control("PUT", "/clock", &json!({ "mode": "polled", "polls": 3 }));
    store.add_fault(System::Dms, FaultRule::new(Fault::LateStatus { reads: 1 }).on("POST", "/extend"));
    let extend = format!("/v2/rocketmq/{{pid}}/instances/{iid}/extend");
    let storage = json!({ "oper_type": "storage", "new_storage_space": 400 });
    assert_eq!(service.post(&extend, &storage).status, 200);
    let seen: Vec<String> = (0..3).map(|_| service.status(&iid)).collect();
    assert_eq!(seen, ["RUNNING", "EXTENDING", "RUNNING"]);
}

#[test]
fn jobs_are_slow_stuck_or_fail() {
    let service = Service::instant();
    let store = service.running.store();
    store.add_fault(System::Dms, FaultRule::new(Fault::SlowJob { factor: 3 }).on("POST", "").times(1));
    let slow = service.create("slow");
    let seen: Vec<String> = (0..3).map(|_| service.status(&slow)).collect();
    assert_eq!(seen, ["CREATING", "CREATING", "RUNNING"]);
    let extend = format!("/v2/rocketmq/{{pid}}/instances/{slow}/extend");
    let storage = json!({ "oper_type": "storage", "new_storage_space": 400 });
    store.add_fault(System::Dms, FaultRule::new(Fault::FailJob).on("POST", "/extend").times(1));
    service.post(&extend, &storage);
    assert_eq!(service.status(&slow), "EXTENDEDFAILED");
    store.add_fault(System::Dms, FaultRule::new(Fault::StuckJob).on("POST", "").times(1));
    let stuck = service.create("stuck");
    assert!((0..20).all(|_| service.status(&stuck) == "CREATING"));
}

#[test]
fn the_rate_is_limited() {
    let service = Service::start();
    let limit = json!({ "requests_per_second": 2.0, "retry_after": 1 });
    assert_eq!(service.control("PUT", "/rate", &limit).status, 204);
    let statuses: Vec<u16> = (0..20).map(|_| service.get("/v2/{pid}/instances").status).collect();
    assert_eq!(statuses[..2], [200, 200]);
    assert!(statuses.contains(&429), "{statuses:?}");
    service.control("DELETE", "/rate", &json!(null));
    assert_eq!(service.get("/v2/{pid}/instances").status, 200);
}

#[test]
fn changes_of_one_instance_get_in_each_others_way() {
    let service = Service::start();
    let store = service.running.store();
    let iid = store.dms().seed_instance(&InstanceSeed::new("parent"));
    store.set_lane_width(System::Dms, 1);
    let rule = FaultRule::new(Fault::Latency { ms: 300 }).on("POST", "/topics");
    store.add_fault(System::Dms, rule);
    let url = format!("/v2/{{pid}}/instances/{iid}/topics");
    let mut statuses: Vec<u16> = std::thread::scope(|scope| {
        let calls: Vec<_> = (0..2)
            .map(|n| {
                let (service, url) = (&service, &url);
                scope.spawn(move || service.post(url, &json!({ "name": format!("topic-{n}") })).status)
            })
            .collect();
        calls.into_iter().map(|call| call.join().unwrap()).collect()
    });
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400]);
}

#[test]
fn the_call_log_tells_what_happened() {
    let service = Service::start();
    let iid = service.create("logged");
    service.status(&iid);
    service.status(&iid);
    service.post(&format!("/v2/{{pid}}/instances/{iid}/topics"), &json!({ "name": "orders" }));
    let log = service.control("GET", "/calls?method=POST", &json!(null)).json();
    assert_eq!((log["total"].as_u64(), log["calls"][1]["status"].as_u64()), (Some(2), Some(200)));
    assert_eq!(log["calls"][1]["committed"], true);
    let creates = service.control("GET", "/creates", &json!(null)).json();
    assert_eq!(creates["instance/logged"], 1);
    assert_eq!(creates[format!("topic/{iid}/orders")], 1);
    let status = service.control("GET", "/status", &json!(null)).json();
    assert_eq!((status["instances"].as_u64(), status["topics"].as_u64()), (Some(1), Some(1)));
    assert_eq!(service.control("POST", "/reset", &json!(null)).status, 204);
    assert_eq!(service.running.store().dms().count(), 0);
}

#[test]
fn answers_lose_half_of_their_body_or_say_something_else() {
    for (fault, body) in
        [(Fault::HalfBody { percent: 0 }, &b""[..]), (Fault::WrongJson { body: json!([1]) }, b"[1]")]
    {
        let service = with(fault);
        let answer = service.get("/v2/{pid}/instances");
        assert_eq!((answer.status, answer.body.as_slice()), (200, body));
    }
    let whole = Service::instant().get("/v2/{pid}/instances").body.len();
    let half = with(Fault::HalfBody { percent: 50 }).get("/v2/{pid}/instances").body.len();
    assert_eq!(half, whole / 2);
}

#[test]
fn pages_lose_half_of_their_items_and_keep_their_total() {
    let service = Service::start();
    let store = service.running.store();
    let iid =
        store.dms().seed_instance(&InstanceSeed::new("parent").topic("a", 1).topic("b", 1).topic("c", 1));
    let list = |service: &Service| -> serde_json::Value {
        serde_json::from_slice(&service.get(&format!("/v2/{{pid}}/instances/{iid}/topics")).body).unwrap()
    };
    store.add_fault(System::Dms, FaultRule::new(Fault::HalfPage).on("GET", "/topics$").times(1));
    let half = list(&service);
    assert_eq!((half["total"].as_u64(), half["topics"].as_array().map(Vec::len)), (Some(3), Some(1)));
    assert_eq!(list(&service)["topics"].as_array().map(Vec::len), Some(3));
}

#[test]
fn the_clock_of_the_service_is_another_one() {
    let service = with(Fault::ClockSkew { seconds: 7_200 });
    let refused = service.get("/v2/{pid}/instances");
    let date = refused.header("date").unwrap().to_owned();
    assert_eq!(refused.refusal(), (401, "APIGW.0301".to_owned()));
    let answer = service.get("/v2/{pid}/instances");
    assert_eq!(answer.status, 200);
    assert_ne!(answer.header("date"), Some(date.as_str()));
    // A few minutes are borne.
    assert_eq!(with(Fault::ClockSkew { seconds: -600 }).get("/v2/{pid}/instances").status, 200);
}

#[test]
fn rules_begin_after_a_change() {
    let service = Service::start();
    let store = service.running.store();
    let iid = store.dms().seed_instance(&InstanceSeed::new("parent"));
    store.add_fault(System::Dms, FaultRule::new(Fault::Throttle).on("GET", "/topics$").since("/topics$"));
    let url = format!("/v2/{{pid}}/instances/{iid}/topics");
    assert_eq!(service.get(&url).status, 200);
    service.try_call("POST", &url, Some(&json!({ "name": "orders" }))).unwrap();
    assert_eq!(service.get(&url).status, 404);
}
