//! A store that encrypts what another one keeps.

use std::sync::Arc;

use crate::state::store::Contents;
use crate::state::store::HistoryEntry;
use crate::state::store::Holder;
use crate::state::store::Request;
use crate::state::store::Session;
use crate::state::store::Store;
use crate::state::store::StoreError;

use super::Keyring;
use super::Problem;
use super::cipher::Sealer;
use super::envelope;
use super::envelope::Of;
use super::journal;
use super::journal::Opened;
use super::session::EncryptedSession;

/// A store whose documents and journals are encrypted on their way to another one, and decrypted on their way back.
/// Works over any engine: what that one sees is JSON with a serial and a lineage.
#[derive(Debug)]
pub struct EncryptedStore {
    inner: Box<dyn Store>,
    keys: Keys,
}

/// The keys, and how errors name what they are used for.
#[derive(Debug, Clone)]
pub(super) struct Keys {
    pub(super) ring: Arc<Keyring>,
    state: Arc<str>,
    journal: Arc<str>,
}

/// What is in a store, decrypted.
#[derive(Debug, Default)]
pub(super) struct Clear {
    pub(super) contents: Contents,
    /// The key of the snapshot.
    pub(super) sealer: Option<Arc<Sealer>>,
    pub(super) journal: Opened,
}

impl EncryptedStore {
    /// Wraps a store.
    #[must_use]
    pub fn new(inner: Box<dyn Store>, ring: Arc<Keyring>) -> Self {
        let (state, journal) = inner.names();
        Self { inner, keys: Keys { ring, state, journal } }
    }
}

impl Keys {
    pub(super) fn trouble(&self, of: Of, problem: &Problem) -> StoreError {
        let place = if of == Of::Journal { &self.journal } else { &self.state };
        let finding = problem.about(&format!("the {} `{place}`", of.name()));
        StoreError::Sealed { place: Arc::clone(place), finding: Arc::new(finding) }
    }

    /// Decrypts what a store holds.
    pub(super) fn open(&self, contents: Contents) -> Result<Clear, StoreError> {
        let mut clear = Clear::default();
        if let Some(bytes) = contents.snapshot {
            let opened = envelope::open(&self.ring, Of::State, &bytes);
            match opened.map_err(|problem| self.trouble(Of::State, &problem))? {
                Some((plain, sealer)) => {
                    clear.contents.snapshot = Some(plain);
                    clear.sealer = Some(sealer);
                }
                None => {
                    self.ring.allow_plain().map_err(|problem| self.trouble(Of::State, &problem))?;
                    clear.contents.snapshot = Some(bytes);
                }
            }
        }
        clear.journal = self.lines(&contents.journal)?;
        clear.contents.journal.clone_from(&clear.journal.plain);
        Ok(clear)
    }

    fn lines(&self, bytes: &[u8]) -> Result<Opened, StoreError> {
        journal::open(&self.ring, bytes).map_err(|problem| self.trouble(Of::Journal, &problem))
    }
}

impl Store for EncryptedStore {
    fn place(&self) -> String {
        self.inner.place()
    }

    fn open(&self, request: &Request) -> Result<Box<dyn Session>, StoreError> {
        Ok(Box::new(EncryptedSession::new(self.inner.open(request)?, self.keys.clone())))
    }

    fn read(&self) -> Result<Contents, StoreError> {
        Ok(self.keys.open(self.inner.read()?)?.contents)
    }

    fn holder(&self) -> Result<Option<Holder>, StoreError> {
        self.inner.holder()
    }

    fn names(&self) -> (Arc<str>, Arc<str>) {
        self.inner.names()
    }

    fn backup(&self) -> Option<Arc<str>> {
        self.inner.backup()
    }

    fn keeps_secrets(&self) -> bool {
        self.keys.ring.encrypts()
    }

    fn history(&self) -> Result<Vec<HistoryEntry>, StoreError> {
        self.inner.history()
    }

    fn history_entry(&self, entry: &HistoryEntry) -> Result<Vec<u8>, StoreError> {
        Ok(self.keys.lines(&self.inner.history_entry(entry)?)?.plain)
    }
}
