//! Actions: what each does, and what keeps it from being done.

use queueform::emulator::Fault;
use queueform::emulator::FaultRule;
use queueform::emulator::System;
use queueform::emulator::apsarastack::InstanceSeed;
use queueform::plan::PlanOptions;
use serde_json::json;

use super::course::Course;
use super::course::INST;
use crate::engine;
use crate::engine::Ran;
use crate::engine::actions;
use crate::engine::told;

const STACK: System = System::ApsaraStack;
const RESET: &str = "action.apsarastack_mq_reset_offset.x";
const RESEND: &str = "action.apsarastack_mq_resend_dead_letter.x";
const SWITCH: &str = "action.apsarastack_mq_switch_vpc_tunnel.x";

fn course() -> Course {
    let seed = InstanceSeed::new("main")
        .topic("orders")
        .group("GID_billing")
        .group("GID_audit")
        .messages("orders", 60)
        .lag("GID_billing", "orders", 20)
        .dead_letters("GID_billing", 3);
    Course::seeded(seed)
}

fn block(kind: &str, config: &str, more: &str) -> String {
    format!("action \"apsarastack_mq_{kind}\" \"x\" {{\n  config {{\n{config}\n  }}\n{more}\n}}\n")
}

fn reset(group: &str, allowed: u64, more: &str) -> String {
    let config = format!("instance_id = \"{INST}\"\ngroup_id = \"{group}\"\ntopic = \"orders\"\n{more}");
    block("reset_offset", &config, &format!("lifecycle {{\n  allow_data_loss = {allowed}\n}}"))
}

fn read_until(course: &Course, group: &str) -> u64 {
    course.store().space(INST).unwrap().groups[group].progress["orders"].offset
}

#[tokio::test]
async fn unread_messages_are_skipped_as_far_as_that_is_allowed() {
    let course = course();
    for allowed in [0, 19] {
        course.write(&reset("GID_billing", allowed, ""));
        let text = engine::refusal(&course.lab, RESET).await;
        assert!(text.contains("20 unread messages of `orders` are skipped"), "{text}");
    }
    course.write(&reset("GID_billing", 20, ""));
    // A message that comes between plan and apply was allowed by nobody.
    let between = engine::invoke(&course.lab, RESET, false, &mut || {
        assert!(course.store().produce(INST, "orders", 1));
    })
    .await;
    let Ran::Refused(text) = between else { panic!("it was run") };
    assert!(text.contains("Denied") && text.contains("21 unread"), "{text}");
    assert_eq!(engine::changes(&course.lab, STACK), 0);
    assert!(course.store().set_lag(INST, "GID_billing", "orders", 20));
    let done = engine::once(&course.lab, STACK, RESET).await;
    assert_eq!((&done["unread_before"], &done["unread_after"]), (&json!(20), &json!(0)));
    assert_eq!(read_until(&course, "GID_billing"), course.store().topics(INST)[0].max_offset);
    assert!(course.store().produce(INST, "orders", 5));
    let done = engine::again(&course.lab, STACK, RESET).await;
    assert_eq!((&done["unread_before"], &done["unread_after"]), (&json!(5), &json!(0)));
    // Other arguments are another run. Going back gives everything again.
    course.write(&reset("GID_billing", 20, "timestamp = \"0\""));
    let done = engine::once(&course.lab, STACK, RESET).await;
    assert_eq!((&done["unread_before"], &done["unread_after"]), (&json!(0), &json!(66)));
    assert_eq!(read_until(&course, "GID_billing"), 0);
}

#[tokio::test]
async fn a_reset_that_the_service_refuses_is_told_and_not_recorded_as_done() {
    let course = course();
    course.write(&reset("GID_audit", 0, ""));
    let text = engine::refusal(&course.lab, RESET).await;
    assert!(text.contains("BIZ_CONSUMER_NOT_ONLINE"), "{text}");
    assert!(course.store().connect(INST, "GID_audit", "c1", &["orders"]));
    let Ran::Done(_) = engine::invoke(&course.lab, RESET, false, &mut || {}).await else {
        panic!("it is not run after a refusal")
    };
    course.write(&reset("GID_nobody", 0, ""));
    let text = engine::refusal(&course.lab, RESET).await;
    assert!(text.contains("BIZ_SUBSCRIPTION_NOT_FOUND"), "{text}");
}

