//! `graph`, `providers`, `modules` and `metadata`: what a configuration is made of.

use super::state_commands::transcript;
use crate::support::Place;

const CONFIG: &str = r#"
variable "n" {
  default = 2
}

locals {
  names = toset(["a", "b"])
}

resource "queueform_data" "base" {
  input = var.n
}

resource "queueform_data" "each" {
  for_each = local.names
  input    = "${each.key}-${queueform_data.base.id}"
}

module "child" {
  source = "./child"
  count  = 2
  input  = [for one in queueform_data.each : one.id]
}

output "inner" {
  value = module.child[0].inner
}
"#;

const CHILD: &str = r#"
variable "input" {
}

module "deep" {
  source = "../deep"
}

resource "queueform_data" "inner" {
  input = [var.input, module.deep.id]
}

output "inner" {
  value = queueform_data.inner.id
}
"#;

const DEEP: &str = r#"
resource "queueform_data" "deepest" {
}

output "id" {
  value = queueform_data.deepest.id
}
"#;

fn place() -> Place {
    Place::with(&[("main.qf.hcl", CONFIG), ("child/main.qf.hcl", CHILD), ("deep/main.qf.hcl", DEEP)])
}

#[test]
fn graphs_of_a_configuration() {
    let place = place();
    for (name, arguments) in [
        ("graph", &["graph"][..]),
        ("graph_mermaid", &["graph", "--format=mermaid"]),
        ("graph_json", &["graph", "--format=json"]),
        ("graph_config", &["graph", "--type=config", "-draw-cycles"]),
    ] {
        insta::assert_snapshot!(name, place.run(arguments));
    }
}

#[test]
fn cycles_are_drawn_and_are_errors() {
    let place = Place::with(&[(
        "main.qf.hcl",
        "locals {\n  a = local.b\n  b = local.a\n}\n\nresource \"queueform_data\" \"a\" {\n  input = [local.a, queueform_data.b.id]\n}\n\nresource \"queueform_data\" \"b\" {\n  input = queueform_data.a.id\n}\n",
    )]);
    insta::assert_snapshot!("graph_cycles", place.run(&["graph"]));
    insta::assert_snapshot!(
        "graph_cycles_config",
        place.run(&["graph", "--type=config", "--format=mermaid"])
    );
}

#[test]
fn graphs_of_a_plan() {
    let place = place();
    drop(place.run(&["apply", "--auto-approve"]).success());
    drop(
        place.run(&["plan", "--var=n=3", "--replace=queueform_data.each[\"a\"]", "--out=a.qfplan"]).success(),
    );
    for (name, arguments) in [
        ("graph_plan", &["graph", "--plan=a.qfplan"][..]),
        ("graph_plan_steps", &["graph", "--plan=a.qfplan", "--type=steps", "--format=mermaid"]),
        ("graph_plan_json", &["graph", "--plan=a.qfplan", "--type=plan", "--format=json"]),
        ("graph_plan_missing", &["graph", "--type=plan"]),
        ("graph_plan_other", &["graph", "--type=config", "--plan=a.qfplan"]),
        ("graph_plan_nowhere", &["graph", "--plan=nowhere.qfplan"]),
    ] {
        insta::assert_snapshot!(name, place.run(arguments));
    }
}

#[test]
fn modules_are_listed() {
    let place = place();
    insta::assert_snapshot!("modules", place.run(&["modules"]));
    insta::assert_snapshot!("modules_json", place.run(&["modules", "--json"]));
    let alone = Place::with(&[("main.qf.hcl", "")]);
    insta::assert_snapshot!("modules_none", alone.run(&["modules"]));
    let broken = Place::with(&[("main.qf.hcl", "module \"a\" {\n  source = \"./nowhere\"\n}\n")]);
    insta::assert_snapshot!("modules_broken", broken.run(&["modules"]));
}

const PROVIDERS: &str = r#"
variable "region" {
  default = "ru-moscow-1"
}

provider "dms" {
  cloud      = "sbercloud"
  region     = var.region
  project_id = "0123456789abcdef0123456789abcdef"
}

provider "dms" {
  alias      = "second"
  cloud      = "sbercloud"
  region     = "ru-moscow-1"
  project_id = "0123456789abcdef0123456789abcdef"
  access_key = "AK-OF-THE-BLOCK"
  secret_key = "hunter2hunter2"
}

