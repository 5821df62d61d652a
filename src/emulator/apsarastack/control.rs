//! Control routes: the clock, settings, and everything that producers and consumers do.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use super::brokers;
use super::brokers::Batch;
use super::model::Message;
use super::model::dead_letters_of;
use super::seed::InstanceSeed;
use super::settings::Settings;
use super::world::World;
use crate::emulator::adjust;
use crate::emulator::adjust::Adjustable;
use crate::emulator::clock::Clock;
use crate::emulator::control::body;
use crate::emulator::control::refusal;
use crate::emulator::exchange::Call;
use crate::emulator::exchange::Reply;

type Outcome = Result<Reply, Reply>;

pub(super) fn answer(world: &mut World, call: &Call) -> Option<Reply> {
    let segments = call.segment_refs();
    let route = (call.method.as_str(), segments.get(1..).unwrap_or_default());
    if let Some(outcome) = adjust::answer(world, call, route) {
        return Some(outcome.unwrap_or_else(|reply| reply));
    }
    let outcome = match route {
        ("GET", ["instances"]) => Ok(instances(world)),
        ("POST", ["instances"]) => seed(world, call),
        (method, ["instances", which, rest @ ..]) => match find(world, which) {
            Some(iid) => instance(world, call, &iid, (method, rest))?,
            None => Err(refusal(404, "no such instance")),
        },
        _ => return None,
    };
    Some(outcome.unwrap_or_else(|reply| reply))
}

/// Instances are named by id or by name.
fn find(world: &World, which: &str) -> Option<String> {
    let space = world
        .spaces()
        .get(which)
        .or_else(|| world.spaces().values().find(|space| space.instance.name == which))?;
    Some(space.instance.id.clone())
}

impl Adjustable for World {
    type Settings = Settings;

    fn clock(&mut self) -> &mut Clock {
        &mut self.clock
    }

    fn settings(&mut self) -> &mut Settings {
        &mut self.settings
    }
}

fn instances(world: &World) -> Reply {
    let all: Vec<Value> = world
        .spaces()
        .values()
        .map(|space| {
            json!({
                "instance": space.instance,
                "topics": space.topics,
                "groups": space.groups,
                "grants": space.grants.values().collect::<Vec<_>>(),
                "messages": space.messages.len(),
            })
        })
        .collect();
    Reply::ok(&json!({ "instances": all }))
}

fn seed(world: &mut World, call: &Call) -> Outcome {
    let seed: InstanceSeed = body(call)?;
    let id = seed.plant(world);
    Ok(Reply::ok(&json!({ "instance_id": id })))
}

fn instance(world: &mut World, call: &Call, iid: &str, (method, rest): (&str, &[&str])) -> Option<Outcome> {
    Some(match (method, rest) {
        ("DELETE", []) => {
            world.remove_instance(iid);
            Ok(Reply::empty(204))
        }
        ("POST", ["topics", topic, "messages"]) => {
            batch(call).and_then(|batch| stored(brokers::produce(world, iid, topic, &batch)))
        }
        ("DELETE", ["topics", topic]) => done(world.remove_topic(iid, topic)),
        ("DELETE", ["topics", topic, "grants", user]) => done(world.remove_grant(iid, topic, user)),
        ("DELETE", ["groups", group]) => done(world.remove_group(iid, group)),
        ("POST", ["groups", group, "clients"]) => connect(world, call, iid, group),
        ("DELETE", ["groups", group, "clients"]) => {
            done(brokers::disconnect(world, iid, group, None).is_some())
        }
        ("DELETE", ["groups", group, "clients", client]) => {
            done(brokers::disconnect(world, iid, group, Some(client)).is_some_and(|n| n > 0))
        }
        ("PUT", ["groups", group, "lag"]) => lag(world, call, iid, group),
        ("POST", ["groups", group, "dead-letters"]) => {
            batch(call).and_then(|batch| stored(brokers::add_dead_letters(world, iid, group, &batch)))
        }
        ("DELETE", ["groups", group, "dead-letters"]) => {
            done(world.remove_messages(iid, &dead_letters_of(group)))
        }
        _ => return None,
    })
}

fn done(found: bool) -> Outcome {
    if found { Ok(Reply::empty(204)) } else { Err(refusal(404, "no such object")) }
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Produce {
    count: u64,
    body: String,
    properties: BTreeMap<String, String>,
    age_ms: i64,
}

impl Default for Produce {
    fn default() -> Self {
        Self { count: 1, body: "message".to_owned(), properties: BTreeMap::new(), age_ms: 0 }
    }
}

fn batch(call: &Call) -> Result<Batch, Reply> {
    let Produce { count, body, properties, age_ms } = body::<Produce>(call)?;
    Ok(Batch { count, body, properties, age_ms })
}

fn stored(messages: Option<Vec<Message>>) -> Outcome {
    let messages = messages.ok_or_else(|| refusal(404, "no such object"))?;
    let ids: Vec<&String> = messages.iter().map(|message| &message.id).collect();
    Ok(Reply::ok(&json!({ "msg_ids": ids })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Connect {
    client_id: String,
    #[serde(default)]
    topics: Vec<String>,
}

fn connect(world: &mut World, call: &Call, iid: &str, group: &str) -> Outcome {
    let new: Connect = body(call)?;
    done(brokers::connect(world, iid, group, &new.client_id, &new.topics))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lag {
    topic: String,
    #[serde(rename = "lag")]
    unread: u64,
}

fn lag(world: &mut World, call: &Call, iid: &str, group: &str) -> Outcome {
    let new: Lag = body(call)?;
    done(brokers::set_lag(world, iid, group, &new.topic, new.unread))
}