#[tokio::test]
async fn the_instance_without_a_namespace_is_a_hyphen() {
    let course = Course::new();
    let seed = InstanceSeed::new("plain").without_namespace().topic("orders").group("GID_billing");
    let id = course.store().seed_instance(&seed.messages("orders", 9).lag("GID_billing", "orders", 4));
    course.write(&reset("GID_billing", 4, "").replace(INST, "-"));
    let done = engine::once(&course.lab, STACK, RESET).await;
    assert_eq!((&done["unread_before"], &done["unread_after"]), (&json!(4), &json!(0)));
    assert_eq!(course.store().space(&id).unwrap().groups["GID_billing"].progress["orders"].offset, 9);
}

#[tokio::test]
async fn times_are_written_in_rfc_3339_too() {
    let course = course();
    course.write(&reset("GID_billing", 60, "timestamp = \"2026-08-01T12:00:00+02:00\""));
    let done = engine::once(&course.lab, STACK, RESET).await;
    assert_eq!(done["milliseconds"], "1785578400000");
    course.write(&reset("GID_billing", 60, "timestamp = \"-1\""));
    let done = engine::again(&course.lab, STACK, RESET).await;
    assert_eq!((&done["milliseconds"], &done["unread_after"]), (&json!(null), &json!(0)));
    course.write(&reset("GID_billing", 60, "timestamp = \"2026-02-30T12:00:00Z\""));
    let text = engine::refusal(&course.lab, RESET).await;
    assert!(text.contains("is no time in RFC 3339"), "{text}");
}

fn resend(ids: &[&str]) -> String {
    let config = format!("instance_id = \"{INST}\"\ngroup_id = \"GID_billing\"\nmessage_ids = {ids:?}");
    block("resend_dead_letter", &config, "")
}

fn resent(course: &Course) -> Vec<u64> {
    course.store().dead_letters(INST, "GID_billing").iter().map(|letter| letter.resent).collect()
}

#[tokio::test]
async fn dead_letters_are_given_once_more_to_their_group() {
    let course = course();
    let letters = course.store().dead_letters(INST, "GID_billing");
    let ids: Vec<&str> = letters.iter().map(|letter| letter.id.as_str()).collect();
    course.write(&resend(&ids[..2]));
    let done = engine::once(&course.lab, STACK, RESEND).await;
    assert_eq!(resent(&course), [1, 1, 0]);
    assert_eq!(done["topics"].as_object().unwrap().len(), 2);
    assert_eq!(done["topics"][ids[0]], letters[0].topic.as_str());
    engine::again(&course.lab, STACK, RESEND).await;
    assert_eq!(resent(&course), [2, 2, 0]);
    // All are looked at before the first is sent.
    course.write(&resend(&[ids[2], "00000000000000000000000000000000"]));
    let text = engine::refusal(&course.lab, RESEND).await;
    assert!(
        text.contains("1 of 2 are no dead letters of `GID_billing`: 00000000000000000000000000000000"),
        "{text}"
    );
    assert!(text.contains("2 dead letters go to `GID_billing` once more"), "{text}");
    assert_eq!(resent(&course), [2, 2, 0]);
    // What cannot be looked at is not sent.
    course.write(&resend(&ids));
    let fault = Fault::Status { status: 500, code: None };
    let rule = FaultRule::new(fault).on("GET", "getByIdInDLQ");
    course.lab.emulator.store().add_fault(STACK, rule);
    let text = engine::refusal(&course.lab, RESEND).await;
    assert!(text.contains("messages that are no dead letters"), "{text}");
    assert_eq!(resent(&course), [2, 2, 0]);
}

#[tokio::test]
async fn dead_letters_that_were_sent_in_part_are_not_sent_again_unasked() {
    let course = course();
    let letters = course.store().dead_letters(INST, "GID_billing");
    let ids: Vec<&str> = letters.iter().map(|letter| letter.id.as_str()).collect();
    course.write(&resend(&ids));
    let fault = Fault::Status { status: 200, code: Some("ONS_SERVICE_UNSUPPORTED".to_owned()) };
    let rule = FaultRule::new(fault).on("GET", "resendByIdInDLQ").after(1).times(1);
    course.lab.emulator.store().add_fault(STACK, rule);
    let text = engine::refusal(&course.lab, RESEND).await;
    assert!(text.contains("ONS_SERVICE_UNSUPPORTED"), "{text}");
    let sent = resent(&course);
    assert_eq!(sent.iter().sum::<u64>(), 1, "{sent:?} {text}");
    let text = engine::refusal(&course.lab, RESEND).await;
    assert!(text.contains("went only a part of the way"), "{text}");
    assert_eq!(resent(&course), sent);
    let Ran::Done(_) = engine::invoke(&course.lab, RESEND, true, &mut || {}).await else {
        panic!("it cannot be repeated")
    };
    assert_eq!(resent(&course), sent.iter().map(|count| count + 1).collect::<Vec<_>>());
}

