//! Replacements, what is read during apply, failed creations, secrets.

use std::path::Path;

use queueform::apply::End;
use queueform::emulator::Fault;
use queueform::emulator::FaultRule;
use queueform::emulator::System;
use queueform::emulator::dms::InstanceSeed;
use queueform::ops::apply::ApplyOutcome;
use queueform::plan::PlanOptions;
use queueform::state::Status;

use super::lab::INSTANCE;
use super::lab::Lab;
use super::lab::actions;
use super::lab::told;

fn topic(name: &str, lifecycle: &str) -> String {
    format!(
        r#"
        provider "dms" {{}}
        resource "dms_rocketmq_topic" "main" {{
          instance_id     = "{INSTANCE}"
          name            = "{name}"
          read_queue_num  = 8
          write_queue_num = 8
          lifecycle {{
            {lifecycle}
          }}
        }}
        resource "queueform_data" "note" {{ input = dms_rocketmq_topic.main.id }}
        "#
    )
}

async fn lab(configuration: &str) -> Lab {
    let lab = Lab::new(configuration);
    lab.dms().seed_instance(&InstanceSeed::new("main").id(INSTANCE));
    lab.converge().await;
    lab.settled().await;
    lab
}

fn names(lab: &Lab) -> Vec<String> {
    lab.dms().topics(INSTANCE).into_iter().map(|topic| topic.name).collect()
}

/// The mutating calls so far, as the emulator saw them.
fn writes(lab: &Lab) -> Vec<String> {
    let calls = lab.calls().into_iter().filter(|call| call.method != "GET" && call.status < 300);
    calls.map(|call| call.method).collect()
}

async fn failed(lab: &Lab) {
    let outcome = lab.apply().await;
    let ApplyOutcome::Applied(_, applied) = &outcome else { panic!("{}", told(&outcome)) };
    assert!(applied.ends.iter().any(|object| object.end == End::Failed), "{}", told(&outcome));
}

#[tokio::test]
async fn a_replacement_deletes_first() {
    let lab = lab(&topic("orders", "")).await;
    lab.write(&topic("orders-v2", ""));
    assert_eq!(actions(&lab.plan().await), ["replace dms_rocketmq_topic.main", "update queueform_data.note"]);
    lab.converge().await;
    lab.settled().await;
    assert_eq!(names(&lab), ["orders-v2"]);
    assert_eq!(writes(&lab), ["POST", "DELETE", "POST"]);
}

#[tokio::test]
async fn a_replacement_creates_first_where_that_is_asked_for() {
    let first = "create_before_destroy = true";
    let lab = lab(&topic("orders", first)).await;
    lab.write(&topic("orders-v2", first));
    lab.converge().await;
    lab.settled().await;
    assert_eq!(names(&lab), ["orders-v2"]);
    assert_eq!(writes(&lab), ["POST", "POST", "DELETE"]);
    assert_eq!(lab.state().objects().filter(|(target, ..)| target.deposed.is_some()).count(), 0);
}

#[tokio::test]
async fn a_replacement_that_cannot_be_made_leaves_the_old_object() {
    let first = "create_before_destroy = true";
    let lab = lab(&topic("orders", first)).await;
    let fault = Fault::Status { status: 400, code: Some("DMS.00400002".to_owned()) };
    lab.emulator.store().add_fault(System::Dms, FaultRule::new(fault).on("POST", "/topics").times(1));
    lab.write(&topic("orders-v2", first));
    failed(&lab).await;
    assert_eq!(names(&lab), ["orders"]);
    assert_eq!(lab.state().objects().filter(|(target, ..)| target.deposed.is_some()).count(), 0);
    lab.converge().await;
    lab.settled().await;
    assert_eq!(names(&lab), ["orders-v2"]);
}

#[tokio::test]
async fn an_old_object_that_could_not_be_deleted_is_deleted_later() {
    let first = "create_before_destroy = true";
    let lab = lab(&topic("orders", first)).await;
    let fault = Fault::Status { status: 400, code: Some("DMS.00400002".to_owned()) };
    lab.emulator.store().add_fault(System::Dms, FaultRule::new(fault).on("DELETE", "/topics").times(1));
    lab.write(&topic("orders-v2", first));
    failed(&lab).await;
    assert_eq!(names(&lab).len(), 2);
    assert_eq!(lab.state().objects().filter(|(target, ..)| target.deposed.is_some()).count(), 1);
    lab.converge().await;
    lab.settled().await;
    assert_eq!(names(&lab), ["orders-v2"]);
}

const INSTANCE_BLOCK: &str = r#"
    provider "dms" {}
    resource "dms_rocketmq_instance" "main" {
      name               = "main"
      engine_version     = "4.8.0"
      flavor_id          = "c6.4u8g.cluster.small"
      storage_spec_code  = "dms.physical.storage.high.v2"
      storage_space      = 300
      vpc_id             = "vpc-demo"
      subnet_id          = "subnet-demo"
      security_group_id  = "sg-demo"
      availability_zones = ["ru-moscow-1a"]
    }
"#;

#[tokio::test]
async fn a_creation_that_the_service_gave_up_is_replaced() {
    let lab = Lab::new(INSTANCE_BLOCK);
    let fault = FaultRule::new(Fault::FailJob).on("POST", "/instances").times(1);
    lab.emulator.store().add_fault(System::Dms, fault);
    failed(&lab).await;
    let state = lab.state();
    let (_, _, object) = state.objects().next().unwrap();
    assert_eq!(object.status, Status::Tainted);
    assert!(object.attributes.text("id").is_some());
    assert_eq!(actions(&lab.plan().await), ["replace dms_rocketmq_instance.main"]);
    lab.converge().await;
    lab.settled().await;
    assert_eq!(lab.dms().instances().len(), 1);
}

