//! One line for each event.

use std::time::Duration;

use crate::addr::Mode;
use crate::apply::Event;
use crate::apply::Subject;
use crate::apply::Verb;
use crate::render::Look;
use crate::render::paint::Paint;
use crate::render::paint::Tone;

/// Returns the line that tells an event, without its end.
#[must_use]
pub fn line(event: &Event, look: Look) -> String {
    let paint = Paint::of(look);
    match event {
        Event::Started(subject) => tell(subject, &format!("{}...", doing(subject)), paint),
        Event::Progress { subject, elapsed } => {
            let still = format!("Still {}... [{} elapsed]", doing(subject).to_lowercase(), time(*elapsed));
            tell(subject, &still, paint)
        }
        Event::Completed { subject, elapsed } => {
            let mut text = format!("{} complete after {}", noun(subject), time(*elapsed));
            if let Some(id) = subject.id.as_deref().filter(|id| !id.is_empty()) {
                text.push_str(&format!(" [id={id}]"));
            }
            tell(subject, &text, paint)
        }
        Event::Errored { subject, elapsed } => {
            let text = format!("{} failed after {}", noun(subject), time(*elapsed));
            tell(subject, &paint.tone(Tone::Alarm, &text), paint)
        }
        Event::Stopping => paint
            .tone(Tone::Warn, "Stopping: nothing new is started, calls in flight are finished and recorded."),
    }
}

/// Returns true if the work on an object ends with this event.
#[must_use]
pub fn ends_work(event: &Event) -> bool {
    matches!(event, Event::Completed { .. } | Event::Errored { .. })
}

fn tell(subject: &Subject, text: &str, paint: Paint) -> String {
    let mut name = subject.addr.to_string();
    if let Some(key) = &subject.deposed {
        name.push_str(&format!(" (deposed object {key})"));
    }
    format!("{}: {text}", paint.tone(Tone::Strong, &name))
}

fn doing(subject: &Subject) -> &'static str {
    match subject.verb {
        Verb::Read if subject.addr.resource.mode == Mode::Ephemeral => "Opening",
        Verb::Create => "Creating",
        Verb::Read => "Reading",
        Verb::Update => "Modifying",
        Verb::Delete => "Destroying",
        Verb::Invoke => "Running",
    }
}

fn noun(subject: &Subject) -> &'static str {
    match subject.verb {
        Verb::Read if subject.addr.resource.mode == Mode::Ephemeral => "Opening",
        Verb::Create => "Creation",
        Verb::Read => "Read",
        Verb::Update => "Modifications",
        Verb::Delete => "Destruction",
        Verb::Invoke => "Run",
    }
}

/// Returns a time in whole seconds: `0s`, `1m30s`.
fn time(elapsed: Duration) -> String {
    let seconds = elapsed.as_secs();
    if seconds < 60 { format!("{seconds}s") } else { format!("{}m{}s", seconds / 60, seconds % 60) }
}
