//! Looking at states and changing them by hand.

use std::sync::Arc;

use queueform::api::Stop;
use queueform::diag::Code;
use queueform::ops::output::outputs;
use queueform::ops::show;
use queueform::ops::state;
use queueform::ops::state::Resolution;
use queueform::render::Look;
use queueform::render::state as draw;
use queueform::schema::Registry;
use queueform::state::Action;
use queueform::state::Intent;
use queueform::state::ObjectRef;
use queueform::state::Output;
use queueform::state::Status;
use queueform::state::journal::Record;
use queueform::value::Marks;
use queueform::value::Type;
use queueform::value::Value;

use super::support::codes;
use super::support::data;
use super::support::record;
use super::support::said;
use super::support::state_of;
use super::support::text;
use crate::support::Place;

fn output(name: &str, value: &Value, sensitive: bool) -> Record {
    Record::Output { name: text(name), output: Some(Output::from_value(value, sensitive, None).unwrap()) }
}

fn outputs_of_all_kinds() -> Place {
    let place = Place::new();
    record(
        &place,
        vec![
            output("name", &Value::string("orders"), false),
            output("count", &Value::int(3), false),
            output("list", &Value::list(Type::String, [Value::string("a"), Value::string("b")]), false),
            output("secret", &Value::string("Canary-1").mark(Marks::SENSITIVE), true),
        ],
    );
    place
}

#[test]
fn outputs_are_shown_as_text_json_and_raw() {
    let place = outputs_of_all_kinds();
    let found = outputs(&state_of(place.path())).unwrap();
    assert_eq!(
        draw::outputs(found.all()),
        "count = 3\nlist = [\n  \"a\",\n  \"b\",\n]\nname = \"orders\"\nsecret = (sensitive value)\n"
    );
    let json = found.json().unwrap();
    assert_eq!(json["name"], serde_json::json!({ "sensitive": false, "type": "string", "value": "orders" }));
    assert_eq!(json["list"]["type"], serde_json::json!(["list", "string"]));
    assert_eq!(json["secret"], serde_json::json!({ "sensitive": true, "type": "string", "value": null }));
    assert_eq!(found.raw("name").unwrap(), "orders");
    assert_eq!(found.raw("count").unwrap(), "3");
    assert_eq!(found.raw("list").unwrap_err().code, Code::UnsuitableValue);
    let unknown = found.raw("nam").unwrap_err();
    assert_eq!(unknown.code, Code::NotFound);
    assert!(unknown.hints.join("").contains("name"), "{unknown:?}");
}

#[test]
fn secrets_that_are_not_stored_say_what_to_do() {
    let place = outputs_of_all_kinds();
    assert!(!place.read("queueform.state.json").contains("Canary"));
    let found = outputs(&state_of(place.path())).unwrap().raw("secret").unwrap_err();
    assert_eq!(found.code, Code::SecretUnavailable);
    assert!(!found.hints.is_empty());
}

#[test]
fn objects_are_listed_and_shown() {
    let place = Place::new();
    record(
        &place,
        vec![
            data("queueform_data.a", "first\nsecond", |object| object.status = Status::Tainted),
            data("queueform_data.b[\"x\"]", "b", |object| object.prevent_destroy = true),
            data("queueform_data.b[\"y\"]", "c", |_| {}),
        ],
    );
    let view = state_of(place.path()).view().unwrap().recovered.state;
    let names = |selection: &[&str], id: Option<&str>| -> Vec<String> {
        let selection: Vec<_> = selection.iter().map(|one| one.parse().unwrap()).collect();
        state::list(&view, &selection, id).unwrap().iter().map(|one| one.target.to_string()).collect()
    };
    assert_eq!(names(&[], None).len(), 3);
    assert_eq!(names(&["queueform_data.b"], None), ["queueform_data.b[\"x\"]", "queueform_data.b[\"y\"]"]);
    assert_eq!(names(&["queueform_data.a"], Some("none")), Vec::<String>::new());
    assert_eq!(names(&[], Some("00000000-0000-4000-8000-000000000001")).len(), 3);
    let found = state::list(&view, &["queueform_data.z".parse().unwrap()], None).unwrap_err();
    assert_eq!(codes(&found), [Code::InvalidTarget]);

    let shown = show::state(&state_of(place.path())).unwrap();
    let human = shown.human(&Registry::embedded(), false, false, Look::plain());
    insta::assert_snapshot!(human);
    let file = show::file(
        &place.path().join("queueform.state.json"),
        &queueform::ops::place::PlaceOptions::default(),
    )
    .unwrap();
    assert_eq!(file.human(&Registry::embedded(), false, false, Look::plain()), human);
    assert_eq!(shown.json(&Registry::embedded())["values"]["root_module"]["resources"][0]["tainted"], true);
}

