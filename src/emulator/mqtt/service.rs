//! `ApsaraMQ` for MQTT as a [`Service`]: one call at a time against the world.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;

use serde_json::Value;

use super::control;
use super::errors::error_reply;
use super::params::Params;
use super::route;
use super::world::World;
use crate::emulator::exchange::Call;
use crate::emulator::exchange::Reply;
use crate::emulator::faults::JobShape;
use crate::emulator::host::guard;
use crate::emulator::options::Options;
use crate::emulator::service::Answer;
use crate::emulator::service::Service;

/// The host that error answers name.
const HOST: &str = "onsmqtt.cn-hangzhou.aliyuncs.com";

/// The emulated service.
#[derive(Debug)]
pub(crate) struct Mqtt {
    pub(super) world: Mutex<World>,
}

/// Opens the service with what its directory holds.
pub(crate) fn open(options: &Options) -> std::io::Result<Arc<Mqtt>> {
    Ok(Arc::new(Mqtt { world: Mutex::new(World::open(options)?) }))
}

/// A service in memory that nobody serves.
pub(crate) fn detached(options: &Options) -> Arc<Mqtt> {
    Arc::new(Mqtt { world: Mutex::new(World::in_memory(options)) })
}

impl Mqtt {
    fn refuse(&self, status: u16, code: &str, message: &str) -> Reply {
        let request_id = guard(&self.world).new_request_id();
        error_reply(status, code, message, &request_id, HOST)
    }
}

impl Service for Mqtt {
    fn answer(&self, call: &Call, shape: &JobShape) -> Answer {
        let mut world = guard(&self.world);
        world.created = None;
        let changes = self.is_mutating(call);
        let before = (changes && shape.stale_reads > 0).then(|| world.members.clone());
        let is_stale = !changes && world.stale.left > 0;
        if is_stale {
            world.stale.left -= 1;
            swap_stale(&mut world);
        }
        let reply = route::answer(&mut world, call, shape);
        if is_stale {
            swap_stale(&mut world);
        }
        if let Some(before) = before
            && world.is_dirty()
        {
            world.stale.left = shape.stale_reads;
            world.stale.before = before;
        }
        let created = world.created.take();
        let committed = world.is_dirty();
        let ticket = world.flush();
        Answer { reply, committed, ticket, created }
    }

    fn control(&self, call: &Call) -> Option<Reply> {
        let mut world = guard(&self.world);
        let reply = control::answer(&mut world, call);
        world.flush();
        reply
    }

    fn throttled(&self) -> Reply {
        self.refuse(
            403,
            "SystemOverFlow",
            "An error occurred while processing your request. Please try again.",
        )
    }

    fn error(&self, status: u16, code: Option<&str>, message: &str) -> Reply {
        let fitting = match status {
            429 => "Throttling.User",
            503 => "ServiceUnavailable",
            _ => "InternalError",
        };
        self.refuse(status, code.unwrap_or(fitting), message)
    }

    fn error_code(&self, reply: &Reply) -> Option<String> {
        let body: Value = serde_json::from_slice(&reply.body).ok()?;
        if reply.is_success() && body.get("Success") != Some(&Value::Bool(false)) {
            return None;
        }
        match body.get("Code")? {
            Value::String(code) => Some(code.clone()),
            code => Some(code.to_string()),
        }
    }

    fn is_mutating(&self, call: &Call) -> bool {
        route::operation(call).is_some_and(|operation| operation.is_mutating)
    }

    fn route(&self, call: &Call) -> String {
        format!("/{}", route::name(call))
    }

    fn is_unreachable(&self, call: &Call) -> bool {
        let world = guard(&self.world);
        !world.outages.is_empty() && route::region(call).is_some_and(|region| world.outages.contains(&region))
    }

    fn lane(&self, call: &Call) -> Option<String> {
        let params = Params::of(call);
        params.get("InstanceId").or_else(|| params.get("MqttInstanceId")).map(str::to_owned)
    }

    fn busy(&self) -> Reply {
        self.refuse(417, "InternalError", "An error occurred while processing your request. Try again later.")
    }

    fn reset(&self) {
        let mut world = guard(&self.world);
        world.clear();
        world.flush();
    }

    fn end_stale_reads(&self) {
        guard(&self.world).stale.left = 0;
    }

    fn figures(&self) -> BTreeMap<String, u64> {
        let world = guard(&self.world);
        let mut figures: BTreeMap<String, u64> = BTreeMap::new();
        for member in world.members().values() {
            for (name, count) in [
                ("instances", 1),
                ("groups", member.groups.len()),
                ("identities", member.identities.len()),
                ("permissions", member.permissions.len()),
                ("blocked_clients", member.blacklist.len()),
                ("credentials", member.credentials.len()),
                ("ca_certificates", member.authorities.len()),
                ("device_certificates", member.devices.len()),
                ("sessions", member.sessions.len()),
                ("messages", member.messages.len()),
            ] {
                *figures.entry(name.to_owned()).or_default() += u64::try_from(count).unwrap_or(u64::MAX);
            }
        }
        figures.insert("billed_calls".to_owned(), world.billed);
        figures
    }
}

fn swap_stale(world: &mut World) {
    std::mem::swap(&mut world.members, &mut world.stale.before);
}
