//! The files that expressions read.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use crate::eval::FileError;
use crate::eval::Files;
use crate::source::read_at_most;

/// Larger files are not read by expressions.
const LIMIT: u64 = 256 * 1024 * 1024;

/// Reads below the working directory, and remembers what was read, so that a plan can carry its digest.
#[derive(Debug)]
pub struct WorkingFiles {
    directory: Arc<str>,
    home: Option<Arc<str>>,
    read: Mutex<BTreeMap<String, Arc<[u8]>>>,
}

impl WorkingFiles {
    /// Returns the files as seen from the working directory.
    ///
    /// # Errors
    /// If there is no working directory (it was removed), or its name is not UTF-8.
    pub fn of_process(home: Option<&str>) -> std::io::Result<Self> {
        Self::of_directory(Path::new("."), home)
    }

    /// Returns the files as seen from a directory, which relative paths of the configuration start from.
    ///
    /// # Errors
    /// If there is no working directory (it was removed), or the name is not UTF-8.
    pub fn of_directory(directory: &Path, home: Option<&str>) -> std::io::Result<Self> {
        let working = std::env::current_dir()?;
        let directory = if directory == Path::new(".") { working } else { working.join(directory) };
        let name = directory.to_str().ok_or_else(|| {
            std::io::Error::new(std::io::ErrorKind::InvalidData, "its name is not valid UTF-8")
        })?;
        Ok(Self { directory: Arc::from(name), home: home.map(Arc::from), read: Mutex::default() })
    }

    /// Returns what was read so far, by path.
    #[must_use]
    pub fn contents(&self) -> BTreeMap<String, Arc<[u8]>> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn place(&self, path: &str) -> PathBuf {
        Path::new(&*self.directory).join(path)
    }
}

impl Files for WorkingFiles {
    fn read(&self, path: &str) -> Result<Arc<[u8]>, FileError> {
        let mut known = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        // A file has one content for a whole run, even if somebody writes it meanwhile.
        if let Some(bytes) = known.get(path) {
            return Ok(Arc::clone(bytes));
        }
        let bytes = read_at_most(&self.place(path), LIMIT).map_err(|error| failed(path, &error))?;
        let bytes: Arc<[u8]> = bytes.into();
        known.insert(path.to_owned(), Arc::clone(&bytes));
        Ok(bytes)
    }

    fn exists(&self, path: &str) -> Result<bool, FileError> {
        match fs::metadata(self.place(path)) {
            Ok(meta) if meta.is_file() => Ok(true),
            Ok(meta) if meta.is_dir() => {
                Err(FileError { message: format!("\"{path}\" is a directory, not a file") })
            }
            Ok(_) => Err(FileError { message: format!("\"{path}\" is not a regular file") }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(failed(path, &error)),
        }
    }

    fn list(&self, directory: &str) -> Result<Vec<String>, FileError> {
        let mut found = Vec::new();
        let root = self.place(directory);
        if root.is_dir() {
            let mut above = Vec::new();
            enter(&root, "", &mut above, &mut found).map_err(|error| failed(directory, &error))?;
        }
        found.sort();
        Ok(found)
    }

    fn current_directory(&self) -> Arc<str> {
        Arc::clone(&self.directory)
    }

    fn home_directory(&self) -> Option<Arc<str>> {
        self.home.clone()
    }
}

/// Collects regular files; links are followed, but not in a circle.
fn enter(
    directory: &Path,
    below: &str,
    above: &mut Vec<PathBuf>,
    found: &mut Vec<String>,
) -> std::io::Result<()> {
    let real = fs::canonicalize(directory)?;
    if above.contains(&real) {
        return Ok(());
    }
    above.push(real);
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        // A link to nothing is no file.
        let Ok(meta) = fs::metadata(entry.path()) else { continue };
        if meta.is_dir() {
            enter(&entry.path(), &format!("{below}{name}/"), above, found)?;
        } else if meta.is_file() {
            found.push(format!("{below}{name}"));
        }
    }
    above.pop();
    Ok(())
}

fn failed(path: &str, error: &std::io::Error) -> FileError {
    FileError { message: format!("cannot read \"{path}\": {error}") }
}
