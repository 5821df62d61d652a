//! `--emulate=state`: the estate of a state, rehearsed without the service.

use std::fs;
use std::path::PathBuf;

use queueform::api::Stopper;
use queueform::emulator::Fault;
use queueform::emulator::FaultRule;
use queueform::emulator::System;
use queueform::ops::apply::ApplyOutcome;
use queueform::ops::project::Emulate;
use queueform::ops::project::Project;
use queueform::ops::project::ProjectOptions;
use queueform::plan::PlanOptions;
use queueform::state::document;

use super::lab::Lab;
use super::lab::actions;
use super::lab::applied;
use super::lab::listed;
use super::lab::planned;
use super::lab::told;

const ESTATE: &str = r#"
provider "dms" {
  default_tags = { owner = "queues" }
}

resource "dms_rocketmq_instance" "main" {
  name               = "main"
  engine_version     = "4.8.0"
  flavor_id          = "c6.4u8g.cluster.small"
  storage_spec_code  = "dms.physical.storage.high.v2"
  storage_space      = 600
  broker_num         = 2
  vpc_id             = "vpc-demo"
  subnet_id          = "subnet-demo"
  security_group_id  = "sg-demo"
  availability_zones = ["ru-moscow-1a"]
  enable_acl         = true
  tags               = { team = "payments" }
}

resource "dms_rocketmq_topic" "orders" {
  for_each        = { orders = 7, refunds = 4 }
  instance_id     = dms_rocketmq_instance.main.id
  name            = each.key
  read_queue_num  = each.value
  write_queue_num = 4
  permission      = "sub"
}

resource "dms_rocketmq_consumer_group" "billing" {
  instance_id     = dms_rocketmq_instance.main.id
  name            = "billing"
  retry_max_times = 3
  broadcast       = true
}

resource "dms_rocketmq_user" "billing" {
  instance_id        = dms_rocketmq_instance.main.id
  access_key         = "billing-worker"
  secret_key         = "Demo-Secret-1"
  secret_key_version = 1
  group_perms        = { billing = "SUB" }
}

resource "queueform_data" "note" {
  input = dms_rocketmq_instance.main.id
}
"#;

fn rehearsal(lab: &Lab) -> ProjectOptions {
    ProjectOptions {
        directory: lab.path().to_path_buf(),
        emulate: Emulate::State,
        ..ProjectOptions::default()
    }
}

/// Lets the state of the emulated runs stand for a real one.
fn make_real(lab: &Lab) -> PathBuf {
    let state = lab.path().join("queueform.state.json");
    fs::copy(lab.path().join(".queueform/emulator/queueform.state.json"), &state).unwrap();
    state
}

async fn plan(lab: &Lab) -> Vec<String> {
    let opened = Project::open(rehearsal(lab));
    assert!(opened.diagnostics.is_empty(), "{}", listed(&opened.diagnostics));
    let found = planned(&opened.output.unwrap(), &PlanOptions::normal()).await;
    assert!(found.plan.drift.is_empty(), "{:?}", found.plan.drift);
    actions(&found)
}

#[tokio::test]
async fn an_estate_is_rehearsed_from_its_state_alone() {
    let lab = Lab::new(ESTATE);
    lab.converge().await;
    lab.settled().await;
    let state = make_real(&lab);
    let before = fs::read(&state).unwrap();

    assert_eq!(plan(&lab).await, Vec::<String>::new());
    lab.write(&ESTATE.replace("orders = 7, ", "").replace("retry_max_times = 3", "retry_max_times = 5"));
    let edit = ["update dms_rocketmq_consumer_group.billing", "delete dms_rocketmq_topic.orders[\"orders\"]"];
    let mut todo = plan(&lab).await;
    todo.sort_unstable_by(|a, b| b.cmp(a));
    assert_eq!(todo, edit);

    // The rehearsal goes on until the state changes.
    let project = Project::open(rehearsal(&lab)).output.unwrap();
    let outcome = applied(&project, PlanOptions::normal(), &Stopper::default(), &mut |_event| {}).await;
    assert!(matches!(&outcome, ApplyOutcome::Applied(_, applied) if applied.complete), "{}", told(&outcome));
    drop(project);
    assert_eq!(plan(&lab).await, Vec::<String>::new());
    assert_eq!(fs::read(&state).unwrap(), before);

    let mut newer = document::read(&before).unwrap();
    newer.serial += 1;
    fs::write(&state, document::write(&newer).unwrap()).unwrap();
    assert_eq!(plan(&lab).await.len(), edit.len());
}

#[tokio::test]
async fn an_unfinished_state_is_not_rehearsed() {
    let lab = Lab::new(ESTATE);
    let fault = FaultRule::new(Fault::DropAfterCommit).on("POST", "/topics").times(1);
    lab.emulator.store().add_fault(System::Dms, fault);
    let outcome = lab.apply().await;
    assert!(matches!(&outcome, ApplyOutcome::Applied(_, applied) if !applied.complete), "{}", told(&outcome));
    make_real(&lab);
    let opened = Project::open(rehearsal(&lab));
    assert!(listed(&opened.diagnostics).contains("unfinished"), "{}", listed(&opened.diagnostics));
}

#[tokio::test]
async fn instances_that_nobody_can_make_are_rehearsed_too() {
    let lab = Lab::new(
        r#"
        provider "apsaramq" {
          region = "cn-hangzhou"
        }
        resource "apsaramq_mqtt_group" "g" {
          instance_id = "mqtt-cn-demoshanghai"
          region      = "cn-shanghai"
          group_id    = "GID_meters"
          tags        = { team = "meters" }
        }
        resource "apsaramq_mqtt_custom_auth_identity" "i" {
          instance_id    = "mqtt-cn-demohangzhou"
          identity_type  = "USER"
          username       = "meters"
          secret         = "s3cret"
          secret_version = 1
          sign_mode      = "SIGNED"
        }
        resource "apsaramq_mqtt_custom_auth_permission" "p" {
          instance_id   = "mqtt-cn-demohangzhou"
          identity_type = "USER"
          identity      = "meters"
          topic         = "meters/#"
          permit_action = "PUB"
        }
        resource "apsaramq_mqtt_connect_blacklist_entry" "b" {
          instance_id = "mqtt-cn-demohangzhou"
          client_id   = "GID_meters@@@bad"
        }
        resource "apsaramq_mqtt_instance_tags" "t" {
          instance_id = "mqtt-cn-demohangzhou"
          tags        = { stage = "test" }
        }
        resource "apsaramq_mqtt_disaster_recovery" "f" {
          name                = "fleet"
          members             = { mqtt-cn-demohangzhou = "cn-hangzhou", mqtt-cn-demoshanghai = "cn-shanghai" }
          active_instance_ids = ["mqtt-cn-demoshanghai"]
        }
        "#,
    );
    lab.converge().await;
    lab.settled().await;
    make_real(&lab);
    assert_eq!(plan(&lab).await, Vec::<String>::new());
}
