//! What can be seen of consuming: topic status, groups of a topic, lag, clients, offset reset.

use serde_json::Value;
use serde_json::json;

use super::errors::Outcome;
use super::errors::Refusal;
use super::errors::group_offline;
use super::errors::no_group;
use super::errors::no_topic;
use super::errors::wrong_type;
use super::fields::Fields;
use super::jobs;
use super::model::Broker;
use super::model::Group;
use super::model::Topic;
use super::page::Page;
use super::route::Target;
use super::world::World;
use crate::emulator::exchange::Reply;

fn topic<'a>(broker: &'a Broker, name: &str) -> Result<&'a Topic, Refusal> {
    broker.topics.get(name).ok_or_else(no_topic)
}

fn group<'a>(broker: &'a Broker, name: &str) -> Result<&'a Group, Refusal> {
    broker.groups.get(name).ok_or_else(no_group)
}

pub(crate) fn topic_status(world: &mut World, target: &Target<'_>) -> Outcome {
    let topic = topic(world.broker(target.iid)?, target.name)?;
    let brokers: Vec<Value> = topic
        .brokers
        .iter()
        .map(|broker| {
            let queues: Vec<Value> = (0_u64..)
                .zip(&broker.queues)
                .map(|(id, queue)| {
                    json!({
                        "id": id,
                        "min_offset": queue.min_offset,
                        "max_offset": queue.max_offset,
                        "last_message_time": queue.last_message_time,
                    })
                })
                .collect();
            json!({ "broker_name": broker.name, "queues": queues })
        })
        .collect();
    let least: u64 = topic.brokers.iter().flat_map(|b| &b.queues).map(|q| q.min_offset).sum();
    Ok(Reply::ok(&json!({
        "max_offset": topic.max_offset(),
        "min_offset": least,
        "brokers": brokers,
    })))
}

pub(crate) fn topic_groups(world: &mut World, target: &Target<'_>) -> Outcome {
    let page = Page::read(target.call)?;
    let broker = world.broker(target.iid)?;
    topic(broker, target.name)?;
    let found: Vec<&String> = broker
        .groups
        .values()
        .filter(|group| group.offsets.contains_key(target.name))
        .map(|group| &group.name)
        .collect();
    let total = found.len();
    Ok(Reply::ok(&json!({ "groups": page.cut(found), "total": total })))
}

/// The topics of a group, or its position in one of them.
pub(crate) fn group_topics(world: &mut World, target: &Target<'_>) -> Outcome {
    let page = Page::read(target.call)?;
    let broker = world.broker(target.iid)?;
    let group = group(broker, target.name)?;
    if let Some(name) = target.call.query("topic").filter(|name| !name.is_empty()) {
        return Ok(Reply::ok(&position(group, topic(broker, name)?)));
    }
    let found: Vec<&String> = group.offsets.keys().collect();
    let total = found.len();
    // Unlike every other list, this one refuses a page behind its end.
    if page.offset > 0 && page.offset >= total {
        return Err(Refusal::bad("DMS.40050010", "Offset parameter is invalid."));
    }
    Ok(Reply::ok(&json!({ "topics": page.cut(found), "total": total })))
}

fn position(group: &Group, topic: &Topic) -> Value {
    let Some(offsets) = group.offsets.get(&topic.name) else {
        return json!({ "lag": 0, "max_offset": topic.max_offset(), "consumer_offset": 0, "brokers": [] });
    };
    let (mut lag, mut end, mut consumed) = (0, 0, 0);
    let mut brokers = Vec::new();
    let readers: Vec<&str> = group
        .clients
        .iter()
        .filter(|client| client.topics.contains(&topic.name))
        .map(|client| client.id.as_str())
        .collect();
    for broker in &topic.brokers {
        let mut queues = Vec::new();
        for (id, queue) in (0_u64..).zip(&broker.queues) {
            let offset = offsets.get(&broker.name).and_then(|of| of.get(&id)).copied().unwrap_or(0);
            let behind = queue.max_offset.saturating_sub(offset);
            lag += behind;
            end += queue.max_offset;
            consumed += offset;
            let reader = readers.iter().cycle().take(readers.len() * 64).nth(queues.len()).copied();
            queues.push(json!({
                "id": id,
                "lag": behind,
                "broker_offset": queue.max_offset,
                "consumer_offset": offset,
                "last_message_time": queue.last_message_time,
                "client_id": reader.unwrap_or_default(),
            }));
        }
        brokers.push(json!({ "broker_name": broker.name, "queues": queues }));
    }
    json!({ "lag": lag, "max_offset": end, "consumer_offset": consumed, "brokers": brokers })
}

