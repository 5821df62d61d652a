//! What services and engines say back, and secrets that they make.

#![expect(clippy::indexing_slicing, reason = "lengths are within their buffers")]

use std::io::Read;
use std::io::Write;
use std::net::TcpListener;
use std::time::Duration;

use crate::support::Place;

use super::canary;
use super::needles::Needles;
use super::run;

/// Answers every request with the request itself, in an error of the vendor's form.
fn echo() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            stream.set_read_timeout(Some(Duration::from_secs(5))).ok();
            let mut request = Vec::new();
            let mut part = [0; 4096];
            while let Ok(length) = stream.read(&mut part) {
                request.extend_from_slice(&part[..length]);
                let text = String::from_utf8_lossy(&request);
                let Some((head, body)) = text.split_once("\r\n\r\n") else {
                    if length == 0 {
                        break;
                    }
                    continue;
                };
                let length = head.lines().find_map(|line| {
                    line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok()
                });
                if body.len() >= length.unwrap_or(0) {
                    break;
                }
            }
            let message = String::from_utf8_lossy(&request).replace("\r\n", " ");
            let body = serde_json::json!({ "error_code": "DMS.00400000", "error_msg": message, "message": message, "code": message }).to_string();
            let answer = format!(
                "HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            );
            stream.write_all(answer.as_bytes()).ok();
        }
    });
    format!("http://{address}")
}

#[test]
fn services_that_echo_requests_tell_nothing() {
    let url = echo();
    let configuration = |more: &str| {
        format!(
            r#"
provider "dms" {{
  cloud      = "sbercloud"
  region     = "ru-moscow-1"
  endpoint   = "{url}"
  auth_url   = "{url}"
  {more}
}}
variable "password" {{
  type      = string
  sensitive = true
}}
resource "dms_rocketmq_user" "app" {{
  instance_id        = "11111111-2222-3333-4444-555555555555"
  access_key         = "application"
  secret_key         = var.password
  secret_key_version = 1
}}
"#
        )
    };
    let program = "credential_command = [\"/bin/sh\", \"-c\", \"read x < credentials.json; echo $x\"]";
    let secrets = ["keys", "security", "password", "token", "program", "literal", "object"].map(canary);
    let mut needles = Needles::of(&secrets.each_ref().map(String::as_str));
    let password = ("QF_VAR_password", canary("object"));
    let keys = vec![
        ("SBC_ACCESS_KEY", "AKIDEXAMPLE".to_owned()),
        ("SBC_SECRET_KEY", canary("keys")),
        ("SBC_SECURITY_TOKEN", canary("security")),
        ("SBC_PROJECT_ID", "0123456789abcdef0123456789abcdef".to_owned()),
        password.clone(),
    ];
    let place =
        Place::with(&[("main.qf.hcl", &configuration("project_id = \"0123456789abcdef0123456789abcdef\""))]);
    place.write(
        "credentials.json",
        &format!("{{\"access_key\":\"AKID\",\"secret_key\":\"{}\"}}", canary("program")),
    );
    for arguments in [&["plan"][..], &["plan", "--json"], &["apply", "--auto-approve"]] {
        let output = run(&place, &mut needles, &keys, arguments);
        assert_eq!(output.status, Some(1), "{output}");
    }
    for (more, environment) in [
        (
            "project_id = \"0123456789abcdef0123456789abcdef\"\n  credential_command = [\"/bin/sh\", \"-c\", \"read x < credentials.json; echo $x; echo $x 1>&2; exit 3\"]",
            vec![password.clone()],
        ),
        (program, vec![password.clone()]),
        (
            "",
            vec![
                ("OS_TOKEN", canary("token")),
                ("OS_AUTH_TOKEN", canary("token")),
                ("SBC_TOKEN", canary("token")),
                password.clone(),
            ],
        ),
        (
            "access_key = \"AKID\"\n  secret_key = \"Canary-literal-7Gk2\"\n  project_id = \"0123456789abcdef0123456789abcdef\"",
            vec![password.clone()],
        ),
        (
            "user_name = \"me\"\n  domain_name = \"us\"\n  password = var.password",
            vec![("QF_VAR_password", canary("password"))],
        ),
    ] {
        place.write("main.qf.hcl", &configuration(more));
        let output = run(&place, &mut needles, &environment, &["plan"]);
        assert_eq!(output.status, Some(1), "{output}");
        assert_eq!(output.stderr.contains("warning[literal-secret]"), more.contains("literal"), "{output}");
    }
    needles.search_files("echoes", &place, &["main.qf.hcl", "credentials.json"]);
}

