//! `ApsaraMQ` for `RocketMQ`: what each action does, and what keeps it from being done.

use queueform::emulator::System;
use queueform::emulator::rocketmq::Group;
use queueform::emulator::rocketmq::Message;
use queueform::plan::PlanOptions;
use serde_json::json;

use super::rocketmq::Course;
use super::rocketmq::MAIN;
use super::rocketmq::STANDBY;
use super::rocketmq::item;
use crate::engine;
use crate::engine::Ran;

const ROCKETMQ: System = System::ApsaramqRocketmq;

fn addr(kind: &str) -> String {
    format!("action.apsaramq_rocketmq_{kind}.x")
}

fn block(kind: &str, config: &str, allowed: u64) -> String {
    format!(
        "action \"apsaramq_rocketmq_{kind}\" \"x\" {{\n  config {{\n{config}\n  }}\n  lifecycle {{\n    allow_data_loss = {allowed}\n  }}\n}}\n"
    )
}

fn billing(course: &Course, instance: &str) -> Group {
    course.rocketmq().broker(instance).unwrap().groups["billing"].clone()
}

fn messages(course: &Course, instance: &str) -> Vec<Message> {
    course.rocketmq().broker(instance).unwrap().messages.into_values().collect()
}

#[tokio::test]
async fn a_position_is_set_as_far_as_that_is_allowed() {
    let mut course = Course::new();
    let reset = addr("reset_consume_offset");
    let config = |more: &str, allowed: u64| {
        let config =
            format!("instance_id = \"{MAIN}\"\ngroup_id = \"billing\"\ntopic_name = \"orders\"\n{more}");
        block("reset_consume_offset", &config, allowed)
    };
    let latest = "reset_type = \"LATEST_OFFSET\"";
    course.write(&config(latest, 0));
    let text = engine::refusal(&course.lab, &reset).await;
    assert!(text.contains("ConsumerGroupSubscription.NotFound"), "{text}");
    assert!(course.rocketmq().set_lag(MAIN, "billing", "orders", 12));
    let text = engine::refusal(&course.lab, &reset).await;
    assert!(text.contains("12 unread messages would be skipped"), "{text}");
    // Forward or back, and how far, is told by no operation: what waits may be skipped.
    let ahead = "reset_type = \"SPECIFIED_TIME\"\nreset_time = \"2199-01-01 00:00:00\"";
    course.write(&config(ahead, 11));
    let text = engine::refusal(&course.lab, &reset).await;
    assert!(text.contains("12 unread messages may be skipped"), "{text}");
    assert_eq!(course.writes(), [""; 0]);
    course.write(&config(latest, 12));
    let between = engine::invoke(&course.lab, &reset, false, &mut || {
        assert!(course.rocketmq().produce(MAIN, "orders", 1));
    })
    .await;
    let Ran::Refused(text) = between else { panic!("it was run") };
    assert!(text.contains("Denied") && text.contains("13 unread"), "{text}");
    assert!(course.rocketmq().set_lag(MAIN, "billing", "orders", 12));
    engine::once(&course.lab, ROCKETMQ, &reset).await;
    let end = messages(&course, MAIN).iter().map(|message| message.position).max().unwrap();
    assert_eq!(billing(&course, MAIN).offsets["orders"], end);
    assert!(course.rocketmq().produce(MAIN, "orders", 1));
    engine::again(&course.lab, ROCKETMQ, &reset).await;
    assert!(billing(&course, MAIN).offsets["orders"] > end);
    course.write(&config("reset_type = \"SPECIFIED_TIME\"\nreset_time = \"2001-01-01 00:00:00\"", 0));
    engine::once(&course.lab, ROCKETMQ, &reset).await;
    assert_eq!(billing(&course, MAIN).offsets["orders"], 0);
    course.write(&config("reset_type = \"SPECIFIED_TIME\"", 0));
    assert!(engine::refusal(&course.lab, &reset).await.contains("MissingParameter"));
}

