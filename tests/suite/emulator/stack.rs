//! The emulator of Apsara Stack over HTTP, with a signer of its own.

#![expect(clippy::indexing_slicing, reason = "a test that meets the unexpected should stop at once")]

use std::io;
use std::path::Path;

use base64::Engine as _;
use hmac::Hmac;
use hmac::KeyInit;
use hmac::Mac;
use queueform::emulator::DEMO_ACCESS_KEY;
use queueform::emulator::DEMO_SECRET_KEY;
use queueform::emulator::Emulator;
use queueform::emulator::Fault;
use queueform::emulator::FaultRule;
use queueform::emulator::Options;
use queueform::emulator::Running;
use queueform::emulator::System;
use queueform::emulator::apsarastack::BaseInfoPlace;
use queueform::emulator::apsarastack::CreatedData;
use queueform::emulator::apsarastack::DataEncoding;
use queueform::emulator::apsarastack::Handle;
use queueform::emulator::apsarastack::InstanceSeed;
use queueform::emulator::apsarastack::KeyCase;
use queueform::emulator::apsarastack::NamingKeys;
use queueform::emulator::apsarastack::TopicShape;
use serde_json::Value;
use serde_json::json;
use sha1::Sha1;

use super::client::Answer;
use super::client::raw;

const INST: &str = "MQ_INST_1_BXmain";

struct Stack {
    running: Running,
}

fn percent(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

fn now() -> String {
    jiff::Timestamp::now().as_millisecond().to_string()
}

fn mac(secret: &str, text: &str) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(text.as_bytes());
    base64::engine::general_purpose::STANDARD.encode(mac.finalize().into_bytes())
}

/// Adds the signature: values in the order of their keys.
fn signed(mut pairs: Vec<(String, String)>, secret: &str) -> String {
    pairs.sort();
    let text: String = pairs.iter().map(|(_, value)| value.as_str()).collect();
    pairs.push(("_signature".to_owned(), mac(secret, &text)));
    encoded(&pairs)
}

fn encoded(pairs: &[(String, String)]) -> String {
    pairs
        .iter()
        .map(|(key, value)| format!("{}={}", percent(key), percent(value)))
        .collect::<Vec<_>>()
        .join("&")
}

fn common(params: &[(&str, &str)]) -> Vec<(String, String)> {
    let at = now();
    [("_accesskey", DEMO_ACCESS_KEY), ("__preventCache", &*at), ("_regionId", "mq-private")]
        .iter()
        .chain(params)
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect()
}

impl Stack {
    fn start() -> Self {
        Self::with(Options::default())
    }

    fn with(options: Options) -> Self {
        let options = Options { systems: vec![System::ApsaraStack], ..options };
        Self { running: Emulator::spawn(options).unwrap() }
    }

    /// With an instance that has a topic and a group.
    fn seeded() -> Self {
        let stack = Self::start();
        stack.store().seed_instance(&InstanceSeed::new("main").id(INST).topic("orders").group("GID_billing"));
        stack
    }

    fn store(&self) -> &Handle {
        self.running.store().apsarastack()
    }

    fn url(&self) -> &str {
        self.running.endpoint(System::ApsaraStack)
    }

    fn get(&self, path: &str, query: &str) -> Answer {
        raw(self.url(), "GET", &format!("{path}?{query}"), &[], b"").unwrap()
    }

    fn try_call(&self, operation: &str, params: &[(&str, &str)]) -> io::Result<Answer> {
        let query = signed(common(params), DEMO_SECRET_KEY);
        raw(self.url(), "GET", &format!("/json/{operation}?{query}"), &[], b"")
    }

    /// The data of a call that succeeds.
    fn call(&self, operation: &str, params: &[(&str, &str)]) -> Value {
        let body = self.try_call(operation, params).unwrap().json();
        assert_eq!(body["success"], true, "{operation} {params:?}: {body}");
        body["data"].clone()
    }

    /// The code of a call that is refused with status 200.
    fn refusal(&self, operation: &str, params: &[(&str, &str)]) -> String {
        let answer = self.try_call(operation, params).unwrap();
        code(&answer)
    }

    fn control(&self, method: &str, path: &str, body: &Value) -> Answer {
        raw(self.url(), method, &format!("/_emulator{path}"), &[], body.to_string().as_bytes()).unwrap()
    }
}

