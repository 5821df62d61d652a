//! `test`

use std::io::BufRead as _;
use std::io::BufReader;
use std::io::Read as _;

use insta::assert_snapshot;

use super::inbox::Inbox;
use super::inbox::TOKEN;
use crate::support::Output;
use crate::support::Place;

const MAIN: &str = include_str!("../../fixtures/testing/world/main.qf.hcl");
const SETUP: &str = include_str!("../../fixtures/testing/world/setup/main.qf.hcl");
const TESTS: &str = include_str!("../../fixtures/testing/world/main.qftest.hcl");

/// A configuration with a thing, and these tests.
fn world(tests: &str) -> Place {
    Place::with(&[("main.qf.hcl", MAIN), ("setup/main.qf.hcl", SETUP), ("main.qftest.hcl", tests)])
}

fn clean(place: &Place) {
    assert!(!place.has(".queueform"), "tests leave nothing behind");
}

/// Times are not the same twice.
fn timeless(text: &str) -> String {
    let times = without(text, " time=\"", '"');
    without(&times, " timestamp=\"", '"')
}

/// Empties what stands between a start and the next end.
fn without(text: &str, start: &str, end: char) -> String {
    let mut parts = text.split(start);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str(start);
        out.push_str(&part[part.find(end).unwrap()..]);
    }
    out
}

#[test]
fn every_way_a_run_can_end() {
    let place = world(TESTS);
    assert_snapshot!(place.run(&["test"]));
    clean(&place);
    let _output = place.run(&["test", "--junit-xml=report.xml"]).ended(1);
    assert_snapshot!(timeless(&place.read("report.xml")));
}

#[test]
fn a_stream_of_json() {
    let place = world(TESTS);
    let output = place.run(&["test", "-json"]).ended(1);
    assert_eq!(output.stderr, "");
    let lines: Vec<serde_json::Value> =
        output.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |kind: &str| lines.iter().filter(|line| line["type"] == kind).collect::<Vec<_>>();
    let runs = ["setup", "uses", "none", "short", "forbidden", "late", "unexpected", "skipped"];
    assert_eq!(of("test_abstract")[0]["test_abstract"]["main.qftest.hcl"], serde_json::json!(runs));
    let ended: Vec<(&str, &str)> = of("test_run")
        .into_iter()
        .filter(|line| line["test_run"]["progress"] == "complete")
        .map(|line| {
            assert_eq!(line["@testrun"], line["test_run"]["run"]);
            (line["test_run"]["run"].as_str().unwrap(), line["test_run"]["status"].as_str().unwrap())
        })
        .collect();
    let statuses = ["pass", "pass", "pass", "pass", "fail", "pass", "error", "skip"];
    assert_eq!(ended, runs.into_iter().zip(statuses).collect::<Vec<_>>());
    let found: Vec<&str> =
        of("diagnostic").iter().map(|line| line["diagnostic"]["code"].as_str().unwrap()).collect();
    assert_eq!(found, ["missing-failure", "variable-validation"]);
    assert_eq!(of("test_file").last().unwrap()["test_file"]["status"], "error");
    let expected =
        serde_json::json!({ "status": "error", "passed": 5, "failed": 1, "errored": 1, "skipped": 1 });
    assert_eq!(lines.last().unwrap()["test_summary"], expected);
    clean(&place);
}

#[test]
fn values_of_a_failed_condition_are_shown() {
    let place = world(
        r#"
        variables { name = "orders" }
        run "first" {
          assert {
            condition     = length(output.names) == var.count_of + 1 && queueform_data.thing[0].output != "x"
            error_message = "There are ${length(output.names)} names."
          }
        }
        "#,
    );
    assert_snapshot!(place.run(&["test"]));
}

#[test]
fn unknown_conditions_are_explained() {
    let place = world(
        r#"
        variables { name = "orders" }
        run "first" {
          command = plan
          assert {
            condition     = queueform_data.thing[0].id != ""
            error_message = "no id"
          }
        }
        "#,
    );
    assert_snapshot!(place.run(&["test"]));
}

