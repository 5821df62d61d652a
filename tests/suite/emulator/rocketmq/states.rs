//! Instances, topics, items and plans go from one state to the next, and refuse what they cannot do on the way.

use serde_json::Value;
use serde_json::json;

use super::MAIN;
use super::STANDBY;
use super::Service;
use super::order;
use super::plan;
use super::topics;

fn refused(code: &str) -> (u16, String) {
    (400, code.to_owned())
}

#[test]
fn an_instance_is_ordered_changed_and_released() {
    let service = Service::start();
    let id = service.call("CreateInstance POST /instances", Some(&order(&[("instanceName", json!("one"))])));
    let id = id.as_str().unwrap();
    let get = format!("GetInstance GET /instances/{id}");
    let update = format!("UpdateInstance PATCH /instances/{id}");
    let status = || service.call(&get, None)["status"].as_str().unwrap().to_owned();
    let busy = refused("AsyncTask.InOrder");
    assert_eq!(service.refusal(&update, Some(&json!({ "remark": "r" }))), busy);
    let topic = format!("CreateTopic POST /instances/{id}/topics/orders");
    let normal = json!({ "messageType": "NORMAL" });
    // Looks and refusals let it go on: it is in service by now.
    assert_eq!(status(), "RUNNING");
    service.call(&topic, Some(&normal));
    service.call(&update, Some(&json!({ "remark": "r", "productInfo": { "messageRetentionTime": 24 } })));
    assert_eq!(service.refusal(&update, Some(&json!({ "remark": "s" }))), busy);
    assert_eq!(status(), "RUNNING");
    let shown = service.call(&get, None);
    assert_eq!((&shown["remark"], &shown["instanceName"]), (&json!("r"), &json!("one")));
    assert_eq!(shown["productInfo"]["messageRetentionTime"], 24);
    service.call(&format!("DeleteInstance DELETE /instances/{id}"), None);
    assert_eq!(service.refusal(&format!("DeleteInstance DELETE /instances/{id}"), None), busy);
    assert_eq!((status(), status()), ("RELEASED".to_owned(), "RELEASED".to_owned()));
    assert_eq!(service.call("ListInstances GET /instances", None)["totalCount"], 1);
    assert!(service.store().instances().is_empty());
}

#[test]
fn released_instances_may_be_gone_for_good() {
    let service = Service::seeded();
    service.store().set(|settings| settings.tombstones = false);
    service.call(&format!("DeleteInstance DELETE /instances/{MAIN}"), None);
    let get = format!("GetInstance GET /instances/{MAIN}");
    service.call(&get, None);
    assert_eq!(service.refusal(&get, None), (404, "Instance.NotFound".to_owned()));
}

#[test]
fn instances_that_must_stay_are_not_released() {
    let service = Service::seeded();
    service.store().edit_instance(MAIN, |instance| instance.payment_type = "Subscription".to_owned());
    let delete = |id: &str| service.refusal(&format!("DeleteInstance DELETE /instances/{id}"), None);
    assert_eq!(delete(MAIN), refused("Instance.PaymentType.NotSupport"));
    service.call("CreateDisasterRecoveryPlan POST /disaster_recovery", Some(&plan("dr")));
    assert_eq!(delete(STANDBY), refused("Instance.DisasterRecoveryPlan.Existed"));
}

#[test]
fn an_order_is_made_once_for_each_token() {
    let service = Service::start();
    let call = "CreateInstance POST /instances?clientToken=token-1";
    let first = service.call(call, Some(&order(&[])));
    assert_eq!(service.call(call, Some(&order(&[]))), first);
    assert_ne!(service.call("CreateInstance POST /instances", Some(&order(&[]))), first);
    assert_eq!(service.store().instances().len(), 2);
}

#[test]
fn an_item_runs_stops_and_goes() {
    let service = Service::seeded();
    let id = service.call("CreateDisasterRecoveryPlan POST /disaster_recovery", Some(&plan("dr")));
    let at = format!("/disaster_recovery/{id}");
    let plan_status =
        || service.call(&format!("GetDisasterRecoveryPlan GET {at}"), None)["planStatus"].clone();
    assert_eq!(plan_status(), "CREATED");
    let add = format!("AddDisasterRecoveryItem POST {at}/items");
    let item = service.call(&add, Some(&topics("orders")));
    let at_item = format!("{at}/items/{item}");
    let status =
        || service.call(&format!("GetDisasterRecoveryItem GET {at_item}"), None)["itemStatus"].clone();
    let call = |name: &str, verb: &str| format!("{name}DisasterRecoveryItem POST {at_item}/{verb}");
    let wrong = refused("DisasterRecoveryItemStatus.Error");
    assert_eq!(service.refusal(&call("Stop", "stop"), None), wrong);
    assert_eq!((status(), plan_status()), (json!("RUNNING"), json!("RUNNING")));
    assert_eq!(service.refusal(&call("Start", "start"), None), wrong);
    let delete = format!("DeleteDisasterRecoveryItem DELETE {at_item}");
    assert_eq!(service.refusal(&delete, None), wrong);
    service.call(&call("Stop", "stop"), None);
    assert_eq!(service.refusal(&call("Start", "start"), None), wrong);
    assert_eq!(status(), "MANUAL_STOPPED");
    // A change leaves it as it was.
    service.call(&format!("UpdateDisasterRecoveryItem PATCH {at_item}"), Some(&topics("refunds")));
    assert_eq!((status(), status()), (json!("CHANGING"), json!("MANUAL_STOPPED")));
    service.call(&call("Start", "start"), None);
    assert_eq!((status(), status()), (json!("CHANGING"), json!("RUNNING")));
    service.store().set(|settings| settings.delete_running_items = true);
    assert_eq!(service.call(&delete, None), json!(true));
    assert_eq!(
        service.refusal(&format!("GetDisasterRecoveryItem GET {at_item}"), None),
        (404, "DisasterRecoveryItem.NotFound".to_owned())
    );
}

