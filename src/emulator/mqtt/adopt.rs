//! Taking over objects from records of another place, for rehearsals: what is known of them becomes what the service
//! has. Instances that nobody describes are platinum ones in service.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::certificate::Certificate;
use super::member::Blocked;
use super::model::CaCertificate;
use super::model::Credential;
use super::model::Group;
use super::model::Identity;
use super::model::Permission;
use super::recovery;
use super::seed;
use super::seed::InstanceSeed;
use super::world::World;

/// An object as somebody remembers it.
#[derive(Clone, Debug, PartialEq)]
pub enum Memory {
    /// A group.
    Group(Value),
    /// An identity of custom authentication.
    Identity(Value),
    /// A permission of custom authentication.
    Permission(Value),
    /// A client that may not connect.
    Blocked(Value),
    /// The key of a device.
    Credential(Value),
    /// The certificate of an authority.
    CaCertificate(Value),
    /// The certificate of a device.
    DeviceCertificate(Value),
    /// Tags of an instance.
    Tags(Value),
    /// Certificates by domain name; nothing of them can be read, so nothing is remembered.
    Sni(Value),
    /// Instances that stand in for each other, and which of them are to be active.
    Recovery(Value),
}

/// What is remembered of anything in an instance. Null and absent mean unknown.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Known {
    instance_id: Option<String>,
    group_id: Option<String>,
    created_at: Option<i64>,
    updated_at: Option<i64>,
    tags: Option<BTreeMap<String, String>>,
    identity_type: Option<String>,
    username: Option<String>,
    client_id: Option<String>,
    sign_mode: Option<String>,
    identity: Option<String>,
    topic: Option<String>,
    permit_action: Option<String>,
    effect: Option<String>,
    access_key_id: Option<String>,
    name: Option<String>,
    content: Option<String>,
    sn: Option<String>,
    ca_sn: Option<String>,
    device_sn: Option<String>,
    active: Option<bool>,
    members: Option<BTreeMap<String, String>>,
    states: Option<BTreeMap<String, String>>,
}

/// Puts remembered objects into the world.
///
/// # Errors
/// The first memory that is not understood.
pub(super) fn adopt(world: &mut World, memories: &[Memory]) -> Result<(), serde_json::Error> {
    // Fleets first: they know the regions of their instances.
    for memory in memories {
        if let Memory::Recovery(known) = memory {
            fleet(world, Known::deserialize(known)?);
        }
    }
    for memory in memories {
        match memory {
            Memory::Recovery(_) => {}
            Memory::Group(known) => inside(world, Known::deserialize(known)?, group),
            Memory::Identity(known) => inside(world, Known::deserialize(known)?, identity),
            Memory::Permission(known) => inside(world, Known::deserialize(known)?, permission),
            Memory::Blocked(known) => inside(world, Known::deserialize(known)?, blocked),
            Memory::Credential(known) => inside(world, Known::deserialize(known)?, credential),
            Memory::CaCertificate(known) => inside(world, Known::deserialize(known)?, authority),
            Memory::DeviceCertificate(known) => inside(world, Known::deserialize(known)?, device),
            Memory::Tags(known) => inside(world, Known::deserialize(known)?, tags),
            Memory::Sni(known) => inside(world, Known::deserialize(known)?, |_, _, _| Some(())),
        }
    }
    Ok(())
}

fn fleet(world: &mut World, known: Known) {
    let states = known.states.unwrap_or_default();
    let members = known.members.unwrap_or_default();
    for (iid, region) in &members {
        InstanceSeed::new(iid).region(region).fleet(known.name.as_deref().unwrap_or("fleet")).plant(world);
    }
    for iid in members.keys() {
        if states.get(iid).is_some_and(|state| state == "downgraded") {
            recovery::take_out(world, iid, None);
        }
    }
}

/// Makes sure that there is an instance, and puts something into it. What lacks a part of its key is left out.
fn inside(world: &mut World, known: Known, put: fn(&mut World, &str, Known) -> Option<()>) {
    let Some(iid) = known.instance_id.clone() else { return };
    if !world.members().contains_key(&iid) {
        InstanceSeed::new(&iid).plant(world);
    }
    put(world, &iid, known);
}

fn group(world: &mut World, iid: &str, known: Known) -> Option<()> {
    let created_at = known.created_at.unwrap_or_else(|| world.now_ms());
    let tags = known.tags.unwrap_or_default();
    world.put(iid, Group { id: known.group_id?, created_at, updated_at: created_at, tags });
    Some(())
}

fn identity(world: &mut World, iid: &str, known: Known) -> Option<()> {
    let identity = Identity {
        kind: known.identity_type?,
        username: known.username?,
        client_id: known.client_id.unwrap_or_default(),
        secret: "not remembered".to_owned(),
        sign_mode: known.sign_mode?,
    };
    world.put(iid, identity);
    Some(())
}

fn permission(world: &mut World, iid: &str, known: Known) -> Option<()> {
    let permission = Permission {
        kind: known.identity_type?,
        identity: known.identity?,
        topic: known.topic?,
        action: known.permit_action?,
        effect: known.effect?,
    };
    world.put(iid, permission);
    Some(())
}

fn blocked(world: &mut World, iid: &str, known: Known) -> Option<()> {
    world.put(iid, Blocked { client_id: known.client_id? });
    Some(())
}

fn credential(world: &mut World, iid: &str, known: Known) -> Option<()> {
    let now = world.now_ms();
    let credential = Credential {
        client_id: known.client_id?,
        access_key_id: known.access_key_id.unwrap_or_else(|| "DC.notremembered".to_owned()),
        access_key_secret: "DC.notremembered".to_owned(),
        created_at: now,
        updated_at: known.updated_at.unwrap_or(now),
    };
    world.put(iid, credential);
    Some(())
}

fn authority(world: &mut World, iid: &str, known: Known) -> Option<()> {
    let content = known.content.unwrap_or_default();
    let read = Certificate::read(&content);
    let certificate = CaCertificate {
        sn: known.sn?,
        name: known.name.unwrap_or_default(),
        verification: String::new(),
        register_code: world.register_code(iid),
        valid_from: read.as_ref().map_or(0, |read| read.valid_from),
        valid_to: read.as_ref().map_or(0, |read| read.valid_to),
        is_active: known.active.unwrap_or(true),
        content,
    };
    world.put(iid, certificate);
    Some(())
}

fn device(world: &mut World, iid: &str, known: Known) -> Option<()> {
    let now = world.now_ms();
    let mut certificate =
        seed::device(&known.ca_sn?, &known.device_sn?, now, now.saturating_add(1_000_000_000));
    certificate.is_active = known.active.unwrap_or(true);
    world.put(iid, certificate);
    Some(())
}

fn tags(world: &mut World, iid: &str, known: Known) -> Option<()> {
    let tags = known.tags?;
    world.instance_mut(iid)?.tags = tags;
    Some(())
}
