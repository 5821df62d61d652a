//! Taking over objects from records of another place, for rehearsals: what is known of them becomes what the service
//! has. What nobody knows is made up as for a new object, and brokers are empty.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::model::Group;
use super::model::Topic;
use super::model::TopicBroker;
use super::model::User;
use super::seed::InstanceSeed;
use super::topics;
use super::world::World;

/// An object as somebody remembers it; names and units are those of the vendor's requests.
#[derive(Clone, Debug, PartialEq)]
pub enum Memory {
    /// An instance.
    Instance(Value),
    /// A topic of an instance.
    Topic(Value),
    /// A consumer group of an instance.
    Group(Value),
    /// A user of an instance.
    User(Value),
    /// Parameters of an instance.
    Config(Value),
}

/// What is remembered of an instance. Null and absent mean unknown.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct KnownInstance {
    id: Option<String>,
    name: Option<String>,
    description: Option<String>,
    engine_version: Option<String>,
    flavor_id: Option<String>,
    storage_space: Option<u64>,
    storage_spec_code: Option<String>,
    broker_num: Option<u64>,
    vpc_id: Option<String>,
    subnet_id: Option<String>,
    security_group_id: Option<String>,
    availability_zones: Option<Vec<String>>,
    tls_mode: Option<String>,
    ssl_enable: Option<bool>,
    ipv6_enable: Option<bool>,
    enable_acl: Option<bool>,
    publicip_ids: Option<Vec<String>>,
    enterprise_project_id: Option<String>,
    tags: Option<BTreeMap<String, String>>,
    /// With those that are not the instance's own.
    tags_all: Option<BTreeMap<String, String>>,
    created_at: Option<String>,
}

/// What is remembered of a topic.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct KnownTopic {
    instance_id: Option<String>,
    name: Option<String>,
    permission: Option<String>,
    message_type: Option<String>,
    brokers: Option<Vec<String>>,
    read_queue_num: Option<u64>,
    write_queue_num: Option<u64>,
    broker_queues: Option<Vec<KnownQueues>>,
    created_at: Option<String>,
}

/// The queues that a broker holds of a topic.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct KnownQueues {
    broker_name: Option<String>,
    read_queue_num: Option<u64>,
    write_queue_num: Option<u64>,
}

/// What is remembered of a consumer group.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct KnownGroup {
    instance_id: Option<String>,
    name: Option<String>,
    retry_max_times: Option<u64>,
    enabled: Option<bool>,
    broadcast: Option<bool>,
    consume_orderly: Option<bool>,
    description: Option<String>,
    brokers: Option<Vec<String>>,
    created_at: Option<String>,
}

/// What is remembered of a user. Nobody remembers the secret.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct KnownUser {
    instance_id: Option<String>,
    access_key: Option<String>,
    white_remote_address: Option<String>,
    admin: Option<bool>,
    default_topic_perm: Option<String>,
    default_group_perm: Option<String>,
    topic_perms: Option<BTreeMap<String, String>>,
    group_perms: Option<BTreeMap<String, String>>,
}

/// What is remembered of an instance's parameters.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct KnownConfig {
    instance_id: Option<String>,
    settings: Option<BTreeMap<String, String>>,
}

/// Puts remembered objects into the world, instances first. Objects of an instance that nobody remembers bring one
/// with them.
///
/// # Errors
/// The first memory that is not understood.
pub(super) fn adopt(world: &mut World, memories: &[Memory]) -> Result<(), serde_json::Error> {
    for memory in memories {
        if let Memory::Instance(known) = memory {
            instance(world, &KnownInstance::deserialize(known)?);
        }
    }
    for memory in memories {
        match memory {
            Memory::Instance(_) => {}
            Memory::Topic(known) => topic(world, KnownTopic::deserialize(known)?),
            Memory::Group(known) => group(world, KnownGroup::deserialize(known)?),
            Memory::User(known) => user(world, KnownUser::deserialize(known)?),
            Memory::Config(known) => config(world, KnownConfig::deserialize(known)?),
        }
    }
    Ok(())
}

