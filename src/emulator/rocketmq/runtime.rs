//! What brokers and clients do: messages come in, groups read them, plans replicate them.

use std::collections::BTreeMap;

use super::model::Broker;
use super::model::Client;
use super::model::Group;
use super::model::Message;
use super::model::Subscription;
use super::world::World;

/// A batch of messages that somebody sends.
#[derive(Clone, Debug, Default)]
pub(crate) struct Batch {
    pub(crate) count: u64,
    pub(crate) body: String,
    pub(crate) tag: String,
    pub(crate) key: String,
    pub(crate) group: String,
    pub(crate) properties: BTreeMap<String, String>,
    /// How long ago, in milliseconds.
    pub(crate) age_ms: i64,
}

/// The pseudo-topic where the dead letters of a group are kept when it names no topic for them.
pub(crate) fn dead_letters_of(group: &str) -> String {
    format!("%DLQ%{group}")
}

/// Stores messages. `None` = there is no such topic.
pub(crate) fn produce(world: &mut World, iid: &str, topic: &str, batch: &Batch) -> Option<Vec<String>> {
    if !world.brokers().get(iid)?.topics.contains_key(topic) {
        return None;
    }
    let ids = store(world, iid, topic, batch, false);
    for (other, mapped, property) in replicas(world, iid, topic) {
        let mut copy = batch.clone();
        copy.properties.extend(property);
        store(world, &other, &mapped, &copy, true);
    }
    Some(ids)
}

fn store(world: &mut World, iid: &str, topic: &str, batch: &Batch, replicated: bool) -> Vec<String> {
    let stored_at = world.now_ms().saturating_sub(batch.age_ms);
    let mut ids = Vec::new();
    for _ in 0..batch.count {
        let position = world.next_position();
        let id = world.new_hex().to_ascii_uppercase();
        ids.push(id.clone());
        let message = Message {
            position,
            topic: topic.to_owned(),
            id,
            body: batch.body.clone(),
            tag: batch.tag.clone(),
            key: batch.key.clone(),
            group: batch.group.clone(),
            properties: batch.properties.clone(),
            stored_at,
            replicated,
            verified_by: Vec::new(),
        };
        world.put_message(iid, message);
    }
    ids
}

/// Where running items carry messages of a topic, with the property that is added to them.
fn replicas(world: &World, iid: &str, topic: &str) -> Vec<(String, String, BTreeMap<String, String>)> {
    let mut found = Vec::new();
    for plan in world.plans().values() {
        let Some(source) = plan.members.iter().find(|member| member.instance_id == iid) else { continue };
        if plan.kind == "ACTIVE_PASSIVE" && source.role != "ACTIVE" {
            continue;
        }
        let property = source.property.iter().map(|pair| (pair.key.clone(), pair.value.clone()));
        let property: BTreeMap<String, String> = property.collect();
        for item in plan.items.values().filter(|item| item.status == "RUNNING") {
            let is_mapped =
                item.topics.iter().any(|mapping| mapping.instance_id == iid && mapping.topic == topic);
            for mapping in item.topics.iter().filter(|mapping| is_mapped && mapping.instance_id != iid) {
                let exists = world
                    .brokers()
                    .get(&mapping.instance_id)
                    .is_some_and(|broker| broker.topics.contains_key(&mapping.topic));
                if exists {
                    found.push((mapping.instance_id.clone(), mapping.topic.clone(), property.clone()));
                }
            }
        }
    }
    found
}

/// Adds dead letters of a group. `None` = there is no such group.
pub(crate) fn add_dead_letters(
    world: &mut World,
    iid: &str,
    group: &str,
    batch: &Batch,
) -> Option<Vec<String>> {
    let found = world.brokers().get(iid)?.groups.get(group)?;
    let topic = found.retry.dead_letter_topic.clone().unwrap_or_else(|| dead_letters_of(group));
    Some(store(world, iid, &topic, batch, false))
}

