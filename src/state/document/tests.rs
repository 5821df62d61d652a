use std::sync::Arc;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::addr::InstanceAddr;
use crate::addr::InstanceKey;
use crate::addr::ModuleInstance;
use crate::addr::ProviderAddr;
use crate::addr::ResourceAddr;
use crate::addr::Step;
use crate::addr::ValuePath;
use crate::state::Action;
use crate::state::Answer;
use crate::state::Attributes;
use crate::state::CheckObject;
use crate::state::CheckResult;
use crate::state::CheckStatus;
use crate::state::DeposedKey;
use crate::state::Identity;
use crate::state::Instance;
use crate::state::Intent;
use crate::state::Lineage;
use crate::state::Object;
use crate::state::ObjectRef;
use crate::state::Output;
use crate::state::Pending;
use crate::state::PlanProgress;
use crate::state::State;
use crate::state::Status;
use crate::value::Marks;
use crate::value::Type;
use crate::value::Value;

/// A document as Terraform 1.11.4 writes it: indented, with dynamic attributes and a private part of its own.
const TERRAFORM: &str = r#"{
  "version": 4,
  "terraform_version": "1.11.4",
  "serial": 7,
  "lineage": "3f6b2d9e-0000-4000-8000-000000000001",
  "outputs": {
    "names": {
      "value": ["a", "b"],
      "type": ["tuple", ["string", "string"]]
    },
    "secret": {
      "value": "hunter2",
      "type": "string",
      "sensitive": true
    }
  },
  "resources": [
    {
      "module": "module.m[\"x.y\"]",
      "mode": "managed",
      "type": "terraform_data",
      "name": "pair",
      "provider": "provider[\"terraform.io/builtin/terraform\"]",
      "instances": [
        {
          "index_key": 0,
          "schema_version": 0,
          "attributes": {
            "id": "9d0a",
            "input": {
              "value": { "a": 1, "b": "spaced  text" },
              "type": ["object", { "a": "number", "b": "string" }]
            },
            "output": {
              "value": { "a": 1, "b": "spaced  text" },
              "type": ["object", { "a": "number", "b": "string" }]
            },
            "triggers_replace": null
          },
          "sensitive_attributes": [[{ "type": "get_attr", "value": "input" }, { "type": "get_attr", "value": "b" }]],
          "identity_schema_version": 0,
          "private": "eyJlMmJmYjczMCI6eyJjcmVhdGUiOjYwMH19",
          "dependencies": ["terraform_data.first", "module.m.terraform_data.other"]
        },
        {
          "index_key": 1,
          "status": "tainted",
          "deposed": "00c0ffee",
          "schema_version": 0,
          "attributes": { "id": "9d0b", "input": null, "output": null, "triggers_replace": null },
          "sensitive_attributes": [],
          "create_before_destroy": true
        }
      ]
    }
  ],
  "check_results": [
    { "object_kind": "resource", "config_addr": "terraform_data.first", "status": "pass",
      "objects": [{ "object_addr": "terraform_data.first", "status": "pass" }] }
  ]
}
"#;

fn terraform_data() -> Type {
    Type::object([
        ("id", Type::String),
        ("input", Type::Any),
        ("output", Type::Any),
        ("triggers_replace", Type::Any),
    ])
}

#[test]
fn documents_of_terraform_are_read() {
    let state = read(TERRAFORM.as_bytes()).unwrap();
    assert_eq!((state.serial, &*state.written_by), (7, "1.11.4"));
    let addr: InstanceAddr = "module.m[\"x.y\"].terraform_data.pair[0]".parse().unwrap();
    let object = state.instance(&addr).unwrap().current.clone().unwrap();
    let value = object.value(&terraform_data()).unwrap();
    let input = value.get("input").unwrap();
    assert!(input.get("a").unwrap().same_as(&Value::int(1)));
    assert_eq!(&**input.get("b").unwrap().as_str().unwrap(), "spaced  text");
    assert!(input.get("b").unwrap().marks().is_sensitive());
    assert_eq!(object.private.get("e2bfb730"), Some(&json!({ "create": 600 })));
    assert_eq!(object.dependencies.len(), 2);
    let other: InstanceAddr = "module.m[\"x.y\"].terraform_data.pair[1]".parse().unwrap();
    let instance = state.instance(&other).unwrap();
    assert!(instance.current.is_none());
    let deposed = &instance.deposed[&DeposedKey::parse("00c0ffee").unwrap()];
    assert_eq!(deposed.status, Status::Tainted);
    assert!(deposed.create_before_destroy);
    assert_eq!(state.checks.len(), 1);
    assert!(state.outputs["secret"].value("secret").unwrap().marks().is_sensitive());
}

