//! A canary in every place that a secret can be put into occurs nowhere: not in what is printed, for people or
//! programs, not in logs at their highest level, and not in any file, in whatever spelling.

mod needles;
mod services;

use std::io::Read;

use crate::support::Output;
use crate::support::Place;

use needles::Needles;

/// Allowed as a password by every service, and found nowhere by accident.
fn canary(name: &str) -> String {
    format!("Canary-{name}-7Gk2")
}

fn run(place: &Place, needles: &mut Needles, environment: &[(&str, String)], arguments: &[&str]) -> Output {
    let mut command = place.command(arguments).env("QF_LOG", "trace");
    for (name, value) in environment {
        command = command.env(name, value);
    }
    let output = command.output();
    needles.search_output(&arguments.join(" "), &output);
    output
}

/// An object of every configuration that goes through a course.
const ADDRESS: &str = "queueform_data.each[\"inner\"]";

/// Everything a user does with a configuration, once.
fn course(place: &Place, needles: &mut Needles, environment: &[(&str, String)], inputs: &[&str]) {
    let mut go = |arguments: &[&str], expected: &[i32]| {
        let output = run(place, needles, environment, arguments);
        assert!(output.status.is_some_and(|status| expected.contains(&status)), "{arguments:?}: {output}");
    };
    go(&["init", "--emulate"], &[0]);
    go(&["validate", "--emulate"], &[0]);
    go(&["validate", "--emulate", "--json"], &[0]);
    go(&["plan", "--emulate"], &[0]);
    go(&["plan", "--emulate", "--json"], &[0]);
    go(&["plan", "--emulate", "--detail=full", "--calls", "--out=saved.plan"], &[0]);
    go(&["show", "saved.plan"], &[0]);
    go(&["show", "saved.plan", "--json"], &[0]);
    go(&["apply", "--emulate", "saved.plan"], &[0]);
    go(&["apply", "--emulate", "--auto-approve", "--json"], &[0]);
    go(&["show", "--emulate"], &[0]);
    go(&["show", "--emulate", "--json"], &[0]);
    go(&["output", "--emulate"], &[0]);
    go(&["output", "--emulate", "--json"], &[0]);
    go(&["state", "list", "--emulate"], &[0]);
    go(&["state", "pull", "--emulate"], &[0]);
    go(&["plan", "--emulate", "--refresh-only"], &[0]);
    go(&["plan", "--emulate", "--concise", "--json-into=plan.jsonl"], &[0]);
    go(&["plan", "explain", "--emulate", ADDRESS], &[0]);
    go(&["state", "show", "--emulate", ADDRESS], &[0]);
    go(&["state", "show", "--emulate", "--json", ADDRESS], &[0]);
    go(&["state", "log", "--emulate"], &[0]);
    go(&["state", "log", "--emulate", "--json"], &[0]);
    go(&["drift", "--emulate"], &[0]);
    go(&["drift", "--emulate", "--json"], &[0]);
    go(&["undo", "--emulate", "--detail=full", "--out=undo.plan"], &[0]);
    go(&["show", "undo.plan", "--json"], &[0]);
    go(&["graph", "--emulate", "--format=json"], &[0]);
    go(&["providers", "--emulate", "--json"], &[0]);
    go(&["modules", "--emulate", "--json"], &[0]);
    needles.search_files("applying", place, inputs);
}

fn destroy(place: &Place, needles: &mut Needles, environment: &[(&str, String)], inputs: &[&str]) {
    let output = run(place, needles, environment, &["destroy", "--emulate", "--auto-approve"]);
    assert_eq!(output.status, Some(0), "{output}");
    needles.search_files("destroying", place, inputs);
}

