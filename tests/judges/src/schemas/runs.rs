//! Real runs: what every command prints follows its schema.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::support::Place;

use super::Judge;

/// A place with the files of an example.
pub(super) fn example(name: &str) -> Place {
    let place = Place::new();
    copy(&place, &format!("{}/../../examples/{name}", env!("CARGO_MANIFEST_DIR")), "");
    place
}

fn copy(place: &Place, from: &str, below: &str) {
    for entry in std::fs::read_dir(format!("{from}/{below}")).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let path = if below.is_empty() { name.clone() } else { format!("{below}/{name}") };
        if name.starts_with('.') {
            continue;
        } else if entry.file_type().unwrap().is_dir() {
            copy(place, from, &path);
        } else {
            place.write(&path, &std::fs::read_to_string(entry.path()).unwrap());
        }
    }
}

/// The address of an object, wherever it lies.
fn first_address(module: &Json) -> Option<String> {
    let own = module["resources"].as_array().into_iter().flatten();
    let own = own.filter_map(|resource| resource["address"].as_str().map(str::to_owned));
    let children = module["child_modules"].as_array().into_iter().flatten();
    own.chain(children.filter_map(first_address)).next()
}

/// What a stream tells of a plan is what the plan's JSON says.
#[track_caller]
pub(super) fn equal(lines: &[Json], plan: &Json) {
    let of = |kind: &str| lines.iter().filter(|line| line["type"] == kind).collect::<Vec<_>>();
    let key = |entry: &Json| format!("{}{}", entry["address"].as_str().unwrap(), entry["deposed"]);
    let changes: BTreeMap<String, &Json> =
        plan["resource_changes"].as_array().unwrap().iter().map(|change| (key(change), change)).collect();
    let mut told = 0;
    for line in of("planned_change") {
        let mut detail = line["queueform"].clone();
        let fields = detail.as_object_mut().unwrap();
        let deposed = fields.remove("deposed").unwrap_or(Json::Null);
        let addr = line["change"]["resource"]["addr"].as_str().unwrap();
        // Runs of actions stand in a list of their own.
        let Some(saved) = changes.get(&format!("{addr}{deposed}")) else {
            assert_eq!(line["change"]["action"], "invoke", "{line}");
            continue;
        };
        assert_eq!(fields.remove("change").unwrap(), saved["change"], "{addr}");
        assert_eq!(detail, saved["queueform"], "{addr}");
        for (part, name) in [("importing", "importing"), ("generated_config", "generated_config")] {
            assert_eq!(line["change"][part], saved["change"][name], "{addr}");
        }
        assert_eq!(line["change"]["previous_resource"]["addr"], saved["previous_address"], "{addr}");
        told += 1;
    }
    let no_op = |change: &&&Json| {
        change["change"]["actions"][0] == "no-op"
            && change["previous_address"].is_null()
            && change["change"]["importing"].is_null()
    };
    assert_eq!(told, changes.len() - changes.values().filter(no_op).count());
    let drift = plan["resource_drift"].as_array().unwrap();
    let found = of("resource_drift");
    assert_eq!(found.len(), drift.len());
    for (line, saved) in found.into_iter().zip(drift) {
        assert_eq!(line["change"]["resource"]["addr"], saved["address"]);
        assert_eq!(line["queueform"]["change"], saved["change"]);
        assert_eq!(line["queueform"]["attributes"], saved["queueform"]["attributes"]);
    }
    for line in of("outputs") {
        for (name, output) in line["outputs"].as_object().unwrap() {
            assert_eq!(output["queueform"]["change"], plan["output_changes"][name], "{name}");
        }
    }
}

