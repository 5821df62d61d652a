//! Groups of clients. A client id begins with its group.

use serde_json::Value;
use serde_json::json;

use super::errors::Outcome;
use super::errors::Refusal;
use super::errors::bad_parameters;
use super::errors::invalid;
use super::errors::no_permission;
use super::instances::has_tags;
use super::instances::tag_views;
use super::member::Stored as _;
use super::model::Group;
use super::params::Params;
use super::runtime;
use super::world::World;

/// `CreateGroupId`.
pub(super) fn create(world: &mut World, params: &Params) -> Outcome {
    let iid = params.need("InstanceId")?;
    let id = params.need("GroupId")?;
    let tags = params.json_tags("Tags")?;
    let capacity = world.settings.group_capacity;
    let member = world.member(iid)?;
    if !is_group_id(id) {
        return Err(bad_parameters());
    }
    if member.groups.contains_key(id) {
        // The spelling is the vendor's.
        return Err(Refusal::bad("GroupIdAlreadyExsited", "The specified GroupId already exists."));
    }
    if u64::try_from(member.groups.len()).is_ok_and(|count| count >= capacity) {
        return Err(Refusal::bad("GroupIdNumExceed", "The number of groups exceeds the limit."));
    }
    let now = world.now_ms();
    let group = Group { id: id.to_owned(), created_at: now, updated_at: now, tags };
    world.created = Some(format!("group/{iid}/{id}"));
    world.put(iid, group);
    Ok(json!({}))
}

/// 7 to 64 characters that begin with `GID_` or `GID-`.
pub(super) fn is_group_id(text: &str) -> bool {
    let rest = text.strip_prefix("GID_").or_else(|| text.strip_prefix("GID-"));
    rest.is_some_and(|rest| rest.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_'))
        && (7..=64).contains(&text.len())
}

/// `ListGroupId`: never in pages.
pub(super) fn list(world: &mut World, params: &Params) -> Outcome {
    let iid = params.need("InstanceId")?;
    let wanted = params.json_tags("Tags")?;
    let member = world.member(iid)?;
    let groups: Vec<Value> = member
        .groups
        .values()
        .filter(|group| has_tags(&group.tags, &wanted))
        .map(|group| {
            json!({
                "GroupId": group.id,
                "InstanceId": iid,
                "CreateTime": group.created_at,
                "UpdateTime": group.updated_at,
                "IndependentNaming": true,
                "Tags": tag_views(&group.tags),
            })
        })
        .collect();
    Ok(json!({ "Data": groups }))
}

/// `DeleteGroupId`: its clients are cut off.
pub(super) fn delete(world: &mut World, params: &Params) -> Outcome {
    let iid = params.need("InstanceId")?;
    let id = params.need("GroupId")?;
    world.member(iid)?;
    if !world.remove::<Group>(iid, id) {
        return Err(no_permission());
    }
    let clients: Vec<String> = world.member(iid)?.sessions.keys().cloned().collect();
    for client in clients.iter().filter(|client| group_of(client) == Some(id)) {
        runtime::close(world, iid, client, "the group was deleted");
    }
    Ok(json!({}))
}

/// The group of a client id, `GROUP@@@DEVICE`.
pub(super) fn group_of(client_id: &str) -> Option<&str> {
    let (group, device) = client_id.split_once("@@@")?;
    (is_group_id(group) && !device.is_empty() && client_id.len() <= 64).then_some(group)
}

/// A client id whose group exists.
pub(super) fn client<'a>(world: &World, iid: &str, params: &'a Params) -> Result<&'a str, Refusal> {
    let client = params.need("ClientId")?;
    let member = world.member(iid)?;
    let group = group_of(client).ok_or_else(|| invalid("ClientId"))?;
    if member.groups.contains_key(group) { Ok(client) } else { Err(no_permission()) }
}

impl Group {
    /// Whether this is the group of a client.
    pub(super) fn has(&self, client_id: &str) -> bool {
        group_of(client_id) == Some(&self.key())
    }
}
