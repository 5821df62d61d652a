//! The store without HTTP: tests look at what is really there and arrange what they need.

use std::fmt;
use std::sync::Arc;

use super::adopt;
use super::adopt::Memory;
use super::brokers;
use super::brokers::Batch;
use super::model::Grant;
use super::model::Group;
use super::model::Instance;
use super::model::Message;
use super::model::Space;
use super::model::Topic;
use super::model::Tunnel;
use super::model::dead_letters_of;
use super::seed::InstanceSeed;
use super::service::ApsaraStack;
use super::settings::Settings;
use super::world::World;
use crate::emulator::host::guard;

/// Direct access to the store of Apsara Stack. Copies go out, changes are committed at once.
#[derive(Clone)]
pub struct Handle {
    service: Arc<ApsaraStack>,
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle").finish_non_exhaustive()
    }
}

impl Handle {
    pub(crate) fn new(service: Arc<ApsaraStack>) -> Self {
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

    /// Returns every instance with everything in it, in the order of their creation.
    pub fn spaces(&self) -> Vec<Space> {
        let mut all: Vec<Space> = self.read(|world| world.spaces().values().cloned().collect());
        all.sort_by_key(|space| space.instance.position);
        all
    }

    /// Returns one instance with everything in it.
    pub fn space(&self, id: &str) -> Option<Space> {
        self.read(|world| world.spaces().get(id).cloned())
    }

    /// Returns every instance, in the order of their creation.
    pub fn instances(&self) -> Vec<Instance> {
        self.spaces().into_iter().map(|space| space.instance).collect()
    }

    /// Returns the topics of an instance.
    pub fn topics(&self, id: &str) -> Vec<Topic> {
        self.space(id).map(|space| space.topics.into_values().collect()).unwrap_or_default()
    }

    /// Returns the groups of an instance.
    pub fn groups(&self, id: &str) -> Vec<Group> {
        self.space(id).map(|space| space.groups.into_values().collect()).unwrap_or_default()
    }

    /// Returns the authorizations of an instance's topics.
    pub fn grants(&self, id: &str) -> Vec<Grant> {
        self.space(id).map(|space| space.grants.into_values().collect()).unwrap_or_default()
    }

    /// Returns how virtual private clouds reach a cluster.
    pub fn tunnel(&self, cluster: &str) -> Tunnel {
        self.read(|world| world.tunnel(cluster))
    }

    /// Returns the number of instances, topics, groups and authorizations together.
    pub fn count(&self) -> usize {
        let of = |space: &Space| 1 + space.topics.len() + space.groups.len() + space.grants.len();
        self.spaces().iter().map(of).sum()
    }

    /// Puts an instance into the store and returns its id.
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

    /// Changes the switches between readings of the documents.
    pub fn set(&self, edit: impl FnOnce(&mut Settings)) {
        self.change(|world| edit(&mut world.settings));
    }

    /// Changes an instance behind everybody's back. False = there is none.
    pub fn edit_instance(&self, id: &str, edit: impl FnOnce(&mut Instance)) -> bool {
        self.change(|world| world.instance_mut(id).map(edit).is_some())
    }

    /// Changes a topic behind everybody's back. False = there is none.
    pub fn edit_topic(&self, id: &str, name: &str, edit: impl FnOnce(&mut Topic)) -> bool {
        self.change(|world| world.topic_mut(id, name).map(edit).is_some())
    }

    /// Changes a group behind everybody's back. False = there is none.
    pub fn edit_group(&self, id: &str, name: &str, edit: impl FnOnce(&mut Group)) -> bool {
        self.change(|world| world.group_mut(id, name).map(edit).is_some())
    }

    /// Removes an instance at once, with everything in it.
    pub fn remove_instance(&self, id: &str) {
        self.change(|world| world.remove_instance(id));
    }

    /// Removes a topic at once; its name is free. False = there is none.
    pub fn remove_topic(&self, id: &str, name: &str) -> bool {
        self.change(|world| world.remove_topic(id, name))
    }

    /// Removes a group. False = there is none.
    pub fn remove_group(&self, id: &str, name: &str) -> bool {
        self.change(|world| world.remove_group(id, name))
    }

    /// Removes an authorization. False = there is none.
    pub fn remove_grant(&self, id: &str, topic: &str, user: &str) -> bool {
        self.change(|world| world.remove_grant(id, topic, user))
    }

    /// Writes messages into a topic. False = there is none.
    pub fn produce(&self, id: &str, topic: &str, count: u64) -> bool {
        self.change(|world| brokers::produce(world, id, topic, &Batch::of(count, "produced")).is_some())
    }

    /// Returns the stored messages of a topic.
    pub fn messages(&self, id: &str, topic: &str) -> Vec<Message> {
        self.space(id).map(|space| space.messages_of(topic).cloned().collect()).unwrap_or_default()
    }

    /// Lets a group be behind in a topic by so many messages. False = one of them is missing.
    pub fn set_lag(&self, id: &str, group: &str, topic: &str, unread: u64) -> bool {
        self.change(|world| brokers::set_lag(world, id, group, topic, unread))
    }

    /// Brings a consumer online. False = the group or a topic is missing.
    pub fn connect(&self, id: &str, group: &str, client_id: &str, topics: &[&str]) -> bool {
        let topics: Vec<String> = topics.iter().map(|&topic| topic.to_owned()).collect();
        self.change(|world| brokers::connect(world, id, group, client_id, &topics))
    }

    /// Takes one consumer of a group offline, or all. Returns how many there were.
    pub fn disconnect(&self, id: &str, group: &str, client_id: Option<&str>) -> usize {
        self.change(|world| brokers::disconnect(world, id, group, client_id)).unwrap_or(0)
    }

    /// Adds dead letters to a group. False = there is none.
    pub fn add_dead_letters(&self, id: &str, group: &str, count: u64) -> bool {
        self.change(|world| brokers::add_dead_letters(world, id, group, &Batch::of(count, "dead")).is_some())
    }

    /// Returns the dead letters of a group.
    pub fn dead_letters(&self, id: &str, group: &str) -> Vec<Message> {
        self.messages(id, &dead_letters_of(group))
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
