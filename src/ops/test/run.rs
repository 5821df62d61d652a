//! One run: values in, plan or apply, assertions, outputs out.

use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use crate::config;
use crate::config::LoadOptions;
use crate::config::Overlay;
use crate::config::ProviderConfig;
use crate::config::TestCommand;
use crate::config::TestFile;
use crate::config::TestRun;
use crate::config::VariableInput;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::diag::did_you_mean;
use crate::eval;
use crate::plan::Plan;
use crate::plan::PlanMode;
use crate::plan::PlanOptions;
use crate::plan::PlanStatus;
use crate::plan::Refresh;
use crate::plan::scope::View;
use crate::plan::scope::World;
use crate::render::events::denials;
use crate::schema::Registry;
use crate::source::SourceMap;
use crate::state::store::Clock as _;
use crate::state::store::SystemClock;
use crate::syntax::ast::Attribute;
use crate::syntax::ast::Expr;
use crate::syntax::ast::ExprKind;
use crate::syntax::ast::Name;
use crate::testing::Expected;
use crate::testing::RunReport;
use crate::testing::RunScope;
use crate::testing::RunStatus;
use crate::testing::Shown;
use crate::testing::Texts;
use crate::testing::judge;
use crate::testing::state_key;
use crate::value::Value;

use super::super::apply;
use super::super::apply::ApplyOutcome;
use super::super::apply::ApplyPorts;
use super::super::apply::ApplyRequest;
use super::super::files::WorkingFiles;
use super::super::place::Place;
use super::super::plan;
use super::super::plan::now;
use super::super::project::Project;
use super::super::project::ProjectOptions;
use super::super::values;
use super::super::values::Missing;
use super::Stops;
use super::course::Course;
use super::course::Done;

/// What is known of a configuration before a test says anything.
#[derive(Debug)]
pub(super) struct Given {
    /// `--var` and `--var-file` that this configuration knows, and the variable files of the directory of tests.
    arguments: Vec<VariableInput>,
    /// The values that its variables have by them, by the environment and by default.
    values: BTreeMap<Name, Value>,
    /// The names of its variables.
    declared: Vec<Name>,
}

/// Returns the directory of the configuration that a run is about.
pub(super) fn directory(options: &ProjectOptions, run: &TestRun) -> PathBuf {
    match &run.source {
        Some(source) => options.directory.join(source.value.trim_start_matches("./")),
        None => options.directory.clone(),
    }
}

impl Given {
    /// Looks at a configuration. What is wrong with it is told when it is run.
    pub(super) fn of(options: &ProjectOptions, file: &TestFile, tests: &Path, directory: &Path) -> Self {
        let load = |arguments: Vec<VariableInput>| {
            let options = LoadOptions { directory: directory.to_path_buf(), arguments, ..options.load() };
            config::load(&options, &mut Registry::embedded(), &mut SourceMap::new()).output
        };
        let declared: Vec<Name> = load(Vec::new())
            .map(|loaded| loaded.config.root.variables.keys().cloned().collect())
            .unwrap_or_default();
        let is_main = directory == options.directory;
        let mut arguments = Vec::new();
        let in_tests = Path::new(&*file.name).parent() == Some(tests);
        if is_main && in_tests {
            let files = config::test_variable_files(&options.directory.join(tests));
            arguments.extend(files.iter().filter_map(|path| {
                // Paths of arguments start from the configuration.
                path.file_name().map(|name| VariableInput::File(tests.join(name)))
            }));
        }
        arguments.extend(
            options
                .arguments
                .iter()
                .filter(|argument| match argument {
                    VariableInput::Text { name, .. } | VariableInput::Value { name, .. } => {
                        is_main || declared.iter().any(|known| **known == **name)
                    }
                    VariableInput::File(_) => is_main,
                })
                .cloned(),
        );
        let values = load(arguments.clone())
            .map(|loaded| {
                let known = loaded.variables.values.into_iter();
                known.map(|(name, found)| (name, found.value)).collect()
            })
            .unwrap_or_default();
        Self { arguments, values, declared }
    }
}

