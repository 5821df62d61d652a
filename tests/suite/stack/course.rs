//! A configuration that is applied, changed, taken over and destroyed.

use queueform::emulator::System;
use queueform::emulator::apsarastack::Handle;
use queueform::emulator::apsarastack::InstanceSeed;
use queueform::ops::apply::ApplyOutcome;
use queueform::plan::PlanOptions;

use crate::engine::Lab;
use crate::engine::actions;
use crate::engine::listed;
use crate::engine::told;

/// The instance that courses seed.
pub(super) const INST: &str = "MQ_INST_1234567890123456_BXmain";

/// An instance with everything in it.
pub(super) const SHOP: &str = r#"
    resource "apsarastack_mq_instance" "shop" {
      name            = "shop"
      cluster         = "cluster1"
      max_send_tps    = 500
      max_receive_tps = 600
      topic_capacity  = 20
      remark          = "made here"
    }
    resource "apsarastack_mq_topic" "orders" {
      instance_id  = apsarastack_mq_instance.shop.id
      name         = "orders"
      message_type = "partition_ordered"
      permission   = "read_only"
      remark       = "hello world/测试+1"
    }
    resource "apsarastack_mq_group" "billing" {
      instance_id  = apsarastack_mq_instance.shop.id
      group_id     = "GID_billing"
      remark       = "reads"
      read_enabled = false
    }
    resource "apsarastack_mq_topic_authorization" "partner" {
      instance_id  = apsarastack_mq_instance.shop.id
      topic        = apsarastack_mq_topic.orders.name
      grantee_type = "account"
      grantee_id   = "9007199254740993"
      permission   = "publish"
    }
    resource "apsarastack_mq_topic_authorization" "user" {
      instance_id  = apsarastack_mq_instance.shop.id
      topic        = apsarastack_mq_topic.orders.name
      grantee_type = "ram_user"
      grantee_id   = "42"
      permission   = "both"
    }
"#;

/// A lab and what has happened in it so far.
pub(super) struct Course {
    pub(super) lab: Lab,
    provider: String,
    seen: u64,
    seeded: usize,
}

impl Course {
    pub(super) fn new() -> Self {
        Self::with("provider \"apsarastack\" {}\n")
    }

    /// With a provider block of its own.
    pub(super) fn with(provider: &str) -> Self {
        Self { lab: Lab::new(""), provider: provider.to_owned(), seen: 0, seeded: 0 }
    }

    /// With an instance that is not managed.
    pub(super) fn seeded(seed: InstanceSeed) -> Self {
        let mut course = Self::new();
        course.store().seed_instance(&seed.id(INST));
        course.seeded = course.store().count();
        course
    }

    pub(super) fn store(&self) -> &Handle {
        self.lab.emulator.store().apsarastack()
    }

    pub(super) fn write(&self, configuration: &str) {
        self.lab.write(&format!("{}{configuration}", self.provider));
    }

    /// Plans and applies a change; nothing is left to do.
    pub(super) async fn step(&mut self, configuration: &str, expected: &[&str], calls: &[&str]) {
        self.write(configuration);
        let planned = self.lab.plan().await;
        assert!(planned.is_applicable(), "{}", listed(&planned.plan.diagnostics));
        assert_eq!(actions(&planned), expected);
        self.skip();
        if !expected.is_empty() {
            self.lab.converge().await;
        }
        assert_eq!(self.writes(), calls);
        self.settled().await;
    }

    /// Applies what only the effect of counts.
    pub(super) async fn apply(&mut self, configuration: &str) {
        self.write(configuration);
        self.lab.converge().await;
        self.settled().await;
        self.skip();
    }

    pub(super) async fn settled(&self) {
        let planned = self.lab.settled().await;
        let drift: Vec<_> = planned.plan.drift.iter().map(|one| one.addr.to_string()).collect();
        assert!(drift.is_empty(), "{drift:?}");
    }

    /// What a plan refuses, as text.
    pub(super) async fn refused(&self, configuration: &str) -> String {
        self.write(configuration);
        let project = self.lab.open();
        let clock = queueform::ops::plan::now();
        let stop = queueform::api::Stop::never();
        match queueform::ops::plan::plan(&project, &PlanOptions::normal(), &clock, &stop).await {
            Ok(planned) => {
                assert!(!planned.is_applicable(), "{configuration} is not refused");
                listed(&planned.plan.diagnostics)
            }
            Err(found) => listed(&found),
        }
    }

    /// Forgets the state and takes everything over: nothing is changed on the way.
    pub(super) async fn import(&mut self, configuration: &str, objects: &[(String, String)]) {
        for entry in std::fs::read_dir(self.lab.path()).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                std::fs::remove_dir_all(path).unwrap();
            } else {
                std::fs::remove_file(path).unwrap();
            }
        }
        let blocks = objects.iter().map(|(to, id)| format!("import {{\n  to = {to}\n  id = \"{id}\"\n}}\n"));
        self.write(&format!("{configuration}\n{}", blocks.collect::<String>()));
        self.skip();
        let planned = self.lab.plan().await;
        assert!(planned.is_applicable(), "{}", listed(&planned.plan.diagnostics));
        assert_eq!(actions(&planned), [""; 0]);
        self.lab.converge().await;
        assert_eq!(self.writes(), [""; 0]);
        assert_eq!(self.lab.state().objects().count(), objects.len());
        self.settled().await;
        self.write(configuration);
        self.settled().await;
    }

    /// The ids of all objects in the state, by address.
    pub(super) fn ids(&self) -> Vec<(String, String)> {
        let state = self.lab.state();
        let objects = state.objects().map(|(target, _, object)| {
            let attributes: serde_json::Value = serde_json::from_str(object.attributes.raw()).unwrap();
            (target.addr.to_string(), attributes["id"].as_str().unwrap().to_owned())
        });
        objects.collect()
    }

    /// Destroys everything: nothing is left but what was there before.
    pub(super) async fn destroy(&self) {
        match self.lab.apply_with(PlanOptions::destroy()).await {
            ApplyOutcome::Applied(_, applied) if applied.complete => {}
            other => panic!("{}", told(&other)),
        }
        assert_eq!(self.store().count(), self.seeded);
        assert!(self.lab.state().is_empty());
    }

    /// Forgets the calls so far.
    pub(super) fn skip(&mut self) {
        self.seen =
            self.lab.emulator.store().calls(System::ApsaraStack).last().map_or(0, |call| call.sequence);
    }

    /// The calls since then that changed something, with their methods.
    pub(super) fn calls(&self) -> Vec<String> {
        let calls = self.lab.emulator.store().calls(System::ApsaraStack).into_iter();
        calls
            .filter(|call| call.sequence > self.seen && call.mutating && call.committed)
            .map(|call| format!("{} {}", call.method, call.path))
            .collect()
    }

    /// The operations since then that changed something, in order; what has no order among itself is sorted.
    pub(super) fn writes(&self) -> Vec<String> {
        let mut found: Vec<String> =
            self.calls().iter().map(|call| call.rsplit_once("/json/").unwrap().1.to_owned()).collect();
        found.sort();
        found
    }
}
