//! Switches of public addresses within a fleet, and what the name service says then.
//!
//! The API tells nobody the state; only the control routes do.

use std::collections::BTreeSet;

use serde_json::Value;
use serde_json::json;

use super::errors::Outcome;
use super::errors::Refusal;
use super::errors::bad_parameters;
use super::errors::invalid;
use super::errors::no_operation;
use super::model::Instance;
use super::params::Params;
use super::settings::Convention;
use super::settings::Repeated;
use super::world::World;

/// `DisasterDowngrade`: takes the public address of an instance out.
pub(super) fn downgrade(world: &mut World, params: &Params) -> Outcome {
    switch(world, params, "DowngradeInstanceId", true)
}

/// `DisasterRecovery`: puts it back.
pub(super) fn recover(world: &mut World, params: &Params) -> Outcome {
    switch(world, params, "RecoveryInstanceId", false)
}

fn switch(world: &mut World, params: &Params, target: &str, is_downgraded: bool) -> Outcome {
    let by = params.need("InstanceId")?;
    let target = params.need(target)?;
    let by = world.member(by)?.instance.clone();
    let instance = world.member(target)?.instance.clone();
    for one in [&by, &instance] {
        if one.kind != 1 || !one.recovers {
            return Err(no_operation());
        }
    }
    if by.fleet != instance.fleet {
        return Err(bad_parameters());
    }
    check_convention(world, &by, &instance)?;
    if instance.is_downgraded == is_downgraded {
        return match world.settings.repeated_switch {
            Repeated::Success => Ok(json!({})),
            Repeated::Error => Err(bad_parameters()),
        };
    }
    if is_downgraded {
        let is_last =
            fleet(world, &instance.fleet).iter().all(|one| one.is_downgraded || one.id == instance.id);
        if is_last && world.settings.refuse_last_active {
            return Err(bad_parameters());
        }
        take_out(world, &instance.id, (by.id != instance.id && !by.is_downgraded).then_some(by.id.as_str()));
    } else {
        put_back(world, &instance.id);
    }
    Ok(json!({}))
}

fn check_convention(world: &World, by: &Instance, target: &Instance) -> Result<(), Refusal> {
    let fits = match world.settings.convention {
        Convention::Any => true,
        Convention::Takeover => by.id != target.id && !by.is_downgraded,
        Convention::Primary => fleet(world, &target.fleet).first().is_some_and(|first| first.id == by.id),
        Convention::SelfOnly => by.id == target.id,
    };
    if fits { Ok(()) } else { Err(invalid("InstanceId")) }
}

/// The instances of a fleet, the first one first.
fn fleet<'a>(world: &'a World, name: &str) -> Vec<&'a Instance> {
    let mut all: Vec<&Instance> = world
        .members()
        .values()
        .map(|member| &member.instance)
        .filter(|instance| instance.fleet == name && instance.recovers)
        .collect();
    all.sort_by_key(|instance| instance.position);
    all
}

/// Takes the public address of an instance out; its domain name points at another one.
pub(super) fn take_out(world: &mut World, iid: &str, by: Option<&str>) {
    let Some(instance) = world.members().get(iid).map(|member| member.instance.clone()) else { return };
    let others = fleet(world, &instance.fleet).into_iter().filter(|one| !one.is_downgraded && one.id != iid);
    let stand_in = others.filter(|one| by.is_none_or(|by| by == one.id)).map(Instance::vip).next();
    point(world, iid, true, stand_in.into_iter().collect());
}

/// Puts the public address of an instance back.
pub(super) fn put_back(world: &mut World, iid: &str) {
    let Some(vip) = world.members().get(iid).map(|member| member.instance.vip()) else { return };
    point(world, iid, false, vec![vip]);
}

fn point(world: &mut World, iid: &str, is_downgraded: bool, addresses: Vec<String>) {
    let now = world.now_ms();
    if let Some(instance) = world.instance_mut(iid) {
        instance.is_downgraded = is_downgraded;
        instance.addresses_before = std::mem::replace(&mut instance.addresses, addresses);
        instance.switched_at = Some(now);
    }
}

/// The vendor's own inspection: instances of regions that do not answer are taken out. Returns which.
pub(super) fn inspect(world: &mut World) -> Vec<String> {
    let outages: BTreeSet<String> = world.outages.clone();
    let lost: Vec<String> = world
        .members()
        .values()
        .map(|member| &member.instance)
        .filter(|instance| instance.recovers && !instance.is_downgraded && outages.contains(&instance.region))
        .map(|instance| instance.id.clone())
        .collect();
    for iid in &lost {
        take_out(world, iid, None);
    }
    lost
}

/// What a resolver is told about a domain name, and what one may still remember. None = there is no such name.
pub(super) fn resolve(world: &World, domain: &str) -> Option<Value> {
    let ttl = i64::try_from(world.settings.dns_ttl_seconds.saturating_mul(1000)).unwrap_or(i64::MAX);
    let left = |at: Option<i64>| at.map_or(0, |at| (at.saturating_add(ttl) - world.now_ms()).max(0));
    if let Some(name) = domain.strip_suffix(".mqtt-dr.aliyuncs.com") {
        let fleet = fleet(world, name);
        if fleet.is_empty() {
            return None;
        }
        let normal: Vec<String> =
            fleet.iter().filter(|one| !one.is_downgraded).map(|one| one.vip()).collect();
        let last = fleet.iter().filter_map(|one| one.switched_at).max();
        return Some(json!({ "domain": domain, "addresses": normal, "ttl_left_ms": left(last) }));
    }
    let instance =
        world.members().values().map(|member| &member.instance).find(|one| one.domain() == domain)?;
    Some(json!({
        "domain": domain,
        "addresses": instance.addresses,
        "before": instance.addresses_before,
        "ttl_left_ms": left(instance.switched_at),
    }))
}

/// The instance that a device reaches by a domain name.
pub(super) fn reached(world: &World, domain: &str) -> Option<String> {
    let answer = resolve(world, domain)?;
    let address = answer.get("addresses")?.get(0)?.as_str()?.to_owned();
    let mut all = world.members().values().map(|member| &member.instance);
    all.find(|instance| instance.vip() == address).map(|instance| instance.id.clone())
}

/// The state of every instance that takes part.
pub(super) fn state(world: &World) -> Value {
    let members: Vec<Value> = world
        .members()
        .values()
        .map(|member| &member.instance)
        .filter(|instance| instance.recovers)
        .map(|instance| {
            json!({
                "instance_id": instance.id,
                "fleet": instance.fleet,
                "region": instance.region,
                "vip": instance.vip(),
                "downgraded": instance.is_downgraded,
                "domain": instance.domain(),
                "addresses": instance.addresses,
                "region_down": world.outages.contains(&instance.region),
            })
        })
        .collect();
    json!({ "members": members })
}
