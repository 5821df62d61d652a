//! `ApsaraMQ` for MQTT: every resource is made, changed in every attribute, imported and destroyed.

use queueform::emulator::System;
use queueform::emulator::mqtt::Handle;
use queueform::emulator::mqtt::InstanceSeed;
use queueform::ops::apply::ApplyOutcome;
use queueform::plan::PlanOptions;

use super::script::steps;
use crate::engine::Lab;
use crate::engine::actions;
use crate::engine::listed;
use crate::engine::told;

pub(super) const HANGZHOU: &str = "mqtt-cn-demohangzhou";
pub(super) const SHANGHAI: &str = "mqtt-cn-demoshanghai";

/// A course of one configuration.
pub(super) struct Course {
    pub(super) lab: Lab,
    seen: u64,
}

impl Course {
    pub(super) fn new() -> Self {
        Self { lab: Lab::new(""), seen: 0 }
    }

    pub(super) fn mqtt(&self) -> &Handle {
        self.lab.emulator.store().mqtt()
    }

    pub(super) fn write(&mut self, blocks: &str) {
        self.lab.write(&format!("provider \"apsaramq\" {{\n  region = \"cn-hangzhou\"\n}}\n{blocks}"));
        self.seen = self.all().last().map_or(0, |call| call.0);
    }

    fn all(&self) -> Vec<(u64, String)> {
        let calls = self.lab.emulator.store().calls(System::ApsaramqMqtt).into_iter();
        calls.filter(|call| call.mutating && call.committed).map(|call| (call.sequence, call.path)).collect()
    }

    /// The operations since the configuration was written that changed something.
    pub(super) fn writes(&self) -> Vec<String> {
        let new = self.all().into_iter().filter(|(sequence, _)| *sequence > self.seen);
        new.map(|(_, path)| path.trim_start_matches('/').to_owned()).collect()
    }

    pub(super) async fn apply_with(&self, options: PlanOptions) {
        match self.lab.apply_with(options).await {
            ApplyOutcome::Unchanged(_) => {}
            ApplyOutcome::Applied(_, applied) if applied.complete => {}
            other => panic!("{}", told(&other)),
        }
    }

    /// Plans, compares, applies, compares, and plans again with nothing to do.
    pub(super) async fn step(&mut self, blocks: &str, wanted: &[&str], calls: &[&str]) {
        self.write(blocks);
        let planned = self.lab.plan().await;
        assert!(planned.is_applicable(), "{}", listed(&planned.plan.diagnostics));
        assert_eq!(actions(&planned), wanted, "{blocks}");
        self.apply_with(PlanOptions::normal()).await;
        assert_eq!(self.writes(), calls, "{blocks}");
        self.lab.settled().await;
    }

    /// Takes everything over into a blank state: nothing is sent, and nothing is left to do.
    pub(super) async fn import(&mut self, blocks: &str, objects: &[(&str, &str)]) {
        std::fs::remove_dir_all(self.lab.path().join(".queueform")).unwrap();
        let imports = objects.iter().map(|(to, id)| format!("import {{\n  to = {to}\n  id = \"{id}\"\n}}\n"));
        self.write(&format!("{blocks}\n{}", imports.collect::<String>()));
        let planned = self.lab.plan().await;
        assert!(planned.is_applicable(), "{}", listed(&planned.plan.diagnostics));
        assert_eq!((actions(&planned), steps(&planned)), (Vec::new(), Vec::new()), "{blocks}");
        self.apply_with(PlanOptions::normal()).await;
        assert_eq!(self.writes(), [""; 0]);
        assert_eq!(self.lab.state().objects().count(), objects.len());
        self.write(blocks);
        self.lab.settled().await;
    }

    /// Destroys everything.
    pub(super) async fn destroy(&mut self, calls: &[&str]) {
        self.seen = self.all().last().map_or(0, |call| call.0);
        self.apply_with(PlanOptions::destroy()).await;
        assert_eq!(self.writes(), calls);
        assert!(self.lab.state().is_empty());
    }
}

