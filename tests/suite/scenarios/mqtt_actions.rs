//! `ApsaraMQ` for MQTT: what each action does, and what keeps it from being done.

use queueform::emulator::System;
use queueform::emulator::mqtt::InstanceSeed;
use queueform::plan::PlanOptions;
use serde_json::json;

use super::mqtt::Course;
use super::mqtt::HANGZHOU;
use super::mqtt::SHANGHAI;
use crate::engine;
use crate::engine::Ran;
use crate::engine::actions;

const MQTT: System = System::ApsaramqMqtt;

fn course() -> Course {
    let course = Course::new();
    course.mqtt().seed_instance(&InstanceSeed::new(HANGZHOU).topic("meters").group("GID_meters"));
    let there = InstanceSeed::new(SHANGHAI).region("cn-shanghai").topic("meters").group("GID_meters");
    course.mqtt().seed_instance(&there);
    course
}

fn addr(kind: &str) -> String {
    format!("action.apsaramq_mqtt_{kind}.x")
}

fn block(kind: &str, config: &str) -> String {
    format!("action \"apsaramq_mqtt_{kind}\" \"x\" {{\n  config {{\n{config}\n  }}\n}}\n")
}

#[tokio::test]
async fn a_token_is_made_asked_about_and_ended() {
    let mut course = course();
    let until = course.mqtt().now_ms() + 3_600_000;
    let config = format!(
        "instance_id = \"{HANGZHOU}\"\nactions = \"R,W\"\nresources = [\"meters/b\", \"meters/a b+\"]\nexpire_time = {until}"
    );
    course.write(&block("apply_token", &config));
    let made = engine::once(&course.lab, MQTT, &addr("apply_token")).await;
    let token = made["token"].as_str().unwrap().to_owned();
    let known = course.mqtt().member(HANGZHOU).unwrap().tokens[&token].clone();
    assert_eq!((known.actions.as_str(), known.resources.as_str()), ("R,W", "meters/a b+,meters/b"));
    assert_eq!((known.expires_at, known.is_revoked), (until, false));
    assert!(engine::record(&course.lab, &addr("apply_token")).unwrap()["token"].is_null());
    let second = engine::again(&course.lab, MQTT, &addr("apply_token")).await;
    assert_ne!(second["token"], token);
    assert_eq!(course.mqtt().member(HANGZHOU).unwrap().tokens.len(), 2);

    let asked = format!("instance_id = \"{HANGZHOU}\"\ntoken = \"{token}\"");
    let (query, revoke) = (addr("query_token"), addr("revoke_token"));
    course.write(&format!("{}{}", block("query_token", &asked), block("revoke_token", &asked)));
    // Without its block the record goes.
    course.apply_with(PlanOptions::normal()).await;
    assert!(engine::record(&course.lab, &addr("apply_token")).is_none());
    for (is_good, ends) in [(true, false), (true, true), (false, false)] {
        // What only reads is done every time.
        let Ran::Done(found) = engine::invoke(&course.lab, &query, false, &mut || {}).await else {
            panic!("it is not read again")
        };
        assert_eq!(found["valid"], json!(is_good));
        if ends {
            engine::once(&course.lab, MQTT, &revoke).await;
            assert!(course.mqtt().member(HANGZHOU).unwrap().tokens[&token].is_revoked);
        }
    }
    for kept in [&query, &revoke] {
        assert!(!engine::record(&course.lab, kept).unwrap().to_string().contains(&token));
    }
    course.write(&block("revoke_token", &asked.replace(&token, "LzMT+none")));
    let text = engine::refusal(&course.lab, &revoke).await;
    assert!(text.contains("ParameterCheckFailed") && !text.contains("LzMT+none"), "{text}");
    course.write(&block("apply_token", &config.replace(&until.to_string(), "1000")));
    let text = engine::refusal(&course.lab, &addr("apply_token")).await;
    assert!(text.contains("ExpireTime"), "{text}");
}