#[test]
fn values_of_a_plan_cannot_be_used_before_they_are_known() {
    let place = world(
        r#"
        run "setup" {
          command = plan
          module { source = "./setup" }
          variables { prefix = "pre" }
        }
        run "uses" {
          variables { name = run.setup.nam }
        }
        "#,
    );
    assert_snapshot!(place.run(&["test"]));
    place.write("setup/main.qf.hcl", &SETUP.replace("queueform_data.id.output", "queueform_data.id.id"));
    place.write(
        "main.qftest.hcl",
        &place.read("main.qftest.hcl").replace("run.setup.nam ", "run.setup.name "),
    );
    assert_snapshot!(place.run(&["test"]));
}

#[test]
fn what_is_not_known_in_a_test_file_is_told() {
    let place = world(
        r#"
        mock_provider "dms" {}
        resource "queueform_data" "x" {}
        run "a" {
          comand = plan
          command = destroy
          override_resource { target = x }
          module { source = "registry/x/y" }
          plan_options { target = ["a.b"] }
          expect_failures = [local.x]
          assert { condition = true }
        }
        run "a" {}
        "#,
    );
    assert_snapshot!(place.run(&["test"]));
    assert_snapshot!(place.run(&["test", "--filter=mian.qftest.hcl"]));
}

#[test]
fn a_failure_that_comes_before_the_apply_is_explained() {
    let place = world(
        r#"
        run "early" {
          variables { name = "no" }
          expect_failures = [var.name]
        }
        "#,
    );
    assert_snapshot!(place.run(&["test"]));
}

#[test]
fn files_are_chosen_and_directories_named() {
    let place = world("");
    let passes = "run \"ok\" {\n  command = plan\n  variables { name = \"orders\" }\n}\n";
    let fails = passes.replace("orders", "no");
    place.write("tests/good.qftest.hcl", passes);
    place.write("tests/bad.qftest.hcl", &fails);
    place.write("more/good.qftest.hcl", passes);
    assert_eq!(place.run(&["test"]).status, Some(1));
    assert!(place.run(&["test", "-filter=tests/good.qftest.hcl"]).success().contains("1 passed, 0 failed"));
    let output = place.run(&["test", "-test-directory=more"]).success();
    assert!(output.contains("more/good.qftest.hcl... pass") && !output.contains("bad"), "{output}");
}

#[test]
fn without_tests_nothing_fails() {
    assert_snapshot!(Place::with(&[("main.qf.hcl", "")]).run(&["test"]));
}

#[test]
fn values_come_from_everywhere_and_the_nearest_wins() {
    let place = Place::with(&[
        (
            "main.qf.hcl",
            "variable \"a\" {}\nvariable \"b\" {}\nvariable \"c\" {}\nvariable \"d\" {}\nvariable \"e\" {}\n",
        ),
        ("queueform.qfvars.hcl", "a = \"main\"\nb = \"main\"\n"),
        ("tests/queueform.qfvars.hcl", "b = \"tests\"\nc = \"tests\"\n"),
        (
            "tests/all.qftest.hcl",
            r#"
            variables {
              d     = "file ${var.c}"
              extra = "only here"
            }
            run "all" {
              command = plan
              variables { e = "run ${var.d}" }
              assert {
                condition     = [var.a, var.b, var.c, var.d, var.e] == ["main", "tests", "cli", "file cli", "run file cli"]
                error_message = jsonencode([var.a, var.b, var.c, var.d, var.e])
              }
              assert {
                condition     = var.extra == "only here"
                error_message = "values of the file are seen by its assertions"
              }
            }
            "#,
        ),
    ]);
    place.run(&["test", "-var", "c=cli", "-var", "d=cli"]).success();
}

#[test]
fn runs_side_by_side() {
    let place = world(
        r#"
        test { parallel = true }
        variables { name = "orders" }
        run "one" { state_key = "one" }
        run "two" { state_key = "two" }
        run "after" {
          state_key = "three"
          variables { count_of = length(run.one.names) + length(run.two.names) }
          assert {
            condition     = length(output.names) == 4
            error_message = "four"
          }
        }
        "#,
    );
    place.run(&["test"]).success();
    clean(&place);
}

