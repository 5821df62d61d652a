//! Golden drawings and JSON of diagnostics.

use insta::assert_snapshot;
use proptest::prelude::*;

use super::*;
use crate::addr::InstanceAddr;
use crate::addr::InstanceKey;
use crate::addr::ResourceAddr;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::render::Look;
use crate::source::SourceId;
use crate::source::SourceMap;
use crate::source::Span;

const MAIN: &str = r#"variable "n" {
  type = number
}

resource "dms_rocketmq_topic" "orders" {
  name      = "orders"
  queue_nun = var.n
}
"#;

fn sources() -> (SourceMap, SourceId) {
    let mut sources = SourceMap::new();
    let main = sources.add("main.qf.hcl", MAIN);
    (sources, main)
}

/// The span of the first occurrence of a text.
fn span(sources: &SourceMap, id: SourceId, needle: &str) -> Span {
    let start = sources.get(id).unwrap().text().find(needle).unwrap();
    Span::new(id, u32::try_from(start).unwrap(), u32::try_from(start + needle.len()).unwrap())
}

fn draw(diagnostics: impl Into<Diagnostics>, sources: &SourceMap) -> String {
    let mut out = String::new();
    human(&mut out, &diagnostics.into(), sources, Look { colour: false, width: 100 }).unwrap();
    out
}

fn unknown_attribute(sources: &SourceMap, main: SourceId) -> Diagnostic {
    let addr = ResourceAddr::managed("dms_rocketmq_topic", "orders");
    Diagnostic::error(Code::UnknownAttribute, "`dms_rocketmq_topic` has no attribute `queue_nun`")
        .at(span(sources, main, "queue_nun"), "unknown attribute")
        .at(span(sources, main, "\"dms_rocketmq_topic\""), "schema of this resource")
        .detail("Attributes are those of the provider's schema.")
        .value("var.n", "3")
        .hint("did you mean `queue_num`?")
        .about(InstanceAddr { resource: addr, key: Some(InstanceKey::Str("a".into())) })
}

#[test]
fn everything_at_once() {
    let (sources, main) = sources();
    assert_snapshot!(draw(unknown_attribute(&sources, main), &sources));
}

#[test]
fn colours_change_no_text() {
    let (sources, main) = sources();
    let diagnostics = Diagnostics::from(unknown_attribute(&sources, main));
    let mut styled = String::new();
    human(&mut styled, &diagnostics, &sources, Look { colour: true, width: 100 }).unwrap();
    assert!(styled.contains("\u{1b}["));
    let mut plain = String::new();
    let mut rest = styled.as_str();
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        plain.push_str(before);
        rest = after.split_once('m').unwrap().1;
    }
    plain.push_str(rest);
    let trimmed: String = plain.lines().map(|line| format!("{}\n", line.trim_end())).collect();
    assert_eq!(trimmed, draw(diagnostics, &sources));
}

