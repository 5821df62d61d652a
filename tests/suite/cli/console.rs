//! `console`

use std::collections::BTreeMap;

use insta::assert_snapshot;
use serde::Deserialize;

use crate::support::Place;

const CONFIG: &str = r#"
variable "n" {
  type    = number
  default = 2
}

variable "password" {
  type      = string
  sensitive = true
}

locals {
  double = var.n * 2
  greet  = "hello ${local.double}"
}
"#;

/// Where the results are not the same on purpose.
const OTHERWISE: &[(&str, &str)] =
    &[("console-render-853e05b4", "the instant of a plan is not known outside of a plan, which is no error")];

/// A recorded run of Terraform's console.
#[derive(Deserialize)]
struct Case {
    id: String,
    expr: String,
    #[serde(default)]
    locals: BTreeMap<String, String>,
    result: Option<String>,
}

#[test]
fn values_are_written_as_terraform_writes_them() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/console/cases.jsonl");
    let text = std::fs::read_to_string(path).unwrap();
    let mut failures = Vec::new();
    let mut count = 0;
    for line in text.lines() {
        let case: Case = serde_json::from_str(line).unwrap();
        let locals: Vec<String> =
            case.locals.iter().map(|(name, expr)| format!("  {name} = {expr}\n")).collect();
        let place = Place::with(&[("main.qf.hcl", &format!("locals {{\n{}}}\n", locals.concat()))]);
        // A line holds one expression; as JSON it may span lines.
        let input = format!("{}\n", serde_json::Value::from(case.expr.replace("terraform.", "queueform.")));
        let output = place.command(&["console", "--json-input"]).input(&input).output();
        let actual = (output.status == Some(0)).then(|| output.stdout.trim_end_matches('\n').to_owned());
        count += 1;
        let otherwise = OTHERWISE.iter().any(|(id, _)| *id == case.id);
        if (actual == case.result) == otherwise {
            failures.push(format!(
                "{}: {}\n--- expected\n{:?}\n--- actual\n{output}",
                case.id, case.expr, case.result
            ));
        }
    }
    println!("console: {}/{count}", count - failures.len());
    assert!(count > 80 && failures.is_empty(), "{} failed\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn json_lines() {
    let place = Place::with(&[("main.qf.hcl", CONFIG)]);
    let input = "local.greet\nvar.password\n[1, null]\nlocal.nothing\n1 +\ntimestamp() == \"\"\n";
    let run = place.command(&["console", "--json"]).env("QF_VAR_password", "hunter2").input(input);
    assert_snapshot!(run.output());
}

#[test]
fn variables_come_from_options() {
    let place = Place::with(&[("main.qf.hcl", CONFIG), ("x.qfvars.hcl", "n = 5\n")]);
    let run = |arguments: &[&str]| {
        let all = [&["console", "-var=password=x"], arguments].concat();
        place.command(&all).input("local.double\n").output().success()
    };
    assert_eq!(run(&[]), "4\n");
    assert_eq!(run(&["-var", "n=3"]), "6\n");
    assert_eq!(run(&["-var", "n=3", "-var-file=x.qfvars.hcl"]), "10\n");
    assert_eq!(run(&["-var-file=x.qfvars.hcl", "-var", "n=3"]), "6\n");
}

#[test]
fn variables_without_a_value_are_not_known() {
    let place = Place::with(&[("main.qf.hcl", CONFIG)]);
    let output = place.command(&["console", "--json"]).input("var.password\n").output().ended(0);
    assert_eq!(output.json()["unknown"], true);
}

#[test]
fn an_expression_may_span_lines() {
    let input = "[\n  1,\n  max(\n    2, 3),\n]\n1\nexit\n2\n";
    assert_snapshot!(Place::new().command(&["console"]).input(input).output(), @"
    [
      1,
      3,
    ]
    1
    ");
}

#[test]
fn errors_point_into_the_expression() {
    assert_snapshot!(Place::new().command(&["console"]).input("1 + upper(true, 2)\n3\n").output(), @"
    3
    ------- stderr -------
    error[function-arguments]: `upper` takes only 1 argument
     --> <console>:1:17
      |
    1 | 1 + upper(true, 2)
      |                 ^ not expected
      |
      = hint: write `upper(str)`

    [exit status: 1]
    ");
}

#[test]
fn a_line_that_is_no_json_string() {
    let output =
        Place::new().command(&["console", "--json", "--json-input"]).input("1\n\"1\"\n").output().ended(0);
    let lines: Vec<&str> = output.stdout.lines().collect();
    assert!(lines[0].contains("not one JSON string") && lines[1].contains("\"value\":1"), "{output}");
}

#[test]
fn files_are_read_from_the_working_directory() {
    let place = Place::with(&[("sub/hello.txt", "hi\n"), ("main.qf.hcl", "")]);
    let input = "file(\"sub/hello.txt\")\nfileset(\".\", \"**/*.txt\")\nfileexists(\"nope\")\npath.cwd == abspath(\".\")\n";
    assert_snapshot!(place.command(&["console"]).input(input).output(), @r#"
    <<EOT
    hi

    EOT
    toset([
      "sub/hello.txt",
    ])
    false
    true
    "#);
}

#[test]
fn what_is_no_expression_is_answered() {
    let said = |input: &str| Place::new().command(&["console"]).input(input).output().ended(1).stderr;
    assert!(said("x = 1\n").contains("the console only evaluates"));
    assert!(said("resource \"a\" \"b\" {}\n").contains("blocks belong into `.qf.hcl` files"));
    assert!(!said("x == \n").contains("the console only"));
    // Nothing is waited for that cannot come.
    assert!(said("(]\n1\n").contains("<console>:1"));
}

#[test]
fn a_heredoc_and_a_comment_go_on() {
    let input = "<<EOT\na\n\nb\nEOT\n1 + /* and\nso on */ 2\n";
    assert_eq!(
        Place::new().command(&["console"]).input(input).output().success(),
        "<<EOT\na\n\nb\n\nEOT\n3\n"
    );
}
