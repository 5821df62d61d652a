//! Data sources: what each says.

use std::collections::BTreeMap;

use queueform::emulator::apsarastack::InstanceSeed;
use queueform::value::to_json;
use serde_json::Value;
use serde_json::json;

use super::course::Course;
use super::course::INST;
use crate::engine::listed;

fn course() -> Course {
    let seed = InstanceSeed::new("main")
        .topic("orders")
        .topic("refunds")
        .group("GID_billing")
        .group("GID_audit")
        .grant("orders", "9007199254740993", 4)
        .messages("orders", 60)
        .lag("GID_billing", "orders", 20)
        .client("GID_billing", "c1", &["orders"])
        .dead_letters("GID_billing", 3);
    Course::seeded(seed)
}

/// The outputs of a configuration that only reads.
async fn outputs(course: &Course, configuration: &str) -> BTreeMap<String, Value> {
    course.write(configuration);
    let planned = course.lab.plan().await;
    assert!(planned.is_applicable(), "{}", listed(&planned.plan.diagnostics));
    let outputs = &planned.plan.outputs;
    outputs
        .iter()
        .map(|(name, output)| (name.to_string(), to_json(output.after.as_ref().unwrap()).unwrap()))
        .collect()
}

/// One data source with arguments, as a whole.
async fn read(course: &Course, kind: &str, arguments: &str) -> Value {
    let configuration = format!(
        "data \"apsarastack_mq_{kind}\" \"x\" {{\n{arguments}\n}}\noutput \"x\" {{\n  value = data.apsarastack_mq_{kind}.x\n}}\n"
    );
    outputs(course, &configuration).await.remove("x").unwrap()
}

async fn of(course: &Course, kind: &str, arguments: &str) -> Value {
    read(course, kind, &format!("instance_id = \"{INST}\"\n{arguments}")).await
}

const TOPIC: &str = "topic = \"orders\"";
const GROUP: &str = "group_id = \"GID_billing\"";

#[tokio::test]
async fn places_and_instances() {
    let course = course();
    assert_eq!(read(&course, "regions", "").await["regions"][0]["region_id"], "mq-private");
    assert_eq!(read(&course, "clusters", "").await["clusters"][1]["name"], "cluster2");
    let all = read(&course, "instances", "").await;
    assert_eq!((&all["ids"], &all["instances"][0]["namespaced"]), (&json!([INST]), &json!(true)));
    assert_eq!(read(&course, "instances", "name = \"other\"").await["ids"], json!([]));
    let one = of(&course, "instance", "").await;
    assert_eq!(
        (&one["name"], &one["max_send_tps"], &one["cluster"]),
        (&json!("main"), &json!(1000), &json!("cluster1"))
    );
    assert!(one["tcp_endpoint"].as_str().unwrap().ends_with(":9876"));
}

#[tokio::test]
async fn topics_and_groups() {
    let course = course();
    let topics = of(&course, "topics", "").await;
    assert_eq!(topics["names"], json!(["orders", "refunds"]));
    assert_eq!(topics["topics"][0]["message_type"], "normal");
    assert_eq!(of(&course, "topics", "name = \"ref\"").await["names"], json!(["refunds"]));
    assert_eq!(of(&course, "topic", "name = \"orders\"").await["owner"], "1234567890123456");
    let subscriptions = of(&course, "topic_subscriptions", TOPIC).await;
    assert_eq!(subscriptions["subscriptions"][0]["group_id"], "GID_billing");
    assert_eq!(of(&course, "groups", "").await["group_ids"], json!(["GID_audit", "GID_billing"]));
    assert_eq!(of(&course, "groups", "group_id = \"bill\"").await["group_ids"], json!(["GID_billing"]));
    let online = of(&course, "group_subscriptions", GROUP).await;
    assert_eq!((&online["online"], &online["subscriptions"][0]["topic"]), (&json!(true), &json!("orders")));
    let offline = of(&course, "group_subscriptions", "group_id = \"GID_audit\"").await;
    assert_eq!((&offline["online"], &offline["subscriptions"]), (&json!(false), &json!([])));
    let arguments = format!("{TOPIC}\ngrantee_id = \"9007199254740993\"");
    let right = of(&course, "topic_authorization", &arguments).await;
    assert_eq!((&right["authorized"], &right["permission"]), (&json!(true), &json!("subscribe")));
    let none = of(&course, "topic_authorization", &format!("{TOPIC}\ngrantee_id = \"42\"")).await;
    assert_eq!((&none["authorized"], &none["permission"]), (&json!(false), &Value::Null));
}

