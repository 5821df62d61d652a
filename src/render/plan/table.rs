//! Siblings: what they share once, what differs as a table.

use std::collections::BTreeMap;
use std::fmt;

use crate::addr::InstanceKey;
use crate::plan::Action;
use crate::plan::Change;
use crate::render::diff::Sign;
use crate::value::Value;

use super::super::value;
use super::attributes::goes_without_saying;
use super::attributes::is_empty;
use super::attributes::ordered;
use super::fold::Group;
use super::heading;
use super::layout;
use super::page::LONGEST;
use super::page::Page;
use super::page::with_unit;
use super::sign;
use super::tone;
use super::update;

/// Most rows of a table, and lines of keys, in a folded view.
const ROWS: usize = 20;

/// Draws the siblings below their heading.
pub(super) fn write(
    out: &mut dyn fmt::Write,
    group: &Group<'_>,
    indent: usize,
    page: &Page<'_>,
) -> fmt::Result {
    let Some(first) = group.changes.first() else { return Ok(()) };
    let action = first.action;
    if matches!(action, Action::Delete | Action::Forget | Action::NoOp) {
        return keys(out, group, indent, page);
    }
    let table = Table::of(group, page);
    for line in layout::flow(&table.shared, page.room(indent + 2)) {
        writeln!(out, "{:indent$}  {line}", "")?;
    }
    if table.columns.is_empty() {
        return keys(out, group, indent, page);
    }
    if table.width(indent) <= page.look.width {
        table.draw(out, action, indent, page)
    } else {
        table.list(out, action, indent, page)
    }
}

fn key_text(change: &Change) -> String {
    change.addr.key.as_ref().map(ToString::to_string).unwrap_or_default()
}

/// Only the keys, as many on a line as fit.
fn keys(out: &mut dyn fmt::Write, group: &Group<'_>, indent: usize, page: &Page<'_>) -> fmt::Result {
    let action = group.changes.first().map_or(Action::NoOp, |change| change.action);
    let keys: Vec<String> = group.changes.iter().map(|change| key_text(change)).collect();
    let lines = layout::flow(&keys, page.room(indent + 4));
    let mark = page.paint.tone(tone(action), sign(action));
    for line in lines.iter().take(ROWS / 2) {
        writeln!(out, "{:indent$}{mark} {line}", "")?;
    }
    if lines.len() > ROWS / 2 {
        let shown: usize = lines.iter().take(ROWS / 2).map(|line| line.split("   ").count()).sum();
        more(out, keys.len().saturating_sub(shown), indent, page)?;
    }
    Ok(())
}

fn more(out: &mut dyn fmt::Write, number: usize, indent: usize, page: &Page<'_>) -> fmt::Result {
    let text = format!("… {} more (--detail full lists them)", layout::grouped(number));
    writeln!(out, "{:indent$}  {}", "", page.faint(&text))
}

struct Table {
    /// What all rows have in common: `name = value`.
    shared: Vec<String>,
    /// What differs, in the order of the schema.
    columns: Vec<String>,
    /// Keys and cells.
    rows: Vec<(String, BTreeMap<String, String>)>,
    /// Width of each column.
    widths: Vec<usize>,
}

impl Table {
    fn of(group: &Group<'_>, page: &Page<'_>) -> Self {
        let mut order: Vec<String> = Vec::new();
        let rows: Vec<(String, BTreeMap<String, String>)> = group
            .changes
            .iter()
            .map(|change| {
                let cells = cells(change, page);
                for (name, _) in &cells {
                    if !order.contains(name) {
                        order.push(name.clone());
                    }
                }
                (key_text(change), cells.into_iter().collect())
            })
            .collect();
        let joint = match group.changes.first().map(|change| change.action) {
            Some(Action::Update | Action::Replace(_)) => ": ",
            _ => " = ",
        };
        let same = |name: &String| {
            let value = rows.first().and_then(|(_, cells)| cells.get(name))?;
            rows.iter()
                .all(|(_, cells)| cells.get(name) == Some(value))
                .then(|| format!("{name}{joint}{value}"))
        };
        let shared: Vec<String> = order.iter().filter_map(same).collect();
        let columns: Vec<String> = order.iter().filter(|name| same(name).is_none()).cloned().collect();
        let widths = columns
            .iter()
            .map(|name| {
                let cells =
                    rows.iter().map(|(_, cells)| cells.get(name).map_or(0, |cell| layout::columns(cell)));
                cells.chain([layout::columns(name)]).max().unwrap_or(0)
            })
            .collect();
        Self { shared, columns, rows, widths }
    }

    fn key_width(&self) -> usize {
        self.rows.iter().map(|(key, _)| layout::columns(key)).max().unwrap_or(0)
    }

