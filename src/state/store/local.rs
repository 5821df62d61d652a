//! State in a directory: a snapshot, a journal beside it, a history of journals, a lock.

use std::path::Path;
use std::sync::Arc;

use sha2::Digest as _;

use crate::state::Lineage;
use crate::state::document;
use crate::state::journal;

use super::Clock;
use super::Contents;
use super::Disk;
use super::DiskFile;
use super::Fence;
use super::HistoryEntry;
use super::Holder;
use super::Layout;
use super::Lease;
use super::LocalDisk;
use super::Lock;
use super::Request;
use super::Session;
use super::Snapshot;
use super::Stamp;
use super::Store;
use super::StoreError;
use super::SystemClock;
use super::disk;
use super::history;

/// A state in a directory.
#[derive(Debug, Clone)]
pub struct LocalStore {
    layout: Layout,
    disk: Arc<dyn Disk>,
    clock: Arc<dyn Clock>,
    retention: usize,
}

/// How many earlier journals are kept.
const RETENTION: usize = 100;

/// How often reading is tried while another run replaces the state.
const READ_TRIES: u32 = 100;

fn name(path: &Path) -> Arc<str> {
    path.display().to_string().into()
}

impl LocalStore {
    /// Returns the store of a layout.
    #[must_use]
    pub fn new(layout: Layout) -> Self {
        Self {
            layout,
            disk: Arc::new(LocalDisk),
            clock: Arc::new(SystemClock::default()),
            retention: RETENTION,
        }
    }

    /// Uses another disk.
    #[must_use]
    pub fn with_disk(self, disk: Arc<dyn Disk>) -> Self {
        Self { disk, ..self }
    }

    /// Uses another clock, such as one that ends waiting when the run is interrupted.
    #[must_use]
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// Keeps this many earlier journals.
    #[must_use]
    pub fn with_retention(self, retention: usize) -> Self {
        Self { retention, ..self }
    }

    /// The files.
    #[must_use]
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    fn snapshot(&self) -> Result<Option<Vec<u8>>, StoreError> {
        self.disk.read(self.layout.state()).map_err(StoreError::io("read", &name(self.layout.state())))
    }

    fn stamp(&self) -> Result<Option<Stamp>, StoreError> {
        self.disk.stamp(self.layout.state()).map_err(StoreError::io("read", &name(self.layout.state())))
    }

    fn journal(&self) -> Result<Vec<u8>, StoreError> {
        let path = self.layout.journal();
        Ok(self.disk.read(&path).map_err(StoreError::io("read", &name(&path)))?.unwrap_or_default())
    }

    /// Removes temporary files that a dead run left behind.
    fn clean(&self) -> std::io::Result<()> {
        let directory = self.layout.directory();
        for file in self.disk.list(directory)? {
            if file.starts_with(".queueform.state") && file.contains(disk::TEMPORARY) {
                self.disk.remove(&directory.join(file))?;
            }
        }
        Ok(())
    }
}

impl Store for LocalStore {
    fn place(&self) -> String {
        self.layout.state().display().to_string()
    }

    fn open(&self, request: &Request) -> Result<Box<dyn Session>, StoreError> {
        let directory = self.layout.directory();
        self.disk.create_directory(directory).map_err(StoreError::io("create", &name(directory)))?;
        for own in [self.layout.state().to_path_buf(), self.layout.journal(), self.layout.history()] {
            disk::refuse_link(&own).map_err(StoreError::io("write", &name(&own)))?;
        }
        let lock = if request.lock {
            let lock = Lock::acquire(&self.layout.lock(), &request.holder, request.wait, &*self.clock)?;
            self.clean().map_err(StoreError::io("clean up", &name(directory)))?;
            Some(lock)
        } else {
            None
        };
        let lock = Arc::new(LocalFence { lock });
        Ok(Box::new(LocalSession {
            store: self.clone(),
            lock,
            known: None,
            journal: None,
            journal_size: 0,
            has_backup: false,
            run: history::name(&self.clock.now(), &request.holder.id),
            is_closed: false,
        }))
    }

