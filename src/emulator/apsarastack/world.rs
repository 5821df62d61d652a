//! The whole state of the emulated service: objects, virtual clock, ids, and the commits they make.
//!
//! Objects are changed through the `put_*`, `*_mut` and `remove_*` methods, which remember what changed;
//! [`World::flush`] turns that into one commit per call.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;

use serde::Serialize;
use serde_json::Value;
use sha2::Digest as _;
use sha2::Sha256;

use super::envelope::Refusal;
use super::model::ACCOUNT;
use super::model::Grant;
use super::model::Group;
use super::model::Instance;
use super::model::Message;
use super::model::Recycling;
use super::model::Space;
use super::model::Topic;
use super::model::Tunnel;
use super::model::dead_letters_of;
use super::settings::Settings;
use crate::emulator::clock;
use crate::emulator::clock::Clock;
use crate::emulator::clock::ClockMode;
use crate::emulator::commit_log::Change;
use crate::emulator::commit_log::CommitLog;
use crate::emulator::commit_log::Ticket;
use crate::emulator::faults::JobShape;
use crate::emulator::kept;
use crate::emulator::kept::Kept;
use crate::emulator::options::Credentials;
use crate::emulator::options::Options;
use crate::emulator::systems::System;

/// The clusters of the region.
pub(crate) const CLUSTERS: [&str; 2] = ["cluster1", "cluster2"];

/// Something that a commit can change.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Record {
    Instance(String),
    Topic(String, String),
    Group(String, String),
    Grant(String, String, String),
    Recycling(String, String),
    Message(String, u64),
    Tunnel(String),
}

