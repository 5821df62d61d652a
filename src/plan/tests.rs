//! What is proposed for objects, and the steps that follow, with the embedded schemas.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::schema::Registry;
use crate::schema::ResourceKind;
use crate::schema::ResourceSchema;
use crate::schema::scope::OperationKind;
use crate::schema::scope::Runs;
use crate::schema::scope::SettledStep;
use crate::schema::scope::as_sent;
use crate::schema::scope::offline_checks;
use crate::schema::scope::settle;
use crate::syntax::ast::Name;
use crate::value::ConvertError;
use crate::value::Type;
use crate::value::Value;

use super::changed_object;
use super::convert_argument;
use super::new_object;
use super::with_written;

fn schema(name: &str) -> Arc<ResourceSchema> {
    Registry::embedded().resource(ResourceKind::Managed, name).unwrap()
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

/// The arguments of a configuration, of the types of their attributes.
fn arguments(schema: &ResourceSchema, config: &Value) -> Result<BTreeMap<Name, Value>, ConvertError> {
    let given = config.fields().unwrap().iter();
    given
        .map(|(name, value)| {
            let attribute = schema.attribute(name).unwrap();
            Ok((Arc::clone(name), convert_argument(value, attribute)?))
        })
        .collect()
}

/// The object as planned, and as calls see it.
fn complete(schema: &ResourceSchema, config: &Value, prior: Option<&Value>) -> (Value, Value) {
    let arguments = arguments(schema, config).unwrap();
    let planned = match prior {
        None => new_object(schema, &arguments, &provider()),
        Some(prior) => changed_object(schema, &arguments, prior, &provider()),
    };
    let sent = as_sent(schema, &planned, &|name| arguments.get(name).is_some_and(|value| !value.is_null()));
    (planned, sent)
}

fn names(steps: &[SettledStep]) -> Vec<(&str, Runs)> {
    steps.iter().map(|step| (&*step.name, step.runs)).collect()
}

fn settled(kind: OperationKind, config: &Value, prior: Option<&Value>) -> Vec<SettledStep> {
    let schema = schema("dms_rocketmq_topic");
    let (_, sent) = complete(&schema, config, prior);
    settle(kind, &schema, &sent, prior, &provider()).unwrap()
}

fn known_topic(queues: i64) -> Value {
    let schema = schema("dms_rocketmq_topic");
    let config = topic(&[
        ("read_queue_num", Value::int(queues)),
        ("write_queue_num", Value::int(queues)),
        ("permission", Value::string("all")),
        ("queue_num", Value::int(queues)),
    ]);
    as_sent(&schema, &complete(&schema, &config, None).0, &|_| false)
}

#[test]
fn whole_objects() {
    let schema = schema("dms_rocketmq_topic");
    let (value, sent) = complete(&schema, &topic(&[("queue_num", Value::string("3"))]), None);
    assert_eq!(value.get("id").unwrap().as_str().map(|id| &**id), Some("i-1/orders"));
    assert_eq!(value.get("queue_num").unwrap().as_number().and_then(crate::value::Number::to_u64), Some(3));
    assert!(!value.get("read_queue_num").unwrap().is_known(), "the provider decides");
    assert!(sent.get("read_queue_num").unwrap().is_null(), "nothing is sent");
    // What the configuration does not know yet stays unknown in what is sent.
    let unknown = topic(&[("queue_num", Value::unknown(Type::Number))]);
    assert!(!complete(&schema, &unknown, None).1.get("queue_num").unwrap().is_known());
    assert!(arguments(&schema, &topic(&[("queue_num", Value::string("many"))])).is_err());
}

#[test]
fn what_follows_a_change_is_decided_anew() {
    let schema = schema("dms_rocketmq_topic");
    let prior = known_topic(3);
    let (same, _) = complete(&schema, &topic(&[("queue_num", Value::int(3))]), Some(&prior));
    assert!(same.get("read_queue_num").unwrap().is_known());
    let (more, sent) = complete(&schema, &topic(&[("queue_num", Value::int(8))]), Some(&prior));
    assert!(!more.get("read_queue_num").unwrap().is_known());
    assert!(sent.get("read_queue_num").unwrap().is_null());
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
fn rules_that_need_nobody() {
    let (user, schema) = (schema("dms_rocketmq_user"), schema("dms_rocketmq_topic"));
    let judge = |config: &Value| {
        let (value, _) = complete(&schema, config, None);
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
    let config = object(&[
        ("instance_id", Value::string("i-1")),
        ("access_key", Value::string("someone")),
        ("secret_key", Value::string("short")),
    ]);
    let given = arguments(&user, &config).unwrap();
    let value = with_written(&complete(&user, &config, None).0, &user, &given);
    let found = offline_checks(&user, &value, &BTreeMap::new(), None, None);
    assert!(!found.is_empty());
    assert!(found.iter().all(|found| !found.summary.contains("short")), "{found:?}");
}
