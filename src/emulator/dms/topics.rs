//! Topics: create, list, get, change, delete, delete many.

use serde_json::Value;
use serde_json::json;

use super::catalog;
use super::errors::Outcome;
use super::errors::Refusal;
use super::errors::bad_parameter;
use super::errors::no_topic;
use super::fields::Fields;
use super::fields::is_name;
use super::jobs;
use super::jobs::Job;
use super::model::Broker;
use super::model::Effect;
use super::model::Queue;
use super::model::Topic;
use super::model::TopicBroker;
use super::page::Page;
use super::route::Target;
use super::world::World;
use crate::emulator::exchange::Reply;

/// Queues of a topic on one broker.
const QUEUES: std::ops::RangeInclusive<u64> = 1..=50;
const DEFAULT_QUEUES: u64 = 8;
const BATCH_SECONDS: i64 = 5;

const RESERVED: &[&str] = &[
    "TBW102",
    "BenchmarkTest",
    "SELF_TEST_TOPIC",
    "OFFSET_MOVED_EVENT",
    "SCHEDULE_TOPIC_XXXX",
    "RMQ_SYS_TRANS_HALF_TOPIC",
    "RMQ_SYS_TRACE_TOPIC",
    "RMQ_SYS_TRANS_OP_HALF_TOPIC",
    "TRANS_CHECK_MAX_TIME_TOPIC",
];

/// The rule for names of topics and groups.
pub(crate) fn is_object_name(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '%' | '|' | '_' | '-');
    is_name(name, (3, 64), fits, fits)
}

pub(crate) fn is_batch(effect: &Effect) -> bool {
    matches!(effect, Effect::DeleteTopics { .. } | Effect::DeleteGroups { .. } | Effect::UpdateGroups { .. })
}

pub(crate) fn create_or_delete(world: &mut World, target: &Target<'_>) -> Outcome {
    match target.call.query("action") {
        None | Some("") => create(world, target),
        Some("delete") => delete_many(world, target),
        Some(_) => Err(bad_parameter("action must be delete.")),
    }
}

/// How many topics the instance can have.
pub(crate) fn quota(world: &World, broker: &Broker) -> u64 {
    if world.settings.topic_quota > 0 {
        return world.settings.topic_quota;
    }
    let instance = &broker.instance;
    catalog::flavor(&instance.product_id).map_or(0, |flavor| flavor.max_topics * instance.broker_num.max(1))
}

fn visible(broker: &Broker) -> impl Iterator<Item = &Topic> {
    broker.topics.values().filter(|topic| !topic.is_internal())
}

fn create(world: &mut World, target: &Target<'_>) -> Outcome {
    let iid = target.iid;
    world.broker(iid)?;
    let fields = Fields::of(target.call)?;
    jobs::require_running(world, iid)?;
    let topic = read(world, iid, &fields)?;
    let broker = world.broker(iid)?;
    if broker.topics.contains_key(&topic.name) {
        return Err(Refusal::bad("DMS.10240017", "The queue already exists."));
    }
    if visible(broker).count() as u64 >= quota(world, broker) {
        return Err(Refusal::bad("DMS.00400039", "The quota limit has been reached."));
    }
    let name = topic.name.clone();
    world.created = Some(format!("topic/{iid}/{name}"));
    world.put_topic(iid, topic);
    Ok(Reply::ok(&json!({ "id": name })))
}

fn read(world: &World, iid: &str, fields: &Fields) -> Result<Topic, Refusal> {
    let broker = world.broker(iid)?;
    let name = fields.text_or_empty("name")?;
    if !is_object_name(&name) {
        return Err(Refusal::bad("DMS.10240007", "The name contains invalid characters."));
    }
    if name.starts_with("rmq_sys_") || RESERVED.contains(&name.as_str()) {
        return Err(bad_parameter("The topic name is reserved."));
    }
    let is_v5 = broker.instance.engine_version == "5.x";
    let permission = fields.text("permission")?.unwrap_or_else(|| "all".to_owned());
    check_permission(&permission)?;
    let message_type = fields.text("message_type")?;
    if let Some(kind) = &message_type
        && !matches!(kind.as_str(), "NORMAL" | "FIFO" | "DELAY" | "TRANSACTION" | "all")
    {
        return Err(bad_parameter("message_type is unknown."));
    }
    // Brokers, queues and permission belong to 4.8.0; 5.x spreads topics by itself.
    let brokers =
        if is_v5 { spread(&broker.broker_names(), DEFAULT_QUEUES) } else { read_brokers(broker, fields)? };
    Ok(Topic {
        name,
        permission: if is_v5 { "all".to_owned() } else { permission },
        message_type: is_v5.then(|| message_type.unwrap_or_else(|| "NORMAL".to_owned())),
        description: fields.text_or_empty("topic_desc")?,
        brokers,
        created_at: world.now_ms(),
    })
}

