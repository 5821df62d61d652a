//! Disaster recovery plans.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde_json::Value;
use serde_json::json;

use super::errors::Outcome;
use super::errors::Refusal;
use super::errors::invalid;
use super::errors::missing;
use super::errors::no_plan;
use super::errors::plan_status;
use super::fields::Fields;
use super::members;
use super::model::Member;
use super::model::Plan;
use super::page::Page;
use super::route::Target;
use super::settle;
use super::settle::Subject;
use super::world::World;
use super::world::date;

/// The plan that a path names.
pub(crate) fn named(target: &Target<'_>) -> Result<u64, Refusal> {
    target.id().parse().map_err(|_not_a_number| no_plan())
}

/// `POST /disaster_recovery`
pub(crate) fn create(world: &mut World, target: &Target<'_>) -> Outcome {
    let fields = Fields::of(target.call)?;
    let name = fields.required("planName")?;
    fields.required("planType")?;
    let kind = fields.one_of("planType", &["ACTIVE_PASSIVE", "ACTIVE_ACTIVE"])?.unwrap_or_default();
    let mut members = members::read(world, &fields)?.ok_or_else(|| missing("instances"))?;
    check_members(&kind, &members)?;
    let is_taken = world.plans().values().any(|plan| !plan.is_deleted() && plan.name == name);
    if world.settings.unique_plan_names && is_taken {
        return Err(Refusal::new(400, "DisasterRecoveryPlan.Existed", "The name is used by another plan."));
    }
    let id = world.plan_id();
    for member in &mut members {
        if member.kind == "EXTERNAL_ROCKETMQ" {
            let hex = world.new_hex();
            member.instance_id = format!("rmq-ext-{}", hex.get(..11).unwrap_or_default());
        } else {
            member.consumer_group = format!("GID_REPLICATOR_{id}");
        }
    }
    let now = world.now_ms();
    let plan = Plan {
        id,
        name,
        description: fields.text("planDesc")?.unwrap_or_default(),
        kind,
        status: "CREATED".to_owned(),
        members,
        sync_checkpoint: fields.flag("syncCheckpointEnabled")?.unwrap_or(false),
        auto_sync_checkpoint: fields.flag("autoSyncCheckpoint")?.unwrap_or(false),
        created_at: now,
        updated_at: now,
        items: BTreeMap::new(),
    };
    world.put_plan(plan);
    world.created = Some(format!("disaster_recovery/{id}"));
    Ok(json!(id))
}

fn check_members(kind: &str, members: &[Member]) -> Result<(), Refusal> {
    if members.len() < 2 {
        return Err(invalid("instances", "a plan has two instances"));
    }
    let distinct: BTreeSet<_> =
        members.iter().map(|member| (&member.instance_id, &member.endpoint_url)).collect();
    if distinct.len() != members.len() {
        return Err(invalid("instances", "the same instance is there twice"));
    }
    let active = members.iter().filter(|member| member.role == "ACTIVE").count();
    if kind == "ACTIVE_PASSIVE" && (active != 1 || members.len() != 2) {
        return Err(invalid("instances", "a one-way plan has one ACTIVE and one PASSIVE instance"));
    }
    Ok(())
}

fn view(world: &World, plan: &Plan) -> Value {
    let instances: Vec<Value> =
        plan.members.iter().map(|member| members::view(member, &world.settings)).collect();
    json!({
        "planId": plan.id,
        "planName": plan.name,
        "planDesc": plan.description,
        "planType": plan.kind,
        "planStatus": plan.status,
        "instances": instances,
        "syncCheckpointEnabled": plan.sync_checkpoint,
        "autoSyncCheckpoint": plan.auto_sync_checkpoint,
        "extInfo": {},
        "createTime": date(plan.created_at),
        "updateTime": date(plan.updated_at),
    })
}

