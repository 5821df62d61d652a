//! Names of objects in state: an address, and a key for objects that were set aside.

use std::fmt;
use std::sync::Arc;

use serde::Deserialize;
use serde::Serialize;

use crate::addr::InstanceAddr;

/// Names one object that was set aside by a create-before-destroy replacement: eight hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DeposedKey(Arc<str>);

impl DeposedKey {
    /// Returns a new random key.
    #[must_use]
    pub fn random() -> Self {
        let (high, _, _, _) = uuid::Uuid::new_v4().as_fields();
        Self(format!("{high:08x}").into())
    }

    /// Reads a key: eight hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() == 8 && text.bytes().all(|b| b.is_ascii_hexdigit())).then(|| Self(text.into()))
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DeposedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One object in state: the current one of an address, or one of its deposed ones.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ObjectRef {
    /// The address.
    #[serde(with = "crate::state::forms::text")]
    pub addr: InstanceAddr,
    /// The key of a deposed object; none for the current one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deposed: Option<DeposedKey>,
}

impl ObjectRef {
    /// Names the current object of an address.
    #[must_use]
    pub fn current(addr: InstanceAddr) -> Self {
        Self { addr, deposed: None }
    }

    /// Names a deposed object.
    #[must_use]
    pub fn deposed(addr: InstanceAddr, key: DeposedKey) -> Self {
        Self { addr, deposed: Some(key) }
    }
}

impl fmt::Display for ObjectRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.deposed {
            Some(key) => write!(f, "{} (deposed object {key})", self.addr),
            None => write!(f, "{}", self.addr),
        }
    }
}
