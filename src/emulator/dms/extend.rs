//! Changing the specification: more storage, more brokers, another flavor. Only growth works.

use serde_json::json;

use super::catalog;
use super::catalog::Flavor;
use super::errors::Outcome;
use super::errors::Refusal;
use super::errors::bad_parameter;
use super::fields::Fields;
use super::instances;
use super::jobs;
use super::jobs::Job;
use super::model::Effect;
use super::model::Instance;
use super::model::Status;
use super::publicip;
use super::route::Target;
use super::world::World;
use crate::emulator::exchange::Reply;

const SECONDS: i64 = 300;
/// Smallest step of the storage, per broker.
const STORAGE_STEP: u64 = 100;
const MOST_EXTENDS: u64 = 20;

pub(crate) fn products(world: &mut World, target: &Target<'_>) -> Outcome {
    let instance = &world.broker(target.iid)?.instance;
    match target.call.query("type") {
        None | Some("" | "advanced") => {}
        Some(_) => {
            return Err(Refusal::bad("DMS.00400028", "Query advanced product, specCode not exists."));
        }
    }
    let chosen: Vec<&Flavor> =
        catalog::FLAVORS.iter().filter(|flavor| flavor.version == instance.engine_version).collect();
    Ok(Reply::ok(&catalog::products(&world.credentials.region, "rocketmq", &chosen)))
}

pub(crate) fn check(world: &mut World, target: &Target<'_>) -> Outcome {
    let running = world.broker(target.iid)?.instance.status == Status::Running;
    Ok(Reply::ok(&json!({
        "name": "instance_status",
        "success": running,
        "reason": if running { "" } else { "The instance is not running." },
        "risk": "",
    })))
}

pub(crate) fn extend(world: &mut World, target: &Target<'_>) -> Outcome {
    let iid = target.iid;
    world.broker(iid)?;
    let fields = Fields::of(target.call)?;
    jobs::require_running(world, iid)?;
    let instance = world.broker(iid)?.instance.clone();
    let flavor = catalog::flavor(&instance.product_id)
        .ok_or_else(|| Refusal::bad("DMS.00400009", "Invalid product_id."))?;
    let kind = fields.text_or_empty("oper_type")?;
    let effect = match kind.as_str() {
        "storage" => storage(&instance, flavor, &fields)?,
        "horizontal" if flavor.is_v5() => vertical(flavor, &fields)?,
        "horizontal" => horizontal(world, &instance, flavor, &fields)?,
        "vertical" if !flavor.is_v5() => vertical(flavor, &fields)?,
        _ => return Err(bad_parameter("oper_type must be storage, horizontal or vertical.")),
    };
    let late = world.shape.late_reads;
    if let Some(instance) = world.instance_mut(iid) {
        instance.status = Status::Extending;
        instance.late_reads = late;
    }
    let params = json!({ "oper_type": kind });
    let job = Job { name: "extendInstance", params, seconds: SECONDS, effect };
    let id = jobs::start(world, iid, job);
    Ok(Reply::ok(&json!({ "job_id": id })))
}

fn bad_disk() -> Refusal {
    Refusal::bad("DMS.00400500", "Invalid disk space.")
}

fn storage(instance: &Instance, flavor: &Flavor, fields: &Fields) -> Result<Effect, Refusal> {
    let wanted = fields.number("new_storage_space")?.ok_or_else(bad_disk)?;
    if wanted < instance.total_storage_space + STORAGE_STEP * instance.broker_num {
        return Err(bad_disk());
    }
    instances::check_storage(flavor, instance.broker_num, wanted)?;
    if instance.extend_times >= MOST_EXTENDS {
        return Err(Refusal::bad(
            "DMS.00400124",
            "The maximum number of disk expansion times has been reached.",
        ));
    }
    Ok(Effect::Extend { storage: Some(wanted), brokers: None, product_id: None, publicip_ids: Vec::new() })
}

fn horizontal(
    world: &World,
    instance: &Instance,
    flavor: &Flavor,
    fields: &Fields,
) -> Result<Effect, Refusal> {
    let wanted = fields.number("new_broker_num")?.unwrap_or(0);
    if wanted <= instance.broker_num || wanted > flavor.max_brokers {
        return Err(bad_parameter("new_broker_num must grow within the flavor's range."));
    }
    // Every broker keeps what it has, the new ones get the same.
    let total = instance.total_storage_space / instance.broker_num.max(1) * wanted;
    if fields.number("new_storage_space")?.is_some_and(|sent| sent != total) {
        return Err(bad_disk());
    }
    let publicip_ids = if instance.publicip_ids.is_empty() {
        Vec::new()
    } else {
        let more = publicip::addresses_of(flavor, wanted - instance.broker_num);
        publicip::read_ids(world, fields.text("publicip_id")?, more, None)?
    };
    Ok(Effect::Extend { storage: Some(total), brokers: Some(wanted), product_id: None, publicip_ids })
}

fn vertical(flavor: &Flavor, fields: &Fields) -> Result<Effect, Refusal> {
    let wanted = fields.text_or_empty("new_product_id")?;
    let new = catalog::flavor(&wanted).ok_or_else(|| Refusal::bad("DMS.00400009", "Invalid product_id."))?;
    if new.version != flavor.version || (!flavor.is_v5() && new.kind != flavor.kind) {
        return Err(Refusal::bad("DMS.00400022", "Engine does not match the product id."));
    }
    if new.product_id == flavor.product_id || new.max_topics < flavor.max_topics {
        return Err(bad_parameter("new_product_id must be larger than the current flavor."));
    }
    Ok(Effect::Extend {
        storage: None,
        brokers: None,
        product_id: Some(new.product_id.to_owned()),
        publicip_ids: Vec::new(),
    })
}
