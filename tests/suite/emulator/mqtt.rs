//! The emulator of MQTT over HTTP, signed in the older RPC form.

#![expect(clippy::indexing_slicing, reason = "a test that meets the unexpected should stop at once")]

use std::io;
use std::path::Path;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

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
use queueform::emulator::mqtt::Convention;
use queueform::emulator::mqtt::Handle;
use queueform::emulator::mqtt::InstanceSeed;
use queueform::emulator::mqtt::Repeated;
use queueform::emulator::mqtt::SecretEcho;
use serde_json::Value;
use serde_json::json;
use sha1::Sha1;

use super::client::Answer;
use super::client::raw;

const HANGZHOU: &str = "mqtt-cn-demohangzhou";
const SHANGHAI: &str = "mqtt-cn-demoshanghai";

struct Mqtt {
    running: Running,
}

fn percent(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

fn joined(pairs: &[(String, String)]) -> String {
    pairs
        .iter()
        .map(|(key, value)| format!("{}={}", percent(key), percent(value)))
        .collect::<Vec<_>>()
        .join("&")
}

impl Mqtt {
    fn start() -> Self {
        Self::with(Options::default())
    }

    fn with(options: Options) -> Self {
        let options = Options { systems: vec![System::ApsaramqMqtt], ..options };
        Self { running: Emulator::spawn(options).unwrap() }
    }

    fn store(&self) -> &Handle {
        self.running.store().mqtt()
    }

    fn try_call(&self, action: &str, params: &[(&str, &str)]) -> io::Result<Answer> {
        static NONCE: AtomicU64 = AtomicU64::new(0);
        let mut pairs: Vec<(String, String)> = [
            ("Action", action),
            ("Version", "2020-04-20"),
            ("Format", "json"),
            ("AccessKeyId", DEMO_ACCESS_KEY),
            ("SignatureMethod", "HMAC-SHA1"),
            ("SignatureVersion", "1.0"),
        ]
        .iter()
        .chain(params)
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect();
        let now = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        pairs.push(("Timestamp".to_owned(), now));
        pairs.push(("SignatureNonce".to_owned(), NONCE.fetch_add(1, Ordering::Relaxed).to_string()));
        pairs.sort();
        let text = format!("POST&%2F&{}", percent(&joined(&pairs)));
        let mut mac = Hmac::<Sha1>::new_from_slice(format!("{DEMO_SECRET_KEY}&").as_bytes()).unwrap();
        mac.update(text.as_bytes());
        let signature = base64::engine::general_purpose::STANDARD.encode(mac.finalize().into_bytes());
        pairs.push(("Signature".to_owned(), signature));
        raw(self.running.endpoint(System::ApsaramqMqtt), "POST", &format!("/?{}", joined(&pairs)), &[], b"")
    }

    /// A call that succeeds.
    fn call(&self, action: &str, params: &[(&str, &str)]) -> Value {
        let answer = self.try_call(action, params).unwrap();
        assert_eq!(answer.status, 200, "{action} {params:?}: {}", String::from_utf8_lossy(&answer.body));
        answer.json()
    }

    /// The code of a call that is refused.
    fn refusal(&self, action: &str, params: &[(&str, &str)]) -> (u16, String) {
        let answer = self.try_call(action, params).unwrap();
        (answer.status, answer.json()["Code"].as_str().unwrap_or("none").to_owned())
    }

    fn control(&self, method: &str, path: &str, body: &Value) -> Answer {
        let url = self.running.endpoint(System::ApsaramqMqtt);
        raw(url, method, &format!("/_emulator{path}"), &[], body.to_string().as_bytes()).unwrap()
    }
}

fn switch<'a>(by: &'a str, name: &'a str, target: &'a str) -> [(&'a str, &'a str); 2] {
    [("InstanceId", by), (name, target)]
}

#[test]
fn groups_have_the_vendors_spelling_and_bill() {
    let mqtt = Mqtt::start();
    let group = [("InstanceId", HANGZHOU), ("GroupId", "GID_abc")];
    assert!(mqtt.call("CreateGroupId", &group)["RequestId"].is_string());
    assert_eq!(mqtt.refusal("CreateGroupId", &group), (400, "GroupIdAlreadyExsited".to_owned()));
    for bad in ["GID_", "gid_abcd", "GID_ä", "GID_a bc", &format!("GID_{}", "x".repeat(61))] {
        let (status, code) = mqtt.refusal("CreateGroupId", &[("InstanceId", HANGZHOU), ("GroupId", bad)]);
        assert_eq!((status, code.as_str()), (400, "ParameterCheckFailed"), "{bad}");
    }
    assert_eq!(mqtt.call("ListGroupId", &[("InstanceId", HANGZHOU)])["Data"][0]["GroupId"], "GID_abc");
    assert_eq!(mqtt.call("ListGroupId", &[("InstanceId", SHANGHAI)])["Data"], json!([]));
    mqtt.call("DeleteGroupId", &group);
    assert_eq!(mqtt.refusal("DeleteGroupId", &group), (400, "PermissionCheckFailed".to_owned()));
    assert_eq!(mqtt.store().billed(), 4);
}