/// Passwords of engines, given in each way; and what a lock and a state elsewhere tell about them.
#[test]
fn engines_and_their_passwords_show_nothing() {
    let secrets = ["option", "environment", "block", "address", "other"].map(canary);
    let mut needles = Needles::of(&secrets.each_ref().map(String::as_str));
    let http = |more: &str| {
        format!(
            "queueform {{\n  backend \"http\" {{\n    address = \"http://127.0.0.1:1/state\"\n    username = \"me\"\n{more}  }}\n}}\n"
        )
    };
    let reading = format!(
        "data \"queueform_remote_state\" \"other\" {{\n  backend = \"http\"\n  config = {{\n    address = \"http://127.0.0.1:1/other\"\n    username = \"me\"\n    password = \"{}\"\n  }}\n}}\n",
        canary("other")
    );
    let pg = format!(
        "queueform {{\n  backend \"pg\" {{\n    conn_str = \"postgres://me:{}@127.0.0.1:1/states?connect_timeout=1\"\n  }}\n}}\n",
        canary("address")
    );
    let block = http(&format!("    password = \"{}\"\n", canary("block")));
    let place = Place::with(&[("main.qf.hcl", &http(""))]);
    let option = format!("--backend-config=password={}", canary("option"));
    let by_environment = [("QF_HTTP_PASSWORD", canary("environment"))];
    for (text, environment, init) in [
        (http(""), &[][..], vec!["init", option.as_str()]),
        (http(""), &by_environment, vec!["init", "--reconfigure"]),
        (block, &[], vec!["init", "--reconfigure"]),
        (pg, &[], vec!["init", "--reconfigure"]),
        (reading, &[], vec!["init", "--reconfigure"]),
    ] {
        place.write("main.qf.hcl", &text);
        for arguments in [&init[..], &["plan", "--json"], &["apply", "--auto-approve"], &["lock", "show"]] {
            let output = run(&place, &mut needles, environment, arguments);
            assert!(output.status.is_some_and(|status| status <= 1), "{arguments:?}: {output}");
        }
        needles.search_files("an engine", &place, &["main.qf.hcl"]);
    }
}

/// The key of a device, which the service makes and reads again: known to expressions, and to be seen nowhere.
#[test]
fn secrets_that_services_make_show_nothing() {
    let configuration = |more: &str| {
        format!(
            r#"
provider "apsaramq" {{
  region = "cn-hangzhou"
}}
resource "apsaramq_mqtt_group" "meters" {{
  instance_id = "mqtt-cn-demohangzhou"
  group_id    = "GID_meters"
}}
resource "apsaramq_mqtt_device_credential" "meter" {{
  instance_id = apsaramq_mqtt_group.meters.instance_id
  client_id   = "${{apsaramq_mqtt_group.meters.group_id}}@@@0815"
}}
resource "queueform_data" "copy" {{
  input = {{
    line = "key=${{apsaramq_mqtt_device_credential.meter.access_key_secret}}{more}"
    json = jsonencode({{ key = apsaramq_mqtt_device_credential.meter.access_key_secret }})
  }}
}}
output "key" {{
  value     = apsaramq_mqtt_device_credential.meter.access_key_secret
  sensitive = true
}}
"#
        )
    };
    let place = Place::with(&[("main.qf.hcl", &configuration(""))]);
    let mut nothing = Needles::of(&[]);
    let made = run(&place, &mut nothing, &[], &["apply", "--emulate", "--auto-approve", "--json"]).ended(0);
    let held = place.read(".queueform/emulator/data/apsaramq-mqtt.log");
    let secret =
        held.split("\"access_key_secret\":\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    assert!(secret.len() > 10, "{secret}");
    let mut needles = Needles::of(&[secret]);
    needles.search_output("making it", &made);
    place.write("main.qf.hcl", &configuration("!"));
    for arguments in [
        &["plan", "--emulate", "--detail=full", "--out=saved.plan"][..],
        &["show", "saved.plan", "--json"],
        &["apply", "--emulate", "saved.plan"],
        &["plan", "--emulate", "--json"],
        &["plan", "explain", "--emulate", "queueform_data.copy"],
        &["drift", "--emulate", "--json"],
        &["show", "--emulate", "--json"],
        &["state", "pull", "--emulate"],
        &["state", "log", "--emulate", "--json"],
        &["output", "--emulate", "--json"],
        &["undo", "--emulate", "--out=undo.plan"],
        &["adopt", "--emulate", "apsaramq_mqtt_group", "--dir=adopted", "--all"],
        &["destroy", "--emulate", "--auto-approve"],
    ] {
        let output = run(&place, &mut needles, &[], arguments);
        assert!(output.status.is_some(), "{arguments:?}: {output}");
        if arguments[0] != "adopt" && arguments[0] != "undo" {
            assert_eq!(output.status, Some(0), "{arguments:?}: {output}");
        }
    }
    needles.search_files("the last command", &place, &[]);
}
