//! Building an instance with everything in it, for tests and rehearsals.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::Serialize;

use super::model::Account;
use super::model::Group;
use super::model::Instance;
use super::model::RetryPolicy;
use super::model::Topic;
use super::runtime;
use super::runtime::Batch;
use super::world::REGION;
use super::world::World;

/// An instance to put into the store, ready for use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct InstanceSeed {
    id: Option<String>,
    name: String,
    region: String,
    series: String,
    tags: BTreeMap<String, String>,
    /// name, type of messages
    topics: Vec<(String, String)>,
    groups: Vec<String>,
    /// user name, password
    accounts: Vec<(String, String)>,
    /// topic, number
    messages: Vec<(String, u64)>,
    /// group, topic, unread messages
    lag: Vec<(String, String, u64)>,
    /// group, client, topics
    clients: Vec<(String, String, Vec<String>)>,
}

impl Default for InstanceSeed {
    fn default() -> Self {
        Self::new("seeded")
    }
}

impl InstanceSeed {
    /// A running instance of the standard series.
    pub fn new(name: &str) -> Self {
        Self {
            id: None,
            name: name.to_owned(),
            region: REGION.to_owned(),
            series: "standard".to_owned(),
            tags: BTreeMap::new(),
            topics: Vec::new(),
            groups: Vec::new(),
            accounts: Vec::new(),
            messages: Vec::new(),
            lag: Vec::new(),
            clients: Vec::new(),
        }
    }

    /// Gives the instance this id.
    #[must_use]
    pub fn id(mut self, id: &str) -> Self {
        self.id = Some(id.to_owned());
        self
    }

    /// Puts it into a region.
    #[must_use]
    pub fn region(mut self, region: &str) -> Self {
        region.clone_into(&mut self.region);
        self
    }

    /// Adds a tag.
    #[must_use]
    pub fn tag(mut self, key: &str, value: &str) -> Self {
        self.tags.insert(key.to_owned(), value.to_owned());
        self
    }

    /// Adds a topic of normal messages.
    #[must_use]
    pub fn topic(self, name: &str) -> Self {
        self.topic_of(name, "NORMAL")
    }

    /// Adds a topic of this type of messages.
    #[must_use]
    pub fn topic_of(mut self, name: &str, kind: &str) -> Self {
        self.topics.push((name.to_owned(), kind.to_owned()));
        self
    }

    /// Adds a consumer group.
    #[must_use]
    pub fn group(mut self, name: &str) -> Self {
        self.groups.push(name.to_owned());
        self
    }

    /// Adds an account.
    #[must_use]
    pub fn account(mut self, username: &str, password: &str) -> Self {
        self.accounts.push((username.to_owned(), password.to_owned()));
        self
    }

    /// Writes messages into a topic.
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
    pub fn client(mut self, group: &str, client: &str, topics: &[&str]) -> Self {
        let topics = topics.iter().map(|&topic| topic.to_owned()).collect();
        self.clients.push((group.to_owned(), client.to_owned(), topics));
        self
    }

    /// Puts it into the world and returns its id.
    pub(crate) fn plant(self, world: &mut World) -> String {
        let id = self.id.clone().unwrap_or_else(|| world.instance_id());
        let mut instance = new_instance(world, &id, &self.name);
        instance.region.clone_from(&self.region);
        instance.series.clone_from(&self.series);
        instance.tags.clone_from(&self.tags);
        add_instance(world, instance);
        for (name, kind) in &self.topics {
            let topic = new_topic(world, name, kind);
            world.put_topic(&id, topic);
        }
        for name in &self.groups {
            let group = new_group(world, name);
            world.put_group(&id, group);
        }
        for (username, password) in &self.accounts {
            world.put_account(&id, new_account(username, password));
        }
        for (topic, count) in &self.messages {
            let batch = Batch { count: *count, body: "seeded".to_owned(), ..Batch::default() };
            runtime::produce(world, &id, topic, &batch);
        }
        for (group, topic, unread) in &self.lag {
            runtime::set_lag(world, &id, group, topic, *unread);
        }
        for (group, client, topics) in &self.clients {
            runtime::connect(world, &id, group, client, topics);
        }
        id
    }
}

