//! The service as a [`Service`]: one call at a time against the world.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;

use serde_json::Value;

use super::control;
use super::errors::error_reply;
use super::errors::in_order;
use super::route;
use super::settings::Settings;
use super::settle;
use super::world::World;
use crate::emulator::exchange::Call;
use crate::emulator::exchange::Reply;
use crate::emulator::faults::JobShape;
use crate::emulator::host::guard;
use crate::emulator::options::Options;
use crate::emulator::service::Answer;
use crate::emulator::service::Service;

/// A request id where no call has been looked at.
const NO_REQUEST: &str = "00000000-0000-5000-A000-000000000000";

/// The emulated service.
#[derive(Debug)]
pub(crate) struct RocketMq {
    pub(super) world: Mutex<World>,
}

/// Opens the service with what its directory holds.
pub(crate) fn open(options: &Options) -> std::io::Result<Arc<RocketMq>> {
    Ok(Arc::new(RocketMq { world: Mutex::new(World::open(options)?) }))
}

/// A service in memory that nobody serves.
pub(crate) fn detached(options: &Options) -> Arc<RocketMq> {
    Arc::new(RocketMq { world: Mutex::new(World::in_memory(options)) })
}

impl Service for RocketMq {
    fn answer(&self, call: &Call, shape: &JobShape) -> Answer {
        let mut world = guard(&self.world);
        world.shape = shape.clone();
        world.created = None;
        settle::settle(&mut world);
        let changes = self.is_mutating(call);
        let before = (changes && shape.stale_reads > 0).then(|| (world.brokers.clone(), world.plans.clone()));
        let is_stale = !changes && world.stale.left > 0;
        // What goes on must not end in the state before: nothing goes on while that is looked at.
        let paused = is_stale.then(|| std::mem::take(&mut world.transitions));
        if is_stale {
            world.stale.left -= 1;
            swap_stale(&mut world);
        }
        let reply = route::answer(&mut world, call);
        if let Some(transitions) = paused {
            swap_stale(&mut world);
            world.transitions = transitions;
        }
        if let Some(before) = before
            && world.is_dirty()
        {
            world.stale.left = shape.stale_reads;
            world.stale.before = Some(before);
        }
        let created = world.created.take();
        let committed = world.is_dirty();
        let ticket = world.flush();
        Answer { reply, committed, ticket, created }
    }

    fn control(&self, call: &Call) -> Option<Reply> {
        let mut world = guard(&self.world);
        settle::settle(&mut world);
        let reply = control::answer(&mut world, call);
        world.flush();
        reply
    }

    fn throttled(&self) -> Reply {
        error_reply(400, 400, "Throttling.User", "Request was denied due to user flow control.", NO_REQUEST)
            .with_header("x-acs-retry-after", "20")
    }

    fn error(&self, status: u16, code: Option<&str>, message: &str) -> Reply {
        let code = code.unwrap_or(match status {
            429 => "Throttling",
            503 => "ServiceUnavailable",
            500.. => "InternalError",
            403 => "NoPermission",
            404 => "InvalidAction.NotFound",
            _ => "InvalidParameter",
        });
        error_reply(status, status, code, message, NO_REQUEST)
    }

    fn error_code(&self, reply: &Reply) -> Option<String> {
        let body: Value = serde_json::from_slice(&reply.body).ok()?;
        let failed = !reply.is_success() || body.get("success") == Some(&Value::Bool(false));
        let code = body.get("code").or_else(|| body.get("Code"))?.as_str()?;
        failed.then(|| code.to_owned())
    }

    fn is_mutating(&self, call: &Call) -> bool {
        call.method != "GET"
    }

    fn lane(&self, call: &Call) -> Option<String> {
        match call.segment_refs().as_slice() {
            ["instances" | "disaster_recovery", id, ..] => Some((*id).to_owned()),
            _ => None,
        }
    }

    fn busy(&self) -> Reply {
        in_order().reply(NO_REQUEST, &Settings::default())
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
        let mut count = |name: &str, more: usize| {
            *figures.entry(name.to_owned()).or_default() += u64::try_from(more).unwrap_or(u64::MAX);
        };
        for broker in world.brokers().values().filter(|broker| !broker.instance.is_released()) {
            count("instances", 1);
            count("topics", broker.topics.len());
            count("groups", broker.groups.len());
            count("accounts", broker.accounts.len());
            count("acls", broker.acls.len());
            count("messages", broker.messages.len());
        }
        for plan in world.plans().values().filter(|plan| !plan.is_deleted()) {
            count("plans", 1);
            count("items", plan.items.len());
        }
        figures
    }
}

fn swap_stale(world: &mut World) {
    if let Some((brokers, plans)) = &mut world.stale.before {
        std::mem::swap(&mut world.brokers, brokers);
        std::mem::swap(&mut world.plans, plans);
    }
}
