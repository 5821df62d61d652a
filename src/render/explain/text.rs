//! Explanations for people.

use std::fmt;
use std::fmt::Write;

use serde_json::Value as Json;

use crate::render::Look;
use crate::render::paint::Paint;
use crate::render::paint::Tone;
use crate::render::plan::layout::room;
use crate::render::plan::layout::wrap;
use crate::render::value;

use super::Explanation;
use super::Link;
use super::document;
use super::document::list;
use super::document::side;

/// Most causes of one change that are drawn.
const MOST: usize = 10;

/// Draws one explanation.
pub(super) fn write(out: &mut dyn Write, one: &Explanation, look: Look) -> fmt::Result {
    let mut page = Page { out, paint: Paint::of(look), width: look.width };
    let name = page.paint.tone(Tone::Strong, &one.address);
    page.lines(0, &format!("{name} {}", one.told))?;
    if !one.why.is_empty() {
        page.heading("Why")?;
        page.links(&one.why, 2)?;
    }
    if let Some(rule) = &one.rule {
        page.heading("By which rule")?;
        page.lines(2, rule)?;
    }
    if !one.why_not.is_empty() {
        let title =
            if one.action == "no-op" && one.why.is_empty() { "Why not" } else { "What it does not do" };
        page.heading(title)?;
        for reason in &one.why_not {
            page.lines(2, reason)?;
        }
    }
    if matches!(one.action, "update" | "replace") {
        page.heading("What changes")?;
        for found in document::attributes(&one.change) {
            page.attribute(found)?;
        }
        let ours = one.change.get("queueform").unwrap_or(&Json::Null);
        for name in list(ours, "sends").filter_map(Json::as_str) {
            let sign = page.paint.tone(Tone::Change, "~");
            page.lines(2, &format!("{sign} {name}: {} sent again", value::SENSITIVE))?;
        }
    }
    let ours = one.change.get("queueform").unwrap_or(&Json::Null);
    page.list("Guards", list(ours, "guards").map(guard))?;
    page.list("Notes", list(ours, "notes").filter_map(Json::as_str).map(str::to_owned))?;
    page.list("Calls", list(ours, "calls").filter_map(Json::as_str).map(str::to_owned))
}

/// What a guard found, in one line.
fn guard(found: &Json) -> String {
    let text = |name: &str| found.get(name).and_then(Json::as_str).unwrap_or_default();
    let (name, verdict, message) = (text("name"), text("verdict"), text("message"));
    match verdict {
        "clear" => format!("{name}: nothing found"),
        _ => format!("{name}: {}: {message}", verdict.replace('_', " ")),
    }
}

struct Page<'o> {
    out: &'o mut dyn Write,
    paint: Paint,
    width: usize,
}

impl Page<'_> {
    fn heading(&mut self, title: &str) -> fmt::Result {
        writeln!(self.out, "\n{}", self.paint.tone(Tone::Strong, title))
    }

    fn lines(&mut self, indent: usize, text: &str) -> fmt::Result {
        for line in wrap(text, room(self.width, indent)) {
            writeln!(self.out, "{:indent$}{line}", "")?;
        }
        Ok(())
    }

    fn list(&mut self, title: &str, mut lines: impl Iterator<Item = String>) -> fmt::Result {
        let Some(first) = lines.next() else { return Ok(()) };
        self.heading(title)?;
        self.lines(2, &first)?;
        lines.try_for_each(|line| self.lines(2, &line))
    }

    /// A cause, with what is behind it set in.
    fn link(&mut self, link: &Link, indent: usize) -> fmt::Result {
        let place = link.place.as_deref().map_or_else(String::new, |place| format!(", {place}"));
        self.lines(indent, &format!("{}{place}", link.text))?;
        self.links(&link.because, indent + 2)
    }

    /// Causes of the same change.
    fn links(&mut self, links: &[Link], indent: usize) -> fmt::Result {
        links.iter().take(MOST).try_for_each(|link| self.link(link, indent))?;
        match links.len().saturating_sub(MOST) {
            0 => Ok(()),
            more => self.lines(indent, &format!("… and {more} more: `--json` has all of them")),
        }
    }

    fn attribute(&mut self, found: &Json) -> fmt::Result {
        let name = found.get("name").and_then(Json::as_str).unwrap_or_default();
        let (before, after) = (side(found, "before"), side(found, "after"));
        let forces = if found.get("forces_replacement").is_some() { "   # forces replacement" } else { "" };
        let (sign, tone, text) = match found.get("action").and_then(Json::as_str) {
            Some("create") => ("+", Tone::Add, format!("{name} = {after}")),
            Some("delete") => ("-", Tone::Remove, format!("{name} = {before}")),
            _ => ("~", Tone::Change, format!("{name}: {before} -> {after}")),
        };
        let sign = self.paint.tone(tone, sign);
        self.lines(2, &format!("{sign} {text}{forces}"))
    }
}
