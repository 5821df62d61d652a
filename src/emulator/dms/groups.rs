//! Consumer groups: create, list, get, change, delete, and the batch forms.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::json;

use super::catalog;
use super::errors::Outcome;
use super::errors::Refusal;
use super::errors::bad_parameter;
use super::errors::no_group;
use super::fields::Fields;
use super::jobs;
use super::jobs::Job;
use super::model::Broker;
use super::model::Effect;
use super::model::Group;
use super::page::Page;
use super::route::Target;
use super::topics;
use super::world::World;
use crate::emulator::exchange::Reply;

const BATCH_SECONDS: i64 = 5;
const DEFAULT_RETRIES: u64 = 16;

/// How many groups the instance can have.
pub(crate) fn quota(world: &World, broker: &Broker) -> u64 {
    if world.settings.group_quota > 0 {
        return world.settings.group_quota;
    }
    let instance = &broker.instance;
    catalog::flavor(&instance.product_id).map_or(0, |flavor| flavor.max_groups * instance.broker_num.max(1))
}

pub(crate) fn create_or_delete(world: &mut World, target: &Target<'_>) -> Outcome {
    match target.call.query("action") {
        None | Some("") => create(world, target),
        Some("delete") => delete_many(world, target),
        Some(_) => Err(bad_parameter("action must be delete.")),
    }
}

fn create(world: &mut World, target: &Target<'_>) -> Outcome {
    let iid = target.iid;
    world.broker(iid)?;
    let fields = Fields::of(target.call)?;
    jobs::require_running(world, iid)?;
    let broker = world.broker(iid)?;
    let name = fields.text_or_empty("name")?;
    if !topics::is_object_name(&name) {
        return Err(Refusal::bad("DMS.10240016", "The group ID format is invalid."));
    }
    let fresh = Group {
        name: name.clone(),
        enabled: true,
        broadcast: false,
        retry_max_time: DEFAULT_RETRIES,
        brokers: broker.broker_names(),
        description: String::new(),
        consume_orderly: false,
        created_at: world.now_ms(),
        offsets: BTreeMap::new(),
        clients: Vec::new(),
    };
    let group = read_into(broker, &fields, fresh)?;
    if broker.groups.contains_key(&name) {
        return Err(Refusal::bad("DMS.10240018", "The consumer group already exists."));
    }
    if broker.groups.len() as u64 >= quota(world, broker) {
        return Err(Refusal::bad("DMS.10240019", "The number of consumer groups exceeds the upper limit."));
    }
    world.created = Some(format!("group/{iid}/{name}"));
    world.put_group(iid, group);
    Ok(Reply::ok(&json!({ "name": name })))
}

/// Takes over every setting that the body has.
fn read_into(broker: &Broker, fields: &Fields, mut group: Group) -> Result<Group, Refusal> {
    if let Some(enabled) = fields.flag("enabled")? {
        group.enabled = enabled;
    }
    if let Some(broadcast) = fields.flag("broadcast")? {
        group.broadcast = broadcast;
    }
    if let Some(orderly) = fields.flag("consume_orderly")? {
        group.consume_orderly = orderly && broker.instance.engine_version == "5.x";
    }
    if let Some(retries) = fields.number("retry_max_time")? {
        if !(1..=16).contains(&retries) {
            return Err(bad_parameter("retry_max_time must be from 1 to 16."));
        }
        group.retry_max_time = retries;
    }
    if let Some(description) = fields.text("group_desc")? {
        if description.chars().count() > 200 {
            return Err(bad_parameter("group_desc can contain a maximum of 200 characters."));
        }
        group.description = description;
    }
    if let Some(brokers) = fields.texts("brokers")?
        && !brokers.is_empty()
        && broker.instance.engine_version != "5.x"
    {
        let known = broker.broker_names();
        for name in &brokers {
            topics::check_broker(&known, name)?;
        }
        group.brokers = brokers;
    }
    Ok(group)
}

fn view(group: &Group, is_v5: bool) -> Value {
    let mut view = json!({
        "name": group.name,
        "enabled": group.enabled,
        "broadcast": group.broadcast,
        "brokers": group.brokers,
        "group_desc": group.description,
        "retry_max_time": group.retry_max_time,
        "permissions": [],
    });
    if let (true, Some(map)) = (is_v5, view.as_object_mut()) {
        map.insert("consume_orderly".to_owned(), group.consume_orderly.into());
    }
    view
}

