//! Tells how planning and applying go, to people or as a stream of JSON. A stream is all that is written to
//! standard output, and nothing but messages of the command line goes to standard error then.

use std::cell::RefCell;
use std::fs::File;
use std::io;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

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

use crate::again;
use crate::args::ToldArgs;
use crate::exit::Exit;
use crate::progress;
use crate::progress::Progress;
use crate::session::Session;

/// Makes the file that a stream is written to.
pub(crate) fn create(path: &Path) -> io::Result<File> {
    File::create(path).map_err(|error| {
        io::Error::new(error.kind(), format!("`{}` cannot be created: {error}", path.display()))
    })
}

/// Tells how planning and applying go: to people, as a stream, or both.
#[derive(Debug)]
pub(crate) struct Teller<'s> {
    session: &'s Session<'s>,
    stream: Option<Stream>,
    /// The file that the stream goes to; without it, it goes to standard output, and nobody reads anything else.
    file: Option<Arc<File>>,
    is_concise: bool,
    is_compact: bool,
    /// What the command line must have when it is run again, besides what it has.
    more: RefCell<Option<String>>,
    progress: RefCell<Option<Progress<'s>>>,
}

impl<'s> Teller<'s> {
    /// Starts; as JSON with a line about the program.
    pub(crate) fn new(session: &'s Session<'s>, json: bool) -> io::Result<Self> {
        Self::telling(session, json, &ToldArgs::default())
    }

    /// Starts, telling as it is asked for.
    pub(crate) fn telling(session: &'s Session<'s>, json: bool, told: &ToldArgs) -> io::Result<Self> {
        let file = told.json_into.as_deref().map(create).transpose()?.map(Arc::new);
        let stream = (json || file.is_some()).then(|| Stream { version: version().version });
        let teller = Self {
            session,
            stream,
            file,
            is_concise: told.concise,
            is_compact: told.compact_warnings,
            more: RefCell::default(),
            progress: RefCell::default(),
        };
        teller.lines(stream.map(|stream| stream.start(&now())))?;
        Ok(teller)
    }

    /// Adds a word to the command line that goes on with this run.
    pub(crate) fn goes_on_with(&self, word: &str) {
        self.more.replace(Some(word.to_owned()));
    }

    /// Returns true if somebody reads it who can be asked.
    pub(crate) fn may_ask(&self) -> bool {
        self.is_read() && self.session.may_ask()
    }

    /// Returns true if it is for people.
    fn is_read(&self) -> bool {
        self.stream.is_none() || self.file.is_some()
    }

    fn lines(&self, lines: impl IntoIterator<Item = Json>) -> io::Result<()> {
        lines.into_iter().try_for_each(|line| {
            let line = format!("{line}\n");
            match self.file.as_deref() {
                Some(mut file) => file.write_all(line.as_bytes()),
                None => self.session.print(&line),
            }
        })
    }

    /// Tells findings.
    pub(crate) fn report(&self, found: &Diagnostics, sources: &dyn Sources) -> io::Result<()> {
        self.stream_findings(found, sources)?;
        if self.is_read() { self.findings(found, sources) } else { Ok(()) }
    }

    fn stream_findings(&self, found: &Diagnostics, sources: &dyn Sources) -> io::Result<()> {
        let Some(stream) = self.stream else { return Ok(()) };
        self.lines(found.iter().map(|item| stream.diagnostic(item, sources, &now())))
    }

    /// Draws findings for people.
    pub(crate) fn findings(&self, found: &Diagnostics, sources: &dyn Sources) -> io::Result<()> {
        if self.is_compact && !found.has_errors() {
            self.session.report_briefly(found, sources)
        } else {
            self.session.report(found, sources)
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
            if let Some(watcher) = progress::reading(self.session).filter(|_| !self.is_concise) {
                project.watcher = watcher;
            }
            return;
        };
        if self.is_concise {
            return;
        }
        let file = self.file.clone();
        project.watcher = Watcher::new(move |queries, moment| {
            let time = now();
            let lines = queries.iter().filter_map(|query| stream.looking(query, moment, &time));
            let text: String = lines.map(|line| format!("{line}\n")).collect();
            // A closed stream shows at the next line.
            match file.as_deref() {
                Some(mut file) => file.write_all(text.as_bytes()).ok(),
                None => io::stdout().lock().write_all(text.as_bytes()).ok(),
            };
        });
    }

