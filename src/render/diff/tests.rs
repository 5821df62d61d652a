use serde_json::json;

use super::*;
use crate::render::value::inline;
use crate::value::Marks;
use crate::value::Type;
use crate::value::from_implied_json;

fn value(json: &serde_json::Value) -> Value {
    from_implied_json(json).unwrap()
}

fn told(before: &Value, after: &Value) -> Vec<String> {
    values(ValuePath::attr("a"), before, after)
        .iter()
        .map(|found| {
            let side = |side: &Option<Value>| side.as_ref().map_or_else(String::new, inline);
            let nature =
                if found.nature == Nature::Plain { String::new() } else { format!(" ({:?})", found.nature) };
            format!(
                "{} {} {}: {} -> {}{nature}",
                found.sign.symbol(),
                found.path,
                found.label,
                side(&found.before),
                side(&found.after)
            )
        })
        .collect()
}

fn strings(parts: &[&str]) -> Vec<Value> {
    parts.iter().map(|part| Value::string(*part)).collect()
}

#[test]
fn a_shifted_list_is_two_edits() {
    let list = |parts: &[&str]| Value::list(Type::String, strings(parts));
    assert_eq!(
        told(&list(&["x", "y", "z"]), &list(&["w", "x", "y"])),
        ["+ a[0] :  -> \"w\"", "- a[2] : \"z\" -> "]
    );
    assert_eq!(told(&list(&["x", "y"]), &list(&["x", "q"])), ["~ a[1] [1]: \"y\" -> \"q\""]);
    assert_eq!(
        told(&list(&["x", "y"]), &list(&["y", "x"])),
        ["~ a : [\"x\", \"y\"] -> [\"y\", \"x\"] (Order)"]
    );
    assert_eq!(told(&list(&["x", "y"]), &list(&["x", "y"])), Vec::<String>::new());
}

#[test]
fn elements_of_sets_are_paired_by_what_they_share() {
    let set = |parts: Vec<serde_json::Value>| {
        let parts: Vec<Value> = parts.iter().map(value).collect();
        Value::set(parts[0].ty(), parts)
    };
    let before = set(vec![
        json!({ "name": "a", "port": 1, "open": true }),
        json!({ "name": "b", "port": 2, "open": true }),
    ]);
    let after = set(vec![
        json!({ "name": "a", "port": 9, "open": true }),
        json!({ "name": "c", "port": 7, "open": false }),
    ]);
    assert_eq!(
        told(&before, &after),
        [
            "- a[1] : { name = \"b\", open = true, port = 2 } -> ",
            "~ a[0].port [\"a\"].port: 1 -> 9",
            "+ a[1] :  -> { name = \"c\", open = false, port = 7 }",
        ]
    );
    let plain = |parts: &[&str]| Value::set(Type::String, strings(parts));
    assert_eq!(
        told(&plain(&["x", "y", "z"]), &plain(&["w", "x", "y"])),
        ["- a[2] : \"z\" -> ", "+ a[0] :  -> \"w\""]
    );
}

#[test]
fn objects_in_lists_are_compared_part_by_part() {
    let before = value(&json!([{ "n": "a", "p": 1 }, { "n": "b", "p": 2 }, { "n": "c", "p": 3 }]));
    let after = value(&json!([{ "n": "a", "p": 1 }, { "n": "b", "p": 5 }, { "n": "c", "p": 3 }]));
    assert_eq!(told(&before, &after), ["~ a[1].p [1].p: 2 -> 5"]);
    let shorter = value(&json!([{ "n": "b", "p": 2 }, { "n": "c", "p": 4 }]));
    assert_eq!(told(&before, &shorter), ["- a[0] : { n = \"a\", p = 1 } -> ", "~ a[1].p [1].p: 3 -> 4"]);
}

#[test]
fn json_is_compared_by_what_it_means() {
    let text = |text: &str| Value::string(text);
    assert_eq!(
        told(&text(r#"{"a":1,"b":[1,2]}"#), &text(r#"{ "b": [1, 2, 3], "a": 2 }"#)),
        ["~ a a: 1 -> 2 (Json)", "+ a b:  -> 3 (Json)"]
    );
    assert_eq!(told(&text(r#"{"a":1}"#), &text("{ \"a\" : 1 }")).len(), 1);
    assert!(told(&text(r#"{"a":1}"#), &text("{ \"a\" : 1 }"))[0].ends_with("(Layout)"));
    assert_eq!(told(&text(r#"{"a":null}"#), &text("{}")), ["- a a: null ->  (Json)"]);
    assert_eq!(told(&text("1"), &text("2")), ["~ a : \"1\" -> \"2\""]);
}

#[test]
fn secrets_are_compared_and_never_shown() {
    let secret = |text: &str| Value::string(text).mark(Marks::SENSITIVE);
    let object = |token: Value, plain: i64| Value::object([("token", token), ("plain", Value::int(plain))]);
    assert_eq!(
        told(&object(secret("hunter2"), 1), &object(secret("hunter2"), 2)),
        ["~ a.plain plain: 1 -> 2"]
    );
    assert_eq!(
        told(&object(secret("hunter2"), 1), &object(secret("hunter3"), 1)),
        ["~ a.token token: (sensitive value) -> (sensitive value)"]
    );
    assert_eq!(
        told(&object(Value::string("x"), 1), &object(secret("x"), 1)),
        ["~ a.token token: \"x\" -> (sensitive value) (Secrecy)"]
    );
    let list = |text: &str| Value::tuple([secret(text), Value::int(1)]);
    assert_eq!(
        told(&list("hunter2"), &list("hunter3")),
        ["~ a[0] [0]: (sensitive value) -> (sensitive value)"]
    );
}

#[test]
fn what_is_not_known_yet_differs() {
    let unknown = Value::unknown(Type::String);
    assert_eq!(told(&Value::string("x"), &unknown), ["~ a : \"x\" -> (known after apply)"]);
    let object = |id: Value| Value::object([("id", id), ("n", Value::int(1))]);
    assert_eq!(
        told(&object(Value::string("x")), &object(unknown)),
        ["~ a.id id: \"x\" -> (known after apply)"]
    );
}

#[test]
fn objects_that_are_not_there_have_no_attributes() {
    let object = value(&json!({ "a": 1, "b": null, "c": { "d": [] } }));
    let names = |found: Vec<Difference>| -> Vec<String> {
        found.iter().map(|found| format!("{}{}", found.sign.symbol(), found.path)).collect()
    };
    assert_eq!(names(attributes(None, Some(&object))), ["+a", "+c"]);
    assert_eq!(names(attributes(Some(&object), None)), ["-a", "-c"]);
    assert!(attributes(Some(&object), Some(&object)).is_empty());
}

#[test]
fn texts_of_several_lines_are_told_apart() {
    assert_eq!(
        told(&Value::string("a\nb\n"), &Value::string("a\nc\n")),
        ["~ a : \"a\\nb\\n\" -> \"a\\nc\\n\" (Lines)"]
    );
    assert_eq!(told(&Value::string("a\n"), &Value::string("b\n")), ["~ a : \"a\\n\" -> \"b\\n\""]);
}
