//! Building an instance with everything in it, for tests and rehearsals.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde::Deserialize;
use serde::Serialize;

use super::model::DeviceCertificate;
use super::model::Group;
use super::model::Instance;
use super::world::World;

/// An instance to put into the store, in service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct InstanceSeed {
    id: String,
    name: String,
    region: String,
    kind: u64,
    status: u64,
    fleet: String,
    recovers: bool,
    is_foreign: bool,
    tags: BTreeMap<String, String>,
    topics: BTreeSet<String>,
    groups: Vec<String>,
    /// authority, device
    devices: Vec<(String, String)>,
}

impl Default for InstanceSeed {
    fn default() -> Self {
        Self::new("mqtt-cn-seeded")
    }
}

impl InstanceSeed {
    /// A platinum instance in Hangzhou that takes part in disaster recovery.
    pub fn new(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            name: id.to_owned(),
            region: "cn-hangzhou".to_owned(),
            kind: 1,
            status: 5,
            fleet: "demo".to_owned(),
            recovers: true,
            is_foreign: false,
            tags: BTreeMap::new(),
            topics: BTreeSet::new(),
            groups: Vec::new(),
            devices: Vec::new(),
        }
    }

    /// Puts it into a region.
    #[must_use]
    pub fn region(mut self, region: &str) -> Self {
        region.clone_into(&mut self.region);
        self
    }

    /// Makes it another edition; see `ListInstances`.
    #[must_use]
    pub fn kind(mut self, kind: u64) -> Self {
        self.kind = kind;
        self
    }

    /// Puts it into another state; see `ListInstances`.
    #[must_use]
    pub fn status(mut self, status: u64) -> Self {
        self.status = status;
        self
    }

    /// Puts it among other instances that it stands in for.
    #[must_use]
    pub fn fleet(mut self, fleet: &str) -> Self {
        fleet.clone_into(&mut self.fleet);
        self
    }

    /// Leaves it without disaster recovery.
    #[must_use]
    pub fn without_recovery(mut self) -> Self {
        self.recovers = false;
        self
    }

    /// Gives it to another account.
    #[must_use]
    pub fn foreign(mut self) -> Self {
        self.is_foreign = true;
        self
    }

    /// Adds a parent topic.
    #[must_use]
    pub fn topic(mut self, topic: &str) -> Self {
        self.topics.insert(topic.to_owned());
        self
    }

    /// Adds a group.
    #[must_use]
    pub fn group(mut self, group: &str) -> Self {
        self.groups.push(group.to_owned());
        self
    }

    /// Adds the certificate of a device.
    #[must_use]
    pub fn device(mut self, ca_sn: &str, sn: &str) -> Self {
        self.devices.push((ca_sn.to_owned(), sn.to_owned()));
        self
    }

    /// Returns the id.
    pub fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn plant(&self, world: &mut World) -> String {
        const YEAR_MS: i64 = 365 * 24 * 3600 * 1000;
        let now = world.now_ms();
        let position = world.next_position();
        let mut instance = Instance {
            id: self.id.clone(),
            position,
            name: self.name.clone(),
            region: self.region.clone(),
            kind: self.kind,
            status: self.status,
            kernel_version: "3.x.x".to_owned(),
            created_at: now,
            expires_at: now.saturating_add(YEAR_MS),
            order_id: format!("{:015}", 200_000_000_000_000 + position),
            is_foreign: self.is_foreign,
            tags: self.tags.clone(),
            topics: self.topics.clone(),
            fleet: self.fleet.clone(),
            recovers: self.recovers,
            is_downgraded: false,
            addresses: Vec::new(),
            addresses_before: Vec::new(),
            switched_at: None,
            sni: None,
        };
        instance.addresses = vec![instance.vip()];
        world.remove_instance(&self.id);
        world.add_instance(instance);
        for id in &self.groups {
            let tags = BTreeMap::new();
            world.put(&self.id, Group { id: id.clone(), created_at: now, updated_at: now, tags });
        }
        for (ca_sn, sn) in &self.devices {
            world.put(&self.id, device(ca_sn, sn, now, now.saturating_add(YEAR_MS)));
        }
        self.id.clone()
    }
}

/// The certificate that a device shows when it first connects.
pub(super) fn device(ca_sn: &str, sn: &str, valid_from: i64, valid_to: i64) -> DeviceCertificate {
    DeviceCertificate {
        ca_sn: ca_sn.to_owned(),
        sn: sn.to_owned(),
        name: format!("device-{sn}"),
        content: "-----BEGIN CERTIFICATE-----\nMIID\n-----END CERTIFICATE-----\n".to_owned(),
        valid_from,
        valid_to,
        is_active: true,
    }
}

/// What a new world has: three instances in three regions that stand in for each other.
pub(super) fn demo() -> Vec<InstanceSeed> {
    ["hangzhou", "shanghai", "beijing"]
        .iter()
        .map(|city| InstanceSeed::new(&format!("mqtt-cn-demo{city}")).region(&format!("cn-{city}")))
        .collect()
}