fn switch(instance: &str, more: &str) -> String {
    block("switch_vpc_tunnel", &format!("instance_id = \"{instance}\"\n{more}"), "")
}

#[tokio::test]
async fn a_cluster_is_switched_when_it_is_named() {
    let course = Course::seeded(InstanceSeed::new("main").topic("orders").group("GID_billing"));
    assert!(course.store().connect(INST, "GID_billing", "c1", &["orders"]));
    let cluster = course.store().space(INST).unwrap().instance.cluster;
    course.write(&switch(INST, "tunnel_type = \"singleTunnel\"\nforce = true"));
    let options = PlanOptions { invoke: vec![SWITCH.parse().unwrap()], ..PlanOptions::normal() };
    let planned = course.lab.plan_with(&options).await;
    let text = format!("{:?}", planned.plan.changes);
    assert!(text.contains("1 group has consumers online: GID_billing"), "{text}");
    let done = engine::once(&course.lab, STACK, SWITCH).await;
    let tunnel = course.store().tunnel(&cluster);
    assert_eq!((tunnel.kind.as_str(), tunnel.switches), ("singleTunnel", 1));
    assert_eq!(done["name_server"], tunnel.vip.as_str());
    let done = engine::again(&course.lab, STACK, SWITCH).await;
    assert_eq!(course.store().tunnel(&cluster).switches, 2);
    assert_eq!(done["name_server"], course.store().tunnel(&cluster).vip.as_str());
    course.write(&switch(INST, "tunnel_type = \"anyTunnel\"\nvswitch_id = \"vsw-1\""));
    let text = engine::refusal(&course.lab, SWITCH).await;
    assert!(text.contains("takes effect only with"), "{text}");
    course.write(&switch("MQ_INST_1_BXnone", "tunnel_type = \"anyTunnel\""));
    let text = engine::refusal(&course.lab, SWITCH).await;
    assert!(text.contains("INSTANCE"), "{text}");
    assert_eq!(course.store().tunnel(&cluster).switches, 2);
}

#[tokio::test]
async fn a_triggered_switch_is_held_until_it_is_confirmed() {
    let course = Course::seeded(InstanceSeed::new("main"));
    let cluster = course.store().space(INST).unwrap().instance.cluster;
    let topic = |name: &str| {
        format!(
            "resource \"apsarastack_mq_topic\" \"t\" {{\n  instance_id = \"{INST}\"\n  name = \"{name}\"\n  message_type = \"normal\"\n  \
             lifecycle {{\n    action_trigger {{\n      events = [after_create]\n      actions = [{SWITCH}]\n    }}\n  }}\n}}\n{}",
            switch(INST, "tunnel_type = \"singleTunnel\"\nforce = true")
        )
    };
    course.write(&topic("one"));
    let held = course.lab.apply_with(PlanOptions::normal()).await;
    assert!(told(&held).starts_with("applied"), "{}", told(&held));
    assert_eq!((course.store().topics(INST).len(), course.store().tunnel(&cluster).switches), (1, 0));
    course.write(&topic("two"));
    let options = PlanOptions { confirm: vec![SWITCH.parse().unwrap()], ..PlanOptions::normal() };
    let planned = course.lab.plan_with(&options).await;
    let both = ["replace apsarastack_mq_topic.t".to_owned(), format!("invoke {SWITCH}")];
    assert_eq!(actions(&planned), both);
    course.lab.apply_with(options).await;
    let tunnel = course.store().tunnel(&cluster);
    assert_eq!((tunnel.kind.as_str(), tunnel.switches), ("singleTunnel", 1));
    assert_eq!(engine::record(&course.lab, SWITCH).unwrap()["name_server"], tunnel.vip.as_str());
}
