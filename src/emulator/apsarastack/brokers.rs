//! What producers and consumers do: messages come, are read, or become dead letters.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::model::Client;
use super::model::Message;
use super::model::Progress;
use super::model::dead_letters_of;
use super::world::World;

/// Messages that are written at once.
#[derive(Clone, Debug)]
pub(super) struct Batch {
    pub(super) count: u64,
    pub(super) body: String,
    pub(super) properties: BTreeMap<String, String>,
    /// How long ago they were stored.
    pub(super) age_ms: i64,
}

impl Batch {
    pub(super) fn of(count: u64, body: &str) -> Self {
        Self { count, body: body.to_owned(), properties: BTreeMap::new(), age_ms: 0 }
    }
}

fn write(world: &mut World, iid: &str, topic: &str, from: u64, batch: &Batch) -> Vec<Message> {
    let stored_at = world.now_ms().saturating_sub(batch.age_ms.max(0));
    let mut written = Vec::new();
    for offset in (from..).take(usize::try_from(batch.count).unwrap_or(usize::MAX)) {
        let message = Message {
            position: world.next_position(),
            id: world.new_hex(),
            topic: topic.to_owned(),
            offset,
            body: batch.body.clone(),
            properties: batch.properties.clone(),
            stored_at,
            reconsume_times: 0,
            resent: 0,
        };
        world.put_message(iid, message.clone());
        written.push(message);
    }
    written
}

/// Writes messages into a topic. None if there is no such topic.
pub(super) fn produce(world: &mut World, iid: &str, topic: &str, batch: &Batch) -> Option<Vec<Message>> {
    let from = world.topic_mut(iid, topic)?.max_offset;
    let written = write(world, iid, topic, from, batch);
    let last = written.last().map(|message| message.stored_at);
    let found = world.topic_mut(iid, topic)?;
    found.max_offset = from.saturating_add(batch.count);
    found.last_message_time = last.unwrap_or(found.last_message_time);
    Some(written)
}

/// Adds dead letters to a group. None if there is no such group.
pub(super) fn add_dead_letters(
    world: &mut World,
    iid: &str,
    group: &str,
    batch: &Batch,
) -> Option<Vec<Message>> {
    let topic = dead_letters_of(group);
    let space = world.spaces().get(iid)?;
    space.groups.get(group)?;
    let from = space.messages_of(&topic).map(|message| message.offset + 1).max().unwrap_or(0);
    Some(write(world, iid, &topic, from, batch))
}

/// Lets a group be behind in a topic by so many messages; the topic grows if it must. False = one of them is missing.
pub(super) fn set_lag(world: &mut World, iid: &str, group: &str, topic: &str, unread: u64) -> bool {
    let known = world.spaces().get(iid).is_some_and(|space| space.groups.contains_key(group));
    let now = world.now_ms();
    if !known {
        return false;
    }
    let Some(found) = world.topic_mut(iid, topic) else { return false };
    if found.max_offset < unread {
        found.max_offset = unread;
        found.last_message_time = now;
    }
    let offset = found.max_offset - unread;
    if let Some(group) = world.group_mut(iid, group) {
        group.used = true;
        group.progress.insert(topic.to_owned(), Progress { offset, last_timestamp: now });
    }
    true
}

/// Brings a consumer online. False = the group or a topic is missing.
pub(super) fn connect(world: &mut World, iid: &str, group: &str, client: &str, topics: &[String]) -> bool {
    let Some(space) = world.spaces().get(iid) else { return false };
    if !topics.iter().all(|topic| space.topics.contains_key(topic)) {
        return false;
    }
    let ends: Vec<(String, u64)> =
        topics.iter().filter_map(|name| Some((name.clone(), space.topics.get(name)?.max_offset))).collect();
    let now = world.now_ms();
    let Some(group) = world.group_mut(iid, group) else { return false };
    group.used = true;
    // A new subscription begins with what is written from now on.
    for (topic, offset) in ends {
        group.progress.entry(topic).or_insert(Progress { offset, last_timestamp: now });
    }
    let port = 40_000 + group.clients.len();
    group.clients.retain(|known| known.id != client);
    group.clients.push(Client {
        id: client.to_owned(),
        address: format!("10.1.0.7:{port}"),
        topics: topics.iter().cloned().collect::<BTreeSet<_>>(),
        since: now,
    });
    true
}

/// Takes one consumer of a group offline, or all. None if there is no such group.
pub(super) fn disconnect(world: &mut World, iid: &str, group: &str, client: Option<&str>) -> Option<usize> {
    let group = world.group_mut(iid, group)?;
    let before = group.clients.len();
    group.clients.retain(|known| client.is_some_and(|client| client != known.id));
    Some(before - group.clients.len())
}
