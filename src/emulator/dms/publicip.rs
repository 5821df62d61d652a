//! Changing an instance in place, public addresses above all: binding them is a job.

use serde_json::json;

use super::catalog;
use super::catalog::Flavor;
use super::errors::Outcome;
use super::errors::Refusal;
use super::fields::Fields;
use super::instances;
use super::jobs;
use super::jobs::Job;
use super::model::Effect;
use super::network;
use super::route::Target;
use super::world::World;
use crate::emulator::exchange::Reply;

const SECONDS: i64 = 15;

/// How many public addresses an instance needs.
pub(crate) fn addresses_of(flavor: &Flavor, brokers: u64) -> u64 {
    if flavor.is_single() { 1 } else { 3 * brokers }
}

fn invalid() -> Refusal {
    Refusal::bad("DMS.00400128", "Invalid public access parameters.")
}

/// Reads a comma-separated list of at least `wanted` addresses that nobody else uses.
pub(crate) fn read_ids(
    world: &World,
    text: Option<String>,
    wanted: u64,
    iid: Option<&str>,
) -> Result<Vec<String>, Refusal> {
    let text = text.unwrap_or_default();
    let ids: Vec<String> =
        text.split(',').map(|id| id.trim().to_owned()).filter(|id| !id.is_empty()).collect();
    let distinct: std::collections::BTreeSet<&String> = ids.iter().collect();
    let taken = |id: &String| {
        world.brokers().values().any(|broker| {
            Some(broker.instance.id.as_str()) != iid && broker.instance.publicip_ids.contains(id)
        })
    };
    let fits = ids.len() as u64 >= wanted
        && distinct.len() == ids.len()
        && ids.iter().all(|id| network::public_ip_exists(id) && !taken(id));
    if fits { Ok(ids) } else { Err(invalid()) }
}

/// `PUT /v2/{pid}/instances/{iid}`: what is absent stays.
pub(crate) fn modify(world: &mut World, target: &Target<'_>) -> Outcome {
    let iid = target.iid;
    world.broker(iid)?;
    let fields = Fields::of(target.call)?;
    jobs::require_running(world, iid)?;
    let name = fields.text("name")?;
    if let Some(name) = &name
        && *name != world.broker(iid)?.instance.name
    {
        instances::check_rename(world, iid, name)?;
    }
    let description = fields.text("description")?;
    if let Some(description) = &description {
        instances::check_description(description)?;
    }
    let security_group_id = fields.text("security_group_id")?;
    if let Some(id) = &security_group_id {
        network::check_security_group(id)?;
    }
    let enable_acl = fields.flag("enable_acl")?;
    let enterprise_project_id = fields.text("enterprise_project_id")?;
    let public = read_public(world, iid, &fields)?;
    if let Some(instance) = world.instance_mut(iid) {
        instance.name = name.unwrap_or_else(|| instance.name.clone());
        instance.description = description.unwrap_or_else(|| instance.description.clone());
        instance.security_group_id = security_group_id.unwrap_or_else(|| instance.security_group_id.clone());
        instance.enterprise_project_id =
            enterprise_project_id.unwrap_or_else(|| instance.enterprise_project_id.clone());
        instance.enable_acl = enable_acl.unwrap_or(instance.enable_acl);
    }
    if let Some((name, effect)) = public {
        let params = json!({ "instance_id": iid });
        jobs::start(world, iid, Job { name, params, seconds: SECONDS, effect });
    }
    Ok(Reply::empty(204))
}

fn read_public(world: &World, iid: &str, fields: &Fields) -> Result<Option<(&'static str, Effect)>, Refusal> {
    let instance = &world.broker(iid)?.instance;
    let is_public = !instance.publicip_ids.is_empty();
    let flavor = catalog::flavor(&instance.product_id).ok_or_else(invalid)?;
    match fields.flag("enable_publicip")? {
        None if fields.has("publicip_id") => Err(invalid()),
        None | Some(false) if !is_public => Ok(None),
        None => Ok(None),
        Some(false) => Ok(Some(("unbindInstancePublicIp", Effect::UnbindPublicIp))),
        Some(true) => {
            let wanted = addresses_of(flavor, instance.broker_num);
            let ids = read_ids(world, fields.text("publicip_id")?, wanted, Some(iid))?;
            if is_public {
                // Bound addresses have to be released first, unless nothing would change.
                return if ids == instance.publicip_ids { Ok(None) } else { Err(invalid()) };
            }
            Ok(Some(("bindInstancePublicIp", Effect::BindPublicIp { ids })))
        }
    }
}
