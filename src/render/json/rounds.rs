//! What a plan leaves to the next round, as Terraform's plan JSON has it.

use serde_json::Value as Json;
use serde_json::json;

use crate::addr::InstanceAddr;
use crate::addr::Mode;
use crate::plan::Deferred;
use crate::plan::DeferredSubject;
use crate::plan::Plan;

/// Returns `deferred_changes`; nothing if the plan leaves nothing.
pub(super) fn of_plan(plan: &Plan) -> Option<Json> {
    let entries: Vec<Json> = plan.deferred.iter().flat_map(changes).collect();
    if plan.deferred.is_empty() { None } else { Some(entries.into()) }
}

/// Returns the outputs that stay as they are until the next round.
pub(super) fn outputs(plan: &Plan) -> Vec<&str> {
    let name = |entry: &'_ Deferred| matches!(entry.subject, DeferredSubject::Output(_));
    plan.deferred
        .iter()
        .filter(|entry| name(entry))
        .filter_map(|entry| match &entry.subject {
            DeferredSubject::Output(name) => Some(&**name),
            DeferredSubject::Resource(_) => None,
        })
        .collect()
}

/// One entry for all instances that are not known yet, and one for each that is there and stays as it is.
fn changes(entry: &Deferred) -> Vec<Json> {
    let DeferredSubject::Resource(addr) = &entry.subject else { return Vec::new() };
    let action = if addr.mode == Mode::Data { "read" } else { "create" };
    let all = format!("{addr}[*]");
    let mut found = vec![change(entry, &all, &addr.instance(None), action)];
    found.extend(entry.kept.iter().map(|kept| change(entry, &kept.to_string(), kept, "no-op")));
    found
}

fn change(entry: &Deferred, address: &str, addr: &InstanceAddr, action: &str) -> Json {
    let mut change = super::plan::resource_head(addr, None);
    change.insert("address".to_owned(), address.into());
    change.insert(
        "change".to_owned(),
        json!({
            "actions": [action],
            "before": null,
            "after": null,
            "after_unknown": if action == "no-op" { json!({}) } else { json!(true) },
            "before_sensitive": false,
            "after_sensitive": false,
        }),
    );
    json!({
        "reason": entry.reason.name(),
        "resource_change": change,
        "queueform": { "why": entry.why },
    })
}
