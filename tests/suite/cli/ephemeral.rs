//! Ephemeral resources: opened, given to write-only attributes and providers, closed, and stored nowhere.

use std::fs;
use std::path::Path;

use crate::support::Place;

/// Asserts that a text stands in no file of a directory.
fn is_nowhere(text: &str, directory: &Path) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = fs::read(&path).unwrap();
            assert!(!String::from_utf8_lossy(&bytes).contains(text), "{} holds the secret", path.display());
        }
    }
}

/// Everything that the emulator of a directory keeps.
fn emulated(directory: &Path) -> String {
    let mut text = String::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            text += &emulated(&path);
        } else {
            text += &String::from_utf8_lossy(&fs::read(&path).unwrap());
        }
    }
    text
}

const PASSWORD: &str = r#"
ephemeral "queueform_password" "meters" {
  length           = 20
  min_upper        = 2
  min_numeric      = 2
  override_special = "-_"
}
provider "apsaramq" {
  region = "cn-hangzhou"
}
resource "apsaramq_mqtt_custom_auth_identity" "meters" {
  instance_id    = "mqtt-cn-demohangzhou"
  identity_type  = "USER"
  username       = "meters"
  secret         = ephemeral.queueform_password.meters.result
  secret_version = 1
  sign_mode      = "SIGNED"
}
"#;

/// The secrets of the identity that the emulator was told, in order.
fn secrets(place: &Place) -> Vec<String> {
    let text = emulated(&place.path().join(".queueform"));
    let mut found: Vec<String> = Vec::new();
    for part in text.split("\"secret\":\"").skip(1) {
        let secret = part.split('"').next().unwrap().to_owned();
        if secret.len() == 20 && found.last() != Some(&secret) {
            found.push(secret);
        }
    }
    found
}

#[test]
fn a_password_reaches_the_service_and_nothing_else() {
    let place = Place::with(&[("main.qf.hcl", PASSWORD)]);
    let applied = place.run(&["apply", "--emulate", "--auto-approve"]).ended(0);
    assert!(!applied.stdout.contains("queueform_password"), "{}", applied.stdout);
    let sent = secrets(&place);
    assert_eq!(sent.len(), 1, "{sent:?}");
    assert!(!applied.stdout.contains(&sent[0]) && !applied.stderr.contains(&sent[0]));
    let state = place.run(&["state", "pull", "--emulate"]).ended(0);
    assert!(!state.stdout.contains(&sent[0]) && !state.stdout.contains("ephemeral"), "{}", state.stdout);
    // Another run makes another one, and sends it only if it is asked to.
    drop(place.run(&["plan", "--emulate", "--detailed-exitcode"]).ended(0));
    assert_eq!(secrets(&place), sent);
    place.write("main.qf.hcl", &PASSWORD.replace("secret_version = 1", "secret_version = 2"));
    let plan = place.run(&["plan", "--emulate", "--out", "p"]).ended(0);
    assert!(plan.stdout.contains("1 to change"), "{}", plan.stdout);
    is_nowhere(&sent[0], place.path());
    let json = place.run(&["show", "--json", "--emulate", "p"]).ended(0);
    assert!(!json.stdout.contains(&sent[0]), "{}", json.stdout);
    let json = json.json();
    for part in ["resource_changes", "planned_values", "prior_state"] {
        assert!(!json[part].to_string().contains("queueform_password"), "{}", json[part]);
    }
    drop(place.run(&["apply", "--emulate", "p"]).ended(0));
    let again = secrets(&place);
    assert!(again.last() != sent.last(), "{again:?}");
    is_nowhere(again.last().unwrap(), place.path());
}

const TOKEN: &str = r#"
provider "apsaramq" {
  region = "cn-hangzhou"
}
resource "queueform_data" "topics" {
  input = ["meters/#"]
}
ephemeral "apsaramq_mqtt_token" "run" {
  instance_id = "mqtt-cn-demohangzhou"
  actions     = "R"
  resources   = RESOURCES
  expire_time = 4102444800000
}
resource "queueform_data" "user" {
  input = 1
  lifecycle {
    precondition {
      condition     = startswith(ephemeral.apsaramq_mqtt_token.run.token, "LzMT")
      error_message = "this is no token"
    }
  }
}
"#;

#[test]
fn a_token_is_revoked_when_the_run_ends() {
    let place = Place::with(&[("main.qf.hcl", &TOKEN.replace("RESOURCES", "[\"meters/#\"]"))]);
    for command in [&["plan", "--emulate"][..], &["apply", "--emulate", "--auto-approve"]] {
        let output = place.run(command).ended(0);
        assert!(!output.stdout.contains("LzMT") && !output.stdout.contains("mqtt_token"), "{output}");
    }
    let text = emulated(&place.path().join(".queueform"));
    let (made, revoked) = (text.matches("LzMT+").count(), text.matches("\"is_revoked\":true").count());
    assert!(made > 0 && revoked >= 2, "{made} made, {revoked} revoked");
}

