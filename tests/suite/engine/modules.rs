//! Modules: called once, by `count`, by `for_each`, in each other; moved, taken away, handed providers.

use std::fs;

use queueform::emulator::dms::InstanceSeed;
use queueform::ops::apply::ApplyOutcome;
use queueform::plan::Action;
use queueform::plan::ActionReason;
use queueform::plan::PlanOptions;

use super::lab::INSTANCE;
use super::lab::Lab;
use super::lab::actions;
use super::lab::listed;
use super::lab::told;

const TEAM: &str = r#"
    variable "name" { type = string }
    variable "topics" {
      type    = map(number)
      default = {}
      validation {
        condition     = alltrue([for size in values(var.topics) : size > 0])
        error_message = "sizes of ${var.name} must be positive"
      }
    }
    variable "instance" {}
    resource "dms_rocketmq_topic" "topic" {
      for_each        = var.topics
      instance_id     = var.instance
      name            = "${var.name}-${each.key}"
      read_queue_num  = each.value
      write_queue_num = each.value
    }
    module "note" {
      source = "../note"
      of     = [for topic in dms_rocketmq_topic.topic : topic.name]
    }
    output "topics" { value = { for key, topic in dms_rocketmq_topic.topic : key => topic.id } }
    output "note" { value = module.note.text }
"#;

const NOTE: &str = r#"
    variable "of" {}
    resource "queueform_data" "note" { input = join(",", var.of) }
    output "text" { value = queueform_data.note.output }
"#;

fn lab(configuration: &str) -> Lab {
    let lab = Lab::new(&configuration.replace("INSTANCE", &format!("{INSTANCE:?}")));
    lab.dms().seed_instance(&InstanceSeed::new("main").id(INSTANCE));
    write(&lab, "modules/team", TEAM);
    write(&lab, "modules/note", NOTE);
    lab
}

fn write(lab: &Lab, directory: &str, text: &str) {
    let directory = lab.path().join(directory);
    fs::create_dir_all(&directory).unwrap();
    fs::write(directory.join("main.qf.hcl"), text).unwrap();
}

fn rewrite(lab: &Lab, configuration: &str) {
    lab.write(&configuration.replace("INSTANCE", &format!("{INSTANCE:?}")));
}

const TEAMS: &str = r#"
    provider "dms" {}
    locals { teams = { a = { orders = 8 }, b = { refunds = 16, audit = 8 } } }
    module "team" {
      source   = "./modules/team"
      for_each = local.teams
      name     = each.key
      topics   = each.value
      instance = INSTANCE
    }
    output "all" { value = { for key, team in module.team : key => team.note } }
"#;

#[tokio::test]
async fn modules_converge_change_and_go() {
    let lab = lab(TEAMS);
    let applied = lab.converge().await;
    assert_eq!(applied.counts().created, 3 + 2);
    let all = &applied.outputs["all"];
    assert_eq!(all.get("b").and_then(|text| text.as_str()).map(|text| &**text), Some("b-audit,b-refunds"));
    lab.settled().await;

    rewrite(&lab, &TEAMS.replace("a = { orders = 8 }, ", "").replace("audit = 8", "audit = 12"));
    let planned = lab.plan().await;
    assert_eq!(
        actions(&planned),
        [
            "delete module.team[\"a\"].dms_rocketmq_topic.topic[\"orders\"]",
            "delete module.team[\"a\"].module.note.queueform_data.note",
            "update module.team[\"b\"].dms_rocketmq_topic.topic[\"audit\"]",
        ]
    );
    let gone = planned
        .plan
        .changes
        .iter()
        .filter(|change| change.reason == Some(ActionReason::DeleteBecauseNoModule));
    assert_eq!(gone.count(), 2);
    lab.converge().await;
    lab.settled().await;

    match lab.apply_with(PlanOptions::destroy()).await {
        ApplyOutcome::Applied(_, applied) if applied.complete => {}
        other => panic!("{}", told(&other)),
    }
    assert!(lab.state().is_empty());
}

