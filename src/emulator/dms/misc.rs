//! The smaller reads and switches: brokers, nodes, tasks, zones, products, quotas, TLS, restart.

#![expect(clippy::unnecessary_wraps, reason = "all operations have one signature")]

use serde_json::Value;
use serde_json::json;

use super::catalog;
use super::catalog::Flavor;
use super::errors::Outcome;
use super::errors::Refusal;
use super::errors::bad_parameter;
use super::fields::Fields;
use super::iam;
use super::instances;
use super::jobs;
use super::jobs::Job;
use super::model::Effect;
use super::model::Status;
use super::model::Task;
use super::page;
use super::page::Page;
use super::route::Target;
use super::world::World;
use crate::emulator::exchange::Reply;

const RESTART_SECONDS: i64 = 60;
const TLS_SECONDS: i64 = 120;

pub(crate) fn brokers(world: &mut World, target: &Target<'_>) -> Outcome {
    let page = Page::read(target.call)?;
    let names = world.broker(target.iid)?.broker_names();
    let total = names.len();
    let shown: Vec<Value> =
        page.cut(names).into_iter().map(|name| json!({ "broker_name": name, "ids": [0, 1, 2] })).collect();
    Ok(Reply::ok(&json!({
        "brokers": shown,
        "total": total,
        "next_offset": page.next(total),
        "previous_offset": page.previous(),
    })))
}

pub(crate) fn nodes(world: &mut World, target: &Target<'_>) -> Outcome {
    let page = Page::read(target.call)?;
    let broker = world.broker(target.iid)?;
    let nodes: Vec<Value> = (0_u64..)
        .zip(broker.broker_names())
        .flat_map(|(number, name)| {
            (0_u64..3).map(move |id| {
                let port = 10_100 + 3 * number + id;
                json!({
                    "id": format!("{name}-{id}"),
                    "broker_name": name,
                    "broker_id": id,
                    "address": format!("192.168.0.{}:{port}", 20 + 3 * number + id),
                    "public_address": "",
                })
            })
        })
        .collect();
    let total = nodes.len();
    Ok(Reply::ok(&json!({ "nodes": page.cut(nodes), "total": total })))
}

pub(crate) fn zones(world: &mut World, _: &Target<'_>) -> Outcome {
    Ok(Reply::ok(&catalog::zones(&world.credentials.region)))
}

pub(crate) fn products(world: &mut World, target: &Target<'_>) -> Outcome {
    let wanted = target.call.query("product_id").filter(|id| !id.is_empty());
    let chosen: Vec<&Flavor> =
        catalog::FLAVORS.iter().filter(|flavor| wanted.is_none_or(|id| flavor.product_id == id)).collect();
    Ok(Reply::ok(&catalog::products(&world.credentials.region, target.engine, &chosen)))
}

pub(crate) fn cores(world: &mut World, _: &Target<'_>) -> Outcome {
    let storage: u64 = world.brokers().values().map(|b| b.instance.total_storage_space).sum();
    let brokers: u64 = world.brokers().values().map(|b| b.instance.broker_num).sum();
    Ok(Reply::ok(&json!({ "core_num": brokers * 4, "total_extend_storage_space": storage })))
}

pub(crate) fn features(_: &mut World, _: &Target<'_>) -> Outcome {
    Ok(Reply::ok(&json!({ "features": [], "total_record": 0 })))
}

pub(crate) fn quotas(world: &mut World, _: &Target<'_>) -> Outcome {
    Ok(Reply::ok(&json!({ "quotas": { "resources": [{
        "type": "rocketmqInstance",
        "quota": world.settings.instance_quota,
        "used": world.brokers().len(),
    }]}})))
}

fn view(task: &Task) -> Value {
    json!({
        "id": task.id,
        "name": task.name,
        "user_name": "demo",
        "user_id": "0b01fbb53600d4671fa8c00673c71260",
        "params": task.params.to_string(),
        "status": task.status.text(),
        "created_at": iam::iso(task.created_at),
        "updated_at": iam::iso(task.updated_at),
    })
}

