//! What differs in an object that is changed or replaced, attribute by attribute.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::plan::Action;
use crate::plan::Change;
use crate::schema::Mode;
use crate::schema::ResourceSchema;
use crate::value::Value;

use super::super::diff;
use super::super::diff::Difference;
use super::super::diff::Nature;
use super::super::diff::Sign;
use super::super::paint::Tone;
use super::super::value;
use super::attributes::ordered;
use super::heading;
use super::layout;
use super::page::Page;
use super::page::Wait;
use super::page::with_unit;
use super::signed;

/// Most parts of one attribute, and lines of one text, in a folded view.
const PARTS: usize = 12;

/// Most attributes that are named only because they are computed anew.
const NAMES: usize = 6;

/// Lines of a text around a difference.
const CONTEXT: usize = 2;

/// The differences of an object, in the order of its schema, apart from what is only computed anew.
pub(super) struct Differences {
    /// By attribute.
    pub(super) attributes: Vec<(Arc<str>, Vec<Difference>)>,
    /// What the service will compute anew.
    pub(super) recomputed: Vec<String>,
}

/// Finds the differences of a change.
pub(super) fn differences(change: &Change, schema: Option<&ResourceSchema>) -> Differences {
    let mut by_name: BTreeMap<Arc<str>, Vec<Difference>> = BTreeMap::new();
    for found in diff::attributes(change.before.as_ref(), change.after.as_ref()) {
        if let Some(name) = found.attribute() {
            by_name.entry(Arc::clone(name)).or_default().push(found);
        }
    }
    let order = change.after.as_ref().or(change.before.as_ref()).and_then(Value::fields);
    let mut found = Differences { attributes: Vec::new(), recomputed: Vec::new() };
    for name in order.map(|fields| ordered(fields, schema)).unwrap_or_default() {
        let Some(parts) = by_name.remove(name) else { continue };
        let open = parts.iter().any(|part| {
            part.label.is_empty()
                && part.after.as_ref().is_some_and(|value| !value.is_known() && !value.marks().is_sensitive())
        });
        let mode = schema.and_then(|schema| schema.attribute(name)).map(|attribute| attribute.mode);
        let computed = mode.is_none_or(|mode| matches!(mode, Mode::Computed | Mode::OptionalComputed));
        if matches!(change.action, Action::Replace(_)) && mode == Some(Mode::Computed) {
            // A new object has all of it anew.
            found.recomputed.push(name.to_string());
            continue;
        }
        if open && computed && !heading::forces(change, name) {
            found.recomputed.push(name.to_string());
        } else {
            found.attributes.push((Arc::clone(name), parts));
        }
    }
    found
}

/// Draws what differs.
pub(super) fn write(
    out: &mut dyn fmt::Write,
    change: &Change,
    indent: usize,
    page: &Page<'_>,
) -> fmt::Result {
    let schema = page.schema(&change.addr);
    let found = differences(change, schema.as_deref());
    let waits = page.waits(change);
    for (name, parts) in &found.attributes {
        let mut remarks = Vec::new();
        if heading::forces(change, name) {
            remarks.push(page.paint.tone(Tone::Remove, "# forces replacement"));
        }
        if let Some(wait) = Wait::of_attribute(&waits, name) {
            remarks.push(page.paint.tone(Tone::Warn, &wait));
        }
        let attribute = schema.as_ref().and_then(|schema| schema.attribute(name));
        if let Some(impact) = attribute.and_then(|attribute| attribute.impact.as_ref())
            && change.action == Action::Update
        {
            remarks.push(page.paint.tone(Tone::Warn, impact));
        }
        let line = Line { name, remark: remarks.join("  "), indent, page };
        part_by_part(out, &line, parts, schema.as_deref())?;
    }
    let anew = matches!(change.action, Action::Replace(_));
    if !found.recomputed.is_empty() && (page.view.full || !anew) {
        let list = if page.view.full || found.recomputed.len() <= NAMES {
            format!("{} {}", found.recomputed.join(", "), value::UNKNOWN)
        } else {
            format!("{} {}", layout::count(found.recomputed.len(), "attribute"), value::UNKNOWN)
        };
        for line in layout::wrap(&list, page.room(indent + 2)) {
            writeln!(out, "{:indent$}  {}", "", page.faint(&line))?;
        }
    }
    if page.view.full {
        unchanged(out, change, &found, indent, page)?;
    }
    Ok(())
}

/// Lists what stays as it is.
fn unchanged(
    out: &mut dyn fmt::Write,
    change: &Change,
    found: &Differences,
    indent: usize,
    page: &Page<'_>,
) -> fmt::Result {
    let Some(fields) = change.after.as_ref().and_then(Value::fields) else { return Ok(()) };
    let schema = page.schema(&change.addr);
    let items: Vec<String> = ordered(fields, schema.as_deref())
        .into_iter()
        .filter(|name| !found.attributes.iter().any(|(changed, _)| changed == *name))
        .filter_map(|name| Some((name, fields.get(name)?)))
        .filter(|(_, part)| part.is_known() && !part.is_null())
        .map(|(name, part)| {
            let attribute = schema.as_ref().and_then(|schema| schema.attribute(name));
            format!("{} = {}", value::key(name), with_unit(part, attribute))
        })
        .collect();
    for line in layout::flow(&items, page.room(indent + 2)) {
        writeln!(out, "{:indent$}  {}", "", page.faint(&line))?;
    }
    Ok(())
}

