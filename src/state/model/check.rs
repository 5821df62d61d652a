//! Results of conditions and checks of the last run.

use std::sync::Arc;

use serde::Deserialize;
use serde::Serialize;

/// How a check or condition ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CheckStatus {
    /// It holds.
    Pass,
    /// It does not hold.
    Fail,
    /// It could not be evaluated.
    Error,
    /// It depends on something not known yet.
    Unknown,
}

impl CheckStatus {
    /// Returns the worse of two.
    #[must_use]
    pub fn worse(self, other: Self) -> Self {
        let rank = |status| match status {
            Self::Pass => 0,
            Self::Unknown => 1,
            Self::Fail => 2,
            Self::Error => 3,
        };
        if rank(other) > rank(self) { other } else { self }
    }
}

/// The results of all conditions of one declaration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckResult {
    /// `resource`, `output`, `check` or `var`.
    pub object_kind: Arc<str>,
    /// The declaration, without keys.
    pub config_addr: Arc<str>,
    /// The worst of the objects' results.
    pub status: CheckStatus,
    /// The results per instance.
    #[serde(default)]
    pub objects: Vec<CheckObject>,
}

/// The result for one instance of a declaration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckObject {
    /// The instance.
    pub object_addr: Arc<str>,
    /// How it ended.
    pub status: CheckStatus,
    /// Messages of what does not hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failure_messages: Vec<Arc<str>>,
}
