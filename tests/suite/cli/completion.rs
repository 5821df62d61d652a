//! `completion`: scripts, and what they are told.

use std::path::Path;
use std::process::Command;

use insta::assert_snapshot;

use crate::support::Place;

const CONFIG: &str = r#"
resource "queueform_data" "a" {
  for_each = toset(["x", "y z"])
  input    = each.key
}

resource "queueform_data" "not_yet" {
}

module "inner" {
  source = "./inner"
}

output "first" {
  value = 1
}
"#;

fn place() -> Place {
    let place = Place::with(&[
        ("main.qf.hcl", CONFIG),
        ("inner/main.qf.hcl", "resource \"queueform_data\" \"b\" {}\n"),
    ]);
    drop(place.run(&["apply", "--auto-approve", "--target=queueform_data.a", "--target=module.inner"]));
    place
}

/// What a shell is told, without descriptions.
fn told(place: &Place, words: &[&str]) -> Vec<String> {
    let output = place.run(&[&["__complete", "fish", "--"], words].concat()).ended(0);
    assert!(output.stderr.is_empty(), "{output}");
    output.stdout.lines().map(|line| line.split('\t').next().unwrap().to_owned()).collect()
}

#[test]
fn scripts() {
    let place = Place::new();
    for shell in ["bash", "zsh", "fish"] {
        assert_snapshot!(shell, place.run(&["completion", shell]).ended(0));
    }
    for shell in ["elvish", "powershell"] {
        assert!(place.run(&["completion", shell]).success().contains("queueform"), "{shell}");
    }
    assert_snapshot!("unknown_shell", place.run(&["completion", "csh"]).ended(1));
}

#[test]
fn commands_and_options() {
    let place = Place::new();
    let commands = told(&place, &["st"]);
    assert_eq!(commands, ["state"]);
    assert!(told(&place, &["state", ""]).contains(&"show".to_owned()));
    assert!(!told(&place, &[""]).contains(&"__complete".to_owned()), "what is hidden stays hidden");
    assert_eq!(told(&place, &["plan", "--det"]), ["--detail", "--detailed-exitcode"]);
    assert_eq!(told(&place, &["plan", "-det"]), ["-detail", "-detailed-exitcode"]);
    assert_eq!(told(&place, &["plan", "--detail", ""]), ["folded", "full"]);
    assert_eq!(told(&place, &["plan", "--detail=fu"]), ["--detail=full"]);
    assert_eq!(told(&place, &["plan", "--emulate=s"]), ["--emulate=state"]);
    assert_eq!(told(&place, &["plan", "--out", ""]), [":files"]);
    assert_eq!(told(&place, &["fmt", ""]), [":files"]);
    assert_eq!(told(&place, &["plan", "--chdir", ""]), [":dirs"]);
    assert!(told(&place, &["completion", ""]).contains(&"zsh".to_owned()));
    let about = place.run(&["__complete", "fish", "--", "validat"]).success();
    assert!(about.starts_with("validate\tCheck the configuration"), "{about}");
}

#[test]
fn names_of_the_configuration_and_of_the_state() {
    let place = place();
    let all = [
        "module.inner",
        "module.inner.queueform_data.b",
        "queueform_data.a",
        "queueform_data.a[\"x\"]",
        "queueform_data.a[\"y z\"]",
        "queueform_data.not_yet",
    ];
    assert_eq!(told(&place, &["plan", "--target", ""]), all);
    assert_eq!(
        told(&place, &["plan", "--target=queueform_data.a[", "--replace", "queueform_data.a["]).len(),
        2
    );
    assert_eq!(told(&place, &["state", "show", "queueform_data.n"]), [""; 0]);
    assert_eq!(told(&place, &["state", "mv", "queueform_data.a[\"x\"]", "mod"]), all[..2]);
    assert_eq!(told(&place, &["import", "queueform_data.n"]), ["queueform_data.not_yet"]);
    assert_eq!(
        told(&place, &["apply", "--allow-data-loss", "queueform_data.not"]),
        ["queueform_data.not_yet="]
    );
    assert_eq!(told(&place, &["output", ""]), [""; 0], "nothing was put out yet");
    assert_eq!(told(&place, &["workspace", "select", ""]), ["default"]);
    assert!(told(&place, &["schema", "show", "dms_rocketmq_t"]).contains(&"dms_rocketmq_topic".to_owned()));
    // Another directory, and an emulated state.
    let outside = Place::new();
    let directory = place.path().display().to_string();
    assert_eq!(told(&outside, &["--chdir", &directory, "plan", "--target", "module"]), all[..2]);
    assert_eq!(told(&place, &["--emulate", "state", "show", ""]), [""; 0]);
}

#[test]
fn nothing_is_said_of_what_is_wrong() {
    let place = Place::with(&[("main.qf.hcl", "resource \"queueform_data\" \"a\" {\n")]);
    place.write("queueform.state.json", "{ broken");
    for words in [
        &["plan", "--target", ""][..],
        &["state", "show", ""],
        &["output", ""],
        &["nothing", "--at", "all"],
        &[],
    ] {
        let output = place.run(&[&["__complete", "zsh", "--"], words].concat()).ended(0);
        assert!(output.stderr.is_empty(), "{output}");
    }
}

#[test]
fn bash_completes_a_line() {
    let Some(bash) = ["/bin/bash", "/usr/bin/bash"].into_iter().find(|path| Path::new(path).exists()) else {
        return;
    };
    let place = place();
    let complete = |line: &str| {
        let script = place.run(&["completion", "bash"]).success();
        let harness = format!(
            "{script}\nCOMP_LINE='{}' COMP_POINT={} COMP_WORDS=('{}')\n_queueform\nprintf '%s\\n' \"${{COMPREPLY[@]}}\"\n",
            line.replace('\'', "'\\''"),
            line.len(),
            env!("CARGO_BIN_EXE_queueform")
        );
        let output =
            Command::new(bash).args(["-c", &harness]).current_dir(place.path()).env_clear().output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(complete("queueform val"), ["validate"]);
    assert_eq!(
        complete("queueform plan --target queueform_data.a\\["),
        ["queueform_data.a\\[\\\"x\\\"\\]", "queueform_data.a\\[\\\"y\\ z\\\"\\]",]
    );
    // Behind `=` bash begins a new word; in quotes nothing is escaped.
    assert_eq!(complete("queueform plan --target=module.inner.q"), ["module.inner.queueform_data.b"]);
    assert_eq!(complete("queueform state show 'queueform_data.a[\"x"), ["queueform_data.a[\"x\"]"]);
}
