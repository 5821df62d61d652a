//! Messages, consumers, lag and dead letters: what guards look at.

use queueform::emulator::dms::InstanceSeed;
use serde_json::json;

use super::client::Service;

fn seeded() -> (Service, String) {
    let service = Service::start();
    let seed = InstanceSeed::new("busy")
        .topic("orders", 4)
        .topic("idle", 2)
        .group("billing")
        .group("audit")
        .messages("orders", 30)
        .lag("billing", "orders", 18_204)
        .client("billing", "billing-1", &["orders"])
        .dead_letters("billing", 37);
    let iid = service.running.store().dms().seed_instance(&seed);
    (service, iid)
}

#[test]
fn lag_by_group_topic_and_queue() {
    let (service, iid) = seeded();
    let url = format!("/v2/{{pid}}/instances/{iid}");
    assert_eq!(service.get(&format!("{url}/topics/orders/groups")).json()["groups"], json!(["billing"]));
    assert_eq!(service.get(&format!("{url}/topics/idle/groups")).json()["groups"], json!([]));
    let lag = || service.get(&format!("{url}/groups/billing/topics?topic=orders")).json();
    let seen = lag();
    assert_eq!(seen["lag"], 18_204);
    let queues = seen["brokers"][0]["queues"].as_array().unwrap().clone();
    assert_eq!(queues.len(), 4);
    let sum: u64 = queues.iter().map(|queue| queue["lag"].as_u64().unwrap()).sum();
    assert_eq!(sum, 18_204);
    assert!(queues[0]["last_message_time"].as_i64().unwrap() > 0);

    let store = service.running.store().dms();
    assert!(store.drain(&iid, "billing", "orders"));
    assert_eq!(lag()["lag"], 0);
    assert!(store.produce(&iid, "orders", 5));
    assert_eq!(lag()["lag"], 5);
    assert!(store.set_queue_lag(&iid, ("billing", "orders"), ("broker-0", 3), 7));
    assert_eq!(lag()["brokers"][0]["queues"][3]["lag"], 7);
    // Nobody has read the other topic, so nothing in it is behind.
    assert_eq!(service.get(&format!("{url}/groups/audit/topics?topic=orders")).json()["lag"], 0);
}

#[test]
fn queues_keep_their_messages_when_a_topic_shrinks() {
    let (service, iid) = seeded();
    let url = format!("/v2/{{pid}}/instances/{iid}");
    let shrink = json!({ "read_queue_num": 2, "write_queue_num": 2 });
    assert_eq!(service.put(&format!("{url}/topics/orders"), &shrink).status, 204);
    let status = service.get(&format!("{url}/topics/orders/status")).json();
    assert_eq!(status["brokers"][0]["queues"].as_array().unwrap().len(), 4);
    // New messages go to the queues that producers still write.
    let store = service.running.store().dms();
    let tail = |iid: &str| store.topics(iid)[1].brokers[0].queues[2..].to_vec();
    let before = tail(&iid);
    assert!(store.produce(&iid, "orders", 10));
    assert_eq!(tail(&iid), before);
}

#[test]
fn clients_come_and_go() {
    let (service, iid) = seeded();
    let clients = || {
        let path = format!("/v2/rocketmq/{{pid}}/instances/{iid}/groups/billing/clients?is_detail=true");
        service.get(&path).json()
    };
    let seen = clients();
    assert_eq!((seen["online"].as_bool(), seen["total"].as_u64()), (Some(true), Some(1)));
    assert_eq!(seen["clients"][0]["subscriptions"][0]["topic"], "orders");
    assert_eq!(seen["next_offset"], -1);
    let path = format!("/instances/{iid}/groups/billing/clients");
    let another = json!({ "client_id": "billing-2", "topics": ["orders", "idle"] });
    assert_eq!(service.control("POST", &path, &another).status, 204);
    assert_eq!(clients()["subscription_consistency"], false);
    assert_eq!(service.control("DELETE", &format!("{path}/billing-1"), &json!(null)).status, 204);
    assert_eq!(clients()["clients"][0]["client_id"], "billing-2");
    assert_eq!(service.control("DELETE", &path, &json!(null)).status, 204);
    assert_eq!(clients()["online"], false);
    assert_eq!(service.control("DELETE", &format!("{path}/billing-1"), &json!(null)).status, 404);
}

