//! Verdicts on configurations: valid or not, and where, by `validate` and by `plan`.

#![expect(clippy::indexing_slicing, reason = "recorded cases have a known form")]

use std::fmt::Write;
use std::fs;
use std::path::Path;

use queueform::api::Stop;
use queueform::config::LoadOptions;
use queueform::config::VariableInput;
use queueform::diag::Diagnostics;
use queueform::ops;
use queueform::ops::project::Project;
use queueform::ops::project::ProjectOptions;
use queueform::plan::PlanOptions;
use queueform::source::SourceMap;
use serde_json::Value as Json;
use serde_json::json;

use crate::support::Place;

use super::Differences;
use super::Shares;
use super::cases;

/// Terraform's name of a file in ours.
fn ours(name: &str) -> String {
    let name = match name {
        "terraform.tfvars" => "queueform.qfvars.hcl".to_owned(),
        "terraform.tfvars.json" => "queueform.qfvars.json".to_owned(),
        other => other.to_owned(),
    };
    for (theirs, ours) in [
        (".tf.json", ".qf.json"),
        (".tf", ".qf.hcl"),
        (".tfvars.json", ".qfvars.json"),
        (".tfvars", ".qfvars.hcl"),
    ] {
        if let Some(stem) = name.strip_suffix(theirs) {
            return format!("{stem}{ours}");
        }
    }
    name
}

/// The texts of a case in our words.
fn translated(text: &str) -> String {
    text.replace("terraform", "queueform")
}

/// One error: where, and what kind.
type Finding = (Option<String>, String);

/// What one command found.
#[derive(Debug, PartialEq, Eq)]
struct Verdict {
    /// The errors in the order they are shown.
    errors: Vec<Finding>,
    /// All of them, for people.
    text: String,
}

impl Verdict {
    fn of(found: &Diagnostics, sources: &SourceMap, directory: &Path) -> Self {
        let mut errors = Vec::new();
        let mut text = String::new();
        for item in found {
            let place = item.labels.first().and_then(|label| {
                let file = sources.get(label.span.source)?;
                let name = file.name().trim_start_matches(&*directory.to_string_lossy());
                let position = file.position(label.span.start);
                Some(format!("{}:{}", name.trim_start_matches('/'), position.line))
            });
            let code = item.code.name();
            writeln!(text, "      {} {code}: {}", place.as_deref().unwrap_or("-"), item.summary).unwrap();
            if item.is_error() {
                errors.push((place, code.to_owned()));
            }
        }
        Self { errors, text }
    }

    /// What a stream of JSON or a document tells.
    fn of_json(list: &[Json]) -> Self {
        let mut errors = Vec::new();
        let mut text = String::new();
        for item in list {
            let range = &item["range"];
            let place = range["filename"].as_str().map(|name| format!("{name}:{}", range["start"]["line"]));
            writeln!(text, "      {} {}", place.as_deref().unwrap_or("-"), item["summary"]).unwrap();
            if item["severity"] == "error" {
                errors.push((place, item["code"].as_str().unwrap().to_owned()));
            }
        }
        Self { errors, text }
    }

    fn words(&self, command: &str) -> String {
        let Some((place, code)) = self.errors.first() else { return format!("{command}: valid") };
        match place {
            Some(place) => format!("{command}: `{code}` at {place}"),
            None => format!("{command}: `{code}`"),
        }
    }

    /// Compares with a recorded result.
    fn differs(&self, recorded: &Json, ok: bool) -> Option<String> {
        if ok != self.errors.is_empty() {
            return Some(format!("recorded {}", if ok { "valid" } else { "not valid" }));
        }
        // The first place that is recorded must be the first one found.
        let place = recorded["diagnostics"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|item| item["severity"] == "error")
            .find_map(|item| {
                let range = &item["range"];
                let name = range["filename"].as_str().filter(|name| !name.is_empty())?;
                let name = match name.strip_prefix("<value for var.").and_then(|name| name.strip_suffix('>'))
                {
                    Some(variable) => format!("--var {variable}"),
                    None => ours(name),
                };
                Some(format!("{name}:{}", range["start"]["line"]))
            })?;
        let first = self.errors.iter().find_map(|(place, _)| place.as_ref());
        if first == Some(&place) {
            return None;
        }
        let among = self.errors.iter().any(|(other, _)| other.as_ref() == Some(&place));
        Some(format!("recorded at {place}{}", if among { ", which is there but not first" } else { "" }))
    }
}