    fn read(&self) -> Result<Contents, StoreError> {
        // A writer replaces the snapshot before it empties the journal. If the snapshot is still the same
        // after the journal was read, the two belong together.
        let mut tries = 0;
        loop {
            let before = self.stamp()?;
            let snapshot = self.snapshot()?;
            let journal = self.journal()?;
            tries += 1;
            if self.stamp()? == before || tries >= READ_TRIES {
                return Ok(Contents { snapshot, journal });
            }
        }
    }

    fn holder(&self) -> Result<Option<Holder>, StoreError> {
        Lock::holder(&self.layout.lock())
    }

    fn names(&self) -> (Arc<str>, Arc<str>) {
        (name(self.layout.state()), name(&self.layout.journal()))
    }

    fn backup(&self) -> Option<Arc<str>> {
        let backup = self.layout.backup();
        let is_there = self.disk.stamp(&backup).ok().flatten().is_some();
        is_there.then(|| name(&backup))
    }

    fn history(&self) -> Result<Vec<HistoryEntry>, StoreError> {
        history::list(&*self.disk, &self.layout.history())
    }

    fn history_entry(&self, entry: &HistoryEntry) -> Result<Vec<u8>, StoreError> {
        history::read(&*self.disk, &self.layout.history(), entry)
    }
}

/// The snapshot that a session read or wrote last.
#[derive(Debug, Clone)]
struct Known {
    stamp: Option<Stamp>,
    /// Its digest, serial and lineage; none if there is no snapshot.
    version: Option<([u8; 32], u64, Lineage)>,
}

/// The right to write a state in a directory.
#[derive(Debug)]
struct LocalSession {
    store: LocalStore,
    lock: Arc<LocalFence>,
    known: Option<Known>,
    journal: Option<Box<dyn DiskFile>>,
    /// How many bytes of the journal are durable.
    journal_size: u64,
    has_backup: bool,
    /// How entries of the history are named while the journal names no other run.
    run: String,
    /// Whether the journal's condition is unknown after a failure.
    is_closed: bool,
}

impl LocalSession {
    fn journal_name(&self) -> Arc<str> {
        name(&self.store.layout.journal())
    }

    /// Opens the journal, durably there with its name.
    fn open_journal(&mut self) -> Result<(), StoreError> {
        if self.journal.is_none() {
            let path = self.store.layout.journal();
            let failed = |doing| StoreError::io(doing, &name(&path));
            let file = self.store.disk.append(&path).map_err(failed("open"))?;
            self.store.disk.sync_directory(self.store.layout.directory()).map_err(failed("write"))?;
            self.journal = Some(file);
        }
        Ok(())
    }

    fn closed(&self) -> StoreError {
        StoreError::Closed { place: self.journal_name() }
    }

    /// Makes sure that the snapshot is the one this session knows, and returns it if it had to be read.
    fn check_unmoved(&mut self) -> Result<(), StoreError> {
        let Some(known) = self.known.clone() else { return Ok(()) };
        let stamp = self.store.stamp()?;
        if stamp == known.stamp {
            return Ok(());
        }
        let found = self.store.snapshot()?;
        let digest = found.as_ref().map(|bytes| <[u8; 32]>::from(sha2::Sha256::digest(bytes)));
        if digest == known.version.as_ref().map(|(digest, _, _)| *digest) {
            self.known = Some(Known { stamp, ..known });
            return Ok(());
        }
        let found = found.and_then(|bytes| document::head(&bytes));
        Err(StoreError::Moved {
            place: name(self.store.layout.state()),
            expected: known.version.map(|(_, serial, lineage)| (serial, lineage)),
            found,
        })
    }

    fn keep_backup(&mut self) -> Result<(), StoreError> {
        if self.has_backup {
            return Ok(());
        }
        if let Some(bytes) = self.store.snapshot()? {
            let path = self.store.layout.backup();
            disk::replace(&*self.store.disk, &path, &bytes).map_err(StoreError::io("write", &name(&path)))?;
        }
        self.has_backup = true;
        Ok(())
    }
}

