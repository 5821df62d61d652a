//! Durable store of one system: an append-only log of commits, compacted when it has grown.
//!
//! A commit is one line `crc32 json`, json = `[[key, value|null], …]`. A line that is torn or does
//! not match its checksum ends the log: it was never answered. The log knows keys and JSON values,
//! nothing of what they mean.

use std::collections::BTreeMap;
use std::fs::File;
use std::fs::OpenOptions;
use std::fs::TryLockError;
use std::io;
use std::io::Read as _;
use std::io::Write as _;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Condvar;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::watch;

/// A log shorter than this is never compacted while running.
const COMPACT_FLOOR: u64 = 8 * 1024 * 1024;

/// How long to wait for the previous holder of the directory to let go.
const LOCK_PATIENCE: Duration = Duration::from_secs(5);

/// One commit: keys with their new values, `None` = removed.
pub(crate) type Change = (String, Option<Value>);

/// Waits until a commit is on disk.
#[derive(Clone, Debug)]
pub(crate) struct Ticket {
    number: u64,
    synced: watch::Receiver<Progress>,
}

#[derive(Clone, Debug, Default)]
struct Progress {
    synced: u64,
    failed: bool,
}

impl Ticket {
    /// Returns whether the commit became durable.
    pub(crate) async fn durable(mut self) -> bool {
        let number = self.number;
        match self.synced.wait_for(|progress| progress.failed || progress.synced >= number).await {
            Ok(progress) => !progress.failed,
            Err(_closed) => false,
        }
    }
}

#[derive(Debug)]
struct Pending {
    written: u64,
    file: Option<Arc<File>>,
    closing: bool,
}

/// The open log of one system.
#[derive(Debug)]
pub(crate) struct CommitLog {
    path: PathBuf,
    file: Arc<File>,
    /// Held for as long as the log is open; the operating system frees it when the process dies.
    _lock: File,
    written: u64,
    bytes: u64,
    compacted_bytes: u64,
    failed: bool,
    pending: Arc<(Mutex<Pending>, Condvar)>,
    progress: watch::Receiver<Progress>,
    syncer: Option<JoinHandle<()>>,
}

impl CommitLog {
    /// Opens or makes `dir/{name}.log` and returns what it holds.
    pub(crate) fn open(dir: &Path, name: &str) -> io::Result<(Self, BTreeMap<String, Value>)> {
        std::fs::create_dir_all(dir)?;
        let lock = take_lock(&dir.join(format!("{name}.lock")))?;
        let path = dir.join(format!("{name}.log"));
        let contents = replay(&path)?;
        let (file, bytes) = rewrite(&path, &contents)?;
        let file = Arc::new(file);
        let pending =
            Arc::new((Mutex::new(Pending { written: 0, file: None, closing: false }), Condvar::new()));
        let (sender, progress) = watch::channel(Progress::default());
        let syncer = std::thread::Builder::new().name(format!("emulator-{name}-log")).spawn({
            let pending = Arc::clone(&pending);
            move || sync_loop(&pending, &sender)
        })?;
        let log = Self {
            path,
            file,
            _lock: lock,
            written: 0,
            bytes,
            compacted_bytes: bytes,
            failed: false,
            pending,
            progress,
            syncer: Some(syncer),
        };
        Ok((log, contents))
    }

    /// Appends one commit; the bytes are with the operating system when this returns, and on disk
    /// when the ticket says so.
    pub(crate) fn append(&mut self, changes: &[Change]) -> Ticket {
        let line = encode(changes);
        if !self.failed {
            if (&*self.file).write_all(&line).is_err() {
                self.failed = true;
            }
            self.bytes += line.len() as u64;
        }
        if self.failed {
            let (_sender, synced) = watch::channel(Progress { synced: 0, failed: true });
            return Ticket { number: u64::MAX, synced };
        }
        self.written += 1;
        self.announce();
        Ticket { number: self.written, synced: self.progress.clone() }
    }

    /// Whether rewriting the log would make it much shorter.
    pub(crate) fn wants_compaction(&self) -> bool {
        self.bytes > COMPACT_FLOOR && self.bytes > self.compacted_bytes.saturating_mul(4)
    }

    /// Replaces the log by one commit with everything that is alive.
    pub(crate) fn compact(&mut self, contents: &BTreeMap<String, Value>) {
        // Failing to compact loses nothing: the long log stays in place.
        if let Ok((file, bytes)) = rewrite(&self.path, contents) {
            self.file = Arc::new(file);
            self.bytes = bytes;
            self.compacted_bytes = bytes;
            self.announce();
        }
    }

    fn announce(&self) {
        let (lock, wake) = &*self.pending;
        let mut pending = lock.lock().unwrap_or_else(PoisonError::into_inner);
        pending.written = self.written;
        pending.file = Some(Arc::clone(&self.file));
        wake.notify_one();
    }
}

impl Drop for CommitLog {
    fn drop(&mut self) {
        {
            let (lock, wake) = &*self.pending;
            lock.lock().unwrap_or_else(PoisonError::into_inner).closing = true;
            wake.notify_one();
        }
        if let Some(syncer) = self.syncer.take() {
            // A panicked syncer has nothing more to write.
            drop(syncer.join());
        }
    }
}

