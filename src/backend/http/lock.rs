//! What the service is told about a lock: the `LockInfo` of Terraform, with our holder in it.

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde::Serialize;

use crate::state::store::Holder;

/// Who holds a lock, in the words of the protocol.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct LockInfo {
    /// The lock's id, which each write must name.
    #[serde(rename = "ID", default)]
    pub(super) id: String,
    /// The command.
    #[serde(rename = "Operation", default)]
    operation: String,
    /// Ours: who holds it and for how long; other tools show it as it is.
    #[serde(rename = "Info", default)]
    info: String,
    /// `user@host`.
    #[serde(rename = "Who", default)]
    who: String,
    #[serde(rename = "Version", default)]
    version: String,
    /// Since when.
    #[serde(rename = "Created", default)]
    created: String,
    #[serde(rename = "Path", default)]
    path: String,
}

/// What stands in `Info` of a lock of ours.
#[derive(Serialize, Deserialize)]
struct Ours {
    queueform: Holder,
    lease_ms: u64,
    /// The service's time when it was taken, in seconds since 1970.
    heard: Option<i64>,
}

impl LockInfo {
    /// Describes a lock that a run takes.
    pub(super) fn of(holder: &Holder, lease: Duration, heard: Option<i64>) -> Self {
        let lease_ms = u64::try_from(lease.as_millis()).unwrap_or(u64::MAX);
        let ours = Ours { queueform: holder.clone(), lease_ms, heard };
        Self {
            id: holder.id.to_string(),
            operation: holder.command.to_string(),
            info: serde_json::to_string(&ours).unwrap_or_default(),
            who: format!("{}@{}", holder.who, holder.host),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            created: holder.since.to_string(),
            path: String::new(),
        }
    }

    /// Describes a lock of which nothing but the id is known.
    pub(super) fn of_id(id: &str) -> Self {
        Self { id: id.to_owned(), ..Self::default() }
    }

    /// Reads what a service says of the holder; none if it says nothing of use.
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        serde_json::from_slice::<Self>(body).ok().filter(|info| !info.id.is_empty())
    }

    /// Returns for how long a lock of ours lasts without a sign of life; none for one of another tool, which may last
    /// for as long as it likes.
    pub(super) fn lease(&self) -> Option<Duration> {
        let ours: Ours = serde_json::from_str(&self.info).ok()?;
        Some(Duration::from_millis(ours.lease_ms))
    }

    /// Returns the service's time when a lock of ours was taken, in seconds since 1970.
    pub(super) fn heard(&self) -> Option<i64> {
        serde_json::from_str::<Ours>(&self.info).ok()?.heard
    }

    /// Returns the holder.
    pub(super) fn holder(&self) -> Holder {
        if let Ok(ours) = serde_json::from_str::<Ours>(&self.info) {
            return ours.queueform;
        }
        let (who, host) = self.who.split_once('@').unwrap_or((&self.who, "an unknown machine"));
        let text = |text: &str| Arc::<str>::from(text);
        Holder {
            id: text(&self.id),
            who: text(who),
            host: text(host),
            pid: 0,
            command: self
                .operation
                .strip_prefix("OperationType")
                .unwrap_or(&self.operation)
                .to_lowercase()
                .into(),
            since: text(&self.created),
            ..Holder::default()
        }
    }
}