/// Puts an instance with its own account into the world.
pub(super) fn add_instance(world: &mut World, instance: Instance) {
    let id = instance.id.clone();
    let password = world.new_hex();
    let account =
        Account { kind: "DEFAULT".to_owned(), ..new_account(&instance.default_username, &password) };
    world.add_instance(instance);
    world.put_account(&id, account);
}

/// A running instance as a plain order makes it.
pub(super) fn new_instance(world: &mut World, id: &str, name: &str) -> Instance {
    let now = world.now_ms();
    let hex = world.new_hex();
    Instance {
        id: id.to_owned(),
        position: world.next_position(),
        name: name.to_owned(),
        remark: String::new(),
        status: "RUNNING".to_owned(),
        region: REGION.to_owned(),
        series: "standard".to_owned(),
        sub_series: "cluster_ha".to_owned(),
        payment_type: "PayAsYouGo".to_owned(),
        commodity_code: "ons_rmqpost_public_cn".to_owned(),
        period: None,
        period_unit: None,
        auto_renew: false,
        auto_renew_period: None,
        resource_group: "rg-acfm00000default".to_owned(),
        tags: BTreeMap::new(),
        vpc: "vpc-bp1qf0000000000000000".to_owned(),
        vswitches: vec!["vsw-bp1qf0000000000000000".to_owned()],
        security_group: String::new(),
        internet: false,
        flow_out_type: "uninvolved".to_owned(),
        flow_out_bandwidth: None,
        ip_whitelist: Vec::new(),
        spec: Some("rmq.s2.2xlarge".to_owned()),
        retention_hours: 72,
        send_receive_ratio: 0.5,
        auto_scaling: false,
        trace_on: true,
        adaptive_elasticity: false,
        storage_encryption: false,
        storage_secret_key: None,
        capacity_type: None,
        provisioned_capacity: None,
        dr_replication_mode: None,
        acl_types: vec!["default".to_owned()],
        vpc_auth_free: false,
        default_username: hex.get(..16).unwrap_or_default().to_owned(),
        created_at: now,
        updated_at: now,
        hidden_reads: 0,
        client_token: None,
    }
}

/// A topic that is ready.
pub(super) fn new_topic(world: &World, name: &str, kind: &str) -> Topic {
    let now = world.now_ms();
    Topic {
        name: name.to_owned(),
        message_type: kind.to_owned(),
        status: "RUNNING".to_owned(),
        remark: String::new(),
        max_send_tps: None,
        lite_topic_expiration: (kind == "LITE").then_some(-1),
        created_at: now,
        updated_at: now,
    }
}

/// A group that reads concurrently.
pub(super) fn new_group(world: &World, name: &str) -> Group {
    let now = world.now_ms();
    Group {
        name: name.to_owned(),
        status: "RUNNING".to_owned(),
        delivery_order_type: "Concurrently".to_owned(),
        retry: RetryPolicy {
            policy: "DefaultRetryPolicy".to_owned(),
            max_times: 16,
            fixed_interval: None,
            dead_letter_topic: None,
        },
        max_receive_tps: None,
        message_model: "CLUSTERING".to_owned(),
        topic_name: None,
        exclusive: false,
        remark: String::new(),
        created_at: now,
        updated_at: now,
        offsets: BTreeMap::new(),
        inflight: BTreeMap::new(),
        consumed_at: BTreeMap::new(),
        subscriptions: BTreeMap::new(),
        clients: Vec::new(),
    }
}

/// An account that is enabled.
pub(super) fn new_account(username: &str, password: &str) -> Account {
    Account {
        username: username.to_owned(),
        password: password.to_owned(),
        status: "ENABLE".to_owned(),
        remark: String::new(),
        kind: "CUSTOM".to_owned(),
    }
}
