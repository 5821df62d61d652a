//! From a saved plan back to a project, and to a fresh plan that decides the same.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use crate::addr::ModulePath;
use crate::addr::Target;
use crate::api::Stop;
use crate::config;
use crate::config::VariableInput;
use crate::diag::Checked;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::schema::Registry;
use crate::source::SourceMap;
use crate::state::State;
use crate::state::journal::Record;
use crate::state::store::Ledger;
use crate::syntax::ast::Name;
use crate::value::Value;
use crate::value::from_json;
use crate::value::type_from_json;

use super::super::WorkingFiles;
use super::super::apply::ApplyOutcome;
use super::super::apply::ApplyPorts;
use super::super::apply::carry_out;
use super::super::apply::closed;
use super::super::plan::Planned;
use super::super::plan::now;
use super::super::plan::plan_on;
use super::super::project::Emulate;
use super::super::project::Project;
use super::super::project::ProjectOptions;
use super::compare;
use super::format::PlanFile;
use super::save::content;
use super::save::secret_text;

impl PlanFile {
    /// Makes a project of the configuration in the file. Values of variables come from the file too, except
    /// for secrets, which are taken from the options. The project is there even with errors, so that they can
    /// be drawn.
    pub fn project(&self, options: ProjectOptions) -> Checked<Project> {
        let mut diagnostics = Diagnostics::new();
        self.check_options(&options, &mut diagnostics);
        let texts = self.texts(&options.directory, &mut diagnostics);
        let values = self.values(&mut diagnostics);
        let mut registry = Registry::embedded();
        let mut sources = SourceMap::new();
        if diagnostics.has_errors() {
            // What is loaded from half of a configuration would only be reported as broken.
            let empty = Checked { output: None, diagnostics };
            return Project::assemble(options, Arc::new(registry), sources, empty);
        }
        let mut load = options.load();
        let directories: BTreeMap<ModulePath, String> = self
            .modules
            .iter()
            .filter_map(|(path, directory)| match path.parse::<Target>() {
                Ok(Target::Module(module)) => Some((module.path(), directory.clone())),
                _ => None,
            })
            .collect();
        load.modules = Some(Arc::new(directories));
        let loaded = config::load_texts(&texts, values, &load, &mut registry, &mut sources);
        for (name, was) in &self.schemas {
            let now = registry.written_by_users().get(name.as_str());
            if now.is_some_and(|now| *now.0 != **was) {
                diagnostics.push(stale(format!(
                    "the schemas of provider `{name}` were changed after the plan was made"
                )));
            }
        }
        if let Some(loaded) = &loaded.output {
            for name in loaded.variables.missing.iter().filter(|name| self.secrets.contains_key(&***name)) {
                diagnostics.push(
                    Diagnostic::error(
                        Code::MissingVariable,
                        format!("the value of `{name}` is secret and not in the saved plan"),
                    )
                    .hint(format!("give it again: set `QF_VAR_{name}`, or use `--var` or `--var-file`")),
                );
            }
            for (name, secret) in &self.secrets {
                let Some(given) = loaded.variables.values.get(name.as_str()) else { continue };
                if secret.digest.as_ref().is_some_and(|digest| !digest.matches(&secret_text(&given.value))) {
                    diagnostics
                        .push(stale(format!("`{name}` has another value than when the plan was made")));
                }
            }
        }
        let mut checked = Project::assemble(options.clone(), Arc::new(registry), sources, loaded);
        checked.diagnostics.extend(diagnostics);
        if !checked.diagnostics.has_errors()
            && let Some(project) = &checked.output
        {
            let changed = self.changed_directory(&options, project);
            checked.diagnostics.extend(changed);
        }
        if let Some(project) = &checked.output
            && let Some(files) = project.working_files()
        {
            let changed = self.changed_files(files);
            checked.diagnostics.extend(changed);
        }
        checked
    }

