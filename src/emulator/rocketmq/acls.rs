//! Access rules: what an account may do with a topic or consumer group.

use serde_json::Value;
use serde_json::json;

use super::errors::Outcome;
use super::errors::Refusal;
use super::errors::invalid;
use super::errors::missing;
use super::errors::no_account;
use super::errors::no_acl;
use super::fields::Fields;
use super::fields::query;
use super::instances::require_running;
use super::model::Acl;
use super::page::Page;
use super::route::Target;
use super::whitelist::check_address;
use super::world::World;

fn read(target: &Target<'_>) -> Result<Acl, Refusal> {
    let fields = Fields::of(target.call)?;
    fields.required("resourceType")?;
    let resource_type = fields.one_of("resourceType", &["Topic", "Group"])?.unwrap_or_default();
    fields.required("decision")?;
    let decision = fields.one_of("decision", &["Allow", "Deny"])?.unwrap_or_default();
    let actions = fields.texts("actions")?.ok_or_else(|| missing("actions"))?;
    let mut actions: Vec<String> =
        actions.iter().flat_map(|action| action.split('|')).map(str::to_owned).collect();
    actions.sort();
    actions.dedup();
    let allowed: &[&str] = if resource_type == "Topic" { &["Pub", "Sub"] } else { &["Sub"] };
    if actions.is_empty() || actions.iter().any(|action| !allowed.contains(&action.as_str())) {
        return Err(invalid("actions", &format!("it may hold {}", allowed.join(" and "))));
    }
    let ip_whitelist = fields.texts("ipWhitelists")?.unwrap_or_default();
    ip_whitelist.iter().try_for_each(|address| check_address(address))?;
    Ok(Acl {
        username: target.name().to_owned(),
        resource_type,
        resource_name: fields.required("resourceName")?,
        actions,
        decision,
        ip_whitelist,
    })
}

/// `POST /instances/{id}/acl/account/{username}`
pub(crate) fn create(world: &mut World, target: &Target<'_>) -> Outcome {
    let iid = target.id();
    if !world.broker(iid)?.accounts.contains_key(target.name()) {
        return Err(no_account());
    }
    require_running(world, iid)?;
    let acl = read(target)?;
    let key = Acl::key(&acl.username, &acl.resource_type, &acl.resource_name);
    if world.broker(iid)?.acls.contains_key(&key) {
        return Err(Refusal::new(400, "InstanceAcl.Existed", "The access rule already exists."));
    }
    world.put_acl(iid, acl);
    world.created = Some(format!("instances/{iid}/acl/{key}"));
    Ok(json!(true))
}

/// `PATCH /instances/{id}/acl/account/{username}`
pub(crate) fn update(world: &mut World, target: &Target<'_>) -> Outcome {
    let iid = target.id();
    world.broker(iid)?;
    let acl = read(target)?;
    let key = Acl::key(&acl.username, &acl.resource_type, &acl.resource_name);
    if !world.broker(iid)?.acls.contains_key(&key) {
        return Err(no_acl());
    }
    require_running(world, iid)?;
    world.put_acl(iid, acl);
    Ok(json!(true))
}

fn asked(target: &Target<'_>) -> Result<String, Refusal> {
    let kind = query(target.call, "resourceType")?;
    let name = query(target.call, "resourceName")?;
    Ok(Acl::key(target.name(), kind, name))
}

/// `GET /instances/{id}/acl/account/{username}`
pub(crate) fn get(world: &mut World, target: &Target<'_>) -> Outcome {
    let acl = world.broker(target.id())?.acls.get(&asked(target)?).ok_or_else(no_acl)?;
    Ok(view(world, target.id(), acl, "apache_acl"))
}

/// `DELETE /instances/{id}/acl/account/{username}`
pub(crate) fn delete(world: &mut World, target: &Target<'_>) -> Outcome {
    let iid = target.id();
    let key = asked(target)?;
    world.broker(iid)?.acls.get(&key).ok_or_else(no_acl)?;
    require_running(world, iid)?;
    world.remove_acl(iid, &key);
    Ok(json!(true))
}

/// `GET /instances/{id}/acl`
pub(crate) fn list(world: &mut World, target: &Target<'_>) -> Outcome {
    let page = Page::read(target.call, 1, 100)?;
    let filter = target.call.query("filter").unwrap_or_default();
    let found = world
        .broker(target.id())?
        .acls
        .values()
        .filter(|acl| acl.username.contains(filter) || acl.resource_name.contains(filter))
        .map(|acl| view(world, target.id(), acl, "APACHE"))
        .collect();
    Ok(page.cut(found))
}

fn view(world: &World, iid: &str, acl: &Acl, kind: &str) -> Value {
    let region = world.brokers().get(iid).map(|broker| broker.instance.region.as_str());
    let actions =
        if world.settings.joined_actions { vec![acl.actions.join("|")] } else { acl.actions.clone() };
    json!({
        "instanceId": iid,
        "regionId": region,
        "username": acl.username,
        "resourceType": acl.resource_type,
        "resourceName": acl.resource_name,
        "actions": actions,
        "decision": acl.decision,
        "ipWhitelists": acl.ip_whitelist,
        "aclType": kind,
    })
}