pub(crate) fn clients(world: &mut World, target: &Target<'_>) -> Outcome {
    let page = Page::read(target.call)?;
    let group = group(world.broker(target.iid)?, target.name)?;
    let with_subscriptions = target.call.query("is_detail") == Some("true");
    let total = group.clients.len();
    let consistent =
        group.clients.windows(2).all(|pair| matches!(pair, [one, two] if one.topics == two.topics));
    let shown: Vec<Value> = page
        .cut(group.clients.iter().collect())
        .into_iter()
        .map(|client| {
            let subscriptions: Vec<Value> = client
                .topics
                .iter()
                .filter(|_| with_subscriptions)
                .map(|topic| json!({ "topic": topic, "type": "TAG", "expression": "*" }))
                .collect();
            json!({
                "language": "JAVA",
                "version": "V4_9_4",
                "client_id": client.id,
                "client_addr": client.address,
                "consume_type": "CONSUME_PASSIVELY",
                "subscriptions": subscriptions,
            })
        })
        .collect();
    Ok(Reply::ok(&json!({
        "group_name": group.name,
        "online": total > 0,
        "subscription_consistency": consistent,
        "total": total,
        "next_offset": page.next(total),
        "previous_offset": page.previous(),
        "clients": shown,
    })))
}

/// Sets the consumed offsets back (or forth) to a time: 0 = earliest, −1 = latest.
pub(crate) fn reset(world: &mut World, target: &Target<'_>) -> Outcome {
    let iid = target.iid;
    world.broker(iid)?;
    let fields = Fields::of(target.call)?;
    jobs::require_running(world, iid)?;
    let broker = world.broker(iid)?;
    let group = group(broker, target.name)?;
    let topic = topic(broker, &fields.text_or_empty("topic")?)?.clone();
    let at = timestamp(&fields)?;
    if group.clients.is_empty() && !group.offsets.contains_key(&topic.name) {
        return Err(group_offline());
    }
    let mut new = Vec::new();
    for stored in &topic.brokers {
        for (id, queue) in (0_u64..).zip(&stored.queues) {
            let offset = match at {
                0 => queue.min_offset,
                -1 => queue.max_offset,
                at => broker
                    .messages
                    .values()
                    .filter(|message| {
                        message.topic == topic.name
                            && message.broker == stored.name
                            && message.queue_id == id
                            && message.store_timestamp >= at
                    })
                    .map(|message| message.queue_offset)
                    .min()
                    .unwrap_or(queue.max_offset),
            };
            new.push((stored.name.clone(), id, offset));
        }
    }
    if let Some(group) = world.group_mut(iid, target.name) {
        let offsets = group.offsets.entry(topic.name.clone()).or_default();
        for (broker, id, offset) in &new {
            offsets.entry(broker.clone()).or_default().insert(*id, *offset);
        }
    }
    let queues: Vec<Value> = new
        .iter()
        .map(|(broker, id, offset)| {
            json!({ "broker_name": broker, "queue_id": id, "timestamp_offset": offset })
        })
        .collect();
    Ok(Reply::ok(&json!({ "queues": queues })))
}

/// The time arrives as text from some clients and as number from others.
fn timestamp(fields: &Fields) -> Result<i64, Refusal> {
    let invalid = || Refusal::bad("DMS.00400142", "Timestamp is invalid.");
    let at = match fields.get("timestamp") {
        Some(Value::String(text)) => text.parse().map_err(|_not_a_number| invalid())?,
        Some(Value::Number(number)) => number.as_i64().ok_or_else(invalid)?,
        Some(_) => return Err(wrong_type("timestamp")),
        None => return Err(invalid()),
    };
    if at < -1 { Err(invalid()) } else { Ok(at) }
}
