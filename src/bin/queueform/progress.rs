//! What happens during apply, as it happens: lines on standard error, with a bar below them on terminals.

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
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed}") {
        bar.set_style(style);
    }
    Some(Watcher::new(move |queries, moment| match moment {
        Moment::Asked => {
            let objects = queries.iter().filter(|query| matches!(query, Query::Refresh { .. })).count();
            let others = queries.len() - objects;
            let noun =
                |number: usize, noun: &str| format!("{number} {noun}{}", if number == 1 { "" } else { "s" });
            bar.set_message(match (objects, others) {
                (0, others) => format!("Asking {}", noun(others, "question")),
                (objects, 0) => format!("Reading {}", noun(objects, "object")),
                (objects, others) => {
                    format!("Reading {}, asking {}", noun(objects, "object"), noun(others, "question"))
                }
            });
            bar.enable_steady_tick(Duration::from_millis(200));
        }
        Moment::Answered => {
            bar.disable_steady_tick();
            bar.finish_and_clear();
            bar.reset();
        }
    }))
}

/// Tells events.
#[derive(Debug)]
pub(crate) struct Progress<'s> {
    session: &'s Session<'s>,
    bar: Option<ProgressBar>,
}

impl<'s> Progress<'s> {
    /// Starts for so many pieces of work.
    pub(crate) fn new(session: &'s Session<'s>, pieces: u64) -> Self {
        let bar = (session.host.stderr_is_terminal && pieces > 1).then(|| {
            let bar = ProgressBar::with_draw_target(Some(pieces), ProgressDrawTarget::stderr());
            if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {elapsed}") {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(500));
            bar
        });
        Self { session, bar }
    }

    /// Tells an event.
    pub(crate) fn tell(&self, event: &Event) {
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