/// Runs both commands.
async fn run(case: &Json) -> (Verdict, Verdict) {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path().canonicalize().unwrap();
    for (name, text) in case["files"].as_object().unwrap() {
        let path = directory.join(ours(name));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, translated(text.as_str().unwrap())).unwrap();
    }
    if case["files"].to_string().contains("fixtures/") {
        std::os::unix::fs::symlink(super::directory().join("fixtures"), directory.join("fixtures")).unwrap();
    }
    let load = LoadOptions { directory: directory.clone(), ..LoadOptions::default() };
    let validated = ops::validate::validate(&load, None);
    let validate = Verdict::of(&validated.diagnostics, &validated.sources, &directory);
    if case["plan_args"].is_array() {
        return (validate, plan_of_program(case));
    }
    let vars = case["vars"].as_object().into_iter().flatten();
    let arguments = vars
        .map(|(name, text)| VariableInput::Text {
            name: name.clone(),
            text: text.as_str().unwrap().to_owned(),
        })
        .collect();
    let options = ProjectOptions { directory: directory.clone(), arguments, ..ProjectOptions::default() };
    let opened = Project::open(options);
    let Some(project) = opened.output else { panic!("a project is there even with errors") };
    let found = if opened.diagnostics.has_errors() {
        opened.diagnostics
    } else {
        let planned =
            ops::plan::plan(&project, &PlanOptions::normal(), "2026-01-02T03:04:05Z", &Stop::never()).await;
        match planned {
            Ok(planned) => planned.plan.diagnostics,
            Err(found) => found,
        }
    };
    (validate, Verdict::of(&found, &project.sources, &directory))
}

/// Runs `plan` as a program: its arguments are part of the case.
fn plan_of_program(case: &Json) -> Verdict {
    let place = Place::new();
    for (name, text) in case["files"].as_object().unwrap() {
        place.write(&ours(name), &translated(text.as_str().unwrap()));
    }
    let mut arguments = vec!["plan".to_owned(), "-json".to_owned()];
    arguments
        .extend(case["plan_args"].as_array().unwrap().iter().map(|text| translated(text.as_str().unwrap())));
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let output = place.run(&arguments);
    let lines = output.stdout.lines().filter_map(|line| serde_json::from_str::<Json>(line).ok());
    let mut list: Vec<Json> =
        lines.filter(|line| line["type"] == "diagnostic").map(|line| line["diagnostic"].clone()).collect();
    if !matches!(output.status, Some(0 | 2)) && !list.iter().any(|item| item["severity"] == "error") {
        list.push(json!({ "severity": "error", "code": "usage", "summary": output.stderr }));
    }
    Verdict::of_json(&list)
}

/// No group agrees with fewer recorded verdicts than before.
///
/// With `QF_CONFORMANCE=shares` the figures of all groups are printed in the form of the pins; with
/// `QF_CONFORMANCE=GROUP` (or `all`, or a case) the cases that differ; with `QF_CONFORMANCE=differences` the
/// results in the form of `differences.jsonl`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn verdicts_are_those_of_terraform() {
    let wanted = std::env::var("QF_CONFORMANCE").unwrap_or_default();
    let mut shares = Shares::default();
    let mut differences = Differences::of("validate");
    for case in cases("validate.jsonl.gz") {
        let (group, id) = (case["group"].as_str().unwrap(), case["id"].as_str().unwrap());
        if wanted == "ids" {
            println!("{id}");
        }
        let (validate, plan) = run(&case).await;
        let found = json!([validate.words("validate"), plan.words("plan")]);
        let different: Vec<String> = [
            ("validate", validate.differs(&case["validate"], case["validate"]["valid"] == true)),
            ("plan", plan.differs(&case["plan"], case["plan"]["ok"] == true)),
        ]
        .into_iter()
        .filter_map(|(command, how)| Some(format!("{command}: {}", how?)))
        .collect();
        if differences.settle(id, &found) {
            assert!(!different.is_empty(), "{id} goes as recorded: it is no difference");
            continue;
        }
        shares.count(group, different.is_empty());
        if different.is_empty() {
            continue;
        }
        if wanted == "differences" {
            println!("{}", json!({ "corpus": "validate", "id": id, "why": "", "expect": found }));
        } else if wanted == group || wanted == "all" || wanted == id {
            println!("== {id}: {}", different.join("; "));
            for (name, text) in case["files"].as_object().unwrap() {
                println!("   [{name}]\n{}", text.as_str().unwrap());
            }
            println!("   args {} {}", case["plan_args"], case["vars"]);
            for command in ["validate", "plan"] {
                for item in case[command]["diagnostics"].as_array().into_iter().flatten() {
                    println!(
                        "   recorded {command} {} {}:{} {} | {}",
                        item["severity"],
                        item["range"]["filename"],
                        item["range"]["start"]["line"],
                        item["summary"],
                        item["detail"]
                    );
                }
            }
            println!("   found validate\n{}   found plan\n{}", validate.text, plan.text);
        }
    }
    let settled = differences.finish();
    let (same, all) = shares.0.values().fold((0, 0), |sum, share| (sum.0 + share.0, sum.1 + share.1));
    println!("{}all {same}/{all}, on purpose another way: {settled}", shares.lines());
    let fallen = shares.fallen("validate.txt");
    assert!(fallen.is_empty(), "{fallen}");
}
