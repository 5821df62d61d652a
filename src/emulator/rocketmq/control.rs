//! Control routes of this system: the clock, settings, and everything that brokers and clients do.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use super::runtime;
use super::runtime::Batch;
use super::seed::InstanceSeed;
use super::settings::Settings;
use super::settle;
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
        ("GET", ["plans"]) => {
            let plans: Vec<_> = world.plans().values().collect();
            Ok(Reply::ok(&json!({ "plans": plans })))
        }
        ("PUT", ["plans", plan, "items", item, "status"]) => item_status(world, call, plan, item),
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
    let broker = world.brokers().get(which).or_else(|| {
        let live = world.brokers().values().filter(|broker| !broker.instance.is_released());
        live.into_iter().find(|broker| broker.instance.name == which)
    })?;
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
        settle::settle(self);
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
                "accounts": broker.accounts.keys().collect::<Vec<_>>(),
                "acls": broker.acls.values().collect::<Vec<_>>(),
                "messages": broker.messages.len(),
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

#[derive(Deserialize)]
struct NewStatus {
    status: String,
}

fn item_status(world: &mut World, call: &Call, plan: &str, item: &str) -> Outcome {
    let new: NewStatus = body(call)?;
    let found = plan
        .parse()
        .ok()
        .and_then(|plan| world.plan_mut(plan))
        .zip(item.parse::<u64>().ok())
        .and_then(|(plan, item)| plan.items.get_mut(&item));
    done(found.map(|item| item.status = new.status).is_some())
}

fn instance(world: &mut World, call: &Call, iid: &str, (method, rest): (&str, &[&str])) -> Option<Outcome> {
    Some(match (method, rest) {
        ("DELETE", []) => {
            world.remove_instance(iid, false);
            Ok(Reply::empty(204))
        }
        ("PUT", ["status"]) => status(world, call, iid),
        ("POST", ["topics", topic, "messages"]) => produce(world, call, iid, topic),
        ("DELETE", ["topics", topic]) => done(world.remove_topic(iid, topic)),
        ("DELETE", ["groups", group]) => done(world.remove_group(iid, group)),
        ("DELETE", ["accounts", username]) => done(world.remove_account(iid, username)),
        ("POST", ["groups", group, "clients"]) => connect(world, call, iid, group),
        ("DELETE", ["groups", group, "clients"]) => {
            done(runtime::disconnect(world, iid, group, None).is_some())
        }
        ("DELETE", ["groups", group, "clients", client]) => {
            done(runtime::disconnect(world, iid, group, Some(client)).is_some_and(|n| n > 0))
        }
        ("PUT", ["groups", group, "lag"]) => lag(world, call, iid, group),
        ("POST", ["groups", group, "dead-letters"]) => dead_letters(world, call, iid, group),
        _ => return None,
    })
}

fn done(found: bool) -> Outcome {
    if found { Ok(Reply::empty(204)) } else { Err(refusal(404, "no such object")) }
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
    tag: String,
    key: String,
    group: String,
    properties: BTreeMap<String, String>,
    age_ms: i64,
}

impl Default for Produce {
    fn default() -> Self {
        Self {
            count: 1,
            body: "message".to_owned(),
            tag: String::new(),
            key: String::new(),
            group: String::new(),
            properties: BTreeMap::new(),
            age_ms: 0,
        }
    }
}

impl Produce {
    fn into_batch(self) -> Batch {
        let Self { count, body, tag, key, group, properties, age_ms } = self;
        Batch { count, body, tag, key, group, properties, age_ms }
    }
}

fn stored(ids: Option<Vec<String>>) -> Outcome {
    let ids = ids.ok_or_else(|| refusal(404, "no such object"))?;
    Ok(Reply::ok(&json!({ "msg_ids": ids })))
}

fn produce(world: &mut World, call: &Call, iid: &str, topic: &str) -> Outcome {
    let batch = body::<Produce>(call)?.into_batch();
    stored(runtime::produce(world, iid, topic, &batch))
}

fn dead_letters(world: &mut World, call: &Call, iid: &str, group: &str) -> Outcome {
    let batch = body::<Produce>(call)?.into_batch();
    stored(runtime::add_dead_letters(world, iid, group, &batch))
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
    done(runtime::connect(world, iid, group, &new.client_id, &new.topics))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lag {
    topic: String,
    #[serde(rename = "lag")]
    unread: u64,
    #[serde(default)]
    inflight: u64,
}

fn lag(world: &mut World, call: &Call, iid: &str, group: &str) -> Outcome {
    let new: Lag = body(call)?;
    let is_set = runtime::set_lag(world, iid, group, &new.topic, new.unread)
        && runtime::set_inflight(world, iid, group, &new.topic, new.inflight);
    done(is_set)
}
