//! The file operations that durability depends on, as a port: tests make each of them fail.

use std::fs::File;
use std::fs::OpenOptions;
use std::io;
use std::io::Write as _;
use std::path::Path;

/// Tells whether a file is still the same without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// The file's identity on its disk.
    pub file: u64,
    /// The size in bytes.
    pub size: u64,
    /// The time of the last change, in nanoseconds.
    pub changed: u128,
}

/// A disk.
pub trait Disk: Send + Sync + std::fmt::Debug {
    /// Reads a whole file; none if there is no such file.
    ///
    /// # Errors
    /// If it cannot be read.
    fn read(&self, path: &Path) -> io::Result<Option<Vec<u8>>>;

    /// Returns the stamp of a file; none if there is no such file.
    ///
    /// # Errors
    /// If it cannot be looked at.
    fn stamp(&self, path: &Path) -> io::Result<Option<Stamp>>;

    /// Creates a file, or empties it.
    ///
    /// # Errors
    /// If it cannot be created.
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;

    /// Opens a file for appending; creates it if there is none.
    ///
    /// # Errors
    /// If it cannot be opened.
    fn append(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;

    /// Gives a file another name, replacing what had that name.
    ///
    /// # Errors
    /// If it cannot be renamed.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file if it exists.
    ///
    /// # Errors
    /// If it exists and cannot be removed.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Creates a directory and those above it.
    ///
    /// # Errors
    /// If one cannot be created.
    fn create_directory(&self, path: &Path) -> io::Result<()>;

    /// Makes names created, renamed and removed in a directory durable.
    ///
    /// # Errors
    /// If they cannot be made durable.
    fn sync_directory(&self, path: &Path) -> io::Result<()>;

    /// Returns the names in a directory, sorted; empty if there is no such directory.
    ///
    /// # Errors
    /// If it cannot be read.
    fn list(&self, path: &Path) -> io::Result<Vec<String>>;
}

/// A file open for writing at its end.
pub trait DiskFile: Send + std::fmt::Debug {
    /// Writes bytes.
    ///
    /// # Errors
    /// If not all of them could be written.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Makes the content durable.
    ///
    /// # Errors
    /// If that failed; what is durable is unknown then.
    fn sync(&mut self) -> io::Result<()>;

    /// Cuts the file to a size.
    ///
    /// # Errors
    /// If it cannot be cut.
    fn cut(&mut self, size: u64) -> io::Result<()>;
}

/// The disk of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct LocalDisk;

impl Disk for LocalDisk {
    fn read(&self, path: &Path) -> io::Result<Option<Vec<u8>>> {
        let Some(metadata) = absent_is_none(std::fs::metadata(path))? else { return Ok(None) };
        // A pipe or a device would be waited for, or read for ever.
        if !metadata.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"));
        }
        absent_is_none(std::fs::read(path))
    }

    fn stamp(&self, path: &Path) -> io::Result<Option<Stamp>> {
        let Some(metadata) = absent_is_none(std::fs::metadata(path))? else { return Ok(None) };
        let changed = metadata.modified()?.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Ok(Some(Stamp { file: file_id(&metadata), size: metadata.len(), changed: changed.as_nanos() }))
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        // What has the name already goes first, so that nothing is written to where a link leads.
        absent_is_none(std::fs::remove_file(path))?;
        Ok(Box::new(OpenOptions::new().write(true).create_new(true).open(path)?))
    }

    fn append(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        refuse_link(path)?;
        let file = OpenOptions::new().append(true).create(true).open(path)?;
        is_at(&file, path)?;
        Ok(Box::new(file))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        // The link would be replaced, and what it leads to would stay as it was.
        refuse_link(to)?;
        std::fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        absent_is_none(std::fs::remove_file(path)).map(|_done| ())
    }

    fn create_directory(&self, path: &Path) -> io::Result<()> {
        std::fs::create_dir_all(path)
    }

    fn sync_directory(&self, path: &Path) -> io::Result<()> {
        if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        let Some(entries) = absent_is_none(std::fs::read_dir(path))? else { return Ok(Vec::new()) };
        let mut names = Vec::new();
        for entry in entries {
            if let Ok(name) = entry?.file_name().into_string() {
                names.push(name);
            }
        }
        names.sort_unstable();
        Ok(names)
    }
}

impl DiskFile for File {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }

    fn cut(&mut self, size: u64) -> io::Result<()> {
        self.set_len(size)
    }
}

/// Returns what identifies a file on its disk, where the system tells.
#[cfg(unix)]
pub(super) fn file_id(metadata: &std::fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

/// Returns what identifies a file on its disk, where the system tells.
#[cfg(not(unix))]
pub(super) fn file_id(_metadata: &std::fs::Metadata) -> u64 {
    0
}

/// Fails if there is a link of this name. Files that are written are never links: whoever put the link there, perhaps
/// in a repository that was cloned, would decide what is overwritten.
pub(super) fn refuse_link(path: &Path) -> io::Result<()> {
    match absent_is_none(std::fs::symlink_metadata(path))? {
        Some(metadata) if metadata.file_type().is_symlink() => Err(is_link()),
        _ => Ok(()),
    }
}

/// Fails if a file that was opened by a name is another one than the name itself stands for.
pub(super) fn is_at(file: &File, path: &Path) -> io::Result<()> {
    let (open, named) = (file.metadata()?, std::fs::symlink_metadata(path)?);
    if named.file_type().is_symlink() || file_id(&open) != file_id(&named) { Err(is_link()) } else { Ok(()) }
}

/// What [`LocalDisk`] says about links.
pub(super) const LINK: &str = "it is a symbolic link";

fn is_link() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, LINK)
}

fn absent_is_none<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Replaces a file at once or not at all; durable when it returns.
pub(super) fn replace(disk: &dyn Disk, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = temporary(path);
    let written = (|| {
        let mut file = disk.create(&temporary)?;
        file.write(bytes)?;
        file.sync()?;
        disk.rename(&temporary, path)
    })();
    if let Err(error) = written {
        // The temporary file takes space that the disk may lack; if it cannot be removed now, the next
        // session does it.
        return disk.remove(&temporary).and(Err(error));
    }
    match path.parent() {
        Some(directory) => disk.sync_directory(directory),
        None => Ok(()),
    }
}

/// What the names of temporary files contain.
pub(super) const TEMPORARY: &str = ".tmp-";

fn temporary(path: &Path) -> std::path::PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}{TEMPORARY}{}", std::process::id()))
}
