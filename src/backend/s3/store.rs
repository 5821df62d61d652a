//! The state of one workspace in a bucket.

use std::sync::Arc;
use std::time::Duration;

use crate::state::store::Clock;
use crate::state::store::Contents;
use crate::state::store::HistoryEntry;
use crate::state::store::Holder;
use crate::state::store::Request;
use crate::state::store::Session;
use crate::state::store::Store;
use crate::state::store::StoreError;

use super::super::LockState;
use super::super::blocking;
use super::acquire;
use super::acquire::Look;
use super::bucket::Bucket;
use super::failure::Failure;
use super::journal;
use super::journal::Trouble;
use super::keys::Keys;
use super::manifest;
use super::manifest::Range;
use super::session::S3Session;
use super::terraform;

/// The state of one workspace in a bucket.
#[derive(Debug, Clone)]
pub(super) struct S3Store {
    pub(super) bucket: Arc<Bucket>,
    pub(super) keys: Keys,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) lease: Duration,
    /// Whether Terraform is kept out by its own lock.
    pub(super) keeps_terraform_out: bool,
    /// How many earlier journals are kept.
    pub(super) retention: usize,
}

/// How often reading is tried while another run replaces the state.
const READ_TRIES: u32 = 50;

/// Waits for the client.
pub(super) fn waiting<T: Send + 'static>(
    future: impl Future<Output = T> + Send + 'static,
) -> Result<T, StoreError> {
    blocking::wait(future).map_err(|error| StoreError::Engine {
        doing: "reach",
        place: "s3".into(),
        reason: error.to_string().into(),
        hint: None,
    })
}

impl S3Store {
    /// Returns who holds the lock: a run of ours, or else Terraform, whose lock lasts until it is removed.
    pub(super) fn lock_state(&self) -> Result<LockState, StoreError> {
        let (bucket, keys) = self.parts();
        let Look { manifest, found } = waiting(async move { acquire::look(&bucket, &keys).await })??;
        let age = found.and_then(|found| found.age);
        let ours = manifest
            .and_then(|manifest| manifest.holder.filter(|_| !acquire::is_long_over(manifest.lease, age)));
        if let Some(holder) = ours {
            return Ok(LockState::Ours(Box::new(holder)));
        }
        if !self.keeps_terraform_out {
            return Ok(LockState::Free);
        }
        let (bucket, keys) = self.parts();
        let failed = self.failed("read", &keys.terraform());
        let other = waiting(async move { terraform::holder(&bucket, &keys).await })?.map_err(failed)?;
        Ok(other.map_or(LockState::Free, |holder| LockState::Other(Box::new(holder))))
    }

    /// Takes the lock away from who holds it under an id.
    pub(super) fn break_lock(&self, id: &str) -> Result<(), StoreError> {
        loop {
            let (bucket, keys) = self.parts();
            let Look { manifest, found } = waiting(async move { acquire::look(&bucket, &keys).await })??;
            let is_theirs = manifest
                .as_ref()
                .and_then(|seen| seen.holder.as_ref())
                .is_some_and(|holder| *holder.id == *id);
            // The next epoch without a holder: who had the lock writes nothing more.
            if !is_theirs || self.take(None, manifest, found)?.is_some() {
                break;
            }
        }
        let (bucket, keys, id) = (Arc::clone(&self.bucket), self.keys.clone(), id.to_owned());
        let failed = self.failed("unlock", &keys.terraform());
        waiting(async move { terraform::remove(&bucket, &keys, &id).await })?.map_err(failed)
    }

    pub(super) fn parts(&self) -> (Arc<Bucket>, Keys) {
        (Arc::clone(&self.bucket), self.keys.clone())
    }

    pub(super) fn failed(
        &self,
        doing: &'static str,
        key: &str,
    ) -> impl FnOnce(Failure) -> StoreError + use<> {
        let (place, name) = (self.keys.place(key), self.bucket.name().to_owned());
        move |failure| failure.into_error(doing, place, &name)
    }