#[tokio::test]
async fn data_behind_something_new_is_read_during_apply() {
    let lab = Lab::new(&format!(
        r#"{INSTANCE_BLOCK}
        resource "dms_rocketmq_topic" "orders" {{
          instance_id     = dms_rocketmq_instance.main.id
          name            = "orders"
          read_queue_num  = 8
          write_queue_num = 8
        }}
        data "dms_rocketmq_topics" "all" {{
          instance_id = dms_rocketmq_instance.main.id
          depends_on  = [dms_rocketmq_topic.orders]
        }}
        output "names" {{ value = data.dms_rocketmq_topics.all.names }}
        "#
    ));
    let applied = lab.converge().await;
    let names = &applied.outputs["names"];
    let names: Vec<String> =
        names.elements().unwrap().iter().map(|name| name.as_str().unwrap().to_string()).collect();
    assert_eq!(names, ["orders"]);
    lab.settled().await;
}

#[tokio::test]
async fn a_secret_is_sent_when_it_gets_a_version_and_when_that_is_asked_for() {
    let user = |more: &str| {
        format!(
            r#"
            provider "dms" {{}}
            resource "dms_rocketmq_user" "app" {{
              instance_id = "{INSTANCE}"
              access_key  = "application"
              {more}
            }}
            "#
        )
    };
    let known = |lab: &Lab| lab.dms().users(INSTANCE)[0].secret_key.clone();
    let lab = lab(&user("secret_key = \"Very-Secret-1\"")).await;
    assert_eq!(known(&lab), "Very-Secret-1");

    lab.write(&user("secret_key = \"Very-Secret-2\"\nsecret_key_version = 1"));
    assert_eq!(actions(&lab.plan().await), ["update dms_rocketmq_user.app"]);
    lab.converge().await;
    lab.settled().await;
    assert_eq!(known(&lab), "Very-Secret-2");

    // Changed by hand, which nothing shows: it is sent again on request.
    assert!(lab.dms().edit_user(INSTANCE, "application", |user| user.secret_key = "By-Hand-1".to_owned()));
    lab.settled().await;
    let options =
        PlanOptions { assert: vec!["dms_rocketmq_user.app".parse().unwrap()], ..PlanOptions::normal() };
    assert_eq!(actions(&lab.plan_with(&options).await), ["update dms_rocketmq_user.app"]);
    let outcome = lab.apply_with(options).await;
    assert!(matches!(&outcome, ApplyOutcome::Applied(_, applied) if applied.complete), "{}", told(&outcome));
    assert_eq!(known(&lab), "Very-Secret-2");
    lab.settled().await;
}

/// Everything below a directory.
fn contents(directory: &Path) -> String {
    let mut all = String::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.push_str(&contents(&path));
        } else if path.file_name().is_some_and(|name| name != "main.qf.hcl") {
            all.push_str(&String::from_utf8_lossy(&std::fs::read(&path).unwrap()));
        }
    }
    all
}

#[tokio::test]
async fn secrets_are_in_no_file() {
    const SECRET: &str = "Very-Secret-4711";
    let configuration = format!(
        r#"
        provider "dms" {{}}
        variable "secret" {{
          type      = string
          sensitive = true
          default   = "{SECRET}"
        }}
        resource "dms_rocketmq_user" "app" {{
          instance_id        = "{INSTANCE}"
          access_key         = "application"
          secret_key         = var.secret
          secret_key_version = 1
        }}
        resource "queueform_data" "note" {{ input = var.secret }}
        output "secret" {{
          value     = "it is ${{var.secret}}"
          sensitive = true
        }}
        "#
    );
    let lab = lab(&configuration).await;
    let all = contents(lab.path());
    assert!(all.contains("application"), "{all}");
    assert!(!all.contains(SECRET), "{all}");

    // What is not stored can still be told to have changed.
    lab.write(&configuration.replace(SECRET, "Very-Secret-4712").replace("version = 1", "version = 2"));
    let planned = lab.plan().await;
    assert_eq!(actions(&planned), ["update dms_rocketmq_user.app", "update queueform_data.note"]);
    lab.converge().await;
    lab.settled().await;
    assert!(!contents(lab.path()).contains("Very-Secret"));
}

#[tokio::test]
async fn what_follows_a_secret_is_known_without_the_state() {
    let text = |sensitive: &str| {
        format!(
            r#"
        variable "secret" {{
          default = "S3cret"
          {sensitive}
        }}
        resource "queueform_data" "kept" {{
          input            = {{ user = "app", password = [var.secret] }}
          triggers_replace = var.secret
        }}
        resource "queueform_data" "whole" {{ input = var.secret }}
        resource "queueform_data" "next" {{
          input = [queueform_data.kept.output, queueform_data.whole.output]
        }}
        output "whole" {{
          value     = queueform_data.whole.output
          sensitive = true
        }}
        "#
        )
    };
    let lab = lab(&text("sensitive = true")).await;
    assert!(!contents(lab.path()).contains("S3cret"));
    // The digests tell that the outputs are the inputs.
    lab.settled().await;
    // What is secret no longer is written anew, and replaces nothing: its value is the same.
    lab.write(&text(""));
    assert_eq!(
        actions(&lab.plan().await),
        ["update queueform_data.kept", "update queueform_data.next", "update queueform_data.whole"]
    );
    lab.converge().await;
    lab.settled().await;
    assert!(contents(lab.path()).contains("S3cret"));
}
