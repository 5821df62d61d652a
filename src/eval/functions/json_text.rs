//! JSON texts of values: compact, with `<`, `>`, `&` and the two separators U+2028 and U+2029 escaped; and
//! values of JSON texts, with objects and tuples typed by what stands there.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::normal;
use crate::value::Data;
use crate::value::Number;
use crate::value::Value;
use std::sync::Arc;

/// Nesting beyond this is refused.
const MAX_DEPTH: usize = 500;

/// Returns a string as a JSON string.
pub(super) fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    quote_into(text, &mut out);
    out
}

fn quote_into(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => escape(c, out),
            c if u32::from(c) < 0x20 => escape(c, out),
            c => out.push(c),
        }
    }
    out.push('"');
}

fn escape(c: char, out: &mut String) {
    // Writing to a string cannot fail.
    let _written = write!(out, "\\u{:04x}", u32::from(c));
}

/// Returns the JSON text of a value that is wholly known.
pub(super) fn encode(value: &Value) -> String {
    let mut out = String::new();
    encode_into(value, &mut out);
    out
}

fn encode_into(value: &Value, out: &mut String) {
    match value.data() {
        Data::Null(_) | Data::Unknown(_) => out.push_str("null"),
        Data::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Data::Number(number) => out.push_str(&number.to_string()),
        Data::String(text) => quote_into(text, out),
        Data::List(_, parts) | Data::Set(_, parts) | Data::Tuple(parts) => {
            out.push('[');
            for (index, part) in parts.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                encode_into(part, out);
            }
            out.push(']');
        }
        Data::Map(_, fields) | Data::Object(fields) => {
            out.push('{');
            for (index, (name, part)) in fields.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                quote_into(name, out);
                out.push(':');
                encode_into(part, out);
            }
            out.push('}');
        }
    }
}

/// Reads one JSON text.
pub(super) fn decode(text: &str) -> Result<Value, String> {
    let mut reader = Reader { text, at: 0 };
    let value = reader.value(0)?;
    reader.space();
    if reader.at < text.len() {
        return Err("extraneous data after JSON object".to_owned());
    }
    Ok(value)
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    /// The complaint about the byte at hand.
    fn invalid(&self, place: &str) -> String {
        match self.peek() {
            None => "unexpected EOF".to_owned(),
            Some(byte) => {
                let shown = match byte {
                    b'\'' => "'\\''".to_owned(),
                    b'\t' => "'\\t'".to_owned(),
                    b'\n' => "'\\n'".to_owned(),
                    b'\r' => "'\\r'".to_owned(),
                    byte if byte < 0x20 || byte == 0x7f => format!("'\\x{byte:02x}'"),
                    byte => format!("'{}'", char::from(byte)),
                };
                format!("invalid character {shown}{place}")
            }
        }
    }

    fn value(&mut self, depth: usize) -> Result<Value, String> {
        if depth > MAX_DEPTH {
            return Err("exceeded max depth".to_owned());
        }
        self.space();
        match self.peek() {
            None => Err("EOF".to_owned()),
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => Ok(Value::string(normal(self.string()?))),
            Some(b't') => self.word("true", Value::bool(true)),
            Some(b'f') => self.word("false", Value::bool(false)),
            Some(b'n') => self.word("null", Value::null()),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(_) => Err(self.invalid(" looking for beginning of value")),
        }
    }

    fn word(&mut self, word: &str, value: Value) -> Result<Value, String> {
        for wanted in word.bytes() {
            if self.peek() != Some(wanted) {
                return Err(self.invalid(&format!(" in literal {word} (expecting '{}')", char::from(wanted))));
            }
            self.at += 1;
        }
        Ok(value)
    }

    fn digits(&mut self, place: &str) -> Result<(), String> {
        if !self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            return Err(self.invalid(place));
        }
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        Ok(())
    }

    fn number(&mut self) -> Result<Value, String> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits(" in numeric literal")?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits(" after decimal point in numeric literal")?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits(" in exponent of numeric literal")?;
        }
        let text = self.text.get(start..self.at).unwrap_or("0");
        Number::parse(text).map(Value::number).map_err(|error| error.to_string())
    }

    fn string(&mut self) -> Result<String, String> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let rest = self.text.get(self.at..).unwrap_or("");
            let plain =
                rest.find(|c: char| c == '"' || c == '\\' || u32::from(c) < 0x20).unwrap_or(rest.len());
            out.push_str(rest.get(..plain).unwrap_or(""));
            self.at += plain;
            match self.peek() {
                None => return Err("unexpected EOF".to_owned()),
                Some(b'"') => {
                    self.at += 1;
                    return Ok(out);
                }
                Some(b'\\') => {
                    self.at += 1;
                    self.escaped(&mut out)?;
                }
                Some(_) => return Err(self.invalid(" in string literal")),
            }
        }
    }

    fn escaped(&mut self, out: &mut String) -> Result<(), String> {
        let c = match self.peek() {
            Some(b @ (b'"' | b'\\' | b'/')) => char::from(b),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.at += 1;
                let first = self.hex()?;
                let c = if (0xd800..0xdc00).contains(&first) {
                    self.second_half(first)?
                } else {
                    char::from_u32(first)
                };
                out.push(c.unwrap_or('\u{fffd}'));
                return Ok(());
            }
            _ => return Err(self.invalid(" in string escape code")),
        };
        self.at += 1;
        out.push(c);
        Ok(())
    }

    /// Reads the second half of a surrogate pair, if it stands there.
    fn second_half(&mut self, first: u32) -> Result<Option<char>, String> {
        let start = self.at;
        if self.text.get(self.at..).is_some_and(|rest| rest.starts_with("\\u")) {
            self.at += 2;
            let second = self.hex()?;
            if (0xdc00..0xe000).contains(&second) {
                return Ok(char::from_u32(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)));
            }
            self.at = start;
        }
        Ok(None)
    }

    fn hex(&mut self) -> Result<u32, String> {
        let mut value = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16));
            value = value * 16 + digit.ok_or_else(|| self.invalid(" in \\u hexadecimal character escape"))?;
            self.at += 1;
        }
        Ok(value)
    }

    fn array(&mut self, depth: usize) -> Result<Value, String> {
        self.at += 1;
        let mut parts = Vec::new();
        self.space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Value::tuple(parts));
        }
        loop {
            parts.push(self.value(depth + 1)?);
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(Value::tuple(parts));
                }
                None => return Err("EOF".to_owned()),
                Some(_) => return Err(self.invalid(" after array element")),
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value, String> {
        self.at += 1;
        let mut fields: BTreeMap<Arc<str>, Value> = BTreeMap::new();
        self.space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Value::object(Vec::<(Arc<str>, Value)>::new()));
        }
        loop {
            self.space();
            match self.peek() {
                Some(b'"') => {}
                None => return Err("EOF".to_owned()),
                Some(b'}') => return Err(self.invalid(" looking for beginning of object key string")),
                Some(_) => return Err(self.invalid("")),
            }
            let name = self.string()?;
            // Names of attributes are compared as they are, so only normalised ones can exist.
            let normalised = normal(name.clone());
            if *normalised != *name {
                return Err(format!("unsupported attribute \"{name}\""));
            }
            self.space();
            if self.peek() != Some(b':') {
                return Err(self.invalid(" after object key"));
            }
            self.at += 1;
            fields.insert(normalised, self.value(depth + 1)?);
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(Value::object(fields));
                }
                None => return Err("EOF".to_owned()),
                Some(_) => return Err(self.invalid(" after object key:value pair")),
            }
        }
    }
}
