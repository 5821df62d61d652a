//! `state log`: the runs of the past, from the journals that the state's engine keeps.

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::state::journal;
use crate::state::journal::PastRun;

use super::place::Place;
use super::state::Selection;

/// The runs that are still known.
#[derive(Debug, Default)]
pub struct History {
    /// The runs, the oldest first.
    pub runs: Vec<PastRun>,
    /// Journals that cannot be read.
    pub diagnostics: Diagnostics,
}

/// Reads the journals of earlier runs, and of the one that was cut off or goes on.
///
/// # Errors
/// If they cannot be listed.
pub fn read(place: &Place) -> Result<History, Diagnostic> {
    let store = place.store()?;
    let mut history = History::default();
    let mut records = Vec::new();
    for entry in store.history().map_err(Diagnostic::from)? {
        let bytes = store.history_entry(&entry).map_err(Diagnostic::from)?;
        match journal::parse(&bytes) {
            Ok(lines) => records.extend(lines.records),
            Err(damage) => history.diagnostics.push(
                Diagnostic::warning(
                    Code::JournalCorrupt,
                    format!("the journal `{}` of an earlier run cannot be read: {damage}", entry.name),
                )
                .hint("it is left out here; the state does not depend on it"),
            ),
        }
    }
    // What is being done just now, or was cut off.
    if let Ok(contents) = store.read()
        && let Ok(lines) = journal::parse(&contents.journal)
    {
        records.extend(lines.records);
    }
    history.runs = journal::runs(records);
    Ok(history)
}

impl History {
    /// Returns the run whose id begins with a text.
    ///
    /// # Errors
    /// If there is none, or several.
    pub fn find(&self, id: &str) -> Result<&PastRun, Diagnostic> {
        let mut found = self.runs.iter().filter(|run| !id.is_empty() && run.header.id.starts_with(id));
        match (found.next(), found.next()) {
            (Some(run), None) => Ok(run),
            (Some(_), Some(_)) => {
                Err(Diagnostic::error(Code::NotFound, format!("several runs begin with `{id}`"))
                    .hint("give more of its characters"))
            }
            (None, _) => {
                let kept = self.runs.len();
                Err(Diagnostic::error(Code::NotFound, format!("no run begins with `{id}`"))
                    .hint(format!("`queueform state log` lists the {kept} runs that are known")))
            }
        }
    }

    /// Returns the newest runs first: those that touched one of the addresses, if there are any, and no more than a number
    /// of them.
    #[must_use]
    pub fn newest(&self, addresses: &[Selection], limit: usize) -> Vec<&PastRun> {
        let touches = |run: &PastRun| {
            run.records.iter().any(|(_, record)| {
                let target = record.target();
                let mut all: Vec<_> = target.iter().map(|target| &target.addr).collect();
                match record {
                    journal::Record::Moved { from, to } => all.extend([from, to]),
                    journal::Record::Moves(pairs) => {
                        all.extend(pairs.iter().flat_map(|pair| [&pair.from, &pair.to]));
                    }
                    _ => {}
                }
                all.into_iter().any(|addr| addresses.iter().any(|one| one.contains(addr)))
            })
        };
        let runs = self.runs.iter().rev().filter(|run| addresses.is_empty() || touches(run));
        runs.take(limit).collect()
    }
}
