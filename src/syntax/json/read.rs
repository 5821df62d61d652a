//! JSON text to values with spans.

use crate::diag::Checked;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::source::SourceId;
use crate::source::Span;
use crate::value::Number;

use super::super::parse::MAX_DEPTH;
use super::Member;
use super::Node;
use super::NodeKind;
use super::Text;

/// Texts from this size on are refused: spans count bytes in 32 bits.
const MAX_BYTES: usize = 256 << 20;

/// Parses a whole JSON text. JSON has no lines to go on at, so the first mistake ends it.
pub fn parse(source: SourceId, text: &str) -> Checked<Node> {
    if text.len() > MAX_BYTES {
        return Checked::failed(
            Diagnostic::error(Code::TooLarge, "this file is larger than 256 MiB")
                .at(Span::new(source, 0, 0), "")
                .hint("split it into several files"),
        );
    }
    let mut reader = Reader { source, text, at: 0, depth: 0 };
    // A byte order mark is no part of the text.
    if text.starts_with('\u{feff}') {
        reader.at = '\u{feff}'.len_utf8();
    }
    let read = reader.value().and_then(|node| {
        reader.blank();
        match reader.peek() {
            None => Ok(node),
            Some(_) => Err(reader.found("the file should end here").hint("a JSON file holds one value")),
        }
    });
    match read {
        Ok(node) => Checked::with(node, crate::diag::Diagnostics::new()),
        Err(found) => Checked::failed(*found),
    }
}

type Read<T> = Result<T, Box<Diagnostic>>;

struct Reader<'t> {
    source: SourceId,
    text: &'t str,
    at: usize,
    depth: u32,
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

trait Hinted {
    fn hint(self, hint: &str) -> Self;
}

impl Hinted for Box<Diagnostic> {
    fn hint(self, hint: &str) -> Self {
        Self::new((*self).hint(hint))
    }
}