    /// Makes sure that a plan can be carried out at all on a state.
    ///
    /// # Errors
    /// If it is denied or incomplete, was carried out already, has expired, or was made for another state.
    pub fn check_start(&self, state: &State, now: &str) -> Result<(), Diagnostic> {
        if !self.is_applicable() {
            let why = if self.status == "denied" { "it is denied" } else { "planning failed" };
            return Err(Diagnostic::error(
                Code::PlanFile,
                format!("the saved plan cannot be applied: {why}"),
            )
            .hint("`queueform show FILE` says why; then plan again"));
        }
        if state.plans.get(&self.id).is_some_and(|progress| progress.complete) {
            return Err(stale(format!("the saved plan {} was applied already", self.short_hash())));
        }
        if let Some(expires) = &self.expires
            && !is_before(now, expires)
        {
            return Err(stale(format!("the saved plan {} has expired", self.short_hash())).detail(format!(
                "It was made at {}, to be applied before {expires}; now it is {now}.",
                self.time
            )));
        }
        let other =
            !self.lineage.0.is_empty() && !state.lineage.0.is_empty() && self.lineage != state.lineage;
        if other {
            return Err(stale("the saved plan was made for another state".to_owned()).detail(format!(
                "It was made for the state of lineage {}, this one is of lineage {}.",
                self.lineage, state.lineage
            )));
        }
        Ok(())
    }

    /// Returns whether an earlier run began to carry the plan out.
    #[must_use]
    pub fn is_begun(&self, state: &State) -> bool {
        state.plans.contains_key(&self.id)
            || state
                .objects()
                .any(|(_, _, object)| object.status.intent().is_some_and(|intent| intent.plan == self.id))
    }

    fn check_options(&self, options: &ProjectOptions, diagnostics: &mut Diagnostics) {
        let emulated = options.emulate != Emulate::No;
        if emulated && !self.emulated {
            diagnostics.push(
                Diagnostic::error(
                    Code::PlanFile,
                    "the saved plan is for the real systems, not for emulators",
                )
                .hint("leave `--emulate` out, or plan with it: `queueform plan --emulate --out FILE`"),
            );
        }
        if !emulated && self.emulated {
            diagnostics.push(
                Diagnostic::error(
                    Code::PlanFile,
                    "the saved plan was made with emulators, not for the real systems",
                )
                .hint("add `--emulate`, or plan without it: `queueform plan --out FILE`"),
            );
        }
        if options.workspace != self.workspace {
            diagnostics.push(
                Diagnostic::error(
                    Code::PlanFile,
                    format!(
                        "the saved plan is for workspace `{}`, not for `{}`",
                        self.workspace, options.workspace
                    ),
                )
                .hint(format!("set `QF_WORKSPACE={}`", self.workspace)),
            );
        }
        for argument in &options.arguments {
            if let VariableInput::Text { name, .. } = argument
                && !self.secrets.contains_key(name)
            {
                diagnostics.push(
                    Diagnostic::error(
                        Code::Usage,
                        format!("`{name}` cannot be set: a saved plan has the values of its variables in it"),
                    )
                    .hint("leave `--var` out, or plan again with it"),
                );
            }
        }
    }

    /// Returns the texts of the configuration. Those that hold secrets come from the directory.
    fn texts(&self, directory: &Path, diagnostics: &mut Diagnostics) -> Vec<(String, String)> {
        let mut texts = Vec::new();
        for source in &self.sources {
            if let Some(text) = &source.text {
                texts.push((source.name.clone(), text.clone()));
                continue;
            }
            let path = directory.join(&source.name);
            match fs::read_to_string(&path) {
                Ok(text) => {
                    let same = source
                        .digest
                        .as_ref()
                        .is_some_and(|digest| digest.matches(&content(text.as_bytes())));
                    if !same {
                        diagnostics.push(
                            stale(format!("`{}` was changed after the plan was made", source.name))
                                .detail("A secret is written in it, so that the saved plan has no copy."),
                        );
                    }
                    texts.push((source.name.clone(), text));
                }
                Err(error) => diagnostics.push(
                    Diagnostic::error(
                        Code::PlanFile,
                        format!("cannot read `{}`, which the saved plan needs: {error}", path.display()),
                    )
                    .detail("A secret is written in it, so that the saved plan has no copy.")
                    .hint("apply in the directory that the plan was made in"),
                ),
            }
        }
        texts
    }

