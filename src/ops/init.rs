//! `init`: installs modules and makes sure that a directory can be worked in. Optional without modules of git.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use crate::api::Stop;
use crate::config::Config;
use crate::config::Module;
use crate::config::ModuleFinder;
use crate::config::VariableValues;
use crate::diag::Checked;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;

use super::backends::Copied;
use super::backends::Engine;
use super::backends::Search;
use super::backends::copy_all;
use super::modules::InstallOptions;
use super::modules::Installation;
use super::modules::Installer;
use super::place::Place;
use super::place::PlaceOptions;
use super::project::Project;
use super::project::ProjectOptions;

/// The directory of working data.
pub(super) const DATA: &str = ".queueform";

/// What was found and made.
#[derive(Debug)]
pub struct Initialised {
    /// The configuration.
    pub project: Project,
    /// Whether the directory of working data was made now.
    pub created: bool,
    /// The modules that come from git.
    pub installation: Installation,
    /// Providers in use, with the number of resource and data blocks of each.
    pub providers: Vec<(String, usize)>,
    /// The state that is there already, in a few words.
    pub state: String,
    /// The states that were copied from another engine.
    pub copied: Vec<Copied>,
    /// What to do next, one sentence each.
    pub next: Vec<String>,
}

/// How modules are installed.
#[derive(Debug, Clone)]
pub struct InitRequest {
    /// Take the newest commits instead of those of the lock file.
    pub upgrade: bool,
    /// Refuse what would change the lock file.
    pub lock_is_fixed: bool,
    /// Arguments of the backend beside those of its block. None: those of the last `init` count.
    pub backend_arguments: Option<BTreeMap<String, serde_json::Value>>,
    /// What happens to states that are kept elsewhere than the configuration says.
    pub elsewhere: Elsewhere,
    /// Ends the run.
    pub stop: Stop,
}

/// What happens to states that are kept elsewhere than the configuration says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Elsewhere {
    /// It is an error.
    #[default]
    Refuse,
    /// They are copied; a state that is at the new place is overwritten only if `force` says so.
    Copy {
        /// `--force-copy`.
        force: bool,
    },
    /// They stay where they are, and the new place is used as it is.
    Leave,
}

impl InitRequest {
    /// What is missing is installed, at the commits of the lock file.
    #[must_use]
    pub fn plain() -> Self {
        Self {
            upgrade: false,
            lock_is_fixed: false,
            backend_arguments: None,
            elsewhere: Elsewhere::Refuse,
            stop: Stop::never(),
        }
    }
}

/// Installs modules, checks the configuration (and with it the version it asks for) and makes the directory of
/// working data.
pub fn init(mut options: ProjectOptions, request: &InitRequest) -> Checked<Initialised> {
    let directory = options.directory.clone();
    let installer = Installer::new(InstallOptions {
        directory: directory.clone(),
        environment: Arc::clone(&options.environment),
        upgrade: request.upgrade,
        lock_is_fixed: request.lock_is_fixed,
        stop: request.stop.clone(),
    });
    let installer = match installer {
        Ok(installer) => Arc::new(installer),
        Err(found) => return Checked::failed(found),
    };
    options.modules = Some(Arc::clone(&installer) as Arc<dyn ModuleFinder>);
    let mut other = None;
    let checked = Project::open_for_init(options, |place, known| {
        let (found, old) = settle(place, known, request)?;
        other = old;
        Ok(found)
    });
    let mut diagnostics = checked.diagnostics;
    let Some(project) = checked.output else { return Checked::failed(diagnostics) };
    if request.backend_arguments.is_some() && project.config.root.settings.backend.is_none() {
        diagnostics.push(
            Diagnostic::warning(
                Code::BackendUnused,
                "`--backend-config` is of no use without a `backend` block",
            )
            .detail("The state is kept in this directory, as without the option.")
            .hint("add `backend \"TYPE\" {}` to the `queueform` block: the option completes its arguments"),
        );
    }
    let installation = match installer.finish(is_whole(&project.config)) {
        Ok(installation) => installation,
        Err(found) => {
            diagnostics.push(found);
            Installation::default()
        }
    };
    let mut created = false;
    let mut copied = Vec::new();
    let mut state = String::new();
    if !diagnostics.has_errors() {
        match prepare(&directory) {
            Ok(is_new) => created = is_new,
            Err(found) => diagnostics.push(found),
        }
        match settled(&project, other.as_ref(), request) {
            Ok(found) => copied = found,
            Err(found) => diagnostics.extend(found),
        }
    }
    if !diagnostics.has_errors() {
        match project.place.view() {
            Ok(view) => state = project.place.describe(&view.recovered.state),
            Err(found) => diagnostics.push(found),
        }
    }
    let mut providers: Vec<(String, usize)> = Vec::new();
    for (_, resource) in project.config.all_resources() {
        let name = resource.provider.value.name.to_string();
        match providers.iter_mut().find(|(known, _)| *known == name) {
            Some((_, count)) => *count += 1,
            None => providers.push((name, 1)),
        }
    }
    let mut next = Vec::new();
    if !diagnostics.has_errors() {
        let remote = providers.iter().any(|(name, _)| name != "queueform");
        if remote && !project.is_emulated() {
            next.push("`queueform plan --emulate` tries it out without an account".to_owned());
        }
        let missing: Vec<String> = project.variables.missing.iter().map(|name| format!("`{name}`")).collect();
        if !missing.is_empty() {
            next.push(format!(
                "give values to {} in `queueform.qfvars.hcl`, or with `--var` or `QF_VAR_…`",
                missing.join(", ")
            ));
        }
        next.push("`queueform plan` shows what would change".to_owned());
    }
    Checked::with(Initialised { project, created, installation, providers, state, copied, next }, diagnostics)
}