    async fn read_once(&self) -> Result<Option<Contents>, StoreError> {
        let Self { bucket, keys, .. } = self;
        // The lock object comes first: what it says about the journal is then never newer than the snapshot.
        let Look { manifest, .. } = acquire::look(bucket, keys).await?;
        let state = bucket.get(keys.state()).await.map_err(self.failed("read", keys.state()))?;
        let tag = state.as_ref().map(|found| Arc::clone(&found.tag));
        let snapshot = state.and_then(|found| manifest::document(&found.bytes));
        if manifest.as_ref().is_some_and(|found| found.journal.iter().all(Range::is_empty)) {
            return Ok(Some(Contents { snapshot, journal: Vec::new() }));
        }
        let listing = journal::list(bucket, keys).await.map_err(self.failed("read", &keys.journal()))?;
        let (ranges, epoch) = match manifest {
            Some(found) => (found.journal, found.epoch),
            None => (listing.all(), u64::MAX),
        };
        if listing.segments.last().is_some_and(|(last, _)| *last > epoch) {
            return Ok(None);
        }
        let Ok(closed) = listing.close(&ranges) else { return Ok(None) };
        for range in &ranges {
            let end = closed
                .iter()
                .find(|closed| (closed.epoch, closed.first) == (range.epoch, range.first))
                .and_then(|closed| closed.end)
                .unwrap_or(range.first);
            if range.end.is_none() && listing.has_behind(range, end) {
                return Ok(None);
            }
        }
        let segments = match journal::read(bucket, keys, &closed).await {
            Ok(segments) => segments,
            Err(Trouble::Missing(_)) => return Ok(None),
            Err(trouble) => return Err(trouble.into_error(bucket, keys)),
        };
        // A writer replaces the snapshot before it empties the journal, and no two versions have one tag. If the
        // snapshot is still the same after the journal was read, the two belong together.
        if bucket.tag(keys.state()).await.map_err(self.failed("read", keys.state()))? != tag {
            return Ok(None);
        }
        let journal = segments.into_iter().flat_map(|segment| segment.bytes).collect();
        Ok(Some(Contents { snapshot, journal }))
    }

    async fn read_now(self) -> Result<Contents, StoreError> {
        let mut pause = Duration::from_millis(10);
        for _ in 0..READ_TRIES {
            if let Some(contents) = self.read_once().await? {
                return Ok(contents);
            }
            blocking::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_millis(500));
        }
        // What stands in the way does not pass: it is said with its name.
        let Self { bucket, keys, .. } = &self;
        let Look { manifest, .. } = acquire::look(bucket, keys).await?;
        let listing = journal::list(bucket, keys).await.map_err(self.failed("read", &keys.journal()))?;
        let missing = listing.close(&manifest.map(|found| found.journal).unwrap_or_default());
        let key = missing.err().map_or_else(|| keys.journal(), |(epoch, number)| keys.segment(epoch, number));
        Err(Trouble::Missing(key).into_error(bucket, keys))
    }
}

impl Store for S3Store {
    fn place(&self) -> String {
        self.keys.place(self.keys.state()).to_string()
    }

    fn open(&self, request: &Request) -> Result<Box<dyn Session>, StoreError> {
        Ok(Box::new(S3Session::open(self, request)?))
    }

    fn read(&self) -> Result<Contents, StoreError> {
        waiting(self.clone().read_now())?
    }

    fn holder(&self) -> Result<Option<Holder>, StoreError> {
        Ok(match self.lock_state()? {
            LockState::Free | LockState::Unnamed => None,
            LockState::Ours(holder) | LockState::Other(holder) => Some(*holder),
        })
    }

    fn names(&self) -> (Arc<str>, Arc<str>) {
        (self.keys.place(self.keys.state()), self.keys.place(&self.keys.journal()))
    }

    fn backup(&self) -> Option<Arc<str>> {
        let (bucket, key) = (Arc::clone(&self.bucket), self.keys.backup());
        let place = self.keys.place(&key);
        let found = waiting(async move { bucket.tag(&key).await });
        matches!(found, Ok(Ok(Some(_)))).then_some(place)
    }

    fn history(&self) -> Result<Vec<HistoryEntry>, StoreError> {
        let store = self.clone();
        let names =
            waiting(
                async move { history(&store).await.map_err(store.failed("read", &store.keys.history())) },
            )??;
        Ok(names.into_iter().map(|name| HistoryEntry { name: name.into() }).collect())
    }

    fn history_entry(&self, entry: &HistoryEntry) -> Result<Vec<u8>, StoreError> {
        let (bucket, key) = (Arc::clone(&self.bucket), self.keys.history_entry(&entry.name));
        let failed = self.failed("read", &key);
        let found = waiting(async move { bucket.get(&key).await })?.map_err(failed)?;
        Ok(found.map(|found| found.bytes).unwrap_or_default())
    }
}

/// Returns the names of the journals of earlier runs, the oldest first.
pub(super) async fn history(store: &S3Store) -> Result<Vec<String>, Failure> {
    let keys = store.bucket.list(&store.keys.history()).await?;
    Ok(keys.iter().filter_map(|key| store.keys.history_name(key)).map(str::to_owned).collect())
}
