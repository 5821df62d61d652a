//! Consumer groups.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::json;

use super::errors::Outcome;
use super::errors::Refusal;
use super::errors::invalid;
use super::errors::missing;
use super::errors::no_group;
use super::errors::no_topic;
use super::fields::Fields;
use super::instances::require_running;
use super::model::Broker;
use super::model::Group;
use super::model::RetryPolicy;
use super::page::Page;
use super::route::Target;
use super::topics::is_name;
use super::world::World;
use super::world::date;

/// `POST /instances/{id}/consumerGroups/{name}`
pub(crate) fn create(world: &mut World, target: &Target<'_>) -> Outcome {
    let (iid, name) = (target.id(), target.name());
    world.broker(iid)?;
    require_running(world, iid)?;
    let fields = Fields::of(target.call)?;
    let broker = world.broker(iid)?;
    if !is_name(name, 60) {
        return Err(invalid(
            "consumerGroupId",
            "it has letters, digits, _ and - only, and is 1 to 60 characters long",
        ));
    }
    let order = fields.one_of("deliveryOrderType", &["Concurrently", "Orderly"])?;
    let order = order.ok_or_else(|| missing("deliveryOrderType"))?;
    let retry = retry_policy(broker, &fields, &order)?;
    let model = fields.one_of("messageModel", &["CLUSTERING", "LITE_SELECTIVE"])?;
    let model = model.unwrap_or_else(|| "CLUSTERING".to_owned());
    let topic_name = fields.filled("topicName")?;
    if model == "LITE_SELECTIVE" && topic_name.is_none() {
        return Err(missing("topicName"));
    }
    if topic_name.as_ref().is_some_and(|topic| !broker.topics.contains_key(topic)) {
        return Err(no_topic());
    }
    if broker.groups.contains_key(name) {
        return Err(Refusal::new(400, "ConsumerGroup.Existed", "The consumer group already exists."));
    }
    if broker.groups.len() as u64 >= world.settings.group_quota {
        return Err(Refusal::new(
            400,
            "ConsumerGroup.QuotaExceeded",
            "The number of consumer groups exceeds the quota.",
        ));
    }
    let now = world.now_ms();
    let group = Group {
        name: name.to_owned(),
        status: "RUNNING".to_owned(),
        delivery_order_type: order,
        retry,
        max_receive_tps: fields.within("maxReceiveTps", 1..=1_000_000)?,
        message_model: model,
        topic_name,
        exclusive: fields.flag("exclusive")?.unwrap_or(false),
        remark: fields.text("remark")?.unwrap_or_default(),
        created_at: now,
        updated_at: now,
        offsets: BTreeMap::new(),
        inflight: BTreeMap::new(),
        consumed_at: BTreeMap::new(),
        subscriptions: BTreeMap::new(),
        clients: Vec::new(),
    };
    world.put_group(iid, group);
    world.created = Some(format!("instances/{iid}/consumerGroups/{name}"));
    Ok(json!(true))
}

fn retry_policy(broker: &Broker, fields: &Fields, order: &str) -> Result<RetryPolicy, Refusal> {
    if !fields.has("consumeRetryPolicy") {
        return Err(missing("consumeRetryPolicy"));
    }
    let policy = fields.object("consumeRetryPolicy")?;
    let kind = policy.one_of("retryPolicy", &["DefaultRetryPolicy", "FixedRetryPolicy"])?;
    let kind = kind.ok_or_else(|| missing("consumeRetryPolicy.retryPolicy"))?;
    if (kind == "FixedRetryPolicy") != (order == "Orderly") {
        return Err(invalid("consumeRetryPolicy.retryPolicy", "it does not fit the delivery order"));
    }
    let most = if order == "Orderly" { 600 } else { 1800 };
    let least = if order == "Orderly" { 1 } else { 10 };
    let interval = policy.within("fixedIntervalRetryTime", least..=most)?;
    let dead_letter_topic = policy.filled("deadLetterTargetTopic")?;
    if dead_letter_topic.as_ref().is_some_and(|topic| !broker.topics.contains_key(topic)) {
        return Err(no_topic());
    }
    let is_fixed = kind == "FixedRetryPolicy";
    Ok(RetryPolicy {
        policy: kind,
        max_times: policy.within("maxRetryTimes", 0..=1000)?.unwrap_or(16),
        fixed_interval: interval.or_else(|| is_fixed.then_some(5)),
        dead_letter_topic,
    })
}

