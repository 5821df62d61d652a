//! The verbs of format strings: `%-8s`, `%[2]d`, `%.3f` and the like.
//!
//! Splits a format string into literal text and verbs and renders one verb with one value. Widths and
//! precisions of strings count grapheme clusters.

use super::graphemes;
use super::graphemes::clusters;
use super::json_text;
use crate::value::Data;
use crate::value::Decimal;
use crate::value::Number;
use crate::value::Type;
use crate::value::Value;
use crate::value::convert;

/// One verb as written.
#[derive(Debug, Clone, Default)]
struct Verb {
    /// The text of the verb, for messages.
    raw: String,
    /// Its byte position.
    offset: usize,
    /// The argument, counted from 1.
    argument: usize,
    flags: Flags,
    width: Option<usize>,
    precision: Option<usize>,
    mode: char,
}

/// The flags of a verb.
#[derive(Debug, Clone, Copy, Default)]
struct Flags(u8);

impl Flags {
    const SHARP: u8 = 1;
    const ZERO: u8 = 2;
    const MINUS: u8 = 4;
    const PLUS: u8 = 8;
    const SPACE: u8 = 16;

    fn has(self, flag: u8) -> bool {
        self.0 & flag != 0
    }
}

/// The widest padding that is produced; wider verbs are cut, so that a typing error cannot fill the memory.
const MAX_WIDTH: usize = 1_000_000;

/// Why a format string could not be rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FormatError {
    /// The surplus argument, counted from 1, if that is the reason.
    pub(super) surplus: Option<usize>,
    /// What is wrong.
    pub(super) message: String,
}

impl From<String> for FormatError {
    fn from(message: String) -> Self {
        Self { surplus: None, message }
    }
}

/// Renders a format string with arguments that are wholly known.
pub(super) fn render(format: &str, args: &[Value]) -> Result<String, FormatError> {
    let mut out = String::new();
    let mut cursor = Cursor { text: format, at: 0 };
    let mut next = 1;
    let mut highest = 0;
    while let Some(c) = cursor.peek() {
        if c != '%' {
            out.push(c);
            cursor.at += c.len_utf8();
            continue;
        }
        let Some(verb) = cursor.verb(next)? else {
            out.push('%');
            continue;
        };
        append(&verb, args, &mut out)?;
        highest = highest.max(verb.argument);
        next = verb.argument + 1;
    }
    if highest < args.len() {
        let message = if highest == 0 {
            "too many arguments; no verbs in format string".to_owned()
        } else {
            format!("too many arguments; only {highest} used by format string")
        };
        return Err(FormatError { surplus: Some(highest + 1), message });
    }
    Ok(out)
}

struct Cursor<'t> {
    text: &'t str,
    at: usize,
}

impl Cursor<'_> {
    fn peek(&self) -> Option<char> {
        self.text.get(self.at..)?.chars().next()
    }

    fn number(&mut self) -> usize {
        let mut number = 0usize;
        while let Some(digit) = self.peek().filter(char::is_ascii_digit).and_then(|c| c.to_digit(10)) {
            number = number.saturating_mul(10).saturating_add(digit as usize);
            self.at += 1;
        }
        number
    }

    /// The complaint about the character at hand.
    fn unexpected(&self) -> String {
        match self.peek() {
            None => format!("invalid format string starting at offset {}", self.at),
            Some(c) => {
                format!("unrecognized format character {} at offset {}", quoted_char(c), self.at)
            }
        }
    }

    /// Reads from `%`; `%%` gives nothing.
    fn verb(&mut self, next: usize) -> Result<Option<Verb>, String> {
        let offset = self.at;
        let mut verb = Verb { offset, argument: next, ..Verb::default() };
        self.at += 1;
        if self.peek() == Some('%') {
            self.at += 1;
            return Ok(None);
        }
        while let Some(flag) = self.peek().and_then(|c| match c {
            '#' => Some(Flags::SHARP),
            '0' => Some(Flags::ZERO),
            '-' => Some(Flags::MINUS),
            '+' => Some(Flags::PLUS),
            ' ' => Some(Flags::SPACE),
            _ => None,
        }) {
            verb.flags.0 |= flag;
            self.at += 1;
        }
        if self.peek().is_some_and(|c| c.is_ascii_digit()) {
            verb.width = Some(self.number().min(MAX_WIDTH));
        }
        if self.peek() == Some('.') {
            self.at += 1;
            verb.precision = Some(self.number().min(MAX_WIDTH));
        }
        if self.peek() == Some('[') {
            self.at += 1;
            if !self.peek().is_some_and(|c| c.is_ascii_digit() && c != '0') {
                return Err(self.unexpected());
            }
            verb.argument = self.number();
            if self.peek() != Some(']') {
                return Err(self.unexpected());
            }
            self.at += 1;
        }
        let Some(mode) = self.peek().filter(char::is_ascii_alphabetic) else { return Err(self.unexpected()) };
        verb.mode = mode;
        self.at += 1;
        self.text.get(offset..self.at).unwrap_or("").clone_into(&mut verb.raw);
        Ok(Some(verb))
    }
}