    /// Shows a plan.
    pub(crate) fn plan(
        &self,
        project: &Project,
        planned: &Planned,
        draw: impl FnOnce(&Planned) -> io::Result<()>,
    ) -> io::Result<()> {
        if let Some(stream) = self.stream {
            let sources = (&project.sources, &*project.registry);
            let hash = planned.hash();
            let shown = PlanLines { plan: &planned.plan, sources: &project.sources, hash: &hash };
            self.lines(stream.plan(shown, &now()))?;
            self.lines(stream.denials(&planned.plan, &sources, &now()))?;
            self.stream_findings(&planned.plan.diagnostics, &sources)?;
        }
        if self.is_read() { draw(planned) } else { Ok(()) }
    }

    /// Tells that a plan was written to a file.
    pub(crate) fn saved(&self, planned: &Planned, path: &Path, emulated: bool) -> io::Result<()> {
        let (hash, shown) = (planned.hash(), path.display());
        let applicable = planned.is_applicable();
        let next = if applicable {
            let emulate = if emulated { " --emulate" } else { "" };
            format!(". Apply it with: queueform apply{emulate} {shown}")
        } else {
            ", marked not applicable.".to_owned()
        };
        let text = format!("Plan {} written to {shown}{next}\n", planfile::short_hash(&hash));
        self.both(&text, |stream| stream.saved(&shown.to_string(), &hash, applicable, &now()))
    }

    /// Tells of a module that is installed.
    pub(crate) fn installed(&self, path: &str, source: &str, directory: &str, told: &str) -> io::Result<()> {
        let text = format!("{path}: {source} {told}\n");
        self.both(&text, |stream| stream.installed(path, source, directory, told, &now()))
    }

    /// Tells what a directory holds that is ready now.
    pub(crate) fn initialised(&self, text: &str) -> io::Result<()> {
        self.both(text, |stream| stream.message(text.trim_end(), "init_output", &now()))
    }

    /// Tells what configuration was written.
    pub(crate) fn generated(&self, text: &str) -> io::Result<()> {
        self.lines(self.stream.map(|stream| stream.message(text, "generated_config", &now())))?;
        if self.is_read() { self.session.say(&format!("{text}\n\n")) } else { Ok(()) }
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
        self.both(&format!("\n{text}\n\n"), |stream| stream.message(text, kind, &now()))
    }

    /// Tells the same to people and in the stream.
    fn both(&self, text: &str, line: impl FnOnce(&Stream) -> Json) -> io::Result<()> {
        self.lines(self.stream.as_ref().map(line))?;
        if self.is_read() { self.session.print(text) } else { Ok(()) }
    }

    /// Gets ready for the events of a plan.
    pub(crate) fn begin(&self, planned: &Planned) {
        let changing = planned.plan.changes.iter().filter(|change| change.action != Action::NoOp).count();
        let pieces = u64::try_from(changing).unwrap_or(u64::MAX);
        if self.is_read() {
            *self.progress.borrow_mut() = Some(Progress::new(self.session, pieces, self.is_concise));
        }
    }

    /// Tells an event.
    pub(crate) fn event(&self, event: &Event) {
        if let Some(stream) = self.stream {
            // A closed stream must not stop the work.
            self.lines([stream.event(event, &now())]).unwrap_or_default();
        }
        if let Some(progress) = &*self.progress.borrow() {
            progress.tell(event);
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
            self.stream_findings(&applied.diagnostics, &sources)?;
            self.lines([stream.end(applied, planned.plan.mode, &now())])?;
            self.lines([stream.outputs(&applied.stored, &now())])?;
        }
        if self.is_read() {
            let mut text = String::from("\n");
            let mut again = again::command(self.session.host, project, applied);
            if let Some(word) = &*self.more.borrow() {
                again.push_str(&format!(" {word}"));
            }
            events::report(&mut text, applied, planned.plan.mode, &again, self.session.look())
                .map_err(io::Error::other)?;
            if !applied.stored.is_empty() {
                text.push_str("\nOutputs:\n\n");
                events::outputs(&mut text, &applied.stored).map_err(io::Error::other)?;
            }
            if !applied.diagnostics.is_empty() {
                self.session.say("\n")?;
                self.findings(&applied.diagnostics, &sources)?;
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
