//! Random topics, consumer groups and users, every edit of one argument that is allowed, and what it must lead to.
//!
//! What an edit means is told from the documentation of the service and of the schema; whether it is an update or a
//! replacement is the schema's own word.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::Index;

use queueform::schema::Change;
use queueform::schema::Registry;
use queueform::schema::ResourceKind;

use super::bench::V4;
use super::bench::V5;

/// What kind of object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Topic,
    Group,
    User,
}

/// A value of an argument: how it is written, and what it means. Different spellings can mean the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    written: String,
    means: String,
}

/// An object of a configuration.
#[derive(Debug, Clone)]
pub(super) struct Thing {
    kind: Kind,
    is_v5: bool,
    number: usize,
    arguments: BTreeMap<&'static str, Word>,
}

/// What is planned for an edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expected {
    Nothing,
    Update,
    Replace,
}

fn word(written: &str, means: &str) -> Word {
    Word { written: written.to_owned(), means: means.to_owned() }
}

fn plain(values: &[&str]) -> Vec<Word> {
    values.iter().map(|value| word(value, value)).collect()
}

fn texts(values: &[&str]) -> Vec<Word> {
    values.iter().map(|value| word(&format!("{value:?}"), value)).collect()
}

fn grants() -> Vec<Word> {
    let both = word("\"SUB|PUB\"", "PUB|SUB");
    texts(&["PUB", "SUB", "PUB|SUB", "DENY"]).into_iter().chain([both]).collect()
}

fn grant_maps() -> Vec<Word> {
    vec![
        word("{}", "{}"),
        word("{ orders = \"PUB\" }", "orders PUB"),
        word("{ orders = \"PUB|SUB\" }", "orders PUB|SUB"),
        word("{ orders = \"SUB|PUB\" }", "orders PUB|SUB"),
        word("{ orders = \"SUB\", billing = \"DENY\" }", "billing DENY, orders SUB"),
    ]
}

fn broker_sets() -> Vec<Word> {
    vec![
        word("[\"broker-0\"]", "broker-0"),
        word("[\"broker-1\"]", "broker-1"),
        word("[\"broker-0\", \"broker-1\"]", "broker-0,broker-1"),
        word("[\"broker-1\", \"broker-0\"]", "broker-0,broker-1"),
    ]
}

impl Kind {
    fn resource(self) -> &'static str {
        match self {
            Self::Topic => "dms_rocketmq_topic",
            Self::Group => "dms_rocketmq_consumer_group",
            Self::User => "dms_rocketmq_user",
        }
    }

    /// Arguments that must be there.
    fn required(self) -> &'static [&'static str] {
        match self {
            Self::Topic | Self::Group => &["instance_id", "name"],
            Self::User => &["instance_id", "access_key", "secret_key"],
        }
    }

    /// Arguments that may be left out, for an engine version.
    fn optional(self, is_v5: bool) -> &'static [&'static str] {
        match (self, is_v5) {
            (Self::Topic, false) => {
                &["queue_num", "read_queue_num", "write_queue_num", "permission", "brokers", "queues"]
            }
            (Self::Topic, true) => &["message_type"],
            (Self::Group, false) => &["retry_max_times", "enabled", "broadcast", "description", "brokers"],
            (Self::Group, true) => {
                &["retry_max_times", "enabled", "broadcast", "description", "consume_orderly"]
            }
            // Users of 5.x are administrators, whatever they are said to be.
            (Self::User, true) => {
                &["secret_key_version", "white_remote_address", "default_topic_perm", "topic_perms"]
            }
            (Self::User, false) => &[
                "secret_key_version",
                "white_remote_address",
                "admin",
                "default_topic_perm",
                "default_group_perm",
                "topic_perms",
                "group_perms",
            ],
        }
    }
}

impl Thing {
    fn new(kind: Kind, is_v5: bool, number: usize) -> Self {
        Self { kind, is_v5, number, arguments: BTreeMap::new() }
    }

