//! Instances: the only list of them. They are bought in the console.

use serde_json::Value;
use serde_json::json;

use super::errors::Outcome;
use super::model::Instance;
use super::params::Params;
use super::world::World;
use std::collections::BTreeMap;

/// `ListInstances`: all of the account in every region, or those with all of the tags.
pub(super) fn list(world: &mut World, params: &Params) -> Outcome {
    let wanted = params.json_tags("Tags")?;
    let mut instances: Vec<&Instance> = world
        .members()
        .values()
        .map(|member| &member.instance)
        .filter(|instance| !instance.is_foreign && has_tags(&instance.tags, &wanted))
        .collect();
    instances.sort_by_key(|instance| instance.position);
    let instances: Vec<Value> = instances.into_iter().map(view).collect();
    Ok(json!({ "Instances": instances }))
}

fn view(instance: &Instance) -> Value {
    json!({
        "InstanceId": instance.id,
        "InstanceName": instance.name,
        "InstanceStatus": instance.status,
        "InstanceType": instance.kind,
        "Specific": "standard",
        "KernelVersion": instance.kernel_version,
        "RegionId": instance.region,
        "CreateTime": instance.created_at,
        "ExpireTime": instance.expires_at,
        "OrderId": instance.order_id,
        "MqttTags": tag_views(&instance.tags),
    })
}

pub(super) fn tag_views(tags: &BTreeMap<String, String>) -> Vec<Value> {
    tags.iter().map(|(key, value)| json!({ "TagKey": key, "TagValue": value })).collect()
}

/// Whether all wanted tags are there.
pub(super) fn has_tags(tags: &BTreeMap<String, String>, wanted: &BTreeMap<String, String>) -> bool {
    wanted.iter().all(|(key, value)| tags.get(key).is_some_and(|there| value.is_empty() || there == value))
}
