//! Engines that keep states for many machines: which there are, what they are configured with, and the stores they
//! open.
//!
//! Owns the kinds of `backend` blocks with their arguments. What a state is, how it is numbered, folded and locked stands
//! in `state::store`; an engine only keeps the bytes and answers who may write them.
//!
//! ```text
//! let settings = backend::settle("pg", given, &environment)?;   // names, types, variables of the environment
//! let engine = backend::open(&settings)?;                       // nothing is connected yet
//! let store = engine.store("default", clock)?;                  // a place of one state
//! ```

mod arguments;
mod blocking;
mod http;
mod instant;
mod local;
mod pg;
mod s3;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::diag::Diagnostics;
use crate::state::store::Clock;
use crate::state::store::Holder;
use crate::state::store::Store;
use crate::state::store::StoreError;

pub use arguments::Argument;
pub use arguments::ArgumentKind;
pub use arguments::Given;
pub use arguments::Settings;
pub use arguments::check;
pub use arguments::settle;
pub use local::LocalBackend;
pub use pg::PgBackend;
pub use pg::Timing as PgTiming;

/// What the lock of a workspace is, to those who could take it away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LockState {
    /// Nobody holds it.
    Free,
    /// A run of Queueform holds it, which notices before its next write, or with its next sign of life, that it does not
    /// any more.
    Ours(Box<Holder>),
    /// Another program holds it.
    Other(Box<Holder>),
    /// Somebody holds it, and the engine does not say who.
    Unnamed,
}

/// One configured engine. It keeps the states of any number of workspaces. All operations block, from any thread.
pub trait Backend: Send + Sync + std::fmt::Debug {
    /// Returns the kind, as the `backend` block names it.
    fn kind(&self) -> &'static str;

    /// Returns the place as it is shown to people and compared with the one of earlier runs: host, database, bucket; no
    /// secrets, and the same text for the same place.
    fn place(&self) -> String;

    /// Returns the workspaces that there are, sorted. The default one is always among them.
    ///
    /// # Errors
    /// If the engine cannot be asked.
    fn workspaces(&self) -> Result<Vec<String>, StoreError>;

    /// Returns whether there is a workspace, also on engines that cannot list them.
    ///
    /// # Errors
    /// If the engine cannot be asked.
    fn has_workspace(&self, workspace: &str) -> Result<bool, StoreError> {
        Ok(self.workspaces()?.iter().any(|name| name == workspace))
    }

    /// Returns the store of a workspace. Nothing is written, and the workspace need not be there.
    ///
    /// # Errors
    /// If the name cannot be one of a workspace here.
    fn store(&self, workspace: &str, clock: Arc<dyn Clock>) -> Result<Box<dyn Store>, StoreError>;

    /// Makes a workspace with an empty state. Nothing happens if it is there.
    ///
    /// # Errors
    /// If the engine refuses it.
    fn create(&self, workspace: &str) -> Result<(), StoreError>;

    /// Removes a workspace with its state, journal and history. The caller holds its lock, and lets go of it afterwards.
    ///
    /// # Errors
    /// If the engine refuses it.
    fn delete(&self, workspace: &str) -> Result<(), StoreError>;

    /// Returns who holds the lock of a workspace, whatever program that is. An engine that tells it only to those who
    /// lock is asked that way.
    ///
    /// # Errors
    /// If the engine cannot be asked.
    fn lock_state(&self, workspace: &str) -> Result<LockState, StoreError>;

    /// Returns whether [`Store::holder`] knows of other programs too.
    fn shows_others(&self) -> bool {
        true
    }

    /// Takes the lock of a workspace away from whoever holds it under an id. Nothing happens if nobody does any more.
    ///
    /// # Errors
    /// If it cannot be taken away.
    fn break_lock(&self, workspace: &str, id: &str) -> Result<(), StoreError>;

    /// Puts a state out of the way after it was copied to another engine, and returns where it is kept, for those who
    /// must not take the old one for the living one. The caller holds its lock. Engines of many machines leave it as it
    /// is.
    ///
    /// # Errors
    /// If it cannot be moved.
    fn retire(&self, workspace: &str) -> Result<Option<String>, StoreError> {
        let _ = workspace;
        Ok(None)
    }
}

/// A kind of backend.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// Its name in the `backend` block.
    pub name: &'static str,
    /// What it is, in one sentence.
    pub description: &'static str,
    /// Its arguments, in the order of the reference.
    pub arguments: &'static [Argument],
    /// Checks the settings and returns the engine; connects to nothing.
    configure: fn(&Settings) -> Result<Arc<dyn Backend>, Diagnostics>,
}

/// All kinds, in the order of the reference.
pub const KINDS: &[Kind] = &[
    Kind {
        name: "local",
        description: "Files in a directory of this machine.",
        arguments: local::ARGUMENTS,
        configure: local::configure,
    },
    Kind {
        name: "http",
        description: "Documents of an HTTP service, in the protocol of GitLab-managed states.",
        arguments: http::ARGUMENTS,
        configure: http::configure,
    },
    Kind {
        name: "pg",
        description: "A PostgreSQL database, with the tables of Terraform's backend of the same name.",
        arguments: pg::ARGUMENTS,
        configure: pg::configure,
    },
    Kind {
        name: "s3",
        description: "Objects in a bucket of an S3-compatible service.",
        arguments: s3::ARGUMENTS,
        configure: s3::configure,
    },
];

/// Returns a kind by its name.
#[must_use]
pub fn kind(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.name == name)
}

/// Returns the engine of settings. Nothing is connected or written yet.
///
/// # Errors
/// If arguments are wrong or do not go together.
pub fn open(settings: &Settings) -> Result<Arc<dyn Backend>, Diagnostics> {
    (settings.kind().configure)(settings)
}
