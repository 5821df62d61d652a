//! The message side of the world: producing, consuming, lag, clients, dead letters.
//!
//! The vendor's API only watches this; control routes, [`super::Handle`] and the few message
//! operations change it.

use std::collections::BTreeMap;

use super::model::Client;
use super::model::Message;
use super::model::Queue;
use super::topics;
use super::world::World;
use crate::emulator::clock;

/// Message bodies kept per topic; offsets count all of them.
const KEPT: usize = 1000;

/// Messages to produce.
#[derive(Clone, Debug, Default)]
pub(crate) struct Batch {
    pub(crate) count: u64,
    pub(crate) body: String,
    pub(crate) properties: BTreeMap<String, String>,
    /// Where to put them; absent = over all queues in turn.
    pub(crate) queue: Option<(String, u64)>,
    /// How old they are.
    pub(crate) age_ms: i64,
}

/// Stores messages and returns those whose bodies are kept; `None` = no such topic.
pub(crate) fn produce(world: &mut World, iid: &str, topic: &str, batch: &Batch) -> Option<Vec<Message>> {
    let at = clock::wall_ms().saturating_sub(batch.age_ms.max(0));
    let slots: Vec<(String, u64)> = match &batch.queue {
        Some(slot) => vec![slot.clone()],
        None => write_slots(world, iid, topic)?,
    };
    let start = world.brokers().get(iid)?.topics.get(topic)?.max_offset();
    let count = usize::try_from(batch.count).unwrap_or(usize::MAX);
    let mut placed = Vec::new();
    {
        let stored = world.topic_mut(iid, topic)?;
        let slots_from = usize::try_from(start % (slots.len().max(1) as u64)).unwrap_or(0);
        for (n, (broker, id)) in slots.iter().cycle().skip(slots_from).take(count).enumerate() {
            let queue = stored
                .brokers
                .iter_mut()
                .find(|candidate| candidate.name == *broker)
                .and_then(|found| found.queues.get_mut(usize::try_from(*id).ok()?));
            let Some(queue) = queue else { continue };
            let offset = queue.max_offset;
            queue.max_offset += 1;
            queue.last_message_time = at;
            // Only the youngest bodies are kept.
            if n + KEPT >= count {
                placed.push((broker.clone(), *id, offset));
            }
        }
    }
    let mut messages = Vec::new();
    for (broker, queue_id, queue_offset) in placed {
        let id = world.new_hex().to_ascii_uppercase();
        let mut properties = batch.properties.clone();
        properties.entry("UNIQ_KEY".to_owned()).or_insert_with(|| id.clone());
        properties.entry("CLUSTER".to_owned()).or_insert_with(|| "DmsCluster".to_owned());
        let message = Message {
            id,
            position: world.next_position(),
            topic: topic.to_owned(),
            body: batch.body.clone(),
            properties,
            broker,
            queue_id,
            queue_offset,
            born_timestamp: at,
            store_timestamp: at,
            reconsume_times: 0,
        };
        world.put_message(iid, message.clone());
        messages.push(message);
    }
    forget_old(world, iid, topic);
    Some(messages)
}

fn write_slots(world: &World, iid: &str, topic: &str) -> Option<Vec<(String, u64)>> {
    let topic = world.brokers().get(iid)?.topics.get(topic)?;
    Some(
        topic
            .brokers
            .iter()
            .flat_map(|broker| (0..broker.write_queue_num.max(1)).map(|id| (broker.name.clone(), id)))
            .collect(),
    )
}

fn forget_old(world: &mut World, iid: &str, topic: &str) {
    let Some(broker) = world.brokers().get(iid) else { return };
    let kept: Vec<u64> = broker.messages.values().filter(|m| m.topic == topic).map(|m| m.position).collect();
    for position in kept.iter().take(kept.len().saturating_sub(KEPT)) {
        world.remove_message(iid, *position);
    }
}

/// The end of every queue of a topic.
fn ends(world: &World, iid: &str, topic: &str) -> Option<Vec<(String, u64, Queue)>> {
    let topic = world.brokers().get(iid)?.topics.get(topic)?;
    Some(
        topic
            .brokers
            .iter()
            .flat_map(|broker| {
                (0_u64..).zip(&broker.queues).map(|(id, queue)| (broker.name.clone(), id, *queue))
            })
            .collect(),
    )
}

/// Makes the group a consumer of the topic, starting at its end unless it already is one.
pub(crate) fn subscribe(world: &mut World, iid: &str, group: &str, topic: &str) -> bool {
    let Some(ends) = ends(world, iid, topic) else { return false };
    let Some(group) = world.group_mut(iid, group) else { return false };
    let offsets = group.offsets.entry(topic.to_owned()).or_default();
    for (broker, id, queue) in ends {
        offsets.entry(broker).or_default().entry(id).or_insert(queue.max_offset);
    }
    true
}

