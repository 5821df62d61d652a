//! What can be seen of consuming, and setting a group's progress.

use serde_json::Value;
use serde_json::json;

use super::envelope::Outcome;
use super::envelope::Refusal;
use super::groups;
use super::model::Client;
use super::model::Group;
use super::model::Progress;
use super::model::Space;
use super::params::Params;
use super::world::World;

struct Figures {
    behind: u64,
    last_timestamp: i64,
    delay: i64,
    topics: Vec<Value>,
}

fn figures(world: &World, space: &Space, group: &Group) -> Figures {
    let now = world.now_ms();
    let mut all = Figures { behind: 0, last_timestamp: 0, delay: 0, topics: Vec::new() };
    for (name, at) in &group.progress {
        let Some(topic) = space.topics.get(name) else { continue };
        let behind = group.behind(topic);
        let delay = if behind > 0 { now.saturating_sub(at.last_timestamp).max(0) } else { 0 };
        all.behind = all.behind.saturating_add(behind);
        all.last_timestamp = all.last_timestamp.max(at.last_timestamp);
        all.delay = all.delay.max(delay);
        all.topics.push(json!({
            "topic": name, "totalDiff": behind, "lastTimestamp": at.last_timestamp, "delayTime": delay,
        }));
    }
    all
}

fn found<'a>(world: &'a World, params: &Params) -> Result<(&'a Space, &'a Group), Refusal> {
    let (iid, name) = groups::meant(world, params)?;
    let space = world.space(&iid)?;
    Ok((space, space.groups.get(&name).ok_or_else(Refusal::no_group)?))
}

pub(super) fn accumulate(world: &mut World, params: &Params) -> Outcome {
    let detail = params.flag("detail")?.unwrap_or(false);
    let (space, group) = found(world, params)?;
    let figures = figures(world, space, group);
    Ok(json!({
        "onLine": group.is_online(),
        "totalDiff": figures.behind,
        "consumeTps": 0.0,
        "lastTimestamp": figures.last_timestamp,
        "delayTime": figures.delay,
        "DetailInTopicList": if detail { figures.topics } else { Vec::new() },
    })
    .into())
}

fn connection(client: &Client) -> Value {
    json!({
        "clientId": client.id,
        "clientAddr": client.address,
        "language": "JAVA",
        "version": "V4_9_4",
        "remoteIP": client.address.split(':').next(),
    })
}

pub(super) fn status(world: &mut World, params: &Params) -> Outcome {
    let detail = params.flag("detail")?.unwrap_or(false);
    let jstack = params.flag("needJstack")?.unwrap_or(false) && detail;
    let (space, group) = found(world, params)?;
    let figures = figures(world, space, group);
    let same = group.clients.windows(2).all(|pair| matches!(pair, [one, two] if one.topics == two.topics));
    let infos: Vec<Value> = group
        .clients
        .iter()
        .filter(|_| detail)
        .map(|client| {
            let subscriptions: Vec<Value> = client
                .topics
                .iter()
                .map(|topic| json!({ "topic": topic, "subString": "*", "subVersion": 0, "tagsSet": ["*"] }))
                .collect();
            let running: Vec<Value> = client
                .topics
                .iter()
                .map(|topic| {
                    json!({
                        "groupId": group.name, "topic": topic, "rt": 0.0, "okTps": 0.0, "failedTps": 0.0,
                        "failedCountPerHour": 0,
                    })
                })
                .collect();
            let stacks: Vec<Value> = if jstack {
                vec![json!({ "thread": "ConsumeMessageThread_1", "trackList": ["java.lang.Thread.sleep"] })]
            } else {
                Vec::new()
            };
            json!({
                "clientId": client.id,
                "connection": client.address,
                "language": "JAVA",
                "version": "V4_9_4",
                "consumeModel": "CLUSTERING",
                "consumeType": "PUSH",
                "threadCount": 64,
                "startTimeStamp": client.since,
                "lastTimeStamp": world.now_ms(),
                "SubscriptionSet": subscriptions,
                "RunningDataList": running,
                "Jstack": stacks,
            })
        })
        .collect();
    Ok(json!({
        "online": group.is_online(),
        "totalDiff": figures.behind,
        "consumeTps": 0.0,
        "lastTimestamp": figures.last_timestamp,
        "delayTime": figures.delay,
        "consumeModel": "CLUSTERING",
        "subscriptionSame": same,
        "rebalanceOK": true,
        "ConnectionSet": group.clients.iter().map(connection).collect::<Vec<_>>(),
        "DetailInTopicList": if detail { figures.topics } else { Vec::new() },
        "ConsumerConnectionInfoList": infos,
    })
    .into())
}

pub(super) fn connections(world: &mut World, params: &Params) -> Outcome {
    let (_, group) = found(world, params)?;
    if !group.is_online() {
        return Err(offline());
    }
    Ok(json!(group.clients.iter().map(connection).collect::<Vec<_>>()).into())
}

fn offline() -> Refusal {
    Refusal::new(
        "BIZ_CONSUMER_NOT_ONLINE",
        "The consumer that is identified by the specified group ID is offline.",
    )
}

/// The names are as documented although they are swapped there: the minimum is the latest message.
pub(super) fn timespan(world: &mut World, params: &Params) -> Outcome {
    let (space, group) = found(world, params)?;
    let topic = space.topics.get(params.required("topic")?).ok_or_else(Refusal::no_topic)?;
    let oldest = space.messages_of(&topic.name).map(|message| message.stored_at).min();
    let consumed = group.progress.get(&topic.name).map_or(0, |at| at.last_timestamp);
    Ok(json!({
        "topic": topic.name,
        "minTimeStamp": topic.last_message_time,
        "maxTimeStamp": oldest.unwrap_or(topic.last_message_time),
        "consumeTimeStamp": consumed,
    })
    .into())
}

/// Skips everything, or everything that was stored before a time; a time further back gives messages anew.
pub(super) fn reset(world: &mut World, params: &Params) -> Outcome {
    let kind = params.choice("type", &[0, 1])?;
    let at = if kind == 1 { params.required_number("resetTime")? } else { 0 };
    let (iid, name) = groups::meant(world, params)?;
    let space = world.space(&iid)?;
    let group = space.groups.get(&name).ok_or_else(Refusal::no_group)?;
    let topic = space.topics.get(params.required("topic")?).ok_or_else(Refusal::no_topic)?;
    if !group.is_online() && !group.progress.contains_key(&topic.name) {
        return Err(offline());
    }
    let offset = if kind == 0 {
        topic.max_offset
    } else {
        let later = space.messages_of(&topic.name).filter(|message| message.stored_at >= at);
        later.map(|message| message.offset).min().unwrap_or(topic.max_offset)
    };
    let last_timestamp = space
        .messages_of(&topic.name)
        .filter(|message| message.offset < offset)
        .map(|message| message.stored_at)
        .max()
        .unwrap_or(0);
    let topic = topic.name.clone();
    if let Some(group) = world.group_mut(&iid, &name) {
        group.progress.insert(topic, Progress { offset, last_timestamp });
    }
    Ok(Value::Null.into())
}
