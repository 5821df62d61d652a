//! `state mv|rm|pull|push`, `taint`, `untaint`, `import`, and the blocks that do the same in a reviewable way.

use crate::support::Place;

const TWO: &str = r#"
resource "queueform_data" "a" {
  for_each = toset(["x", "y"])
  input    = each.key
}

resource "queueform_data" "b" {
  input = queueform_data.a["x"].output
}
"#;

fn applied(text: &str) -> Place {
    let place = Place::with(&[("main.qf.hcl", text)]);
    drop(place.run(&["apply", "-auto-approve"]).success());
    place
}

fn addresses(place: &Place) -> String {
    place.run(&["state", "list"]).success()
}

#[test]
fn objects_move() {
    let place = applied(TWO);
    let dry = place.run(&["state", "mv", "-dry-run", "queueform_data.a", "queueform_data.c"]).success();
    assert!(dry.contains("Would move queueform_data.a[\"x\"] to queueform_data.c[\"x\"]"), "{dry}");
    assert!(dry.ends_with("2 objects would move.\n"), "{dry}");
    assert!(addresses(&place).contains("queueform_data.a[\"x\"]"));
    let moved = place.run(&["state", "mv", "queueform_data.a", "queueform_data.c"]).success();
    assert!(moved.ends_with("2 objects moved.\n"), "{moved}");
    let moved = place.run(&["state", "mv", "queueform_data.c[\"x\"]", "queueform_data.d"]).success();
    assert!(moved.ends_with("1 object moved.\n"), "{moved}");
    assert_eq!(addresses(&place), "queueform_data.b\nqueueform_data.c[\"y\"]\nqueueform_data.d\n");
    assert!(place.has("queueform.state.backup.json"));
    for (from, to, why) in [
        ("queueform_data.nothing", "queueform_data.z", "holds no object `queueform_data.nothing`"),
        ("queueform_data.b", "queueform_data.d", "`queueform_data.d` is there already"),
        ("queueform_data.b", "dms_rocketmq_topic.b", "different types"),
        ("queueform_data.b", "queueform_data.b", "is where it is already"),
        ("queueform_data.b", "module.m", "one is a module"),
    ] {
        let refused = place.run(&["state", "mv", from, to]).ended(1);
        assert!(refused.stderr.contains(why), "{refused}");
    }
}

#[test]
fn objects_are_forgotten() {
    let place = applied(TWO);
    let dry = place.run(&["state", "rm", "-dry-run", "queueform_data.a"]).success();
    assert!(dry.ends_with("2 objects would be forgotten.\n"), "{dry}");
    let removed = place.run(&["state", "rm", "queueform_data.a[\"y\"]", "queueform_data.b"]).success();
    assert!(removed.ends_with("2 objects forgotten and left as they are.\n"), "{removed}");
    assert_eq!(addresses(&place), "queueform_data.a[\"x\"]\n");
    let unknown = place.run(&["state", "rm", "queueform_data.z"]).ended(1);
    assert!(unknown.stderr.contains("holds no object"), "{unknown}");
    assert_eq!(place.run(&["state", "rm"]).status, Some(1));
}

#[test]
fn a_state_is_pulled_and_pushed() {
    let place = applied(TWO);
    let first = place.run(&["state", "pull"]).success();
    place.write("first.json", &first);
    let same = place.run(&["state", "push", "first.json"]).success();
    assert_eq!(same, "The state is this one already.\n");

    drop(place.run(&["state", "rm", "queueform_data.b"]).success());
    let older = place.run(&["state", "push", "first.json"]).ended(1);
    assert!(older.stderr.contains("older than the state"), "{older}");
    assert!(older.stderr.contains("--force"), "{older}");
    let forced = place.run(&["state", "push", "-force", "first.json"]).success();
    assert!(forced.starts_with("Pushed: 3 objects, serial "), "{forced}");
    assert!(addresses(&place).contains("queueform_data.b"));
    let backup = place.read("queueform.state.backup.json");
    assert!(!backup.contains("\"name\": \"b\"") && !backup.contains("\"name\":\"b\""), "{backup}");

    let now: serde_json::Value = serde_json::from_str(&place.run(&["state", "pull"]).success()).unwrap();
    let mut other = now.clone();
    other["lineage"] = "11111111-2222-3333-4444-555555555555".into();
    place.write("other.json", &other.to_string());
    let refused = place.run(&["state", "push", "other.json"]).ended(1);
    assert!(refused.stderr.contains("belongs to another state"), "{refused}");
    let mut differs = now.clone();
    differs["resources"] = serde_json::json!([]);
    place.write("differs.json", &differs.to_string());
    let refused = place.run(&["state", "push", "differs.json"]).ended(1);
    assert!(refused.stderr.contains("say different things"), "{refused}");

    let serial = now["serial"].as_u64().unwrap();
    differs["serial"] = (serial + 5).into();
    let pushed = place.command(&["state", "push", "-"]).input(&differs.to_string()).output().success();
    assert_eq!(pushed, format!("Pushed: 0 objects, serial {}.\n", serial + 5));
    assert_eq!(addresses(&place), "");
    place.write("broken.json", "{");
    let broken = place.run(&["state", "push", "-force", "broken.json"]).ended(1);
    assert!(broken.stderr.contains("this is no state"), "{broken}");
    let missing = place.run(&["state", "push", "nothing.json"]).ended(1);
    assert!(missing.stderr.contains("cannot read `nothing.json`"), "{missing}");
    assert_eq!(Place::new().run(&["state", "pull"]).success(), "");
}