#[tokio::test]
async fn a_device_gets_another_secret() {
    let mut course = course();
    let credential = format!(
        "resource \"apsaramq_mqtt_device_credential\" \"c\" {{\n  instance_id = \"{HANGZHOU}\"\n  client_id = \"GID_meters@@@1\"\n}}\n"
    );
    let config = format!("instance_id = \"{HANGZHOU}\"\nclient_id = \"GID_meters@@@1\"");
    course.write(&block("refresh_device_credential", &config));
    let text = engine::refusal(&course.lab, &addr("refresh_device_credential")).await;
    assert!(text.contains("PermissionCheckFailed"), "{text}");
    course.write(&credential);
    course.apply_with(PlanOptions::normal()).await;
    let secret = |course: &Course| {
        let found = course.mqtt().member(HANGZHOU).unwrap().credentials["GID_meters@@@1"].clone();
        (found.access_key_id, found.access_key_secret)
    };
    let first = secret(&course);
    course.write(&format!("{credential}{}", block("refresh_device_credential", &config)));
    let done = engine::once(&course.lab, MQTT, &addr("refresh_device_credential")).await;
    let second = secret(&course);
    assert_ne!(first.1, second.1);
    assert_eq!((&done["access_key_id"], &done["access_key_secret"]), (&json!(second.0), &json!(second.1)));
    let kept = engine::record(&course.lab, &addr("refresh_device_credential")).unwrap();
    assert_eq!((&kept["access_key_id"], kept["access_key_secret"].is_null()), (&json!(second.0), true));
    engine::again(&course.lab, MQTT, &addr("refresh_device_credential")).await;
    assert_ne!(second.1, secret(&course).1);
}

#[tokio::test]
async fn a_message_is_sent() {
    let mut course = course();
    let config =
        |topic: &str| format!("instance_id = \"{HANGZHOU}\"\ntopic = \"{topic}\"\npayload = \"grün & a+b\"");
    course.write(&block("send_message", &config("meters/all")));
    let done = engine::once(&course.lab, MQTT, &addr("send_message")).await;
    let sent = course.mqtt().member(HANGZHOU).unwrap().messages;
    let message = &sent[done["message_id"].as_str().unwrap()];
    assert_eq!((message.topic.as_str(), message.payload.as_str()), ("meters/all", "grün & a+b"));
    assert_eq!((sent.len(), course.mqtt().billed()), (1, 1));
    let second = engine::again(&course.lab, MQTT, &addr("send_message")).await;
    assert_ne!(second["message_id"], done["message_id"]);
    assert_eq!(course.mqtt().member(HANGZHOU).unwrap().messages.len(), 2);
    course.mqtt().set(|settings| settings.check_parent_topics = true);
    course.write(&block("send_message", &config("nobody/all")));
    let text = engine::refusal(&course.lab, &addr("send_message")).await;
    assert!(text.contains("PermissionCheckFailed"), "{text}");
}

#[tokio::test]
async fn a_device_is_cut_off() {
    let mut course = course();
    course.mqtt().edit_instance(SHANGHAI, |instance| instance.kind = 4);
    let config = |iid: &str, region: &str| {
        format!("instance_id = \"{iid}\"\nregion = \"{region}\"\nclient_id = \"GID_meters@@@1\"")
    };
    for iid in [HANGZHOU, SHANGHAI] {
        assert!(course.mqtt().connect(iid, "GID_meters@@@1", &["meters/#"]));
    }
    let close = addr("close_connection");
    course.write(&block("close_connection", &config(HANGZHOU, "cn-hangzhou")));
    let text = engine::refusal(&course.lab, &close).await;
    assert!(text.contains("ApiNotSupport"), "{text}");
    assert_eq!(course.mqtt().member(HANGZHOU).unwrap().online().len(), 1);
    course.write(&block("close_connection", &config(SHANGHAI, "cn-shanghai")));
    let options = PlanOptions { invoke: vec![close.parse().unwrap()], ..PlanOptions::normal() };
    let planned = course.lab.plan_with(&options).await;
    assert!(format!("{:?}", planned.plan.changes).contains("the device is connected"));
    engine::once(&course.lab, MQTT, &close).await;
    assert!(course.mqtt().member(SHANGHAI).unwrap().online().is_empty());
    assert!(course.mqtt().connect(SHANGHAI, "GID_meters@@@1", &["meters/#"]));
    engine::again(&course.lab, MQTT, &close).await;
    assert!(course.mqtt().member(SHANGHAI).unwrap().online().is_empty());
}

