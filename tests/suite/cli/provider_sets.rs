//! `provider` blocks with `for_each`.

use crate::support::Place;

/// One configuration for each region of an emulated system, and a group in each.
const MAIN: &str = r#"variable "regions" {
  type    = set(string)
  default = ["cn-hangzhou", "cn-shanghai"]
}

locals {
  instances = { cn-hangzhou = "mqtt-cn-demohangzhou", cn-shanghai = "mqtt-cn-demoshanghai" }
}

provider "apsaramq" {
  alias    = "by_region"
  for_each = var.regions
  region   = each.value
}

resource "apsaramq_mqtt_group" "orders" {
  for_each    = var.regions
  provider    = apsaramq.by_region[each.key]
  instance_id = local.instances[each.key]
  group_id    = "GID_orders"
}
"#;

#[test]
fn each_object_has_the_configuration_of_its_key() {
    let place = Place::with(&[("main.qf.hcl", MAIN)]);
    let applied = place.run(&["apply", "--emulate", "-auto-approve"]).ended(0);
    assert!(applied.stdout.contains("Resources: 2 added"), "{applied}");
    let state = place.run(&["state", "pull", "--emulate"]).ended(0);
    for region in ["cn-hangzhou", "cn-shanghai"] {
        assert!(state.stdout.contains(&format!(".by_region[\\\"{region}\\\"]")), "{state}");
    }
    drop(place.run(&["plan", "--emulate", "-detailed-exitcode"]).ended(0));
    // Objects whose configuration is gone cannot be worked with.
    let less = place.run(&["plan", "--emulate", "-var=regions=[\"cn-hangzhou\"]"]).ended(1);
    assert!(less.stderr.contains("which is no longer configured"), "{less}");
    drop(place.run(&["destroy", "--emulate", "-auto-approve"]).ended(0));
}

#[test]
fn what_is_wrong_is_said() {
    let key = "apsaramq.by_region[each.key]";
    for (text, words) in [
        (MAIN.replace(key, "apsaramq.by_region"), "one of its configurations must be named"),
        (MAIN.replace(key, "apsaramq.by_region[\"cn-beijing\"]"), "there is no provider configuration"),
        (MAIN.replace(key, "apsaramq.by_region[lower(\"CN-BEIJING\")]"), "has no configuration `cn-beijing`"),
        (MAIN.replace("  alias    = \"by_region\"\n", ""), "needs an `alias`"),
        (
            MAIN.replace("  for_each = var.regions\n  region   = each.value", "  region   = \"cn-hangzhou\""),
            "has no `for_each`",
        ),
        (
            MAIN.replace("for_each = var.regions\n  region", "for_each = sensitive(var.regions)\n  region"),
            "must not be secret",
        ),
        (
            MAIN.replace("for_each = var.regions\n  region", "for_each = [\"a\"]\n  region"),
            "needs a map or a set of strings",
        ),
    ] {
        let place = Place::with(&[("main.qf.hcl", &text)]);
        let output = place.run(&["plan", "--emulate"]).ended(1);
        assert!(output.stderr.contains(words), "{words}\n{output}");
    }
    let place = Place::with(&[(
        "main.qf.hcl",
        &MAIN.replace("  default = [\"cn-hangzhou\", \"cn-shanghai\"]\n", ""),
    )]);
    drop(place.run(&["validate"]).ended(0));
}
