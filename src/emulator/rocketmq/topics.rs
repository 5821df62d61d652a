//! Topics.

use serde_json::Value;
use serde_json::json;

use super::errors::Outcome;
use super::errors::Refusal;
use super::errors::invalid;
use super::errors::missing;
use super::errors::no_topic;
use super::fields::Fields;
use super::fields::listed;
use super::instances::require_running;
use super::model::Topic;
use super::page::Page;
use super::route::Target;
use super::settle;
use super::settle::Effect;
use super::settle::Subject;
use super::world::World;
use super::world::date;

const RESERVED: [&str; 8] = [
    "TBW102",
    "BenchmarkTest",
    "SELF_TEST_TOPIC",
    "OFFSET_MOVED_EVENT",
    "SCHEDULE_TOPIC_XXXX",
    "RMQ_SYS_TRANS_HALF_TOPIC",
    "RMQ_SYS_TRACE_TOPIC",
    "RMQ_SYS_TRANS_OP_HALF_TOPIC",
];
const RESERVED_PREFIXES: [&str; 5] = ["rmq_sys_", "%RETRY%", "%DLQ%", "rocketmq-broker-", "rocketmq-proxy-"];

const KINDS: [&str; 5] = ["NORMAL", "FIFO", "DELAY", "TRANSACTION", "LITE"];

