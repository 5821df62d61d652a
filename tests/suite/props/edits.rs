//! Edits that are easily got wrong, one after the other.

use queueform::plan::Action;
use queueform::plan::ReplaceOrder;

use super::bench::Bench;
use super::bench::V4;

const REPLACE: Action = Action::Replace(ReplaceOrder::DeleteFirst);

/// Applies one body of the block after the other, each time with the action that is expected.
async fn course(kind: &str, fixed: &str, steps: &[(&str, Option<Action>)]) {
    let bench = Bench::new();
    for (at, (body, expected)) in steps.iter().enumerate() {
        bench.write(&format!(
            "resource \"{kind}\" \"x\" {{\n  instance_id = \"{}\"\n{fixed}\n{body}\n}}\n",
            V4[0]
        ));
        let planned = bench.plan().await.unwrap_or_else(|error| panic!("{at}: {body}: {error}"));
        assert_eq!(planned.get(&format!("{kind}.x")), expected.as_ref(), "{at}: {body}");
        bench.apply().await.unwrap_or_else(|error| panic!("{at}: {body}: {error}"));
        bench.settled().await.unwrap_or_else(|error| panic!("{at}: {body}: {error}"));
    }
}

#[tokio::test]
async fn what_the_provider_decides_may_be_left_out_again() {
    let steps = [
        ("queue_num = 12\nbrokers = [\"broker-0\"]", Some(Action::Create)),
        ("brokers = [\"broker-0\"]", None),
        ("", None),
        ("queue_num = 12", None),
        ("queue_num = 20", Some(Action::Update)),
        ("permission = \"all\"", None),
        ("permission = \"sub\"", Some(Action::Update)),
        ("", None),
        ("brokers = [\"broker-1\", \"broker-0\"]", Some(REPLACE)),
        ("brokers = [\"broker-0\", \"broker-1\"]", None),
    ];
    course("dms_rocketmq_topic", "name = \"orders\"", &steps).await;
}

#[tokio::test]
async fn each_side_of_a_topic_is_sized_by_itself() {
    let steps = [
        ("queue_num = 16", Some(Action::Create)),
        ("queue_num = 4", Some(Action::Update)),
        ("queue_num = 4\nread_queue_num = 6", Some(Action::Update)),
        ("read_queue_num = 6\nwrite_queue_num = 4", None),
        ("read_queue_num = 5\nwrite_queue_num = 5", Some(Action::Update)),
    ];
    course("dms_rocketmq_topic", "name = \"orders\"", &steps).await;
}

#[tokio::test]
async fn texts_are_emptied_and_defaults_come_back() {
    let steps = [
        ("description = \"a text\"\nretry_max_times = 3", Some(Action::Create)),
        ("retry_max_times = 3", Some(Action::Update)),
        ("description = \"\"\nretry_max_times = 3", None),
        ("", Some(Action::Update)),
        ("retry_max_times = 16\nenabled = true", None),
        ("brokers = [\"broker-0\", \"broker-1\"]", None),
        ("brokers = [\"broker-0\"]", Some(REPLACE)),
        ("", None),
    ];
    course("dms_rocketmq_consumer_group", "name = \"billing\"", &steps).await;
}

#[tokio::test]
async fn secrets_and_grants_of_a_user() {
    let steps = [
        (
            "secret_key = \"Aa345678\"\nsecret_key_version = 1\ntopic_perms = { a = \"PUB|SUB\" }",
            Some(Action::Create),
        ),
        ("secret_key = \"Aa345678\"\nsecret_key_version = 1\ntopic_perms = { a = \"SUB|PUB\" }", None),
        ("secret_key = \"Bb345678\"\nsecret_key_version = 1\ntopic_perms = { a = \"SUB|PUB\" }", None),
        ("secret_key = \"Bb345678\"\nsecret_key_version = 1", Some(Action::Update)),
        ("secret_key = \"Cc345678\"\nsecret_key_version = 1", None),
        ("secret_key = \"Cc345678\"\nsecret_key_version = 2", Some(Action::Update)),
        (
            "secret_key = \"Cc345678\"\nsecret_key_version = 2\ndefault_topic_perm = \"SUB|PUB\"",
            Some(Action::Update),
        ),
        ("secret_key = \"Cc345678\"\nsecret_key_version = 2\ndefault_topic_perm = \"PUB|SUB\"", None),
    ];
    course("dms_rocketmq_user", "access_key = \"billing-worker\"", &steps).await;
}
