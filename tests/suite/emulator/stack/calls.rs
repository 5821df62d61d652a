//! How calls are made, signed and refused, and which readings of the document can be chosen.

use queueform::emulator::DEMO_SECRET_KEY;
use queueform::emulator::apsarastack::BaseInfoPlace;
use queueform::emulator::apsarastack::CreatedData;
use queueform::emulator::apsarastack::DataEncoding;
use queueform::emulator::apsarastack::KeyCase;
use queueform::emulator::apsarastack::NamingKeys;
use queueform::emulator::apsarastack::TopicShape;
use serde_json::Value;
use serde_json::json;

use super::INST;
use super::SHOP;
use super::Stack;
use super::code;
use super::common;
use super::encoded;
use super::mac;
use super::raw;
use super::signed;

#[test]
fn every_operation_answers() {
    let stack = Stack::seeded();
    let listed = include_str!("../../../fixtures/operations/apsarastack.csv").lines().skip(1);
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
