//! Every option of commands that plan, once with each of them.

use insta::assert_snapshot;

use crate::support::Output;
use crate::support::Place;

const CONFIG: &str = r#"
variable "size" {
  type    = number
  default = 1
}

queueform {
  limits {
    deletes = 1
  }
}

resource "queueform_data" "a" {
  for_each = var.size > 5 ? [] : toset(["x", "y"])
  input    = "${each.key} ${var.size}"
}

resource "queueform_data" "b" {
  input = "b"
}
"#;

const DMS: &str = r#"
provider "dms" {
  region = "ru-moscow-1"
}

variable "topics" {
  default = ["orders"]
}

resource "dms_rocketmq_instance" "main" {
  name               = "options"
  engine_version     = "4.8.0"
  flavor_id          = "c6.4u8g.cluster"
  storage_space      = 600
  broker_num         = 1
  storage_spec_code  = "dms.physical.storage.high.v2"
  vpc_id             = "vpc-demo"
  subnet_id          = "subnet-demo"
  security_group_id  = "sg-demo"
  availability_zones = ["ru-moscow-1a"]
}

resource "dms_rocketmq_topic" "topic" {
  for_each    = toset(var.topics)
  instance_id = dms_rocketmq_instance.main.id
  name        = each.key
}

action "dms_rocketmq_send_message" "hello" {
  config {
    instance_id = dms_rocketmq_instance.main.id
    topic       = dms_rocketmq_topic.topic["orders"].name
    body        = "hello"
  }
}
"#;

const HELLO: &str = "action.dms_rocketmq_send_message.hello";

fn applied() -> Place {
    let place = Place::with(&[("main.qf.hcl", CONFIG), ("two.qfvars.hcl", "size = 2\n")]);
    drop(place.run(&["apply", "-auto-approve"]).success());
    place
}

/// Ids and times differ from run to run.
fn neutral(output: &Output) -> String {
    let mut out = String::new();
    for line in output.to_string().lines() {
        let is_part = |c: char| c == '"' || c == '=' || c == '[' || c == ']' || c == ',' || c == ' ';
        let mut rest = line;
        while let Some(end) = rest.find(is_part) {
            out.push_str(word(&rest[..end]));
            out.push_str(&rest[end..=end]);
            rest = &rest[end + 1..];
        }
        out.push_str(word(rest));
        out.push('\n');
    }
    out
}

fn word(word: &str) -> &str {
    let is_uuid = word.len() == 36 && word.bytes().filter(|byte| *byte == b'-').count() == 4;
    if is_uuid { "ID" } else { word }
}

#[test]
fn plan() {
    let place = applied();
    let a = "queueform_data.a[\"x\"]";
    let all: &[&[&str]] = &[
        &["plan", "-refresh=false"],
        &["plan", "-refresh=touched", "-var-file=two.qfvars.hcl"],
        &["plan", "-refresh-only"],
        &["plan", "-replace", a, "-detail=full", "-calls"],
        &["plan", "-assert", a],
        &["plan", "-parallelism=1", "-destroy"],
        &["plan", "-var=size=6"],
        &["plan", "-var=size=6", "-allow-deletes=2"],
        &["plan", "-allow-data-loss=queueform_data.a=5", "-wait-drain=5s", "-confirm", a],
        &["plan", "-allow-data-loss=queueform_data.a"],
        &["plan", "-parallelism=0"],
        &["plan", "-wait-drain=soon"],
        &["plan", "-replace=data.a.b"],
        &["plan", "-invoke=action.a.b"],
    ];
    let told: Vec<String> =
        all.iter().map(|one| format!("$ {}\n{}", one.join(" "), neutral(&place.run(one)))).collect();
    assert_snapshot!(told.join("\n"));
}

