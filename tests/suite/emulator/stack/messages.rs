//! Messages, dead letters and how far groups have read.

use serde_json::Value;
use serde_json::json;

use super::INST;
use super::Stack;
use super::with;

#[test]
fn consuming_can_be_seen_and_reset() {
    let stack = Stack::seeded();
    let store = stack.store();
    let group = [("instanceId", INST), ("groupId", "GID_billing")];
    let of_topic = with(&group, ("topic", "orders"));
    assert_eq!(stack.call("consumer/accumulate", &group)["onLine"], false);
    assert_eq!(stack.refusal("consumer/getConnection", &group), "BIZ_CONSUMER_NOT_ONLINE");
    assert_eq!(
        stack.refusal("consumer/resetoffset", &with(&of_topic, ("type", "0"))),
        "BIZ_CONSUMER_NOT_ONLINE"
    );
    assert!(store.connect(INST, "GID_billing", "c1", &["orders"]));
    assert!(store.produce(INST, "orders", 7));
    let seen = stack.call("consumer/accumulate", &with(&group, ("detail", "true")));
    assert_eq!((&seen["onLine"], &seen["totalDiff"]), (&json!(true), &json!(7)));
    assert_eq!(seen["DetailInTopicList"][0]["topic"], "orders");
    assert_eq!(stack.call("consumer/getConnection", &group)[0]["clientId"], "c1");
    let status =
        stack.call("consumer/status", &with(&with(&group, ("detail", "true")), ("needJstack", "true")));
    assert_eq!(status["ConsumerConnectionInfoList"][0]["SubscriptionSet"][0]["topic"], "orders");
    assert!(status["ConsumerConnectionInfoList"][0]["Jstack"][0]["thread"].is_string());
    assert_eq!(stack.call("group/subDetail", &group)["SubscriptionDataList"][0]["topic"], "orders");
    let topic = [("instanceId", INST), ("topic", "orders")];
    assert_eq!(stack.call("topic/subDetail", &topic)["SubscriptionDataList"][0]["groupId"], "GID_billing");
    let span = stack.call("consumer/timespan", &of_topic);
    assert!(span["minTimeStamp"].as_i64().unwrap() >= span["maxTimeStamp"].as_i64().unwrap());

    assert_eq!(
        stack.refusal("consumer/resetoffset", &with(&of_topic, ("type", "1"))),
        "BIZ_FIELD_CHECK_INVALID"
    );
    stack.call("consumer/resetoffset", &with(&of_topic, ("type", "0")));
    assert_eq!(stack.call("consumer/accumulate", &group)["totalDiff"], 0);
    let back = with(&with(&of_topic, ("type", "1")), ("resetTime", "1"));
    stack.call("consumer/resetoffset", &back);
    assert_eq!(stack.call("consumer/accumulate", &group)["totalDiff"], 7);
    // Deleting the topic ends the subscription.
    stack.call("topic/delete", &topic);
    assert_eq!(stack.call("consumer/accumulate", &group)["totalDiff"], 0);
    assert_eq!(stack.call("group/subDetail", &group)["SubscriptionDataList"], json!([]));
}

