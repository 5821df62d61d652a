//! The store without HTTP: tests look at what is really there and arrange what they need.

use std::fmt;
use std::sync::Arc;

use super::adopt;
use super::adopt::Memory;
use super::model::Account;
use super::model::Broker;
use super::model::Group;
use super::model::Instance;
use super::model::Item;
use super::model::Plan;
use super::model::Topic;
use super::runtime;
use super::runtime::Batch;
use super::seed::InstanceSeed;
use super::service::RocketMq;
use super::settings::Settings;
use super::settle;
use super::world::World;
use crate::emulator::host::guard;

/// Direct access to the store. Copies go out, changes are committed at once.
#[derive(Clone)]
pub struct Handle {
    service: Arc<RocketMq>,
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle").finish_non_exhaustive()
    }
}

impl Handle {
    pub(crate) fn new(service: Arc<RocketMq>) -> Self {
        Self { service }
    }

    fn change<T>(&self, act: impl FnOnce(&mut World) -> T) -> T {
        let mut world = guard(&self.service.world);
        settle::settle(&mut world);
        let result = act(&mut world);
        world.flush();
        result
    }

    /// Returns every live instance with everything in it, in the order of their creation.
    pub fn brokers(&self) -> Vec<Broker> {
        let mut all: Vec<Broker> = self.change(|world| {
            world.brokers().values().filter(|broker| !broker.instance.is_released()).cloned().collect()
        });
        all.sort_by_key(|broker| broker.instance.position);
        all
    }

    /// Returns one instance with everything in it.
    pub fn broker(&self, id: &str) -> Option<Broker> {
        self.change(|world| world.brokers().get(id).cloned())
    }

    /// Returns every live instance, in the order of their creation.
    pub fn instances(&self) -> Vec<Instance> {
        self.brokers().into_iter().map(|broker| broker.instance).collect()
    }

    /// Returns the plans that are not deleted.
    pub fn plans(&self) -> Vec<Plan> {
        self.change(|world| world.plans().values().filter(|plan| !plan.is_deleted()).cloned().collect())
    }

    /// Puts an instance into the store and returns its id.
    pub fn seed_instance(&self, seed: &InstanceSeed) -> String {
        self.change(|world| seed.clone().plant(world))
    }

    /// Puts objects into the store as somebody remembers them.
    ///
    /// # Errors
    /// The first memory that is not understood.
    pub fn adopt(&self, memories: &[Memory]) -> Result<(), serde_json::Error> {
        self.change(|world| adopt::adopt(world, memories))
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

    /// Changes an account behind everybody's back. False = there is none.
    pub fn edit_account(&self, id: &str, name: &str, edit: impl FnOnce(&mut Account)) -> bool {
        self.change(|world| {
            let found = world.brokers().get(id).and_then(|broker| broker.accounts.get(name)).cloned();
            found.is_some_and(|mut account| {
                edit(&mut account);
                world.put_account(id, account);
                true
            })
        })
    }

    /// Changes a plan behind everybody's back. False = there is none.
    pub fn edit_plan(&self, id: u64, edit: impl FnOnce(&mut Plan)) -> bool {
        self.change(|world| world.plan_mut(id).map(edit).is_some())
    }

    /// Changes an item behind everybody's back. False = there is none.
    pub fn edit_item(&self, plan: u64, item: u64, edit: impl FnOnce(&mut Item)) -> bool {
        self.change(|world| {
            world.plan_mut(plan).and_then(|plan| plan.items.get_mut(&item)).map(edit).is_some()
        })
    }

    /// Removes an instance at once, with everything in it.
    pub fn remove_instance(&self, id: &str) {
        self.change(|world| world.remove_instance(id, false));
    }

    /// Removes a topic. False = there is none.
    pub fn remove_topic(&self, id: &str, name: &str) -> bool {
        self.change(|world| world.remove_topic(id, name))
    }

    /// Removes a group. False = there is none.
    pub fn remove_group(&self, id: &str, name: &str) -> bool {
        self.change(|world| world.remove_group(id, name))
    }

    /// Writes messages into a topic. False = there is none.
    pub fn produce(&self, id: &str, topic: &str, count: u64) -> bool {
        let batch = Batch { count, body: "produced".to_owned(), ..Batch::default() };
        self.change(|world| runtime::produce(world, id, topic, &batch).is_some())
    }

    /// Lets a group be behind in a topic by so many messages. False = one of them is missing.
    pub fn set_lag(&self, id: &str, group: &str, topic: &str, unread: u64) -> bool {
        self.change(|world| runtime::set_lag(world, id, group, topic, unread))
    }

    /// Lets a group read everything in a topic. False = one of them is missing.
    pub fn drain(&self, id: &str, group: &str, topic: &str) -> bool {
        self.change(|world| runtime::drain(world, id, group, topic))
    }

    /// Brings a consumer online. False = the group or a topic is missing.
    pub fn connect(&self, id: &str, group: &str, client: &str, topics: &[&str]) -> bool {
        let topics: Vec<String> = topics.iter().map(|&topic| topic.to_owned()).collect();
        self.change(|world| runtime::connect(world, id, group, client, &topics))
    }

    /// Takes one consumer of a group offline, or all. Returns how many there were.
    pub fn disconnect(&self, id: &str, group: &str, client: Option<&str>) -> usize {
        self.change(|world| runtime::disconnect(world, id, group, client)).unwrap_or(0)
    }

    /// Adds dead letters to a group. False = there is none.
    pub fn add_dead_letters(&self, id: &str, group: &str, count: u64) -> bool {
        let batch = Batch { count, body: "dead".to_owned(), ..Batch::default() };
        self.change(|world| runtime::add_dead_letters(world, id, group, &batch).is_some())
    }

    /// Changes the switches.
    pub fn set(&self, edit: impl FnOnce(&mut Settings)) {
        self.change(|world| edit(&mut world.settings));
    }

    /// Moves virtual time forward.
    pub fn advance(&self, by: std::time::Duration) {
        self.change(|world| {
            world.clock.advance_ms(i64::try_from(by.as_millis()).unwrap_or(i64::MAX));
            settle::settle(world);
        });
    }

    /// Lets every change that is under way end now, also one that would never end.
    pub fn end_changes(&self) {
        self.change(settle::end_all);
    }
}
