//! `migrate`: a configuration of Terraform with its state becomes ours, and there is nothing to do.

use std::fs;
use std::path::Path;

use queueform::api::Stop;
use queueform::ops::migrate::MigrateRequest;
use queueform::ops::migrate::migrate;
use queueform::ops::project::Project;
use queueform::ops::project::ProjectOptions;
use queueform::plan::PlanOptions;

use super::lab::Lab;
use super::lab::actions;
use super::lab::listed;
use super::lab::planned;

const FIXTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/migrate/huaweicloud");

/// The objects that Terraform has made, made without it.
const MADE: &str = r#"
provider "dms" {}

locals {
  topics = {
    "payments-orders" = 16, "payments-refunds" = 8, "shipping-labels" = 8
  }
  groups = toset(["payments-billing", "shipping-print", "shipping-audit"])
}

resource "dms_rocketmq_instance" "main" {
  name               = "shared-ru-moscow-1"
  description        = "Queues of all teams"
  engine_version     = "4.8.0"
  storage_space      = 600
  broker_num         = 2
  flavor_id          = "c6.4u8g.cluster.small"
  storage_spec_code  = "dms.physical.storage.high.v2"
  vpc_id             = "vpc-demo"
  subnet_id          = "subnet-demo"
  security_group_id  = "sg-demo"
  availability_zones = ["ru-moscow-1a"]
  enable_acl         = true
  tags               = { owner = "platform" }
}

resource "dms_rocketmq_instance_config" "main" {
  instance_id = dms_rocketmq_instance.main.id
  settings    = { fileReservedTime = "72" }
}

resource "dms_rocketmq_topic" "all" {
  for_each        = local.topics
  instance_id     = dms_rocketmq_instance.main.id
  name            = each.key
  permission      = "all"
  read_queue_num  = each.value
  write_queue_num = each.value
}

resource "dms_rocketmq_topic" "legacy" {
  instance_id = dms_rocketmq_instance.main.id
  name        = "legacy-events"
  queue_num   = 3
  permission  = "all"
  brokers     = ["broker-0"]
}

resource "dms_rocketmq_consumer_group" "all" {
  for_each        = local.groups
  instance_id     = dms_rocketmq_instance.main.id
  name            = each.key
  retry_max_times = 3
}

resource "dms_rocketmq_user" "monitor" {
  instance_id        = dms_rocketmq_instance.main.id
  access_key         = "monitoring"
  secret_key         = "Monitor-Secret-1"
  secret_key_version = 1
  admin              = true
}

resource "dms_rocketmq_user" "payments" {
  instance_id        = dms_rocketmq_instance.main.id
  access_key         = "payments-worker"
  secret_key         = "Worker-Secret-1"
  secret_key_version = 1
  default_topic_perm = "DENY"
  default_group_perm = "DENY"
  topic_perms        = { payments-orders = "SUB", payments-refunds = "PUB|SUB" }
  group_perms        = { payments-billing = "SUB" }
  depends_on         = [dms_rocketmq_topic.all, dms_rocketmq_consumer_group.all]
}

resource "dms_rocketmq_user" "shipping" {
  instance_id        = dms_rocketmq_instance.main.id
  access_key         = "shipping-worker"
  secret_key         = "Worker-Secret-1"
  secret_key_version = 1
  default_topic_perm = "DENY"
  default_group_perm = "DENY"
  topic_perms        = { shipping-labels = "PUB|SUB" }
  group_perms        = { shipping-audit = "SUB", shipping-print = "SUB" }
  depends_on         = [dms_rocketmq_topic.all, dms_rocketmq_consumer_group.all]
}
"#;

/// Puts what the service has made up into a text of the fixture: `"@main.id@"` is the id of the object `main`.
fn filled(text: &str, lab: &Lab) -> String {
    let state = lab.state();
    let mut text = text.to_owned();
    for (target, _, object) in state.objects().filter(|(target, ..)| target.addr.key.is_none()) {
        let attributes: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(object.attributes.raw()).unwrap();
        for (name, value) in attributes {
            let mark = format!("@{}.{name}@", target.addr.resource.name);
            text = text.replace(&format!("\"{mark}\""), &value.to_string());
            if let Some(part) = value.as_str() {
                text = text.replace(&mark, part);
            }
        }
    }
    assert!(!text.contains('@'), "a mark stays: {}", text.lines().find(|line| line.contains('@')).unwrap());
    text
}

/// Copies Terraform's files.
fn copy(from: &Path, to: &Path, lab: &Lab) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let goal = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &goal, lab);
        } else {
            fs::write(goal, filled(&fs::read_to_string(&path).unwrap(), lab)).unwrap();
        }
    }
}

fn options(lab: &Lab, directory: &Path) -> ProjectOptions {
    ProjectOptions { directory: directory.to_path_buf(), ..lab.options() }
}

fn request(lab: &Lab, directory: &Path) -> MigrateRequest {
    MigrateRequest {
        directory: directory.to_path_buf(),
        into: None,
        state: None,
        dry_run: false,
        place: options(lab, directory).place(),
    }
}

