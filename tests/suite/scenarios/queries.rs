//! Data sources that look into an instance: queues, consumers, messages, access, tasks, diagnoses, the recycle bin.

use queueform::emulator::dms::InstanceSeed;
use serde_json::json;

use super::data::outputs;
use super::data::service;
use crate::engine::Lab;
use crate::engine::listed;

/// An instance at work: messages, readers, dead letters.
fn busy() -> (Lab, String) {
    let lab = Lab::new("");
    let seed = InstanceSeed::new("busy")
        .flavor("c6.4u8g.cluster")
        .brokers(2)
        .acl(true)
        .topic("orders", 4)
        .topic("idle", 2)
        .group("billing")
        .group("audit")
        .user("reader-1", "Secret-Reader-1")
        .user("nobody-1", "Secret-Nobody-1")
        .messages("orders", 30)
        .lag("billing", "orders", 12)
        .client("billing", "billing-1", &["orders"])
        .client("billing", "billing-2", &["orders"])
        .dead_letters("billing", 3);
    let iid = lab.dms().seed_instance(&seed);
    lab.dms().edit_user(&iid, "reader-1", |user| {
        user.topic_perms.insert("orders".to_owned(), "SUB".to_owned());
        user.group_perms.insert("billing".to_owned(), "SUB".to_owned());
        "DENY".clone_into(&mut user.default_topic_perm);
        "DENY".clone_into(&mut user.default_group_perm);
    });
    lab.dms().edit_user(&iid, "nobody-1", |user| {
        "DENY".clone_into(&mut user.default_topic_perm);
        "DENY".clone_into(&mut user.default_group_perm);
    });
    (lab, iid)
}

fn block(kind: &str, name: &str, iid: &str, more: &str) -> String {
    format!(
        "data \"dms_rocketmq_{kind}\" \"{name}\" {{\ninstance_id = \"{iid}\"\n{more}\n}}\noutput \"{kind}_{name}\" {{\nvalue = data.dms_rocketmq_{kind}.{name}\n}}\n"
    )
}

#[tokio::test]
async fn queues_readers_and_access() {
    let (lab, iid) = busy();
    let configuration = [
        block("topic_status", "orders", &iid, "topic = \"orders\""),
        block("topic_status", "idle", &iid, "topic = \"idle\""),
        block("topic_consumer_groups", "orders", &iid, "topic = \"orders\""),
        block("topic_consumer_groups", "idle", &iid, "topic = \"idle\""),
        block("topic_access_users", "orders", &iid, "topic = \"orders\""),
        block("consumer_group_access_users", "billing", &iid, "group = \"billing\""),
        block("consumer_group_topics", "list", &iid, "group = \"billing\""),
        block("consumer_group_topics", "none", &iid, "group = \"audit\""),
        block("consumer_group_topics", "one", &iid, "group = \"billing\"\ntopic = \"orders\""),
        block("consumers", "billing", &iid, "group = \"billing\""),
        block("consumers", "audit", &iid, "group = \"audit\""),
        block("nodes", "all", &iid, ""),
        block("brokers", "all", &iid, ""),
        block("user", "reader", &iid, "access_key = \"reader-1\""),
        block("metric_names", "all", &iid, ""),
        block("scheduled_tasks", "all", &iid, ""),
        block("resize_check", "now", &iid, ""),
    ];
    let found = outputs(&lab, &configuration.concat()).await;
    let status = &found["topic_status_orders"];
    assert_eq!(status["messages"].as_u64(), Some(30), "{status}");
    assert_eq!(status["brokers"][0]["broker_name"], "broker-0");
    assert!(status["brokers"][0]["queues"][0]["last_message_time"].is_string());
    assert_eq!(found["topic_status_idle"]["messages"], 0);
    assert_eq!(found["topic_consumer_groups_orders"]["names"], json!(["billing"]));
    assert_eq!(found["topic_consumer_groups_idle"]["names"], json!([]));
    assert_eq!(found["topic_access_users_orders"]["access_keys"], json!(["reader-1"]));
    assert_eq!(found["topic_access_users_orders"]["policies"][0]["perm"], "SUB");
    assert_eq!(found["consumer_group_access_users_billing"]["access_keys"], json!(["reader-1"]));
    assert_eq!(found["consumer_group_topics_list"]["topics"], json!(["orders"]));
    assert_eq!(found["consumer_group_topics_list"]["lag"], json!(null));
    assert_eq!(found["consumer_group_topics_none"]["topics"], json!([]));
    let one = &found["consumer_group_topics_one"];
    assert_eq!((&one["lag"], &one["topics"]), (&json!(12), &json!(null)));
    let lags =
        one["brokers"].as_array().unwrap().iter().flat_map(|broker| broker["queues"].as_array().unwrap());
    assert_eq!(lags.map(|queue| queue["lag"].as_u64().unwrap()).sum::<u64>(), 12);
    let consumers = &found["consumers_billing"];
    assert_eq!(
        (&consumers["online"], &consumers["client_ids"]),
        (&json!(true), &json!(["billing-1", "billing-2"]))
    );
    assert_eq!(consumers["clients"][0]["subscriptions"][0]["topic"], "orders");
    assert_eq!(found["consumers_audit"]["online"], false);
    assert_eq!(found["nodes_all"]["ids"].as_array().map(Vec::len), Some(6));
    assert_eq!(found["brokers_all"]["names"][0], "broker-0");
    assert_eq!(found["user_reader"]["topic_perms"], json!({ "orders": "SUB" }));
    assert_eq!(found["metric_names_all"]["dead_letters"], json!(["%DLQ%billing"]));
    assert_eq!(found["metric_names_all"]["groups"], json!(["audit", "billing"]));
    assert_eq!(found["scheduled_tasks_all"]["tasks"], json!([]));
    assert_eq!(found["resize_check_now"]["success"], true);
    assert!(!format!("{found:?}").contains("Secret-"), "{found:?}");
}

