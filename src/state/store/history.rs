//! Earlier journals, kept for `state log` and `undo`.

use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use crate::state::journal::Kept;

use super::Disk;
use super::StoreError;
use super::disk;

/// One journal of the history.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct HistoryEntry {
    /// Its name, of one form on every engine: it begins with the time of the run, so that names sort by time.
    pub name: Arc<str>,
}

const SUFFIX: &str = ".journal";

/// Returns how entries of a run are named, so that their names sort by time: what an engine adds is the number of the
/// last record.
#[must_use]
pub fn name(at: &str, run: &str) -> String {
    let plain = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>();
    let run: String = plain(run).chars().take(8).collect();
    format!("{}-{run}", plain(at))
}

/// Writes folded records into the history, without the digests of secrets, and removes the oldest entries.
pub(super) fn keep(
    disk: &dyn Disk,
    directory: &Path,
    lines: &Kept,
    run: &str,
    retention: usize,
) -> Result<(), StoreError> {
    let name: Arc<str> = directory.display().to_string().into();
    let failed = |doing| StoreError::io(doing, &name);
    let Some(last) = lines.last else { return Ok(()) };
    let file_name = format!("{run}-{last:012}{SUFFIX}");
    disk.create_directory(directory).map_err(failed("create"))?;
    disk::replace(disk, &directory.join(file_name), lines.text.as_bytes()).map_err(failed("write"))?;
    let entries = list(disk, directory)?;
    for entry in entries.iter().take(entries.len().saturating_sub(retention)) {
        disk.remove(&path(directory, entry)).map_err(failed("clean up"))?;
    }
    Ok(())
}

/// Returns the entries, the oldest first.
pub(super) fn list(disk: &dyn Disk, directory: &Path) -> Result<Vec<HistoryEntry>, StoreError> {
    let name: Arc<str> = directory.display().to_string().into();
    let names = disk.list(directory).map_err(StoreError::io("read", &name))?;
    let entries = names.into_iter().filter(|name| name.ends_with(SUFFIX) && !name.starts_with('.'));
    Ok(entries.map(|name| HistoryEntry { name: name.strip_suffix(SUFFIX).unwrap_or(&name).into() }).collect())
}

fn path(directory: &Path, entry: &HistoryEntry) -> PathBuf {
    directory.join(format!("{}{SUFFIX}", entry.name))
}

/// Reads an entry.
pub(super) fn read(disk: &dyn Disk, directory: &Path, entry: &HistoryEntry) -> Result<Vec<u8>, StoreError> {
    let path = path(directory, entry);
    let place: Arc<str> = path.display().to_string().into();
    Ok(disk.read(&path).map_err(StoreError::io("read", &place))?.unwrap_or_default())
}
