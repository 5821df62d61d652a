//! Tests with the embedded schemas.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::*;
use crate::schema::Registry;
use crate::schema::ResourceKind;
use crate::schema::ResourceSchema;
use crate::value::Type;
use crate::value::Value;

fn schema(name: &str) -> Arc<ResourceSchema> {
    Registry::embedded().resource(ResourceKind::Managed, name).unwrap()
}

fn user_schema() -> Arc<ResourceSchema> {
    schema("dms_rocketmq_user")
}

fn object(fields: &[(&str, Value)]) -> Value {
    Value::object(fields.iter().map(|(name, value)| (*name, value.clone())))
}

fn provider() -> Value {
    object(&[("project_id", Value::string("p-1")), ("default_tags", object(&[]))])
}

fn topic(more: &[(&str, Value)]) -> Value {
    let mut fields = vec![("instance_id", Value::string("i-1")), ("name", Value::string("orders"))];
    fields.extend(more.iter().cloned());
    object(&fields)
}

fn names(steps: &[SettledStep]) -> Vec<(&str, Runs)> {
    steps.iter().map(|step| (&*step.name, step.runs)).collect()
}

fn settled(kind: OperationKind, config: &Value, prior: Option<&Value>) -> Vec<SettledStep> {
    let schema = schema("dms_rocketmq_topic");
    let completed = complete(&schema, config, prior, &provider());
    settle(kind, &schema, &completed.sent, prior, &provider()).unwrap()
}

fn known_topic(queues: i64) -> Value {
    let schema = schema("dms_rocketmq_topic");
    let config = topic(&[
        ("read_queue_num", Value::int(queues)),
        ("write_queue_num", Value::int(queues)),
        ("permission", Value::string("all")),
        ("queue_num", Value::int(queues)),
    ]);
    as_sent(&schema, &complete(&schema, &config, None, &provider()).value, &|_| false)
}

#[test]
fn whole_objects() {
    let schema = schema("dms_rocketmq_topic");
    let completed = complete(&schema, &topic(&[("queue_num", Value::string("3"))]), None, &provider());
    assert!(completed.findings.is_empty());
    let value = &completed.value;
    assert_eq!(value.get("id").unwrap().as_str().map(|id| &**id), Some("i-1/orders"));
    assert_eq!(value.get("queue_num").unwrap().as_number().and_then(crate::value::Number::to_u64), Some(3));
    assert!(!value.get("read_queue_num").unwrap().is_known(), "the provider decides");
    assert!(completed.sent.get("read_queue_num").unwrap().is_null(), "nothing is sent");
    // What the configuration does not know yet stays unknown in what is sent.
    let unknown = topic(&[("queue_num", Value::unknown(Type::Number))]);
    assert!(!complete(&schema, &unknown, None, &provider()).sent.get("queue_num").unwrap().is_known());
    let wrong = complete(&schema, &topic(&[("queue_num", Value::string("many"))]), None, &provider());
    assert_eq!(wrong.findings[0].path.to_string(), "queue_num");
}

#[test]
fn what_follows_a_change_is_decided_anew() {
    let schema = schema("dms_rocketmq_topic");
    let prior = known_topic(3);
    let same = complete(&schema, &topic(&[("queue_num", Value::int(3))]), Some(&prior), &provider());
    assert!(same.value.get("read_queue_num").unwrap().is_known());
    let more = complete(&schema, &topic(&[("queue_num", Value::int(8))]), Some(&prior), &provider());
    assert!(!more.value.get("read_queue_num").unwrap().is_known());
    assert!(more.sent.get("read_queue_num").unwrap().is_null());
}

