//! Tells how planning and applying go, to people or as a stream of JSON. A stream is all that is written to
//! standard output, and nothing but messages of the command line goes to standard error then.

use std::cell::RefCell;
use std::io;
use std::io::Write as _;
use std::path::Path;

use queueform::apply::Applied;
use queueform::apply::Event;
use queueform::diag::Code;
use queueform::diag::Diagnostic;
use queueform::diag::Diagnostics;
use queueform::ops::plan::Planned;
use queueform::ops::plan::now;
use queueform::ops::planfile;
use queueform::ops::project::Project;
use queueform::ops::project::Watcher;
use queueform::ops::version::version;
use queueform::plan::Action;
use queueform::render::diag::Sources;
use queueform::render::events;
use queueform::render::events::PlanLines;
use queueform::render::events::Stream;
use queueform::source::SourceMap;
use serde_json::Value as Json;

use crate::exit::Exit;
use crate::progress;
use crate::progress::Progress;
use crate::session::Session;

/// Tells how planning and applying go.
#[derive(Debug)]
pub(crate) struct Teller<'s> {
    session: &'s Session<'s>,
    stream: Option<Stream>,
    progress: RefCell<Option<Progress<'s>>>,
}

impl<'s> Teller<'s> {
    /// Starts; as JSON with a line about the program.
    pub(crate) fn new(session: &'s Session<'s>, json: bool) -> io::Result<Self> {
        let stream = json.then(|| Stream { version: version().version });
        let teller = Self { session, stream, progress: RefCell::default() };
        teller.lines(stream.map(|stream| stream.start(&now())))?;
        Ok(teller)
    }

    /// Returns true if somebody reads it who can be asked.
    pub(crate) fn may_ask(&self) -> bool {
        self.stream.is_none() && self.session.may_ask()
    }

    fn lines(&self, lines: impl IntoIterator<Item = Json>) -> io::Result<()> {
        lines.into_iter().try_for_each(|line| self.session.print(&format!("{line}\n")))
    }

    /// Tells findings.
    pub(crate) fn report(&self, found: &Diagnostics, sources: &dyn Sources) -> io::Result<()> {
        match self.stream {
            Some(stream) => self.lines(found.iter().map(|item| stream.diagnostic(item, sources, &now()))),
            None => self.session.report(found, sources),
        }
    }

    /// Tells one finding that has no place in a source.
    pub(crate) fn report_one(&self, found: Diagnostic) -> io::Result<()> {
        self.report(&found.into(), &SourceMap::new())
    }

    /// Tells why nothing could be done.
    pub(crate) fn failed(&self, project: &Project, found: &Diagnostics) -> io::Result<Exit> {
        self.report(found, &(&project.sources, &*project.registry))?;
        let interrupted = found.iter().any(|item| item.code == Code::Interrupted);
        Ok(if interrupted { Exit::Interrupted } else { Exit::Error })
    }

    /// Has a project tell what is looked at while it is planned.
    pub(crate) fn watch(&self, project: &mut Project) {
        let Some(stream) = self.stream else {
            if let Some(watcher) = progress::reading(self.session) {
                project.watcher = watcher;
            }
            return;
        };
        project.watcher = Watcher::new(move |queries, moment| {
            let time = now();
            let lines = queries.iter().filter_map(|query| stream.looking(query, moment, &time));
            let text: String = lines.map(|line| format!("{line}\n")).collect();
            // A closed stream shows at the next line.
            io::stdout().lock().write_all(text.as_bytes()).ok();
        });
    }

    /// Shows a plan.
    pub(crate) fn plan(
        &self,
        project: &Project,
        planned: &Planned,
        draw: impl FnOnce(&Planned) -> io::Result<()>,
    ) -> io::Result<()> {
        let Some(stream) = self.stream else { return draw(planned) };
        let sources = (&project.sources, &*project.registry);
        let hash = planned.hash();
        let shown = PlanLines { plan: &planned.plan, sources: &project.sources, hash: &hash };
        self.lines(stream.plan(shown, &now()))?;
        self.lines(stream.denials(&planned.plan, &sources, &now()))?;
        self.report(&planned.plan.diagnostics, &sources)
    }

