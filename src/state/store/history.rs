//! Earlier journals, kept for `state log` and `undo`.

use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use crate::state::journal;
use crate::state::journal::Kept;
use crate::state::journal::Lines;

use super::Disk;
use super::StoreError;
use super::disk;

/// One journal of the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryEntry {
    /// Its file.
    pub path: PathBuf,
}

const SUFFIX: &str = ".journal";

/// Returns how entries of a run are named, so that their names sort by time.
pub(super) fn name(at: &str, run: &str) -> String {
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
        disk.remove(&entry.path).map_err(failed("clean up"))?;
    }
    Ok(())
}

/// Returns the entries, the oldest first.
pub(super) fn list(disk: &dyn Disk, directory: &Path) -> Result<Vec<HistoryEntry>, StoreError> {
    let name: Arc<str> = directory.display().to_string().into();
    let names = disk.list(directory).map_err(StoreError::io("read", &name))?;
    let entries = names.into_iter().filter(|name| name.ends_with(SUFFIX) && !name.starts_with('.'));
    Ok(entries.map(|name| HistoryEntry { path: directory.join(name) }).collect())
}

/// Reads an entry.
pub(super) fn read(disk: &dyn Disk, entry: &HistoryEntry) -> Result<Lines, StoreError> {
    let place: Arc<str> = entry.path.display().to_string().into();
    let bytes = disk.read(&entry.path).map_err(StoreError::io("read", &place))?.unwrap_or_default();
    journal::parse(&bytes).map_err(|source| StoreError::Journal { place, source })
}
