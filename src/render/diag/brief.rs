//! Findings in one line each: what `--compact-warnings` shows.

use std::fmt;
use std::fmt::Write;

use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::render::Look;
use crate::render::paint::Paint;
use crate::render::paint::Tone;

use super::Sources;

/// Writes one line for each finding, alike ones once with their number, and how to see the rest of them.
///
/// # Errors
/// If the writer fails.
pub fn brief(
    out: &mut dyn Write,
    diagnostics: &Diagnostics,
    sources: &dyn Sources,
    look: Look,
) -> fmt::Result {
    if diagnostics.is_empty() {
        return Ok(());
    }
    let mut folded: Vec<(&Diagnostic, usize)> = Vec::new();
    for diagnostic in diagnostics {
        let alike = |(first, _): &&mut (&Diagnostic, usize)| {
            first.code == diagnostic.code && first.summary == diagnostic.summary
        };
        match folded.iter_mut().find(alike) {
            Some((_, count)) => *count += 1,
            None => folded.push((diagnostic, 1)),
        }
    }
    let paint = Paint::of(look);
    for (diagnostic, count) in folded {
        let word = if diagnostic.is_error() { "error" } else { "warning" };
        let tone = if diagnostic.is_error() { Tone::Alarm } else { Tone::Warn };
        write!(out, "{}[{}]: {}", paint.tone(tone, word), diagnostic.code.name(), diagnostic.summary)?;
        let place = diagnostic.labels.first().and_then(|label| {
            let file = sources.file(label.span.source)?;
            Some(format!("{}:{}", file.name(), file.position(label.span.start).line))
        });
        match (count, place) {
            (1, Some(place)) => writeln!(out, " ({place})")?,
            (1, None) => writeln!(out)?,
            (_, Some(place)) => writeln!(out, " ({place} and {} more)", count - 1)?,
            (_, None) => writeln!(out, " ({count} times)")?,
        }
    }
    writeln!(out, "Without `--compact-warnings`, all of it is shown.")
}
