//! Instances: create, list, get, delete, batch actions.

use serde_json::Value;
use serde_json::json;

use super::catalog;
use super::catalog::Flavor;
use super::errors::Outcome;
use super::errors::Refusal;
use super::errors::bad_parameter;
use super::errors::no_instance;
use super::errors::wrong_type;
use super::fields::Fields;
use super::fields::is_name;
use super::instance_view;
use super::jobs;
use super::jobs::Job;
use super::model::Effect;
use super::model::Instance;
use super::model::Status;
use super::network;
use super::page::Page;
use super::publicip;
use super::route::Target;
use super::world::World;
use crate::emulator::exchange::Reply;

/// Creating an instance takes five to seven minutes on the real service.
const CREATE_SECONDS: i64 = 360;
const DELETE_SECONDS: i64 = 60;

/// Most instances in one batch action.
const BATCH: usize = 50;

pub(crate) fn create(world: &mut World, target: &Target<'_>) -> Outcome {
    let fields = Fields::of(target.call)?;
    let instance = read(world, &fields)?;
    let (iid, name) = (instance.id.clone(), instance.name.clone());
    world.add_instance(instance);
    jobs::start(
        world,
        &iid,
        Job { name: "createInstance", params: json!({}), seconds: CREATE_SECONDS, effect: Effect::Create },
    );
    world.created = Some(format!("instance/{name}"));
    Ok(Reply::ok(&json!({ "instance_id": iid })))
}