#[test]
fn secrets_in_clear_are_never_written_back() {
    let state = read(TERRAFORM.as_bytes()).unwrap();
    let text = String::from_utf8(write(&state).unwrap()).unwrap();
    // The object repeats the secret in `output`, which its provider did not mark: that is the file's business.
    assert!(!text.contains("hunter2"));
    let again = read(text.as_bytes()).unwrap();
    let addr: InstanceAddr = "module.m[\"x.y\"].terraform_data.pair[0]".parse().unwrap();
    let object = again.instance(&addr).unwrap().current.clone().unwrap();
    let path = ValuePath(vec![Step::Attr("input".into()), Step::Attr("b".into())]);
    assert!(object.sensitive_matches(&path, &Value::string("spaced  text")));
    assert!(!object.sensitive_matches(&path, &Value::string("spaced text")));
    let value = object.value(&terraform_data()).unwrap();
    let leaf = value.get("input").unwrap().get("b").unwrap();
    assert!(leaf.is_null() && leaf.marks().is_sensitive());
    assert!(again.outputs["secret"].value("secret").is_err());
    assert!(again.outputs["secret"].is_value(&Value::string("hunter2")));
    assert!(!again.outputs["secret"].is_value(&Value::string("hunter3")));
    assert_eq!(write(&again).unwrap(), text.as_bytes());
}

#[test]
fn terraform_finds_its_own_fields_again() {
    let text = write(&read(TERRAFORM.as_bytes()).unwrap()).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&text).unwrap();
    let keys: Vec<&String> = json.as_object().unwrap().keys().collect();
    let expected = [
        "check_results",
        "lineage",
        "outputs",
        "queueform",
        "resources",
        "serial",
        "terraform_version",
        "version",
    ];
    let mut keys: Vec<&str> = keys.into_iter().map(String::as_str).collect();
    keys.sort_unstable();
    assert_eq!(keys, expected);
    let resource = &json["resources"][0];
    assert_eq!(resource["module"], "module.m[\"x.y\"]");
    assert_eq!(resource["provider"], "provider[\"queueform.io/builtin/terraform\"]");
    let first = &resource["instances"][0];
    assert_eq!(first["index_key"], 0);
    assert_eq!(first["sensitive_attributes"][0][1]["value"], "b");
    assert_eq!(first["dependencies"], json!(["module.m.terraform_data.other", "terraform_data.first"]));
    assert_eq!(resource["instances"][1]["deposed"], "00c0ffee");
    assert_eq!(resource["instances"][1]["status"], "tainted");
}

