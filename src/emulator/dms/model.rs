//! The objects of the emulated service as plain data. No rules here, only shapes.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::Serialize;

/// Life-cycle state of an instance, as it is written on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Status {
    /// Being created.
    Creating,
    /// Creation failed; the instance can only be deleted.
    CreateFailed,
    /// In service.
    Running,
    /// Faulty.
    Error,
    /// Restarting.
    Restarting,
    /// Its specification is being changed.
    Extending,
    /// Changing the specification failed.
    ExtendedFailed,
    /// Being deleted.
    Deleting,
}

impl Status {
    /// Returns the text on the wire.
    pub fn text(self) -> &'static str {
        match self {
            Self::Creating => "CREATING",
            Self::CreateFailed => "CREATEFAILED",
            Self::Running => "RUNNING",
            Self::Error => "ERROR",
            Self::Restarting => "RESTARTING",
            Self::Extending => "EXTENDING",
            Self::ExtendedFailed => "EXTENDEDFAILED",
            Self::Deleting => "DELETING",
        }
    }

    /// Whether the state ends by itself.
    pub fn is_passing(self) -> bool {
        matches!(self, Self::Creating | Self::Restarting | Self::Extending | Self::Deleting)
    }
}

/// An instance without its children.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Instance {
    /// UUID.
    pub id: String,
    /// Position among all instances ever created.
    pub position: u64,
    /// Name.
    pub name: String,
    /// Description.
    pub description: String,
    /// `4.8.0` or `5.x`.
    pub engine_version: String,
    /// Flavor.
    pub product_id: String,
    /// Number of brokers.
    pub broker_num: u64,
    /// Storage asked for, in GB.
    pub total_storage_space: u64,
    /// Disk type.
    pub storage_spec_code: String,
    /// VPC.
    pub vpc_id: String,
    /// Subnet.
    pub subnet_id: String,
    /// Security group.
    pub security_group_id: String,
    /// Ids of availability zones.
    pub available_zones: Vec<String>,
    /// `PLAINTEXT`, `SSL` or `PERMISSIVE`.
    pub tls_mode: String,
    /// Whether IPv6 is on.
    pub ipv6_enable: bool,
    /// Whether users and their permissions are checked.
    pub enable_acl: bool,
    /// Public addresses; empty = no public access.
    pub publicip_ids: Vec<String>,
    /// Enterprise project.
    pub enterprise_project_id: String,
    /// 1 = pay per use, 0 = yearly or monthly.
    pub charging_mode: u64,
    /// State.
    pub status: Status,
    /// Creation time, milliseconds of virtual time.
    pub created_at: i64,
    /// How often the storage grew.
    pub extend_times: u64,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// Parameters that differ from their defaults.
    pub configs: BTreeMap<String, String>,
    /// Automatic growth of the disk, as the caller sent it.
    pub auto_expand: Option<serde_json::Value>,
    /// Reads that still answer 404.
    #[serde(default)]
    pub hidden_reads: u32,
    /// Reads that still answer RUNNING.
    #[serde(default)]
    pub late_reads: u32,
}

/// What a broker holds of a topic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopicBroker {
    /// `broker-N`.
    pub name: String,
    /// Queues that consumers read.
    pub read_queue_num: u64,
    /// Queues that producers write.
    pub write_queue_num: u64,
    /// The queues by id; there are as many as the larger of the two numbers ever was.
    pub queues: Vec<Queue>,
}

/// Offsets of one queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queue {
    /// First offset that is still stored.
    pub min_offset: u64,
    /// Offset of the next message.
    pub max_offset: u64,
    /// When the last message was stored, milliseconds of virtual time; 0 = never.
    pub last_message_time: i64,
}

/// A topic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topic {
    /// Name.
    pub name: String,
    /// `all`, `pub` or `sub`.
    pub permission: String,
    /// `NORMAL`, `FIFO`, `DELAY` or `TRANSACTION`; absent on 4.8.0.
    pub message_type: Option<String>,
    /// Description (5.x).
    pub description: String,
    /// Brokers that hold the topic.
    pub brokers: Vec<TopicBroker>,
    /// Creation time.
    pub created_at: i64,
}