#[tokio::test]
async fn a_group_is_made_anew_whatever_changes() {
    let mut course = Course::new();
    let group = |id: &str, more: &str| {
        format!(
            "resource \"apsaramq_mqtt_group\" \"g\" {{\n instance_id = \"{HANGZHOU}\"\n group_id = \"{id}\"\n{more}}}\n"
        )
    };
    let create = ["create apsaramq_mqtt_group.g"];
    let replace = ["replace apsaramq_mqtt_group.g"];
    let first = group("GID_first", "tags = { team = \"a b+*~\" }\n");
    course.step(&first, &create, &["CreateGroupId"]).await;
    assert_eq!(course.mqtt().member(HANGZHOU).unwrap().groups["GID_first"].tags["team"], "a b+*~");
    // Saying where the instance is changes nothing there.
    course.step(&first.replace("tags", "region = \"cn-hangzhou\"\n tags"), &[], &[]).await;
    course.step(&group("GID_second", ""), &replace, &["DeleteGroupId", "CreateGroupId"]).await;
    course
        .step(&group("GID_second", "tags = { a = \"b\" }\n"), &replace, &["DeleteGroupId", "CreateGroupId"])
        .await;
    course
        .import(
            &group("GID_second", "tags = { a = \"b\" }\n"),
            &[("apsaramq_mqtt_group.g", &format!("{HANGZHOU}/GID_second"))],
        )
        .await;
    course.destroy(&["DeleteGroupId"]).await;
    assert_eq!(course.mqtt().count(), 0);
}

#[tokio::test]
async fn an_identity_is_sent_as_a_whole() {
    let mut course = Course::new();
    let identity = |secret: &str, version: u32, mode: &str| {
        format!(
            r#"
            resource "apsaramq_mqtt_custom_auth_identity" "i" {{
              instance_id    = "{SHANGHAI}"
              region         = "cn-shanghai"
              identity_type  = "CLIENT"
              username       = "meters"
              client_id      = "GID_meters@@@1"
              secret         = "{secret}"
              secret_version = {version}
              sign_mode      = "{mode}"
            }}
            "#
        )
    };
    let update = ["update apsaramq_mqtt_custom_auth_identity.i"];
    let known = |course: &Course| {
        let member = course.mqtt().member(SHANGHAI).unwrap();
        let found = member.identities.values().next().unwrap();
        (found.secret.clone(), found.sign_mode.clone())
    };
    course
        .step(
            &identity("first", 1, "ORIGIN"),
            &["create apsaramq_mqtt_custom_auth_identity.i"],
            &["AddCustomAuthIdentity"],
        )
        .await;
    course.step(&identity("second", 2, "ORIGIN"), &update, &["UpdateCustomAuthIdentity"]).await;
    assert_eq!(known(&course), ("second".to_owned(), "ORIGIN".to_owned()));
    // The service takes identities as a whole: the secret goes with every change.
    course.step(&identity("second", 2, "SIGNED"), &update, &["UpdateCustomAuthIdentity"]).await;
    assert_eq!(known(&course), ("second".to_owned(), "SIGNED".to_owned()));
    let id = format!("{SHANGHAI}/CLIENT/meters/GID_meters@@@1");
    // In a blank state nothing says where the instance is: the provider does.
    let there = identity("second", 2, "SIGNED");
    course.lab.write(&there);
    let renamed = there.replace("\"meters\"", "\"others\"");
    let replace = ["replace apsaramq_mqtt_custom_auth_identity.i"];
    course.step(&renamed, &replace, &["DeleteCustomAuthIdentity", "AddCustomAuthIdentity"]).await;
    course.step(&there, &replace, &["DeleteCustomAuthIdentity", "AddCustomAuthIdentity"]).await;
    assert_eq!(id.split('/').count(), 4);
    course.destroy(&["DeleteCustomAuthIdentity"]).await;
    assert_eq!(course.mqtt().count(), 0);
}

