//! `plan --json`, `apply --json` and `destroy --json`: a stream of JSON with Terraform's names.

#![expect(clippy::indexing_slicing, reason = "JSON answers null to what is not there")]

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::support::Output;
use crate::support::Place;

/// What Terraform was observed to write, and its configuration.
const OBSERVED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/terraform");

fn observed(name: &str) -> String {
    std::fs::read_to_string(format!("{OBSERVED}/{name}")).unwrap()
}

/// A place with the configuration that Terraform was observed with.
fn place() -> Place {
    Place::with(&[("main.qf.hcl", &observed("main.tf").replace("terraform_data", "queueform_data"))])
}

fn applied() -> Place {
    let place = place();
    drop(place.run(&["apply", "-auto-approve"]).success());
    place
}

/// Every line of standard output is a JSON object; standard error is empty.
#[track_caller]
fn lines(output: &Output) -> Vec<Json> {
    assert_eq!(output.stderr, "", "{output}");
    parse(&output.stdout)
}

#[track_caller]
fn parse(text: &str) -> Vec<Json> {
    let lines: Vec<Json> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for line in &lines {
        for key in ["@level", "@message", "@module", "@timestamp", "type"] {
            assert!(line[key].is_string(), "{key}: {line}");
        }
    }
    assert_eq!(lines[0]["type"], "version");
    lines
}

fn of<'l>(lines: &'l [Json], kind: &str) -> Vec<&'l Json> {
    lines.iter().filter(|line| line["type"] == kind).collect()
}

/// What a stream says, without ids, times and the order of what is done at once.
fn told(lines: &[Json]) -> BTreeMap<String, Vec<String>> {
    let mut told: BTreeMap<String, Vec<String>> = BTreeMap::new();
    // What only the state knows is not read again.
    let kept = |line: &&Json| {
        !matches!(line["type"].as_str().unwrap(), "version" | "refresh_start" | "refresh_complete")
    };
    for line in lines.iter().filter(kept) {
        let mut line = line.as_object().unwrap().clone();
        for ours in ["queueform", "@timestamp", "@module", "@message"] {
            line.remove(ours);
        }
        for part in ["hook", "changes"] {
            if let Some(part) = line.get_mut(part).and_then(Json::as_object_mut) {
                part.remove("id_value");
                part.remove("elapsed_seconds");
                part.remove("forget");
            }
        }
        for output in
            line.get_mut("outputs").and_then(Json::as_object_mut).into_iter().flat_map(|all| all.values_mut())
        {
            output.as_object_mut().unwrap().remove("queueform");
            output.as_object_mut().unwrap().remove("value");
        }
        let text = Json::Object(line.clone()).to_string();
        let text = text.replace("terraform", "queueform");
        told.entry(line["type"].as_str().unwrap().to_owned()).or_default().push(text);
    }
    for texts in told.values_mut() {
        texts.sort();
    }
    told
}

#[track_caller]
fn same(observed_in: &str, output: &Output) {
    let (theirs, ours) = (told(&parse(&observed(observed_in))), told(&lines(output)));
    assert_eq!(theirs.keys().collect::<Vec<_>>(), ours.keys().collect::<Vec<_>>());
    for (kind, theirs) in &theirs {
        assert_eq!(theirs, &ours[kind], "{kind}");
    }
}

#[test]
fn terraform_was_observed_to_say_the_same() {
    let place = place();
    same("first.jsonl", &place.run(&["plan", "-json"]).ended(0));
    same("apply.jsonl", &{
        drop(place.run(&["plan", "-out=first.qfplan"]).success());
        let output = place.run(&["apply", "-json", "first.qfplan"]).ended(0);
        // Terraform does not count a saved plan again.
        let kept =
            |line: &&str| !line.contains("\"operation\":\"plan\"") && !line.contains("\"ids\":{\"action\"");
        Output {
            stdout: output.stdout.lines().filter(kept).map(|line| format!("{line}\n")).collect(),
            ..output
        }
    });
    same(
        "second.jsonl",
        &place.run(&["plan", "-json", "-var", "size=2", "-var", "keys=[\"x\",\"z\"]"]).ended(0),
    );
    same("destroy.jsonl", &place.run(&["plan", "-json", "-destroy"]).ended(0));
    same("nothing.jsonl", &place.run(&["plan", "-json"]).ended(0));
}

