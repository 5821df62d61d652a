//! What a run asks the server to change, as it is remembered until it is known whether that has happened.

use std::sync::Arc;

use sha2::Digest as _;

use crate::state::Lineage;
use crate::state::store::StoreError;

use super::failure::Failure;

/// The digest of a snapshot; none if there is no snapshot.
pub(super) type Digest = Option<[u8; 32]>;

pub(super) fn digest(bytes: &[u8]) -> [u8; 32] {
    sha2::Sha256::digest(bytes).into()
}

/// Lines of the journal that were written at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) number: i64,
    pub(super) lines: Vec<u8>,
}

/// A change that the server was asked for, and that may have happened.
#[derive(Debug, Clone)]
pub(super) enum Pending {
    /// Lines behind the journal.
    Append(Part),
    /// A snapshot.
    Commit(Document),
    /// The journal moves into the history, with what of it is kept, under a name.
    Rotate(Option<(String, Vec<u8>)>),
    /// The journal ends with these parts.
    Cut(Vec<Part>),
}

impl Pending {
    pub(super) fn doing(&self) -> &'static str {
        match self {
            Self::Append(_) => "write",
            Self::Commit(_) => "replace",
            Self::Rotate(_) => "empty",
            Self::Cut(_) => "shorten",
        }
    }
}

/// A snapshot on its way.
#[derive(Debug, Clone)]
pub(super) struct Document {
    pub(super) text: Arc<str>,
    pub(super) digest: [u8; 32],
    pub(super) version: (u64, Lineage),
    /// Whether the one before is kept as a backup.
    pub(super) keeps_backup: bool,
}

/// The snapshot that this session read or wrote last.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    pub(super) digest: Digest,
    pub(super) version: Option<(u64, Lineage)>,
}

/// Why something did not work.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The server said so, or did not answer.
    Failure(Failure),
    /// It is decided what that means.
    Store(StoreError),
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// How errors name things.
#[derive(Debug, Clone)]
pub(super) struct Names {
    pub(super) workspace: Arc<str>,
    pub(super) state: Arc<str>,
    pub(super) journal: Arc<str>,
}
