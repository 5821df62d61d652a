//! The parser against recorded verdicts, recorded findings, and another parser.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use queueform::diag::Diagnostics;
use queueform::source::SourceMap;
use queueform::syntax::parse::parse_file;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance")
}

/// Cases in which the verdict is known to differ from Terraform's, each with its reason.
const KNOWN_DIFFERENCES: &[(&str, &str)] = &[];

/// Every recorded text is accepted or refused as Terraform does.
#[test]
fn verdicts_are_those_of_terraform() {
    let cases = fs::read_to_string(fixtures().join("syntax/syntax.jsonl")).unwrap();
    let mut wrong = String::new();
    let mut count = 0;
    for line in cases.lines() {
        let case: serde_json::Value = serde_json::from_str(line).unwrap();
        let id = case["id"].as_str().unwrap();
        let source = match case["source"].as_str() {
            Some(source) => source.as_bytes().to_vec(),
            None => STANDARD.decode(case["source_base64"].as_str().unwrap()).unwrap(),
        };
        count += 1;
        let expected = case["accepted"].as_bool().unwrap();
        // A text that is not UTF-8 is refused before the parser sees it.
        let (accepted, shown) = match String::from_utf8(source) {
            Ok(text) => {
                let mut sources = SourceMap::new();
                let id = sources.add("case", text.as_str());
                let checked = parse_file(id, &text);
                (!checked.diagnostics.has_errors(), listing(&checked.diagnostics, &sources))
            }
            Err(_) => (false, String::new()),
        };
        let known = KNOWN_DIFFERENCES.iter().any(|(known, _)| *known == id);
        if (accepted == expected) == known {
            let note = if known { "agrees now: remove it from the known differences" } else { "differs" };
            writeln!(wrong, "{id}: {note}; accepted {accepted}, Terraform {expected}\n{shown}").unwrap();
        }
    }
    assert!(count > 200, "only {count} cases");
    assert!(wrong.is_empty(), "{wrong}");
}

/// Findings as text: code, place, summary; then the other places and the hints.
fn listing(diagnostics: &Diagnostics, sources: &SourceMap) -> String {
    let mut text = String::new();
    let place = |span: queueform::source::Span| {
        let file = sources.get(span.source).unwrap();
        let (start, end) = (file.position(span.start), file.position(span.end));
        format!("{}:{}-{}:{}", start.line, start.column, end.line, end.column)
    };
    for diagnostic in diagnostics {
        let (first, others) = diagnostic.labels.split_first().unwrap();
        writeln!(text, "{} {} {}", diagnostic.code.name(), place(first.span), diagnostic.summary).unwrap();
        if !first.text.is_empty() {
            writeln!(text, "  here: {}", first.text).unwrap();
        }
        for label in others {
            writeln!(text, "  {}: {}", place(label.span), label.text).unwrap();
        }
        for hint in &diagnostic.hints {
            writeln!(text, "  hint: {hint}").unwrap();
        }
    }
    text
}

/// Each file with a mistake gives exactly the findings recorded beside it. `UPDATE=1` records them anew.
#[test]
fn findings_are_as_recorded() {
    let mut wrong = String::new();
    let mut files: Vec<PathBuf> = fs::read_dir(fixtures().join("broken"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "hcl"))
        .collect();
    files.sort();
    assert!(files.len() >= 28, "only {} files", files.len());
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        let mut sources = SourceMap::new();
        let id = sources.add("case", text.as_str());
        let checked = parse_file(id, &text);
        assert!(checked.output.is_some());
        let found = listing(&checked.diagnostics, &sources);
        let golden = path.with_extension("txt");
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&golden, &found).unwrap();
        } else if fs::read_to_string(&golden).unwrap_or_default() != found {
            writeln!(wrong, "{}:\n{found}", path.display()).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// The inputs of the formatter's cases are accepted or refused as `terraform fmt` does.
#[test]
fn inputs_of_the_formatter_are_judged_the_same() {
    let cases = fs::read_to_string(fixtures().join("fmt/cases.jsonl")).unwrap();
    let (mut wrong, mut count) = (String::new(), 0);
    for line in cases.lines() {
        let case: serde_json::Value = serde_json::from_str(line).unwrap();
        let Some(text) = case["input"].as_str() else { continue };
        count += 1;
        let mut sources = SourceMap::new();
        let id = sources.add("case", text);
        let checked = parse_file(id, text);
        if checked.diagnostics.has_errors() != case["message"].is_string() {
            writeln!(wrong, "{}:\n{text}\n{}", case["id"], listing(&checked.diagnostics, &sources)).unwrap();
        }
    }
    assert!(count > 300, "only {count} cases");
    assert!(wrong.is_empty(), "{wrong}");
}
