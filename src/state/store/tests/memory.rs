//! A disk in memory that fails on demand and forgets what was not synced.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;

use crate::state::store::Disk;
use crate::state::store::DiskFile;
use crate::state::store::Stamp;

/// What happens at one operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    /// The process dies: neither this operation nor any later one happens. Half of a write still does.
    Crash,
    /// The disk is full for this one operation.
    FullOnce,
    /// The disk is full from now on.
    Full,
}

#[derive(Debug, Default)]
struct Inner {
    names: BTreeMap<PathBuf, u64>,
    durable_names: BTreeMap<PathBuf, u64>,
    content: BTreeMap<u64, Vec<u8>>,
    durable: BTreeMap<u64, Vec<u8>>,
    next: u64,
    ticks: u128,
    operations: u64,
    failure: Option<(u64, Failure)>,
}

/// The disk.
#[derive(Debug, Clone, Default)]
pub(super) struct Memory(Arc<Mutex<Inner>>);

#[derive(Debug)]
struct Open {
    disk: Memory,
    file: u64,
}

impl Memory {
    /// Fails at the operation of this number, counted from now.
    pub(super) fn fail_at(&self, operation: u64, failure: Failure) {
        let mut inner = self.0.lock().unwrap();
        inner.operations = 0;
        inner.failure = Some((operation, failure));
    }

    /// Returns how many operations were made since the last call of `fail_at`.
    pub(super) fn operations(&self) -> u64 {
        self.0.lock().unwrap().operations
    }

    /// Starts again after a crash; after a loss of power only what was synced is still there.
    pub(super) fn restart(&self, lost_power: bool) {
        let mut inner = self.0.lock().unwrap();
        inner.failure = None;
        if lost_power {
            inner.names = inner.durable_names.clone();
            inner.content = inner.durable.clone();
        }
    }

    fn changing<T>(&self, change: impl FnOnce(&mut Inner, bool) -> io::Result<T>) -> io::Result<T> {
        let mut inner = self.0.lock().unwrap();
        inner.operations += 1;
        inner.ticks += 1;
        let at = inner.operations;
        let fails = match inner.failure {
            Some((when, Failure::FullOnce)) => at == when,
            Some((when, Failure::Crash | Failure::Full)) => at >= when,
            None => false,
        };
        let is_first = inner.failure.is_some_and(|(when, _)| at == when);
        if !fails {
            return change(&mut inner, true);
        }
        if is_first {
            // What a failing write got done is half of it.
            drop(change(&mut inner, false));
        }
        Err(io::Error::from(match inner.failure {
            Some((_, Failure::Crash)) => io::ErrorKind::BrokenPipe,
            _ => io::ErrorKind::StorageFull,
        }))
    }
}

impl Disk for Memory {
    fn read(&self, path: &Path) -> io::Result<Option<Vec<u8>>> {
        let inner = self.0.lock().unwrap();
        Ok(inner.names.get(path).map(|file| inner.content[file].clone()))
    }

    fn stamp(&self, path: &Path) -> io::Result<Option<Stamp>> {
        let inner = self.0.lock().unwrap();
        Ok(inner.names.get(path).map(|file| Stamp {
            file: *file,
            size: inner.content[file].len() as u64,
            changed: 0,
        }))
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let file = self.changing(|inner, works| {
            if works {
                inner.next += 1;
                inner.names.insert(path.to_path_buf(), inner.next);
                inner.content.insert(inner.next, Vec::new());
            }
            Ok(inner.next)
        })?;
        Ok(Box::new(Open { disk: self.clone(), file }))
    }

    fn append(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let found = self.0.lock().unwrap().names.get(path).copied();
        match found {
            Some(file) => Ok(Box::new(Open { disk: self.clone(), file })),
            None => self.create(path),
        }
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.changing(|inner, works| {
            if works {
                let file = inner.names.remove(from).ok_or(io::ErrorKind::NotFound)?;
                inner.names.insert(to.to_path_buf(), file);
            }
            Ok(())
        })
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut inner = self.0.lock().unwrap();
        if matches!(inner.failure, Some((at, Failure::Crash)) if inner.operations >= at) {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        inner.names.remove(path);
        Ok(())
    }

    fn create_directory(&self, _path: &Path) -> io::Result<()> {
        Ok(())
    }

    fn sync_directory(&self, path: &Path) -> io::Result<()> {
        self.changing(|inner, works| {
            if works {
                inner.durable_names.retain(|name, _| name.parent() != Some(path));
                let names = inner.names.iter().filter(|(name, _)| name.parent() == Some(path));
                let names: Vec<_> = names.map(|(name, file)| (name.clone(), *file)).collect();
                for (name, file) in names {
                    inner.durable.entry(file).or_default();
                    inner.durable_names.insert(name, file);
                }
            }
            Ok(())
        })
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        let inner = self.0.lock().unwrap();
        let names = inner.names.keys().filter(|name| name.parent() == Some(path));
        Ok(names.map(|name| name.file_name().unwrap().to_string_lossy().into_owned()).collect())
    }
}

impl DiskFile for Open {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.disk.changing(|inner, works| {
            let bytes = if works { bytes } else { &bytes[..bytes.len() / 2] };
            inner.content.get_mut(&self.file).unwrap().extend_from_slice(bytes);
            Ok(())
        })
    }

    fn sync(&mut self) -> io::Result<()> {
        self.disk.changing(|inner, works| {
            if works {
                let content = inner.content[&self.file].clone();
                inner.durable.insert(self.file, content);
            }
            Ok(())
        })
    }

    fn cut(&mut self, size: u64) -> io::Result<()> {
        self.disk.changing(|inner, works| {
            if works {
                inner.content.get_mut(&self.file).unwrap().truncate(usize::try_from(size).unwrap());
            }
            Ok(())
        })
    }
}
