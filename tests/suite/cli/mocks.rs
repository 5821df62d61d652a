//! `test`: providers that are mocked, objects and modules that are overridden, checks, rounds, files in JSON.

use insta::assert_snapshot;

use crate::support::Place;

/// An instance with topics, a data source and a module that is called twice.
const MAIN: &str = r#"
variable "names" {
  type    = set(string)
  default = ["orders"]
}
provider "dms" {
  cloud  = "sbercloud"
  region = "ru-moscow-1"
}
data "dms_rocketmq_flavors" "all" {}
resource "dms_rocketmq_instance" "main" {
  name               = "tested"
  engine_version     = "4.8.0"
  flavor_id          = "c6.4u8g.cluster.small"
  broker_num         = 1
  storage_spec_code  = "dms.physical.storage.high.v2"
  storage_space      = 300
  vpc_id             = "vpc-demo"
  subnet_id          = "subnet-demo"
  security_group_id  = "sg-demo"
  availability_zones = ["ru-moscow-1a"]
}
resource "dms_rocketmq_topic" "topic" {
  for_each        = var.names
  instance_id     = dms_rocketmq_instance.main.id
  name            = each.key
  read_queue_num  = 4
  write_queue_num = 4
}
module "inner" {
  source = "./inner"
  count  = 2
  text   = dms_rocketmq_instance.main.id
}
check "named" {
  assert {
    condition     = dms_rocketmq_instance.main.id != "bad"
    error_message = "The instance is bad."
  }
}
output "id" {
  value = dms_rocketmq_instance.main.id
}
output "address" {
  value = dms_rocketmq_instance.main.namesrv_address
}
output "topics" {
  value = { for name, topic in dms_rocketmq_topic.topic : name => topic.id }
}
output "flavors" {
  value = length(data.dms_rocketmq_flavors.all.flavors)
}
output "inner" {
  value = module.inner[*].made
}
"#;

const INNER: &str = r#"
variable "text" {}
resource "queueform_data" "kept" {
  input = var.text
}
output "made" {
  value = "${queueform_data.kept.output}!"
}
"#;

fn world(tests: &str) -> Place {
    Place::with(&[("main.qf.hcl", MAIN), ("inner/main.qf.hcl", INNER), ("a.qftest.hcl", tests)])
}

/// Runs tests that must pass, and leave nothing behind.
fn pass(place: &Place) -> String {
    let output = place.run(&["test"]);
    assert_eq!(output.status, Some(0), "{output}");
    assert!(!place.has(".queueform"), "tests leave nothing behind");
    output.to_string()
}

#[test]
fn a_mocked_provider_is_never_called() {
    let place = world(
        r#"
        mock_provider "dms" {
          mock_resource "dms_rocketmq_instance" {
            defaults = {
              id              = "made-${var.names_of}"
              namesrv_address = "10.0.0.1:8100"
            }
          }
          mock_data "dms_rocketmq_flavors" {
            defaults = {
              flavors = [{ id = "small" }, { id = "large" }]
            }
          }
          override_resource {
            target = dms_rocketmq_topic.topic["refunds"]
            values = { id = "overridden" }
          }
        }
        variables {
          names_of = "up"
        }
        run "plan" {
          command = plan
          assert {
            condition     = output.flavors == 2
            error_message = "Data sources are read while planning."
          }
        }
        run "apply" {
          variables { names = ["orders", "refunds"] }
          assert {
            condition     = output.id == "made-up" && output.address == "10.0.0.1:8100"
            error_message = "${output.id} ${output.address}"
          }
          assert {
            condition     = output.topics == { orders = "made-up/orders", refunds = "overridden" }
            error_message = jsonencode(output.topics)
          }
          assert {
            condition     = alltrue([for flavor in data.dms_rocketmq_flavors.all.flavors : length(flavor) > 1])
            error_message = "What is left out of objects is made up."
          }
          assert {
            condition     = output.inner == ["made-up!", "made-up!"]
            error_message = jsonencode(output.inner)
          }
        }
        run "settled" {
          variables { names = ["orders", "refunds"] }
          assert {
            condition     = output.topics == run.apply.topics && output.address == run.apply.address
            error_message = "Nothing is made up anew."
          }
        }
        run "smaller" {
          variables { names = ["refunds"] }
          assert {
            condition     = keys(output.topics) == ["refunds"]
            error_message = jsonencode(output.topics)
          }
        }
        "#,
    );
    pass(&place);
    // Nobody asks for keys or a region of a provider that is never called.
    let main = MAIN.replace("region = \"ru-moscow-1\"", "region = null");
    place.write("main.qf.hcl", &main);
    pass(&place);
}

