//! The recycle bin, diagnoses, and the names that monitoring knows.

use queueform::emulator::dms::InstanceSeed;
use serde_json::json;

use super::client::MISSING;
use super::client::Service;

fn instance() -> (Service, String) {
    let service = Service::start();
    let seed = InstanceSeed::new("kept")
        .topic("orders", 4)
        .group("billing")
        .lag("billing", "orders", 9)
        .client("billing", "billing-1", &["orders"]);
    let iid = service.running.store().dms().seed_instance(&seed);
    (service, iid)
}

/// Reads until the instance is not there any more.
fn delete(service: &Service, iid: &str) {
    let path = format!("/v2/{{pid}}/instances/{iid}");
    assert_eq!(service.delete(&path).status, 204);
    for _ in 0..20 {
        if service.get(&path).status == 404 {
            return;
        }
    }
    panic!("the instance is still there");
}

#[test]
fn deleted_instances_are_gone_unless_the_project_keeps_them() {
    let (service, iid) = instance();
    let bin = service.get("/v2/{pid}/recycle").json();
    assert_eq!((&bin["default_use_recycle"], &bin["recycle_instances"]), (&json!(false), &json!([])));
    delete(&service, &iid);
    assert_eq!(service.get("/v2/{pid}/recycle").json()["recycle_instances"], json!([]));
    let restore = json!({ "instances": [iid] });
    assert_eq!(service.post("/v2/{pid}/recycle", &restore).refusal(), (404, "DMS.00404022".to_owned()));
}

#[test]
fn kept_instances_are_restored_with_everything_in_them() {
    let (service, iid) = instance();
    let policy = json!({ "default_use_recycle": true, "retention_days": 3 });
    assert_eq!(service.put("/v2/{pid}/recycle", &policy).json()["retention_days"], 3);
    delete(&service, &iid);
    let bin = service.get("/v2/{pid}/recycle").json();
    assert_eq!(
        (&bin["recycle_instances"][0]["name"], &bin["recycle_instances"][0]["save_time"]),
        (&json!("kept"), &json!(3))
    );
    let restore = json!({ "instances": [iid, MISSING] });
    let results = service.post("/v2/{pid}/recycle", &restore).json();
    assert_eq!(results["results"][1]["error_msg"], "This DMS instance does not exist.");
    let job = results["results"][0]["job_id"].as_str().unwrap();
    let path = format!("/v2/{{pid}}/instances/{iid}");
    let done = || service.get(&format!("{path}/tasks/{job}")).json()["tasks"][0]["status"] == "SUCCESS";
    assert!((0..20).any(|_| done()), "the restoration ends");
    assert_eq!(service.get(&path).json()["status"], "RUNNING");
    assert_eq!(service.get(&format!("{path}/topics")).json()["total"], 1);
    assert_eq!(service.get("/v2/{pid}/recycle").json()["recycle_instances"], json!([]));
    let wrong = json!({ "retention_days": 8 });
    assert_eq!(service.put("/v2/{pid}/recycle", &wrong).status, 400);
    assert_eq!(service.post("/v2/{pid}/recycle", &json!({ "instances": [] })).refusal().1, "DMS.00400065");
}

#[test]
fn what_is_kept_goes_when_its_time_is_over() {
    let (service, iid) = instance();
    service.put("/v2/{pid}/recycle", &json!({ "default_use_recycle": true, "retention_days": 1 }));
    delete(&service, &iid);
    service.running.store().dms().advance(std::time::Duration::from_secs(86_401));
    assert_eq!(service.get("/v2/{pid}/recycle").json()["recycle_instances"], json!([]));
}

#[test]
fn a_diagnosis_is_made_in_the_background() {
    let (service, iid) = instance();
    let path = format!("/v2/{{pid}}/rocketmq/instances/{iid}/diagnosis");
    let asked = json!({ "group_name": "billing", "node_id_list": ["billing-1"] });
    let id = service.post(&path, &asked).json()["report_id"].as_str().unwrap().to_owned();
    let report = format!("/v2/{{pid}}/rocketmq/diagnosis/{id}");
    assert!((0..20).any(|_| service.get(&report).json()["status"] == "finished"), "the diagnosis ends");
    let seen = service.get(&report).json();
    assert_eq!((&seen["message_accumulation"], &seen["online"]), (&json!(9), &json!(true)));
    let node = &seen["diagnosis_node_report_list"][0];
    assert_eq!(node["node_id"], "billing-1");
    let stack = node["stack_id"].as_str().unwrap();
    assert_eq!(service.get(&format!("/v2/{{pid}}/rocketmq/diagnosis/stack/{stack}")).status, 200);
    let listed = service.get(&path).json();
    assert_eq!(
        (&listed["total_num"], &listed["diagnosis_report_list"][0]["group_name"]),
        (&json!(1), &json!("billing"))
    );
    let unknown = json!({ "group_name": "nobody", "node_id_list": ["x"] });
    assert_eq!(service.post(&path, &unknown).status, 404);
    let gone = json!({ "report_id_list": [id, "other"] });
    assert_eq!(service.post(&format!("{path}/batch-delete"), &gone).json()["report_id_list"], json!([id]));
    assert_eq!(service.get(&report).status, 404);
}