/// `GET /disaster_recovery/{plan}`: a deleted plan can still be read.
pub(crate) fn get(world: &mut World, target: &Target<'_>) -> Outcome {
    let id = named(target)?;
    settle::look_at(world, |subject| matches!(subject, Subject::Item(plan, _) if *plan == id));
    let plan = world.plans().get(&id).ok_or_else(no_plan)?;
    Ok(view(world, plan))
}

/// `GET /disaster_recovery`
pub(crate) fn list(world: &mut World, target: &Target<'_>) -> Outcome {
    let call = target.call;
    let page = Page::read(call, 1, 100)?;
    let filter = call.query("filter").unwrap_or_default();
    let instance = call.query("instanceId").filter(|text| !text.is_empty());
    let found = world
        .plans()
        .values()
        .filter(|plan| plan.name.contains(filter) || plan.description.contains(filter))
        .filter(|plan| instance.is_none_or(|id| plan.members.iter().any(|member| member.instance_id == id)))
        .map(|plan| view(world, plan))
        .collect();
    let mut page = page.cut(found);
    if let Some(map) = page.as_object_mut() {
        map.insert("scrollId".to_owned(), Value::Null);
    }
    Ok(page)
}

/// `PATCH /disaster_recovery/{plan}`: what is absent stays, and what a plan is cannot be changed.
pub(crate) fn update(world: &mut World, target: &Target<'_>) -> Outcome {
    let id = named(target)?;
    let mut plan = world.plan(id)?.clone();
    let fields = Fields::of(target.call)?;
    if fields.text("planType")?.is_some_and(|kind| kind != plan.kind) {
        return Err(invalid("planType", "it cannot be changed"));
    }
    if let Some(name) = fields.filled("planName")? {
        plan.name = name;
    }
    if let Some(description) = fields.text("planDesc")? {
        plan.description = description;
    }
    if let Some(enabled) = fields.flag("syncCheckpointEnabled")? {
        plan.sync_checkpoint = enabled;
    }
    if let Some(enabled) = fields.flag("autoSyncCheckpoint")? {
        plan.auto_sync_checkpoint = enabled;
    }
    if let Some(new) = members::read(world, &fields)? {
        plan.members = changed(&plan.members, new)?;
    }
    plan.updated_at = world.now_ms();
    world.put_plan(plan);
    Ok(json!(true))
}

/// The members with what may change of them: how they are authenticated and the property.
fn changed(known: &[Member], new: Vec<Member>) -> Result<Vec<Member>, Refusal> {
    if known.len() != new.len() {
        return Err(invalid("instances", "the instances of a plan cannot be changed"));
    }
    let mut result = known.to_vec();
    for member in new {
        // What the service has made up may be sent back or left out.
        let found = result.iter_mut().find(|old| {
            members::identity(old) == members::identity(&member)
                && (member.instance_id.is_empty() || old.instance_id == member.instance_id)
        });
        let found = found.ok_or_else(|| invalid("instances", "the instances of a plan cannot be changed"))?;
        found.auth_type = member.auth_type;
        found.username = member.username;
        found.password = member.password;
        found.property = member.property;
    }
    Ok(result)
}

/// `DELETE /disaster_recovery/{plan}`
pub(crate) fn delete(world: &mut World, target: &Target<'_>) -> Outcome {
    let id = named(target)?;
    let plan = world.plan(id)?;
    if !plan.items.is_empty() && !world.settings.delete_plan_cascades {
        return Err(plan_status());
    }
    let items: Vec<u64> = plan.items.keys().copied().collect();
    for item in items {
        world.remove_transition(&Subject::Item(id, item).key());
    }
    if world.settings.tombstones {
        let now = world.now_ms();
        if let Some(plan) = world.plan_mut(id) {
            "DELETED".clone_into(&mut plan.status);
            plan.updated_at = now;
            plan.items.clear();
        }
    } else {
        world.remove_plan(id);
    }
    Ok(json!(true))
}