#[test]
fn a_long_chain_is_not_remembered_whole() {
    let link = |n: usize| {
        format!("resource \"queueform_data\" \"l{n}\" {{\n  input = queueform_data.l{}.id\n}}\n", n - 1)
    };
    let text: String = (1..80).map(link).collect();
    let place = applied(&format!("resource \"queueform_data\" \"l0\" {{}}\n{text}"));
    let state: serde_json::Value = serde_json::from_str(&place.run(&["state", "pull"]).success()).unwrap();
    let of = |name: &str| {
        let all = state["resources"].as_array().unwrap();
        let one = all.iter().find(|resource| resource["name"] == name).unwrap();
        one["instances"][0]["dependencies"].as_array().map_or(0, Vec::len)
    };
    assert_eq!((of("l0"), of("l1"), of("l40"), of("l79")), (0, 1, 40, 64));
    assert!(place.run(&["plan"]).success().contains("No changes."));
}

#[test]
fn tainted_objects_are_replaced() {
    let place = applied(TWO);
    let tainted = place.run(&["taint", "queueform_data.b"]).success();
    assert_eq!(tainted, "queueform_data.b: tainted; the next apply replaces it.\n");
    assert_eq!(
        place.run(&["taint", "queueform_data.b"]).success(),
        "queueform_data.b: was tainted already.\n"
    );
    let plan = place.run(&["plan"]).success();
    assert!(plan.contains("is tainted, so it must be replaced"), "{plan}");
    assert_eq!(
        place.run(&["untaint", "queueform_data.b"]).success(),
        "queueform_data.b: no longer tainted.\n"
    );
    assert!(place.run(&["plan"]).success().contains("No changes."));
    let not = place.run(&["untaint", "queueform_data.b"]).ended(1);
    assert!(not.stderr.contains("is not tainted"), "{not}");
    assert_eq!(place.run(&["taint", "queueform_data.z"]).status, Some(1));
    assert_eq!(place.run(&["taint", "-allow-missing", "queueform_data.z"]).status, Some(0));
}

#[test]
fn outputs_are_taken_over_without_a_change() {
    let place = applied(TWO);
    place.write("more.qf.hcl", "output \"b\" {\n  value = queueform_data.b.output\n}\n");
    let plan = place.run(&["plan", "-refresh-only"]).success();
    assert!(!plan.contains("queueform_data"), "{plan}");
    drop(place.run(&["refresh"]).success());
    assert_eq!(place.run(&["output", "-raw", "b"]).success(), "x");
    let stream = place.run(&["refresh", "-json"]).ended(0);
    assert!(
        stream.stdout.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()),
        "{stream}"
    );
}

#[test]
fn moved_blocks_are_followed() {
    let place = applied(TWO);
    place.write(
        "main.qf.hcl",
        r#"
        resource "queueform_data" "c" {
          for_each = toset(["x", "y"])
          input    = each.key
        }
        resource "queueform_data" "b" {
          input = queueform_data.c["x"].output
        }
        moved {
          from = queueform_data.a
          to   = queueform_data.c
        }
        "#,
    );
    let plan = place.run(&["plan", "-out=moves.qfplan"]).success();
    assert!(plan.contains("was queueform_data.a[\"x\"]"), "{plan}");
    assert!(plan.contains("0 to destroy; 2 objects moved."), "{plan}");
    let json = place.run(&["show", "-json", "moves.qfplan"]).ended(0).json();
    assert_eq!(json["applyable"], true);
    let changes = json["resource_changes"].as_array().unwrap();
    let moved = changes.iter().find(|change| change["address"] == "queueform_data.c[\"x\"]").unwrap();
    assert_eq!(moved["previous_address"], "queueform_data.a[\"x\"]");
    assert_eq!(moved["change"]["actions"][0], "no-op");
    drop(place.run(&["apply", "moves.qfplan"]).success());
    assert_eq!(addresses(&place), "queueform_data.b\nqueueform_data.c[\"x\"]\nqueueform_data.c[\"y\"]\n");
    let settled = place.run(&["plan", "-detailed-exitcode"]).ended(0);
    assert!(settled.stdout.contains("No changes."), "{settled}");
    // What depended on the old address depends on the new one.
    assert!(place.run(&["state", "pull"]).success().contains("queueform_data.c"), "dependencies");
    assert!(!place.run(&["state", "pull"]).success().contains("queueform_data.a"), "dependencies");
}