#[test]
fn newer_and_older_versions_are_told_from_damage() {
    assert!(matches!(
        read(br#"{"version": 5, "resources": {"new": "shape"}}"#),
        Err(DocumentError::TooNew { .. })
    ));
    assert!(matches!(
        read(br#"{"version": 4, "queueform": {"format": 2, "folded": "new shape"}}"#),
        Err(DocumentError::TooNew { .. })
    ));
    assert!(matches!(read(br#"{"version": 3, "modules": []}"#), Err(DocumentError::TooOld { found: 3 })));
    assert!(matches!(read(b""), Err(DocumentError::Corrupt { .. })));
    let Err(DocumentError::Corrupt { line, .. }) = read(b"{\n  \"version\": 4,\n  oops\n}") else {
        panic!("accepted");
    };
    assert_eq!(line, 3);
    assert!(matches!(read(b"[]"), Err(DocumentError::Corrupt { .. })));
}

#[test]
fn a_truncated_document_is_never_read() {
    let text = write(&read(TERRAFORM.as_bytes()).unwrap()).unwrap();
    for length in 0..text.trim_ascii_end().len() {
        assert!(read(&text[..length]).is_err(), "accepted {length} bytes");
    }
}

#[test]
fn the_same_address_twice_is_damage() {
    let text =
        TERRAFORM.replace("\"index_key\": 1", "\"index_key\": 0").replace("\"deposed\": \"00c0ffee\",", "");
    let error = read(text.as_bytes()).unwrap_err().to_string();
    assert!(error.contains("pair[0]` is there twice"), "{error}");
}

#[test]
fn the_unfinished_survives_in_private() {
    let ty = Type::object([("id", Type::String), ("name", Type::String)]);
    let planned = Value::object([("id", Value::unknown(Type::String)), ("name", Value::string("orders"))]);
    let planned = Attributes::encode(&planned, &ty, None).unwrap();
    assert_eq!(planned.unknown(), [ValuePath::attr("id")]);
    let target = ObjectRef::current("dms_rocketmq_topic.orders".parse().unwrap());
    let intent = Intent {
        sequence: 4,
        run: "run".into(),
        plan: "plan".into(),
        step: 3,
        call: "create".into(),
        done: Vec::new(),
        action: Action::Create,
        target: target.clone(),
        provider: ProviderAddr { name: "dms".into(), alias: Some("west".into()) },
        schema_version: 1,
        schema_digest: "d1".into(),
        planned: Some(Box::new(Object::new(planned))),
        natural_key: Some("i-1/orders".into()),
        token: None,
        seen: vec!["other".into()],
        due: Vec::new(),
        serves: None,
        before: Box::default(),
        prior: None,
        at: "2026-08-01T00:00:00Z".into(),
    };
    let answer = Answer {
        intent: 4,
        target: target.clone(),
        id: Some("t-1".into()),
        job: Some("j-1".into()),
        attributes: None,
        call: None,
        request_id: None,
        at: "2026-08-01T00:00:01Z".into(),
    };
    let like = Instance::new(intent.provider.clone(), 1, "d1");
    for status in [
        Status::InDoubt(Box::new(intent.clone())),
        Status::Pending(Box::new(Pending { intent: intent.clone(), answer })),
        Status::Incomplete { done: vec!["create".into()], failed: "queues".into() },
    ] {
        let mut state = State { lineage: Lineage("l".into()), ..State::default() };
        let known = Value::object([("id", Value::null_of(Type::String)), ("name", Value::string("orders"))]);
        let object = Object::new(Attributes::encode(&known, &ty, None).unwrap()).with_status(status);
        state.put(&target, &like, object);
        state.written_by = env!("CARGO_PKG_VERSION").into();
        let text = write(&state).unwrap();
        assert_eq!(read(&text).unwrap(), state);
        assert!(String::from_utf8(text).unwrap().contains("\"status\":\"tainted\""));
    }
}

fn addr() -> impl Strategy<Value = InstanceAddr> {
    let key = prop_oneof![
        Just(None),
        (0_u64..3).prop_map(|index| Some(InstanceKey::Int(index))),
        "[a-z\"\\\\${%\n. é]{0,6}".prop_map(|key| Some(InstanceKey::Str(key.into()))),
    ];
    let module = prop::collection::vec(("[a-c]", key.clone()), 0..2)
        .prop_map(|steps| ModuleInstance(steps.into_iter().map(|(name, key)| (name.into(), key)).collect()));
    (module, any::<bool>(), "dms_[ab]", "[a-c]", key).prop_map(|(module, is_data, kind, name, key)| {
        let resource =
            if is_data { ResourceAddr::data(kind, name) } else { ResourceAddr::managed(kind, name) };
        InstanceAddr { resource: ResourceAddr { module, ..resource }, key }
    })
}

fn object_type() -> Type {
    Type::object([
        ("id", Type::String),
        ("count", Type::Number),
        ("tags", Type::map(Type::String)),
        ("ports", Type::set(Type::Number)),
        ("free", Type::Any),
        ("rows", Type::list(Type::object([("name", Type::String), ("on", Type::Bool)]))),
    ])
}

fn attributes() -> impl Strategy<Value = Value> {
    let text = ".{0,8}".prop_map(Value::string);
    let free = prop_oneof![
        Just(Value::null()),
        text.clone(),
        any::<i64>().prop_map(Value::int),
        prop::collection::vec(text.clone(), 0..3).prop_map(Value::tuple),
    ];
    let row = (text.clone(), any::<bool>())
        .prop_map(|(name, on)| Value::object([("name", name), ("on", Value::bool(on))]));
    let row_type = Type::object([("name", Type::String), ("on", Type::Bool)]);
    (
        text.clone(),
        any::<i64>(),
        prop::collection::btree_map("[a-z.]{0,4}", text, 0..3),
        prop::collection::vec(any::<i32>(), 0..4),
        free,
        prop::collection::vec(row, 0..3),
    )
        .prop_map(move |(id, count, tags, ports, free, rows)| {
            Value::object([
                ("id", id),
                ("count", Value::int(count)),
                ("tags", Value::map(Type::String, tags)),
                ("ports", Value::set(Type::Number, ports.into_iter().map(|port| Value::int(port.into())))),
                ("free", free),
                ("rows", Value::list(row_type.clone(), rows)),
            ])
        })
}

prop_compose! {
    fn object()(
        value in attributes(),
        is_tainted in any::<bool>(),
        create_before_destroy in any::<bool>(),
        prevent_destroy in any::<bool>(),
        pin in prop::option::of("[0-9a-f]{16}"),
        note in prop::option::of("[a-z]{1,4}"),
    ) -> Object {
        Object {
            status: if is_tainted { Status::Tainted } else { Status::Ready },
            dependencies: vec![ResourceAddr::managed("dms_a", "a")],
            create_before_destroy,
            prevent_destroy,
            pin: pin.map(Into::into),
            private: note.into_iter().map(|note| (note, json!({ "x": 1 }))).collect(),
            ..Object::new(Attributes::encode(&value, &object_type(), None).unwrap())
        }
    }
}

prop_compose! {
    fn state()(
        objects in prop::collection::btree_map(
            (addr(), prop::option::of("[0-9a-f]{8}")), (object(), any::<bool>()), 0..6),
        outputs in prop::collection::btree_map("[a-z]{1,3}", attributes(), 0..3),
        serial in any::<u64>(),
        folded in any::<u32>(),
    ) -> State {
        let mut state = State {
            serial,
            lineage: Lineage("lineage".into()),
            written_by: env!("CARGO_PKG_VERSION").into(),
            folded: folded.into(),
            ..State::default()
        };
        for ((addr, deposed), (object, is_west)) in objects {
            let alias = is_west.then(|| Arc::from("west"));
            let like = Instance::new(ProviderAddr { name: "dms".into(), alias }, 2, "digest");
            let deposed = deposed.map(|key| DeposedKey::parse(&key).unwrap());
            state.put(&ObjectRef { addr, deposed }, &like, object);
        }
        // Deposed objects follow the instance; a lone one keeps what it came with.
        for (name, value) in outputs {
            state.outputs.insert(name.into(), Output::from_value(&value, false, None).unwrap());
        }
        state.checks.push(CheckResult {
            object_kind: "check".into(),
            config_addr: "check.c".into(),
            status: CheckStatus::Fail,
            objects: vec![CheckObject {
                object_addr: "check.c".into(),
                status: CheckStatus::Fail,
                failure_messages: vec!["no".into()],
            }],
        });
        let identity = Identity { cloud: "c".into(), endpoint: "https://e".into(), ..Identity::default() };
        state.pins.insert(ProviderAddr::default_of("dms"), identity);
        state.plans.insert("p".into(), PlanProgress { steps: [1, 4].into(), complete: false, last: 9 });
        state
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn states_round_trip(state in state()) {
        let text = write(&state).unwrap();
        let again = read(&text).unwrap();
        prop_assert_eq!(&again, &state);
        prop_assert_eq!(write(&again).unwrap(), text);
    }

    #[test]
    fn attributes_round_trip(value in attributes()) {
        let stored = Attributes::encode(&value, &object_type(), None).unwrap();
        prop_assert!(stored.value(&object_type()).unwrap().same_as(&value));
    }

    #[test]
    fn any_text_is_refused_or_read(text in ".{0,200}") {
        if let Ok(state) = read(text.as_bytes()) {
            prop_assert!(state.is_empty());
        }
    }
}

#[test]
fn sensitive_parts_leave_a_digest_and_ephemeral_ones_nothing() {
    let ty = Type::object([
        ("password", Type::String),
        ("token", Type::String),
        ("keys", Type::map(Type::String)),
        ("list", Type::list(Type::String)),
    ]);
    let secret = |text: &str| Value::string(text).mark(Marks::SENSITIVE);
    let value = |password: &str| {
        Value::object([
            ("password", secret(password)),
            ("token", Value::string("write-only-text").mark(Marks::EPHEMERAL)),
            ("keys", Value::map(Type::String, [("a", secret("key-text")), ("b", Value::string("plain"))])),
            ("list", Value::list(Type::String, [Value::string("x"), secret("list-text")])),
        ])
    };
    let stored = Attributes::encode(&value("first-text"), &ty, None).unwrap();
    assert_eq!(
        stored.raw(),
        r#"{"keys":{"a":null,"b":"plain"},"list":["x",null],"password":null,"token":null}"#
    );
    let text = serde_json::to_string(&stored).unwrap();
    for secret in ["first-text", "write-only-text", "key-text", "list-text"] {
        assert!(!text.contains(secret));
    }
    assert_eq!(stored.sensitive().len(), 3);
    let path = ValuePath::attr("password");
    assert!(stored.sensitive_matches(&path, &secret("first-text")));
    assert!(!stored.sensitive_matches(&path, &secret("second-text")));
    assert!(!stored.sensitive_matches(&path, &Value::null_of(Type::String)));
    assert!(!stored.sensitive_matches(&ValuePath::attr("token"), &Value::string("write-only-text")));
    // A fresh copy without anything in memory agrees.
    let fresh: Attributes = serde_json::from_str(&text).unwrap();
    assert!(!fresh.sensitive_matches(&path, &secret("second-text")));
    assert!(fresh.sensitive_matches(&path, &secret("first-text")));
    // The same value keeps its digest, another one gets a new one.
    let same = Attributes::encode(&value("first-text"), &ty, Some(&fresh)).unwrap();
    assert_eq!(same, fresh);
    let other = Attributes::encode(&value("second-text"), &ty, Some(&fresh)).unwrap();
    assert_ne!(other.sensitive()[2].digest, fresh.sensitive()[2].digest);
    assert_eq!(other.sensitive()[0].digest, fresh.sensitive()[0].digest);
    let read_back = fresh.value(&ty).unwrap();
    assert!(read_back.get("keys").unwrap().get("a").unwrap().marks().is_sensitive());
}

#[test]
fn equal_secrets_have_different_digests() {
    let ty = Type::object([("a", Type::String), ("b", Type::String)]);
    let secret = || Value::string("same").mark(Marks::SENSITIVE);
    let stored = Attributes::encode(&Value::object([("a", secret()), ("b", secret())]), &ty, None).unwrap();
    assert_ne!(stored.sensitive()[0].digest, stored.sensitive()[1].digest);
}

#[test]
fn numbers_keep_all_their_digits() {
    let ty = Type::object([("n", Type::Number)]);
    for text in ["9007199254740993", "0.1", "1e100", "123456789012345678901234567890", "-2.5"] {
        let raw = format!("{{\"n\":{text}}}");
        let stored: Attributes = serde_json::from_str(&format!("{{\"values\":{raw}}}")).unwrap();
        let value = stored.value(&ty).unwrap();
        let again = Attributes::encode(&value, &ty, None).unwrap().value(&ty).unwrap();
        assert!(value.same_as(&again), "{text}");
    }
}

/// Damage may take with it what may be lost, never what is there.
#[test]
fn a_changed_byte_anywhere_is_noticed() {
    let state = read(TERRAFORM.as_bytes()).unwrap();
    let text = write(&state).unwrap();
    let state = read(&text).unwrap();
    let mut unnoticed = 0;
    // Digests of outputs may be lost.
    let plain = |state: &State| {
        let outputs = state.outputs.iter();
        outputs
            .map(|(name, output)| (Arc::clone(name), output.raw.as_ref().map(|raw| raw.get().to_owned())))
            .collect::<Vec<_>>()
    };
    for at in 0..text.len() {
        for mask in [0x01, 0x20, 0x80] {
            let mut changed = text.clone();
            changed[at] ^= mask;
            let Ok(found) = read(&changed) else { continue };
            unnoticed += 1;
            assert_eq!(found.resources, state.resources, "byte {at}");
            assert_eq!(plain(&found), plain(&state), "byte {at}");
            assert_eq!((found.serial, found.lineage), (state.serial, state.lineage.clone()), "byte {at}");
        }
    }
    // The names of the checksum itself, and of what it stands in.
    assert!(unnoticed <= 3 * ("queueform".len() + "sha256".len()), "{unnoticed}");
}

#[test]
fn damage_that_leaves_sound_json_is_told() {
    let text = String::from_utf8(write(&read(TERRAFORM.as_bytes()).unwrap()).unwrap()).unwrap();
    let damaged = text.replace("\"id\":\"9d0a\"", "\"id\":\"9d0c\"");
    assert_ne!(damaged, text);
    assert_eq!(read(damaged.as_bytes()).unwrap_err(), DocumentError::Altered);
    assert!(read_edited(damaged.as_bytes()).is_ok());
    // Other tools may lay it out anew, and leave out what they do not know.
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    let ours = &value["queueform"];
    assert_eq!(ours["sha256"].as_str().map(str::len), Some(64));
    let again = text.replace(",\n", " ,\n\n").replace("\": ", "\" : ");
    assert!(read(again.as_bytes()).is_ok());
    let sum = format!("\"sha256\":\"{}\",", ours["sha256"].as_str().unwrap());
    let without = damaged.replace(&sum, "");
    assert_ne!(without, damaged);
    assert!(read(without.as_bytes()).is_ok());
}
