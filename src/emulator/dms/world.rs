//! The whole state of the emulated service: objects, virtual clock, ids, and the commits they make.
//!
//! Objects are changed through the `*_mut` methods, which remember what changed; [`World::flush`]
//! turns that into one commit per call.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;

use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use sha2::Digest as _;
use sha2::Sha256;

use super::dialect::Dialect;
use super::errors::Refusal;
use super::errors::bad_instance_id;
use super::errors::no_instance;
use super::model::Broker;
use super::model::Group;
use super::model::Instance;
use super::model::Message;
use super::model::Migration;
use super::model::Report;
use super::model::Task;
use super::model::Topic;
use super::model::User;
use super::network::is_uuid;
use super::recycle::Policy;
use super::recycle::Recycled;
use super::signature::hex;
use crate::emulator::clock;
use crate::emulator::clock::Clock;
use crate::emulator::commit_log::Change;
use crate::emulator::commit_log::CommitLog;
use crate::emulator::commit_log::Ticket;
use crate::emulator::faults::JobShape;
use crate::emulator::kept;
use crate::emulator::kept::Kept;
use crate::emulator::options::Credentials;
use crate::emulator::options::Options;

/// Switches between things that the documents leave open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Settings {
    /// Shows `secret_key` as asterisks everywhere, as the API document's examples do.
    pub(crate) mask_secrets: bool,
    /// Shows values of parameters as JSON numbers, as the API document's example does.
    pub(crate) numeric_configs: bool,
    /// Refuses a second instance of the same name.
    pub(crate) unique_instance_names: bool,
    /// Most instances of the project.
    pub(crate) instance_quota: u64,
    /// Most topics of an instance; 0 = what the flavor says.
    pub(crate) topic_quota: u64,
    /// Most groups of an instance; 0 = what the flavor says.
    pub(crate) group_quota: u64,
    /// Whose cloud it behaves like.
    pub(crate) dialect: Dialect,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            mask_secrets: false,
            numeric_configs: false,
            unique_instance_names: true,
            instance_quota: 100,
            topic_quota: 0,
            group_quota: 0,
            dialect: Dialect::Any,
        }
    }
}

/// Something that a commit can change.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Record {
    Instance(String),
    Topic(String, String),
    Group(String, String),
    User(String, String),
    Task(String, String),
    Migration(String, String),
    Message(String, u64),
    Report(String, String),
    Recycled(String),
    Policy,
}

#[derive(Debug, Default)]
pub(super) struct Stale {
    /// Reads that still see the state before the change.
    pub(super) left: u32,
    pub(super) before: BTreeMap<String, Broker>,
}

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) credentials: Credentials,
    pub(crate) settings: Settings,
    pub(super) clock: Clock,
    seed: u64,
    counter: u64,
    pub(super) brokers: BTreeMap<String, Broker>,
    recycled: BTreeMap<String, Recycled>,
    policy: Policy,
    dirty: BTreeSet<Record>,
    /// Natural key of what the current call created.
    pub(super) created: Option<String>,
    /// What faults want from the jobs of the current call.
    pub(super) shape: JobShape,
    pub(super) stale: Stale,
    log: Option<CommitLog>,
}

impl World {
    pub(crate) fn open(options: &Options) -> std::io::Result<Self> {
        let mut world = Self::in_memory(options);
        if let Some(dir) = &options.data_dir {
            world.load(dir)?;
        }
        Ok(world)
    }

    /// An empty world that is kept nowhere.
    pub(crate) fn in_memory(options: &Options) -> Self {
        Self {
            credentials: options.credentials.clone(),
            settings: Settings::default(),
            clock: Clock::new(options.clock, clock::wall_ms()),
            seed: options.seed,
            counter: 0,
            brokers: BTreeMap::new(),
            recycled: BTreeMap::new(),
            policy: Policy::default(),
            dirty: BTreeSet::new(),
            created: None,
            shape: JobShape::default(),
            stale: Stale::default(),
            log: None,
        }
    }