impl Topic {
    /// Returns the number of queues that consumers read, over all brokers.
    pub fn read_queues(&self) -> u64 {
        self.brokers.iter().map(|broker| broker.read_queue_num).sum()
    }

    /// Returns the number of queues that producers write, over all brokers.
    pub fn write_queues(&self) -> u64 {
        self.brokers.iter().map(|broker| broker.write_queue_num).sum()
    }

    /// Whether the service made this topic for a group (`%DLQ%…`, `%RETRY%…`).
    pub fn is_internal(&self) -> bool {
        self.name.starts_with("%DLQ%") || self.name.starts_with("%RETRY%")
    }

    /// Returns the sum of the queues' end offsets.
    pub fn max_offset(&self) -> u64 {
        self.brokers.iter().flat_map(|broker| &broker.queues).map(|queue| queue.max_offset).sum()
    }
}

/// A consumer that is online.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    /// Client id.
    pub id: String,
    /// Address.
    pub address: String,
    /// Topics that it consumes.
    pub topics: Vec<String>,
}

/// A consumer group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Name.
    pub name: String,
    /// Whether consuming is allowed.
    pub enabled: bool,
    /// Whether every client gets every message.
    pub broadcast: bool,
    /// Most retries.
    pub retry_max_time: u64,
    /// Brokers (4.8.0).
    pub brokers: Vec<String>,
    /// Description.
    pub description: String,
    /// Orderly consuming (5.x).
    pub consume_orderly: bool,
    /// Creation time.
    pub created_at: i64,
    /// Consumed offsets: topic → broker → queue id → offset.
    pub offsets: BTreeMap<String, BTreeMap<String, BTreeMap<u64, u64>>>,
    /// Clients that are online.
    pub clients: Vec<Client>,
}

/// A user of an instance with ACL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Name.
    pub access_key: String,
    /// Secret.
    pub secret_key: String,
    /// Addresses that need no keys.
    pub white_remote_address: String,
    /// Whether everything is allowed.
    pub admin: bool,
    /// Permission for topics without their own entry.
    pub default_topic_perm: String,
    /// Permission for groups without their own entry.
    pub default_group_perm: String,
    /// Topic → permission.
    pub topic_perms: BTreeMap<String, String>,
    /// Group → permission.
    pub group_perms: BTreeMap<String, String>,
}

/// State of a background task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum TaskStatus {
    /// Waiting or running.
    Created,
    /// Running.
    Executing,
    /// Done.
    Success,
    /// Failed.
    Failed,
}

impl TaskStatus {
    /// Returns the text on the wire.
    pub fn text(self) -> &'static str {
        match self {
            Self::Created => "CREATED",
            Self::Executing => "EXECUTING",
            Self::Success => "SUCCESS",
            Self::Failed => "FAILED",
        }
    }

    /// Whether the task has ended.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Success | Self::Failed)
    }
}

/// A background task of an instance, and what it does when its time has come.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// `job_id`.
    pub id: String,
    /// Position among all tasks ever started.
    pub position: u64,
    /// Name as the service lists it.
    pub name: String,
    /// Parameters as JSON.
    pub params: serde_json::Value,
    /// State.
    pub status: TaskStatus,
    /// State that a running task shows.
    pub running_status: TaskStatus,
    /// Start, milliseconds of virtual time.
    pub created_at: i64,
    /// Last change.
    pub updated_at: i64,
    /// When it ends.
    pub due_at: i64,
    /// How often somebody has looked at it.
    pub polls: u32,
    /// How many times longer than usual it takes; 0 = for ever.
    pub factor: u32,
    /// Whether it will fail.
    pub fails: bool,
    /// Whether the task list shows it.
    pub listed: bool,
    /// Whether it keeps other changes of the instance away.
    pub blocks: bool,
    /// What it does.
    pub effect: Effect,
}

