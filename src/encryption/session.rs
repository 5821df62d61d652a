//! A session that encrypts what another one writes.

use std::sync::Arc;

use crate::state::store::Contents;
use crate::state::store::Fence;
use crate::state::store::Session;
use crate::state::store::Snapshot;
use crate::state::store::StoreError;

use super::cipher::Sealer;
use super::envelope;
use super::envelope::Of;
use super::journal;
use super::journal::Opened;
use super::store::Keys;

/// The right to write one state, encrypted.
#[derive(Debug)]
pub(super) struct EncryptedSession {
    inner: Box<dyn Session>,
    keys: Keys,
    /// The key of the snapshot that was read or written last.
    last: Option<Arc<Sealer>>,
    journal: Opened,
    /// Whether this session's head stands in the journal.
    has_head: bool,
}

impl EncryptedSession {
    pub(super) fn new(inner: Box<dyn Session>, keys: Keys) -> Self {
        Self { inner, keys, last: None, journal: Opened::default(), has_head: false }
    }

    /// Returns what this session writes with; none if it does not encrypt. One key is enough for all of it.
    fn sealer(&mut self, of: Of) -> Result<Option<Arc<Sealer>>, StoreError> {
        let sealer =
            self.keys.ring.sealer(self.last.as_ref()).map_err(|problem| self.keys.trouble(of, &problem))?;
        self.last.clone_from(&sealer);
        Ok(sealer)
    }
}

impl Session for EncryptedSession {
    fn contents(&mut self) -> Result<Contents, StoreError> {
        let clear = self.keys.open(self.inner.contents()?)?;
        self.last = clear.sealer;
        self.journal = clear.journal;
        Ok(clear.contents)
    }

    fn cut(&mut self, valid: u64) -> Result<(), StoreError> {
        if valid >= self.journal.plain.len() as u64 {
            return Ok(());
        }
        self.has_head = false;
        self.inner.cut(self.journal.kept(valid))
    }

    fn append(&mut self, lines: &[u8]) -> Result<(), StoreError> {
        let Some(sealer) = self.sealer(Of::Journal)? else { return self.inner.append(lines) };
        let sealed = journal::seal(&sealer, lines, !self.has_head)
            .map_err(|problem| self.keys.trouble(Of::Journal, &problem))?;
        self.inner.append(&sealed)?;
        self.has_head = true;
        Ok(())
    }

    fn commit(&mut self, snapshot: Snapshot<'_>) -> Result<(), StoreError> {
        let Some(sealer) = self.sealer(Of::State)? else { return self.inner.commit(snapshot) };
        let version = Some((snapshot.serial, snapshot.lineage));
        let sealed = envelope::seal(&sealer, Of::State, version, snapshot.document)
            .map_err(|problem| self.keys.trouble(Of::State, &problem))?;
        self.inner.commit(Snapshot { document: sealed.as_bytes(), ..snapshot })
    }

    fn rotate(&mut self) -> Result<Option<StoreError>, StoreError> {
        // The lines go to the history as they are, so they can be read there behind their head.
        self.has_head = false;
        self.inner.rotate()
    }

    fn is_open(&self) -> bool {
        self.inner.is_open()
    }

    fn keeps_secrets(&self) -> bool {
        self.keys.ring.encrypts()
    }

    fn fence(&self) -> Arc<dyn Fence> {
        self.inner.fence()
    }
}
