//! The objects of the service.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::Serialize;

/// An instance with everything in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Broker {
    /// The instance itself.
    pub instance: Instance,
    /// Topics by name.
    pub topics: BTreeMap<String, Topic>,
    /// Consumer groups by name.
    pub groups: BTreeMap<String, Group>,
    /// Accounts by user name.
    pub accounts: BTreeMap<String, Account>,
    /// Access rules by user name, kind and name of the resource.
    pub acls: BTreeMap<String, Acl>,
    /// Messages by position.
    pub messages: BTreeMap<u64, Message>,
}

impl Broker {
    pub(crate) fn new(instance: Instance) -> Self {
        Self {
            instance,
            topics: BTreeMap::new(),
            groups: BTreeMap::new(),
            accounts: BTreeMap::new(),
            acls: BTreeMap::new(),
            messages: BTreeMap::new(),
        }
    }
}

/// An instance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "the vendor's switches")]
pub struct Instance {
    /// `rmq-cn-…`.
    pub id: String,
    /// The order of creation.
    pub position: u64,
    /// The name; not unique.
    pub name: String,
    /// A note.
    pub remark: String,
    /// `CREATING`, `CHANGING`, `RUNNING`, `STOPPED` or `RELEASED`.
    pub status: String,
    /// Where it is.
    pub region: String,
    /// `standard`, `professional` or `ultimate`.
    pub series: String,
    /// `single_node`, `cluster_ha` or `serverless`.
    pub sub_series: String,
    /// `PayAsYouGo` or `Subscription`.
    pub payment_type: String,
    /// The product that is ordered.
    pub commodity_code: String,
    /// How long a subscription lasts.
    pub period: Option<u64>,
    /// `Month` or `Year`.
    pub period_unit: Option<String>,
    /// Whether a subscription goes on by itself.
    pub auto_renew: bool,
    /// For how many months.
    pub auto_renew_period: Option<u64>,
    /// The resource group.
    pub resource_group: String,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// The private network.
    pub vpc: String,
    /// Its switches.
    pub vswitches: Vec<String>,
    /// The security group, empty for none.
    pub security_group: String,
    /// Whether it is reachable from the Internet.
    pub internet: bool,
    /// How traffic is paid for.
    pub flow_out_type: String,
    /// Paid bandwidth in Mbit/s.
    pub flow_out_bandwidth: Option<u64>,
    /// Who may connect, as addresses and networks.
    pub ip_whitelist: Vec<String>,
    /// What it can take, such as `rmq.s1.micro`.
    pub spec: Option<String>,
    /// Hours that messages are kept.
    pub retention_hours: u64,
    /// The share of sending in all traffic.
    pub send_receive_ratio: f64,
    /// Bursts above the specification.
    pub auto_scaling: bool,
    /// Traces of messages.
    pub trace_on: bool,
    /// Elastic adaption.
    pub adaptive_elasticity: bool,
    /// Encrypted storage.
    pub storage_encryption: bool,
    /// The key of encrypted storage.
    pub storage_secret_key: Option<String>,
    /// `provisioned` or `ondemand`.
    pub capacity_type: Option<String>,
    /// Provisioned capacity.
    pub provisioned_capacity: Option<u64>,
    /// How replicas are kept.
    pub dr_replication_mode: Option<String>,
    /// `default`, `apache_acl`, `aliyun_ram`.
    pub acl_types: Vec<String>,
    /// Whether clients in the private network need no account.
    pub vpc_auth_free: bool,
    /// The account that every instance has.
    pub default_username: String,
    /// Milliseconds since the epoch.
    pub created_at: i64,
    /// Milliseconds since the epoch.
    pub updated_at: i64,
    /// Reads that do not see it yet.
    #[serde(default)]
    pub hidden_reads: u32,
    /// What the creating call gave as its token.
    #[serde(default)]
    pub client_token: Option<String>,
}

impl Instance {
    pub(crate) fn is_released(&self) -> bool {
        self.status == "RELEASED"
    }

    /// The region as the vendor's own members call it.
    pub(crate) fn is_subscription(&self) -> bool {
        self.payment_type == "Subscription"
    }
}

/// A topic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topic {
    /// The name.
    pub name: String,
    /// `NORMAL`, `FIFO`, `DELAY`, `TRANSACTION` or `LITE`.
    pub message_type: String,
    /// `CREATING` or `RUNNING`.
    pub status: String,
    /// A note.
    pub remark: String,
    /// Most messages sent in a second.
    pub max_send_tps: Option<u64>,
    /// Minutes that a lite topic lives.
    pub lite_topic_expiration: Option<i64>,
    /// Milliseconds since the epoch.
    pub created_at: i64,
    /// Milliseconds since the epoch.
    pub updated_at: i64,
}

/// How often and when messages are tried again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetryPolicy {
    /// `DefaultRetryPolicy` or `FixedRetryPolicy`.
    pub policy: String,
    /// How often.
    pub max_times: u64,
    /// Seconds between tries of the fixed policy.
    pub fixed_interval: Option<u64>,
    /// Where dead letters go.
    pub dead_letter_topic: Option<String>,
}

