//! Forms of values that recorded results do not cover.

use super::*;
use crate::value::Marks;
use crate::value::Type;
use crate::value::Value;

#[test]
fn nothing_sensitive_is_shown() {
    let secret = Value::string("hunter2").mark(Marks::SENSITIVE);
    let value = Value::object([("a", secret), ("b", Value::unknown(Type::String)), ("c", Value::int(1))]);
    let json = value_json(&value).unwrap();
    assert_eq!(json["value"].to_string(), r#"{"a":null,"b":null,"c":1}"#);
    assert_eq!(json["sensitive"], true);
    assert_eq!(json["unknown"], true);
    let text = value_text(&value);
    assert!(text.contains("(sensitive value)") && text.contains("(known after apply)"), "{text}");
    assert!(!text.contains("hunter2"));
}

#[test]
fn control_characters_are_escaped() {
    assert_eq!(value_text(&Value::string("\u{1b}[2J\u{7f}\u{200b}")), r#""\x1b[2J\x7f\u200b""#);
}
