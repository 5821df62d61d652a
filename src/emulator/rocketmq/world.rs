//! The whole state of the emulated service: objects, virtual clock, ids, and the commits they make.
//!
//! Objects are changed through the `*_mut` and `put_*` methods, which remember what changed;
//! [`World::flush`] turns that into one commit per call.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;

use sha2::Digest as _;
use sha2::Sha256;

use super::errors::Refusal;
use super::errors::no_instance;
use super::errors::no_plan;
use super::model::Account;
use super::model::Acl;
use super::model::Broker;
use super::model::Group;
use super::model::Instance;
use super::model::Message;
use super::model::Plan;
use super::model::Topic;
use super::records;
use super::records::Record;
use super::settings::Settings;
use super::settle::Transition;
use crate::emulator::alibaba::Gateway;
use crate::emulator::alibaba::Style;
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

/// The region that the emulator plays where a call does not say another one.
pub(crate) const REGION: &str = "cn-hangzhou";

/// The id of the one account.
pub(crate) const ACCOUNT: &str = "1234567890123456";

/// The first ids, as on the real service.
const FIRST_PLAN: u64 = 1_300_000_001;
const FIRST_ITEM: u64 = 100_070_001;
const FIRST_CHECKPOINT: u64 = 10_000_000;

#[derive(Debug, Default)]
pub(super) struct Stale {
    /// Reads that still see the state before the change.
    pub(super) left: u32,
    pub(super) before: Option<(BTreeMap<String, Broker>, BTreeMap<u64, Plan>)>,
}

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) credentials: Credentials,
    pub(crate) gateway: Gateway,
    pub(crate) settings: Settings,
    pub(super) clock: Clock,
    seed: u64,
    counter: u64,
    pub(super) brokers: BTreeMap<String, Broker>,
    pub(super) plans: BTreeMap<u64, Plan>,
    pub(super) transitions: BTreeMap<String, Transition>,
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
            gateway: Gateway::new(Style::Roa),
            settings: Settings::default(),
            clock: Clock::new(options.clock, clock::wall_ms()),
            seed: options.seed,
            counter: 0,
            brokers: BTreeMap::new(),
            plans: BTreeMap::new(),
            transitions: BTreeMap::new(),
            dirty: BTreeSet::new(),
            created: None,
            shape: JobShape::default(),
            stale: Stale::default(),
            log: None,
        }
    }

    fn load(&mut self, dir: &Path) -> std::io::Result<()> {
        let (log, contents) = CommitLog::open(dir, "apsaramq-rocketmq")?;
        if let Some((now, counter)) = kept::resumed(&contents) {
            self.counter = counter;
            self.clock = Clock::new(self.clock.mode(), now);
        }
        records::replay(self, contents)?;
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

    /// Hexadecimal digits that depend on the seed and on how many there were before.
    pub(crate) fn new_hex(&mut self) -> String {
        let position = self.next_position();
        let digest = Sha256::digest(format!("{}/{position}", self.seed).as_bytes());
        digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }

    /// An id of a request in the vendor's form.
    pub(crate) fn request_id(&mut self) -> String {
        let hex = self.new_hex().to_ascii_uppercase();
        let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
        format!("{}-{}-5{}-A{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
    }

    /// An id of an instance.
    pub(crate) fn instance_id(&mut self) -> String {
        let hex = self.new_hex();
        format!("rmq-cn-{}", hex.get(..11).unwrap_or_default())
    }

    pub(crate) fn plan_id(&self) -> u64 {
        self.plans.keys().next_back().map_or(FIRST_PLAN, |last| last + 1)
    }

    pub(crate) fn item_id(&self) -> u64 {
        let last = self.plans.values().flat_map(|plan| plan.items.keys()).max();
        last.map_or(FIRST_ITEM, |last| last + 1)
    }

    pub(crate) fn checkpoint_id(&self) -> u64 {
        let all = self.plans.values().flat_map(|plan| plan.items.values());
        let last = all.flat_map(|item| item.checkpoints.values()).map(|checkpoint| checkpoint.id).max();
        last.map_or(FIRST_CHECKPOINT, |last| last + 1)
    }

    /// A live instance.
    pub(crate) fn broker(&self, iid: &str) -> Result<&Broker, Refusal> {
        self.brokers
            .get(iid)
            .filter(|broker| !broker.instance.is_released() && broker.instance.hidden_reads == 0)
            .ok_or_else(no_instance)
    }

    pub(crate) fn brokers(&self) -> &BTreeMap<String, Broker> {
        &self.brokers
    }

    /// A live plan.
    pub(crate) fn plan(&self, id: u64) -> Result<&Plan, Refusal> {
        self.plans.get(&id).filter(|plan| !plan.is_deleted()).ok_or_else(no_plan)
    }

    pub(crate) fn plans(&self) -> &BTreeMap<u64, Plan> {
        &self.plans
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

    /// Removes everything in an instance, and the instance too unless its grave stays readable.
    pub(crate) fn remove_instance(&mut self, iid: &str, leaves_grave: bool) {
        let Some(broker) = self.brokers.remove(iid) else { return };
        self.dirty.extend(Record::of_broker(iid, &broker));
        if leaves_grave {
            let mut instance = broker.instance;
            "RELEASED".clone_into(&mut instance.status);
            self.brokers.insert(iid.to_owned(), Broker::new(instance));
        }
        let orphans: Vec<String> = self
            .transitions
            .iter()
            .filter(|(_, transition)| transition.subject.is_in(iid))
            .map(|(key, _)| key.clone())
            .collect();
        for key in orphans {
            self.remove_transition(&key);
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

    /// Removes a topic with its messages and what groups know of it.
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
            let had = group.offsets.remove(name).is_some() | group.subscriptions.remove(name).is_some();
            if had {
                group.inflight.remove(name);
                group.consumed_at.remove(name);
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

    pub(crate) fn remove_group(&mut self, iid: &str, name: &str) -> bool {
        let Some(broker) = self.brokers.get_mut(iid) else { return false };
        let removed = broker.groups.remove(name).is_some();
        if removed {
            self.dirty.insert(Record::Group(iid.to_owned(), name.to_owned()));
        }
        removed
    }

    pub(crate) fn put_account(&mut self, iid: &str, account: Account) {
        if let Some(broker) = self.brokers.get_mut(iid) {
            self.dirty.insert(Record::Account(iid.to_owned(), account.username.clone()));
            broker.accounts.insert(account.username.clone(), account);
        }
    }

    /// Removes an account with the rules that name it.
    pub(crate) fn remove_account(&mut self, iid: &str, name: &str) -> bool {
        let Some(broker) = self.brokers.get_mut(iid) else { return false };
        if broker.accounts.remove(name).is_none() {
            return false;
        }
        self.dirty.insert(Record::Account(iid.to_owned(), name.to_owned()));
        let rules: Vec<String> =
            broker.acls.iter().filter(|(_, acl)| acl.username == name).map(|(key, _)| key.clone()).collect();
        for key in rules {
            self.remove_acl(iid, &key);
        }
        true
    }

    pub(crate) fn put_acl(&mut self, iid: &str, acl: Acl) {
        if let Some(broker) = self.brokers.get_mut(iid) {
            let key = Acl::key(&acl.username, &acl.resource_type, &acl.resource_name);
            self.dirty.insert(Record::Acl(iid.to_owned(), key.clone()));
            broker.acls.insert(key, acl);
        }
    }

    pub(crate) fn remove_acl(&mut self, iid: &str, key: &str) -> bool {
        let Some(broker) = self.brokers.get_mut(iid) else { return false };
        let removed = broker.acls.remove(key).is_some();
        if removed {
            self.dirty.insert(Record::Acl(iid.to_owned(), key.to_owned()));
        }
        removed
    }

    pub(crate) fn put_message(&mut self, iid: &str, message: Message) {
        if let Some(broker) = self.brokers.get_mut(iid) {
            self.dirty.insert(Record::Message(iid.to_owned(), message.position));
            broker.messages.insert(message.position, message);
        }
    }

    pub(crate) fn put_plan(&mut self, plan: Plan) {
        self.dirty.insert(Record::Plan(plan.id));
        self.plans.insert(plan.id, plan);
    }

    pub(crate) fn plan_mut(&mut self, id: u64) -> Option<&mut Plan> {
        let plan = self.plans.get_mut(&id)?;
        self.dirty.insert(Record::Plan(id));
        Some(plan)
    }

    pub(crate) fn remove_plan(&mut self, id: u64) {
        if self.plans.remove(&id).is_some() {
            self.dirty.insert(Record::Plan(id));
        }
    }

    pub(crate) fn put_transition(&mut self, transition: Transition) {
        let key = transition.subject.key();
        self.dirty.insert(Record::Transition(key.clone()));
        self.transitions.insert(key, transition);
    }

    pub(crate) fn remove_transition(&mut self, key: &str) -> Option<Transition> {
        let removed = self.transitions.remove(key);
        if removed.is_some() {
            self.dirty.insert(Record::Transition(key.to_owned()));
        }
        removed
    }

    /// Removes everything.
    pub(crate) fn clear(&mut self) {
        self.dirty.extend(Record::all(self));
        self.brokers.clear();
        self.plans.clear();
        self.transitions.clear();
        self.settings = Settings::default();
        self.stale = Stale::default();
    }

    /// Whether the current call has changed something.
    pub(super) fn is_dirty(&self) -> bool {
        !self.dirty.is_empty()
    }

    /// Commits what has changed; there is no ticket when nothing changed or there is no directory.
    pub(super) fn flush(&mut self) -> Option<Ticket> {
        kept::flush(self)
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
        Record::all(self)
    }

    fn change(&self, record: &Record) -> Change {
        (record.key(), record.value(self))
    }

    fn moment(&self) -> (i64, u64) {
        (self.now_ms(), self.counter)
    }
}

/// A moment as the service writes it.
pub(crate) fn date(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms)
        .map(|at| at.strftime("%Y-%m-%d %H:%M:%S").to_string())
        .unwrap_or_default()
}

/// A moment as clients write it.
pub(crate) fn parse_date(text: &str) -> Option<i64> {
    let date = jiff::civil::DateTime::strptime("%Y-%m-%d %H:%M:%S", text).ok()?;
    Some(date.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_millisecond())
}