/// A consumer group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// The name.
    pub name: String,
    /// `RUNNING`.
    pub status: String,
    /// `Concurrently` or `Orderly`.
    pub delivery_order_type: String,
    /// Tries.
    pub retry: RetryPolicy,
    /// Most messages received in a second.
    pub max_receive_tps: Option<u64>,
    /// `CLUSTERING` or `LITE_SELECTIVE`.
    pub message_model: String,
    /// The lite topic it reads.
    pub topic_name: Option<String>,
    /// Whether it reads alone.
    pub exclusive: bool,
    /// A note.
    pub remark: String,
    /// Milliseconds since the epoch.
    pub created_at: i64,
    /// Milliseconds since the epoch.
    pub updated_at: i64,
    /// How far it has read each topic: the position of the last message.
    #[serde(default)]
    pub offsets: BTreeMap<String, u64>,
    /// Messages being worked on, by topic.
    #[serde(default)]
    pub inflight: BTreeMap<String, u64>,
    /// When it last read each topic, in milliseconds since the epoch.
    #[serde(default)]
    pub consumed_at: BTreeMap<String, i64>,
    /// What it wants of each topic.
    #[serde(default)]
    pub subscriptions: BTreeMap<String, Subscription>,
    /// Consumers that are online.
    #[serde(default)]
    pub clients: Vec<Client>,
}

/// What a group wants of a topic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// `TAG` or `SQL`.
    pub filter_type: String,
    /// The filter.
    pub filter: String,
}

/// A consumer that is online.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    /// Its id.
    pub id: String,
    /// What it reads.
    pub topics: Vec<String>,
}

/// An account of clients.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The user name.
    pub username: String,
    /// The password.
    pub password: String,
    /// `ENABLE` or `DISABLE`.
    pub status: String,
    /// A note.
    pub remark: String,
    /// `DEFAULT` or `CUSTOM`.
    pub kind: String,
}

/// What an account may do with a resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acl {
    /// The account.
    pub username: String,
    /// `Topic` or `Group`.
    pub resource_type: String,
    /// Name of the topic or group.
    pub resource_name: String,
    /// `Pub`, `Sub`.
    pub actions: Vec<String>,
    /// `Allow` or `Deny`.
    pub decision: String,
    /// From where.
    pub ip_whitelist: Vec<String>,
}

impl Acl {
    pub(crate) fn key(username: &str, resource_type: &str, resource_name: &str) -> String {
        format!("{username}/{resource_type}/{resource_name}")
    }
}

/// A message in a topic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The order of arrival.
    pub position: u64,
    /// The topic.
    pub topic: String,
    /// The id.
    pub id: String,
    /// The content.
    pub body: String,
    /// The tag, empty for none.
    pub tag: String,
    /// The key, empty for none.
    pub key: String,
    /// The ordering group, empty for none.
    pub group: String,
    /// Properties.
    pub properties: BTreeMap<String, String>,
    /// Milliseconds since the epoch.
    pub stored_at: i64,
    /// Came from another instance of a disaster recovery plan.
    #[serde(default)]
    pub replicated: bool,
    /// Groups that were asked to read it on trial.
    #[serde(default)]
    pub verified_by: Vec<String>,
}

/// A disaster recovery plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The id.
    pub id: u64,
    /// The name.
    pub name: String,
    /// A description.
    pub description: String,
    /// `ACTIVE_PASSIVE` or `ACTIVE_ACTIVE`.
    pub kind: String,
    /// `CREATED`, `RUNNING` or `DELETED`.
    pub status: String,
    /// The instances.
    pub members: Vec<Member>,
    /// Whether read positions can be carried over.
    pub sync_checkpoint: bool,
    /// Whether they are carried over without being asked.
    pub auto_sync_checkpoint: bool,
    /// Milliseconds since the epoch.
    pub created_at: i64,
    /// Milliseconds since the epoch.
    pub updated_at: i64,
    /// Items by id.
    pub items: BTreeMap<u64, Item>,
}

impl Plan {
    pub(crate) fn is_deleted(&self) -> bool {
        self.status == "DELETED"
    }
}

/// An instance in a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// `ALIYUN_ROCKETMQ` or `EXTERNAL_ROCKETMQ`.
    pub kind: String,
    /// Where it is.
    pub region: String,
    /// Its id; made up by the service for external ones.
    pub instance_id: String,
    /// `ACTIVE` or `PASSIVE`.
    pub role: String,
    /// `NO_AUTH` or `ACL_AUTH`, absent for instances of version 4.
    pub auth_type: Option<String>,
    /// The user.
    pub username: Option<String>,
    /// The password.
    pub password: Option<String>,
    /// The name server.
    pub endpoint_url: Option<String>,
    /// `TCP_INTERNET` or `TCP_VPC`.
    pub network_type: Option<String>,
    /// The private network.
    pub vpc: Option<String>,
    /// Its switch.
    pub vswitch: Option<String>,
    /// The security group.
    pub security_group: Option<String>,
    /// The group that the replicator reads with.
    pub consumer_group: String,
    /// What is added to replicated messages.
    pub property: Option<Property>,
}

/// A property of messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Property {
    /// Its key.
    pub key: String,
    /// Its value.
    pub value: String,
}

/// Topics of a plan that are replicated into each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// The id.
    pub id: u64,
    /// The plan.
    pub plan: u64,
    /// `CREATING`, `CHANGING`, `RUNNING`, `MANUAL_STOPPED` or `OVERDUE_STOPPED`.
    pub status: String,
    /// One for each member of the plan.
    pub topics: Vec<TopicMapping>,
    /// Milliseconds since the epoch.
    pub created_at: i64,
    /// Milliseconds since the epoch.
    pub updated_at: i64,
    /// What has been carried over, by consumer group.
    pub checkpoints: BTreeMap<String, Checkpoint>,
}

/// A topic of an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopicMapping {
    /// The member.
    pub instance_id: String,
    /// What kind of member.
    pub instance_type: String,
    /// Where it is.
    pub region: String,
    /// The topic there.
    pub topic: String,
    /// `Concurrently` or `Orderly`.
    pub delivery_order_type: String,
    /// The deprecated group.
    pub consumer_group: Option<String>,
}

/// How far a consumer group's read position has been carried over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// The id.
    pub id: u64,
    /// When, in milliseconds since the epoch; 0 for never.
    pub synced_at: i64,
}