/// The beginning and the end of an attribute's line.
struct Line<'l> {
    name: &'l str,
    remark: String,
    indent: usize,
    page: &'l Page<'l>,
}

impl Line<'_> {
    /// Writes a line with everything on it if it fits; returns whether it did.
    fn fits(&self, out: &mut dyn fmt::Write, sign: char, text: &str) -> Result<bool, fmt::Error> {
        let Self { name, remark, indent, page } = self;
        let end = if remark.is_empty() { String::new() } else { format!("   {remark}") };
        let wide = layout::columns(name) + 4 + layout::columns(text) + layout::columns(&end);
        let room = page.room(*indent);
        let indent = *indent;
        if wide > room && wide - layout::columns(&end) <= room && !remark.is_empty() {
            writeln!(out, "{:indent$}{} {name}: {text}", "", signed(sign, page.paint))?;
            for line in layout::wrap(remark, page.room(indent + 4)) {
                self.below(out, &line)?;
            }
            return Ok(true);
        }
        if wide > room {
            return Ok(false);
        }
        writeln!(out, "{:indent$}{} {name}: {text}{end}", "", signed(sign, page.paint))?;
        Ok(true)
    }

    /// Writes the first of several lines.
    fn open(&self, out: &mut dyn fmt::Write, sign: char, what: &str) -> fmt::Result {
        let Self { name, remark, indent, page } = self;
        let indent = *indent;
        let what = if what.is_empty() { String::new() } else { format!(" {}", page.faint(what)) };
        let end = if remark.is_empty() { String::new() } else { format!("   {remark}") };
        writeln!(out, "{:indent$}{} {name}:{what}{end}", "", signed(sign, page.paint))
    }

    fn below(&self, out: &mut dyn fmt::Write, text: &str) -> fmt::Result {
        let indent = self.indent + 4;
        writeln!(out, "{:indent$}{text}", "")
    }
}

fn part_by_part(
    out: &mut dyn fmt::Write,
    line: &Line<'_>,
    parts: &[Difference],
    schema: Option<&ResourceSchema>,
) -> fmt::Result {
    let page = line.page;
    if let [only] = parts
        && only.label.is_empty()
    {
        return whole(out, line, only, schema);
    }
    let texts: Vec<String> = parts.iter().map(|part| part_text(part, page)).collect();
    let json = parts.iter().any(|part| part.nature == Nature::Json);
    let several = parts.iter().any(|part| part.nature == Nature::Lines);
    if !json && !several && parts.len() <= PARTS && line.fits(out, '~', &texts.join("  "))? {
        return Ok(());
    }
    line.open(out, '~', if json { "within its JSON" } else { "" })?;
    let most = if page.view.full { parts.len() } else { PARTS };
    for (part, text) in parts.iter().zip(&texts).take(most) {
        if part.nature == Nature::Lines {
            line.below(out, &format!("{} {}:", signed('~', page.paint), part.label))?;
            lines(out, part, line.indent + 8, page)?;
        } else if layout::columns(text) <= page.room(line.indent + 4) {
            line.below(out, text)?;
        } else {
            long(out, part, line.indent + 4, page)?;
        }
    }
    if parts.len() > most {
        let rest = format!("… {} more", layout::grouped(parts.len() - most));
        line.below(out, &page.faint(&rest))?;
    }
    Ok(())
}

/// An attribute that differs as a whole.
fn whole(
    out: &mut dyn fmt::Write,
    line: &Line<'_>,
    found: &Difference,
    schema: Option<&ResourceSchema>,
) -> fmt::Result {
    let page = line.page;
    let attribute = schema.and_then(|schema| schema.attribute(line.name));
    let unit = attribute.and_then(|attribute| attribute.unit.as_ref()).filter(|_| !found.is_sensitive());
    let text = match found.nature {
        Nature::Lines => {
            line.open(out, '~', "")?;
            return lines(out, found, line.indent + 4, page);
        }
        Nature::Layout => "the same JSON, laid out differently".to_owned(),
        Nature::Secrecy => secrecy(found),
        Nature::Order => {
            let text = format!("{}   {}", one(found), page.faint("only the order"));
            if line.fits(out, '~', &text)? {
                return Ok(());
            }
            let number = found.after.as_ref().and_then(Value::elements).map_or(0, <[Value]>::len);
            format!("the same {number} elements in another order")
        }
        Nature::Plain | Nature::Json => match unit {
            Some(unit)
                if found.sign != Sign::Change
                    || found.after.as_ref().is_some_and(|value| value.as_number().is_some()) =>
            {
                format!("{} {unit}", one(found))
            }
            _ => one(found),
        },
    };
    if line.fits(out, found.sign.symbol(), &text)? {
        return Ok(());
    }
    line.open(out, found.sign.symbol(), "")?;
    long(out, found, line.indent + 4, page)
}

