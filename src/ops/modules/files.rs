//! Small files that are replaced as a whole or not at all.

use std::fs;
use std::fs::OpenOptions;
use std::io;
use std::io::Write as _;
use std::path::Path;

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::source::read_at_most;

/// Larger files were not written here.
const LIMIT: u64 = 64 * 1024 * 1024;

/// Reads a file; none if there is no such file.
pub(super) fn read(path: &Path) -> Result<Option<Vec<u8>>, Diagnostic> {
    match read_at_most(path, LIMIT) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed("read", path, &error)),
    }
}

/// Writes a file unless it is so already; returns whether it was changed.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<bool, Diagnostic> {
    if read(path)?.is_some_and(|found| found == bytes) {
        return Ok(false);
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = path.with_file_name(format!("{name}.tmp-{}", std::process::id()));
    let written = (|| {
        // Whatever has the name goes first: nothing is written to where a link leads.
        match fs::remove_file(&temporary) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = OpenOptions::new().write(true).create_new(true).open(&temporary)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&temporary, path)
    })();
    match written {
        Ok(()) => Ok(true),
        Err(error) => {
            // What is left of it is replaced by the next run.
            fs::remove_file(&temporary).ok();
            Err(failed("write", path, &error))
        }
    }
}

/// Removes a file; returns whether there was one.
pub(super) fn remove(path: &Path) -> Result<bool, Diagnostic> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(failed("remove", path, &error)),
    }
}

/// Makes a directory and those above it.
pub(super) fn make(path: &Path) -> Result<(), Diagnostic> {
    fs::create_dir_all(path).map_err(|error| failed("make", path, &error))
}

/// Removes a directory with all that is in it; none is fine.
pub(super) fn clear(path: &Path) -> Result<(), Diagnostic> {
    match fs::remove_dir_all(path) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(failed("remove", path, &error)),
    }
}

/// Tells what could not be done with a path.
pub(super) fn failed(verb: &str, path: &Path, error: &io::Error) -> Diagnostic {
    Diagnostic::error(Code::FileAccess, format!("cannot {verb} `{}`", path.display()))
        .detail(error.to_string())
        .hint("check the owner and the permissions, and that the disk has room")
}
