//! Reading the outputs of another state.

use queueform::api::Stop;
use queueform::diag::Code;
use queueform::ops::apply::ApplyOutcome;
use queueform::ops::apply::ApplyPorts;
use queueform::ops::apply::ApplyRequest;
use queueform::ops::apply::apply;
use queueform::ops::plan::now;
use queueform::ops::plan::plan;
use queueform::ops::project::Project;
use queueform::ops::project::ProjectOptions;
use queueform::plan::PlanOptions;

use super::support::options;
use super::support::planned;
use super::support::said;
use crate::support::Place;

const OTHER: &str = r#"resource "queueform_data" "a" {
  input = "blue"
}

output "colour" {
  value = queueform_data.a.output
}

output "sizes" {
  value = [1, 2]
}

output "secret" {
  value     = sensitive("hunter2")
  sensitive = true
}
"#;

/// What Terraform writes: a secret in clear.
const FOREIGN: &str = r#"{
  "version": 4, "terraform_version": "1.11.4", "serial": 3, "lineage": "00000000-0000-0000-0000-000000000001",
  "outputs": {
    "vpc": {"value": "vpc-123", "type": "string"},
    "secret": {"value": "hunter2", "type": "string", "sensitive": true}
  },
  "resources": [], "check_results": null
}"#;

fn reading(config: &str, outputs: &[(&str, &str)]) -> String {
    let mut text = format!("data \"queueform_remote_state\" \"other\" {{\n{config}\n}}\n");
    for (name, value) in outputs {
        text.push_str(&format!("output \"{name}\" {{\n  value = {value}\n}}\n"));
    }
    text
}

/// A place whose directory `other` is applied.
async fn place(config: &str, outputs: &[(&str, &str)]) -> Place {
    let place = Place::with(&[("other/main.qf.hcl", OTHER), ("main.qf.hcl", &reading(config, outputs))]);
    let other = ProjectOptions { directory: place.path().join("other"), ..ProjectOptions::default() };
    assert!(matches!(applied(other).await, ApplyOutcome::Applied(..)));
    place
}

async fn applied(options: ProjectOptions) -> ApplyOutcome {
    let project = super::support::open(options);
    let request = ApplyRequest { options: PlanOptions::normal(), expect: None, command: "apply".to_owned() };
    let never = Stop::never();
    let ports = ApplyPorts { approve: &mut |_| true, events: &mut |_| {}, stop: &never, abort: &never };
    apply(&project, &request, ports).await.unwrap()
}

/// The value of an output as JSON.
async fn output(place: &Place, name: &str) -> String {
    let found = planned(&super::support::open(options(place))).await;
    assert!(!found.plan.diagnostics.has_errors(), "{}", said(&found.plan.diagnostics));
    let output = found.plan.outputs.iter().find(|(found, _)| &***found == name).unwrap().1;
    format!("{:?}", output.after)
}

async fn refused(place: &Place) -> (Vec<Code>, String) {
    let project = Project::open(options(place));
    if project.diagnostics.has_errors() {
        return (super::support::codes(&project.diagnostics), said(&project.diagnostics));
    }
    let project = project.output.unwrap();
    match plan(&project, &PlanOptions::normal(), &now(), &Stop::never()).await {
        Ok(found) => (super::support::codes(&found.plan.diagnostics), said(&found.plan.diagnostics)),
        Err(found) => (super::support::codes(&found), said(&found)),
    }
}

#[tokio::test]
async fn outputs_of_another_directory_are_read() {
    let config = "  backend = \"local\"\n  config = {\n    path = \"other\"\n  }";
    let outputs = [
        ("colour", "data.queueform_remote_state.other.outputs.colour"),
        ("size", "data.queueform_remote_state.other.outputs.sizes[1]"),
    ];
    let place = place(config, &outputs).await;
    assert!(output(&place, "colour").await.contains("blue"));
    assert!(output(&place, "size").await.contains('2'));
    let file = config.replace("\"other\"", "\"other/queueform.state.json\"");
    place.write("main.qf.hcl", &reading(&file, &outputs));
    assert!(output(&place, "colour").await.contains("blue"));
}

#[tokio::test]
async fn only_outputs_are_read_and_secrets_stay_where_they_are() {
    let config = "  backend = \"local\"\n  config = {\n    path = \"other\"\n  }";
    let names = [("names", "keys(data.queueform_remote_state.other.outputs)")];
    let place = place(config, &names).await;
    let found = output(&place, "names").await;
    assert!(found.contains("colour") && found.contains("sizes") && !found.contains("secret"), "{found}");
    // A default stands for what a state does not hold.
    let defaults = format!("{config}\n  defaults = {{ secret = \"known\", colour = \"red\", new = 1 }}");
    let outputs = [
        ("secret", "data.queueform_remote_state.other.outputs.secret"),
        ("colour", "data.queueform_remote_state.other.outputs.colour"),
        ("new", "data.queueform_remote_state.other.outputs.new"),
    ];
    place.write("main.qf.hcl", &reading(&defaults, &outputs));
    assert!(output(&place, "secret").await.contains("known"));
    assert!(output(&place, "colour").await.contains("blue"));
    assert!(output(&place, "new").await.contains('1'));
}

