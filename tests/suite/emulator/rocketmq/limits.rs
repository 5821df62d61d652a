//! What is refused and with which code, quotas, pages, and the two ways to say that something failed.

use serde_json::Value;
use serde_json::json;

use super::Form;
use super::MAIN;
use super::STANDBY;
use super::Service;
use super::Signer;
use super::order;

fn at(path: &str) -> String {
    format!("/instances/{MAIN}{path}")
}

fn refused(code: &str) -> (u16, String) {
    (400, code.to_owned())
}

#[test]
fn what_is_not_there_has_a_code_of_its_own() {
    let service = Service::seeded();
    for (call, code) in [
        ("GetInstance GET /instances/rmq-cn-nothing".to_owned(), "Instance.NotFound"),
        ("ListTopics GET /instances/rmq-cn-nothing/topics".to_owned(), "Instance.NotFound"),
        (format!("GetTopic GET {}", at("/topics/x")), "Topic.NotFound"),
        (format!("DeleteTopic DELETE {}", at("/topics/x")), "Topic.NotFound"),
        (format!("ListTopicSubscriptions GET {}", at("/topics/x/subscriptions")), "Topic.NotFound"),
        (format!("GetConsumerGroup GET {}", at("/consumerGroups/x")), "ConsumerGroup.NotFound"),
        (format!("GetConsumerGroupLag GET {}", at("/consumerGroups/x/lag")), "ConsumerGroup.NotFound"),
        (format!("GetInstanceAccount GET {}?username=x", at("/account")), "InstanceAccount.NotExisted"),
        (format!("DeleteInstanceAccount DELETE {}", at("/accounts/x")), "InstanceAccount.NotExisted"),
        (
            format!("DeleteInstanceIpWhitelist DELETE {}?ipWhitelists=10.0.0.1", at("/ip/whitelist")),
            "InstanceIpOrCidr.NotExisted",
        ),
        (format!("GetMessageDetail GET {}", at("/topics/orders/messages/0000")), "Message.NotFound"),
        ("GetDisasterRecoveryPlan GET /disaster_recovery/7".to_owned(), "DisasterRecoveryPlan.NotFound"),
        ("GetDisasterRecoveryPlan GET /disaster_recovery/x".to_owned(), "DisasterRecoveryPlan.NotFound"),
    ] {
        assert_eq!(service.refusal(&call, None), (404, code.to_owned()), "{call}");
    }
}

#[test]
fn what_is_there_already_has_a_code_of_its_own() {
    let service = Service::seeded();
    let topic = json!({ "messageType": "NORMAL" });
    let create = format!("CreateTopic POST {}", at("/topics/orders"));
    assert_eq!(service.refusal(&create, Some(&topic)), refused("Topic.Existed"));
    let group = json!({
        "deliveryOrderType": "Concurrently",
        "consumeRetryPolicy": { "retryPolicy": "DefaultRetryPolicy" },
    });
    let create = format!("CreateConsumerGroup POST {}", at("/consumerGroups/billing"));
    assert_eq!(service.refusal(&create, Some(&group)), refused("ConsumerGroup.Existed"));
    let account = json!({ "username": "app", "password": "secret" });
    let create = format!("CreateInstanceAccount POST {}", at("/accounts"));
    service.call(&create, Some(&account));
    assert_eq!(service.refusal(&create, Some(&account)), refused("InstanceAccount.Existed"));
    let rule = json!({
        "resourceType": "Topic",
        "resourceName": "orders",
        "actions": ["Pub"],
        "decision": "Allow",
        "ipWhitelists": [],
    });
    let create = format!("CreateInstanceAcl POST {}", at("/acl/account/app"));
    service.call(&create, Some(&rule));
    assert_eq!(service.refusal(&create, Some(&rule)), refused("InstanceAcl.Existed"));
}

#[test]
fn arguments_are_judged() {
    let service = Service::start();
    let create = "CreateInstance POST /instances";
    let network = |internet: Value| {
        json!({
            "vpcInfo": { "vpcId": "vpc-1", "vSwitches": [{ "vSwitchId": "vsw-1" }] },
            "internetInfo": internet,
        })
    };
    for (key, value, code) in [
        ("serviceCode", json!("ons"), "InvalidParameter"),
        ("seriesCode", json!("tiny"), "InvalidParameter"),
        ("subSeriesCode", json!("serverless"), "MissingParameter"),
        ("paymentType", json!("Subscription"), "MissingParameter"),
        ("autoRenewPeriod", json!(4), "InvalidParameter"),
        ("productInfo", json!({}), "MissingParameter"),
        ("productInfo", json!({ "msgProcessSpec": "big" }), "InvalidParameter"),
        ("productInfo", json!({ "msgProcessSpec": "rmq.s", "storageSecretKey": "k" }), "InvalidParameter"),
        ("productInfo", json!({ "msgProcessSpec": "rmq.s", "sendReceiveRatio": 2 }), "InvalidParameter"),
        ("networkInfo", network(json!({})), "MissingParameter"),
        (
            "networkInfo",
            network(json!({ "internetSpec": "enable", "flowOutType": "uninvolved" })),
            "InvalidParameter",
        ),
        (
            "networkInfo",
            network(json!({ "internetSpec": "enable", "flowOutType": "payByBandwidth" })),
            "InvalidParameter",
        ),
    ] {
        let found = service.refusal(create, Some(&order(&[(key, value.clone())])));
        assert_eq!(found, refused(code), "{key} = {value}");
    }
    assert!(service.store().instances().is_empty());
    let service = Service::seeded();
    let long = "x".repeat(61);
    for (name, body, code) in [
        ("rmq_sys_x", json!({ "messageType": "NORMAL" }), "InvalidParameter"),
        ("TBW102", json!({ "messageType": "NORMAL" }), "InvalidParameter"),
        (long.as_str(), json!({ "messageType": "NORMAL" }), "InvalidParameter"),
        ("good", json!({}), "MissingParameter"),
        ("good", json!({ "messageType": "OTHER" }), "InvalidParameter"),
        ("good", json!({ "messageType": "NORMAL", "liteTopicExpiration": 60 }), "InvalidParameter"),
        ("good", json!({ "messageType": "LITE", "liteTopicExpiration": 10 }), "InvalidParameter"),
    ] {
        let call = format!("CreateTopic POST {}", at(&format!("/topics/{name}")));
        assert_eq!(service.refusal(&call, Some(&body)), refused(code), "{name} {body}");
    }
    assert_eq!(service.store().broker(MAIN).unwrap().topics.len(), 2);
}

