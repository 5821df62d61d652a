//! Instances: create, list, look at, rename, delete when empty.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::envelope::Outcome;
use super::envelope::Refusal;
use super::envelope::Success;
use super::model::ACCOUNT;
use super::model::Instance;
use super::params::Params;
use super::settings::BaseInfoPlace;
use super::settings::CreatedData;
use super::settings::NamingKeys;
use super::world::CLUSTERS;
use super::world::World;
use crate::emulator::systems::System;

/// The topics of an instance that names no number.
pub(super) const TOPIC_CAPACITY: i64 = 50;

fn check_name(world: &World, name: &str, except: Option<&str>) -> Result<(), Refusal> {
    if !(3..=64).contains(&name.chars().count()) {
        return Err(Refusal::field("instanceName", "must have 3 to 64 characters"));
    }
    let is_taken = world
        .spaces()
        .values()
        .any(|space| space.instance.name == name && Some(space.instance.id.as_str()) != except);
    if is_taken {
        return Err(Refusal::field("instanceName", "is the name of another instance of the region"));
    }
    Ok(())
}

fn positive(params: &Params, name: &str) -> Result<i64, Refusal> {
    let number = params.required_number(name)?;
    if number > 0 { Ok(number) } else { Err(Refusal::field(name, "must be above zero")) }
}

pub(super) fn create(world: &mut World, params: &Params) -> Outcome {
    let cluster = params.required("cluster")?;
    if !CLUSTERS.contains(&cluster) {
        return Err(Refusal::field("cluster", "does not exist"));
    }
    let name = params.required("instanceName")?;
    check_name(world, name, None)?;
    let namespaced = params
        .flag("independentNaming")?
        .ok_or_else(|| Refusal::field("independentNaming", "is required"))?;
    if !namespaced && world.spaces().values().any(|space| !space.instance.namespaced) {
        return Err(Refusal::field("independentNaming", "may be false for one instance only"));
    }
    let (max_send_tps, max_receive_tps) =
        (positive(params, "maxSendTps")?, positive(params, "maxReceiveTps")?);
    let topic_capacity = match params.number("topicCapacity")? {
        None => TOPIC_CAPACITY,
        Some(number) if number > 0 => number,
        Some(_) => return Err(Refusal::field("topicCapacity", "must be above zero")),
    };
    if world.spaces().len() >= world.settings.instance_quota {
        return Err(Refusal::field("instanceName", "is one too many: the region has all its instances"));
    }
    let id = world.new_instance_id();
    let instance = Instance {
        id: id.clone(),
        position: world.next_position(),
        name: name.to_owned(),
        cluster: cluster.to_owned(),
        namespaced,
        max_send_tps,
        max_receive_tps,
        topic_capacity,
        remark: params.get("remark").unwrap_or_default().to_owned(),
        created_at: world.now_ms(),
        hidden_reads: world.shape.hidden_reads,
    };
    world.created = Some(format!("instance/{name}"));
    world.put_instance(instance);
    Ok(match world.settings.created_data {
        CreatedData::InstanceId => json!({ "instanceId": id }),
        CreatedData::Empty => json!({}),
        CreatedData::Null => Value::Null,
    }
    .into())
}

pub(super) fn update(world: &mut World, params: &Params) -> Outcome {
    let iid = world.instance_id(Some(params.required("instanceId")?))?;
    let name = params.get("instanceName").map(str::to_owned);
    if let Some(name) = &name {
        check_name(world, name, Some(&iid))?;
    }
    // A remark that is sent empty is emptied; one that is left out stays.
    let remark = params.pairs().iter().find(|(key, _)| key == "remark").map(|(_, value)| value.clone());
    if let Some(instance) = world.instance_mut(&iid) {
        if let Some(name) = name {
            instance.name = name;
        }
        if let Some(remark) = remark {
            instance.remark = remark;
        }
    }
    Ok(Value::Null.into())
}

pub(super) fn delete(world: &mut World, params: &Params) -> Outcome {
    let iid = world.instance_id(Some(params.required("instanceId")?))?;
    let space = world.space(&iid)?;
    if !space.topics.is_empty() || !space.groups.is_empty() {
        return Err(Refusal::new("INSTANCE_NOT_EMPTY", "The instance still has topics or groups."));
    }
    world.remove_instance(&iid);
    Ok(Value::Null.into())
}

/// The fields that no document promises.
fn undocumented(instance: &Instance, view: &mut Map<String, Value>) {
    let more = json!({
        "cluster": instance.cluster,
        "remark": instance.remark,
        "instanceType": 1,
        "instanceStatus": 5,
        "createTime": instance.created_at,
        "regionId": System::ApsaraStack.region(),
        "spInstanceId": format!("{ACCOUNT}{}", instance.position),
    });
    if let Value::Object(more) = more {
        view.extend(more);
    }
}

#[expect(clippy::unnecessary_wraps, reason = "one form for all operations")]
pub(super) fn list(world: &mut World, _params: &Params) -> Outcome {
    let hidden = world.pass_hidden();
    let mut all: Vec<&Instance> = world
        .spaces()
        .values()
        .map(|space| &space.instance)
        .filter(|instance| !hidden.contains(&instance.id))
        .collect();
    all.sort_by_key(|instance| instance.position);
    let views: Vec<Value> = all
        .into_iter()
        .map(|instance| {
            let mut view = Map::new();
            view.insert("instanceId".to_owned(), instance.id.clone().into());
            view.insert("instanceName".to_owned(), instance.name.clone().into());
            let keys: &[&str] = match world.settings.naming_keys {
                NamingKeys::NamespaceRulesType => &["namespaceRulesType"],
                NamingKeys::IndependentNaming => &["independentNaming"],
                NamingKeys::Both => &["namespaceRulesType", "independentNaming"],
            };
            for key in keys {
                view.insert((*key).to_owned(), instance.namespaced.into());
            }
            if world.settings.undocumented_fields {
                view.insert("topicCapacity".to_owned(), instance.topic_capacity.into());
                undocumented(instance, &mut view);
            }
            Value::Object(view)
        })
        .collect();
    Ok(Value::Array(views).into())
}

pub(super) fn base_info(world: &mut World, params: &Params) -> Outcome {
    let iid = world.instance_id(Some(params.required("instanceId")?))?;
    if world.pass_hidden().contains(&iid) {
        return Err(Refusal::new("INSTANCE_NOT_FOUND", "The instance does not exist."));
    }
    let instance = &world.space(&iid)?.instance;
    let host = format!("{}.mq-internal.example.com:9876", instance.id.to_ascii_lowercase().replace('_', "-"));
    let mut view = Map::new();
    view.insert("instanceId".to_owned(), instance.id.clone().into());
    view.insert("instanceName".to_owned(), instance.name.clone().into());
    view.insert("independentNaming".to_owned(), instance.namespaced.into());
    view.insert("Endpoints".to_owned(), json!({ "tcpEndpoint": host }));
    view.insert("maxSendTps".to_owned(), instance.max_send_tps.into());
    view.insert("maxReceiveTps".to_owned(), instance.max_receive_tps.into());
    view.insert("topicCapacity".to_owned(), instance.topic_capacity.into());
    if world.settings.undocumented_fields {
        undocumented(instance, &mut view);
    }
    Ok(match world.settings.base_info {
        BaseInfoPlace::Data => Value::Object(view).into(),
        BaseInfoPlace::Wrapped => json!({ "InstanceBaseInfo": view }).into(),
        BaseInfoPlace::Beside => {
            Success { beside: Some(("InstanceBaseInfo", Value::Object(view))), ..Success::default() }
        }
    })
}
