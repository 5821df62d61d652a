//! Clients that may not connect. Those that are connected stay.

use serde_json::json;

use super::errors::Outcome;
use super::errors::bad_parameters;
use super::errors::over_capacity;
use super::member::Blocked;
use super::page;
use super::params::Params;
use super::world::World;

/// `AddCustomAuthConnectBlack`.
pub(super) fn add(world: &mut World, params: &Params) -> Outcome {
    let iid = params.need("InstanceId")?;
    let capacity = world.settings.custom_auth_capacity;
    let member = world.member(iid)?;
    let client = params.need("ClientId")?;
    if member.blacklist.contains_key(client) {
        return Err(bad_parameters());
    }
    if u64::try_from(member.blacklist.len()).is_ok_and(|count| count >= capacity) {
        return Err(over_capacity());
    }
    world.created = Some(format!("blocked/{iid}/{client}"));
    world.put(iid, Blocked { client_id: client.to_owned() });
    Ok(json!({}))
}

/// `DeleteCustomAuthConnectBlack`.
pub(super) fn delete(world: &mut World, params: &Params) -> Outcome {
    let iid = params.need("InstanceId")?;
    world.member(iid)?;
    if world.remove::<Blocked>(iid, params.need("ClientId")?) { Ok(json!({})) } else { Err(bad_parameters()) }
}

/// `QueryCustomAuthConnectBlack`.
pub(super) fn query(world: &mut World, params: &Params) -> Outcome {
    let iid = params.need("InstanceId")?;
    let size = params.size("Size")?;
    let wanted = params.get("ClientId");
    let found = world
        .member(iid)?
        .blacklist
        .keys()
        .filter(|client| wanted.is_none_or(|wanted| wanted == *client))
        .map(|client| {
            let view = json!({ "ClientId": client, "PermitAction": "CONNECT", "Effect": "DENY" });
            (client.clone(), view)
        })
        .collect();
    let (results, next) = page::after(found, params, size)?;
    Ok(json!({ "Data": { "NextToken": next, "Results": results } }))
}
