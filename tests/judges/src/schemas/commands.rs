//! Every command that prints JSON: what it prints follows the schema that the page about schemas names for it.

use std::collections::BTreeSet;

use crate::support::Place;

use super::Judge;
use super::runs::example;

/// The command line, as the reference of it says.
const REFERENCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/cli.md");
/// The page about machine output.
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/json.md");

/// What a command prints.
#[derive(Clone, Copy, PartialEq)]
enum Prints {
    /// One document.
    Document,
    /// One document a line.
    Lines,
}
use Prints::Document;
use Prints::Lines;

/// A command, what it is run with, how it ends, and the schema of what it prints.
type Case = (&'static str, &'static [&'static str], i32, Prints, &'static str);

/// What is judged, in the order in which it is run at one place.
const CASES: &[Case] = &[
    ("validate", &["validate", "--json"], 0, Document, "validate"),
    ("init", &["init", "--emulate", "--json"], 0, Lines, "events"),
    ("plan", &["plan", "--emulate", "--json", "--out=a.qfplan"], 0, Lines, "events"),
    ("show", &["show", "--json", "a.qfplan"], 0, Document, "plan"),
    ("plan explain", &["plan", "explain", "--emulate", "--json", "module.*"], 1, Document, ""),
    (
        "plan explain",
        &["plan", "explain", "--json", "dms_rocketmq_topic.topic[*]", "a.qfplan"],
        0,
        Document,
        "explain",
    ),
    ("graph", &["graph", "--format=json"], 0, Document, "graph"),
    ("graph", &["graph", "--type=steps", "--plan=a.qfplan", "--format=json"], 0, Document, "graph"),
    ("apply", &["apply", "--emulate", "--json", "--auto-approve"], 0, Lines, "events"),
    (
        "plan explain",
        &["plan", "explain", "--emulate", "--json", "dms_rocketmq_instance.main"],
        0,
        Document,
        "explain",
    ),
    (
        "plan explain",
        &[
            "plan",
            "explain",
            "--emulate",
            "--json",
            "--replace=dms_rocketmq_instance.main",
            "dms_rocketmq_user.app[*]",
        ],
        0,
        Document,
        "explain",
    ),
    (
        "action run",
        &["action", "run", "--emulate", "--json", "--auto-approve", "action.dms_rocketmq_send_message.hello"],
        0,
        Lines,
        "events",
    ),
    ("refresh", &["refresh", "--emulate", "--json"], 0, Lines, "events"),
    ("drift", &["drift", "--emulate", "--json", "--unmanaged"], 0, Document, "drift"),
    ("drift", &["drift", "--emulate", "--json", "--var=nothing=1"], 1, Document, "drift"),
    ("show", &["show", "--emulate", "--json"], 0, Document, "state"),
    ("show", &["show", "--emulate", "--json", "dms_rocketmq_topic.topic"], 0, Document, "state-objects"),
    (
        "state show",
        &["state", "show", "--emulate", "--json", "dms_rocketmq_instance.main"],
        0,
        Document,
        "state-objects",
    ),
    ("state log", &["state", "log", "--emulate", "--json"], 0, Document, "state-log"),
    ("lock show", &["lock", "show", "--emulate", "--json"], 0, Document, "lock"),
    ("output", &["output", "--emulate", "--json"], 0, Document, "output"),
    ("workspace list", &["workspace", "list", "--json"], 0, Document, "workspaces"),
    ("console", &["console", "--emulate", "--json"], 0, Lines, "console"),
    ("providers", &["providers", "--emulate", "--json"], 0, Document, "providers"),
    ("providers schema", &["providers", "schema", "--json"], 0, Document, "providers-schema"),
    ("modules", &["modules", "--json"], 0, Document, "modules"),
    ("metadata functions", &["metadata", "functions", "--json"], 0, Document, "functions"),
    ("schema show", &["schema", "show", "--json"], 0, Document, "schema"),
    ("schema check", &["schema", "check", "--json", "own"], 1, Document, "validate"),
    ("version", &["version", "--json"], 0, Document, "version"),
    ("test", &["test", "--json"], 0, Lines, "test"),
    ("undo", &["undo", "--emulate", "--json", "--dry-run"], 0, Lines, "events"),
    ("adopt", &["adopt", "--all", "--emulate", "--json", "--dry-run"], 0, Document, "adopt"),
    ("destroy", &["destroy", "--emulate", "--json", "--auto-approve"], 3, Lines, "events"),
    ("adopt", &["adopt", "dms_nothing", "--emulate", "--json"], 1, Document, "adopt"),
    ("migrate", &["migrate", "--json", "--dry-run", "--dir=migrated"], 0, Document, "migrate"),
    ("migrate", &["migrate", "--json", "--state=nowhere"], 1, Document, "migrate"),
];

/// The commands of the reference that can print JSON.
fn commands() -> BTreeSet<String> {
    let page = std::fs::read_to_string(REFERENCE).unwrap();
    let mut found = BTreeSet::new();
    for section in page.split("\n## `queueform ").skip(1) {
        let (name, text) = section.split_once('`').unwrap();
        if text.contains("\n| `--json` |") || text.contains("--format=json") {
            found.insert(name.to_owned());
        }
    }
    found
}

/// A configuration with everything that prints.
fn place() -> Place {
    let place = example("quickstart");
    place.write(
        "actions.qf.hcl",
        "\naction \"dms_rocketmq_send_message\" \"hello\" {\n  config {\n    instance_id = dms_rocketmq_instance.main.id\n    topic       = \"orders-created\"\n    body        = \"hello\"\n  }\n}\n",
    );
    place.write("own/provider.hcl", "provider \"own\" {\n  nothing = 1\n}\n");
    place.write("main.tf", "resource \"huaweicloud_dms_rocketmq_topic\" \"a\" {\n  instance_id = \"i\"\n  name        = \"a\"\n}\n");
    place
}

#[test]
fn whatever_prints_json_has_a_schema_and_follows_it() {
    let judged: BTreeSet<String> = CASES.iter().map(|(command, ..)| (*command).to_owned()).collect();
    assert_eq!(commands(), judged, "a command prints JSON that nobody judges, or is gone");
    let page = std::fs::read_to_string(PAGE).unwrap();
    let mut judge = Judge::new();
    let place = place();
    for (command, arguments, status, prints, schema) in CASES {
        if *command == "adopt" && *status == 0 {
            // What exists and is not managed.
            drop(place.run(&["state", "rm", "--emulate", "dms_rocketmq_topic.topic"]).ended(0));
        }
        let input = if *command == "console" { "1 + 1\nlocal.nothing\n" } else { "" };
        let output = place.command(arguments).input(input).output();
        let output = output.ended(*status);
        if schema.is_empty() {
            assert_eq!(output.stdout, "", "{output}");
            continue;
        }
        match prints {
            Document => judge.holds(schema, &output.json()),
            Lines => drop(judge.lines(schema, &output.stdout)),
        }
        let row = page.lines().any(|line| {
            let names = [format!("`{command} --json"), format!("`{command} --format=json")];
            line.starts_with('|')
                && names.iter().any(|name| line.contains(name.as_str()))
                && line.contains(&format!("(schemas/{schema}.schema.json)"))
        });
        assert!(row, "docs/reference/json.md does not say that `{command}` prints `{schema}`");
    }
}

#[test]
fn configuration_that_was_written_is_in_the_plan_and_in_the_stream() {
    let place = place();
    let main = place.read("main.qf.hcl");
    let kept = ["provider \"dms\"", "variable \"", "resource \"dms_rocketmq_instance\""];
    let is_kept = |part: &&str| kept.iter().any(|header| part.contains(header));
    let instance: String = main.split_inclusive("\n}\n").filter(is_kept).collect();
    let topic = "\nresource \"dms_rocketmq_topic\" \"topic\" {\n  instance_id = dms_rocketmq_instance.main.id\n  name        = \"billing-done\"\n}\n";
    place.write("main.qf.hcl", &format!("{instance}{topic}"));
    std::fs::remove_file(place.path().join("actions.qf.hcl")).unwrap();
    drop(place.run(&["apply", "--emulate", "--auto-approve"]).success());
    let id =
        place.run(&["state", "show", "--emulate", "--json", "dms_rocketmq_instance.main"]).ended(0).json();
    let id = id["resources"][0]["values"]["id"].as_str().unwrap().to_owned();
    drop(place.run(&["state", "rm", "--emulate", "dms_rocketmq_topic.topic"]).ended(0));
    let import = format!("\nimport {{\n  to = dms_rocketmq_topic.again\n  id = \"{id}/billing-done\"\n}}\n");
    place.write("imports.qf.hcl", &import);
    place.write("main.qf.hcl", &instance);
    let arguments = ["plan", "--emulate", "--json", "--generate-config-out=new.qf.hcl", "--out=a.qfplan"];
    let stream = place.run(&arguments);
    let mut judge = Judge::new();
    let lines = judge.lines("events", &stream.stdout);
    assert!(lines.iter().any(|line| line["type"] == "generated_config"), "{stream}");
    let plan = place.run(&["show", "--json", "a.qfplan"]).ended(0).json();
    judge.holds("plan", &plan);
    super::runs::equal(&lines, &plan);
    let changes = plan["resource_changes"].as_array().unwrap();
    let written: Vec<&str> =
        changes.iter().filter_map(|change| change["change"]["generated_config"].as_str()).collect();
    assert_eq!(written.len(), 1, "{plan:#}");
    assert!(written[0].starts_with("resource \"dms_rocketmq_topic\" \"again\" {\n"), "{}", written[0]);
    assert!(place.read("new.qf.hcl").contains(written[0]));
}

#[test]
fn findings_tell_what_the_service_answered() {
    let mut judge = Judge::new();
    let place = place();
    // The name is taken, which only the service can tell.
    let main = place.read("main.qf.hcl");
    let twice = "\nresource \"dms_rocketmq_topic\" \"twice\" {\n  instance_id = dms_rocketmq_instance.main.id\n  name        = \"orders-created\"\n  depends_on  = [dms_rocketmq_topic.topic]\n}\n";
    place.write("main.qf.hcl", &format!("{main}{twice}"));
    let failed = place.run(&["apply", "--emulate", "--json", "--auto-approve"]).ended(1);
    let lines = judge.lines("events", &failed.stdout);
    let reply = lines.iter().find_map(|line| line["diagnostic"].get("reply")).expect("an answer");
    assert_eq!(reply["status"], 400, "{reply}");
    assert!(reply["code"].as_str().unwrap().starts_with("DMS."), "{reply}");
    assert!(reply["request_id"].as_str().is_some_and(|id| !id.is_empty()), "{reply}");
}