/// Values for each way in which one can be given.
const EVERY_WAY: &str = r#"
variable "by_environment" {
  type      = string
  sensitive = true
}
variable "by_file" {
  type      = map(string)
  sensitive = true
}
variable "by_itself" {
  type      = object({ name = string, key = string })
  sensitive = true
}
variable "ephemeral" {
  type      = string
  ephemeral = true
}
locals {
  template = "user:${var.by_environment}@${var.by_file["inner"]}"
  lines    = <<-EOT
    first
    %{for key, value in nonsensitive(var.names)}${key}=${var.by_file[key]}
    %{endfor}
  EOT
}
variable "names" {
  type      = map(string)
  sensitive = true
  default   = { inner = "a" }
}
resource "queueform_data" "each" {
  for_each = nonsensitive(toset(keys(var.names)))
  input = {
    whole    = var.by_file
    template = local.template
    lines    = local.lines
    json     = jsonencode(var.by_itself)
    base64   = base64encode(var.by_environment)
    url      = "https://host/?key=${urlencode(var.by_environment)}"
    gzip     = base64gzip(var.by_environment)
    list     = [for value in values(var.by_file) : upper(value)]
  }
  triggers_replace = [var.by_itself.key]
}
resource "queueform_data" "counted" {
  count = nonsensitive(length(var.by_environment)) > 3 ? 2 : 0
  input = sensitive("${count.index}-${var.by_environment}")
  lifecycle {
    precondition {
      condition     = var.by_itself.name != ""
      error_message = "the name is missing"
    }
  }
}
check "never" {
  assert {
    condition     = nonsensitive(var.by_itself.name == "nobody")
    error_message = "it is somebody"
  }
}
output "all" {
  value     = [local.template, queueform_data.each, queueform_data.counted[*].output]
  sensitive = true
}
output "length" {
  value = nonsensitive(length(local.template))
}
"#;

fn environment_of(generation: &str) -> Vec<(&'static str, String)> {
    vec![
        ("QF_VAR_by_environment", canary(&format!("environment\"{generation}"))),
        ("QF_VAR_ephemeral", canary("ephemeral")),
        ("SBC_ACCESS_KEY", "AKIDEXAMPLE".to_owned()),
        ("SBC_SECRET_KEY", canary("provider")),
        ("SBC_SECURITY_TOKEN", canary("token")),
    ]
}

fn files_of(place: &Place, generation: &str) {
    place.write(
        "queueform.qfvars.hcl",
        &format!("by_file = {{ inner = \"{}\" }}\n", canary(&format!("file{generation}"))),
    );
    place.write(
        "itself.auto.qfvars.hcl",
        &format!(
            "by_itself = {{ name = \"{}\", key = \"{}\" }}\n",
            canary(&format!("name{generation}")),
            canary(&format!("key{generation}"))
        ),
    );
}

fn needles_of(generations: &[&str]) -> Needles {
    let mut needles = Needles::of(&[&canary("ephemeral"), &canary("provider"), &canary("token")]);
    for generation in generations {
        for name in ["file", "name", "key"] {
            needles.add(&canary(&format!("{name}{generation}")));
        }
        needles.add(&canary(&format!("environment\"{generation}")));
        needles.add(&canary(&format!("file{generation}")).to_uppercase());
    }
    needles
}

#[test]
fn values_of_every_way_occur_nowhere() {
    let place = Place::with(&[("main.qf.hcl", EVERY_WAY)]);
    let inputs = ["queueform.qfvars.hcl", "itself.auto.qfvars.hcl", "main.qf.hcl"];
    let mut needles = needles_of(&["-1", "-2"]);
    files_of(&place, "-1");
    course(&place, &mut needles, &environment_of("-1"), &inputs);
    // Differences between two secrets, and replacements.
    files_of(&place, "-2");
    course(&place, &mut needles, &environment_of("-2"), &inputs);
    destroy(&place, &mut needles, &environment_of("-2"), &inputs);
    assert!(needles.searched > 80, "{}", needles.searched);
}

#[test]
fn encrypted_states_show_nothing_either() {
    let block = r#"
queueform {
  encryption {
    key_provider "passphrase" "main" {
      passphrase_env = "PHRASE"
    }
    state {
      key      = key_provider.passphrase.main
      enforced = true
    }
    plan {
      key = key_provider.passphrase.main
    }
  }
}
"#;
    let place = Place::with(&[("main.qf.hcl", &format!("{block}{EVERY_WAY}"))]);
    let inputs = ["queueform.qfvars.hcl", "itself.auto.qfvars.hcl", "main.qf.hcl"];
    let mut needles = needles_of(&["-1"]);
    needles.add(&canary("the-passphrase"));
    files_of(&place, "-1");
    let mut environment = environment_of("-1");
    environment.push(("PHRASE", canary("the-passphrase")));
    course(&place, &mut needles, &environment, &inputs);
    let shown = place
        .command(&["state", "pull", "--emulate", "--show-secrets"])
        .env("PHRASE", canary("the-passphrase"))
        .env("QF_VAR_by_environment", "x")
        .env("QF_VAR_ephemeral", "x")
        .output()
        .success();
    assert!(shown.contains(&canary("file-1")), "the state keeps what it must not show");
    // A rehearsal copies the state and fills emulators with it.
    let rehearsed = run(&place, &mut needles, &environment, &["plan", "--emulate=state"]);
    needles.search_output("a rehearsal", &rehearsed);
    needles.search_files("a rehearsal", &place, &inputs);
    destroy(&place, &mut needles, &environment, &inputs);
}

