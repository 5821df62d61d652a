//! Building an instance with everything in it, for tests.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::Serialize;

use super::brokers;
use super::brokers::Batch;
use super::instances::TOPIC_CAPACITY;
use super::model::ACCOUNT;
use super::model::Grant;
use super::model::Grantee;
use super::model::Group;
use super::model::Instance;
use super::model::Topic;
use super::world::CLUSTERS;
use super::world::World;

/// An instance to put into the store.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct InstanceSeed {
    id: Option<String>,
    name: String,
    cluster: Option<String>,
    namespaced: bool,
    topic_capacity: i64,
    topics: Vec<String>,
    groups: Vec<String>,
    /// topic, account, relation
    grants: Vec<(String, String, i64)>,
    messages: Vec<(String, u64)>,
    /// group, topic, unread messages
    lag: Vec<(String, String, u64)>,
    /// group, client, topics
    clients: Vec<(String, String, Vec<String>)>,
    /// group, number
    dead_letters: Vec<(String, u64)>,
    /// Topics and groups that another account owns.
    foreign: Vec<String>,
}

impl Default for InstanceSeed {
    fn default() -> Self {
        Self::new("seeded")
    }
}

impl InstanceSeed {
    /// An instance with a namespace.
    pub fn new(name: &str) -> Self {
        Self {
            id: None,
            name: name.to_owned(),
            cluster: None,
            namespaced: true,
            topic_capacity: TOPIC_CAPACITY,
            topics: Vec::new(),
            groups: Vec::new(),
            grants: Vec::new(),
            messages: Vec::new(),
            lag: Vec::new(),
            clients: Vec::new(),
            dead_letters: Vec::new(),
            foreign: Vec::new(),
        }
    }

    /// Gives the instance this id.
    #[must_use]
    pub fn id(mut self, id: &str) -> Self {
        self.id = Some(id.to_owned());
        self
    }

    /// Leaves out the namespace.
    #[must_use]
    pub fn without_namespace(mut self) -> Self {
        self.namespaced = false;
        self
    }

    /// Sets the most topics.
    #[must_use]
    pub fn topic_capacity(mut self, most: i64) -> Self {
        self.topic_capacity = most;
        self
    }

    /// Adds a topic.
    #[must_use]
    pub fn topic(mut self, name: &str) -> Self {
        self.topics.push(name.to_owned());
        self
    }

    /// Adds a group.
    #[must_use]
    pub fn group(mut self, name: &str) -> Self {
        self.groups.push(name.to_owned());
        self
    }

    /// Lets another account own a topic or group.
    #[must_use]
    pub fn foreign(mut self, name: &str) -> Self {
        self.foreign.push(name.to_owned());
        self
    }

    /// Authorizes another account to use a topic.
    #[must_use]
    pub fn grant(mut self, topic: &str, account: &str, relation: i64) -> Self {
        self.grants.push((topic.to_owned(), account.to_owned(), relation));
        self
    }

    /// Puts messages into a topic.
    #[must_use]
    pub fn messages(mut self, topic: &str, count: u64) -> Self {
        self.messages.push((topic.to_owned(), count));
        self
    }

    /// Lets a group be behind in a topic.
    #[must_use]
    pub fn lag(mut self, group: &str, topic: &str, unread: u64) -> Self {
        self.lag.push((group.to_owned(), topic.to_owned(), unread));
        self
    }

    /// Brings a consumer online.
    #[must_use]
    pub fn client(mut self, group: &str, client_id: &str, topics: &[&str]) -> Self {
        let topics = topics.iter().map(|&topic| topic.to_owned()).collect();
        self.clients.push((group.to_owned(), client_id.to_owned(), topics));
        self
    }

    /// Adds dead letters to a group.
    #[must_use]
    pub fn dead_letters(mut self, group: &str, count: u64) -> Self {
        self.dead_letters.push((group.to_owned(), count));
        self
    }

    /// Puts everything into the world and returns the instance's id.
    pub(super) fn plant(&self, world: &mut World) -> String {
        let id = self.id.clone().unwrap_or_else(|| world.new_instance_id());
        let [first, ..] = CLUSTERS;
        let created_at = world.now_ms();
        let instance = Instance {
            id: id.clone(),
            position: world.next_position(),
            name: self.name.clone(),
            cluster: self.cluster.clone().unwrap_or_else(|| first.to_owned()),
            namespaced: self.namespaced,
            max_send_tps: 1000,
            max_receive_tps: 1000,
            topic_capacity: self.topic_capacity,
            remark: String::new(),
            created_at,
            hidden_reads: 0,
        };
        world.put_instance(instance);
        let owner = |name: &String| if self.foreign.contains(name) { "9999" } else { ACCOUNT }.to_owned();
        for name in &self.topics {
            world.put_topic(&id, topic(name, owner(name), created_at));
        }
        for name in &self.groups {
            world.put_group(&id, group(name, owner(name), created_at));
        }
        for (topic, user, relation) in &self.grants {
            let (topic, user) = (topic.clone(), user.clone());
            world.put_grant(
                &id,
                Grant { topic, user, kind: Grantee::Account, relation: *relation, created_at },
            );
        }
        for (topic, count) in &self.messages {
            brokers::produce(world, &id, topic, &Batch::of(*count, "seeded"));
        }
        for (group, topic, unread) in &self.lag {
            brokers::set_lag(world, &id, group, topic, *unread);
        }
        for (group, client, topics) in &self.clients {
            brokers::connect(world, &id, group, client, topics);
        }
        for (group, count) in &self.dead_letters {
            brokers::add_dead_letters(world, &id, group, &Batch::of(*count, "seeded"));
        }
        id
    }
}

/// A normal topic that nobody has used.
pub(super) fn topic(name: &str, owner: String, created_at: i64) -> Topic {
    Topic {
        name: name.to_owned(),
        order_type: 0,
        perm: 6,
        remark: String::new(),
        owner,
        created_at,
        min_offset: 0,
        max_offset: 0,
        last_message_time: 0,
    }
}

/// A group that nobody has used.
pub(super) fn group(name: &str, owner: String, created_at: i64) -> Group {
    Group {
        name: name.to_owned(),
        remark: String::new(),
        owner,
        created_at,
        read_enabled: true,
        used: false,
        progress: BTreeMap::new(),
        clients: Vec::new(),
    }
}
