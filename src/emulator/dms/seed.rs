//! Building an instance with everything in it, for tests and rehearsals.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::Serialize;

use super::brokers;
use super::brokers::Batch;
use super::catalog;
use super::model::Group;
use super::model::Instance;
use super::model::Status;
use super::model::Topic;
use super::model::User;
use super::topics;
use super::world::World;

/// An instance to put into the store, ready for use.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct InstanceSeed {
    id: Option<String>,
    name: String,
    engine_version: String,
    product_id: String,
    broker_num: u64,
    storage_space: u64,
    storage_spec_code: String,
    enable_acl: bool,
    zones: Vec<String>,
    tags: BTreeMap<String, String>,
    topics: Vec<(String, u64)>,
    groups: Vec<String>,
    users: Vec<(String, String)>,
    messages: Vec<(String, u64)>,
    /// group, topic, unread messages
    lag: Vec<(String, String, u64)>,
    /// group, client, topics
    clients: Vec<(String, String, Vec<String>)>,
    /// group, number
    dead_letters: Vec<(String, u64)>,
}

impl Default for InstanceSeed {
    fn default() -> Self {
        Self::new("seeded")
    }
}

impl InstanceSeed {
    /// A running 4.8.0 instance with one broker and ACL.
    pub fn new(name: &str) -> Self {
        Self {
            id: None,
            name: name.to_owned(),
            engine_version: "4.8.0".to_owned(),
            product_id: "c6.4u8g.cluster".to_owned(),
            broker_num: 1,
            storage_space: 600,
            storage_spec_code: "dms.physical.storage.high.v2".to_owned(),
            enable_acl: true,
            zones: Vec::new(),
            tags: BTreeMap::new(),
            topics: Vec::new(),
            groups: Vec::new(),
            users: Vec::new(),
            messages: Vec::new(),
            lag: Vec::new(),
            clients: Vec::new(),
            dead_letters: Vec::new(),
        }
    }

    /// Gives the instance this id (a UUID).
    #[must_use]
    pub fn id(mut self, id: &str) -> Self {
        self.id = Some(id.to_owned());
        self
    }

    /// Makes it a 5.x single node.
    #[must_use]
    pub fn v5(mut self) -> Self {
        "5.x".clone_into(&mut self.engine_version);
        "rocketmq.b1.large.1".clone_into(&mut self.product_id);
        self.storage_space = 200;
        self
    }

    /// Sets the flavor.
    #[must_use]
    pub fn flavor(mut self, product_id: &str) -> Self {
        product_id.clone_into(&mut self.product_id);
        self
    }

    /// Sets the number of brokers; the storage grows with it.
    #[must_use]
    pub fn brokers(mut self, count: u64) -> Self {
        self.storage_space = self.storage_space / self.broker_num.max(1) * count.max(1);
        self.broker_num = count.max(1);
        self
    }

    /// Switches ACL on or off.
    #[must_use]
    pub fn acl(mut self, enable: bool) -> Self {
        self.enable_acl = enable;
        self
    }

    /// Adds a tag.
    #[must_use]
    pub fn tag(mut self, key: &str, value: &str) -> Self {
        self.tags.insert(key.to_owned(), value.to_owned());
        self
    }

    /// Adds a topic with so many queues.
    #[must_use]
    pub fn topic(mut self, name: &str, queues: u64) -> Self {
        self.topics.push((name.to_owned(), queues));
        self
    }

    /// Adds a consumer group.
    #[must_use]
    pub fn group(mut self, name: &str) -> Self {
        self.groups.push(name.to_owned());
        self
    }