#[test]
fn apply() {
    let place = applied();
    let a = "queueform_data.a[\"x\"]";
    let all: &[&[&str]] = &[
        &["apply", "-auto-approve", "-concise", "-refresh-only"],
        &["apply", "-auto-approve", "-concise", "-replace", a, "-calls", "-detail=full"],
        &["apply", "-auto-approve", "-concise", "-assert", a],
        &["apply", "-auto-approve", "-concise", "-var-file=two.qfvars.hcl", "-refresh=false"],
        &["apply", "-auto-approve", "-concise", "-exclude=queueform_data.a", "-compact-warnings"],
        &["apply", "-auto-approve", "-concise", "-exclude-file=nowhere.txt"],
        &["apply", "-auto-approve", "-concise", "-var=size=6"],
        &[
            "apply",
            "-auto-approve",
            "-concise",
            "-var=size=6",
            "-allow-deletes=2",
            "-allow-data-loss=queueform_data.a=1",
            "-wait-drain=1s",
        ],
        &["apply", "-auto-approve", "-invoke=action.a.b"],
    ];
    let told: Vec<String> =
        all.iter().map(|one| format!("$ {}\n{}", one.join(" "), neutral(&place.run(one)))).collect();
    assert_snapshot!(told.join("\n"));
}

#[test]
fn destroy() {
    let place = applied();
    place.write("b.txt", "queueform_data.b\n");
    let a = "queueform_data.a[\"x\"]";
    let all: &[&[&str]] = &[
        &["destroy", "-auto-approve", "-refresh-only"],
        &["destroy", "-auto-approve", "-invoke=action.a.b"],
        &["destroy", "-auto-approve", "-concise", "-target", a, "-calls", "-detail=full", "-refresh=false"],
        &[
            "destroy",
            "-auto-approve",
            "-concise",
            "-exclude-file=b.txt",
            "-compact-warnings",
            "-var-file=two.qfvars.hcl",
        ],
        &["destroy", "-auto-approve", "-concise", "-target-file=b.txt", "-parallelism=1"],
        &["destroy", "-auto-approve", "-assert", a],
        &["destroy", "-auto-approve", "-concise", "-exclude=queueform_data.b"],
        &[
            "destroy",
            "-auto-approve",
            "-concise",
            "-allow-deletes=1",
            "-allow-data-loss=queueform_data.a=1",
            "-wait-drain=1s",
            "-confirm",
            a,
        ],
    ];
    let told: Vec<String> =
        all.iter().map(|one| format!("$ {}\n{}", one.join(" "), neutral(&place.run(one)))).collect();
    assert_snapshot!(told.join("\n"));
}

#[test]
fn refresh() {
    let place = applied();
    place.write("b.txt", "queueform_data.b\n");
    let a = "queueform_data.a[\"x\"]";
    let all: &[&[&str]] = &[
        &["refresh", "-refresh=false"],
        &["refresh", "-var=size=2", "-refresh=touched"],
        &[
            "refresh",
            "-target",
            a,
            "-concise",
            "-compact-warnings",
            "-refresh-only",
            "-var-file=two.qfvars.hcl",
        ],
        &["refresh", "-target-file=b.txt", "-calls", "-detail=full", "-parallelism=1"],
        &["refresh", "-exclude", a],
        &["refresh", "-exclude-file=b.txt", "-compact-warnings"],
        &["refresh", "-replace", a],
        &["refresh", "-assert", a],
        &["refresh", "-allow-data-loss=queueform_data.a=1"],
        &["refresh", "-allow-deletes=1"],
        &["refresh", "-wait-drain=1s"],
        &["refresh", "-confirm", a],
        &["refresh", "-invoke=action.a.b"],
    ];
    let told: Vec<String> =
        all.iter().map(|one| format!("$ {}\n{}", one.join(" "), neutral(&place.run(one)))).collect();
    assert_snapshot!(told.join("\n"));
}

