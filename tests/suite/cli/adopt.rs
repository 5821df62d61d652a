//! `adopt`

use insta::assert_snapshot;

use super::estate::Estate;

const DMS: &str = include_str!("../../fixtures/adopt/dms.qf.hcl");
const ROCKETMQ: &str = include_str!("../../fixtures/adopt/rocketmq.qf.hcl");
const MQTT: &str = include_str!("../../fixtures/adopt/mqtt.qf.hcl");
const APSARASTACK: &str = include_str!("../../fixtures/adopt/apsarastack.qf.hcl");

/// What somebody has made, and a directory with nothing but the provider block.
fn estate(made: &str, ids: &[&str]) -> Estate {
    let estate = Estate::made_by(made, ids);
    let provider = made.split_inclusive("\n}\n").next().unwrap();
    estate.place.write("main.qf.hcl", provider);
    estate
}

fn shop() -> Estate {
    estate(DMS, &["shop"])
}

/// Nothing secret is written, the layout is canonical, and taking over changes nothing.
fn is_sound(estate: &Estate, files: &[&str], objects: usize) {
    for file in files {
        assert!(!estate.read(file).contains("Not-to-be-found"), "{file} holds a secret");
        drop(estate.place.run(&["fmt", "--check", file]).ended(0));
    }
    estate.takes_over(objects);
}

#[test]
fn an_instance_of_dms_with_all_that_is_in_it() {
    let estate = shop();
    let id = estate.id("shop").to_owned();
    assert_snapshot!(estate.run(&["adopt", "dms_rocketmq_instance", &id]));
    assert_snapshot!(estate.read("shop.qf.hcl"));
    assert_snapshot!(estate.read("shop-imports.qf.hcl"));
    is_sound(&estate, &["shop.qf.hcl", "shop-imports.qf.hcl"], 11);
    // What the state manages is left out, and nothing is written.
    assert_snapshot!(estate.run(&["adopt", "--all"]));
}

#[test]
fn an_instance_of_apsaramq_for_rocketmq() {
    let estate = estate(ROCKETMQ, &["main"]);
    assert_snapshot!(estate.run(&["adopt", "apsaramq_rocketmq_instance"]));
    assert_snapshot!(estate.read("main_orders.qf.hcl"));
    assert_snapshot!(estate.read("main_orders-imports.qf.hcl"));
    is_sound(&estate, &["main_orders.qf.hcl", "main_orders-imports.qf.hcl"], 11);
}

#[test]
fn an_instance_of_apsaramq_for_mqtt_that_has_no_block() {
    let estate = estate(MQTT, &[]);
    assert_snapshot!(estate.run(&["adopt", "apsaramq_mqtt_*", "--in", "instance_id=mqtt-cn-demohangzhou"]));
    assert_snapshot!(estate.read("mqtt_cn_demohangzhou.qf.hcl"));
    assert_snapshot!(estate.read("mqtt_cn_demohangzhou-imports.qf.hcl"));
    is_sound(&estate, &["mqtt_cn_demohangzhou.qf.hcl", "mqtt_cn_demohangzhou-imports.qf.hcl"], 7);
}

#[test]
fn an_instance_of_apsara_stack_with_rights_that_are_not_listed() {
    let estate = estate(APSARASTACK, &["shop"]);
    assert_snapshot!(estate.run(&["adopt", "apsarastack_mq_instance", "--dry-run", "--only=*authorization"]));
    assert!(!estate.place.has("shop.qf.hcl"));
    let grantee = ["--in=grantee_type=account", "--in=grantee_id=1098765432109876"];
    assert_snapshot!(estate.run(&["adopt", "apsarastack_mq_instance", grantee[0], grantee[1]]));
    assert_snapshot!(estate.read("shop.qf.hcl"));
    is_sound(&estate, &["shop.qf.hcl", "shop-imports.qf.hcl"], 8);
}

#[test]
fn only_some_types_or_names() {
    let estate = shop();
    let id = estate.id("shop").to_owned();
    let only =
        |pattern: &str| estate.run(&["adopt", "dms_rocketmq_instance", &id, "--dry-run", "--only", pattern]);
    // Without its block, the instance is named by its id.
    assert_snapshot!(only("dms_rocketmq_consumer_group"));
    let named = only("orders-*").ended(0);
    assert!(named.stderr.contains("Found 4 objects"), "{named}");
    assert!(named.stdout.contains("orders-paid") && !named.stdout.contains("payments"), "{named}");
    let both = estate.run(&["adopt", "dms_rocketmq_topic", "--only=*topic", "--only=orders-*", "--dry-run"]);
    assert!(both.ended(0).stderr.contains("Found 2 objects to adopt"));
}

#[test]
fn files_by_prefix_or_one_for_everything() {
    let estate = shop();
    assert_snapshot!(estate.run(&["adopt", "dms_rocketmq_*", "--group-by=prefix"]));
    assert_snapshot!(estate.read("shop-orders.qf.hcl"));
    is_sound(&estate, &["shop.qf.hcl", "shop-orders.qf.hcl", "shop-payments.qf.hcl"], 11);

    let estate = shop();
    assert_snapshot!(estate.run(&["adopt", "--all", "--group-by=none"]));
    is_sound(&estate, &["adopted.qf.hcl", "adopted-imports.qf.hcl"], 11);
}

