//! One file of tests: its world, its runs in order, its end.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use futures_util::future::join_all;

use crate::config::TestFile;
use crate::config::TestRun;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::schema::Registry;
use crate::state::store::Clock as _;
use crate::state::store::SystemClock;
use crate::syntax::ast::Name;
use crate::testing::Event;
use crate::testing::FileReport;
use crate::testing::RunReport;
use crate::testing::RunStatus;
use crate::testing::Texts;
use crate::testing::batches;
use crate::testing::state_key;
use crate::value::Value;

use super::super::emulated;
use super::super::emulated::Emulation;
use super::super::plan::now;
use super::super::project::Emulate;
use super::super::project::Project;
use super::super::project::ProjectOptions;
use super::Stops;
use super::Suite;
use super::given;
use super::given::Given;

/// What the runs of a file share.
pub(super) struct Course<'f> {
    /// The file.
    pub(super) file: &'f TestFile,
    /// The tests it belongs to.
    pub(super) suite: &'f Suite,
    /// How projects are opened in this world.
    pub(super) options: ProjectOptions,
    /// Where states are kept, one file for each key.
    directory: PathBuf,
    /// The keys of states in the order they were used first.
    keys: Vec<Arc<str>>,
    /// What is known of each configuration before a test says anything, by its directory.
    pub(super) given: BTreeMap<PathBuf, Given>,
    /// Outputs of runs that are done.
    pub(super) outputs: BTreeMap<Name, Value>,
    /// The project that worked on a state last, with when that was.
    pub(super) last: BTreeMap<Arc<str>, (usize, Project)>,
    _emulation: Option<Emulation>,
}

/// What a run leaves to those behind it.
pub(super) struct Done {
    pub(super) report: RunReport,
    /// Its outputs, if it came that far.
    pub(super) outputs: Option<Value>,
    /// What it worked with, if it changed its state.
    pub(super) project: Option<Project>,
}

impl Suite {
    /// Runs the tests of one file.
    pub(super) async fn run_file(
        &self,
        file: &TestFile,
        stops: Stops<'_>,
        tell: &mut dyn FnMut(Event<'_>),
    ) -> FileReport {
        tell(Event::FileStarted(&file.name));
        let clock = SystemClock::default();
        let mut report = FileReport {
            name: Arc::clone(&file.name),
            status: RunStatus::Pass,
            runs: Vec::new(),
            cleanup: Vec::new(),
            leftovers: Vec::new(),
            elapsed: std::time::Duration::ZERO,
            started: now(),
        };
        match Course::begin(self, file) {
            Ok(mut course) => {
                course.run_all(stops, &mut report.runs, tell).await;
                tell(Event::TearingDown(&file.name));
                course.tear_down(stops, &mut report).await;
                course.clear(&report);
            }
            Err(found) => {
                report.cleanup.push((found.into(), self.texts()));
                report.status = RunStatus::Error;
                report.runs = file.runs.iter().map(|run| self.skipped(run)).collect();
            }
        }
        let worst = report.runs.iter().map(|run| run.status).max().unwrap_or(RunStatus::Pass);
        let skipped = report.runs.iter().any(|run| run.status == RunStatus::Skip);
        report.status = report.status.max(worst);
        if report.status == RunStatus::Pass && skipped {
            // Interrupted before anything could fail.
            report.status = RunStatus::Skip;
        }
        report.elapsed = clock.elapsed();
        tell(Event::FileEnded(&report));
        report
    }

    /// The texts of the test files alone.
    fn texts(&self) -> Texts {
        Texts { sources: Arc::new(self.sources.clone()), registry: Arc::new(Registry::embedded()) }
    }

    fn skipped(&self, run: &TestRun) -> RunReport {
        RunReport {
            name: Arc::clone(&run.name.value),
            command: run.command,
            status: RunStatus::Skip,
            diagnostics: Diagnostics::new(),
            texts: self.texts(),
            started: now(),
            elapsed: std::time::Duration::ZERO,
            shown: None,
        }
    }
}

impl<'f> Course<'f> {
    /// Makes the world of a file.
    fn begin(suite: &'f Suite, file: &'f TestFile) -> Result<Self, Diagnostic> {
        let emulation = if suite.options.real { None } else { Some(emulated::in_memory()?) };
        let mut options = suite.options.project.clone();
        options.emulate = if suite.options.real { Emulate::No } else { Emulate::Fresh };
        options.endpoints = emulation.as_ref().map(|found| found.endpoints.clone());
        let id = uuid::Uuid::new_v4().simple().to_string();
        let directory = options.directory.join(".queueform").join("tests").join(id);
        fs::create_dir_all(&directory).map_err(|error| {
            Diagnostic::error(Code::FileAccess, format!("cannot create `{}`: {error}", directory.display()))
                .hint("tests keep their states there while they run; check the owner and the permissions of `.queueform`")
        })?;
        let mut given = BTreeMap::new();
        for run in &file.runs {
            let directory = given::directory(&options, run);
            if let Entry::Vacant(place) = given.entry(directory) {
                let found = Given::of(&options, file, &suite.options.tests, place.key());
                place.insert(found);
            }
        }
        Ok(Self {
            file,
            suite,
            options,
            directory,
            keys: Vec::new(),
            given,
            outputs: BTreeMap::new(),
            last: BTreeMap::new(),
            _emulation: emulation,
        })
    }

