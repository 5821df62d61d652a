//! Literals: escapes of strings, numbers, Unicode normal form.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::is_nfc;

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::value::Number;
use crate::value::Value;

use super::super::lex::Token;
use super::parser::Parser;

/// Returns a text in Unicode normal form C, as all strings and names of the language are.
pub(super) fn normalise(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || is_nfc(text) { Cow::Borrowed(text) } else { Cow::Owned(text.nfc().collect()) }
}

/// Makes the value of a literal string.
pub(super) fn string(text: &str) -> Value {
    Value::string(&*normalise(text))
}

impl Parser<'_> {
    /// The meaning of the literal text of a template: `$${` and `%%{`, and in strings the backslash escapes.
    pub(super) fn unescape(&mut self, token: Token, quoted: bool) -> String {
        let text = self.word(token);
        if !text.contains(['\\', '$', '%']) {
            return text.to_owned();
        }
        let mut result = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find(['\\', '$', '%']) {
            let (before, from) = rest.split_at(at);
            result.push_str(before);
            let (taken, meaning) = if from.starts_with("$${") || from.starts_with("%%{") {
                (3, from.get(1..3).unwrap_or_default().to_owned())
            } else if quoted && from.starts_with('\\') {
                let offset = token.end - u32::try_from(from.len()).unwrap_or(0);
                self.escape(from, offset)
            } else {
                (1, from.get(..1).unwrap_or_default().to_owned())
            };
            result.push_str(&meaning);
            rest = from.get(taken..).unwrap_or_default();
        }
        result.push_str(rest);
        result
    }

    /// One backslash escape at the start of `from`: its length and its meaning.
    fn escape(&mut self, from: &str, offset: u32) -> (usize, String) {
        let Some(second) = from.chars().nth(1) else {
            // The line ends here: the unclosed string is reported where it is.
            return (1, String::new());
        };
        let simple = match second {
            'n' => "\n",
            'r' => "\r",
            't' => "\t",
            '"' => "\"",
            '\\' => "\\",
            'u' => return self.unicode_escape(from, offset, 4),
            'U' => return self.unicode_escape(from, offset, 8),
            _ => {
                let len = 1 + second.len_utf8();
                let hint = match second {
                    '$' => "write `$${` for a literal `${`",
                    '%' => "write `%%{` for a literal `%{`",
                    '\'' => "write `'` without backslash",
                    _ => {
                        "write `\\\\` for a backslash; the escapes are \\n \\r \\t \\\" \\\\ \\uNNNN \\UNNNNNNNN"
                    }
                };
                self.invalid_escape(offset, len, format!("`\\{second}` is no escape sequence"), hint);
                return (len, String::new());
            }
        };
        (2, simple.to_owned())
    }

    fn unicode_escape(&mut self, from: &str, offset: u32, digits: usize) -> (usize, String) {
        let hex: String = from.chars().skip(2).take(digits).take_while(char::is_ascii_hexdigit).collect();
        let len = 2 + hex.len();
        let written = from.get(..len).unwrap_or_default();
        if hex.len() < digits {
            let hint = "write \\uNNNN with four or \\UNNNNNNNN with eight hexadecimal digits";
            self.invalid_escape(offset, len, format!("`{written}` needs {digits} hexadecimal digits"), hint);
            return (len, String::new());
        }
        if let Some(c) = u32::from_str_radix(&hex, 16).ok().and_then(char::from_u32) {
            return (len, c.to_string());
        }
        let hint = "write the character itself, or the number of a character up to 10FFFF";
        self.invalid_escape(offset, len, format!("`{written}` is no character"), hint);
        (len, String::new())
    }

    fn invalid_escape(&mut self, offset: u32, len: usize, summary: String, hint: &str) {
        let end = offset + u32::try_from(len).unwrap_or(0);
        let span = self.spans.range(offset, end);
        self.report(Diagnostic::error(Code::InvalidEscape, summary).at(span, "").hint(hint));
    }

    /// The value of a number literal.
    pub(super) fn number(&mut self, token: Token) -> Value {
        let text = self.word(token);
        if in_range(text)
            && let Ok(number) = Number::parse(text)
        {
            return Value::number(number);
        }
        let span = self.span(token);
        self.report(
            Diagnostic::error(Code::InvalidNumber, "this number is too large or too small")
                .at(span, "")
                .hint("write a number with a smaller exponent"),
        );
        Value::int(0)
    }
}

/// Returns whether a number fits: its exponent, with the digits shifted in front of it, must fit into 32 bits.
fn in_range(text: &str) -> bool {
    let Some((digits, exponent)) = text.split_once(['e', 'E']) else { return true };
    if digits.bytes().all(|byte| matches!(byte, b'0' | b'.')) {
        return true;
    }
    let Ok(exponent) = exponent.parse::<i64>() else { return false };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let (whole, fraction) = (i64::try_from(whole.len()), i64::try_from(fraction.len()));
    let (Ok(whole), Ok(fraction)) = (whole, fraction) else { return false };
    let least = i64::from(i32::MIN) + fraction;
    let most = i64::from(i32::MAX) - whole;
    (least..=most).contains(&exponent)
}
