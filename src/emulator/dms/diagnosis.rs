//! Diagnoses of consumer groups: reports about their consumers, made in the background.

use serde_json::Value;
use serde_json::json;

use super::errors::Outcome;
use super::errors::Refusal;
use super::errors::bad_parameter;
use super::errors::no_group;
use super::fields::Fields;
use super::jobs;
use super::jobs::Job;
use super::model::Broker;
use super::model::Effect;
use super::model::Report;
use super::page::Page;
use super::route::Target;
use super::world::World;
use crate::emulator::exchange::Reply;

const SECONDS: i64 = 20;

fn is_diagnosis(effect: &Effect) -> bool {
    matches!(effect, Effect::Diagnose { .. })
}

fn no_report() -> Refusal {
    Refusal::new(404, "DMS.10240401", "The diagnosis report does not exist.")
}

pub(crate) fn create(world: &mut World, target: &Target<'_>) -> Outcome {
    let iid = target.iid;
    world.broker(iid)?;
    let fields = Fields::of(target.call)?;
    jobs::require_running(world, iid)?;
    let group = fields.text_or_empty("group_name")?;
    if !world.broker(iid)?.groups.contains_key(&group) {
        return Err(no_group());
    }
    let nodes = fields.texts("node_id_list")?.unwrap_or_default();
    if nodes.is_empty() {
        return Err(bad_parameter("node_id_list is empty."));
    }
    let id = begin(world, iid, &group, nodes).ok_or_else(no_group)?;
    Ok(Reply::ok(&json!({ "report_id": id })))
}

/// Begins a diagnosis. Nothing if there is no such group.
pub(super) fn begin(world: &mut World, iid: &str, group: &str, nodes: Vec<String>) -> Option<String> {
    let clients = &world.brokers().get(iid)?.groups.get(group)?.clients;
    let nodes =
        if nodes.is_empty() { clients.iter().map(|client| client.id.clone()).collect() } else { nodes };
    let id = world.new_uuid();
    let report = Report {
        id: id.clone(),
        position: world.next_position(),
        group: group.to_owned(),
        nodes,
        status: "diagnosing".to_owned(),
        created_at: world.now_ms(),
    };
    world.put_report(iid, report);
    let effect = Effect::Diagnose { id: id.clone() };
    jobs::start(world, iid, Job { name: "diagnosis", params: json!({}), seconds: SECONDS, effect });
    Some(id)
}

/// Ends a diagnosis.
pub(crate) fn finish(world: &mut World, iid: &str, id: &str, succeeds: bool) {
    let Some(mut report) = world.brokers().get(iid).and_then(|broker| broker.reports.get(id)).cloned() else {
        return;
    };
    if succeeds { "finished" } else { "failed" }.clone_into(&mut report.status);
    world.put_report(iid, report);
}

/// How many messages a group has not read.
fn lag(broker: &Broker, group: &str) -> u64 {
    let Some(group) = broker.groups.get(group) else { return 0 };
    let topics = group.offsets.iter().filter_map(|(name, of)| Some((broker.topics.get(name)?, of)));
    topics
        .map(|(topic, of)| {
            let read: u64 = of.values().flat_map(|queues| queues.values()).sum();
            topic.max_offset().saturating_sub(read)
        })
        .sum()
}

fn short(report: &Report, broker: &Broker) -> Value {
    json!({
        "report_id": report.id,
        "group_name": report.group,
        "consumer_nums": broker.groups.get(&report.group).map_or(0, |group| group.clients.len()),
        "status": report.status,
        // A text in the list, a number in the report.
        "created_at": report.created_at.to_string(),
        "abnormal_item_sum": u8::from(lag(broker, &report.group) > 0),
        "faulted_node_sum": 0,
    })
}

pub(crate) fn list(world: &mut World, target: &Target<'_>) -> Outcome {
    let page = Page::read(target.call)?;
    world.broker(target.iid)?;
    jobs::look(world, target.iid, is_diagnosis);
    let broker = world.broker(target.iid)?;
    let mut found: Vec<&Report> = broker.reports.values().collect();
    found.sort_by_key(|report| std::cmp::Reverse(report.position));
    let total = found.len();
    let shown: Vec<Value> = page.cut(found).into_iter().map(|report| short(report, broker)).collect();
    Ok(Reply::ok(&json!({ "diagnosis_report_list": shown, "total_num": total })))
}

/// The instance that a report belongs to: its path names none.
fn owner(world: &World, id: &str) -> Option<String> {
    let mut brokers = world.brokers().iter();
    brokers.find(|(_, broker)| broker.reports.contains_key(id)).map(|(iid, _)| iid.clone())
}

pub(crate) fn get(world: &mut World, target: &Target<'_>) -> Outcome {
    let iid = owner(world, target.name).ok_or_else(no_report)?;
    jobs::look(world, &iid, is_diagnosis);
    let broker = world.broker(&iid)?;
    let report = broker.reports.get(target.name).ok_or_else(no_report)?;
    let behind = lag(broker, &report.group);
    let clients = broker.groups.get(&report.group).map(|group| group.clients.as_slice()).unwrap_or_default();
    let consistent = clients.windows(2).all(|pair| matches!(pair, [one, two] if one.topics == two.topics));
    let share = behind / u64::try_from(report.nodes.len()).unwrap_or(1).max(1);
    let nodes: Vec<Value> = report
        .nodes
        .iter()
        .map(|node| {
            json!({
                "node_id": node,
                "is_faulted": false,
                "abnormal_item_sum": u8::from(share > 0),
                "message_accumulation": share,
                "dead_lock": false,
                "deadlock_thread": "",
                "stack_id": format!("{}-stack", report.id),
                "is_pop": false,
                "consume_type": "CONSUME_PASSIVELY",
            })
        })
        .collect();
    let mut view = short(report, broker);
    if let Some(map) = view.as_object_mut() {
        map.insert("created_at".to_owned(), report.created_at.into());
        map.insert("online".to_owned(), (!clients.is_empty()).into());
        map.insert("message_accumulation".to_owned(), behind.into());
        map.insert("subscription_consistency".to_owned(), consistent.into());
        map.insert("duplicate_client_id".to_owned(), false.into());
        map.insert("different_consumer_type".to_owned(), false.into());
        map.insert("subscriptions".to_owned(), json!([]));
        map.insert("diagnosis_node_report_list".to_owned(), nodes.into());
    }
    Ok(Reply::ok(&view))
}

pub(crate) fn stack(world: &mut World, target: &Target<'_>) -> Outcome {
    let report = target.name.strip_suffix("-stack").ok_or_else(no_report)?;
    owner(world, report).ok_or_else(no_report)?;
    Ok(Reply::ok(&json!({
        "thread_name": "ConsumeMessageThread_1",
        "stack": "java.lang.Thread.sleep(Native Method)",
    })))
}

pub(crate) fn delete(world: &mut World, target: &Target<'_>) -> Outcome {
    world.broker(target.iid)?;
    let fields = Fields::of(target.call)?;
    let mut gone = Vec::new();
    for id in fields.texts("report_id_list")?.unwrap_or_default() {
        if world.remove_report(target.iid, &id) {
            gone.push(id);
        }
    }
    Ok(Reply::ok(&json!({ "report_id_list": gone })))
}
