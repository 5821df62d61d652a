//! `schema show` and `schema check`

use insta::assert_snapshot;

use crate::support::Place;

#[test]
fn an_unknown_type() {
    assert_snapshot!(Place::new().run(&["schema", "show", "dms_rocketmq_tropic"]));
}

#[test]
fn the_list_as_json() {
    let json = Place::new().run(&["schema", "show", "--json"]).ended(0).json();
    assert!(json["types"].is_array(), "{json}");
}

#[test]
fn every_mistake_of_a_schema_is_reported() {
    let place = Place::with(&[(
        "schemas/demo/thing.hcl",
        "resource \"demo_thing\" {\n  version = 1\n  colour  = \"red\"\n}\n",
    )]);
    let output = place.run(&["schema", "check", "schemas"]).ended(1);
    assert!(output.stderr.contains("`colour`"), "{output}");
    assert!(output.stderr.contains("schemas/demo/thing.hcl:3:3"), "{output}");
    let json = place.run(&["schema", "check", "schemas", "--json"]).ended(1).json();
    assert_eq!(json["valid"], false);
}

#[test]
fn a_directory_without_schemas() {
    assert_snapshot!(Place::new().run(&["schema", "check", "."]), @"
    ------- stderr -------
    error[invalid-schema]: there are no schema files in `.`
     |
     = hint: schemas are `PROVIDER/provider.hcl`, `PROVIDER/TYPE.hcl` and `PROVIDER/data/TYPE.hcl`

    [exit status: 1]
    ");
}
