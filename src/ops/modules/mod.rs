//! Modules that come from git repositories: fetched once, kept below `.queueform/modules`, and checked against the
//! lock file.
//!
//! Owns the way from a source to a directory. Knows nothing of what modules declare; the `git` program is the only
//! one that is run.

mod files;
mod git;
pub(super) mod ignore;
mod install;
mod installed;
mod lock;
mod manifest;
mod package;

pub use install::InstallOptions;
pub use install::Installation;
pub use install::InstalledModule;
pub use install::Installer;
pub use install::Origin;
pub use installed::Installed;