const REST: &str = r#"
    resource "apsaramq_mqtt_group" "g" {
      instance_id = "mqtt-cn-demohangzhou"
      group_id    = "GID_meters"
    }
    resource "apsaramq_mqtt_custom_auth_identity" "u" {
      instance_id    = "mqtt-cn-demohangzhou"
      identity_type  = "USER"
      username       = "meters"
      secret         = "s3cret"
      secret_version = 1
      sign_mode      = "ORIGIN"
    }
    resource "apsaramq_mqtt_custom_auth_permission" "p" {
      instance_id   = "mqtt-cn-demohangzhou"
      identity_type = "USER"
      identity      = "meters"
      topic         = "meters/+/#"
      permit_action = "PUB"
      effect        = "ALLOW"
    }
    resource "apsaramq_mqtt_connect_blacklist_entry" "b" {
      instance_id = "mqtt-cn-demohangzhou"
      client_id   = "GID_meters@@@bad"
    }
    resource "apsaramq_mqtt_device_credential" "c" {
      instance_id    = apsaramq_mqtt_group.g.instance_id
      client_id      = "${apsaramq_mqtt_group.g.group_id}@@@1"
      rotate_trigger = "1"
    }
    resource "apsaramq_mqtt_ca_certificate" "a" {
      instance_id          = "mqtt-cn-demohangzhou"
      name                 = "fleet"
      content              = file("authority-one.pem")
      verification_content = file("proof.pem")
      active               = true
    }
    resource "apsaramq_mqtt_device_certificate_status" "d" {
      instance_id = "mqtt-cn-demohangzhou"
      ca_sn       = "0815"
      device_sn   = "4711"
      active      = true
      on_destroy  = "keep"
    }
    resource "apsaramq_mqtt_sni_config" "s" {
      instance_id         = "mqtt-cn-demohangzhou"
      default_certificate = "1-cn"
      entries             = "a.example.com#2-cn#pw"
      entries_version     = 1
      on_destroy          = "keep"
    }
    resource "apsaramq_mqtt_instance_tags" "t" {
      instance_id = "mqtt-cn-demohangzhou"
      tags        = { a = "1", b = "2" }
    }
"#;

/// What each change of one attribute is planned as, and the calls it makes.
const EDITS: &[(&str, &str, &str, &[&str])] = &[
    (
        "\"PUB\"",
        "\"PUB_SUB\"",
        "update apsaramq_mqtt_custom_auth_permission.p",
        &["UpdateCustomAuthPermission"],
    ),
    (
        "\"ALLOW\"",
        "\"DENY\"",
        "update apsaramq_mqtt_custom_auth_permission.p",
        &["UpdateCustomAuthPermission"],
    ),
    (
        "meters/+/#",
        "meters/#",
        "replace apsaramq_mqtt_custom_auth_permission.p",
        &["DeleteCustomAuthPermission", "AddCustomAuthPermission"],
    ),
    (
        "@@@bad",
        "@@@worse",
        "replace apsaramq_mqtt_connect_blacklist_entry.b",
        &["DeleteCustomAuthConnectBlack", "AddCustomAuthConnectBlack"],
    ),
    (
        "rotate_trigger = \"1\"",
        "rotate_trigger = \"2\"",
        "update apsaramq_mqtt_device_credential.c",
        &["RefreshDeviceCredential"],
    ),
    (
        "}@@@1\"",
        "}@@@2\"",
        "replace apsaramq_mqtt_device_credential.c",
        &["UnRegisterDeviceCredential", "RegisterDeviceCredential"],
    ),
    (
        "active               = true",
        "active = false",
        "update apsaramq_mqtt_ca_certificate.a",
        &["InactivateCaCertificate"],
    ),
    (
        "\"fleet\"",
        "\"other\"",
        "replace apsaramq_mqtt_ca_certificate.a",
        &["DeleteCaCertificate", "RegisterCaCertificate"],
    ),
    (
        "authority-one",
        "authority-two",
        "replace apsaramq_mqtt_ca_certificate.a",
        &["DeleteCaCertificate", "RegisterCaCertificate"],
    ),
    (
        "active      = true",
        "active = false",
        "update apsaramq_mqtt_device_certificate_status.d",
        &["InactivateDeviceCertificate"],
    ),
    (
        "active      = true\n      on_destroy  = \"keep\"",
        "active = true\n on_destroy = \"delete\"",
        "update apsaramq_mqtt_device_certificate_status.d",
        &[],
    ),
    ("\"1-cn\"", "\"9-cn\"", "update apsaramq_mqtt_sni_config.s", &["SetSniConfig"]),
    (
        "entries_version     = 1",
        "entries_version = 2",
        "update apsaramq_mqtt_sni_config.s",
        &["SetSniConfig"],
    ),
    (
        "{ a = \"1\", b = \"2\" }",
        "{ a = \"1\", c = \"3\" }",
        "update apsaramq_mqtt_instance_tags.t",
        &["UntagResources", "TagResources"],
    ),
    (
        "{ a = \"1\", b = \"2\" }",
        "{ a = \"9\", b = \"2\" }",
        "update apsaramq_mqtt_instance_tags.t",
        &["TagResources"],
    ),
    ("{ a = \"1\", b = \"2\" }", "{}", "update apsaramq_mqtt_instance_tags.t", &["UntagResources"]),
];