#[test]
fn streams_say_what_plans_say_and_all_follows_the_schemas() {
    let mut judge = Judge::new();
    let mut kinds = BTreeSet::new();
    for (name, changes) in [
        (
            "quickstart",
            &[
                "--var=app_secrets={\"orders-api\"=\"A-secret-1\",\"billing-worker\"=\"A-secret-2\",\"audit-worker\"=\"A-secret-3\",\"refund-worker\"=\"A-secret-4\"}",
            ][..],
        ),
        ("policies", &["--var=topics={\"orders-created\"=24}"]),
        ("service-modules", &["--destroy"]),
        ("apsara-stack", &["--refresh-only"]),
        ("disaster-recovery", &["--var=mqtt_active=[\"mqtt-cn-demoshanghai\"]"]),
    ] {
        let place = example(name);
        let mut planned = |arguments: &[&str]| {
            let all = [&["plan", "--emulate", "--json", "--out=a.qfplan"], arguments].concat();
            let stream = place.run(&all);
            assert!(matches!(stream.status, Some(0 | 3)), "{stream}");
            let lines = judge.lines("events", &stream.stdout);
            let plan = place.run(&["show", "--json", "a.qfplan"]).ended(0).json();
            judge.holds("plan", &plan);
            equal(&lines, &plan);
            for (kind, types) in [("plan", "--type=plan"), ("steps", "--type=steps")] {
                let graph = place.run(&["graph", types, "--plan=a.qfplan", "--format=json"]).ended(0).json();
                judge.holds("graph", &graph);
                assert_eq!(graph["type"], kind);
            }
            lines
        };
        kinds.extend(planned(&[]).iter().map(|line| line["type"].as_str().unwrap().to_owned()));
        let done = place.run(&["apply", "--emulate", "--json", "--auto-approve"]).ended(0);
        planned(changes);
        planned(&[]);
        let lines = judge.lines("events", &done.stdout);
        kinds.extend(lines.iter().map(|line| line["type"].as_str().unwrap().to_owned()));
        judge.holds("state", &place.run(&["show", "--emulate", "--json"]).ended(0).json());
        judge.holds("output", &place.run(&["output", "--emulate", "--json"]).ended(0).json());
        judge.holds("drift", &place.run(&["drift", "--emulate", "--json"]).json());
        judge.holds("lock", &place.run(&["lock", "show", "--emulate", "--json"]).ended(0).json());
        let log = place.run(&["state", "log", "--emulate", "--json"]).ended(0).json();
        judge.holds("state-log", &log);
        let run = log["runs"][0]["run"].as_str().unwrap().to_owned();
        let detail = place.run(&["state", "log", "--emulate", "--json", &run]).ended(0).json();
        judge.holds("state-log", &detail);
        assert!(!detail["runs"][0]["objects"].as_array().unwrap().is_empty(), "{detail}");
        let state = place.run(&["show", "--emulate", "--json"]).ended(0).json();
        let addr = first_address(&state["values"]["root_module"]).unwrap();
        let shown = place.run(&["show", "--emulate", "--json", &addr]).ended(0).json();
        judge.holds("state-objects", &shown);
        assert_eq!(shown["resources"][0]["address"], addr.as_str());
        judge.holds("modules", &place.run(&["modules", "--json"]).ended(0).json());
        judge.holds("providers", &place.run(&["providers", "--emulate", "--json"]).ended(0).json());
        judge.holds("validate", &place.run(&["validate", "--emulate", "--json"]).ended(0).json());
        for kind in ["--type=resources", "--type=config"] {
            judge.holds("graph", &place.run(&["graph", kind, "--format=json"]).ended(0).json());
        }
        let gone = place.run(&["destroy", "--emulate", "--json", "--auto-approve"]);
        let lines = judge.lines("events", &gone.stdout);
        kinds.extend(lines.iter().map(|line| line["type"].as_str().unwrap().to_owned()));
    }
    for kind in [
        "apply_complete",
        "apply_start",
        "change_summary",
        "outputs",
        "plan_saved",
        "planned_change",
        "refresh_complete",
        "refresh_start",
        "version",
    ] {
        assert!(kinds.contains(kind), "no `{kind}` in {kinds:?}");
    }
}

#[test]
fn what_is_wrong_is_told_as_the_schemas_say() {
    let mut judge = Judge::new();
    let wrong = "output \"a\" {\n  value = local.nothing\n}\n\nresource \"queueform_data\" \"b\" {\n  inputs = 1\n}\n";
    let place = Place::with(&[("main.qf.hcl", wrong)]);
    let found = place.run(&["validate", "--json"]).ended(1).json();
    judge.holds("validate", &found);
    assert_eq!(found["error_count"], 2);
    for one in found["diagnostics"].as_array().unwrap() {
        judge.holds("diagnostic", one);
    }
    let lines = judge.lines("events", &place.run(&["plan", "--json"]).ended(1).stdout);
    assert_eq!(lines.iter().filter(|line| line["type"] == "diagnostic").count(), 2);
    let emptied = Place::with(&[("main.qf.hcl", "")]);
    judge.holds("validate", &emptied.run(&["validate", "--json"]).ended(0).json());
    judge.holds("state", &emptied.run(&["show", "--json"]).ended(0).json());
    judge.holds("output", &emptied.run(&["output", "--json"]).ended(0).json());
    // Ephemeral resources are opened while planning.
    let secret = "ephemeral \"queueform_password\" \"p\" {\n  length = 12\n}\n\nlocals {\n  a = ephemeral.queueform_password.p.result\n}\n\nresource \"queueform_data\" \"a\" {\n  input = ephemeralasnull(local.a)\n}\n";
    let opening = Place::with(&[("main.qf.hcl", secret)]);
    let lines = judge.lines("events", &opening.run(&["plan", "--json"]).ended(0).stdout);
    for kind in ["ephemeral_op_start", "ephemeral_op_complete"] {
        assert!(lines.iter().any(|line| line["type"] == kind), "no `{kind}`");
    }
    // An apply that fails.
    let failing = Place::with(&[(
        "main.qf.hcl",
        "resource \"queueform_data\" \"a\" {\n  input = 1\n  lifecycle {\n    postcondition {\n      condition     = self.output == 2\n      error_message = \"not two\"\n    }\n  }\n}\n",
    )]);
    let lines = judge.lines("events", &failing.run(&["apply", "--json", "--auto-approve"]).ended(1).stdout);
    assert!(lines.iter().any(|line| line["type"] == "diagnostic"));
}

