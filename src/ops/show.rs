//! `show`: the state, or a file that holds a state or a saved plan.

use std::path::Path;

use serde_json::Value as Json;

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::render::Look;
use crate::render::json;
use crate::render::state as draw;
use crate::schema::Registry;
use crate::source::read_at_most;
use crate::state::State;
use crate::state::document;
use crate::state::document::DocumentError;
use crate::state::document::Encryptor;

use super::place::Place;
use super::place::PlaceOptions;
use super::planfile::PlanFile;

/// What is shown.
#[derive(Debug, Clone)]
pub enum Shown {
    /// A state.
    State(Box<State>),
    /// A saved plan.
    Plan(Box<PlanFile>),
}

/// Reads the current state, without any lock.
///
/// # Errors
/// If it cannot be read.
pub fn state(place: &Place) -> Result<Shown, Diagnostic> {
    Ok(Shown::State(Box::new(place.view()?.recovered.state)))
}

/// Larger files are neither plans nor states.
const LIMIT: u64 = 1024 * 1024 * 1024;

/// Reads a file that holds a saved plan or a state. Nothing else is needed for it, unless it is encrypted: then the
/// configuration of the directory names its key.
///
/// # Errors
/// If it is neither, or cannot be read.
pub fn file(path: &Path, options: &PlaceOptions) -> Result<Shown, Diagnostics> {
    let shown = path.display();
    let bytes = read_at_most(path, LIMIT).map_err(|error| {
        Diagnostic::error(Code::FileAccess, format!("cannot read `{shown}`: {error}"))
            .hint("give a file that `queueform plan --out FILE` wrote, or a state file")
    })?;
    let is_state = serde_json::from_slice::<Json>(&bytes)
        .is_ok_and(|found| found.get("serial").is_some() && found.get("lineage").is_some());
    if is_state {
        return match document::read(&bytes) {
            Ok(state) => Ok(Shown::State(Box::new(state))),
            Err(DocumentError::Encrypted { by: Encryptor::Queueform }) => {
                let place = Place::find(options.clone())?;
                Ok(Shown::State(Box::new(place.open_document(&shown.to_string(), &bytes)?)))
            }
            Err(error) => Err(Diagnostic::error(
                Code::StateCorrupt,
                format!("the state `{shown}` cannot be read: {error}"),
            )
            .into()),
        };
    }
    PlanFile::read_with(path, options).map(|plan| Shown::Plan(Box::new(plan)))
}

impl Shown {
    /// Returns it as JSON: plans in format 1.2, states in format 1.0 of `show -json`. Secrets are null.
    #[must_use]
    pub fn json(&self, registry: &Registry) -> Json {
        match self {
            Self::State(state) => json::state_json(state, registry),
            Self::Plan(plan) => plan.json().clone(),
        }
    }

    /// Returns it for people. Of a plan, `full` shows every object by itself, and `calls` lists the calls.
    #[must_use]
    pub fn human(&self, registry: &Registry, full: bool, calls: bool, look: Look) -> String {
        match self {
            Self::State(state) => draw::state(state, registry, look),
            Self::Plan(plan) => plan.human(full, calls, look),
        }
    }
}
