//! Instances, topics, groups, grants and tunnels: their rules, and how they come and go.

use queueform::emulator::apsarastack::InstanceSeed;
use serde_json::json;

use super::INST;
use super::SHOP;
use super::Stack;
use super::with;

#[test]
fn instances_come_are_renamed_and_go_when_empty() {
    let stack = Stack::start();
    let id = stack.call("instance/create", &SHOP)["instanceId"].as_str().unwrap().to_owned();
    assert!(id.starts_with("MQ_INST_1234567890123456_BX"), "{id}");
    let seen = stack.call("instance/baseInfo", &[("instanceId", &id)]);
    assert_eq!(
        (&seen["instanceName"], &seen["independentNaming"], &seen["maxSendTps"], &seen["topicCapacity"]),
        (&json!("shop"), &json!(true), &json!(500), &json!(50))
    );
    assert!(seen["Endpoints"]["tcpEndpoint"].as_str().unwrap().ends_with(":9876"));
    assert_eq!(stack.refusal("instance/create", &SHOP), "BIZ_FIELD_CHECK_INVALID");
    for change in [
        ("instanceName", "ab"),
        ("instanceName", &*"x".repeat(65)),
        ("cluster", "nowhere"),
        ("independentNaming", "yes"),
        ("maxSendTps", "0"),
        ("maxReceiveTps", "many"),
        ("topicCapacity", "0"),
    ] {
        let params = with(&with(&SHOP, ("instanceName", "other")), change);
        assert_eq!(stack.refusal("instance/create", &params), "BIZ_FIELD_CHECK_INVALID", "{change:?}");
    }
    let rename = [("instanceId", &*id), ("instanceName", "market"), ("remark", "")];
    stack.call("instance/update", &rename);
    assert_eq!(stack.call("instance/list", &[])[0]["instanceName"], "market");
    stack.call("topic/create", &[("instanceId", &id), ("topic", "a"), ("orderType", "0")]);
    assert_eq!(stack.refusal("instance/delete", &[("instanceId", &id)]), "INSTANCE_NOT_EMPTY");
    stack.call("topic/delete", &[("instanceId", &id), ("topic", "a")]);
    stack.call("instance/delete", &[("instanceId", &id)]);
    assert_eq!(stack.refusal("instance/baseInfo", &[("instanceId", &id)]), "INSTANCE_NOT_FOUND");
    // One instance without a namespace, and so many in all.
    let nameless = with(&SHOP, ("independentNaming", "false"));
    stack.call("instance/create", &nameless);
    assert_eq!(
        stack.refusal("instance/create", &with(&nameless, ("instanceName", "two"))),
        "BIZ_FIELD_CHECK_INVALID"
    );
    stack.store().set(|settings| settings.instance_quota = 1);
    assert_eq!(
        stack.refusal("instance/create", &with(&SHOP, ("instanceName", "two"))),
        "BIZ_FIELD_CHECK_INVALID"
    );
}

#[test]
fn the_501st_instance_is_refused() {
    let stack = Stack::start();
    for n in 0..500 {
        stack.store().seed_instance(&InstanceSeed::new(&format!("shop-{n}")));
    }
    assert_eq!(stack.refusal("instance/create", &SHOP), "BIZ_FIELD_CHECK_INVALID");
    stack.store().remove_instance(&stack.store().instances()[0].id);
    stack.call("instance/create", &SHOP);
}