#[test]
fn explain() {
    let place = applied();
    place.write("b.txt", "queueform_data.b\n");
    let a = "queueform_data.a[\"x\"]";
    let all: &[&[&str]] = &[
        &[
            "plan",
            "explain",
            a,
            "-replace",
            a,
            "-detail=full",
            "-calls",
            "-concise",
            "-compact-warnings",
            "-json-into=x.json",
        ],
        &["plan", "explain", a, "-refresh=false", "-var-file=two.qfvars.hcl", "-parallelism=1"],
        &["plan", "explain", a, "-refresh-only"],
        &["plan", "explain", a, "-exclude", a],
        &["plan", "explain", a, "-target-file=b.txt"],
        &["plan", "explain", "queueform_data.b", "-exclude-file=b.txt"],
        &[
            "plan",
            "explain",
            "queueform_data.a",
            "-var=size=6",
            "-allow-deletes=2",
            "-allow-data-loss=queueform_data.a=1",
        ],
        &["plan", "explain", a, "-assert", a, "-confirm", a, "-wait-drain=1s"],
        &["plan", "explain", a, "-invoke=action.a.b"],
    ];
    let told: Vec<String> =
        all.iter().map(|one| format!("$ {}\n{}", one.join(" "), neutral(&place.run(one)))).collect();
    assert_snapshot!(told.join("\n"));
}

#[test]
fn action_run() {
    let place = Place::with(&[("main.qf.hcl", DMS), ("none.qfvars.hcl", "topics = [\"orders\"]\n")]);
    drop(place.run(&["apply", "--emulate", "--auto-approve"]).success());
    place.write("b.txt", "dms_rocketmq_instance.main\n");
    let run = |options: &[&str]| {
        let arguments = ["action", "run", HELLO, "--emulate", "--auto-approve", "--again"];
        place.run(&[&arguments, options].concat())
    };
    for options in [
        &["-refresh=false", "-parallelism=1", "-detail=full", "-calls"][..],
        &["-var=topics=[\"orders\"]", "-wait-drain=1s", "-allow-deletes=1", "-concise", "-compact-warnings"],
        &["-var-file=none.qfvars.hcl", "-json-into=run.json"],
        &["-confirm", HELLO, "-assert=dms_rocketmq_topic.topic", "-detailed-exitcode"],
        &["-format=json", "-out-file=hello.txt", "-invoke", HELLO],
        &["-allow-data-loss=dms_rocketmq_topic.topic=1", "-json"],
    ] {
        let output = run(options);
        assert!(matches!(output.status, Some(0 | 2)), "{options:?}\n{output}");
        assert!(output.stdout.contains("msg_id") || options.contains(&"-json"), "{options:?}\n{output}");
    }
    assert!(place.read("hello.txt").contains("msg_id") && place.read("run.json").contains("apply_complete"));
    for options in [
        &["-target=dms_rocketmq_topic.topic"][..],
        &["-target-file=b.txt"],
        &["-replace=dms_rocketmq_instance.main"],
        &["-refresh-only"],
        &["-exclude=dms_rocketmq_topic.topic"],
        &["-exclude-file=b.txt"],
    ] {
        let output = run(options).ended(1);
        assert!(output.stderr.contains("contradict each other"), "{options:?}\n{output}");
    }
}

#[test]
fn other_commands() {
    let place = applied();
    let all: &[&[&str]] = &[
        &["plan", "-no-color", "-lock=false"],
        &["validate", "-var-file=two.qfvars.hcl"],
        &["init", "-var=size=2", "-var-file=two.qfvars.hcl", "-lockfile=readonly"],
        &["import", "-var=size=2", "-var-file=two.qfvars.hcl", "queueform_data.b", "b"],
        &["untaint", "-allow-missing", "queueform_data.c"],
        &["untaint", "queueform_data.c"],
        &["test", "-var-file=two.qfvars.hcl", "-junit-xml=report.xml"],
    ];
    let told: Vec<String> =
        all.iter().map(|one| format!("$ {}\n{}", one.join(" "), neutral(&place.run(one)))).collect();
    assert_snapshot!(told.join("\n"));
}
