//! The store without HTTP: tests look at what is really there and arrange what they need.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use super::adopt;
use super::adopt::Memory;
use super::certificate::Certificate;
use super::member::Member;
use super::model::Group;
use super::model::Identity;
use super::model::Instance;
use super::model::Permission;
use super::recovery;
use super::runtime;
use super::seed;
use super::seed::InstanceSeed;
use super::service::Mqtt;
use super::settings::Settings;
use super::world::World;
use crate::emulator::host::guard;

/// Direct access to the store of MQTT. Copies go out, changes are committed at once.
#[derive(Clone)]
pub struct Handle {
    service: Arc<Mqtt>,
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle").finish_non_exhaustive()
    }
}

impl Handle {
    pub(crate) fn new(service: Arc<Mqtt>) -> Self {
        Self { service }
    }

    fn read<T>(&self, look: impl FnOnce(&World) -> T) -> T {
        look(&guard(&self.service.world))
    }

    fn change<T>(&self, act: impl FnOnce(&mut World) -> T) -> T {
        let mut world = guard(&self.service.world);
        let result = act(&mut world);
        world.flush();
        result
    }

    /// Returns every instance with everything in it, by id.
    pub fn members(&self) -> Vec<Member> {
        self.read(|world| world.members().values().cloned().collect())
    }

    /// Returns one instance with everything in it.
    pub fn member(&self, iid: &str) -> Option<Member> {
        self.read(|world| world.members().get(iid).cloned())
    }

    /// Returns the number of things that configurations can declare.
    pub fn count(&self) -> usize {
        self.members()
            .iter()
            .map(|member| {
                member.groups.len()
                    + member.identities.len()
                    + member.permissions.len()
                    + member.blacklist.len()
                    + member.credentials.len()
                    + member.authorities.len()
            })
            .sum()
    }

    /// Puts an instance into the store, in place of one with the same id, and returns its id.
    pub fn seed_instance(&self, seed: &InstanceSeed) -> String {
        self.change(|world| seed.plant(world))
    }

    /// Puts objects into the store as somebody remembers them.
    ///
    /// # Errors
    /// The first memory that is not understood.
    pub fn adopt(&self, memories: &[Memory]) -> Result<(), serde_json::Error> {
        self.change(|world| adopt::adopt(world, memories))
    }

    /// Changes an instance behind everybody's back. False = there is none.
    pub fn edit_instance(&self, iid: &str, edit: impl FnOnce(&mut Instance)) -> bool {
        self.change(|world| world.instance_mut(iid).map(edit).is_some())
    }

    /// Removes an instance at once, with everything in it. False = there is none.
    pub fn remove_instance(&self, iid: &str) -> bool {
        self.change(|world| world.remove_instance(iid))
    }

    /// Puts a group into an instance.
    pub fn put_group(&self, iid: &str, group: Group) {
        self.change(|world| world.put(iid, group));
    }

    /// Removes a group. False = there is none.
    pub fn remove_group(&self, iid: &str, id: &str) -> bool {
        self.change(|world| world.remove::<Group>(iid, id))
    }

    /// Puts an identity into an instance.
    pub fn put_identity(&self, iid: &str, identity: Identity) {
        self.change(|world| world.put(iid, identity));
    }

    /// Puts a permission into an instance.
    pub fn put_permission(&self, iid: &str, permission: Permission) {
        self.change(|world| world.put(iid, permission));
    }

    /// Lets a device show a certificate.
    pub fn put_device(&self, iid: &str, ca_sn: &str, sn: &str) {
        self.change(|world| {
            let now = world.now_ms();
            world.put(iid, seed::device(ca_sn, sn, now, now.saturating_add(1_000_000_000)));
        });
    }

    /// Connects a device. False = it was not let in.
    pub fn connect(&self, iid: &str, client_id: &str, topics: &[&str]) -> bool {
        let topics = topics.iter().map(|&topic| topic.to_owned()).collect();
        self.change(|world| runtime::connect(world, iid, client_id, topics).is_ok())
    }

    /// Ends the connection of a device. False = there is none.
    pub fn disconnect(&self, iid: &str, client_id: &str) -> bool {
        self.change(|world| runtime::close(world, iid, client_id, "closed by the client"))
    }

    /// Lets a device publish a message and returns the id of the message.
    pub fn publish(&self, iid: &str, client_id: &str, topic: &str, payload: &str) -> String {
        self.change(|world| runtime::publish(world, iid, client_id, topic, payload))
    }

    /// Returns the settings.
    pub fn settings(&self) -> Settings {
        self.read(|world| world.settings.clone())
    }

    /// Changes the settings.
    pub fn set(&self, edit: impl FnOnce(&mut Settings)) {
        self.change(|world| edit(&mut world.settings));
    }

    /// Lets a region answer no more, or again.
    pub fn set_outage(&self, region: &str, is_down: bool) {
        self.change(|world| outage(world, region, is_down));
    }

    /// Lets the vendor's inspection look at all regions. Returns the instances whose addresses it took out.
    pub fn inspect(&self) -> Vec<String> {
        self.change(recovery::inspect)
    }

    /// Lets the vendor switch an instance by itself.
    pub fn switch(&self, iid: &str, is_downgraded: bool) {
        self.change(|world| {
            if is_downgraded {
                recovery::take_out(world, iid, None);
            } else {
                recovery::put_back(world, iid);
            }
        });
    }

    /// Returns the ids of the instances whose public addresses are out.
    pub fn downgraded(&self) -> Vec<String> {
        let out = |member: &Member| member.instance.is_downgraded.then(|| member.instance.id.clone());
        self.members().iter().filter_map(out).collect()
    }

    /// Returns what a resolver is told about a domain name.
    pub fn resolve(&self, domain: &str) -> Option<Value> {
        self.read(|world| recovery::resolve(world, domain))
    }

    /// Returns the code that an authority's private key signs for an instance.
    pub fn register_code(&self, iid: &str) -> String {
        self.read(|world| world.register_code(iid))
    }

    /// Returns the serial number of a certificate as the service tells it.
    pub fn serial_number(pem: &str) -> Option<String> {
        Certificate::read(pem).map(|certificate| certificate.sn)
    }

    /// Returns the successful calls that count as messages on the bill.
    pub fn billed(&self) -> u64 {
        self.read(|world| world.billed)
    }

    /// Moves virtual time forward.
    pub fn advance(&self, by: std::time::Duration) {
        self.change(|world| world.clock.advance_ms(i64::try_from(by.as_millis()).unwrap_or(i64::MAX)));
    }

    /// Returns virtual time, in milliseconds since the epoch.
    pub fn now_ms(&self) -> i64 {
        self.read(World::now_ms)
    }
}

/// Lets a region answer no more, or again; inspection may act at once.
pub(super) fn outage(world: &mut World, region: &str, is_down: bool) {
    if is_down {
        world.outages.insert(region.to_owned());
        if world.settings.automatic_inspection {
            recovery::inspect(world);
        }
    } else {
        world.outages.remove(region);
    }
}
