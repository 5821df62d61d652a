//! The journal as segments: which there are, which count, and their content.

use std::sync::Arc;

use futures_util::StreamExt as _;
use futures_util::TryStreamExt as _;
use futures_util::stream;

use crate::state::store::StoreError;

use super::bucket::Bucket;
use super::failure::Failure;
use super::keys::Keys;
use super::manifest::Manifest;
use super::manifest::Range;

/// How many segments are read or removed at a time.
const AT_ONCE: usize = 16;

/// A segment that counts.
#[derive(Debug, Clone)]
pub(super) struct Segment {
    pub(super) epoch: u64,
    pub(super) number: u64,
    pub(super) bytes: Vec<u8>,
    /// How many bytes of the object count; none if all do.
    pub(super) cut: Option<u64>,
}

/// The segments that there are.
#[derive(Debug, Clone, Default)]
pub(super) struct Listing {
    /// Epochs and numbers, sorted.
    pub(super) segments: Vec<(u64, u64)>,
}

/// What keeps a journal from being read as it should be.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The service failed.
    Failure(Failure),
    /// A segment that counts is not there.
    Missing(String),
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl Trouble {
    pub(super) fn into_error(self, bucket: &Bucket, keys: &Keys) -> StoreError {
        match self {
            Self::Failure(failure) => {
                failure.into_error("read", keys.place(&keys.journal()), bucket.name())
            }
            Self::Missing(key) => StoreError::Engine {
                doing: "read",
                place: keys.place(&key),
                reason: "this part of the journal is missing".into(),
                hint: Some(
                    format!(
                        "restore it from an earlier version; or remove `{}` to go on with the parts that are there, then run `queueform drift`",
                        keys.place(&keys.lock())
                    )
                    .into(),
                ),
            },
        }
    }
}

pub(super) async fn list(bucket: &Bucket, keys: &Keys) -> Result<Listing, Failure> {
    let found = bucket.list(&keys.journal()).await?;
    let mut segments: Vec<_> = found.iter().filter_map(|key| keys.parse_segment(key)).collect();
    segments.sort_unstable();
    Ok(Listing { segments })
}

/// Returns the lock object of a state that has none. Somebody may have removed it: what the journal holds counts then, and
/// the next epoch is larger than all of it.
pub(super) async fn without_manifest(
    bucket: &Bucket,
    keys: &Keys,
    seconds: u64,
) -> Result<Manifest, StoreError> {
    let found = list(bucket, keys).await;
    let found =
        found.map_err(|failure| failure.into_error("read", keys.place(&keys.journal()), bucket.name()))?;
    let mut manifest = Manifest::first(seconds);
    manifest.journal = found.all();
    if let Some(last) = manifest.journal.last() {
        manifest.epoch = manifest.epoch.max(last.epoch);
    }
    Ok(manifest)
}

impl Listing {
    /// Returns ranges that count everything.
    pub(super) fn all(&self) -> Vec<Range> {
        let mut ranges: Vec<Range> = Vec::new();
        for (epoch, number) in &self.segments {
            match ranges.last_mut() {
                Some(Range { epoch: last, end: Some(end), .. }) if last == epoch && end == number => {
                    *end += 1
                }
                _ => ranges.push(Range { epoch: *epoch, first: *number, end: Some(number + 1), cut: None }),
            }
        }
        ranges
    }

    /// Ends open ranges where their segments end. None if a segment of a closed one is missing.
    pub(super) fn close(&self, ranges: &[Range]) -> Result<Vec<Range>, (u64, u64)> {
        let mut closed = Vec::new();
        for range in ranges {
            let mut next = range.first;
            while range.end.is_none_or(|end| next < end) && self.has(range.epoch, next) {
                next += 1;
            }
            match range.end {
                Some(end) if next < end => return Err((range.epoch, next)),
                _ => closed.push(Range { end: Some(next), ..*range }),
            }
        }
        closed.retain(|range| !range.is_empty());
        Ok(closed)
    }

    /// Adds a segment that was found otherwise.
    pub(super) fn add(&mut self, epoch: u64, number: u64) {
        self.segments.push((epoch, number));
        self.segments.sort_unstable();
    }

