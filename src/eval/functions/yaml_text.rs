//! YAML texts of values: block style, keys and strings in double quotes, strings of several lines as literal
//! blocks.

use std::fmt::Write as _;

use crate::value::Data;
use crate::value::Value;

/// Keys longer than this are written in the explicit form.
const LONGEST_SIMPLE_KEY: usize = 128;

/// Returns the YAML text of a value that is wholly known.
pub(super) fn encode(value: &Value) -> String {
    let mut out = String::new();
    match value.data() {
        Data::Null(_) | Data::Bool(_) | Data::Number(_) | Data::Unknown(_) => {
            scalar(value, 0, &mut out);
            // The end of a document must follow a plain scalar, which could go on otherwise.
            out.push_str("\n...\n");
        }
        Data::String(_) => {
            scalar(value, 0, &mut out);
            end_line(&mut out);
        }
        _ => block(value, 0, &mut out),
    }
    out
}

fn end_line(out: &mut String) {
    if !out.ends_with('\n') {
        out.push('\n');
    }
}

/// The kinds of collection that have lines of their own.
enum Lines<'v> {
    Sequence(&'v [Value]),
    Mapping(&'v crate::value::Fields),
}

fn lines(value: &Value) -> Option<Lines<'_>> {
    match value.data() {
        Data::List(_, parts) | Data::Set(_, parts) | Data::Tuple(parts) if !parts.is_empty() => {
            Some(Lines::Sequence(parts))
        }
        Data::Map(_, fields) | Data::Object(fields) if !fields.is_empty() => Some(Lines::Mapping(fields)),
        _ => None,
    }
}

/// Writes a collection whose first line starts at the end of the text.
fn block(value: &Value, indent: usize, out: &mut String) {
    let start = |first: bool, out: &mut String| {
        if !first {
            out.push_str(&" ".repeat(indent));
        }
    };
    match lines(value) {
        None => {
            scalar(value, indent, out);
            end_line(out);
        }
        Some(Lines::Sequence(parts)) => {
            for (index, part) in parts.iter().enumerate() {
                start(index == 0, out);
                out.push_str("- ");
                item(part, indent, out);
            }
        }
        Some(Lines::Mapping(fields)) => {
            for (index, (name, part)) in fields.iter().enumerate() {
                start(index == 0, out);
                if name.contains('\n') || name.len() > LONGEST_SIMPLE_KEY {
                    out.push_str("? ");
                    text(name, indent, out);
                    end_line(out);
                    out.push_str(&" ".repeat(indent));
                    out.push_str(": ");
                    item(part, indent, out);
                    continue;
                }
                quoted(name, None, out);
                out.push(':');
                match lines(part) {
                    Some(Lines::Sequence(_)) => {
                        out.push('\n');
                        out.push_str(&" ".repeat(indent));
                        block(part, indent, out);
                    }
                    Some(Lines::Mapping(_)) => {
                        out.push('\n');
                        out.push_str(&" ".repeat(indent + 2));
                        block(part, indent + 2, out);
                    }
                    None => {
                        out.push(' ');
                        scalar(part, indent, out);
                        end_line(out);
                    }
                }
            }
        }
    }
}

/// Writes a value after `- `.
fn item(part: &Value, indent: usize, out: &mut String) {
    if lines(part).is_some() {
        block(part, indent + 2, out);
    } else {
        scalar(part, indent, out);
        end_line(out);
    }
}

/// Writes a value that needs no lines of its own, or a literal block below `indent`.
fn scalar(value: &Value, indent: usize, out: &mut String) {
    match value.data() {
        Data::Null(_) | Data::Unknown(_) => out.push_str("null"),
        Data::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Data::Number(number) => out.push_str(&number.to_string()),
        Data::String(string) => text(string, indent, out),
        Data::List(..) | Data::Set(..) | Data::Tuple(_) => out.push_str("[]"),
        Data::Map(..) | Data::Object(_) => out.push_str("{}"),
    }
}

fn is_printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}')
}

fn text(string: &str, indent: usize, out: &mut String) {
    let literal = string.contains('\n')
        && string.chars().all(is_printable)
        && !string.contains(" \n")
        && !string.ends_with(' ')
        && !string.contains(['\u{2028}', '\u{2029}', '\u{85}']);
    if !literal {
        quoted(string, Some(indent + 2), out);
        return;
    }
    out.push('|');
    if string.starts_with([' ', '\n']) {
        out.push('2');
    }
    if !string.ends_with('\n') {
        out.push('-');
    } else if string == "\n" || string.ends_with("\n\n") {
        out.push('+');
    }
    out.push('\n');
    for line in string.strip_suffix('\n').unwrap_or(string).split('\n') {
        if !line.is_empty() {
            out.push_str(&" ".repeat(indent + 2));
            out.push_str(line);
        }
        out.push('\n');
    }
}

/// Lines are broken at the first space after so many columns.
const LONGEST_LINE: usize = 80;

/// Writes a string in double quotes. Long ones go on in further lines with an indentation, if there may be any.
fn quoted(string: &str, indent: Option<usize>, out: &mut String) {
    out.push('"');
    let mut column = out.rsplit('\n').next().unwrap_or_default().chars().count();
    let mut after_space = false;
    for (at, c) in string.char_indices() {
        let written = out.len();
        if let Some(indent) = indent
            && c == ' '
            && !after_space
            && column > LONGEST_LINE
            && at > 0
            && at + 1 < string.len()
        {
            out.push('\n');
            out.push_str(&" ".repeat(indent));
            column = indent;
            if string.as_bytes().get(at + 1) == Some(&b' ') {
                out.push('\\');
                column += 1;
            }
            after_space = true;
            continue;
        }
        after_space = c == ' ';
        escaped(c, out);
        column += out.get(written..).map_or(0, |text| text.chars().count());
    }
    out.push('"');
}

fn escaped(c: char, out: &mut String) {
    let short = match c {
        '\0' => "\\0",
        '\u{7}' => "\\a",
        '\u{8}' => "\\b",
        '\t' => "\\t",
        '\n' => "\\n",
        '\u{b}' => "\\v",
        '\u{c}' => "\\f",
        '\r' => "\\r",
        '\u{1b}' => "\\e",
        '"' => "\\\"",
        '\\' => "\\\\",
        '\u{85}' => "\\N",
        '\u{2028}' => "\\L",
        '\u{2029}' => "\\P",
        c if is_printable(c) => {
            out.push(c);
            return;
        }
        _ => "",
    };
    out.push_str(short);
    if short.is_empty() {
        let code = u32::from(c);
        // Writing to a string cannot fail.
        let _written = if code <= 0xff {
            write!(out, "\\x{code:02X}")
        } else if code <= 0xffff {
            write!(out, "\\u{code:04X}")
        } else {
            write!(out, "\\U{code:08X}")
        };
    }
}
