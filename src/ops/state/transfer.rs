//! `state pull` and `state push`: the whole state as a document.

use std::sync::Arc;

use crate::api::Stop;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::state::State;
use crate::state::document;
use crate::state::journal::Recovered;

use super::super::place::Place;

/// Returns the state as a document, decrypted, with everything that its journal says; nothing if there is no state yet.
/// Secrets that are kept are in it only if that is wanted; otherwise their digests are.
///
/// # Errors
/// If the state cannot be read.
pub fn pull(place: &Place, secrets: bool) -> Result<Option<String>, Diagnostic> {
    let state = place.view()?.recovered.state;
    if state.lineage.0.is_empty() {
        return Ok(None);
    }
    let written = if secrets { document::write_with_secrets(&state) } else { document::write(&state) };
    let bytes = written.map_err(|error| {
        Diagnostic::error(Code::StateWrite, format!("the state cannot be written down: {error}"))
    })?;
    String::from_utf8(bytes)
        .map(Some)
        .map_err(|_| Diagnostic::error(Code::Internal, "the state document is not UTF-8"))
}

/// What a push did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Push {
    /// The serial of the state now.
    pub serial: u64,
    /// The number of objects in it.
    pub objects: usize,
    /// It was this state already.
    pub unchanged: bool,
}

/// Replaces the whole state by a document. Unless forced, it must be a later version of the same state, and no
/// call may be unfinished.
///
/// # Errors
/// If the document cannot be read, does not follow the state, or the state cannot be written.
pub fn push(place: &Place, bytes: &[u8], force: bool, stop: &Stop) -> Result<Push, Diagnostics> {
    // Between `pull` and `push` people edit.
    let mut state = document::read_edited(bytes).map_err(|error| {
        Diagnostic::error(Code::StateCorrupt, format!("this is no state: {error}"))
            .hint("give a document that `queueform state pull` wrote, or a state of Terraform, version 4")
    })?;
    let open = place.open("queueform state push", stop)?;
    if open.ledger.keeps_secrets() {
        // What was pulled without secrets does not lose them.
        state.or_secrets_of(&open.recovered.state);
    } else {
        state.seal().map_err(|error| {
            Diagnostic::error(
                Code::StateWrite,
                format!("secrets of the state cannot be replaced by digests: {error}"),
            )
        })?;
    }
    if !force {
        check(&open.recovered, &state)?;
    }
    let objects = state.objects().count();
    let committed = open.ledger.replace(state).map_err(Diagnostic::from)?;
    Ok(Push { serial: committed.serial, objects, unchanged: !committed.is_written })
}

/// Writes the state anew, as the `encryption` block says now: with another key, for the first time, or in clear.
///
/// # Errors
/// If the state cannot be read or written.
pub fn reencrypt(place: &Place, stop: &Stop) -> Result<Reencrypted, Diagnostics> {
    let open = place.open("queueform state reencrypt", stop)?;
    let is_empty = open.recovered.state.lineage.0.is_empty();
    let key = place.encryption().state.as_ref().and_then(|ring| ring.key_name()).cloned();
    if is_empty {
        return Ok(Reencrypted { serial: None, key });
    }
    let committed = open.ledger.rewrite().map_err(Diagnostic::from)?;
    Ok(Reencrypted { serial: Some(committed.serial), key })
}

/// What a state is written with now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reencrypted {
    /// The serial of the state; none if there is no state.
    pub serial: Option<u64>,
    /// The key; none if it is not encrypted.
    pub key: Option<Arc<str>>,
}

/// Refuses a document that would undo something.
fn check(recovered: &Recovered, pushed: &State) -> Result<(), Diagnostic> {
    let now = &recovered.state;
    if !recovered.is_settled() {
        return Err(Diagnostic::error(Code::Pending, "operations of an earlier run are not finished")
            .detail("The state remembers which; another state would not know of them.")
            .hint("run `queueform apply`, which takes them up, and push then"));
    }
    if now.serial == 0 {
        return Ok(());
    }
    let force = "push with `--force` if that is what you want; the state before is kept as a backup";
    if now.lineage != pushed.lineage {
        return Err(Diagnostic::error(Code::StateMoved, "the document belongs to another state")
            .detail(format!("Its lineage is {}, that of the state here is {}.", pushed.lineage, now.lineage))
            .hint(force));
    }
    if pushed.serial < now.serial {
        return Err(Diagnostic::error(Code::StateMoved, "the document is older than the state")
            .detail(format!("Its serial is {}, that of the state here is {}.", pushed.serial, now.serial))
            .hint(force));
    }
    if pushed.serial == now.serial && !now.same_content(pushed) {
        return Err(Diagnostic::error(
            Code::StateMoved,
            format!("the document and the state have the serial {} and say different things", now.serial),
        )
        .hint(force));
    }
    Ok(())
}