/// What a task does when it ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "effect", rename_all = "snake_case")]
pub enum Effect {
    /// The instance comes into service.
    Create,
    /// The instance vanishes with its children.
    Delete,
    /// Back to RUNNING, nothing else.
    Restart,
    /// Public addresses are bound.
    BindPublicIp {
        /// Their ids.
        ids: Vec<String>,
    },
    /// Public addresses are released.
    UnbindPublicIp,
    /// The TLS mode changes.
    Tls {
        /// The new mode.
        mode: String,
    },
    /// The specification changes.
    Extend {
        /// New total storage.
        storage: Option<u64>,
        /// New number of brokers.
        brokers: Option<u64>,
        /// New flavor.
        product_id: Option<String>,
        /// Further public addresses.
        publicip_ids: Vec<String>,
    },
    /// Topics are deleted.
    DeleteTopics {
        /// Their names.
        names: Vec<String>,
    },
    /// Groups are deleted.
    DeleteGroups {
        /// Their names.
        names: Vec<String>,
    },
    /// Groups are changed.
    UpdateGroups {
        /// Their new settings.
        groups: Vec<Group>,
    },
    /// A metadata migration goes on to its end.
    Migrate {
        /// The migration task.
        id: String,
    },
    /// A diagnosis comes to its end.
    Diagnose {
        /// The report.
        id: String,
    },
}

/// A metadata migration task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Migration {
    /// Id.
    pub id: String,
    /// Position among all migration tasks.
    pub position: u64,
    /// Name.
    pub name: String,
    /// `rocketmq` or `rabbitToRocket`.
    pub kind: String,
    /// Whether existing objects are changed.
    pub overwrite: bool,
    /// `creating`, `starting`, `finished` or `failed`.
    pub status: String,
    /// Start time.
    pub start_date: String,
    /// The submitted metadata, keys in camel case.
    pub content: serde_json::Value,
}

/// A report of a diagnosis.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Id.
    pub id: String,
    /// Position among all reports.
    pub position: u64,
    /// The consumer group.
    pub group: String,
    /// What was asked about.
    pub nodes: Vec<String>,
    /// `diagnosing`, `finished` or `failed`.
    pub status: String,
    /// When it was begun, milliseconds of virtual time.
    pub created_at: i64,
}

/// A stored message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Message id.
    pub id: String,
    /// Position among the messages of its instance.
    pub position: u64,
    /// Topic.
    pub topic: String,
    /// Body.
    pub body: String,
    /// Properties (`KEYS`, `TAGS`, `UNIQ_KEY`, …).
    pub properties: BTreeMap<String, String>,
    /// Broker.
    pub broker: String,
    /// Queue.
    pub queue_id: u64,
    /// Offset in the queue.
    pub queue_offset: u64,
    /// When it was made.
    pub born_timestamp: i64,
    /// When it was stored.
    pub store_timestamp: i64,
    /// How often it was consumed again.
    pub reconsume_times: u64,
}

/// An instance with everything in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Broker {
    /// The instance itself.
    pub instance: Instance,
    /// Topics by name, internal ones included.
    pub topics: BTreeMap<String, Topic>,
    /// Consumer groups by name.
    pub groups: BTreeMap<String, Group>,
    /// Users by access key.
    pub users: BTreeMap<String, User>,
    /// Tasks by id.
    pub tasks: BTreeMap<String, Task>,
    /// Migration tasks by id.
    pub migrations: BTreeMap<String, Migration>,
    /// Messages by position.
    pub messages: BTreeMap<u64, Message>,
    /// Reports of diagnoses by id.
    #[serde(default)]
    pub reports: BTreeMap<String, Report>,
}

impl Broker {
    /// An instance without children.
    pub fn new(instance: Instance) -> Self {
        Self {
            instance,
            topics: BTreeMap::new(),
            groups: BTreeMap::new(),
            users: BTreeMap::new(),
            tasks: BTreeMap::new(),
            migrations: BTreeMap::new(),
            messages: BTreeMap::new(),
            reports: BTreeMap::new(),
        }
    }

    /// Returns the names of the instance's brokers.
    pub fn broker_names(&self) -> Vec<String> {
        (0..self.instance.broker_num.max(1)).map(|n| format!("broker-{n}")).collect()
    }
}
