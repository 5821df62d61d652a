//! One configuration of many parts: planned, applied, changed and destroyed.

use serde_json::Value as Json;

use crate::support::Place;

use super::same;
use super::translated;

/// What Terraform was observed to write.
const OBSERVED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/terraform");

fn recorded(name: &str) -> String {
    std::fs::read_to_string(format!("{OBSERVED}/{name}")).unwrap()
}

fn plan(place: &Place, arguments: &[&str]) -> Json {
    let arguments = [&["plan", "-out=a.qfplan"], arguments].concat();
    drop(place.run(&arguments).success());
    place.run(&["show", "-json", "a.qfplan"]).ended(0).json()
}

#[test]
fn plans_and_states_are_written_as_terraform_writes_them() {
    let place = Place::with(&[("main.qf.hcl", &translated(&recorded("main.tf")))]);
    let same = |name: &str, ours: &Json| same(name, &recorded(name), ours);
    same("first.json", &plan(&place, &[]));
    drop(place.run(&["apply", "a.qfplan"]).success());
    same("state.json", &place.run(&["show", "-json"]).ended(0).json());
    same("nothing.json", &plan(&place, &[]));
    same("second.json", &plan(&place, &["-var=size=2", "-var=keys=[\"x\",\"z\"]"]));
    same("destroy.json", &plan(&place, &["-destroy"]));
}
