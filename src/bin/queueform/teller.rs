//! Tells how an apply goes, to people or as a stream of JSON.

use std::cell::RefCell;
use std::io;

use queueform::apply::Applied;
use queueform::apply::Event;
use queueform::diag::Diagnostics;
use queueform::ops;
use queueform::ops::output::Outputs;
use queueform::ops::plan::Planned;
use queueform::ops::plan::now;
use queueform::ops::project::Project;
use queueform::ops::version::version;
use queueform::plan::Action;
use queueform::render::events;
use queueform::render::events::Stream;
use serde_json::Value as Json;

use crate::exit::Exit;
use crate::progress::Progress;
use crate::project;
use crate::session::Session;

/// Tells how an apply goes.
#[derive(Debug)]
pub(crate) struct Teller<'s> {
    session: &'s Session<'s>,
    project: &'s Project,
    stream: Option<Stream>,
    progress: RefCell<Option<Progress<'s>>>,
}

impl<'s> Teller<'s> {
    /// Starts; as JSON with a line about the program.
    pub(crate) fn new(session: &'s Session<'s>, project: &'s Project, json: bool) -> Self {
        let stream = json.then(|| Stream { version: version().version });
        let teller = Self { session, project, stream, progress: RefCell::default() };
        if let Some(stream) = stream {
            // A closed stream shows at the next line.
            teller.lines([stream.start(&now())]).ok();
        }
        teller
    }

    fn lines(&self, lines: impl IntoIterator<Item = Json>) -> io::Result<()> {
        lines.into_iter().try_for_each(|line| self.session.print(&format!("{line}\n")))
    }

    /// Shows a plan, and gets ready for its events.
    pub(crate) fn plan(
        &self,
        planned: &Planned,
        draw: impl FnOnce(&Planned) -> io::Result<()>,
    ) -> io::Result<()> {
        match self.stream {
            Some(stream) => {
                self.lines(stream.plan(&planned.plan, &now()))?;
                self.findings(stream, &planned.plan.diagnostics)?;
            }
            None => draw(planned)?,
        }
        let changing = planned.plan.changes.iter().filter(|change| change.action != Action::NoOp).count();
        let pieces = u64::try_from(changing).unwrap_or(u64::MAX);
        if self.stream.is_none() {
            *self.progress.borrow_mut() = Some(Progress::new(self.session, pieces));
        }
        Ok(())
    }

    /// Tells an event.
    pub(crate) fn event(&self, event: &Event) {
        match self.stream {
            // A closed stream must not stop the work.
            Some(stream) => self.lines([stream.event(event, &now())]).unwrap_or_default(),
            None => {
                if let Some(progress) = &*self.progress.borrow() {
                    progress.tell(event);
                }
            }
        }
    }

    fn findings(&self, stream: Stream, found: &Diagnostics) -> io::Result<()> {
        let sources = (&self.project.sources, &*self.project.registry);
        self.lines(found.iter().map(|item| stream.diagnostic(item, &sources, &now())))
    }

    /// Tells why nothing could be done.
    pub(crate) fn failed(&self, found: &Diagnostics) -> io::Result<Exit> {
        if let Some(stream) = self.stream {
            self.findings(stream, found)?;
        }
        project::failed(self.session, self.project, found)
    }

    /// Returns all outputs as they are now.
    fn outputs(&self) -> Option<Outputs> {
        // A state that cannot be read is told by the run itself.
        ops::output::outputs(&self.project.place).ok()
    }

    /// Tells what became of a plan.
    pub(crate) fn applied(&self, planned: &Planned, applied: &Applied) -> io::Result<Exit> {
        self.progress.borrow_mut().take();
        if let Some(stream) = self.stream {
            self.findings(stream, &applied.diagnostics)?;
            self.lines([stream.end(applied, planned.plan.mode, &now())])?;
            self.lines(self.outputs().map(|outputs| stream.outputs(outputs.all(), &now())))?;
        } else {
            let mut text = String::from("\n");
            events::report(&mut text, applied, planned.plan.mode, self.session.look())
                .map_err(io::Error::other)?;
            if let Some(outputs) = self.outputs().filter(|outputs| !outputs.is_empty()) {
                text.push_str("\nOutputs:\n\n");
                events::outputs(&mut text, outputs.all()).map_err(io::Error::other)?;
            }
            if !applied.diagnostics.is_empty() {
                self.session.say("\n")?;
                let sources = (&self.project.sources, &*self.project.registry);
                self.session.report(&applied.diagnostics, &sources)?;
            }
            self.session.print(&text)?;
        }
        let counts = applied.counts();
        Ok(if applied.complete && !applied.diagnostics.has_errors() {
            Exit::Success
        } else if applied.stopped {
            Exit::Interrupted
        } else if counts.denied > 0 && counts.failed == 0 {
            Exit::Denied
        } else {
            Exit::Error
        })
    }
}
