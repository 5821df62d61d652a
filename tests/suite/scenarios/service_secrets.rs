//! Secrets that the service makes: read again where something refers to them, and never lost.

use queueform::emulator::System;
use queueform::plan::PlanOptions;
use queueform::plan::Refresh;

use super::mqtt::Course;
use super::mqtt::HANGZHOU;
use crate::engine::actions;
use crate::engine::listed;

fn blocks(more: &str) -> String {
    format!(
        r#"
    resource "apsaramq_mqtt_group" "g" {{
      instance_id = "{HANGZHOU}"
      group_id    = "GID_meters"
    }}
    resource "apsaramq_mqtt_device_credential" "c" {{
      for_each    = toset(["1", "2"])
      instance_id = apsaramq_mqtt_group.g.instance_id
      client_id   = "${{apsaramq_mqtt_group.g.group_id}}@@@${{each.key}}"
    }}
    {more}
    "#
    )
}

const TAKES_ONE: &str = r#"
    resource "queueform_data" "copy" {
      input = "key ${apsaramq_mqtt_device_credential.c["1"].access_key_secret}"
    }
    output "secrets" {
      value     = [for one in apsaramq_mqtt_device_credential.c : one.access_key_secret]
      sensitive = true
    }
"#;

/// How many keys were read since the last call.
fn keys_read(course: &Course, seen: &mut usize) -> usize {
    let calls = course.lab.emulator.store().calls(System::ApsaramqMqtt);
    let all = calls.iter().filter(|call| call.path.ends_with("GetDeviceCredential")).count();
    all - std::mem::replace(seen, all)
}

#[tokio::test]
async fn a_secret_of_the_service_is_read_again_where_it_is_referred_to() {
    let mut course = Course::new();
    let mut seen = 0;
    course.write(&blocks(""));
    course.apply_with(PlanOptions::normal()).await;
    keys_read(&course, &mut seen);
    course.lab.settled().await;
    assert_eq!(keys_read(&course, &mut seen), 0, "nobody needs them, and each costs a message");

    course.write(&blocks(TAKES_ONE));
    assert_eq!(actions(&course.lab.plan().await), ["create queueform_data.copy"]);
    assert_eq!(keys_read(&course, &mut seen), 2);
    course.apply_with(PlanOptions::normal()).await;
    course.lab.settled().await;
    let touched = PlanOptions { refresh: Refresh::Touched, ..PlanOptions::normal() };
    keys_read(&course, &mut seen);
    assert_eq!(actions(&course.lab.plan_with(&touched).await), [""; 0]);
    assert_eq!(keys_read(&course, &mut seen), 2);

    // A new key reaches whoever refers to it.
    let rotated = blocks(TAKES_ONE).replace("for_each    =", "rotate_trigger = \"now\"\n for_each    =");
    course.write(&rotated);
    course.apply_with(PlanOptions::normal()).await;
    course.lab.settled().await;
    assert_eq!(course.writes(), ["RefreshDeviceCredential", "RefreshDeviceCredential"]);
}

#[tokio::test]
async fn without_a_refresh_secrets_alone_are_read() {
    let mut course = Course::new();
    course.write(&blocks(TAKES_ONE));
    course.apply_with(PlanOptions::normal()).await;
    let mut seen = 0;
    keys_read(&course, &mut seen);
    let stored = PlanOptions { refresh: Refresh::None, ..PlanOptions::normal() };
    let planned = course.lab.plan_with(&stored).await;
    assert!(planned.is_applicable() && !planned.has_changes(), "{}", listed(&planned.plan.diagnostics));
    assert_eq!(keys_read(&course, &mut seen), 2);
    course.write(&blocks(""));
    course.apply_with(PlanOptions::normal()).await;
    let calls = course.lab.emulator.store().calls(System::ApsaramqMqtt).len();
    drop(course.lab.plan_with(&stored).await);
    assert_eq!(
        course.lab.emulator.store().calls(System::ApsaramqMqtt).len(),
        calls,
        "nothing is read otherwise"
    );
}
