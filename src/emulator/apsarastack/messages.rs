//! Looking at messages: by id, by key, by time, and what became of them.

use serde_json::Value;
use serde_json::json;

use super::envelope::Outcome;
use super::envelope::Refusal;
use super::model::Message;
use super::params::Params;
use super::topics;
use super::world::World;

/// Lists of messages go no further than this page.
pub(super) const PAGES: std::ops::RangeInclusive<i64> = 1..=50;
/// Messages on a page.
pub(super) const SIZES: std::ops::RangeInclusive<i64> = 5..=50;

pub(super) fn none() -> Refusal {
    Refusal::new("BIZ_NO_MESSAGE", "No messages match the query conditions.")
}

/// The fields of a message; the dead-letter operations spell them with a capital.
pub(super) fn fields(message: &Message) -> Vec<(&'static str, Value)> {
    let properties: Vec<Value> =
        message.properties.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
    vec![
        ("topic", message.topic.clone().into()),
        ("propertyList", properties.into()),
        ("body", message.body.clone().into()),
        ("storeSize", (message.body.len() + 128).into()),
        ("bornTimestamp", message.stored_at.into()),
        ("bornHost", "10.1.0.7:40000".into()),
        ("storeTimestamp", message.stored_at.into()),
        ("storeHost", "10.0.0.11:10911".into()),
        ("msgId", message.id.clone().into()),
        ("bodyCRC", crc32fast::hash(message.body.as_bytes()).into()),
        ("reconsumeTimes", message.reconsume_times.into()),
    ]
}

fn view(message: &Message) -> Value {
    Value::Object(fields(message).into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

pub(super) fn by_id(world: &mut World, params: &Params) -> Outcome {
    let (iid, topic) = topics::meant(world, params)?;
    let id = params.required("msgId")?;
    let space = world.space(&iid)?;
    let message = space.messages_of(&topic).find(|message| message.id == id).ok_or_else(none)?;
    Ok(view(message).into())
}

/// Messages with a key, as far as keys can be told apart.
pub(super) fn by_key(world: &mut World, params: &Params) -> Outcome {
    let (iid, topic) = topics::meant(world, params)?;
    let key = params.required("key")?;
    let has_key = |message: &&Message| {
        message.properties.get("KEYS").is_some_and(|keys| keys.split(' ').any(|one| one == key))
    };
    let found: Vec<Value> = world.space(&iid)?.messages_of(&topic).filter(has_key).map(view).collect();
    if found.is_empty() { Err(none()) } else { Ok(Value::Array(found).into()) }
}

/// What every page of a query about messages needs: the task stands for the conditions of the first page.
pub(super) struct Found {
    pub(super) task: String,
    pub(super) pages: u64,
    pub(super) page: u64,
    pub(super) messages: Vec<Message>,
}

/// One page of the messages of a topic that were stored within a span of time.
pub(super) fn paged(world: &World, params: &Params, iid: &str, topic: &str) -> Result<Found, Refusal> {
    let page = params.page(PAGES, SIZES)?;
    let span = params.span()?;
    let task = format!("{:08X}", crc32fast::hash(format!("{iid}/{topic}/{span:?}").as_bytes()));
    match params.get("taskId") {
        Some(sent) if sent != task => return Err(Refusal::field("taskId", "belongs to another query")),
        None if page.number > 1 => return Err(Refusal::field("taskId", "is required from page 2 on")),
        _ => {}
    }
    let found: Vec<Message> = world
        .space(iid)?
        .messages_of(topic)
        .filter(|message| span.contains(&message.stored_at))
        .cloned()
        .collect();
    let pages = (found.len() as u64).div_ceil(page.size).min(PAGES.end().unsigned_abs());
    Ok(Found { task, pages, page: page.number, messages: page.cut(found) })
}

pub(super) fn by_topic(world: &mut World, params: &Params) -> Outcome {
    let (iid, topic) = topics::meant(world, params)?;
    let found = paged(world, params, &iid, &topic)?;
    Ok(json!({
        "taskId": found.task,
        "maxPageCount": found.pages,
        "currentPage": found.page,
        "data": found.messages.iter().map(view).collect::<Vec<_>>(),
    })
    .into())
}

/// What became of a message in each group that reads its topic.
pub(super) fn trace(world: &mut World, params: &Params) -> Outcome {
    let (iid, topic) = topics::meant(world, params)?;
    let id = params.required("msgId")?;
    let space = world.space(&iid)?;
    let message = space.messages_of(&topic).find(|message| message.id == id).ok_or_else(none)?;
    let rows: Vec<Value> = space
        .groups
        .values()
        .filter_map(|group| {
            let at = group.progress.get(&topic)?;
            let kind = if message.offset < at.offset {
                "CONSUMED"
            } else if group.is_online() {
                "NOT_CONSUME_YET"
            } else {
                "NOT_ONLINE"
            };
            Some(json!({
                "instanceId": iid, "consumerGroup": group.name, "trackType": kind, "exceptionDesc": "",
            }))
        })
        .collect();
    Ok(Value::Array(rows).into())
}