fn code(answer: &Answer) -> String {
    let body = answer.json();
    assert_eq!((answer.status, &body["success"]), (200, &json!(false)), "{body}");
    assert_ne!(body["code"], 200);
    body["status"].as_str().unwrap().to_owned()
}

const SHOP: [(&str, &str); 5] = [
    ("cluster", "cluster1"),
    ("instanceName", "shop"),
    ("independentNaming", "true"),
    ("maxSendTps", "500"),
    ("maxReceiveTps", "500"),
];

fn with<'a>(params: &[(&'a str, &'a str)], change: (&'a str, &'a str)) -> Vec<(&'a str, &'a str)> {
    let mut params: Vec<_> = params.iter().filter(|(key, _)| *key != change.0).copied().collect();
    params.push(change);
    params
}

#[test]
fn every_operation_answers() {
    let stack = Stack::seeded();
    let listed = include_str!("../../fixtures/operations/apsarastack.csv").lines().skip(1);
    let operations: Vec<&str> = listed.map(|row| row.rsplit_once("/json/").unwrap().1).collect();
    assert_eq!(operations.len(), 38);
    for operation in operations {
        let answer = stack.try_call(operation, &[]).unwrap();
        let body = answer.json();
        let status = body["status"].as_str().unwrap();
        let is_list = matches!(operation, "region/list" | "cluster/list" | "instance/list");
        assert_eq!(body["success"] == true, is_list, "{operation}: {body}");
        assert!(matches!(status, "SUCCESS" | "BIZ_FIELD_CHECK_INVALID" | "INSTANCE_NOT_FOUND"), "{body}");
    }
    let unknown = stack.try_call("topic/rename", &[]).unwrap();
    assert_eq!((unknown.status, unknown.header("content-type")), (404, Some("text/html")));
}

#[test]
fn ways_of_calling_are_the_same() {
    let stack = Stack::seeded();
    let query = signed(common(&[("instanceId", INST)]), DEMO_SECRET_KEY);
    for path in [
        "/json/topic/listNames",
        "//json/topic/listNames",
        "/json/topic/listNames/",
        "/json//topic/listNames//",
    ] {
        assert_eq!(stack.get(path, &query).json()["data"], json!(["orders"]), "{path}");
    }
    let posted = raw(stack.url(), "POST", &format!("/json/topic/listNames?{query}"), &[], b"").unwrap();
    assert_eq!(posted.json()["data"], json!(["orders"]));
    let form = [("content-type".to_owned(), "application/x-www-form-urlencoded; charset=UTF-8".to_owned())];
    let sent = raw(stack.url(), "POST", "/json/topic/listNames", &form, query.as_bytes()).unwrap();
    assert_eq!(sent.json()["data"], json!(["orders"]));
    // A part of the parameters in the query, the rest in the form.
    let (one, other) = query.split_once('&').unwrap();
    let target = format!("/json/topic/listNames?{one}");
    let sent = raw(stack.url(), "POST", &target, &form, other.as_bytes()).unwrap();
    assert_eq!(sent.json()["data"], json!(["orders"]));
    let put = raw(stack.url(), "PUT", &format!("/json/topic/listNames?{query}"), &[], b"").unwrap();
    assert_eq!(put.status, 405);
}

#[test]
fn whoever_cannot_sign_is_refused() {
    let stack = Stack::seeded();
    let ask = |query: &str| stack.get("/json/instance/list", query);
    let wrong = signed(common(&[]), "another-secret");
    assert_eq!(code(&ask(&wrong)), "AUTH_SIGNATURE_CHECK_ERROR");
    assert_eq!(code(&ask(&encoded(&common(&[])))), "AUTH_SIGNATURE_CHECK_ERROR");
    let stranger: Vec<_> = common(&[])
        .into_iter()
        .map(|(key, value)| if key == "_accesskey" { (key, "NOBODY".to_owned()) } else { (key, value) })
        .collect();
    assert_eq!(code(&ask(&signed(stranger, DEMO_SECRET_KEY))), "AUTH_LOGIN_CHECK_ERROR");
    // What is not part of the signature must not be added.
    let right = signed(common(&[]), DEMO_SECRET_KEY);
    assert_eq!(code(&ask(&format!("{right}&more=1"))), "AUTH_SIGNATURE_CHECK_ERROR");
    assert_eq!(ask(&right).json()["success"], true);
    // A bare plus is a space by the time it is compared.
    let mut plus = (0..).map(|n| signed(common(&[("n", &n.to_string())]), DEMO_SECRET_KEY));
    let escaped = plus.find(|query| query.rsplit_once("_signature=").unwrap().1.contains("%2B")).unwrap();
    assert_eq!(ask(&escaped).json()["success"], true);
    assert_eq!(code(&ask(&escaped.replace("%2B", "+"))), "AUTH_SIGNATURE_CHECK_ERROR");
    stack.store().set(|settings| settings.refusal_status = 403);
    assert_eq!(ask(&wrong).status, 403);
}