/// Names may hold an underscore when an instance is created.
fn is_instance_name(name: &str) -> bool {
    is_name(name, (4, 64), |c| c.is_ascii_alphabetic(), |c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

fn bad_name() -> Refusal {
    Refusal::bad(
        "DMS.00400010",
        "Invalid instance name. The name must be 4 to 64 characters long. Only letters, digits, \
         underscores (_), and hyphens (-) are allowed.",
    )
}

pub(crate) fn check_description(text: &str) -> Result<(), Refusal> {
    if text.chars().count() > 1024 {
        return Err(Refusal::bad(
            "DMS.00400011",
            "The instance description can contain a maximum of 1024 characters.",
        ));
    }
    Ok(())
}

/// The rule for a new name: no underscore, unlike at creation.
pub(crate) fn check_rename(world: &World, iid: &str, name: &str) -> Result<(), Refusal> {
    if !is_instance_name(name) || name.contains('_') {
        return Err(bad_name());
    }
    check_unique(world, Some(iid), name)
}

fn check_unique(world: &World, except: Option<&str>, name: &str) -> Result<(), Refusal> {
    let taken = world.settings.unique_instance_names
        && world.brokers().values().any(|broker| {
            broker.instance.name == name
                && Some(broker.instance.id.as_str()) != except
                && broker.instance.status != Status::Deleting
        });
    if taken {
        return Err(Refusal::bad("DMS.00400060", "This instance name already exists."));
    }
    Ok(())
}

fn read(world: &mut World, fields: &Fields) -> Result<Instance, Refusal> {
    let name = fields.text("name")?.filter(|name| is_instance_name(name)).ok_or_else(bad_name)?;
    let description = fields.text_or_empty("description")?;
    check_description(&description)?;
    let engine = fields.text_or_empty("engine")?;
    if engine != "reliability" && engine != "rocketmq" {
        return Err(Refusal::bad("DMS.00400007", "Unsupported type."));
    }
    let flavor = read_flavor(fields)?;
    let (brokers, storage) = read_size(fields, flavor)?;
    let storage_spec_code = fields.text_or_empty("storage_spec_code")?;
    if !catalog::STORAGE_SPECS.contains(&storage_spec_code.as_str()) {
        return Err(Refusal::bad("DMS.00400125", "Invalid SPEC_CODE."));
    }
    let (vpc_id, subnet_id) = (fields.text_or_empty("vpc_id")?, fields.text_or_empty("subnet_id")?);
    let security_group_id = fields.text_or_empty("security_group_id")?;
    network::check_vpc(&vpc_id)?;
    network::check_subnet(&subnet_id)?;
    network::check_security_group(&security_group_id)?;
    let available_zones = read_zones(fields)?;
    if fields.flag("ipv6_enable")?.unwrap_or(false) {
        return Err(Refusal::bad("DMS.00400049", "The availability zone does not support ipv6."));
    }
    let tls_mode = read_tls(fields)?;
    let publicip_ids = if fields.flag("enable_publicip")?.unwrap_or(false) {
        let wanted = publicip::addresses_of(flavor, brokers);
        publicip::read_ids(world, fields.text("publicip_id")?, wanted, None)?
    } else {
        Vec::new()
    };
    let charging_mode = read_charging(fields)?;
    let enable_acl = fields.flag("enable_acl")?.unwrap_or(false);
    let enterprise_project_id = fields.text("enterprise_project_id")?.unwrap_or_else(|| "0".to_owned());
    check_unique(world, None, &name)?;
    if world.brokers().len() as u64 >= world.settings.instance_quota {
        return Err(Refusal::bad("DMS.00400035", "DMS instance quota of the tenant is insufficient."));
    }
    Ok(Instance {
        position: world.next_position(),
        id: world.new_uuid(),
        name,
        description,
        engine_version: flavor.version.to_owned(),
        product_id: flavor.product_id.to_owned(),
        broker_num: brokers,
        total_storage_space: storage,
        storage_spec_code,
        vpc_id,
        subnet_id,
        security_group_id,
        available_zones,
        tls_mode,
        ipv6_enable: false,
        enable_acl,
        publicip_ids,
        enterprise_project_id,
        charging_mode,
        status: Status::Creating,
        created_at: world.now_ms(),
        extend_times: 0,
        tags: std::collections::BTreeMap::new(),
        configs: std::collections::BTreeMap::new(),
        auto_expand: None,
        hidden_reads: world.shape.hidden_reads,
        late_reads: 0,
    })
}

fn read_flavor(fields: &Fields) -> Result<&'static Flavor, Refusal> {
    let version = fields.text_or_empty("engine_version")?;
    if version != "4.8.0" && version != "5.x" {
        return Err(Refusal::bad("DMS.00400008", "Unsupported version."));
    }
    let product_id = fields.text_or_empty("product_id")?;
    let flavor =
        catalog::flavor(&product_id).ok_or_else(|| Refusal::bad("DMS.00400009", "Invalid product_id."))?;
    if flavor.version != version {
        return Err(Refusal::bad("DMS.00400022", "Engine does not match the product id."));
    }
    Ok(flavor)
}

fn read_size(fields: &Fields, flavor: &Flavor) -> Result<(u64, u64), Refusal> {
    let brokers = fields.number("broker_num")?.unwrap_or(1);
    if brokers < 1 || brokers > flavor.max_brokers {
        return Err(bad_parameter("broker_num is out of the flavor's range."));
    }
    let storage = fields.number("storage_space")?.unwrap_or(0);
    check_storage(flavor, brokers, storage)?;
    Ok((brokers, storage))
}

/// Whether the flavor can have this much storage on so many brokers.
pub(crate) fn check_storage(flavor: &Flavor, brokers: u64, storage: u64) -> Result<(), Refusal> {
    let (least, most) = flavor.storage;
    if storage < least * brokers || storage > most * brokers {
        return Err(Refusal::bad("DMS.00400500", "Invalid disk space."));
    }
    Ok(())
}

fn read_zones(fields: &Fields) -> Result<Vec<String>, Refusal> {
    let zones = fields.texts("available_zones")?.unwrap_or_default();
    if zones.is_empty() || zones.iter().any(|zone| !catalog::zone_exists(zone)) {
        return Err(Refusal::bad("DMS.00400042", "The AZ does not exist."));
    }
    let distinct: std::collections::BTreeSet<&String> = zones.iter().collect();
    if zones.len() == 2 || distinct.len() != zones.len() {
        return Err(Refusal::bad(
            "DMS.00400067",
            "The available_zones parameter in the request must be an array that contains only one \
             AZ ID.",
        ));
    }
    Ok(zones)
}

fn read_tls(fields: &Fields) -> Result<String, Refusal> {
    let ssl = fields.flag("ssl_enable")?;
    match fields.text("tls_mode")? {
        None => Ok(if ssl == Some(true) { "SSL" } else { "PLAINTEXT" }.to_owned()),
        Some(mode) if is_tls_mode(&mode) => {
            if ssl.is_some_and(|ssl| ssl != (mode == "SSL")) && mode != "PERMISSIVE" {
                return Err(bad_parameter("ssl_enable and tls_mode contradict each other."));
            }
            Ok(mode)
        }
        Some(_) => Err(bad_parameter("tls_mode must be PLAINTEXT, SSL or PERMISSIVE.")),
    }
}

pub(crate) fn is_tls_mode(mode: &str) -> bool {
    matches!(mode, "PLAINTEXT" | "SSL" | "PERMISSIVE")
}

fn read_charging(fields: &Fields) -> Result<u64, Refusal> {
    let Some(value) = fields.get("bss_param") else { return Ok(1) };
    let bss = Fields::from_value(value).ok_or_else(|| wrong_type("bss_param"))?;
    match bss.text("charging_mode")?.as_deref() {
        None | Some("postPaid") => Ok(1),
        Some("prePaid") => {
            if bss.number("period_num")?.is_none_or(|periods| periods == 0) {
                return Err(Refusal::bad(
                    "DMS.00400038",
                    "The periodNum parameter in the request must be an integer.",
                ));
            }
            if !matches!(bss.text("period_type")?.as_deref(), Some("month" | "year")) {
                return Err(Refusal::bad(
                    "DMS.00400047",
                    "The periodType parameter in the request must be either 2 or 3.",
                ));
            }
            Ok(0)
        }
        Some(_) => Err(bad_parameter("bss_param.charging_mode must be prePaid or postPaid.")),
    }
}

pub(crate) fn list(world: &mut World, target: &Target<'_>) -> Outcome {
    let call = target.call;
    let page = Page::read(call)?;
    match call.query("engine") {
        None | Some("" | "reliability" | "rocketmq") => {}
        Some(_) => return Err(Refusal::bad("DMS.00400007", "Unsupported type.")),
    }
    jobs::look_at_all(world);
    let hidden = world.pass_hidden();
    let exact = call.query("exact_match_name") == Some("true");
    let asks = |key: &str| call.query(key).filter(|text| !text.is_empty());
    let mut found: Vec<&Instance> =
        world
            .brokers()
            .values()
            .map(|broker| &broker.instance)
            .filter(|instance| !hidden.contains(&instance.id))
            .filter(|instance| {
                asks("name").is_none_or(|name| {
                    if exact { instance.name == name } else { instance.name.contains(name) }
                })
            })
            .filter(|instance| asks("instance_id").is_none_or(|id| instance.id == id))
            .filter(|instance| {
                asks("status").is_none_or(|status| instance.status.text().eq_ignore_ascii_case(status))
            })
            .filter(|instance| {
                asks("enterprise_project_id")
                    .is_none_or(|id| id == "all_granted_eps" || instance.enterprise_project_id == id)
            })
            .collect();
    found.sort_by_key(|instance| std::cmp::Reverse(instance.position));
    // Failed creations are listed, but counted only on demand.
    let counts_failed = call.query("include_failure") == Some("true");
    let total =
        found.iter().filter(|instance| counts_failed || instance.status != Status::CreateFailed).count();
    let region = &world.credentials.region;
    let shown: Vec<Value> = page
        .cut(found)
        .into_iter()
        .map(|instance| {
            let mut view = instance_view::view(instance, region);
            if let Some(map) = view.as_object_mut() {
                map.remove("tags");
            }
            view
        })
        .collect();
    Ok(Reply::ok(&json!({ "instances": shown, "instance_num": total })))
}

pub(crate) fn get(world: &mut World, target: &Target<'_>) -> Outcome {
    world.broker(target.iid)?;
    jobs::look(world, target.iid, jobs::any);
    if let Some(instance) = world.instance_quietly(target.iid)
        && instance.hidden_reads > 0
    {
        instance.hidden_reads -= 1;
        return Err(no_instance());
    }
    let late = world.instance_quietly(target.iid).is_some_and(|instance| {
        let late = instance.late_reads > 0 && instance.status == Status::Extending;
        instance.late_reads = instance.late_reads.saturating_sub(1);
        late
    });
    let mut instance = world.broker(target.iid)?.instance.clone();
    if late {
        instance.status = Status::Running;
    }
    Ok(Reply::ok(&instance_view::view(&instance, &world.credentials.region)))
}

pub(crate) fn delete(world: &mut World, target: &Target<'_>) -> Outcome {
    world.broker(target.iid)?;
    start_delete(world, target.iid)?;
    Ok(Reply::empty(204))
}

fn start_delete(world: &mut World, iid: &str) -> Result<(), Refusal> {
    match world.broker(iid)?.instance.status {
        Status::Deleting => return Ok(()),
        Status::Creating | Status::Restarting | Status::Extending => {
            jobs::look(world, iid, jobs::any);
            return Err(Refusal::bad(
                "DMS.00400099",
                "The following instances in the Creating, Starting, Stopping, or Restarting state \
                 cannot be deleted.",
            ));
        }
        Status::Running | Status::Error | Status::CreateFailed | Status::ExtendedFailed => {}
    }
    if let Some(instance) = world.instance_mut(iid) {
        instance.status = Status::Deleting;
    }
    let job =
        Job { name: "deleteInstance", params: json!({}), seconds: DELETE_SECONDS, effect: Effect::Delete };
    jobs::start(world, iid, job);
    Ok(())
}

/// Batch delete, batch restart, and "delete every failed creation".
pub(crate) fn action(world: &mut World, target: &Target<'_>) -> Outcome {
    let fields = Fields::of(target.call)?;
    let action = fields.text_or_empty("action")?;
    if action != "delete" && action != "restart" {
        return Err(Refusal::bad(
            "DMS.00400064",
            "The action parameter in the request must be delete or restart.",
        ));
    }
    if let Some(engine) = fields.text("all_failure")? {
        if engine != "reliability" && engine != "rocketmq" || action != "delete" {
            return Err(bad_parameter("all_failure must be reliability."));
        }
        let failed: Vec<String> = world
            .brokers()
            .values()
            .filter(|broker| broker.instance.status == Status::CreateFailed)
            .map(|broker| broker.instance.id.clone())
            .collect();
        for iid in failed {
            start_delete(world, &iid)?;
        }
        return Ok(Reply::empty(204));
    }
    let ids = fields.texts("instances")?.unwrap_or_default();
    if ids.is_empty() {
        return Err(Refusal::bad("DMS.00400065", "The instances parameter in the request is empty."));
    }
    if ids.len() > BATCH {
        return Err(Refusal::bad(
            "DMS.00400100",
            "The instances array can contain a maximum of 50 instance IDs.",
        ));
    }
    let distinct: std::collections::BTreeSet<&String> = ids.iter().collect();
    if distinct.len() != ids.len() {
        return Err(Refusal::bad("DMS.00400082", "Instance id is repeated."));
    }
    let results: Vec<Value> = ids
        .iter()
        .map(|iid| {
            let done = if action == "delete" {
                start_delete(world, iid)
            } else {
                super::misc::start_restart(world, iid).map(|_job| ())
            };
            json!({ "result": if done.is_ok() { "success" } else { "failed" }, "instance": iid })
        })
        .collect();
    Ok(Reply::ok(&json!({ "results": results })))
}