fn check_permission(permission: &str) -> Result<(), Refusal> {
    if matches!(permission, "all" | "pub" | "sub") {
        Ok(())
    } else {
        Err(bad_parameter("permission must be all, pub or sub."))
    }
}

fn read_brokers(broker: &Broker, fields: &Fields) -> Result<Vec<TopicBroker>, Refusal> {
    let known = broker.broker_names();
    if let Some(queues) = fields.objects("queues")? {
        let mut brokers = Vec::new();
        for entry in queues {
            let name = entry.text_or_empty("broker")?;
            let count = entry.number("queue_num")?.unwrap_or(DEFAULT_QUEUES);
            check_broker(&known, &name)?;
            check_count(count, 1)?;
            brokers.push(topic_broker(&name, count, count));
        }
        return Ok(brokers);
    }
    let names = match fields.texts("brokers")? {
        Some(names) if !names.is_empty() => names,
        _ => known.clone(),
    };
    for name in &names {
        check_broker(&known, name)?;
    }
    let count = fields.number("queue_num")?.unwrap_or(DEFAULT_QUEUES);
    check_count(count, names.len() as u64)?;
    Ok(spread(&names, count))
}

/// Whether every name is a broker of the instance.
pub(crate) fn check_broker(known: &[String], name: &str) -> Result<(), Refusal> {
    if known.iter().any(|broker| broker == name) {
        Ok(())
    } else {
        Err(bad_parameter("The broker does not exist."))
    }
}

fn check_count(count: u64, brokers: u64) -> Result<(), Refusal> {
    if (*QUEUES.start()..=QUEUES.end() * brokers).contains(&count) {
        Ok(())
    } else {
        Err(bad_parameter("The number of queues must be from 1 to 50 per broker."))
    }
}

/// Spreads a total evenly; the first brokers take what is left over.
fn shares(total: u64, brokers: u64) -> impl Iterator<Item = u64> {
    let brokers = brokers.max(1);
    (0..brokers).map(move |n| total / brokers + u64::from(n < total % brokers))
}

pub(crate) fn spread(names: &[String], total: u64) -> Vec<TopicBroker> {
    names
        .iter()
        .zip(shares(total, names.len() as u64))
        .map(|(name, count)| topic_broker(name, count, count))
        .collect()
}

pub(crate) fn topic_broker(name: &str, read: u64, write: u64) -> TopicBroker {
    let mut broker = TopicBroker {
        name: name.to_owned(),
        read_queue_num: read,
        write_queue_num: write,
        queues: Vec::new(),
    };
    resize(&mut broker);
    broker
}

/// Queues come when the numbers grow and stay when they shrink: what is in them is not lost.
fn resize(broker: &mut TopicBroker) {
    let wanted = broker.read_queue_num.max(broker.write_queue_num);
    while (broker.queues.len() as u64) < wanted {
        broker.queues.push(Queue::default());
    }
}

pub(crate) fn view(topic: &Topic) -> Value {
    let brokers: Vec<Value> = topic
        .brokers
        .iter()
        .map(|broker| {
            json!({
                "broker_name": broker.name,
                "read_queue_num": broker.read_queue_num,
                "write_queue_num": broker.write_queue_num,
            })
        })
        .collect();
    let mut view = json!({
        "name": topic.name,
        "total_read_queue_num": topic.read_queues(),
        "total_write_queue_num": topic.write_queues(),
        "permission": topic.permission,
        "brokers": brokers,
        "created_at": topic.created_at,
    });
    if let (Some(kind), Some(map)) = (&topic.message_type, view.as_object_mut()) {
        map.insert("message_type".to_owned(), kind.clone().into());
        map.insert("topic_desc".to_owned(), topic.description.clone().into());
    }
    view
}