#[test]
fn old_calls_and_other_regions_are_refused() {
    let stack = Stack::seeded();
    let changed = |name: &str, value: Option<&str>| {
        let pairs = common(&[]).into_iter().filter_map(|(key, old)| match value {
            _ if key != name => Some((key, old)),
            Some(value) => Some((key, value.to_owned())),
            None => None,
        });
        stack.get("/json/instance/list", &signed(pairs.collect(), DEMO_SECRET_KEY))
    };
    assert_eq!(code(&changed("__preventCache", None)), "AUTH_CSRF_CHECK_ERROR");
    assert_eq!(code(&changed("__preventCache", Some("soon"))), "AUTH_CSRF_CHECK_ERROR");
    assert_eq!(code(&changed("__preventCache", Some("1498029701000"))), "AUTH_CSRF_CHECK_ERROR");
    assert_eq!(code(&changed("_regionId", None)), "BIZ_FIELD_CHECK_INVALID");
    assert_eq!(code(&changed("_regionId", Some("cn-nowhere"))), "BIZ_REGION_NOT_FOUND");
    stack.store().set(|settings| settings.prevent_cache_window_ms = 0);
    assert_eq!(changed("__preventCache", Some("1498029701000")).json()["success"], true);
    let pairs = common(&[]).into_iter().filter(|(key, _)| key != "_regionId").collect();
    let regions = stack.get("/json/region/list", &signed(pairs, DEMO_SECRET_KEY)).json();
    assert_eq!(regions["data"][0]["regionId"], "mq-private");
}

#[test]
fn capitals_are_signed_first() {
    let stack = Stack::seeded();
    stack.store().add_dead_letters(INST, "GID_billing", 1);
    let id = stack.store().dead_letters(INST, "GID_billing")[0].id.clone();
    let params = [("InstanceId", INST), ("GroupId", "GID_billing"), ("MsgId", &*id)];
    assert_eq!(stack.call("message/getByIdInDLQ", &params)["MsgId"], *id);
    let mut pairs = common(&params);
    pairs.sort_by_key(|(key, _)| key.to_lowercase());
    let text: String = pairs.iter().map(|(_, value)| value.as_str()).collect();
    pairs.push(("_signature".to_owned(), mac(DEMO_SECRET_KEY, &text)));
    let query = encoded(&pairs);
    assert_eq!(code(&stack.get("/json/message/getByIdInDLQ", &query)), "AUTH_SIGNATURE_CHECK_ERROR");
    stack.store().set(|settings| settings.lenient_sort = true);
    assert_eq!(stack.get("/json/message/getByIdInDLQ", &query).json()["success"], true);
}

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
fn consuming_can_be_seen_and_reset() {
    let stack = Stack::seeded();
    let store = stack.store();
    let group = [("instanceId", INST), ("groupId", "GID_billing")];
    let of_topic = with(&group, ("topic", "orders"));
    assert_eq!(stack.call("consumer/accumulate", &group)["onLine"], false);
    assert_eq!(stack.refusal("consumer/getConnection", &group), "BIZ_CONSUMER_NOT_ONLINE");
    assert_eq!(
        stack.refusal("consumer/resetoffset", &with(&of_topic, ("type", "0"))),
        "BIZ_CONSUMER_NOT_ONLINE"
    );
    assert!(store.connect(INST, "GID_billing", "c1", &["orders"]));
    assert!(store.produce(INST, "orders", 7));
    let seen = stack.call("consumer/accumulate", &with(&group, ("detail", "true")));
    assert_eq!((&seen["onLine"], &seen["totalDiff"]), (&json!(true), &json!(7)));
    assert_eq!(seen["DetailInTopicList"][0]["topic"], "orders");
    assert_eq!(stack.call("consumer/getConnection", &group)[0]["clientId"], "c1");
    let status =
        stack.call("consumer/status", &with(&with(&group, ("detail", "true")), ("needJstack", "true")));
    assert_eq!(status["ConsumerConnectionInfoList"][0]["SubscriptionSet"][0]["topic"], "orders");
    assert!(status["ConsumerConnectionInfoList"][0]["Jstack"][0]["thread"].is_string());
    assert_eq!(stack.call("group/subDetail", &group)["SubscriptionDataList"][0]["topic"], "orders");
    let topic = [("instanceId", INST), ("topic", "orders")];
    assert_eq!(stack.call("topic/subDetail", &topic)["SubscriptionDataList"][0]["groupId"], "GID_billing");
    let span = stack.call("consumer/timespan", &of_topic);
    assert!(span["minTimeStamp"].as_i64().unwrap() >= span["maxTimeStamp"].as_i64().unwrap());

    assert_eq!(
        stack.refusal("consumer/resetoffset", &with(&of_topic, ("type", "1"))),
        "BIZ_FIELD_CHECK_INVALID"
    );
    stack.call("consumer/resetoffset", &with(&of_topic, ("type", "0")));
    assert_eq!(stack.call("consumer/accumulate", &group)["totalDiff"], 0);
    let back = with(&with(&of_topic, ("type", "1")), ("resetTime", "1"));
    stack.call("consumer/resetoffset", &back);
    assert_eq!(stack.call("consumer/accumulate", &group)["totalDiff"], 7);
    // Deleting the topic ends the subscription.
    stack.call("topic/delete", &topic);
    assert_eq!(stack.call("consumer/accumulate", &group)["totalDiff"], 0);
    assert_eq!(stack.call("group/subDetail", &group)["SubscriptionDataList"], json!([]));
}

