//! A disk on which a run dies: after a number of operations nothing is done any more, as if the process were gone.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;

use queueform::state::store::Disk;
use queueform::state::store::DiskFile;
use queueform::state::store::LocalDisk;
use queueform::state::store::Stamp;

/// How a run dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Death {
    /// Between two operations.
    Between,
    /// In the middle of one: half of the bytes are written.
    Torn,
    /// The machine loses power: what was not synced is lost.
    PowerLoss,
}

/// A disk that serves so many operations that change something.
#[derive(Clone, Debug)]
pub(super) struct Mortal {
    life: Arc<Mutex<Life>>,
}

#[derive(Debug)]
struct Life {
    left: u64,
    death: Death,
    is_over: bool,
    /// How many bytes of each file are durable.
    synced: BTreeMap<PathBuf, u64>,
    /// The names of the operations so far.
    done: Vec<&'static str>,
}

impl Mortal {
    pub(super) fn new(operations: u64, death: Death) -> Self {
        let life =
            Life { left: operations, death, is_over: false, synced: BTreeMap::new(), done: Vec::new() };
        Self { life: Arc::new(Mutex::new(life)) }
    }

    /// Whether the run outlived its work.
    pub(super) fn is_alive(&self) -> bool {
        !self.life.lock().unwrap().is_over
    }

    /// The operation at which it died, and how many came before.
    pub(super) fn story(&self) -> String {
        let life = self.life.lock().unwrap();
        format!("{} operations, the last one {}", life.done.len(), life.done.last().unwrap_or(&"none"))
    }

    fn spend(&self, name: &'static str) -> Result<(), (io::Error, bool)> {
        let mut life = self.life.lock().unwrap();
        let dead = || io::Error::other("the process is dead");
        if life.is_over {
            return Err((dead(), false));
        }
        life.done.push(name);
        if life.left > 0 {
            life.left -= 1;
            return Ok(());
        }
        life.is_over = true;
        if life.death == Death::PowerLoss {
            for (path, size) in &life.synced {
                if let Ok(file) = std::fs::OpenOptions::new().write(true).open(path)
                    && file.metadata().is_ok_and(|metadata| metadata.len() > *size)
                {
                    file.set_len(*size).unwrap();
                }
            }
        }
        Err((dead(), life.death == Death::Torn))
    }

    fn simply(&self, name: &'static str) -> io::Result<()> {
        self.spend(name).map_err(|(error, _)| error)
    }
}

#[derive(Debug)]
struct MortalFile {
    disk: Mortal,
    path: PathBuf,
    file: Box<dyn DiskFile>,
}

impl MortalFile {
    fn opened(disk: &Mortal, path: &Path, file: Box<dyn DiskFile>) -> Box<dyn DiskFile> {
        let size = std::fs::metadata(path).map_or(0, |metadata| metadata.len());
        disk.life.lock().unwrap().synced.insert(path.to_owned(), size);
        Box::new(Self { disk: disk.clone(), path: path.to_owned(), file })
    }
}

impl DiskFile for MortalFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self.disk.spend("write") {
            Ok(()) => self.file.write(bytes),
            Err((error, torn)) => {
                if torn {
                    self.file.write(&bytes[..bytes.len() / 2])?;
                }
                Err(error)
            }
        }
    }

    fn sync(&mut self) -> io::Result<()> {
        self.disk.simply("sync")?;
        self.file.sync()?;
        let size = std::fs::metadata(&self.path).map_or(0, |metadata| metadata.len());
        self.disk.life.lock().unwrap().synced.insert(self.path.clone(), size);
        Ok(())
    }

    fn cut(&mut self, size: u64) -> io::Result<()> {
        self.disk.simply("cut")?;
        self.file.cut(size)
    }
}

impl Disk for Mortal {
    fn read(&self, path: &Path) -> io::Result<Option<Vec<u8>>> {
        LocalDisk.read(path)
    }

    fn stamp(&self, path: &Path) -> io::Result<Option<Stamp>> {
        LocalDisk.stamp(path)
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        self.simply("create")?;
        Ok(MortalFile::opened(self, path, LocalDisk.create(path)?))
    }

    fn append(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        self.simply("append")?;
        Ok(MortalFile::opened(self, path, LocalDisk.append(path)?))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.simply("rename")?;
        let mut life = self.life.lock().unwrap();
        if let Some(size) = life.synced.remove(from) {
            life.synced.insert(to.to_owned(), size);
        }
        drop(life);
        LocalDisk.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.simply("remove")?;
        self.life.lock().unwrap().synced.remove(path);
        LocalDisk.remove(path)
    }

    fn create_directory(&self, path: &Path) -> io::Result<()> {
        if path.is_dir() {
            return Ok(());
        }
        self.simply("create-directory")?;
        LocalDisk.create_directory(path)
    }

    fn sync_directory(&self, path: &Path) -> io::Result<()> {
        self.simply("sync-directory")?;
        LocalDisk.sync_directory(path)
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        LocalDisk.list(path)
    }
}
