//! Data sources of MQTT, and rehearsals of its resources.

use std::collections::BTreeMap;

use queueform::emulator::mqtt::Identity;
use queueform::emulator::mqtt::InstanceSeed;
use queueform::emulator::mqtt::Memory;
use queueform::emulator::mqtt::Permission;
use queueform::plan::PlanOptions;
use queueform::schema::Registry;
use queueform::schema::ResourceKind;
use queueform::value::to_json;
use serde_json::Value;
use serde_json::json;

use super::mqtt::Course;
use super::mqtt::HANGZHOU;
use super::mqtt::SHANGHAI;
use crate::engine::listed;

async fn outputs(course: &mut Course, blocks: &str) -> BTreeMap<String, Value> {
    course.write(blocks);
    let planned = course.lab.plan().await;
    assert!(planned.is_applicable(), "{}", listed(&planned.plan.diagnostics));
    let outputs = planned.plan.outputs.iter();
    outputs
        .map(|(name, output)| (name.to_string(), to_json(output.after.as_ref().unwrap()).unwrap()))
        .collect()
}

fn permission(topic: &str, action: &str) -> Permission {
    Permission {
        kind: "USER".to_owned(),
        identity: "meters".to_owned(),
        topic: topic.to_owned(),
        action: action.to_owned(),
        effect: "ALLOW".to_owned(),
    }
}

#[tokio::test]
async fn everything_that_can_be_asked() {
    let mut course = Course::new();
    let mqtt = course.mqtt().clone();
    mqtt.seed_instance(&InstanceSeed::new(HANGZHOU).group("GID_meters").device("0815", "4711"));
    mqtt.edit_instance(HANGZHOU, |instance| {
        instance.tags.insert("stage".to_owned(), "test".to_owned());
    });
    for n in 0..120 {
        mqtt.put_permission(HANGZHOU, permission(&format!("meters/{n}"), "PUB"));
    }
    mqtt.put_identity(
        HANGZHOU,
        Identity {
            kind: "USER".to_owned(),
            username: "meters".to_owned(),
            client_id: String::new(),
            secret: "never shown".to_owned(),
            sign_mode: "SIGNED".to_owned(),
        },
    );
    assert!(mqtt.connect(HANGZHOU, "GID_meters@@@1", &["meters/#"]));
    let message = mqtt.publish(HANGZHOU, "GID_meters@@@1", "meters/1", "hello");
    let now = mqtt.now_ms();
    let here = format!("instance_id = \"{HANGZHOU}\"");
    let span = format!("begin = {}\n end = {}", now - 10_000, now + 10_000);
    let found = outputs(
        &mut course,
        &format!(
            r#"
            data "apsaramq_mqtt_instances" "all" {{}}
            data "apsaramq_mqtt_instances" "test" {{ tags = {{ stage = "test" }} }}
            data "apsaramq_mqtt_groups" "all" {{ {here} }}
            data "apsaramq_mqtt_custom_auth_identities" "all" {{ {here} }}
            data "apsaramq_mqtt_custom_auth_permissions" "all" {{ {here} }}
            data "apsaramq_mqtt_connect_blacklist" "all" {{ {here} }}
            data "apsaramq_mqtt_device_credentials" "all" {{
              {here}
              group_id = "GID_meters"
            }}
            data "apsaramq_mqtt_ca_certificates" "all" {{ {here} }}
            data "apsaramq_mqtt_device_certificates" "all" {{ {here} }}
            data "apsaramq_mqtt_device_certificate" "one" {{
              {here}
              ca_sn     = "0815"
              device_sn = "4711"
            }}
            data "apsaramq_mqtt_register_code" "one" {{ {here} }}
            data "apsaramq_mqtt_tags" "all" {{ resource_ids = ["{HANGZHOU}"] }}
            data "apsaramq_mqtt_session" "one" {{
              {here}
              client_id = "GID_meters@@@1"
            }}
            data "apsaramq_mqtt_sessions" "many" {{
              {here}
              client_ids = [for n in range(25) : "GID_meters@@@${{n}}"]
            }}
            data "apsaramq_mqtt_trace_device" "one" {{
              {here}
              client_id = "GID_meters@@@1"
              {span}
            }}
            data "apsaramq_mqtt_trace_client_messages" "one" {{
              {here}
              client_id = "GID_meters@@@1"
              {span}
            }}
            data "apsaramq_mqtt_trace_message" "one" {{
              {here}
              message_id = "{message}"
              {span}
            }}
            data "apsaramq_mqtt_token" "none" {{
              {here}
              token = "made-up"
            }}
            output "instances" {{ value = length(data.apsaramq_mqtt_instances.all.instances) }}
            output "test" {{ value = data.apsaramq_mqtt_instances.test.instances[*].instance_id }}
            output "groups" {{ value = data.apsaramq_mqtt_groups.all.group_ids }}
            output "identities" {{ value = data.apsaramq_mqtt_custom_auth_identities.all.identities }}
            output "permissions" {{ value = length(data.apsaramq_mqtt_custom_auth_permissions.all.permissions) }}
            output "blocked" {{ value = data.apsaramq_mqtt_connect_blacklist.all.client_ids }}
            output "keys" {{ value = data.apsaramq_mqtt_device_credentials.all.client_ids }}
            output "authorities" {{ value = data.apsaramq_mqtt_ca_certificates.all.certificates }}
            output "devices" {{ value = data.apsaramq_mqtt_device_certificates.all.certificates[*].device_sn }}
            output "device" {{ value = data.apsaramq_mqtt_device_certificate.one.active }}
            output "code" {{ value = length(nonsensitive(data.apsaramq_mqtt_register_code.one.register_code)) > 30 }}
            output "tags" {{ value = data.apsaramq_mqtt_tags.all.resources }}
            output "session" {{ value = data.apsaramq_mqtt_session.one.online }}
            output "online" {{ value = [for client, online in data.apsaramq_mqtt_sessions.many.online : client if online] }}
            output "connected" {{ value = data.apsaramq_mqtt_trace_device.one.events[*].action }}
            output "messages" {{ value = data.apsaramq_mqtt_trace_client_messages.one.events[*].action }}
            output "published" {{ value = data.apsaramq_mqtt_trace_message.one.published[*].action }}
            output "delivered" {{ value = data.apsaramq_mqtt_trace_message.one.delivered[*].client_id }}
            output "token" {{ value = data.apsaramq_mqtt_token.none.valid }}
            "#
        ),
    )
    .await;
    let wanted = json!({
        "instances": 3,
        "test": [HANGZHOU],
        "groups": ["GID_meters"],
        "identities": [{ "identity_type": "USER", "username": "meters", "client_id": "", "sign_mode": "SIGNED" }],
        "permissions": 120,
        "blocked": [],
        "keys": [],
        "authorities": [],
        "devices": ["4711"],
        "device": true,
        "code": true,
        "tags": { HANGZHOU: { "stage": "test" } },
        "session": true,
        "online": ["GID_meters@@@1"],
        "connected": ["connect"],
        "messages": ["pub_mqtt", "sub"],
        "published": ["pub_mqtt"],
        "delivered": ["GID_meters@@@1"],
        "token": false,
    });
    assert_eq!(json!(found), wanted);
}