#[test]
fn messages_are_found_by_id_key_and_time() {
    let stack = Stack::seeded();
    let produce = json!({ "count": 30, "body": "hello", "properties": { "KEYS": "a b", "TAGS": "t" } });
    let ids = stack.control("POST", &format!("/instances/{INST}/topics/orders/messages"), &produce).json();
    let id = ids["msg_ids"][0].as_str().unwrap().to_owned();
    let topic = [("instanceId", INST), ("topic", "orders")];
    let one = with(&topic, ("msgId", &id));
    assert_eq!(stack.call("message/getById", &one)["body"], "hello");
    assert_eq!(stack.refusal("message/getById", &with(&topic, ("msgId", "0"))), "BIZ_NO_MESSAGE");
    assert_eq!(stack.call("message/getByKey", &with(&topic, ("key", "b"))).as_array().unwrap().len(), 30);
    assert_eq!(stack.refusal("message/getByKey", &with(&topic, ("key", "c"))), "BIZ_NO_MESSAGE");
    assert_eq!(stack.call("message/trace", &one), json!([]));
    stack.store().set_lag(INST, "GID_billing", "orders", 30);
    assert_eq!(stack.call("message/trace", &one)[0]["trackType"], "NOT_ONLINE");
    stack.store().connect(INST, "GID_billing", "c1", &["orders"]);
    assert_eq!(stack.call("message/trace", &one)[0]["trackType"], "NOT_CONSUME_YET");
    stack.store().set_lag(INST, "GID_billing", "orders", 0);
    assert_eq!(stack.call("message/trace", &one)[0]["trackType"], "CONSUMED");

    let end = (stack.store().now_ms() + 60_000).to_string();
    let first: Vec<(&str, &str)> =
        topic.into_iter().chain([("beginTime", "0"), ("endTime", &*end)]).collect();
    let page = stack.call("message/getByPagedTopic", &first);
    assert_eq!((&page["maxPageCount"], page["data"].as_array().unwrap().len()), (&json!(2), 20));
    let second = with(&first, ("currentPage", "2"));
    assert_eq!(stack.refusal("message/getByPagedTopic", &second), "BIZ_FIELD_CHECK_INVALID");
    let task = page["taskId"].as_str().unwrap();
    let page = stack.call("message/getByPagedTopic", &with(&second, ("taskId", task)));
    assert_eq!(page["data"].as_array().unwrap().len(), 10);
    for change in [("currentPage", "51"), ("pageSize", "4"), ("pageSize", "51"), ("endTime", "-1")] {
        assert_eq!(
            stack.refusal("message/getByPagedTopic", &with(&first, change)),
            "BIZ_FIELD_CHECK_INVALID"
        );
    }

    let begin = (stack.store().now_ms() - 600_000).to_string();
    let span = with(&with(&with(&first, ("beginTime", &begin)), ("period", "1")), ("type", "0"));
    let sum = |curve: &Value| -> f64 {
        curve["records"].as_array().unwrap().iter().map(|point| point["y"].as_f64().unwrap()).sum()
    };
    assert!((sum(&stack.call("trend/topicInputTps", &span)) - 30.0).abs() < 0.001);
    let read = with(&span, ("groupId", "GID_billing"));
    assert!((sum(&stack.call("trend/groupOutputTps", &read)) - 30.0).abs() < 0.001);
    assert_eq!(
        stack.refusal("trend/topicInputTps", &with(&span, ("period", "2"))),
        "BIZ_FIELD_CHECK_INVALID"
    );
}

