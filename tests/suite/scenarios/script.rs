//! A configuration that is applied, changed and destroyed, with everything that must hold in between.

use queueform::emulator::dms::InstanceSeed;
use queueform::ops::apply::ApplyOutcome;
use queueform::ops::plan::Planned;
use queueform::plan::PlanOptions;
use queueform::plan::StepKind;

use crate::engine::Lab;
use crate::engine::actions;
use crate::engine::listed;
use crate::engine::told;

/// The network and zones that the configurations refer to.
pub(super) const PREAMBLE: &str = r#"
    provider "dms" {}
    locals {
      net  = { vpc_id = "vpc-demo", subnet_id = "subnet-demo", security_group_id = "sg-demo" }
      azs  = data.dms_rocketmq_availability_zones.all.zones[*].code
      eips = [for n in range(6) : "eip-demo-${n}"]
    }
    data "dms_rocketmq_availability_zones" "all" {}
"#;

/// What a change must come to.
pub(super) struct Expected<'e> {
    /// `update dms_rocketmq_instance.main`
    pub(super) actions: &'e [&'e str],
    /// The steps of the plan that make calls: `update storage`.
    pub(super) steps: &'e [&'e str],
    /// The calls that changed something, ids left out: `PUT /instances/{id}`.
    pub(super) calls: &'e [&'e str],
}

/// A course of one configuration.
pub(super) struct Script {
    pub(super) lab: Lab,
    seen: u64,
    seeded: usize,
}

impl Script {
    pub(super) fn new() -> Self {
        let lab = Lab::new("");
        Self { lab, seen: 0, seeded: 0 }
    }

    /// Puts an instance there that the configuration does not manage; returns its id.
    pub(super) fn seed(&mut self, seed: &InstanceSeed) -> String {
        let id = self.lab.dms().seed_instance(seed);
        self.seeded = self.lab.dms().count();
        id
    }

    /// Plans, compares, applies, compares, and plans again with nothing to do.
    pub(super) async fn step(&mut self, configuration: &str, expected: Expected<'_>) {
        self.step_alone(&format!("{PREAMBLE}{configuration}"), expected).await;
    }

    /// The same with a configuration that has a provider block of its own.
    pub(super) async fn step_alone(&mut self, configuration: &str, expected: Expected<'_>) {
        self.lab.write(configuration);
        let planned = self.lab.plan().await;
        assert!(planned.is_applicable(), "{}", listed(&planned.plan.diagnostics));
        assert_eq!(actions(&planned), expected.actions);
        assert_eq!(steps(&planned), expected.steps);
        self.skip();
        if !expected.actions.is_empty() {
            self.lab.converge().await;
        }
        assert_eq!(self.writes(), expected.calls);
        self.settled().await;
    }

    /// Nothing to do, nothing to record, and everything as it was left.
    pub(super) async fn settled(&self) {
        let planned = self.lab.settled().await;
        let drift: Vec<_> = planned.plan.drift.iter().map(|one| one.addr.to_string()).collect();
        assert!(drift.is_empty(), "{drift:?}");
    }

    /// Applies a configuration of which only the effect counts.
    pub(super) async fn apply(&mut self, configuration: &str) {
        self.apply_alone(&format!("{PREAMBLE}{configuration}")).await;
    }

    /// The same with a configuration that has a provider block of its own.
    pub(super) async fn apply_alone(&mut self, configuration: &str) {
        self.lab.write(configuration);
        match self.lab.apply().await {
            ApplyOutcome::Unchanged(_) => {}
            ApplyOutcome::Applied(_, applied) if applied.complete => {}
            other => panic!("{}", told(&other)),
        }
        self.settled().await;
        self.skip();
    }

    /// Forgets the state and takes everything over by its id: nothing is changed on the way, and nothing is left to do.
    pub(super) async fn import(&mut self, configuration: &str, objects: &[(&str, String)]) {
        self.import_alone(&format!("{PREAMBLE}{configuration}"), objects).await;
    }

    /// The same with a configuration that has a provider block of its own.
    pub(super) async fn import_alone(&mut self, configuration: &str, objects: &[(&str, String)]) {
        for entry in std::fs::read_dir(self.lab.path()).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                std::fs::remove_dir_all(path).unwrap();
            } else {
                std::fs::remove_file(path).unwrap();
            }
        }
        let blocks = objects.iter().map(|(to, id)| format!("import {{\n  to = {to}\n  id = \"{id}\"\n}}\n"));
        self.lab.write(&format!("{configuration}\n{}", blocks.collect::<String>()));
        self.skip();
        let planned = self.lab.plan().await;
        assert!(planned.is_applicable(), "{}", listed(&planned.plan.diagnostics));
        assert_eq!(actions(&planned), [""; 0]);
        assert_eq!(steps(&planned), [""; 0]);
        self.lab.converge().await;
        assert_eq!(self.writes(), [""; 0]);
        assert_eq!(self.lab.state().objects().count(), objects.len());
        self.settled().await;
        self.lab.write(configuration);
        self.settled().await;
    }

    /// Destroys everything: nothing is left but what was there before.
    pub(super) async fn destroy(self) {
        match self.lab.apply_with(PlanOptions::destroy()).await {
            ApplyOutcome::Applied(_, applied) if applied.complete => {}
            other => panic!("{}", told(&other)),
        }
        assert_eq!(self.lab.dms().count(), self.seeded);
        assert!(self.lab.state().is_empty());
    }

    /// Forgets the calls so far.
    pub(super) fn skip(&mut self) {
        self.seen = self.lab.calls().last().map_or(0, |call| call.sequence);
    }

    /// The calls since then that changed something.
    pub(super) fn writes(&self) -> Vec<String> {
        let calls = self.lab.calls().into_iter();
        calls
            .filter(|call| call.sequence > self.seen && call.method != "GET" && call.committed)
            .map(|call| format!("{} {}", call.method, short(&call.path)))
            .collect()
    }
}

/// A path without project, engine and ids.
fn short(path: &str) -> String {
    let hex = |part: &str| part.len() >= 32 && part.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    let parts = path.split('/').skip(2).filter(|part| !matches!(*part, "rocketmq" | "reliability"));
    let mut found = String::new();
    for part in parts {
        if hex(part) && !part.contains('-') {
            continue;
        }
        found.push('/');
        found.push_str(if hex(part) { "{id}" } else { part });
    }
    found
}

/// The steps of a plan that make calls.
pub(super) fn steps(planned: &Planned) -> Vec<String> {
    let named = planned.plan.steps.iter().filter_map(|step| match &step.kind {
        StepKind::Call { operation, name, .. } => {
            Some(format!("{} {name}", format!("{operation:?}").to_lowercase()))
        }
        _ => None,
    });
    named.collect()
}