    fn load(&mut self, dir: &Path) -> std::io::Result<()> {
        let (log, contents) = CommitLog::open(dir, "dms")?;
        if let Some((now, counter)) = kept::resumed(&contents) {
            self.counter = counter;
            self.clock = Clock::new(self.clock.mode(), now);
        }
        if let Some(policy) = contents.get("policy") {
            self.policy = serde_json::from_value(policy.clone())?;
        }
        // Instances first: their children need a place to go.
        for (key, value) in &contents {
            if key.starts_with("instance/") {
                let instance: Instance = serde_json::from_value(value.clone())?;
                self.brokers.insert(instance.id.clone(), Broker::new(instance));
            } else if let Some(iid) = key.strip_prefix("recycled/") {
                self.recycled.insert(iid.to_owned(), serde_json::from_value(value.clone())?);
            }
        }
        for (key, value) in contents {
            let mut parts = key.splitn(3, '/');
            let (Some(kind), Some(iid), Some(_)) = (parts.next(), parts.next(), parts.next()) else {
                continue;
            };
            let Some(broker) = self.brokers.get_mut(iid) else { continue };
            match kind {
                "topic" => {
                    let topic: Topic = serde_json::from_value(value)?;
                    broker.topics.insert(topic.name.clone(), topic);
                }
                "group" => {
                    let group: Group = serde_json::from_value(value)?;
                    broker.groups.insert(group.name.clone(), group);
                }
                "user" => {
                    let user: User = serde_json::from_value(value)?;
                    broker.users.insert(user.access_key.clone(), user);
                }
                "task" => {
                    let task: Task = serde_json::from_value(value)?;
                    broker.tasks.insert(task.id.clone(), task);
                }
                "migration" => {
                    let migration: Migration = serde_json::from_value(value)?;
                    broker.migrations.insert(migration.id.clone(), migration);
                }
                "report" => {
                    let report: Report = serde_json::from_value(value)?;
                    broker.reports.insert(report.id.clone(), report);
                }
                "message" => {
                    let message: Message = serde_json::from_value(value)?;
                    broker.messages.insert(message.position, message);
                }
                _ => {}
            }
        }
        self.log = Some(log);
        Ok(())
    }

    /// Milliseconds of virtual time.
    pub(crate) fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    /// The next number of the one sequence that orders everything.
    pub(crate) fn next_position(&mut self) -> u64 {
        self.counter += 1;
        self.counter
    }

