//! `state mv`: objects under other addresses of the same state.

use crate::api::Stop;
use crate::diag::Diagnostics;
use crate::state::journal::MovedPair;
use crate::state::journal::Record;

use super::super::place::Place;
use super::edit::change;
use super::pairs;
use super::pairs::Moved;
use super::pairs::Rename;

/// Moves everything under addresses to other ones: instances, resources with all their instances, or modules with all
/// their resources. All of it moves, or nothing. Returns what moved (or, in a dry run, would have), from and to.
///
/// # Errors
/// If there is nothing to move, a new address is taken or of another type, or the state cannot be written.
pub fn relocate(
    place: &Place,
    renames: &[Rename],
    dry_run: bool,
    stop: &Stop,
) -> Result<Vec<Moved>, Diagnostics> {
    if dry_run {
        return pairs::resolve(&place.view()?.recovered.state, renames);
    }
    let mut moved = Vec::new();
    change(place, "queueform state mv", stop, |state| {
        moved = pairs::resolve(state, renames)?;
        let pairs = moved.iter().map(|(from, to)| MovedPair { from: from.clone(), to: to.clone() });
        Ok(vec![Record::Moves(pairs.collect())])
    })?;
    Ok(moved)
}
