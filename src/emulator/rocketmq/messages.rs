//! Messages and their traces.

use serde_json::Value;
use serde_json::json;

use super::errors::Outcome;
use super::errors::Refusal;
use super::errors::invalid;
use super::errors::missing;
use super::errors::no_group;
use super::errors::no_message;
use super::errors::no_topic;
use super::fields::Fields;
use super::model::Broker;
use super::model::Message;
use super::page::Page;
use super::route::Target;
use super::runtime;
use super::runtime::Batch;
use super::world::World;
use super::world::date;
use super::world::parse_date;

fn topic<'a>(world: &'a World, target: &Target<'_>) -> Result<&'a Broker, Refusal> {
    let broker = world.broker(target.id())?;
    // Dead letters of a group are in a topic of their own that no list shows.
    let is_known = broker.topics.contains_key(target.name())
        || target.name().strip_prefix("%DLQ%").is_some_and(|group| broker.groups.contains_key(group));
    if is_known { Ok(broker) } else { Err(no_topic()) }
}

fn time(target: &Target<'_>, name: &str) -> Result<Option<i64>, Refusal> {
    match target.call.query(name) {
        None | Some("") => Ok(None),
        Some(text) => {
            let at = parse_date(text).or_else(|| text.parse().ok());
            at.map(Some).ok_or_else(|| invalid(name, "it is not a time like 2024-06-01 10:00:00"))
        }
    }
}

/// The messages that the query asks for: by id, by key, or by time.
fn found<'a>(world: &'a World, target: &Target<'_>) -> Result<(&'a Broker, Vec<&'a Message>), Refusal> {
    let broker = topic(world, target)?;
    let asked = |name: &str| target.call.query(name).filter(|text| !text.is_empty());
    let (id, key) = (asked("messageId"), asked("messageKey"));
    let (from, to) = (time(target, "startTime")?, time(target, "endTime")?);
    if id.is_none() && (from.is_none() || to.is_none()) {
        return Err(missing("startTime"));
    }
    let messages = broker
        .messages
        .values()
        .filter(|message| message.topic == target.name())
        .filter(|message| id.is_none_or(|id| message.id == id))
        .filter(|message| key.is_none_or(|key| message.key == key))
        .filter(|message| from.is_none_or(|from| message.stored_at >= from))
        // Times have whole seconds, so the last second counts as a whole.
        .filter(|message| to.is_none_or(|to| message.stored_at < to.saturating_add(1000)))
        .collect();
    Ok((broker, messages))
}

fn view(broker: &Broker, message: &Message) -> Value {
    json!({
        "instanceId": broker.instance.id,
        "regionId": broker.instance.region,
        "topicName": message.topic,
        "messageId": message.id,
        "messageKeys": if message.key.is_empty() { vec![] } else { vec![&message.key] },
        "messageTag": message.tag,
        "messageGroup": message.group,
        "messageType": broker.topics.get(&message.topic).map_or("NORMAL", |topic| &topic.message_type),
        "body": message.body,
        "bodySize": message.body.len(),
        "bornHost": "10.0.0.10:50000",
        "bornTime": date(message.stored_at),
        "storeHost": "10.0.0.1:10911",
        "storeTime": date(message.stored_at),
        "userProperties": message.properties,
    })
}

/// `GET …/topics/{topic}/messages`
pub(crate) fn list(world: &mut World, target: &Target<'_>) -> Outcome {
    let page = Page::read(target.call, 1, 100)?;
    let (broker, messages) = found(world, target)?;
    Ok(page.cut(messages.into_iter().map(|message| view(broker, message)).collect()))
}

fn one<'a>(world: &'a World, target: &Target<'_>) -> Result<(&'a Broker, &'a Message), Refusal> {
    let broker = topic(world, target)?;
    let message = broker
        .messages
        .values()
        .find(|message| message.id == target.part() && message.topic == target.name())
        .ok_or_else(no_message)?;
    Ok((broker, message))
}

/// `GET …/topics/{topic}/messages/{id}`
pub(crate) fn get(world: &mut World, target: &Target<'_>) -> Outcome {
    let (broker, message) = one(world, target)?;
    let mut view = view(broker, message);
    if let Some(map) = view.as_object_mut() {
        map.insert("systemProperties".to_owned(), json!({ "UNIQ_KEY": message.id }));
        map.insert("priority".to_owned(), json!(0));
    }
    Ok(view)
}

