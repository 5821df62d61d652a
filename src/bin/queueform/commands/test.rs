//! `test`

use std::fs;
use std::io;

use queueform::diag::Code;
use queueform::diag::Diagnostic;
use queueform::ops::test::Stops;
use queueform::ops::test::Suite;
use queueform::ops::test::TestOptions;
use queueform::render::testing;
use queueform::source::SourceMap;
use queueform::testing::Counts;
use queueform::testing::Event;
use queueform::testing::RunStatus;

use crate::args::Emulate;
use crate::args::TestArgs;
use crate::exit::Exit;
use crate::host;
use crate::project;
use crate::session::Session;
use crate::test_teller::TestTeller;

/// Runs the tests of the configuration.
pub(crate) fn run(session: &Session<'_>, args: &TestArgs) -> io::Result<Exit> {
    let teller = TestTeller::new(session, args.json, args.json_into.as_deref())?;
    if session.global.emulate == Some(Emulate::State) {
        let found =
            Diagnostic::error(Code::Usage, "`test` has worlds of its own and takes nothing from the state");
        teller.report(&found.hint("leave `--emulate=state` out").into(), &SourceMap::new())?;
        return Ok(Exit::Error);
    }
    let suite = Suite::open(TestOptions {
        project: project::options(session, &args.variables, None),
        tests: args.test_directory.clone(),
        filter: args.filter.clone(),
        real: args.real,
        verbose: args.verbose,
    });
    teller.report(&suite.diagnostics, &suite.sources)?;
    if suite.diagnostics.has_errors() {
        return Ok(Exit::Error);
    }
    let (reports, stopped, told) = host::interruptible(async |signals| {
        let mut told = Ok(());
        let mut tell = |event: Event<'_>| {
            // Tests go on without a listener: what they made must be destroyed.
            if told.is_ok() {
                told = teller.event(&event);
            }
        };
        let stops = Stops { stop: &signals.stop, abort: &signals.abort };
        let reports = suite.run(stops, &mut tell).await;
        (reports, signals.stop.is_stopped(), told)
    })?;
    if let Some(path) = &args.junit_xml
        && let Err(error) = fs::write(path, testing::junit(&reports))
    {
        let found = Diagnostic::error(Code::FileAccess, format!("cannot write `{}`", path.display()));
        teller.report(&found.detail(error.to_string()).into(), &suite.sources)?;
        return Ok(Exit::Error);
    }
    told?;
    let status = reports.iter().map(|file| file.status).max().unwrap_or(RunStatus::Pass);
    teller.summary(Counts::of(&reports), status, stopped)?;
    Ok(match (stopped, status) {
        (true, _) => Exit::Interrupted,
        (false, RunStatus::Pass | RunStatus::Skip) => Exit::Success,
        (false, RunStatus::Fail | RunStatus::Error) => Exit::Error,
    })
}