/// A run that came to an end before its assertions.
struct Ended {
    status: RunStatus,
    diagnostics: Diagnostics,
}

impl Ended {
    fn error(diagnostics: impl Into<Diagnostics>) -> Self {
        Self { status: RunStatus::Error, diagnostics: diagnostics.into() }
    }
}

/// What a run looks at.
struct Seen {
    plan: Plan,
    /// The state after the apply; none for a plan.
    state: Option<crate::state::State>,
}

impl Course<'_> {
    /// Does one run.
    pub(super) async fn run(&self, run: &TestRun, stops: Stops<'_>) -> Done {
        let clock = SystemClock::default();
        let mut report = RunReport {
            name: Arc::clone(&run.name.value),
            command: run.command,
            status: RunStatus::Pass,
            diagnostics: Diagnostics::new(),
            texts: Texts {
                sources: Arc::new(self.suite.sources.clone()),
                registry: Arc::new(Registry::embedded()),
            },
            started: now(),
            elapsed: std::time::Duration::ZERO,
            shown: None,
        };
        let mut done = Done { report: report.clone(), outputs: None, project: None };
        match self.open(run, &mut report) {
            Ok(project) => {
                let changed = self.carry_out(run, &project, stops, &mut report, &mut done).await;
                report.texts = Texts {
                    sources: Arc::new(project.sources.clone()),
                    registry: Arc::clone(&project.registry),
                };
                done.project = changed.then_some(project);
            }
            Err(ended) => report.end(ended),
        }
        report.elapsed = clock.elapsed();
        done.report = report;
        done
    }

    /// Evaluates the values that the test gives, and opens the configuration with them.
    fn open(&self, run: &TestRun, report: &mut RunReport) -> Result<Project, Ended> {
        let directory = directory(&self.options, run);
        let nothing = Given { arguments: Vec::new(), values: BTreeMap::new(), declared: Vec::new() };
        let given = self.given.get(&directory).unwrap_or(&nothing);
        let values = self.values(run, given, report).map_err(Ended::error)?;
        let mut arguments = given.arguments.clone();
        arguments.extend(values.inputs.iter().filter(|input| {
            matches!(input, VariableInput::Value { name, .. } if given.declared.iter().any(|known| **known == **name))
        }).cloned());
        let overlay = Overlay { providers: self.providers(run, &values.all).map_err(Ended::error)? };
        let options = ProjectOptions { directory, arguments, ..self.options.clone() };
        let place = Place::of_test(&self.state_of(&state_key(run)), !self.suite.options.real);
        let sources = self.suite.sources.clone();
        let opened = Project::open_for_test(options, &overlay, sources, place);
        let failed = opened.diagnostics.has_errors();
        match opened.output {
            Some(project) if !failed => {
                report.diagnostics.extend(opened.diagnostics);
                Ok(project)
            }
            Some(project) => {
                report.texts = Texts { sources: Arc::new(project.sources), registry: project.registry };
                Err(Ended::error(opened.diagnostics))
            }
            None => Err(Ended::error(opened.diagnostics)),
        }
    }

    /// Evaluates the values of variables: those of the file, then those of the run.
    fn values(&self, run: &TestRun, given: &Given, report: &mut RunReport) -> Result<Values, Diagnostics> {
        let mut found = Diagnostics::new();
        let mut values = Values { inputs: Vec::new(), all: given.values.clone() };
        let nothing = BTreeMap::new();
        for (attributes, runs) in [(&self.file.variables, &nothing), (&run.variables, &self.outputs)] {
            let mut own = Vec::new();
            for attribute in attributes {
                match self.value(&attribute.expr, &values.all, runs) {
                    Ok(value) => own.push((attribute, value)),
                    Err(failed) => found.extend(failed),
                }
            }
            for (attribute, value) in own {
                let name = attribute.name.value.to_string();
                let span = attribute.expr.span;
                values.inputs.push(VariableInput::Value { name, value: value.clone(), span });
                values.all.insert(Arc::clone(&attribute.name.value), value);
            }
        }
        for attribute in &run.variables {
            let name = &attribute.name.value;
            if !given.declared.contains(name) && !given.declared.is_empty() {
                report.diagnostics.push(
                    Diagnostic::warning(
                        Code::UndeclaredVariable,
                        format!("`{name}` is set here, but the configuration has no such variable"),
                    )
                    .at(attribute.name.span, "not declared")
                    .maybe_hint(did_you_mean(name, given.declared.iter().map(|known| &**known))),
                );
            }
        }
        if found.is_empty() { Ok(values) } else { Err(found) }
    }

    /// Evaluates a value that the test gives. It must be known.
    fn value(
        &self,
        expr: &Expr,
        variables: &BTreeMap<Name, Value>,
        runs: &BTreeMap<Name, Value>,
    ) -> Result<Value, Diagnostics> {
        let files = self.files();
        let files = files.as_ref().map(|files| files as &dyn eval::Files);
        let scope = RunScope { inner: None, variables, runs, outputs: None, files };
        let value = eval::evaluate(expr, &scope)?;
        if value.is_wholly_known() {
            return Ok(value);
        }
        let found = Diagnostic::error(Code::InvalidValue, "the value is not known")
            .at(expr.span, "")
            .hint("outputs of a run with `command = plan` may be known only after an apply: use `command = apply` there");
        Err(eval::explain(found, expr, &scope).into())
    }

    fn files(&self) -> Option<WorkingFiles> {
        let home = self.options.environment.variable("HOME");
        WorkingFiles::of_directory(&self.options.directory, home.as_deref()).ok()
    }

    /// Returns the provider configurations that the test gives to a run, their arguments evaluated.
    fn providers(
        &self,
        run: &TestRun,
        variables: &BTreeMap<Name, Value>,
    ) -> Result<BTreeMap<crate::addr::ProviderAddr, ProviderConfig>, Diagnostics> {
        let mut found = Diagnostics::new();
        let mut all = BTreeMap::new();
        let chosen: Vec<_> = match &run.providers {
            None => self.file.providers.keys().map(|addr| (addr, addr)).collect(),
            Some(named) => {
                for wanted in named.values().filter(|wanted| !self.file.providers.contains_key(&wanted.value))
                {
                    let names: Vec<String> = self.file.providers.keys().map(ToString::to_string).collect();
                    let name = wanted.value.to_string();
                    found.push(
                        Diagnostic::error(
                            Code::UnknownProviderConfiguration,
                            format!("the test file has no provider configuration `{name}`"),
                        )
                        .at(wanted.span, "not declared")
                        .maybe_hint(did_you_mean(&name, names.iter().map(String::as_str))),
                    );
                }
                named.iter().map(|(addr, wanted)| (addr, &wanted.value)).collect()
            }
        };
        for (addr, from) in chosen {
            let Some(config) = self.file.providers.get(from) else { continue };
            let mut config = ProviderConfig { addr: addr.clone(), ..config.clone() };
            for argument in config.arguments.values_mut() {
                match self.value(&argument.expr, variables, &self.outputs) {
                    Ok(value) => *argument = literal(argument, value),
                    Err(failed) => found.extend(failed),
                }
            }
            all.insert(addr.clone(), config);
        }
        if found.is_empty() { Ok(all) } else { Err(found) }
    }

    /// Plans or applies, and judges. Returns whether the state was worked on.
    async fn carry_out(
        &self,
        run: &TestRun,
        project: &Project,
        stops: Stops<'_>,
        report: &mut RunReport,
        done: &mut Done,
    ) -> bool {
        let mut expected = match Expected::of(&run.expect_failures, &project.config.root) {
            Ok(expected) => expected,
            Err(found) => {
                report.end(Ended::error(found));
                return false;
            }
        };
        let mut changed = false;
        let seen = match run.command {
            TestCommand::Plan => planned(run, project, stops, &mut expected, report).await,
            TestCommand::Apply => {
                self.applied(run, project, stops, &mut expected, report, &mut changed).await
            }
        };
        match seen {
            Ok(Some(seen)) => self.look(run, project, seen, report, done),
            Ok(None) => {
                if !run.assertions.is_empty() {
                    report.diagnostics.push(
                        Diagnostic::warning(
                            Code::TestAssertion,
                            "the assertions were not judged: an expected failure ended the run before",
                        )
                        .at(run.header, ""),
                    );
                }
            }
            Err(ended) => report.end(ended),
        }
        if report.status < RunStatus::Error {
            let missing = expected.missing();
            if !missing.is_empty() {
                report.end(Ended { status: RunStatus::Fail, diagnostics: missing });
            }
        }
        changed
    }

    /// Plans and applies. Nothing to look at if an expected failure ended it.
    async fn applied(
        &self,
        run: &TestRun,
        project: &Project,
        stops: Stops<'_>,
        expected: &mut Expected,
        report: &mut RunReport,
        changed: &mut bool,
    ) -> Result<Option<Seen>, Ended> {
        let request =
            ApplyRequest { options: options(run), expect: None, command: "queueform test".to_owned() };
        let real = self.suite.options.real;
        let mut taken = Vec::new();
        let mut approve = |planned: &plan::Planned| {
            let imports = planned.plan.changes.iter().filter(|change| change.importing.is_some());
            taken = imports.map(|change| change.addr.clone()).collect();
            // What exists already must not be destroyed in the end.
            !real || taken.is_empty()
        };
        let ports =
            ApplyPorts { approve: &mut approve, events: &mut |_| {}, stop: stops.stop, abort: stops.abort };
        let (plan, applied) = match apply::apply(project, &request, ports).await.map_err(Ended::error)? {
            ApplyOutcome::Unchanged(planned) => (planned.plan, None),
            ApplyOutcome::Applied(planned, applied) => (planned.plan, Some(applied)),
            ApplyOutcome::Refused(planned) => {
                return Err(Ended::error(expected.explain(refused(&planned.plan))));
            }
            ApplyOutcome::Declined(_) => {
                let found = taken.into_iter().map(|addr| {
                    Diagnostic::error(
                        Code::InvalidImport,
                        format!("`{addr}` would be taken over by a test, and destroyed at its end"),
                    )
                    .about(addr)
                    .at(run.header, "")
                    .hint("tests against real services work only on what they make themselves; without `--real` the object is in the emulator")
                });
                return Err(Ended::error(found.collect::<Diagnostics>()));
            }
        };
        *changed = true;
        report.diagnostics.extend(expected.take(plan.diagnostics.clone()));
        if let Some(applied) = applied {
            let left = expected.take(applied.diagnostics);
            let failed = left.has_errors() || (!applied.complete && !expected.has_seen());
            report.diagnostics.extend(left);
            if applied.stopped {
                let found = Diagnostic::error(Code::Interrupted, "the run was interrupted")
                    .at(run.header, "")
                    .detail("What it made is destroyed.");
                return Err(Ended::error(found));
            }
            if failed {
                return Err(Ended::error(Diagnostics::new()));
            }
            if expected.has_seen() && !applied.complete {
                return Ok(None);
            }
        }
        let view = project.place.view().map_err(Ended::error)?;
        Ok(Some(Seen { plan, state: Some(view.recovered.state) }))
    }

    /// Judges assertions, and takes the outputs.
    fn look(&self, run: &TestRun, project: &Project, seen: Seen, report: &mut RunReport, done: &mut Done) {
        let module = &project.config.root;
        let mut variables = values::variables(module, &project.variables);
        let mut world = World::new(&project.config, variables.clone())
            .with_workspace(project.place.workspace())
            .with_plan_time(now())
            .applying();
        if let Some(files) = project.files() {
            world = world.with_files(files);
        }
        let missing = if run.plan_options.targets.is_empty() && !run.plan_options.refresh_only {
            Missing::None
        } else {
            Missing::Unknown
        };
        let shown = values::Shown { graph: &project.graph, registry: &project.registry, missing };
        match &seen.state {
            Some(state) => shown.state(&mut world, state, Some(&seen.plan)),
            None => shown.plan(&mut world, &seen.plan),
        }
        let view = View::of(&world);
        let mut outputs = BTreeMap::new();
        for (name, output) in &module.outputs {
            match eval::evaluate(&output.value, &view) {
                Ok(value) if output.sensitive => {
                    outputs.insert(Arc::clone(name), value.mark(crate::value::Marks::SENSITIVE));
                }
                Ok(value) => {
                    outputs.insert(Arc::clone(name), value);
                }
                // An output that a plan with targets leaves out is told when it is referred to.
                Err(_) => {}
            }
        }
        // A file may hold values that only its own expressions use.
        let nothing = Given { arguments: Vec::new(), values: BTreeMap::new(), declared: Vec::new() };
        let given = self.given.get(&project.options.directory).unwrap_or(&nothing);
        if let Ok(values) = self.values(run, given, &mut report.clone()) {
            for (name, value) in values.all {
                variables.entry(name).or_insert(value);
            }
        }
        let scope = RunScope {
            inner: Some(&view),
            variables: &variables,
            runs: &self.outputs,
            outputs: Some(&outputs),
            files: project.files(),
        };
        let mut found = Diagnostics::new();
        let status = judge(&run.name.value, &run.assertions, &scope, &mut found);
        done.outputs = Some(Value::object(outputs.clone()));
        report.end(Ended { status, diagnostics: found });
        if self.suite.options.verbose {
            report.shown = Some(match seen.state {
                Some(state) => Shown::State(Box::new(state)),
                None => Shown::Plan(Box::new(seen.plan)),
            });
        }
    }
}