#[test]
fn steps_of_a_creation() {
    let plain = settled(OperationKind::Create, &topic(&[("queue_num", Value::int(3))]), None);
    assert_eq!(names(&plain), [("create", Runs::Yes)]);
    assert_eq!(plain[0].call.as_deref(), Some("POST /v2/{project_id}/instances/i-1/topics"));
    let sides = topic(&[("read_queue_num", Value::int(4)), ("write_queue_num", Value::int(3))]);
    assert_eq!(
        names(&settled(OperationKind::Create, &sides, None)),
        [("create", Runs::Yes), ("queues", Runs::Yes)]
    );
    let later =
        topic(&[("read_queue_num", Value::unknown(Type::Number)), ("write_queue_num", Value::int(3))]);
    assert_eq!(
        names(&settled(OperationKind::Create, &later, None)),
        [("create", Runs::Yes), ("queues", Runs::Maybe)]
    );
    let unknown = object(&[("instance_id", Value::unknown(Type::String)), ("name", Value::string("orders"))]);
    let steps = settled(OperationKind::Create, &unknown, None);
    assert_eq!(steps[0].call.as_deref(), Some("POST /v2/{project_id}/instances/{instance_id}/topics"));
}

#[test]
fn steps_of_an_update() {
    let prior = known_topic(8);
    let config = |read: i64, write: i64| {
        topic(&[
            ("read_queue_num", Value::int(read)),
            ("write_queue_num", Value::int(write)),
            ("queue_num", Value::int(8)),
        ])
    };
    assert_eq!(settled(OperationKind::Update, &config(8, 8), Some(&prior)), []);
    assert_eq!(
        names(&settled(OperationKind::Update, &config(16, 16), Some(&prior))),
        [("settings", Runs::Yes)]
    );
    let fewer = settled(OperationKind::Update, &config(4, 4), Some(&prior));
    assert_eq!(names(&fewer), [("settings", Runs::Yes), ("fewer readers", Runs::Yes)]);
    // Readers alone: nothing is left for the first step.
    assert_eq!(
        names(&settled(OperationKind::Update, &config(4, 8), Some(&prior))),
        [("fewer readers", Runs::Yes)]
    );
    // More queues by the number for both sides, which the provider follows.
    let more = topic(&[("queue_num", Value::int(16))]);
    assert_eq!(names(&settled(OperationKind::Update, &more, Some(&prior))), [("settings", Runs::Yes)]);
}

#[test]
fn spellings_and_what_is_never_read_back() {
    let user = schema("dms_rocketmq_user");
    let perm = user.attribute("default_topic_perm").unwrap();
    let (a, b) = (Value::string("SUB|PUB"), Value::string("PUB|SUB"));
    assert_eq!(normalised_eq(perm, &a, &b), Some(true));
    assert_eq!(normalised_eq(perm, &a, &Value::string("PUB")), Some(false));
    assert_eq!(normalised_eq(perm, &a, &Value::unknown(Type::String)), None);
    let perms = user.attribute("topic_perms").unwrap();
    let map = |perm: &Value| Value::map(Type::String, [("orders", perm.clone())]);
    assert_eq!(normalised_eq(perms, &map(&a), &map(&b)), Some(true));

    let topic = schema("dms_rocketmq_topic");
    let queues = topic.attribute("queue_num").unwrap();
    assert_eq!(difference(queues, Some(&Value::null_of(Type::Number)), &Value::int(3)), Some(true));
    assert_eq!(difference(queues, Some(&Value::int(2)), &Value::int(3)), Some(true));
    let instance = schema("dms_rocketmq_instance");
    let status = instance.attribute("status").unwrap();
    assert_eq!(difference(status, Some(&Value::string("RUNNING")), &Value::string("ERROR")), Some(false));
}

#[test]
fn secrets_are_sent_when_their_version_changes() {
    let schema = schema("dms_rocketmq_user");
    let secret = schema.attribute("secret_key").unwrap();
    let user =
        |secret: Value, version: Value| object(&[("secret_key", secret), ("secret_key_version", version)]);
    let one = user(Value::string("s"), Value::int(1));
    let stored = user(Value::null_of(Type::String), Value::int(1));
    assert_eq!(to_be_sent(&schema, secret, &one, None), Some(true));
    assert_eq!(to_be_sent(&schema, secret, &one, Some(&stored)), Some(false));
    assert_eq!(
        to_be_sent(&schema, secret, &user(Value::string("s"), Value::int(2)), Some(&stored)),
        Some(true)
    );
    let unversioned = user(Value::string("s"), Value::null_of(Type::Number));
    assert_eq!(to_be_sent(&schema, secret, &unversioned, Some(&stored)), Some(true));
    assert_eq!(to_be_sent(&schema, secret, &user(Value::null(), Value::int(2)), Some(&stored)), Some(false));
}

