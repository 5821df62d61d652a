//! Taking over objects from records of another place, for rehearsals: what is known of them becomes what the service
//! has. What nobody knows is made up as for a new object, and brokers are empty.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::model::Acl;
use super::model::Item;
use super::model::Member;
use super::model::Plan;
use super::model::Property;
use super::model::TopicMapping;
use super::seed;
use super::world::World;

/// An object as somebody remembers it.
#[derive(Clone, Debug, PartialEq)]
pub enum Memory {
    /// An instance.
    Instance(Value),
    /// A topic of an instance.
    Topic(Value),
    /// A consumer group of an instance.
    Group(Value),
    /// An account of an instance.
    Account(Value),
    /// An access rule of an instance.
    Acl(Value),
    /// Who may connect to an instance.
    IpWhitelist(Value),
    /// A disaster recovery plan.
    Plan(Value),
    /// An item of a plan.
    Item(Value),
}

impl Memory {
    /// Instances come before what is in them, plans before their items.
    fn rank(&self) -> u8 {
        match self {
            Self::Instance(_) => 0,
            Self::Topic(_) | Self::Account(_) | Self::IpWhitelist(_) => 1,
            Self::Group(_) | Self::Acl(_) | Self::Plan(_) => 2,
            Self::Item(_) => 3,
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct KnownInstance {
    id: String,
    name: Option<String>,
    remark: Option<String>,
    region_id: Option<String>,
    series: Option<String>,
    sub_series: Option<String>,
    payment_type: Option<String>,
    commodity_code: Option<String>,
    spec: Option<String>,
    message_retention_hours: Option<u64>,
    send_receive_ratio: Option<f64>,
    auto_scaling: Option<bool>,
    trace_on: Option<bool>,
    adaptive_elasticity: Option<bool>,
    storage_encryption: Option<bool>,
    storage_secret_key: Option<String>,
    capacity_type: Option<String>,
    provisioned_capacity: Option<u64>,
    dr_replication_mode: Option<String>,
    vpc_id: Option<String>,
    vswitch_ids: Option<Vec<String>>,
    security_group_id: Option<String>,
    internet: Option<KnownInternet>,
    ip_whitelist: Option<Vec<String>>,
    acl: Option<KnownAccess>,
    resource_group_id: Option<String>,
    tags: Option<BTreeMap<String, String>>,
    tags_all: Option<BTreeMap<String, String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct KnownInternet {
    enabled: Option<bool>,
    billing: Option<String>,
    bandwidth_mbps: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct KnownAccess {
    types: Option<Vec<String>>,
    vpc_auth_free: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct KnownTopic {
    instance_id: String,
    name: String,
    message_type: Option<String>,
    max_send_tps: Option<u64>,
    remark: Option<String>,
    lite_topic_expiration: Option<i64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct KnownGroup {
    instance_id: String,
    group_id: String,
    delivery_order_type: Option<String>,
    retry: Option<KnownRetry>,
    max_receive_tps: Option<u64>,
    remark: Option<String>,
    message_model: Option<String>,
    topic_name: Option<String>,
    exclusive: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct KnownRetry {
    policy: Option<String>,
    max_times: Option<u64>,
    fixed_interval_seconds: Option<u64>,
    dead_letter_topic: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct KnownAccount {
    instance_id: String,
    username: String,
    status: Option<String>,
    remark: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct KnownAcl {
    instance_id: String,
    username: String,
    resource_type: String,
    resource_name: String,
    actions: Vec<String>,
    decision: String,
    ip_whitelists: Option<Vec<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct KnownWhitelist {
    instance_id: String,
    entries: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct KnownPlan {
    id: String,
    name: String,
    description: Option<String>,
    #[serde(rename = "type")]
    kind: String,
    sync_checkpoint_enabled: Option<bool>,
    auto_sync_checkpoint: Option<bool>,
    instances: Vec<KnownMember>,
    status: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct KnownMember {
    #[serde(rename = "type")]
    kind: String,
    region_id: String,
    instance_id: Option<String>,
    role: String,
    auth_type: Option<String>,
    username: Option<String>,
    endpoint_url: Option<String>,
    network_type: Option<String>,
    vpc_id: Option<String>,
    vswitch_id: Option<String>,
    security_group_id: Option<String>,
    consumer_group_id: Option<String>,
    message_property: Option<KnownProperty>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct KnownProperty {
    key: String,
    value: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct KnownItem {
    plan_id: String,
    item_id: String,
    topics: Vec<KnownMapping>,
    running: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct KnownMapping {
    instance_id: String,
    topic_name: String,
    instance_type: Option<String>,
    region_id: Option<String>,
    delivery_order_type: Option<String>,
    consumer_group_id: Option<String>,
}

/// Puts what is remembered into the world.
pub(crate) fn adopt(world: &mut World, memories: &[Memory]) -> Result<(), serde_json::Error> {
    let mut ordered: Vec<&Memory> = memories.iter().collect();
    ordered.sort_by_key(|memory| memory.rank());
    for memory in ordered {
        match memory {
            Memory::Instance(value) => instance(world, Deserialize::deserialize(value)?),
            Memory::Topic(value) => topic(world, Deserialize::deserialize(value)?),
            Memory::Group(value) => group(world, Deserialize::deserialize(value)?),
            Memory::Account(value) => account(world, Deserialize::deserialize(value)?),
            Memory::Acl(value) => acl(world, Deserialize::deserialize(value)?),
            Memory::IpWhitelist(value) => whitelist(world, Deserialize::deserialize(value)?),
            Memory::Plan(value) => plan(world, Deserialize::deserialize(value)?),
            Memory::Item(value) => item(world, Deserialize::deserialize(value)?),
        }
    }
    Ok(())
}

fn instance(world: &mut World, known: KnownInstance) {
    let mut new = seed::new_instance(world, &known.id, known.name.as_deref().unwrap_or(&known.id));
    let internet = known.internet.unwrap_or_default();
    let access = known.acl.unwrap_or_default();
    new.remark = known.remark.unwrap_or_default();
    new.region = known.region_id.unwrap_or(new.region);
    new.series = known.series.unwrap_or(new.series);
    new.sub_series = known.sub_series.unwrap_or(new.sub_series);
    new.payment_type = known.payment_type.unwrap_or(new.payment_type);
    new.commodity_code = known.commodity_code.unwrap_or(new.commodity_code);
    new.spec = known.spec;
    new.retention_hours = known.message_retention_hours.unwrap_or(new.retention_hours);
    new.send_receive_ratio = known.send_receive_ratio.unwrap_or(new.send_receive_ratio);
    new.auto_scaling = known.auto_scaling.unwrap_or(new.auto_scaling);
    new.trace_on = known.trace_on.unwrap_or(new.trace_on);
    new.adaptive_elasticity = known.adaptive_elasticity.unwrap_or(new.adaptive_elasticity);
    new.storage_encryption = known.storage_encryption.unwrap_or(new.storage_encryption);
    new.storage_secret_key = known.storage_secret_key;
    new.capacity_type = known.capacity_type;
    new.provisioned_capacity = known.provisioned_capacity;
    new.dr_replication_mode = known.dr_replication_mode;
    new.vpc = known.vpc_id.unwrap_or(new.vpc);
    new.vswitches = known.vswitch_ids.unwrap_or(new.vswitches);
    new.security_group = known.security_group_id.unwrap_or_default();
    new.internet = internet.enabled.unwrap_or(new.internet);
    new.flow_out_type = internet.billing.unwrap_or(new.flow_out_type);
    new.flow_out_bandwidth = internet.bandwidth_mbps;
    new.ip_whitelist = known.ip_whitelist.unwrap_or_default();
    new.acl_types = access.types.unwrap_or(new.acl_types);
    new.vpc_auth_free = access.vpc_auth_free.unwrap_or(new.vpc_auth_free);
    new.resource_group = known.resource_group_id.unwrap_or(new.resource_group);
    new.tags = known.tags_all.or(known.tags).unwrap_or_default();
    seed::add_instance(world, new);
}

fn topic(world: &mut World, known: KnownTopic) {
    let kind = known.message_type.as_deref().unwrap_or("NORMAL");
    let mut new = seed::new_topic(world, &known.name, kind);
    new.max_send_tps = known.max_send_tps;
    new.remark = known.remark.unwrap_or_default();
    new.lite_topic_expiration = known.lite_topic_expiration;
    world.put_topic(&known.instance_id, new);
}

fn group(world: &mut World, known: KnownGroup) {
    let mut new = seed::new_group(world, &known.group_id);
    let retry = known.retry.unwrap_or_default();
    new.delivery_order_type = known.delivery_order_type.unwrap_or(new.delivery_order_type);
    new.retry.policy = retry.policy.unwrap_or(new.retry.policy);
    new.retry.max_times = retry.max_times.unwrap_or(new.retry.max_times);
    new.retry.fixed_interval = retry.fixed_interval_seconds;
    new.retry.dead_letter_topic = retry.dead_letter_topic;
    new.max_receive_tps = known.max_receive_tps;
    new.remark = known.remark.unwrap_or_default();
    new.message_model = known.message_model.unwrap_or(new.message_model);
    new.topic_name = known.topic_name;
    new.exclusive = known.exclusive.unwrap_or(false);
    world.put_group(&known.instance_id, new);
}

fn account(world: &mut World, known: KnownAccount) {
    // Passwords are remembered by nobody.
    let mut new = seed::new_account(&known.username, "remembered-by-nobody");
    new.status = known.status.unwrap_or(new.status);
    new.remark = known.remark.unwrap_or_default();
    world.put_account(&known.instance_id, new);
}

fn acl(world: &mut World, known: KnownAcl) {
    let new = Acl {
        username: known.username,
        resource_type: known.resource_type,
        resource_name: known.resource_name,
        actions: known.actions,
        decision: known.decision,
        ip_whitelist: known.ip_whitelists.unwrap_or_default(),
    };
    world.put_acl(&known.instance_id, new);
}

fn whitelist(world: &mut World, known: KnownWhitelist) {
    if let Some(instance) = world.instance_mut(&known.instance_id) {
        instance.ip_whitelist = known.entries;
    }
}

fn plan(world: &mut World, known: KnownPlan) {
    let now = world.now_ms();
    let Ok(id) = known.id.parse() else { return };
    let members = known.instances.into_iter().map(member).collect();
    world.put_plan(Plan {
        id,
        name: known.name,
        description: known.description.unwrap_or_default(),
        kind: known.kind,
        status: known.status.unwrap_or_else(|| "CREATED".to_owned()),
        members,
        sync_checkpoint: known.sync_checkpoint_enabled.unwrap_or(false),
        auto_sync_checkpoint: known.auto_sync_checkpoint.unwrap_or(false),
        created_at: now,
        updated_at: now,
        items: BTreeMap::new(),
    });
}

fn member(known: KnownMember) -> Member {
    Member {
        kind: known.kind,
        region: known.region_id,
        instance_id: known.instance_id.unwrap_or_default(),
        role: known.role,
        auth_type: known.auth_type,
        username: known.username,
        password: None,
        endpoint_url: known.endpoint_url,
        network_type: known.network_type,
        vpc: known.vpc_id,
        vswitch: known.vswitch_id,
        security_group: known.security_group_id,
        consumer_group: known.consumer_group_id.unwrap_or_default(),
        property: known.message_property.map(|known| Property { key: known.key, value: known.value }),
    }
}

fn item(world: &mut World, known: KnownItem) {
    let now = world.now_ms();
    let (Ok(plan), Ok(id)) = (known.plan_id.parse::<u64>(), known.item_id.parse::<u64>()) else { return };
    let topics = known.topics.into_iter().map(mapping).collect();
    let status = if known.running.unwrap_or(true) { "RUNNING" } else { "MANUAL_STOPPED" };
    if let Some(found) = world.plan_mut(plan) {
        let item = Item {
            id,
            plan,
            status: status.to_owned(),
            topics,
            created_at: now,
            updated_at: now,
            checkpoints: BTreeMap::new(),
        };
        found.items.insert(id, item);
    }
}

fn mapping(known: KnownMapping) -> TopicMapping {
    TopicMapping {
        instance_id: known.instance_id,
        instance_type: known.instance_type.unwrap_or_else(|| "ALIYUN_ROCKETMQ".to_owned()),
        region: known.region_id.unwrap_or_default(),
        topic: known.topic_name,
        delivery_order_type: known.delivery_order_type.unwrap_or_else(|| "Concurrently".to_owned()),
        consumer_group: known.consumer_group_id,
    }
}
