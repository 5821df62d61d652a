//! What is put off until something has happened elsewhere.

use std::fmt;

use crate::plan::Change;
use crate::plan::GuardFinding;
use crate::plan::Verdict;

use super::super::value;
use super::layout::count;
use super::page::Page;

/// Why a part of a change is put off: `read_queue_num` stays 16 until …: 1,310 unread.
pub(super) fn text(change: &Change, finding: &GuardFinding) -> String {
    let stays: Vec<String> = change
        .held
        .iter()
        .filter_map(|name| Some((name, change.before.as_ref()?.get(name)?)))
        .filter(|(_, before)| !before.is_null())
        .map(|(name, before)| format!("{name} stays {}", value::inline(before)))
        .collect();
    let what = if stays.is_empty() { "waits".to_owned() } else { stays.join(", ") };
    format!("{what} until {}: {}", finding.guard, finding.message)
}

/// Draws the objects of which nothing is done now because all of it is put off.
pub(super) fn write(out: &mut dyn fmt::Write, page: &Page<'_>) -> fmt::Result {
    let all = page.view.plan.changes.iter();
    let waiting: Vec<&Change> = all.filter(|change| change.is_waiting() && !change.is_effective()).collect();
    if waiting.is_empty() {
        return Ok(());
    }
    writeln!(out)?;
    for change in &waiting {
        writeln!(out, "  {}", change.addr)?;
        for finding in change.guards.iter().filter(|finding| finding.verdict == Verdict::Waits) {
            page.paragraph(out, 6, &text(change, finding))?;
        }
    }
    let lead = format!("{} waiting: a later run goes on; ", count(waiting.len(), "change"));
    page.paragraph(out, 0, &format!("{lead}`--wait-drain=30m` waits so long for it."))
}

/// How many changes are put off, wholly or in part.
pub(super) fn number(changes: &[Change]) -> usize {
    changes.iter().filter(|change| change.is_waiting() && !change.held.is_empty()).count()
}
