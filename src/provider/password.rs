//! Makes up passwords: what answers `generates = password` of a schema.

use std::sync::Arc;

use uuid::Uuid;

use crate::value::Marks;
use crate::value::Number;
use crate::value::Value;

const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const DIGITS: &str = "0123456789";
const SPECIAL: &str = "!@#$%&*()-_=+[]{}<>:?";

/// The longest password that is made.
const LONGEST: u64 = 4096;

/// Random bytes of the operating system, which random UUIDs are made of.
struct Random {
    ready: Vec<u8>,
}

impl Random {
    fn new() -> Self {
        Self { ready: Vec::new() }
    }

    fn byte(&mut self) -> u8 {
        loop {
            if let Some(byte) = self.ready.pop() {
                return byte;
            }
            // The bytes 6 and 8 hold the version and the variant and are left out.
            let bytes = Uuid::new_v4().into_bytes();
            self.ready =
                bytes.iter().enumerate().filter(|(at, _)| !matches!(at, 6 | 8)).map(|(_, b)| *b).collect();
        }
    }

    /// A number below another, each as likely as all others. `below` is 1 to 65536.
    fn below(&mut self, below: usize) -> usize {
        let below = below.clamp(1, 1 << 16);
        let whole = (1_usize << 16) / below * below;
        loop {
            let number = usize::from(self.byte()) << 8 | usize::from(self.byte());
            if number < whole {
                return number % below;
            }
        }
    }

    fn one_of(&mut self, chars: &[char]) -> Option<char> {
        let at = self.below(chars.len());
        chars.get(at).copied()
    }
}

/// Returns the arguments with a new password as their `result`.
pub(super) fn generate(arguments: &Value) -> Value {
    let plain = arguments.clone().unmark_deep().0;
    let flag = |name: &str| plain.get(name).and_then(Value::as_bool) != Some(false);
    let count = |name: &str| {
        plain.get(name).and_then(Value::as_number).and_then(Number::to_u64).unwrap_or(0).min(LONGEST)
    };
    let special = plain.get("override_special").and_then(Value::as_str).map(ToString::to_string);
    let kinds: Vec<(Vec<char>, u64)> = [
        ("upper", UPPER),
        ("lower", LOWER),
        ("numeric", DIGITS),
        ("special", special.as_deref().unwrap_or(SPECIAL)),
    ]
    .into_iter()
    .filter(|(name, chars)| flag(name) && !chars.is_empty())
    .map(|(name, chars)| (chars.chars().collect(), count(&format!("min_{name}"))))
    .collect();
    let all: Vec<char> = kinds.iter().flat_map(|(chars, _)| chars.iter().copied()).collect();
    let length = usize::try_from(count("length")).unwrap_or(0);
    let mut random = Random::new();
    let mut chosen: Vec<char> = Vec::with_capacity(length);
    for (chars, least) in &kinds {
        for _ in 0..*least {
            chosen.extend(random.one_of(chars));
        }
    }
    while chosen.len() < length && !all.is_empty() {
        chosen.extend(random.one_of(&all));
    }
    // Those that must be there stand anywhere.
    for at in (1..chosen.len()).rev() {
        let other = random.below(at + 1);
        chosen.swap(at, other);
    }
    let result = Value::string(chosen.into_iter().collect::<String>()).mark(Marks::SENSITIVE);
    let mut fields = plain.fields().cloned().unwrap_or_default();
    fields.insert(Arc::from("result"), result);
    Value::of_fields(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(fields: &[(&str, Value)]) -> String {
        let value = generate(&Value::object(fields.iter().map(|(name, value)| (*name, value.clone()))));
        let (result, marks) = value.get("result").unwrap().clone().unmark_deep();
        assert!(marks.is_sensitive());
        result.as_str().unwrap().to_string()
    }

    #[test]
    fn passwords_hold_what_is_asked_for() {
        let text = made(&[
            ("length", Value::int(12)),
            ("special", Value::bool(false)),
            ("min_upper", Value::int(5)),
            ("min_numeric", Value::int(7)),
        ]);
        assert_eq!(text.chars().count(), 12);
        assert_eq!(text.chars().filter(char::is_ascii_uppercase).count(), 5);
        assert_eq!(text.chars().filter(char::is_ascii_digit).count(), 7);
        let text = made(&[
            ("length", Value::int(64)),
            ("upper", Value::bool(false)),
            ("lower", Value::bool(false)),
            ("numeric", Value::bool(false)),
            ("override_special", Value::string("-_")),
        ]);
        assert!(text.len() == 64 && text.chars().all(|c| c == '-' || c == '_'), "{text}");
    }

    #[test]
    fn passwords_differ_and_use_every_character() {
        let length = [("length", Value::int(4000))];
        let (first, second) = (made(&length), made(&length));
        assert_ne!(first, second);
        for c in [LOWER, UPPER, DIGITS, SPECIAL].into_iter().flat_map(str::chars) {
            assert!(first.contains(c), "`{c}` never comes");
        }
    }
}