#[test]
fn what_is_known_only_during_apply_is_opened_then() {
    let place = Place::with(&[("main.qf.hcl", &TOKEN.replace("RESOURCES", "queueform_data.topics.output"))]);
    let plan = place.run(&["plan", "--emulate"]).ended(0);
    assert!(plan.stdout.contains("opened during apply"), "{}", plan.stdout);
    let applied = place.run(&["apply", "--emulate", "--auto-approve"]).ended(0);
    let said = format!("{}{}", applied.stdout, applied.stderr);
    assert!(said.contains("ephemeral.apsaramq_mqtt_token.run: Opening..."), "{said}");
    let text = emulated(&place.path().join(".queueform"));
    assert!(text.contains("\"is_revoked\":true"), "{text}");
    assert!(!place.run(&["state", "pull", "--emulate"]).ended(0).stdout.contains("mqtt_token"));
    let again = place.run(&["plan", "--emulate", "--detailed-exitcode"]).ended(0);
    assert!(again.stdout.contains("No changes"), "{}", again.stdout);
}

#[test]
fn a_failed_run_closes_what_it_opened() {
    let text = TOKEN.replace("RESOURCES", "[\"meters/#\"]").replace("\"LzMT\"", "\"other\"");
    let place = Place::with(&[("main.qf.hcl", &text)]);
    let failed = place.run(&["apply", "--emulate", "--auto-approve"]).ended(1);
    assert!(failed.stderr.contains("this is no token"), "{}", failed.stderr);
    assert!(emulated(&place.path().join(".queueform")).contains("\"is_revoked\":true"));
}

#[test]
fn providers_and_other_ephemeral_resources_take_ephemeral_values() {
    let place = Place::with(&[
        (
            "main.qf.hcl",
            r#"
        ephemeral "queueform_password" "key" {
          for_each = { access = 24, secret = 30 }
          length   = each.value
          special  = false
        }
        ephemeral "queueform_password" "longer" {
          length = length(ephemeral.queueform_password.key["access"].result) + 1
        }
        locals {
          access = ephemeral.queueform_password.key["access"].result
          lengths = [for key in ephemeral.queueform_password.key : length(key.result)]
        }
        provider "dms" {
          region     = "region-1"
          project_id = "project"
          endpoint   = "http://127.0.0.1:9"
          access_key = local.access
          secret_key = ephemeral.queueform_password.key["secret"].result
        }
        module "inner" {
          source = "./inner"
          secret = local.access
        }
        resource "queueform_data" "a" {
          lifecycle {
            precondition {
              condition     = sum(local.lengths) == 54 && length(ephemeral.queueform_password.longer.result) == 25
              error_message = "wrong lengths"
            }
            precondition {
              condition     = module.inner.twice == "${local.access}${local.access}"
              error_message = "the module saw another one"
            }
          }
        }
        "#,
        ),
        (
            "inner/main.qf.hcl",
            r#"
        variable "secret" {
          type      = string
          ephemeral = true
        }
        output "twice" {
          value     = "${var.secret}${var.secret}"
          ephemeral = true
        }
        "#,
        ),
    ]);
    drop(place.run(&["apply", "--auto-approve"]).ended(0));
    drop(place.run(&["plan", "--detailed-exitcode"]).ended(0));
}

#[test]
fn ephemeral_values_end_where_something_would_be_stored() {
    let one = "ephemeral \"queueform_password\" \"p\" {\n  length = 8\n}\n";
    for (more, expected) in [
        (
            "output \"o\" {\n  value     = ephemeral.queueform_password.p.result\n  sensitive = true\n}\n",
            "cannot hold an ephemeral value",
        ),
        (
            "resource \"queueform_data\" \"a\" {\n  input = ephemeral.queueform_password.p.result\n}\n",
            "an ephemeral value cannot be kept",
        ),
        (
            "resource \"queueform_data\" \"a\" {\n  count = length(ephemeral.queueform_password.p.result)\n}\n",
            "`count` cannot be ephemeral",
        ),
        ("ephemeral \"queueform_password\" \"q\" {\n  length = 0\n}\n", "must be between 1 and 4096"),
        (
            "ephemeral \"queueform_password\" \"q\" {\n  length    = 2\n  min_upper = 3\n}\n",
            "the least numbers of characters are 3 together",
        ),
        ("locals {\n  a = ephemeral.queueform_password\n}\n", "queueform_password"),
    ] {
        let place = Place::with(&[("main.qf.hcl", &format!("{one}{more}"))]);
        let output = place.run(&["plan"]).ended(1);
        assert!(output.stderr.contains(expected), "{more}{}", output.stderr);
    }
}
