//! Control routes of DMS: the clock, settings, and everything that brokers and clients do.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use super::brokers;
use super::brokers::Batch;
use super::jobs;
use super::model::Status;
use super::seed::InstanceSeed;
use super::world::Settings;
use super::world::World;
use crate::emulator::adjust;
use crate::emulator::adjust::Adjustable;
use crate::emulator::clock::Clock;
use crate::emulator::control::body;
use crate::emulator::control::refusal;
use crate::emulator::exchange::Call;
use crate::emulator::exchange::Reply;

type Outcome = Result<Reply, Reply>;

pub(crate) fn answer(world: &mut World, call: &Call) -> Option<Reply> {
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
    let broker = world
        .brokers()
        .get(which)
        .or_else(|| world.brokers().values().find(|broker| broker.instance.name == which))?;
    Some(broker.instance.id.clone())
}

impl Adjustable for World {
    type Settings = Settings;

    fn clock(&mut self) -> &mut Clock {
        &mut self.clock
    }

    fn settings(&mut self) -> &mut Settings {
        &mut self.settings
    }

    fn settle(&mut self) {
        jobs::settle(self);
    }
}

fn instances(world: &World) -> Reply {
    let all: Vec<Value> = world
        .brokers()
        .values()
        .map(|broker| {
            json!({
                "instance": broker.instance,
                "topics": broker.topics,
                "groups": broker.groups,
                "users": broker.users.keys().collect::<Vec<_>>(),
                "messages": broker.messages.len(),
                "tasks": broker.tasks.values().collect::<Vec<_>>(),
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
        ("PUT", ["status"]) => status(world, call, iid),
        ("POST", ["topics", topic, "messages"]) => produce(world, call, iid, topic),
        ("DELETE", ["topics", topic]) => done(world.remove_topic(iid, topic)),
        ("DELETE", ["groups", group]) => done(world.remove_group(iid, group)),
        ("DELETE", ["users", user]) => done(world.remove_user(iid, user)),
        ("POST", ["groups", group, "clients"]) => connect(world, call, iid, group),
        ("DELETE", ["groups", group, "clients"]) => {
            done(brokers::disconnect(world, iid, group, None).is_some())
        }
        ("DELETE", ["groups", group, "clients", client]) => {
            done(brokers::disconnect(world, iid, group, Some(client)).is_some_and(|n| n > 0))
        }
        ("PUT", ["groups", group, "lag"]) => lag(world, call, iid, group),
        ("POST", ["groups", group, "dead-letters"]) => dead_letters(world, call, iid, group),
        ("DELETE", ["groups", group, "dead-letters"]) => done(brokers::clear_dead_letters(world, iid, group)),
        _ => return None,
    })
}

fn done(found: bool) -> Outcome {
    if found { Ok(Reply::empty(204)) } else { Err(refusal(404, "no such object")) }
}

#[derive(Deserialize)]
struct NewStatus {
    status: Status,
}

fn status(world: &mut World, call: &Call, iid: &str) -> Outcome {
    let new: NewStatus = body(call)?;
    if let Some(instance) = world.instance_mut(iid) {
        instance.status = new.status;
    }
    Ok(Reply::empty(204))
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Produce {
    count: u64,
    body: String,
    properties: BTreeMap<String, String>,
    broker: Option<String>,
    queue: Option<u64>,
    age_ms: i64,
}

impl Default for Produce {
    fn default() -> Self {
        Self {
            count: 1,
            body: "message".to_owned(),
            properties: BTreeMap::new(),
            broker: None,
            queue: None,
            age_ms: 0,
        }
    }
}

impl Produce {
    fn into_batch(self) -> Batch {
        let broker = self.broker.unwrap_or_else(|| "broker-0".to_owned());
        Batch {
            count: self.count,
            body: self.body,
            properties: self.properties,
            queue: self.queue.map(|queue| (broker, queue)),
            age_ms: self.age_ms,
        }
    }
}

fn stored(messages: Option<Vec<super::model::Message>>) -> Outcome {
    let messages = messages.ok_or_else(|| refusal(404, "no such object"))?;
    let ids: Vec<&String> = messages.iter().map(|message| &message.id).collect();
    Ok(Reply::ok(&json!({ "msg_ids": ids })))
}

fn produce(world: &mut World, call: &Call, iid: &str, topic: &str) -> Outcome {
    let batch = body::<Produce>(call)?.into_batch();
    stored(brokers::produce(world, iid, topic, &batch))
}

fn dead_letters(world: &mut World, call: &Call, iid: &str, group: &str) -> Outcome {
    let batch = body::<Produce>(call)?.into_batch();
    stored(brokers::add_dead_letters(world, iid, group, &batch))
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
    #[serde(default)]
    broker: Option<String>,
    #[serde(default)]
    queue: Option<u64>,
}

fn lag(world: &mut World, call: &Call, iid: &str, group: &str) -> Outcome {
    let new: Lag = body(call)?;
    let broker = new.broker.unwrap_or_else(|| "broker-0".to_owned());
    let only = new.queue.map(|queue| (broker.as_str(), queue));
    done(brokers::set_lag(world, iid, group, &new.topic, new.unread, only))
}