    fn has(&self, epoch: u64, number: u64) -> bool {
        self.segments.binary_search(&(epoch, number)).is_ok()
    }

    /// Whether there are segments of the range behind a gap: some before them are gone.
    pub(super) fn has_behind(&self, range: &Range, next: u64) -> bool {
        self.segments.iter().any(|(epoch, number)| *epoch == range.epoch && *number > next)
    }

    /// Returns the segments that do not count.
    pub(super) fn strays(&self, ranges: &[Range], before: u64) -> Vec<(u64, u64)> {
        let counts = |epoch: u64, number: u64| {
            ranges.iter().any(|range| {
                range.epoch == epoch && number >= range.first && range.end.is_none_or(|end| number < end)
            })
        };
        let strays =
            self.segments.iter().filter(|(epoch, number)| *epoch < before && !counts(*epoch, *number));
        strays.copied().collect()
    }
}

/// Reads the segments of closed ranges.
pub(super) async fn read(
    bucket: &Arc<Bucket>,
    keys: &Keys,
    ranges: &[Range],
) -> Result<Vec<Segment>, Trouble> {
    let wanted: Vec<(u64, u64, Option<u64>)> = ranges
        .iter()
        .flat_map(|range| {
            let end = range.end.unwrap_or(range.first);
            (range.first..end)
                .map(move |number| (range.epoch, number, range.cut.filter(|_| number + 1 == end)))
        })
        .collect();
    let reads = wanted.into_iter().map(|(epoch, number, cut)| async move {
        let key = keys.segment(epoch, number);
        let found = bucket.get(&key).await?.ok_or(Trouble::Missing(key))?;
        let mut bytes = found.bytes;
        if let Some(cut) = cut {
            bytes.truncate(usize::try_from(cut).unwrap_or(usize::MAX));
        }
        Ok::<Segment, Trouble>(Segment { epoch, number, bytes, cut })
    });
    stream::iter(reads).buffered(AT_ONCE).try_collect().await
}

/// Removes segments. Returns what kept some from being removed, if anything did.
pub(super) async fn remove(bucket: &Arc<Bucket>, keys: &Keys, segments: Vec<(u64, u64)>) -> Option<Failure> {
    let removed = segments.into_iter().map(|(epoch, number)| async move {
        let key = keys.segment(epoch, number);
        bucket.delete(&key).await.err()
    });
    stream::iter(removed).buffered(AT_ONCE).filter_map(std::future::ready).collect::<Vec<_>>().await.pop()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing(segments: &[(u64, u64)]) -> Listing {
        Listing { segments: segments.to_vec() }
    }

    fn closed(epoch: u64, first: u64, end: u64) -> Range {
        Range { epoch, first, end: Some(end), cut: None }
    }

    #[test]
    fn open_ranges_end_where_their_segments_do() {
        let found = listing(&[(1, 0), (1, 1), (2, 0), (2, 1), (2, 2), (2, 4), (3, 0)]);
        assert_eq!(
            found.close(&[closed(1, 0, 2), Range::open(2, 0)]),
            Ok(vec![closed(1, 0, 2), closed(2, 0, 3)])
        );
        assert_eq!(found.close(&[Range::open(3, 1)]), Ok(Vec::new()));
        assert!(found.has_behind(&Range::open(2, 0), 3));
        assert!(!found.has_behind(&Range::open(1, 0), 2));
        assert_eq!(found.close(&[closed(1, 0, 3)]), Err((1, 2)), "a segment that counts is missing");
    }

    #[test]
    fn only_what_earlier_sessions_left_is_a_stray() {
        let found = listing(&[(1, 0), (1, 1), (2, 0), (3, 0)]);
        assert_eq!(found.strays(&[closed(1, 0, 1), Range::open(3, 0)], 3), [(1, 1), (2, 0)]);
    }

    #[test]
    fn without_a_lock_object_everything_counts() {
        let found = listing(&[(1, 0), (1, 1), (1, 3), (2, 0)]);
        assert_eq!(found.all(), [closed(1, 0, 2), closed(1, 3, 4), closed(2, 0, 1)]);
    }
}