pub(crate) fn list(world: &mut World, target: &Target<'_>) -> Outcome {
    let page = Page::read(target.call)?;
    world.broker(target.iid)?;
    jobs::look(world, target.iid, topics::is_batch);
    let broker = world.broker(target.iid)?;
    let is_v5 = broker.instance.engine_version == "5.x";
    let wanted = target.call.query("group").filter(|text| !text.is_empty());
    let found: Vec<&Group> =
        broker.groups.values().filter(|group| wanted.is_none_or(|name| group.name.contains(name))).collect();
    let (total, max) = (found.len(), quota(world, broker));
    let used = broker.groups.len() as u64;
    let shown: Vec<Value> = page
        .cut(found)
        .into_iter()
        .map(|group| {
            let mut view = view(group, is_v5);
            if let Some(map) = view.as_object_mut() {
                // The document spells the one, newer clients read the other.
                map.insert("createdAt".to_owned(), group.created_at.into());
                map.insert("created_at".to_owned(), group.created_at.into());
                map.insert("consume_orderly".to_owned(), group.consume_orderly.into());
                map.insert("group_online".to_owned(), (!group.clients.is_empty()).into());
                map.insert("topic_subscription_count".to_owned(), group.offsets.len().into());
            }
            view
        })
        .collect();
    Ok(Reply::ok(&json!({
        "total": total,
        "groups": shown,
        "max": max,
        "remaining": max.saturating_sub(used),
        "next_offset": page.next(total),
        "previous_offset": page.previous(),
    })))
}

pub(crate) fn get(world: &mut World, target: &Target<'_>) -> Outcome {
    world.broker(target.iid)?;
    jobs::look(world, target.iid, topics::is_batch);
    let broker = world.broker(target.iid)?;
    let group = broker.groups.get(target.name).ok_or_else(no_group)?;
    let mut view = view(group, broker.instance.engine_version == "5.x");
    if let Some(map) = view.as_object_mut() {
        map.insert("app_id".to_owned(), Value::Null);
        map.insert("app_name".to_owned(), Value::Null);
    }
    Ok(Reply::ok(&view))
}

/// `PUT …/groups/{group}` replaces the settings: an absent description ends up empty.
pub(crate) fn update(world: &mut World, target: &Target<'_>) -> Outcome {
    let iid = target.iid;
    world.broker(iid)?;
    let fields = Fields::of(target.call)?;
    jobs::require_running(world, iid)?;
    let broker = world.broker(iid)?;
    let group = broker.groups.get(target.name).ok_or_else(no_group)?;
    if fields.text("name")?.is_some_and(|name| name != target.name) {
        return Err(bad_parameter("The name of a consumer group cannot be changed."));
    }
    for key in ["enabled", "broadcast", "retry_max_time"] {
        if !fields.has(key) {
            return Err(bad_parameter(&format!("{key} is required.")));
        }
    }
    let group = replaced(broker, &fields, group)?;
    world.put_group(iid, group);
    Ok(Reply::empty(204))
}

fn replaced(broker: &Broker, fields: &Fields, group: &Group) -> Result<Group, Refusal> {
    let blank = Group { description: String::new(), consume_orderly: false, ..group.clone() };
    read_into(broker, fields, blank)
}

pub(crate) fn update_many(world: &mut World, target: &Target<'_>) -> Outcome {
    let iid = target.iid;
    world.broker(iid)?;
    let fields = Fields::of(target.call)?;
    jobs::require_running(world, iid)?;
    let broker = world.broker(iid)?;
    let mut groups = Vec::new();
    for item in fields.objects("groups")?.unwrap_or_default() {
        let name = item.text_or_empty("name")?;
        let group = broker.groups.get(&name).ok_or_else(no_group)?;
        groups.push(replaced(broker, &item, group)?);
    }
    if groups.is_empty() {
        return Err(bad_parameter("groups is empty."));
    }
    let names: Vec<&String> = groups.iter().map(|group| &group.name).collect();
    let params = json!({ "groups": names });
    let effect = Effect::UpdateGroups { groups };
    let job = Job { name: "batchUpdateConsumerGroup", params, seconds: BATCH_SECONDS, effect };
    let id = jobs::start(world, iid, job);
    Ok(Reply::ok(&json!({ "job_id": id })))
}

pub(crate) fn delete(world: &mut World, target: &Target<'_>) -> Outcome {
    world.broker(target.iid)?;
    jobs::require_running(world, target.iid)?;
    if world.remove_group(target.iid, target.name) { Ok(Reply::empty(204)) } else { Err(no_group()) }
}

fn delete_many(world: &mut World, target: &Target<'_>) -> Outcome {
    world.broker(target.iid)?;
    let fields = Fields::of(target.call)?;
    jobs::require_running(world, target.iid)?;
    let names = fields.texts("groups")?.unwrap_or_default();
    if names.is_empty() {
        return Err(bad_parameter("groups is empty."));
    }
    let params = json!({ "groups": names });
    let effect = Effect::DeleteGroups { names };
    let job = Job { name: "batchDeleteConsumerGroup", params, seconds: BATCH_SECONDS, effect };
    let id = jobs::start(world, target.iid, job);
    Ok(Reply::ok(&json!({ "job_id": id })))
}