#[tokio::test]
async fn instances_are_compared() {
    let mut course = Course::new();
    let mqtt = course.mqtt().clone();
    mqtt.seed_instance(&InstanceSeed::new(HANGZHOU).group("GID_meters").group("GID_here"));
    mqtt.seed_instance(
        &InstanceSeed::new(SHANGHAI).region("cn-shanghai").group("GID_meters").group("GID_there"),
    );
    mqtt.put_permission(HANGZHOU, permission("meters/#", "PUB"));
    mqtt.put_permission(SHANGHAI, permission("meters/#", "SUB"));
    let block = format!(
        r#"
        data "apsaramq_mqtt_parity" "fleet" {{
          baseline_instance_id = "{HANGZHOU}"
          instances            = {{ {SHANGHAI} = "cn-shanghai" }}
        }}
        output "missing" {{ value = data.apsaramq_mqtt_parity.fleet.missing }}
        output "extra" {{ value = data.apsaramq_mqtt_parity.fleet.extra }}
        output "different" {{ value = data.apsaramq_mqtt_parity.fleet.different }}
        output "equal" {{ value = data.apsaramq_mqtt_parity.fleet.equal }}
        "#
    );
    let found = outputs(&mut course, &block).await;
    let wanted = json!({
        "missing": { SHANGHAI: ["groups GID_here"] },
        "extra": { SHANGHAI: ["groups GID_there"] },
        "different": { SHANGHAI: ["permissions USER/meters/meters/#"] },
        "equal": false,
    });
    assert_eq!(json!(found), wanted);
    mqtt.seed_instance(&InstanceSeed::new(HANGZHOU));
    mqtt.seed_instance(&InstanceSeed::new(SHANGHAI).region("cn-shanghai"));
    assert_eq!(outputs(&mut course, &block).await["equal"], true);
}

