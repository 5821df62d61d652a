//! Tests with the embedded schemas.

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

fn object(fields: &[(&str, Value)]) -> Value {
    Value::object(fields.iter().map(|(name, value)| (*name, value.clone())))
}

fn topic(more: &[(&str, Value)]) -> Value {
    let mut fields = vec![("instance_id", Value::string("i-1")), ("name", Value::string("orders"))];
    fields.extend(more.iter().cloned());
    object(&fields)
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
fn ids() {
    let schema = schema("dms_rocketmq_topic");
    let object = from_identity(&schema, "i-1/a/b").unwrap();
    assert_eq!(object.get("name").unwrap().as_str().map(|name| &**name), Some("a/b"));
    assert_eq!(identity(&schema, &object).as_deref(), Some("i-1/a/b"));
    assert!(object.get("permission").unwrap().is_null());
    assert!(from_identity(&schema, "i-1").is_none());
    assert!(identity(&schema, &topic(&[("name", Value::unknown(Type::String))])).is_none());
}
