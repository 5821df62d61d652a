//! Refused requests: which code for which mistake.

use queueform::emulator::dms::InstanceSeed;
use serde_json::Value;
use serde_json::json;

use super::client::MISSING;
use super::client::Service;
use super::client::instance;

fn refused(code: &str) -> (u16, String) {
    (400, code.to_owned())
}

#[test]
fn instances() {
    let service = Service::start();
    for (field, value, code) in [
        ("name", json!("1st"), "DMS.00400010"),
        ("name", json!("abc"), "DMS.00400010"),
        ("name", json!(null), "DMS.00400010"),
        ("description", json!("x".repeat(1025)), "DMS.00400011"),
        ("description", json!(7), "DMS.00400085"),
        ("engine", json!("kafka"), "DMS.00400007"),
        ("engine_version", json!("3.0"), "DMS.00400008"),
        ("product_id", json!("c9"), "DMS.00400009"),
        ("product_id", json!("rocketmq.b1.large.1"), "DMS.00400022"),
        ("storage_space", json!(299), "DMS.00400500"),
        ("storage_space", json!(60_001), "DMS.00400500"),
        ("storage_space", json!("300"), "DMS.00400085"),
        ("broker_num", json!(11), "DMS.00400800"),
        ("storage_spec_code", json!("tape"), "DMS.00400125"),
        ("vpc_id", json!(""), "DMS.00400013"),
        ("vpc_id", json!("vpc-other"), "DMS.00400068"),
        ("subnet_id", json!(""), "DMS.00400016"),
        ("subnet_id", json!("subnet-other"), "DMS.00400018"),
        ("security_group_id", json!(""), "DMS.00400014"),
        ("security_group_id", json!("sg-other"), "DMS.00400046"),
        ("available_zones", json!([]), "DMS.00400042"),
        ("available_zones", json!(["ru-moscow-1a"]), "DMS.00400042"),
        ("ipv6_enable", json!(true), "DMS.00400049"),
        ("enable_publicip", json!(true), "DMS.00400128"),
    ] {
        let mut body = instance("validated");
        body[field] = value.clone();
        let answer = service.post("/v2/{pid}/instances", &body);
        assert_eq!(answer.refusal(), refused(code), "{field} = {value}");
    }
    assert_eq!(service.running.store().dms().count(), 0);
    service.create("validated");
    let twice = service.post("/v2/{pid}/instances", &instance("validated"));
    assert_eq!(twice.refusal(), refused("DMS.00400060"));
    service.running.store().dms().set_unique_instance_names(false);
    service.create("validated");
}

#[test]
fn bodies() {
    let service = Service::start();
    let empty = service.try_call("POST", "/v2/{pid}/instances", None).unwrap();
    assert_eq!(empty.refusal(), refused("DMS.00400004"));
    let list = service.post("/v2/{pid}/instances", &json!([1]));
    assert_eq!(list.refusal(), refused("DMS.00400005"));
}

