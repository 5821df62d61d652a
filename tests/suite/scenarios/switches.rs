//! Switches of MQTT instances: held until they are confirmed, members that become active first, resumable.

use queueform::emulator::Fault;
use queueform::emulator::FaultRule;
use queueform::emulator::System;
use queueform::emulator::mqtt::Convention;
use queueform::emulator::mqtt::Group;
use queueform::emulator::mqtt::InstanceSeed;
use queueform::ops::apply::ApplyOutcome;
use queueform::plan::PlanOptions;
use queueform::plan::PlanStatus;
use queueform::plan::Verdict;

use super::mqtt::Course;
use super::mqtt::HANGZHOU;
use super::mqtt::SHANGHAI;
use super::script::steps;
use crate::engine::actions;
use crate::engine::apply_dying_with;
use crate::engine::listed;
use crate::engine::told;

const FLEET: &str = "apsaramq_mqtt_disaster_recovery.fleet";
const BEIJING: &str = "mqtt-cn-demobeijing";

fn fleet(active: &[&str], more: &str) -> String {
    format!(
        r#"
        resource "apsaramq_mqtt_disaster_recovery" "fleet" {{
          name    = "fleet"
          members = {{ {HANGZHOU} = "cn-hangzhou", {SHANGHAI} = "cn-shanghai", {BEIJING} = "cn-beijing" }}
          active_instance_ids = {active:?}
          {more}
        }}
        "#
    )
}

fn confirmed() -> PlanOptions {
    PlanOptions { confirm: vec![FLEET.parse().unwrap()], ..PlanOptions::normal() }
}

/// A fleet of which all members are active.
async fn ready() -> Course {
    let mut course = Course::new();
    let all = fleet(&[HANGZHOU, SHANGHAI, BEIJING], "");
    course.step(&all, &[&format!("create {FLEET}")], &[]).await;
    course
}

#[tokio::test]
async fn a_switch_is_held_until_it_is_named() {
    let mut course = ready().await;
    course.write(&fleet(&[SHANGHAI], ""));
    let planned = course.lab.plan().await;
    assert_eq!(
        (planned.plan.status, actions(&planned), steps(&planned)),
        (PlanStatus::Complete, Vec::new(), Vec::new())
    );
    let held: Vec<_> = planned.plan.held().collect();
    assert_eq!(held.len(), 1);
    let finding = held[0].guards.iter().find(|finding| finding.verdict == Verdict::Held).unwrap();
    assert_eq!(finding.consent.as_deref(), Some("--confirm 'apsaramq_mqtt_disaster_recovery.fleet'"));
    assert!(finding.message.contains("DisasterDowngrade"), "{}", finding.message);
    assert!(held[0].wanted.is_some());
    course.apply_with(PlanOptions::normal()).await;
    assert!(course.mqtt().downgraded().is_empty());
    // Naming another object is not enough.
    let other =
        PlanOptions { confirm: vec!["apsaramq_mqtt_group.g".parse().unwrap()], ..PlanOptions::normal() };
    assert_eq!(course.lab.plan_with(&other).await.plan.held().count(), 1);

    course.apply_with(confirmed()).await;
    assert_eq!(course.writes(), ["DisasterDowngrade", "DisasterDowngrade"]);
    assert_eq!(course.mqtt().downgraded(), [BEIJING, HANGZHOU]);
    course.lab.settled().await;
    // Members that become active come first.
    course.write(&fleet(&[HANGZHOU, BEIJING], ""));
    let planned = course.lab.plan_with(&confirmed()).await;
    assert_eq!(steps(&planned), ["update recover", "update downgrade", "update write down"]);
    course.apply_with(confirmed()).await;
    assert_eq!(course.writes(), ["DisasterRecovery", "DisasterRecovery", "DisasterDowngrade"]);
    assert_eq!(course.mqtt().downgraded(), [SHANGHAI]);
    course.lab.settled().await;
}

#[tokio::test]
async fn settings_change_without_a_call() {
    let mut course = ready().await;
    let all = [HANGZHOU, SHANGHAI, BEIJING];
    let update = format!("update {FLEET}");
    for more in [
        "api_convention = \"self\"",
        "api_convention = \"primary\"\n primary_instance_id = \"mqtt-cn-demohangzhou\"",
        "anchor_instance_id = \"mqtt-cn-demoshanghai\"",
        "control_region = \"cn-beijing\"",
        "require_parity = false",
        "require_platinum = false",
        "initial_action = \"assert\"",
        "on_destroy = \"restore_all\"",
        "observed_active = [\"mqtt-cn-demohangzhou\", \"mqtt-cn-demoshanghai\", \"mqtt-cn-demobeijing\"]",
    ] {
        course.step(&fleet(&all, more), &[&update], &[]).await;
        course.step(&fleet(&all, ""), &[&update], &[]).await;
    }
    let without = fleet(&all[..2], "").replace(&format!(", {BEIJING} = \"cn-beijing\""), "");
    course.step(&without, &[&update], &[]).await;
    // A member that joins as active is active already; nothing is called for it but the confirmation of that.
    course.step(&fleet(&all, ""), &[&update], &[]).await;
    course.import(&fleet(&all, ""), &[(FLEET, "fleet")]).await;
    course.destroy(&[]).await;
}

