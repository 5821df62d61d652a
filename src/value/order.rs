//! The order of the elements of a set.
//!
//! Strings, numbers and bools have their natural order. Other elements are ordered by a text made of all their
//! parts: the order is arbitrary, but it decides what `tolist` and `jsonencode` of such a set give, so it is
//! the one that Terraform uses.

#![expect(clippy::cast_possible_wrap, reason = "lengths in memory are far below the range of i64")]

use std::cmp::Ordering;
use std::fmt::Write;

use super::Data;
use super::Decimal;
use super::Number;
use super::Value;

/// Sorts the elements of a set; unknown elements come after the known ones, nulls last.
pub(super) fn sort(elements: Vec<Value>) -> Vec<Value> {
    let mut elements = elements;
    if elements.iter().all(is_primitive) {
        elements.sort_by(Value::structural_cmp);
        return elements;
    }
    let mut keyed: Vec<(u8, String, Value)> = elements
        .into_iter()
        .map(|value| {
            let rank = match value.data() {
                Data::Unknown(_) => 1,
                Data::Null(_) => 2,
                _ => 0,
            };
            let mut key = String::new();
            write_key(&value, &mut key);
            (rank, key, value)
        })
        .collect();
    keyed.sort_by(|a, b| {
        let order: Ordering = a.0.cmp(&b.0).then_with(|| a.1.as_bytes().cmp(b.1.as_bytes()));
        order.then_with(|| a.2.structural_cmp(&b.2))
    });
    keyed.into_iter().map(|(_, _, value)| value).collect()
}

fn is_primitive(value: &Value) -> bool {
    matches!(
        value.data(),
        Data::Null(_) | Data::Bool(_) | Data::Number(_) | Data::String(_) | Data::Unknown(_)
    )
}

fn write_key(value: &Value, key: &mut String) {
    let mut parts = |open: char, parts: &mut dyn Iterator<Item = &Value>, close: char| {
        key.push(open);
        for part in parts {
            write_key(part, key);
            key.push(';');
        }
        key.push(close);
    };
    match value.data() {
        Data::Unknown(_) => key.push('?'),
        Data::Null(_) => key.push('~'),
        Data::Bool(value) => key.push(if *value { 'T' } else { 'F' }),
        Data::Number(number) => key.push_str(&ten_digits(number)),
        Data::String(text) => write_quoted(text, key),
        Data::List(_, elements) | Data::Set(_, elements) => parts('[', &mut elements.iter(), ']'),
        Data::Tuple(elements) => parts('<', &mut elements.iter(), '>'),
        Data::Object(fields) => parts('<', &mut fields.values(), '>'),
        Data::Map(_, fields) => {
            key.push('{');
            for (name, part) in fields.iter() {
                write_quoted(name, key);
                key.push(':');
                write_key(part, key);
                key.push(';');
            }
            key.push('}');
        }
    }
}

fn write_quoted(text: &str, key: &mut String) {
    key.push('"');
    for character in text.chars() {
        match character {
            '"' => key.push_str("\\\""),
            '\\' => key.push_str("\\\\"),
            '\u{7}' => key.push_str("\\a"),
            '\u{8}' => key.push_str("\\b"),
            '\u{c}' => key.push_str("\\f"),
            '\n' => key.push_str("\\n"),
            '\r' => key.push_str("\\r"),
            '\t' => key.push_str("\\t"),
            '\u{b}' => key.push_str("\\v"),
            other if other < ' ' || other == '\u{7f}' => {
                // Writing to a string cannot fail.
                let _ignored: std::fmt::Result = write!(key, "\\x{:02x}", u32::from(other));
            }
            other => key.push(other),
        }
    }
    key.push('"');
}

/// A number with at most ten significant digits, with an exponent if it is very small or has more digits
/// before the point.
fn ten_digits(number: &Number) -> String {
    const DIGITS: usize = 10;
    let Some(mut decimal) = number.exact_decimal() else { return number.to_string() };
    decimal.round(DIGITS);
    let count = decimal.digits.len();
    let exponent = decimal.point - 1;
    let limit = if decimal.point <= count as i64 { count.min(DIGITS) } else { DIGITS };
    if count > 0 && (exponent < -4 || exponent >= limit as i64) {
        let mantissa = Decimal { negative: decimal.negative, digits: decimal.digits, point: 1 };
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{}e{sign}{:02}", mantissa.plain(0), exponent.unsigned_abs());
    }
    decimal.plain(0)
}