/// Plans. Nothing to look at if an expected failure ended it.
async fn planned(
    run: &TestRun,
    project: &Project,
    stops: Stops<'_>,
    expected: &mut Expected,
    report: &mut RunReport,
) -> Result<Option<Seen>, Ended> {
    let planned = plan::plan(project, &options(run), &now(), stops.stop).await.map_err(Ended::error)?;
    let found = expected.take(refused(&planned.plan));
    if found.has_errors() || planned.plan.status == PlanStatus::Denied {
        return Err(Ended::error(found));
    }
    report.diagnostics.extend(found);
    if planned.plan.status == PlanStatus::Errored {
        return Ok(None);
    }
    Ok(Some(Seen { plan: planned.plan, state: None }))
}

/// Everything that was found while planning, what denies the plan included.
fn refused(plan: &Plan) -> Diagnostics {
    let mut found = plan.diagnostics.clone();
    if plan.status == PlanStatus::Denied {
        found.extend(denials(plan));
    }
    found
}

/// What is asked of the planner.
fn options(run: &TestRun) -> PlanOptions {
    let given = &run.plan_options;
    PlanOptions {
        mode: if given.refresh_only { PlanMode::RefreshOnly } else { PlanMode::Normal },
        refresh: if given.refresh { Refresh::All } else { Refresh::None },
        targets: given.targets.clone(),
        replace: given.replace.iter().cloned().collect(),
        ..PlanOptions::normal()
    }
}

/// Values of variables that a test gives.
struct Values {
    inputs: Vec<VariableInput>,
    /// All that its expressions see.
    all: BTreeMap<Name, Value>,
}

fn literal(argument: &Attribute, value: Value) -> Attribute {
    let expr = Expr { kind: ExprKind::Literal(value), span: argument.expr.span };
    Attribute { name: argument.name.clone(), expr, span: argument.span }
}

impl RunReport {
    fn end(&mut self, ended: Ended) {
        self.status = self.status.max(ended.status);
        self.diagnostics.extend(ended.diagnostics);
    }
}
