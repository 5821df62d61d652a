//! DMS as a [`Service`]: one call at a time against the world.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;

use serde_json::Value;

use super::control;
use super::errors::error_reply;
use super::errors::job_running;
use super::jobs;
use super::route;
use super::world::World;
use crate::emulator::exchange::Call;
use crate::emulator::exchange::Reply;
use crate::emulator::faults::JobShape;
use crate::emulator::host::guard;
use crate::emulator::options::Options;
use crate::emulator::service::Answer;
use crate::emulator::service::Service;

/// The emulated service.
#[derive(Debug)]
pub(crate) struct Dms {
    pub(super) world: Mutex<World>,
}

/// Opens the service with what its directory holds.
pub(crate) fn open(options: &Options) -> std::io::Result<Arc<Dms>> {
    Ok(Arc::new(Dms { world: Mutex::new(World::open(options)?) }))
}

/// A service in memory that nobody serves.
pub(crate) fn detached(options: &Options) -> Arc<Dms> {
    Arc::new(Dms { world: Mutex::new(World::in_memory(options)) })
}

impl Service for Dms {
    fn answer(&self, call: &Call, shape: &JobShape) -> Answer {
        let mut world = guard(&self.world);
        world.shape = shape.clone();
        world.created = None;
        jobs::settle(&mut world);
        let changes = call.is_mutating();
        let before = (changes && shape.stale_reads > 0).then(|| world.brokers.clone());
        let is_stale = !changes && world.stale.left > 0;
        if is_stale {
            world.stale.left -= 1;
            swap_stale(&mut world);
        }
        let reply = route::answer(&mut world, call);
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
        jobs::settle(&mut world);
        let reply = control::answer(&mut world, call);
        world.flush();
        reply
    }

    fn throttled(&self) -> Reply {
        error_reply(
            404,
            "DMS.10240407",
            "The request is too frequent. Flow control is being performed. Please try again later.",
        )
    }

    fn error(&self, status: u16, code: Option<&str>, message: &str) -> Reply {
        let fitting = match status {
            413 => "APIGW.0201",
            429 => "APIGW.0308",
            _ => "DMS.00500000",
        };
        error_reply(status, code.unwrap_or(fitting), message)
    }

    fn error_code(&self, reply: &Reply) -> Option<String> {
        if reply.is_success() {
            return None;
        }
        let body: Value = serde_json::from_slice(&reply.body).ok()?;
        Some(body.get("error_code")?.as_str()?.to_owned())
    }

    fn is_mutating(&self, call: &Call) -> bool {
        call.is_mutating()
    }

    fn lane(&self, call: &Call) -> Option<String> {
        let at = call.segments.iter().position(|segment| segment == "instances")?;
        call.segments.get(at + 1).cloned()
    }

    fn busy(&self) -> Reply {
        job_running().reply()
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
        for broker in world.brokers().values() {
            let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
            let topics = broker.topics.values().filter(|topic| !topic.is_internal()).count();
            for (name, more) in [
                ("instances", 1),
                ("topics", count(topics)),
                ("groups", count(broker.groups.len())),
                ("users", count(broker.users.len())),
                ("messages", count(broker.messages.len())),
            ] {
                *figures.entry(name.to_owned()).or_default() += more;
            }
        }
        figures
    }
}

fn swap_stale(world: &mut World) {
    std::mem::swap(&mut world.brokers, &mut world.stale.before);
}