/// The messages that a group has not read in a topic.
pub(crate) fn unread<'a>(
    broker: &'a Broker,
    group: &Group,
    topic: &'a str,
) -> impl Iterator<Item = &'a Message> {
    let read = group.offsets.get(topic).copied().unwrap_or(u64::MAX);
    broker.messages.values().filter(move |message| message.topic == topic && message.position > read)
}

/// Lets a group be behind in a topic by so many messages. False = one of them is missing.
pub(crate) fn set_lag(world: &mut World, iid: &str, group: &str, topic: &str, lag: u64) -> bool {
    let Some(broker) = world.brokers().get(iid) else { return false };
    if !broker.topics.contains_key(topic) || !broker.groups.contains_key(group) {
        return false;
    }
    let held = broker.messages.values().filter(|message| message.topic == topic).count() as u64;
    if held < lag {
        let batch = Batch { count: lag - held, body: "unread".to_owned(), ..Batch::default() };
        store(world, iid, topic, &batch, false);
    }
    let Some(broker) = world.brokers().get(iid) else { return false };
    let positions: Vec<u64> =
        broker.messages.values().filter(|message| message.topic == topic).map(|m| m.position).collect();
    let read = usize::try_from(positions.len() as u64 - lag).unwrap_or(0);
    let offset = read.checked_sub(1).and_then(|last| positions.get(last)).copied().unwrap_or(0);
    let now = world.now_ms();
    if let Some(group) = world.group_mut(iid, group) {
        group.offsets.insert(topic.to_owned(), offset);
        group.consumed_at.insert(topic.to_owned(), now);
        group.subscriptions.entry(topic.to_owned()).or_insert_with(everything);
    }
    true
}

/// Lets messages be in the hands of consumers. False = there is no such group.
pub(crate) fn set_inflight(world: &mut World, iid: &str, group: &str, topic: &str, count: u64) -> bool {
    world.group_mut(iid, group).is_some_and(|group| {
        group.inflight.insert(topic.to_owned(), count);
        true
    })
}

fn everything() -> Subscription {
    Subscription { filter_type: "TAG".to_owned(), filter: "*".to_owned() }
}

/// Brings a consumer online; it reads everything that is there. False = something is missing.
pub(crate) fn connect(world: &mut World, iid: &str, group: &str, client: &str, topics: &[String]) -> bool {
    let Some(broker) = world.brokers().get(iid) else { return false };
    if topics.iter().any(|topic| !broker.topics.contains_key(topic)) {
        return false;
    }
    let ends: Vec<(String, u64)> = topics
        .iter()
        .map(|topic| {
            let of_topic = broker.messages.values().filter(|message| message.topic == *topic);
            (topic.clone(), of_topic.map(|message| message.position).max().unwrap_or(0))
        })
        .collect();
    let now = world.now_ms();
    let Some(group) = world.group_mut(iid, group) else { return false };
    group.clients.retain(|known| known.id != client);
    group.clients.push(Client { id: client.to_owned(), topics: topics.to_vec() });
    for (topic, end) in ends {
        group.subscriptions.entry(topic.clone()).or_insert_with(everything);
        group.consumed_at.insert(topic.clone(), now);
        group.offsets.entry(topic).or_insert(end);
    }
    true
}

/// Takes one consumer of a group offline, or all. `None` = there is no such group.
pub(crate) fn disconnect(world: &mut World, iid: &str, group: &str, client: Option<&str>) -> Option<usize> {
    let group = world.group_mut(iid, group)?;
    let before = group.clients.len();
    group.clients.retain(|known| client.is_some_and(|client| known.id != client));
    Some(before - group.clients.len())
}

/// Lets a group read everything in a topic. False = something is missing.
pub(crate) fn drain(world: &mut World, iid: &str, group: &str, topic: &str) -> bool {
    set_lag(world, iid, group, topic, 0) && set_inflight(world, iid, group, topic, 0)
}