#[test]
fn marks_and_protection_are_changed_by_hand() {
    let place = Place::new();
    record(&place, vec![data("queueform_data.a", "a", |object| object.prevent_destroy = true)]);
    let (at, stop) = (state_of(place.path()), Stop::never());
    let addr = "queueform_data.a".parse().unwrap();
    let object = || {
        let state = at.view().unwrap().recovered.state;
        state.object(&ObjectRef::current("queueform_data.a".parse().unwrap())).cloned()
    };
    assert!(state::unprotect(&at, &addr, &stop).unwrap());
    assert!(!object().unwrap().prevent_destroy);
    assert!(!state::unprotect(&at, &addr, &stop).unwrap());
    assert!(state::taint(&at, &addr, true, &stop).unwrap());
    assert_eq!(object().unwrap().status, Status::Tainted);
    assert!(state::taint(&at, &addr, false, &stop).unwrap());
    assert_eq!(object().unwrap().status, Status::Ready);
    assert_eq!(codes(&state::remove(&at, &[], false, &stop).unwrap_err()), [Code::Usage]);
    assert_eq!(state::remove(&at, &["queueform_data.a".parse().unwrap()], false, &stop).unwrap().len(), 1);
    assert_eq!(object(), None);
    let found = state::taint(&at, &addr, true, &stop).unwrap_err();
    assert_eq!(codes(&found), [Code::InvalidTarget]);
}

#[test]
fn doubts_are_settled_by_hand() {
    let in_doubt = || {
        let place = Place::new();
        let Record::Put(put) = data("queueform_data.a", "a", |_| {}) else { panic!("no object") };
        let intent = Intent {
            sequence: 0,
            run: text("run"),
            plan: text("plan"),
            step: 1,
            call: text("create"),
            done: Vec::new(),
            action: Action::Create,
            target: put.target.clone(),
            provider: put.provider.clone(),
            schema_version: 1,
            schema_digest: Arc::clone(&put.schema_digest),
            planned: Some(Box::new(put.object.clone())),
            natural_key: None,
            token: None,
            seen: Vec::new(),
            due: Vec::new(),
            serves: None,
            before: Box::default(),
            prior: None,
            at: text("2026-01-02T03:04:05Z"),
        };
        record(&place, vec![Record::Intent(Box::new(intent))]);
        place
    };
    let (registry, stop) = (Registry::embedded(), Stop::never());
    let addr = "queueform_data.a".parse().unwrap();

    let place = in_doubt();
    let at = state_of(place.path());
    let shown = show::state(&at).unwrap().human(&registry, false, false, Look::plain());
    assert!(shown.contains("in doubt") && shown.contains("state resolve 'queueform_data.a'"), "{shown}");
    state::resolve(&at, &registry, &addr, &Resolution::Absent, &stop).unwrap();
    assert!(at.view().unwrap().recovered.state.is_empty());

    let place = in_doubt();
    let at = state_of(place.path());
    let adopt = Resolution::Adopt("f47ac10b-58cc-4372-a567-0e02b2c3d479".to_owned());
    state::resolve(&at, &registry, &addr, &adopt, &stop).unwrap();
    let state = at.view().unwrap().recovered.state;
    let object = state.object(&ObjectRef::current(addr.clone())).unwrap();
    assert_eq!(object.status, Status::Ready);
    assert_eq!(object.attributes.text("id").as_deref(), Some("f47ac10b-58cc-4372-a567-0e02b2c3d479"));

    let found = state::resolve(&at, &registry, &addr, &adopt, &stop).unwrap_err();
    assert_eq!(codes(&found), [Code::InDoubt]);
    assert!(said(&found).contains("not in doubt"), "{}", said(&found));
}
