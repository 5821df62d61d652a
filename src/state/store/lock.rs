//! The lock of a local state: held by the operating system, so it dies with its holder.

use std::fmt;
use std::fs::File;
use std::fs::OpenOptions;
use std::fs::TryLockError;
use std::io::Read as _;
use std::io::Seek as _;
use std::io::Write as _;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde::Serialize;

use super::Clock;
use super::StoreError;
use super::ci;
use super::disk;
use super::disk::file_id;

/// Who holds a lock.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The run's id.
    pub id: Arc<str>,
    /// The user.
    pub who: Arc<str>,
    /// The machine.
    pub host: Arc<str>,
    /// The process.
    pub pid: u32,
    /// The command.
    pub command: Arc<str>,
    /// Since when (RFC 3339).
    pub since: Arc<str>,
    /// Why it is done, if somebody said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Arc<str>>,
    /// The job of a CI service, if it is part of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<Arc<str>>,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, who, host, pid, command, since, reason, job } = self;
        // Other programs tell no process.
        let process = if *pid == 0 { format!("lock {id}") } else { format!("process {pid}, run {id}") };
        write!(f, "`{command}` of {who}@{host} ({process}) since {since}")?;
        if let Some(job) = job {
            write!(f, ", {job}")?;
        }
        match reason {
            Some(reason) => write!(f, ": {reason}"),
            None => Ok(()),
        }
    }
}

impl Holder {
    /// Describes this process.
    #[must_use]
    pub fn this_process(command: impl Into<Arc<str>>, clock: &dyn Clock) -> Self {
        let variable = |name: &str| std::env::var(name).ok().filter(|text| !text.is_empty());
        let host = variable("HOSTNAME").or_else(|| variable("COMPUTERNAME")).or_else(|| {
            let text = std::fs::read_to_string("/etc/hostname").ok()?;
            Some(text.trim().to_owned()).filter(|text| !text.is_empty())
        });
        let who = variable("USER").or_else(|| variable("USERNAME")).or_else(|| variable("LOGNAME"));
        Self {
            id: uuid::Uuid::new_v4().to_string().into(),
            who: who.map_or_else(|| "unknown".into(), Into::into),
            host: host.map_or_else(|| "localhost".into(), Into::into),
            pid: std::process::id(),
            command: command.into(),
            since: clock.now(),
            reason: None,
            job: ci::job(&variable).map(Into::into),
        }
    }
}

/// A held lock; freed when dropped.
#[derive(Debug)]
pub struct Lock {
    file: File,
    path: PathBuf,
    name: Arc<str>,
}

/// How often an exclusive lock is tried before it counts as held: somebody who only looks at the lock holds
/// it for an instant.
const TRIES: u32 = 4;
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

impl Lock {
    /// Takes a lock, waiting for at most `wait`.
    ///
    /// # Errors
    /// If somebody else holds it for longer, or the file cannot be locked.
    pub fn acquire(
        path: &Path,
        holder: &Holder,
        wait: Duration,
        clock: &dyn Clock,
    ) -> Result<Self, StoreError> {
        let name: Arc<str> = path.display().to_string().into();
        let start = clock.elapsed();
        let mut pause = FIRST_PAUSE;
        let mut tries = 0;
        loop {
            disk::refuse_link(path).map_err(StoreError::io("lock", &name))?;
            let file = OpenOptions::new()
                .read(true)
                .write(true)
                .create(true)
                .truncate(false)
                .open(path)
                .map_err(StoreError::io("lock", &name))?;
            match file.try_lock() {
                Ok(()) => {
                    let mut lock = Self { file, path: path.to_path_buf(), name: Arc::clone(&name) };
                    // The file may have been removed between opening and locking.
                    if lock.is_in_place() {
                        lock.describe(Some(holder)).map_err(StoreError::io("lock", &name))?;
                        return Ok(lock);
                    }
                }
                Err(TryLockError::Error(error)) => return Err(StoreError::io("lock", &name)(error)),
                Err(TryLockError::WouldBlock) => {
                    tries += 1;
                    let waited = clock.elapsed().saturating_sub(start);
                    if waited >= wait && tries >= TRIES {
                        let holder = read_holder(path).map(Box::new);
                        return Err(StoreError::Locked { holder, waited: !wait.is_zero(), outlives: None });
                    }
                    let rest = wait.saturating_sub(waited).max(FIRST_PAUSE);
                    if !clock.pause(pause.min(rest)) {
                        return Err(StoreError::Interrupted);
                    }
                    if tries >= TRIES {
                        pause = (pause * 2).min(LONGEST_PAUSE);
                    }
                }
            }
        }
    }

    /// Returns who holds a lock, if anybody does.
    ///
    /// # Errors
    /// If the file cannot be opened.
    pub fn holder(path: &Path) -> Result<Option<Holder>, StoreError> {
        // Nobody looks at the lock itself unless somebody seems to hold it: looking takes it for an instant.
        let Some(holder) = read_holder(path) else { return Ok(None) };
        let name: Arc<str> = path.display().to_string().into();
        let file = File::open(path).map_err(StoreError::io("read", &name))?;
        match file.try_lock_shared() {
            Ok(()) => Ok(None),
            Err(TryLockError::WouldBlock) => Ok(Some(holder)),
            Err(TryLockError::Error(error)) => Err(StoreError::io("read", &name)(error)),
        }
    }

    /// Makes sure that the lock was not taken away by removing its file.
    ///
    /// # Errors
    /// If it was.
    pub fn check(&self) -> Result<(), StoreError> {
        if self.is_in_place() { Ok(()) } else { Err(StoreError::LostLock { place: Arc::clone(&self.name) }) }
    }

    fn is_in_place(&self) -> bool {
        match (self.file.metadata(), std::fs::symlink_metadata(&self.path)) {
            (Ok(held), Ok(there)) => file_id(&held) == file_id(&there),
            _ => false,
        }
    }

    fn describe(&mut self, holder: Option<&Holder>) -> std::io::Result<()> {
        self.file.set_len(0)?;
        self.file.rewind()?;
        match holder {
            Some(holder) => self.file.write_all(serde_json::to_string(holder)?.as_bytes()),
            None => Ok(()),
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // The lock itself goes with the handle; a name that is left behind is known to be stale.
        if self.describe(None).is_ok() {
            tracing::trace!(lock = %self.name, "released");
        }
    }
}

fn read_holder(path: &Path) -> Option<Holder> {
    let mut text = String::new();
    File::open(path).ok()?.read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}
