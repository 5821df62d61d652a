//! Tells how tests go, to people or as a stream of JSON.

use std::fs::File;
use std::io;
use std::io::Write as _;
use std::path::Path;

use queueform::diag::Diagnostics;
use queueform::ops::plan::now;
use queueform::ops::version::version;
use queueform::render::diag::Sources;
use queueform::render::events::Stream;
use queueform::render::plan as plan_view;
use queueform::render::plan::PlanView;
use queueform::render::state as state_view;
use queueform::render::testing;
use queueform::render::testing::TestStream;
use queueform::testing::Counts;
use queueform::testing::Event;
use queueform::testing::FileReport;
use queueform::testing::RunReport;
use queueform::testing::RunStatus;
use queueform::testing::Shown;
use serde_json::Value as Json;

use crate::session::Session;
use crate::teller::create;

/// Tells how tests go.
pub(crate) struct TestTeller<'s> {
    session: &'s Session<'s>,
    stream: Option<TestStream>,
    /// The file that the stream goes to; without it, it goes to standard output, and nobody reads anything else.
    file: Option<File>,
}

impl<'s> TestTeller<'s> {
    /// Starts; as JSON with a line about the program.
    pub(crate) fn new(session: &'s Session<'s>, json: bool, into: Option<&Path>) -> io::Result<Self> {
        let file = into.map(create).transpose()?;
        let stream =
            (json || file.is_some()).then(|| TestStream { common: Stream { version: version().version } });
        let teller = Self { session, stream, file };
        teller.lines(stream.map(|stream| stream.common.start(&now())))?;
        Ok(teller)
    }

    fn lines(&self, lines: impl IntoIterator<Item = Json>) -> io::Result<()> {
        lines.into_iter().try_for_each(|line| {
            let line = format!("{line}\n");
            match self.file.as_ref() {
                Some(mut file) => file.write_all(line.as_bytes()),
                None => self.session.print(&line),
            }
        })
    }

    /// Returns true if it is for people.
    fn is_read(&self) -> bool {
        self.stream.is_none() || self.file.is_some()
    }

    /// Tells findings.
    pub(crate) fn report(&self, found: &Diagnostics, sources: &dyn Sources) -> io::Result<()> {
        if let Some(stream) = self.stream {
            self.lines(found.iter().map(|item| stream.common.diagnostic(item, sources, &now())))?;
        }
        if self.is_read() { self.session.report(found, sources) } else { Ok(()) }
    }

    /// Tells an event.
    pub(crate) fn event(&self, event: &Event<'_>) -> io::Result<()> {
        if let Some(stream) = self.stream {
            self.lines(stream.event(event, &now()))?;
        }
        if !self.is_read() {
            return Ok(());
        }
        if let Event::FileEnded(file) = event {
            self.cleanup(file)?;
        }
        if let Some(line) = testing::line(event, self.session.look()) {
            self.session.print(&format!("{line}\n"))?;
        }
        if let Event::RunEnded(_, run) = event {
            self.found(run)?;
        }
        Ok(())
    }

    fn found(&self, run: &RunReport) -> io::Result<()> {
        let texts = &run.texts;
        match &run.shown {
            Some(Shown::Plan(plan)) => {
                let view = PlanView {
                    plan,
                    registry: &texts.registry,
                    sources: &texts.sources,
                    state: "of this test",
                    full: true,
                    calls: false,
                };
                let mut text = String::from("\n");
                plan_view::human(&mut text, &view, self.session.look()).map_err(io::Error::other)?;
                self.session.print(&format!("{text}\n"))?;
            }
            Some(Shown::State(state)) => {
                let text = state_view::state(state, &texts.registry, self.session.look());
                self.session.print(&format!("\n{text}\n"))?;
            }
            None => {}
        }
        if run.diagnostics.is_empty() {
            return Ok(());
        }
        self.session.say("\n")?;
        self.session.report(&run.diagnostics, &(&*texts.sources, &*texts.registry))
    }

    fn cleanup(&self, file: &FileReport) -> io::Result<()> {
        for (found, texts) in &file.cleanup {
            self.session.say("\n")?;
            self.session.report(found, &(&*texts.sources, &*texts.registry))?;
        }
        Ok(())
    }

    /// Tells how all of them ended.
    pub(crate) fn summary(&self, counts: Counts, status: RunStatus, stopped: bool) -> io::Result<()> {
        let is_good = status <= RunStatus::Pass && !stopped;
        if let Some(stream) = self.stream {
            self.lines([stream.summary(counts, status, &now())])?;
        }
        if !self.is_read() {
            return Ok(());
        }
        let text = testing::summary(counts, is_good, self.session.look());
        self.session.print(&format!("\n{text}\n"))
    }
}
