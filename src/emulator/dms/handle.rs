//! The store without HTTP: tests look at what is really there and arrange what they need.

use std::fmt;
use std::sync::Arc;

use super::adopt;
use super::adopt::Memory;
use super::brokers;
use super::brokers::Batch;
use super::dialect::Dialect;
use super::jobs;
use super::model::Broker;
use super::model::Group;
use super::model::Instance;
use super::model::Message;
use super::model::Status;
use super::model::Topic;
use super::model::User;
use super::seed;
use super::seed::InstanceSeed;
use super::service::Dms;
use super::world::World;
use crate::emulator::host::guard;

/// Direct access to the store of DMS. Copies go out, changes are committed at once.
#[derive(Clone)]
pub struct Handle {
    service: Arc<Dms>,
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle").finish_non_exhaustive()
    }
}

impl Handle {
    pub(crate) fn new(service: Arc<Dms>) -> Self {
        Self { service }
    }

    fn read<T>(&self, look: impl FnOnce(&World) -> T) -> T {
        let mut world = guard(&self.service.world);
        jobs::settle(&mut world);
        world.flush();
        look(&world)
    }

    fn change<T>(&self, act: impl FnOnce(&mut World) -> T) -> T {
        let mut world = guard(&self.service.world);
        jobs::settle(&mut world);
        let result = act(&mut world);
        world.flush();
        result
    }

    /// Returns every instance with everything in it, in the order of their creation.
    pub fn brokers(&self) -> Vec<Broker> {
        let mut all: Vec<Broker> = self.read(|world| world.brokers().values().cloned().collect());
        all.sort_by_key(|broker| broker.instance.position);
        all
    }

    /// Returns one instance with everything in it.
    pub fn broker(&self, id: &str) -> Option<Broker> {
        self.read(|world| world.brokers().get(id).cloned())
    }

    /// Returns every instance, in the order of their creation.
    pub fn instances(&self) -> Vec<Instance> {
        self.brokers().into_iter().map(|broker| broker.instance).collect()
    }

    /// Returns the first instance of this name.
    pub fn instance_named(&self, name: &str) -> Option<Instance> {
        self.instances().into_iter().find(|instance| instance.name == name)
    }

    /// Returns the topics of an instance without those that the service made.
    pub fn topics(&self, id: &str) -> Vec<Topic> {
        let all = self.broker(id).map(|broker| broker.topics).unwrap_or_default();
        all.into_values().filter(|topic| !topic.is_internal()).collect()
    }

    /// Returns the consumer groups of an instance.
    pub fn groups(&self, id: &str) -> Vec<Group> {
        self.broker(id).map(|b| b.groups.into_values().collect()).unwrap_or_default()
    }

    /// Returns the users of an instance, secrets included.
    pub fn users(&self, id: &str) -> Vec<User> {
        self.broker(id).map(|b| b.users.into_values().collect()).unwrap_or_default()
    }

