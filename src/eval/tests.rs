use std::collections::BTreeMap;

use super::Referent;
use super::Scope;
use super::constant;
use super::evaluate;
use super::known_prefix;
use super::show;
use super::type_constraint;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::source::SourceId;
use crate::source::Span;
use crate::syntax::ast::Expr;
use crate::syntax::parse::parse_expression;
use crate::value::Marks;
use crate::value::Refinement;
use crate::value::Type;
use crate::value::Value;

struct Names(BTreeMap<&'static str, Value>);

impl Scope for Names {
    fn root(&self, name: &str, span: Span) -> Result<Referent<'_>, Diagnostics> {
        match self.0.get(name) {
            Some(value) => Ok(Referent::Value(value.clone())),
            None => Err(Diagnostic::error(Code::UndeclaredReference, format!("`{name}` is not declared"))
                .at(span, "")
                .into()),
        }
    }
}

fn names() -> Names {
    Names(BTreeMap::from([
        (
            "topic",
            Value::object([
                ("name", Value::string("orders")),
                ("queue_num", Value::int(8)),
                ("brokers", Value::list(Type::String, [Value::string("broker-0")])),
            ]),
        ),
        ("secret", Value::string("hunter2").mark(Marks::SENSITIVE)),
        ("secrets", Value::map(Type::String, [("key", Value::string("hunter2"))]).mark(Marks::SENSITIVE)),
        ("nothing", Value::null_of(Type::String)),
        ("later", Value::unknown(Type::Number)),
        ("id", Value::refined(Type::String, Refinement::not_null())),
    ]))
}

fn parse(text: &str) -> Expr {
    let checked = parse_expression(SourceId(0), 0, text);
    assert!(!checked.diagnostics.has_errors(), "{text}: {:?}", checked.diagnostics);
    checked.output.unwrap()
}

fn result(text: &str) -> Result<Value, Diagnostics> {
    evaluate(&parse(text), &names())
}

/// The value as shown, or the summaries of the findings.
fn said(text: &str) -> String {
    match result(text) {
        Ok(value) => format!("{value:?}"),
        Err(found) => found.iter().map(|found| found.summary.clone()).collect::<Vec<_>>().join("; "),
    }
}

#[test]
fn values() {
    for (text, wanted) in [
        ("1 + 2 * 3", "7"),
        ("topic.queue_num / 3 * 3", "8"),
        ("\"${topic.name}-${topic.queue_num}\"", "\"orders-8\""),
        ("topic.brokers[*]", "list[\"broker-0\"]"),
        ("{ for k, v in { a = 1, b = 2 } : k => v if v > 1 }", "{\"b\": 2}"),
        ("{ for v in [\"x\", \"y\", \"x\"] : v => 1... }", "{\"x\": [1, 1], \"y\": [1]}"),
        ("topic.queue_num > 4 ? \"big\" : 1", "\"big\""),
        ("secret", "(sensitive)"),
        ("\"a\" == \"a\" && !false", "true"),
        ("try(topic.nope, \"none\")", "\"none\""),
        ("can(topic.nope)", "false"),
        ("null[*]", "[]"),
        ("\"%{ for b in topic.brokers }<${b}>%{ endfor }\"", "\"<broker-0>\""),
    ] {
        assert_eq!(said(text), wanted, "{text}");
    }
}

#[test]
fn findings_say_what_is_wrong() {
    for (text, wanted) in [
        ("topic.nam", "the object has no attribute `nam`"),
        ("topic[\"queue_nun\"]", "the object has no attribute `queue_nun`"),
        ("topic.brokers[1]", "there is no such element: the collection has 1 element"),
        ("topic.brokers[0.5]", "an index must be a whole number"),
        ("topic.name.x", "a string has no attribute `x`"),
        ("topic.name + 1", "unsuitable value for the left operand of `+`: a number is required"),
        ("nothing.x", "null has no attribute `x`"),
        ("1 + nothing", "`+` failed: argument must not be null"),
        ("true ? {} : []", "the results of the conditional have no common type"),
        ("\"a${topic}\"", "this value cannot be part of a string: string required"),
        ("[for x in 5 : x]", "a number has no elements to walk over"),
        ("{ for x in [1, 1] : x => x }", "two elements of the `for` have the key `1`"),
        ("topc.name", "`topc` is not declared"),
        ("try(topc.name, 1)", "`topc` is not declared"),
        ("false ? topc.name : 1", "`topc` is not declared"),
        ("uper(\"a\")", "there is no function `uper`"),
        ("{ topic.name = 1 }", "a name with dots is ambiguous as the name of an attribute"),
        ("secrets.kay", "the map has no element `kay`"),
    ] {
        assert_eq!(said(text), wanted, "{text}");
    }
}