/// A difference whose two sides do not fit on one line.
fn long(out: &mut dyn fmt::Write, found: &Difference, indent: usize, page: &Page<'_>) -> fmt::Result {
    let room = page.room(indent + 2);
    let name = if found.label.is_empty() { String::new() } else { format!("{}: ", found.label) };
    for (sign, side) in [('-', &found.before), ('+', &found.after)] {
        let Some(value) = side.as_ref().filter(|value| !value.is_null()) else { continue };
        let text = format!("{name}{}", value::inline(value));
        let text = if page.view.full { text } else { layout::cut(&text, room) };
        writeln!(out, "{:indent$}{} {text}", "", signed(sign, page.paint))?;
    }
    Ok(())
}

fn secrecy(found: &Difference) -> String {
    let becomes = found.after.as_ref().is_some_and(|value| value.marks().is_sensitive());
    let what = if becomes { "becomes sensitive" } else { "is sensitive no longer" };
    format!("{}, stays the same and {what}", value::SENSITIVE)
}

/// Returns both sides on one line.
pub(super) fn one(found: &Difference) -> String {
    if found.nature == Nature::Secrecy {
        return secrecy(found);
    }
    let text = |side: &Option<Value>| {
        let shown = side.as_ref().filter(|value| !value.is_null() || value.marks().is_sensitive());
        shown.map(value::inline)
    };
    match (text(&found.before), text(&found.after)) {
        (Some(before), Some(after)) if before == after => format!("{after} (changed)"),
        (Some(before), Some(after)) => format!("{before} -> {after}"),
        (None, Some(after)) => after,
        (Some(before), None) => format!("{before} -> null"),
        (None, None) => "null".to_owned(),
    }
}

/// Returns the side of a part that is there: as it will be, or as it was.
pub(super) fn side(found: &Difference) -> String {
    let after = found.after.as_ref().filter(|_| found.sign != Sign::Remove);
    after.or(found.before.as_ref()).map(value::inline).unwrap_or_default()
}

/// Returns a part of an attribute with its sign.
pub(super) fn part_text(found: &Difference, page: &Page<'_>) -> String {
    let sign = signed(found.sign.symbol(), page.paint);
    let text = if found.sign == Sign::Change { one(found) } else { side(found) };
    match (found.label.as_str(), found.sign) {
        ("", _) => format!("{sign} {text}"),
        (label, Sign::Change) => format!("{sign} {label}: {text}"),
        // Elements of lists and sets are what they are.
        (label, _) if label.ends_with(']') => format!("{sign} {label}: {text}"),
        (label, _) => format!("{sign} {label} = {text}"),
    }
}

/// Draws the lines of a text that differ, with their surroundings.
fn lines(out: &mut dyn fmt::Write, found: &Difference, indent: usize, page: &Page<'_>) -> fmt::Result {
    let text = |side: &Option<Value>| {
        side.as_ref().and_then(Value::as_str).map(ToString::to_string).unwrap_or_default()
    };
    let (old, new) = (text(&found.before), text(&found.after));
    let diff = similar::TextDiff::from_lines(&old, &new);
    let mut drawn = Vec::new();
    let mut end = 0;
    for group in diff.grouped_ops(CONTEXT) {
        let start = group.first().map_or(0, |op| op.old_range().start);
        if start > end {
            drawn.push(page.faint(&format!("  … {} unchanged", layout::count(start - end, "line"))));
        }
        end = group.last().map_or(end, |op| op.old_range().end);
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let sign = match change.tag() {
                similar::ChangeTag::Equal => " ".to_owned(),
                similar::ChangeTag::Delete => signed('-', page.paint),
                similar::ChangeTag::Insert => signed('+', page.paint),
            };
            let shown: String = change
                .value()
                .trim_end_matches('\n')
                .chars()
                .map(|c| if c == '\t' { ' ' } else { c })
                .filter(|c| !c.is_control())
                .collect();
            let shown = if page.view.full { shown } else { layout::cut(&shown, page.room(indent + 2)) };
            drawn.push(format!("{sign} {shown}"));
        }
    }
    let all = old.lines().count();
    if all > end {
        drawn.push(page.faint(&format!("  … {} unchanged", layout::count(all - end, "line"))));
    }
    let most = if page.view.full { drawn.len() } else { PARTS * 2 };
    for line in drawn.iter().take(most) {
        writeln!(out, "{:indent$}{}", "", line.trim_end())?;
    }
    if drawn.len() > most {
        writeln!(out, "{:indent$}{}", "", page.faint(&format!("… {} more lines", drawn.len() - most)))?;
    }
    Ok(())
}
