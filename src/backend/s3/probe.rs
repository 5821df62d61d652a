//! Makes sure that the service keeps conditions: without them the lock would lock nothing.

use std::sync::Arc;

use crate::state::store::StoreError;

use super::bucket::Bucket;
use super::bucket::Condition;
use super::bucket::Written;
use super::failure::Failure;
use super::keys::Keys;

/// A tag that no version of an object has.
const NO_TAG: &str = "\"00000000000000000000000000000000\"";

/// Returns whether the service refuses writes whose condition does not hold: an object that is there is created once
/// more, and replaced as if it were another version.
pub(super) async fn keeps_conditions(bucket: &Bucket, keys: &Keys, id: &str) -> Result<bool, StoreError> {
    let key = keys.probe(id);
    let kept = ask(bucket, &key).await;
    // It says nothing to anybody if it stays; the answer counts.
    if let Err(failure) = bucket.delete(&key).await {
        tracing::debug!(%key, reason = %failure.reason(), "the probe was not removed");
    }
    match kept {
        Ok(kept) => Ok(kept),
        Err(failure) if failure.is_unsupported() => Ok(false),
        Err(failure) => Err(failure.into_error("write", keys.place(&key), bucket.name())),
    }
}

async fn ask(bucket: &Bucket, key: &str) -> Result<bool, Failure> {
    bucket.try_put(key, b"{}", &Condition::Absent).await?;
    let again = bucket.try_put(key, b"{}", &Condition::Absent).await?;
    let other = bucket.try_put(key, b"{}", &Condition::Is(Arc::from(NO_TAG))).await?;
    Ok(matches!((again, other), (Written::Refused, Written::Refused)))
}

/// The error for a service that does not keep them.
pub(super) fn unsupported(keys: &Keys) -> StoreError {
    StoreError::Engine {
        doing: "lock",
        place: keys.place(keys.state()),
        reason: "the service does not keep conditions of writes (`If-None-Match`, `If-Match`), so nothing would keep two runs apart".into(),
        hint: Some("use a service that knows conditional writes, or another backend; `--lock=false` works without a lock while nobody else works with this state".into()),
    }
}
