//! `undo`: the inverse of an earlier run, from its journal.
//!
//! Owns the way from a journal to a configuration of the past: blocks that describe the objects that the run changed or
//! deleted as they were before it, in place of the configuration that there is. Everything else is as with any other plan:
//! what the run created has no block and is deleted, guards and limits hold, and what was read decides what is called. The
//! configuration of the directory is left as it is, so the next plan of it shows the change again.

mod chosen;
mod find;
mod ids;
mod literal;
mod setup;
mod text;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::addr::Pattern;
use crate::addr::Target;
use crate::config;
use crate::diag::Checked;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::plan::PlanOptions;
use crate::plan::Undo;
use crate::schema::Registry;
use crate::source::SourceMap;
use crate::state::journal::PastRun;
use crate::state::journal::RunHeader;

use super::history;
use super::project::Project;

/// What is to be planned in place of the configuration.
#[derive(Debug)]
pub struct Past {
    /// The configuration of the past.
    pub project: Checked<Project>,
    /// What is planned of it.
    pub options: PlanOptions,
    /// The run that is undone.
    pub run: RunHeader,
}

/// Prepares to undo a run: the one whose id begins with a text, or else the last one that changed objects. Only objects
/// within the targets of the options are undone, if there are any, and none that is excluded.
///
/// # Errors
/// If there is no such run, it says too little, or objects are not what it left behind.
pub fn prepare(project: &Project, id: Option<&str>, options: &PlanOptions) -> Result<Past, Diagnostics> {
    let history = history::read(&project.place)?;
    let registry = &project.registry;
    let run = find::run(&history, registry, id)?;
    let later: Vec<&PastRun> =
        history.runs.iter().skip_while(|known| !std::ptr::eq(*known, run)).skip(1).collect();
    let state = project.place.view()?.recovered.state;
    let undoable = find::undoable(run, &later, &state, registry, options)?;
    let written = text::write(&undoable);
    let described = written.described.iter();
    let all = described.chain(&undoable.made).chain(&undoable.imported).cloned();
    let targets: Vec<Pattern> = all.map(|addr| Target::Instance(addr).into()).collect();
    if targets.is_empty() {
        let mut found =
            Diagnostic::error(Code::NotFound, format!("nothing of run {} can be undone", find::name_of(run)));
        let lost = undoable.lost.iter().chain(&written.lost);
        for line in lost {
            found = found.hint(line.clone());
        }
        return Err(found.into());
    }
    let header = &run.header;
    let undo = Undo {
        run: find::name_of(run).into(),
        told: told(header),
        lost: undoable.lost.iter().chain(&written.lost).map(|line| line.as_str().into()).collect(),
        without_secrets: written.without_secrets,
        dependencies: undoable.dependencies(),
    };
    let mut texts = setup::texts(project)?;
    texts.extend(written.texts);
    // What was chosen is all that there is.
    let options =
        PlanOptions { targets, excludes: Vec::new(), undo: Some(Arc::new(undo)), ..options.clone() };
    Ok(Past { project: load(project, &texts), options, run: header.clone() })
}

/// The run in a few words.
fn told(header: &RunHeader) -> Arc<str> {
    let RunHeader { id, command, who, host, at, .. } = header;
    let short = id.get(..8).unwrap_or(id);
    format!("run {short} (`{command}` of {who}@{host}, {at})").into()
}

/// Makes a project of texts, in the place of the one that there is.
fn load(project: &Project, texts: &[(String, String)]) -> Checked<Project> {
    let options = project.options.clone();
    let mut registry = Registry::embedded();
    let mut sources = SourceMap::new();
    let mut load = options.load();
    let nothing = BTreeMap::<crate::addr::ModulePath, String>::new();
    load.modules = Some(Arc::new(nothing));
    load.arguments = Vec::new();
    let values = project.variables.values.iter();
    let values = values.map(|(name, value)| (Arc::clone(name), value.value.clone())).collect();
    let loaded = config::load_texts(texts, values, &load, &mut registry, &mut sources);
    Project::assemble(options, Arc::new(registry), sources, loaded)
}