    /// Adds a user without permissions.
    #[must_use]
    pub fn user(mut self, access_key: &str, secret_key: &str) -> Self {
        self.users.push((access_key.to_owned(), secret_key.to_owned()));
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
    pub(crate) fn plant(&self, world: &mut World) -> String {
        let id = self.id.clone().unwrap_or_else(|| world.new_uuid());
        let region = world.credentials.region.clone();
        let first_zone = catalog::zone_id(&region, &format!("{region}a")).unwrap_or_default();
        let zones: Vec<String> = if self.zones.is_empty() {
            vec![first_zone.to_owned()]
        } else {
            self.zones
                .iter()
                .map(|zone| catalog::zone_id(&region, zone).map_or_else(|| zone.clone(), str::to_owned))
                .collect()
        };
        let instance = Instance {
            id: id.clone(),
            position: world.next_position(),
            name: self.name.clone(),
            description: String::new(),
            engine_version: self.engine_version.clone(),
            product_id: self.product_id.clone(),
            broker_num: self.broker_num,
            total_storage_space: self.storage_space,
            storage_spec_code: self.storage_spec_code.clone(),
            vpc_id: "vpc-demo".to_owned(),
            subnet_id: "subnet-demo".to_owned(),
            security_group_id: "sg-demo".to_owned(),
            available_zones: zones,
            tls_mode: "PLAINTEXT".to_owned(),
            ipv6_enable: false,
            enable_acl: self.enable_acl,
            publicip_ids: Vec::new(),
            enterprise_project_id: "0".to_owned(),
            charging_mode: 1,
            status: Status::Running,
            created_at: world.now_ms(),
            extend_times: 0,
            tags: self.tags.clone(),
            configs: BTreeMap::new(),
            auto_expand: None,
            hidden_reads: 0,
            late_reads: 0,
        };
        world.add_instance(instance);
        self.plant_children(world, &id);
        id
    }

    fn plant_children(&self, world: &mut World, id: &str) {
        let names: Vec<String> = (0..self.broker_num.max(1)).map(|n| format!("broker-{n}")).collect();
        let is_v5 = self.engine_version == "5.x";
        let created_at = world.now_ms();
        for (name, queues) in &self.topics {
            add_topic(world, id, name, *queues);
        }
        for name in &self.groups {
            let group = Group {
                name: name.clone(),
                enabled: true,
                broadcast: false,
                retry_max_time: 16,
                brokers: names.clone(),
                description: String::new(),
                consume_orderly: false,
                created_at,
                offsets: BTreeMap::new(),
                clients: Vec::new(),
            };
            world.put_group(id, group);
        }
        for (access_key, secret_key) in &self.users {
            let user = User {
                access_key: access_key.clone(),
                secret_key: secret_key.clone(),
                white_remote_address: String::new(),
                admin: is_v5,
                default_topic_perm: "DENY".to_owned(),
                default_group_perm: "DENY".to_owned(),
                topic_perms: BTreeMap::new(),
                group_perms: BTreeMap::new(),
            };
            world.put_user(id, user);
        }
        for (topic, count) in &self.messages {
            let batch = Batch { count: *count, body: "seeded".to_owned(), ..Batch::default() };
            brokers::produce(world, id, topic, &batch);
        }
        for (group, topic, unread) in &self.lag {
            brokers::set_lag(world, id, group, topic, *unread, None);
        }
        for (group, client, topics) in &self.clients {
            brokers::connect(world, id, group, client, topics);
        }
        for (group, count) in &self.dead_letters {
            let batch = Batch { count: *count, body: "seeded".to_owned(), ..Batch::default() };
            brokers::add_dead_letters(world, id, group, &batch);
        }
    }
}

/// Adds a topic to all brokers of an instance. False = there is no such instance.
pub(super) fn add_topic(world: &mut World, id: &str, name: &str, queues: u64) -> bool {
    let Some(broker) = world.brokers().get(id) else { return false };
    let topic = Topic {
        name: name.to_owned(),
        permission: "all".to_owned(),
        message_type: (broker.instance.engine_version == "5.x").then(|| "NORMAL".to_owned()),
        description: String::new(),
        brokers: topics::spread(&broker.broker_names(), queues),
        created_at: world.now_ms(),
    };
    world.put_topic(id, topic);
    true
}