fn rest() -> Course {
    let course = Course::new();
    for name in ["authority-one", "authority-two", "proof"] {
        let from = format!("{}/tests/fixtures/certificates/{name}.pem", env!("CARGO_MANIFEST_DIR"));
        std::fs::copy(from, course.lab.path().join(format!("{name}.pem"))).unwrap();
    }
    course.mqtt().put_device(HANGZHOU, "0815", "4711");
    course
}

#[tokio::test]
async fn every_change_of_an_attribute_is_what_the_schema_says() {
    let mut course = rest();
    course.write(REST);
    course.apply_with(PlanOptions::normal()).await;
    course.lab.settled().await;
    for (from, to, action, calls) in EDITS {
        let edited = REST.replace(from, to);
        assert_ne!(edited, REST, "{from}");
        course.step(&edited, &[action], calls).await;
        course.write(REST);
        course.apply_with(PlanOptions::normal()).await;
        course.lab.settled().await;
    }
    let member = course.mqtt().member(HANGZHOU).unwrap();
    let sn = member.authorities.keys().next().unwrap().clone();
    assert_eq!(member.instance.sni.as_ref().unwrap().entries, "a.example.com#2-cn#pw");
    course
        .import(
            REST,
            &[
                ("apsaramq_mqtt_group.g", &format!("{HANGZHOU}/GID_meters")),
                ("apsaramq_mqtt_custom_auth_identity.u", &format!("{HANGZHOU}/USER/meters/-")),
                ("apsaramq_mqtt_custom_auth_permission.p", &format!("{HANGZHOU}/USER/meters/meters/+/#")),
                ("apsaramq_mqtt_connect_blacklist_entry.b", &format!("{HANGZHOU}/GID_meters@@@bad")),
                ("apsaramq_mqtt_device_credential.c", &format!("{HANGZHOU}/GID_meters@@@1")),
                ("apsaramq_mqtt_ca_certificate.a", &format!("{HANGZHOU}/{sn}")),
                ("apsaramq_mqtt_device_certificate_status.d", &format!("{HANGZHOU}/0815/4711")),
                ("apsaramq_mqtt_sni_config.s", HANGZHOU),
                ("apsaramq_mqtt_instance_tags.t", HANGZHOU),
            ],
        )
        .await;
    course.apply_with(PlanOptions::destroy()).await;
    assert!(course.lab.state().is_empty());
    let member = course.mqtt().member(HANGZHOU).unwrap();
    assert_eq!((course.mqtt().count(), member.instance.tags.len(), member.devices.len()), (0, 0, 1));
}