#[tokio::test]
async fn the_keys_of_a_device_are_read_without_their_secret() {
    let mut course = Course::new();
    let made = format!(
        r#"
        resource "apsaramq_mqtt_group" "g" {{
          instance_id = "{HANGZHOU}"
          group_id    = "GID_meters"
        }}
        resource "apsaramq_mqtt_device_credential" "c" {{
          instance_id = apsaramq_mqtt_group.g.instance_id
          client_id   = "${{apsaramq_mqtt_group.g.group_id}}@@@1"
        }}
        "#
    );
    course.write(&made);
    course.apply_with(PlanOptions::normal()).await;
    let secret =
        course.mqtt().member(HANGZHOU).unwrap().credentials["GID_meters@@@1"].access_key_secret.clone();
    let read = format!(
        r#"{made}
        data "apsaramq_mqtt_device_credential" "c" {{
          instance_id = "{HANGZHOU}"
          client_id   = "GID_meters@@@1"
        }}
        output "key" {{ value = data.apsaramq_mqtt_device_credential.c.access_key_id }}
        "#
    );
    let found = outputs(&mut course, &read).await;
    assert!(found["key"].as_str().unwrap().starts_with("DC."));
    course.apply_with(PlanOptions::normal()).await;
    // Neither the state nor the journal has the secret.
    let mut files = Vec::new();
    texts(course.lab.path(), &mut files);
    assert!(!files.is_empty() && files.iter().all(|text| !text.contains(&secret)));
}

/// Everything that stands in the files below a directory.
fn texts(directory: &std::path::Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            texts(&path, found);
        } else {
            found.push(String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned());
        }
    }
}

/// The examples of a kind, by type.
fn examples(kind: ResourceKind) -> Vec<(String, String)> {
    let registry = Registry::embedded();
    let names = registry.type_names(kind).filter(|name| name.starts_with("apsaramq_mqtt_"));
    names.map(|name| (name.to_string(), registry.resource(kind, name).unwrap().example.to_string())).collect()
}

/// The variables that examples use.
fn variables() -> String {
    ["meters_secret", "certificates", "guest_token"]
        .iter()
        .map(|name| format!("variable \"{name}\" {{\n  default = \"a.example.com#1-cn\"\n}}\n"))
        .collect()
}

#[tokio::test]
async fn every_example_of_a_resource_is_applied_and_destroyed() {
    let mut course = Course::new();
    for (from, to) in [("authority-one", "authority"), ("proof", "proof-hangzhou")] {
        let from = format!("{}/tests/fixtures/certificates/{from}.pem", env!("CARGO_MANIFEST_DIR"));
        std::fs::copy(from, course.lab.path().join(format!("{to}.pem"))).unwrap();
    }
    let authority = std::fs::read_to_string(course.lab.path().join("authority.pem")).unwrap();
    let sn = queueform::emulator::mqtt::Handle::serial_number(&authority).unwrap();
    course.mqtt().put_device(HANGZHOU, &sn, "0815");
    let all = examples(ResourceKind::Managed);
    assert_eq!(all.len(), 10);
    let text: String = all.iter().map(|(_, example)| format!("{example}\n")).collect();
    course.write(&format!("{}{text}", variables()));
    course.apply_with(PlanOptions::normal()).await;
    course.lab.settled().await;
    for (name, _) in &all {
        let state = course.lab.state();
        assert!(state.objects().any(|(addr, ..)| addr.to_string().contains(&**name)), "{name}");
    }
    course.apply_with(PlanOptions::destroy()).await;
    assert!(course.lab.state().is_empty());
    assert_eq!(course.mqtt().count(), 0);
}

#[tokio::test]
async fn every_example_of_a_data_source_is_read() {
    let mut course = Course::new();
    let mqtt = course.mqtt().clone();
    mqtt.seed_instance(&InstanceSeed::new(HANGZHOU).group("GID_meters").device("00f26900ba87", "0815"));
    mqtt.adopt(&[
        Memory::CaCertificate(json!({ "instance_id": HANGZHOU, "sn": "00f26900ba87", "name": "fleet" })),
        Memory::Credential(json!({ "instance_id": HANGZHOU, "client_id": "GID_meters@@@0815" })),
    ])
    .unwrap();
    let all = examples(ResourceKind::Data);
    assert!(all.len() >= 20, "{}", all.len());
    for (name, example) in all {
        course.write(&format!("{}{example}\n", variables()));
        let planned = course.lab.plan().await;
        assert!(planned.is_applicable(), "{name}: {}", listed(&planned.plan.diagnostics));
    }
}