/// Finds the engine that the configuration asks for, and the one that holds the states now if it is another.
fn settle(
    options: PlaceOptions,
    known: Option<(&Module, &VariableValues)>,
    request: &InitRequest,
) -> Result<(Place, Option<Engine>), Diagnostics> {
    if options.emulated || options.rehearsal {
        return Ok((Place::with_backend(options, known)?, None));
    }
    let options = options.with_encryption(known)?;
    let (directory, environment) = (options.directory.clone(), Arc::clone(&options.environment));
    let search =
        Search { directory: &directory, workspace: &options.workspace, environment: &*environment, known };
    let engine = match &request.backend_arguments {
        Some(given) => search.engine_with(given.clone())?,
        None if request.elsewhere == Elsewhere::Leave => search.engine_with(BTreeMap::new())?,
        None => search.engine()?,
    };
    let other = match request.elsewhere {
        Elsewhere::Refuse => {
            search.check(&engine)?;
            None
        }
        Elsewhere::Copy { .. } => search.other(&engine)?,
        Elsewhere::Leave => None,
    };
    Ok((Place::on(options, engine), other))
}

/// Copies the states of another engine, and remembers the one in use.
fn settled(
    project: &Project,
    other: Option<&Engine>,
    request: &InitRequest,
) -> Result<Vec<Copied>, Diagnostics> {
    let (options, engine) = (project.options.place(), project.place.engine());
    let mut copied = Vec::new();
    if let (Some(other), Elsewhere::Copy { force }) = (other, request.elsewhere) {
        copied = copy_all(other, engine, &options, force, &request.stop)?;
    }
    if !project.place.is_emulated() {
        engine.remember(&options.directory)?;
    }
    Ok(copied)
}

/// Whether every file could be read and every module is there, so that what is not used now is not needed.
fn is_whole(config: &Config) -> bool {
    config.all_modules().all(|module| {
        let called = |name| config.modules.contains_key(&module.path.child(name));
        !module.partial && module.calls.keys().all(called)
    })
}

/// Makes the directory of working data, which no repository takes; returns whether it is new.
pub(super) fn prepare(directory: &Path) -> Result<bool, Diagnostic> {
    let data = directory.join(DATA);
    let make = || -> std::io::Result<bool> {
        let is_new = !data.is_dir();
        fs::create_dir_all(&data)?;
        let ignore = data.join(".gitignore");
        if !ignore.exists() {
            fs::write(&ignore, "# Working data of Queueform: nothing here belongs into a repository.\n*\n")?;
        }
        Ok(is_new)
    };
    make().map_err(|error| {
        Diagnostic::error(Code::FileAccess, format!("cannot make `{}`: {error}", data.display()))
            .hint("check the owner and the permissions of the directory")
    })
}
