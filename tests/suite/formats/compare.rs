//! Documents compared: without what differs from run to run, and without secrets.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::meant::is_meant;

/// What secrets of the cases look like: we do not print them.
const SECRETS: [&str; 7] = ["k3y", "k4y", "s3cret", "s4cret", "t0ken", "tok3n", "written out"];

/// Replaces Terraform's names by ours.
pub(super) fn translated(text: &str) -> String {
    [
        ("terraform.io/builtin/terraform", "queueform.io/builtin/queueform"),
        ("terraform.workspace", "queueform.workspace"),
        ("terraform_data", "queueform_data"),
        ("terraform_remote_state", "queueform_remote_state"),
        ("\"implied_provider\":\"terraform\"", "\"implied_provider\":\"queueform\""),
    ]
    .into_iter()
    .fold(text.to_owned(), |text, (theirs, ours)| text.replace(theirs, ours))
}

/// Replaces what stands only in documents: keys and versions.
fn theirs(text: &str) -> Json {
    let mut found: Json = serde_json::from_str(&translated(text)).unwrap();
    if let Some(providers) = found.pointer_mut("/configuration/provider_config").and_then(Json::as_object_mut)
        && let Some(mut provider) = providers.remove("terraform")
    {
        *provider.get_mut("name").unwrap() = "queueform".into();
        providers.insert("queueform".to_owned(), provider);
    }
    neutral(&mut found);
    found
}

/// Takes out what differs from run to run, what is ours alone, and secrets.
pub(super) fn neutral(value: &mut Json) {
    match value {
        Json::Object(fields) => {
            let ours = |name: &str, part: &Json| match name {
                "queueform" => part.get("full_name").is_none(),
                "queueform_version" | "terraform_version" | "timestamp" => true,
                _ => false,
            };
            fields.retain(|name, part| !ours(name, part));
            for (name, part) in fields.iter_mut() {
                match name.as_str() {
                    "provider_config_key" if part == "terraform" => *part = "queueform".into(),
                    // Our resource has had one change of its schema.
                    "schema_version" => *part = 1.into(),
                    _ => neutral(part),
                }
            }
        }
        Json::Array(parts) => parts.iter_mut().for_each(neutral),
        Json::String(text) => {
            if SECRETS.iter().any(|secret| text.contains(secret)) || *text == "w" {
                *value = Json::Null;
            } else if is_id(text) {
                "ID".clone_into(text);
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

fn is_id(text: &str) -> bool {
    text.len() == 36 && text.bytes().filter(|byte| *byte == b'-').count() == 4
}

/// Lists where two documents differ and are not meant to.
pub(super) fn differences(what: &str, expected: &str, ours: &Json) -> Vec<String> {
    let (mut theirs, mut ours) = (theirs(expected), ours.clone());
    neutral(&mut ours);
    let mut found = irrelevant(&mut theirs, &mut ours);
    compare(&theirs, &ours, "", &mut found);
    found.retain(|difference| !is_meant(what, difference));
    found.into_iter().map(|difference| format!("{what} {difference}")).collect()
}

/// Takes out the attributes that changes are computed from, and lists those that only Terraform names. They are in no
/// particular order, and we name more: what `replace_triggered_by` names, and what failed objects are made from.
fn irrelevant(theirs: &mut Json, ours: &mut Json) -> Vec<String> {
    let name = "relevant_attributes";
    let take = |document: &mut Json| match document.as_object_mut().and_then(|fields| fields.remove(name)) {
        Some(Json::Array(list)) => list,
        _ => Vec::new(),
    };
    let (theirs, ours) = (take(theirs), take(ours));
    // Terraform names modules with and without the keys of their instances.
    let plain = |entry: &Json| {
        let resource = entry["resource"].as_str().unwrap();
        let parts = resource.split('[').map(|part| part.split_once(']').map_or(part, |(_, behind)| behind));
        (parts.collect::<String>(), entry["attribute"].clone())
    };
    let known: Vec<_> = ours.iter().map(plain).collect();
    let missing = theirs.iter().filter(|entry| !ours.contains(entry) && !known.contains(&plain(entry)));
    missing.map(|entry| format!("/{name}: only theirs: {entry}")).collect()
}

/// Fails if a document differs from what was observed without being meant to.
#[track_caller]
pub(super) fn same(what: &str, expected: &str, ours: &Json) {
    let found = differences(what, expected, ours);
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

fn compare(theirs: &Json, ours: &Json, at: &str, found: &mut Vec<String>) {
    match (theirs, ours) {
        (Json::Object(a), Json::Object(b)) => {
            let names: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for name in names {
                let at = format!("{at}/{name}");
                match (a.get(name), b.get(name)) {
                    (Some(a), Some(b)) => compare(a, b, &at, found),
                    (Some(a), None) => found.push(format!("{at}: only theirs: {a}")),
                    (_, b) => found.push(format!("{at}: only ours: {}", b.unwrap())),
                }
            }
        }
        (Json::Array(a), Json::Array(b)) if theirs != ours => match (addressed(a), addressed(b)) {
            // Objects are found by their addresses; we list modules with what lies in them.
            (Some(a), Some(b)) => {
                let names: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
                for name in names {
                    let at = format!("{at}/{name}");
                    match (a.get(name), b.get(name)) {
                        (Some(a), Some(b)) => compare(a, b, &at, found),
                        (Some(a), None) => found.push(format!("{at}: only theirs: {a}")),
                        (_, b) => found.push(format!("{at}: only ours: {}", b.unwrap())),
                    }
                }
            }
            _ if a.len() == b.len() => {
                for (index, (a, b)) in a.iter().zip(b).enumerate() {
                    compare(a, b, &format!("{at}/{index}"), found);
                }
            }
            _ => found.push(format!("{at}: theirs {theirs}, ours {ours}")),
        },
        _ if theirs == ours => {}
        _ => found.push(format!("{at}: theirs {theirs}, ours {ours}")),
    }
}

/// Returns the parts of a list by address, if they have one.
fn addressed(list: &[Json]) -> Option<BTreeMap<String, &Json>> {
    list.iter()
        .map(|part| {
            let address = part.get("address")?;
            let address = address.get("to_display").unwrap_or(address).as_str()?;
            let deposed = part.get("deposed").or_else(|| part.get("deposed_key")).and_then(Json::as_str);
            Some((format!("{address}{}", deposed.map_or_else(String::new, |key| format!("@{key}"))), part))
        })
        .collect()
}