fn brief(world: &World, iid: &str, group: &Group) -> Value {
    let region = world.brokers().get(iid).map(|broker| broker.instance.region.as_str());
    json!({
        "instanceId": iid,
        "regionId": region,
        "consumerGroupId": group.name,
        "status": group.status,
        "maxReceiveTps": group.max_receive_tps,
        "messageModel": group.message_model,
        "topicName": group.topic_name,
        "remark": group.remark,
        "createTime": date(group.created_at),
        "updateTime": date(group.updated_at),
    })
}

/// `GET /instances/{id}/consumerGroups/{name}`
pub(crate) fn get(world: &mut World, target: &Target<'_>) -> Outcome {
    let iid = target.id();
    let group = world.broker(iid)?.groups.get(target.name()).ok_or_else(no_group)?;
    let mut view = brief(world, iid, group);
    if let Some(map) = view.as_object_mut() {
        map.insert("deliveryOrderType".to_owned(), json!(group.delivery_order_type));
        map.insert("exclusive".to_owned(), json!(group.exclusive));
        map.insert(
            "consumeRetryPolicy".to_owned(),
            json!({
                "retryPolicy": group.retry.policy,
                "maxRetryTimes": group.retry.max_times,
                "fixedIntervalRetryTime": group.retry.fixed_interval,
                "deadLetterTargetTopic": group.retry.dead_letter_topic,
            }),
        );
    }
    Ok(view)
}

/// `GET /instances/{id}/consumerGroups`
pub(crate) fn list(world: &mut World, target: &Target<'_>) -> Outcome {
    let iid = target.id();
    let page = Page::read(target.call, 10, 100)?;
    let filter = target.call.query("filter").unwrap_or_default();
    let found = world
        .broker(iid)?
        .groups
        .values()
        .filter(|group| group.name.contains(filter))
        .map(|group| brief(world, iid, group))
        .collect();
    Ok(page.cut(found))
}

/// `PATCH /instances/{id}/consumerGroups/{name}`: the retry policy is always sent.
pub(crate) fn update(world: &mut World, target: &Target<'_>) -> Outcome {
    let (iid, name) = (target.id(), target.name());
    let mut group = world.broker(iid)?.groups.get(name).ok_or_else(no_group)?.clone();
    require_running(world, iid)?;
    let fields = Fields::of(target.call)?;
    if let Some(order) = fields.text("deliveryOrderType")?
        && order != group.delivery_order_type
    {
        return Err(invalid("deliveryOrderType", "it cannot be changed"));
    }
    group.retry = retry_policy(world.broker(iid)?, &fields, &group.delivery_order_type)?;
    if let Some(tps) = fields.within("maxReceiveTps", 1..=1_000_000)? {
        group.max_receive_tps = Some(tps);
    }
    if let Some(remark) = fields.text("remark")? {
        group.remark = remark;
    }
    group.updated_at = world.now_ms();
    world.put_group(iid, group);
    Ok(json!(true))
}

/// `DELETE /instances/{id}/consumerGroups/{name}`
pub(crate) fn delete(world: &mut World, target: &Target<'_>) -> Outcome {
    let (iid, name) = (target.id(), target.name());
    world.broker(iid)?.groups.get(name).ok_or_else(no_group)?;
    require_running(world, iid)?;
    world.remove_group(iid, name);
    Ok(json!(true))
}
