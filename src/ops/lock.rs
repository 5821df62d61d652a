//! `lock show` and `force-unlock`: who holds the lock of a state, and taking it away.

use crate::backend::LockState;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::state::store::Holder;

use super::place::Place;

/// Returns who holds the lock, if anybody does, as far as the engine tells it to those who only look.
///
/// # Errors
/// If the lock cannot be looked at.
pub fn show(place: &Place) -> Result<Option<Holder>, Diagnostic> {
    place.holder()
}

/// A lock that may be taken away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The lock's id in full.
    pub id: String,
    /// Who holds it; nobody, if the engine does not say.
    pub holder: Option<Holder>,
    /// It is a run of Queueform: it notices before its next write, and what it has done is in its journal.
    pub is_ours: bool,
    /// Its process is alive on this machine.
    pub is_alive: bool,
}

/// Finds the lock that somebody holds under an id. Nothing is taken away yet.
///
/// # Errors
/// If nobody holds the lock, or somebody else than the one that is named does.
pub fn claim(place: &Place, id: &str) -> Result<Claim, Diagnostic> {
    let backend = place.backend();
    let (holder, is_ours) = match backend.lock_state(place.workspace()).map_err(Diagnostic::from)? {
        LockState::Free => {
            return Err(Diagnostic::error(Code::NotFound, "nobody holds the lock")
                .hint("the next run takes it; there is nothing to be done"));
        }
        LockState::Unnamed => {
            return Ok(Claim { id: id.to_owned(), holder: None, is_ours: false, is_alive: false });
        }
        LockState::Ours(holder) => (*holder, true),
        LockState::Other(holder) => (*holder, false),
    };
    let is_meant = id.len() >= 8 && holder.id.starts_with(id) || *holder.id == *id;
    if !is_meant {
        return Err(Diagnostic::error(Code::StateLocked, format!("`{id}` does not hold the lock"))
            .detail(format!("It is held by {holder}."))
            .hint(format!("`{}` names it, if it is the one that you mean", holder.id)));
    }
    // The lock of a file is held by the operating system for a process.
    let is_alive = backend.kind() == "local";
    Ok(Claim { id: holder.id.to_string(), holder: Some(holder), is_ours, is_alive })
}

/// Takes a lock away.
///
/// # Errors
/// If the engine refuses it.
pub fn take_away(place: &Place, claim: &Claim) -> Result<(), Diagnostic> {
    place.backend().break_lock(place.workspace(), &claim.id).map_err(Diagnostic::from)
}