#[test]
fn quotas_end() {
    let service = Service::seeded();
    service.store().set(|settings| {
        settings.instance_quota = 3;
        settings.topic_quota = 3;
        settings.group_quota = 1;
    });
    let create = "CreateInstance POST /instances";
    service.call(create, Some(&order(&[])));
    assert_eq!(service.refusal(create, Some(&order(&[]))), refused("Instance.QuotaExceeded"));
    let topic = |name: &str| format!("CreateTopic POST {}", at(&format!("/topics/{name}")));
    let normal = json!({ "messageType": "NORMAL" });
    service.call(&topic("third"), Some(&normal));
    assert_eq!(service.refusal(&topic("fourth"), Some(&normal)), refused("Topic.QuotaExceeded"));
    let quotas = service.call(&format!("GetInstance GET {}", at("")), None)["instanceQuotas"].clone();
    assert_eq!((&quotas[0]["totalCount"], &quotas[0]["freeCount"]), (&json!(3), &json!(0)));
    let group = json!({
        "deliveryOrderType": "Concurrently",
        "consumeRetryPolicy": { "retryPolicy": "DefaultRetryPolicy" },
    });
    let create = format!("CreateConsumerGroup POST {}", at("/consumerGroups/second"));
    assert_eq!(service.refusal(&create, Some(&group)), refused("ConsumerGroup.QuotaExceeded"));
    // What is released makes room.
    service.call(&format!("DeleteInstance DELETE /instances/{STANDBY}"), None);
    for _ in 0..2 {
        service.call(&format!("GetInstance GET /instances/{STANDBY}"), None);
    }
    service.call("CreateInstance POST /instances", Some(&order(&[])));
}

#[test]
fn pages_are_counted_from_one() {
    let service = Service::seeded();
    service.store().set(|settings| settings.topic_quota = 100);
    let normal = json!({ "messageType": "NORMAL" });
    for n in 0..23 {
        let call = format!("CreateTopic POST {}", at(&format!("/topics/t{n:02}")));
        service.call(&call, Some(&normal));
    }
    let list = |query: &str| service.call(&format!("ListTopics GET {}?{query}", at("/topics")), None);
    let mut names = Vec::new();
    for page in 1..=4 {
        let found = list(&format!("pageNumber={page}&pageSize=10"));
        assert_eq!((&found["totalCount"], &found["pageNumber"]), (&json!(25), &json!(page)));
        let part = found["list"].as_array().unwrap();
        assert_eq!(part.len(), [10, 10, 5, 0][page - 1]);
        names.extend(part.iter().map(|topic| topic["topicName"].as_str().unwrap().to_owned()));
    }
    let mut distinct = names.clone();
    distinct.sort();
    distinct.dedup();
    assert_eq!((names.len(), distinct.len()), (25, 25));
    assert_eq!(list("pageSize=1000")["pageSize"], 100);
    assert_eq!(list("pageSize=0")["pageSize"], 1);
    assert_eq!(list("")["pageSize"], 10);
    assert_eq!(list("filter=t1")["totalCount"], 10);
    for query in ["pageNumber=0", "pageNumber=x", "pageSize=x"] {
        let call = format!("ListTopics GET {}?{query}", at("/topics"));
        assert_eq!(service.refusal(&call, None), refused("InvalidParameter"), "{query}");
    }
    assert_eq!(service.call("ListInstances GET /instances?pageSize=1", None)["pageSize"], 10);
}

#[test]
fn failures_may_come_with_status_200() {
    let service = Service::seeded();
    let get = format!("GetTopic GET {}", at("/topics/x"));
    let answer = service.try_call(&get, None).unwrap();
    assert_eq!((answer.status, answer.json()["httpStatusCode"].clone()), (404, json!(404)));
    service.store().set(|settings| {
        settings.failures_with_200 = true;
        settings.numeric_codes = true;
    });
    let answer = service.try_call(&get, None).unwrap();
    let body = answer.json();
    assert_eq!((answer.status, &body["success"]), (200, &json!(false)));
    assert_eq!((&body["code"], &body["httpStatusCode"]), (&json!("Topic.NotFound"), &json!(404)));
    let good = service.try_call(&format!("GetTopic GET {}", at("/topics/orders")), None).unwrap().json();
    assert_eq!((&good["success"], &good["code"]), (&json!(true), &json!(200)));
    // The gateway in front of it has statuses of its own.
    let wrong = Signer { secret_key: "wrong".to_owned(), ..Signer::of(Form::New) };
    assert_eq!(service.turned_away(&wrong, &get), refused("SignatureDoesNotMatch"));
    let calls = service.running.store().calls(queueform::emulator::System::ApsaramqRocketmq);
    let codes: Vec<Option<&str>> = calls.iter().map(|call| call.error_code.as_deref()).collect();
    let missing = Some("Topic.NotFound");
    assert_eq!(codes, [missing, missing, None, Some("SignatureDoesNotMatch")]);
}