#[test]
fn moves_that_cannot_be_followed_are_explained() {
    let place = applied(TWO);
    let refused = |moves: &str| {
        place.write("moves.qf.hcl", moves);
        place.run(&["plan"]).ended(1).stderr
    };
    let text = refused("moved {\n  from = queueform_data.b\n  to = queueform_data.z\n}\n");
    assert!(text.contains("`queueform_data.b` moves away but is still declared"), "{text}");
    let text = refused("moved {\n  from = queueform_data.a[\"x\"]\n  to = queueform_data.z\n}\n");
    assert!(text.contains("`queueform_data.a[\"x\"]` moves away but is still declared"), "{text}");
    let text = refused("moved {\n  from = queueform_data.z\n  to = queueform_data.z\n}\n");
    assert!(text.contains("moves to itself"), "{text}");
    let text = refused("moved {\n  from = dms_rocketmq_topic.z\n  to = queueform_data.z\n}\n");
    assert!(text.contains("different types"), "{text}");
    let text = refused(
        "moved {\n  from = queueform_data.o\n  to = queueform_data.p\n}\nmoved {\n  from = queueform_data.o\n  to = queueform_data.q\n}\n",
    );
    assert!(text.contains("has two new addresses"), "{text}");
    let text = refused(
        "moved {\n  from = queueform_data.o\n  to = queueform_data.q\n}\nmoved {\n  from = queueform_data.p\n  to = queueform_data.q\n}\n",
    );
    assert!(text.contains("two objects move to `queueform_data.q`"), "{text}");
    let text = refused(
        "moved {\n  from = queueform_data.o\n  to = queueform_data.p\n}\nmoved {\n  from = queueform_data.p\n  to = queueform_data.o\n}\n",
    );
    assert!(text.contains("lead back to where they start"), "{text}");
    let text = refused("moved {\n  from = module.a\n  to = queueform_data.q\n}\n");
    assert!(text.contains("a module cannot become a resource"), "{text}");
}

#[test]
fn a_taken_address_blocks_a_move() {
    let place = applied(TWO);
    place.write(
        "main.qf.hcl",
        "resource \"queueform_data\" \"b\" {\n  input = \"x\"\n}\nmoved {\n  from = queueform_data.a[\"x\"]\n  to   = queueform_data.b\n}\n",
    );
    let plan = place.run(&["plan"]).ended(0);
    assert!(plan.stderr.contains("objects could not move"), "{plan}");
    assert!(plan.stderr.contains("`queueform_data.a[\"x\"]` to `queueform_data.b`"), "{plan}");
    assert!(plan.stdout.contains("2 to destroy"), "{plan}");
}

#[test]
fn imports_by_command_and_by_block() {
    let place = Place::with(&[("main.qf.hcl", "resource \"queueform_data\" \"a\" {\n  input = 1\n}\n")]);
    let unknown = place.run(&["import", "queueform_data.z", "id-1"]).ended(1);
    assert!(unknown.stderr.contains("there is no block for `queueform_data.z`"), "{unknown}");
    let keyed = place.run(&["import", "queueform_data.a[0]", "id-1"]).ended(1);
    assert!(keyed.stderr.contains("does not stand for `queueform_data.a[0]`"), "{keyed}");
    let done = place.run(&["import", "queueform_data.a", "id-1"]).success();
    assert!(done.starts_with("queueform_data.a: imported, id id-1."), "{done}");
    assert_eq!(place.run(&["state", "list", "-id=id-1"]).success(), "queueform_data.a\n");
    let again = place.run(&["import", "queueform_data.a", "id-2"]).ended(1);
    assert!(again.stderr.contains("`queueform_data.a` is managed already"), "{again}");

    place.write(
        "more.qf.hcl",
        r#"
        resource "queueform_data" "more" {
          for_each = toset(["x", "y"])
        }
        import {
          for_each = { x = "id-x", y = "id-y" }
          to       = queueform_data.more[each.key]
          identity = { id = each.value }
        }
        "#,
    );
    let plan = place.run(&["plan"]).success();
    assert!(plan.contains("imported, id id-x"), "{plan}");
    assert!(plan.contains("Plan: 2 to import, 0 to add, 1 to change, 0 to destroy."), "{plan}");
    let applied = place.run(&["apply", "-auto-approve"]).success();
    assert!(applied.contains("Resources: 2 imported, 0 added, 1 changed, 0 destroyed."), "{applied}");
    // Imports that are done are no work.
    assert!(place.run(&["plan"]).success().contains("No changes."));
}