/// A character in single quotes with the usual escapes.
fn quoted_char(c: char) -> String {
    match c {
        '\n' => "'\\n'".to_owned(),
        '\t' => "'\\t'".to_owned(),
        '\r' => "'\\r'".to_owned(),
        '\'' => "'\\''".to_owned(),
        '\\' => "'\\\\'".to_owned(),
        c if c.is_control() => format!("'\\x{:02x}'", u32::from(c)),
        c => format!("'{c}'"),
    }
}

fn append(verb: &Verb, args: &[Value], out: &mut String) -> Result<(), String> {
    let Some(value) = args.get(verb.argument.saturating_sub(1)) else {
        return Err(format!(
            "not enough arguments for \"{}\" at {}: need index {} but have {} total",
            verb.raw,
            verb.offset,
            verb.argument,
            args.len()
        ));
    };
    let unsupported = |why: &str| format!("unsupported value for \"{}\" at {}: {why}", verb.raw, verb.offset);
    if verb.mode != 'v' && value.is_null() {
        return Err(unsupported("null value cannot be formatted"));
    }
    let wanted = match verb.mode {
        'v' => {
            let text = match value.data() {
                Data::String(text) if !verb.flags.has(Flags::SHARP) => text.to_string(),
                Data::Number(number) if !verb.flags.has(Flags::SHARP) => general(number, None),
                _ => json_text::encode(value),
            };
            out.push_str(&pad(verb, text));
            return Ok(());
        }
        't' => Type::Bool,
        'b' | 'd' | 'o' | 'x' | 'X' | 'e' | 'E' | 'f' | 'g' | 'G' => Type::Number,
        's' | 'q' => Type::String,
        mode => {
            return Err(format!(
                "unsupported format verb '{mode}' in \"{}\" at offset {}",
                verb.raw, verb.offset
            ));
        }
    };
    let value = convert(value, &wanted).map_err(|error| unsupported(&error.message))?;
    match value.data() {
        Data::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Data::String(text) => {
            let text = match verb.precision {
                Some(count) => clusters(text).take(count).collect(),
                None => text.to_string(),
            };
            let text = if verb.mode == 'q' { json_text::quote(&text) } else { text };
            out.push_str(&pad(verb, text));
        }
        Data::Number(number) => match verb.mode {
            'b' | 'd' | 'o' | 'x' | 'X' => {
                let text = integer(verb, number).ok_or_else(|| unsupported("an integer is required"))?;
                out.push_str(&text);
            }
            _ => out.push_str(&float(verb, number)),
        },
        _ => return Err(unsupported("null value cannot be formatted")),
    }
    Ok(())
}

/// Pads a text to the verb's width in grapheme clusters.
fn pad(verb: &Verb, text: String) -> String {
    let Some(width) = verb.width else { return text };
    let missing = width.saturating_sub(graphemes::count(&text));
    let fill = if verb.flags.has(Flags::ZERO) { "0" } else { " " }.repeat(missing);
    if verb.flags.has(Flags::MINUS) { text + &fill } else { fill + &text }
}

fn sign(verb: &Verb, negative: bool) -> &'static str {
    if negative {
        "-"
    } else if verb.flags.has(Flags::PLUS) {
        "+"
    } else if verb.flags.has(Flags::SPACE) {
        " "
    } else {
        ""
    }
}

