//! Instances: every way to change one in place, alone and together.

use queueform::emulator::Fault;
use queueform::emulator::FaultRule;
use queueform::emulator::System;
use queueform::emulator::dms::Instance;
use queueform::emulator::dms::Status;
use queueform::ops::apply::ApplyOutcome;

use super::script::Expected;
use super::script::PREAMBLE;
use super::script::Script;
use crate::engine::actions;
use crate::engine::listed;
use crate::engine::told;

/// S1: a cluster with three zones, access control, TLS and tags; then everything at once.
pub(super) const CLUSTER: &str = r#"
    data "dms_rocketmq_flavors" "cluster" { type = "cluster" }
    resource "dms_rocketmq_instance" "main" {
      name               = "tf-s1"
      engine_version     = data.dms_rocketmq_flavors.cluster.versions[0]
      flavor_id          = data.dms_rocketmq_flavors.cluster.flavors[0].id
      storage_spec_code  = data.dms_rocketmq_flavors.cluster.flavors[0].ios[0].storage_spec_code
      storage_space      = 500
      broker_num         = 1
      vpc_id             = local.net.vpc_id
      subnet_id          = local.net.subnet_id
      security_group_id  = local.net.security_group_id
      availability_zones = [local.azs[0], local.azs[1], local.azs[2]]
      enable_acl         = true
      tls_mode           = "SSL"
      tags               = { key1 = "value1", key2 = "value2" }
    }
"#;

pub(super) const CLUSTER_CHANGED: &str = r#"
    data "dms_rocketmq_flavors" "cluster" { type = "cluster" }
    resource "dms_rocketmq_instance" "main" {
      name               = "tf-s1-renamed"
      engine_version     = data.dms_rocketmq_flavors.cluster.versions[0]
      flavor_id          = data.dms_rocketmq_flavors.cluster.flavors[1].id
      storage_spec_code  = data.dms_rocketmq_flavors.cluster.flavors[0].ios[0].storage_spec_code
      storage_space      = 1200
      broker_num         = 2
      vpc_id             = local.net.vpc_id
      subnet_id          = local.net.subnet_id
      security_group_id  = local.net.security_group_id
      availability_zones = [local.azs[2], local.azs[0], local.azs[1]]
      enable_acl         = false
      tls_mode           = "PLAINTEXT"
      tags               = { key1 = "value1_update", key2 = "value2_update", key3 = "value3_update" }
    }
    resource "dms_rocketmq_instance_config" "main" {
      instance_id = dms_rocketmq_instance.main.id
      settings    = { fileReservedTime = "72" }
    }
"#;

/// S3: public addresses, three for each broker.
pub(super) const PUBLIC: &str = r#"
    data "dms_rocketmq_flavors" "small" { type = "cluster.small" }
    resource "dms_rocketmq_instance" "main" {
      name               = "tf-s3"
      engine_version     = data.dms_rocketmq_flavors.small.versions[0]
      flavor_id          = data.dms_rocketmq_flavors.small.flavors[0].id
      storage_spec_code  = data.dms_rocketmq_flavors.small.flavors[0].ios[0].storage_spec_code
      storage_space      = 300
      broker_num         = 1
      vpc_id             = local.net.vpc_id
      subnet_id          = local.net.subnet_id
      security_group_id  = local.net.security_group_id
      availability_zones = slice(local.azs, 0, 3)
      enable_acl         = true
      enable_publicip    = true
      publicip_ids       = slice(local.eips, 0, 3)
    }
"#;

/// S4: a single node of 5.x, first without public access.
pub(super) const SINGLE: &str = r#"
    resource "dms_rocketmq_instance" "main" {
      name               = "tf-s4"
      engine_version     = "5.x"
      flavor_id          = "rocketmq.b1.large.1"
      storage_spec_code  = "dms.physical.storage.high.v2"
      storage_space      = 300
      vpc_id             = local.net.vpc_id
      subnet_id          = local.net.subnet_id
      security_group_id  = local.net.security_group_id
      availability_zones = [local.azs[0]]
      enable_publicip    = false
    }
