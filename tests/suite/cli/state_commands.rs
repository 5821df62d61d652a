//! Every command and flag about states, workspaces and locks: standard output, standard error and exit status.

use std::fmt::Write as _;
use std::time::Duration;

use queueform::state::store::Holder;
use queueform::state::store::Lock;
use queueform::state::store::SystemClock;

use crate::support::Place;

const TWO: &str = r#"
resource "queueform_data" "a" {
  for_each = toset(["x", "y"])
  input    = each.key
}

resource "queueform_data" "b" {
  input = queueform_data.a["x"].output
}
"#;

fn applied(text: &str) -> Place {
    let place = Place::with(&[("main.qf.hcl", text)]);
    drop(place.run(&["apply", "-auto-approve"]).success());
    place
}

/// Runs commands, each written as in a shell with words in single quotes, and returns what they print.
pub(super) fn transcript(place: &Place, commands: &[&str]) -> String {
    let mut text = String::new();
    for command in commands {
        let mut words = Vec::new();
        for (at, part) in command.split('\'').enumerate() {
            if at % 2 == 1 {
                words.push(part);
            } else {
                words.extend(part.split_whitespace());
            }
        }
        let output = place.run(&words);
        writeln!(text, "$ queueform {command}").unwrap();
        let shown = output.to_string();
        text.push_str(&shown);
        if !shown.ends_with('\n') && !shown.is_empty() {
            text.push('\n');
        }
    }
    text
}

