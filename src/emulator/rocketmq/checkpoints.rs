//! Checkpoints: read positions of groups that exist under the same name on both sides of an item.

use serde_json::Value;
use serde_json::json;

use super::brokers::consumed_until;
use super::errors::Outcome;
use super::errors::Refusal;
use super::errors::invalid;
use super::errors::no_item;
use super::fields::query;
use super::items::item_of;
use super::model::Checkpoint;
use super::model::Item;
use super::model::TopicMapping;
use super::page::Page;
use super::route::Target;
use super::world::World;

fn no_checkpoint() -> Refusal {
    Refusal::new(404, "DisasterRecoveryCheckpoint.NotFound", "The checkpoint cannot be found.")
}

/// Makes a checkpoint for each group that subscribes on the source and exists on the other side.
fn materialise(world: &mut World, plan: u64, item: u64) -> Result<Item, Refusal> {
    let known = world.plan(plan)?;
    let enabled = known.sync_checkpoint;
    let found = known.items.get(&item).ok_or_else(no_item)?.clone();
    if !enabled {
        return Ok(found);
    }
    let brokers: Vec<_> =
        found.topics.iter().filter_map(|mapping| world.brokers().get(&mapping.instance_id)).collect();
    let mut names: Vec<String> = Vec::new();
    for broker in &brokers {
        for group in broker.groups.values() {
            let subscribes = found.topics.iter().any(|mapping| {
                mapping.instance_id == broker.instance.id && group.subscriptions.contains_key(&mapping.topic)
            });
            let everywhere = brokers.iter().all(|other| other.groups.contains_key(&group.name));
            if subscribes && everywhere && !names.contains(&group.name) {
                names.push(group.name.clone());
            }
        }
    }
    for name in names {
        if !found.checkpoints.contains_key(&name) {
            let id = world.checkpoint_id();
            if let Some(item) = world.plan_mut(plan).and_then(|plan| plan.items.get_mut(&item)) {
                item.checkpoints.insert(name, Checkpoint { id, synced_at: 0 });
            }
        }
    }
    world.plan(plan)?.items.get(&item).cloned().ok_or_else(no_item)
}

fn progress(world: &World, mapping: &TopicMapping, group: &str) -> Value {
    let timestamp = world
        .brokers()
        .get(&mapping.instance_id)
        .and_then(|broker| Some(consumed_until(broker, broker.groups.get(group)?, &mapping.topic)));
    json!({
        "regionId": mapping.region,
        "instanceId": mapping.instance_id,
        "instanceType": mapping.instance_type,
        "consumerGroupId": group,
        "topicName": mapping.topic,
        "lastFetchTime": world.now_ms(),
        "progressData": { "consumeTimestamp": timestamp.unwrap_or(0) },
    })
}

/// `GET …/items/{item}/checkpoints?instanceId=` of the side that messages come from.
pub(crate) fn list(world: &mut World, target: &Target<'_>) -> Outcome {
    let (plan, item) = item_of(target)?;
    let source = query(target.call, "instanceId")?.to_owned();
    let page = Page::read(target.call, 1, 100)?;
    let item = materialise(world, plan, item)?;
    let from = item.topics.iter().find(|mapping| mapping.instance_id == source);
    let from = from.ok_or_else(|| invalid("instanceId", "it is no instance of the item"))?;
    let to = item.topics.iter().find(|mapping| mapping.instance_id != source);
    let filter = target.call.query("filter").unwrap_or_default();
    let found = item
        .checkpoints
        .iter()
        .filter(|(group, _)| group.contains(filter) || from.topic.contains(filter))
        .map(|(group, checkpoint)| {
            json!({
                "planId": item.plan,
                "itemId": item.id,
                "checkpointId": checkpoint.id,
                "lastSyncTime": checkpoint.synced_at,
                "sourceProgress": progress(world, from, group),
                "targetProgress": to.map(|to| progress(world, to, group)),
            })
        })
        .collect();
    Ok(page.cut(found))
}

/// `POST …/checkpoints/{checkpoint}`: the group that is behind on the other side catches up.
pub(crate) fn sync(world: &mut World, target: &Target<'_>) -> Outcome {
    let (plan, item_id) = item_of(target)?;
    let item = materialise(world, plan, item_id)?;
    let wanted: u64 = target.part().parse().map_err(|_not_a_number| no_checkpoint())?;
    let found = item.checkpoints.iter().find(|(_, checkpoint)| checkpoint.id == wanted);
    let group = found.map(|(group, _)| group.clone()).ok_or_else(no_checkpoint)?;
    let times: Vec<i64> = item
        .topics
        .iter()
        .filter_map(|mapping| {
            let broker = world.brokers().get(&mapping.instance_id)?;
            Some(consumed_until(broker, broker.groups.get(&group)?, &mapping.topic))
        })
        .collect();
    let reached = times.into_iter().max().unwrap_or(0);
    for mapping in &item.topics {
        let Some(broker) = world.brokers().get(&mapping.instance_id) else { continue };
        let read = broker.messages.values().filter(|m| m.topic == mapping.topic && m.stored_at <= reached);
        let position = read.map(|message| message.position).max().unwrap_or(0);
        if let Some(group) = world.group_mut(&mapping.instance_id, &group) {
            let offset = group.offsets.entry(mapping.topic.clone()).or_insert(0);
            *offset = (*offset).max(position);
        }
    }
    let now = world.now_ms();
    if let Some(checkpoint) = world
        .plan_mut(plan)
        .and_then(|plan| plan.items.get_mut(&item_id))
        .and_then(|item| item.checkpoints.get_mut(&group))
    {
        checkpoint.synced_at = now;
    }
    Ok(json!(true))
}