    /// Does all runs, those that may side by side.
    async fn run_all(
        &mut self,
        stops: Stops<'_>,
        reports: &mut Vec<RunReport>,
        tell: &mut dyn FnMut(Event<'_>),
    ) {
        let name = &*self.file.name;
        let mut told = false;
        for batch in batches(self.file) {
            let runs: Vec<&TestRun> = batch.iter().filter_map(|index| self.file.runs.get(*index)).collect();
            if stops.stop.is_stopped() && !told {
                told = true;
                tell(Event::Interrupted);
            }
            let broken = reports.iter().any(|report| report.status == RunStatus::Error);
            if broken || stops.stop.is_stopped() {
                for run in runs {
                    let report = self.suite.skipped(run);
                    tell(Event::RunEnded(name, &report));
                    reports.push(report);
                }
                continue;
            }
            for run in &runs {
                tell(Event::RunStarted(name, &run.name.value));
                self.state_file(&state_key(run));
            }
            let course = &*self;
            let done = join_all(runs.iter().map(|run| course.run(run, stops))).await;
            for (run, done) in runs.into_iter().zip(done) {
                tell(Event::RunEnded(name, &done.report));
                reports.push(done.report);
                if let Some(outputs) = done.outputs {
                    self.outputs.insert(Arc::clone(&run.name.value), outputs);
                }
                if let Some(project) = done.project {
                    self.last.insert(state_key(run), (reports.len(), project));
                }
            }
        }
    }

    /// Returns the file of a state; a new key gets a new one.
    fn state_file(&mut self, key: &Arc<str>) {
        if !self.keys.contains(key) {
            self.keys.push(Arc::clone(key));
        }
    }

    /// Returns the file of a state that is in use.
    pub(super) fn state_of(&self, key: &str) -> PathBuf {
        let index = self.keys.iter().position(|known| &**known == key).unwrap_or_default();
        self.directory.join((index + 1).to_string()).join("queueform.state.json")
    }

    /// Removes the states, unless they remember what is still there on a real service.
    fn clear(&self, report: &FileReport) {
        if report.leftovers.iter().any(|left| left.state.is_some()) {
            return;
        }
        // What stays of a world that is gone harms nobody.
        fs::remove_dir_all(&self.directory).ok();
        // Others may be at work beside: only empty directories go.
        for above in self.directory.ancestors().skip(1).take(2) {
            fs::remove_dir(above).ok();
        }
    }
}