/// Compares with a snapshot, without what differs from run to run.
macro_rules! assert_transcript {
    ($text:expr) => {
        insta::with_settings!({ filters => vec![
            (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "[ID]"),
            (r"\d{4}-\d\d-\d\dT[0-9:.]+Z", "[TIME]"),
            (r"\b[0-9a-f]{8}\b", "[RUN]"),
            (r"\w+@[\w.-]+", "[WHO]"),
            (r"127\.0\.0\.1:\d+", "[SERVICE]"),
            (r#""1[78]\d{11}""#, r#""[INSTANT]""#),
            (r"process \d+", "process [PID]"),
            (r"request id \w+", "request id [REQUEST]"),
            (r#""pid": \d+"#, r#""pid": 0"#),
            (r#""(host|who|request_id|plan_hash)": "[^"]+""#, r#""$1": "[IT]""#),
        ] }, { insta::assert_snapshot!($text) });
    };
}

pub(super) use assert_transcript;

#[test]
fn list_and_show() {
    let place = applied(TWO);
    assert_transcript!(transcript(
        &place,
        &[
            "state list",
            "state ls queueform_data.a",
            "state list '*[\"y\"]' queueform_data.b",
            "state list --id=none",
            "state list queueform_data.z '*.nothing'",
            "state show queueform_data.b",
            "state show 'queueform_data.a[*]'",
            "state show queueform_data.b --json",
            "state show queueform_data.z",
            "show 'queueform_data.a[\"x\"]'",
            "show queueform_data.b --json",
            "show queueform_data.z",
            "show missing.qfplan",
        ]
    ));
}

#[test]
fn secrets_are_not_shown() {
    let place = applied(
        "variable \"token\" {\n  sensitive = true\n  default   = \"tok3n\"\n}\nresource \"queueform_data\" \"s\" {\n  input = var.token\n}\n",
    );
    let text = transcript(
        &place,
        &["state show queueform_data.s", "show queueform_data.s", "state show queueform_data.s --json"],
    );
    assert!(!text.contains("tok3n"), "{text}");
    assert_transcript!(text);
}

#[test]
fn mv() {
    let place = applied(TWO);
    place.write("pairs", "# swapped\nqueueform_data.c[\"n-x\"] -> queueform_data.c[\"n-y\"]\nqueueform_data.c[\"n-y\"] queueform_data.c[\"n-x\"]\n");
    place.write("wrong", "queueform_data.b\n");
    assert_transcript!(transcript(
        &place,
        &[
            "state mv",
            "state mv queueform_data.b",
            "state mv 'queueform_data.a[\"*\"]' 'queueform_data.c[\"n-*\"]' --dry-run",
            "state mv 'queueform_data.a[\"*\"]' 'queueform_data.c[\"n-*\"]'",
            "state mv 'queueform_data.*' queueform_data.z",
            "state move --pairs pairs",
            "state mv --pairs wrong",
            "state mv --pairs nothing",
            "state mv --pairs pairs queueform_data.b",
            "state mv queueform_data.b 'module.m[\"k\"].queueform_data.b'",
            "state mv 'module.m[\"k\"]' module.n",
            "state mv module.n.queueform_data.b queueform_data.c",
            "state mv module.n.queueform_data.b dms_rocketmq_topic.b",
            "state mv queueform_data.z queueform_data.y",
            "state list",
        ]
    ));
    let piped = place.command(&["state", "mv", "--pairs", "-"]).input("module.n queueform_data.b\n").output();
    assert_transcript!(piped.to_string());
}

/// Of several moves of which one cannot be, none is made.
#[test]
fn all_or_nothing() {
    let place = applied(TWO);
    let before = place.read("queueform.state.json");
    place.write("pairs", "queueform_data.b queueform_data.c\nqueueform_data.z queueform_data.y\n");
    drop(place.run(&["state", "mv", "--pairs", "pairs"]).ended(1));
    assert_eq!(place.read("queueform.state.json"), before);
}

#[test]
fn rm() {
    let place = applied(TWO);
    assert_transcript!(transcript(
        &place,
        &[
            "state rm",
            "state rm queueform_data.z",
            "state rm --dry-run '*[\"x\"]'",
            "state remove '*[\"x\"]' queueform_data.b",
            "state list",
        ]
    ));
}

#[test]
fn replace_provider() {
    let place = applied(TWO);
    assert_transcript!(transcript(
        &place,
        &[
            "state replace-provider queueform queueform.west --dry-run",
            "state replace-provider queueform queueform.west '*[\"x\"]'",
            "state replace-provider queueform queueform.west '*[\"x\"]'",
            "state replace-provider queueform dms",
            "state replace-provider queueform queueform",
            "state replace-provider queuefrm queuefrm.a",
            "state replace-provider queueform 'a b'",
        ]
    ));
    let state = place.run(&["state", "pull"]).success();
    assert!(state.contains("builtin/queueform\\\"].west"), "{state}");
}

#[test]
fn to_another_state() {
    let place = applied(TWO);
    place.write("other/main.qf.hcl", "resource \"queueform_data\" \"b\" {\n  input = \"x\"\n}\n");
    assert_transcript!(transcript(
        &place,
        &[
            "workspace new green",
            "workspace select default",
            "state mv --to-state=green queueform_data.b --dry-run",
            "state mv --to-state=green queueform_data.b",
            "state mv --to-state=default 'queueform_data.*'",
            "state mv --to-state=nowhere 'queueform_data.*'",
            "state mv --to-state=./other 'queueform_data.a[\"x\"]' queueform_data.b",
            "state mv --to-state=other/queueform.state.json 'queueform_data.a[\"y\"]' queueform_data.b",
            "state mv --to-state=./other 'queueform_data.a[\"x\"]' queueform_data.b",
            "state list",
            "--chdir=other plan",
            "workspace select green",
            "state list",
        ]
    ));
}

/// A run that died between the two writes is finished by the same command; until then nothing can be deleted.
#[test]
fn a_handover_that_was_cut_off_is_finished() {
    let place = applied("resource \"queueform_data\" \"b\" {}\n");
    let here = place.run(&["state", "pull"]).success();
    drop(place.run(&["workspace", "new", "green"]).success());
    drop(place.run(&["workspace", "select", "default"]).success());
    drop(place.run(&["state", "mv", "--to-state=green", "queueform_data.b"]).success());
    // The object is in both states, as if the run had died before the second write.
    let mut document: serde_json::Value = serde_json::from_str(&here).unwrap();
    document["serial"] = 100.into();
    place.write("here.json", &document.to_string());
    drop(place.run(&["state", "push", "here.json"]).success());
    assert_transcript!(transcript(
        &place,
        &["state mv --to-state=green queueform_data.b", "state list", "workspace select green", "state list"]
    ));
}

#[test]
fn taint_and_untaint() {
    let place = applied(TWO);
    assert_transcript!(transcript(
        &place,
        &[
            "taint queueform_data.b",
            "taint queueform_data.b",
            "untaint queueform_data.b",
            "untaint queueform_data.b",
            "taint queueform_data.z",
            "taint --allow-missing queueform_data.z",
            "untaint --allow-missing queueform_data.z",
        ]
    ));
}

#[test]
fn import() {
    let place = Place::with(&[(
        "main.qf.hcl",
        "variable \"v\" {}\nresource \"queueform_data\" \"a\" {\n  input = var.v\n}\n",
    )]);
    place.write("v.qfvars.hcl", "v = \"y\"\n");
    assert_transcript!(transcript(
        &place,
        &[
            "import --var v=x queueform_data.z id-1",
            "import --var v=x queueform_data.a id-1",
            "import --var-file=v.qfvars.hcl queueform_data.a id-2",
        ]
    ));
}

#[test]
fn workspaces_and_locks() {
    let place = applied(TWO);
    drop(place.run(&["state", "pull"]).success());
    place.write("old.json", &place.run(&["state", "pull"]).success());
    assert_transcript!(transcript(
        &place,
        &[
            "workspace show",
            "workspace new green",
            "workspace new green",
            "workspace new --state=old.json blue",
            "state list",
            "workspace list",
            "workspace list --json",
            "workspace select red",
            "workspace select --or-create red",
            "workspace delete red",
            "workspace delete blue",
            "workspace delete --force blue",
            "workspace list",
            "lock show",
            "lock show --json",
        ]
    ));
}

#[test]
fn push_pull_and_protection() {
    let place =
        applied("resource \"queueform_data\" \"a\" {\n  lifecycle {\n    prevent_destroy = true\n  }\n}\n");
    place.write("broken.json", "{}");
    assert_transcript!(transcript(
        &place,
        &[
            "state push broken.json",
            "state push missing.json",
            "state reencrypt",
            "state unprotect queueform_data.a",
            "state unprotect queueform_data.a",
            "state resolve queueform_data.a",
            "state resolve queueform_data.a --absent",
            "state resolve queueform_data.a --adopt=id",
        ]
    ));
}

#[test]
fn locks_are_taken_away() {
    let place = applied(TWO);
    let holder = Holder {
        id: "11111111-2222-4333-8444-555555555555".into(),
        who: "me".into(),
        host: "here".into(),
        pid: 7,
        command: "apply".into(),
        since: "2026-08-01T00:00:00Z".into(),
        reason: Some("the monthly change".into()),
        job: Some("https://ci.example.com/7".into()),
    };
    let path = place.path().join(".queueform.state.lock");
    let lock = Lock::acquire(&path, &holder, Duration::ZERO, &SystemClock::default()).unwrap();
    assert_transcript!(transcript(
        &place,
        &[
            "lock show",
            "lock show --json",
            "taint queueform_data.b",
            "force-unlock",
            "force-unlock 22222222",
            "force-unlock 11111111",
            "force-unlock --force 11111111",
            "taint queueform_data.b",
            "force-unlock --force 11111111",
        ]
    ));
    // Who held it notices before it writes.
    assert!(lock.check().is_err());
}
