//! The lock file of Terraform beside the state: a run of Terraform keeps us out, and a run of ours keeps Terraform out.

use serde::Deserialize;
use serde::Serialize;

use crate::state::store::Holder;
use crate::state::store::StoreError;

use super::bucket::Bucket;
use super::bucket::Condition;
use super::bucket::Written;
use super::failure::Failure;
use super::keys::Keys;

/// What Terraform writes into its lock file.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct LockInfo {
    #[serde(rename = "ID")]
    id: String,
    operation: String,
    info: String,
    who: String,
    version: String,
    created: String,
    path: String,
}

/// How our own are told from those of Terraform.
const OURS: &str = "a run of Queueform; if it was killed, its next run removes this";

impl LockInfo {
    fn of(holder: &Holder, path: &str) -> Self {
        Self {
            id: holder.id.to_string(),
            operation: holder.command.to_string(),
            info: OURS.to_owned(),
            who: format!("{}@{}", holder.who, holder.host),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            created: holder.since.to_string(),
            path: path.to_owned(),
        }
    }

    /// Returns whose it is, for people.
    fn shown(&self) -> String {
        let Self { id, operation, who, created, .. } = self;
        let operation = operation.strip_prefix("OperationType").unwrap_or(operation).to_lowercase();
        format!("Terraform holds it: `{operation}` of {who} since {created}, lock ID {id}")
    }
}

/// Takes Terraform's lock; what it returns says who has it. Ours is held already, so a lock file of ours is one that a
/// killed run left.
pub(super) async fn take(
    bucket: &Bucket,
    keys: &Keys,
    holder: &Holder,
) -> Result<Option<StoreError>, StoreError> {
    let key = keys.terraform();
    let failed = |failure: Failure| failure.into_error("lock", keys.place(&key), bucket.name());
    let path = format!("{}/{}", bucket.name(), keys.state());
    let text = serde_json::to_vec(&LockInfo::of(holder, &path)).unwrap_or_default();
    let mut condition = Condition::Absent;
    loop {
        let written = bucket.put(&key, &text, &condition, bucket.patience()).await.map_err(failed)?;
        if let Written::Done(_) = written {
            return Ok(None);
        }
        let Some(found) = bucket.get(&key).await.map_err(failed)? else {
            condition = Condition::Absent;
            continue;
        };
        let info: LockInfo = serde_json::from_slice(&found.bytes).unwrap_or_default();
        if info.info != OURS {
            return Ok(Some(StoreError::Engine {
                doing: "lock",
                place: keys.place(&key),
                reason: info.shown().into(),
                hint: Some(
                    format!(
                        "wait for that run to end; if it was killed, `queueform force-unlock {}`",
                        info.id
                    )
                    .into(),
                ),
            }));
        }
        condition = Condition::Is(found.tag);
    }
}

/// Returns who holds Terraform's lock under its own name.
pub(super) async fn holder(bucket: &Bucket, keys: &Keys) -> Result<Option<Holder>, Failure> {
    let Some(found) = bucket.get(&keys.terraform()).await? else { return Ok(None) };
    let info: LockInfo = serde_json::from_slice(&found.bytes).unwrap_or_default();
    if info.info == OURS {
        return Ok(None);
    }
    let (who, host) = info.who.split_once('@').unwrap_or((&info.who, "an unknown machine"));
    Ok(Some(Holder {
        id: info.id.as_str().into(),
        who: who.into(),
        host: host.into(),
        command: info
            .operation
            .strip_prefix("OperationType")
            .unwrap_or(&info.operation)
            .to_lowercase()
            .into(),
        since: info.created.as_str().into(),
        ..Holder::default()
    }))
}

/// Removes Terraform's lock, if it has this id: whoever it belongs to, nothing else ever does.
pub(super) async fn remove(bucket: &Bucket, keys: &Keys, id: &str) -> Result<(), Failure> {
    let Some(found) = bucket.get(&keys.terraform()).await? else { return Ok(()) };
    let info: LockInfo = serde_json::from_slice(&found.bytes).unwrap_or_default();
    if info.id == id { release(bucket, keys).await } else { Ok(()) }
}

/// Gives Terraform's lock back.
pub(super) async fn release(bucket: &Bucket, keys: &Keys) -> Result<(), Failure> {
    bucket.delete(&keys.terraform()).await
}