#[test]
fn examples_and_their_passwords_show_nothing() {
    for (name, secret, replaced) in [
        ("quickstart", "Demo-", "Canary7Gk2-"),
        ("service-modules", "Demo-", "Canary7Gk2-"),
        ("team-estate", "Demo-", "Canary7Gk2-"),
    ] {
        let place = Place::new();
        let from = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name);
        copy(&from, place.path(), secret, replaced);
        let mut needles = Needles::of(&["Canary7Gk2"]);
        let mut go = |arguments: &[&str]| {
            let output = run(&place, &mut needles, &[], arguments);
            assert_eq!(
                output.status,
                Some(0),
                "{name}, {arguments:?}: {}",
                output.stderr.chars().take(2000).collect::<String>()
            );
        };
        go(&["plan", "--emulate", "--detail=full", "--out=saved.plan"]);
        go(&["show", "saved.plan", "--json"]);
        if name != "team-estate" {
            go(&["apply", "--emulate", "saved.plan"]);
            go(&["show", "--emulate", "--json"]);
            go(&["plan", "--emulate"]);
        }
        needles.search_files(name, &place, &[".hcl", ".csv"]);
    }
}

/// Copies a directory, with other secrets in it.
fn copy(from: &std::path::Path, to: &std::path::Path, secret: &str, replaced: &str) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if entry.file_name() == ".queueform" {
            continue;
        }
        if path.is_dir() {
            std::fs::create_dir_all(&target).unwrap();
            copy(&path, &target, secret, replaced);
        } else {
            let text = std::fs::read_to_string(&path).unwrap();
            std::fs::write(target, text.replace(secret, replaced)).unwrap();
        }
    }
}

/// Expressions that go wrong with a secret in their hands.
const WRONG: &[&str] = &[
    "tonumber(var.secret)",
    "tobool(var.secret)",
    "parseint(var.secret, 10)",
    "regex(\"^x$\", var.secret)",
    "regex(var.secret, \"x\")",
    "{ a = 1 }[var.secret]",
    "[1][var.secret]",
    "file(var.secret)",
    "jsondecode(var.secret)",
    "yamldecode(\"a: [${var.secret}\")",
    "base64decode(var.secret)",
    "base64gunzip(var.secret)",
    "timeadd(var.secret, \"1h\")",
    "timeadd(\"2026-01-01T00:00:00Z\", var.secret)",
    "formatdate(\"YYYY\", var.secret)",
    "cidrhost(var.secret, 1)",
    "cidrsubnet(var.secret, 8, 1)",
    "format(\"%d\", var.secret)",
    "format(var.secret, 1)",
    "templatefile(var.secret, {})",
    "templatestring(var.secret, {})",
    "csvdecode(\"a,a\\n${var.secret}\")",
    "setproduct(var.secret, [1])",
    "lookup({ a = 1 }, var.secret)",
    "element([], var.secret)",
    "merge({ a = 1 }, var.secret)",
    "var.secret + 1",
    "!var.secret",
    "var.secret ? 1 : 2",
    "var.secret.name",
    "[for x in var.secret : x]",
    "{ for x in [var.secret, var.secret] : x => 1 }",
    "strrev([var.secret])",
    "rsadecrypt(var.secret, var.secret)",
    "bcrypt(var.secret, 99)",
    "textdecodebase64(var.secret, \"UTF-8\")",
    "textencodebase64(\"x\", var.secret)",
    "urldecode(\"%zz${var.secret}\")",
    "uuidv5(var.secret, \"x\")",
    "one([var.secret, var.secret])",
    "zipmap([var.secret], [])",
    "range(var.secret)",
    "replace(\"a\", \"/(${var.secret}/\", \"b\")",
    "pathexpand(1, var.secret)",
    "nope(var.secret)",
    "can(var.secret) + var.secret",
    "coalesce()",
];

