//! What is read of JSON, and where it stands.

use super::*;
use crate::diag::Diagnostics;
use crate::source::SourceId;
use crate::syntax::ast::ExprKind;
use crate::syntax::parse::references;

fn read(text: &str) -> Node {
    let checked = parse(SourceId(0), text);
    assert!(checked.diagnostics.is_empty(), "{text}: {:?}", checked.diagnostics);
    checked.output.unwrap()
}

/// The finding about a text: its words, and the part of the text it is about.
#[track_caller]
fn refused(text: &str, summary: &str, part: &str) {
    let checked = parse(SourceId(0), text);
    assert!(checked.output.is_none());
    let found = checked.diagnostics.iter().next().unwrap();
    assert_eq!(found.summary, summary, "{text}");
    assert_eq!(text.get(found.labels[0].span.range()).unwrap(), part, "{text}");
}

#[test]
fn values_keep_their_places() {
    let text = " { \"a\" : [1.50, true, null], \"b\": {} }";
    let node = read(text);
    assert_eq!(node.span, Span::new(SourceId(0), 1, 38));
    let NodeKind::Object(members) = &node.kind else { panic!("{node:?}") };
    assert_eq!(text.get(members[0].name_span.range()).unwrap(), "\"a\"");
    assert_eq!(text.get(members[0].value.span.range()).unwrap(), "[1.50, true, null]");
    assert_eq!(text.get(members[1].span().range()).unwrap(), "\"b\": {}");
}

#[test]
fn strings_are_unescaped() {
    let node = read(r#""a\"\\\/\b\f\n\r\té\ud83d\ude00\ud83d.""#);
    let NodeKind::String(text) = &node.kind else { panic!("{node:?}") };
    assert_eq!(&*text.value, "a\"\\/\u{8}\u{c}\n\r\té😀\u{fffd}.");
}

#[test]
fn references_behind_escapes_stand_where_they_are_written() {
    let text = r#"{"x": "\"é\" ${var.names[\"a\"]} \\ ${local.last}"}"#;
    let node = read(text);
    let NodeKind::Object(members) = &node.kind else { panic!("{node:?}") };
    let mut diagnostics = Diagnostics::new();
    let expr = expression(&members[0].value, Strings::Templates, &mut diagnostics);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let mut found = Vec::new();
    references(&expr, &mut |reference| found.push(text.get(reference.span.range()).unwrap().to_owned()));
    assert_eq!(found, [r#"var.names[\"a\"]"#, "local.last"]);
}

#[test]
fn strings_are_what_their_place_makes_them() {
    let kind = |strings: Strings| {
        let expr = expression(&read(r#""${a.b}""#), strings, &mut Diagnostics::new());
        expr.kind
    };
    assert!(matches!(kind(Strings::Templates), ExprKind::TemplateWrap(_)));
    assert!(
        matches!(kind(Strings::Texts), ExprKind::Literal(value) if value.as_str().unwrap().as_ref() == "${a.b}")
    );
    let node = read(r#"["a.b", {"c": "d[0]"}]"#);
    let mut names = Vec::new();
    let expr = expression(&node, Strings::Expressions, &mut Diagnostics::new());
    references(&expr, &mut |reference| names.push(reference.root.value.to_string()));
    assert_eq!(names, ["a", "d"]);
}

#[test]
fn mistakes_are_told_where_they_are() {
    refused("{\"a\": 1,}", "not valid JSON: a comma is followed by nothing", "}");
    refused("{\"a\" = 1}", "not valid JSON: `:` is missing after the name", "=");
    refused("{a: 1}", "not valid JSON: a name in double quotes is missing", "a");
    refused("[1 2]", "not valid JSON: `,` or `]` is missing", "2");
    refused("[1", "not valid JSON: a bracket is not closed", "[");
    refused("{\"a\": {\"b\": 1}", "not valid JSON: a bracket is not closed", "{");
    refused("// x\n1", "not valid JSON: JSON has no comments", "/");
    refused("[01]", "not valid JSON: `01` is not a number", "01");
    refused("[1.]", "not valid JSON: `1.` is not a number", "1.");
    refused("[nul]", "not valid JSON: `nul` is not a value", "nul");
    refused("\"a\nb\"", "not valid JSON: a string is not closed", "\"a");
    refused(r#""\x""#, "not valid JSON: unknown escape sequence", r"\x");
    refused(r#""\u12g4""#, "not valid JSON: `\\u` needs four hexadecimal digits", r"\u");
    refused("1 2", "not valid JSON: the file should end here", "2");
    refused("", "not valid JSON: a value is missing", "");
    refused("['a']", "not valid JSON: a value is missing", "'");
}

#[test]
fn depth_is_bounded() {
    let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert!(parse(SourceId(0), &deep(128)).output.is_some());
    let found = parse(SourceId(0), &deep(100_000)).diagnostics;
    assert_eq!(found.iter().next().unwrap().code.name(), "too-deep");
}
