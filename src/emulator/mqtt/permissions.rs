//! Permissions of custom authentication: what identities may do with topics.

use serde_json::json;

use super::errors::Outcome;
use super::errors::Refusal;
use super::errors::bad_parameters;
use super::errors::no_permission;
use super::errors::over_capacity;
use super::identities::KINDS;
use super::member::Stored as _;
use super::member::permission_key;
use super::model::Permission;
use super::page;
use super::params::Params;
use super::world::World;

fn read(params: &Params) -> Result<Permission, Refusal> {
    Ok(Permission {
        kind: params.word("IdentityType", KINDS)?.to_owned(),
        identity: params.need("Identity")?.to_owned(),
        topic: params.need("Topic")?.to_owned(),
        action: params.word("PermitAction", &["PUB", "SUB", "PUB_SUB"])?.to_owned(),
        effect: params.word("Effect", &["ALLOW", "DENY"])?.to_owned(),
    })
}

/// `AddCustomAuthPermission`.
pub(super) fn add(world: &mut World, params: &Params) -> Outcome {
    let iid = params.need("InstanceId")?;
    let (capacity, checked) = (world.settings.custom_auth_capacity, world.settings.check_parent_topics);
    let member = world.member(iid)?;
    let permission = read(params)?;
    let parent = permission.topic.split('/').next().unwrap_or_default();
    if checked && !member.instance.topics.contains(parent) {
        return Err(no_permission());
    }
    if member.permissions.contains_key(&permission.key()) {
        return Err(bad_parameters());
    }
    if u64::try_from(member.permissions.len()).is_ok_and(|count| count >= capacity) {
        return Err(over_capacity());
    }
    world.created =
        Some(format!("permission/{iid}/{}/{}/{}", permission.kind, permission.identity, permission.topic));
    world.put(iid, permission);
    Ok(json!({}))
}

/// `UpdateCustomAuthPermission`.
pub(super) fn update(world: &mut World, params: &Params) -> Outcome {
    let iid = params.need("InstanceId")?;
    let member = world.member(iid)?;
    let permission = read(params)?;
    if !member.permissions.contains_key(&permission.key()) {
        return Err(bad_parameters());
    }
    world.put(iid, permission);
    Ok(json!({}))
}

/// `DeleteCustomAuthPermission`.
pub(super) fn delete(world: &mut World, params: &Params) -> Outcome {
    let iid = params.need("InstanceId")?;
    world.member(iid)?;
    let kind = params.word("IdentityType", KINDS)?;
    let key = permission_key(kind, params.need("Identity")?, params.need("Topic")?);
    if world.remove::<Permission>(iid, &key) { Ok(json!({})) } else { Err(bad_parameters()) }
}

/// `QueryCustomAuthPermission`.
pub(super) fn query(world: &mut World, params: &Params) -> Outcome {
    let iid = params.need("InstanceId")?;
    let size = params.size("Size")?;
    let fits = |name: &str, value: &str| params.get(name).is_none_or(|wanted| wanted == value);
    let found = world
        .member(iid)?
        .permissions
        .iter()
        .filter(|(_, permission)| {
            fits("IdentityType", &permission.kind)
                && fits("Identity", &permission.identity)
                && fits("Topic", &permission.topic)
        })
        .map(|(key, permission)| {
            let view = json!({
                "Identity": permission.identity,
                "IdentityType": permission.kind,
                "Topic": permission.topic,
                "PermitAction": permission.action,
                "Effect": permission.effect,
            });
            (key.clone(), view)
        })
        .collect();
    let (results, next) = page::after(found, params, size)?;
    Ok(json!({ "Data": { "NextToken": next, "Results": results } }))
}
