//! What devices and servers do: connections, subscriptions and messages.

use std::collections::BTreeSet;

use serde_json::Value;
use serde_json::json;

use super::errors::Outcome;
use super::errors::invalid;
use super::errors::no_operation;
use super::errors::no_permission;
use super::member::Member;
use super::model::Event;
use super::model::Message;
use super::model::Session;
use super::params::Params;
use super::world::World;

/// `QuerySessionByClientId`.
pub(super) fn session(world: &mut World, params: &Params) -> Outcome {
    let iid = params.need("InstanceId")?;
    let client = params.need("ClientId")?;
    let is_online = world.member(iid)?.sessions.contains_key(client);
    Ok(json!({ "OnlineStatus": is_online }))
}

/// `BatchQuerySessionByClientIds`: ten at most.
pub(super) fn sessions(world: &mut World, params: &Params) -> Outcome {
    let iid = params.need("InstanceId")?;
    let clients = params.texts("ClientIdList");
    if clients.is_empty() || clients.len() > 10 {
        return Err(invalid("ClientIdList"));
    }
    let member = world.member(iid)?;
    let states: Vec<Value> = clients
        .into_iter()
        .map(|client| json!({ "ClientId": client, "OnlineStatus": member.sessions.contains_key(client) }))
        .collect();
    Ok(json!({ "OnlineStatusList": states }))
}

/// `CloseConnection`: being tried out by the vendor, so far only on professional instances in Shanghai.
pub(super) fn close_connection(world: &mut World, params: &Params) -> Outcome {
    let iid = params.need("InstanceId")?;
    let everywhere = world.settings.close_anywhere;
    let instance = &world.member(iid)?.instance;
    if !everywhere && (instance.kind != 4 || instance.region != "cn-shanghai") {
        return Err(no_operation());
    }
    let client = params.need("ClientId")?;
    close(world, iid, client, "closed by the server");
    Ok(json!({}))
}

/// `SendMessage`: to a topic, or to one device as `PARENT/p2p/CLIENT`.
pub(super) fn send(world: &mut World, params: &Params) -> Outcome {
    let iid = params.need("InstanceId")?;
    let topic = params.need("MqttTopic")?;
    let payload = params.need("Payload")?;
    let checked = world.settings.check_parent_topics;
    let member = world.member(iid)?;
    let parent = topic.split('/').next().unwrap_or_default();
    if checked && !member.instance.topics.contains(parent) {
        return Err(no_permission());
    }
    if payload.len() > 64 * 1024 {
        return Err(invalid("Payload"));
    }
    let id = publish(world, iid, "", topic, payload);
    Ok(json!({ "MsgId": id }))
}

/// Stores a message and hands it to everybody who has subscribed. Returns its id.
pub(super) fn publish(world: &mut World, iid: &str, from: &str, topic: &str, payload: &str) -> String {
    let id = world.new_hex();
    let message =
        Message { id: id.clone(), topic: topic.to_owned(), payload: payload.to_owned(), at: world.now_ms() };
    world.put(iid, message);
    let action = if from.is_empty() { "pub_mq" } else { "pub_mqtt" };
    record(world, iid, (from, action, "success"), "", Some(&id));
    let subscribers: Vec<(String, String)> = world
        .members()
        .get(iid)
        .map(Member::online)
        .unwrap_or_default()
        .into_iter()
        .filter(|session| session.topics.iter().any(|filter| matches(filter, topic)))
        .map(|session| (session.client_id, session.channel))
        .collect();
    for (client, channel) in subscribers {
        record(world, iid, (&client, "sub", "success"), &channel, Some(&id));
    }
    id
}

/// Whether a topic fits a filter: `+` stands for one level, `#` for the rest.
pub(super) fn matches(filter: &str, topic: &str) -> bool {
    let mut levels = topic.split('/');
    for part in filter.split('/') {
        match (part, levels.next()) {
            ("#", _) => return true,
            ("+", Some(_)) => {}
            (part, Some(level)) if part == level => {}
            _ => return false,
        }
    }
    levels.next().is_none()
}

/// Why a device was not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    NoInstance,
    Blocked,
    NoGroup,
}

/// Connects a device.
pub(super) fn connect(
    world: &mut World,
    iid: &str,
    client: &str,
    topics: BTreeSet<String>,
) -> Result<(), Refused> {
    let member = world.members().get(iid).ok_or(Refused::NoInstance)?;
    let refused = if member.blacklist.contains_key(client) {
        Some(Refused::Blocked)
    } else if !member.groups.values().any(|group| group.has(client)) {
        Some(Refused::NoGroup)
    } else {
        None
    };
    if let Some(refused) = refused {
        record(world, iid, (client, "connect", "refused"), "", None);
        return Err(refused);
    }
    let channel = world.new_hex().to_ascii_lowercase();
    record(world, iid, (client, "connect", "accepted"), &channel, None);
    let since = world.now_ms();
    world.put(iid, Session { client_id: client.to_owned(), channel, since, topics });
    Ok(())
}

/// Ends a connection. False = there is none.
pub(super) fn close(world: &mut World, iid: &str, client: &str, why: &str) -> bool {
    let Some(session) = world.get::<Session>(iid, client) else { return false };
    world.remove::<Session>(iid, client);
    record(world, iid, (client, "close", why), &session.channel, None);
    true
}

fn record(
    world: &mut World,
    iid: &str,
    (client, action, info): (&str, &str, &str),
    channel: &str,
    message: Option<&str>,
) {
    let event = Event {
        position: world.next_position(),
        at: world.now_ms(),
        client_id: client.to_owned(),
        action: action.to_owned(),
        info: info.to_owned(),
        channel: channel.to_owned(),
        message_id: message.map(str::to_owned),
    };
    world.put(iid, event);
}

impl Member {
    /// Returns the connected devices.
    pub fn online(&self) -> Vec<Session> {
        self.sessions.values().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn filters_stand_for_levels() {
        assert!(matches("a/b", "a/b"));
        assert!(matches("a/+", "a/b"));
        assert!(matches("a/#", "a/b/c"));
        assert!(!matches("a/+", "a/b/c"));
        assert!(!matches("a", "a/b"));
        assert!(!matches("a/b", "a"));
    }
}