#[test]
fn unknown_operations_versions_and_instances_are_refused() {
    let mqtt = Mqtt::start();
    assert_eq!(mqtt.refusal("CreateInstance", &[]), (404, "ApiNotSupport".to_owned()));
    let foreign = InstanceSeed::new("mqtt-cn-foreign").foreign();
    mqtt.store().seed_instance(&foreign);
    for iid in ["mqtt-cn-foreign", "mqtt-cn-nothing"] {
        assert_eq!(
            mqtt.refusal("ListGroupId", &[("InstanceId", iid)]),
            (400, "InstancePermissionCheckFailed".to_owned())
        );
    }
    assert_eq!(mqtt.refusal("ListGroupId", &[]), (400, "InvalidParameter.InstanceId".to_owned()));
    let listed = mqtt.call("ListInstances", &[]);
    assert_eq!((&listed["Code"], &listed["Success"]), (&json!("200"), &json!("true")));
    assert_eq!(listed["Instances"].as_array().unwrap().len(), 3);
}

#[test]
fn instances_answer_at_the_endpoint_of_their_region() {
    let mqtt = Mqtt::start();
    let (status, code) =
        mqtt.refusal("ListGroupId", &[("InstanceId", HANGZHOU), ("RegionId", "cn-shanghai")]);
    assert_eq!((status, code.as_str()), (400, "InstancePermissionCheckFailed"));
    mqtt.call("ListGroupId", &[("InstanceId", HANGZHOU), ("RegionId", "cn-hangzhou")]);
    mqtt.store().set_outage("cn-hangzhou", true);
    let lost = mqtt.try_call("ListGroupId", &[("InstanceId", HANGZHOU), ("RegionId", "cn-hangzhou")]);
    assert!(lost.is_err(), "{lost:?}");
    // The rest of the world goes on, and can take the lost instance out.
    let by = [("InstanceId", SHANGHAI), ("DowngradeInstanceId", HANGZHOU), ("RegionId", "cn-shanghai")];
    assert_eq!(mqtt.call("DisasterDowngrade", &by)["Success"], true);
    mqtt.store().set_outage("cn-hangzhou", false);
    mqtt.call("ListGroupId", &[("InstanceId", HANGZHOU), ("RegionId", "cn-hangzhou")]);
}

#[test]
fn a_switch_moves_names_and_only_names() {
    let mqtt = Mqtt::start();
    let store = mqtt.store();
    let name = format!("{HANGZHOU}.mqtt.aliyuncs.com");
    let addresses = |domain: &str| store.resolve(domain).unwrap()["addresses"].clone();
    store.seed_instance(&InstanceSeed::new(SHANGHAI).region("cn-shanghai").group("GID_abc"));
    mqtt.call("CreateGroupId", &[("InstanceId", HANGZHOU), ("GroupId", "GID_abc")]);
    assert!(store.connect(HANGZHOU, "GID_abc@@@1", &[]));
    let (home, there) = (addresses(&name), addresses(&format!("{SHANGHAI}.mqtt.aliyuncs.com")));
    assert_eq!(addresses("demo.mqtt-dr.aliyuncs.com").as_array().unwrap().len(), 3);

    mqtt.call("DisasterDowngrade", &switch(SHANGHAI, "DowngradeInstanceId", HANGZHOU));
    assert_eq!(store.downgraded(), [HANGZHOU]);
    assert_eq!(addresses(&name), there);
    assert_eq!(store.resolve(&name).unwrap()["before"], home);
    assert_eq!(addresses("demo.mqtt-dr.aliyuncs.com").as_array().unwrap().len(), 2);
    // Whoever is connected stays; whoever asks anew arrives at the other one.
    let online =
        mqtt.call("QuerySessionByClientId", &[("InstanceId", HANGZHOU), ("ClientId", "GID_abc@@@1")]);
    assert_eq!(online["OnlineStatus"], true);
    let body = json!({ "domain": name, "client_id": "GID_abc@@@2" });
    assert_eq!(mqtt.control("POST", "/devices", &body).json()["instance_id"], SHANGHAI);
    assert!(store.resolve(&name).unwrap()["ttl_left_ms"].as_i64().unwrap() > 0);
    mqtt.control("POST", "/clock/advance", &json!({ "seconds": 600 }));
    assert_eq!(store.resolve(&name).unwrap()["ttl_left_ms"], 0);

    mqtt.call("DisasterRecovery", &switch(SHANGHAI, "RecoveryInstanceId", HANGZHOU));
    assert_eq!((store.downgraded().len(), addresses(&name)), (0, home));
}