#[test]
fn topics_have_rules_and_their_names_are_freed_slowly() {
    let stack = Stack::seeded();
    let topic = |name: &str, kind: &str| -> Vec<(String, String)> {
        [("instanceId", INST), ("topic", name), ("orderType", kind), ("remark", "hello world/测试+1")]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .to_vec()
    };
    let borrowed = |pairs: &[(String, String)]| -> Vec<(String, String)> { pairs.to_vec() };
    let create = |name: &str, kind: &str| {
        let pairs = borrowed(&topic(name, kind));
        let params: Vec<(&str, &str)> = pairs.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        let body = stack.try_call("topic/create", &params).unwrap().json();
        body["status"].as_str().unwrap().to_owned()
    };
    for (name, kind) in [("CID_a", "0"), ("GIDx", "0"), ("a b", "0"), (&*"x".repeat(256), "0"), ("fine", "3")]
    {
        assert_eq!(create(name, kind), "BIZ_FIELD_CHECK_INVALID", "{name} {kind}");
    }
    assert_eq!(create("orders", "0"), "BIZ_TOPIC_EXISTED");
    assert_eq!(create("delayed", "5"), "SUCCESS");
    let params = [("instanceId", INST), ("topic", "delayed")];
    let seen = stack.call("topic/get", &params);
    assert_eq!((&seen[0]["orderType"], &seen[0]["remark"]), (&json!(5), &json!("hello world/测试+1")));
    stack.call("topic/update", &with(&params, ("perm", "4")));
    assert_eq!(stack.refusal("topic/update", &with(&params, ("perm", "5"))), "BIZ_FIELD_CHECK_INVALID");
    assert_eq!(stack.store().topics(INST)[0].perm, 4);
    assert_eq!(stack.call("topic/listNames", &[("instanceId", INST)]), json!(["delayed", "orders"]));
    let page =
        stack.try_call("topic/listInPage", &[("instanceId", INST), ("pageSize", "1"), ("currentPage", "2")]);
    let page = page.unwrap().json();
    assert_eq!(
        (&page["total"], &page["currentPage"], &page["data"][0]["topic"]),
        (&json!(2), &json!(2), &json!("orders"))
    );

    stack.call("topic/delete", &params);
    assert_eq!(stack.refusal("topic/get", &params), "BIZ_TOPIC_NOT_FOUND");
    assert_eq!(create("delayed", "0"), "BIZ_TOPIC_EXISTED");
    assert_eq!(create("delayed", "0"), "SUCCESS");
    // With a clock that only moves by hand it takes the whole time.
    stack.control("PUT", "/clock", &json!({ "mode": "manual" }));
    stack.call("topic/delete", &params);
    for _ in 0..3 {
        assert_eq!(create("delayed", "0"), "BIZ_TOPIC_EXISTED");
    }
    stack.control("POST", "/clock/advance", &json!({ "seconds": 30 }));
    assert_eq!(create("delayed", "0"), "SUCCESS");
}

#[test]
fn capacities_and_names_without_a_namespace() {
    let stack = Stack::start();
    stack.store().seed_instance(&InstanceSeed::new("small").id(INST).topic_capacity(1).topic("one"));
    let two = [("instanceId", INST), ("topic", "two"), ("orderType", "0")];
    assert_eq!(stack.refusal("topic/create", &two), "BIZ_FIELD_CHECK_INVALID");
    assert_eq!(stack.refusal("topic/create", &[("topic", "two"), ("orderType", "0")]), "INSTANCE_NOT_FOUND");
    let nameless = stack.store().seed_instance(&InstanceSeed::new("legacy").without_namespace());
    stack.call("topic/create", &[("topic", "two"), ("orderType", "0")]);
    assert_eq!(stack.store().topics(&nameless)[0].name, "two");
    assert_eq!(stack.refusal("topic/create", &[("topic", "one"), ("orderType", "0")]), "BIZ_TOPIC_EXISTED");
    assert_eq!(stack.call("topic/get", &[("topic", "two")])[0]["namespaceId"], nameless);
}

