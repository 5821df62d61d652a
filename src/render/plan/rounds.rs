//! What is left to the next round.

use std::fmt;

use crate::plan::Deferred;

use super::layout::count;
use super::page::Page;

/// Draws what cannot be planned before this plan was applied.
pub(super) fn write(out: &mut dyn fmt::Write, page: &Page<'_>) -> fmt::Result {
    let deferred = &page.view.plan.deferred;
    if deferred.is_empty() {
        return Ok(());
    }
    writeln!(out)?;
    page.paragraph(out, 2, "Left to the next round, because it is known only after this one:")?;
    for entry in deferred {
        page.paragraph(out, 4, &text(entry))?;
    }
    Ok(())
}

/// One entry: what it is, why it waits, and how many objects stay as they are.
fn text(entry: &Deferred) -> String {
    let mut text = format!("? {}: {}", entry.subject, entry.why);
    match entry.kept.len() {
        0 => {}
        1 => text.push_str("; 1 object stays as it is"),
        many => text.push_str(&format!("; {} stay as they are", count(many, "object"))),
    }
    text
}