#[test]
fn changes_are_told_as_the_plan_file_has_them() {
    let place = applied();
    let arguments = ["plan", "-json", "-var=size=2", "-var=keys=[\"x\",\"z\"]", "-out=second.qfplan"];
    let lines = lines(&place.run(&arguments).ended(0));
    let plan = place.run(&["show", "-json", "second.qfplan"]).ended(0).json();
    let changes = plan["resource_changes"].as_array().unwrap();
    let told = of(&lines, "planned_change");
    let changing = changes.iter().filter(|change| change["change"]["actions"][0] != "no-op").count();
    assert_eq!(told.len(), changing);
    for line in told {
        let resource = &line["change"]["resource"];
        let saved = changes.iter().find(|change| change["address"] == resource["addr"]).unwrap();
        let mut detail = line["queueform"].clone();
        assert_eq!(detail.as_object_mut().unwrap().remove("change").unwrap(), saved["change"]);
        assert_eq!(detail, saved["queueform"]);
    }
    for (name, output) in of(&lines, "outputs")[0]["outputs"].as_object().unwrap() {
        assert_eq!(output["queueform"]["change"], plan["output_changes"][name]);
    }
    let summary = of(&lines, "change_summary")[0];
    assert_eq!(summary["queueform"]["status"], "complete");
    let saved = of(&lines, "plan_saved")[0];
    assert_eq!(saved["queueform"]["hash"], summary["queueform"]["hash"]);
    assert_eq!(saved["queueform"]["file"], "second.qfplan");
}

#[test]
fn every_attribute_that_changes_is_told() {
    let place = applied();
    let output = place.run(&["plan", "-json", "-var=size=2"]).ended(0);
    let lines = lines(&output);
    let change = |addr: &str| {
        let found = of(&lines, "planned_change");
        (*found.iter().find(|line| line["change"]["resource"]["addr"] == addr).unwrap()).clone()
    };
    let each = change("queueform_data.each[\"x\"]");
    let attributes: Vec<(String, Json, Json)> = each["queueform"]["attributes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|found| {
            (found["name"].as_str().unwrap().to_owned(), found["before"].clone(), found["after"].clone())
        })
        .collect();
    assert_eq!(attributes[0], ("input.size".to_owned(), 1.into(), 2.into()));
    assert_eq!(attributes[1], ("input.text".to_owned(), "n-1".into(), "n-2".into()));
    assert_eq!(each["queueform"]["place"]["filename"], "main.qf.hcl");
    let counted = change("queueform_data.counted[0]");
    let forcing = counted["queueform"]["attributes"].as_array().unwrap();
    assert!(
        forcing
            .iter()
            .any(|found| found["name"] == "triggers_replace[2]" && found["forces_replacement"] == true)
    );
    assert_eq!(counted["queueform"]["causes"][0]["address"], "queueform_data.each[\"x\"]");
    let mixed = change("queueform_data.mixed");
    let names: Vec<&Json> =
        mixed["queueform"]["attributes"].as_array().unwrap().iter().map(|found| &found["name"]).collect();
    assert!(!names.iter().any(|name| **name == "input.token"), "the secret is the same: {names:?}");
    assert!(!output.stdout.contains("tok3n"), "{output}");
}

#[test]
fn what_is_wrong_is_told_in_the_stream() {
    let place = Place::with(&[("main.qf.hcl", "output \"o\" {\n  value = local.nothing\n}\n")]);
    for command in
        [&["plan", "-json"][..], &["apply", "-json", "-auto-approve"], &["destroy", "-json", "-auto-approve"]]
    {
        let lines = lines(&place.run(command).ended(1));
        let found = of(&lines, "diagnostic");
        assert_eq!((lines.len(), found.len()), (2, 1), "{lines:?}");
        assert_eq!(found[0]["diagnostic"]["range"]["filename"], "main.qf.hcl");
        assert_eq!(found[0]["@level"], "error");
    }
}

