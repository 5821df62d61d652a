//! What `init` installed, as every other command finds it.

use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::PoisonError;

use crate::addr::ModulePath;
use crate::config::GitSource;
use crate::config::ModuleFinder;
use crate::diag::Code;
use crate::diag::Diagnostic;

use super::lock;
use super::lock::Lock;
use super::manifest::Manifest;
use super::package;

/// The modules that are installed for a configuration. Their files are compared with the lock file when the first of
/// them is asked for.
#[derive(Debug)]
pub struct Installed {
    directory: PathBuf,
    known: Mutex<Option<Known>>,
}

#[derive(Debug, Default)]
struct Known {
    manifest: Manifest,
    lock: Lock,
    /// The digests of packages by their directories.
    digests: BTreeMap<String, String>,
}

impl Installed {
    /// Returns the modules of a configuration. Nothing is read yet.
    #[must_use]
    pub fn of(directory: &Path) -> Self {
        Self { directory: directory.to_owned(), known: Mutex::default() }
    }
}

impl ModuleFinder for Installed {
    fn find(&self, path: &ModulePath, source: &GitSource) -> Result<String, Diagnostic> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let known = match &mut *known {
            Some(known) => known,
            empty => {
                let manifest = Manifest::read(&self.directory)?;
                let lock = Lock::read(&self.directory)?;
                empty.insert(Known { manifest, lock, digests: BTreeMap::new() })
            }
        };
        let Some(entry) = known.manifest.modules.get(path) else {
            return Err(Diagnostic::error(Code::ModuleNotInstalled, format!("`{path}` is not installed"))
                .detail(format!("It comes from `{source}`."))
                .hint("run `queueform init`"));
        };
        if entry.source != source.to_string() {
            return Err(Diagnostic::error(
                Code::ModuleNotInstalled,
                format!("`{path}` is installed from another source"),
            )
            .detail(format!("Installed is `{}`, wanted is `{source}`.", entry.source))
            .hint("run `queueform init`"));
        }
        if !self.directory.join(&entry.dir).is_dir() {
            return Err(Diagnostic::error(
                Code::ModuleNotInstalled,
                format!("the directory of `{path}` is gone"),
            )
            .detail(format!("It was `{}`.", entry.dir))
            .hint("run `queueform init`"));
        }
        let Some(locked) = known.lock.modules.get(&source.package()) else {
            return Err(Diagnostic::error(
                Code::ModuleNotInstalled,
                format!("`{path}` is not in `{}`", lock::FILE),
            )
            .detail(format!("There is no entry for `{}`.", source.package()))
            .hint(format!(
                "run `queueform init`, which writes it, or take back the change of `{}`",
                lock::FILE
            )));
        };
        if locked.commit != entry.commit {
            return Err(Diagnostic::error(
                Code::ModuleNotInstalled,
                format!("`{path}` is installed at another commit than `{}` names", lock::FILE),
            )
            .detail(format!("Installed is {}, wanted is {}.", entry.commit, locked.commit))
            .hint("run `queueform init`"));
        }
        let digest = match known.digests.get(&entry.package) {
            Some(digest) => digest.clone(),
            None => {
                let digest = package::digest(&self.directory.join(&entry.package))
                    .map_err(|error| Diagnostic::error(Code::FileAccess, error.to_string()))?;
                known.digests.insert(entry.package.clone(), digest.clone());
                digest
            }
        };
        if digest != locked.hash {
            return Err(changed(path, &entry.package));
        }
        Ok(entry.dir.clone())
    }
}

/// The files of a package are not those that were installed.
fn changed(path: &ModulePath, package: &str) -> Diagnostic {
    Diagnostic::error(
        Code::ModuleChanged,
        format!("the files of `{path}` were changed after they were installed"),
    )
    .detail(format!("They are in `{package}`, and do not have the content that `{}` names.", lock::FILE))
    .hint("run `queueform init` to install them again")
    .hint("to work with files of your own, copy them beside the configuration and write `source = \"./…\"`")
}
