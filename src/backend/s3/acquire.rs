//! Taking the lock: a free one at once, a held one when its holder has given no sign of life for its whole lease.

use std::sync::Arc;
use std::time::Duration;

use crate::state::store::Clock;
use crate::state::store::Holder;
use crate::state::store::StoreError;

use super::super::instant::Instant;
use super::bucket::Bucket;
use super::bucket::Condition;
use super::bucket::Found;
use super::bucket::Written;
use super::journal;
use super::keys::Keys;
use super::lease::Held;
use super::manifest::Manifest;
use super::store::S3Store;
use super::store::waiting;

/// Between two looks at a held lock.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
const SHORTEST_PAUSE: Duration = Duration::from_millis(50);

/// By how much the clocks of one service may differ from each other.
const SERVICE_SKEW: Duration = Duration::from_secs(10);

/// A taken lock.
#[derive(Debug)]
pub(super) struct Taken {
    pub(super) held: Arc<Held>,
    pub(super) manifest: Manifest,
    pub(super) before: Before,
}

/// What is known of the sessions before.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Before {
    /// Whether there was one.
    pub(super) is_there: bool,
    /// Whether one may still write: it was cut off, or ended with a write in doubt.
    pub(super) is_unclean: bool,
}

/// The lock object as it was read; none if there is none.
#[derive(Debug)]
pub(super) struct Look {
    pub(super) manifest: Option<Manifest>,
    pub(super) found: Option<Found>,
}

/// Reads the lock object.
pub(super) async fn look(bucket: &Bucket, keys: &Keys) -> Result<Look, StoreError> {
    let key = keys.lock();
    let found = bucket.get(&key).await;
    let found = found.map_err(|failure| failure.into_error("read", keys.place(&key), bucket.name()))?;
    let manifest = match &found {
        Some(found) => Some(Manifest::parse(&found.bytes).map_err(|reason| StoreError::Engine {
            doing: "read",
            place: keys.place(&key),
            reason: reason.into(),
            hint: Some("restore this object from an earlier version; if there is none, make sure that no run is active and remove it".into()),
        })?),
        None => None,
    };
    Ok(Look { manifest, found })
}

/// Tells by the service's own time whether a lock is long past its lease.
pub(super) fn is_long_over(lease: u64, age: Option<Duration>) -> bool {
    let lease = Duration::from_millis(lease);
    age.is_some_and(|age| age > (lease + lease / 2).max(lease + SERVICE_SKEW))
}

/// Watches a held lock.
#[derive(Debug)]
struct Watch {
    tag: Arc<str>,
    /// When this version was first seen, by the own steady clock.
    since: Duration,
}

impl S3Store {
    /// Takes the lock, waiting for at most `wait` while its holder lives.
    pub(super) fn acquire(&self, holder: &Holder, wait: Duration) -> Result<Taken, StoreError> {
        let start = self.clock.elapsed();
        let mut watch: Option<Watch> = None;
        let mut is_alive = false;
        loop {
            let (bucket, keys) = self.parts();
            let Look { manifest, found } = waiting(async move { look(&bucket, &keys).await })??;
            let live =
                manifest.as_ref().and_then(|manifest| Some((manifest.holder.clone()?, manifest.lease)));
            let Some((owner, lease)) = live else {
                if let Some(taken) = self.take(Some(holder), manifest, found)? {
                    return Ok(taken);
                }
                continue;
            };
            let now = self.clock.elapsed();
            let tag = found.as_ref().map(|found| Arc::clone(&found.tag)).unwrap_or_default();
            let mut is_over = is_long_over(lease, found.as_ref().and_then(|found| found.age));
            match &watch {
                Some(watch) if watch.tag == tag => {
                    is_over |= now.saturating_sub(watch.since) > Duration::from_millis(lease);
                }
                seen => {
                    is_alive |= seen.is_some();
                    watch = Some(Watch { tag, since: now });
                }
            }
            if is_over {
                tracing::info!(%owner, "taking over the lock of a run that gives no sign of life");
                if let Some(taken) = self.take(Some(holder), manifest, found)? {
                    return Ok(taken);
                }
                continue;
            }
            let waited = now.saturating_sub(start);
            if is_alive && waited >= wait {
                return Err(StoreError::Locked {
                    holder: Some(Box::new(owner)),
                    waited: !wait.is_zero(),
                    outlives: Some(Duration::from_millis(lease)),
                });
            }
            let pause = (Duration::from_millis(lease) / 24).clamp(SHORTEST_PAUSE, LONGEST_PAUSE);
            if !self.clock.pause(pause) {
                return Err(StoreError::Interrupted);
            }
        }
    }

    /// Writes the version of the lock object that follows the one that was seen. None if somebody was faster.
    pub(super) fn take(
        &self,
        holder: Option<&Holder>,
        seen: Option<Manifest>,
        found: Option<Found>,
    ) -> Result<Option<Taken>, StoreError> {
        let store = self.clone();
        let holder = holder.cloned();
        waiting(async move { store.take_now(holder, seen, found).await })?
    }

    async fn take_now(
        self,
        holder: Option<Holder>,
        seen: Option<Manifest>,
        found: Option<Found>,
    ) -> Result<Option<Taken>, StoreError> {
        let Self { bucket, keys, clock, .. } = &self;
        let before = Before {
            is_there: seen.is_some(),
            is_unclean: seen.as_ref().is_none_or(|seen| seen.holder.is_some() || !seen.clean),
        };
        let mut manifest = match seen {
            Some(seen) => seen,
            None => journal::without_manifest(bucket, keys, seconds(&**clock)).await?,
        };
        manifest.epoch += 1;
        manifest.beat = 0;
        manifest.clean = false;
        manifest.lease = u64::try_from(self.lease.as_millis()).unwrap_or(u64::MAX);
        manifest.holder.clone_from(&holder);
        let key = keys.lock();
        let condition = found.map_or(Condition::Absent, |found| Condition::Is(found.tag));
        let sent = Instant::now(&**clock);
        let written = bucket.put(&key, &manifest.text(), &condition, bucket.patience()).await;
        match written.map_err(|failure| failure.into_error("lock", keys.place(&key), bucket.name()))? {
            Written::Done(tag) => {
                let place = (Arc::clone(bucket), keys.clone());
                let held = Held::new(place, Arc::clone(clock), holder, (manifest.clone(), tag), sent);
                Ok(Some(Taken { held: Arc::new(held), manifest, before }))
            }
            Written::Refused => Ok(None),
        }
    }
}

fn seconds(clock: &dyn Clock) -> u64 {
    let now = clock.now().parse::<jiff::Timestamp>();
    now.ok().and_then(|time| u64::try_from(time.as_second()).ok()).unwrap_or_default()
}