/// Syncs whatever was written since the last round: many commits share one sync.
fn sync_loop(pending: &(Mutex<Pending>, Condvar), progress: &watch::Sender<Progress>) {
    let (lock, wake) = pending;
    let mut done = 0;
    loop {
        let (number, file) = {
            let mut state = lock.lock().unwrap_or_else(PoisonError::into_inner);
            while state.written == done && !state.closing {
                state = wake.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
            if state.written == done {
                return;
            }
            (state.written, state.file.clone())
        };
        let failed = file.is_none_or(|file| file.sync_data().is_err());
        done = number;
        progress.send_modify(|state| {
            state.synced = number;
            state.failed |= failed;
        });
    }
}

fn take_lock(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
    let step = Duration::from_millis(20);
    let mut waited = Duration::ZERO;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if waited < LOCK_PATIENCE => {
                #[expect(clippy::disallowed_methods, reason = "opening may wait for the process before")]
                std::thread::sleep(step);
                waited += step;
            }
            Err(TryLockError::WouldBlock) => {
                return Err(io::Error::new(
                    io::ErrorKind::WouldBlock,
                    "another emulator is using this directory",
                ));
            }
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
}

fn encode(changes: &[Change]) -> Vec<u8> {
    let rows: Vec<Value> = changes
        .iter()
        .map(|(key, value)| {
            Value::Array(vec![Value::String(key.clone()), value.clone().unwrap_or(Value::Null)])
        })
        .collect();
    let json = Value::Array(rows).to_string();
    let mut line = format!("{:08x} ", crc32fast::hash(json.as_bytes())).into_bytes();
    line.extend_from_slice(json.as_bytes());
    line.push(b'\n');
    line
}

fn decode(line: &[u8]) -> Option<Vec<(String, Value)>> {
    let (checksum, json) = (line.get(..8)?, line.get(9..)?);
    let checksum = u32::from_str_radix(std::str::from_utf8(checksum).ok()?, 16).ok()?;
    if checksum != crc32fast::hash(json) {
        return None;
    }
    serde_json::from_slice(json).ok()
}

fn replay(path: &Path) -> io::Result<BTreeMap<String, Value>> {
    let mut bytes = Vec::new();
    match File::open(path) {
        Ok(mut file) => {
            file.read_to_end(&mut bytes)?;
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let mut contents = BTreeMap::new();
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let Some(changes) = line.strip_suffix(b"\n").and_then(decode) else { break };
        for (key, value) in changes {
            if value.is_null() {
                contents.remove(&key);
            } else {
                contents.insert(key, value);
            }
        }
    }
    Ok(contents)
}

/// Writes a fresh log beside the old one and swaps them; the file on disk is always whole.
fn rewrite(path: &Path, contents: &BTreeMap<String, Value>) -> io::Result<(File, u64)> {
    let temporary = path.with_extension("log.new");
    let mut file = File::create(&temporary)?;
    let mut bytes = 0;
    // One line per key keeps every line short enough to check and to read.
    for (key, value) in contents {
        let line = encode(&[(key.clone(), Some(value.clone()))]);
        file.write_all(&line)?;
        bytes += line.len() as u64;
    }
    file.sync_all()?;
    drop(file);
    std::fs::rename(&temporary, path)?;
    if let Some(dir) = path.parent() {
        // Not every system can sync a directory; the rename itself is atomic everywhere.
        if let Ok(dir) = File::open(dir) {
            drop(dir.sync_all());
        }
    }
    Ok((OpenOptions::new().append(true).open(path)?, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(key: &str, value: i64) -> Change {
        (key.to_owned(), Some(Value::from(value)))
    }

    #[test]
    fn commits_survive_reopening_and_torn_lines_are_ignored() {
        let dir = tempfile::tempdir().expect("directory");
        let (mut log, contents) = CommitLog::open(dir.path(), "x").expect("open");
        assert!(contents.is_empty());
        log.append(&[set("a", 1), set("b", 2)]);
        log.append(&[("a".to_owned(), None), set("c", 3)]);
        drop(log);
        let path = dir.path().join("x.log");
        let mut file = OpenOptions::new().append(true).open(&path).expect("file");
        file.write_all(b"00000000 [[\"d\",4]]\n11 [[").expect("write");
        drop(file);
        let (_log, contents) = CommitLog::open(dir.path(), "x").expect("reopen");
        assert_eq!(
            contents.into_iter().collect::<Vec<_>>(),
            [("b".to_owned(), Value::from(2)), ("c".to_owned(), Value::from(3))]
        );
    }

    #[test]
    fn compaction_keeps_what_is_alive() {
        let dir = tempfile::tempdir().expect("directory");
        let (mut log, _) = CommitLog::open(dir.path(), "x").expect("open");
        for n in 0..100 {
            log.append(&[set("a", n)]);
        }
        let before = log.bytes;
        log.compact(&BTreeMap::from([("a".to_owned(), Value::from(99))]));
        assert!(log.bytes * 10 < before);
        log.append(&[set("b", 1)]);
        drop(log);
        let (_log, contents) = CommitLog::open(dir.path(), "x").expect("reopen");
        assert_eq!(contents.len(), 2);
    }

    #[test]
    fn a_directory_has_one_user() {
        let dir = tempfile::tempdir().expect("directory");
        let first = CommitLog::open(dir.path(), "x").expect("open");
        let lock = OpenOptions::new().write(true).open(dir.path().join("x.lock")).expect("lock");
        assert!(matches!(lock.try_lock(), Err(TryLockError::WouldBlock)));
        drop(first);
        lock.try_lock().expect("free again");
    }
}