#[test]
fn values_that_nobody_gives_are_the_same_every_time() {
    let place = world(
        r#"
        mock_provider "dms" {}
        run "first" {
          assert {
            condition     = can(regex("^[a-z0-9]{8}$", output.id)) && output.flavors == 0
            error_message = output.id
          }
        }
        run "second" {
          state_key = "other"
          assert {
            condition     = output.id == run.first.id && output.address != output.id
            error_message = "${output.id} ${output.address}"
          }
        }
        "#,
    );
    pass(&place);
}

#[test]
fn what_is_known_while_planning_is_said_by_the_test() {
    let place = world(
        r#"
        mock_provider "dms" {
          override_during = plan
          mock_resource "dms_rocketmq_instance" {
            defaults = { id = "known" }
          }
          mock_resource "dms_rocketmq_topic" {
            override_during = apply
          }
        }
        run "plan" {
          command = plan
          assert {
            condition     = output.id == "known" && output.address != ""
            error_message = output.id
          }
        }
        run "unknown" {
          command = plan
          override_resource {
            target = dms_rocketmq_instance.main
            values = { id = "later" }
          }
          assert {
            condition     = output.id == "later"
            error_message = output.id
          }
        }
        "#,
    );
    assert_snapshot!(place.run(&["test"]));
}

#[test]
fn modules_are_overridden_as_a_whole() {
    let place = world(
        r#"
        mock_provider "dms" {}
        override_module {
          target  = module.inner[1]
          outputs = { made = "overridden" }
        }
        run "one" {
          override_resource {
            target = dms_rocketmq_instance.main
            values = { id = "i" }
          }
          assert {
            condition     = output.inner == ["i!", "overridden"]
            error_message = jsonencode(output.inner)
          }
        }
        run "all" {
          state_key = "all"
          override_module {
            target = module.inner
          }
          assert {
            condition     = output.inner == [null, "overridden"]
            error_message = jsonencode(output.inner)
          }
        }
        run "planned" {
          command   = plan
          state_key = "planned"
          override_module {
            target          = module.inner
            override_during = plan
            outputs         = { made = "planned" }
          }
          override_module {
            target          = module.inner[1]
            override_during = plan
            outputs         = { made = "second" }
          }
          assert {
            condition     = output.inner == ["planned", "second"]
            error_message = jsonencode(output.inner)
          }
        }
        "#,
    );
    pass(&place);
}

/// Objects of real providers, too: the emulator has none of them.
#[test]
fn objects_and_data_sources_are_overridden_without_a_mocked_provider() {
    let place = world(
        r#"
        variables { names = [] }
        override_data {
          target = data.dms_rocketmq_flavors.all
          values = { flavors = [] }
        }
        run "made" {
          override_resource {
            target = dms_rocketmq_instance.main
            values = { id = "none", namesrv_address = "nowhere" }
          }
          assert {
            condition     = output.id == "none" && output.address == "nowhere" && output.flavors == 0
            error_message = output.id
          }
        }
        "#,
    );
    pass(&place);
}

#[test]
fn only_what_is_overridden_can_be_imported() {
    let imports = "import {\n  to = dms_rocketmq_instance.main\n  id = \"there\"\n}\n";
    let place = world(
        r#"
        mock_provider "dms" {}
        variables { names = [] }
        run "taken" {
          override_resource {
            target = dms_rocketmq_instance.main
            values = { id = "there" }
          }
          assert {
            condition     = output.id == "there"
            error_message = output.id
          }
        }
        run "refused" {
          state_key = "other"
        }
        "#,
    );
    place.write("import.qf.hcl", imports);
    let output = place.run(&["test"]).ended(1);
    assert!(output.stdout.contains("run \"taken\"... pass"), "{output}");
    assert!(output.stderr.contains("nothing can be imported from a provider that is mocked"), "{output}");
}

#[test]
fn mocks_come_from_files() {
    let place = world(
        r#"
        mock_provider "dms" {
          source = "./mocks"
          mock_data "dms_rocketmq_flavors" {
            defaults = { flavors = [{ id = "inline" }] }
          }
        }
        run "a" {
          assert {
            condition     = output.id == "from-a-file" && data.dms_rocketmq_flavors.all.flavors[0].id == "inline"
            error_message = output.id
          }
          assert {
            condition     = output.topics.orders == "in-json"
            error_message = jsonencode(output.topics)
          }
        }
        "#,
    );
    place.write(
        "mocks/a.qfmock.hcl",
        "mock_resource \"dms_rocketmq_instance\" {\n  defaults = { id = \"from-a-file\" }\n}\nmock_data \"dms_rocketmq_flavors\" {\n  defaults = { flavors = [] }\n}\n",
    );
    place.write(
        "mocks/b.qfmock.json",
        r#"{ "override_resource": { "target": "dms_rocketmq_topic.topic[\"orders\"]", "values": { "id": "in-json" } } }"#,
    );
    pass(&place);
}

