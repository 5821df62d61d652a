//! `test`: test files of a configuration, run against emulators of their own or against the real services.
//!
//! Every file has a world of its own: fresh emulators, and states that no other command sees. Whatever its runs make
//! is destroyed in the end.

mod course;
mod given;
mod mocks;
mod run;
mod teardown;

use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use crate::api::Stop;
use crate::config;
use crate::config::TestFile;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::diag::did_you_mean;
use crate::source::SourceMap;
use crate::testing::Event;
use crate::testing::FileReport;

use super::project::ProjectOptions;

/// Which tests are run, and how.
#[derive(Debug, Clone)]
pub struct TestOptions {
    /// The configuration, its variables and the environment. Whether systems are emulated is said by `real`.
    pub project: ProjectOptions,
    /// The directory of tests, below that of the configuration.
    pub tests: PathBuf,
    /// Only these files; all if none are named.
    pub filter: Vec<String>,
    /// Run against the real services.
    pub real: bool,
    /// Keep what every run looked at.
    pub verbose: bool,
}

/// The tests of a configuration.
#[derive(Debug)]
pub struct Suite {
    /// The files.
    pub files: Vec<TestFile>,
    /// What is wrong with them.
    pub diagnostics: Diagnostics,
    /// Their texts.
    pub sources: SourceMap,
    options: TestOptions,
}

/// What can end tests early.
#[derive(Debug, Clone, Copy)]
pub struct Stops<'s> {
    /// The first signal: no further run is begun, and everything is destroyed.
    pub stop: &'s Stop,
    /// The second signal: destroying ends, too.
    pub abort: &'s Stop,
}

impl Suite {
    /// Reads the test files.
    #[must_use]
    pub fn open(options: TestOptions) -> Self {
        let mut suite =
            Self { files: Vec::new(), diagnostics: Diagnostics::new(), sources: SourceMap::new(), options };
        let found = config::find_tests(&suite.options.project.directory, &suite.options.tests);
        let shown = |path: &Path| path.strip_prefix("./").unwrap_or(path).display().to_string();
        let names: Vec<String> = found.iter().map(|path| shown(path)).collect();
        for wanted in &suite.options.filter {
            let plain = wanted.strip_prefix("./").unwrap_or(wanted);
            if !names.iter().any(|name| name == plain) {
                let missing =
                    Diagnostic::error(Code::FileAccess, format!("there is no test file `{wanted}`"));
                let near = did_you_mean(plain, names.iter().map(String::as_str));
                suite.diagnostics.push(missing.hint(near.unwrap_or_else(|| {
                    "`--filter` names files as they are listed, such as `tests/topics.qftest.hcl`".to_owned()
                })));
            }
        }
        for (path, name) in found.iter().zip(&names) {
            let filter = &suite.options.filter;
            let chosen = filter.is_empty()
                || filter.iter().any(|wanted| wanted.strip_prefix("./").unwrap_or(wanted) == name);
            if chosen {
                suite.files.extend(config::load_test(
                    path,
                    &suite.options.project.directory,
                    &mut suite.sources,
                    &mut suite.diagnostics,
                ));
            }
        }
        if found.is_empty() {
            suite.diagnostics.push(
                Diagnostic::warning(Code::NoConfiguration, "there are no test files").hint(
                    "write `NAME.qftest.hcl` beside the configuration or in `tests/`, with `run` blocks",
                ),
            );
        }
        suite.diagnostics.sort();
        suite
    }

    /// Runs the tests, one file after the other.
    pub async fn run(&self, stops: Stops<'_>, tell: &mut dyn FnMut(Event<'_>)) -> Vec<FileReport> {
        let names: Vec<(Arc<str>, Vec<Arc<str>>)> = self
            .files
            .iter()
            .map(|file| {
                let runs = file.runs.iter().map(|run| Arc::clone(&run.name.value)).collect();
                (Arc::clone(&file.name), runs)
            })
            .collect();
        tell(Event::Found(&names));
        let mut reports = Vec::new();
        for file in &self.files {
            reports.push(self.run_file(file, stops, tell).await);
        }
        reports
    }
}