/// Takes Hangzhou out, and back.
fn switches() -> String {
    let one = |kind: &str, target: &str| {
        block(
            kind,
            &format!(
                "instance_id = \"{SHANGHAI}\"\n{target} = \"{HANGZHOU}\"\ncontrol_region = \"cn-shanghai\""
            ),
        )
    };
    let out = one("disaster_downgrade", "downgrade_instance_id");
    format!("{out}{}", one("disaster_recovery", "recovery_instance_id"))
}

#[tokio::test]
async fn an_address_is_taken_out_and_given_back_though_its_region_is_lost() {
    let mut course = course();
    let (out, back) = (addr("disaster_downgrade"), addr("disaster_recovery"));
    course.write(&switches());
    course.mqtt().set_outage("cn-hangzhou", true);
    let done = engine::once(&course.lab, MQTT, &out).await;
    assert!(!done["request_id"].as_str().unwrap().is_empty());
    assert_eq!(course.mqtt().downgraded(), [HANGZHOU]);
    course.mqtt().set_outage("cn-hangzhou", false);
    let done = engine::once(&course.lab, MQTT, &back).await;
    assert!(!done["request_id"].as_str().unwrap().is_empty());
    assert_eq!(course.mqtt().downgraded(), [""; 0]);
    // The record of the first does not know of the second: what is meant is said.
    engine::again(&course.lab, MQTT, &out).await;
    assert_eq!(course.mqtt().downgraded(), [HANGZHOU]);
    course.write(&switches().replace(HANGZHOU, "mqtt-cn-nowhere"));
    for addr in [&out, &back] {
        let text = engine::refusal(&course.lab, addr).await;
        assert!(text.contains("InstancePermissionCheckFailed"), "{text}");
    }
    assert_eq!(course.mqtt().downgraded(), [HANGZHOU]);
}

#[tokio::test]
async fn a_triggered_switch_is_held_until_it_is_confirmed() {
    let mut course = course();
    let out = addr("disaster_downgrade");
    let group = |id: &str| {
        format!(
            "resource \"apsaramq_mqtt_group\" \"g\" {{\n  instance_id = \"{HANGZHOU}\"\n  group_id = \"{id}\"\n  lifecycle {{\n    \
             action_trigger {{\n      events = [after_create]\n      actions = [{out}]\n    }}\n  }}\n}}\n{}",
            switches()
        )
    };
    course.write(&group("GID_one"));
    course.lab.apply_with(PlanOptions::normal()).await;
    assert!(course.mqtt().member(HANGZHOU).unwrap().groups.contains_key("GID_one"));
    assert_eq!(course.mqtt().downgraded(), [""; 0]);
    course.write(&group("GID_two"));
    let options = PlanOptions { confirm: vec![out.parse().unwrap()], ..PlanOptions::normal() };
    let planned = course.lab.plan_with(&options).await;
    assert_eq!(actions(&planned), ["replace apsaramq_mqtt_group.g".to_owned(), format!("invoke {out}")]);
    course.lab.apply_with(options).await;
    assert_eq!(course.mqtt().downgraded(), [HANGZHOU]);
    assert!(engine::record(&course.lab, &out).is_some());
}