    fn width(&self, indent: usize) -> usize {
        indent + 2 + self.key_width() + self.widths.iter().map(|width| width + 3).sum::<usize>()
    }

    fn draw(&self, out: &mut dyn fmt::Write, action: Action, indent: usize, page: &Page<'_>) -> fmt::Result {
        // Numbers stand to the right, everything else to the left.
        let numeric: Vec<bool> = self
            .columns
            .iter()
            .map(|name| {
                self.rows
                    .iter()
                    .filter_map(|(_, cells)| cells.get(name))
                    .all(|cell| cell.parse::<f64>().is_ok())
            })
            .collect();
        let line = |text: &dyn Fn(&String) -> String| -> String {
            let cells = self.columns.iter().zip(&self.widths).zip(&numeric);
            let cells: Vec<String> =
                cells.map(|((name, width), right)| layout::pad(&text(name), *width, *right)).collect();
            cells.join("   ").trim_end().to_owned()
        };
        let keys = self.key_width();
        let head = line(&|name| name.clone());
        writeln!(out, "{:indent$}  {:keys$}   {}", "", "", page.faint(&head))?;
        let mark = page.paint.tone(tone(action), sign(action));
        for (key, cells) in self.rows.iter().take(ROWS) {
            let text = line(&|name| cells.get(name).cloned().unwrap_or_default());
            let row = format!("{:indent$}{mark} {}   {text}", "", layout::pad(key, keys, false));
            writeln!(out, "{}", row.trim_end())?;
        }
        self.rest(out, indent, page)
    }

    fn list(&self, out: &mut dyn fmt::Write, action: Action, indent: usize, page: &Page<'_>) -> fmt::Result {
        let mark = page.paint.tone(tone(action), sign(action));
        let joint = if matches!(action, Action::Update | Action::Replace(_)) { ": " } else { " = " };
        for (key, cells) in self.rows.iter().take(ROWS) {
            let room = page.room(indent + 2);
            let items: Vec<String> = self
                .columns
                .iter()
                .filter_map(|name| {
                    cells
                        .get(name)
                        .map(|cell| layout::cut(&format!("{name}{joint}{cell}"), room.saturating_sub(4)))
                })
                .collect();
            let all: Vec<String> = std::iter::once(layout::pad(key, self.key_width().min(room / 3), false))
                .chain(items)
                .collect();
            for (index, line) in layout::flow(&all, room).into_iter().enumerate() {
                let lead = if index == 0 { mark.as_str() } else { "   " };
                writeln!(out, "{:indent$}{lead} {}", "", line.trim_end())?;
            }
        }
        self.rest(out, indent, page)
    }

    fn rest(&self, out: &mut dyn fmt::Write, indent: usize, page: &Page<'_>) -> fmt::Result {
        if self.rows.len() > ROWS { more(out, self.rows.len() - ROWS, indent, page) } else { Ok(()) }
    }
}

/// What one sibling has to show, in the order of the schema.
fn cells(change: &Change, page: &Page<'_>) -> Vec<(String, String)> {
    let schema = page.schema(&change.addr);
    if matches!(change.action, Action::Update | Action::Replace(_)) {
        let found = update::differences(change, schema.as_deref());
        let parts = found.attributes.iter().flat_map(|(_, parts)| parts);
        return parts
            .map(|part| {
                let text = match part.sign {
                    Sign::Change => update::one(part),
                    sign => format!("{} {}", sign.symbol(), update::side(part)),
                };
                (heading::name(part), layout::cut(&text, LONGEST))
            })
            .collect();
    }
    let Some(fields) = change.after.as_ref().and_then(Value::fields) else { return Vec::new() };
    let sent = change.sends.iter().map(|name| (name.to_string(), value::SENSITIVE.to_owned()));
    ordered(fields, schema.as_deref())
        .into_iter()
        .filter_map(|name| Some((name, fields.get(name)?)))
        .filter(|(_, part)| !part.is_null() && (part.is_known() || part.marks().is_sensitive()))
        .filter(|(_, part)| !repeats_key(part, change.addr.key.as_ref()) && !is_empty(part))
        .filter_map(|(name, part)| {
            let attribute = schema.as_ref().and_then(|schema| schema.attribute(name));
            let told = !goes_without_saying(part, attribute);
            told.then(|| (name.to_string(), layout::cut(&with_unit(part, attribute), LONGEST)))
        })
        .chain(sent)
        .collect()
}

/// Whether an attribute only says what the key says already.
fn repeats_key(value: &Value, key: Option<&InstanceKey>) -> bool {
    match (value.as_str(), key) {
        (Some(text), Some(InstanceKey::Str(key))) => text == key,
        _ => false,
    }
}
