//! Where a provider configuration's objects live: pinned so that state never meets another account.

use std::fmt;
use std::sync::Arc;

use serde::Deserialize;
use serde::Serialize;
use sha2::Digest as _;

/// The target of a provider configuration as it was when its objects were last written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The cloud or installation, such as `sbercloud`.
    pub cloud: Arc<str>,
    /// The endpoint's origin.
    pub endpoint: Arc<str>,
    /// The account, where the service tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<Arc<str>>,
    /// The project, resource group or department.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<Arc<str>>,
}

impl Identity {
    /// Returns a short fingerprint (16 hexadecimal digits). Every object carries the one of its provider
    /// configuration, so that the pin survives tools that drop what they do not know.
    #[must_use]
    pub fn fingerprint(&self) -> Arc<str> {
        let mut hash = sha2::Sha256::new();
        for part in [Some(&self.cloud), Some(&self.endpoint), self.account.as_ref(), self.project.as_ref()] {
            match part {
                Some(text) => {
                    hash.update([1]);
                    hash.update((text.len() as u64).to_be_bytes());
                    hash.update(text.as_bytes());
                }
                None => hash.update([0]),
            }
        }
        crate::state::forms::hex(hash.finalize().get(..8).unwrap_or_default()).into()
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}", self.cloud, self.endpoint)?;
        if let Some(account) = &self.account {
            write!(f, ", account {account}")?;
        }
        if let Some(project) = &self.project {
            write!(f, ", project {project}")?;
        }
        Ok(())
    }
}
