//! Messages: query, trace, send, dead letters, verifying consumption.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::json;

use super::brokers;
use super::brokers::Batch;
use super::errors::Outcome;
use super::errors::Refusal;
use super::errors::bad_parameter;
use super::errors::group_offline;
use super::errors::no_group;
use super::errors::no_topic;
use super::fields::Fields;
use super::jobs;
use super::model::Broker;
use super::model::Message;
use super::page;
use super::page::Page;
use super::route::Target;
use super::world::World;
use crate::emulator::exchange::Reply;

fn view(message: &Message, iid: &str, with_body: bool) -> Value {
    let properties: Vec<Value> =
        message.properties.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
    let mut view = json!({
        "msg_id": message.id,
        "instance_id": iid,
        "topic": message.topic,
        "store_timestamp": message.store_timestamp,
        "born_timestamp": message.born_timestamp,
        "reconsume_times": message.reconsume_times,
        "body_crc": crc32fast::hash(message.body.as_bytes()),
        "store_size": message.body.len() + 150,
        "property_list": properties,
        "born_host": "192.168.0.66:50098",
        "store_host": "192.168.7.201:10100",
        "queue_id": message.queue_id,
        "queue_offset": message.queue_offset,
    });
    if let (true, Some(map)) = (with_body, view.as_object_mut()) {
        map.insert("body".to_owned(), message.body.clone().into());
    }
    view
}

fn no_route(topic: &str) -> Refusal {
    Refusal::bad(
        "DMS.00400975",
        format!("Query topic failed. No topic route info in name server for topic: {topic}"),
    )
}

pub(crate) fn list(world: &mut World, target: &Target<'_>) -> Outcome {
    let call = target.call;
    let page = Page::read(call)?;
    let broker = world.broker(target.iid)?;
    let asks = |key: &str| call.query(key).filter(|text| !text.is_empty());
    let topic = asks("topic").ok_or_else(|| bad_parameter("topic is required."))?;
    if !broker.topics.contains_key(topic) {
        return Err(no_route(topic));
    }
    let (from, to) = (page::number(call, "start_time")?, page::number(call, "end_time")?);
    let (id, key) = (asks("msg_id"), asks("key"));
    if id.is_none() && key.is_none() && (from.is_none() || to.is_none()) {
        return Err(bad_parameter("start_time and end_time are required without msg_id."));
    }
    let in_time = |message: &Message| {
        let stored = u64::try_from(message.store_timestamp).unwrap_or(0);
        from.is_none_or(|from| stored >= from) && to.is_none_or(|to| stored <= to)
    };
    let has_key = |message: &Message| {
        key.is_none_or(|key| {
            message.properties.get("KEYS").is_some_and(|keys| keys.split_whitespace().any(|one| one == key))
                || message.properties.get("UNIQ_KEY").is_some_and(|unique| unique == key)
        })
    };
    let found: Vec<&Message> = broker
        .messages
        .values()
        .filter(|message| message.topic == topic)
        .filter(|message| id.is_none_or(|id| message.id == id))
        .filter(|message| in_time(message) && has_key(message))
        .collect();
    let total = found.len();
    let shown: Vec<Value> = page
        .cut(found)
        .into_iter()
        // Only a query for one message brings its body.
        .map(|message| view(message, target.iid, id.is_some()))
        .collect();
    Ok(Reply::ok(&json!({ "messages": shown, "total": total })))
}

pub(crate) fn send(world: &mut World, target: &Target<'_>) -> Outcome {
    let iid = target.iid;
    world.broker(iid)?;
    let fields = Fields::of(target.call)?;
    jobs::require_running(world, iid)?;
    let topic = fields.text_or_empty("topic")?;
    let body = fields.text_or_empty("body")?;
    let mut properties = BTreeMap::new();
    for entry in fields.objects("property_list")?.unwrap_or_default() {
        properties.insert(entry.text_or_empty("name")?, entry.text_or_empty("value")?);
    }
    let shown: Vec<Value> =
        properties.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
    let batch = Batch { count: 1, body: body.clone(), properties, ..Batch::default() };
    let sent = brokers::produce(world, iid, &topic, &batch).ok_or_else(no_topic)?;
    let message = sent.first().ok_or_else(no_topic)?;
    Ok(Reply::ok(&json!({
        "topic": topic,
        "body": body,
        "property_list": shown,
        "msg_id": message.id,
        "queue_id": message.queue_id,
        "queue_offset": message.queue_offset,
        "broker_name": message.broker,
    })))
}

