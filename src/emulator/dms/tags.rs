//! Tags of instances, one by one and over the project.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde_json::Value;
use serde_json::json;

use super::errors::Outcome;
use super::errors::Refusal;
use super::errors::bad_parameter;
use super::fields::Fields;
use super::route::Target;
use super::world::World;
use crate::emulator::exchange::Reply;

/// The service allows twenty, although the text of its error says ten.
const MOST: usize = 20;

pub(crate) fn list(world: &mut World, target: &Target<'_>) -> Outcome {
    let instance = &world.broker(target.iid)?.instance;
    let tags: Vec<Value> =
        instance.tags.iter().map(|(key, value)| json!({ "key": key, "value": value })).collect();
    Ok(Reply::ok(&json!({ "tags": tags })))
}

#[expect(clippy::unnecessary_wraps, reason = "all operations have one signature")]
pub(crate) fn of_project(world: &mut World, _: &Target<'_>) -> Outcome {
    let mut all: BTreeMap<&String, BTreeSet<&String>> = BTreeMap::new();
    for broker in world.brokers().values() {
        for (key, value) in &broker.instance.tags {
            all.entry(key).or_default().insert(value);
        }
    }
    let tags: Vec<Value> = all.iter().map(|(key, values)| json!({ "key": key, "values": values })).collect();
    Ok(Reply::ok(&json!({ "tags": tags })))
}

pub(crate) fn action(world: &mut World, target: &Target<'_>) -> Outcome {
    let instance = &world.broker(target.iid)?.instance;
    let fields = Fields::of(target.call)?;
    let mut tags = instance.tags.clone();
    let entries = fields.objects("tags")?.unwrap_or_default();
    if entries.is_empty() {
        return Err(bad_parameter("tags is empty."));
    }
    match fields.text_or_empty("action")?.as_str() {
        "create" => {
            for entry in entries {
                let (key, value) = (entry.text_or_empty("key")?, entry.text_or_empty("value")?);
                check(&key, &value)?;
                if tags.get(&key).is_some_and(|old| *old != value) {
                    return Err(Refusal::bad("DMS.10240045", "The tag key has been used."));
                }
                tags.insert(key, value);
            }
            if tags.len() > MOST {
                return Err(Refusal::bad("DMS.10240044", "A maximum of 10 tags can be created."));
            }
        }
        "delete" => {
            for entry in entries {
                if tags.remove(&entry.text_or_empty("key")?).is_none() {
                    return Err(Refusal::new(404, "DMS.10240426", "No tag containing this key exists."));
                }
            }
        }
        _ => return Err(Refusal::bad("DMS.10240040", "You can only create or delete tags.")),
    }
    if let Some(instance) = world.instance_mut(target.iid) {
        instance.tags = tags;
    }
    Ok(Reply::empty(204))
}

fn check(key: &str, value: &str) -> Result<(), Refusal> {
    let fits = |c: char| c.is_alphanumeric() || " _.:=+-@".contains(c);
    let is_clean = |text: &str| text.trim() == text && text.chars().all(fits);
    if key.is_empty() || key.chars().count() > 128 {
        return Err(Refusal::bad("DMS.10240035", "The tag key is empty or too long."));
    }
    if !is_clean(key) {
        return Err(Refusal::bad("DMS.10240036", "The tag key contains invalid characters."));
    }
    if value.chars().count() > 255 {
        return Err(Refusal::bad("DMS.10240038", "The tag value is too long."));
    }
    if !is_clean(value) {
        return Err(Refusal::bad("DMS.10240039", "The tag value contains invalid characters."));
    }
    Ok(())
}