    fn values(&self, diagnostics: &mut Diagnostics) -> BTreeMap<Name, Value> {
        let mut values = BTreeMap::new();
        for (name, saved) in &self.variables {
            let value = type_from_json(&saved.ty).and_then(|ty| from_json(&saved.value, &ty));
            match value {
                Ok(value) => {
                    values.insert(Name::from(name.as_str()), value);
                }
                Err(error) => diagnostics.push(Diagnostic::error(
                    Code::PlanFile,
                    format!("the saved value of variable `{name}` cannot be read: {error}"),
                )),
            }
        }
        values
    }

    /// Finds files that expressions read and that are not what they were.
    fn changed_files(&self, files: &WorkingFiles) -> Diagnostics {
        use crate::eval::Files as _;
        let mut found = Diagnostics::new();
        for (path, digest) in &self.files {
            match files.read(path) {
                Ok(bytes) if digest.matches(&content(&bytes)) => {}
                Ok(_) => found.push(stale(format!("the file `{path}` was changed after the plan was made"))),
                Err(error) => found.push(stale(format!(
                    "the file `{path}`, which the plan was made with, cannot be read any more: {}",
                    error.message
                ))),
            }
        }
        found
    }
}

/// Plans again what is in a saved plan, on the state as it is now, and makes sure that the outcome decides the
/// same. What an interrupted apply of the same file has done already may be missing from it.
///
/// # Errors
/// If the saved plan cannot be applied (any more), with everything that would be done differently.
pub async fn replan(
    file: &PlanFile,
    project: &Project,
    state: State,
    ledger: Option<&Ledger>,
    stop: &Stop,
) -> Result<Planned, Diagnostics> {
    file.check_start(&state, &now())?;
    let is_begun = file.is_begun(&state);
    let options = file.options()?;
    let planned = plan_on(project, state, ledger, &options, &file.time, stop).await?;
    compare::check(file, &planned, &project.registry, is_begun)?;
    Ok(planned)
}

/// Plans a saved plan again and carries it out, holding the lock of the state all the time. The steps that are
/// done are recorded under the id of the file, so that an interrupted apply of it can be taken up.
///
/// # Errors
/// If the saved plan cannot be applied (any more). What goes wrong with objects is in the outcome.
pub async fn apply_saved(
    file: &PlanFile,
    project: &Project,
    command: &str,
    ports: ApplyPorts<'_>,
) -> Result<ApplyOutcome, Diagnostics> {
    let open = project.place.open(command, ports.stop)?;
    let state = open.ledger.state(Clone::clone);
    let is_begun = file.is_begun(&state);
    let ended = match replan(file, project, state, Some(&open.ledger), ports.stop).await {
        Ok(planned) => {
            if is_begun && !planned.has_changes() && planned.plan.steps.is_empty() {
                // An earlier run did all of it, and was cut off before it could say so.
                let complete = vec![Record::Complete { plan: Arc::clone(file.id()) }];
                open.ledger.append(complete).wait().map_err(Diagnostic::from)?;
            }
            carry_out(project, planned, file.id(), &open, ports).await
        }
        Err(found) => {
            // What was found out about earlier calls is kept in any case.
            open.ledger.commit().map_err(Diagnostic::from).map_err(Diagnostics::from).and(Err(found))
        }
    };
    closed(project, ended).await
}

/// Whether an instant comes before another one. One that cannot be read does not.
fn is_before(now: &str, end: &str) -> bool {
    let instant = |text: &str| text.parse::<jiff::Timestamp>();
    matches!((instant(now), instant(end)), (Ok(now), Ok(end)) if now < end)
}

/// A saved plan that does not apply any more.
pub(super) fn stale(summary: String) -> Diagnostic {
    Diagnostic::error(Code::PlanStale, summary).hint("plan again: `queueform plan --out FILE`")
}