/// The run dies after every single write to its journal, also between the two calls and inside a step.
#[tokio::test]
async fn a_switch_goes_on_where_it_was_cut_off() {
    let mut writes = 0;
    loop {
        let mut course = ready().await;
        course.write(&fleet(&[SHANGHAI], ""));
        course.apply_with(confirmed()).await;
        course.write(&fleet(&[HANGZHOU, BEIJING], ""));
        let whole = apply_dying_with(&course.lab, confirmed(), writes).await;
        let seen = course.writes();
        // At least one member is in use at any time.
        assert!(course.mqtt().downgraded().len() < 3, "{writes} writes");
        // Whoever goes on without naming it changes nothing.
        if !whole {
            match course.lab.apply().await {
                ApplyOutcome::Unchanged(_) => {}
                ApplyOutcome::Applied(_, applied) if applied.complete => {}
                other => panic!("{writes} writes: {}", told(&other)),
            }
            assert_eq!(course.writes(), seen, "{writes} writes");
        }
        for _ in 0..2 {
            course.apply_with(confirmed()).await;
        }
        assert_eq!(course.mqtt().downgraded(), [SHANGHAI], "{writes} writes");
        course.lab.settled().await;
        // A call is made twice only if nobody knows whether it was made: at most one of the three.
        let made = course.writes().len();
        assert!(made <= 4, "{writes} writes: {:?}", course.writes());
        if whole {
            break;
        }
        writes += 1;
        assert!(writes < 100, "it never gets through");
    }
    assert!(writes > 4, "{writes} writes are too few to be all of them");
}

#[tokio::test]
async fn what_was_cut_off_and_taken_back_is_a_difference() {
    let mut course = ready().await;
    course.write(&fleet(&[SHANGHAI], ""));
    course.apply_with(confirmed()).await;
    course.write(&fleet(&[HANGZHOU], ""));
    let rule = FaultRule::new(Fault::Status { status: 400, code: Some("ParameterCheckFailed".to_owned()) });
    let rule = FaultRule { path: Some("/DisasterDowngrade".to_owned()), ..rule };
    course.lab.emulator.store().add_fault(System::ApsaramqMqtt, rule);
    let outcome = course.lab.apply_with(confirmed()).await;
    assert!(matches!(&outcome, ApplyOutcome::Applied(_, applied) if !applied.complete), "{}", told(&outcome));
    assert_eq!(course.writes(), ["DisasterRecovery"]);
    course.lab.emulator.store().clear_faults(System::ApsaramqMqtt);
    // Back to the first configuration: Hangzhou has been recovered meanwhile and must go again.
    course.write(&fleet(&[SHANGHAI], ""));
    course.apply_with(confirmed()).await;
    assert_eq!(course.writes(), ["DisasterDowngrade"]);
    assert_eq!(course.mqtt().downgraded(), [BEIJING, HANGZHOU]);
    course.lab.settled().await;
}

#[tokio::test]
async fn the_vendors_inspection_is_never_taken_back() {
    let mut course = ready().await;
    course.mqtt().set_outage("cn-beijing", true);
    assert_eq!(course.mqtt().inspect(), [BEIJING]);
    course.mqtt().set_outage("cn-beijing", false);
    course.lab.settled().await;
    let all = [HANGZHOU, SHANGHAI, BEIJING];
    // What a probe saw is a warning and no reason to switch.
    let seen = format!("observed_active = [\"{HANGZHOU}\", \"{SHANGHAI}\"]");
    course.write(&fleet(&all, &seen));
    let planned = course.lab.plan().await;
    assert!(
        listed(&planned.plan.diagnostics).contains("inspection"),
        "{}",
        listed(&planned.plan.diagnostics)
    );
    course.apply_with(PlanOptions::normal()).await;
    assert_eq!(course.writes(), [""; 0]);
    assert_eq!(course.mqtt().downgraded(), [BEIJING]);
    // Whoever wants it sends it again, for all members.
    course.write(&fleet(&all, "trigger = \"after the outage\""));
    assert_eq!(course.lab.plan().await.plan.held().count(), 1);
    course.apply_with(confirmed()).await;
    assert!(course.mqtt().downgraded().is_empty());
    assert_eq!(
        course
            .lab
            .emulator
            .store()
            .calls(System::ApsaramqMqtt)
            .iter()
            .filter(|call| call.path == "/DisasterRecovery")
            .count(),
        3
    );
    course.lab.settled().await;
}

