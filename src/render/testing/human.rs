//! Lines for people.

use crate::render::Look;
use crate::render::paint::Paint;
use crate::render::paint::Tone;
use crate::testing::Counts;
use crate::testing::Event;
use crate::testing::RunStatus;

/// Returns the line that tells an event, without its end; not every event has one.
#[must_use]
pub fn line(event: &Event<'_>, look: Look) -> Option<String> {
    let paint = Paint::of(look);
    match event {
        Event::Found(_) | Event::RunStarted(..) => None,
        Event::FileStarted(file) => Some(format!("{file}... in progress")),
        Event::RunEnded(_, run) => Some(format!("  run \"{}\"... {}", run.name, word(run.status, paint))),
        Event::TearingDown(file) => Some(format!("{file}... tearing down")),
        Event::FileEnded(file) => Some(format!("{}... {}", file.name, word(file.status, paint))),
        Event::Interrupted => {
            Some(paint.tone(Tone::Warn, "Interrupted: no further run is begun, what was made is destroyed."))
        }
    }
}

fn word(status: RunStatus, paint: Paint) -> String {
    let tone = match status {
        RunStatus::Pass => Tone::Add,
        RunStatus::Fail | RunStatus::Error => Tone::Alarm,
        RunStatus::Skip => Tone::Faint,
    };
    paint.tone(tone, status.as_str())
}

/// Returns the last line: whether all is well, and how many runs ended how.
#[must_use]
pub fn summary(counts: Counts, is_good: bool, look: Look) -> String {
    let paint = Paint::of(look);
    let start = if is_good { paint.tone(Tone::Add, "Success!") } else { paint.tone(Tone::Alarm, "Failure!") };
    let failed = counts.failed + counts.errored;
    let mut text = format!("{start} {} passed, {failed} failed", counts.passed);
    if counts.skipped > 0 {
        text.push_str(&format!(", {} skipped", counts.skipped));
    }
    text.push('.');
    text
}
