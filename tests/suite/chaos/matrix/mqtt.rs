//! `ApsaraMQ` for MQTT: groups, identities, permissions and keys of devices beside what others have.

use queueform::emulator::System;
use queueform::emulator::mqtt::Identity;
use queueform::emulator::mqtt::InstanceSeed;

use crate::engine::Lab;

use super::course::Course;
use super::course::Objects;
use super::course::Stage;
use super::table::Kind;
use super::table::Spot;
use super::table::at;
use super::table::none;

const MAIN: &str = "mqtt-cn-demohangzhou";

pub(super) const COURSE: Course =
    Course { name: "mqtt", system: System::ApsaramqMqtt, prepare, stages, objects, spot, counts: false };

fn prepare(lab: &Lab) {
    let mqtt = lab.emulator.store().mqtt();
    mqtt.seed_instance(&InstanceSeed::new(MAIN).topic("meters").group("GID_foreign"));
    let foreign = Identity {
        kind: "USER".to_owned(),
        username: "foreign".to_owned(),
        client_id: String::new(),
        secret: "foreign".to_owned(),
        sign_mode: "ORIGIN".to_owned(),
    };
    mqtt.put_identity(MAIN, foreign);
}

fn estate(permit: &str, secret: u32, tag: &str) -> String {
    format!(
        r#"
        provider "apsaramq" {{
          region = "cn-hangzhou"
        }}
        resource "apsaramq_mqtt_group" "g" {{
          instance_id = "{MAIN}"
          group_id    = "GID_meters"
        }}
        resource "apsaramq_mqtt_custom_auth_identity" "u" {{
          instance_id    = "{MAIN}"
          identity_type  = "USER"
          username       = "meters"
          secret         = "s3cret-{secret}"
          secret_version = {secret}
          sign_mode      = "ORIGIN"
        }}
        resource "apsaramq_mqtt_custom_auth_permission" "p" {{
          instance_id   = "{MAIN}"
          identity_type = "USER"
          identity      = apsaramq_mqtt_custom_auth_identity.u.username
          topic         = "meters/+/#"
          permit_action = "{permit}"
          effect        = "ALLOW"
        }}
        resource "apsaramq_mqtt_connect_blacklist_entry" "b" {{
          instance_id = "{MAIN}"
          client_id   = "GID_meters@@@bad"
        }}
        resource "apsaramq_mqtt_device_credential" "c" {{
          instance_id    = apsaramq_mqtt_group.g.instance_id
          client_id      = "${{apsaramq_mqtt_group.g.group_id}}@@@1"
          rotate_trigger = "1"
        }}
        resource "apsaramq_mqtt_instance_tags" "t" {{
          instance_id = "{MAIN}"
          tags        = {{ a = "{tag}", {tag} = "b" }}
        }}
        "#
    )
}

fn extra() -> String {
    format!(
        r#"
        resource "apsaramq_mqtt_group" "extra" {{
          instance_id = "{MAIN}"
          group_id    = "GID_extra"
        }}
        "#
    )
}

fn send() -> String {
    format!(
        r#"
        action "apsaramq_mqtt_send_message" "x" {{
          config {{
            instance_id = "{MAIN}"
            topic       = "meters/all"
            payload     = "hello"
          }}
        }}
        "#
    )
}

fn stages() -> Vec<Stage> {
    let changed = estate("PUB_SUB", 2, "two");
    vec![
        Stage::apply(format!("{}{}", estate("PUB", 1, "one"), extra())),
        Stage::apply(changed.clone()),
        Stage::invoke(format!("{changed}{}", send()), "action.apsaramq_mqtt_send_message.x"),
    ]
}

fn spot(kind: Kind) -> Spot {
    match kind {
        Kind::Create => at(0, "", "/CreateGroupId$"),
        Kind::Job | Kind::Grow => none("nothing of this system runs as a job"),
        Kind::LaterStep => none("every object is made by one call"),
        Kind::Read => at(1, "", "/ListTagResources$"),
        Kind::ListPage => at(1, "", "/QueryCustomAuthPermission$"),
        Kind::Update => at(1, "", "/UpdateCustomAuthPermission$"),
        Kind::Delete => at(1, "", "/DeleteGroupId$"),
        Kind::Wait => none("nothing of this system is waited for"),
        Kind::Guard => at(1, "", "/ListDeviceCredentialClientId$"),
        Kind::Lookup => none("only disaster recovery looks anything up"),
        Kind::Action => at(2, "", "/SendMessage$"),
        Kind::Verify => none("no action of this system says what must hold afterwards"),
        Kind::ReadBack => at(0, "", "/ListGroupId$").since("/CreateGroupId$"),
    }
}

fn objects(lab: &Lab) -> Objects {
    let mut found = Objects::new();
    for member in lab.emulator.store().mqtt().members() {
        let place = member.instance.id.clone();
        found.insert(place.clone(), format!("{:?}", member.instance.tags));
        for group in member.groups.values() {
            found.insert(format!("{place}/group/{}", group.id), format!("{:?}", group.tags));
        }
        for identity in member.identities.values() {
            let name =
                format!("{place}/identity/{}/{}/{}", identity.kind, identity.username, identity.client_id);
            found.insert(name, format!("{} {}", identity.secret, identity.sign_mode));
        }
        for one in member.permissions.values() {
            let name = format!("{place}/permission/{}/{}/{}", one.kind, one.identity, one.topic);
            found.insert(name, format!("{} {}", one.action, one.effect));
        }
        for client in &member.blacklist {
            found.insert(format!("{place}/blacklist/{client:?}"), String::new());
        }
        for client in member.credentials.keys() {
            found.insert(format!("{place}/credential/{client}"), String::new());
        }
    }
    found
}
