//! The right to write the state of one workspace, until it is dropped.

use std::sync::Arc;
use std::time::Duration;

use crate::state::Lineage;
use crate::state::document;
use crate::state::journal as lines;
use crate::state::store::Contents;
use crate::state::store::Fence;
use crate::state::store::Lease;
use crate::state::store::Request;
use crate::state::store::Session;
use crate::state::store::Snapshot;
use crate::state::store::StoreError;
use crate::state::store::history_name;

use super::super::blocking::Background;
use super::acquire;
use super::acquire::Look;
use super::acquire::Taken;
use super::bucket::Condition;
use super::bucket::Patience;
use super::bucket::Written;
use super::journal;
use super::journal::Segment;
use super::lease::Held;
use super::manifest;
use super::manifest::Range;
use super::opening::Opening;
use super::probe;
use super::store;
use super::store::S3Store;
use super::store::waiting;
use super::terraform;

/// The right to write the state of one workspace.
#[derive(Debug)]
pub(super) struct S3Session {
    store: S3Store,
    /// None without a lock while another run has it: the lock object is left alone then.
    held: Option<Arc<Held>>,
    beat: Option<Background>,
    holds_terraform: bool,
    epoch: u64,
    /// The ranges that count, closed; the last one is ours.
    ranges: Vec<Range>,
    /// The segments that count, those of this session among them.
    segments: Vec<Segment>,
    /// The number of our next segment.
    next: u64,
    /// The version of the snapshot that this session read or wrote last; none if there is none.
    tag: Option<Arc<str>>,
    version: Option<(u64, Lineage)>,
    /// The snapshot before this session, until it is kept as the backup.
    before: Option<Vec<u8>>,
    /// What this session read first.
    contents: Option<Contents>,
    /// Counts the snapshots of this session.
    commits: u64,
    /// A snapshot that may have been written although nobody said so.
    attempt: Option<Vec<u8>>,
    /// How entries of the history are named while the journal names no other run.
    run: String,
    /// Whether the journal's condition is unknown after a failure.
    is_closed: bool,
    /// Whether a write of this session may still arrive.
    is_doubtful: bool,
}

/// How long the end of a session may take.
const FAREWELL: Duration = Duration::from_secs(10);

impl S3Session {
    pub(super) fn open(store: &S3Store, request: &Request) -> Result<Self, StoreError> {
        let (bucket, keys) = store.parts();
        let id = uuid::Uuid::new_v4().to_string();
        let keeps = waiting(async move { probe::keeps_conditions(&bucket, &keys, &id).await })??;
        match (keeps, request.lock) {
            (true, _) => {}
            (false, true) => return Err(probe::unsupported(&store.keys)),
            (false, false) => {
                tracing::warn!(place = %store.keys.place(store.keys.state()), "the service keeps no conditions: nothing keeps two runs apart");
                store.bucket.forget_conditions();
            }
        }
        let taken = if request.lock {
            Some(store.acquire(&request.holder, request.wait)?)
        } else {
            Self::without_lock(store)?
        };
        let mut session = Self {
            store: store.clone(),
            held: None,
            beat: None,
            holds_terraform: false,
            epoch: 0,
            ranges: Vec::new(),
            segments: Vec::new(),
            next: 0,
            tag: None,
            version: None,
            before: None,
            contents: None,
            commits: 0,
            attempt: None,
            run: history_name(&store.clock.now(), &request.holder.id),
            is_closed: false,
            is_doubtful: false,
        };
        // From here on the session lets go of what it has when it is dropped. Until an earlier session is kept from
        // writing, the next one must do that.
        let before = taken.as_ref().map(|taken| taken.before).unwrap_or_default();
        session.is_doubtful = before.is_unclean;
        let manifest = match taken {
            Some(Taken { held, manifest, .. }) => {
                if request.lock {
                    let beating = Background::start(Arc::clone(&held).beat());
                    session.beat = Some(beating.map_err(|error| StoreError::Engine {
                        doing: "lock",
                        place: store.keys.place(&store.keys.lock()),
                        reason: error.to_string().into(),
                        hint: None,
                    })?);
                }
                session.held = Some(held);
                Some(manifest)
            }
            None => None,
        };
        if request.lock && store.keeps_terraform_out {
            session.keep_terraform_out(request)?;
        }
        let opening = Opening { store: store.clone(), held: session.held.clone(), manifest, before };
        let opened = waiting(opening.run())??;
        session.is_doubtful = false;
        session.epoch = opened.ours.epoch;
        session.next = opened.ours.first;
        session.ranges = opened.ranges;
        session.segments = opened.segments;
        session.tag = opened.tag;
        session.before.clone_from(&opened.snapshot);
        session.version = opened.snapshot.as_deref().map(|bytes| document::head(bytes).unwrap_or_default());
        session.contents = Some(Contents { snapshot: opened.snapshot, journal: session.journal() });
        Ok(session)
    }

