//! The attributes of a whole object: what is set, in the order of the schema.

use std::fmt;
use std::sync::Arc;

use crate::addr::InstanceAddr;
use crate::schema::Attribute;
use crate::schema::Mode;
use crate::schema::ResourceSchema;
use crate::value::Fields;
use crate::value::Value;

use super::super::paint::Tone;
use super::super::state::block;
use super::super::value;
use super::layout;
use super::page::Page;
use super::page::with_unit;

/// Most lines that one value takes in a folded view.
const LINES: usize = 6;

/// Returns the names of an object's attributes in the order of its schema; others come last.
pub(super) fn ordered<'f>(fields: &'f Fields, schema: Option<&ResourceSchema>) -> Vec<&'f Arc<str>> {
    let rank = |name: &str| {
        let known =
            schema.and_then(|schema| schema.attributes.iter().position(|attribute| &*attribute.name == name));
        known.unwrap_or(usize::MAX)
    };
    let mut names: Vec<&Arc<str>> = fields.keys().collect();
    names.sort_by_key(|name| (rank(name), Arc::clone(name)));
    names
}

/// Whether a value is an empty text or collection, which is not worth a place in a folded view.
pub(super) fn is_empty(value: &Value) -> bool {
    !value.marks().is_sensitive()
        && (value.as_str().is_some_and(|text| text.is_empty())
            || value.elements().is_some_and(<[Value]>::is_empty)
            || value.fields().is_some_and(Fields::is_empty))
}

/// Whether a value stands for nothing that anybody decided: the service's own, or the schema's default.
pub(super) fn goes_without_saying(value: &Value, attribute: Option<&Attribute>) -> bool {
    let Some(attribute) = attribute else { return false };
    let default = attribute.default.as_ref().is_some_and(|default| default.same_as(value));
    !value.marks().is_sensitive() && (attribute.mode == Mode::Computed || default)
}

/// Draws the attributes of an object.
pub(super) fn write(
    out: &mut dyn fmt::Write,
    addr: &InstanceAddr,
    object: &Value,
    sign: char,
    indent: usize,
    page: &Page<'_>,
) -> fmt::Result {
    let Some(fields) = object.fields() else { return Ok(()) };
    let schema = page.schema(addr);
    let full = page.view.full;
    let mut items = Items { lines: Vec::new(), flowing: Vec::new(), room: page.room(indent + 2) };
    let mut later = Vec::new();
    for name in ordered(fields, schema.as_deref()) {
        let Some(part) = fields.get(name) else { continue };
        let hidden = part.marks().is_sensitive();
        if part.is_null() && !hidden {
            continue;
        }
        let attribute = schema.as_ref().and_then(|schema| schema.attribute(name));
        if !part.is_known() && !hidden {
            // What the configuration decides is told even if it is not known; what the service decides only in full.
            let decided =
                attribute.is_some_and(|attribute| matches!(attribute.mode, Mode::Required | Mode::Optional));
            if decided {
                items.flowing.push(format!("{} = {}", value::key(name), value::UNKNOWN));
            } else {
                later.push(name.to_string());
            }
            continue;
        }
        if part.is_null() || (!full && (is_empty(part) || goes_without_saying(part, attribute))) {
            continue;
        }
        items.add(&value::key(name), part, &with_unit(part, attribute), full);
    }
    items.flush();
    let sign_text = super::signed(sign, page.paint);
    for line in &items.lines {
        writeln!(out, "{:indent$}{sign_text} {line}", "")?;
    }
    if full && !later.is_empty() {
        let list = format!("{} {}", later.join(", "), value::UNKNOWN);
        for line in layout::wrap(&list, page.room(indent + 2)) {
            writeln!(out, "{:indent$}{sign_text} {}", "", page.paint.tone(Tone::Faint, &line))?;
        }
    }
    Ok(())
}

/// Attributes on their way to lines: short ones share a line, long ones have lines of their own.
struct Items {
    lines: Vec<String>,
    flowing: Vec<String>,
    room: usize,
}

impl Items {
    fn flush(&mut self) {
        let lines = layout::flow(&self.flowing, self.room);
        self.lines.extend(lines);
        self.flowing.clear();
    }

    fn add(&mut self, name: &str, part: &Value, text: &str, full: bool) {
        let item = format!("{name} = {text}");
        let whole = part.is_wholly_known() && !part.marks_deep().is_sensitive();
        let texts = part.as_str().is_some_and(|text| text.contains('\n'));
        if full && texts && whole {
            self.flush();
            self.lines.extend(format!("{name} = {}", block(part, 0)).lines().map(ToOwned::to_owned));
            return;
        }
        if layout::columns(&item) <= self.room {
            self.flowing.push(item);
            return;
        }
        self.flush();
        let lines = spread(name, part, self.room, full);
        let few = if full { lines.len() } else { LINES };
        let rest = lines.len().saturating_sub(few);
        let (last, inner) =
            lines.split_last().map_or((None, [].as_slice()), |(last, inner)| (Some(last), inner));
        if rest <= 1 {
            self.lines.extend(lines.iter().cloned());
            return;
        }
        self.lines.extend(inner.iter().take(few.saturating_sub(1)).cloned());
        self.lines.push(format!("  … {rest} more lines"));
        self.lines.extend(last.cloned());
    }
}

/// Returns a value over as many lines as it needs: short parts share a line, long ones have lines of their own.
fn spread(name: &str, part: &Value, room: usize, full: bool) -> Vec<String> {
    let inline = value::inline(part);
    let lead = if name.is_empty() { String::new() } else { format!("{name} = ") };
    let whole = format!("{lead}{inline}");
    let hidden = part.marks().is_sensitive();
    let parts: Vec<(String, &Value)> = match (part.fields(), part.elements()) {
        _ if hidden => Vec::new(),
        (Some(fields), _) => fields
            .iter()
            .filter(|(_, part)| !part.is_null() || part.marks().is_sensitive())
            .map(|(name, part)| (value::key(name), part))
            .collect(),
        (None, Some(elements)) => elements.iter().map(|part| (String::new(), part)).collect(),
        (None, None) => Vec::new(),
    };
    if parts.is_empty() || layout::columns(&whole) <= room {
        let rest = room.saturating_sub(layout::columns(&lead)).max(16);
        return vec![if full { whole } else { format!("{lead}{}", layout::cut(&inline, rest)) }];
    }
    let inner = room.saturating_sub(2).max(16);
    let (open, close) = if part.fields().is_some() { ('{', '}') } else { ('[', ']') };
    let mut lines = vec![format!("{lead}{open}")];
    let mut flowing: Vec<String> = Vec::new();
    for (name, part) in parts {
        let spread = spread(&name, part, inner, full);
        if let [short] = spread.as_slice() {
            flowing.push(short.clone());
            continue;
        }
        lines.extend(layout::flow(&flowing, inner).into_iter().map(|line| format!("  {line}")));
        flowing.clear();
        lines.extend(spread.into_iter().map(|line| format!("  {line}")));
    }
    lines.extend(layout::flow(&flowing, inner).into_iter().map(|line| format!("  {line}")));
    lines.push(close.to_string());
    lines
}
