//! Objects that are not what the state says.

use std::fmt;

use crate::plan::Action;
use crate::plan::Drift;
use crate::render::diff;
use crate::render::diff::Difference;
use crate::render::diff::Nature;
use crate::render::diff::Sign;

use super::super::paint::Tone;
use super::heading;
use super::layout;
use super::layout::count;
use super::page::Page;
use super::update;

/// Most objects, and parts of one object, in a folded view.
const OBJECTS: usize = 20;
const PARTS: usize = 6;

/// Draws the drift that has a part in the plan, and counts the rest.
pub(super) fn write(out: &mut dyn fmt::Write, page: &Page<'_>) -> fmt::Result {
    let (matters, other) = split(page);
    if !matters.is_empty() {
        let title = "Changed outside of Queueform since the last run, and part of this plan";
        writeln!(out)?;
        for line in layout::wrap(title, page.room(2)) {
            writeln!(out, "  {}", page.paint.tone(Tone::Strong, &line))?;
        }
        list(out, &matters, page)?;
    }
    if let Some(text) = without_effect(other.len()) {
        writeln!(out)?;
        for line in layout::wrap(&text, page.room(2)) {
            writeln!(out, "  {}", page.faint(&line))?;
        }
    }
    Ok(())
}

/// Tells how many objects have drifted without a part in the plan.
pub(super) fn without_effect(number: usize) -> Option<String> {
    (number > 0).then(|| {
        format!(
            "{} changed outside without effect on this plan (`queueform plan --refresh-only` shows them)",
            count(number, "object")
        )
    })
}

/// Drift of objects that the plan changes, and the rest.
pub(super) fn split<'v>(page: &Page<'v>) -> (Vec<&'v Drift>, Vec<&'v Drift>) {
    page.view
        .plan
        .drift
        .iter()
        .partition(|drift| page.change(&drift.addr).is_some_and(|change| change.action != Action::NoOp))
}

/// Draws objects that have drifted.
pub(super) fn list(out: &mut dyn fmt::Write, all: &[&Drift], page: &Page<'_>) -> fmt::Result {
    let most = if page.view.full { all.len() } else { OBJECTS };
    for drift in all.iter().take(most) {
        one(out, drift, page)?;
    }
    if all.len() > most {
        let text = format!("… {} more (--detail full lists them)", layout::grouped(all.len() - most));
        writeln!(out, "    {}", page.faint(&text))?;
    }
    Ok(())
}

fn one(out: &mut dyn fmt::Write, drift: &Drift, page: &Page<'_>) -> fmt::Result {
    let name = page.paint.tone(Tone::Strong, &drift.addr.to_string());
    let Some(after) = &drift.after else {
        return writeln!(out, "  {} {name}   {}", super::signed('-', page.paint), page.faint("is gone"));
    };
    let found = diff::attributes(Some(&drift.before), Some(after));
    let text = |found: &Difference| match found.nature {
        Nature::Lines => format!("{}: a text of several lines", heading::name(found)),
        _ => match found.sign {
            Sign::Change => format!("{}: {}", heading::name(found), update::one(found)),
            sign => format!("{}: {} {}", heading::name(found), sign.symbol(), update::side(found)),
        },
    };
    let most = if page.view.full { found.len() } else { PARTS };
    let room = page.room(6);
    let mut texts: Vec<String> =
        found.iter().take(most).map(|found| layout::cut(&text(found), room)).collect();
    if found.len() > most {
        texts.push(format!("… {} more", found.len() - most));
    }
    let line = format!("  {} {name}", super::signed('~', page.paint));
    let joined = texts.join("   ");
    if layout::columns(&line) + 3 + layout::columns(&joined) <= page.look.width {
        return writeln!(out, "{line}   {joined}");
    }
    writeln!(out, "{line}")?;
    for text in layout::flow(&texts, room) {
        writeln!(out, "      {text}")?;
    }
    Ok(())
}