#[test]
fn messages_about_secrets_do_not_quote_them() {
    let mut needles = Needles::of(&[&canary("wrong")]);
    let mut text = String::from("variable \"secret\" {\n  type      = string\n  sensitive = true\n}\n");
    for (at, expression) in WRONG.iter().enumerate() {
        text.push_str(&format!("output \"o{at}\" {{\n  value     = {expression}\n  sensitive = true\n}}\n"));
    }
    let place = Place::with(&[("main.qf.hcl", &text)]);
    let environment = [("QF_VAR_secret", canary("wrong"))];
    for arguments in
        [&["plan", "--emulate"][..], &["plan", "--emulate", "--json"], &["validate", "--emulate"]]
    {
        let output = run(&place, &mut needles, &environment, arguments);
        assert_eq!(output.status, Some(1), "{output}");
    }
    // One at a time, as the console has them.
    place.write("main.qf.hcl", "variable \"secret\" {\n  type      = string\n  sensitive = true\n}\n");
    let input: String = WRONG
        .iter()
        .map(|expression| format!("{expression}\n"))
        .chain(["var.secret\n".to_owned(), "type(var.secret)\n".to_owned()])
        .collect();
    let console = place
        .command(&["console", "--emulate"])
        .env("QF_VAR_secret", canary("wrong"))
        .env("QF_LOG", "trace")
        .input(&input)
        .output();
    needles.search_output("console", &console);
    // Values of the wrong kind, and values that validations refuse.
    place.write(
        "main.qf.hcl",
        r#"
variable "number" {
  type      = number
  sensitive = true
}
variable "object" {
  type      = object({ key = number })
  sensitive = true
}
variable "checked" {
  type      = string
  sensitive = true
  validation {
    condition     = length(var.checked) < 3
    error_message = "it is ${var.checked}"
  }
}
"#,
    );
    let given = [
        ("QF_VAR_number", canary("wrong")),
        ("QF_VAR_object", format!("{{ key = \"{}\" }}", canary("wrong"))),
        ("QF_VAR_checked", canary("wrong")),
    ];
    for arguments in [&["plan", "--emulate"][..], &["plan", "--emulate", "--json"]] {
        assert_eq!(run(&place, &mut needles, &given, arguments).status, Some(1));
    }
    let argument = format!("--var=number={}", canary("wrong"));
    let bad = format!("--var=object={{ key = {} ", canary("wrong"));
    let refused = run(&place, &mut needles, &[], &["plan", "--emulate", &argument, &bad]);
    assert_eq!(refused.status, Some(1), "{refused}");
    place.write(
        "broken.qfvars.hcl",
        &format!("checked = \"{}\nnumber = {}\n", canary("wrong"), canary("wrong")),
    );
    let refused = run(&place, &mut needles, &[], &["plan", "--emulate", "--var-file=broken.qfvars.hcl"]);
    assert_eq!(refused.status, Some(1), "{refused}");
}

#[test]
fn tests_and_their_reports_show_nothing() {
    let mut needles = needles_of(&["-1"]);
    let place = Place::with(&[
        ("main.qf.hcl", EVERY_WAY),
        (
            "tests/things.qftest.hcl",
            "run \"it\" {\n  assert {\n    condition     = var.by_environment == \"other\"\n    error_message = \"it is another one\"\n  }\n}\n",
        ),
    ]);
    files_of(&place, "-1");
    for arguments in
        [&["test"][..], &["test", "--json"], &["test", "--junit-xml=report.xml"], &["test", "--verbose"]]
    {
        let output = run(&place, &mut needles, &environment_of("-1"), arguments);
        assert!(output.status.is_some(), "{output}");
    }
    needles.search_files("tests", &place, &["queueform.qfvars.hcl", "itself.auto.qfvars.hcl", "main.qf.hcl"]);
}

#[test]
fn runs_that_are_killed_leave_nothing() {
    let mut needles = needles_of(&["-1"]);
    let place = Place::with(&[("main.qf.hcl", &EVERY_WAY.replace("? 2 : 0", "? 500 : 0"))]);
    files_of(&place, "-1");
    for _ in 0..3 {
        let mut command = place.command(&["apply", "--emulate", "--auto-approve"]).env("QF_LOG", "trace");
        for (name, value) in environment_of("-1") {
            command = command.env(name, value);
        }
        let mut child = command.spawn();
        let mut errors = child.stderr.take().unwrap();
        let reader = std::thread::spawn(move || {
            let mut text = String::new();
            errors.read_to_string(&mut text).ok();
            text
        });
        let mut first = [0; 1];
        // It has begun to say something, so it is in the middle of its work.
        child.stdout.take().unwrap().read_exact(&mut first).ok();
        child.kill().unwrap();
        child.wait().unwrap();
        needles.search("the messages of a killed run", &reader.join().unwrap());
        needles.search_files(
            "a kill",
            &place,
            &["queueform.qfvars.hcl", "itself.auto.qfvars.hcl", "main.qf.hcl"],
        );
    }
}