    /// Prepares the lock object for writing without a lock. None if another run holds it: it is left alone then, and our
    /// segments stand behind those of that run.
    fn without_lock(store: &S3Store) -> Result<Option<Taken>, StoreError> {
        loop {
            let (bucket, keys) = store.parts();
            let Look { manifest, found } = waiting(async move { acquire::look(&bucket, &keys).await })??;
            if manifest.as_ref().is_some_and(|manifest| manifest.holder.is_some()) {
                return Ok(None);
            }
            if let Some(taken) = store.take(None, manifest, found)? {
                return Ok(Some(taken));
            }
        }
    }

    fn keep_terraform_out(&mut self, request: &Request) -> Result<(), StoreError> {
        let start = self.store.clock.elapsed();
        loop {
            let (bucket, keys) = self.store.parts();
            let holder = request.holder.clone();
            let taken = waiting(async move { terraform::take(&bucket, &keys, &holder).await })??;
            let Some(held_by) = taken else {
                self.holds_terraform = true;
                return Ok(());
            };
            if self.store.clock.elapsed().saturating_sub(start) >= request.wait {
                return Err(held_by);
            }
            if !self.store.clock.pause(Duration::from_secs(1)) {
                return Err(StoreError::Interrupted);
            }
        }
    }

    fn journal(&self) -> Vec<u8> {
        self.segments.iter().flat_map(|segment| segment.bytes.iter().copied()).collect()
    }

    fn closed(&self) -> StoreError {
        StoreError::Closed { place: self.store.keys.place(&self.store.keys.journal()) }
    }

    fn confirm(&self) -> Result<(), StoreError> {
        match self.held.clone() {
            Some(held) => waiting(async move { held.confirm().await })?,
            None => Ok(()),
        }
    }

    fn patience(&self) -> Patience {
        // A write that is tried for longer than the lease lasts is not tried for the state's sake any more.
        let usual = self.store.bucket.patience();
        Patience { all: usual.all.max(self.store.lease / 2), ..usual }
    }

    /// Writes an object and returns its tag; none if the condition does not hold.
    fn put(&mut self, key: &str, bytes: &[u8], condition: Condition) -> Result<Option<Arc<str>>, StoreError> {
        let failed = self.store.failed("write", key);
        let (bucket, patience) = (Arc::clone(&self.store.bucket), self.patience());
        let (key, bytes) = (key.to_owned(), bytes.to_vec());
        let written = waiting(async move { bucket.put(&key, &bytes, &condition, patience).await })?;
        match written {
            Ok(Written::Done(tag)) => Ok(Some(tag)),
            Ok(Written::Refused) => Ok(None),
            Err(failure) => {
                self.is_doubtful |= failure.may_have_happened;
                Err(failed(failure))
            }
        }
    }

    /// Says which segments count from now on.
    fn announce(&mut self, ranges: Vec<Range>) -> Result<(), StoreError> {
        let Some(held) = self.held.clone() else { return Ok(()) };
        let announced = ranges.clone();
        waiting(async move { held.update(move |manifest| manifest.journal = announced).await })??;
        self.ranges = ranges;
        Ok(())
    }

    /// Keeps the snapshot before this session.
    fn keep_backup(&mut self) -> Result<(), StoreError> {
        if let Some(bytes) = self.before.take() {
            let key = self.store.keys.backup();
            if let Err(error) = self.put(&key, &bytes, Condition::Anything) {
                self.before = Some(bytes);
                return Err(error);
            }
        }
        Ok(())
    }

    /// Finds out whether the snapshot that is there is the one of an earlier attempt of ours.
    fn find_attempt(&mut self) -> Result<(), StoreError> {
        let Some(attempt) = self.attempt.take() else { return Ok(()) };
        let (bucket, key) = (Arc::clone(&self.store.bucket), self.store.keys.state().to_owned());
        let failed = self.store.failed("read", &key);
        match waiting(async move { bucket.get(&key).await })? {
            Ok(Some(found)) if found.bytes == attempt => {
                self.version = document::head(manifest::unstamped(&found.bytes));
                self.tag = Some(found.tag);
                Ok(())
            }
            Ok(_) => Ok(()),
            Err(failure) => {
                self.attempt = Some(attempt);
                Err(failed(failure))
            }
        }
    }

