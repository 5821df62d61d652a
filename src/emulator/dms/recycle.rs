//! The recycle bin: deleted instances that can still be restored, if the project keeps them.

use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use serde_json::json;

use super::errors::Outcome;
use super::errors::Refusal;
use super::errors::bad_parameter;
use super::errors::no_instance;
use super::fields::Fields;
use super::jobs;
use super::jobs::Job;
use super::model::Broker;
use super::model::Effect;
use super::model::Status;
use super::route::Target;
use super::world::World;
use crate::emulator::exchange::Reply;

const RESTORE_SECONDS: i64 = 60;
const DAY_MS: i64 = 86_400_000;

/// Whether deleted instances are kept, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Policy {
    pub(crate) default_use_recycle: bool,
    pub(crate) retention_days: u64,
}

impl Default for Policy {
    fn default() -> Self {
        Self { default_use_recycle: false, retention_days: 7 }
    }
}

/// A deleted instance with everything that was in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Recycled {
    pub(crate) broker: Broker,
    pub(crate) since: i64,
    pub(crate) days: u64,
}

impl Recycled {
    fn ends(&self) -> i64 {
        self.since.saturating_add(i64::try_from(self.days).unwrap_or(0).saturating_mul(DAY_MS))
    }

    fn view(&self) -> Value {
        let instance = &self.broker.instance;
        json!({
            "instance_id": instance.id,
            "name": instance.name,
            "status": "RECYCLE",
            "engine": "reliability",
            "in_recycle_time": self.since,
            "save_time": self.days,
            "auto_delete_time": self.ends(),
            "cost_per_hour": 0.0,
            "product_id": instance.product_id,
        })
    }
}

/// Removes the instances whose time is over.
fn expire(world: &mut World) {
    let now = world.now_ms();
    let over: Vec<String> =
        world.recycled().iter().filter(|(_, kept)| kept.ends() <= now).map(|(iid, _)| iid.clone()).collect();
    for iid in over {
        world.take_recycled(&iid);
    }
}

fn view(world: &World) -> Value {
    let policy = world.policy();
    let kept: Vec<Value> = world.recycled().values().map(Recycled::view).collect();
    json!({
        "retention_days": policy.retention_days,
        "default_use_recycle": policy.default_use_recycle,
        "recycle_instances": kept,
    })
}

#[expect(clippy::unnecessary_wraps, reason = "all operations have one signature")]
pub(crate) fn list(world: &mut World, _: &Target<'_>) -> Outcome {
    expire(world);
    Ok(Reply::ok(&view(world)))
}

pub(crate) fn set_policy(world: &mut World, target: &Target<'_>) -> Outcome {
    let fields = Fields::of(target.call)?;
    let mut policy = world.policy();
    if let Some(days) = fields.number("retention_days")? {
        if !(1..=7).contains(&days) {
            return Err(bad_parameter("retention_days must be 1 to 7."));
        }
        policy.retention_days = days;
    }
    if let Some(enabled) = fields.flag("default_use_recycle")? {
        policy.default_use_recycle = enabled;
    }
    world.set_policy(policy);
    Ok(Reply::ok(&view(world)))
}

/// Restores instances; one that is not there fails alone.
pub(crate) fn restore(world: &mut World, target: &Target<'_>) -> Outcome {
    let fields = Fields::of(target.call)?;
    expire(world);
    let ids = fields.texts("instances")?.unwrap_or_default();
    if ids.is_empty() {
        return Err(Refusal::bad("DMS.00400065", "The instances parameter in the request is empty."));
    }
    if ids.iter().all(|iid| !world.recycled().contains_key(iid)) {
        return Err(no_instance());
    }
    let results: Vec<Value> = ids
        .iter()
        .map(|iid| {
            let Some(kept) = world.take_recycled(iid) else {
                return json!({ "instance_id": iid, "error_msg": "This DMS instance does not exist." });
            };
            let mut broker = kept.broker;
            broker.instance.status = Status::Creating;
            world.put_broker(broker);
            let job = Job {
                name: "restoreInstance",
                params: json!({}),
                seconds: RESTORE_SECONDS,
                effect: Effect::Restart,
            };
            let id = jobs::start(world, iid, job);
            json!({ "instance_id": iid, "job_id": id })
        })
        .collect();
    Ok(Reply::ok(&json!({ "results": results })))
}
