//! The whole state of the emulated service: instances, virtual clock, ids, and the commits they make.
//!
//! What is in an instance changes through [`World::put`] and [`World::remove`], which remember what changed;
//! [`World::flush`] turns that into one commit per call.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;
use sha2::Digest as _;
use sha2::Sha256;

use super::errors::Refusal;
use super::errors::foreign_instance;
use super::member::Member;
use super::member::Stored;
use super::model::Instance;
use super::seed;
use super::seed::InstanceSeed;
use super::settings::Settings;
use crate::emulator::alibaba::Gateway;
use crate::emulator::alibaba::Style;
use crate::emulator::clock;
use crate::emulator::clock::Clock;
use crate::emulator::commit_log::Change;
use crate::emulator::commit_log::CommitLog;
use crate::emulator::commit_log::Ticket;
use crate::emulator::kept;
use crate::emulator::kept::Kept;
use crate::emulator::options::Credentials;
use crate::emulator::options::Options;

/// Something that a commit can change.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Record {
    Instance(String),
    Inside(String, &'static str, String),
}

#[derive(Debug, Default)]
pub(super) struct Stale {
    /// Reads that still see the state before the change.
    pub(super) left: u32,
    pub(super) before: BTreeMap<String, Member>,
}

/// The world of one emulator.
#[derive(Debug)]
pub(super) struct World {
    pub(super) credentials: Credentials,
    pub(super) gateway: Gateway,
    pub(super) settings: Settings,
    pub(super) clock: Clock,
    seed: u64,
    counter: u64,
    pub(super) members: BTreeMap<String, Member>,
    /// Regions that do not answer.
    pub(super) outages: BTreeSet<String>,
    /// Successful calls that count as messages on the bill.
    pub(super) billed: u64,
    dirty: BTreeSet<Record>,
    /// Natural key of what the current call created.
    pub(super) created: Option<String>,
    pub(super) stale: Stale,
    log: Option<CommitLog>,
}

impl World {
    pub(super) fn open(options: &Options) -> std::io::Result<Self> {
        let mut world = Self::empty(options);
        let is_new = match &options.data_dir {
            Some(dir) => world.load(dir)?,
            None => true,
        };
        if is_new {
            world.begin();
        }
        Ok(world)
    }

    /// A new world that is kept nowhere.
    pub(super) fn in_memory(options: &Options) -> Self {
        let mut world = Self::empty(options);
        world.begin();
        world
    }

    fn empty(options: &Options) -> Self {
        Self {
            credentials: options.credentials.clone(),
            gateway: Gateway::new(Style::Rpc),
            settings: Settings { open_instances: options.open_instances, ..Settings::default() },
            clock: Clock::new(options.clock, clock::wall_ms()),
            seed: options.seed,
            counter: 0,
            members: BTreeMap::new(),
            outages: BTreeSet::new(),
            billed: 0,
            dirty: BTreeSet::new(),
            created: None,
            stale: Stale::default(),
            log: None,
        }
    }

    /// Instances are bought, not made by this API: a new world has a few.
    fn begin(&mut self) {
        for seed in seed::demo() {
            seed.plant(self);
        }
        self.flush();
    }

    /// Reads what the directory holds. Returns whether it holds nothing.
    fn load(&mut self, dir: &Path) -> std::io::Result<bool> {
        let (log, contents) = CommitLog::open(dir, "apsaramq-mqtt")?;
        let is_new = contents.is_empty();
        if let Some((now, counter)) = kept::resumed(&contents) {
            self.counter = counter;
            self.clock = Clock::new(self.clock.mode(), now);
        }
        // Instances first: what is in them needs a place to go.
        for (key, value) in &contents {
            if key.starts_with("instance/") {
                let instance: Instance = serde_json::from_value(value.clone())?;
                self.members.insert(instance.id.clone(), Member::new(instance));
            }
        }
        for (key, value) in contents {
            let mut parts = key.splitn(3, '/');
            if let (Some(kind), Some(iid), Some(_)) = (parts.next(), parts.next(), parts.next())
                && let Some(member) = self.members.get_mut(iid)
            {
                member.restore(kind, value)?;
            }
        }
        self.log = Some(log);
        Ok(is_new)
    }

    /// Milliseconds of virtual time.
    pub(super) fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    /// The next number of the one sequence that orders everything.
    pub(super) fn next_position(&mut self) -> u64 {
        self.counter += 1;
        self.counter
    }

    /// 32 hexadecimal digits in capitals that depend on the seed and on how many there were before.
    pub(super) fn new_hex(&mut self) -> String {
        let position = self.next_position();
        digits(&format!("{}/{position}", self.seed)).chars().take(32).collect()
    }

    /// A request id as the vendor writes them.
    pub(super) fn new_request_id(&mut self) -> String {
        let hex = self.new_hex();
        let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
        format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
    }

