//! Removal of secrets from what is printed.
//!
//! Two nets: by *name* (values under sensitive keys of bodies, queries and headers are replaced)
//! and by *value* (secrets of this call are cut out of free text such as a vendor's message that
//! echoes the password back).

use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;

use super::encode;

/// What is printed in place of a secret.
pub const SENSITIVE: &str = "(sensitive)";

/// Shorter values are not cut out of free text: the text would be unreadable and they protect nothing.
const SHORTEST_SCRUBBED: usize = 4;

/// Names that are sensitive with every provider. Compared without case, `_`, `-` and `.`, as the
/// end of a key: `new_password` and `X-Auth-Token` match.
const ALWAYS: &[&str] = &[
    "apikey",
    "authorization",
    "cookie",
    "credential",
    "credentials",
    "passphrase",
    "passwd",
    "password",
    "privatekey",
    "pwd",
    "secret",
    "secretkey",
    "signature",
    "token",
];

/// Which keys of bodies, queries and headers hold secrets.
#[derive(Clone, Debug)]
pub struct Redaction {
    names: BTreeSet<String>,
}

impl Default for Redaction {
    fn default() -> Self {
        Self::new(std::iter::empty::<&str>())
    }
}

impl Redaction {
    /// Adds a provider's own sensitive names to the built-in ones.
    pub fn new<N: AsRef<str>>(extra: impl IntoIterator<Item = N>) -> Self {
        let mut names: BTreeSet<String> = ALWAYS.iter().map(|name| (*name).to_owned()).collect();
        names.extend(extra.into_iter().map(|name| normal(name.as_ref())));
        names.remove("");
        Self { names }
    }

    /// Tells whether the value under `key` is a secret.
    pub fn is_sensitive(&self, key: &str) -> bool {
        let key = normal(key);
        self.names.iter().any(|name| key.ends_with(name.as_str()))
    }

    /// Returns `value` with everything under a sensitive key replaced.
    pub fn json(&self, value: &Value) -> Value {
        match value {
            Value::Object(map) => Value::Object(
                map.iter()
                    .map(|(key, value)| {
                        let shown = if self.is_sensitive(key) && !value.is_null() {
                            Value::String(SENSITIVE.to_owned())
                        } else {
                            self.json(value)
                        };
                        (key.clone(), shown)
                    })
                    .collect(),
            ),
            Value::Array(items) => Value::Array(items.iter().map(|item| self.json(item)).collect()),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
        }
    }

    /// Returns what to print for the value under `key`.
    pub fn shown<'v>(&self, key: &str, value: &'v str) -> &'v str {
        if self.is_sensitive(key) { SENSITIVE } else { value }
    }

    /// Collects the strings under sensitive keys of `value`.
    pub(super) fn collect(&self, value: &Value, into: &mut Scrub) {
        match value {
            Value::Object(map) => {
                for (key, value) in map {
                    if self.is_sensitive(key) {
                        collect_leaves(value, into);
                    } else {
                        self.collect(value, into);
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.collect(item, into)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
}

/// Every string below a sensitive key counts, also in nested objects.
fn collect_leaves(value: &Value, into: &mut Scrub) {
    match value {
        Value::String(text) => into.add(text),
        Value::Number(number) => into.add(&number.to_string()),
        Value::Array(items) => items.iter().for_each(|item| collect_leaves(item, into)),
        Value::Object(map) => map.values().for_each(|value| collect_leaves(value, into)),
        Value::Null | Value::Bool(_) => {}
    }
}

/// Key names are compared in one spelling: `secretKey`, `secret_key` and `Secret-Key` are the same.
fn normal(key: &str) -> String {
    key.chars().filter(|letter| !matches!(letter, '_' | '-' | '.')).flat_map(char::to_lowercase).collect()
}

/// The secrets of one call, for cutting them out of text whose shape is not known.
#[derive(Clone, Default)]
pub(super) struct Scrub {
    /// Longest first, so that a secret holding another is replaced as a whole.
    needles: Vec<String>,
}

impl Scrub {
    pub(super) fn add(&mut self, secret: &str) {
        if secret.len() < SHORTEST_SCRUBBED {
            return;
        }
        // The same secret in the spellings in which it can come back.
        let quoted = Value::String(secret.to_owned()).to_string();
        let escaped = quoted.trim_matches('"').to_owned();
        for needle in [secret.to_owned(), escaped, encode::component(secret)] {
            if !self.needles.contains(&needle) {
                self.needles.push(needle);
            }
        }
        self.needles.sort_by_key(|needle| std::cmp::Reverse(needle.len()));
    }

    pub(super) fn text(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for needle in &self.needles {
            if text.contains(needle.as_str()) {
                text = text.replace(needle.as_str(), SENSITIVE);
            }
        }
        text
    }
}

impl fmt::Debug for Scrub {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Scrub({} needles)", self.needles.len())
    }
}

/// Returns the first line with something on it, without control characters, cut to a readable length.
pub(super) fn first_line(text: &str) -> String {
    const LONGEST: usize = 200;
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let mut shown: String = line.chars().filter(|letter| !letter.is_control()).take(LONGEST).collect();
    if line.chars().count() > LONGEST {
        shown.push('…');
    }
    shown
}