    /// Returns the number of instances, topics, groups and users together.
    pub fn count(&self) -> usize {
        self.brokers()
            .iter()
            .map(|broker| {
                let topics = broker.topics.values().filter(|topic| !topic.is_internal()).count();
                1 + topics + broker.groups.len() + broker.users.len()
            })
            .sum()
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

    /// Adds a topic to all brokers of an instance. False = there is no such instance.
    pub fn add_topic(&self, id: &str, name: &str, queues: u64) -> bool {
        self.change(|world| seed::add_topic(world, id, name, queues))
    }

    /// Changes a topic behind everybody's back. False = there is none.
    pub fn edit_topic(&self, id: &str, name: &str, edit: impl FnOnce(&mut Topic)) -> bool {
        self.change(|world| world.topic_mut(id, name).map(edit).is_some())
    }

    /// Changes a group behind everybody's back. False = there is none.
    pub fn edit_group(&self, id: &str, name: &str, edit: impl FnOnce(&mut Group)) -> bool {
        self.change(|world| world.group_mut(id, name).map(edit).is_some())
    }

    /// Changes a user behind everybody's back. False = there is none.
    pub fn edit_user(&self, id: &str, name: &str, edit: impl FnOnce(&mut User)) -> bool {
        self.change(|world| {
            let user = world.brokers().get(id).and_then(|broker| broker.users.get(name)).cloned();
            user.is_some_and(|mut user| {
                edit(&mut user);
                world.put_user(id, user);
                true
            })
        })
    }

    /// Changes an instance behind everybody's back. False = there is none.
    pub fn edit_instance(&self, id: &str, edit: impl FnOnce(&mut Instance)) -> bool {
        self.change(|world| world.instance_mut(id).map(edit).is_some())
    }

    /// Sets the state of an instance.
    pub fn set_status(&self, id: &str, status: Status) -> bool {
        self.edit_instance(id, |instance| instance.status = status)
    }

    /// Removes an instance at once, with everything in it.
    pub fn remove_instance(&self, id: &str) {
        self.change(|world| world.remove_instance(id));
    }

    /// Removes a topic. False = there is none.
    pub fn remove_topic(&self, id: &str, name: &str) -> bool {
        self.change(|world| world.remove_topic(id, name))
    }

    /// Removes a group. False = there is none.
    pub fn remove_group(&self, id: &str, name: &str) -> bool {
        self.change(|world| world.remove_group(id, name))
    }

    /// Removes a user. False = there is none.
    pub fn remove_user(&self, id: &str, name: &str) -> bool {
        self.change(|world| world.remove_user(id, name))
    }

    /// Writes messages into a topic. False = there is none.
    pub fn produce(&self, id: &str, topic: &str, count: u64) -> bool {
        let batch = Batch { count, body: "produced".to_owned(), ..Batch::default() };
        self.change(|world| brokers::produce(world, id, topic, &batch).is_some())
    }

    /// Returns the stored messages of a topic.
    pub fn messages(&self, id: &str, topic: &str) -> Vec<Message> {
        let all = self.broker(id).map(|broker| broker.messages).unwrap_or_default();
        all.into_values().filter(|message| message.topic == topic).collect()
    }

    /// Lets a group be behind in a topic by so many messages. False = one of them is missing.
    pub fn set_lag(&self, id: &str, group: &str, topic: &str, unread: u64) -> bool {
        self.change(|world| brokers::set_lag(world, id, group, topic, unread, None))
    }

    /// Lets a group be behind in one queue. False = one of them is missing.
    pub fn set_queue_lag(
        &self,
        id: &str,
        (group, topic): (&str, &str),
        (broker, queue): (&str, u64),
        unread: u64,
    ) -> bool {
        self.change(|world| brokers::set_lag(world, id, group, topic, unread, Some((broker, queue))))
    }

    /// Lets a group read everything in a topic.
    pub fn drain(&self, id: &str, group: &str, topic: &str) -> bool {
        self.change(|world| brokers::drain(world, id, group, topic))
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
        let batch = Batch { count, body: "dead".to_owned(), ..Batch::default() };
        self.change(|world| brokers::add_dead_letters(world, id, group, &batch).is_some())
    }

    /// Removes the dead letters of a group. False = there are none.
    pub fn clear_dead_letters(&self, id: &str, group: &str) -> bool {
        self.change(|world| brokers::clear_dead_letters(world, id, group))
    }

    /// Begins to restart an instance and returns the id of the job. None = it cannot be restarted now.
    pub fn restart(&self, id: &str) -> Option<String> {
        self.change(|world| super::misc::start_restart(world, id).ok())
    }

    /// Begins a diagnosis of a group's clients and returns the id of the report. None = there is no such group.
    pub fn diagnose(&self, id: &str, group: &str) -> Option<String> {
        self.change(|world| super::diagnosis::begin(world, id, group, Vec::new()))
    }

    /// Moves virtual time forward.
    pub fn advance(&self, by: std::time::Duration) {
        self.change(|world| {
            world.clock.advance_ms(i64::try_from(by.as_millis()).unwrap_or(i64::MAX));
            jobs::settle(world);
        });
    }

    /// Lets every job end now, also one that would never end.
    pub fn end_jobs(&self) {
        self.change(jobs::end_all);
    }

    /// Returns virtual time, in milliseconds since the epoch.
    pub fn now_ms(&self) -> i64 {
        self.read(World::now_ms)
    }

    /// Allows or refuses two instances of the same name.
    pub fn set_unique_instance_names(&self, unique: bool) {
        self.change(|world| world.settings.unique_instance_names = unique);
    }

    /// Shows secrets of users as asterisks even in single reads, or as they are.
    pub fn set_mask_secrets(&self, mask: bool) {
        self.change(|world| world.settings.mask_secrets = mask);
    }

    /// Behaves like the service of one cloud, or like any.
    pub fn set_dialect(&self, dialect: Dialect) {
        self.change(|world| world.settings.dialect = dialect);
    }

    /// Sets the most instances of the project.
    pub fn set_instance_quota(&self, instances: u64) {
        self.change(|world| world.settings.instance_quota = instances);
    }

    /// Sets the most topics and groups of an instance; 0 = what the flavor says.
    pub fn set_quotas(&self, topics: u64, groups: u64) {
        self.change(|world| {
            world.settings.topic_quota = topics;
            world.settings.group_quota = groups;
        });
    }
}