    /// Tells that a plan was written to a file.
    pub(crate) fn saved(&self, planned: &Planned, path: &Path, emulated: bool) -> io::Result<()> {
        let (hash, shown) = (planned.hash(), path.display());
        let applicable = planned.is_applicable();
        if let Some(stream) = self.stream {
            return self.lines([stream.saved(&shown.to_string(), &hash, applicable, &now())]);
        }
        let next = if applicable {
            let emulate = if emulated { " --emulate" } else { "" };
            format!(". Apply it with: queueform apply{emulate} {shown}")
        } else {
            ", marked not applicable.".to_owned()
        };
        self.session.print(&format!("Plan {} written to {shown}{next}\n", planfile::short_hash(&hash)))
    }

    /// Tells of a module that is installed.
    pub(crate) fn installed(&self, path: &str, source: &str, directory: &str, told: &str) -> io::Result<()> {
        match self.stream {
            Some(stream) => self.lines([stream.installed(path, source, directory, told, &now())]),
            None => self.session.print(&format!("{path}: {source} {told}\n")),
        }
    }

    /// Tells what a directory holds that is ready now.
    pub(crate) fn initialised(&self, text: &str) -> io::Result<()> {
        match self.stream {
            Some(stream) => self.lines([stream.message(text.trim_end(), "init_output", &now())]),
            None => self.session.print(text),
        }
    }

    /// Tells what configuration was written.
    pub(crate) fn generated(&self, text: &str) -> io::Result<()> {
        match self.stream {
            Some(stream) => self.lines([stream.message(text, "generated_config", &now())]),
            None => self.session.say(&format!("{text}\n\n")),
        }
    }

    /// Tells that another round begins.
    pub(crate) fn round(&self, number: usize) -> io::Result<()> {
        self.lead("round", &format!("Round {number}"))
    }

    /// Tells that what follows is only shown.
    pub(crate) fn next_round(&self) -> io::Result<()> {
        self.lead("next_round", "The next round, which is not approved yet: run `queueform apply` to go on")
    }

    fn lead(&self, kind: &str, text: &str) -> io::Result<()> {
        match self.stream {
            Some(stream) => self.lines([stream.message(text, kind, &now())]),
            None => self.session.print(&format!("\n{text}\n\n")),
        }
    }

    /// Gets ready for the events of a plan.
    pub(crate) fn begin(&self, planned: &Planned) {
        let changing = planned.plan.changes.iter().filter(|change| change.action != Action::NoOp).count();
        let pieces = u64::try_from(changing).unwrap_or(u64::MAX);
        if self.stream.is_none() {
            *self.progress.borrow_mut() = Some(Progress::new(self.session, pieces));
        }
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

    /// Tells what became of a plan.
    pub(crate) fn applied(
        &self,
        project: &Project,
        planned: &Planned,
        applied: &Applied,
    ) -> io::Result<Exit> {
        self.progress.borrow_mut().take();
        let sources = (&project.sources, &*project.registry);
        if let Some(stream) = self.stream {
            self.report(&applied.diagnostics, &sources)?;
            self.lines([stream.end(applied, planned.plan.mode, &now())])?;
            self.lines([stream.outputs(&applied.stored, &now())])?;
        } else {
            let mut text = String::from("\n");
            events::report(&mut text, applied, planned.plan.mode, self.session.look())
                .map_err(io::Error::other)?;
            if !applied.stored.is_empty() {
                text.push_str("\nOutputs:\n\n");
                events::outputs(&mut text, &applied.stored).map_err(io::Error::other)?;
            }
            if !applied.diagnostics.is_empty() {
                self.session.say("\n")?;
                self.session.report(&applied.diagnostics, &sources)?;
            }
            self.session.print(&text)?;
        }
        let counts = applied.counts();
        Ok(if applied.complete && !applied.diagnostics.has_errors() {
            Exit::done(!applied.held.is_empty())
        } else if applied.stopped {
            Exit::Interrupted
        } else if counts.denied > 0 && counts.failed == 0 {
            Exit::Denied
        } else {
            Exit::Error
        })
    }
}