#[tokio::test]
async fn messages_by_time_key_and_id() {
    let (lab, iid) = busy();
    let now = lab.dms().now_ms();
    let times = format!("start_time = \"0\"\nend_time = \"{}\"", now + 1000);
    let one = lab.dms().messages(&iid, "orders")[7].clone();
    let dead = lab.dms().messages(&iid, "%DLQ%billing")[1].clone();
    let configuration = [
        block("messages", "all", &iid, &format!("topic = \"orders\"\n{times}")),
        block("messages", "key", &iid, &format!("topic = \"orders\"\nkey = \"nothing\"\n{times}")),
        block("messages", "id", &iid, &format!("topic = \"orders\"\nmsg_id = \"{}\"", one.id)),
        block("messages", "dead", &iid, &format!("topic = \"%DLQ%billing\"\n{times}")),
        block("message_traces", "id", &iid, &format!("msg_id = \"{}\"", one.id)),
        block("dead_letter_messages", "all", &iid, "group = \"billing\""),
        block(
            "dead_letter_messages",
            "one",
            &iid,
            &format!("topic = \"%DLQ%billing\"\nmsg_ids = [\"{}\"]", dead.id),
        ),
    ];
    let found = outputs(&lab, &configuration.concat()).await;
    assert_eq!(found["messages_all"]["messages"].as_array().map(Vec::len), Some(30));
    assert_eq!(found["messages_all"]["messages"][0]["body"], json!(null), "a list brings no contents");
    assert_eq!(found["messages_key"]["messages"], json!([]));
    let seen = &found["messages_id"]["messages"];
    assert_eq!((&seen[0]["msg_id"], &seen[0]["body"]), (&json!(one.id), &json!(one.body)));
    assert_eq!(seen[0]["store_timestamp"], json!(one.store_timestamp.to_string()));
    assert_eq!(found["messages_dead"]["messages"].as_array().map(Vec::len), Some(3));
    assert_eq!(found["message_traces_id"]["traces"][0]["trace_type"], "Pub");
    assert_eq!(found["dead_letter_messages_all"]["messages"].as_array().map(Vec::len), Some(3));
    assert_eq!(found["dead_letter_messages_one"]["messages"][0]["msg_id"], json!(dead.id));
    for (wrong, said) in [
        (block("messages", "x", &iid, "topic = \"orders\""), "between `start_time` and `end_time`"),
        (block("messages", "x", &iid, &format!("topic = \"nothing\"\n{times}")), "No topic route info"),
        (block("dead_letter_messages", "x", &iid, ""), "set either `group` or `topic`"),
        (block("consumer_group_topics", "x", &iid, "group = \"nobody\""), "Group does not exist"),
    ] {
        lab.write(&format!("{}{wrong}", super::script::PREAMBLE));
        let planned = lab.plan().await;
        let said_here = listed(&planned.plan.diagnostics);
        assert!(!planned.is_applicable() && said_here.contains(said), "{wrong}: {said_here}");
    }
}

#[tokio::test]
async fn flavors_tags_quotas_and_tasks() {
    let (lab, main, other) = service();
    let configuration = [
        block("instance_tags", "main", &main, ""),
        block("extend_flavors", "all", &main, ""),
        block(
            "extend_flavors",
            "cluster",
            &main,
            "type = \"cluster\"\narch_type = \"X86\"\ncharging_mode = \"postPaid\"",
        ),
        block("extend_flavors", "disk", &main, "storage_spec_code = \"floppy\""),
        block("background_tasks", "none", &other, ""),
        "data \"dms_rocketmq_quotas\" \"all\" {}\ndata \"dms_rocketmq_billing_cores\" \"all\" {}\n\
         output \"quotas\" {\nvalue = data.dms_rocketmq_quotas.all\n}\n\
         output \"cores\" {\nvalue = data.dms_rocketmq_billing_cores.all.core_num\n}\n"
            .to_owned(),
    ];
    let found = outputs(&lab, &configuration.concat()).await;
    assert_eq!(found["instance_tags_main"]["tags"], json!({ "owner": "orders" }));
    assert!(found["extend_flavors_all"]["flavors"].as_array().is_some_and(|all| all.len() > 3));
    assert!(
        found["extend_flavors_cluster"]["flavors"]
            .as_array()
            .is_some_and(|all| !all.is_empty() && all.iter().all(|one| one["type"] == "cluster"))
    );
    assert_eq!(found["extend_flavors_disk"]["flavors"], json!([]));
    assert_eq!(found["background_tasks_none"]["tasks"], json!([]));
    let quotas = &found["quotas"];
    assert_eq!(
        (&quotas["quota"], &quotas["used"], &quotas["remaining"]),
        (&json!(100), &json!(2), &json!(98))
    );
    assert_eq!(found["cores"], 12);
}
