//! Values as people read them: HCL on one line, secrets hidden part by part.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::value::Data;
use crate::value::Value;

/// What stands for a value that must not be shown.
pub const SENSITIVE: &str = "(sensitive value)";

/// What stands for a value that is not known yet.
pub const UNKNOWN: &str = "(known after apply)";

/// Returns a value as HCL on one line. Sensitive and unknown parts are replaced, nulls in objects left out.
#[must_use]
pub fn inline(value: &Value) -> String {
    let mut text = String::new();
    write_inline(&mut text, value);
    text
}

fn write_inline(out: &mut String, value: &Value) {
    if value.marks().is_sensitive() {
        out.push_str(SENSITIVE);
        return;
    }
    match value.data() {
        Data::Null(_) => out.push_str("null"),
        Data::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Data::Number(number) => out.push_str(&number.to_string()),
        Data::String(text) => out.push_str(&quoted(text)),
        Data::Unknown(_) => out.push_str(UNKNOWN),
        Data::List(_, parts) | Data::Set(_, parts) | Data::Tuple(parts) => {
            out.push('[');
            for (index, part) in parts.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                write_inline(out, part);
            }
            out.push(']');
        }
        Data::Map(_, parts) | Data::Object(parts) => {
            let object = matches!(value.data(), Data::Object(_));
            let mut first = true;
            for (name, part) in parts.iter() {
                if object && part.is_null() && !part.marks().is_sensitive() {
                    continue;
                }
                out.push_str(if first { "{ " } else { ", " });
                first = false;
                out.push_str(&key(name));
                out.push_str(" = ");
                write_inline(out, part);
            }
            out.push_str(if first { "{}" } else { " }" });
        }
    }
}

/// Returns a name as an object key: bare if it can be, quoted otherwise.
#[must_use]
pub fn key(name: &str) -> String {
    let mut chars = name.chars();
    let bare = chars.next().is_some_and(|c| c == '_' || c.is_alphabetic())
        && chars.all(|c| c == '_' || c == '-' || c.is_alphanumeric());
    if bare { name.to_owned() } else { quoted(name) }
}

/// Returns a text as a quoted HCL string on one line; control characters are escaped.
#[must_use]
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '$' | '%' if chars.peek() == Some(&'{') => {
                out.push(c);
                out.push(c);
            }
            // Written to a string, which cannot fail; control characters could rewrite the terminal.
            c if c.is_control()
                || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') =>
            {
                let escaped = write!(out, "\\u{:04x}", u32::from(c));
                debug_assert!(escaped.is_ok(), "writing to a string");
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// One difference between two values: a sign, a label and texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// `+`, `-` or `~`.
    pub sign: char,
    /// The part within the attribute, such as a key; empty for the attribute itself.
    pub label: String,
    /// As it was; none for `+`.
    pub before: Option<String>,
    /// As it will be; none for `-`.
    pub after: Option<String>,
}

/// Lists what differs between two values: keys of maps and objects by name, elements of sets and lists paired.
#[must_use]
pub fn differences(before: &Value, after: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    collect("", before, after, &mut found);
    found
}

fn collect(label: &str, before: &Value, after: &Value, found: &mut Vec<Difference>) {
    if before.marks() == after.marks() && before.same_as(after) && before.is_wholly_known() {
        return;
    }
    let hidden = before.marks().is_sensitive() || after.marks().is_sensitive();
    match (before.data(), after.data()) {
        _ if hidden => found.push(change(label, before, after)),
        (Data::Map(_, a) | Data::Object(a), Data::Map(_, b) | Data::Object(b)) => {
            let names: std::collections::BTreeSet<&Arc<str>> = a.keys().chain(b.keys()).collect();
            for name in names {
                let label = if label.is_empty() { key(name) } else { format!("{label}.{}", key(name)) };
                match (a.get(name), b.get(name)) {
                    (Some(a), Some(b)) if a.is_null() && !b.is_null() => found.push(added(&label, b)),
                    (Some(a), Some(b)) if !a.is_null() && b.is_null() => found.push(removed(&label, a)),
                    (Some(a), Some(b)) => collect(&label, a, b, found),
                    (None, Some(b)) => found.push(added(&label, b)),
                    (Some(a), None) => found.push(removed(&label, a)),
                    (None, None) => {}
                }
            }
        }
        (Data::Set(_, a), Data::Set(_, b)) => pair(label, a, b, found),
        (Data::List(_, a) | Data::Tuple(a), Data::List(_, b) | Data::Tuple(b)) => {
            if a.len() == b.len()
                && a.iter().zip(b.iter()).all(|(a, b)| a.fields().is_some() && b.fields().is_some())
            {
                for (index, (a, b)) in a.iter().zip(b.iter()).enumerate() {
                    collect(&format!("{label}[{index}]"), a, b, found);
                }
            } else {
                pair(label, a, b, found);
            }
        }
        _ => found.push(change(label, before, after)),
    }
}

/// Elements on one side only.
fn pair(label: &str, before: &[Value], after: &[Value], found: &mut Vec<Difference>) {
    let mut rest: Vec<&Value> = after.iter().collect();
    let mut gone = Vec::new();
    for value in before {
        match rest.iter().position(|other| other.same_as(value) && other.is_wholly_known()) {
            Some(position) => {
                rest.remove(position);
            }
            None => gone.push(value),
        }
    }
    if gone.is_empty() && rest.is_empty() {
        // The same elements in another order.
        let list =
            |values: &[Value]| format!("[{}]", values.iter().map(inline).collect::<Vec<_>>().join(", "));
        found.push(Difference {
            sign: '~',
            label: label.to_owned(),
            before: Some(list(before)),
            after: Some(list(after)),
        });
        return;
    }
    found.extend(gone.into_iter().map(|value| removed(label, value)));
    found.extend(rest.into_iter().map(|value| added(label, value)));
}

fn change(label: &str, before: &Value, after: &Value) -> Difference {
    let (before, after) = match (before.is_null(), after.is_null()) {
        (true, false) if !before.marks().is_sensitive() => return added(label, after),
        (false, true) => return removed(label, before),
        _ => (inline(before), inline(after)),
    };
    Difference { sign: '~', label: label.to_owned(), before: Some(before), after: Some(after) }
}

fn added(label: &str, value: &Value) -> Difference {
    Difference { sign: '+', label: label.to_owned(), before: None, after: Some(inline(value)) }
}

fn removed(label: &str, value: &Value) -> Difference {
    Difference { sign: '-', label: label.to_owned(), before: Some(inline(value)), after: None }
}