impl Session for LocalSession {
    fn contents(&mut self) -> Result<Contents, StoreError> {
        let stamp = self.store.stamp()?;
        let contents = Contents { snapshot: self.store.snapshot()?, journal: self.store.journal()? };
        let version = contents.snapshot.as_ref().map(|bytes| {
            let (serial, lineage) = document::head(bytes).unwrap_or_default();
            (sha2::Sha256::digest(bytes).into(), serial, lineage)
        });
        self.known = Some(Known { stamp, version });
        self.journal_size = contents.journal.len() as u64;
        Ok(contents)
    }

    fn cut(&mut self, valid: u64) -> Result<(), StoreError> {
        if valid < self.journal_size || self.is_closed {
            self.open_journal()?;
            let name = self.journal_name();
            if let Some(file) = &mut self.journal {
                file.cut(valid).and_then(|()| file.sync()).map_err(StoreError::io("write", &name))?;
            }
            self.journal_size = valid;
        }
        Ok(())
    }

    fn append(&mut self, lines: &[u8]) -> Result<(), StoreError> {
        if self.is_closed {
            return Err(self.closed());
        }
        self.open_journal()?;
        let name = self.journal_name();
        let Some(file) = &mut self.journal else { return Err(self.closed()) };
        if let Err(error) = file.write(lines) {
            // What was written in part must go, so that later records do not stand behind half a line.
            let cut = file.cut(self.journal_size).and_then(|()| file.sync());
            self.is_closed = cut.is_err();
            return Err(StoreError::io("write", &name)(error));
        }
        if let Err(error) = file.sync() {
            // After a failed sync nobody knows what is durable; trying again would only seem to work.
            self.is_closed = true;
            return Err(StoreError::io("write", &name)(error));
        }
        self.journal_size += lines.len() as u64;
        Ok(())
    }

    fn commit(&mut self, snapshot: Snapshot<'_>) -> Result<(), StoreError> {
        self.lock.check()?;
        self.check_unmoved()?;
        if snapshot.is_different {
            self.keep_backup()?;
        }
        let path = self.store.layout.state();
        disk::replace(&*self.store.disk, path, snapshot.document)
            .map_err(StoreError::io("write", &name(path)))?;
        let digest = sha2::Sha256::digest(snapshot.document).into();
        self.known = Some(Known {
            stamp: self.store.stamp()?,
            version: Some((digest, snapshot.serial, snapshot.lineage.clone())),
        });
        Ok(())
    }

    fn rotate(&mut self) -> Result<Option<StoreError>, StoreError> {
        let bytes = self.store.journal()?;
        if bytes.is_empty() {
            return Ok(None);
        }
        // The history is a record of the past; that it cannot be written must not keep the journal alive.
        let kept = match journal::for_history(&bytes) {
            Ok(lines) => {
                if let Some(run) = &lines.run {
                    self.run = history::name(&run.at, &run.id);
                }
                let directory = self.store.layout.history();
                history::keep(&*self.store.disk, &directory, &lines, &self.run, self.store.retention)
            }
            Err(source) => Err(StoreError::Journal { place: self.journal_name(), source }),
        };
        self.cut(0)?;
        Ok(kept.err())
    }

    fn is_open(&self) -> bool {
        !self.is_closed
    }

    fn fence(&self) -> Arc<dyn Fence> {
        Arc::clone(&self.lock) as Arc<dyn Fence>
    }
}

/// The lock of a session; freed when the last one who holds it lets go.
#[derive(Debug)]
struct LocalFence {
    /// None with `--lock=false`.
    lock: Option<Lock>,
}

impl Fence for LocalFence {
    fn check(&self) -> Result<Lease, StoreError> {
        if let Some(lock) = &self.lock {
            lock.check()?;
        }
        Ok(Lease::Unlimited)
    }
}