/// Lets the group read everything in the topic.
pub(crate) fn drain(world: &mut World, iid: &str, group: &str, topic: &str) -> bool {
    subscribe(world, iid, group, topic) && set_lag(world, iid, group, topic, 0, None)
}

/// Sets the lag of a group in a topic, spread over the queues or all of it in one.
pub(crate) fn set_lag(
    world: &mut World,
    iid: &str,
    group: &str,
    topic: &str,
    lag: u64,
    only: Option<(&str, u64)>,
) -> bool {
    if !subscribe(world, iid, group, topic) {
        return false;
    }
    let Some(ends) = ends(world, iid, topic) else { return false };
    let is_chosen = |broker: &str, id: u64| only.is_none_or(|chosen| chosen == (broker, id));
    let chosen: Vec<&(String, u64, Queue)> =
        ends.iter().filter(|(broker, id, _)| is_chosen(broker, *id)).collect();
    if chosen.is_empty() {
        return false;
    }
    let count = chosen.len() as u64;
    let at = clock::wall_ms();
    let mut targets = Vec::new();
    for (n, (broker, id, queue)) in (0_u64..).zip(chosen) {
        let share = lag / count + u64::from(n < lag % count);
        // The lag cannot be longer than the queue: what is missing has been written just now.
        targets.push((broker.clone(), *id, queue.max_offset.max(queue.min_offset + share), share));
    }
    if let Some(stored) = world.topic_mut(iid, topic) {
        for (broker, id, end, _) in &targets {
            let queue = stored
                .brokers
                .iter_mut()
                .find(|candidate| candidate.name == *broker)
                .and_then(|found| found.queues.get_mut(usize::try_from(*id).ok()?));
            if let Some(queue) = queue
                && queue.max_offset < *end
            {
                queue.max_offset = *end;
                queue.last_message_time = at;
            }
        }
    }
    let Some(group) = world.group_mut(iid, group) else { return false };
    let offsets = group.offsets.entry(topic.to_owned()).or_default();
    for (broker, id, end, share) in targets {
        offsets.entry(broker).or_default().insert(id, end - share);
    }
    true
}

/// Brings a consumer online.
pub(crate) fn connect(
    world: &mut World,
    iid: &str,
    group: &str,
    client_id: &str,
    subscriptions: &[String],
) -> bool {
    for topic in subscriptions {
        if !subscribe(world, iid, group, topic) {
            return false;
        }
    }
    let Some(group) = world.group_mut(iid, group) else { return false };
    group.clients.retain(|client| client.id != client_id);
    let host = 10 + group.clients.len() % 200;
    group.clients.push(Client {
        id: client_id.to_owned(),
        address: format!("192.168.0.{host}:50098"),
        topics: subscriptions.to_vec(),
    });
    true
}

/// Takes consumers offline: one, or all of the group. Returns how many there were.
pub(crate) fn disconnect(
    world: &mut World,
    iid: &str,
    group: &str,
    client_id: Option<&str>,
) -> Option<usize> {
    let group = world.group_mut(iid, group)?;
    let before = group.clients.len();
    group.clients.retain(|client| client_id.is_some_and(|id| id != client.id));
    Some(before - group.clients.len())
}

/// Gives up on messages of a group: they end in `%DLQ%{group}`, which comes into being.
pub(crate) fn add_dead_letters(
    world: &mut World,
    iid: &str,
    group: &str,
    batch: &Batch,
) -> Option<Vec<Message>> {
    ensure_internal(world, iid, group, "%DLQ%")?;
    produce(world, iid, &format!("%DLQ%{group}"), batch)
}

/// Removes the dead letters of a group.
pub(crate) fn clear_dead_letters(world: &mut World, iid: &str, group: &str) -> bool {
    world.remove_topic(iid, &format!("%DLQ%{group}"))
}

/// Makes the topic that the service keeps for a group; one queue on the first broker.
pub(crate) fn ensure_internal(world: &mut World, iid: &str, group: &str, prefix: &str) -> Option<()> {
    let broker = world.brokers().get(iid)?;
    if !broker.groups.contains_key(group) {
        return None;
    }
    let name = format!("{prefix}{group}");
    if !broker.topics.contains_key(&name) {
        let topic = super::model::Topic {
            name,
            permission: "all".to_owned(),
            message_type: None,
            description: String::new(),
            brokers: vec![topics::topic_broker("broker-0", 1, 1)],
            created_at: world.now_ms(),
        };
        world.put_topic(iid, topic);
    }
    Some(())
}
