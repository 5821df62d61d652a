//! Runs of actions that are held, cut off or not answered: none is repeated by itself.

use queueform::diag::Code;
use queueform::diag::Diagnostics;
use queueform::emulator::Fault;
use queueform::emulator::FaultRule;
use queueform::emulator::System;
use queueform::ops::apply::ApplyOutcome;
use queueform::plan::PlanOptions;
use queueform::plan::Verdict;

use super::script::PREAMBLE;
use super::stage::Stage;
use super::stage::invoking;
use crate::engine::apply_dying_with;
use crate::engine::listed;
use crate::engine::told;

/// What asks for confirmation is not run by a trigger until its address is confirmed.
#[tokio::test]
async fn a_trigger_does_not_run_what_must_be_confirmed() {
    let stage = Stage::new();
    let topic = format!(
        "resource \"dms_rocketmq_topic\" \"new\" {{\ninstance_id = \"{}\"\nname = \"new\"\nqueue_num = 3\n\
         lifecycle {{\naction_trigger {{\nevents = [after_create]\n\
         actions = [action.dms_rocketmq_reset_consumer_offset.rewind]\n}}\n}}\n}}\n",
        stage.iid
    );
    let action = stage.blocks(&[(
        "reset_consumer_offset",
        "rewind",
        "group = \"billing\"\ntopic = \"orders\"\ntimestamp = \"0\"",
    )]);
    stage.lab.write(&format!("{PREAMBLE}{topic}{action}"));
    let resets = |stage: &Stage| {
        stage.lab.calls().iter().filter(|call| call.path.ends_with("reset-message-offset")).count()
    };
    let planned = stage.lab.plan().await;
    let guards = planned.plan.changes.iter().flat_map(|change| &change.guards);
    let held: Vec<_> = guards.filter(|guard| guard.verdict == Verdict::Held).collect();
    assert_eq!(held.len(), 1, "{held:?}");
    assert_eq!(
        held[0].consent.as_deref(),
        Some("--confirm 'action.dms_rocketmq_reset_consumer_offset.rewind'")
    );
    let outcome = stage.lab.apply().await;
    let ApplyOutcome::Applied(..) = outcome else { panic!("{}", told(&outcome)) };
    assert_eq!((resets(&stage), stage.lab.dms().topics(&stage.iid).len()), (0, 3));
    // Another event, confirmed.
    assert!(stage.lab.dms().remove_topic(&stage.iid, "new"));
    let options =
        PlanOptions { confirm: invoking("reset_consumer_offset.rewind").invoke, ..PlanOptions::normal() };
    let outcome = stage.lab.apply_with(options).await;
    stage.ended("reset_consumer_offset.rewind", outcome).await;
    assert_eq!(resets(&stage), 1);
}

/// Runs an action that dies after so many writes, for every number: its call is made once at most.
async fn killed_everywhere(blocks: &[(&str, &str, &str)], action: &str, call: &str) {
    let mut writes = 0;
    loop {
        let stage = Stage::new();
        stage.declare(blocks);
        let options = invoking(action);
        let made = || {
            let calls = stage.lab.calls().into_iter();
            calls
                .filter(|one| one.method == "POST" && one.path.ends_with(call) && one.error_code.is_none())
                .count()
        };
        let whole = apply_dying_with(&stage.lab, options.clone(), writes).await;
        let before = made();
        assert!(before <= 1, "{writes} writes");
        // A plain apply waits for what was answered, and repeats nothing.
        match stage.lab.apply().await {
            ApplyOutcome::Unchanged(_) => {}
            ApplyOutcome::Applied(_, applied) if applied.complete => {}
            other => panic!("{writes} writes: {}", told(&other)),
        }
        assert_eq!(made(), before, "{writes} writes");
        match stage.lab.apply_with(options.clone()).await {
            ApplyOutcome::Unchanged(_) => assert_eq!((before, made()), (1, 1), "{writes} writes"),
            // Nothing was ever known of it.
            ApplyOutcome::Applied(_, applied) if applied.complete => {
                assert_eq!((before, made()), (0, 1), "{writes} writes");
            }
            ApplyOutcome::Refused(planned) => {
                assert_cut_off(&planned.plan.diagnostics);
                assert_eq!(made(), before, "{writes} writes");
                let outcome = stage.lab.apply_with(PlanOptions { again: true, ..options }).await;
                stage.ended(action, outcome).await;
                let calls: Vec<_> =
                    stage.lab.calls().into_iter().filter(|one| one.method == "POST").collect();
                assert_eq!(made(), before + 1, "{writes} writes: {calls:#?}");
            }
            other => panic!("{writes} writes: {}", told(&other)),
        }
        assert!(stage.is_recorded(action), "{writes} writes");
        if whole {
            break;
        }
        writes += 1;
        assert!(writes < 100, "it never gets through");
    }
    assert!(writes > 3, "{writes} writes are too few to be all of them");
}

#[track_caller]
fn assert_cut_off(found: &Diagnostics) {
    let said = listed(found);
    assert!(found.iter().any(|one| one.code == Code::InDoubt), "{said}");
    assert!(said.contains("was cut off") && said.contains("not repeated by itself"), "{said}");
}

#[tokio::test]
async fn a_message_is_never_sent_twice_wherever_the_run_dies() {
    let blocks = [("send_message", "hello", "topic = \"orders\"\nbody = \"hello\"")];
    killed_everywhere(&blocks, "send_message.hello", "/messages").await;
}

#[tokio::test]
async fn nodes_are_never_restarted_twice_wherever_the_run_dies() {
    let blocks = [("restart_nodes", "first", "node_ids = [\"broker-0-0\"]")];
    killed_everywhere(&blocks, "restart_nodes.first", "/restart").await;
}

/// The message was taken and the answer got lost: whether it is sent once more is for somebody to decide.
#[tokio::test]
async fn an_answer_that_is_lost_leaves_a_run_in_doubt() {
    let stage = Stage::new();
    stage.declare(&[("send_message", "hello", "topic = \"orders\"\nbody = \"hello\"")]);
    let fault = FaultRule::new(Fault::DropAfterCommit).on("POST", "/messages").times(1);
    stage.lab.emulator.store().add_fault(System::Dms, fault);
    let sent = || stage.lab.dms().messages(&stage.iid, "orders").len() - 30;
    let ApplyOutcome::Applied(_, applied) = stage.invoke("send_message.hello").await else {
        panic!("it is run")
    };
    let doubt = applied.diagnostics.iter().find(|one| one.code == Code::InDoubt).unwrap();
    assert!(format!("{doubt:?}").contains("`--again` repeats it"), "{doubt:?}");
    assert_eq!((sent(), stage.is_recorded("send_message.hello")), (1, false));
    for _ in 0..2 {
        let ApplyOutcome::Unchanged(planned) = stage.lab.apply().await else {
            panic!("a plain apply runs it")
        };
        assert!(planned.has_doubts());
        match stage.invoke("send_message.hello").await {
            ApplyOutcome::Refused(planned) => assert_cut_off(&planned.plan.diagnostics),
            other => panic!("{}", told(&other)),
        }
        assert_eq!(sent(), 1);
    }
    let options = PlanOptions { again: true, ..invoking("send_message.hello") };
    let outcome = stage.lab.apply_with(options).await;
    stage.ended("send_message.hello", outcome).await;
    assert_eq!(sent(), 2);
}