/// The life of one message: stored once, then consumed by every group that is past it.
pub(crate) fn trace(world: &mut World, target: &Target<'_>) -> Outcome {
    let page = Page::read(target.call)?;
    let broker = world.broker(target.iid)?;
    let id = target.call.query("msg_id").unwrap_or_default();
    if id.is_empty() {
        return Err(bad_parameter("msg_id is required."));
    }
    let mut found = Vec::new();
    if let Some(message) = broker.messages.values().find(|message| message.id == id) {
        let entry = |kind: &str, group: &str| {
            json!({
                "success": true,
                "trace_type": kind,
                "timestamp": message.store_timestamp,
                "group_name": group,
                "cost_time": 1,
                "request_id": message.id,
                "consume_status": 0,
                "topic": message.topic,
                "msg_id": message.id,
                "offset_msg_id": message.id,
                "tags": message.properties.get("TAGS").cloned().unwrap_or_default(),
                "keys": message.properties.get("KEYS").cloned().unwrap_or_default(),
                "store_host": "192.168.7.201:10100",
                "client_host": "192.168.0.66",
                "retry_times": 0,
                "body_length": message.body.len(),
                "msg_type": "Normal_Msg",
                "transaction_state": null,
                "transaction_id": null,
                "from_transaction_check": false,
            })
        };
        found.push(entry("Pub", "CLIENT_INNER_PRODUCER"));
        for group in broker.groups.values() {
            let offset = group
                .offsets
                .get(&message.topic)
                .and_then(|of| of.get(&message.broker))
                .and_then(|of| of.get(&message.queue_id));
            if offset.is_some_and(|offset| *offset > message.queue_offset) {
                found.push(entry("SubBefore", &group.name));
                found.push(entry("SubAfter", &group.name));
            }
        }
    }
    let total = found.len();
    Ok(Reply::ok(&json!({
        "total": total,
        "next_offset": page.next(total),
        "previous_offset": page.previous(),
        "trace": page.cut(found),
    })))
}

/// Dead letters with their bodies, as a bare array.
pub(crate) fn export(world: &mut World, target: &Target<'_>) -> Outcome {
    let broker = world.broker(target.iid)?;
    let fields = Fields::of(target.call)?;
    let topic = fields.text_or_empty("topic")?;
    if !broker.topics.contains_key(&topic) {
        return Err(no_route(&topic));
    }
    let ids = fields.texts("msg_id_list")?.unwrap_or_default();
    let keys = fields.texts("uniq_key_list")?.unwrap_or_default();
    let all = ids.is_empty() && keys.is_empty();
    let found: Vec<Value> = broker
        .messages
        .values()
        .filter(|message| message.topic == topic)
        .filter(|message| {
            let unique = message.properties.get("UNIQ_KEY");
            all || ids.contains(&message.id) || unique.is_some_and(|key| keys.contains(key))
        })
        .map(|message| view(message, target.iid, true))
        .collect();
    Ok(Reply::ok(&Value::Array(found)))
}

fn result(id: &str, failure: Option<&str>) -> Value {
    match failure {
        None => json!({ "msg_id": id, "error_code": "DMS.00000000", "error_message": "Success." }),
        Some(text) => json!({ "msg_id": id, "error_code": "DMS.00400800", "error_message": text }),
    }
}

/// Sends dead letters to their group again. The answer is 200 even when every message failed.
pub(crate) fn resend_dead(world: &mut World, target: &Target<'_>) -> Outcome {
    let iid = target.iid;
    world.broker(iid)?;
    let fields = Fields::of(target.call)?;
    jobs::require_running(world, iid)?;
    let topic = fields.text_or_empty("topic")?;
    let group = topic
        .strip_prefix("%DLQ%")
        .ok_or_else(|| bad_parameter("topic must be a dead letter topic."))?
        .to_owned();
    if !world.broker(iid)?.topics.contains_key(&topic) {
        return Err(no_topic());
    }
    let mut results = Vec::new();
    for id in fields.texts("msg_id_list")?.unwrap_or_default() {
        let found = stored(world.broker(iid)?, &topic, &id).cloned();
        let Some(message) = found else {
            results.push(result(&id, Some("The message does not exist.")));
            continue;
        };
        let batch =
            Batch { count: 1, body: message.body, properties: message.properties, ..Batch::default() };
        let sent = brokers::ensure_internal(world, iid, &group, "%RETRY%")
            .and_then(|()| brokers::produce(world, iid, &format!("%RETRY%{group}"), &batch));
        results.push(result(&id, sent.is_none().then_some("The consumer group does not exist.")));
    }
    Ok(Reply::ok(&json!({ "resend_results": results })))
}

fn stored<'a>(broker: &'a Broker, topic: &str, id: &str) -> Option<&'a Message> {
    broker.messages.values().find(|message| message.topic == topic && message.id == id)
}

/// Lets one online client consume messages again.
pub(crate) fn verify(world: &mut World, target: &Target<'_>) -> Outcome {
    let iid = target.iid;
    let broker = world.broker(iid)?;
    let fields = Fields::of(target.call)?;
    let group = broker.groups.get(&fields.text_or_empty("group")?).ok_or_else(no_group)?;
    let topic = fields.text_or_empty("topic")?;
    if !broker.topics.contains_key(&topic) {
        return Err(no_topic());
    }
    let client = fields.text_or_empty("client_id")?;
    if !group.clients.iter().any(|online| online.id == client) {
        return Err(group_offline());
    }
    let results: Vec<Value> = fields
        .texts("msg_id_list")?
        .unwrap_or_default()
        .iter()
        .map(|id| {
            let missing = stored(broker, &topic, id).is_none();
            result(id, missing.then_some("The message does not exist."))
        })
        .collect();
    Ok(Reply::ok(&json!({ "resend_results": results })))
}
