//! Values as people read them: HCL on one line, secrets hidden part by part.

use std::fmt::Write as _;

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