"#;

pub(super) fn changed_public() -> String {
    PUBLIC
        .replace("\"tf-s3\"", "\"tf-s3-renamed\"")
        .replace("storage_space      = 300", "storage_space      = 800")
        .replace("broker_num         = 1", "broker_num         = 2")
        .replace("enable_acl         = true", "enable_acl         = false")
        .replace("slice(local.eips, 0, 3)", "local.eips")
}

pub(super) fn public_single() -> String {
    SINGLE
        .replace("\"tf-s4\"", "\"tf-s4-renamed\"")
        .replace("enable_publicip    = false", "enable_publicip = true\n publicip_ids = [local.eips[0]]")
}

const EXTEND: &str = "POST /instances/{id}/extend";
const MODIFY: &str = "PUT /instances/{id}";
const TAGS: &str = "POST /{id}/tags/action";
const UPDATES: &[&str] = &["update dms_rocketmq_instance.main"];

fn only(script: &Script) -> Instance {
    let mut all = script.lab.dms().instances();
    assert_eq!(all.len(), 1);
    all.remove(0)
}

/// An attribute of the instance in the state, as JSON.
fn stored(script: &Script, name: &str) -> String {
    let state = script.lab.state();
    let mut objects =
        state.objects().filter(|(target, ..)| &*target.addr.resource.kind == "dms_rocketmq_instance");
    let (_, _, object) = objects.next().unwrap();
    let attributes: serde_json::Value = serde_json::from_str(object.attributes.raw()).unwrap();
    attributes[name].to_string()
}

#[tokio::test]
async fn a_cluster_is_changed_in_all_its_parts() {
    let mut script = Script::new();
    let created = Expected {
        actions: &["create dms_rocketmq_instance.main"],
        steps: &["create create", "create tags"],
        calls: &["POST /instances", TAGS],
    };
    script.step(CLUSTER, created).await;
    assert_eq!(stored(&script, "ssl_enable"), "true");
    let everything = Expected {
        actions: &["update dms_rocketmq_instance.main", "create dms_rocketmq_instance_config.main"],
        steps: &[
            "update settings",
            "update old tags",
            "update new tags",
            "update flavor",
            "update brokers",
            "update storage",
            "update tls",
            "update access control off",
            "create settings",
        ],
        calls: &[
            MODIFY,
            TAGS,
            TAGS,
            EXTEND,
            EXTEND,
            EXTEND,
            "POST /instances/{id}/plain-ssl-switch",
            MODIFY,
            "PUT /instances/{id}/configs",
        ],
    };
    script.step(CLUSTER_CHANGED, everything).await;
    assert_eq!(stored(&script, "ssl_enable"), "false");
    let instance = only(&script);
    assert_eq!((instance.name.as_str(), instance.enable_acl), ("tf-s1-renamed", false));
    assert_eq!((instance.product_id.as_str(), instance.broker_num), ("c6.8u16g.cluster", 2));
    assert_eq!((instance.total_storage_space, instance.tls_mode.as_str()), (1200, "PLAINTEXT"));
    assert_eq!(
        instance.tags.values().collect::<Vec<_>>(),
        ["value1_update", "value2_update", "value3_update"]
    );
    assert_eq!(instance.configs["fileReservedTime"], "72");
    let objects = [
        ("dms_rocketmq_instance.main", instance.id.clone()),
        ("dms_rocketmq_instance_config.main", instance.id.clone()),
    ];
    script.import(CLUSTER_CHANGED, &objects).await;
    script.destroy().await;
}

#[tokio::test]
async fn public_addresses_are_bound_again_around_growth() {
    let mut script = Script::new();
    script.apply(PUBLIC).await;
    let grown = Expected {
        actions: UPDATES,
        steps: &[
            "update settings",
            "update unbind public addresses",
            "update brokers",
            "update storage",
            "update bind public addresses",
            "update access control off",
        ],
        calls: &[MODIFY, MODIFY, EXTEND, EXTEND, MODIFY, MODIFY],
    };
    script.step(&changed_public(), grown).await;
    let instance = only(&script);
    assert_eq!((instance.broker_num, instance.total_storage_space), (2, 800));
    assert_eq!(instance.publicip_ids.len(), 6);
    for name in ["publicip_address", "public_broker_address", "public_namesrv_address"] {
        assert!(stored(&script, name).len() > 4, "{name}");
    }
    script.import(&changed_public(), &[("dms_rocketmq_instance.main", instance.id)]).await;
    script.destroy().await;
}

