//! What happens during apply, as it happens: lines on standard error, with a bar below them on terminals.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use indicatif::ProgressBar;
use indicatif::ProgressDrawTarget;
use indicatif::ProgressStyle;
use queueform::apply::Event;
use queueform::ops::project::Watcher;
use queueform::plan::Query;
use queueform::render::events;
use queueform::render::events::Moment;

use crate::session::Session;

/// Returns what tells how many objects are being read, on a terminal: one line, which goes away again.
pub(crate) fn reading(session: &Session<'_>) -> Option<Watcher> {
    if !session.host.stderr_is_terminal {
        return None;
    }
    let drawn: Mutex<Option<ProgressBar>> = Mutex::default();
    Some(Watcher::new(move |queries, moment| {
        // Whoever panicked while drawing left nothing that matters.
        let mut drawn = drawn.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bar) = drawn.take() {
            bar.finish_and_clear();
        }
        if moment == Moment::Asked {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed}") {
                bar.set_style(style);
            }
            bar.set_message(looking_at(queries));
            bar.enable_steady_tick(Duration::from_millis(200));
            *drawn = Some(bar);
        }
    }))
}

/// Says what is being looked at: `Reading 12 objects`.
fn looking_at(queries: &[Query]) -> String {
    let read = |query: &&Query| matches!(query, Query::Refresh { .. } | Query::Import { .. });
    let objects = queries.iter().filter(read).count();
    let count = |number: usize, noun: &str| match number {
        1 => format!("1 {noun}"),
        number => format!("{number} {noun}s"),
    };
    match (objects, queries.len() - objects) {
        (0, others) => format!("Asking {}", count(others, "question")),
        (objects, 0) => format!("Reading {}", count(objects, "object")),
        (objects, others) => {
            format!("Reading {}, asking {}", count(objects, "object"), count(others, "question"))
        }
    }
}

/// Tells events.
#[derive(Debug)]
pub(crate) struct Progress<'s> {
    session: &'s Session<'s>,
    bar: Option<ProgressBar>,
    /// Only what goes wrong is told.
    is_concise: bool,
}

impl<'s> Progress<'s> {
    /// Starts for so many pieces of work.
    pub(crate) fn new(session: &'s Session<'s>, pieces: u64, is_concise: bool) -> Self {
        let bar = (session.host.stderr_is_terminal && pieces > 1 && !is_concise).then(|| {
            let bar = ProgressBar::with_draw_target(Some(pieces), ProgressDrawTarget::stderr());
            if let Ok(style) =
                ProgressStyle::with_template("{bar:30} {pos}/{len}   {elapsed} so far, about {eta} left")
            {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(500));
            bar
        });
        Self { session, bar, is_concise }
    }

    /// Tells an event.
    pub(crate) fn tell(&self, event: &Event) {
        if self.is_concise && !matches!(event, Event::Errored { .. } | Event::Stopping) {
            return;
        }
        let line = events::line(event, self.session.error_look());
        match &self.bar {
            Some(bar) => {
                bar.println(line);
                if events::ends_work(event) {
                    bar.inc(1);
                }
            }
            // A closed stream must not stop the work.
            None => self.session.say(&format!("{line}\n")).unwrap_or_default(),
        }
    }
}

impl Drop for Progress<'_> {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