fn instance(world: &mut World, known: &KnownInstance) {
    let Some(id) = &known.id else { return };
    let mut seed = InstanceSeed::new(known.name.as_deref().unwrap_or("unnamed")).id(id);
    if known.engine_version.as_deref() == Some("5.x") {
        seed = seed.v5();
    }
    if let Some(brokers) = known.broker_num {
        seed = seed.brokers(brokers);
    }
    if let Some(flavor) = &known.flavor_id {
        seed = seed.flavor(flavor);
    }
    seed.plant(world);
    let Some(instance) = world.instance_mut(id) else { return };
    let copy = |from: &Option<String>, to: &mut String| {
        if let Some(from) = from {
            to.clone_from(from);
        }
    };
    copy(&known.description, &mut instance.description);
    copy(&known.engine_version, &mut instance.engine_version);
    copy(&known.storage_spec_code, &mut instance.storage_spec_code);
    copy(&known.vpc_id, &mut instance.vpc_id);
    copy(&known.subnet_id, &mut instance.subnet_id);
    copy(&known.security_group_id, &mut instance.security_group_id);
    copy(&known.enterprise_project_id, &mut instance.enterprise_project_id);
    if let Some(mode) = &known.tls_mode {
        instance.tls_mode.clone_from(mode);
    } else if known.ssl_enable == Some(true) {
        "SSL".clone_into(&mut instance.tls_mode);
    }
    instance.total_storage_space = known.storage_space.unwrap_or(instance.total_storage_space);
    instance.ipv6_enable = known.ipv6_enable.unwrap_or(instance.ipv6_enable);
    instance.enable_acl = known.enable_acl.unwrap_or(instance.enable_acl);
    // Zones of other regions have no ids here: their codes stand for them.
    instance.available_zones =
        known.availability_zones.clone().unwrap_or_else(|| instance.available_zones.clone());
    instance.publicip_ids = known.publicip_ids.clone().unwrap_or_default();
    instance.created_at =
        known.created_at.as_ref().and_then(|text| text.parse().ok()).unwrap_or(instance.created_at);
    instance.tags = known.tags_all.clone().or_else(|| known.tags.clone()).unwrap_or_default();
}

/// Makes sure that there is an instance; its engine version is told by what is in it.
fn parent(world: &mut World, id: &str, is_v5: bool) -> Vec<String> {
    if world.broker(id).is_err() {
        let seed = InstanceSeed::new("not managed here").id(id);
        let seed = if is_v5 { seed.v5() } else { seed };
        seed.plant(world);
    }
    world.broker(id).map(super::model::Broker::broker_names).unwrap_or_default()
}

fn time(text: Option<&String>, world: &World) -> i64 {
    text.and_then(|text| text.parse().ok()).unwrap_or_else(|| world.now_ms())
}

fn topic(world: &mut World, known: KnownTopic) {
    let (Some(id), Some(name)) = (known.instance_id, known.name) else { return };
    let is_v5 = known.message_type.is_some();
    let names = parent(world, &id, is_v5);
    let names = known.brokers.filter(|brokers| !brokers.is_empty()).unwrap_or(names);
    let created_at = time(known.created_at.as_ref(), world);
    let exact: Option<Vec<TopicBroker>> =
        known.broker_queues.filter(|queues| !queues.is_empty()).map(|all| {
            all.into_iter()
                .map(|queues| {
                    let (read, write) =
                        (queues.read_queue_num.unwrap_or(0), queues.write_queue_num.unwrap_or(0));
                    topics::topic_broker(queues.broker_name.as_deref().unwrap_or_default(), read, write)
                })
                .collect()
        });
    let brokers = exact.unwrap_or_else(|| {
        let reading = topics::spread(&names, known.read_queue_num.unwrap_or(8));
        let writing = topics::spread(&names, known.write_queue_num.unwrap_or(8));
        let both = reading.into_iter().zip(writing);
        both.map(|(read, write)| topics::topic_broker(&read.name, read.read_queue_num, write.write_queue_num))
            .collect()
    });
    let topic = Topic {
        name,
        permission: known.permission.unwrap_or_else(|| "all".to_owned()),
        message_type: known.message_type,
        description: String::new(),
        brokers,
        created_at,
    };
    world.put_topic(&id, topic);
}

fn group(world: &mut World, known: KnownGroup) {
    let (Some(id), Some(name)) = (known.instance_id, known.name) else { return };
    let names = parent(world, &id, false);
    let group = Group {
        name,
        enabled: known.enabled.unwrap_or(true),
        broadcast: known.broadcast.unwrap_or(false),
        retry_max_time: known.retry_max_times.unwrap_or(16),
        brokers: known.brokers.unwrap_or(names),
        description: known.description.unwrap_or_default(),
        consume_orderly: known.consume_orderly.unwrap_or(false),
        created_at: time(known.created_at.as_ref(), world),
        offsets: BTreeMap::new(),
        clients: Vec::new(),
    };
    world.put_group(&id, group);
}

fn user(world: &mut World, known: KnownUser) {
    let (Some(id), Some(access_key)) = (known.instance_id, known.access_key) else { return };
    parent(world, &id, false);
    let denied = || "DENY".to_owned();
    let user = User {
        access_key,
        secret_key: world.new_uuid(),
        white_remote_address: known.white_remote_address.unwrap_or_default(),
        admin: known.admin.unwrap_or(false),
        default_topic_perm: known.default_topic_perm.unwrap_or_else(denied),
        default_group_perm: known.default_group_perm.unwrap_or_else(denied),
        topic_perms: known.topic_perms.unwrap_or_default(),
        group_perms: known.group_perms.unwrap_or_default(),
    };
    world.put_user(&id, user);
}

fn config(world: &mut World, known: KnownConfig) {
    let (Some(id), Some(settings)) = (known.instance_id, known.settings) else { return };
    parent(world, &id, false);
    if let Some(instance) = world.instance_mut(&id) {
        instance.configs.extend(settings);
    }
}