#[tokio::test]
async fn consumption() {
    let course = course();
    let behind = of(&course, "consumer_accumulation", GROUP).await;
    assert_eq!((&behind["unread"], &behind["topics"][0]["unread"]), (&json!(20), &json!(20)));
    let status = of(&course, "consumer_status", &format!("{GROUP}\nstacks = true")).await;
    assert_eq!((&status["online"], &status["rebalance_ok"]), (&json!(true), &json!(true)));
    assert_eq!(status["consumers"][0]["subscriptions"][0]["topic"], "orders");
    assert_eq!(status["consumers"][0]["stacks"][0]["thread"], "ConsumeMessageThread_1");
    let connections = of(&course, "consumer_connections", GROUP).await;
    assert_eq!(connections["connections"][0]["client_id"], "c1");
    let offline = of(&course, "consumer_connections", "group_id = \"GID_audit\"").await;
    assert_eq!((&offline["online"], &offline["connections"]), (&json!(false), &json!([])));
    let span = of(&course, "consumer_timespan", &format!("{GROUP}\n{TOPIC}")).await;
    assert!(span["earliest_at"].as_str().unwrap() <= span["latest_at"].as_str().unwrap());
}

#[tokio::test]
async fn messages_and_trends() {
    let course = course();
    let now = course.store().now_ms();
    let message = course.store().messages(INST, "orders").remove(0);
    let one = format!("{TOPIC}\nmessage_id = \"{}\"", message.id);
    assert_eq!(of(&course, "message", &one).await["body"], "seeded");
    assert_eq!(of(&course, "message_trace", &one).await["groups"][0]["state"], "CONSUMED");
    let none = of(&course, "messages_by_key", &format!("{TOPIC}\nkey = \"k\"")).await;
    assert_eq!(none["messages"], json!([]));
    let span = format!("begin_time = \"{}\"\nend_time = \"{}\"", now - 600_000, now + 600_000);
    let all = of(&course, "messages", &format!("{TOPIC}\n{span}")).await;
    assert_eq!((&all["page_count"], all["messages"].as_object().unwrap().len()), (&json!(2), 60));
    assert_eq!(all["messages"]["01-01"]["message_id"], *message.id);
    let some = of(&course, "messages", &format!("{TOPIC}\n{span}\nmax_pages = 1")).await;
    assert_eq!(some["messages"].as_object().unwrap().len(), 50);
    let dead = of(&course, "dead_letter_messages", &format!("{GROUP}\n{span}")).await;
    let id = dead["messages"]["01-03"]["message_id"].as_str().unwrap().to_owned();
    let one = of(&course, "dead_letter_message", &format!("{GROUP}\nmessage_id = \"{id}\"")).await;
    assert_eq!(one["body"], "seeded");
    let empty = of(&course, "dead_letter_messages", &format!("group_id = \"GID_audit\"\n{span}")).await;
    assert_eq!(empty["messages"], json!({}));
    let sum = |curve: &Value| -> f64 {
        curve["points"].as_array().unwrap().iter().map(|point| point["value"].as_f64().unwrap()).sum()
    };
    let curve = of(&course, "topic_input_trend", &format!("{TOPIC}\n{span}")).await;
    assert!((sum(&curve) - 60.0).abs() < 0.01);
    let curve = of(&course, "group_output_trend", &format!("{GROUP}\n{TOPIC}\n{span}\nperiod = 10")).await;
    assert!((sum(&curve) - 40.0).abs() < 0.01);
}