    /// A UUID that depends on the seed and on how many there were before.
    pub(crate) fn new_uuid(&mut self) -> String {
        let hex = self.new_hex();
        let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
        format!("{}-{}-4{}-a{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
    }

    /// 32 hexadecimal digits of the same kind.
    pub(crate) fn new_hex(&mut self) -> String {
        let position = self.next_position();
        let digest = Sha256::digest(format!("{}/{position}", self.seed).as_bytes());
        hex(digest.get(..16).unwrap_or_default())
    }

    /// The instance behind a path segment.
    pub(crate) fn broker(&self, iid: &str) -> Result<&Broker, Refusal> {
        if !is_uuid(iid) {
            return Err(bad_instance_id());
        }
        self.brokers.get(iid).ok_or_else(no_instance)
    }

    pub(crate) fn brokers(&self) -> &BTreeMap<String, Broker> {
        &self.brokers
    }

    pub(crate) fn add_instance(&mut self, instance: Instance) {
        self.dirty.insert(Record::Instance(instance.id.clone()));
        self.brokers.insert(instance.id.clone(), Broker::new(instance));
    }

    pub(crate) fn instance_mut(&mut self, iid: &str) -> Option<&mut Instance> {
        let broker = self.brokers.get_mut(iid)?;
        self.dirty.insert(Record::Instance(iid.to_owned()));
        Some(&mut broker.instance)
    }

    /// Changes an instance without a commit: counters of reads.
    pub(crate) fn instance_quietly(&mut self, iid: &str) -> Option<&mut Instance> {
        Some(&mut self.brokers.get_mut(iid)?.instance)
    }

    /// Returns the instances that a list does not show yet; being looked for brings them nearer.
    pub(crate) fn pass_hidden(&mut self) -> BTreeSet<String> {
        let mut hidden = BTreeSet::new();
        for broker in self.brokers.values_mut() {
            if broker.instance.hidden_reads > 0 {
                broker.instance.hidden_reads -= 1;
                hidden.insert(broker.instance.id.clone());
            }
        }
        hidden
    }

    /// Removes an instance with everything in it.
    pub(crate) fn remove_instance(&mut self, iid: &str) {
        let records = self.records(iid);
        if self.brokers.remove(iid).is_some() {
            self.dirty.extend(records);
        }
    }

    pub(crate) fn put_topic(&mut self, iid: &str, topic: Topic) {
        if let Some(broker) = self.brokers.get_mut(iid) {
            self.dirty.insert(Record::Topic(iid.to_owned(), topic.name.clone()));
            broker.topics.insert(topic.name.clone(), topic);
        }
    }

    pub(crate) fn topic_mut(&mut self, iid: &str, name: &str) -> Option<&mut Topic> {
        let topic = self.brokers.get_mut(iid)?.topics.get_mut(name)?;
        self.dirty.insert(Record::Topic(iid.to_owned(), name.to_owned()));
        Some(topic)
    }

    /// Removes a topic with its messages and the groups' offsets in it.
    pub(crate) fn remove_topic(&mut self, iid: &str, name: &str) -> bool {
        let Some(broker) = self.brokers.get_mut(iid) else { return false };
        if broker.topics.remove(name).is_none() {
            return false;
        }
        self.dirty.insert(Record::Topic(iid.to_owned(), name.to_owned()));
        let gone: Vec<u64> =
            broker.messages.values().filter(|m| m.topic == name).map(|m| m.position).collect();
        for position in gone {
            broker.messages.remove(&position);
            self.dirty.insert(Record::Message(iid.to_owned(), position));
        }
        for group in broker.groups.values_mut() {
            let had = group.offsets.remove(name).is_some();
            if had || group.clients.iter().any(|client| client.topics.iter().any(|t| t == name)) {
                for client in &mut group.clients {
                    client.topics.retain(|topic| topic != name);
                }
                self.dirty.insert(Record::Group(iid.to_owned(), group.name.clone()));
            }
        }
        true
    }

    pub(crate) fn put_group(&mut self, iid: &str, group: Group) {
        if let Some(broker) = self.brokers.get_mut(iid) {
            self.dirty.insert(Record::Group(iid.to_owned(), group.name.clone()));
            broker.groups.insert(group.name.clone(), group);
        }
    }

    pub(crate) fn group_mut(&mut self, iid: &str, name: &str) -> Option<&mut Group> {
        let group = self.brokers.get_mut(iid)?.groups.get_mut(name)?;
        self.dirty.insert(Record::Group(iid.to_owned(), name.to_owned()));
        Some(group)
    }

    /// Removes a group with the topics that the service made for it.
    pub(crate) fn remove_group(&mut self, iid: &str, name: &str) -> bool {
        let Some(broker) = self.brokers.get_mut(iid) else { return false };
        let removed = broker.groups.remove(name).is_some();
        if removed {
            self.dirty.insert(Record::Group(iid.to_owned(), name.to_owned()));
            self.remove_topic(iid, &format!("%DLQ%{name}"));
            self.remove_topic(iid, &format!("%RETRY%{name}"));
        }
        removed
    }

    pub(crate) fn put_user(&mut self, iid: &str, user: User) {
        if let Some(broker) = self.brokers.get_mut(iid) {
            self.dirty.insert(Record::User(iid.to_owned(), user.access_key.clone()));
            broker.users.insert(user.access_key.clone(), user);
        }
    }

    pub(crate) fn remove_user(&mut self, iid: &str, name: &str) -> bool {
        let Some(broker) = self.brokers.get_mut(iid) else { return false };
        let removed = broker.users.remove(name).is_some();
        if removed {
            self.dirty.insert(Record::User(iid.to_owned(), name.to_owned()));
        }
        removed
    }

    pub(crate) fn put_task(&mut self, iid: &str, task: Task) {
        if let Some(broker) = self.brokers.get_mut(iid) {
            self.dirty.insert(Record::Task(iid.to_owned(), task.id.clone()));
            broker.tasks.insert(task.id.clone(), task);
        }
    }

    pub(crate) fn remove_task(&mut self, iid: &str, id: &str) -> bool {
        let Some(broker) = self.brokers.get_mut(iid) else { return false };
        let removed = broker.tasks.remove(id).is_some();
        if removed {
            self.dirty.insert(Record::Task(iid.to_owned(), id.to_owned()));
        }
        removed
    }

    pub(crate) fn put_migration(&mut self, iid: &str, migration: Migration) {
        if let Some(broker) = self.brokers.get_mut(iid) {
            self.dirty.insert(Record::Migration(iid.to_owned(), migration.id.clone()));
            broker.migrations.insert(migration.id.clone(), migration);
        }
    }

    pub(crate) fn remove_migration(&mut self, iid: &str, id: &str) -> bool {
        let Some(broker) = self.brokers.get_mut(iid) else { return false };
        let removed = broker.migrations.remove(id).is_some();
        if removed {
            self.dirty.insert(Record::Migration(iid.to_owned(), id.to_owned()));
        }
        removed
    }

    pub(crate) fn put_report(&mut self, iid: &str, report: Report) {
        if let Some(broker) = self.brokers.get_mut(iid) {
            self.dirty.insert(Record::Report(iid.to_owned(), report.id.clone()));
            broker.reports.insert(report.id.clone(), report);
        }
    }

    pub(crate) fn remove_report(&mut self, iid: &str, id: &str) -> bool {
        let Some(broker) = self.brokers.get_mut(iid) else { return false };
        let removed = broker.reports.remove(id).is_some();
        if removed {
            self.dirty.insert(Record::Report(iid.to_owned(), id.to_owned()));
        }
        removed
    }

    pub(crate) fn recycled(&self) -> &BTreeMap<String, Recycled> {
        &self.recycled
    }

    pub(crate) fn policy(&self) -> Policy {
        self.policy
    }

    pub(crate) fn set_policy(&mut self, policy: Policy) {
        self.dirty.insert(Record::Policy);
        self.policy = policy;
    }

    /// Takes an instance out of the recycle bin.
    pub(crate) fn take_recycled(&mut self, iid: &str) -> Option<Recycled> {
        let kept = self.recycled.remove(iid)?;
        self.dirty.insert(Record::Recycled(iid.to_owned()));
        Some(kept)
    }

    /// Removes an instance, into the recycle bin if the project keeps what it deletes.
    pub(crate) fn retire_instance(&mut self, iid: &str) {
        let kept = self.brokers.get(iid).filter(|_| self.policy.default_use_recycle).cloned();
        self.remove_instance(iid);
        if let Some(mut broker) = kept {
            broker.tasks.clear();
            let recycled = Recycled { broker, since: self.now_ms(), days: self.policy.retention_days };
            self.dirty.insert(Record::Recycled(iid.to_owned()));
            self.recycled.insert(iid.to_owned(), recycled);
        }
    }

    /// Puts an instance back with everything in it.
    pub(crate) fn put_broker(&mut self, broker: Broker) {
        let iid = broker.instance.id.clone();
        self.brokers.insert(iid.clone(), broker);
        let records = self.records(&iid);
        self.dirty.extend(records);
    }

    pub(crate) fn put_message(&mut self, iid: &str, message: Message) {
        if let Some(broker) = self.brokers.get_mut(iid) {
            self.dirty.insert(Record::Message(iid.to_owned(), message.position));
            broker.messages.insert(message.position, message);
        }
    }

    pub(crate) fn remove_message(&mut self, iid: &str, position: u64) {
        if let Some(broker) = self.brokers.get_mut(iid)
            && broker.messages.remove(&position).is_some()
        {
            self.dirty.insert(Record::Message(iid.to_owned(), position));
        }
    }

    /// Removes everything.
    pub(crate) fn clear(&mut self) {
        let all: Vec<String> = self.brokers.keys().cloned().collect();
        for iid in all {
            self.remove_instance(&iid);
        }
        let kept: Vec<String> = self.recycled.keys().cloned().collect();
        for iid in kept {
            self.take_recycled(&iid);
        }
        if self.policy != Policy::default() {
            self.set_policy(Policy::default());
        }
        self.settings = Settings::default();
        self.stale = Stale::default();
    }

    /// Whether the current call has changed something.
    pub(super) fn is_dirty(&self) -> bool {
        !self.dirty.is_empty()
    }

    /// Commits what has changed. The outer `None` = nothing changed; the ticket is missing when
    /// there is no directory to be durable in.
    pub(super) fn flush(&mut self) -> Option<Ticket> {
        kept::flush(self)
    }

    fn value(&self, record: &Record) -> Option<Value> {
        fn of<T: Serialize>(found: Option<&T>) -> Option<Value> {
            serde_json::to_value(found?).ok()
        }
        let broker = |iid: &String| self.brokers.get(iid);
        match record {
            Record::Instance(iid) => of(broker(iid).map(|b| &b.instance)),
            Record::Topic(iid, name) => of(broker(iid).and_then(|b| b.topics.get(name))),
            Record::Group(iid, name) => of(broker(iid).and_then(|b| b.groups.get(name))),
            Record::User(iid, name) => of(broker(iid).and_then(|b| b.users.get(name))),
            Record::Task(iid, id) => of(broker(iid).and_then(|b| b.tasks.get(id))),
            Record::Migration(iid, id) => of(broker(iid).and_then(|b| b.migrations.get(id))),
            Record::Message(iid, at) => of(broker(iid).and_then(|b| b.messages.get(at))),
            Record::Report(iid, id) => of(broker(iid).and_then(|b| b.reports.get(id))),
            Record::Recycled(iid) => of(self.recycled.get(iid)),
            Record::Policy => of(Some(&self.policy)),
        }
    }

    /// Everything of an instance.
    fn records(&self, iid: &str) -> Vec<Record> {
        let Some(broker) = self.brokers.get(iid) else { return Vec::new() };
        let iid = || iid.to_owned();
        let mut records = vec![Record::Instance(iid())];
        records.extend(broker.topics.keys().map(|name| Record::Topic(iid(), name.clone())));
        records.extend(broker.groups.keys().map(|name| Record::Group(iid(), name.clone())));
        records.extend(broker.users.keys().map(|name| Record::User(iid(), name.clone())));
        records.extend(broker.tasks.keys().map(|id| Record::Task(iid(), id.clone())));
        records.extend(broker.migrations.keys().map(|id| Record::Migration(iid(), id.clone())));
        records.extend(broker.messages.keys().map(|at| Record::Message(iid(), *at)));
        records.extend(broker.reports.keys().map(|id| Record::Report(iid(), id.clone())));
        records
    }
}

impl Kept for World {
    type Record = Record;

