//! Installs modules: fetches what is missing, keeps what is there, and writes down what it did.
//!
//! A repository is fetched into a directory of its own beside its later place and renamed when it is whole. The lock
//! file and the manifest are replaced when every module is there; until then the last installation holds. Two runs
//! wait for each other.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs::File;
use std::fs::OpenOptions;
use std::fs::TryLockError;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use sha2::Digest as _;
use sha2::Sha256;

use crate::addr::ModulePath;
use crate::api::Stop;
use crate::config::GitSource;
use crate::config::MODULES;
use crate::config::ModuleFinder;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::provider::Environment;

use super::files;
use super::git::Git;
use super::git::GitError;
use super::git::Resolved;
use super::lock;
use super::lock::Lock;
use super::lock::Locked;
use super::manifest::Entry;
use super::manifest::Manifest;
use super::package;
use super::package::PackageError;

/// What the names of directories begin with that are not finished.
const UNFINISHED: &str = ".tmp-";

/// What modules are installed with.
#[derive(Debug, Clone)]
pub struct InstallOptions {
    /// The directory of the configuration.
    pub directory: PathBuf,
    /// Variables of the process.
    pub environment: Arc<dyn Environment>,
    /// Take the newest commits instead of those of the lock file.
    pub upgrade: bool,
    /// Refuse what would change the lock file.
    pub lock_is_fixed: bool,
    /// Ends the run.
    pub stop: Stop,
}

/// What was installed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Installation {
    /// Every module that comes from a repository.
    pub modules: Vec<InstalledModule>,
    /// Whether the lock file was changed.
    pub lock_changed: bool,
    /// Directories that were no longer used.
    pub removed: usize,
}

/// One module that comes from a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstalledModule {
    /// The module.
    pub path: ModulePath,
    /// Its source.
    pub source: String,
    /// The commit.
    pub commit: String,
    /// Its directory, relative to the configuration.
    pub directory: String,
    /// How it came there.
    pub origin: Origin,
}

/// How a module came to be where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// It was there.
    Kept,
    /// It was fetched.
    Fetched,
    /// It was fetched in the place of another commit.
    Upgraded {
        /// The commit before.
        from: String,
    },
}

/// Installs modules as they are asked for.
#[derive(Debug)]
pub struct Installer {
    options: InstallOptions,
    work: Mutex<Work>,
}

#[derive(Debug, Default)]
struct Work {
    /// Held while files are changed.
    guard: Option<File>,
    before: Lock,
    lock: Lock,
    manifest: Manifest,
    /// Repositories that are there now, with their directories.
    ready: BTreeMap<String, (String, Locked, Origin)>,
    /// What failed already, so that it is tried once and told once for each module.
    failed: BTreeSet<String>,
    modules: Vec<InstalledModule>,
    is_incomplete: bool,
}

impl Installer {
    /// Starts an installation. Nothing is written before the first module is asked for.
    ///
    /// # Errors
    /// If the lock file cannot be read.
    pub fn new(options: InstallOptions) -> Result<Self, Diagnostic> {
        let before = Lock::read(&options.directory)?;
        Ok(Self { options, work: Mutex::new(Work { before, ..Work::default() }) })
    }

    /// Writes down what was installed and removes what is no longer used. If the configuration could not be read as
    /// a whole, or a module is missing, everything stays as it was.
    ///
    /// # Errors
    /// If a file cannot be written, or the lock file would change and must not.
    pub fn finish(&self, is_whole: bool) -> Result<Installation, Diagnostic> {
        let mut work = std::mem::take(&mut *self.work.lock().unwrap_or_else(PoisonError::into_inner));
        let modules = std::mem::take(&mut work.modules);
        if !is_whole || work.is_incomplete {
            return Ok(Installation { modules, ..Installation::default() });
        }
        let directory = &self.options.directory;
        let below = directory.join(MODULES);
        if work.modules_were_never_used(&below, directory) {
            return Ok(Installation { modules, ..Installation::default() });
        }
        if self.options.lock_is_fixed && work.lock != work.before {
            return Err(Diagnostic::error(Code::ModuleLock, format!("`{}` would change", lock::FILE))
                .detail("It must not, because of `--lockfile=readonly`.")
                .hint("run `queueform init` without it and commit the file"));
        }
        if work.guard.is_none() {
            work.guard = Some(guard(&below, &self.options.stop)?);
        }
        let lock_changed = work.lock.write(directory)?;
        work.manifest.write(directory)?;
        let used: BTreeSet<&str> =
            work.manifest.modules.values().filter_map(|entry| entry.package.rsplit('/').next()).collect();
        let removed = sweep(&below, &used)?;
        Ok(Installation { modules, lock_changed, removed })
    }
}

