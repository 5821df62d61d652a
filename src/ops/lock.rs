//! `lock show` and `force-unlock`: who holds the lock of a state, and taking it away.

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::state::store::Holder;

use super::place::Place;

/// Returns who holds the lock, if anybody does. A lock ends with its process; there is none to break by hand.
///
/// # Errors
/// If the lock cannot be looked at.
pub fn show(place: &Place) -> Result<Option<Holder>, Diagnostic> {
    place.holder()
}

/// What became of a lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Who held it.
    pub holder: Holder,
}

/// Takes the lock of a state away from the run that holds it. The run can write nothing from then on, and what it has
/// done is in its journal.
///
/// # Errors
/// If nobody holds the lock, another run than the one that is named does, a living process on this machine does and it is
/// not forced, or the engine's lock frees itself.
pub fn force_unlock(place: &Place, id: &str, force: bool) -> Result<Broken, Diagnostic> {
    let Some(holder) = place.holder()? else {
        return Err(Diagnostic::error(Code::NotFound, "nobody holds the lock")
            .hint("the next run takes it; there is nothing to be done"));
    };
    let is_meant = id.len() >= 8 && holder.id.starts_with(id) || *holder.id == *id;
    if !is_meant {
        return Err(Diagnostic::error(Code::StateLocked, format!("`{id}` does not hold the lock"))
            .detail(format!("It is held by {holder}."))
            .hint("give the id of that run, if it is the one that you mean"));
    }
    if place.backend().kind() == "local" && !force {
        return Err(Diagnostic::error(Code::StateLocked, "the run that holds the lock is alive")
            .detail(format!("It is {holder}."))
            .hint(format!("stop it (`kill {}`): the lock ends with its process", holder.pid))
            .hint("with `--force` it loses the right to write, wherever it is just now"));
    }
    if place.backend().break_lock(place.workspace(), &holder).map_err(Diagnostic::from)? {
        return Ok(Broken { holder });
    }
    Err(Diagnostic::error(Code::StateLocked, "the lock of this engine frees itself")
        .detail(format!(
            "It is held by {holder}. Once that run has died, the next one gets the lock without help."
        ))
        .hint("wait for it: `--lock-timeout=5m`"))
}
