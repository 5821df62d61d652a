//! Instances: every way to change one in place, alone and together.

use queueform::emulator::dms::Instance;

use super::script::Expected;
use super::script::Script;

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
    assert_eq!(only(&script).publicip_ids, ["eip-demo-0"]);
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