/// An instance with topics on the emulator: made, changed, protected, and destroyed in spite of that.
#[test]
fn objects_are_made_in_an_emulator_of_their_own() {
    let place = Place::with(&[
        ("main.qf.hcl", include_str!("../../../examples/quickstart/main.qf.hcl")),
        ("emulate.qfvars.hcl", include_str!("../../../examples/quickstart/emulate.qfvars.hcl")),
        (
            "topics.qftest.hcl",
            r#"
            run "create" {
              assert {
                condition     = dms_rocketmq_topic.topic["orders-created"].read_queue_num == 16
                error_message = "queues"
              }
              assert {
                condition     = output.endpoints != ""
                error_message = "an instance has an endpoint"
              }
            }
            run "one" {
              command = plan
              plan_options { target = [dms_rocketmq_topic.topic["orders-created"]] }
            }
            run "settled" {
              command = plan
              plan_options { refresh = false }
              assert {
                condition     = output.endpoints == run.create.endpoints
                error_message = "nothing is to be replaced"
              }
            }
            "#,
        ),
    ]);
    let output = place.run(&["test"]);
    assert_eq!(output.status, Some(0), "{output}");
    clean(&place);
}

/// A provider of the user's own, with queues that cannot be deleted if they are called so.
fn inbox(name: &str) -> Place {
    let main = format!(
        "provider \"inbox\" {{ schemas = \"./schemas/inbox\" }}\nresource \"queueform_data\" \"fine\" {{}}\nresource \"inbox_queue\" \"q\" {{\n  name       = \"{name}\"\n  depends_on = [queueform_data.fine]\n}}\n"
    );
    Place::with(&[
        ("main.qf.hcl", &main),
        (
            "schemas/inbox/provider.hcl",
            include_str!("../../../examples/custom-provider/schemas/inbox/provider.hcl"),
        ),
        (
            "schemas/inbox/queue.hcl",
            include_str!("../../../examples/custom-provider/schemas/inbox/queue.hcl"),
        ),
        ("a.qftest.hcl", "run \"a\" {}\n"),
    ])
}

fn real(place: &Place, service: &Inbox) -> Output {
    let run = place.command(&["test", "--real"]);
    run.env("INBOX_ENDPOINT", service.endpoint()).env("INBOX_TOKEN", TOKEN).output()
}

#[test]
fn what_cannot_be_destroyed_is_listed_and_remembered() {
    let service = Inbox::start();
    let place = inbox("stuck-orders");
    let output = real(&place, &service).ended(1);
    assert!(
        output.stdout.contains("run \"a\"... pass") && output.stdout.contains("a.qftest.hcl... error"),
        "{output}"
    );
    assert!(output.stderr.contains("queue_stuck"), "{output}");
    assert!(output.stderr.contains("2 objects that the tests made were not destroyed"), "{output}");
    assert!(output.stderr.contains("inbox_queue.q [id=stuck-orders]"), "{output}");
    assert_eq!(service.names(), ["stuck-orders"]);
    let kept = output.stderr.split("their state is kept in `").nth(1).unwrap().split('`').next().unwrap();
    assert!(place.read(kept).contains("stuck-orders"));
}

#[test]
fn real_services_are_left_as_they_were() {
    let service = Inbox::start();
    service.make("before");
    let place = inbox("orders");
    let output = real(&place, &service);
    assert_eq!(output.status, Some(0), "{output}");
    assert_eq!(service.names(), ["before"]);
    clean(&place);
    // What is there already would be deleted in the end.
    place.write("import.qf.hcl", "import {\n  to = inbox_queue.q\n  id = \"before\"\n}\n");
    place.write("main.qf.hcl", &place.read("main.qf.hcl").replace("\"orders\"", "\"before\""));
    let output = real(&place, &service).ended(1);
    assert!(output.stderr.contains("would be taken over by a test"), "{output}");
    assert_eq!(service.names(), ["before"]);
    clean(&place);
}