#[test]
fn all_independent_findings_are_reported() {
    assert_eq!(
        said("[topic.nam, nothing.x, 1 + true]"),
        "the object has no attribute `nam`; null has no attribute `x`; \
         unsuitable value for the right operand of `+`: number required"
    );
    // What follows from the first finding is not reported again.
    assert_eq!(said("topic.nam.deeper + 1"), "the object has no attribute `nam`");
}

#[test]
fn findings_show_values_but_no_secrets() {
    let found = result("topic.brokers[topic.queue_num]").unwrap_err();
    let finding = found.iter().next().unwrap();
    let shown: Vec<String> =
        finding.values.iter().map(|(name, value)| format!("{name} is {value}")).collect();
    assert_eq!(shown, ["topic.brokers is a list of string with 1 element", "topic.queue_num is 8"]);

    let found = result("topic.queue_num + secret").unwrap_err();
    let finding = found.iter().next().unwrap();
    assert_eq!(finding.values, [("secret".to_owned(), "(sensitive value)".to_owned())]);
    for text in
        ["secret.x", "secrets.kay", "secret[0]", "secret + 1", "[for s in secret : s]", "{ (secret) = 1 }.x"]
    {
        let found = result(text).unwrap_err();
        assert!(!format!("{found:?}").contains("hunter2"), "{text}: {found:?}");
    }
    assert_eq!(show(&names().0["secrets"]), "(sensitive value)");
}

#[test]
fn near_names_are_suggested() {
    let found = result("topic.queue_nun").unwrap_err();
    let finding = found.iter().next().unwrap();
    assert_eq!(finding.hints, ["did you mean `queue_num`?"]);
    assert_eq!(finding.detail, "Its attributes are `brokers`, `name`, `queue_num`.");
    // A near key would tell a part of a sensitive map.
    let found = result("secrets.kay").unwrap_err();
    assert!(found.iter().next().unwrap().hints.is_empty());
}

#[test]
fn unknowns_carry_what_is_known() {
    assert_eq!(said("id == null"), "false");
    assert_eq!(said("later == null"), "(unknown bool)");
    assert_eq!(said("(later > 1 ? 1 : 2) > 0"), "true");
    assert_eq!(said("(later > 1 ? 1 : 2) > 5"), "false");
    assert_eq!(said("later > 1 ? 3 : 3"), "3");
    assert_eq!(said("\"x-${id}\" == \"y\""), "false");
    assert_eq!(said("id[*]"), "[(unknown string)]");
    assert_eq!(said("\"s\" == later"), "false");
}

#[test]
fn long_chains_and_deep_nesting_do_not_exhaust_the_stack() {
    let sum = vec!["1"; 20_000].join(" + ");
    assert_eq!(said(&sum), "20000");
    let steps = format!("can(topic{})", ".x".repeat(5_000));
    assert_eq!(said(&steps), "false");
    let choice = format!("{}1", "false ? 0 : ".repeat(100));
    assert_eq!(said(&choice), "1");
}

#[test]
fn constants_have_no_names_and_no_functions() {
    assert_eq!(
        format!("{:?}", constant(&parse("[1, \"a\", { b = -2 }]")).unwrap()),
        "[1, \"a\", {\"b\": -2}]"
    );
    for text in ["topic", "[var.x]", "upper(\"a\")"] {
        let found = constant(&parse(text)).unwrap_err();
        assert!(found.iter().all(|found| found.code == Code::InvalidReference), "{text}");
    }
}

#[test]
fn type_constraints() {
    for text in [
        "string",
        "list(number)",
        "map(set(bool))",
        "any",
        "tuple([string, number])",
        "object({ a = string, b = optional(list(any)) })",
    ] {
        assert_eq!(type_constraint(&parse(text)).unwrap().to_string(), text);
    }
    assert_eq!(type_constraint(&parse("list")).unwrap(), Type::list(Type::Any));
    for (text, wanted) in [
        ("strin", "there is no type `strin`"),
        ("list(strin)", "there is no type `strin`"),
        ("set", "`set` needs the type of its elements: `set(string)`"),
        ("\"string\"", "types are not written in quotes"),
        ("optional(string)", "`optional` is allowed only around the type of an object's attribute"),
        (
            "object({ a = optional(number, \"x\") })",
            "the default does not fit the attribute's type: a number is required",
        ),
        ("object({ \"a\" = string })", "attribute names of an object type are written without quotes"),
    ] {
        let found = type_constraint(&parse(text)).unwrap_err();
        let summaries: Vec<&str> = found.iter().map(|found| &*found.summary).collect();
        assert_eq!(summaries, [wanted], "{text}");
    }
}

#[test]
fn prefixes_leave_out_what_may_combine() {
    assert_eq!(known_prefix("topic-").as_deref(), Some("topic-"));
    assert_eq!(known_prefix("topic").as_deref(), Some("topi"));
    assert_eq!(known_prefix("t"), None);
    assert_eq!(known_prefix(""), None);
}