#[test]
fn topics_groups_and_users() {
    let service = Service::start();
    let seed = InstanceSeed::new("parent").topic("taken", 1).group("taken").user("takenUser", "Secret-0001");
    let iid = service.running.store().dms().seed_instance(&seed);
    let post = |list: &str, body: Value| {
        let answer = service.post(&format!("/v2/{{pid}}/instances/{iid}/{list}"), &body);
        (answer.status, answer.json()["error_code"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(post("topics", json!({ "name": "taken" })), refused("DMS.10240017"));
    assert_eq!(post("topics", json!({ "name": "ab" })), refused("DMS.10240007"));
    assert_eq!(post("topics", json!({ "name": "rmq_sys_x" })), refused("DMS.00400800"));
    assert_eq!(post("topics", json!({ "name": "many", "queue_num": 51 })), refused("DMS.00400800"));
    assert_eq!(post("topics", json!({ "name": "some", "permission": "none" })), refused("DMS.00400800"));
    assert_eq!(post("topics", json!({ "name": "%odd|name%" })).0, 200);
    assert_eq!(post("groups", json!({ "name": "taken" })), refused("DMS.10240018"));
    assert_eq!(post("groups", json!({ "name": "a b" })), refused("DMS.10240016"));
    assert_eq!(post("groups", json!({ "name": "some", "retry_max_time": 17 })), refused("DMS.00400800"));
    let user = |access: &str, secret: &str| json!({ "access_key": access, "secret_key": secret });
    assert_eq!(post("users", user("short", "Secret-0001")), refused("DMS.00400015"));
    assert_eq!(post("users", user("longEnough", "nodigitsno")), refused("DMS.00400012"));
    assert_eq!(post("users", user("Secret-0001", "1000-terceS")), refused("DMS.00400012"));
    assert_eq!(post("users", user("takenUser", "Secret-0001")), refused("DMS.00400800"));
    service.running.store().dms().edit_instance(&iid, |instance| instance.enable_acl = false);
    assert_eq!(post("users", user("longEnough", "Secret-0001")), refused("DMS.00400800"));
}

#[test]
fn quotas() {
    let service = Service::start();
    let seed = InstanceSeed::new("full").topic("one", 1).group("one");
    let iid = service.running.store().dms().seed_instance(&seed);
    service.running.store().dms().set_quotas(1, 1);
    let topics = format!("/v2/{{pid}}/instances/{iid}/topics");
    assert_eq!(service.post(&topics, &json!({ "name": "two" })).refusal(), refused("DMS.00400039"));
    assert_eq!((service.get(&topics).json()["max"].as_u64(), 0), (Some(1), 0));
    let groups = format!("/v2/{{pid}}/instances/{iid}/groups");
    assert_eq!(service.post(&groups, &json!({ "name": "two" })).refusal(), refused("DMS.10240019"));
}

#[test]
fn what_is_not_there() {
    let service = Service::start();
    let iid = service.running.store().dms().seed_instance(&InstanceSeed::new("parent"));
    let look = |path: &str| service.get(&format!("/v2/{{pid}}/instances/{path}")).refusal();
    let gone = |code: &str| (404, code.to_owned());
    assert_eq!(look(MISSING), gone("DMS.00404022"));
    assert_eq!(look(&format!("{MISSING}/topics")), gone("DMS.00404022"));
    assert_eq!(look("no-uuid"), refused("DMS.00400030"));
    assert_eq!(look(&format!("{iid}/topics/missing")), gone("DMS.10240401"));
    assert_eq!(look(&format!("{iid}/groups/missing")), gone("DMS.10240405"));
    assert_eq!(look(&format!("{iid}/users/missing")), refused("DMS.00500972"));
    assert_eq!(look(&format!("{iid}/metadata?id=missing&type=vhost")), refused("DMS.00405011"));
    assert_eq!(look(&format!("{iid}/nothing")), gone("DMS.00404001"));
    let wrong_method = service.delete(&format!("/v2/{{pid}}/instances/{iid}/topics"));
    assert_eq!(wrong_method.refusal(), (405, "DMS.00405001".to_owned()));
    assert_eq!(service.get("/v1/anything").refusal(), gone("DMS.00404001"));
}

/// The engine's segment has one right place per operation.
#[test]
fn path_forms() {
    let service = Service::start();
    let iid = service.running.store().dms().seed_instance(&InstanceSeed::new("parent").group("group"));
    for (path, status) in [
        ("/v2/{pid}/rocketmq/instances/{iid}/configs", 200),
        ("/v2/{pid}/instances/{iid}/configs", 404),
        ("/v2/rocketmq/{pid}/instances/{iid}/extend", 200),
        ("/v2/{pid}/rocketmq/instances/{iid}/extend", 200),
        ("/v2/{pid}/instances/{iid}/extend", 404),
        ("/v2/{pid}/rocketmq/{iid}/tags", 200),
        ("/v2/{pid}/rocketmq/tags", 200),
        ("/v2/{pid}/instances/{iid}/tags", 404),
        ("/v2/reliability/{pid}/instances/{iid}/groups/group/accesspolicy", 200),
        ("/v2/rocketmq/{pid}/instances/{iid}/groups/group/clients", 200),
        ("/v2/reliability/{pid}/instances/{iid}/topics", 404),
        ("/v2/available-zones", 200),
        ("/v2/{pid}/available-zones", 404),
        ("/v2/rocketmq/products", 200),
        ("/v2/{pid}/instances/{iid}/brokers", 200),
    ] {
        assert_eq!(service.get(&path.replace("{iid}", &iid)).status, status, "{path}");
    }
    for path in ["/v2/{pid}/instances", "/v2/reliability/{pid}/instances", "/v2/{pid}/rocketmq/instances"] {
        let answer = service.post(path, &instance(&format!("by-{}", path.len())));
        assert_eq!(answer.status, 200, "{path}");
        assert!(answer.header("x-request-id").is_some());
    }
}
