//! What the service holds: instances with their topics, groups, authorizations and messages. Plain data.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde::Deserialize;
use serde::Serialize;

/// The account that owns what the demo keys create.
pub(crate) const ACCOUNT: &str = "1234567890123456";

/// An instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instance {
    /// Its id, made by the service.
    pub id: String,
    /// Its place in the order of creation.
    pub position: u64,
    /// Its name.
    pub name: String,
    /// The cluster that it lives in.
    pub cluster: String,
    /// Whether its topics and groups have a namespace of their own.
    pub namespaced: bool,
    /// Most messages per second that it takes.
    pub max_send_tps: i64,
    /// Most messages per second that it hands out.
    pub max_receive_tps: i64,
    /// Most topics.
    pub topic_capacity: i64,
    /// A text.
    pub remark: String,
    /// When it was created, in milliseconds since 1970.
    pub created_at: i64,
    /// Reads and lists that do not see it yet.
    #[serde(default)]
    pub hidden_reads: u32,
}

/// A topic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topic {
    /// Its name.
    pub name: String,
    /// The kind of messages: 0, 1, 2, 4 or 5.
    pub order_type: i64,
    /// Who may do what: 6, 4 or 2.
    pub perm: i64,
    /// A text.
    pub remark: String,
    /// The account that owns it.
    pub owner: String,
    /// When it was created, in milliseconds since 1970.
    pub created_at: i64,
    /// Where the oldest message stands.
    pub min_offset: u64,
    /// Where the next message will stand.
    pub max_offset: u64,
    /// When the last message was stored, 0 if there never was one.
    pub last_message_time: i64,
}

/// How far a group has read a topic.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Where the next message to read stands.
    pub offset: u64,
    /// When the last message that was read had been stored.
    pub last_timestamp: i64,
}

/// A consumer that is online.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    /// Its id.
    pub id: String,
    /// Where it connects from.
    pub address: String,
    /// What it has subscribed to.
    pub topics: BTreeSet<String>,
    /// When it came online.
    pub since: i64,
}

/// A group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Its id.
    pub name: String,
    /// A text.
    pub remark: String,
    /// The account that owns it.
    pub owner: String,
    /// When it was created, in milliseconds since 1970.
    pub created_at: i64,
    /// Whether it may read.
    pub read_enabled: bool,
    /// Whether a client ever used it.
    pub used: bool,
    /// How far it has read each topic.
    pub progress: BTreeMap<String, Progress>,
    /// Its consumers.
    pub clients: Vec<Client>,
}

impl Group {
    /// How many messages of a topic it has not read.
    pub(crate) fn behind(&self, topic: &Topic) -> u64 {
        self.progress.get(&topic.name).map_or(0, |at| topic.max_offset.saturating_sub(at.offset))
    }

    /// Whether a consumer is online.
    pub(crate) fn is_online(&self) -> bool {
        !self.clients.is_empty()
    }
}

/// Who holds an authorization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grantee {
    /// Another account.
    Account,
    /// A RAM user.
    RamUser,
}

/// An authorization of a topic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// The topic.
    pub topic: String,
    /// The id of the account or RAM user: decimal digits.
    pub user: String,
    /// What that id names.
    pub kind: Grantee,
    /// 2 publish, 4 subscribe, 6 both.
    pub relation: i64,
    /// When it was granted, in milliseconds since 1970.
    pub created_at: i64,
}

/// A stored message. A dead letter stands in the topic `%DLQ%` followed by its group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Its place in the order of everything.
    pub position: u64,
    /// Its id: 32 hexadecimal digits in capitals.
    pub id: String,
    /// The topic that it stands in.
    pub topic: String,
    /// Where it stands there.
    pub offset: u64,
    /// Its text.
    pub body: String,
    /// Its properties, `KEYS` and `TAGS` among them.
    pub properties: BTreeMap<String, String>,
    /// When it was stored, in milliseconds since 1970.
    pub stored_at: i64,
    /// How often it was delivered again.
    pub reconsume_times: u64,
    /// How often it was resent from the dead-letter queue.
    #[serde(default)]
    pub resent: u64,
}

/// The topic that holds the dead letters of a group.
pub(crate) fn dead_letters_of(group: &str) -> String {
    format!("%DLQ%{group}")
}

/// A deleted topic whose name is not free yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Recycling {
    /// When it is free, in milliseconds of virtual time.
    pub(crate) until: i64,
    /// How often somebody tried to take it.
    pub(crate) tries: u32,
}

/// How virtual private clouds reach a cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tunnel {
    /// `anyTunnel` or `singleTunnel`.
    pub kind: String,
    /// The address of the name servers.
    pub vip: String,
    /// How often it was switched.
    pub switches: u64,
}

/// An instance with everything in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Space {
    /// The instance.
    pub instance: Instance,
    /// Its topics by name.
    pub topics: BTreeMap<String, Topic>,
    /// Its groups by id.
    pub groups: BTreeMap<String, Group>,
    /// Authorizations by topic and grantee.
    pub grants: BTreeMap<(String, String), Grant>,
    /// Messages by position.
    pub messages: BTreeMap<u64, Message>,
    pub(crate) recycling: BTreeMap<String, Recycling>,
}

impl Space {
    pub(crate) fn new(instance: Instance) -> Self {
        Self {
            instance,
            topics: BTreeMap::new(),
            groups: BTreeMap::new(),
            grants: BTreeMap::new(),
            messages: BTreeMap::new(),
            recycling: BTreeMap::new(),
        }
    }

    /// The messages of a topic in the order in which they were stored.
    pub(crate) fn messages_of<'a>(&'a self, topic: &'a str) -> impl Iterator<Item = &'a Message> {
        self.messages.values().filter(move |message| message.topic == topic)
    }

    /// The groups with a consumer that has subscribed to the topic.
    pub(crate) fn subscribers<'a>(&'a self, topic: &'a str) -> impl Iterator<Item = &'a Group> {
        self.groups
            .values()
            .filter(move |group| group.clients.iter().any(|client| client.topics.contains(topic)))
    }
}
