//! One managed or read object, and everything kept under one address.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use serde::Serialize;

use crate::addr::ProviderAddr;
use crate::addr::ResourceAddr;
use crate::addr::ValuePath;
use crate::state::AttributeError;
use crate::state::Attributes;
use crate::value::Type;
use crate::value::Value;

use super::DeposedKey;
use super::Status;

/// Everything kept under one address: the current object and those set aside by replacements.
#[derive(Debug, Clone, PartialEq)]
pub struct Instance {
    /// The provider configuration the objects belong to.
    pub provider: ProviderAddr,
    /// The version of the schema the attributes follow.
    pub schema_version: u64,
    /// The digest of that schema; empty for objects written by other tools.
    pub schema_digest: Arc<str>,
    /// The current object.
    pub current: Option<Object>,
    /// The objects that were replaced and still wait for their deletion.
    pub deposed: BTreeMap<DeposedKey, Object>,
}

impl Instance {
    /// Returns an instance without objects.
    #[must_use]
    pub fn new(provider: ProviderAddr, schema_version: u64, schema_digest: impl Into<Arc<str>>) -> Self {
        Self {
            provider,
            schema_version,
            schema_digest: schema_digest.into(),
            current: None,
            deposed: BTreeMap::new(),
        }
    }

    /// Returns the current object, or a deposed one.
    #[must_use]
    pub fn object(&self, deposed: Option<&DeposedKey>) -> Option<&Object> {
        match deposed {
            Some(key) => self.deposed.get(key),
            None => self.current.as_ref(),
        }
    }

    /// Returns all objects, the current one first.
    pub fn objects(&self) -> impl Iterator<Item = (Option<&DeposedKey>, &Object)> {
        let current = self.current.iter().map(|object| (None, object));
        current.chain(self.deposed.iter().map(|(key, object)| (Some(key), object)))
    }

    /// Returns true if no object is left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.current.is_none() && self.deposed.is_empty()
    }
}

/// Where the record of an action says when it was run.
const INVOKED_AT: &str = "invoked_at";
/// Where the record of an action says what of its results did not hold.
const REFUTED: &str = "refuted";

/// One object.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Object {
    /// The attributes, decoded only when asked for.
    pub attributes: Attributes,
    /// How far it has come.
    #[serde(default, skip_serializing_if = "Status::is_ready")]
    pub status: Status,
    /// The resources it depended on when it was written, without instance keys.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "crate::state::forms::resources")]
    pub dependencies: Vec<ResourceAddr>,
    /// Whether its replacement is created before it is deleted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub create_before_destroy: bool,
    /// Whether `prevent_destroy` was set when it was last applied; it holds until `state unprotect`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub prevent_destroy: bool,
    /// Attributes that the service never returns and whose change is only half done, because the rest was put off.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub held: Vec<Arc<str>>,
    /// The fingerprint of the [`super::Identity`] it was written under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pin: Option<Arc<str>>,
    /// What other tools keep with the object, and what the provider wants to remember.
    #[serde(default, skip_serializing_if = "serde_json::Map::is_empty")]
    pub private: serde_json::Map<String, serde_json::Value>,
}

impl Object {
    /// Returns a ready object with these attributes.
    #[must_use]
    pub fn new(attributes: Attributes) -> Self {
        Self { attributes, ..Self::default() }
    }

    /// Decodes the attributes; see [`Attributes::value`].
    ///
    /// # Errors
    /// If the attributes do not have the type.
    pub fn value(&self, ty: &Type) -> Result<Value, AttributeError> {
        self.attributes.value(ty)
    }

    /// Returns whether a sensitive leaf equals a value; see [`Attributes::sensitive_matches`].
    #[must_use]
    pub fn sensitive_matches(&self, path: &ValuePath, value: &Value) -> bool {
        self.attributes.sensitive_matches(path, value)
    }

    /// Returns when an action was run last, if it was (RFC 3339).
    #[must_use]
    pub fn invoked_at(&self) -> Option<&str> {
        self.private.get(INVOKED_AT).and_then(serde_json::Value::as_str)
    }

    /// Notes when an action was run.
    pub fn set_invoked_at(&mut self, at: &str) {
        self.private.insert(INVOKED_AT.to_owned(), at.into());
    }

    /// Returns what did not hold of the results of an action's last run, if something did not.
    #[must_use]
    pub fn refuted(&self) -> Option<&str> {
        self.private.get(REFUTED).and_then(serde_json::Value::as_str)
    }

    /// Notes what did not hold of the results of an action, or that all of it did.
    pub fn set_refuted(&mut self, what: Option<&str>) {
        match what {
            Some(what) => self.private.insert(REFUTED.to_owned(), what.into()),
            None => self.private.remove(REFUTED),
        };
    }

    /// Returns the object with another status.
    #[must_use]
    pub fn with_status(mut self, status: Status) -> Self {
        self.status = status;
        self
    }
}
