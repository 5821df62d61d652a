//! The beginning of a session: earlier ones are kept from writing, then state and journal are read.

use std::sync::Arc;

use crate::state::store::StoreError;

use super::acquire;
use super::acquire::Before;
use super::acquire::Look;
use super::bucket::Bucket;
use super::bucket::Condition;
use super::bucket::Written;
use super::journal;
use super::journal::Listing;
use super::journal::Segment;
use super::journal::Trouble;
use super::keys::Keys;
use super::lease::Held;
use super::manifest;
use super::manifest::Manifest;
use super::manifest::Range;
use super::store::S3Store;

/// What happens between taking the lock and the first look at the state.
#[derive(Debug)]
pub(super) struct Opening {
    pub(super) store: S3Store,
    pub(super) held: Option<Arc<Held>>,
    /// None if the lock object is another run's.
    pub(super) manifest: Option<Manifest>,
    pub(super) before: Before,
}

/// What was found.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) snapshot: Option<Vec<u8>>,
    pub(super) tag: Option<Arc<str>>,
    pub(super) segments: Vec<Segment>,
    pub(super) ranges: Vec<Range>,
    /// The range of this session, which begins behind its last segment.
    pub(super) ours: Range,
}

impl Opening {
    pub(super) async fn run(self) -> Result<Opened, StoreError> {
        let (bucket, keys) = self.store.parts();
        // The snapshot first: when it has its new stamp, no write of an earlier session replaces it any more.
        let (bytes, tag) = self.snapshot(&bucket, &keys).await?;
        let snapshot = bytes.and_then(|bytes| manifest::document(&bytes));
        let (ranges, ours) = match &self.manifest {
            Some(manifest) => {
                let ours = Range::open(manifest.epoch, 0);
                (manifest.journal.clone(), ours)
            }
            None => {
                let Look { manifest, .. } = acquire::look(&bucket, &keys).await?;
                let ranges = manifest.map(|manifest| manifest.journal).unwrap_or_default();
                let ours = ranges.last().copied().unwrap_or(Range::open(0, 0));
                (ranges, ours)
            }
        };
        if !self.before.is_unclean && ranges.iter().all(Range::is_empty) && self.manifest.is_some() {
            self.announce(vec![ours]).await?;
            return Ok(Opened { snapshot, tag, segments: Vec::new(), ranges: vec![ours], ours });
        }
        let (listing, closed) = self.list(&bucket, &keys, &ranges).await?;
        let segments = journal::read(&bucket, &keys, &closed).await;
        let segments = segments.map_err(|trouble| trouble.into_error(&bucket, &keys))?;
        if self.manifest.is_none() {
            let end = closed.iter().rfind(|range| range.epoch == ours.epoch).and_then(|range| range.end);
            let ours = Range::open(ours.epoch, end.unwrap_or(ours.first));
            return Ok(Opened { snapshot, tag, segments, ranges: closed, ours });
        }
        // The seal: what an earlier session writes from now on counts for nobody.
        let mut ranges = closed;
        ranges.push(ours);
        self.announce(ranges.clone()).await?;
        let strays = listing.strays(&ranges, ours.epoch);
        if let Some(failure) = journal::remove(&bucket, &keys, strays).await {
            tracing::debug!(reason = %failure.reason(), "segments that do not count were not removed");
        }
        Ok(Opened { snapshot, tag, segments, ranges, ours })
    }

    /// Returns the segments that there are, and the ranges that count with their ends.
    async fn list(
        &self,
        bucket: &Bucket,
        keys: &Keys,
        ranges: &[Range],
    ) -> Result<(Listing, Vec<Range>), StoreError> {
        let mut listing =
            journal::list(bucket, keys).await.map_err(self.store.failed("read", &keys.journal()))?;
        loop {
            let closed = listing.close(ranges).map_err(|(epoch, number)| {
                Trouble::Missing(keys.segment(epoch, number)).into_error(bucket, keys)
            })?;
            // A list may be older than an object that can be read already: the end is looked at itself.
            let open = ranges.iter().rfind(|range| range.end.is_none());
            let Some(range) = open else { return Ok((listing, closed)) };
            let found = closed.iter().find(|found| (found.epoch, found.first) == (range.epoch, range.first));
            let end = found.and_then(|found| found.end).unwrap_or(range.first);
            let key = keys.segment(range.epoch, end);
            if bucket.tag(&key).await.map_err(self.store.failed("read", &key))?.is_none() {
                return Ok((listing, closed));
            }
            listing.add(range.epoch, end);
        }
    }

    async fn announce(&self, ranges: Vec<Range>) -> Result<(), StoreError> {
        match &self.held {
            Some(held) => held.update(move |manifest| manifest.journal = ranges).await,
            None => Ok(()),
        }
    }

    /// Reads the snapshot, and makes another version of it if an earlier session may still write.
    async fn snapshot(
        &self,
        bucket: &Bucket,
        keys: &Keys,
    ) -> Result<(Option<Vec<u8>>, Option<Arc<str>>), StoreError> {
        let key = keys.state();
        loop {
            let found = bucket.get(key).await.map_err(self.store.failed("read", key))?;
            let epoch = match &self.manifest {
                Some(manifest) if self.before.is_unclean => manifest.epoch,
                _ => {
                    return Ok((
                        found.as_ref().map(|found| found.bytes.clone()),
                        found.map(|found| found.tag),
                    ));
                }
            };
            let (bytes, condition) = match found {
                Some(found) => (found.bytes, Condition::Is(found.tag)),
                // There was never a session that could write late.
                None if !self.before.is_there => return Ok((None, None)),
                None => (Vec::new(), Condition::Absent),
            };
            let stamped = manifest::stamped(&bytes, epoch, 0);
            let written = bucket.put(key, &stamped, &condition, bucket.patience()).await;
            if let Written::Done(tag) = written.map_err(self.store.failed("write", key))? {
                return Ok((Some(stamped), Some(tag)));
            }
        }
    }
}
