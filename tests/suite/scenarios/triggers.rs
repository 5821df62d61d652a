//! Runs that a change triggers are not lost when something comes in between, and not made twice.

use queueform::emulator::Fault;
use queueform::emulator::FaultRule;
use queueform::emulator::System;
use queueform::ops::apply::ApplyOutcome;
use queueform::plan::Action;
use queueform::plan::PlanOptions;
use queueform::state::Status;

use super::script::PREAMBLE;
use super::stage::Stage;
use crate::engine::actions;
use crate::engine::apply_dying;
use crate::engine::listed;
use crate::engine::told;

const HELLO: &str = "action.dms_rocketmq_send_message.hello";

/// A topic whose creation and changes are told by a message to another one.
fn announced(stage: &Stage, queues: u32) -> String {
    let iid = &stage.iid;
    let action = stage.blocks(&[("send_message", "hello", "topic = \"idle\"\nbody = \"hello\"")]);
    format!(
        r#"{PREAMBLE}
        resource "dms_rocketmq_topic" "new" {{
          instance_id     = "{iid}"
          name            = "new"
          read_queue_num  = {queues}
          write_queue_num = {queues}
          lifecycle {{
            action_trigger {{
              events  = [after_create, after_update]
              actions = [{HELLO}]
            }}
          }}
        }}
        {action}"#
    )
}

fn sent(stage: &Stage) -> usize {
    stage.lab.dms().messages(&stage.iid, "idle").len()
}

fn is_in_doubt(stage: &Stage) -> bool {
    let state = stage.lab.state();
    let object = state.instance(&HELLO.parse().unwrap()).and_then(|instance| instance.current.as_ref());
    object.is_some_and(|object| matches!(object.status, Status::InDoubt(_)))
}

async fn apply(stage: &Stage, context: &str) {
    match stage.lab.apply().await {
        ApplyOutcome::Unchanged(_) => {}
        ApplyOutcome::Applied(_, applied) if applied.complete => {}
        other => panic!("{context}: {}", told(&other)),
    }
}

#[tokio::test]
async fn a_run_that_a_change_triggers_is_made_once_wherever_the_process_dies() {
    let (mut writes, mut made_up_for) = (0, 0);
    loop {
        let stage = Stage::new();
        stage.lab.write(&announced(&stage, 8));
        let whole = apply_dying(&stage.lab, writes).await;
        let (there, before) = (stage.lab.dms().topics(&stage.iid).len() == 3, sent(&stage));
        for turn in 0..2 {
            apply(&stage, &format!("{writes} writes, {turn}")).await;
        }
        // What may have been sent is not sent by itself; everything else is.
        if is_in_doubt(&stage) {
            assert_eq!(sent(&stage), before, "{writes} writes");
        } else {
            assert_eq!(sent(&stage), 1, "{writes} writes");
            made_up_for += usize::from(there && before == 0);
            assert!(stage.lab.state().due.is_empty(), "{writes} writes");
        }
        // The same with a change.
        let before = sent(&stage);
        stage.lab.write(&announced(&stage, 16));
        apply(&stage, &format!("{writes} writes, changed")).await;
        assert_eq!(sent(&stage), before + 1, "{writes} writes");
        stage.lab.settled().await;
        if whole {
            break;
        }
        writes += 1;
        assert!(writes < 100, "it never gets through");
    }
    assert!(made_up_for > 0, "{writes} writes");
}

#[tokio::test]
async fn what_failed_is_planned_again_and_told_so() {
    let stage = Stage::new();
    stage.lab.write(&announced(&stage, 8));
    let fault = FaultRule::new(Fault::Status { status: 400, code: Some("DMS.00400800".to_owned()) })
        .on("POST", "/messages")
        .times(1);
    stage.lab.emulator.store().add_fault(System::Dms, fault);
    match stage.lab.apply().await {
        ApplyOutcome::Applied(_, applied) => assert!(!applied.complete),
        other => panic!("{}", told(&other)),
    }
    assert_eq!((stage.lab.dms().topics(&stage.iid).len(), sent(&stage)), (3, 0));
    let planned = stage.lab.plan().await;
    assert_eq!(actions(&planned), [format!("invoke {HELLO}")]);
    let change = planned.plan.changes.iter().find(|change| change.action == Action::Invoke).unwrap();
    assert!(change.triggers.iter().all(|trigger| trigger.due.is_some()), "{:?}", change.triggers);
    // Another event asks for a run of its own.
    stage.lab.write(&announced(&stage, 16));
    let planned = stage.lab.plan().await;
    let change = planned.plan.changes.iter().find(|change| change.action == Action::Invoke).unwrap();
    assert_eq!(change.triggers.len(), 2, "{:?}", change.triggers);
    stage.lab.write(&announced(&stage, 8));
    apply(&stage, "the second time").await;
    assert_eq!(sent(&stage), 1);
    stage.lab.settled().await;
}

#[tokio::test]
async fn what_nobody_asks_for_any_more_is_not_run() {
    let stage = Stage::new();
    stage.lab.write(&announced(&stage, 8));
    let fault = FaultRule::new(Fault::Status { status: 400, code: Some("DMS.00400800".to_owned()) })
        .on("POST", "/messages")
        .times(1);
    stage.lab.emulator.store().add_fault(System::Dms, fault);
    stage.lab.apply().await;
    let without = announced(&stage, 8).replace("after_create, after_update", "after_update");
    stage.lab.write(&without);
    stage.lab.settled().await;
    assert_eq!(sent(&stage), 0);
    // With the object goes what it asked for.
    stage.lab.write(&announced(&stage, 8));
    let options =
        PlanOptions { replace: ["dms_rocketmq_topic.new".parse().unwrap()].into(), ..PlanOptions::normal() };
    let outcome = stage.lab.apply_with(options).await;
    let ApplyOutcome::Applied(planned, applied) = &outcome else { panic!("{}", told(&outcome)) };
    assert!(applied.complete, "{}{}", listed(&planned.plan.diagnostics), listed(&applied.diagnostics));
    assert_eq!(sent(&stage), 1);
    stage.lab.settled().await;
}
