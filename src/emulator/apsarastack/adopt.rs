//! Taking over objects from records of another place, for rehearsals: what is known of them becomes what the service
//! has. What nobody knows is made up as for a new object.

use serde::Deserialize;
use serde_json::Value;

use super::instances::TOPIC_CAPACITY;
use super::model::ACCOUNT;
use super::model::Grant;
use super::model::Grantee;
use super::model::Instance;
use super::seed;
use super::world::CLUSTERS;
use super::world::World;

/// An object as somebody remembers it.
#[derive(Clone, Debug, PartialEq)]
pub enum Memory {
    /// An instance.
    Instance(Value),
    /// A topic of an instance.
    Topic(Value),
    /// A group of an instance.
    Group(Value),
    /// An authorization of a topic.
    Grant(Value),
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct KnownInstance {
    id: Option<String>,
    name: Option<String>,
    cluster: Option<String>,
    namespaced: Option<bool>,
    max_send_tps: Option<i64>,
    max_receive_tps: Option<i64>,
    topic_capacity: Option<i64>,
    remark: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct KnownTopic {
    instance_id: Option<String>,
    name: Option<String>,
    message_type: Option<String>,
    permission: Option<String>,
    remark: Option<String>,
    owner: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct KnownGroup {
    instance_id: Option<String>,
    group_id: Option<String>,
    remark: Option<String>,
    read_enabled: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct KnownGrant {
    instance_id: Option<String>,
    topic: Option<String>,
    grantee_id: Option<String>,
    grantee_type: Option<String>,
    permission: Option<String>,
}

/// Puts remembered objects into the world, instances first and authorizations last. Objects of an instance that nobody
/// remembers bring one with them.
///
/// # Errors
/// The first memory that is not understood.
pub(super) fn adopt(world: &mut World, memories: &[Memory]) -> Result<(), serde_json::Error> {
    for memory in memories {
        if let Memory::Instance(known) = memory {
            instance(world, KnownInstance::deserialize(known)?);
        }
    }
    for memory in memories {
        match memory {
            Memory::Instance(_) | Memory::Grant(_) => {}
            Memory::Topic(known) => topic(world, KnownTopic::deserialize(known)?),
            Memory::Group(known) => group(world, KnownGroup::deserialize(known)?),
        }
    }
    for memory in memories {
        if let Memory::Grant(known) = memory {
            grant(world, KnownGrant::deserialize(known)?);
        }
    }
    Ok(())
}

fn instance(world: &mut World, known: KnownInstance) {
    let id = known.id.unwrap_or_else(|| world.new_instance_id());
    let [first, ..] = CLUSTERS;
    let instance = Instance {
        position: world.next_position(),
        name: known.name.unwrap_or_else(|| id.clone()),
        cluster: known.cluster.unwrap_or_else(|| first.to_owned()),
        namespaced: known.namespaced.unwrap_or(true),
        max_send_tps: known.max_send_tps.unwrap_or(1000),
        max_receive_tps: known.max_receive_tps.unwrap_or(1000),
        topic_capacity: known.topic_capacity.unwrap_or(TOPIC_CAPACITY),
        remark: known.remark.unwrap_or_default(),
        created_at: world.now_ms(),
        hidden_reads: 0,
        id,
    };
    world.put_instance(instance);
}

/// The instance of an object: the one that it names, or the one without a namespace. It is made if nobody knows it.
fn place(world: &mut World, id: Option<String>) -> String {
    if let Ok(found) = world.instance_id(id.as_deref()) {
        return found;
    }
    let namespaced = Some(id.is_some());
    let id = id.unwrap_or_else(|| world.new_instance_id());
    instance(world, KnownInstance { id: Some(id.clone()), namespaced, ..KnownInstance::default() });
    id
}

fn topic(world: &mut World, known: KnownTopic) {
    let iid = place(world, known.instance_id);
    let now = world.now_ms();
    let Some(name) = known.name else { return };
    let mut topic = seed::topic(&name, known.owner.unwrap_or_else(|| ACCOUNT.to_owned()), now);
    topic.order_type = match known.message_type.as_deref() {
        Some("partition_ordered") => 1,
        Some("global_ordered") => 2,
        Some("transaction") => 4,
        Some("delay") => 5,
        _ => 0,
    };
    topic.perm = match known.permission.as_deref() {
        Some("read_only") => 4,
        Some("write_only") => 2,
        _ => 6,
    };
    topic.remark = known.remark.unwrap_or_default();
    world.put_topic(&iid, topic);
}

fn group(world: &mut World, known: KnownGroup) {
    let iid = place(world, known.instance_id);
    let now = world.now_ms();
    let Some(name) = known.group_id else { return };
    let mut group = seed::group(&name, ACCOUNT.to_owned(), now);
    group.remark = known.remark.unwrap_or_default();
    group.read_enabled = known.read_enabled.unwrap_or(true);
    world.put_group(&iid, group);
}

fn grant(world: &mut World, known: KnownGrant) {
    let iid = place(world, known.instance_id);
    let now = world.now_ms();
    let (Some(name), Some(user)) = (known.topic, known.grantee_id) else { return };
    if world.spaces().get(&iid).is_some_and(|space| !space.topics.contains_key(&name)) {
        world.put_topic(&iid, seed::topic(&name, ACCOUNT.to_owned(), now));
    }
    let kind =
        if known.grantee_type.as_deref() == Some("ram_user") { Grantee::RamUser } else { Grantee::Account };
    let relation = match known.permission.as_deref() {
        Some("publish") => 2,
        Some("subscribe") => 4,
        _ => 6,
    };
    world.put_grant(&iid, Grant { topic: name, user, kind, relation, created_at: now });
}