    /// The code that proves the possession of an authority's private key; each instance has its own.
    pub(super) fn register_code(&self, iid: &str) -> String {
        let hex = digits(&format!("{}/register/{iid}", self.seed)).to_ascii_lowercase();
        let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
        format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 36))
    }

    /// An instance that the caller may use.
    pub(super) fn member(&self, iid: &str) -> Result<&Member, Refusal> {
        self.members.get(iid).filter(|member| !member.instance.is_foreign).ok_or_else(foreign_instance)
    }

    /// Makes an instance that nobody has made yet, where that is wanted and the id could be one.
    pub(super) fn imagine(&mut self, iid: &str, region: Option<&str>) {
        if self.settings.open_instances && !self.members.contains_key(iid) && is_instance_id(iid) {
            let seed = InstanceSeed::new(iid);
            match region {
                Some(region) => seed.region(region).plant(self),
                None => seed.plant(self),
            };
        }
    }

    pub(super) fn members(&self) -> &BTreeMap<String, Member> {
        &self.members
    }

    pub(super) fn add_instance(&mut self, instance: Instance) {
        self.dirty.insert(Record::Instance(instance.id.clone()));
        self.members.insert(instance.id.clone(), Member::new(instance));
    }

    pub(super) fn instance_mut(&mut self, iid: &str) -> Option<&mut Instance> {
        let member = self.members.get_mut(iid)?;
        self.dirty.insert(Record::Instance(iid.to_owned()));
        Some(&mut member.instance)
    }

    /// Removes an instance with everything in it.
    pub(super) fn remove_instance(&mut self, iid: &str) -> bool {
        let Some(member) = self.members.remove(iid) else { return false };
        let inside =
            member.records().into_iter().map(|(kind, key)| Record::Inside(iid.to_owned(), kind, key));
        self.dirty.extend(inside);
        self.dirty.insert(Record::Instance(iid.to_owned()));
        true
    }

    pub(super) fn put<T: Stored>(&mut self, iid: &str, stored: T) {
        if let Some(member) = self.members.get_mut(iid) {
            let key = stored.key();
            self.dirty.insert(Record::Inside(iid.to_owned(), T::KIND, key.clone()));
            T::shelf_mut(member).insert(key, stored);
        }
    }

    /// Removes something. False = there is no such thing.
    pub(super) fn remove<T: Stored>(&mut self, iid: &str, key: &str) -> bool {
        let Some(member) = self.members.get_mut(iid) else { return false };
        let removed = T::shelf_mut(member).remove(key).is_some();
        if removed {
            self.dirty.insert(Record::Inside(iid.to_owned(), T::KIND, key.to_owned()));
        }
        removed
    }

    pub(super) fn get<T: Stored>(&self, iid: &str, key: &str) -> Option<T> {
        T::shelf(self.members.get(iid)?).get(key).cloned()
    }

    /// Removes everything, and begins anew.
    pub(super) fn clear(&mut self) {
        let all: Vec<String> = self.members.keys().cloned().collect();
        for iid in all {
            self.remove_instance(&iid);
        }
        let open_instances = self.settings.open_instances;
        self.settings = Settings { open_instances, ..Settings::default() };
        self.outages.clear();
        self.billed = 0;
        self.stale = Stale::default();
        self.begin();
    }

    /// Whether the current call has changed something.
    pub(super) fn is_dirty(&self) -> bool {
        !self.dirty.is_empty()
    }

    /// Commits what has changed; nothing to wait for without a change or a directory.
    pub(super) fn flush(&mut self) -> Option<Ticket> {
        kept::flush(self)
    }

    fn value(&self, record: &Record) -> Option<Value> {
        match record {
            Record::Instance(iid) => serde_json::to_value(&self.members.get(iid)?.instance).ok(),
            Record::Inside(iid, kind, key) => self.members.get(iid)?.record(kind, key),
        }
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
        let mut records = Vec::new();
        for (iid, member) in &self.members {
            records.push(Record::Instance(iid.clone()));
            let inside = member.records().into_iter();
            records.extend(inside.map(|(kind, key)| Record::Inside(iid.clone(), kind, key)));
        }
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
            Self::Inside(iid, kind, key) => format!("{kind}/{iid}/{key}"),
        }
    }
}

/// Whether the text looks like the id of an instance.
fn is_instance_id(text: &str) -> bool {
    ["mqtt-", "post-"].iter().any(|prefix| text.strip_prefix(prefix).is_some_and(|rest| rest.len() >= 3))
        && text.len() <= 64
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

/// 64 hexadecimal digits in capitals that depend on a text.
pub(super) fn digits(text: &str) -> String {
    use std::fmt::Write as _;
    let mut all = String::new();
    for byte in Sha256::digest(text.as_bytes()) {
        if write!(all, "{byte:02X}").is_err() {
            // Writing to a string cannot fail.
            break;
        }
    }
    all
}