impl Work {
    /// There is nothing to write, and nothing to clean.
    fn modules_were_never_used(&self, below: &Path, directory: &Path) -> bool {
        self.manifest.modules.is_empty() && !below.exists() && !lock::path(directory).exists()
    }
}

impl ModuleFinder for Installer {
    fn find(&self, path: &ModulePath, source: &GitSource) -> Result<String, Diagnostic> {
        let mut work = self.work.lock().unwrap_or_else(PoisonError::into_inner);
        let package = source.package();
        let found = match work.ready.get(&package) {
            Some(found) => Ok(found.clone()),
            None if work.failed.contains(&package) => {
                Err(Diagnostic::error(Code::ModuleInstallation, format!("`{path}` is not installed"))
                    .detail(format!("`{package}` could not be fetched, as said above.")))
            }
            None => self.provide(&mut work, path, source),
        };
        match found {
            Ok((directory, locked, origin)) => {
                let entry = Entry::new(
                    source.to_string(),
                    directory.clone(),
                    &source.directory,
                    locked.commit.clone(),
                );
                if !self.options.directory.join(&entry.dir).is_dir() {
                    work.is_incomplete = true;
                    return Err(Diagnostic::error(
                        Code::ModuleInstallation,
                        format!("the repository of `{path}` has no directory `{}`", source.directory),
                    )
                    .detail(format!("Looked at was commit {} of `{package}`.", locked.commit))
                    .hint("correct what stands behind `//`"));
                }
                work.modules.push(InstalledModule {
                    path: path.clone(),
                    source: source.to_string(),
                    commit: locked.commit.clone(),
                    directory: entry.dir.clone(),
                    origin: origin.clone(),
                });
                let place = entry.dir.clone();
                work.manifest.modules.insert(path.clone(), entry);
                work.lock.modules.insert(package.clone(), locked.clone());
                work.ready.insert(package, (directory, locked, origin));
                Ok(place)
            }
            Err(found) => {
                work.is_incomplete = true;
                work.failed.insert(package);
                Err(found)
            }
        }
    }
}

impl Installer {
    /// Makes sure that a repository is there at the right commit.
    fn provide(
        &self,
        work: &mut Work,
        path: &ModulePath,
        source: &GitSource,
    ) -> Result<(String, Locked, Origin), Diagnostic> {
        let below = self.options.directory.join(MODULES);
        if work.guard.is_none() {
            super::super::init::prepare(&self.options.directory)?;
            work.guard = Some(guard(&below, &self.options.stop)?);
            // What runs that were killed have left.
            sweep_unfinished(&below)?;
        }
        let git = Git { environment: &*self.options.environment, stop: &self.options.stop };
        let scratch = below.join(format!("{UNFINISHED}{}", std::process::id()));
        let locked = work.before.modules.get(&source.package()).cloned();
        let done = self.provide_at(&git, path, source, locked.as_ref(), &scratch);
        files::clear(&scratch)?;
        done
    }