#[test]
fn messages_are_found_by_id_key_and_time() {
    let stack = Stack::seeded();
    let produce = json!({ "count": 30, "body": "hello", "properties": { "KEYS": "a b", "TAGS": "t" } });
    let ids = stack.control("POST", &format!("/instances/{INST}/topics/orders/messages"), &produce).json();
    let id = ids["msg_ids"][0].as_str().unwrap().to_owned();
    let topic = [("instanceId", INST), ("topic", "orders")];
    let one = with(&topic, ("msgId", &id));
    assert_eq!(stack.call("message/getById", &one)["body"], "hello");
    assert_eq!(stack.refusal("message/getById", &with(&topic, ("msgId", "0"))), "BIZ_NO_MESSAGE");
    assert_eq!(stack.call("message/getByKey", &with(&topic, ("key", "b"))).as_array().unwrap().len(), 30);
    assert_eq!(stack.refusal("message/getByKey", &with(&topic, ("key", "c"))), "BIZ_NO_MESSAGE");
    assert_eq!(stack.call("message/trace", &one), json!([]));
    stack.store().set_lag(INST, "GID_billing", "orders", 30);
    assert_eq!(stack.call("message/trace", &one)[0]["trackType"], "NOT_ONLINE");
    stack.store().connect(INST, "GID_billing", "c1", &["orders"]);
    assert_eq!(stack.call("message/trace", &one)[0]["trackType"], "NOT_CONSUME_YET");
    stack.store().set_lag(INST, "GID_billing", "orders", 0);
    assert_eq!(stack.call("message/trace", &one)[0]["trackType"], "CONSUMED");

    let end = (stack.store().now_ms() + 60_000).to_string();
    let first: Vec<(&str, &str)> =
        topic.into_iter().chain([("beginTime", "0"), ("endTime", &*end)]).collect();
    let page = stack.call("message/getByPagedTopic", &first);
    assert_eq!((&page["maxPageCount"], page["data"].as_array().unwrap().len()), (&json!(2), 20));
    let second = with(&first, ("currentPage", "2"));
    assert_eq!(stack.refusal("message/getByPagedTopic", &second), "BIZ_FIELD_CHECK_INVALID");
    let task = page["taskId"].as_str().unwrap();
    let page = stack.call("message/getByPagedTopic", &with(&second, ("taskId", task)));
    assert_eq!(page["data"].as_array().unwrap().len(), 10);
    for change in [("currentPage", "51"), ("pageSize", "4"), ("pageSize", "51"), ("endTime", "-1")] {
        assert_eq!(
            stack.refusal("message/getByPagedTopic", &with(&first, change)),
            "BIZ_FIELD_CHECK_INVALID"
        );
    }

    let begin = (stack.store().now_ms() - 600_000).to_string();
    let span = with(&with(&with(&first, ("beginTime", &begin)), ("period", "1")), ("type", "0"));
    let sum = |curve: &Value| -> f64 {
        curve["records"].as_array().unwrap().iter().map(|point| point["y"].as_f64().unwrap()).sum()
    };
    assert!((sum(&stack.call("trend/topicInputTps", &span)) - 30.0).abs() < 0.001);
    let read = with(&span, ("groupId", "GID_billing"));
    assert!((sum(&stack.call("trend/groupOutputTps", &read)) - 30.0).abs() < 0.001);
    assert_eq!(
        stack.refusal("trend/topicInputTps", &with(&span, ("period", "2"))),
        "BIZ_FIELD_CHECK_INVALID"
    );
}

#[test]
fn dead_letters_can_be_read_and_sent_again() {
    let stack = Stack::seeded();
    stack.store().add_dead_letters(INST, "GID_billing", 6);
    let end = (stack.store().now_ms() + 60_000).to_string();
    let group = [("InstanceId", INST), ("GroupId", "GID_billing")];
    let mut span: Vec<(&str, &str)> = group.to_vec();
    span.extend([("BeginTime", "0"), ("EndTime", &*end), ("CurrentPage", "1"), ("PageSize", "5")]);
    let page = stack.call("message/getByPagedDLQ", &span);
    assert_eq!((&page["MaxPageCount"], page["Data"].as_array().unwrap().len()), (&json!(2), 5));
    let id = page["Data"][0]["MsgId"].as_str().unwrap();
    stack.call("message/resendByIdInDLQ", &with(&group, ("MsgId", id)));
    let letters = stack.store().dead_letters(INST, "GID_billing");
    assert_eq!((letters.len(), letters[0].resent), (6, 1));
    assert_eq!(stack.refusal("message/resendByIdInDLQ", &with(&group, ("MsgId", "0"))), "BIZ_NO_MESSAGE");
    // Small letters do as well.
    let small = [("instanceId", INST), ("groupId", "GID_billing"), ("msgId", id)];
    assert_eq!(stack.call("message/getByIdInDLQ", &small)["Body"], "dead");
}
