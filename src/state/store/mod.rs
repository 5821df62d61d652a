//! Where state and journal are kept, and who may write them.
//!
//! A [`Store`] opens [`Session`]s: the few durable operations that differ between a local directory and a
//! remote service. Everything above them is the same everywhere: [`Ledger`] numbers records, groups them into
//! commits, folds them into the state and writes snapshots; [`view()`] reads without any lock.

mod ci;
mod clock;
mod disk;
mod error;
mod history;
mod layout;
mod ledger;
mod local;
mod lock;
mod ticket;
mod view;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

pub use clock::Clock;
pub use clock::SystemClock;
pub use disk::Disk;
pub use disk::DiskFile;
pub use disk::LocalDisk;
pub use disk::Stamp;
pub use error::StoreError;
pub use history::HistoryEntry;
pub use history::name as history_name;
pub use layout::Layout;
pub use layout::WorkspaceError;
pub use layout::check_workspace;
pub use ledger::Committed;
pub use ledger::Ledger;
pub use local::LocalStore;
pub use lock::Holder;
pub use lock::Lock;
pub use ticket::Ticket;
pub use view::View;
pub use view::view;

use super::Lineage;

/// The bytes of a state and its journal at one instant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contents {
    /// The snapshot; none if the state was never written.
    pub snapshot: Option<Vec<u8>>,
    /// The journal; empty if there is none.
    pub journal: Vec<u8>,
}

/// How a session is asked for.
#[derive(Debug, Clone)]
pub struct Request {
    /// Who asks; shown to others while the session lasts.
    pub holder: Holder,
    /// Whether the lock is taken (`--lock=false` does not).
    pub lock: bool,
    /// How long to wait for the lock (`--lock-timeout`).
    pub wait: Duration,
}

/// How long the holder of a session may go on writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lease {
    /// For as long as it lives.
    Unlimited,
    /// For this long, unless renewed.
    For(Duration),
}

/// A snapshot on its way to its place.
#[derive(Debug, Clone, Copy)]
pub struct Snapshot<'s> {
    /// The state's serial.
    pub serial: u64,
    /// The state's lineage.
    pub lineage: &'s Lineage,
    /// The document.
    pub document: &'s [u8],
    /// Whether it says something else than the one before, which is kept as a backup then.
    pub is_different: bool,
}

/// Whether writing is still allowed. Shared with whoever must know right before a call, so it never waits: an engine
/// that must be asked keeps the answer up to date by itself.
pub trait Fence: Send + Sync + std::fmt::Debug {
    /// Returns how long writing is still allowed.
    ///
    /// # Errors
    /// If the lock is lost.
    fn check(&self) -> Result<Lease, StoreError>;
}

/// A place that keeps one state. All operations block.
pub trait Store: Send + Sync + std::fmt::Debug {
    /// Returns the place as it is shown to people.
    fn place(&self) -> String;

    /// Takes the lock and opens the state for writing.
    ///
    /// # Errors
    /// If another run holds the lock, or the place cannot be written.
    fn open(&self, request: &Request) -> Result<Box<dyn Session>, StoreError>;

    /// Reads state and journal as they belong together, without any lock, even while another run writes.
    ///
    /// # Errors
    /// If they cannot be read.
    fn read(&self) -> Result<Contents, StoreError>;

    /// Returns who holds the lock, if anybody does.
    ///
    /// # Errors
    /// If the lock cannot be looked at.
    fn holder(&self) -> Result<Option<Holder>, StoreError>;

    /// Returns how errors name the snapshot and the journal: two places.
    fn names(&self) -> (Arc<str>, Arc<str>);

    /// Returns where the last good snapshot before this one is kept, if there is one.
    fn backup(&self) -> Option<Arc<str>>;

    /// Returns whether secrets may be kept here: whatever is written is encrypted.
    fn keeps_secrets(&self) -> bool {
        false
    }

    /// Returns the journals of earlier runs, the oldest first.
    ///
    /// # Errors
    /// If they cannot be listed.
    fn history(&self) -> Result<Vec<HistoryEntry>, StoreError>;

    /// Reads the journal of an earlier run, as it was kept: without secrets.
    ///
    /// # Errors
    /// If it cannot be read.
    fn history_entry(&self, entry: &HistoryEntry) -> Result<Vec<u8>, StoreError>;
}

/// The right to write one state, until it is dropped. All operations block.
pub trait Session: Send + std::fmt::Debug {
    /// Reads state and journal.
    ///
    /// # Errors
    /// If they cannot be read.
    fn contents(&mut self) -> Result<Contents, StoreError>;

    /// Cuts the journal after its first bytes: what follows was written only in part.
    ///
    /// # Errors
    /// If the journal cannot be written.
    fn cut(&mut self, valid: u64) -> Result<(), StoreError>;

    /// Appends lines to the journal. They are durable when this returns; on an error none of them remains,
    /// or the session refuses everything that follows.
    ///
    /// # Errors
    /// If they cannot be made durable.
    fn append(&mut self, lines: &[u8]) -> Result<(), StoreError>;

    /// Replaces the snapshot at once or not at all. It is durable when this returns.
    ///
    /// # Errors
    /// If somebody else changed the state, the lock is lost, or the snapshot cannot be written.
    fn commit(&mut self, snapshot: Snapshot<'_>) -> Result<(), StoreError>;

    /// Moves the journal, which is part of the snapshot now, into the history. Returns what kept the history
    /// from being written, if anything did.
    ///
    /// # Errors
    /// If the journal cannot be emptied; the state is whole nevertheless.
    fn rotate(&mut self) -> Result<Option<StoreError>, StoreError>;

    /// Returns whether the journal takes more records after a failure.
    fn is_open(&self) -> bool;

    /// Returns whether secrets may be kept here: whatever is written is encrypted.
    fn keeps_secrets(&self) -> bool {
        false
    }

    /// Returns what tells whether writing is still allowed, for as long as the session lasts.
    fn fence(&self) -> Arc<dyn Fence>;
}