#[test]
fn nobody_is_asked() {
    let place = Place::with(&[("main.qf.hcl", "variable \"x\" {}\n\noutput \"o\" {\n  value = var.x\n}\n")]);
    let found = lines(&place.run(&["plan", "-json"]).ended(1));
    assert_eq!(of(&found, "diagnostic").len(), 1, "{found:?}");
    let found = lines(&place.run(&["apply", "-json", "-var=x=1"]).ended(1));
    assert!(of(&found, "diagnostic")[0]["@message"].as_str().unwrap().contains("approve"), "{found:?}");
    let found = lines(&place.run(&["apply", "-json", "nowhere.qfplan"]).ended(1));
    assert!(
        of(&found, "diagnostic")[0]["@message"].as_str().unwrap().contains("nowhere.qfplan"),
        "{found:?}"
    );
}

#[test]
fn a_plan_has_its_own_exit_status_on_request() {
    let place = place();
    drop(lines(&place.run(&["plan", "-json", "-detailed-exitcode"]).ended(2)));
    drop(place.run(&["apply", "-auto-approve"]).success());
    let quiet = lines(&place.run(&["plan", "-json", "-detailed-exitcode"]).ended(0));
    let summary = &of(&quiet, "change_summary")[0]["changes"];
    assert_eq!((&summary["add"], &summary["change"], &summary["remove"]), (&0.into(), &0.into(), &0.into()));
}

#[test]
fn a_protected_object_denies_the_plan() {
    let config = |prevent: &str| {
        format!(
            "resource \"queueform_data\" \"a\" {{\n  input = 1\n  lifecycle {{\n    prevent_destroy = {prevent}\n  }}\n}}\n"
        )
    };
    let place = Place::with(&[("main.qf.hcl", &config("true"))]);
    drop(place.run(&["apply", "-auto-approve"]).success());
    for command in [&["plan", "-json", "-destroy"][..], &["destroy", "-json", "-auto-approve"]] {
        let lines = lines(&place.run(command).ended(3));
        assert_eq!(of(&lines, "change_summary")[0]["queueform"]["status"], "denied");
        assert_eq!(of(&lines, "diagnostic")[0]["diagnostic"]["code"], "prevent-destroy");
        assert!(of(&lines, "apply_start").is_empty());
    }
}

#[test]
fn a_destroy_ends_with_its_counts() {
    let place = applied();
    let lines = lines(&place.run(&["destroy", "-json", "-auto-approve"]).ended(0));
    let summaries = of(&lines, "change_summary");
    assert_eq!(summaries.len(), 2);
    assert_eq!(summaries[1]["changes"]["operation"], "destroy");
    assert_eq!(summaries[1]["changes"]["remove"], 7);
    assert_eq!(summaries[1]["queueform"]["complete"], true);
    assert_eq!(of(&lines, "apply_complete").len(), 7);
}

#[test]
fn what_is_read_is_told() {
    let place = Place::new();
    for name in ["main.qf.hcl", "emulate.qfvars.hcl"] {
        let path = format!("{}/examples/quickstart/{name}", env!("CARGO_MANIFEST_DIR"));
        place.write(name, &std::fs::read_to_string(path).unwrap());
    }
    drop(place.run(&["apply", "--emulate", "--auto-approve"]).success());
    let lines = lines(&place.run(&["plan", "--emulate", "--json"]).ended(0));
    for kind in ["refresh_start", "refresh_complete"] {
        let told = of(&lines, kind);
        assert_eq!(told.len(), 11, "{kind}");
        let topic = told
            .iter()
            .find(|line| line["hook"]["resource"]["addr"] == "dms_rocketmq_topic.topic[\"billing-done\"]")
            .unwrap();
        assert_eq!(topic["hook"]["id_key"], "id");
        assert!(topic["hook"]["id_value"].as_str().unwrap().ends_with("/billing-done"), "{topic}");
    }
    assert_eq!(of(&lines, "change_summary")[0]["queueform"]["unchanged"], 11);
}