#[test]
fn mistakes_in_mocks_are_told() {
    let place = world(
        r#"
        mock_provider "dms" {
          source = "./nowhere"
          foo    = 1
          mock_resource "dms_rocketmq_topic" {
            override_during = plans
          }
          mock_resource "dms_rocketmq_topic" {}
          override_module { target = module.inner }
        }
        provider "dms" {}
        override_resource { target = module.inner }
        override_resource { target = data.dms_rocketmq_flavors.all }
        override_data { target = dms_rocketmq_topic.topic }
        override_module {}
        run "a" {
          override_resource {
            target = dms_rocketmq_instance.main
            vals   = {}
          }
          override_resource { target = dms_rocketmq_instance.main }
        }
        "#,
    );
    assert_snapshot!(place.run(&["test"]));
}

#[test]
fn what_stands_in_for_nothing_is_told() {
    let place = world(
        r#"
        mock_provider "dms" {
          mock_resource "dms_rocketmq_topic" {
            defaults = { idd = "x", name = "y" }
          }
        }
        override_resource { target = dms_rocketmq_instance.mian }
        override_module {
          target  = module.inner
          outputs = { maid = 1 }
        }
        run "a" {
          command = plan
        }
        run "types" {
          override_resource {
            target = dms_rocketmq_instance.main
            values = { id = { a = 1 } }
          }
        }
        "#,
    );
    assert_snapshot!(place.run(&["test"]));
    place.write(
        "a.qftest.hcl",
        "mock_provider \"dms\" {\n  mock_resource \"dms_topic\" {}\n  mock_resource \"queueform_data\" {}\n}\nrun \"a\" {}\noverride_data {\n  target = data.dms_rocketmq_flavors.all\n  values = 5\n}\n",
    );
    assert_snapshot!(place.run(&["test"]));
}

#[test]
fn checks_fail_a_run_unless_that_is_expected() {
    let place = world(
        r#"
        mock_provider "dms" {
          mock_resource "dms_rocketmq_instance" {
            defaults = { id = "bad" }
          }
        }
        run "expected" {
          expect_failures = [check.named]
        }
        run "unexpected" {}
        run "missing" {
          command         = plan
          state_key       = "good"
          expect_failures = [check.named, check.nmed]
        }
        "#,
    );
    assert_snapshot!(place.run(&["test"]));
}

#[test]
fn files_in_json() {
    let place = world("");
    place.write(
        "b.qftest.json",
        r#"{
          "variables": { "names": ["orders", "refunds"] },
          "mock_provider": { "dms": { "mock_resource": { "dms_rocketmq_instance": { "defaults": { "id": "json" } } } } },
          "run": {
            "first": {
              "assert": { "condition": "${output.id == \"json\"}", "error_message": "${output.id}" }
            },
            "second": {
              "command": "plan",
              "plan_options": { "target": ["dms_rocketmq_topic.topic[\"orders\"]"] },
              "variables": { "names": ["${keys(run.first.topics)[0]}"] },
              "assert": [
                { "condition": "${length(dms_rocketmq_topic.topic) == 1}", "error_message": "one" }
              ]
            }
          }
        }"#,
    );
    pass(&place);
    place.write("b.qftest.json", r#"{ "run": { "first": { "comand": "plan" } }, "resource": {} }"#);
    assert_snapshot!(place.run(&["test"]));
}

/// What is deferred is planned when what it needs is there.
#[test]
fn a_run_applies_in_rounds() {
    let place = Place::with(&[
        (
            "main.qf.hcl",
            "resource \"queueform_data\" \"first\" {\n  input = [\"a\", \"b\"]\n}\nresource \"queueform_data\" \"each\" {\n  for_each = toset(queueform_data.first.output)\n  input    = each.key\n}\noutput \"keys\" {\n  value = keys(queueform_data.each)\n}\n",
        ),
        (
            "a.qftest.hcl",
            "run \"all\" {\n  assert {\n    condition     = output.keys == [\"a\", \"b\"]\n    error_message = jsonencode(output.keys)\n  }\n}\n",
        ),
    ]);
    pass(&place);
}

#[test]
fn validate_reads_test_files() {
    let place = world(
        r#"
        run "a" {
          comand          = plan
          expect_failures = [output.idd]
          variables { nmes = [run.b.x] }
        }
        run "b" {
          providers = { dms = dms.west }
        }
        "#,
    );
    assert_snapshot!(place.run(&["validate"]));
    assert!(place.run(&["validate", "-no-tests"]).success().contains("valid"));
    place.write("more/b.qftest.hcl", "run \"c\" {\n");
    let output = place.run(&["validate", "-test-directory=more"]).ended(1);
    assert!(output.stderr.contains("more/b.qftest.hcl"), "{output}");
}
