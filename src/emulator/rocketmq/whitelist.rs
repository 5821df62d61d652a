//! Who may connect to an instance from the Internet.

use std::net::IpAddr;

use serde_json::Value;
use serde_json::json;

use super::errors::Outcome;
use super::errors::Refusal;
use super::errors::invalid;
use super::errors::missing;
use super::errors::no_address;
use super::fields::Fields;
use super::fields::listed;
use super::instances::require_running;
use super::page::Page;
use super::route::Target;
use super::world::World;

/// Refuses what is neither an address nor a network.
pub(crate) fn check_address(text: &str) -> Result<(), Refusal> {
    let (address, length) = text.split_once('/').unwrap_or((text, "0"));
    let is_good = address.parse::<IpAddr>().is_ok_and(|address| {
        let most = if address.is_ipv4() { 32 } else { 128 };
        length.parse::<u8>().is_ok_and(|length| length <= most)
    });
    if is_good { Ok(()) } else { Err(invalid("ipWhitelists", "it holds something that is no address")) }
}

/// `POST /instances/{id}/ip/whitelist`
pub(crate) fn create(world: &mut World, target: &Target<'_>) -> Outcome {
    let iid = target.id();
    world.broker(iid)?;
    require_running(world, iid)?;
    let new = Fields::of(target.call)?.texts("ipWhitelists")?.unwrap_or_default();
    if new.is_empty() {
        return Err(missing("ipWhitelists"));
    }
    new.iter().try_for_each(|address| check_address(address))?;
    if let Some(instance) = world.instance_mut(iid) {
        for address in new {
            if !instance.ip_whitelist.contains(&address) {
                instance.ip_whitelist.push(address);
            }
        }
    }
    Ok(json!(true))
}

/// `DELETE /instances/{id}/ip/whitelist`
pub(crate) fn delete(world: &mut World, target: &Target<'_>) -> Outcome {
    let iid = target.id();
    let asked = |name: &str| target.call.query(name).map(listed).unwrap_or_default();
    let gone = [asked("ipWhitelists"), asked("ipWhitelist")].concat();
    if gone.is_empty() {
        return Err(missing("ipWhitelists"));
    }
    let known = &world.broker(iid)?.instance.ip_whitelist;
    if gone.iter().any(|address| !known.contains(address)) {
        return Err(no_address());
    }
    require_running(world, iid)?;
    if let Some(instance) = world.instance_mut(iid) {
        instance.ip_whitelist.retain(|address| !gone.contains(address));
    }
    Ok(json!(true))
}

/// `GET /instances/{id}/ip/whitelists`: all addresses, or those of them that are asked for.
pub(crate) fn get(world: &mut World, target: &Target<'_>) -> Outcome {
    let instance = &world.broker(target.id())?.instance;
    let asked = target.call.query("ipWhitelists").map(listed).unwrap_or_default();
    let found: Vec<&String> =
        instance.ip_whitelist.iter().filter(|address| asked.is_empty() || asked.contains(address)).collect();
    if !asked.is_empty() && found.is_empty() {
        return Err(no_address());
    }
    Ok(json!({ "instanceId": instance.id, "regionId": instance.region, "ipWhitelists": found }))
}

/// `GET /instances/{id}/ip/whitelist`
pub(crate) fn list(world: &mut World, target: &Target<'_>) -> Outcome {
    let page = Page::read(target.call, 1, 100)?;
    let filter = target.call.query("ipWhitelist").unwrap_or_default();
    let instance = &world.broker(target.id())?.instance;
    let found: Vec<Value> = instance
        .ip_whitelist
        .iter()
        .filter(|address| address.contains(filter))
        .map(|address| json!(address))
        .collect();
    Ok(page.cut(found))
}