#[tokio::test]
async fn what_others_change_is_put_right_and_what_they_remove_is_made_again() {
    let mut course = rest();
    // The keys of devices cannot be asked for without their group.
    let (before, credential) = REST.split_once("    resource \"apsaramq_mqtt_device_credential\"").unwrap();
    let rest = format!("{before}{}", &credential[credential.find("    resource").unwrap()..]);
    course.write(&rest);
    course.apply_with(PlanOptions::normal()).await;
    course.mqtt().remove_group(HANGZHOU, "GID_meters");
    course.mqtt().edit_instance(HANGZHOU, |instance| {
        instance.tags.insert("foreign".to_owned(), "x".to_owned());
    });
    let planned = course.lab.plan().await;
    assert_eq!(actions(&planned), ["create apsaramq_mqtt_group.g", "update apsaramq_mqtt_instance_tags.t"]);
    course.apply_with(PlanOptions::normal()).await;
    course.lab.settled().await;
}

#[tokio::test]
async fn lists_are_shared_and_come_in_pages() {
    let mut course = Course::new();
    let blocks = format!(
        r#"
        resource "apsaramq_mqtt_custom_auth_permission" "p" {{
          count         = 230
          instance_id   = "{HANGZHOU}"
          identity_type = "USER"
          identity      = "meters"
          topic         = "meters/${{count.index}}"
          permit_action = "SUB"
        }}
        resource "apsaramq_mqtt_group" "g" {{
          count       = 40
          instance_id = "{HANGZHOU}"
          group_id    = "GID_meters_${{count.index}}"
        }}
        "#
    );
    course.write(&blocks);
    course.apply_with(PlanOptions::normal()).await;
    let before = course.lab.emulator.store().calls(System::ApsaramqMqtt).len();
    course.lab.settled().await;
    // Three pages of permissions and one list of groups, which is billed.
    assert_eq!(course.lab.emulator.store().calls(System::ApsaramqMqtt).len() - before, 4);
    course.apply_with(PlanOptions::destroy()).await;
    assert_eq!(course.mqtt().count(), 0);
}

#[tokio::test]
async fn connected_devices_are_shown_when_what_they_need_goes() {
    let mut course = rest();
    course.write(REST);
    course.apply_with(PlanOptions::normal()).await;
    assert!(course.mqtt().connect(HANGZHOU, "GID_meters@@@1", &[]));
    let planned = course.lab.plan_with(&PlanOptions::destroy()).await;
    let told = |name: &str| {
        let change = planned.plan.changes.iter().find(|change| change.addr.to_string() == name).unwrap();
        let finding = change.guards.iter().find(|finding| finding.count > 0);
        finding.map(|finding| finding.message.clone())
    };
    assert!(told("apsaramq_mqtt_group.g").unwrap().starts_with("1 of its 1 devices"));
    assert!(told("apsaramq_mqtt_device_credential.c").unwrap().contains("the device is connected"));
    assert!(planned.is_applicable());
}

#[tokio::test]
async fn the_older_signature_and_another_environment() {
    let mut course = Course::new();
    let blocks = format!(
        "resource \"apsaramq_mqtt_group\" \"g\" {{\n instance_id = \"{HANGZHOU}\"\n group_id = \"GID_meters\"\n}}\n"
    );
    let provider =
        |more: &str| format!("provider \"apsaramq\" {{\n region = \"cn-hangzhou\"\n {more}\n}}\n{blocks}");
    course.lab.write(&provider("signature = \"v1\""));
    course.apply_with(PlanOptions::normal()).await;
    course.lab.settled().await;
    assert_eq!(course.mqtt().count(), 1);
    course
        .lab
        .write(&provider("allowed_instances = [\"mqtt-cn-another\"]").replace("GID_meters", "GID_others"));
    let planned = course.lab.plan().await;
    assert!(!planned.is_applicable());
    assert!(
        listed(&planned.plan.diagnostics).contains("allowed_instances"),
        "{}",
        listed(&planned.plan.diagnostics)
    );
    course.lab.write(&provider("signature = \"v1\""));
    course.destroy(&["DeleteGroupId"]).await;
    assert_eq!(InstanceSeed::new(HANGZHOU).id(), HANGZHOU);
}
