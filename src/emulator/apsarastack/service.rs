//! Apsara Stack as a [`Service`]: one call at a time against the world.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;

use super::control;
use super::envelope;
use super::envelope::Refusal;
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

/// The emulated service.
#[derive(Debug)]
pub(crate) struct ApsaraStack {
    pub(super) world: Mutex<World>,
}

/// Opens the service with what its directory holds.
pub(crate) fn open(options: &Options) -> std::io::Result<Arc<ApsaraStack>> {
    Ok(Arc::new(ApsaraStack { world: Mutex::new(World::open(options)?) }))
}

/// A service in memory that nobody serves.
pub(crate) fn detached(options: &Options) -> Arc<ApsaraStack> {
    Arc::new(ApsaraStack { world: Mutex::new(World::in_memory(options)) })
}

impl Service for ApsaraStack {
    fn answer(&self, call: &Call, shape: &JobShape) -> Answer {
        let mut world = guard(&self.world);
        world.shape = shape.clone();
        world.created = None;
        let changes = route::is_mutating(call);
        let before = (changes && shape.stale_reads > 0).then(|| world.spaces.clone());
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
        let reply = control::answer(&mut world, call);
        world.flush();
        reply
    }

    fn throttled(&self) -> Reply {
        envelope::failed(&Refusal::new("Throttling.User", "Request was denied due to user flow control."))
    }

    fn error(&self, status: u16, code: Option<&str>, message: &str) -> Reply {
        let fitting = if status == 429 { "Throttling.User" } else { "ONS_SYSTEM_ERROR" };
        envelope::failed(&Refusal { status, ..Refusal::new(code.unwrap_or(fitting), message) })
    }

    fn error_code(&self, reply: &Reply) -> Option<String> {
        envelope::error_code(reply)
    }

    fn is_mutating(&self, call: &Call) -> bool {
        route::is_mutating(call)
    }

    fn lane(&self, call: &Call) -> Option<String> {
        Some(Params::of(call).get("instanceId").unwrap_or_default().to_owned())
    }

    fn busy(&self) -> Reply {
        envelope::failed(&Refusal::new("ONS_INVOKE_ERROR", "Another change is being made."))
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
        let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        for space in world.spaces().values() {
            for (name, more) in [
                ("instances", 1),
                ("topics", count(space.topics.len())),
                ("groups", count(space.groups.len())),
                ("grants", count(space.grants.len())),
                ("messages", count(space.messages.len())),
            ] {
                *figures.entry(name.to_owned()).or_default() += more;
            }
        }
        figures
    }
}

fn swap_stale(world: &mut World) {
    std::mem::swap(&mut world.spaces, &mut world.stale.before);
}