    /// Values that an argument can have.
    fn values(&self, argument: &str) -> Vec<Word> {
        let number = self.number;
        match argument {
            "instance_id" => texts(if self.is_v5 { &V5 } else { &V4 }),
            "name" => texts(&[&format!("first-{number}"), &format!("%second|{number}")]),
            "access_key" => texts(&[&format!("first-user-{number}"), &format!("Second_User_{number}")]),
            "secret_key" => texts(&["Aa345678", "Secret key 2"]),
            "secret_key_version" => plain(&["1", "2", "7"]),
            // Never fewer that are read than are written, whatever was there before: that would be denied.
            "queue_num" => plain(&["3", "8"]),
            "read_queue_num" => plain(&["8", "12", "50"]),
            "write_queue_num" => plain(&["1", "3"]),
            "permission" => texts(&["all", "pub", "sub"]),
            "message_type" => texts(&["NORMAL", "FIFO", "DELAY", "TRANSACTION"]),
            "brokers" => broker_sets(),
            "queues" => vec![
                word("[{ broker = \"broker-0\", queue_num = 3 }]", "3 in broker-0"),
                word(
                    "[{ broker = \"broker-0\", queue_num = 3 }, { broker = \"broker-1\", queue_num = 5 }]",
                    "8 in broker-0,broker-1",
                ),
            ],
            "retry_max_times" => plain(&["1", "5", "16"]),
            "enabled" | "broadcast" | "consume_orderly" | "admin" => plain(&["true", "false"]),
            "description" => texts(&["", "a text", "zwei\tWörter \u{1f600}"]),
            "white_remote_address" => texts(&["192.168.*.*", "10.0.0.1,10.0.0.2"]),
            "default_topic_perm" | "default_group_perm" => grants(),
            "topic_perms" | "group_perms" => grant_maps(),
            other => panic!("no values for `{other}`"),
        }
    }

    /// What an argument means if it was never set.
    fn unset(&self, argument: &str) -> String {
        let means = |name| self.arguments.get(name).map(|word: &Word| word.means.as_str());
        match argument {
            "queue_num" | "queues" | "secret_key_version" => "none",
            "read_queue_num" | "write_queue_num" => {
                let queues = means("queues").and_then(|text| text.split(' ').next());
                means("queue_num").or(queues).unwrap_or("8")
            }
            "permission" => "all",
            "message_type" => "NORMAL",
            "brokers" => {
                let queues = means("queues").and_then(|text| text.rsplit(' ').next());
                queues.unwrap_or("broker-0,broker-1")
            }
            "retry_max_times" => "16",
            "enabled" => "true",
            "broadcast" | "consume_orderly" | "admin" => "false",
            "description" | "white_remote_address" => "",
            "default_topic_perm" | "default_group_perm" => "DENY",
            "topic_perms" | "group_perms" => "{}",
            other => panic!("`{other}` is always set"),
        }
        .to_owned()
    }

    fn is_valid(&self) -> bool {
        let has = |name| self.arguments.contains_key(name);
        !has("queues") || !has("queue_num") && !has("brokers")
    }

    /// Its address.
    pub(super) fn addr(&self) -> String {
        format!("{}.x{}", self.kind.resource(), self.number)
    }

    /// Its block.
    pub(super) fn block(&self) -> String {
        let mut text = format!("resource \"{}\" \"x{}\" {{\n", self.kind.resource(), self.number);
        for (name, word) in &self.arguments {
            text.push_str(&format!("  {name} = {}\n", word.written));
        }
        text + "}\n"
    }

    /// For users: instance, access key, secret.
    pub(super) fn login(&self) -> Option<[&str; 3]> {
        let means = |name| self.arguments.get(name).map(|word| word.means.as_str());
        Some([means("instance_id")?, means("access_key")?, means("secret_key")?])
    }

    /// Every edit of one argument that gives a valid object: another value, or none.
    fn edits(&self) -> Vec<(&'static str, Option<Word>)> {
        let mut edits = Vec::new();
        for name in self.kind.required().iter().chain(self.kind.optional(self.is_v5)) {
            let now = self.arguments.get(name);
            let others = self.values(name).into_iter().filter(|word| Some(word) != now);
            edits.extend(others.map(|word| (*name, Some(word))));
            if now.is_some() && !self.kind.required().contains(name) {
                edits.push((*name, None));
            }
        }
        edits.retain(|(name, word)| self.edited(name, word.as_ref()).is_valid());
        edits
    }