#[tokio::test]
async fn a_single_node_gets_a_public_address() {
    let mut script = Script::new();
    script.apply(SINGLE).await;
    let bound = Expected {
        actions: UPDATES,
        steps: &["update settings", "update bind public addresses"],
        calls: &[MODIFY, MODIFY],
    };
    script.step(&public_single(), bound).await;
    let instance = only(&script);
    assert_eq!(instance.publicip_ids, ["eip-demo-0"]);
    script.import(&public_single(), &[("dms_rocketmq_instance.main", instance.id)]).await;
    script.destroy().await;
}

#[tokio::test]
async fn the_order_of_zones_and_addresses_is_no_difference() {
    let mut script = Script::new();
    script.apply(PUBLIC).await;
    let turned = PUBLIC
        .replace("slice(local.azs, 0, 3)", "reverse(slice(local.azs, 0, 3))")
        .replace("slice(local.eips, 0, 3)", "reverse(slice(local.eips, 0, 3))");
    script.step(&turned, Expected { actions: &[], steps: &[], calls: &[] }).await;
    script.destroy().await;
}

#[tokio::test]
async fn storage_grows_by_enough_for_each_broker() {
    let mut script = Script::new();
    script.apply(PUBLIC).await;
    let private = PUBLIC
        .replace("enable_publicip    = true", "")
        .replace("publicip_ids       = slice(local.eips, 0, 3)", "");
    for (storage, brokers, said) in [
        (350, 1, Some("storage grows by at least 100 GB per broker")),
        (400, 1, None),
        (500, 2, Some("2 brokers with the storage each has now make 600 GB, more than `storage_space`")),
        (600, 2, None),
        (700, 2, Some("storage grows by at least 100 GB per broker, beside what new brokers bring")),
        (800, 2, None),
    ] {
        let grown = private
            .replace("storage_space      = 300", &format!("storage_space      = {storage}"))
            .replace("broker_num         = 1", &format!("broker_num         = {brokers}"));
        script.lab.write(&format!("{PREAMBLE}{grown}"));
        let planned = script.lab.plan().await;
        let found = listed(&planned.plan.diagnostics);
        match said {
            Some(said) => assert!(found.contains(said), "{storage}/{brokers}: {found}"),
            None => assert!(planned.is_applicable(), "{storage}/{brokers}: {found}"),
        }
    }
}

/// Less storage or fewer brokers are another instance, and that loses everything in it.
#[tokio::test]
async fn an_instance_that_shrinks_is_replaced() {
    let script = {
        let mut script = Script::new();
        script.apply(&changed_public()).await;
        script
    };
    for (from, to) in [
        ("storage_space      = 800", "storage_space      = 700"),
        ("broker_num         = 2", "broker_num         = 1"),
    ] {
        script.lab.write(&format!("{PREAMBLE}{}", changed_public().replace(from, to)));
        assert_eq!(actions(&script.lab.plan().await), ["replace dms_rocketmq_instance.main"], "{to}");
    }
}

