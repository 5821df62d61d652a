//! `show`: plans and states, for people and as JSON. What Terraform was observed to write is compared in `tests/suite/formats`.

use serde_json::Value as Json;

use crate::support::Place;

fn plan(place: &Place, arguments: &[&str]) -> Json {
    let arguments = [&["plan", "-out=a.qfplan"], arguments].concat();
    drop(place.run(&arguments).success());
    place.run(&["show", "-json", "a.qfplan"]).ended(0).json()
}

#[test]
fn constants_in_places_of_secrets_are_hidden() {
    let place = Place::with(&[(
        "main.qf.hcl",
        r#"
        provider "dms" {
          access_key = "visible"
          secret_key = "hunter2"
        }
        variable "old" {
          type      = string
          sensitive = true
          default   = "hunter3"
        }
        resource "dms_rocketmq_user" "a" {
          instance_id        = "11111111-2222-4333-8444-555555555555"
          access_key         = "app-user"
          secret_key         = "hunter2hunter2"
          secret_key_version = 1
        }
        output "o" {
          value     = "hunter4"
          sensitive = true
        }
        "#,
    )]);
    // The instance does not exist; what was planned is saved all the same.
    drop(place.run(&["plan", "--emulate", "-out=a.qfplan"]).ended(1));
    let output = place.run(&["show", "-json", "a.qfplan"]).ended(0);
    assert!(!output.stdout.contains("hunter"), "{output}");
    let json = output.json();
    let resource = &json["configuration"]["root_module"]["resources"][0];
    assert_eq!(resource["expressions"]["access_key"]["constant_value"], "app-user");
    assert_eq!(
        resource["expressions"]["secret_key"],
        serde_json::json!({ "constant_value": null, "sensitive": true })
    );
    assert_eq!(
        json["configuration"]["provider_config"]["dms"]["expressions"]["secret_key"]["sensitive"],
        true
    );
    assert_eq!(json["variables"]["old"], serde_json::json!({ "value": null, "sensitive": true }));
}

#[test]
fn conditions_are_listed_by_declaration() {
    let place = Place::with(&[(
        "main.qf.hcl",
        r#"
        variable "n" {
          default = 1
          validation {
            condition     = var.n > 0
            error_message = "positive"
          }
        }
        resource "queueform_data" "a" {
          count = 2
          input = count.index
          lifecycle {
            postcondition {
              condition     = self.id != ""
              error_message = "no id"
            }
          }
        }
        output "o" {
          value = var.n
          precondition {
            condition     = var.n < 10
            error_message = "small"
          }
        }
        "#,
    )]);
    let checks = plan(&place, &[])["checks"].clone();
    let told: Vec<(String, String, usize)> = checks
        .as_array()
        .unwrap()
        .iter()
        .map(|check| {
            let kind = format!(
                "{} {}",
                check["address"]["kind"].as_str().unwrap(),
                check["address"]["to_display"].as_str().unwrap()
            );
            (kind, check["status"].as_str().unwrap().to_owned(), check["instances"].as_array().unwrap().len())
        })
        .collect();
    let expected = [
        ("output_value output.o", "pass", 1),
        ("resource queueform_data.a", "unknown", 2),
        ("var var.n", "pass", 1),
    ];
    assert_eq!(told, expected.map(|(name, status, number)| (name.to_owned(), status.to_owned(), number)));
}

#[test]
fn a_saved_plan_is_as_wide_as_the_terminal() {
    let config = r#"
resource "queueform_data" "a" {
  for_each = toset(["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"])
  input    = { key = each.key, text = "some words that take their place" }
}
"#;
    let place = Place::with(&[("main.qf.hcl", config)]);
    drop(place.run(&["plan", "-out=a.qfplan"]).success());
    for width in [40, 60, 100, 160, 200] {
        let columns = width.to_string();
        let shown = place.command(&["show", "a.qfplan"]).env("COLUMNS", &columns).output().success();
        let widest = shown.lines().map(|line| line.chars().count()).max().unwrap();
        assert!(widest <= width.max(60), "{width}: {shown}");
        assert!(width != 160 || widest > 60, "{shown}");
        assert!(shown.ends_with("Plan: 10 to add, 0 to change, 0 to destroy.\n"), "{shown}");
        let planned = place.command(&["plan"]).env("COLUMNS", &columns).output().success();
        assert!(!matches!(width, 60 | 100 | 160) || shown == planned, "{shown}{planned}");
    }
}