/// `POST …/topics/{topic}/messages`
pub(crate) fn send(world: &mut World, target: &Target<'_>) -> Outcome {
    let broker = world.broker(target.id())?;
    let kind = broker.topics.get(target.name()).ok_or_else(no_topic)?.message_type.clone();
    let fields = Fields::of(target.call)?;
    let group = fields.text("messageGroup")?.unwrap_or_default();
    if (kind == "FIFO") == group.is_empty() {
        return Err(invalid("messageGroup", "it goes with FIFO topics and nothing else"));
    }
    let properties = match fields.get("userProperties") {
        None => Some(std::collections::BTreeMap::new()),
        Some(Value::String(text)) => serde_json::from_str(text).ok(),
        Some(value) => serde_json::from_value(value.clone()).ok(),
    };
    let batch = Batch {
        count: 1,
        body: fields.required("message")?,
        tag: fields.text("messageTag")?.unwrap_or_default(),
        key: fields.text("messageKey")?.unwrap_or_default(),
        group,
        properties: properties.ok_or_else(|| invalid("userProperties", "it is not a map of strings"))?,
        age_ms: 0,
    };
    let ids = runtime::produce(world, target.id(), target.name(), &batch).ok_or_else(no_topic)?;
    world.created = ids.first().map(|id| format!("instances/{}/messages/{id}", target.id()));
    Ok(json!(ids.first()))
}

/// `POST …/messages/{id}/action/verifyConsume`
pub(crate) fn verify_consume(world: &mut World, target: &Target<'_>) -> Outcome {
    let (broker, message) = one(world, target)?;
    let fields = Fields::of(target.call)?;
    let asked = |name: &str| -> Result<String, Refusal> {
        match target.call.query(name).filter(|text| !text.is_empty()) {
            Some(text) => Ok(text.to_owned()),
            None => fields.required(name),
        }
    };
    let (group, client) = (asked("consumerGroupId")?, asked("clientId")?);
    let known = broker.groups.get(&group).ok_or_else(no_group)?;
    if !known.clients.iter().any(|online| online.id == client) {
        return Err(Refusal::new(404, "ConsumerConnection.NotFound", "The client is not online."));
    }
    let mut message = message.clone();
    message.verified_by.push(group);
    world.put_message(target.id(), message);
    Ok(json!(true))
}

/// `GET …/topics/{topic}/traces`
pub(crate) fn traces(world: &mut World, target: &Target<'_>) -> Outcome {
    let page = Page::read(target.call, 1, 100)?;
    let (broker, messages) = found(world, target)?;
    let list = messages
        .into_iter()
        .map(|message| {
            json!({
                "instanceId": broker.instance.id,
                "regionId": broker.instance.region,
                "topicName": message.topic,
                "messageId": message.id,
                "messageKeys": if message.key.is_empty() { vec![] } else { vec![&message.key] },
                "messageTag": message.tag,
                "bornTime": date(message.stored_at),
            })
        })
        .collect();
    Ok(page.cut(list))
}

/// `GET …/topics/{topic}/traces/{id}`
pub(crate) fn trace(world: &mut World, target: &Target<'_>) -> Outcome {
    let (broker, message) = one(world, target)?;
    let consumers: Vec<Value> = broker
        .groups
        .values()
        .filter(|group| group.subscriptions.contains_key(&message.topic))
        .map(|group| {
            let has_read = group.offsets.get(&message.topic).is_some_and(|at| *at >= message.position);
            let status = if has_read { "CONSUME_SUCCESS" } else { "NOT_CONSUME_YET" };
            json!({
                "consumerGroupId": group.name,
                "consumeStatus": status,
                "deadMessage": false,
                "records": [],
            })
        })
        .collect();
    Ok(json!({
        "instanceId": broker.instance.id,
        "regionId": broker.instance.region,
        "topicName": message.topic,
        "messageInfo": view(broker, message),
        "producerInfo": { "records": [{
            "clientHost": "10.0.0.10",
            "produceStatus": "SEND_SUCCESS",
            "produceTime": date(message.stored_at),
            "produceDuration": 3,
        }] },
        "brokerInfo": { "delayStatus": Value::Null, "operations": [] },
        "consumerInfos": consumers,
    }))
}
