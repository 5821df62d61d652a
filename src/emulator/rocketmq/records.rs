//! What a commit can change, and under which key the log has it.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::model::Broker;
use super::model::Instance;
use super::model::Plan;
use super::settle::Transition;
use super::world::World;

/// Something that a commit can change.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Record {
    Instance(String),
    Topic(String, String),
    Group(String, String),
    Account(String, String),
    Acl(String, String),
    Message(String, u64),
    Plan(u64),
    Transition(String),
}

impl Record {
    pub(super) fn key(&self) -> String {
        match self {
            Self::Instance(iid) => format!("instance/{iid}"),
            Self::Topic(iid, name) => format!("topic/{iid}/{name}"),
            Self::Group(iid, name) => format!("group/{iid}/{name}"),
            Self::Account(iid, name) => format!("account/{iid}/{name}"),
            Self::Acl(iid, key) => format!("acl/{iid}/{key}"),
            Self::Message(iid, at) => format!("message/{iid}/{at}"),
            Self::Plan(id) => format!("plan/{id}"),
            Self::Transition(subject) => format!("transition/{subject}"),
        }
    }

    pub(super) fn value(&self, world: &World) -> Option<Value> {
        fn of<T: Serialize>(found: Option<&T>) -> Option<Value> {
            serde_json::to_value(found?).ok()
        }
        let broker = |iid: &String| world.brokers.get(iid);
        match self {
            Self::Instance(iid) => of(broker(iid).map(|b| &b.instance)),
            Self::Topic(iid, name) => of(broker(iid).and_then(|b| b.topics.get(name))),
            Self::Group(iid, name) => of(broker(iid).and_then(|b| b.groups.get(name))),
            Self::Account(iid, name) => of(broker(iid).and_then(|b| b.accounts.get(name))),
            Self::Acl(iid, key) => of(broker(iid).and_then(|b| b.acls.get(key))),
            Self::Message(iid, at) => of(broker(iid).and_then(|b| b.messages.get(at))),
            Self::Plan(id) => of(world.plans.get(id)),
            Self::Transition(subject) => of(world.transitions.get(subject)),
        }
    }

    /// Every record of an instance.
    pub(super) fn of_broker(iid: &str, broker: &Broker) -> Vec<Self> {
        let iid = || iid.to_owned();
        let mut records = vec![Self::Instance(iid())];
        records.extend(broker.topics.keys().map(|name| Self::Topic(iid(), name.clone())));
        records.extend(broker.groups.keys().map(|name| Self::Group(iid(), name.clone())));
        records.extend(broker.accounts.keys().map(|name| Self::Account(iid(), name.clone())));
        records.extend(broker.acls.keys().map(|key| Self::Acl(iid(), key.clone())));
        records.extend(broker.messages.keys().map(|at| Self::Message(iid(), *at)));
        records
    }

    /// Every record there is.
    pub(super) fn all(world: &World) -> Vec<Self> {
        let mut records: Vec<Self> =
            world.brokers.iter().flat_map(|(iid, broker)| Self::of_broker(iid, broker)).collect();
        records.extend(world.plans.keys().map(|id| Self::Plan(*id)));
        records.extend(world.transitions.keys().map(|subject| Self::Transition(subject.clone())));
        records
    }
}

/// Fills a world with what a log holds.
pub(super) fn replay(world: &mut World, contents: BTreeMap<String, Value>) -> serde_json::Result<()> {
    // Instances first: their children need a place to go.
    for (key, value) in &contents {
        if key.starts_with("instance/") {
            let instance: Instance = serde_json::from_value(value.clone())?;
            world.brokers.insert(instance.id.clone(), Broker::new(instance));
        }
    }
    for (key, value) in contents {
        let Some((kind, rest)) = key.split_once('/') else { continue };
        match kind {
            "plan" => {
                let plan: Plan = serde_json::from_value(value)?;
                world.plans.insert(plan.id, plan);
            }
            "transition" => {
                let transition: Transition = serde_json::from_value(value)?;
                world.transitions.insert(rest.to_owned(), transition);
            }
            _ => child(world, kind, rest, value)?,
        }
    }
    Ok(())
}

fn child(world: &mut World, kind: &str, rest: &str, value: Value) -> serde_json::Result<()> {
    let Some((iid, name)) = rest.split_once('/') else { return Ok(()) };
    let Some(broker) = world.brokers.get_mut(iid) else { return Ok(()) };
    let name = name.to_owned();
    match kind {
        "topic" => drop(broker.topics.insert(name, serde_json::from_value(value)?)),
        "group" => drop(broker.groups.insert(name, serde_json::from_value(value)?)),
        "account" => drop(broker.accounts.insert(name, serde_json::from_value(value)?)),
        "acl" => drop(broker.acls.insert(name, serde_json::from_value(value)?)),
        "message" => {
            let message: super::model::Message = serde_json::from_value(value)?;
            broker.messages.insert(message.position, message);
        }
        _ => {}
    }
    Ok(())
}