#[tokio::test]
async fn what_a_module_gives_is_waited_for() {
    // What is known only after apply goes through variables and outputs, in and out of two levels of modules.
    let lab = lab(r#"
        provider "dms" {}
        resource "queueform_data" "name" { input = "late" }
        module "team" {
          source   = "./modules/team"
          for_each = { one = queueform_data.name.id }
          name     = "t${substr(each.value, 0, 8)}"
          topics   = { orders = 8 }
          instance = INSTANCE
        }
        resource "queueform_data" "behind" { input = module.team["one"].note }
        resource "queueform_data" "after" {
          input      = "x"
          depends_on = [module.team]
        }
        "#);
    lab.converge().await;
    let planned = lab.settled().await;
    let state = lab.state();
    let behind = state.instance(&"queueform_data.after".parse().unwrap()).unwrap();
    let known: Vec<String> =
        behind.current.as_ref().unwrap().dependencies.iter().map(ToString::to_string).collect();
    assert!(known.contains(&"module.team.dms_rocketmq_topic.topic".to_owned()), "{known:?}");
    assert!(known.contains(&"module.team.module.note.queueform_data.note".to_owned()), "{known:?}");
    assert_eq!(planned.plan.changes.len(), 5);
}

#[tokio::test]
async fn objects_move_into_modules_and_between_them() {
    let lab = lab(r#"
        resource "queueform_data" "plain" { input = "a,b" }
        "#);
    lab.converge().await;
    let moved = r#"
        module "note" {
          source = "./modules/note"
          of     = ["a", "b"]
        }
        moved {
          from = queueform_data.plain
          to   = module.note.queueform_data.note
        }
    "#;
    rewrite(&lab, moved);
    assert_eq!(actions(&lab.plan().await), [""; 0]);
    lab.converge().await;

    // Adding `count` to a module needs a statement, as with Terraform; the plan says so.
    let counted = moved
        .replace("of     =", "count = 1\n of =")
        .replace(".note.queueform_data", ".note[0].queueform_data");
    rewrite(&lab, &counted);
    let planned = lab.plan().await;
    let gone = planned.plan.changes.iter().find(|change| change.action == Action::Delete).unwrap();
    assert!(
        gone.causes[0].text.contains("`moved` from it to module.note[0] would keep it"),
        "{:?}",
        gone.causes
    );
    rewrite(&lab, &format!("{counted}moved {{\n from = module.note\n to = module.note[0]\n}}\n"));
    assert_eq!(actions(&lab.plan().await), [""; 0]);
    lab.converge().await;
    assert!(lab.state().instance(&"module.note[0].queueform_data.note".parse().unwrap()).is_some());

    let renamed = r#"
        module "memo" {
          source   = "./modules/note"
          for_each = toset(["x"])
          of       = ["a", "b"]
        }
        moved {
          from = module.note[0]
          to   = module.memo["x"]
        }
    "#;
    rewrite(&lab, renamed);
    assert_eq!(actions(&lab.plan().await), [""; 0]);
    lab.converge().await;

    // Statements inside of a module hold for each of its instances.
    write(
        &lab,
        "modules/note",
        &format!(
            "{}moved {{\n from = queueform_data.note\n to = queueform_data.text\n}}\n",
            NOTE.replace("\"note\"", "\"text\"").replace("data.note", "data.text")
        ),
    );
    assert_eq!(actions(&lab.plan().await), [""; 0]);
    lab.converge().await;
    assert!(lab.state().instance(&"module.memo[\"x\"].queueform_data.text".parse().unwrap()).is_some());

    rewrite(&lab, "removed {\n from = module.memo\n lifecycle { destroy = false }\n}\n");
    assert_eq!(actions(&lab.plan().await), ["forget module.memo[\"x\"].queueform_data.text"]);
    lab.converge().await;
    assert!(lab.state().is_empty());
}

#[tokio::test]
async fn targets_name_modules() {
    let lab = lab(TEAMS);
    let targeted = |text: &str| PlanOptions { targets: vec![text.parse().unwrap()], ..PlanOptions::normal() };
    let planned = lab.plan_with(&targeted("module.team[\"b\"]")).await;
    let todo = actions(&planned);
    assert_eq!(todo.len(), 3, "{todo:#?}");
    assert!(todo.iter().all(|line| line.contains("[\"b\"]")), "{todo:#?}");
    assert_eq!(actions(&lab.plan_with(&targeted("module.team")).await).len(), 5);
    let inner = lab.plan_with(&targeted("module.team[\"a\"].module.note")).await;
    // What it needs is planned in all instances, as with Terraform.
    assert_eq!(actions(&inner).len(), 4, "{:#?}", actions(&inner));
    lab.converge().await;
    let options = PlanOptions { mode: queueform::plan::PlanMode::Destroy, ..targeted("module.team[\"a\"]") };
    let planned = lab.plan_with(&options).await;
    assert_eq!(actions(&planned).len(), 2, "{:#?}", actions(&planned));
}

#[tokio::test]
async fn providers_are_handed_over() {
    let lab = lab(r#"
        provider "dms" {
          alias  = "west"
          region = "cn-north-4"
        }
        module "west" {
          source    = "./modules/outer"
          providers = { dms = dms.west }
        }
        "#);
    write(
        &lab,
        "modules/outer",
        r#"
        module "team" {
          source    = "../inner"
          providers = { dms.of_team = dms }
        }
        "#,
    );
    write(
        &lab,
        "modules/inner",
        &format!(
            "resource \"dms_rocketmq_topic\" \"topic\" {{\n provider = dms.of_team\n instance_id = {INSTANCE:?}\n name = \"topic\"\n read_queue_num = 8\n write_queue_num = 8\n}}\n"
        ),
    );
    let planned = lab.plan().await;
    let change = &planned.plan.changes[0];
    assert_eq!(change.provider.to_string(), "dms.west", "{}", listed(&planned.plan.diagnostics));
    lab.converge().await;
    lab.settled().await;
}

#[tokio::test]
async fn validations_of_a_module_are_told_with_its_instance() {
    let lab = lab(&TEAMS.replace("orders = 8", "orders = 0"));
    let planned = lab.plan().await;
    let found = listed(&planned.plan.diagnostics);
    assert!(found.contains("the value of variable `module.team[\"a\"].topics` is not accepted"), "{found}");
    assert!(found.contains("sizes of a must be positive"), "{found}");
    assert!(!found.contains("sizes of b"), "{found}");
}