#[test]
fn documents_about_the_program_follow_their_schemas() {
    let mut judge = Judge::new();
    let place = Place::new();
    judge.holds("version", &place.run(&["version", "--json"]).ended(0).json());
    judge.holds("functions", &place.run(&["metadata", "functions", "--json"]).ended(0).json());
    let schemas = place.run(&["providers", "schema", "--json"]).ended(0).json();
    judge.holds("providers-schema", &schemas);
    assert_eq!(schemas["provider_schemas"].as_object().unwrap().len(), 4);
    let one = place.run(&["providers", "schema", "--json", "dms"]).ended(0).json();
    assert_eq!(
        one["provider_schemas"]["queueform.io/builtin/dms"],
        schemas["provider_schemas"]["queueform.io/builtin/dms"]
    );
    judge.holds("schema", &place.run(&["schema", "show", "--json"]).ended(0).json());
    judge.holds("schema", &place.run(&["schema", "show", "--json", "dms_rocketmq_topic"]).ended(0).json());
    judge.holds("workspaces", &place.run(&["workspace", "list", "--json"]).ended(0).json());
    let input = "1 + 1\nsensitive(\"x\")\nlocal.nothing\ntype([1])\n";
    let console = place.command(&["console", "--json"]).input(input).output();
    let lines = judge.lines("console", &console.stdout);
    assert_eq!(lines.len(), 4, "{console}");
}

#[test]
fn tests_and_actions_follow_their_schemas() {
    let mut judge = Judge::new();
    let place = example("tested");
    let stream = place.run(&["test", "--json", "--verbose"]).ended(0).stdout;
    let lines = judge.lines("test", &stream);
    for kind in ["version", "test_abstract", "test_file", "test_run", "test_summary"] {
        assert!(lines.iter().any(|line| line["type"] == kind), "no `{kind}`");
    }
    let place = example("quickstart");
    let action = "\naction \"dms_rocketmq_send_message\" \"hello\" {\n  config {\n    instance_id = dms_rocketmq_instance.main.id\n    topic       = \"orders-created\"\n    body        = \"hello\"\n  }\n}\n";
    place.write("actions.qf.hcl", action);
    drop(place.run(&["apply", "--emulate", "--auto-approve"]).success());
    let run = ["action", "run", "--emulate", "--auto-approve", "action.dms_rocketmq_send_message.hello"];
    let planned = place.run(&["plan", "--emulate", "--json"]);
    drop(judge.lines("events", &planned.stdout));
    let told = place.run(&[&run[..], &["--json"]].concat()).ended(0);
    let lines = judge.lines("events", &told.stdout);
    assert!(lines.iter().any(|line| line["change"]["action"] == "invoke"), "{told}");
    let printed = place.run(&[&run[..], &["--again"]].concat()).ended(0);
    let from = printed.stdout.find("\n{").unwrap();
    let document: Json = serde_json::from_str(printed.stdout[from..].trim()).unwrap();
    judge.holds("action", &document);
}

#[test]
fn every_schema_is_listed_in_the_page_about_them() {
    let page = format!("{}/../../docs/reference/json.md", env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(page).unwrap();
    for name in Judge::names() {
        assert!(
            page.contains(&format!("(schemas/{name}.schema.json)")),
            "{name} is not in docs/reference/json.md"
        );
        // Readable for people, and the same on every machine.
        let text = std::fs::read_to_string(Judge::path(&name)).unwrap();
        assert!(text.ends_with("}\n") && text.lines().count() > 3, "{name}");
    }
}
