//! What clients do, as the management API shows it: subscriptions, lag, connections, read positions.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::json;

use super::errors::Outcome;
use super::errors::Refusal;
use super::errors::invalid;
use super::errors::missing;
use super::errors::no_group;
use super::errors::no_topic;
use super::fields::Fields;
use super::fields::query;
use super::model::Broker;
use super::model::Client;
use super::model::Group;
use super::model::Subscription;
use super::route::Target;
use super::runtime::unread;
use super::world::World;
use super::world::parse_date;

fn group<'a>(world: &'a World, target: &Target<'_>) -> Result<(&'a Broker, &'a Group), Refusal> {
    let broker = world.broker(target.id())?;
    let group = broker.groups.get(target.name()).ok_or_else(no_group)?;
    Ok((broker, group))
}

fn is_online(group: &Group, topic: &str) -> bool {
    group.clients.iter().any(|client| client.topics.iter().any(|known| known == topic))
}

fn subscription(group: &Group, topic: &str, wanted: &Subscription) -> Value {
    json!({
        "consumerGroupId": group.name,
        "topicName": topic,
        "filterExpression": wanted.filter,
        "filterExpressionType": wanted.filter_type,
        "messageModel": group.message_model,
        "subscriptionStatus": if is_online(group, topic) { "ONLINE" } else { "OFFLINE" },
    })
}

fn with(mut view: Value, more: &[(&str, Value)]) -> Value {
    if let Some(map) = view.as_object_mut() {
        map.extend(more.iter().map(|(key, value)| ((*key).to_owned(), value.clone())));
    }
    view
}

/// `GET …/topics/{topic}/subscriptions`
pub(crate) fn topic_subscriptions(world: &mut World, target: &Target<'_>) -> Outcome {
    let broker = world.broker(target.id())?;
    let topic = target.name();
    broker.topics.get(topic).ok_or_else(no_topic)?;
    let found: Vec<Value> = broker
        .groups
        .values()
        .filter_map(|group| Some(subscription(group, topic, group.subscriptions.get(topic)?)))
        .map(|view| with(view, &[("consistency", json!("true"))]))
        .collect();
    Ok(json!(found))
}

/// `GET …/consumerGroups/{group}/subscriptions`
pub(crate) fn group_subscriptions(world: &mut World, target: &Target<'_>) -> Outcome {
    let (broker, group) = group(world, target)?;
    let asked = target.call.query("topicName").filter(|text| !text.is_empty());
    let found: Vec<Value> = group
        .subscriptions
        .iter()
        .filter(|(topic, _)| asked.is_none_or(|asked| asked == topic.as_str()))
        .map(|(topic, wanted)| {
            let created = broker.topics.contains_key(topic);
            with(
                subscription(group, topic, wanted),
                &[("consistency", json!(true)), ("topicCreated", json!(created))],
            )
        })
        .collect();
    Ok(json!(found))
}

/// `GET …/consumerGroups/{group}/subscriptions/{topic}`
pub(crate) fn group_subscription(world: &mut World, target: &Target<'_>) -> Outcome {
    let (_, group) = group(world, target)?;
    let topic = target.part();
    let wanted = group.subscriptions.get(topic).ok_or_else(no_topic)?;
    let row = |connection: Value| json!({ "subscriptionDTO": subscription(group, topic, wanted), "connectionDTO": connection });
    let readers = group.clients.iter().filter(|client| client.topics.iter().any(|known| known == topic));
    let rows: Vec<Value> = readers.map(|client| row(connection(group, client))).collect();
    // Nobody is online: what is wanted is told all the same.
    Ok(if rows.is_empty() { json!([row(Value::Null)]) } else { json!(rows) })
}

/// `DELETE …/consumerGroups/{group}/subscriptions`
pub(crate) fn delete_subscription(world: &mut World, target: &Target<'_>) -> Outcome {
    let topic = query(target.call, "topicName")?;
    let (_, known) = group(world, target)?;
    let wanted = known.subscriptions.get(topic).ok_or_else(no_topic)?;
    let asked = |name: &str| target.call.query(name).filter(|text| !text.is_empty());
    if asked("filterType").is_some_and(|kind| kind != wanted.filter_type)
        || asked("filterExpression").is_some_and(|filter| filter != wanted.filter)
    {
        return Err(no_topic());
    }
    if is_online(known, topic) {
        return Err(Refusal::bad(
            "ConsumerGroupSubscription.Online",
            "Consumers of the subscription are online.",
        ));
    }
    if let Some(group) = world.group_mut(target.id(), target.name()) {
        group.subscriptions.remove(topic);
        group.offsets.remove(topic);
        group.inflight.remove(topic);
    }
    Ok(json!(true))
}

struct Lag {
    ready: u64,
    inflight: u64,
    waits: i64,
    consumed_at: i64,
}

fn lag_in(world: &World, broker: &Broker, group: &Group, topic: &str) -> Lag {
    let oldest = unread(broker, group, topic).map(|message| message.stored_at).min();
    let all = unread(broker, group, topic).count() as u64;
    let inflight = group.inflight.get(topic).copied().unwrap_or(0);
    Lag {
        ready: all.saturating_sub(inflight),
        inflight,
        waits: oldest.map_or(0, |oldest| world.now_ms().saturating_sub(oldest) / 1000),
        consumed_at: group.consumed_at.get(topic).copied().unwrap_or(0),
    }
}

fn lag_view(lag: &Lag) -> Value {
    json!({
        "readyCount": lag.ready,
        "inflightCount": lag.inflight,
        "deliveryDuration": lag.waits,
        "lastConsumeTimestamp": lag.consumed_at,
    })
}

