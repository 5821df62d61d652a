//! Parameters of a call. They may come in the query or in a form; the service takes both for everything.

use std::collections::BTreeMap;

use serde_json::Value;

use super::errors::Refusal;
use super::errors::invalid;
use crate::emulator::exchange::Call;
use crate::emulator::exchange::decoded;

/// The parameters of one call by name.
#[derive(Clone, Debug)]
pub(super) struct Params {
    values: BTreeMap<String, String>,
}

impl Params {
    pub(super) fn of(call: &Call) -> Self {
        let mut values: BTreeMap<String, String> = call.query.iter().cloned().collect();
        let is_form = call
            .header("content-type")
            .is_some_and(|kind| kind.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded"));
        if is_form {
            let body = String::from_utf8_lossy(&call.body);
            for pair in body.split('&').filter(|pair| !pair.is_empty()) {
                let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
                values.insert(decoded(&key.replace('+', " ")), decoded(&value.replace('+', " ")));
            }
        }
        Self { values }
    }

    /// A parameter, unless it is missing or empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// A parameter that must be there.
    pub(super) fn need(&self, name: &str) -> Result<&str, Refusal> {
        self.get(name).ok_or_else(|| invalid(name))
    }

    /// One of a few words that must be there.
    pub(super) fn word(&self, name: &str, words: &[&str]) -> Result<&str, Refusal> {
        self.need(name).and_then(|value| if words.contains(&value) { Ok(value) } else { Err(invalid(name)) })
    }

    /// A whole number that must be there.
    pub(super) fn number(&self, name: &str) -> Result<i64, Refusal> {
        self.need(name)?.parse().map_err(|_not_a_number| invalid(name))
    }

    /// A length of pages that must be there, 1 to 100.
    pub(super) fn size(&self, name: &str) -> Result<usize, Refusal> {
        let size = self.number(name)?;
        usize::try_from(size).ok().filter(|size| (1..=100).contains(size)).ok_or_else(|| invalid(name))
    }

    /// The texts `NAME.1`, `NAME.2`, …
    pub(super) fn texts(&self, name: &str) -> Vec<&str> {
        (1..).map_while(|n| self.get(&format!("{name}.{n}"))).collect()
    }

    /// The pairs `NAME.1.Key`, `NAME.1.Value`, …
    pub(super) fn pairs(&self, name: &str) -> Vec<(&str, Option<&str>)> {
        (1..)
            .map_while(|n| {
                Some((self.get(&format!("{name}.{n}.Key"))?, self.get(&format!("{name}.{n}.Value"))))
            })
            .collect()
    }

    /// Tags as JSON, `[{"key": …, "value": …}]`.
    pub(super) fn json_tags(&self, name: &str) -> Result<BTreeMap<String, String>, Refusal> {
        let Some(text) = self.get(name) else { return Ok(BTreeMap::new()) };
        let list: Vec<BTreeMap<String, Value>> = serde_json::from_str(text).map_err(|_bad| invalid(name))?;
        list.iter()
            .map(|tag| {
                let part = |part: &str| tag.get(part).and_then(Value::as_str).map(str::to_owned);
                Ok((part("key").ok_or_else(|| invalid(name))?, part("value").unwrap_or_default()))
            })
            .collect()
    }
}