impl Reader<'_> {
    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.source, offset(start), offset(end))
    }

    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn blank(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
    }

    /// A finding at the next character.
    fn found(&self, summary: &str) -> Box<Diagnostic> {
        let width = self.peek().map_or(0, char::len_utf8);
        let label = match self.peek() {
            None => "the file ends here".to_owned(),
            Some(c) => format!("found `{}`", c.escape_default()),
        };
        Box::new(
            Diagnostic::error(Code::Syntax, format!("not valid JSON: {summary}"))
                .at(self.span(self.at, self.at + width), label),
        )
    }

    fn value(&mut self) -> Read<Node> {
        self.blank();
        let start = self.at;
        let kind = match self.peek() {
            Some('{') => self.object()?,
            Some('[') => self.array()?,
            Some('"') => NodeKind::String(self.string()?),
            Some('-' | '0'..='9') => NodeKind::Number(self.number()?),
            Some('\'') => {
                return Err(self.found("a value is missing").hint("write strings in double quotes"));
            }
            Some('/' | '#') => {
                return Err(self
                    .found("JSON has no comments")
                    .hint("write a member with the name `//`: `\"//\": \"the comment\"`"));
            }
            _ => {
                let rest = self.rest();
                let word: &str =
                    rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or_default();
                let kind = match word {
                    "null" => NodeKind::Null,
                    "true" => NodeKind::Bool(true),
                    "false" => NodeKind::Bool(false),
                    "" => return Err(self.found("a value is missing")),
                    word => {
                        let summary = format!("not valid JSON: `{word}` is not a value");
                        let found = Diagnostic::error(Code::Syntax, summary)
                            .at(self.span(start, start + word.len()), "")
                            .hint(format!(
                                "write strings and expressions in double quotes: `\"${{{word}}}\"`"
                            ));
                        return Err(Box::new(found));
                    }
                };
                self.at += word.len();
                kind
            }
        };
        Ok(Node { kind, span: self.span(start, self.at) })
    }

    /// Enters `{` or `[`.
    fn enter(&mut self) -> Read<()> {
        if self.depth >= MAX_DEPTH {
            let summary = format!("this is nested more than {MAX_DEPTH} levels deep");
            let found = Diagnostic::error(Code::TooDeep, summary).at(self.span(self.at, self.at + 1), "");
            return Err(Box::new(found));
        }
        self.depth += 1;
        self.at += 1;
        self.blank();
        Ok(())
    }

    /// After a value within brackets: whether another one follows.
    fn goes_on(&mut self, open: usize, close: char) -> Read<bool> {
        self.blank();
        match self.peek() {
            Some(',') => {
                self.at += 1;
                self.blank();
                if self.peek() == Some(close) {
                    return Err(self
                        .found("a comma is followed by nothing")
                        .hint("remove the comma before the bracket"));
                }
                Ok(true)
            }
            Some(c) if c == close => {
                self.at += 1;
                self.depth -= 1;
                Ok(false)
            }
            None => Err(Box::new(
                Diagnostic::error(Code::UnclosedBracket, "not valid JSON: a bracket is not closed")
                    .at(self.span(open, open + 1), format!("`{close}` is missing"))
                    .at(self.span(self.at, self.at), "the file ends here"),
            )),
            Some(_) => Err(self.found(&format!("`,` or `{close}` is missing"))),
        }
    }

    fn array(&mut self) -> Read<NodeKind> {
        let open = self.at;
        self.enter()?;
        let mut elements = Vec::new();
        if self.peek() == Some(']') {
            self.at += 1;
            self.depth -= 1;
            return Ok(NodeKind::Array(elements));
        }
        loop {
            elements.push(self.value()?);
            if !self.goes_on(open, ']')? {
                return Ok(NodeKind::Array(elements));
            }
        }
    }

    fn object(&mut self) -> Read<NodeKind> {
        let open = self.at;
        self.enter()?;
        let mut members = Vec::new();
        if self.peek() == Some('}') {
            self.at += 1;
            self.depth -= 1;
            return Ok(NodeKind::Object(members));
        }
        loop {
            let start = self.at;
            if self.peek().is_none() {
                self.goes_on(open, '}')?;
            }
            if self.peek() != Some('"') {
                return Err(self.found("a name in double quotes is missing"));
            }
            let name = self.string()?;
            let name_span = self.span(start, self.at);
            self.blank();
            if self.peek() != Some(':') {
                let found = self.found("`:` is missing after the name");
                return Err(if self.peek() == Some('=') {
                    found.hint("write `:` in place of `=`")
                } else {
                    found
                });
            }
            self.at += 1;
            members.push(Member { name, name_span, value: self.value()? });
            if !self.goes_on(open, '}')? {
                return Ok(NodeKind::Object(members));
            }
        }
    }

    fn number(&mut self) -> Read<Number> {
        let start = self.at;
        let rest = self.rest();
        let length = rest.len()
            - rest.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || "+-.".contains(c)).len();
        let text = rest.get(..length).unwrap_or_default();
        let number = if is_number(text) { Number::parse(text).ok() } else { None };
        let Some(number) = number else {
            let found =
                Diagnostic::error(Code::InvalidNumber, format!("not valid JSON: `{text}` is not a number"))
                    .at(self.span(start, start + length), "");
            return Err(Box::new(found));
        };
        self.at += length;
        Ok(number)
    }

    fn string(&mut self) -> Read<Text> {
        let open = self.at;
        self.at += 1;
        let mut value = String::new();
        let mut escapes = Vec::new();
        let mut more = 0_u32;
        loop {
            let rest = self.rest();
            let plain = rest.find(|c: char| c == '"' || c == '\\' || c < ' ').unwrap_or(rest.len());
            value.push_str(rest.get(..plain).unwrap_or_default());
            self.at += plain;
            match self.peek() {
                Some('"') => {
                    self.at += 1;
                    return Ok(Text { value: value.into(), escapes });
                }
                Some('\\') => {
                    let start = self.at;
                    let c = self.escape()?;
                    value.push(c);
                    more += offset(self.at - start - c.len_utf8());
                    escapes.push((offset(value.len()), more));
                }
                Some('\n' | '\r') | None => {
                    return Err(Box::new(
                        Diagnostic::error(Code::UnterminatedString, "not valid JSON: a string is not closed")
                            .at(self.span(open, self.at), "")
                            .hint("close it with `\"`; write line ends as `\\n`"),
                    ));
                }
                Some(_) => return Err(self.found("control characters must be escaped in strings")),
            }
        }
    }

    fn escape(&mut self) -> Read<char> {
        let start = self.at;
        self.at += 1;
        let simple = match self.peek() {
            Some('"') => '"',
            Some('\\') => '\\',
            Some('/') => '/',
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('u') => return self.unicode(start),
            other => {
                let end = self.at + other.map_or(0, char::len_utf8);
                let found = Diagnostic::error(Code::InvalidEscape, "not valid JSON: unknown escape sequence")
                    .at(self.span(start, end), "")
                    .hint("known are `\\\"`, `\\\\`, `\\/`, `\\b`, `\\f`, `\\n`, `\\r`, `\\t` and `\\uXXXX`");
                return Err(Box::new(found));
            }
        };
        self.at += 1;
        Ok(simple)
    }

    /// `\uXXXX`, or two of them for a character beyond the first 65536. Halves of such pairs have no meaning and
    /// become the replacement character.
    fn unicode(&mut self, start: usize) -> Read<char> {
        let first = self.four_digits(start)?;
        if !(0xd800..0xdc00).contains(&first) {
            return Ok(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        let after = self.at;
        if self.rest().starts_with("\\u") {
            self.at += 1;
            let second = self.four_digits(after)?;
            if (0xdc00..0xe000).contains(&second) {
                let code = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.at = after;
        }
        Ok(char::REPLACEMENT_CHARACTER)
    }

    /// The digits after `u`, at which the reader stands.
    fn four_digits(&mut self, start: usize) -> Read<u32> {
        let digits =
            self.rest().get(1..5).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let Some(code) = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()) else {
            let found =
                Diagnostic::error(Code::InvalidEscape, "not valid JSON: `\\u` needs four hexadecimal digits")
                    .at(self.span(start, self.at + 1), "");
            return Err(Box::new(found));
        };
        self.at += 5;
        Ok(code)
    }
}

/// Whether a text is a number of JSON: no leading zero, digits on both sides of the point.
fn is_number(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))),
        None => (text, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(digits)
}