/// A task that fails is not waited for until the timeout; the next run does what is missing.
#[tokio::test]
async fn addresses_that_cannot_be_bound_are_bound_by_the_next_run() {
    let mut script = Script::new();
    script.apply(SINGLE).await;
    let fault = FaultRule::new(Fault::FailJob).on("PUT", "/instances/").times(1);
    script.lab.emulator.store().add_fault(System::Dms, fault);
    let public = public_single().replace("\"tf-s4-renamed\"", "\"tf-s4\"");
    script.lab.write(&format!("{PREAMBLE}{public}"));
    let outcome = script.lab.apply().await;
    let ApplyOutcome::Applied(_, applied) = &outcome else { panic!("{}", told(&outcome)) };
    let found = listed(&applied.diagnostics);
    assert!(!applied.complete && found.contains("the public addresses are bound"), "{found}");
    assert!(only(&script).publicip_ids.is_empty());
    // The old task is still listed as failed when the next one is waited for.
    let bound = Expected { actions: UPDATES, steps: &["update bind public addresses"], calls: &[MODIFY] };
    script.step(&public, bound).await;
    assert_eq!(only(&script).publicip_ids, ["eip-demo-0"]);
    script.destroy().await;
}

/// A failed resize leaves the rest for later, and nothing waits for an instance that nobody repairs.
#[tokio::test]
async fn a_failed_resize_is_taken_up_when_the_instance_is_repaired() {
    let mut script = Script::new();
    script.apply(PUBLIC).await;
    let fault = FaultRule::new(Fault::FailJob).on("POST", "/extend").times(1);
    script.lab.emulator.store().add_fault(System::Dms, fault);
    script.lab.write(&format!("{PREAMBLE}{}", changed_public()));
    let polls = script.lab.calls().len();
    let outcome = script.lab.apply().await;
    let ApplyOutcome::Applied(_, applied) = &outcome else { panic!("{}", told(&outcome)) };
    let found = listed(&applied.diagnostics);
    assert!(!applied.complete && found.contains("the new brokers run"), "{found}");
    assert!(found.contains("This operation is not allowed due to the instance status"), "{found}");
    assert!(script.lab.calls().len() - polls < 60, "{} calls", script.lab.calls().len() - polls);
    let instance = only(&script);
    assert_eq!((instance.name.as_str(), instance.broker_num), ("tf-s3-renamed", 1));
    script.lab.dms().set_status(&instance.id, Status::Running);
    let rest = Expected {
        actions: UPDATES,
        steps: &[
            "update brokers",
            "update storage",
            "update bind public addresses",
            "update access control off",
        ],
        calls: &[EXTEND, EXTEND, MODIFY, MODIFY],
    };
    script.step(&changed_public(), rest).await;
    let instance = only(&script);
    assert_eq!((instance.broker_num, instance.total_storage_space, instance.publicip_ids.len()), (2, 800, 6));
    script.destroy().await;
}

/// The state says `RUNNING` for some looks after a resize began: the target decides.
#[tokio::test]
async fn a_resize_is_waited_for_by_its_target() {
    let mut script = Script::new();
    script.apply(CLUSTER).await;
    let fault = FaultRule::new(Fault::LateStatus { reads: 3 }).on("POST", "/extend");
    script.lab.emulator.store().add_fault(System::Dms, fault);
    script.apply(CLUSTER_CHANGED).await;
    assert_eq!(only(&script).total_storage_space, 1200);
    let extends = script.lab.calls().into_iter().filter(|call| call.path.ends_with("/extend"));
    assert_eq!(extends.filter(|call| call.committed).count(), 3);
    script.destroy().await;
}

#[tokio::test]
async fn addresses_of_ipv6_need_zones_that_have_them() {
    let script = Script::new();
    let instance = SINGLE.replace("enable_publicip    = false", "ipv6_enable = true");
    script.lab.write(&format!("{PREAMBLE}{instance}"));
    let planned = script.lab.plan().await;
    let found = listed(&planned.plan.diagnostics);
    assert!(!planned.is_applicable() && found.contains("DMS.00400049"), "{found}");
}

#[tokio::test]
async fn zones_that_do_not_exist_are_told_before_anything_is_made() {
    let script = Script::new();
    script.lab.write(&format!("{PREAMBLE}{}", SINGLE.replace("[local.azs[0]]", "[\"mars-1a\"]")));
    let planned = script.lab.plan().await;
    let found = listed(&planned.plan.diagnostics);
    assert!(!planned.is_applicable(), "{found}");
    assert!(found.contains("there is no availability zone `mars-1a` in this region"), "{found}");
}
