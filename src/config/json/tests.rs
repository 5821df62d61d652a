//! JSON configurations against the same ones in the native form.

use std::fmt::Write as _;

use super::*;
use crate::syntax::ast::Expr;
use crate::syntax::ast::ExprKind;
use crate::syntax::ast::TemplatePart;
use crate::syntax::parse;

/// A body without its places.
fn show(body: &Body, indent: usize) -> String {
    let mut text = String::new();
    let space = " ".repeat(indent);
    for attribute in &body.attributes {
        writeln!(text, "{space}{} = {}", attribute.name.value, expr(&attribute.expr)).unwrap();
    }
    for block in &body.blocks {
        let labels: String = block.labels.iter().map(|label| format!(" {:?}", label.value)).collect();
        write!(text, "{space}{}{labels}\n{}", block.kind.value, show(&block.body, indent + 2)).unwrap();
    }
    text
}

fn expr(of: &Expr) -> String {
    match &of.kind {
        ExprKind::Literal(value) => format!("{value:?}"),
        ExprKind::Variable(name) => name.to_string(),
        ExprKind::GetAttr(step) => format!("{}.{}", expr(&step.of), step.name.value),
        ExprKind::Index(step) => format!("{}[{}]", expr(&step.of), expr(&step.key)),
        ExprKind::TemplateWrap(inner) => expr(inner),
        ExprKind::Call(call) => {
            format!("{}({})", call.name.value, call.arguments.iter().map(expr).collect::<Vec<_>>().join(", "))
        }
        ExprKind::Binary(binary) => {
            format!("({} {:?} {})", expr(&binary.left), binary.operator.value, expr(&binary.right))
        }
        ExprKind::Tuple(parts) => format!("[{}]", parts.iter().map(expr).collect::<Vec<_>>().join(", ")),
        ExprKind::Object(items) => {
            let items: Vec<String> =
                items.iter().map(|item| format!("{} = {}", expr(&item.key), expr(&item.value))).collect();
            format!("{{{}}}", items.join(", "))
        }
        ExprKind::Template(parts) => parts
            .iter()
            .map(|part| match part {
                TemplatePart::Text(text) => text.to_string(),
                TemplatePart::Interpolation(inner) => format!("<{}>", expr(inner)),
                TemplatePart::If(_) | TemplatePart::For(_) => panic!("not in these tests"),
            })
            .collect(),
        other => panic!("not in these tests: {other:?}"),
    }
}

#[track_caller]
fn same(json: &str, native: &str) {
    let read = parse_file(SourceId(0), json);
    assert!(read.diagnostics.is_empty(), "{:?}", read.diagnostics);
    let wanted = parse::parse_file(SourceId(0), native);
    assert!(wanted.diagnostics.is_empty(), "{:?}", wanted.diagnostics);
    assert_eq!(show(&read.output.unwrap(), 0), show(&wanted.output.unwrap(), 0));
}

#[test]
fn blocks_are_objects_within_objects() {
    same(
        r#"{
          "//": "comment",
          "variable": {"n": {"type": "map(list(string))", "default": {"a": ["${x}"]}, "sensitive": true}},
          "locals": [{"a": "${var.n}"}, {"b": "x-${local.a}", "c": {"k-${local.a}": 1.5}}],
          "resource": {
            "queueform_data": [
              {"one": {"//": "comment", "input": "${local.b == null}", "lifecycle": {"ignore_changes": ["input"],
                "precondition": [{"condition": "${length(local.a) > 0}", "error_message": "empty"}]}}},
              {"two": {"count": 2, "depends_on": ["queueform_data.one"], "provider": "queueform.west"}}
            ]
          },
          "provider": {"dms": [{"region": "a"}, {"alias": "west", "region": "b"}]},
          "moved": [{"from": "queueform_data.a", "to": "queueform_data.b[\"x\"]"}],
          "import": {"to": "queueform_data.one", "id": "${local.b}"},
          "output": {"o": {"value": {"x": null}, "depends_on": ["queueform_data.one"]}},
          "check": null
        }"#,
        r#"
          variable "n" {
            type      = map(list(string))
            default   = { "a" = ["$${x}"] }
            sensitive = true
          }
          locals {
            a = var.n
          }
          locals {
            b = "x-${local.a}"
            c = { "k-${local.a}" = 1.5 }
          }
          resource "queueform_data" "one" {
            input = local.b == null
            lifecycle {
              ignore_changes = [input]
              precondition {
                condition     = length(local.a) > 0
                error_message = "empty"
              }
            }
          }
          resource "queueform_data" "two" {
            count      = 2
            depends_on = [queueform_data.one]
            provider   = queueform.west
          }
          provider "dms" {
            region = "a"
          }
          provider "dms" {
            alias  = "west"
            region = "b"
          }
          moved {
            from = queueform_data.a
            to   = queueform_data.b["x"]
          }
          import {
            to = queueform_data.one
            id = local.b
          }
          output "o" {
            value      = { "x" = null }
            depends_on = [queueform_data.one]
          }
        "#,
    );
}

#[test]
fn a_file_may_be_an_array_of_objects() {
    same(r#"[{"locals": {"a": 1}}, {"locals": {"b": 2}}]"#, "locals {\n  a = 1\n}\nlocals {\n  b = 2\n}\n");
}

#[track_caller]
fn refused(text: &str, summary: &str, part: &str) {
    let found = parse_file(SourceId(0), text).diagnostics;
    let first = found.iter().next().unwrap();
    assert_eq!(first.summary, summary);
    assert_eq!(text.get(first.labels[0].span.range()).unwrap(), part);
}

#[test]
fn what_is_no_block_is_told() {
    refused(r#"{"resource": "x"}"#, "`resource` needs an object whose names are labels", "\"x\"");
    refused(r#"{"resource": {"a": {"b": 1}}}"#, "the content of `resource` must be an object", "1");
    refused(r"[1]", "a configuration file must hold an object", "1");
    refused(r#"{"output": {"a": {"value": 1, "value": 2}}}"#, "`value` is set twice", "\"value\"");
    refused(r#"{"locals": {"a": "${1 +}"}}"#, "expected an expression", "}");
}

#[test]
fn several_mistakes_are_found_at_once() {
    let text = r#"{"locals": {"a": "${1 +}", "b": "${", "c": "ok"}, "resource": 1}"#;
    let read = parse_file(SourceId(0), text);
    assert_eq!(read.diagnostics.iter().count(), 3, "{:?}", read.diagnostics);
    assert_eq!(read.output.unwrap().blocks[0].body.attributes.len(), 3);
}

#[test]
fn values_of_variables_are_plain() {
    let read = parse_variables(SourceId(0), r#"{"//": "c", "a": "${x}", "b": [1, {"k": null}]}"#);
    assert!(read.diagnostics.is_empty());
    assert_eq!(show(&read.output.unwrap(), 0), "a = \"${x}\"\nb = [1, {\"k\" = null}]\n");
}