#[test]
fn without_a_place() {
    let (sources, _) = sources();
    let diagnostic = Diagnostic::error(Code::MissingCredentials, "no credentials for provider `dms`")
        .hint("set SBC_ACCESS_KEY and SBC_SECRET_KEY");
    assert_snapshot!(draw(diagnostic, &sources), @"
    error[missing-credentials]: no credentials for provider `dms`
     |
     = hint: set SBC_ACCESS_KEY and SBC_SECRET_KEY
    ");
}

#[test]
fn several_files_and_distant_lines() {
    let (mut sources, main) = sources();
    let other = sources.add("b.qf.hcl", format!("locals {{}}\n{}locals {{ n = 1 }}\n", "\n".repeat(90)));
    let diagnostic = Diagnostic::error(Code::DuplicateDeclaration, "`n` is declared three times")
        .at(span(&sources, other, "n = 1"), "declared again")
        .at(span(&sources, other, "locals"), "a block far above")
        .at(span(&sources, main, "\"n\""), "first declared here");
    assert_snapshot!(draw(diagnostic, &sources));
}

#[test]
fn wide_characters_are_pointed_at() {
    let mut sources = SourceMap::new();
    let id = sources.add("главный.qf.hcl", "\tname = \"订单 🦀\" + очередь\r\nx = 1\r\n");
    let diagnostic = Diagnostic::error(Code::UnknownVariable, "`очередь` is not declared")
        .at(span(&sources, id, "очередь"), "not declared")
        .at(span(&sources, id, "订单"), "left");
    assert_snapshot!(draw(diagnostic, &sources));
}

#[test]
fn next_steps_keep_their_lines() {
    let (sources, main) = sources();
    let diagnostic = Diagnostic::error(Code::GuardDenied, "18204 unread messages would be lost")
        .at(span(&sources, main, "\"orders\""), "")
        .detail("Two groups have not read them.\n\nUnknown counts as not safe.")
        .hint("accept the loss in this change:\n  removed {\n    lifecycle { allow_data_loss = 20000 }\n  }");
    assert_snapshot!(draw(diagnostic, &sources));
}

#[test]
fn findings_are_counted_and_similar_warnings_folded() {
    let (sources, main) = sources();
    let mut diagnostics = Diagnostics::new();
    diagnostics.push(Diagnostic::error(Code::Cycle, "a depends on itself"));
    for _ in 0..6 {
        diagnostics.push(
            Diagnostic::warning(Code::UndeclaredVariable, "a value for an undeclared variable")
                .at(span(&sources, main, "variable"), ""),
        );
    }
    assert_snapshot!(draw(diagnostics, &sources));
    // Where they are is told, as far as there is room.
    let mut places = String::new();
    for number in 1..=9 {
        places.push_str(&format!("n{number} = 1\n"));
    }
    let mut sources = SourceMap::new();
    let many = sources.add("queueform.qfvars.hcl", &*places);
    let undeclared = |number: usize| {
        Diagnostic::warning(Code::UndeclaredVariable, "a value for an undeclared variable")
            .at(span(&sources, many, &format!("n{number}")), "")
    };
    let folded = |count: usize| draw((1..=count).map(undeclared).collect::<Diagnostics>(), &sources);
    assert_eq!(folded(3).matches("-->").count(), 3, "three are drawn one by one");
    assert_snapshot!([folded(4), folded(9)].join("---\n"));
    // Those about other names are alike; those that say something else are not.
    let named = |name: &str| {
        Diagnostic::warning(
            Code::UndeclaredVariable,
            format!("`{name}` is set here, but there is no such variable"),
        )
        .at(span(&sources, many, name), "")
    };
    let other = Diagnostic::warning(Code::UndeclaredVariable, "`x` is read nowhere");
    let names = ["n1", "n2", "n3", "n4"].map(named);
    assert_snapshot!(draw(names.into_iter().chain([other]).collect::<Diagnostics>(), &sources));
}

#[test]
fn answers_of_services_cannot_steer_the_terminal() {
    let (sources, _) = sources();
    let text =
        draw(Diagnostic::error(Code::ApiError, "said \u{1b}[2J").detail("\u{7}\u{202e}evil"), &sources);
    assert!(!text.contains('\u{1b}') && !text.contains('\u{7}') && !text.contains('\u{202e}'), "{text}");
    assert!(text.contains("evil"), "{text}");
}

#[test]
fn hidden_text_is_never_quoted() {
    let mut sources = SourceMap::new();
    let id = sources.add("queueform.qfvars.hcl", "password = \"hunter2-ключ\" oops\n");
    sources.hide(span(&sources, id, "\"hunter2-ключ\""));
    let diagnostic = Diagnostic::error(Code::Syntax, "unexpected `oops`")
        .at(span(&sources, id, "oops"), "")
        .at(span(&sources, id, "password"), "");
    let drawn = draw(diagnostic.clone(), &sources);
    let json = diagnostic_json(&diagnostic, &sources).to_string();
    for text in [&drawn, &json] {
        assert!(!text.contains("hunter2") && !text.contains("ключ"), "{text}");
        assert!(text.contains("oops"), "{text}");
    }
    assert!(drawn.contains("^^^^"), "{drawn}");
}

#[test]
fn json_has_the_fields_of_terraform() {
    let (sources, main) = sources();
    let json = validation_json(&unknown_attribute(&sources, main).into(), &sources);
    assert_snapshot!(serde_json::to_string_pretty(&json).unwrap());
}

#[test]
fn json_without_a_place() {
    let (sources, _) = sources();
    let json =
        validation_json(&Diagnostic::warning(Code::TargetingInEffect, "partial plan").into(), &sources);
    assert_eq!(json["valid"], true);
    assert_eq!(json["warning_count"], 1);
    assert_eq!(json["diagnostics"][0].get("range"), None);
}

proptest! {
    #[test]
    fn any_span_can_be_drawn(
        text in "[ a\u{e9}\u{8ba2}\t\r\n{\"]{0,40}",
        places in proptest::collection::vec((0u32..50, 0u32..50), 1..4),
    ) {
        let mut sources = SourceMap::new();
        let id = sources.add("a", text);
        let mut diagnostic = Diagnostic::error(Code::Syntax, "text");
        for (start, end) in places {
            diagnostic = diagnostic.at(Span::new(id, start, end), "here");
        }
        prop_assert!(draw(diagnostic.clone(), &sources).contains("error[syntax]"));
        prop_assert!(diagnostic_json(&diagnostic, &sources).get("range").is_some());
    }
}
