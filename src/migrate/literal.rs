//! Values of a state as HCL.

use std::fmt::Write as _;

use serde_json::Value as Json;

/// Returns a value as an expression.
pub(super) fn expression(value: &Json) -> String {
    let mut out = String::new();
    write(&mut out, value);
    out
}

fn write(out: &mut String, value: &Json) {
    match value {
        Json::Null => out.push_str("null"),
        // Writing to a string cannot fail.
        Json::Bool(_) | Json::Number(_) => write!(out, "{value}").unwrap_or_default(),
        Json::String(text) => out.push_str(&quoted(text)),
        Json::Array(parts) => {
            out.push('[');
            for (index, part) in parts.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                write(out, part);
            }
            out.push(']');
        }
        Json::Object(fields) => {
            out.push_str("{ ");
            for (index, (name, part)) in fields.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                out.push_str(&key(name));
                out.push_str(" = ");
                write(out, part);
            }
            out.push_str(" }");
        }
    }
}

/// Returns a key of an object: a name, or in quotes.
pub(super) fn key(name: &str) -> String {
    let is_name = name.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_')
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    if is_name { name.to_owned() } else { quoted(name) }
}

/// Returns a text in quotes.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '$' | '%' if letters.peek() == Some(&'{') => {
                out.push(letter);
                out.push(letter);
            }
            other => out.push(other),
        }
    }
    out.push('"');
    out
}
