//! `init`: installs modules and makes sure that a directory can be worked in. Optional without modules of git.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use crate::api::Stop;
use crate::config::Config;
use crate::config::ModuleFinder;
use crate::diag::Checked;
use crate::diag::Code;
use crate::diag::Diagnostic;

use super::modules::InstallOptions;
use super::modules::Installation;
use super::modules::Installer;
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
    /// Ends the run.
    pub stop: Stop,
}

impl InitRequest {
    /// What is missing is installed, at the commits of the lock file.
    #[must_use]
    pub fn plain() -> Self {
        Self { upgrade: false, lock_is_fixed: false, stop: Stop::never() }
    }
}

/// Installs modules, checks the configuration (and with it the version it asks for) and makes the directory of
/// working data.
pub fn init(mut options: ProjectOptions, request: InitRequest) -> Checked<Initialised> {
    let directory = options.directory.clone();
    let installer = Installer::new(InstallOptions {
        directory: directory.clone(),
        environment: Arc::clone(&options.environment),
        upgrade: request.upgrade,
        lock_is_fixed: request.lock_is_fixed,
        stop: request.stop,
    });
    let installer = match installer {
        Ok(installer) => Arc::new(installer),
        Err(found) => return Checked::failed(found),
    };
    options.modules = Some(Arc::clone(&installer) as Arc<dyn ModuleFinder>);
    let checked = Project::open(options);
    let mut diagnostics = checked.diagnostics;
    let Some(project) = checked.output else { return Checked::failed(diagnostics) };
    let installation = match installer.finish(is_whole(&project.config)) {
        Ok(installation) => installation,
        Err(found) => {
            diagnostics.push(found);
            Installation::default()
        }
    };
    let mut created = false;
    let mut state = String::new();
    if !diagnostics.has_errors() {
        match prepare(&directory) {
            Ok(is_new) => created = is_new,
            Err(found) => diagnostics.push(found),
        }
        match project.place.view() {
            Ok(view) => state = super::place::describe(&view.recovered.state, project.place.workspace()),
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
    Checked::with(Initialised { project, created, installation, providers, state, next }, diagnostics)
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