    /// Says why the snapshot is not the one that this session knows.
    fn moved(&self) -> Result<StoreError, StoreError> {
        // The lock may have been taken away: then nothing is written any more.
        if let Some(held) = self.held.clone() {
            waiting(async move { held.update(|_| ()).await })??;
        }
        let (bucket, key) = (Arc::clone(&self.store.bucket), self.store.keys.state().to_owned());
        let place = self.store.keys.place(&key);
        let failed = self.store.failed("read", &key);
        let found = waiting(async move { bucket.get(&key).await })?.map_err(failed)?;
        let found = found.and_then(|found| document::head(manifest::unstamped(&found.bytes)));
        Ok(StoreError::Moved { place, expected: self.version.clone(), found })
    }

    /// Writes the journal of this run into the history and removes the oldest entries.
    fn keep_history(&mut self, journal: &[u8]) -> Result<(), StoreError> {
        let place = self.store.keys.place(&self.store.keys.journal());
        let kept = lines::for_history(journal).map_err(|source| StoreError::Journal { place, source })?;
        if let Some(run) = &kept.run {
            self.run = history_name(&run.at, &run.id);
        }
        let Some(last) = kept.last else { return Ok(()) };
        let key = self.store.keys.history_entry(&format!("{}-{last:012}", self.run));
        self.put(&key, kept.text.as_bytes(), Condition::Anything)?;
        let store = self.store.clone();
        let failed = self.store.failed("clean up", &self.store.keys.history());
        let cleaned = waiting(async move {
            let names = store::history(&store).await?;
            for name in names.iter().take(names.len().saturating_sub(store.retention)) {
                store.bucket.delete(&store.keys.history_entry(name)).await?;
            }
            Ok(())
        });
        cleaned?.map_err(failed)
    }
}

impl Session for S3Session {
    fn contents(&mut self) -> Result<Contents, StoreError> {
        if let Some(contents) = self.contents.take() {
            return Ok(contents);
        }
        let (bucket, key) = (Arc::clone(&self.store.bucket), self.store.keys.state().to_owned());
        let failed = self.store.failed("read", &key);
        let found = waiting(async move { bucket.get(&key).await })?.map_err(failed)?;
        self.tag = found.as_ref().map(|found| Arc::clone(&found.tag));
        let snapshot = found.and_then(|found| manifest::document(&found.bytes));
        self.version = snapshot.as_deref().map(|bytes| document::head(bytes).unwrap_or_default());
        Ok(Contents { snapshot, journal: self.journal() })
    }

    fn cut(&mut self, valid: u64) -> Result<(), StoreError> {
        let mut rest = usize::try_from(valid).unwrap_or(usize::MAX);
        let mut kept = Vec::new();
        let mut is_cut = false;
        for segment in &self.segments {
            if rest == 0 && !segment.bytes.is_empty() {
                break;
            }
            let length = segment.bytes.len();
            kept.push(segment.clone());
            if length > rest {
                is_cut = true;
                if let Some(last) = kept.last_mut() {
                    last.bytes.truncate(rest);
                    last.cut = Some(rest as u64);
                }
                break;
            }
            rest -= length;
        }
        if kept.len() == self.segments.len() && !is_cut {
            return Ok(());
        }
        self.confirm()?;
        let mut ranges = ranges_of(&kept);
        ranges.push(Range::open(self.epoch, self.next));
        self.announce(ranges)?;
        self.segments = kept;
        Ok(())
    }

    fn append(&mut self, lines: &[u8]) -> Result<(), StoreError> {
        if self.is_closed {
            return Err(self.closed());
        }
        self.confirm()?;
        let key = self.store.keys.segment(self.epoch, self.next);
        let was_doubtful = std::mem::take(&mut self.is_doubtful);
        let written = self.put(&key, lines, Condition::Absent);
        // Where it is unknown whether the lines are there, none may follow them.
        self.is_closed = self.is_doubtful;
        self.is_doubtful |= was_doubtful;
        if written?.is_none() {
            // Only another writer of this epoch can have been there: one without a lock.
            self.is_closed = true;
            return Err(StoreError::LostLock { place: self.store.keys.place(&key) });
        }
        let number = self.next;
        self.next += 1;
        // If others may have taken the lock meanwhile, the lines count only if nobody did.
        if let Err(error) = self.confirm() {
            self.is_closed = true;
            self.is_doubtful = true;
            return Err(error);
        }
        self.segments.push(Segment { epoch: self.epoch, number, bytes: lines.to_vec(), cut: None });
        Ok(())
    }

