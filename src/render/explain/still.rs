//! Why nothing happens to an object, or not all that its block asks for.

use serde_json::Value as Json;

use crate::addr::Pattern;

use super::Explanation;
use super::document;
use super::document::Document;
use super::document::list;
use super::document::shown;
use super::document::side;

/// Returns why an object stays as it is, or keeps a part of what it is.
pub(super) fn reasons(document: &Document<'_>, change: &Json) -> Vec<String> {
    let address = document::address(change);
    let ours = change.get("queueform").unwrap_or(&Json::Null);
    let mut found = Vec::new();
    for ignored in list(ours, "ignored") {
        let name = ignored.get("name").and_then(Json::as_str).unwrap_or_default();
        let configured = match ignored.get("sensitive").and_then(Json::as_bool) {
            Some(true) => "(sensitive value)".to_owned(),
            _ => shown(ignored.get("configured").unwrap_or(&Json::Null)),
        };
        found
            .push(format!("`ignore_changes` covers `{name}`: it stays as it is, configured is {configured}"));
    }
    for guard in list(ours, "guards") {
        let message = guard.get("message").and_then(Json::as_str).unwrap_or_default();
        let name = guard.get("name").and_then(Json::as_str).unwrap_or_default();
        match guard.get("verdict").and_then(Json::as_str) {
            Some("held") => found.push(format!(
                "it is held until its object is named: {message}; `--confirm '{address}'` makes the change"
            )),
            Some("waits") => found.push(format!("a part of it waits, by the rule `{name}`: {message}")),
            Some("denied") => found.push(format!("the guard `{name}` denies it: {message}")),
            Some("unobserved") => {
                found.push(format!("the guard `{name}` could not look, which counts as not safe: {message}"));
            }
            _ => {}
        }
    }
    if document::is_effective(change) {
        return found;
    }
    if let Some(drift) = document.drift(address) {
        let names: Vec<String> = document::attributes(drift)
            .map(|one| {
                let name = one.get("name").and_then(Json::as_str).unwrap_or_default();
                format!("`{name}` {} -> {}", side(one, "before"), side(one, "after"))
            })
            .collect();
        found.push(format!(
            "it was changed outside of Queueform, in what the configuration leaves open: {}",
            names.join(", ")
        ));
    }
    if found.is_empty() {
        let arguments = document
            .block(address)
            .and_then(|block| block.get("expressions"))
            .and_then(Json::as_object)
            .map_or(0, serde_json::Map::len);
        found.push(match (document.mode(), arguments) {
            ("refresh-only", _) => {
                "the plan only takes over what was found, and that is what the state has".to_owned()
            }
            (_, 0) => "there is nothing that differs".to_owned(),
            (_, 1) => "the one argument in its block has the value that the object has".to_owned(),
            (_, count) => format!("all {count} arguments in its block have the values that the object has"),
        });
    }
    found
}

/// Returns why objects that are known are not in a plan.
pub(super) fn absent(document: &Document<'_>, pattern: &Pattern) -> Vec<Explanation> {
    let mut found = Vec::new();
    for entry in document.deferred() {
        let Some(change) = entry.get("resource_change") else { continue };
        let address = document::address(change);
        let parsed = address.trim_end_matches("[*]").parse::<crate::addr::InstanceAddr>();
        let is_meant = parsed.is_ok_and(|addr| pattern.contains(&addr) || pattern.is_about(&addr.resource));
        if is_meant {
            let why = entry.pointer("/queueform/why").and_then(Json::as_str).unwrap_or_default();
            found.push(one(address, "is left to the next round", why.to_owned()));
        }
    }
    if !found.is_empty() {
        return found;
    }
    for address in document.known(pattern) {
        found.push(if document.mode() == "refresh-only" {
            one(&address, "stays as it is", "what was found is what the state has".to_owned())
        } else if document.is_complete() {
            one(
                &address,
                "is not in this plan",
                "its block stands for no object: `count`, `for_each` or `enabled` leaves it out".to_owned(),
            )
        } else {
            one(
                &address,
                "is not in this plan",
                "only a part was planned: it is outside of `--target`, or `--exclude` leaves it out"
                    .to_owned(),
            )
        });
    }
    found
}

fn one(address: &str, told: &str, why: String) -> Explanation {
    Explanation {
        address: address.to_owned(),
        action: "no-op",
        told: told.to_owned(),
        rule: None,
        why: Vec::new(),
        why_not: vec![why],
        change: Json::Null,
    }
}
