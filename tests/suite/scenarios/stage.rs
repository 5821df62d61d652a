//! An instance at work and the actions that are run on it.

use std::collections::BTreeMap;

use queueform::addr::Target;
use queueform::api::Stop;
use queueform::emulator::dms::InstanceSeed;
use queueform::ops::apply::ApplyOutcome;
use queueform::ops::apply::ApplyPorts;
use queueform::ops::apply::ApplyRequest;
use queueform::plan::PlanOptions;
use queueform::state::Status;
use queueform::value::to_json;
use serde_json::Value;

use super::data::outputs;
use super::script::PREAMBLE;
use crate::engine::Lab;
use crate::engine::listed;
use crate::engine::told;

/// An instance at work, and what is done with it.
pub(super) struct Stage {
    pub(super) lab: Lab,
    pub(super) iid: String,
}

impl Stage {
    pub(super) fn new() -> Self {
        let lab = Lab::new("");
        let seed = InstanceSeed::new("busy")
            .flavor("c6.4u8g.cluster")
            .brokers(2)
            .topic("orders", 4)
            .topic("idle", 2)
            .group("billing")
            .group("audit")
            .messages("orders", 30)
            .lag("billing", "orders", 12)
            .client("billing", "billing-1", &["orders"]);
        let iid = lab.dms().seed_instance(&seed);
        assert!(lab.dms().add_dead_letters(&iid, "billing", 3));
        Self { lab, iid }
    }

    /// Declares actions of the instance: kind, name, arguments.
    pub(super) fn declare(&self, blocks: &[(&str, &str, &str)]) {
        self.lab.write(&format!("{PREAMBLE}{}", self.blocks(blocks)));
    }

    pub(super) fn blocks(&self, blocks: &[(&str, &str, &str)]) -> String {
        let block = |(kind, name, arguments): &(&str, &str, &str)| {
            let instance = if arguments.contains("instance_id") || kind.ends_with("_instances") {
                String::new()
            } else {
                format!("instance_id = \"{}\"\n", self.iid)
            };
            format!(
                "action \"dms_rocketmq_{kind}\" \"{name}\" {{\nconfig {{\n{instance}{arguments}\n}}\n}}\n"
            )
        };
        blocks.iter().map(block).collect()
    }

    pub(super) async fn invoke(&self, action: &str) -> ApplyOutcome {
        self.lab.apply_with(invoking(action)).await
    }

    /// Runs an action to its end: its results are returned and recorded, and nothing is left to do.
    pub(super) async fn run(&self, action: &str) -> Value {
        let outcome = self.invoke(action).await;
        self.ended(action, outcome).await
    }

    pub(super) async fn ended(&self, action: &str, outcome: ApplyOutcome) -> Value {
        let ApplyOutcome::Applied(_, applied) = outcome else { panic!("{action}: {}", told(&outcome)) };
        assert!(applied.complete, "{action}: {}", listed(&applied.diagnostics));
        let value = applied.results.values().next().unwrap_or_else(|| panic!("{action} has no results"));
        assert!(self.is_recorded(action), "{action} is not recorded");
        self.lab.settled().await;
        to_json(&value.clone().unmark_deep().0).unwrap()
    }

    /// Runs an action, and finds that naming it once more calls nobody.
    pub(super) async fn run_once(&self, action: &str) -> Value {
        let found = self.run(action).await;
        let before = self.writes();
        match self.invoke(action).await {
            ApplyOutcome::Unchanged(_) => {}
            other => panic!("{action}, again: {}", told(&other)),
        }
        assert_eq!(self.writes(), before, "{action}, again");
        found
    }

    /// Runs an action that must fail; returns what is said.
    pub(super) async fn failed(&self, action: &str) -> String {
        match self.invoke(action).await {
            ApplyOutcome::Applied(_, applied) if !applied.complete => listed(&applied.diagnostics),
            other => panic!("{action} should fail: {}", told(&other)),
        }
    }

    /// Runs an action that must be denied before anything is done; returns what is said.
    pub(super) async fn denied(&self, action: &str) -> String {
        let before = self.writes();
        let outcome = self.invoke(action).await;
        assert_eq!(self.writes(), before, "{action} was denied");
        match outcome {
            ApplyOutcome::Refused(planned) => {
                let guards = planned.plan.changes.iter().flat_map(|change| &change.guards);
                let said: Vec<&str> = guards.map(|guard| guard.message.as_str()).collect();
                format!("{}\n{}", said.join("\n"), listed(&planned.plan.diagnostics))
            }
            other => panic!("{action} should be denied: {}", told(&other)),
        }
    }

    pub(super) fn is_recorded(&self, action: &str) -> bool {
        let state = self.lab.state();
        let instance = state.instance(&address(action).parse().unwrap());
        let object = instance.and_then(|instance| instance.current.as_ref());
        object.is_some_and(|object| object.status == Status::Ready && object.invoked_at().is_some())
    }

    /// The calls that changed something.
    fn writes(&self) -> usize {
        self.lab.calls().iter().filter(|call| call.method != "GET" && call.committed).count()
    }

    pub(super) async fn data(&self, text: &str) -> BTreeMap<String, Value> {
        outputs(&self.lab, text).await
    }
}

fn address(action: &str) -> String {
    format!("action.dms_rocketmq_{action}")
}

pub(super) fn invoking(action: &str) -> PlanOptions {
    let target: Target = address(action).parse().unwrap();
    PlanOptions { invoke: vec![target], ..PlanOptions::normal() }
}

pub(super) fn allowing(action: &str, count: u64) -> PlanOptions {
    let options = invoking(action);
    PlanOptions { allow_data_loss: vec![(options.invoke[0].clone(), count)], ..options }
}

/// Applies; something happens while the plan is looked at.
pub(super) async fn apply_after(
    lab: &Lab,
    options: PlanOptions,
    meanwhile: &mut dyn FnMut(),
) -> ApplyOutcome {
    let project = lab.open();
    let mut approve = |_: &_| {
        meanwhile();
        true
    };
    let never = Stop::never();
    let ports = ApplyPorts { approve: &mut approve, events: &mut |_| {}, stop: &never, abort: &never };
    let request = ApplyRequest { options, expect: None, command: "apply".to_owned() };
    queueform::ops::apply::apply(&project, &request, ports)
        .await
        .unwrap_or_else(|found| panic!("{}", listed(&found)))
}
