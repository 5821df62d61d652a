//! Views of plans and states, over cases in `tests/fixtures/plans`.
//!
//! A case is one file: a configuration, what was applied before, what was found since, and the views as they are
//! to look. `UPDATE=1` rewrites the views.

mod case;
mod scene;
mod world;

use case::Case;
use scene::Scene;

use queueform::render::Look;
use queueform::render::json;
use queueform::render::json::PlanDocument;

/// Where the cases are.
const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/plans");

fn cases() -> Vec<Case> {
    let mut paths: Vec<_> = std::fs::read_dir(CASES).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| Case::read(path)).collect()
}

/// Takes the colours out of a text.
fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        out.push_str(before);
        rest = after.split_once('m').unwrap().1;
    }
    out + rest
}

#[test]
fn plans_look_as_they_are_to_look() {
    let update = std::env::var_os("UPDATE").is_some();
    let mut wrong = Vec::new();
    let (mut number, mut views) = (0, 0);
    for mut case in cases() {
        number += 1;
        let scene = Scene::set(&case);
        let names: Vec<String> = case.views().map(|(name, _)| name.to_owned()).collect();
        assert!(!names.is_empty(), "{}: no view", case.name);
        for name in names {
            views += 1;
            let (look, text) = scene.view(&name);
            let mut problems = broken_rules(&scene, look, &text);
            if name == "plan" && plain(&scene.draw(Look { colour: true, ..look }, false, false)) != text {
                problems.push("colours say what words do not".to_owned());
            }
            wrong.extend(
                problems.into_iter().map(|problem| format!("{} ({name}): {problem}\n{text}", case.name)),
            );
            let expected = case.view(&name).to_owned();
            if text.trim_end() == expected.trim_end() {
                continue;
            }
            if update {
                case.set_view(&name, &text);
            } else {
                let diff = similar_lines(&expected, &text);
                wrong.push(format!("{} ({name}):\n{diff}", case.name));
            }
        }
        if update {
            case.write();
        }
    }
    assert!(wrong.is_empty(), "UPDATE=1 rewrites the views\n\n{}", wrong.join("\n\n"));
    assert!(number >= 60 && views >= 70, "{number} cases with {views} views");
}

/// What holds for every view.
fn broken_rules(scene: &Scene, look: Look, text: &str) -> Vec<String> {
    let mut broken = Vec::new();
    if !look.colour && text.contains('\u{1b}') {
        broken.push("colours where none are wanted".to_owned());
    }
    if text.contains("hunter") {
        broken.push("a secret is shown".to_owned());
    }
    if let Some(line) = plain(text).lines().find(|line| line.ends_with(' ')) {
        broken.push(format!("spaces at the end of {line:?}"));
    }
    if text.contains("\n\n\n") {
        broken.push("two empty lines".to_owned());
    }
    let document = json::plan_json(PlanDocument {
        plan: &scene.plan,
        config: &scene.loaded.config,
        variables: &scene.loaded.variables,
        registry: &scene.registry,
        sources: &scene.sources,
        time: world::TIME,
        prior: &scene.state,
    });
    if document.to_string().contains("hunter") {
        broken.push("a secret is in the JSON of the plan".to_owned());
    }
    broken
}

fn similar_lines(expected: &str, found: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), found.lines().collect());
    let mut out = String::new();
    for (sign, lines, others) in [('-', &old, &new), ('+', &new, &old)] {
        for line in lines.iter().filter(|line| !others.contains(line)) {
            out.push_str(&format!("{sign} {line}\n"));
        }
    }
    out
}

#[test]
fn the_same_case_gives_the_same_view() {
    let case = cases().into_iter().next().unwrap();
    assert_eq!(Scene::set(&case).view("plan"), Scene::set(&case).view("plan"));
}