#[tokio::test]
async fn a_subscription_that_nobody_uses_is_deleted() {
    let mut course = Course::new();
    let delete = addr("delete_subscription");
    let config = format!("instance_id = \"{MAIN}\"\ngroup_id = \"billing\"\ntopic_name = \"orders\"");
    assert!(course.rocketmq().set_lag(MAIN, "billing", "orders", 3));
    course.write(&block("delete_subscription", &config, 2));
    let text = engine::refusal(&course.lab, &delete).await;
    assert!(text.contains("3 unread messages would not be delivered"), "{text}");
    course.write(&block("delete_subscription", &config, 3));
    assert!(course.rocketmq().connect(MAIN, "billing", "c@1", &["orders"]));
    let text = engine::refusal(&course.lab, &delete).await;
    assert!(text.contains("ConsumerGroupSubscription.Online"), "{text}");
    assert!(billing(&course, MAIN).subscriptions.contains_key("orders"));
    assert_eq!(course.rocketmq().disconnect(MAIN, "billing", None), 1);
    engine::once(&course.lab, ROCKETMQ, &delete).await;
    assert!(billing(&course, MAIN).subscriptions.is_empty());
    assert!(course.rocketmq().set_lag(MAIN, "billing", "orders", 3));
    engine::again(&course.lab, ROCKETMQ, &delete).await;
    assert!(billing(&course, MAIN).subscriptions.is_empty());
}

#[tokio::test]
async fn a_message_is_sent_and_given_to_a_consumer() {
    let mut course = Course::new();
    let (send, consume) = (addr("verify_send"), addr("verify_consume"));
    let config = |topic: &str| {
        let config = format!(
            "instance_id = \"{MAIN}\"\ntopic_name = \"{topic}\"\nmessage = \"grün\"\nmessage_key = \"k\"\nmessage_tag = \"t\"\nuser_properties = {{ a = \"b c\" }}"
        );
        block("verify_send", &config, 0)
    };
    course.write(&config("orders"));
    let done = engine::once(&course.lab, ROCKETMQ, &send).await;
    let id = done["message_id"].as_str().unwrap().to_owned();
    let sent = messages(&course, MAIN);
    assert_eq!((sent.len(), &sent[0].id), (1, &id));
    assert_eq!((&*sent[0].body, &*sent[0].key, &*sent[0].tag), ("grün", "k", "t"));
    assert_eq!(sent[0].properties["a"], "b c");
    let second = engine::again(&course.lab, ROCKETMQ, &send).await;
    assert_ne!(second["message_id"], id);
    assert_eq!(messages(&course, MAIN).len(), 2);
    course.write(&config("nothing"));
    let text = engine::refusal(&course.lab, &send).await;
    assert!(text.contains("Topic"), "{text}");

    let config = format!(
        "instance_id = \"{MAIN}\"\ntopic_name = \"orders\"\nmessage_id = \"{id}\"\ngroup_id = \"billing\"\nclient_id = \"c@1\""
    );
    course.write(&block("verify_consume", &config, 0));
    course.apply_with(PlanOptions::normal()).await;
    let text = engine::refusal(&course.lab, &consume).await;
    assert!(text.contains("ConsumerConnection.NotFound"), "{text}");
    assert!(course.rocketmq().connect(MAIN, "billing", "c@1", &["orders"]));
    engine::once(&course.lab, ROCKETMQ, &consume).await;
    assert_eq!(messages(&course, MAIN)[0].verified_by, ["billing"]);
    engine::again(&course.lab, ROCKETMQ, &consume).await;
    assert_eq!(messages(&course, MAIN)[0].verified_by.len(), 2);
}

/// A course with a plan and an item that runs, and their numbers.
async fn replicating() -> (Course, u64, u64) {
    let mut course = Course::new();
    course.write(&item("", "orders"));
    course.apply_with(PlanOptions::normal()).await;
    // A plan runs with its first item: the next run records that.
    course.apply_with(PlanOptions::normal()).await;
    let plan = course.rocketmq().plans()[0].clone();
    (course, plan.id, *plan.items.keys().next().unwrap())
}