    fn log(&mut self) -> &mut Option<CommitLog> {
        &mut self.log
    }

    fn take_dirty(&mut self) -> BTreeSet<Record> {
        std::mem::take(&mut self.dirty)
    }

    fn everything(&self) -> Vec<Record> {
        let mut records: Vec<Record> = self.brokers.keys().flat_map(|iid| self.records(iid)).collect();
        records.extend(self.recycled.keys().map(|iid| Record::Recycled(iid.clone())));
        records.push(Record::Policy);
        records
    }

    fn change(&self, record: &Record) -> Change {
        (record.key(), self.value(record))
    }

    fn moment(&self) -> (i64, u64) {
        (self.now_ms(), self.counter)
    }
}

impl Record {
    fn key(&self) -> String {
        match self {
            Self::Instance(iid) => format!("instance/{iid}"),
            Self::Topic(iid, name) => format!("topic/{iid}/{name}"),
            Self::Group(iid, name) => format!("group/{iid}/{name}"),
            Self::User(iid, name) => format!("user/{iid}/{name}"),
            Self::Task(iid, id) => format!("task/{iid}/{id}"),
            Self::Migration(iid, id) => format!("migration/{iid}/{id}"),
            Self::Message(iid, at) => format!("message/{iid}/{at}"),
            Self::Report(iid, id) => format!("report/{iid}/{id}"),
            Self::Recycled(iid) => format!("recycled/{iid}"),
            Self::Policy => "policy".to_owned(),
        }
    }
}