/// Milliseconds of a `YYYYMMDDHHmmss` in the query.
fn moment(target: &Target<'_>, key: &str) -> Result<Option<i64>, Refusal> {
    let Some(text) = target.call.query(key).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    jiff::civil::DateTime::strptime("%Y%m%d%H%M%S", text)
        .ok()
        .and_then(|at| at.to_zoned(jiff::tz::TimeZone::UTC).ok())
        .map(|at| Some(at.timestamp().as_millisecond()))
        .ok_or_else(|| bad_parameter(&format!("{key} is invalid.")))
}

/// Newest first; `start` counts from 1.
pub(crate) fn tasks(world: &mut World, target: &Target<'_>) -> Outcome {
    world.broker(target.iid)?;
    let start = page::number(target.call, "start")?.unwrap_or(1).max(1);
    let limit = page::number(target.call, "limit")?.unwrap_or(10);
    let (from, to) = (moment(target, "begin_time")?, moment(target, "end_time")?);
    jobs::look(world, target.iid, jobs::any);
    // Looking may have ended the instance itself.
    let broker = world.broker(target.iid)?;
    let mut found: Vec<&Task> = broker
        .tasks
        .values()
        .filter(|task| task.listed)
        .filter(|task| from.is_none_or(|from| task.created_at >= from))
        .filter(|task| to.is_none_or(|to| task.created_at <= to))
        .collect();
    found.sort_by_key(|task| std::cmp::Reverse(task.position));
    let total = found.len();
    let shown: Vec<Value> = found
        .into_iter()
        .skip(usize::try_from(start - 1).unwrap_or(usize::MAX))
        .take(usize::try_from(limit).unwrap_or(usize::MAX))
        .map(view)
        .collect();
    // The count is a text on this list alone.
    Ok(Reply::ok(&json!({ "task_count": total.to_string(), "tasks": shown })))
}

fn no_task() -> Refusal {
    Refusal::bad("DMS.00400070", "Invalid task ID format.")
}

fn find<'a>(world: &'a World, target: &Target<'_>) -> Result<&'a Task, Refusal> {
    world.broker(target.iid)?.tasks.get(target.name).filter(|t| t.listed).ok_or_else(no_task)
}

pub(crate) fn task(world: &mut World, target: &Target<'_>) -> Outcome {
    find(world, target)?;
    jobs::look(world, target.iid, jobs::any);
    let view = view(find(world, target)?);
    Ok(Reply::ok(&json!({ "task_count": "1", "tasks": [view] })))
}

pub(crate) fn task_progress(world: &mut World, target: &Target<'_>) -> Outcome {
    find(world, target)?;
    jobs::look(world, target.iid, jobs::any);
    let task = find(world, target)?;
    let done = task.status.is_over();
    let remaining = if done { 0 } else { (task.due_at - world.now_ms()).max(0) / 1000 };
    Ok(Reply::ok(&json!({
        "progress_percentage": if done { 100 } else { 50 },
        "remain_time": remaining,
        "step_list": [{
            "name": task.name,
            "statue": task.status.text(),
            "start_time": task.created_at,
            "end_time": task.updated_at,
        }],
    })))
}

pub(crate) fn delete_task(world: &mut World, target: &Target<'_>) -> Outcome {
    let task = find(world, target)?;
    if !task.status.is_over() {
        return Err(super::errors::job_running());
    }
    world.remove_task(target.iid, target.name);
    Ok(Reply::empty(204))
}

/// Nothing is scheduled here: what is asked for is done at once.
pub(crate) fn scheduled_tasks(world: &mut World, target: &Target<'_>) -> Outcome {
    world.broker(target.iid)?;
    Ok(Reply::ok(&json!({ "job_count": 0, "jobs": [] })))
}

/// The names by which monitoring knows an instance.
pub(crate) fn metric_names(world: &mut World, target: &Target<'_>) -> Outcome {
    let broker = world.broker(target.iid)?;
    let named = |names: Vec<&String>| -> Vec<Value> {
        names.into_iter().map(|name| json!({ "name": name })).collect()
    };
    let (dead, topics): (Vec<&String>, Vec<&String>) =
        broker.topics.keys().partition(|name| name.starts_with("%DLQ%"));
    let brokers = broker.broker_names();
    Ok(Reply::ok(&json!({
        "dimensions": [
            { "name": "reliability_instance_id", "metrics": ["instance_produce_msg", "instance_consume_msg"],
              "key_name": ["name"], "dim_router": ["reliability_instance_id"] },
            { "name": "reliability_topics", "metrics": ["topic_produce_msg", "topic_consume_msg"],
              "key_name": ["name"], "dim_router": ["reliability_instance_id", "reliability_topics"] },
        ],
        "instance_ids": [{ "name": target.iid }],
        "nodes": named(brokers.iter().collect()),
        "topics": named(topics),
        "dlq": named(dead),
        "groups": named(broker.groups.keys().collect()),
    })))
}

