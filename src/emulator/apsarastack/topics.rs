//! Topics: create, look at, list, switch reading and writing, delete with everything that hangs on them.

use std::collections::BTreeMap;

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::envelope::Outcome;
use super::envelope::Refusal;
use super::envelope::Success;
use super::model::ACCOUNT;
use super::model::Topic;
use super::params::Params;
use super::settings::TopicShape;
use super::world::World;
use crate::emulator::systems::System;

/// Whether a topic may have this name.
pub(super) fn check_name(name: &str) -> Result<(), Refusal> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if name.len() > 255 || !name.chars().all(fits) {
        return Err(Refusal::field("topic", "may have letters, digits, - and _, 255 at most"));
    }
    if name.starts_with("CID") || name.starts_with("GID") {
        return Err(Refusal::field("topic", "must not start with CID or GID"));
    }
    Ok(())
}

/// The topic that a call means, with its instance.
pub(super) fn meant(world: &World, params: &Params) -> Result<(String, String), Refusal> {
    let iid = world.instance_id(params.get("instanceId"))?;
    let name = params.required("topic")?;
    if world.space(&iid)?.topics.contains_key(name) {
        Ok((iid, name.to_owned()))
    } else {
        Err(Refusal::no_topic())
    }
}

pub(super) fn create(world: &mut World, params: &Params) -> Outcome {
    let name = params.required("topic")?.to_owned();
    check_name(&name)?;
    let order_type = params.choice("orderType", &[0, 1, 2, 4, 5])?;
    let iid = world.instance_id(params.get("instanceId"))?;
    let space = world.space(&iid)?;
    // Without a namespace of its own, an instance shares one with all others.
    let is_taken = if space.instance.namespaced {
        space.topics.contains_key(&name)
    } else {
        world.spaces().values().any(|space| space.topics.contains_key(&name))
    };
    let capacity = usize::try_from(space.instance.topic_capacity).unwrap_or(usize::MAX);
    let is_full = space.topics.len() >= capacity;
    if is_taken || world.is_recycling(&iid, &name) {
        return Err(Refusal::new("BIZ_TOPIC_EXISTED", "The specified topic already exists."));
    }
    if is_full {
        return Err(Refusal::field("topic", "is one too many for the topicCapacity of the instance"));
    }
    let topic = Topic {
        name: name.clone(),
        order_type,
        perm: 6,
        remark: params.get("remark").unwrap_or_default().to_owned(),
        owner: ACCOUNT.to_owned(),
        created_at: world.now_ms(),
        min_offset: 0,
        max_offset: 0,
        last_message_time: 0,
    };
    world.created = Some(format!("topic/{iid}/{name}"));
    world.put_topic(&iid, topic);
    Ok(json!({}).into())
}

pub(super) fn delete(world: &mut World, params: &Params) -> Outcome {
    let (iid, name) = meant(world, params)?;
    world.remove_topic(&iid, &name);
    world.recycle(&iid, &name);
    Ok(json!({}).into())
}

pub(super) fn update(world: &mut World, params: &Params) -> Outcome {
    let perm = params.choice("perm", &[2, 4, 6])?;
    let (iid, name) = meant(world, params)?;
    if let Some(topic) = world.topic_mut(&iid, &name) {
        topic.perm = perm;
    }
    Ok(json!({}).into())
}

fn view(world: &World, iid: &str, topic: &Topic) -> Value {
    let mut view = Map::new();
    view.insert("topic".to_owned(), topic.name.clone().into());
    if world.settings.undocumented_fields {
        let region = System::ApsaraStack.region();
        let more = json!({
            "namespaceId": iid,
            "orderType": topic.order_type,
            "remark": topic.remark,
            "owner": topic.owner,
            "status": 0,
            "statusName": "in service",
            "relation": 6,
            "relationName": "owner",
            "regionId": region,
            "regionName": region,
            "channelId": 0,
            "channelName": "ALIYUN",
            "createTime": topic.created_at,
            "updateTime": topic.created_at,
            "independentNaming": world.spaces().get(iid).is_some_and(|space| space.instance.namespaced),
        });
        if let Value::Object(more) = more {
            view.extend(more);
        }
    } else {
        view.insert("owner".to_owned(), topic.owner.clone().into());
        view.insert("status".to_owned(), 0.into());
    }
    Value::Object(view)
}

pub(super) fn get(world: &mut World, params: &Params) -> Outcome {
    let (iid, name) = meant(world, params)?;
    let topic = world.space(&iid)?.topics.get(&name).ok_or_else(Refusal::no_topic)?;
    let view = view(world, &iid, topic);
    Ok(match world.settings.topic_get {
        TopicShape::List => json!([view]),
        TopicShape::Object => view,
    }
    .into())
}

pub(super) fn names(world: &mut World, params: &Params) -> Outcome {
    let iid = world.instance_id(params.get("instanceId"))?;
    Ok(json!(world.space(&iid)?.topics.keys().collect::<Vec<_>>()).into())
}

pub(super) fn list(world: &mut World, params: &Params) -> Outcome {
    let page = params.page(1..=i64::MAX, 1..=1000)?;
    let iid = world.instance_id(params.get("instanceId"))?;
    let wanted = params.get("topic").unwrap_or_default();
    let found: Vec<&Topic> =
        world.space(&iid)?.topics.values().filter(|topic| topic.name.contains(wanted)).collect();
    let total = found.len() as u64;
    let shown: Vec<Value> = page.cut(found).into_iter().map(|topic| view(world, &iid, topic)).collect();
    Ok(Success { data: Value::Array(shown), page: Some((page.number, page.size, total)), beside: None })
}

/// The online groups that have subscribed to a topic.
pub(super) fn subscribers(world: &mut World, params: &Params) -> Outcome {
    let (iid, name) = meant(world, params)?;
    let groups: BTreeMap<&str, Value> = world
        .space(&iid)?
        .subscribers(&name)
        .map(|group| {
            let row = json!({ "groupId": group.name, "subString": "*", "messageModel": "CLUSTERING" });
            (group.name.as_str(), row)
        })
        .collect();
    Ok(json!({ "topic": name, "SubscriptionDataList": groups.into_values().collect::<Vec<_>>() }).into())
}