#[test]
fn imports_that_cannot_be_done_are_explained() {
    let refused = |text: &str| {
        let place = Place::with(&[("main.qf.hcl", text)]);
        place.run(&["plan"]).ended(1).stderr
    };
    let a = "resource \"queueform_data\" \"a\" {}\nresource \"queueform_data\" \"b\" {}\n";
    let import = |to: &str, rest: &str| format!("import {{\n  to = {to}\n  {rest}\n}}\n");
    for (imports, why) in [
        (import("queueform_data.z", "id = \"1\""), "there is no block for `queueform_data.z`"),
        (import("queueform_data.a", ""), "needs the argument `id`"),
        (import("queueform_data.a", "id = \"1\"\n  identity = {}"), "exclude each other"),
        (import("queueform_data.a", "id = \"\""), "must not be empty"),
        (import("queueform_data.a", "id = null"), "must not be null"),
        (import("queueform_data.a", "id = queueform_data.b.id"), "must be known while planning"),
        (import("queueform_data.a", "id = queueform_data.a.id"), "refers to `queueform_data.a` itself"),
        (import("queueform_data.a", "id = sensitive(\"1\")"), "cannot be secret"),
        (import("queueform_data.a", "identity = { name = \"1\" }"), "has no part `name`"),
        (import("queueform_data.a", "identity = {}"), "needs `id`"),
        (import("queueform_data.a[0]", "id = \"1\""), "does not stand for `queueform_data.a[0]`"),
        (import("queueform_data.a", "id = \"1\"\n  provider = dms"), "not by `dms`"),
        (import("data.queueform_data.a", "id = \"1\""), "must be the address of a managed resource"),
        (
            import("queueform_data.a", "id = \"1\"") + &import("queueform_data.b", "id = \"1\""),
            "`1` is imported as `queueform_data.a` and as `queueform_data.b`",
        ),
        (
            import("queueform_data.a", "id = \"1\"") + &import("queueform_data.a", "id = \"2\""),
            "`queueform_data.a` is imported twice",
        ),
    ] {
        let text = refused(&format!("{a}{imports}"));
        assert!(text.contains(why), "{why}:\n{text}");
    }
}

#[test]
fn mistakes_in_imports_are_found_without_planning() {
    for (block, import, why) in [
        ("count = 2", "to = queueform_data.a\n  id = \"1\"", "does not stand for `queueform_data.a`"),
        (
            "count = 2",
            "to = queueform_data.a[\"x\"]\n  id = \"1\"",
            "does not stand for `queueform_data.a[\"x\"]`",
        ),
        (
            "for_each = {}",
            "to = queueform_data.a[0]\n  id = \"1\"",
            "does not stand for `queueform_data.a[0]`",
        ),
        ("", "to = queueform_data.a\n  id = \"\"", "must not be empty"),
        ("", "to = queueform_data.a\n  id = [1]", "is not a string"),
    ] {
        let text =
            format!("resource \"queueform_data\" \"a\" {{\n  {block}\n}}\nimport {{\n  {import}\n}}\n");
        let found = Place::with(&[("main.qf.hcl", &text)]).run(&["validate"]).ended(1);
        assert!(found.stderr.contains(why), "{why}:\n{found}");
    }
    let topic = r#"
        resource "dms_rocketmq_topic" "a" {
          instance_id = "i"
          name        = "orders"
        }
        import {
          to = dms_rocketmq_topic.a
          id = "orders"
        }
        moved {
          from = data.dms_rocketmq_topics.a
          to   = data.dms_rocketmq_topics.b
        }
    "#;
    let found = Place::with(&[("main.qf.hcl", topic)]).run(&["validate"]).ended(1);
    assert!(found.stderr.contains("`orders` is not an id of `dms_rocketmq_topic`"), "{found}");
    assert!(found.stderr.contains("its form is `<instance_id>/<name>`"), "{found}");
}

#[test]
fn removed_blocks_forget_instances() {
    let place = applied(TWO);
    place.write(
        "main.qf.hcl",
        r#"
        resource "queueform_data" "a" {
          for_each = toset(["x"])
          input    = each.key
        }
        removed {
          from = queueform_data.a["y"]
          lifecycle {
            destroy = false
          }
        }
        removed {
          from = queueform_data.b
          lifecycle {
            destroy = true
          }
        }
        "#,
    );
    let plan = place.run(&["plan"]).ended(0);
    assert!(plan.stdout.contains("1 to destroy, 1 to forget"), "{plan}");
    assert!(plan.stderr.contains("some objects will no longer be managed"), "{plan}");
    drop(place.run(&["apply", "-auto-approve"]).ended(0));
    assert_eq!(addresses(&place), "queueform_data.a[\"x\"]\n");
}