    fn edited(&self, name: &'static str, word: Option<&Word>) -> Self {
        let mut other = self.clone();
        match word {
            Some(word) => other.arguments.insert(name, word.clone()),
            None => other.arguments.remove(name),
        };
        other
    }
}

/// An object and an edit of it.
#[derive(Debug, Clone)]
pub(super) struct Edit {
    pub(super) before: Thing,
    pub(super) after: Thing,
    argument: &'static str,
}

impl Edit {
    /// What is to be planned.
    pub(super) fn expected(&self, registry: &Registry) -> Expected {
        let (before, after) = (&self.before, &self.after);
        let schema = registry.resource(ResourceKind::Managed, before.kind.resource()).unwrap();
        let attribute = schema.attribute(self.argument).unwrap();
        // With a version nothing is kept of a secret; without one its changes are noticed.
        if attribute.write_only && after.arguments.contains_key("secret_key_version") {
            return Expected::Nothing;
        }
        let old = before.arguments.get(self.argument).map(|word| word.means.clone());
        let old = old.unwrap_or_else(|| before.unset(self.argument));
        let new = match after.arguments.get(self.argument) {
            Some(word) => word.means.clone(),
            // What the provider decides if it is left out stays as it was.
            None if attribute.mode.is_computed() => old.clone(),
            None => after.unset(self.argument),
        };
        match attribute.change {
            _ if old == new => Expected::Nothing,
            // The service decided it and never returns it: nothing is known of it that could differ.
            _ if attribute.readback.is_never() && attribute.mode.is_computed() && old == "none" => {
                Expected::Nothing
            }
            Change::Update => Expected::Update,
            Change::Replace => Expected::Replace,
            Change::None => panic!("`{}` can be set, but not changed", self.argument),
        }
    }

    /// Whether the secret of the configuration is what the service knows afterwards.
    pub(super) fn sends_secret(&self, registry: &Registry) -> bool {
        match self.expected(registry) {
            Expected::Nothing => false,
            Expected::Update => ["secret_key", "secret_key_version"].contains(&self.argument),
            Expected::Replace => true,
        }
    }
}

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![3 => Just(Kind::Topic), 2 => Just(Kind::Group), 3 => Just(Kind::User)]
}

/// Objects with an edit each.
pub(super) fn edits(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Edit>> {
    let choices = prop::collection::vec((prop::bool::ANY, any::<Index>()), 12);
    let raw = (kind(), prop::bool::weighted(0.3), choices, any::<Index>(), any::<Index>());
    prop::collection::vec(raw, count).prop_map(|all| {
        let numbered = all.into_iter().enumerate();
        numbered
            .map(|(number, (kind, is_v5, choices, which, value))| {
                let mut before = Thing::new(kind, is_v5, number);
                let names = kind.required().iter().chain(kind.optional(is_v5));
                for (at, (name, (is_set, index))) in names.zip(choices).enumerate() {
                    if is_set || at < kind.required().len() {
                        let values = before.values(name);
                        let with = before.edited(name, Some(index.get(&values)));
                        if with.is_valid() {
                            before = with;
                        }
                    }
                }
                // First the argument, then its value: arguments with few values are edited as often as others.
                let all = before.edits();
                let mut arguments: Vec<&'static str> = all.iter().map(|(name, _)| *name).collect();
                arguments.dedup();
                let argument = *which.get(&arguments);
                let words: Vec<_> = all.into_iter().filter(|(name, _)| *name == argument).collect();
                let (_, word) = value.get(&words);
                let mut after = before.edited(argument, word.as_ref());
                if argument == "secret_key_version" {
                    // A new version usually comes with a new secret.
                    let secrets = after.values("secret_key");
                    after = after.edited("secret_key", Some(value.get(&secrets)));
                }
                Edit { before, after, argument }
            })
            .collect()
    })
}