data "dms_rocketmq_instance" "one" {
  name = "one"
}

resource "dms_rocketmq_topic" "topic" {
  provider    = dms.second
  instance_id = data.dms_rocketmq_instance.one.id
  name        = "orders"
}

module "child" {
  source = "./child"
}
"#;

#[test]
fn providers_are_told_without_a_call() {
    let place = Place::with(&[
        ("main.qf.hcl", PROVIDERS),
        ("child/main.qf.hcl", "resource \"queueform_data\" \"inner\" {\n}\n"),
    ]);
    let told = place
        .command(&["providers"])
        .env("SBC_ACCESS_KEY", "AK-OF-THE-ENVIRONMENT")
        .env("SBC_SECRET_KEY", "hunter3hunter3")
        .output();
    assert!(!told.stdout.contains("hunter"), "{told}");
    insta::with_settings!({ filters => vec![(r"\b[0-9a-f]{16}\b", "[digest]")] }, {
        insta::assert_snapshot!("providers", told);
        insta::assert_snapshot!("providers_without_keys", place.run(&["providers", "--json"]));
    });
}

#[test]
fn providers_of_the_state_are_told() {
    let place = place();
    drop(place.run(&["apply", "--auto-approve"]).success());
    place.write("main.qf.hcl", "");
    insta::assert_snapshot!("providers_of_the_state", place.run(&["providers"]));
}

#[test]
fn schemas_and_functions_are_only_for_programs() {
    let place = Place::new();
    for (name, arguments) in [
        ("providers_schema_without_json", &["providers", "schema"][..]),
        ("providers_schema_unknown", &["providers", "schema", "--json", "dns"]),
        ("metadata_functions_without_json", &["metadata", "functions"]),
    ] {
        insta::assert_snapshot!(name, place.run(arguments));
    }
    let all = place.run(&["metadata", "functions", "-json"]).ended(0).json();
    let signatures = all.get("function_signatures").unwrap();
    for name in ["abs", "core::abs", "try", "can", "core::can", "merge"] {
        assert!(signatures.get(name).is_some(), "{name}");
    }
    assert_eq!(signatures.pointer("/merge/variadic_parameter/is_nullable"), Some(&true.into()));
    let one = place.run(&["providers", "schema", "-json", "queueform"]).ended(0).json();
    let data =
        "/provider_schemas/queueform.io~1builtin~1queueform/resource_schemas/queueform_data/block/attributes";
    assert_eq!(one.pointer(&format!("{data}/input/type")), Some(&"dynamic".into()));
    assert_eq!(one.pointer(&format!("{data}/id/computed")), Some(&true.into()));
}

/// The source of a module may come from a variable, and so may the setup of a provider.
#[test]
fn values_of_variables() {
    let place = Place::with(&[
        (
            "main.qf.hcl",
            "variable \"which\" {\n  type = string\n}\n\nmodule \"queues\" {\n  source = \"./${var.which}\"\n}\n",
        ),
        ("child/main.qf.hcl", "resource \"queueform_data\" \"one\" {}\n"),
        ("deep/main.qf.hcl", "resource \"queueform_data\" \"other\" {}\n"),
        ("deep.qfvars.hcl", "which = \"deep\"\n"),
    ]);
    insta::assert_snapshot!(
        "variables_of_modules",
        transcript(
            &place,
            &[
                "graph",
                "graph --var=which=child",
                "graph --var-file=deep.qfvars.hcl",
                "modules",
                "modules --var=which=child",
                "modules --var-file=deep.qfvars.hcl",
                "modules --var-file=none.qfvars.hcl --var=witch=child",
            ]
        )
    );
    let place = Place::with(&[
        ("main.qf.hcl", PROVIDERS),
        ("child/main.qf.hcl", ""),
        ("two.qfvars.hcl", "region = \"ru-moscow-2\"\n"),
    ]);
    for (option, region) in
        [("--var=region=ru-moscow-3", "ru-moscow-3"), ("--var-file=two.qfvars.hcl", "ru-moscow-2")]
    {
        let told = place.run(&["providers", option]).ended(0);
        assert!(told.stdout.contains(&format!("region = \"{region}\" (the provider block)")), "{told}");
    }
    insta::assert_snapshot!(
        "variables_of_providers",
        transcript(&place, &["providers --var=regio=x", "providers --var-file=none.qfvars.hcl --json"])
    );
}
