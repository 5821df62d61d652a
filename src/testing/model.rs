//! Results of tests.

use std::sync::Arc;
use std::time::Duration;

use crate::addr::InstanceAddr;
use crate::config::TestCommand;
use crate::diag::Diagnostics;
use crate::plan::Plan;
use crate::schema::Registry;
use crate::source::SourceMap;
use crate::state::State;

/// How a run or a file ended, from best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RunStatus {
    /// It was not started, because something before it went wrong or the tests were interrupted.
    Skip,
    /// Everything holds.
    Pass,
    /// Something that must hold does not, or something that must fail did not.
    Fail,
    /// It could not be carried out.
    Error,
}

impl RunStatus {
    /// Returns the word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Skip => "skip",
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Error => "error",
        }
    }
}

/// The texts that findings quote.
#[derive(Debug, Clone)]
pub struct Texts {
    /// Test files and the configuration.
    pub sources: Arc<SourceMap>,
    /// Schemas.
    pub registry: Arc<Registry>,
}

/// What a run looked at, for those who want to see it.
#[derive(Debug, Clone)]
pub enum Shown {
    /// The plan.
    Plan(Box<Plan>),
    /// The state after the apply.
    State(Box<State>),
}

/// How one run went.
#[derive(Debug, Clone)]
pub struct RunReport {
    /// Its name.
    pub name: Arc<str>,
    /// What it was to do.
    pub command: TestCommand,
    /// How it ended.
    pub status: RunStatus,
    /// What was found.
    pub diagnostics: Diagnostics,
    /// The texts that the findings quote.
    pub texts: Texts,
    /// When it began, RFC 3339.
    pub started: Arc<str>,
    /// How long it took.
    pub elapsed: Duration,
    /// What it looked at.
    pub shown: Option<Shown>,
}

/// An object that could not be destroyed at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leftover {
    /// Its address.
    pub addr: InstanceAddr,
    /// The key of a deposed object.
    pub deposed: Option<Arc<str>>,
    /// Its id, as far as it is known.
    pub id: Option<String>,
    /// The state file that remembers it, if that is kept.
    pub state: Option<String>,
}

/// How the tests of one file went.
#[derive(Debug, Clone)]
pub struct FileReport {
    /// Its path.
    pub name: Arc<str>,
    /// The worst of what its runs and their clean-up ended with.
    pub status: RunStatus,
    /// Its runs in source order.
    pub runs: Vec<RunReport>,
    /// What was found while cleaning up, with the texts.
    pub cleanup: Vec<(Diagnostics, Texts)>,
    /// What is still there.
    pub leftovers: Vec<Leftover>,
    /// How long it took.
    pub elapsed: Duration,
    /// When it began, RFC 3339.
    pub started: Arc<str>,
}

/// How many runs ended how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Runs that passed.
    pub passed: usize,
    /// Runs that failed.
    pub failed: usize,
    /// Runs that could not be carried out.
    pub errored: usize,
    /// Runs that were not started.
    pub skipped: usize,
}

impl Counts {
    /// Counts the runs of files.
    #[must_use]
    pub fn of(files: &[FileReport]) -> Self {
        let mut counts = Self::default();
        for run in files.iter().flat_map(|file| &file.runs) {
            match run.status {
                RunStatus::Pass => counts.passed += 1,
                RunStatus::Fail => counts.failed += 1,
                RunStatus::Error => counts.errored += 1,
                RunStatus::Skip => counts.skipped += 1,
            }
        }
        counts
    }
}

/// What happens while tests run.
#[derive(Debug, Clone, Copy)]
pub enum Event<'e> {
    /// The tests there are: files with the names of their runs.
    Found(&'e [(Arc<str>, Vec<Arc<str>>)]),
    /// A file is begun.
    FileStarted(&'e str),
    /// A run is begun: the file and the run.
    RunStarted(&'e str, &'e str),
    /// A run ended.
    RunEnded(&'e str, &'e RunReport),
    /// Everything that the runs of a file made is destroyed.
    TearingDown(&'e str),
    /// A file is done.
    FileEnded(&'e FileReport),
    /// The tests were asked to stop.
    Interrupted,
}