#[test]
fn dead_letters_can_be_counted_read_and_sent_again() {
    let (service, iid) = seeded();
    let url = format!("/v2/{{pid}}/instances/{iid}");
    let count = || service.get(&format!("{url}/topics/%25DLQ%25billing/status")).json()["max_offset"].clone();
    assert_eq!(count(), 37);
    let topic = json!({ "topic": "%DLQ%billing" });
    let letters = service.post(&format!("{url}/messages/export"), &topic).json();
    assert_eq!(letters.as_array().unwrap().len(), 37);
    assert_eq!(letters[0]["body"], "seeded");
    let again = json!({ "topic": "%DLQ%billing", "msg_id_list": [letters[0]["msg_id"]] });
    let path = format!("/v2/reliability/{{pid}}/instances/{iid}/messages/deadletter-resend");
    let results = service.post(&path, &again).json();
    assert_eq!(results["resend_results"][0]["error_code"], "DMS.00000000");
    // Topics that the service made do not show up among the others.
    assert_eq!(service.get(&format!("{url}/topics")).json()["total"], 2);
    let store = service.running.store().dms();
    assert!(store.clear_dead_letters(&iid, "billing"));
    assert_eq!(service.get(&format!("{url}/topics/%25DLQ%25billing/status")).status, 404);
    let unknown = service.post(&format!("{url}/messages/export"), &json!({ "topic": "missing" }));
    assert_eq!(unknown.refusal(), (400, "DMS.00400975".to_owned()));
}

#[test]
fn deleting_a_topic_ends_its_subscriptions() {
    let (service, iid) = seeded();
    let url = format!("/v2/{{pid}}/instances/{iid}");
    assert_eq!(service.delete(&format!("{url}/topics/orders")).status, 204);
    assert_eq!(service.get(&format!("{url}/groups/billing/topics")).json()["topics"], json!([]));
    assert_eq!(service.running.store().dms().messages(&iid, "orders"), []);
    assert_eq!(service.delete(&format!("{url}/groups/billing")).status, 204);
    assert_eq!(service.get(&format!("{url}/topics/%25DLQ%25billing/status")).status, 404);
}

#[test]
fn permissions_of_users() {
    let (service, iid) = seeded();
    let url = format!("/v2/{{pid}}/instances/{iid}");
    let make = |name: &str, perms: serde_json::Value| {
        let body = json!({
            "access_key": name, "secret_key": "Secret-0001",
            "default_topic_perm": "SUB", "topic_perms": perms,
        });
        assert_eq!(service.post(&format!("{url}/users"), &body).status, 200);
    };
    make("everywhere", json!([]));
    make("publisher", json!([{ "name": "orders", "perm": "SUB|PUB" }]));
    make("excluded", json!([{ "name": "orders", "perm": "DENY" }]));
    let policies = service.get(&format!("{url}/topics/orders/accesspolicy")).json();
    let seen: Vec<(&str, &str)> = policies["policies"]
        .as_array()
        .unwrap()
        .iter()
        .map(|policy| (policy["access_key"].as_str().unwrap(), policy["perm"].as_str().unwrap()))
        .collect();
    assert_eq!(seen, [("everywhere", "SUB"), ("publisher", "PUB|SUB")]);
    let single = service.get(&format!("{url}/users/publisher")).json();
    assert_eq!(single["secret_key"], "Secret-0001");
    service.control("PUT", "/settings", &json!({ "mask_secrets": true }));
    let single = service.get(&format!("{url}/users/publisher")).json();
    assert!(single["secret_key"].as_str().unwrap().chars().all(|c| c == '*'));
    let cleared = json!({ "topic_perms": [], "secret_key": "" });
    assert_eq!(service.put(&format!("{url}/users/publisher"), &cleared).status, 200);
    let stored = service.running.store().dms().users(&iid);
    let publisher = stored.iter().find(|user| user.access_key == "publisher").unwrap();
    assert!(publisher.topic_perms.is_empty());
    assert_eq!(publisher.secret_key, "Secret-0001");
    let answer = service.delete(&format!("{url}/users/publisher"));
    assert_eq!(answer.status, 200);
}
