//! Items of plans: topics that are replicated into each other, started and stopped one by one.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde_json::Value;
use serde_json::json;

use super::errors::Outcome;
use super::errors::Refusal;
use super::errors::invalid;
use super::errors::item_status;
use super::errors::missing;
use super::errors::no_item;
use super::errors::no_topic;
use super::fields::Fields;
use super::model::Item;
use super::model::Plan;
use super::model::TopicMapping;
use super::page::Page;
use super::plans::named;
use super::route::Target;
use super::settle;
use super::settle::Effect;
use super::settle::Subject;
use super::topics::is_name;
use super::world::World;
use super::world::date;

/// The item that a path names.
pub(crate) fn item_of(target: &Target<'_>) -> Result<(u64, u64), Refusal> {
    let item = target.name().parse().map_err(|_not_a_number| no_item())?;
    Ok((named(target)?, item))
}

fn mappings(world: &World, plan: &Plan, fields: &Fields) -> Result<Vec<TopicMapping>, Refusal> {
    let entries = fields.objects("topics")?.filter(|entries| !entries.is_empty());
    let mut found = Vec::new();
    for entry in entries.ok_or_else(|| missing("topics"))? {
        let instance_id = entry.required("instanceId")?;
        let member = plan
            .members
            .iter()
            .find(|member| member.instance_id == instance_id)
            .ok_or_else(|| invalid("topics", &format!("{instance_id} is no instance of the plan")))?;
        let topic = entry.required("topicName")?;
        if !is_name(&topic, 128) {
            return Err(invalid("topicName", "it has letters, digits, _ and - only"));
        }
        let is_own = member.kind == "ALIYUN_ROCKETMQ";
        if is_own && !world.broker(&instance_id)?.topics.contains_key(&topic) {
            return Err(no_topic());
        }
        let same = |key: &str, value: &str| -> Result<(), Refusal> {
            match entry.filled(key)? {
                Some(sent) if sent != value => Err(invalid(key, "it is not what the plan says")),
                _ => Ok(()),
            }
        };
        same("instanceType", &member.kind)?;
        same("regionId", &member.region)?;
        let order = entry.one_of("deliveryOrderType", &["Concurrently", "Orderly"])?;
        found.push(TopicMapping {
            instance_type: member.kind.clone(),
            region: member.region.clone(),
            topic,
            delivery_order_type: order.unwrap_or_else(|| "Concurrently".to_owned()),
            consumer_group: entry.filled("consumerGroupId")?,
            instance_id,
        });
    }
    let distinct: BTreeSet<&String> = found.iter().map(|mapping| &mapping.instance_id).collect();
    if distinct.len() != plan.members.len() || found.len() != plan.members.len() {
        return Err(invalid("topics", "there is one topic for each instance of the plan"));
    }
    Ok(found)
}

/// `POST /disaster_recovery/{plan}/items`
pub(crate) fn add(world: &mut World, target: &Target<'_>) -> Outcome {
    let plan_id = named(target)?;
    let fields = Fields::of(target.call)?;
    let topics = mappings(world, world.plan(plan_id)?, &fields)?;
    let id = world.item_id();
    let now = world.now_ms();
    let item = Item {
        id,
        plan: plan_id,
        status: "CREATING".to_owned(),
        topics,
        created_at: now,
        updated_at: now,
        checkpoints: BTreeMap::new(),
    };
    if let Some(plan) = world.plan_mut(plan_id) {
        plan.items.insert(id, item);
    }
    begin(world, plan_id, id, "RUNNING");
    world.created = Some(format!("disaster_recovery/{plan_id}/items/{id}"));
    Ok(json!(id))
}

fn begin(world: &mut World, plan: u64, item: u64, status: &str) {
    let effect = Effect::Become(status.to_owned());
    settle::begin(world, Subject::Item(plan, item), effect, settle::ITEM_CHANGE);
}

fn find(world: &World, plan: u64, item: u64) -> Result<&Item, Refusal> {
    world.plan(plan)?.items.get(&item).ok_or_else(no_item)
}