#[tokio::test]
async fn an_item_is_stopped_and_started() {
    let (mut course, plan, number) = replicating().await;
    let (start, stop) = (addr("disaster_recovery_item_start"), addr("disaster_recovery_item_stop"));
    let config = |number: u64| {
        let config = format!("plan_id = \"{plan}\"\nitem_id = \"{number}\"");
        let both = ["start", "stop"];
        both.map(|kind| block(&format!("disaster_recovery_item_{kind}"), &config, 0)).concat()
    };
    let status = |course: &Course| course.rocketmq().plans()[0].items[&number].status.clone();
    // Not declared here: what is declared would be put back.
    std::fs::remove_dir_all(course.lab.path().join(".queueform")).unwrap();
    course.write(&config(number));
    for (addr, wanted) in [(&stop, "MANUAL_STOPPED"), (&start, "RUNNING")] {
        let done = engine::once(&course.lab, ROCKETMQ, addr).await;
        assert_eq!((&done["status"], status(&course)), (&json!(wanted), wanted.to_owned()));
    }
    assert_eq!(course.writes(), ["POST stop", "POST start"]);
    // What is so already is left alone.
    engine::again(&course.lab, ROCKETMQ, &start).await;
    assert_eq!(course.writes().len(), 2);
    engine::again(&course.lab, ROCKETMQ, &stop).await;
    assert_eq!(status(&course), "MANUAL_STOPPED");
    course.write(&config(number + 1));
    for addr in [&start, &stop] {
        let text = engine::refusal(&course.lab, addr).await;
        assert!(text.contains("DisasterRecoveryItem"), "{text}");
    }
}

#[tokio::test]
async fn positions_are_carried_over() {
    let (mut course, plan, number) = replicating().await;
    let sync = addr("disaster_recovery_checkpoint_sync");
    for instance in [STANDBY, MAIN] {
        assert!(course.rocketmq().set_lag(instance, "billing", "orders", 6));
    }
    assert!(course.rocketmq().drain(MAIN, "billing", "orders"));
    let config = |more: &str| {
        let config =
            format!("plan_id = \"{plan}\"\nitem_id = \"{number}\"\ninstance_id = \"{MAIN}\"\n{more}");
        format!("{}{}", item("", "orders"), block("disaster_recovery_checkpoint_sync", &config, 0))
    };
    course.write(&config("filter = \"nobody\""));
    let text = engine::refusal(&course.lab, &sync).await;
    assert!(text.contains("there is no such checkpoint") && text.contains("disaster_recovery"), "{text}");
    let before = billing(&course, STANDBY).offsets["orders"];
    course.write(&config(""));
    let done = engine::once(&course.lab, ROCKETMQ, &sync).await;
    let found = done["checkpoints"].as_array().unwrap();
    assert_eq!((found.len(), &found[0]["group_id"]), (1, &json!("billing")));
    assert_eq!(found[0]["topic_name"], "orders");
    let id = found[0]["checkpoint_id"].as_str().unwrap().to_owned();
    assert!(billing(&course, STANDBY).offsets["orders"] > before);
    assert_eq!(course.writes().last().unwrap(), &format!("POST {id}"));
    let count = course.writes().len();
    engine::again(&course.lab, ROCKETMQ, &sync).await;
    assert_eq!(course.writes().len(), count + 1);
    course.write(&config(&format!("checkpoint_id = \"{id}\"")));
    let done = engine::once(&course.lab, ROCKETMQ, &sync).await;
    assert_eq!(done["checkpoints"][0]["checkpoint_id"], id.as_str());
    course.write(&config("checkpoint_id = \"1\""));
    let text = engine::refusal(&course.lab, &sync).await;
    assert!(text.contains("there is no such checkpoint"), "{text}");
}