pub(crate) fn list(world: &mut World, target: &Target<'_>) -> Outcome {
    let page = Page::read(target.call)?;
    world.broker(target.iid)?;
    jobs::look(world, target.iid, is_batch);
    let broker = world.broker(target.iid)?;
    let wanted = target.call.query("name").or_else(|| target.call.query("topic"));
    let max = quota(world, broker);
    let used = visible(broker).count() as u64;
    let found: Vec<&Topic> =
        visible(broker).filter(|topic| wanted.is_none_or(|name| topic.name.contains(name))).collect();
    let total = found.len();
    let shown: Vec<Value> = page.cut(found).into_iter().map(view).collect();
    Ok(Reply::ok(&json!({
        "total": total,
        "max": max,
        "remaining": max.saturating_sub(used),
        "next_offset": page.next(total),
        "previous_offset": page.previous(),
        "topics": shown,
    })))
}

pub(crate) fn get(world: &mut World, target: &Target<'_>) -> Outcome {
    world.broker(target.iid)?;
    jobs::look(world, target.iid, is_batch);
    let topic = world.broker(target.iid)?.topics.get(target.name).ok_or_else(no_topic)?;
    Ok(Reply::ok(&view(topic)))
}

/// `PUT …/topics/{topic}`: what is absent stays.
pub(crate) fn update(world: &mut World, target: &Target<'_>) -> Outcome {
    let iid = target.iid;
    world.broker(iid)?;
    let fields = Fields::of(target.call)?;
    jobs::require_running(world, iid)?;
    let broker = world.broker(iid)?;
    let mut topic = broker.topics.get(target.name).ok_or_else(no_topic)?.clone();
    let is_v5 = broker.instance.engine_version == "5.x";
    if let Some(description) = fields.text("topic_desc")? {
        topic.description = description;
    }
    let has_v4 =
        ["read_queue_num", "write_queue_num", "permission", "queues"].iter().any(|key| fields.has(key));
    if is_v5 && has_v4 {
        return Err(bad_parameter("Only topic_desc can be changed on this version."));
    }
    if let Some(permission) = fields.text("permission")? {
        check_permission(&permission)?;
        topic.permission = permission;
    }
    let count = topic.brokers.len() as u64;
    let (read, write) = (fields.number("read_queue_num")?, fields.number("write_queue_num")?);
    for total in [read, write].into_iter().flatten() {
        check_count(total, count)?;
    }
    if let Some(total) = read {
        for (broker, share) in topic.brokers.iter_mut().zip(shares(total, count)) {
            broker.read_queue_num = share;
        }
    }
    if let Some(total) = write {
        for (broker, share) in topic.brokers.iter_mut().zip(shares(total, count)) {
            broker.write_queue_num = share;
        }
    }
    for entry in fields.objects("queues")?.unwrap_or_default() {
        let name = entry.text_or_empty("broker")?;
        let found = topic
            .brokers
            .iter_mut()
            .find(|broker| broker.name == name)
            .ok_or_else(|| bad_parameter("The broker does not exist."))?;
        if let Some(count) = entry.number("read_queue_num")? {
            check_count(count, 1)?;
            found.read_queue_num = count;
        }
        if let Some(count) = entry.number("write_queue_num")? {
            check_count(count, 1)?;
            found.write_queue_num = count;
        }
    }
    topic.brokers.iter_mut().for_each(resize);
    world.put_topic(iid, topic);
    Ok(Reply::empty(204))
}

pub(crate) fn delete(world: &mut World, target: &Target<'_>) -> Outcome {
    world.broker(target.iid)?;
    jobs::require_running(world, target.iid)?;
    if world.remove_topic(target.iid, target.name) { Ok(Reply::empty(204)) } else { Err(no_topic()) }
}

fn delete_many(world: &mut World, target: &Target<'_>) -> Outcome {
    world.broker(target.iid)?;
    let fields = Fields::of(target.call)?;
    jobs::require_running(world, target.iid)?;
    let names = fields.texts("topics")?.unwrap_or_default();
    if names.is_empty() {
        return Err(bad_parameter("topics is empty."));
    }
    let params = json!({ "topics": names });
    let effect = Effect::DeleteTopics { names };
    let job = Job { name: "batchDeleteTopic", params, seconds: BATCH_SECONDS, effect };
    let id = jobs::start(world, target.iid, job);
    Ok(Reply::ok(&json!({ "job_id": id })))
}