#[test]
fn dead_letters_can_be_read_and_sent_again() {
    let stack = Stack::seeded();
    stack.store().add_dead_letters(INST, "GID_billing", 6);
    let end = (stack.store().now_ms() + 60_000).to_string();
    let group = [("InstanceId", INST), ("GroupId", "GID_billing")];
    let mut span: Vec<(&str, &str)> = group.to_vec();
    span.extend([("BeginTime", "0"), ("EndTime", &*end), ("CurrentPage", "1"), ("PageSize", "5")]);
    let page = stack.call("message/getByPagedDLQ", &span);
    assert_eq!((&page["MaxPageCount"], page["Data"].as_array().unwrap().len()), (&json!(2), 5));
    let id = page["Data"][0]["MsgId"].as_str().unwrap();
    stack.call("message/resendByIdInDLQ", &with(&group, ("MsgId", id)));
    let letters = stack.store().dead_letters(INST, "GID_billing");
    assert_eq!((letters.len(), letters[0].resent), (6, 1));
    assert_eq!(stack.refusal("message/resendByIdInDLQ", &with(&group, ("MsgId", "0"))), "BIZ_NO_MESSAGE");
    // Small letters do as well.
    let small = [("instanceId", INST), ("groupId", "GID_billing"), ("msgId", id)];
    assert_eq!(stack.call("message/getByIdInDLQ", &small)["Body"], "dead");
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

#[test]
fn readings_of_the_document_can_be_chosen() {
    let stack = Stack::seeded();
    let inst = [("instanceId", INST)];
    let topic = [("instanceId", INST), ("topic", "orders")];
    stack.store().set(|settings| {
        settings.base_info = BaseInfoPlace::Beside;
        settings.topic_get = TopicShape::Object;
        settings.naming_keys = NamingKeys::Both;
        settings.undocumented_fields = false;
        settings.created_data = CreatedData::Null;
    });
    let beside = stack.try_call("instance/baseInfo", &inst).unwrap().json();
    assert_eq!((&beside["data"], &beside["InstanceBaseInfo"]["instanceId"]), (&Value::Null, &json!(INST)));
    assert!(beside["InstanceBaseInfo"].get("remark").is_none());
    let seen = stack.call("topic/get", &topic);
    assert_eq!((&seen["topic"], seen.get("orderType")), (&json!("orders"), None));
    let listed = stack.call("instance/list", &[]);
    assert_eq!(
        (&listed[0]["namespaceRulesType"], &listed[0]["independentNaming"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(stack.call("instance/create", &SHOP), Value::Null);
    stack.store().set(|settings| {
        settings.base_info = BaseInfoPlace::Wrapped;
        settings.data_encoding = DataEncoding::String;
        settings.key_case = KeyCase::Lower;
    });
    let body = stack.try_call("instance/baseInfo", &inst).unwrap().json();
    let inner: Value = serde_json::from_str(body["data"].as_str().unwrap()).unwrap();
    assert_eq!(inner["instancebaseinfo"]["instanceid"], INST);
    assert_eq!(body["requestid"].as_str().unwrap().len(), 32);
    let answer = stack.control("PUT", "/settings", &json!({ "key_case": "pascal", "lenient_sort": true }));
    assert_eq!(answer.json()["recycle_seconds"], 30);
    assert_eq!(stack.try_call("instance/list", &[]).unwrap().json()["Success"], true);
    assert_eq!(stack.control("PUT", "/settings", &json!({ "colour": 1 })).status, 400);
}

#[test]
fn faults_happen_here_too() {
    let stack = Stack::seeded();
    let store = stack.running.store();
    let topic = [("instanceId", INST), ("topic", "new"), ("orderType", "0")];
    let on = |fault: Fault| FaultRule::new(fault).on("GET", "topic/create").times(1);
    store.add_fault(System::ApsaraStack, on(Fault::Throttle));
    assert_eq!(stack.refusal("topic/create", &topic), "Throttling.User");
    store.add_fault(
        System::ApsaraStack,
        on(Fault::Status { status: 200, code: Some("ONS_SYSTEM_ERROR".into()) }),
    );
    assert_eq!(stack.refusal("topic/create", &topic), "ONS_SYSTEM_ERROR");
    store.add_fault(System::ApsaraStack, on(Fault::ExpiredToken));
    assert_eq!(stack.refusal("topic/create", &topic), "AUTH_LOGIN_CHECK_ERROR");
    store.add_fault(System::ApsaraStack, on(Fault::DropBeforeCommit));
    assert!(stack.try_call("topic/create", &topic).is_err());
    assert_eq!(stack.store().topics(INST).len(), 1);
    store.add_fault(System::ApsaraStack, on(Fault::DropAfterCommit));
    assert!(stack.try_call("topic/create", &topic).is_err());
    assert_eq!(stack.store().topics(INST).len(), 2);
    let calls = store.calls(System::ApsaraStack);
    let last = calls.last().unwrap();
    assert_eq!((last.status, last.committed, last.mutating, &*last.method), (0, true, true, "GET"));
    assert_eq!(calls[0].error_code.as_deref(), Some("Throttling.User"));
    let stale = FaultRule::new(Fault::StaleReads { reads: 1 }).on("GET", "topic/delete").times(1);
    store.add_fault(System::ApsaraStack, stale);
    let name = [("instanceId", INST), ("topic", "new")];
    stack.call("topic/delete", &name);
    assert_eq!(stack.call("topic/get", &name)[0]["topic"], "new");
    assert_eq!(stack.refusal("topic/get", &name), "BIZ_TOPIC_NOT_FOUND");
    let hidden = FaultRule::new(Fault::HiddenAfterCreate { reads: 1 }).on("GET", "instance/create");
    store.add_fault(System::ApsaraStack, hidden);
    stack.call("instance/create", &SHOP);
    assert_eq!(stack.call("instance/list", &[]).as_array().unwrap().len(), 1);
    assert_eq!(stack.call("instance/list", &[]).as_array().unwrap().len(), 2);
}

fn start(directory: &Path) -> Stack {
    Stack::with(Options { data_dir: Some(directory.to_path_buf()), ..Options::default() })
}

#[test]
fn everything_outlasts_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let stack = start(directory.path());
    let seed = InstanceSeed::new("main")
        .id(INST)
        .topic("orders")
        .topic("gone")
        .group("GID_billing")
        .grant("orders", "42", 6)
        .messages("orders", 3)
        .lag("GID_billing", "orders", 2)
        .client("GID_billing", "c1", &["orders"])
        .dead_letters("GID_billing", 1);
    stack.store().seed_instance(&seed);
    stack.call("topic/delete", &[("instanceId", INST), ("topic", "gone")]);
    stack.call(
        "vpcTunnel/tunnelSwitch",
        &[("instanceId", INST), ("tunnelType", "anyTunnel"), ("force", "true")],
    );
    let (before, tunnel) = (stack.store().spaces(), stack.store().tunnel("cluster1"));
    drop(stack);
    let stack = start(directory.path());
    assert_eq!(stack.store().spaces(), before);
    assert_eq!(stack.store().tunnel("cluster1"), tunnel);
    let again = [("instanceId", INST), ("topic", "gone"), ("orderType", "0")];
    assert_eq!(stack.refusal("topic/create", &again), "BIZ_TOPIC_EXISTED");
    let copy = tempfile::tempdir().unwrap();
    let log = "apsarastack.log";
    std::fs::copy(directory.path().join(log), copy.path().join(log)).unwrap();
    assert_eq!(start(copy.path()).store().spaces(), before);
    stack.control("POST", "/reset", &json!(null));
    drop(stack);
    assert_eq!(start(directory.path()).store().spaces(), []);
}