    fn commit(&mut self, snapshot: Snapshot<'_>) -> Result<(), StoreError> {
        self.confirm()?;
        self.find_attempt()?;
        if snapshot.is_different {
            self.keep_backup()?;
        }
        self.commits += 1;
        let bytes = manifest::stamped(snapshot.document, self.epoch, self.commits);
        let condition = self.tag.clone().map_or(Condition::Absent, Condition::Is);
        let key = self.store.keys.state().to_owned();
        match self.put(&key, &bytes, condition) {
            Ok(Some(tag)) => self.tag = Some(tag),
            Ok(None) => return Err(self.moved()?),
            Err(error) => {
                self.attempt = Some(bytes);
                return Err(error);
            }
        }
        self.version = Some((snapshot.serial, snapshot.lineage.clone()));
        self.confirm()
    }

    fn rotate(&mut self) -> Result<Option<StoreError>, StoreError> {
        if self.segments.is_empty() && !self.is_closed {
            return Ok(None);
        }
        let journal = self.journal();
        // The history is a record of the past; that it cannot be written must not keep the journal alive.
        let mut trouble = self.keep_history(&journal).err();
        if self.held.is_none() {
            // The lock object is another run's: its records stay, and are skipped because the snapshot has them.
            return Ok(trouble);
        }
        // A number that may have been used is not used again.
        let next = if self.is_closed { self.next + 1 } else { self.next };
        self.announce(vec![Range::open(self.epoch, next)])?;
        self.next = next;
        let gone = std::mem::take(&mut self.segments).iter().map(|gone| (gone.epoch, gone.number)).collect();
        let (bucket, keys) = self.store.parts();
        let failed = self.store.failed("clean up", &self.store.keys.journal());
        if let Some(failure) = waiting(async move { journal::remove(&bucket, &keys, gone).await })? {
            trouble = trouble.or_else(|| Some(failed(failure)));
        }
        tracing::debug!(requests = self.store.bucket.requests(), "requests so far");
        Ok(trouble)
    }

    fn is_open(&self) -> bool {
        !self.is_closed
    }

    fn fence(&self) -> Arc<dyn Fence> {
        match &self.held {
            Some(held) => Arc::clone(held) as Arc<dyn Fence>,
            None => Arc::new(NoLock),
        }
    }
}

impl Drop for S3Session {
    fn drop(&mut self) {
        drop(self.beat.take());
        let Some(held) = self.held.take() else { return };
        if matches!(held.check(), Err(StoreError::LostLock { .. })) {
            return;
        }
        let (epoch, next, is_clean) = (self.epoch, self.next, !self.is_doubtful);
        let holds_terraform = self.holds_terraform;
        let release = async move {
            let released = tokio::time::timeout(FAREWELL, async {
                held.confirm().await?;
                if holds_terraform && let Err(failure) = terraform::release(&held.bucket, &held.keys).await {
                    tracing::warn!(reason = %failure.reason(), "the lock file for Terraform was not removed");
                }
                held.release(|manifest| {
                    manifest.clean = is_clean;
                    for range in manifest.journal.iter_mut().filter(|range| range.epoch == epoch) {
                        range.end.get_or_insert(next);
                    }
                    manifest.journal.retain(|range| !range.is_empty());
                })
                .await
            })
            .await;
            held.forget();
            match released {
                Ok(Ok(())) => {}
                // With its workspace the lock itself is gone.
                Ok(Err(StoreError::LostLock { .. })) => tracing::debug!("the lock was gone already"),
                Ok(Err(error)) => {
                    tracing::warn!(%error, "the lock was not given back; it ends with its lease")
                }
                Err(_elapsed) => {
                    tracing::warn!("the lock was not given back in time; it ends with its lease")
                }
            }
        };
        if let Err(error) = waiting(release) {
            tracing::warn!(%error, "the lock was not given back; it ends with its lease");
        }
    }
}

/// Without a lock nothing ends.
#[derive(Debug)]
struct NoLock;

impl Fence for NoLock {
    fn check(&self) -> Result<Lease, StoreError> {
        Ok(Lease::Unlimited)
    }
}

/// Returns closed ranges of segments.
fn ranges_of(segments: &[Segment]) -> Vec<Range> {
    let mut ranges: Vec<Range> = Vec::new();
    for segment in segments {
        match ranges.last_mut() {
            Some(Range { epoch, end: Some(end), cut, .. })
                if *epoch == segment.epoch && *end == segment.number && cut.is_none() =>
            {
                *end += 1;
                *cut = segment.cut;
            }
            _ => ranges.push(Range {
                epoch: segment.epoch,
                first: segment.number,
                end: Some(segment.number + 1),
                cut: segment.cut,
            }),
        }
    }
    ranges
}
