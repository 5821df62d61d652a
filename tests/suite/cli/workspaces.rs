//! `workspace …`: several states of one configuration.

use crate::support::Place;

const MAIN: &str = "resource \"queueform_data\" \"a\" {\n  input = queueform.workspace\n}\n\noutput \"name\" {\n  value = queueform_data.a.output\n}\n";

#[test]
fn each_workspace_has_a_state_of_its_own() {
    let place = Place::with(&[("main.qf.hcl", MAIN)]);
    assert_eq!(place.run(&["workspace", "list"]).success(), "* default\n");
    drop(place.run(&["apply", "-auto-approve"]).success());
    assert!(place.run(&["workspace", "new", "green"]).success().contains("`green`"));
    assert_eq!(place.run(&["workspace", "show"]).success(), "green\n");
    assert_eq!(place.run(&["workspace", "list"]).success(), "  default\n* green\n");
    assert_eq!(place.run(&["state", "list"]).success(), "");
    drop(place.run(&["apply", "-auto-approve"]).success());
    assert_eq!(place.run(&["output", "-raw", "name"]).success().trim(), "green");
    assert!(place.has("queueform.state.d/green/queueform.state.json"));
    drop(place.run(&["workspace", "select", "default"]).success());
    assert_eq!(place.run(&["output", "-raw", "name"]).success().trim(), "default");
    let listed = place.run(&["workspace", "list", "-json"]).json();
    assert_eq!(listed, serde_json::json!({ "current": "default", "workspaces": ["default", "green"] }));

    let refused = place.run(&["workspace", "delete", "green"]).ended(1);
    assert!(refused.stderr.contains("still manages 1 object"), "{refused}");
    let forced = place.run(&["workspace", "delete", "-force", "green"]).success();
    assert!(forced.contains("managed by nobody"), "{forced}");
    assert!(!place.has("queueform.state.d/green"));
    assert_eq!(place.run(&["workspace", "list"]).success(), "* default\n");
}

#[test]
fn what_cannot_be_is_refused() {
    let place = Place::with(&[("main.qf.hcl", MAIN)]);
    for (arguments, words) in [
        (&["workspace", "select", "gren"][..], "workspace new gren"),
        (&["workspace", "new", "a/b"], "cannot be the name of a workspace"),
        (&["workspace", "new", "default"], "already"),
        (&["workspace", "delete", "default"], "cannot be deleted"),
        (&["workspace", "delete", "blue"], "no workspace `blue`"),
    ] {
        let output = place.run(arguments).ended(1);
        assert!(output.stderr.contains(words), "{output}");
    }
    drop(place.run(&["workspace", "select", "-or-create", "green"]).success());
    let current = place.run(&["workspace", "delete", "green"]).ended(1);
    assert!(current.stderr.contains("select default"), "{current}");
    let forced =
        place.command(&["workspace", "select", "default"]).env("QF_WORKSPACE", "green").output().ended(1);
    assert!(forced.stderr.contains("QF_WORKSPACE"), "{forced}");
    let shown = place.command(&["workspace", "show"]).env("QF_WORKSPACE", "blue").output().success();
    assert_eq!(shown, "blue\n");
}

#[test]
fn a_workspace_may_begin_with_a_state() {
    let place = Place::with(&[("main.qf.hcl", MAIN)]);
    drop(place.run(&["apply", "-auto-approve"]).success());
    place.write("old.json", &place.run(&["state", "pull"]).success());
    drop(place.run(&["workspace", "new", "-state=old.json", "copy"]).success());
    assert_eq!(place.run(&["state", "list"]).success(), "queueform_data.a\n");
    place.write("broken.json", "{");
    let refused = place.run(&["workspace", "new", "-state=broken.json", "other"]).ended(1);
    assert!(refused.stderr.contains("cannot be read"), "{refused}");
    assert!(!place.run(&["workspace", "list"]).success().contains("other"));
}
