//! Tags and resource groups of instances. Everything is in the query, lists as JSON.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::json;

use super::errors::Outcome;
use super::errors::Refusal;
use super::errors::invalid;
use super::errors::missing;
use super::errors::no_instance;
use super::fields::listed;
use super::fields::query;
use super::route::Target;
use super::world::ACCOUNT;
use super::world::World;
use crate::emulator::exchange::Call;

/// Most tags of an instance.
const MOST: usize = 20;

/// Entries of one page of the list.
const PAGE: usize = 50;

/// Refuses tags that the vendor would not take.
pub(crate) fn check(tags: &BTreeMap<String, String>) -> Result<(), Refusal> {
    if tags.len() > MOST {
        return Err(invalid("tag", "an instance has at most 20 tags"));
    }
    let is_reserved = |key: &String| key.starts_with("aliyun") || key.starts_with("acs:");
    if tags.keys().any(|key| is_reserved(key) || key.chars().count() > 128) {
        return Err(invalid("tag", "a key is reserved or too long"));
    }
    Ok(())
}

/// Reads `[{"key": …, "value": …}]`.
pub(crate) fn pairs(value: &Value) -> Option<Vec<(String, Option<String>)>> {
    value
        .as_array()?
        .iter()
        .map(|tag| {
            let text = |key: &str| tag.get(key).and_then(Value::as_str).map(str::to_owned);
            Some((text("key")?, text("value")))
        })
        .collect()
}

/// Whether all wanted tags are there.
pub(crate) fn carries(tags: &BTreeMap<String, String>, wanted: &[(String, Option<String>)]) -> bool {
    wanted.iter().all(|(key, value)| {
        tags.get(key).is_some_and(|found| value.as_ref().is_none_or(|value| value == found))
    })
}

fn check_kind(call: &Call) -> Result<(), Refusal> {
    if query(call, "resourceType")?.eq_ignore_ascii_case("instance") {
        Ok(())
    } else {
        Err(invalid("resourceType", "it must be instance"))
    }
}

fn instances(world: &World, call: &Call) -> Result<Vec<String>, Refusal> {
    let ids = listed(query(call, "resourceId")?);
    for id in &ids {
        world.broker(id)?;
    }
    Ok(ids)
}

/// `POST /resourceTag/create`
pub(crate) fn add(world: &mut World, target: &Target<'_>) -> Outcome {
    let call = target.call;
    check_kind(call)?;
    let ids = instances(world, call)?;
    let tags = serde_json::from_str(query(call, "tag")?).ok().and_then(|value| pairs(&value));
    let tags = tags.ok_or_else(|| invalid("tag", "it is not a list of tags"))?;
    for id in ids {
        let mut all = world.broker(&id)?.instance.tags.clone();
        all.extend(tags.iter().map(|(key, value)| (key.clone(), value.clone().unwrap_or_default())));
        check(&all)?;
        if let Some(instance) = world.instance_mut(&id) {
            instance.tags = all;
        }
    }
    Ok(json!(true))
}

/// `DELETE /resourceTag/delete`
pub(crate) fn remove(world: &mut World, target: &Target<'_>) -> Outcome {
    let call = target.call;
    check_kind(call)?;
    let ids = instances(world, call)?;
    let keys = call.query("tagKey").map(listed).unwrap_or_default();
    let all = call.query("all") == Some("true");
    if keys.is_empty() && !all {
        return Err(missing("tagKey"));
    }
    for id in ids {
        if let Some(instance) = world.instance_mut(&id) {
            instance.tags.retain(|key, _| !all && !keys.contains(key));
        }
    }
    Ok(json!(true))
}

/// `GET /resourceTag/list`
pub(crate) fn list(world: &mut World, target: &Target<'_>) -> Outcome {
    let call = target.call;
    check_kind(call)?;
    let ids = call.query("resourceId").map(listed).unwrap_or_default();
    let wanted = call.query("tag").filter(|text| !text.is_empty());
    let wanted = wanted.and_then(|text| serde_json::from_str(text).ok()).and_then(|value| pairs(&value));
    let all: Vec<Value> = world
        .brokers()
        .values()
        .map(|broker| &broker.instance)
        .filter(|instance| !instance.is_released() && (ids.is_empty() || ids.contains(&instance.id)))
        .filter(|instance| wanted.as_ref().is_none_or(|wanted| carries(&instance.tags, wanted)))
        .flat_map(|instance| {
            instance.tags.iter().map(|(key, value)| {
                json!({
                    "aliUid": ACCOUNT,
                    "category": "Custom",
                    "resourceId": instance.id,
                    "resourceType": "INSTANCE",
                    "scope": "PUBLIC",
                    "tagKey": key,
                    "tagValue": value,
                })
            })
        })
        .collect();
    let start: usize = call.query("nextToken").and_then(|token| token.parse().ok()).unwrap_or(0);
    let next = start.saturating_add(PAGE);
    let token = if next < all.len() { next.to_string() } else { String::new() };
    let page: Vec<Value> = all.into_iter().skip(start).take(PAGE).collect();
    Ok(json!({ "nextToken": token, "tagResources": page }))
}

/// `POST /resourceGroup/change`
pub(crate) fn change_group(world: &mut World, target: &Target<'_>) -> Outcome {
    let call = target.call;
    check_kind(call)?;
    let id = query(call, "resourceId")?;
    let group = query(call, "resourceGroupId")?;
    world.broker(id)?;
    let instance = world.instance_mut(id).ok_or_else(no_instance)?;
    group.clone_into(&mut instance.resource_group);
    Ok(json!(true))
}
