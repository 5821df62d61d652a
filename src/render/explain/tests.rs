use serde_json::json;

use super::*;

fn change(address: &str, actions: &Json, ours: &Json) -> Json {
    json!({ "address": address, "change": { "actions": actions }, "queueform": ours })
}

/// A chain of three objects, of which the first was changed by hand too.
fn plan() -> Json {
    let attribute = |name: &str, before: Json, after: Json| json!({ "name": name, "path": [name], "action": "update", "before": before, "after": after });
    let unknown = |name: &str| json!({ "name": name, "path": [name], "action": "update", "before": "1", "after": null, "unknown": true });
    let block = |name: &str, expressions: Json| json!({ "address": format!("a.{name}"), "mode": "managed", "type": "a", "name": name, "expressions": expressions });
    json!({
        "complete": true,
        "queueform": { "mode": "normal" },
        "resource_changes": [
            change("a.leaf", &json!(["update"]), &json!({
                "causes": [
                    { "text": "a.middle is updated", "attribute": "x", "address": "a.middle" },
                    { "text": "a.root is replaced", "attribute": "y", "address": "a.root" },
                ],
                "attributes": [unknown("x"), unknown("y"), attribute("z", json!(1), json!(2))],
                "guards": [{ "name": "unread", "verdict": "clear", "message": "" }],
                "calls": ["PUT /leaf"],
                "notes": [],
                "place": { "filename": "main.qf.hcl", "line": 9 },
            })),
            change("a.middle", &json!(["update"]), &json!({
                "causes": [{ "text": "a.root is replaced", "attribute": "x", "address": "a.root" }],
                "attributes": [unknown("x")],
            })),
            {
                "address": "a.root",
                "action_reason": "replace_because_cannot_update",
                "previous_address": "a.old",
                "change": { "actions": ["delete", "create"] },
                "queueform": {
                    "causes": [],
                    "attributes": [
                        { "name": "name", "path": ["name"], "action": "update", "before": "b", "after": "c", "forces_replacement": true },
                        unknown("id"),
                        attribute("size", json!(8), json!(4)),
                        { "name": "secret", "path": ["secret"], "action": "update", "before": null, "after": null, "sensitive": true },
                    ],
                    "place": { "filename": "main.qf.hcl", "line": 1 },
                },
            },
            change("a.kept", &json!(["no-op"]), &json!({
                "ignored": [{ "name": "size", "configured": 8 }],
            })),
            change("a.same", &json!(["no-op"]), &json!({})),
            change("a.open", &json!(["no-op"]), &json!({})),
        ],
        "resource_drift": [
            change("a.root", &json!(["update"]), &json!({ "attributes": [attribute("size", json!(4), json!(8))] })),
            change("a.open", &json!(["update"]), &json!({ "attributes": [attribute("note", json!("a"), json!("b"))] })),
        ],
        "configuration": { "root_module": { "resources": [
            block("leaf", json!({ "z": { "references": ["var.z"] } })),
            block("root", json!({ "name": { "references": ["local.name"] }, "size": { "constant_value": 4 } })),
            block("same", json!({ "x": {}, "y": {} })),
            block("gone", json!({})),
        ] } },
    })
}

fn told(pattern: &str) -> String {
    human(&explain(&plan(), &pattern.parse().unwrap()).unwrap(), Look { width: 100, ..Look::default() })
}

#[test]
fn causes_are_followed_to_the_first_ones() {
    insta::assert_snapshot!(told("a.leaf"));
    insta::assert_snapshot!(told("a.root"));
}

#[test]
fn what_stays_has_its_reason() {
    insta::assert_snapshot!(["a.kept", "a.same", "a.open", "a.gone"].map(told).join("\n"));
    // Of many, those that change are told.
    assert!(!told("a.*").contains("a.kept"));
}

#[test]
fn programs_get_the_same() {
    let found = json(&explain(&plan(), &"a.middle".parse().unwrap()).unwrap());
    insta::assert_snapshot!(serde_json::to_string_pretty(&found).unwrap());
}

#[test]
fn an_unknown_address_is_a_finding() {
    let found = explain(&plan(), &"a.lead".parse().unwrap()).unwrap_err();
    assert_eq!(found.code, Code::InvalidTarget);
    assert!(found.hints.iter().any(|hint| hint.contains("a.leaf")), "{:?}", found.hints);
}
