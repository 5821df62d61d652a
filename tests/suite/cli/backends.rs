//! `backend` blocks: where states are kept, and how they move.

use crate::support::Place;

const MAIN: &str = "resource \"queueform_data\" \"a\" {\n  input = queueform.workspace\n}\n";

fn configured(path: &str) -> String {
    format!("queueform {{\n  backend \"local\" {{\n    path = \"{path}\"\n  }}\n}}\n\n{MAIN}")
}

fn apply(place: &Place) {
    drop(place.run(&["apply", "-auto-approve"]).success());
}

#[test]
fn a_state_in_the_directory_is_not_forgotten() {
    let place = Place::with(&[("main.qf.hcl", MAIN)]);
    apply(&place);
    place.write("main.qf.hcl", &configured("kept/state.json"));
    let refused = place.run(&["plan"]).ended(1);
    assert!(refused.stderr.contains("backend-changed"), "{refused}");
    assert!(refused.stderr.contains("init --migrate-state"), "{refused}");
    let refused = place.run(&["init"]).ended(1);
    assert!(refused.stderr.contains("backend-changed"), "{refused}");
    let moved = place.run(&["init", "-migrate-state"]).success();
    assert!(moved.contains("Copied the state of workspace `default`: 1 object."), "{moved}");
    assert!(moved.contains("`./queueform.state.migrated.json`"), "{moved}");
    assert!(!place.has("queueform.state.json"));
    assert!(place.has("kept/state.json"));
    let plan = place.run(&["plan"]).success();
    assert!(plan.contains("No changes"), "{plan}");
}

#[test]
fn a_change_of_place_is_noticed_and_followed() {
    let place = Place::with(&[("main.qf.hcl", &configured("one.json"))]);
    apply(&place);
    place.write("main.qf.hcl", &configured("two.json"));
    let refused = place.run(&["apply", "-auto-approve"]).ended(1);
    assert!(refused.stderr.contains("./one.json"), "{refused}");
    assert!(refused.stderr.contains("./two.json"), "{refused}");
    assert!(!place.has("two.json"));
    // The new place as it is: everything would be made again.
    drop(place.run(&["init", "-reconfigure"]).success());
    let plan = place.run(&["plan"]).success();
    assert!(plan.contains("1 to add"), "{plan}");
    place.write("main.qf.hcl", &configured("one.json"));
    drop(place.run(&["init", "-reconfigure"]).success());
    assert!(place.run(&["plan"]).success().contains("No changes"));
    // Without a block, the state comes home.
    place.write("main.qf.hcl", MAIN);
    drop(place.run(&["plan"]).ended(1));
    drop(place.run(&["init", "-migrate-state"]).success());
    assert!(place.has("queueform.state.json") && !place.has(".queueform/backend.json"));
    assert!(place.run(&["plan"]).success().contains("No changes"));
}

#[test]
fn another_state_at_the_new_place_is_not_overwritten() {
    let place = Place::with(&[("main.qf.hcl", &configured("one.json"))]);
    apply(&place);
    place.write("main.qf.hcl", &configured("two.json"));
    drop(place.run(&["init", "-reconfigure"]).success());
    apply(&place);
    let two = place.read("two.json");
    place.write("main.qf.hcl", &configured("one.json"));
    let refused = place.run(&["init", "-migrate-state"]).ended(1);
    assert!(refused.stderr.contains("--force-copy"), "{refused}");
    let one = place.read("one.json");
    assert_ne!(one, two);
    drop(place.run(&["init", "-migrate-state", "-force-copy"]).success());
    let pulled: serde_json::Value = place.run(&["state", "pull"]).json();
    let wanted: serde_json::Value = serde_json::from_str(&two).unwrap();
    assert_eq!(pulled["lineage"], wanted["lineage"]);
}

#[test]
fn options_complete_the_block() {
    let block = "queueform {\n  backend \"local\" {}\n}\n";
    let place = Place::with(&[("main.qf.hcl", &format!("{block}{MAIN}"))]);
    drop(place.run(&["init", "-backend-config=path=given.json"]).success());
    apply(&place);
    assert!(place.has("given.json"));
    place.write("engine.hcl", "path = \"file.json\"\n");
    let refused = place.run(&["init", "-backend-config=engine.hcl"]).ended(1);
    assert!(refused.stderr.contains("backend-changed"), "{refused}");
    drop(place.run(&["init", "-backend-config=engine.hcl", "-migrate-state"]).success());
    assert!(place.has("file.json"));
    assert!(place.run(&["plan"]).success().contains("No changes"));
    for (argument, words) in
        [("-backend-config=pth=x", "`path`"), ("-backend-config=none.hcl", "cannot read `none.hcl`")]
    {
        let refused = place.run(&["init", argument]).ended(1);
        assert!(refused.stderr.contains(words), "{refused}");
    }
}

#[test]
fn options_without_a_block_are_told_to_be_of_no_use() {
    let place = Place::with(&[("main.qf.hcl", MAIN)]);
    let done = place.run(&["init", "-backend-config=path=given.json"]).ended(0);
    assert!(done.stderr.contains("warning[backend-unused]: `--backend-config` is of no use"), "{done}");
    apply(&place);
    assert!(!place.has("given.json") && place.has("queueform.state.json"));
}

#[test]
fn typos_are_found_without_a_state() {
    let place = Place::with(&[("main.qf.hcl", "queueform {\n  backend \"lokal\" {}\n}\n")]);
    let refused = place.run(&["validate"]).ended(1);
    assert!(refused.stderr.contains("did you mean `local`?"), "{refused}");
}