#[test]
fn ways_to_run_exclude_each_other() {
    let place = world("run \"a\" {}\n");
    assert!(place.run(&["test", "--real", "--emulate"]).ended(1).stderr.contains("cannot be used with"));
    assert!(place.run(&["test", "--emulate=state"]).ended(1).stderr.contains("leave `--emulate=state` out"));
}

#[test]
fn the_plan_or_the_state_is_shown_on_request() {
    let place = world("variables { name = \"orders\" }\nrun \"plan\" { command = plan }\nrun \"apply\" {}\n");
    let output = place.run(&["test", "-verbose"]).success();
    assert!(
        output.contains("queueform_data.thing[1] will be created")
            || output.contains("+ queueform_data.thing[1]"),
        "{output}"
    );
    assert!(output.contains("orders-1"), "{output}");
    let stream = place.run(&["test", "-verbose", "-json"]).success();
    assert!(
        stream.contains("\"type\":\"planned_change\"") && stream.contains("\"type\":\"test_state\""),
        "{stream}"
    );
}

#[test]
fn tests_never_touch_the_state_of_the_user() {
    let place = world("variables { name = \"test\" }\nrun \"a\" {}\n");
    place.run(&["apply", "-auto-approve", "-var=name=mine"]).success();
    place.run(&["apply", "-emulate", "-auto-approve", "-var=name=mine"]).success();
    let state =
        || (place.read("queueform.state.json"), place.read(".queueform/emulator/queueform.state.json"));
    let before = state();
    place.run(&["test"]).success();
    assert!(state() == before);
    assert!(!place.has(".queueform/tests"));
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_the_tests_and_destroys_what_they_made() {
    let runs: String = (0..400).map(|index| format!("run \"r{index}\" {{}}\n")).collect();
    let place = world(&format!("variables {{ name = \"orders\" }}\n{runs}"));
    let mut child = place.command(&["test"]).spawn();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !line.contains("run \"r0\"... pass") {
        line.clear();
        assert!(lines.read_line(&mut line).unwrap() > 0, "it ended too early");
    }
    let sent = std::process::Command::new("kill").arg("-INT").arg(child.id().to_string()).status();
    assert!(sent.unwrap().success());
    let mut rest = String::new();
    lines.read_to_string(&mut rest).unwrap();
    let status = child.wait().unwrap();
    assert_eq!(status.code(), Some(130), "{rest}");
    assert!(rest.contains("run \"r399\"... skip") && rest.contains("tearing down"), "{rest}");
    clean(&place);
}

/// The example of the documentation.
#[test]
fn the_example_has_tests_that_pass() {
    let output = example().run(&["test"]);
    assert_eq!(output.status, Some(0), "{output}");
}

fn example() -> Place {
    Place::with(&[
        ("main.qf.hcl", include_str!("../../../examples/tested/main.qf.hcl")),
        ("emulate.qfvars.hcl", include_str!("../../../examples/tested/emulate.qfvars.hcl")),
        ("tests/topics.qftest.hcl", include_str!("../../../examples/tested/tests/topics.qftest.hcl")),
        ("tests/names.qftest.hcl", include_str!("../../../examples/tested/tests/names.qftest.hcl")),
        ("tests/mocked.qftest.hcl", include_str!("../../../examples/tested/tests/mocked.qftest.hcl")),
    ])
}

/// Every test file of the guide runs and passes on the example.
#[test]
fn the_test_files_of_the_guide_pass() {
    let guide = include_str!("../../../docs/guides/testing.md");
    let mut count = 0;
    for block in guide.split("```hcl\n").skip(1) {
        let text = block.split("```").next().unwrap();
        let place = example();
        place.write("tests/guide.qftest.hcl", text);
        let output: Output = place.run(&["test", "--filter=tests/guide.qftest.hcl"]);
        assert_eq!(output.status, Some(0), "{text}\n{output}");
        count += 1;
    }
    assert!(count >= 5, "{count}");
}
