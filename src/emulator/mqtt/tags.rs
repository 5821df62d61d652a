//! Tags of instances and groups.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::json;

use super::errors::Outcome;
use super::errors::Refusal;
use super::errors::bad_parameters;
use super::errors::foreign_instance;
use super::errors::invalid;
use super::model::Group;
use super::page;
use super::params::Params;
use super::world::World;

/// Most tags of one thing.
const MOST: usize = 20;

/// What is tagged: an instance, or a group as `INSTANCE/GROUP` or by its id alone.
enum Tagged {
    Instance(String),
    Group(String, String),
}

fn find(world: &World, kind: &str, id: &str) -> Result<Tagged, Refusal> {
    match kind {
        "INSTANCE" => {
            world.member(id)?;
            Ok(Tagged::Instance(id.to_owned()))
        }
        "GROUP" => {
            let (iid, group) = match id.split_once('/') {
                Some((iid, group)) => (Some(iid), group),
                None => (None, id),
            };
            let found = world.members().values().find(|member| {
                !member.instance.is_foreign
                    && iid.is_none_or(|iid| iid == member.instance.id)
                    && member.groups.contains_key(group)
            });
            let iid = found.ok_or_else(foreign_instance)?.instance.id.clone();
            Ok(Tagged::Group(iid, group.to_owned()))
        }
        _ => Err(invalid("ResourceType")),
    }
}

fn tags_of(world: &World, tagged: &Tagged) -> BTreeMap<String, String> {
    match tagged {
        Tagged::Instance(iid) => world.members().get(iid).map(|member| member.instance.tags.clone()),
        Tagged::Group(iid, id) => world.get::<Group>(iid, id).map(|group| group.tags),
    }
    .unwrap_or_default()
}

fn set(world: &mut World, tagged: &Tagged, tags: BTreeMap<String, String>) {
    match tagged {
        Tagged::Instance(iid) => {
            if let Some(instance) = world.instance_mut(iid) {
                instance.tags = tags;
            }
        }
        Tagged::Group(iid, id) => {
            if let Some(group) = world.get::<Group>(iid, id) {
                let updated_at = world.now_ms();
                world.put(iid, Group { updated_at, tags, ..group });
            }
        }
    }
}

fn targets(world: &World, params: &Params) -> Result<Vec<Tagged>, Refusal> {
    let kind = params.need("ResourceType")?;
    let ids = params.texts("ResourceId");
    if ids.is_empty() || ids.len() > 50 {
        return Err(invalid("ResourceId"));
    }
    ids.into_iter().map(|id| find(world, kind, id)).collect()
}

/// `TagResources`: sets tags, whatever they were.
pub(super) fn tag(world: &mut World, params: &Params) -> Outcome {
    let targets = targets(world, params)?;
    let pairs = params.pairs("Tag");
    if pairs.is_empty() || pairs.len() > MOST {
        return Err(invalid("Tag"));
    }
    if pairs.iter().any(|(key, value)| {
        key.chars().count() > 128
            || value.is_some_and(|value| value.chars().count() > 128)
            || ["aliyun", "acs:", "http://", "https://"].iter().any(|bad| key.starts_with(bad))
    }) {
        return Err(bad_parameters());
    }
    for tagged in &targets {
        let mut tags = tags_of(world, tagged);
        for (key, value) in &pairs {
            tags.insert((*key).to_owned(), value.unwrap_or_default().to_owned());
        }
        if tags.len() > MOST {
            return Err(bad_parameters());
        }
        set(world, tagged, tags);
    }
    Ok(json!({ "Data": true }))
}

/// `UntagResources`: removes some tags, or all.
pub(super) fn untag(world: &mut World, params: &Params) -> Outcome {
    let targets = targets(world, params)?;
    let keys = params.texts("TagKey");
    let all = params.get("All") == Some("true");
    if keys.is_empty() && !all {
        return Err(invalid("TagKey"));
    }
    for tagged in &targets {
        let mut tags = tags_of(world, tagged);
        if keys.is_empty() {
            tags.clear();
        }
        tags.retain(|key, _| !keys.contains(&key.as_str()));
        set(world, tagged, tags);
    }
    Ok(json!({ "Data": true }))
}

/// `ListTagResources`: one row for each tag of each thing.
pub(super) fn list(world: &mut World, params: &Params) -> Outcome {
    let kind = params.word("ResourceType", &["INSTANCE", "GROUP"])?;
    let ids = params.texts("ResourceId");
    let wanted = params.pairs("Tag");
    let mut found: Vec<(String, BTreeMap<String, String>)> = Vec::new();
    for member in world.members().values().filter(|member| !member.instance.is_foreign) {
        let iid = &member.instance.id;
        if kind == "INSTANCE" {
            found.push((iid.clone(), member.instance.tags.clone()));
        } else {
            found.extend(
                member.groups.values().map(|group| (format!("{iid}/{}", group.id), group.tags.clone())),
            );
        }
    }
    let mut rows: Vec<(String, Value)> = Vec::new();
    for (id, tags) in found {
        let is_named =
            ids.is_empty() || ids.iter().any(|named| *named == id || id.ends_with(&format!("/{named}")));
        let is_wanted = wanted
            .iter()
            .all(|(key, value)| tags.get(*key).is_some_and(|there| value.is_none_or(|value| value == there)));
        if !is_named || !is_wanted {
            continue;
        }
        for (key, value) in tags {
            let row = json!({ "ResourceId": id, "ResourceType": kind, "TagKey": key, "TagValue": value });
            rows.push((format!("{id}\u{1f}{key}"), row));
        }
    }
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    let (rows, next) = page::after(rows, params, 50)?;
    Ok(json!({ "TagResources": rows, "NextToken": next }))
}