fn integer(verb: &Verb, number: &Number) -> Option<String> {
    let base = match verb.mode {
        'b' => 2,
        'o' => 8,
        'x' | 'X' => 16,
        _ => 10,
    };
    let mut digits = number.magnitude_in_radix(base)?;
    if verb.mode == 'X' {
        digits.make_ascii_uppercase();
    }
    let sign = sign(verb, number.is_negative() && !number.is_zero());
    let prefix = match verb.mode {
        _ if !verb.flags.has(Flags::SHARP) => "",
        'b' => "0b",
        'o' => "0",
        'x' => "0x",
        'X' => "0X",
        _ => "",
    };
    let mut zeros = 0;
    if let Some(precision) = verb.precision {
        if digits == "0" && precision == 0 {
            return Some(String::new());
        }
        zeros = precision.saturating_sub(digits.len());
    }
    let length = sign.len() + prefix.len() + zeros + digits.len();
    let missing = verb.width.unwrap_or(0).saturating_sub(length);
    let (mut left, mut right) = (0, 0);
    if verb.flags.has(Flags::MINUS) {
        right = missing;
    } else if verb.flags.has(Flags::ZERO) && verb.precision.is_none() {
        zeros = missing;
    } else {
        left = missing;
    }
    Some(format!("{}{sign}{prefix}{}{digits}{}", " ".repeat(left), "0".repeat(zeros), " ".repeat(right)))
}

fn float(verb: &Verb, number: &Number) -> String {
    let text = match (verb.mode.to_ascii_lowercase(), number.exact_decimal()) {
        (_, None) => number.to_string(),
        ('e', Some(mut digits)) => {
            let precision = verb.precision.unwrap_or(6);
            digits.round(precision + 1);
            exponential(&digits, precision)
        }
        ('f', Some(mut digits)) => {
            let precision = verb.precision.unwrap_or(6);
            digits.round_places(precision);
            digits.plain(precision)
        }
        _ => general(number, verb.precision),
    };
    let text = if verb.mode.is_ascii_uppercase() { text.to_uppercase() } else { text };
    let (negative, body) = match text.strip_prefix('-') {
        Some(body) => (true, body),
        None => (false, text.strip_prefix('+').unwrap_or(&text)),
    };
    let sign = sign(verb, negative || (number.is_infinite() && number.is_negative()));
    let missing = verb.width.unwrap_or(0).saturating_sub(sign.len() + body.len());
    if verb.flags.has(Flags::MINUS) {
        format!("{sign}{body}{}", " ".repeat(missing))
    } else if verb.flags.has(Flags::ZERO) && !number.is_infinite() {
        format!("{sign}{}{body}", "0".repeat(missing))
    } else {
        format!("{}{sign}{body}", " ".repeat(missing))
    }
}

/// One digit, `places` more, and an exponent of at least two digits.
fn exponential(digits: &Decimal, places: usize) -> String {
    let mut text = String::new();
    if digits.negative {
        text.push('-');
    }
    let mut each = digits.digits.iter().map(|digit| char::from(*digit)).chain(std::iter::repeat('0'));
    text.extend(each.by_ref().take(1));
    if places > 0 {
        text.push('.');
        text.extend(each.take(places));
    }
    let exponent = if digits.digits.is_empty() { 0 } else { digits.point - 1 };
    let sign = if exponent < 0 { '-' } else { '+' };
    text + &format!("e{sign}{:02}", exponent.unsigned_abs())
}

/// The shorter of both forms; without precision, the fewest digits that identify the number.
fn general(number: &Number, precision: Option<usize>) -> String {
    let digits = match precision {
        None => number.shortest_decimal(),
        Some(precision) => number.exact_decimal().map(|mut digits| {
            digits.round(precision.max(1));
            digits
        }),
    };
    let Some(digits) = digits else { return number.to_string() };
    let count = i64::try_from(digits.digits.len()).unwrap_or(i64::MAX);
    let limit = match precision {
        None => 6,
        Some(precision) => {
            let precision = i64::try_from(precision.max(1)).unwrap_or(i64::MAX);
            if precision > count && count >= digits.point { count } else { precision }
        }
    };
    let exponent = digits.point - 1;
    if exponent < -4 || exponent >= limit {
        return exponential(&digits, digits.digits.len().saturating_sub(1));
    }
    digits.plain(0)
}