#[test]
fn groups_have_rules_too() {
    let stack = Stack::seeded();
    let group = |name: &'static str| [("instanceId", INST), ("groupId", name)];
    for name in ["GID_", "gid_abc", "CID_abc", "GID.abc", "GIDabcd"] {
        assert_eq!(stack.refusal("group/create", &group(name)), "BIZ_FIELD_CHECK_INVALID", "{name}");
    }
    assert_eq!(stack.refusal("group/create", &group("GID_billing")), "BIZ_SUBSCRIPTION_EXISTED");
    assert_eq!(stack.refusal("group/delete", &group("GID_other")), "BIZ_SUBSCRIPTION_NOT_FOUND");
    let made = stack.call("group/create", &with(&group("GID-billing-2"), ("remark", "second")));
    assert_eq!((&made["groupId"], &made["remark"]), (&json!("GID-billing-2"), &json!("second")));
    // The filter finds more than the name.
    assert_eq!(stack.call("group/list", &group("billing")).as_array().unwrap().len(), 2);
    stack.call("group/consumerUpdate", &with(&group("GID_billing"), ("readEnable", "false")));
    assert!(!stack.store().groups(INST).iter().find(|g| g.name == "GID_billing").unwrap().read_enabled);
    stack.store().set(|settings| settings.read_switch_needs_use = true);
    let switch = with(&group("GID_billing"), ("readEnable", "true"));
    assert_eq!(stack.refusal("group/consumerUpdate", &switch), "BIZ_CONSUMER_NOT_ONLINE");
    let foreign = InstanceSeed::new("shared").id("MQ_INST_9").group("GID_theirs").foreign("GID_theirs");
    stack.store().seed_instance(&foreign);
    let theirs = [("instanceId", "MQ_INST_9"), ("groupId", "GID_theirs")];
    assert_eq!(stack.refusal("group/create", &theirs), "BIZ_CONSUMER_ID_BELONG_TO_OTHER_USER");
    stack.call("group/delete", &group("GID_billing"));
    stack.store().seed_instance(&InstanceSeed::new("old").id("MQ_INST_8").group("CID_old"));
    let old = [("instanceId", "MQ_INST_8"), ("groupId", "CID_old")];
    assert_eq!(stack.refusal("group/delete", &old), "BIZ_FIELD_CHECK_INVALID");
}

#[test]
fn topics_are_shared_by_their_owner() {
    let stack = Stack::seeded();
    let user = "9223372036854775807";
    let grant = [("instanceId", INST), ("topic", "orders"), ("empowerUser", user)];
    assert_eq!(stack.call("empower/list", &grant), json!([]));
    assert_eq!(stack.refusal("empower/create", &with(&grant, ("relation", "3"))), "BIZ_FIELD_CHECK_INVALID");
    stack.call("empower/create", &with(&grant, ("relation", "2")));
    assert_eq!(stack.refusal("empower/createBySub", &with(&grant, ("relation", "4"))), "EMPOWER_EXIST_ERROR");
    let listed = String::from_utf8(stack.try_call("empower/list", &grant).unwrap().body).unwrap();
    assert!(listed.contains("\"empowerUser\":9223372036854775807"), "{listed}");
    stack.call("empower/delete", &grant);
    assert_eq!(stack.refusal("empower/delete", &grant), "BIZ_FIELD_CHECK_INVALID");
    stack.store().edit_topic(INST, "orders", |topic| topic.owner = "9999".to_owned());
    let refused = stack.refusal("empower/createBySub", &with(&grant, ("relation", "4")));
    assert_eq!(refused, "EMPOWER_OWNER_CHECK_ERROR");
}

#[test]
fn a_cluster_changes_its_tunnel_unless_it_is_busy() {
    let stack = Stack::seeded();
    let switch = [("instanceId", INST), ("tunnelType", "singleTunnel")];
    let vip = stack.call("vpcTunnel/tunnelSwitch", &switch);
    assert_eq!(stack.store().tunnel("cluster1").vip, vip.as_str().unwrap());
    assert_eq!(stack.store().tunnel("cluster2").switches, 0);
    stack.control("PUT", "/clock", &json!({ "mode": "manual" }));
    stack.store().produce(INST, "orders", 11);
    assert_eq!(stack.refusal("vpcTunnel/tunnelSwitch", &switch), "ONS_INVOKE_ERROR");
    stack.call("vpcTunnel/tunnelSwitch", &with(&switch, ("force", "true")));
    let wrong = with(&switch, ("tunnelType", "noTunnel"));
    assert_eq!(stack.refusal("vpcTunnel/tunnelSwitch", &wrong), "BIZ_FIELD_CHECK_INVALID");
}
