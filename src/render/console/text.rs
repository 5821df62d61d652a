//! Values and types as text, the same as Terraform's console prints them.

use std::fmt::Write as _;

use crate::value::Data;
use crate::value::Fields;
use crate::value::Type;
use crate::value::Value;

/// Returns a value as text. Sensitive and unknown parts are only named.
#[must_use]
pub fn value_text(value: &Value) -> String {
    let mut out = String::new();
    write_value(&mut out, value, 0);
    out
}

/// Returns a type as `type(…)` shows it: objects and tuples over several lines.
#[must_use]
pub fn type_text(ty: &Type) -> String {
    let mut out = String::new();
    write_type(&mut out, ty, 0);
    out
}

fn write_value(out: &mut String, value: &Value, indent: usize) {
    if value.marks().is_sensitive() {
        out.push_str("(sensitive value)");
        return;
    }
    match value.data() {
        Data::Unknown(_) => out.push_str("(known after apply)"),
        Data::Null(ty) => out.push_str(&null_text(ty)),
        Data::Bool(true) => out.push_str("true"),
        Data::Bool(false) => out.push_str("false"),
        Data::Number(number) => out.push_str(&number.to_string()),
        Data::String(text) => write_string(out, text, indent),
        Data::List(_, parts) => wrapped(out, "tolist(", |out| write_sequence(out, parts, indent)),
        Data::Set(_, parts) => wrapped(out, "toset(", |out| write_sequence(out, parts, indent)),
        Data::Map(_, parts) => wrapped(out, "tomap(", |out| write_mapping(out, parts, indent)),
        Data::Tuple(parts) => write_sequence(out, parts, indent),
        Data::Object(parts) => write_mapping(out, parts, indent),
    }
}

fn null_text(ty: &Type) -> String {
    let collection =
        |name: &str, element: &Type| format!("{name}(null) /* of {} */", element.friendly_name());
    match ty {
        Type::Any => "null".to_owned(),
        Type::Bool => "tobool(null)".to_owned(),
        Type::Number => "tonumber(null)".to_owned(),
        Type::String => "tostring(null)".to_owned(),
        Type::List(element) => collection("tolist", element),
        Type::Set(element) => collection("toset", element),
        Type::Map(element) => collection("tomap", element),
        Type::Tuple(_) => "null /* tuple */".to_owned(),
        Type::Object(_) => "null /* object */".to_owned(),
    }
}

fn wrapped(out: &mut String, open: &str, inner: impl FnOnce(&mut String)) {
    out.push_str(open);
    inner(out);
    out.push(')');
}

fn write_sequence(out: &mut String, parts: &[Value], indent: usize) {
    if parts.is_empty() {
        out.push_str("[]");
        return;
    }
    out.push('[');
    for part in parts {
        new_line(out, indent + 2);
        write_value(out, part, indent + 2);
        out.push(',');
    }
    new_line(out, indent);
    out.push(']');
}

fn write_mapping(out: &mut String, parts: &Fields, indent: usize) {
    if parts.is_empty() {
        out.push_str("{}");
        return;
    }
    out.push('{');
    for (name, part) in parts {
        new_line(out, indent + 2);
        write_quoted(out, name);
        out.push_str(" = ");
        write_value(out, part, indent + 2);
    }
    new_line(out, indent);
    out.push('}');
}

fn new_line(out: &mut String, indent: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n(' ', indent));
}

/// Writes a text in quotes on one line, or as a heredoc if it has several.
fn write_string(out: &mut String, text: &str, indent: usize) {
    if !text.contains('\n') {
        write_quoted(out, text);
        return;
    }
    let mut delimiter = "EOT".to_owned();
    while text.split('\n').any(|line| line.trim() == delimiter) {
        delimiter.push('_');
    }
    out.push_str(if indent > 0 { "<<-" } else { "<<" });
    out.push_str(&delimiter);
    for line in text.split('\n') {
        new_line(out, indent);
        out.push_str(line);
    }
    new_line(out, indent);
    out.push_str(&delimiter);
}

/// Writes a text in quotes; what cannot be seen is escaped.
fn write_quoted(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{b}' => out.push_str("\\v"),
            '\u{c}' => out.push_str("\\f"),
            c if is_visible(c) => out.push(c),
            // Writing to a string cannot fail.
            c if u32::from(c) < 0x80 => drop(write!(out, "\\x{:02x}", u32::from(c))),
            c if u32::from(c) < 0x1_0000 => drop(write!(out, "\\u{:04x}", u32::from(c))),
            c => drop(write!(out, "\\U{:08x}", u32::from(c))),
        }
    }
    out.push('"');
}

fn is_visible(c: char) -> bool {
    let invisible = matches!(c, '\u{ad}' | '\u{600}'..='\u{605}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{e000}'..='\u{f8ff}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}');
    c == ' ' || (!c.is_control() && !c.is_whitespace() && !invisible)
}

fn write_type(out: &mut String, ty: &Type, depth: usize) {
    match ty {
        Type::Any => out.push_str("dynamic"),
        Type::Bool => out.push_str("bool"),
        Type::Number => out.push_str("number"),
        Type::String => out.push_str("string"),
        Type::List(element) => write_collection(out, "list(", element, depth),
        Type::Set(element) => write_collection(out, "set(", element, depth),
        Type::Map(element) => write_collection(out, "map(", element, depth),
        Type::Tuple(elements) if elements.is_empty() => out.push_str("tuple([])"),
        Type::Tuple(elements) => {
            out.push_str("tuple([");
            for element in elements.iter() {
                new_line(out, 4 * (depth + 1));
                write_type(out, element, depth + 1);
                out.push(',');
            }
            new_line(out, 4 * depth);
            out.push_str("])");
        }
        Type::Object(attributes) if attributes.is_empty() => out.push_str("object({})"),
        Type::Object(attributes) => {
            out.push_str("object({");
            for (name, attribute) in attributes.iter() {
                new_line(out, 4 * (depth + 1));
                out.push_str(name);
                out.push_str(": ");
                write_type(out, &attribute.ty, depth + 1);
                out.push(',');
            }
            new_line(out, 4 * depth);
            out.push_str("})");
        }
    }
}

/// Writes a collection; objects and tuples inside it stand on lines of their own.
fn write_collection(out: &mut String, open: &str, element: &Type, depth: usize) {
    out.push_str(open);
    if matches!(element, Type::Tuple(_) | Type::Object(_)) {
        new_line(out, 4 * (depth + 1));
        write_type(out, element, depth + 1);
        out.push(',');
        new_line(out, 4 * depth);
    } else {
        write_type(out, element, depth);
    }
    out.push(')');
}