/// Whether topics and groups may be called so.
pub(crate) fn is_name(text: &str, most: usize) -> bool {
    (1..=most).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

fn check_name(name: &str, is_serverless: bool) -> Result<(), Refusal> {
    let is_reserved = RESERVED.contains(&name)
        || RESERVED_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
        || name.ends_with("_REPLY_TOPIC");
    if is_reserved {
        return Err(invalid("topicName", "the name is reserved"));
    }
    if is_name(name, if is_serverless { 128 } else { 60 }) {
        Ok(())
    } else {
        Err(invalid("topicName", "it has letters, digits, _ and - only, and is 1 to 60 characters long"))
    }
}

/// `POST /instances/{id}/topics/{name}`
pub(crate) fn create(world: &mut World, target: &Target<'_>) -> Outcome {
    let (iid, name) = (target.id(), target.name());
    world.broker(iid)?;
    require_running(world, iid)?;
    let fields = Fields::of(target.call)?;
    let broker = world.broker(iid)?;
    check_name(name, broker.instance.sub_series == "serverless")?;
    let kind = fields.one_of("messageType", &KINDS)?.ok_or_else(|| missing("messageType"))?;
    let max_send_tps = fields.within("maxSendTps", 1..=1_000_000)?;
    let lite = expiration(&fields, &kind, 30)?;
    if broker.topics.contains_key(name) {
        return Err(Refusal::new(400, "Topic.Existed", "The topic already exists."));
    }
    if broker.topics.len() as u64 >= world.settings.topic_quota {
        return Err(Refusal::new(400, "Topic.QuotaExceeded", "The number of topics exceeds the quota."));
    }
    let now = world.now_ms();
    let topic = Topic {
        name: name.to_owned(),
        lite_topic_expiration: lite.or_else(|| (kind == "LITE").then_some(-1)),
        message_type: kind,
        status: "CREATING".to_owned(),
        remark: fields.text("remark")?.unwrap_or_default(),
        max_send_tps,
        created_at: now,
        updated_at: now,
    };
    world.put_topic(iid, topic);
    settle::begin(
        world,
        Subject::Topic(iid.to_owned(), name.to_owned()),
        Effect::Become("RUNNING".to_owned()),
        settle::TOPIC_CREATE,
    );
    world.created = Some(format!("instances/{iid}/topics/{name}"));
    Ok(json!(true))
}

fn expiration(fields: &Fields, kind: &str, least: i64) -> Result<Option<i64>, Refusal> {
    let minutes = fields.number("liteTopicExpiration")?;
    match minutes {
        None => Ok(None),
        Some(_) if kind != "LITE" => Err(invalid("liteTopicExpiration", "the topic is not LITE")),
        Some(-1) => Ok(minutes),
        Some(found) if (least..=720).contains(&found) => Ok(minutes),
        Some(_) => Err(invalid("liteTopicExpiration", &format!("it must be -1 or from {least} to 720"))),
    }
}

pub(crate) fn view(world: &World, iid: &str, topic: &Topic) -> Value {
    let region = world.brokers().get(iid).map(|broker| broker.instance.region.as_str());
    json!({
        "instanceId": iid,
        "regionId": region,
        "topicName": topic.name,
        "messageType": topic.message_type,
        "status": topic.status,
        "remark": topic.remark,
        "maxSendTps": topic.max_send_tps,
        "liteTopicExpiration": topic.lite_topic_expiration,
        "createTime": date(topic.created_at),
        "updateTime": date(topic.updated_at),
    })
}

/// `GET /instances/{id}/topics/{name}`
pub(crate) fn get(world: &mut World, target: &Target<'_>) -> Outcome {
    let (iid, name) = (target.id(), target.name());
    settle::look(world, &Subject::Topic(iid.to_owned(), name.to_owned()));
    let topic = world.broker(iid)?.topics.get(name).ok_or_else(no_topic)?;
    let mut view = view(world, iid, topic);
    if let Some(map) = view.as_object_mut() {
        map.insert("priority".to_owned(), json!(0));
    }
    Ok(view)
}

/// `GET /instances/{id}/topics`
pub(crate) fn list(world: &mut World, target: &Target<'_>) -> Outcome {
    let (iid, call) = (target.id(), target.call);
    let page = Page::read(call, 1, 100)?;
    settle::look_at(world, |subject| matches!(subject, Subject::Topic(of, _) if of == iid));
    let filter = call.query("filter").unwrap_or_default();
    let kinds = call.query("messageTypes").map(listed).filter(|kinds| !kinds.is_empty());
    let found = world
        .broker(iid)?
        .topics
        .values()
        .filter(|topic| topic.name.contains(filter))
        .filter(|topic| kinds.as_ref().is_none_or(|kinds| kinds.contains(&topic.message_type)))
        .map(|topic| view(world, iid, topic))
        .collect();
    Ok(page.cut(found))
}

/// `PATCH /instances/{id}/topics/{name}`
pub(crate) fn update(world: &mut World, target: &Target<'_>) -> Outcome {
    let (iid, name) = (target.id(), target.name());
    let mut topic = world.broker(iid)?.topics.get(name).ok_or_else(no_topic)?.clone();
    require_running(world, iid)?;
    let fields = Fields::of(target.call)?;
    if let Some(kind) = fields.text("messageType")?
        && kind != topic.message_type
    {
        return Err(invalid("messageType", "it cannot be changed"));
    }
    if let Some(tps) = fields.within("maxSendTps", 1..=1_000_000)? {
        topic.max_send_tps = Some(tps);
    }
    if let Some(minutes) = expiration(&fields, &topic.message_type, 15)? {
        topic.lite_topic_expiration = Some(minutes);
    }
    if let Some(remark) = fields.text("remark")? {
        topic.remark = remark;
    }
    topic.updated_at = world.now_ms();
    world.put_topic(iid, topic);
    Ok(json!(true))
}

/// `DELETE /instances/{id}/topics/{name}`
pub(crate) fn delete(world: &mut World, target: &Target<'_>) -> Outcome {
    let (iid, name) = (target.id(), target.name());
    if !world.broker(iid)?.topics.contains_key(name) {
        return Err(no_topic());
    }
    require_running(world, iid)?;
    let subject = Subject::Topic(iid.to_owned(), name.to_owned());
    world.remove_transition(&subject.key());
    settle::begin(world, subject, Effect::Vanish, settle::TOPIC_CREATE);
    Ok(json!(true))
}