#[test]
fn a_plan_with_items_stays() {
    let service = Service::seeded();
    let create = "CreateDisasterRecoveryPlan POST /disaster_recovery";
    let id = service.call(create, Some(&plan("dr")));
    let at = format!("/disaster_recovery/{id}");
    service.call(&format!("AddDisasterRecoveryItem POST {at}/items"), Some(&topics("orders")));
    let delete = format!("DeleteDisasterRecoveryPlan DELETE {at}");
    assert_eq!(service.refusal(&delete, None), refused("DisasterRecoveryPlanStatus.Error"));
    service.store().set(|settings| settings.delete_plan_cascades = true);
    service.call(&delete, None);
    let shown = service.call(&format!("GetDisasterRecoveryPlan GET {at}"), None);
    assert_eq!((&shown["planStatus"], service.store().plans().len()), (&json!("DELETED"), 0));
    assert_eq!(service.refusal(&delete, None).0, 404);
    service.store().set(|settings| settings.tombstones = false);
    let id = service.call(create, Some(&plan("dr")));
    service.call(&format!("DeleteDisasterRecoveryPlan DELETE /disaster_recovery/{id}"), None);
    let get = format!("GetDisasterRecoveryPlan GET /disaster_recovery/{id}");
    assert_eq!(service.refusal(&get, None), (404, "DisasterRecoveryPlan.NotFound".to_owned()));
}

#[test]
fn plans_and_items_know_their_instances() {
    let service = Service::seeded();
    let create = "CreateDisasterRecoveryPlan POST /disaster_recovery";
    let invalid = refused("InvalidParameter");
    let mut both_active = plan("dr");
    both_active["instances"][1]["instanceRole"] = json!("ACTIVE");
    assert_eq!(service.refusal(create, Some(&both_active)), invalid);
    let mut twice = plan("dr");
    twice["instances"][1] = twice["instances"][0].clone();
    assert_eq!(service.refusal(create, Some(&twice)), invalid);
    let mut unknown = plan("dr");
    unknown["instances"][1]["instanceId"] = json!("rmq-cn-nothing");
    assert_eq!(service.refusal(create, Some(&unknown)).1, "Instance.NotFound");
    service.store().set(|settings| settings.unique_plan_names = true);
    let id = service.call(create, Some(&plan("dr")));
    assert_eq!(service.refusal(create, Some(&plan("dr"))), refused("DisasterRecoveryPlan.Existed"));
    let update = format!("UpdateDisasterRecoveryPlan PATCH /disaster_recovery/{id}");
    assert_eq!(service.refusal(&update, Some(&json!({ "planType": "ACTIVE_ACTIVE" }))), invalid);
    service.call(&update, Some(&json!({ "planDesc": "d", "syncCheckpointEnabled": true })));
    let add = format!("AddDisasterRecoveryItem POST /disaster_recovery/{id}/items");
    assert_eq!(service.refusal(&add, Some(&topics("nothing"))), (404, "Topic.NotFound".to_owned()));
    let one = json!({ "topics": [{ "instanceId": MAIN, "topicName": "orders" }] });
    assert_eq!(service.refusal(&add, Some(&one)), invalid);
    assert_eq!(service.refusal(&add, Some(&json!({}))), refused("MissingParameter"));
}

#[test]
fn read_positions_are_carried_over() {
    let service = Service::seeded();
    let store = service.store();
    assert!(store.connect(MAIN, "billing", "c@1", &["orders"]));
    assert!(store.produce(MAIN, "orders", 8) && store.drain(MAIN, "billing", "orders"));
    let mut synced = plan("dr");
    synced["syncCheckpointEnabled"] = json!(true);
    let id = service.call("CreateDisasterRecoveryPlan POST /disaster_recovery", Some(&synced));
    let at = format!("/disaster_recovery/{id}/items");
    let item = service.call(&format!("AddDisasterRecoveryItem POST {at}"), Some(&topics("orders")));
    let list = format!("ListDisasterRecoveryCheckpoints GET {at}/{item}/checkpoints");
    assert_eq!(service.refusal(&list, None), refused("MissingParameter"));
    let found = service.call(&format!("{list}?instanceId={MAIN}"), None);
    let checkpoint = &found["list"][0];
    assert_eq!(checkpoint["sourceProgress"]["consumerGroupId"], "billing");
    let sync = |id: &Value| format!("SyncDisasterRecoveryCheckpoint POST {at}/{item}/checkpoints/{id}");
    service.call(&sync(&checkpoint["checkpointId"]), None);
    let unknown = service.refusal(&sync(&json!(99)), None);
    assert_eq!(unknown, (404, "DisasterRecoveryCheckpoint.NotFound".to_owned()));
}