fn files(directory: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut open = vec![directory.to_path_buf()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(directory).unwrap().display().to_string();
                found.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

const SECRETS: &str =
    "worker_secret = \"Worker-Secret-1\"\nrandom_password_monitor = { result = \"Monitor-Secret-1\" }\n";

#[tokio::test]
async fn the_plan_behind_a_migration_is_empty() {
    let lab = Lab::new(MADE);
    lab.converge().await;
    let there = tempfile::tempdir().unwrap();
    copy(Path::new(FIXTURE), there.path(), &lab);
    let before = files(there.path());
    // First only said, then done.
    let dry = migrate(&MigrateRequest { dry_run: true, ..request(&lab, there.path()) });
    let dry = dry.unwrap_or_else(|(found, _)| panic!("{}", listed(&found)));
    assert_eq!(files(there.path()), before, "a dry run writes nothing");
    let found =
        migrate(&request(&lab, there.path())).unwrap_or_else(|(found, _)| panic!("{}", listed(&found)));
    assert_eq!(found.files, dry.files);
    assert_eq!((found.converted, found.left), (6, 6), "{}", listed(&found.notes));
    let state = found.state.unwrap();
    assert_eq!((state.objects, state.outputs), (12, 3));
    let after = files(there.path());
    for file in &before {
        assert!(after.contains(file), "{} was changed", file.0);
    }
    for file in &found.files {
        let comments = |text: &str| text.matches('#').count();
        let original =
            file.from.as_ref().map(|from| &before.iter().find(|(name, _)| name == from).unwrap().1);
        assert!(
            original.is_none_or(|text| comments(text) <= comments(&file.text)),
            "{}: a comment is lost",
            file.to
        );
    }
    fs::write(there.path().join("secrets.auto.qfvars.hcl"), SECRETS).unwrap();
    let opened = Project::open(options(&lab, there.path()));
    assert!(!opened.diagnostics.has_errors(), "{}", listed(&opened.diagnostics));
    let project = opened.output.unwrap();
    let planned = planned(&project, &PlanOptions::normal()).await;
    assert!(planned.is_applicable(), "{}", listed(&planned.plan.diagnostics));
    let drift: Vec<String> = planned
        .plan
        .drift
        .iter()
        .map(|one| format!("{}: {:?} {:?} {:?}", one.addr, one.differing, one.before, one.after))
        .collect();
    assert!(drift.is_empty(), "{}", drift.join("\n"));
    assert!(!planned.has_changes(), "{:?} {:?}", actions(&planned), planned.plan.outputs);
    assert_eq!(planned.plan.effort.refreshed, 12);
    // A second one finds the files, and a state that it leaves alone.
    let (again, _) = migrate(&request(&lab, there.path())).unwrap_err();
    assert!(listed(&again).contains("there is a state here already"), "{}", listed(&again));
    fs::write(there.path().join("main.qf.hcl"), "# mine\n").unwrap();
    let (again, _) = migrate(&request(&lab, there.path())).unwrap_err();
    assert!(
        listed(&again).contains("`main.qf.hcl` exists already") || listed(&again).contains("main.qf.hcl"),
        "{}",
        listed(&again)
    );
    assert_eq!(fs::read_to_string(there.path().join("main.qf.hcl")).unwrap(), "# mine\n");
    drop(Stop::never());
}

#[tokio::test]
async fn another_directory_and_a_pulled_state() {
    let lab = Lab::new(MADE);
    lab.converge().await;
    let there = tempfile::tempdir().unwrap();
    copy(Path::new(FIXTURE), &there.path().join("tf"), &lab);
    fs::rename(there.path().join("tf/terraform.tfstate"), there.path().join("pulled.json")).unwrap();
    let ours = there.path().join("ours");
    let directory = there.path().join("tf");
    let without = migrate(&MigrateRequest { dry_run: true, ..request(&lab, &directory) }).unwrap();
    assert!(without.state.is_none());
    // What the state would tell is asked for by variables.
    let standins = without.files.iter().find(|file| file.to == "from-terraform.qf.hcl").unwrap();
    assert!(standins.text.contains("variable \"huaweicloud_vpc_main\""), "{}", standins.text);
    let found = migrate(&MigrateRequest {
        into: Some(ours.clone()),
        state: Some(there.path().join("pulled.json")),
        ..request(&lab, &directory)
    });
    let found = found.unwrap_or_else(|(found, _)| panic!("{}", listed(&found)));
    assert_eq!(found.state.unwrap().objects, 12);
    assert!(files(&directory).iter().all(|(name, _)| !name.contains(".qf")));
    fs::write(ours.join("secrets.auto.qfvars.hcl"), SECRETS).unwrap();
    let project = Project::open(options(&lab, &ours)).output.unwrap();
    let planned = planned(&project, &PlanOptions::normal()).await;
    assert!(!planned.has_changes(), "{:?}\n{}", actions(&planned), listed(&planned.plan.diagnostics));
}