#[test]
fn switches_are_as_strict_as_they_are_set() {
    let mqtt = Mqtt::start();
    let down = |by: &str| mqtt.refusal("DisasterDowngrade", &switch(by, "DowngradeInstanceId", HANGZHOU)).1;
    mqtt.store().set(|settings| settings.convention = Convention::SelfOnly);
    assert_eq!(down(SHANGHAI), "InvalidParameter.InstanceId");
    mqtt.store().set(|settings| settings.convention = Convention::Takeover);
    assert_eq!(down(HANGZHOU), "InvalidParameter.InstanceId");
    mqtt.store().set(|settings| settings.convention = Convention::Primary);
    assert_eq!(down(SHANGHAI), "InvalidParameter.InstanceId");
    assert_eq!(down(HANGZHOU), "none");
    mqtt.store().set(|settings| {
        settings.convention = Convention::Any;
        settings.repeated_switch = Repeated::Error;
        settings.refuse_last_active = true;
    });
    assert_eq!(down(SHANGHAI), "ParameterCheckFailed");
    mqtt.call("DisasterDowngrade", &switch(SHANGHAI, "DowngradeInstanceId", "mqtt-cn-demobeijing"));
    let last = mqtt.refusal("DisasterDowngrade", &switch(HANGZHOU, "DowngradeInstanceId", SHANGHAI));
    assert_eq!(last.1, "ParameterCheckFailed");
    for seed in
        [InstanceSeed::new("mqtt-cn-small").kind(4), InstanceSeed::new("mqtt-cn-noticket").without_recovery()]
    {
        mqtt.store().seed_instance(&seed);
        let refused = mqtt.refusal("DisasterDowngrade", &switch(SHANGHAI, "DowngradeInstanceId", seed.id()));
        assert_eq!(refused, (404, "ApiNotSupport".to_owned()));
    }
}

#[test]
fn inspection_switches_by_itself() {
    let mqtt = Mqtt::start();
    mqtt.store().set_outage("cn-shanghai", true);
    assert!(mqtt.store().downgraded().is_empty());
    assert_eq!(mqtt.control("POST", "/inspection", &json!({})).json()["switched"], json!([SHANGHAI]));
    mqtt.store().set(|settings| settings.automatic_inspection = true);
    mqtt.store().set_outage("cn-hangzhou", true);
    assert_eq!(mqtt.store().downgraded(), [HANGZHOU, SHANGHAI]);
    // It never puts anything back.
    mqtt.store().set_outage("cn-hangzhou", false);
    assert!(mqtt.store().inspect().is_empty());
    assert_eq!(mqtt.store().downgraded().len(), 2);
}

#[test]
fn secrets_and_failures_show_themselves_as_set() {
    let mqtt = Mqtt::start();
    let identity = [
        ("InstanceId", HANGZHOU),
        ("IdentityType", "USER"),
        ("Username", "u"),
        ("Secret", "s3cret"),
        ("SignMode", "ORIGIN"),
    ];
    mqtt.call("AddCustomAuthIdentity", &identity);
    let secret = || {
        let query = [("InstanceId", HANGZHOU), ("Size", "100")];
        mqtt.call("QueryCustomAuthIdentity", &query)["Data"]["Results"][0]["Secret"].clone()
    };
    assert_eq!(secret(), "s3cret");
    mqtt.store().set(|settings| settings.secret_echo = SecretEcho::Hashed);
    assert_eq!(secret().as_str().unwrap().len(), 64);
    mqtt.store().set(|settings| settings.secret_echo = SecretEcho::Absent);
    assert_eq!(secret(), Value::Null);
    mqtt.store().set(|settings| {
        settings.soft_failures = true;
        settings.custom_auth_capacity = 1;
    });
    let soft = mqtt.call("AddCustomAuthIdentity", &identity);
    assert_eq!((&soft["Code"], &soft["Success"]), (&json!(400), &json!(false)));
    let other = identity.map(|(key, value)| (key, if key == "Username" { "v" } else { value }));
    assert!(
        mqtt.call("AddCustomAuthIdentity", &other)["Message"]
            .as_str()
            .unwrap()
            .starts_with("Customauth.over.capacity")
    );
    // What was refused changed nothing.
    assert_eq!(mqtt.store().member(HANGZHOU).unwrap().identities.len(), 1);
}