    fn provide_at(
        &self,
        git: &Git<'_>,
        path: &ModulePath,
        source: &GitSource,
        locked: Option<&Locked>,
        scratch: &Path,
    ) -> Result<(String, Locked, Origin), Diagnostic> {
        let resolved = match locked {
            Some(locked) if !self.options.upgrade => {
                let kept = directory_of(source, &locked.commit);
                if self.is_sound(&kept, &locked.hash) {
                    return Ok((kept, locked.clone(), Origin::Kept));
                }
                Resolved { commit: locked.commit.clone(), name: None }
            }
            _ => {
                files::make(scratch)?;
                git.resolve(source, scratch).map_err(|error| refused(path, source, &error))?
            }
        };
        let directory = directory_of(source, &resolved.commit);
        let same = locked.filter(|locked| locked.commit == resolved.commit);
        if let Some(same) = same
            && self.is_sound(&directory, &same.hash)
        {
            return Ok((directory, same.clone(), Origin::Kept));
        }
        if self.options.lock_is_fixed && same.is_none() {
            return Err(Diagnostic::error(
                Code::ModuleLock,
                format!("`{path}` is not in `{}`, which must not change", lock::FILE),
            )
            .detail(format!("It comes from `{source}`."))
            .hint("run `queueform init` without `--lockfile=readonly` and commit the file"));
        }
        let fresh = scratch.join("package");
        files::make(scratch)?;
        git.check_out(source, &resolved, &fresh).map_err(|error| refused(path, source, &error))?;
        let hash = package::prune(&fresh).and_then(|()| package::digest(&fresh)).map_err(|error| {
            let found =
                Diagnostic::error(Code::ModuleInstallation, format!("`{path}` cannot be installed: {error}"));
            match error {
                PackageError::Escape(_) => {
                    found.hint("the repository must not link to files of your machine")
                }
                PackageError::Read { .. } => {
                    found.hint("check the owner and the permissions of the directory")
                }
            }
        })?;
        if let Some(same) = same
            && same.hash != hash
        {
            return Err(Diagnostic::error(
                Code::ModuleChanged,
                format!("`{path}` has other files than `{}` names", lock::FILE),
            )
            .detail(format!(
                "Commit {} of `{}` has the digest {hash}, not {}.",
                same.commit,
                source.package(),
                same.hash
            ))
            .hint(format!(
                "find out why; if it is right, remove the entry from `{}` and run `queueform init`",
                lock::FILE
            )));
        }
        let place = self.options.directory.join(&directory);
        files::clear(&place)?;
        std::fs::rename(&fresh, &place).map_err(|error| files::failed("rename", &fresh, &error))?;
        let origin = match locked {
            Some(locked) if locked.commit != resolved.commit => {
                Origin::Upgraded { from: locked.commit.clone() }
            }
            _ => Origin::Fetched,
        };
        Ok((directory, Locked { commit: resolved.commit, hash }, origin))
    }

    /// Whether a directory is there and holds what it should.
    fn is_sound(&self, directory: &str, hash: &str) -> bool {
        let place = self.options.directory.join(directory);
        place.is_dir() && package::digest(&place).is_ok_and(|found| found == hash)
    }
}

/// Returns the directory of a repository at a commit, relative to the configuration.
fn directory_of(source: &GitSource, commit: &str) -> String {
    let digest = package::hex(&Sha256::digest(format!("{}\n{commit}", source.shown_url())));
    format!("{}/{}-{}", MODULES, source.name(), digest.get(..12).unwrap_or_default())
}

/// Keeps other installations of the same configuration out until it is dropped.
fn guard(below: &Path, stop: &Stop) -> Result<File, Diagnostic> {
    // What is not used any more is removed there: a link that came with a repository must not decide where.
    for place in [below.parent().unwrap_or(below), below] {
        if std::fs::symlink_metadata(place).is_ok_and(|metadata| metadata.file_type().is_symlink()) {
            return Err(Diagnostic::error(
                Code::FileAccess,
                format!("`{}` is a symbolic link", place.display()),
            )
            .detail("Modules are installed there, and what is not used any more is removed.")
            .hint("remove the link"));
        }
    }
    files::make(below)?;
    let path = below.join(".lock");
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(|error| files::failed("open", &path, &error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::Error(error)) => Err(files::failed("lock", &path, &error)),
        Err(TryLockError::WouldBlock) if stop.is_stopped() => Err(interrupted()),
        Err(TryLockError::WouldBlock) => Err(Diagnostic::error(
            Code::ModuleInstallation,
            "another `queueform init` is at work in this directory",
        )
        .hint("wait until it has ended and run `queueform init` again")),
    }
}