fn view(item: &Item) -> Value {
    let topics: Vec<Value> = item
        .topics
        .iter()
        .map(|mapping| {
            json!({
                "instanceId": mapping.instance_id,
                "instanceType": mapping.instance_type,
                "regionId": mapping.region,
                "topicName": mapping.topic,
                "deliveryOrderType": mapping.delivery_order_type,
                "consumerGroupId": mapping.consumer_group,
            })
        })
        .collect();
    json!({
        "itemId": item.id,
        "planId": item.plan,
        "itemStatus": item.status,
        "topics": topics,
        "extInfo": {},
        "createTime": date(item.created_at),
        "updateTime": date(item.updated_at),
    })
}

/// `GET /disaster_recovery/{plan}/items/{item}`
pub(crate) fn get(world: &mut World, target: &Target<'_>) -> Outcome {
    let (plan, item) = item_of(target)?;
    settle::look(world, &Subject::Item(plan, item));
    Ok(view(find(world, plan, item)?))
}

/// `GET /disaster_recovery/{plan}/items`
pub(crate) fn list(world: &mut World, target: &Target<'_>) -> Outcome {
    let plan = named(target)?;
    let page = Page::read(target.call, 1, 100)?;
    settle::look_at(world, |subject| matches!(subject, Subject::Item(of, _) if *of == plan));
    let filter = target.call.query("filter").unwrap_or_default();
    let topic = target.call.query("topicName").filter(|text| !text.is_empty());
    let found = world
        .plan(plan)?
        .items
        .values()
        .filter(|item| item.topics.iter().any(|mapping| mapping.topic.contains(filter)))
        .filter(|item| topic.is_none_or(|topic| item.topics.iter().any(|mapping| mapping.topic == topic)))
        .map(view)
        .collect();
    let mut page = page.cut(found);
    if let Some(map) = page.as_object_mut() {
        map.insert("scrollId".to_owned(), Value::Null);
    }
    Ok(page)
}

/// Refuses a change of an item in another state. A refusal counts as a look.
fn require(world: &mut World, (plan, item): (u64, u64), states: &[&str]) -> Result<String, Refusal> {
    let status = find(world, plan, item)?.status.clone();
    if states.contains(&status.as_str()) {
        return Ok(status);
    }
    settle::look(world, &Subject::Item(plan, item));
    Err(item_status())
}

fn set_status(world: &mut World, (plan, item): (u64, u64), status: &str) {
    if let Some(item) = world.plan_mut(plan).and_then(|plan| plan.items.get_mut(&item)) {
        status.clone_into(&mut item.status);
    }
}

/// `PATCH /disaster_recovery/{plan}/items/{item}`
pub(crate) fn update(world: &mut World, target: &Target<'_>) -> Outcome {
    let (plan, item) = item_of(target)?;
    find(world, plan, item)?;
    let fields = Fields::of(target.call)?;
    let topics = mappings(world, world.plan(plan)?, &fields)?;
    let before = require(world, (plan, item), &["RUNNING", "MANUAL_STOPPED"])?;
    if let Some(item) = world.plan_mut(plan).and_then(|plan| plan.items.get_mut(&item)) {
        item.topics = topics;
        "CHANGING".clone_into(&mut item.status);
    }
    begin(world, plan, item, &before);
    Ok(json!(true))
}

/// `POST …/items/{item}/start`
pub(crate) fn start(world: &mut World, target: &Target<'_>) -> Outcome {
    switch(world, item_of(target)?, "MANUAL_STOPPED", "RUNNING")
}

/// `POST …/items/{item}/stop`
pub(crate) fn stop(world: &mut World, target: &Target<'_>) -> Outcome {
    switch(world, item_of(target)?, "RUNNING", "MANUAL_STOPPED")
}

fn switch(world: &mut World, (plan, item): (u64, u64), from: &str, to: &str) -> Outcome {
    require(world, (plan, item), &[from])?;
    set_status(world, (plan, item), "CHANGING");
    begin(world, plan, item, to);
    Ok(json!(true))
}

/// `DELETE /disaster_recovery/{plan}/items/{item}`
pub(crate) fn delete(world: &mut World, target: &Target<'_>) -> Outcome {
    let (plan, item) = item_of(target)?;
    let states: &[&str] = if world.settings.delete_running_items {
        &["RUNNING", "MANUAL_STOPPED", "OVERDUE_STOPPED"]
    } else {
        &["MANUAL_STOPPED", "OVERDUE_STOPPED"]
    };
    require(world, (plan, item), states)?;
    if let Some(plan) = world.plan_mut(plan) {
        plan.items.remove(&item);
    }
    Ok(json!(true))
}
