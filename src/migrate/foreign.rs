//! What stays with other providers: references to it become local values with what the state knows, or variables.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde_json::Map;
use serde_json::Value as Json;

use super::literal;
use super::state::TerraformState;

/// Parts of names whose values are taken for secrets, whatever the state says.
const SECRET: &[&str] = &["password", "secret", "token", "private_key", "credential"];

/// An object that is not converted, within one module.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ForeignName {
    pub(super) is_data: bool,
    pub(super) kind: String,
    pub(super) name: String,
}

impl ForeignName {
    /// Returns the name of the local value or variable that stands for it.
    pub(super) fn flat(&self) -> String {
        let data = if self.is_data { "data_" } else { "" };
        format!("{data}{}_{}", self.kind, self.name)
    }

    pub(super) fn written(&self) -> String {
        let data = if self.is_data { "data." } else { "" };
        format!("{data}{}.{}", self.kind, self.name)
    }
}

/// What one module refers to, of what is not converted.
#[derive(Debug)]
pub(super) struct Foreign<'s> {
    state: Option<&'s TerraformState>,
    /// The addresses of the module, without keys.
    addresses: Vec<String>,
    known: BTreeMap<ForeignName, BTreeSet<String>>,
    asked: BTreeMap<ForeignName, bool>,
}

/// What stands for a reference.
pub(super) enum Standin {
    /// A local value, which the state gives.
    Local(String),
    /// A variable, which somebody must give.
    Variable(String),
}

impl<'s> Foreign<'s> {
    pub(super) fn new(state: Option<&'s TerraformState>, addresses: &[String]) -> Self {
        Self { state, addresses: addresses.to_vec(), known: BTreeMap::new(), asked: BTreeMap::new() }
    }

    /// Returns what stands for a reference to an attribute; none is the whole object.
    pub(super) fn standin(&mut self, name: &ForeignName, attribute: Option<&str>) -> Standin {
        let is_secret = attribute.is_none_or(|attribute| self.is_secret(name, attribute));
        if let Some(attribute) = attribute.filter(|_| !is_secret)
            && self.value(name, attribute).is_some()
        {
            self.known.entry(name.clone()).or_default().insert(attribute.to_owned());
            return Standin::Local(format!("local.{}", name.flat()));
        }
        let entry = self.asked.entry(name.clone()).or_default();
        *entry |= is_secret && attribute.is_some();
        Standin::Variable(format!("var.{}", name.flat()))
    }

    fn is_secret(&self, name: &ForeignName, attribute: &str) -> bool {
        SECRET.iter().any(|part| attribute.contains(part))
            || (name.kind.starts_with("random_password") && attribute == "result")
            || self.state.is_some_and(|state| {
                state.found(&self.addresses, name).iter().any(|found| found.is_sensitive(attribute))
            })
    }

    /// Returns the value of an attribute, by key where there are several instances. Nothing if the state does not tell,
    /// or the module is called several times and they may differ.
    fn value(&self, name: &ForeignName, attribute: &str) -> Option<Vec<(Option<Json>, Json)>> {
        let found = self.state?.found(&self.addresses, name);
        let [only] = found.as_slice() else { return None };
        let values = only.instances.iter().filter(|instance| !instance.is_deposed);
        let values: Vec<(Option<Json>, Json)> = values
            .map(|one| (one.index_key.clone(), one.attributes.get(attribute).cloned().unwrap_or(Json::Null)))
            .collect();
        (!values.is_empty()).then_some(values)
    }

    /// Returns the file with the local values and variables; nothing if there are none.
    pub(super) fn file(&self) -> Option<String> {
        if self.known.is_empty() && self.asked.is_empty() {
            return None;
        }
        let mut out = String::from(
            "# What other providers made, as Terraform's state had it when this configuration was migrated. Put data of your\n# own in its place where it may change.\n",
        );
        if !self.known.is_empty() {
            out.push_str("\nlocals {\n");
            for (name, attributes) in &self.known {
                out.push_str(&format!(
                    "  # {}\n  {} = {}\n",
                    name.written(),
                    name.flat(),
                    self.object(name, attributes)
                ));
            }
            out.push_str("}\n");
        }
        for (name, is_secret) in &self.asked {
            let written = name.written();
            let why = if *is_secret {
                "a secret is not taken out of a state"
            } else {
                "the state does not tell its value"
            };
            out.push_str(&format!(
                "\nvariable \"{}\" {{\n  type = any\n  description = \"`{written}` in Terraform: an object with the attributes that are used.\"\n",
                name.flat()
            ));
            if *is_secret {
                out.push_str("  sensitive = true\n");
            }
            out.push_str(&format!("  # {why}\n}}\n"));
        }
        Some(out)
    }

    /// Returns the variables that somebody must give.
    pub(super) fn variables(&self) -> impl Iterator<Item = (&ForeignName, bool)> {
        self.asked.iter().map(|(name, is_secret)| (name, *is_secret))
    }

    fn object(&self, name: &ForeignName, attributes: &BTreeSet<String>) -> String {
        let mut all: BTreeMap<String, (Option<Json>, Map<String, Json>)> = BTreeMap::new();
        for attribute in attributes {
            for (key, value) in self.value(name, attribute).unwrap_or_default() {
                let at = match &key {
                    Some(Json::Number(index)) => format!("{:020}", index.as_u64().unwrap_or_default()),
                    Some(other) => other.to_string(),
                    None => String::new(),
                };
                all.entry(at).or_insert_with(|| (key, Map::new())).1.insert(attribute.clone(), value);
            }
        }
        let is_list = all.values().any(|(key, _)| matches!(key, Some(Json::Number(_))));
        let is_map = all.values().any(|(key, _)| matches!(key, Some(Json::String(_))));
        let parts = all.into_values();
        let whole: Json = if is_list {
            parts.map(|(_, fields)| Json::Object(fields)).collect()
        } else if is_map {
            let keyed = parts.map(|(key, fields)| {
                (
                    key.and_then(|key| key.as_str().map(str::to_owned)).unwrap_or_default(),
                    Json::Object(fields),
                )
            });
            Json::Object(keyed.collect())
        } else {
            Json::Object(parts.map(|(_, fields)| fields).next().unwrap_or_default())
        };
        literal::expression(&whole)
    }
}