#[derive(Debug, Default)]
pub(super) struct Stale {
    /// Reads that still see the state before the change.
    pub(super) left: u32,
    pub(super) before: BTreeMap<String, Space>,
}

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) credentials: Credentials,
    pub(crate) settings: Settings,
    pub(super) clock: Clock,
    seed: u64,
    counter: u64,
    pub(super) spaces: BTreeMap<String, Space>,
    tunnels: BTreeMap<String, Tunnel>,
    dirty: BTreeSet<Record>,
    /// Natural key of what the current call created.
    pub(super) created: Option<String>,
    /// What faults want of the current call.
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
            spaces: BTreeMap::new(),
            tunnels: BTreeMap::new(),
            dirty: BTreeSet::new(),
            created: None,
            shape: JobShape::default(),
            stale: Stale::default(),
            log: None,
        }
    }

    fn load(&mut self, dir: &Path) -> std::io::Result<()> {
        let (log, contents) = CommitLog::open(dir, System::ApsaraStack.name())?;
        if let Some((now, counter)) = kept::resumed(&contents) {
            self.counter = counter;
            self.clock = Clock::new(self.clock.mode(), now);
        }
        // Instances first: their children need a place to go.
        for (key, value) in &contents {
            if key.starts_with("instance/") {
                let instance: Instance = serde_json::from_value(value.clone())?;
                self.spaces.insert(instance.id.clone(), Space::new(instance));
            }
        }
        for (key, value) in contents {
            if let Some(cluster) = key.strip_prefix("tunnel/") {
                self.tunnels.insert(cluster.to_owned(), serde_json::from_value(value)?);
                continue;
            }
            let mut parts = key.splitn(3, '/');
            let (Some(kind), Some(iid), Some(name)) = (parts.next(), parts.next(), parts.next()) else {
                continue;
            };
            let Some(space) = self.spaces.get_mut(iid) else { continue };
            match kind {
                "topic" => {
                    let topic: Topic = serde_json::from_value(value)?;
                    space.topics.insert(topic.name.clone(), topic);
                }
                "group" => {
                    let group: Group = serde_json::from_value(value)?;
                    space.groups.insert(group.name.clone(), group);
                }
                "grant" => {
                    let grant: Grant = serde_json::from_value(value)?;
                    space.grants.insert((grant.topic.clone(), grant.user.clone()), grant);
                }
                "recycling" => {
                    space.recycling.insert(name.to_owned(), serde_json::from_value(value)?);
                }
                "message" => {
                    let message: Message = serde_json::from_value(value)?;
                    space.messages.insert(message.position, message);
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

    /// 32 hexadecimal digits that depend on the seed and on how many there were before.
    pub(crate) fn new_hex(&mut self) -> String {
        let position = self.next_position();
        let digest = Sha256::digest(format!("{}/{position}", self.seed).as_bytes());
        digest.iter().take(16).map(|byte| format!("{byte:02X}")).collect()
    }

    /// An instance id as the service makes them.
    pub(crate) fn new_instance_id(&mut self) -> String {
        let hex = self.new_hex();
        format!("MQ_INST_{ACCOUNT}_BX{}", hex.get(..8).unwrap_or_default().to_ascii_lowercase())
    }

    /// The id of the instance that a call means: the one named, or the one without a namespace.
    pub(crate) fn instance_id(&self, named: Option<&str>) -> Result<String, Refusal> {
        let found = match named {
            Some(id) => self.spaces.get(id),
            None => self.spaces.values().find(|space| !space.instance.namespaced),
        };
        found
            .map(|space| space.instance.id.clone())
            .ok_or_else(|| Refusal::new("INSTANCE_NOT_FOUND", "The instance does not exist."))
    }

    pub(crate) fn space(&self, iid: &str) -> Result<&Space, Refusal> {
        self.spaces.get(iid).ok_or_else(|| Refusal::new("INSTANCE_NOT_FOUND", "The instance does not exist."))
    }

    pub(crate) fn spaces(&self) -> &BTreeMap<String, Space> {
        &self.spaces
    }

    pub(crate) fn put_instance(&mut self, instance: Instance) {
        self.dirty.insert(Record::Instance(instance.id.clone()));
        self.spaces.insert(instance.id.clone(), Space::new(instance));
    }

    pub(crate) fn instance_mut(&mut self, iid: &str) -> Option<&mut Instance> {
        let space = self.spaces.get_mut(iid)?;
        self.dirty.insert(Record::Instance(iid.to_owned()));
        Some(&mut space.instance)
    }

    /// The instances that reads do not see yet; being looked for brings them nearer.
    pub(crate) fn pass_hidden(&mut self) -> BTreeSet<String> {
        let mut hidden = BTreeSet::new();
        for space in self.spaces.values_mut() {
            if space.instance.hidden_reads > 0 {
                space.instance.hidden_reads -= 1;
                hidden.insert(space.instance.id.clone());
            }
        }
        hidden
    }

    /// Removes an instance with everything in it.
    pub(crate) fn remove_instance(&mut self, iid: &str) {
        if self.spaces.contains_key(iid) {
            let records = self.records_of(iid);
            self.dirty.extend(records);
            self.spaces.remove(iid);
        }
    }

    pub(crate) fn put_topic(&mut self, iid: &str, topic: Topic) {
        if let Some(space) = self.spaces.get_mut(iid) {
            self.dirty.insert(Record::Topic(iid.to_owned(), topic.name.clone()));
            space.topics.insert(topic.name.clone(), topic);
        }
    }

    pub(crate) fn topic_mut(&mut self, iid: &str, name: &str) -> Option<&mut Topic> {
        let topic = self.spaces.get_mut(iid)?.topics.get_mut(name)?;
        self.dirty.insert(Record::Topic(iid.to_owned(), name.to_owned()));
        Some(topic)
    }

    /// Removes a topic with its messages, its authorizations and every subscription to it.
    pub(crate) fn remove_topic(&mut self, iid: &str, name: &str) -> bool {
        let Some(space) = self.spaces.get_mut(iid) else { return false };
        if space.topics.remove(name).is_none() {
            return false;
        }
        let of = || iid.to_owned();
        self.dirty.insert(Record::Topic(of(), name.to_owned()));
        let messages: Vec<u64> = space.messages_of(name).map(|message| message.position).collect();
        for position in messages {
            space.messages.remove(&position);
            self.dirty.insert(Record::Message(of(), position));
        }
        let grants: Vec<_> = space.grants.keys().filter(|(topic, _)| topic == name).cloned().collect();
        for key in grants {
            space.grants.remove(&key);
            self.dirty.insert(Record::Grant(of(), key.0, key.1));
        }
        for group in space.groups.values_mut() {
            let mut touched = group.progress.remove(name).is_some();
            for client in &mut group.clients {
                touched |= client.topics.remove(name);
            }
            if touched {
                self.dirty.insert(Record::Group(of(), group.name.clone()));
            }
        }
        true
    }

    /// Keeps the name of a deleted topic taken for a while.
    pub(crate) fn recycle(&mut self, iid: &str, topic: &str) {
        let until = self.now_ms().saturating_add(self.settings.recycle_seconds.saturating_mul(1000));
        if self.settings.recycle_seconds > 0
            && let Some(space) = self.spaces.get_mut(iid)
        {
            space.recycling.insert(topic.to_owned(), Recycling { until, tries: 0 });
            self.dirty.insert(Record::Recycling(iid.to_owned(), topic.to_owned()));
        }
    }

    /// Whether the name is still taken by a deleted topic; asking counts as a look at the clock.
    pub(crate) fn is_recycling(&mut self, iid: &str, topic: &str) -> bool {
        let (now, mode) = (self.now_ms(), self.clock.mode());
        let Some(space) = self.spaces.get_mut(iid) else { return false };
        let Some(recycling) = space.recycling.get_mut(topic) else { return false };
        recycling.tries = recycling.tries.saturating_add(1);
        let is_over =
            recycling.until <= now || matches!(mode, ClockMode::Polled { polls } if recycling.tries >= polls);
        let until = recycling.until;
        if is_over {
            space.recycling.remove(topic);
            self.dirty.insert(Record::Recycling(iid.to_owned(), topic.to_owned()));
            if matches!(mode, ClockMode::Polled { .. }) {
                self.clock.advance_to(until);
            }
        }
        !is_over
    }

    pub(crate) fn put_group(&mut self, iid: &str, group: Group) {
        if let Some(space) = self.spaces.get_mut(iid) {
            self.dirty.insert(Record::Group(iid.to_owned(), group.name.clone()));
            space.groups.insert(group.name.clone(), group);
        }
    }

    pub(crate) fn group_mut(&mut self, iid: &str, name: &str) -> Option<&mut Group> {
        let group = self.spaces.get_mut(iid)?.groups.get_mut(name)?;
        self.dirty.insert(Record::Group(iid.to_owned(), name.to_owned()));
        Some(group)
    }

    /// Removes a group with its dead letters.
    pub(crate) fn remove_group(&mut self, iid: &str, name: &str) -> bool {
        let Some(space) = self.spaces.get_mut(iid) else { return false };
        if space.groups.remove(name).is_none() {
            return false;
        }
        self.dirty.insert(Record::Group(iid.to_owned(), name.to_owned()));
        self.remove_messages(iid, &dead_letters_of(name));
        true
    }

    /// Removes all messages of a topic. False = there were none.
    pub(crate) fn remove_messages(&mut self, iid: &str, topic: &str) -> bool {
        let Some(space) = self.spaces.get_mut(iid) else { return false };
        let gone: Vec<u64> = space.messages_of(topic).map(|message| message.position).collect();
        for position in &gone {
            space.messages.remove(position);
            self.dirty.insert(Record::Message(iid.to_owned(), *position));
        }
        !gone.is_empty()
    }

    pub(crate) fn put_grant(&mut self, iid: &str, grant: Grant) {
        if let Some(space) = self.spaces.get_mut(iid) {
            let key = (grant.topic.clone(), grant.user.clone());
            self.dirty.insert(Record::Grant(iid.to_owned(), key.0.clone(), key.1.clone()));
            space.grants.insert(key, grant);
        }
    }

    pub(crate) fn remove_grant(&mut self, iid: &str, topic: &str, user: &str) -> bool {
        let Some(space) = self.spaces.get_mut(iid) else { return false };
        let key = (topic.to_owned(), user.to_owned());
        let removed = space.grants.remove(&key).is_some();
        if removed {
            self.dirty.insert(Record::Grant(iid.to_owned(), key.0, key.1));
        }
        removed
    }

    pub(crate) fn put_message(&mut self, iid: &str, message: Message) {
        if let Some(space) = self.spaces.get_mut(iid) {
            self.dirty.insert(Record::Message(iid.to_owned(), message.position));
            space.messages.insert(message.position, message);
        }
    }

    /// How virtual private clouds reach a cluster; any of them through one address at first.
    pub(crate) fn tunnel(&self, cluster: &str) -> Tunnel {
        let first = || Tunnel { kind: "anyTunnel".to_owned(), vip: "10.0.0.10:9876".to_owned(), switches: 0 };
        self.tunnels.get(cluster).cloned().unwrap_or_else(first)
    }

    pub(crate) fn put_tunnel(&mut self, cluster: &str, tunnel: Tunnel) {
        self.dirty.insert(Record::Tunnel(cluster.to_owned()));
        self.tunnels.insert(cluster.to_owned(), tunnel);
    }

    /// Removes everything.
    pub(crate) fn clear(&mut self) {
        let all: Vec<String> = self.spaces.keys().cloned().collect();
        for iid in all {
            self.remove_instance(&iid);
        }
        self.dirty.extend(self.tunnels.keys().cloned().map(Record::Tunnel));
        self.tunnels.clear();
        self.settings = Settings::default();
        self.stale = Stale::default();
    }

    /// Whether the current call has changed something.
    pub(super) fn is_dirty(&self) -> bool {
        !self.dirty.is_empty()
    }

    /// Commits what has changed. No ticket if nothing changed or there is no directory to be durable in.
    pub(super) fn flush(&mut self) -> Option<Ticket> {
        kept::flush(self)
    }

    fn value(&self, record: &Record) -> Option<Value> {
        fn of<T: Serialize>(found: Option<&T>) -> Option<Value> {
            serde_json::to_value(found?).ok()
        }
        let space = |iid: &String| self.spaces.get(iid);
        match record {
            Record::Instance(iid) => of(space(iid).map(|space| &space.instance)),
            Record::Topic(iid, name) => of(space(iid).and_then(|space| space.topics.get(name))),
            Record::Group(iid, name) => of(space(iid).and_then(|space| space.groups.get(name))),
            Record::Grant(iid, topic, user) => {
                of(space(iid).and_then(|space| space.grants.get(&(topic.clone(), user.clone()))))
            }
            Record::Recycling(iid, name) => of(space(iid).and_then(|space| space.recycling.get(name))),
            Record::Message(iid, at) => of(space(iid).and_then(|space| space.messages.get(at))),
            Record::Tunnel(cluster) => of(self.tunnels.get(cluster)),
        }
    }

    fn records_of(&self, iid: &str) -> Vec<Record> {
        let Some(space) = self.spaces.get(iid) else { return Vec::new() };
        let of = || iid.to_owned();
        let mut records = vec![Record::Instance(of())];
        records.extend(space.topics.keys().map(|name| Record::Topic(of(), name.clone())));
        records.extend(space.groups.keys().map(|name| Record::Group(of(), name.clone())));
        records.extend(
            space.grants.keys().map(|(topic, user)| Record::Grant(of(), topic.clone(), user.clone())),
        );
        records.extend(space.recycling.keys().map(|name| Record::Recycling(of(), name.clone())));
        records.extend(space.messages.keys().map(|at| Record::Message(of(), *at)));
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
        let tunnels = self.tunnels.keys().cloned().map(Record::Tunnel);
        self.spaces.keys().flat_map(|iid| self.records_of(iid)).chain(tunnels).collect()
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
            Self::Grant(iid, topic, user) => format!("grant/{iid}/{topic}/{user}"),
            Self::Recycling(iid, name) => format!("recycling/{iid}/{name}"),
            Self::Message(iid, at) => format!("message/{iid}/{at}"),
            Self::Tunnel(cluster) => format!("tunnel/{cluster}"),
        }
    }
}
