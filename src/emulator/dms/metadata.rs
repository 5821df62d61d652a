//! Metadata migration: tasks that make topics and groups from another system's metadata.

use std::collections::BTreeMap;

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::dialect::Dialect;
use super::errors::Outcome;
use super::errors::Refusal;
use super::errors::bad_parameter;
use super::fields::Fields;
use super::fields::whole;
use super::jobs;
use super::jobs::Job;
use super::model::Effect;
use super::model::Group;
use super::model::Migration;
use super::model::Topic;
use super::page;
use super::route::Target;
use super::topics;
use super::world::World;
use crate::emulator::exchange::Reply;

const SECONDS: i64 = 10;
/// Page size when the caller names none.
const PAGE: u64 = 10;

fn is_migration(effect: &Effect) -> bool {
    matches!(effect, Effect::Migrate { .. })
}

pub(crate) fn create(world: &mut World, target: &Target<'_>) -> Outcome {
    let iid = target.iid;
    world.broker(iid)?;
    let fields = Fields::of(target.call)?;
    jobs::require_running(world, iid)?;
    let asks = |key: &str| target.call.query(key).unwrap_or_default();
    let overwrite = match asks("overwrite") {
        "true" => true,
        "false" => false,
        _ => return Err(bad_parameter("overwrite must be true or false.")),
    };
    let name = asks("name").to_owned();
    if name.is_empty() {
        return Err(bad_parameter("name is required."));
    }
    let kind = asks("type").to_owned();
    let content = match kind.as_str() {
        "rocketmq" => rocketmq(&fields, world.settings.dialect)?,
        "rabbitToRocket" => rabbit(&fields)?,
        _ => return Err(bad_parameter("type must be rocketmq or rabbitToRocket.")),
    };
    let start_date = jiff::Timestamp::from_millisecond(world.now_ms())
        .map(|at| at.strftime("%Y-%m-%d %H:%M:%S%.2f").to_string())
        .unwrap_or_default();
    let id = world.new_uuid();
    let migration = Migration {
        id: id.clone(),
        position: world.next_position(),
        name,
        kind,
        overwrite,
        status: "creating".to_owned(),
        start_date,
        content,
    };
    world.put_migration(iid, migration);
    let effect = Effect::Migrate { id: id.clone() };
    let job = Job { name: "metadataMigration", params: json!({}), seconds: SECONDS, effect };
    jobs::start(world, iid, job);
    Ok(Reply::ok(&json!({ "task_id": id })))
}

/// Reads the two tables in either spelling and keeps them in camel case.
fn rocketmq(fields: &Fields, dialect: Dialect) -> Result<Value, Refusal> {
    let table = |camel: &str, snake: &str| -> Result<Value, Refusal> {
        let entries = match dialect {
            Dialect::Any => fields.either(camel, snake),
            Dialect::Sbercloud => fields.get(camel),
            Dialect::Huawei => fields.get(snake),
        };
        let entries = match entries {
            Some(Value::Object(entries)) => entries.clone(),
            Some(_) => return Err(super::errors::wrong_type(camel)),
            None if dialect != Dialect::Any => {
                return Err(bad_parameter(&format!("{camel} is required.")));
            }
            None => Map::new(),
        };
        Ok(Value::Object(entries.into_iter().map(|(name, entry)| (name, in_camel_case(entry))).collect()))
    };
    Ok(json!({
        "topicConfigTable": table("topicConfigTable", "topic_config_table")?,
        "subscriptionGroupTable": table("subscriptionGroupTable", "subscription_group_table")?,
    }))
}

fn in_camel_case(entry: Value) -> Value {
    let Value::Object(entry) = entry else { return entry };
    Value::Object(entry.into_iter().map(|(key, value)| (camel(&key), value)).collect())
}

fn camel(key: &str) -> String {
    let mut words = key.split('_');
    let mut out = words.next().unwrap_or_default().to_owned();
    for word in words {
        let mut letters = word.chars();
        out.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        out.push_str(letters.as_str());
    }
    out
}

fn rabbit(fields: &Fields) -> Result<Value, Refusal> {
    let list = |key: &str| -> Result<Value, Refusal> {
        match fields.get(key) {
            Some(Value::Array(list)) => Ok(Value::Array(list.clone())),
            Some(_) => Err(super::errors::wrong_type(key)),
            None => Ok(json!([])),
        }
    };
    Ok(json!({
        "vhosts": list("vhosts")?,
        "queues": list("queues")?,
        "exchanges": list("exchanges")?,
        "bindings": list("bindings")?,
    }))
}

/// Ends a migration: its objects come into being, or it fails.
pub(crate) fn finish(world: &mut World, iid: &str, id: &str, succeeds: bool) {
    let Some(broker) = world.brokers().get(iid) else { return };
    let Some(mut migration) = broker.migrations.get(id).cloned() else { return };
    let wanted = objects(&migration);
    let clash = wanted.iter().any(|object| match object {
        Object::Topic { name, .. } => broker.topics.contains_key(name),
        Object::Group { name, .. } => broker.groups.contains_key(name),
    });
    if !succeeds || (clash && !migration.overwrite) {
        "failed".clone_into(&mut migration.status);
    } else {
        "finished".clone_into(&mut migration.status);
        for object in wanted {
            make(world, iid, object);
        }
    }
    world.put_migration(iid, migration);
}