#[tokio::test]
async fn states_of_terraform_are_read_and_sensitive_stays_sensitive() {
    let config = "  backend = \"local\"\n  config = {\n    path = \"terraform.tfstate\"\n  }";
    let whole = [("vpc", "data.queueform_remote_state.other.outputs.vpc")];
    let place = Place::with(&[("terraform.tfstate", FOREIGN), ("main.qf.hcl", &reading(config, &whole))]);
    assert!(output(&place, "vpc").await.contains("vpc-123"));
    place
        .write("main.qf.hcl", &reading(config, &[("s", "data.queueform_remote_state.other.outputs.secret")]));
    let (codes, _) = refused(&place).await;
    assert_eq!(codes, [Code::SensitiveValue]);
    let text = reading(config, &[("s", "nonsensitive(data.queueform_remote_state.other.outputs.secret)")]);
    place.write("main.qf.hcl", &text);
    assert!(output(&place, "s").await.contains("hunter2"));
    assert_eq!(place.read("terraform.tfstate"), FOREIGN, "it is only read");
}

#[tokio::test]
async fn workspaces_have_states_of_their_own() {
    let place = Place::with(&[("main.qf.hcl", "")]);
    place.write("other/queueform.state.d/green/queueform.state.json", FOREIGN);
    place.write("elsewhere/green/queueform.state.json", FOREIGN);
    let vpc = [("vpc", "data.queueform_remote_state.other.outputs.vpc")];
    for config in [
        "config = { path = \"other\" }",
        "config = { path = \"other/queueform.state.json\" }",
        "config = { workspace_dir = \"elsewhere\" }",
    ] {
        let config = format!("  backend = \"local\"\n  workspace = \"green\"\n  {config}");
        place.write("main.qf.hcl", &reading(&config, &vpc));
        assert!(output(&place, "vpc").await.contains("vpc-123"), "{config}");
    }
}

#[tokio::test]
async fn what_is_wrong_is_said() {
    let vpc = [("vpc", "data.queueform_remote_state.other.outputs.vpc")];
    let place = Place::with(&[("damaged.json", "{ \"version\": 4,"), ("foreign.json", FOREIGN)]);
    for (config, code, words) in [
        ("backend = \"local\"\nconfig = { path = \"none\" }", Code::NotFound, "there is no state `"),
        ("backend = \"local\"", Code::NotFound, "there is no state `"),
        ("backend = \"local\"\nconfig = { path = \"damaged.json\" }", Code::StateCorrupt, "damaged.json"),
        (
            "backend = \"local\"\nconfig = { path = \"foreign.json\", x = 1 }",
            Code::InvalidValue,
            "no argument `x`",
        ),
        ("backend = \"local\"\nconfig = \"x\"", Code::InvalidValue, "must be an object"),
        ("backend = \"gcs\"\nconfig = {}", Code::InvalidValue, "local"),
        ("backend = \"s3\"\nconfig = {}", Code::MissingArgument, "write `bucket = …` into its arguments"),
        (
            "backend = \"pg\"\nconfig = { conn_strr = \"x\" }",
            Code::UnknownArgument,
            "did you mean `conn_str`?",
        ),
        ("backend = \"local\"\nworkspace = \"a/b\"", Code::InvalidValue, "`a/b`"),
        ("config = {}", Code::MissingArgument, "`backend`"),
    ] {
        place.write("main.qf.hcl", &reading(config, &vpc));
        let (codes, text) = refused(&place).await;
        assert!(codes.contains(&code), "{config}: {codes:?} {text}");
        assert!(text.contains(words), "{config}: {text}");
    }
}

#[tokio::test]
async fn emulated_runs_read_emulated_states() {
    let config = "  backend = \"local\"\n  config = {\n    path = \"other\"\n  }";
    let place = place(config, &[("colour", "data.queueform_remote_state.other.outputs.colour")]).await;
    let project = super::support::open(super::support::emulated(&place));
    let found = planned(&project).await;
    assert_eq!(super::support::codes(&found.plan.diagnostics), [Code::NotFound]);
    assert!(said(&found.plan.diagnostics).contains("--emulate"));
}

#[tokio::test]
async fn emulated_runs_ask_no_engine() {
    let config = "  backend = \"pg\"\n  config = {\n    conn_str = \"postgres://127.0.0.1:1/nothing\"\n  }";
    let outputs = [("colour", "data.queueform_remote_state.other.outputs.colour")];
    let place = Place::with(&[("main.qf.hcl", &reading(config, &outputs))]);
    let found = planned(&super::support::open(super::support::emulated(&place))).await;
    assert_eq!(super::support::codes(&found.plan.diagnostics), [Code::NotFound]);
    assert!(said(&found.plan.diagnostics).contains("give `defaults`"), "{}", said(&found.plan.diagnostics));
    let defaults = format!("{config}\n  defaults = {{ colour = \"blue\" }}");
    place.write("main.qf.hcl", &reading(&defaults, &outputs));
    let found = planned(&super::support::open(super::support::emulated(&place))).await;
    assert!(!found.plan.diagnostics.has_errors(), "{}", said(&found.plan.diagnostics));
}

#[tokio::test]
async fn passwords_of_engines_stay_secrets() {
    let config = "  backend = \"http\"\n  config = {\n    address = \"http://127.0.0.1:1/state\"\n    username = \"me\"\n    password = \"hunter2-hunter2\"\n  }";
    let place = Place::with(&[(
        "main.qf.hcl",
        &reading(config, &[("colour", "data.queueform_remote_state.other.outputs.colour")]),
    )]);
    let (_, text) = refused(&place).await;
    assert!(text.contains("127.0.0.1:1") && !text.contains("hunter2"), "{text}");
}