/// `GET …/consumerGroups/{group}/lag`
pub(crate) fn lag(world: &mut World, target: &Target<'_>) -> Outcome {
    let (broker, group) = group(world, target)?;
    let asked = target.call.query("topicName").filter(|text| !text.is_empty());
    // What a group has read once it is behind in, whether it subscribes now or not.
    let lags: BTreeMap<&String, Lag> = group
        .subscriptions
        .keys()
        .chain(group.offsets.keys())
        .filter(|topic| asked.is_none_or(|asked| asked == topic.as_str()))
        .map(|topic| (topic, lag_in(world, broker, group, topic)))
        .collect();
    let total = Lag {
        ready: lags.values().map(|lag| lag.ready).sum(),
        inflight: lags.values().map(|lag| lag.inflight).sum(),
        waits: lags.values().map(|lag| lag.waits).max().unwrap_or(0),
        consumed_at: lags.values().map(|lag| lag.consumed_at).max().unwrap_or(0),
    };
    let by_topic: BTreeMap<&String, Value> =
        lags.iter().map(|(topic, lag)| (*topic, lag_view(lag))).collect();
    Ok(json!({
        "instanceId": broker.instance.id,
        "regionId": broker.instance.region,
        "consumerGroupId": group.name,
        "topicName": asked,
        "totalLag": lag_view(&total),
        "topicLagMap": by_topic,
        "liteTopicLagMap": {},
    }))
}

/// `GET …/consumerGroups/{group}/consumeTimespan/{topic}`
pub(crate) fn timespan(world: &mut World, target: &Target<'_>) -> Outcome {
    let (broker, group) = group(world, target)?;
    let topic = target.part();
    broker.topics.get(topic).ok_or_else(no_topic)?;
    let times = || broker.messages.values().filter(|m| m.topic == topic).map(|m| m.stored_at);
    Ok(json!({
        "instanceId": broker.instance.id,
        "consumerGroupId": group.name,
        "topicName": topic,
        "minTimestamp": times().min().unwrap_or(0),
        "maxTimestamp": times().max().unwrap_or(0),
        "consumeTimestamp": consumed_until(broker, group, topic),
    }))
}

/// When the last message was stored that a group has read in a topic; 0 if it has read none.
pub(crate) fn consumed_until(broker: &Broker, group: &Group, topic: &str) -> i64 {
    let Some(read) = group.offsets.get(topic) else { return 0 };
    let of_topic = broker.messages.values().filter(|message| message.topic == topic);
    of_topic.filter(|message| message.position <= *read).map(|message| message.stored_at).max().unwrap_or(0)
}

fn connection(group: &Group, client: &Client) -> Value {
    json!({
        "clientId": client.id,
        "hostname": client.id.split('@').next_back(),
        "egressIp": "10.0.0.10",
        "language": "JAVA",
        "messageModel": group.message_model,
        "version": "5.0.7",
    })
}

/// `GET …/consumerGroups/{group}/connections`
pub(crate) fn connections(world: &mut World, target: &Target<'_>) -> Outcome {
    let (broker, group) = group(world, target)?;
    let asked = target.call.query("topicName").filter(|text| !text.is_empty());
    let found: Vec<Value> = group
        .clients
        .iter()
        .filter(|client| asked.is_none_or(|asked| client.topics.iter().any(|topic| topic == asked)))
        .map(|client| connection(group, client))
        .collect();
    Ok(json!({
        "instanceId": broker.instance.id,
        "regionId": broker.instance.region,
        "consumerGroupId": group.name,
        "connections": found,
    }))
}

/// `GET …/consumerGroups/{group}/stack`
pub(crate) fn stack(world: &mut World, target: &Target<'_>) -> Outcome {
    let (broker, group) = group(world, target)?;
    let asked = query(target.call, "clientId")?;
    if !group.clients.iter().any(|client| client.id == asked) {
        return Err(Refusal::new(404, "ConsumerConnection.NotFound", "The client is not online."));
    }
    let stacks = json!([{
        "thread": "RocketmqMessageConsumption-0-1",
        "tracks": ["java.lang.Thread.sleep(Native Method)", "com.example.Consumer.consume(Consumer.java:42)"],
    }]);
    Ok(json!({
        "instanceId": broker.instance.id,
        "regionId": broker.instance.region,
        "consumerGroupId": group.name,
        "stacks": stacks,
    }))
}

/// `PATCH …/consumerGroups/{group}/consumeOffsets/{topic}`
pub(crate) fn reset_offset(world: &mut World, target: &Target<'_>) -> Outcome {
    let (iid, topic) = (target.id(), target.part());
    let (broker, known) = group(world, target)?;
    broker.topics.get(topic).ok_or_else(no_topic)?;
    let fields = Fields::of(target.call)?;
    let kind = fields.one_of("resetType", &["LATEST_OFFSET", "SPECIFIED_TIME"])?;
    let before = match kind.as_deref() {
        Some("LATEST_OFFSET") => i64::MAX,
        Some(_) => {
            let text = fields.required("resetTime")?;
            parse_date(&text)
                .ok_or_else(|| invalid("resetTime", "it is not a time like 2024-06-01 10:00:00"))?
        }
        None => return Err(missing("resetType")),
    };
    if !known.subscriptions.contains_key(topic) {
        return Err(Refusal::new(
            404,
            "ConsumerGroupSubscription.NotFound",
            "The group does not subscribe to the topic.",
        ));
    }
    let read = broker.messages.values().filter(|m| m.topic == topic && m.stored_at < before);
    let offset = read.map(|message| message.position).max().unwrap_or(0);
    if let Some(group) = world.group_mut(iid, target.name()) {
        group.offsets.insert(topic.to_owned(), offset);
        group.inflight.remove(topic);
    }
    // The vendor answers without data.
    Ok(Value::Null)
}
