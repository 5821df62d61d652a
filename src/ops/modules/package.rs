//! The files of an installed repository: what belongs to them, and their digest.

use std::fs;
use std::io;
use std::path::Path;
use std::path::PathBuf;

use sha2::Digest as _;
use sha2::Sha256;

use super::ignore::Ignored;

/// Why a directory is no sound package.
#[derive(Debug, thiserror::Error)]
pub(super) enum PackageError {
    /// It cannot be read.
    #[error("cannot read `{path}`: {error}")]
    Read {
        /// What was read.
        path: String,
        /// What happened.
        error: io::Error,
    },
    /// A link leads out of it.
    #[error("the link `{0}` leads out of the repository")]
    Escape(String),
}

/// Removes what is git's own, or what the package says is not for others; checks its links.
pub(super) fn prune(root: &Path) -> Result<(), PackageError> {
    let ignored = Ignored::of(root);
    let mut unwanted = Vec::new();
    walk(root, &mut |path, shown, kind| {
        let is_ignored = ignored.covers(shown, kind == Kind::Directory);
        if is_ignored {
            unwanted.push((path.to_owned(), kind));
        } else if kind == Kind::Link && escapes(path, shown)? {
            return Err(PackageError::Escape(shown.to_owned()));
        }
        Ok(!is_ignored)
    })?;
    for (path, kind) in unwanted {
        let removed = match kind {
            Kind::Directory => fs::remove_dir_all(&path),
            Kind::File | Kind::Link => fs::remove_file(&path),
        };
        removed.map_err(|error| failed(&path, error))?;
    }
    Ok(())
}

/// Returns the digest of all files: their paths and what is in them. Times and owners do not count.
pub(super) fn digest(root: &Path) -> Result<String, PackageError> {
    let mut whole = Sha256::new();
    walk(root, &mut |path, shown, kind| {
        let content = match kind {
            Kind::Directory => return Ok(true),
            Kind::File => fs::read(path).map_err(|error| failed(path, error))?,
            Kind::Link => {
                let target = fs::read_link(path).map_err(|error| failed(path, error))?;
                target.to_string_lossy().into_owned().into_bytes()
            }
        };
        let word = if kind == Kind::Link { "link" } else { "file" };
        whole.update(format!("{word} {} {shown}\n", hex(&Sha256::digest(&content))));
        Ok(true)
    })?;
    Ok(format!("sha256:{}", hex(&whole.finalize())))
}

/// Writes bytes as hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    File,
    Directory,
    Link,
}

fn failed(path: &Path, error: io::Error) -> PackageError {
    PackageError::Read { path: path.display().to_string(), error }
}

/// What is told of each entry: where it is, its path in the package with `/`, and what it is; returns whether a
/// directory is entered.
type Visit<'v> = dyn FnMut(&Path, &str, Kind) -> Result<bool, PackageError> + 'v;

/// Visits everything below a directory, in the order of names; links are not followed.
fn walk(root: &Path, visit: &mut Visit<'_>) -> Result<(), PackageError> {
    let mut open: Vec<(PathBuf, String)> = vec![(root.to_owned(), String::new())];
    while let Some((directory, shown)) = open.pop() {
        let entries = fs::read_dir(&directory).map_err(|error| failed(&directory, error))?;
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.map_err(|error| failed(&directory, error))?;
            let kind = entry.file_type().map_err(|error| failed(&entry.path(), error))?;
            let kind = match () {
                () if kind.is_symlink() => Kind::Link,
                () if kind.is_dir() => Kind::Directory,
                () => Kind::File,
            };
            names.push((entry.file_name().to_string_lossy().into_owned(), entry.path(), kind));
        }
        names.sort();
        let mut below = Vec::new();
        for (name, path, kind) in names {
            let inner = if shown.is_empty() { name } else { format!("{shown}/{name}") };
            if visit(&path, &inner, kind)? && kind == Kind::Directory {
                below.push((path, inner));
            }
        }
        open.extend(below.into_iter().rev());
    }
    Ok(())
}

/// Returns true if a link may point outside of the package. Going up is counted from the link's own directory, which
/// is no link itself; behind a name it would go up from wherever that name leads, so it is not taken there.
fn escapes(path: &Path, shown: &str) -> Result<bool, PackageError> {
    let target = fs::read_link(path).map_err(|error| failed(path, error))?;
    if target.is_absolute() {
        return Ok(true);
    }
    let mut depth = shown.matches('/').count();
    let mut has_name = false;
    for part in target.components() {
        match part {
            std::path::Component::ParentDir => match depth.checked_sub(1) {
                Some(above) if !has_name => depth = above,
                Some(_) | None => return Ok(true),
            },
            std::path::Component::Normal(_) => has_name = true,
            std::path::Component::CurDir => {}
            std::path::Component::Prefix(_) | std::path::Component::RootDir => return Ok(true),
        }
    }
    Ok(false)
}