#[test]
fn permissions_may_need_their_parent_topic() {
    let mqtt = Mqtt::start();
    mqtt.store().set(|settings| settings.check_parent_topics = true);
    mqtt.store().seed_instance(&InstanceSeed::new(HANGZHOU).topic("meters"));
    let permission = |topic: &'static str| {
        [
            ("InstanceId", HANGZHOU),
            ("IdentityType", "USER"),
            ("Identity", "u"),
            ("Topic", topic),
            ("PermitAction", "PUB"),
            ("Effect", "ALLOW"),
        ]
    };
    mqtt.call("AddCustomAuthPermission", &permission("meters/#"));
    assert_eq!(mqtt.refusal("AddCustomAuthPermission", &permission("other/#")).1, "PermissionCheckFailed");
}

#[test]
fn everything_is_there_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let start = |dir: &Path| Mqtt::with(Options { data_dir: Some(dir.to_path_buf()), ..Options::default() });
    let mqtt = start(dir.path());
    mqtt.call("CreateGroupId", &[("InstanceId", HANGZHOU), ("GroupId", "GID_abc")]);
    mqtt.call("RegisterDeviceCredential", &[("InstanceId", HANGZHOU), ("ClientId", "GID_abc@@@1")]);
    mqtt.call("AddCustomAuthConnectBlack", &[("InstanceId", HANGZHOU), ("ClientId", "GID_abc@@@2")]);
    mqtt.call("SendMessage", &[("InstanceId", HANGZHOU), ("MqttTopic", "a/b"), ("Payload", "x")]);
    mqtt.call("DisasterDowngrade", &switch(SHANGHAI, "DowngradeInstanceId", HANGZHOU));
    assert!(mqtt.store().connect(HANGZHOU, "GID_abc@@@1", &["a/#"]));
    assert!(!mqtt.store().connect(HANGZHOU, "GID_abc@@@2", &[]));
    let before = mqtt.store().members();
    drop(mqtt);
    let mqtt = start(dir.path());
    assert_eq!(mqtt.store().members(), before);
    assert_eq!(mqtt.store().downgraded(), [HANGZHOU]);
    mqtt.control("POST", "/reset", &json!({}));
    assert_eq!((mqtt.store().count(), mqtt.store().members().len()), (0, 3));
}

#[test]
fn faults_hit_operations_by_name() {
    let mqtt = Mqtt::start();
    let rule = |fault| FaultRule {
        path: Some("/CreateGroupId".to_owned()),
        times: Some(1),
        ..FaultRule::new(fault)
    };
    let group = [("InstanceId", HANGZHOU), ("GroupId", "GID_abc")];
    mqtt.running.store().add_fault(System::ApsaramqMqtt, rule(Fault::Throttle));
    mqtt.call("ListInstances", &[]);
    assert_eq!(mqtt.refusal("CreateGroupId", &group), (403, "SystemOverFlow".to_owned()));
    mqtt.running.store().add_fault(System::ApsaramqMqtt, rule(Fault::DropAfterCommit));
    assert!(mqtt.try_call("CreateGroupId", &group).is_err());
    assert_eq!(mqtt.store().member(HANGZHOU).unwrap().groups.len(), 1);
    let calls = mqtt.running.store().calls(System::ApsaramqMqtt);
    let told: Vec<(&str, bool)> = calls.iter().map(|call| (call.path.as_str(), call.mutating)).collect();
    assert_eq!(told, [("/ListInstances", false), ("/CreateGroupId", true), ("/CreateGroupId", true)]);
    assert_eq!(mqtt.running.store().creates(System::ApsaramqMqtt).len(), 1);
}

#[test]
fn instances_can_be_imagined() {
    let mqtt = Mqtt::with(Options { open_instances: true, ..Options::default() });
    let region = ("RegionId", "eu-central-1");
    mqtt.call("ListGroupId", &[("InstanceId", "post-cn-mine0001"), region]);
    assert_eq!(mqtt.store().member("post-cn-mine0001").unwrap().instance.region, "eu-central-1");
    assert_eq!(
        mqtt.refusal("ListGroupId", &[("InstanceId", "mine"), region]).1,
        "InstancePermissionCheckFailed"
    );
}