#[tokio::test]
async fn a_dead_region_is_left_and_cannot_become_active() {
    let mut course = ready().await;
    course.mqtt().set_outage("cn-hangzhou", true);
    // The calls go to the region of the member that takes over.
    course.write(&fleet(&[SHANGHAI, BEIJING], ""));
    course.apply_with(confirmed()).await;
    assert_eq!(course.mqtt().downgraded(), [HANGZHOU]);
    course.lab.settled().await;
    // Nothing is taken out if what should take over cannot be reached.
    course.mqtt().set_outage("cn-hangzhou", false);
    course.write(&fleet(
        &[HANGZHOU],
        "require_parity = false\n require_platinum = false\n control_region = \"cn-nowhere\"",
    ));
    course.mqtt().set_outage("cn-nowhere", true);
    let outcome = course.lab.apply_with(confirmed()).await;
    let done = matches!(&outcome, ApplyOutcome::Applied(_, applied) if applied.complete);
    assert!(!done, "{}", told(&outcome));
    assert_eq!((course.writes(), course.mqtt().downgraded()), (Vec::new(), vec![HANGZHOU.to_owned()]));
}

#[tokio::test]
async fn members_must_be_alike_and_of_the_right_kind() {
    let mut course = ready().await;
    course.write(&fleet(&[SHANGHAI], ""));
    course.apply_with(confirmed()).await;
    let group = Group {
        id: "GID_meters".to_owned(),
        created_at: 0,
        updated_at: 0,
        tags: std::collections::BTreeMap::new(),
    };
    course.mqtt().put_group(SHANGHAI, group.clone());
    course.write(&fleet(&[HANGZHOU], ""));
    let planned = course.lab.plan_with(&confirmed()).await;
    assert_eq!(planned.plan.status, PlanStatus::Denied);
    let change = planned.plan.changes.iter().find(|change| change.addr.to_string() == FLEET).unwrap();
    let finding = change.guards.iter().find(|finding| finding.verdict == Verdict::Denied).unwrap();
    assert_eq!(finding.count, 1);
    assert!(finding.message.contains("GID_meters"), "{}", finding.message);
    course.mqtt().put_group(HANGZHOU, group);
    course.apply_with(confirmed()).await;
    assert_eq!(course.writes(), ["DisasterRecovery", "DisasterDowngrade"]);

    course.mqtt().seed_instance(&InstanceSeed::new(BEIJING).region("cn-beijing").kind(4));
    course.write(&fleet(&[HANGZHOU, BEIJING], "require_parity = false"));
    let planned = course.lab.plan_with(&confirmed()).await;
    assert_eq!(planned.plan.status, PlanStatus::Errored);
    assert!(
        listed(&planned.plan.diagnostics).contains("ApiNotSupport"),
        "{}",
        listed(&planned.plan.diagnostics)
    );
    course.write(&fleet(&["mqtt-cn-stranger"], ""));
    assert!(listed(&course.lab.plan().await.plan.diagnostics).contains("no member"));
}

#[tokio::test]
async fn the_two_ids_are_sent_as_the_convention_says() {
    for (convention, strict, more) in [
        ("takeover", Convention::Takeover, ""),
        ("self", Convention::SelfOnly, ""),
        ("primary", Convention::Primary, "primary_instance_id = \"mqtt-cn-demohangzhou\""),
    ] {
        let mut course = ready().await;
        course.mqtt().set(|settings| settings.convention = strict);
        let more = format!("api_convention = \"{convention}\"\n {more}");
        course.write(&fleet(&[SHANGHAI, BEIJING], &more));
        course.apply_with(confirmed()).await;
        assert_eq!(course.mqtt().downgraded(), [HANGZHOU], "{convention}");
        course.write(&fleet(
            &[HANGZHOU, SHANGHAI, BEIJING],
            &format!("{more}\n on_destroy = \"restore_all\"\n anchor_instance_id = \"{SHANGHAI}\""),
        ));
        course.apply_with(confirmed()).await;
        assert!(course.mqtt().downgraded().is_empty(), "{convention}");
        course.lab.settled().await;
    }
}

#[tokio::test]
async fn destroying_gives_addresses_back_only_if_asked_and_confirmed() {
    let mut course = ready().await;
    course.write(&fleet(&[SHANGHAI], "on_destroy = \"restore_all\""));
    course.apply_with(confirmed()).await;
    assert_eq!(course.mqtt().downgraded().len(), 2);
    let planned = course.lab.plan_with(&PlanOptions::destroy()).await;
    assert_eq!(planned.plan.held().count(), 1);
    course.apply_with(PlanOptions::destroy()).await;
    assert_eq!((course.mqtt().downgraded().len(), course.lab.state().objects().count()), (2, 1));
    course.apply_with(PlanOptions { confirm: confirmed().confirm, ..PlanOptions::destroy() }).await;
    assert!(course.mqtt().downgraded().is_empty() && course.lab.state().is_empty());
}

#[tokio::test]
async fn a_new_fleet_is_asserted_only_if_asked() {
    let mut course = Course::new();
    let block = fleet(&[SHANGHAI, BEIJING], "initial_action = \"assert\"");
    // The calls for the two that have their addresses change nothing.
    course.step(&block, &[&format!("create {FLEET}")], &["DisasterDowngrade"]).await;
    assert_eq!(course.mqtt().downgraded(), [HANGZHOU]);
    course.destroy(&[]).await;
    assert_eq!(course.mqtt().downgraded(), [HANGZHOU]);
}
