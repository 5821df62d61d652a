//! States that move from one engine to another: `init --migrate-state`.
//!
//! Each workspace is copied with both places locked, read back, and only then put out of the way where it was.

use crate::api::Stop;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::state::State;

use super::super::place::Place;
use super::super::place::PlaceOptions;
use super::Engine;

/// The state of one workspace that was copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// The workspace.
    pub workspace: String,
    /// How many objects its state has.
    pub objects: usize,
    /// Where the old state is kept now, if it was put out of the way.
    pub kept: Option<String>,
}

/// Copies the states of all workspaces. States that are the same on both sides already are left as they are.
///
/// # Errors
/// If a place cannot be read, locked or written, or the new place has another state and `force` is not given. What was
/// copied until then is whole on both sides; the same command goes on.
pub(in super::super) fn copy_all(
    from: &Engine,
    to: &Engine,
    options: &PlaceOptions,
    force: bool,
    stop: &Stop,
) -> Result<Vec<Copied>, Diagnostics> {
    let mut copied = Vec::new();
    let workspaces = from.backend.workspaces().map_err(Diagnostic::from)?;
    for workspace in workspaces {
        let place = |engine: &Engine| {
            let options = PlaceOptions { workspace: workspace.clone(), ..options.clone() };
            Place::on(options, engine.clone())
        };
        let (from, to) = (place(from), place(to));
        if is_empty(&from.view()?.recovered.state) {
            continue;
        }
        to.backend().create(&workspace).map_err(Diagnostic::from)?;
        let (objects, kept) = copy(&from, &to, force, stop)?;
        copied.push(Copied { workspace, objects, kept });
    }
    Ok(copied)
}

fn copy(from: &Place, to: &Place, force: bool, stop: &Stop) -> Result<(usize, Option<String>), Diagnostic> {
    let command = "queueform init --migrate-state";
    let source = from.open_quietly(command, stop)?;
    // What the journal says becomes part of the snapshot first.
    source.ledger.commit()?;
    let state = source.ledger.state(State::clone);
    let target = to.open_quietly(command, stop)?;
    let there = target.ledger.state(State::clone);
    let is_same = there.lineage == state.lineage && there.same_content(&state);
    if !is_same {
        let is_older = there.lineage == state.lineage && there.serial <= state.serial;
        if !is_empty(&there) && !is_older && !force {
            return Err(Diagnostic::error(
                Code::StateMoved,
                format!("the new place has another state for the workspace `{}`", to.workspace()),
            )
            .detail(format!(
                "It has serial {} of lineage {}, the old one has serial {} of lineage {}. Nothing was copied.",
                there.serial, there.lineage, state.serial, state.lineage
            ))
            .hint("`--reconfigure` uses the new place as it is")
            .hint("`--force-copy` overwrites the state there with the old one"));
        }
        let objects = state.objects().count();
        target.ledger.replace(state.clone())?;
        let written = to.view()?.recovered.state;
        if !written.same_content(&state) {
            return Err(Diagnostic::error(
                Code::StateWrite,
                "the copy of the state is not the same as the original",
            )
            .detail(format!("{objects} objects were copied; the old state was left as it is."))
            .hint("look for somebody else who writes there, then run the same command again"));
        }
    }
    let kept = from.backend().retire(from.workspace())?;
    Ok((state.objects().count(), kept))
}

fn is_empty(state: &State) -> bool {
    state.serial == 0 && state.objects().next().is_none() && state.outputs.is_empty()
}
