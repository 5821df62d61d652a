//! Traces: what happened to devices and messages within a span of time.

use serde_json::Value;
use serde_json::json;

use super::errors::Outcome;
use super::errors::Refusal;
use super::errors::invalid;
use super::model::Event;
use super::page::Numbered;
use super::params::Params;
use super::world::World;

const DEVICE: &[&str] = &["connect", "close", "disconnect"];
const PUBLISHED: &[&str] = &["pub_mqtt", "pub_mq"];
const DELIVERED: &[&str] = &["sub", "push_offline"];

/// The events that a call asks about, in order.
fn events(world: &World, params: &Params, fits: impl Fn(&Event) -> bool) -> Result<Vec<Event>, Refusal> {
    let iid = params.need("InstanceId")?;
    let region = params.need("MqttRegionId")?;
    let (from, to) = (params.number("BeginTime")?, params.number("EndTime")?);
    if from > to {
        return Err(invalid("BeginTime"));
    }
    let member = world.member(iid)?;
    if member.instance.region != region {
        return Err(invalid("MqttRegionId"));
    }
    let mut events: Vec<Event> = member
        .events
        .values()
        .filter(|event| (from..=to).contains(&event.at) && fits(event))
        .cloned()
        .collect();
    if params.get("Reverse") == Some("true") {
        events.reverse();
    }
    Ok(events)
}

fn paged(params: &Params, name: &str, views: Vec<Value>) -> Outcome {
    let page = Numbered::read(params, "CurrentPage", "PageSize")?;
    Ok(json!({
        "CurrentPage": page.number,
        "PageSize": page.size,
        "Total": views.len(),
        name: page.cut(views),
    }))
}

/// `QueryMqttTraceDevice`: the connections of a device.
pub(super) fn device(world: &mut World, params: &Params) -> Outcome {
    let client = params.need("ClientId")?;
    let found = events(world, params, |event| event.client_id == client && is_one_of(event, DEVICE))?;
    let views = found
        .iter()
        .map(|event| {
            json!({
                "Time": time(event.at),
                "Action": event.action,
                "ActionCode": code(event),
                "ActionInfo": event.info,
                "ChannelId": event.channel,
            })
        })
        .collect();
    paged(params, "DeviceInfoList", views)
}

/// `QueryMqttTraceMessageOfClient`: the messages of a device, both ways.
pub(super) fn of_client(world: &mut World, params: &Params) -> Outcome {
    let client = params.need("ClientId")?;
    let found = events(world, params, |event| event.client_id == client && event.message_id.is_some())?;
    paged(params, "MessageOfClientList", found.iter().map(message).collect())
}

/// `QueryMqttTraceMessagePublish`: how a message came in.
pub(super) fn published(world: &mut World, params: &Params) -> Outcome {
    let id = params.need("MsgId")?;
    let found = events(world, params, |event| is_of(event, id) && is_one_of(event, PUBLISHED))?;
    let views: Vec<Value> = found.iter().map(message).collect();
    Ok(json!({ "MessageTraceLists": views }))
}

/// `QueryMqttTraceMessageSubscribe`: where a message went.
pub(super) fn delivered(world: &mut World, params: &Params) -> Outcome {
    let id = params.need("MsgId")?;
    let client = params.get("ClientId");
    let found = events(world, params, |event| {
        is_of(event, id)
            && is_one_of(event, DELIVERED)
            && client.is_none_or(|client| client == event.client_id)
    })?;
    paged(params, "MessageTraceLists", found.iter().map(message).collect())
}

fn is_one_of(event: &Event, actions: &[&str]) -> bool {
    actions.contains(&event.action.as_str())
}

fn is_of(event: &Event, id: &str) -> bool {
    event.message_id.as_deref() == Some(id)
}

fn message(event: &Event) -> Value {
    json!({
        "Time": time(event.at),
        "Action": event.action,
        "ActionCode": code(event),
        "ActionInfo": event.info,
        "ClientId": event.client_id,
        "MsgId": event.message_id,
    })
}

/// The code that belongs to an action.
fn code(event: &Event) -> String {
    let word = match event.action.as_str() {
        "pub_mqtt" => "msg.pub.mqtt",
        "pub_mq" => "msg.pub.mq",
        "sub" => "msg.sub",
        "push_offline" => "msg.push.offline",
        other => other,
    };
    format!("mqtt.trace.action.{word}")
}

/// `2021-05-21 15:51:54.867`.
fn time(at: i64) -> String {
    jiff::Timestamp::from_millisecond(at)
        .map(|at| at.to_zoned(jiff::tz::TimeZone::UTC).strftime("%Y-%m-%d %H:%M:%S%.3f").to_string())
        .unwrap_or_default()
}
