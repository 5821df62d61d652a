//! `lock show`: who holds the lock of a state.

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