enum Object {
    Topic { name: String, perm: u64, read: u64, write: u64 },
    Group { name: String, enabled: bool, broadcast: bool, retries: u64 },
}

fn objects(migration: &Migration) -> Vec<Object> {
    let table = |key: &str| -> Vec<(String, Value)> {
        migration
            .content
            .get(key)
            .and_then(Value::as_object)
            .map(|map| map.iter().map(|(name, value)| (name.clone(), value.clone())).collect())
            .unwrap_or_default()
    };
    let mut found = Vec::new();
    for (name, entry) in table("topicConfigTable") {
        let number = |key: &str, default| entry.get(key).and_then(whole).unwrap_or(default);
        found.push(Object::Topic {
            name,
            perm: number("perm", 6),
            read: number("readQueueNums", 16),
            write: number("writeQueueNums", 16),
        });
    }
    for (name, entry) in table("subscriptionGroupTable") {
        let flag = |key: &str| entry.get(key).and_then(Value::as_bool).unwrap_or(true);
        found.push(Object::Group {
            name,
            enabled: flag("consumeEnable"),
            broadcast: flag("consumeBroadcastEnable"),
            retries: entry.get("retryMaxTimes").and_then(whole).unwrap_or(16),
        });
    }
    // A queue of the other system becomes a topic.
    let queues = migration.content.get("queues").and_then(Value::as_array);
    for queue in queues.into_iter().flatten() {
        if let Some(name) = queue.get("name").and_then(Value::as_str) {
            found.push(Object::Topic { name: name.to_owned(), perm: 6, read: 8, write: 8 });
        }
    }
    found
}

fn make(world: &mut World, iid: &str, object: Object) {
    let Some(broker) = world.brokers().get(iid) else { return };
    let names = broker.broker_names();
    match object {
        Object::Topic { name, perm, read, write } => {
            let permission = match perm {
                4 => "sub",
                2 => "pub",
                _ => "all",
            };
            let brokers: Vec<_> =
                names.iter().map(|broker| topics::topic_broker(broker, read, write)).collect();
            let old = broker.topics.get(&name).cloned();
            let is_v5 = broker.instance.engine_version == "5.x";
            let created_at = old.as_ref().map_or_else(|| world.now_ms(), |old| old.created_at);
            world.put_topic(
                iid,
                Topic {
                    name,
                    permission: permission.to_owned(),
                    message_type: is_v5.then(|| "NORMAL".to_owned()),
                    description: String::new(),
                    brokers,
                    created_at,
                },
            );
        }
        Object::Group { name, enabled, broadcast, retries } => {
            let old = broker.groups.get(&name).cloned();
            let now = world.now_ms();
            let base = old.unwrap_or(Group {
                name,
                enabled,
                broadcast,
                retry_max_time: retries,
                brokers: names,
                description: String::new(),
                consume_orderly: false,
                created_at: now,
                offsets: BTreeMap::new(),
                clients: Vec::new(),
            });
            world.put_group(iid, Group { enabled, broadcast, retry_max_time: retries, ..base });
        }
    }
}

fn view(migration: &Migration) -> Value {
    json!({
        "id": migration.id,
        "name": migration.name,
        "start_date": migration.start_date,
        "status": migration.status,
        "type": migration.kind,
    })
}

/// All tasks by page number, or one with its metadata.
pub(crate) fn list(world: &mut World, target: &Target<'_>) -> Outcome {
    let call = target.call;
    world.broker(target.iid)?;
    jobs::look(world, target.iid, is_migration);
    let broker = world.broker(target.iid)?;
    let asks = |key: &str| call.query(key).filter(|text| !text.is_empty());
    if let Some(id) = asks("id") {
        let migration = broker
            .migrations
            .get(id)
            .ok_or_else(|| Refusal::bad("DMS.00405011", "The migration task does not exist."))?;
        let mut view = view(migration);
        if let Some(map) = view.as_object_mut() {
            map.insert("json_content".to_owned(), migration.content.to_string().into());
        }
        return Ok(Reply::ok(&view));
    }
    // Here `offset` counts pages, from 1.
    let number = page::number(call, "offset")?.unwrap_or(1).max(1);
    let size = page::number(call, "limit")?.unwrap_or(PAGE).max(1);
    let mut found: Vec<&Migration> = broker
        .migrations
        .values()
        .filter(|migration| asks("name").is_none_or(|name| migration.name.contains(name)))
        .collect();
    found.sort_by_key(|migration| std::cmp::Reverse(migration.position));
    let total = found.len();
    let skipped = usize::try_from((number - 1).saturating_mul(size)).unwrap_or(usize::MAX);
    let shown: Vec<Value> =
        found.into_iter().skip(skipped).take(usize::try_from(size).unwrap_or(usize::MAX)).map(view).collect();
    Ok(Reply::ok(&json!({ "total": total, "task": shown })))
}

/// Deletes records; the topics and groups that they made stay.
pub(crate) fn delete(world: &mut World, target: &Target<'_>) -> Outcome {
    world.broker(target.iid)?;
    let fields = Fields::of(target.call)?;
    jobs::require_running(world, target.iid)?;
    let mut gone = Vec::new();
    for id in fields.texts("task_ids")?.unwrap_or_default() {
        if world.remove_migration(target.iid, &id) {
            gone.push(id);
        }
    }
    if target.call.method == "DELETE" {
        return Ok(Reply::empty(200));
    }
    Ok(Reply::ok(&json!({ "success_task_list": gone })))
}