#[test]
fn replacements_by_rule() {
    let schema = schema("dms_rocketmq_instance");
    let storage = schema.attribute("storage_space").unwrap();
    let of = |space: Value| object(&[("storage_space", space)]);
    let decide = |now: Value| replace_when(&schema, storage, &of(now), &of(Value::int(600))).unwrap();
    assert_eq!(decide(Value::int(300)), Some(true));
    assert_eq!(decide(Value::int(900)), Some(false));
    assert_eq!(decide(Value::unknown(Type::Number)), None);
}

#[test]
fn rules_that_need_nobody() {
    let schema = schema("dms_rocketmq_topic");
    let judge = |config: &Value| {
        let value = complete(&schema, config, None, &provider()).value;
        offline_checks(&schema, &value, &BTreeMap::new(), None, None)
    };
    assert_eq!(judge(&topic(&[("queue_num", Value::int(3))])), []);
    let found = judge(&object(&[
        ("instance_id", Value::string("i-1")),
        ("name", Value::string("a b")),
        ("queue_num", Value::int(1000)),
        ("permission", Value::string("none")),
    ]));
    let texts: Vec<(String, &str)> =
        found.iter().map(|found| (found.path.to_string(), found.summary.as_str())).collect();
    assert_eq!(texts.len(), 3, "{texts:?}");
    assert!(texts[0].1.starts_with("`name` must match"), "{texts:?}");
    assert_eq!(texts[1].1, "`queue_num` must be between 1 and 500, not 1000");
    assert_eq!(texts[2].1, "`permission` must be one of \"all\", \"pub\", \"sub\", not \"none\"");
    let nested =
        Value::tuple([object(&[("broker", Value::string("broker-0")), ("queue_num", Value::int(99))])]);
    let found = judge(&topic(&[("queues", nested)]));
    assert_eq!(found[0].path.to_string(), "queues[0].queue_num");
    let found = judge(&object(&[("instance_id", Value::string("i-1")), ("name", Value::string("TBW102"))]));
    assert_eq!(found[0].summary, "`TBW102` is reserved for RocketMQ itself");
    let user = user_schema();
    let config = object(&[
        ("instance_id", Value::string("i-1")),
        ("access_key", Value::string("someone")),
        ("secret_key", Value::string("short")),
    ]);
    let value = complete(&user, &config, None, &provider()).value;
    assert!(value.get("secret_key").unwrap().marks().is_ephemeral());
    let found = offline_checks(&user, &value, &BTreeMap::new(), None, None);
    assert!(!found.is_empty());
    assert!(found.iter().all(|found| !found.summary.contains("short")), "{found:?}");
}

#[test]
fn ids() {
    let schema = schema("dms_rocketmq_topic");
    let object = from_identity(&schema, "i-1/a/b").unwrap();
    assert_eq!(object.get("name").unwrap().as_str().map(|name| &**name), Some("a/b"));
    assert_eq!(identity(&schema, &object).as_deref(), Some("i-1/a/b"));
    assert!(object.get("permission").unwrap().is_null());
    assert!(from_identity(&schema, "i-1").is_none());
    assert!(identity(&schema, &topic(&[("name", Value::unknown(Type::String))])).is_none());
}

#[test]
fn computed_attributes_that_nothing_sets_are_null() {
    let schema = schema("queueform_data");
    let completed = complete(&schema, &object(&[]), None, &provider());
    let steps = settle(OperationKind::Create, &schema, &completed.sent, None, &object(&[])).unwrap();
    let value = settled_computed(&schema, &completed.value, &steps);
    assert!(value.get("output").unwrap().is_null());
    assert!(!value.get("id").unwrap().is_known());
}
