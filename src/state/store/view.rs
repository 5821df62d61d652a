//! Reads a state without any lock.

use std::sync::Arc;

use crate::state::State;
use crate::state::document;
use crate::state::document::DocumentError;
use crate::state::document::Encryptor;
use crate::state::journal;
use crate::state::journal::Fold;
use crate::state::journal::Lines;
use crate::state::journal::Recovered;

use super::Contents;
use super::Holder;
use super::Store;
use super::StoreError;

/// A state as it was at one instant.
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    /// The state with its journal folded in, and what is unfinished in it.
    pub recovered: Recovered,
    /// The run that was writing at that instant; its unfinished calls are then its own business.
    pub writer: Option<Holder>,
}

/// Reads a state without any lock, even while another run writes: its snapshot and the journal so far.
///
/// # Errors
/// If it cannot be read, or is damaged.
pub fn view(store: &dyn Store) -> Result<View, StoreError> {
    let contents = store.read()?;
    let state = snapshot(store, &contents)?;
    let (fold, _) = folded(store, &contents, state)?;
    Ok(View { recovered: fold.recovered(), writer: store.holder()? })
}

/// Decodes the snapshot.
pub(super) fn snapshot(store: &dyn Store, contents: &Contents) -> Result<State, StoreError> {
    let Some(bytes) = &contents.snapshot else { return Ok(State::default()) };
    let (place, _) = store.names();
    document::read(bytes).map_err(|source| match source {
        DocumentError::Encrypted { by: Encryptor::Queueform } => StoreError::sealed("state", &place),
        source => StoreError::Document { place, backup: store.backup(), source },
    })
}

/// Folds the journal into its snapshot.
pub(super) fn folded(
    store: &dyn Store,
    contents: &Contents,
    mut state: State,
) -> Result<(Fold, Lines), StoreError> {
    let (_, journal_name) = store.names();
    if !store.keeps_secrets() {
        state.seal().map_err(|source| StoreError::Unwritable { source })?;
    }
    if journal::is_sealed(&contents.journal) {
        return Err(StoreError::sealed("journal", &journal_name));
    }
    let lines = journal::parse(&contents.journal)
        .map_err(|source| StoreError::Journal { place: Arc::clone(&journal_name), source })?;
    let mut fold = Fold::new(state);
    for (sequence, record) in &lines.records {
        fold.apply(*sequence, record.clone())
            .map_err(|source| StoreError::Fold { place: Arc::clone(&journal_name), source })?;
    }
    Ok((fold, lines))
}
