//! Groups: create, list, look at their subscriptions, switch reading, delete.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::envelope::Outcome;
use super::envelope::Refusal;
use super::model::ACCOUNT;
use super::model::Group;
use super::params::Params;
use super::world::World;

/// Whether a group may be created with this id.
pub(super) fn check_name(name: &str) -> Result<(), Refusal> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let is_fine = (5..=64).contains(&name.len())
        && (name.starts_with("GID_") || name.starts_with("GID-"))
        && name.chars().all(fits);
    if is_fine {
        Ok(())
    } else {
        Err(Refusal::field(
            "groupId",
            "must start with GID_ or GID- and have 5 to 64 letters, digits, - and _",
        ))
    }
}

/// The group that a call means, with its instance.
pub(super) fn meant(world: &World, params: &Params) -> Result<(String, String), Refusal> {
    let iid = world.instance_id(params.get("instanceId"))?;
    let name = params.required("groupId")?;
    if world.space(&iid)?.groups.contains_key(name) {
        Ok((iid, name.to_owned()))
    } else {
        Err(Refusal::no_group())
    }
}

pub(super) fn create(world: &mut World, params: &Params) -> Outcome {
    let name = params.required("groupId")?.to_owned();
    check_name(&name)?;
    let iid = world.instance_id(params.get("instanceId"))?;
    let space = world.space(&iid)?;
    let taken = if space.instance.namespaced {
        space.groups.get(&name)
    } else {
        world.spaces().values().find_map(|space| space.groups.get(&name))
    };
    match taken {
        Some(group) if group.owner != ACCOUNT => {
            return Err(Refusal::new(
                "BIZ_CONSUMER_ID_BELONG_TO_OTHER_USER",
                "The specified group ID is occupied by another user.",
            ));
        }
        Some(_) => {
            return Err(Refusal::new("BIZ_SUBSCRIPTION_EXISTED", "The specified group ID already exists."));
        }
        None => {}
    }
    let group = Group {
        name: name.clone(),
        remark: params.get("remark").unwrap_or_default().to_owned(),
        owner: ACCOUNT.to_owned(),
        created_at: world.now_ms(),
        read_enabled: true,
        used: false,
        progress: BTreeMap::new(),
        clients: Vec::new(),
    };
    let view = view(world, &iid, &group);
    world.created = Some(format!("group/{iid}/{name}"));
    world.put_group(&iid, group);
    Ok(view.into())
}

pub(super) fn delete(world: &mut World, params: &Params) -> Outcome {
    let (iid, name) = meant(world, params)?;
    if !name.starts_with("GID") {
        return Err(Refusal::field("groupId", "was not made by group/create"));
    }
    world.remove_group(&iid, &name);
    Ok(Value::Null.into())
}

pub(super) fn update(world: &mut World, params: &Params) -> Outcome {
    let enabled = params.flag("readEnable")?.ok_or_else(|| Refusal::field("readEnable", "is required"))?;
    let (iid, name) = meant(world, params)?;
    let needs_use = world.settings.read_switch_needs_use;
    if let Some(group) = world.group_mut(&iid, &name) {
        if needs_use && !group.used {
            return Err(Refusal::new("BIZ_CONSUMER_NOT_ONLINE", "No client ever used the group."));
        }
        group.read_enabled = enabled;
    }
    Ok(Value::Null.into())
}

fn view(world: &World, iid: &str, group: &Group) -> Value {
    let mut view = Map::new();
    let namespaced = world.spaces().get(iid).is_some_and(|space| space.instance.namespaced);
    view.insert("owner".to_owned(), group.owner.clone().into());
    view.insert("instanceId".to_owned(), iid.into());
    view.insert("groupId".to_owned(), group.name.clone().into());
    view.insert("independentNaming".to_owned(), namespaced.into());
    view.insert("remark".to_owned(), group.remark.clone().into());
    if world.settings.undocumented_fields {
        view.insert("groupType".to_owned(), "tcp".into());
        view.insert("createTime".to_owned(), group.created_at.into());
        view.insert("updateTime".to_owned(), group.created_at.into());
    }
    Value::Object(view)
}

/// All groups whose id contains what is asked for.
pub(super) fn list(world: &mut World, params: &Params) -> Outcome {
    let iid = world.instance_id(params.get("instanceId"))?;
    let wanted = params.get("groupId").unwrap_or_default();
    let found: Vec<Value> = world
        .space(&iid)?
        .groups
        .values()
        .filter(|group| group.name.contains(wanted))
        .map(|group| view(world, &iid, group))
        .collect();
    Ok(Value::Array(found).into())
}

/// What the online consumers of a group have subscribed to.
pub(super) fn subscriptions(world: &mut World, params: &Params) -> Outcome {
    let (iid, name) = meant(world, params)?;
    let group = world.space(&iid)?.groups.get(&name).ok_or_else(Refusal::no_group)?;
    let topics: BTreeSet<&String> = group.clients.iter().flat_map(|client| &client.topics).collect();
    let rows: Vec<Value> =
        topics.into_iter().map(|topic| json!({ "topic": topic, "subString": "*" })).collect();
    let model = if group.is_online() { json!("CLUSTERING") } else { Value::Null };
    Ok(json!({
        "groupId": name,
        "online": group.is_online(),
        "messageModel": model,
        "SubscriptionDataList": rows,
    })
    .into())
}
