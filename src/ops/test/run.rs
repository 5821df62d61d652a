//! One run: values in, plan or apply, assertions, outputs out.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::addr::Pattern;
use crate::config::Overlay;
use crate::config::TestCommand;
use crate::config::TestRun;
use crate::config::VariableInput;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::diag::Severity;
use crate::eval;
use crate::plan::Plan;
use crate::plan::PlanMode;
use crate::plan::PlanOptions;
use crate::plan::PlanStatus;
use crate::plan::ROUNDS;
use crate::plan::Refresh;
use crate::plan::scope::View;
use crate::plan::scope::World;
use crate::render::events::denials;
use crate::schema::Registry;
use crate::state::store::Clock as _;
use crate::state::store::SystemClock;
use crate::testing::Expected;
use crate::testing::RunReport;
use crate::testing::RunScope;
use crate::testing::RunStatus;
use crate::testing::Shown;
use crate::testing::Texts;
use crate::testing::check_mocks;
use crate::testing::judge;
use crate::testing::state_key;
use crate::value::Value;

use super::super::apply;
use super::super::apply::ApplyOutcome;
use super::super::apply::ApplyPorts;
use super::super::apply::ApplyRequest;
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
use super::given::Given;
use super::given::directory;

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
    /// Something was done.
    is_applied: bool,
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
        let (providers, mocked) = self.providers(run, &values.all).map_err(Ended::error)?;
        let mocks = self.mocks(run, &mocked, &values.all).map_err(Ended::error)?;
        let overlay = Overlay { providers, mocks };
        let options = ProjectOptions { directory, arguments, ..self.options.clone() };
        let place = Place::of_test(&self.state_of(&state_key(run)), !self.suite.options.real);
        let sources = self.suite.sources.clone();
        let opened = Project::open_for_test(options, &overlay, sources, place);
        let failed = opened.diagnostics.has_errors();
        match opened.output {
            Some(project) if !failed => {
                report.diagnostics.extend(opened.diagnostics);
                let found = check_mocks(&overlay.mocks, &project.config, &project.registry);
                if found.has_errors() {
                    report.texts = Texts { sources: Arc::new(project.sources), registry: project.registry };
                    return Err(Ended::error(found));
                }
                report.diagnostics.extend(found);
                Ok(project)
            }
            Some(project) => {
                report.texts = Texts { sources: Arc::new(project.sources), registry: project.registry };
                Err(Ended::error(opened.diagnostics))
            }
            None => Err(Ended::error(opened.diagnostics)),
        }
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
        let mut options = options(run);
        for _ in 1..ROUNDS {
            let seen = self.round(run, project, options.clone(), stops, expected, report, changed).await?;
            match &seen {
                // What is left could not be planned before this was made.
                Some(seen) if seen.is_applied && !seen.plan.deferred.is_empty() => {
                    options = PlanOptions { replace: BTreeSet::new(), ..options };
                }
                _ => return Ok(seen),
            }
        }
        self.round(run, project, options, stops, expected, report, changed).await
    }

    /// Plans and applies once.
    #[expect(clippy::too_many_arguments, reason = "what one run carries through its rounds")]
    async fn round(
        &self,
        run: &TestRun,
        project: &Project,
        options: PlanOptions,
        stops: Stops<'_>,
        expected: &mut Expected,
        report: &mut RunReport,
        changed: &mut bool,
    ) -> Result<Option<Seen>, Ended> {
        let request = ApplyRequest { options, expect: None, command: "queueform test".to_owned() };
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
        let (mut plan, applied) = match apply::apply(project, &request, ports).await.map_err(Ended::error)? {
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
        // What checks say is judged anew when everything is made.
        let is_applied = applied.is_some();
        let planned = plan.diagnostics.iter().filter(|item| !is_applied || item.code != Code::CheckFailed);
        report.found(expected.take(planned.cloned().collect()));
        if let Some(mut applied) = applied {
            for change in &mut plan.changes {
                if let Some(read) = applied.read.remove(&change.addr) {
                    change.after = Some(read);
                }
            }
            let left = expected.take(applied.diagnostics);
            let failed = left.has_errors() || (!applied.complete && !expected.has_seen());
            report.found(left);
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
        Ok(Some(Seen { plan, state: Some(view.recovered.state), is_applied }))
    }

    /// Judges assertions, and takes the outputs.
    fn look(&self, run: &TestRun, project: &Project, seen: Seen, report: &mut RunReport, done: &mut Done) {
        let module = &project.config.root;
        let mut variables = values::variables(module, &project.variables);
        let mut world = World::new(&project.config, variables.clone())
            .with_workspace(project.place.workspace())
            .with_plan_time(now())
            .applying()
            .showing_plan(seen.state.is_none());
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
    report.found(found);
    if planned.plan.status == PlanStatus::Errored {
        return Ok(None);
    }
    Ok(Some(Seen { plan: planned.plan, state: None, is_applied: false }))
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
        targets: given.targets.iter().cloned().map(Pattern::from).collect(),
        replace: given.replace.iter().cloned().collect(),
        ..PlanOptions::normal()
    }
}

impl RunReport {
    /// Takes in findings. A check that does not hold fails the run.
    fn found(&mut self, diagnostics: Diagnostics) {
        for mut item in diagnostics {
            if item.code == Code::CheckFailed {
                item.severity = Severity::Error;
                self.status = self.status.max(RunStatus::Fail);
            }
            self.diagnostics.push(item);
        }
    }

    fn end(&mut self, ended: Ended) {
        self.status = self.status.max(ended.status);
        self.diagnostics.extend(ended.diagnostics);
    }
}
