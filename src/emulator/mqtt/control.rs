//! Control routes of MQTT: the clock, settings, regions, name service, and what devices do.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use super::handle::outage;
use super::recovery;
use super::runtime;
use super::runtime::Refused;
use super::seed;
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
        ("GET", ["dns"]) => dns(world, call),
        ("GET", ["recovery"]) => Ok(Reply::ok(&recovery::state(world))),
        ("POST", ["inspection"]) => Ok(Reply::ok(&json!({ "switched": recovery::inspect(world) }))),
        ("PUT", ["regions", region]) => region_state(world, call, region),
        ("POST", ["devices"]) => device(world, call),
        ("GET", ["instances"]) => Ok(instances(world)),
        ("POST", ["instances"]) => seed(world, call),
        (method, ["instances", iid, rest @ ..]) => {
            if !world.members().contains_key(*iid) {
                return Some(refusal(404, "no such instance"));
            }
            instance(world, call, iid, (method, rest))?
        }
        _ => return None,
    };
    Some(outcome.unwrap_or_else(|reply| reply))
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

fn dns(world: &World, call: &Call) -> Outcome {
    let domain = call.query("domain").unwrap_or_default();
    let answer = recovery::resolve(world, domain).ok_or_else(|| refusal(404, "no such domain name"))?;
    Ok(Reply::ok(&answer))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Region {
    down: bool,
}

fn region_state(world: &mut World, call: &Call, region: &str) -> Outcome {
    let state: Region = body(call)?;
    outage(world, region, state.down);
    Ok(Reply::ok(&recovery::state(world)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Device {
    /// The domain name that the device knows, instead of an instance.
    #[serde(default)]
    domain: Option<String>,
    client_id: String,
    #[serde(default)]
    topics: BTreeSet<String>,
}

/// A device that connects by a domain name.
fn device(world: &mut World, call: &Call) -> Outcome {
    let device: Device = body(call)?;
    let domain = device.domain.as_deref().unwrap_or_default();
    let iid = recovery::reached(world, domain)
        .ok_or_else(|| refusal(404, "the domain name has no address that answers"))?;
    connect(world, &iid, device)
}

fn connect(world: &mut World, iid: &str, device: Device) -> Outcome {
    match runtime::connect(world, iid, &device.client_id, device.topics) {
        Ok(()) => Ok(Reply::ok(&json!({ "instance_id": iid }))),
        Err(Refused::NoInstance) => Err(refusal(404, "no such instance")),
        Err(Refused::Blocked) => Err(refusal(403, "the client is on the blacklist")),
        Err(Refused::NoGroup) => Err(refusal(403, "the group of the client does not exist")),
    }
}

fn instances(world: &World) -> Reply {
    let all: Vec<Value> = world
        .members()
        .values()
        .map(|member| {
            json!({
                "instance": member.instance,
                "groups": member.groups.values().collect::<Vec<_>>(),
                "identities": member.identities.values().map(|one| &one.username).collect::<Vec<_>>(),
                "permissions": member.permissions.values().collect::<Vec<_>>(),
                "blacklist": member.blacklist.keys().collect::<Vec<_>>(),
                "credentials": member.credentials.keys().collect::<Vec<_>>(),
                "ca_certificates": member.authorities.keys().collect::<Vec<_>>(),
                "device_certificates": member.devices.values().map(|one| &one.sn).collect::<Vec<_>>(),
                "sessions": member.sessions.keys().collect::<Vec<_>>(),
                "messages": member.messages.len(),
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
        ("DELETE", []) => done(world.remove_instance(iid)),
        ("PUT", ["status"]) => status(world, call, iid),
        ("POST", ["sessions"]) => body(call).and_then(|device| connect(world, iid, device)),
        ("DELETE", ["sessions", client]) => done(runtime::close(world, iid, client, "closed by the client")),
        ("POST", ["messages"]) => publish(world, call, iid),
        ("POST", ["device-certificates"]) => device_certificate(world, call, iid),
        ("PUT", ["vip"]) => vip(world, call, iid),
        _ => return None,
    })
}

fn done(found: bool) -> Outcome {
    if found { Ok(Reply::empty(204)) } else { Err(refusal(404, "no such object")) }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewStatus {
    status: u64,
}

fn status(world: &mut World, call: &Call, iid: &str) -> Outcome {
    let new: NewStatus = body(call)?;
    done(world.instance_mut(iid).map(|instance| instance.status = new.status).is_some())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Publish {
    #[serde(default)]
    client_id: String,
    topic: String,
    #[serde(default)]
    payload: String,
}

fn publish(world: &mut World, call: &Call, iid: &str) -> Outcome {
    let new: Publish = body(call)?;
    let id = runtime::publish(world, iid, &new.client_id, &new.topic, &new.payload);
    Ok(Reply::ok(&json!({ "msg_id": id })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewDevice {
    ca_sn: String,
    device_sn: String,
}

fn device_certificate(world: &mut World, call: &Call, iid: &str) -> Outcome {
    let new: NewDevice = body(call)?;
    let now = world.now_ms();
    world.put(iid, seed::device(&new.ca_sn, &new.device_sn, now, now.saturating_add(1_000_000_000)));
    Ok(Reply::empty(204))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vip {
    active: bool,
}

/// A switch that nobody has asked for.
fn vip(world: &mut World, call: &Call, iid: &str) -> Outcome {
    let new: Vip = body(call)?;
    if new.active {
        recovery::put_back(world, iid);
    } else {
        recovery::take_out(world, iid, None);
    }
    Ok(Reply::ok(&recovery::state(world)))
}