#[test]
fn another_directory_and_json() {
    let estate = shop();
    let output = estate.run(&["adopt", "dms_rocketmq_topic", "--dir=estates/shop", "--json"]);
    assert_snapshot!(output);
    assert!(estate.place.has("estates/shop/shop.qf.hcl"));
    let output =
        estate.run(&["adopt", "dms_rocketmq_topic", "--dir=estates/shop", "--json", "--dry-run"]).ended(0);
    let told = output.json();
    assert_eq!(told["dry_run"], true);
    assert!(told["files"][1]["text"].as_str().unwrap().contains("shop_topics"), "{output}");
}

#[test]
fn nothing_is_written_over() {
    let estate = shop();
    let written = format!("{} Not applied yet.\n", queueform::adopt::HEAD);
    estate.place.write("shop-imports.qf.hcl", &written);
    assert_snapshot!(estate.run(&["adopt", "--all"]));
    assert_eq!(estate.place.read("shop-imports.qf.hcl"), written);
    assert!(!estate.place.has("shop.qf.hcl"), "all files are written, or none");
}

#[test]
fn what_is_managed_is_referred_to_and_names_are_not_taken_twice() {
    let estate = shop();
    let id = estate.id("shop").to_owned();
    drop(estate.run(&["adopt", "dms_rocketmq_instance", &id, "--only=dms_rocketmq_instance"]).ended(0));
    drop(estate.run(&["apply", "--auto-approve"]).ended(0));
    let taken = "locals {\n  shop_topics = {}\n}\n\nvariable \"shop_user_secret_keys\" {\n  default = 1\n}\n";
    estate.place.write("taken.qf.hcl", taken);
    for name in ["shop.qf.hcl", "shop-imports.qf.hcl"] {
        std::fs::rename(estate.place.path().join(name), estate.place.path().join(format!("old-{name}")))
            .unwrap();
    }
    assert_snapshot!(estate.run(&["adopt", "dms_rocketmq_instance", &id, "--only=*_topic", "--only=*_user"]));
    assert_snapshot!(estate.read("shop.qf.hcl"));
    is_sound(&estate, &["shop.qf.hcl"], 6);
}

#[test]
fn others_are_left_alone() {
    let estate = shop();
    let owns = "queueform {\n  owns = [\"shop\", \"orders-*\"]\n}\n";
    estate.place.write("owns.qf.hcl", owns);
    assert_snapshot!(estate.run(&["adopt", "--all", "--only=*_instance", "--only=*_topic", "--only=*_user"]));
    is_sound(&estate, &["shop.qf.hcl"], 3);
}

#[test]
fn what_cannot_be_meant() {
    let estate = shop();
    assert_snapshot!(estate.run(&["adopt"]));
    assert_snapshot!(estate.run(&["adopt", "dms_rocketmq_topik"]));
    assert_snapshot!(estate.run(&["adopt", "dms_rocketmq_topic", "orders"]));
    assert_snapshot!(estate.run(&["adopt", "dms_rocketmq_instance", "00000000-0000-0000-0000-000000000000"]));
    assert_snapshot!(estate.run(&["adopt", "dms_*", "--provider=dms.west"]));
    assert_snapshot!(estate.run(&["adopt", "dms_*", "--provider=apsaramq"]));
    assert_snapshot!(estate.run(&["adopt", "dms_*", "--in=instance"]));
}

#[test]
fn files_of_others_keep_their_names() {
    let estate = shop();
    estate.place.write("shop.qf.hcl", "# mine\n");
    let output = estate.run(&["adopt", "dms_rocketmq_topic", "--only=*_topic"]).ended(0);
    assert!(output.stdout.contains("Wrote shop_adopted-imports.qf.hcl, shop_adopted.qf.hcl."), "{output}");
    assert_eq!(estate.place.read("shop.qf.hcl"), "# mine\n");
}

/// The setup of a provider may need values.
#[test]
fn values_of_variables() {
    let estate = shop();
    let provider = estate.read("main.qf.hcl");
    let region = provider.lines().find(|line| line.trim().starts_with("region")).unwrap().to_owned();
    let value = region.split('"').nth(1).unwrap();
    let variable = "\nvariable \"region\" {\n  type = string\n}\n";
    estate.place.write("main.qf.hcl", &(provider.replace(&region, "  region = var.region") + variable));
    estate.place.write("here.qfvars.hcl", &format!("region = \"{value}\"\n"));
    let id = estate.id("shop").to_owned();
    assert_snapshot!(
        "without_a_value",
        estate.run(&["adopt", "dms_rocketmq_instance", &id, "--dry-run"]).ended(1)
    );
    assert_eq!(value, "ru-moscow-1");
    let given = ["adopt", "dms_rocketmq_instance", &id, "--dry-run", "--var=region=ru-moscow-1"];
    let first = estate.run(&given).ended(0);
    let from_file = ["adopt", "dms_rocketmq_instance", &id, "--dry-run", "--var-file=here.qfvars.hcl"];
    let second = estate.run(&from_file).ended(0);
    assert_eq!(first, second);
    let nowhere = ["adopt", "dms_rocketmq_instance", &id, "--dry-run", "--var-file=none.qfvars.hcl"];
    assert_snapshot!("without_a_file", estate.run(&nowhere).ended(1));
}
