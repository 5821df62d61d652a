//! Changes that are held until somebody names their objects.

use std::fmt;

use crate::plan::Change;
use crate::plan::Verdict;

use super::super::paint::Tone;
use super::super::value;
use super::layout::count;
use super::page::Page;

/// Draws what is held: what would change, what that does, and how to do it.
pub(super) fn write(out: &mut dyn fmt::Write, page: &Page<'_>) -> fmt::Result {
    let all: Vec<&Change> = page.view.plan.held().collect();
    if all.is_empty() {
        return Ok(());
    }
    let lead = format!("{} held, not made by this plan:", count(all.len(), "change"));
    writeln!(out, "\n  {}  {lead}", page.paint.tone(Tone::Warn, "HELD"))?;
    for change in all {
        writeln!(out, "  {}", change.addr)?;
        for (name, before, after) in differences(change) {
            page.paragraph(out, 6, &format!("{name}: {before} -> {after}"))?;
        }
        if change.wanted.is_none() {
            page.paragraph(out, 6, "to be deleted")?;
        }
        for finding in change.guards.iter().filter(|finding| finding.verdict == Verdict::Held) {
            page.paragraph(out, 6, &finding.message)?;
            if let Some(consent) = &finding.consent {
                page.paragraph(out, 6, &format!("to do it: {consent}"))?;
            }
        }
    }
    Ok(())
}

/// What would change, by attribute.
fn differences(change: &Change) -> Vec<(String, String, String)> {
    let found = change.held.iter().filter_map(|name| {
        let before = change.before.as_ref()?.get(name)?;
        let after = change.wanted.as_ref()?.get(name)?;
        Some((name.to_string(), value::inline(before), value::inline(after)))
    });
    found.collect()
}