pub(crate) fn auto_expand(world: &mut World, target: &Target<'_>) -> Outcome {
    let instance = &world.broker(target.iid)?.instance;
    let off = || {
        json!({
            "auto_volume_expand_enable": false,
            "expand_threshold": 80,
            "expand_increment": 10,
            "max_volume_size": instance.total_storage_space + 100,
        })
    };
    Ok(Reply::ok(&instance.auto_expand.clone().unwrap_or_else(off)))
}

pub(crate) fn set_auto_expand(world: &mut World, target: &Target<'_>) -> Outcome {
    world.broker(target.iid)?;
    let fields = Fields::of(target.call)?;
    jobs::require_running(world, target.iid)?;
    let instance = &world.broker(target.iid)?.instance;
    let enable = fields.flag("auto_volume_expand_enable")?.unwrap_or(false);
    let threshold = fields.number("expand_threshold")?.unwrap_or(80);
    let increment = fields.number("expand_increment")?.unwrap_or(10);
    let most = fields.number("max_volume_size")?.unwrap_or(instance.total_storage_space + 100);
    let fits = (20..=80).contains(&threshold)
        && (10..=100).contains(&increment)
        && most % 100 == 0
        && most > instance.total_storage_space;
    if enable && !fits {
        return Err(bad_parameter("The automatic expansion is invalid."));
    }
    let value = json!({
        "auto_volume_expand_enable": enable,
        "expand_threshold": threshold,
        "expand_increment": increment,
        "max_volume_size": most,
    });
    if let Some(instance) = world.instance_mut(target.iid) {
        instance.auto_expand = Some(value);
    }
    Ok(Reply::empty(204))
}

/// Starts a restart and returns its job.
pub(crate) fn start_restart(world: &mut World, iid: &str) -> Result<String, Refusal> {
    jobs::require_running(world, iid)?;
    if let Some(instance) = world.instance_mut(iid) {
        instance.status = Status::Restarting;
    }
    let effect = Effect::Restart;
    let job = Job { name: "restartInstance", params: json!({}), seconds: RESTART_SECONDS, effect };
    Ok(jobs::start(world, iid, job))
}

pub(crate) fn restart(world: &mut World, target: &Target<'_>) -> Outcome {
    world.broker(target.iid)?;
    // Clients that know of no body restart every node.
    let nodes = if target.call.body.is_empty() {
        world.broker(target.iid)?.broker_names().iter().map(|name| format!("{name}-0")).collect()
    } else {
        Fields::of(target.call)?.texts("nodes")?.unwrap_or_default()
    };
    if nodes.is_empty() {
        return Err(bad_parameter("nodes is empty."));
    }
    start_restart(world, target.iid)?;
    Ok(Reply::ok(&json!({ "instance_id": target.iid, "nodes": nodes, "result": "success" })))
}

pub(crate) fn switch_tls(world: &mut World, target: &Target<'_>) -> Outcome {
    world.broker(target.iid)?;
    let fields = Fields::of(target.call)?;
    jobs::require_running(world, target.iid)?;
    let mode = fields.text_or_empty("tls_mode")?;
    if !instances::is_tls_mode(&mode) {
        return Err(bad_parameter("tls_mode must be PLAINTEXT, SSL or PERMISSIVE."));
    }
    if let Some(instance) = world.instance_mut(target.iid) {
        instance.status = Status::Restarting;
    }
    let job = Job {
        name: "modifyInstanceSslConfig",
        params: json!({ "tls_mode": mode }),
        seconds: TLS_SECONDS,
        effect: Effect::Tls { mode: mode.clone() },
    };
    let id = jobs::start(world, target.iid, job);
    Ok(Reply::ok(&json!({ "job_id": id, "tls_mode": mode })))
}