/// Removes the directories that no module uses; returns how many.
fn sweep(below: &Path, used: &BTreeSet<&str>) -> Result<usize, Diagnostic> {
    let mut removed = 0;
    for (name, path) in directories(below)? {
        if !used.contains(name.as_str()) {
            files::clear(&path)?;
            removed += usize::from(!name.starts_with(UNFINISHED));
        }
    }
    Ok(removed)
}

fn sweep_unfinished(below: &Path) -> Result<(), Diagnostic> {
    for (name, path) in directories(below)? {
        if name.starts_with(UNFINISHED) {
            files::clear(&path)?;
        }
    }
    Ok(())
}

fn directories(below: &Path) -> Result<Vec<(String, PathBuf)>, Diagnostic> {
    let entries = match std::fs::read_dir(below) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(files::failed("read", below, &error)),
    };
    let mut found: Vec<(String, PathBuf)> = entries
        .filter_map(Result::ok)
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry.path()))
        .filter(|(_, path)| path.is_dir())
        .collect();
    found.sort();
    Ok(found)
}

fn interrupted() -> Diagnostic {
    Diagnostic::error(Code::Interrupted, "the installation of modules was interrupted")
        .hint("run `queueform init` again; what was there before is there still")
}

/// Tells what git did not do.
fn refused(path: &ModulePath, source: &GitSource, error: &GitError) -> Diagnostic {
    let shown = source.conceal(&error.to_string());
    match error {
        GitError::Stopped => interrupted(),
        GitError::Missing(_) => Diagnostic::error(Code::ModuleInstallation, shown)
            .detail(format!("It is needed to fetch `{path}` from `{source}`."))
            .hint("install git, and make sure that it is in `PATH`"),
        GitError::Directory(_) => Diagnostic::error(Code::FileAccess, shown)
            .hint("check the owner and the permissions of `.queueform`, and that the disk has room"),
        GitError::NoReference(name) => Diagnostic::error(
            Code::ModuleInstallation,
            format!("the repository of `{path}` has no branch, tag or commit `{name}`"),
        )
        .detail(format!("Looked at was `{}`.", source.shown_url()))
        .hint("correct `ref`; `git ls-remote URL` lists what there is"),
        GitError::Failed { doing, .. } => {
            let found =
                Diagnostic::error(Code::ModuleInstallation, format!("git failed while {doing} for `{path}`"))
                    .detail(format!("`{}`: {shown}", source.shown_url()));
            match hint(&shown) {
                Some(hint) => found.hint(hint),
                None => found,
            }
        }
    }
}

/// What to do about the most frequent failures.
fn hint(said: &str) -> Option<&'static str> {
    let has = |words: &[&str]| words.iter().any(|word| said.contains(word));
    if has(&["terminal prompts disabled", "could not read Username", "Authentication failed", "HTTP Basic"]) {
        Some("the repository asks for a password: set up a credential helper of git, or use `git::ssh://…`")
    } else if has(&["Permission denied (publickey", "Host key verification failed"]) {
        Some("give `ssh` a key and the host's key, so that `git ls-remote URL` works without a question")
    } else if has(&["Could not resolve host", "Connection refused", "Failed to connect", "timed out"]) {
        Some("check the name of the host and the network; what is installed already works without it")
    } else if has(&["not found", "does not exist", "does not appear to be a git repository", "No such file"])
    {
        Some("correct the address of the repository, or ask for access to it")
    } else if has(&["dubious ownership"]) {
        Some("tell git that you trust the repository: `git config --global --add safe.directory PATH`")
    } else {
        None
    }
}
