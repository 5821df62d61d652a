use std::path::Path;

use super::Console;
use super::ConsoleOptions;
use super::PlaceOptions;
use crate::config::LoadOptions;

const MAIN: &str = r#"
variable "network" {
  type    = object({ zone = string, subnets = map(string) })
  default = { zone = "a", subnets = { "first-one" = "1", second = "2" } }
}

variable "name" {
  type    = string
  default = "x"
}

variable "secrets" {
  type      = map(string)
  default   = { hidden = "1" }
  sensitive = true
}

locals {
  list = [{ one = 1 }, { two = 2 }]
  tree = { deep = { deeper = { deepest = true } } }
}

resource "queueform_data" "a" {}

resource "queueform_data" "b" {
  for_each = toset(["x"])
}

resource "dms_rocketmq_topic" "orders" {
  instance_id = "i"
  name        = "orders"
}

module "child" {
  source = "./child"
}

data "dms_rocketmq_topics" "all" {
  instance_id = "i"
}
"#;

fn console(directory: &Path) -> Console {
    std::fs::write(directory.join("main.qf.hcl"), MAIN).unwrap();
    std::fs::create_dir(directory.join("child")).unwrap();
    let child = "output \"first\" { value = 1 }\noutput \"second\" { value = { x = 1 } }\n";
    std::fs::write(directory.join("child/main.qf.hcl"), child).unwrap();
    Console::open(&ConsoleOptions {
        load: LoadOptions {
            directory: directory.to_path_buf(),
            environment: Vec::new(),
            arguments: Vec::new(),
            emulate: false,
            ..LoadOptions::default()
        },
        place: PlaceOptions::of_directory(directory),
        home: None,
    })
}

/// Texts with the cursor at their end, and what they become with each candidate.
fn completed(console: &Console, text: &str) -> Vec<String> {
    let found = console.evaluator().complete(text, text.len());
    found
        .candidates
        .iter()
        .map(|candidate| format!("{}{candidate}", text.get(..found.start).unwrap()))
        .collect()
}

#[test]
fn names_are_completed() {
    let directory = tempfile::tempdir().unwrap();
    let console = console(directory.path());
    for (text, expected) in [
        ("va", &["values(", "var."][..]),
        ("var.n", &["var.name", "var.network"]),
        ("1 + var.", &["1 + var.name", "1 + var.network", "1 + var.secrets"]),
        ("upper(var.na", &["upper(var.name"]),
        ("\"x ${var.na", &["\"x ${var.name"]),
        ("var.network.", &["var.network.subnets", "var.network.zone"]),
        ("var.network.subnets.", &["var.network.subnets.first-one", "var.network.subnets.second"]),
        ("var.network.subnets[", &["var.network.subnets[\"first-one\"]", "var.network.subnets[\"second\"]"]),
        ("var.network.subnets[\"se", &["var.network.subnets[\"second\"]"]),
        (
            "var.network.subnets[\"",
            &["var.network.subnets[\"first-one\"]", "var.network.subnets[\"second\"]"],
        ),
        ("local.", &["local.list", "local.tree"]),
        ("local.list[", &["local.list[0]", "local.list[1]"]),
        ("local.list[1].", &["local.list[1].two"]),
        ("local.tree.deep.deeper.d", &["local.tree.deep.deeper.deepest"]),
        ("merge(local.tree, { more = 1 }).m", &["merge(local.tree, { more = 1 }).more"]),
        ("queueform_", &["queueform_data."]),
        ("queueform_data.", &["queueform_data.a", "queueform_data.b"]),
        ("queueform_data.a.in", &["queueform_data.a.input"]),
        ("dms_rocketmq_topic.orders.read_q", &["dms_rocketmq_topic.orders.read_queue_num"]),
        ("data.", &["data.dms_rocketmq_topics"]),
        ("data.dms_rocketmq_topics.", &["data.dms_rocketmq_topics.all"]),
        ("data.dms_rocketmq_topics.all.instance", &["data.dms_rocketmq_topics.all.instance_id"]),
        ("mod", &["module."]),
        ("module.", &["module.child"]),
        ("module.child.", &["module.child.first", "module.child.second"]),
        ("module.child.second.", &["module.child.second.x"]),
        ("path.", &["path.cwd", "path.module", "path.root"]),
        ("queueform.", &["queueform.workspace"]),
        ("cidrsub", &["cidrsubnet(", "cidrsubnets("]),
        ("[for x in local.li", &["[for x in local.list"]),
        ("max(\n  1,\n  var.na", &["max(\n  1,\n  var.name"]),
        // Nothing can be known of these.
        ("\"var.n", &[]),
        ("nothing.at.all.", &[]),
        ("var.name.", &[]),
        ("var.secrets.", &[]),
        ("var.secrets[", &[]),
        ("1 # var.n", &[]),
        ("<<EOT\nvar.n", &[]),
        ("x[\"", &[]),
    ] {
        assert_eq!(completed(&console, text), expected, "{text:?}");
    }
}

#[test]
fn anything_may_stand_at_the_beginning() {
    let directory = tempfile::tempdir().unwrap();
    let console = console(directory.path());
    for text in ["", "1 + ", "[", "upper("] {
        let all = completed(&console, text);
        for name in ["var.", "local.", "data.", "true", "jsonencode(", "try(", "dms_rocketmq_topic."] {
            assert!(all.contains(&format!("{text}{name}")), "{text:?}: {name}");
        }
    }
}

#[test]
fn the_cursor_may_stand_anywhere() {
    let directory = tempfile::tempdir().unwrap();
    let console = console(directory.path());
    let text = "var.na + länge(\"${var.network.zo}\") <<X\n";
    for cursor in 0..=text.len() + 3 {
        let found = console.evaluator().complete(text, cursor);
        assert!(found.start <= text.len() && text.is_char_boundary(found.start), "{cursor}");
    }
    assert_eq!(console.evaluator().complete(text, 5).candidates, ["name", "network"]);
}
