//! Runs of actions in a plan, as `action_invocations` of format 1.2 has them.

use serde_json::Map;
use serde_json::Value as Json;
use serde_json::json;

use crate::plan::Action;
use crate::plan::Change;
use crate::plan::Plan;
use crate::plan::Triggered;
use crate::value::Value;

use super::shape::sensitive;
use super::shape::shown;

/// Returns one entry for every run.
pub(super) fn of_plan(plan: &Plan) -> Json {
    let mut found = Vec::new();
    for change in plan.changes.iter().filter(|change| change.action == Action::Invoke) {
        if change.triggers.is_empty() {
            let mut entry = entry(change);
            entry.insert("invoke_action_trigger".to_owned(), json!({}));
            found.push(Json::Object(entry));
        }
        for trigger in &change.triggers {
            let mut entry = entry(change);
            entry.insert(
                "lifecycle_action_trigger".to_owned(),
                json!({
                    "triggering_resource_address": trigger.by.to_string(),
                    "action_trigger_event": event(trigger),
                    "action_trigger_block_index": trigger.block,
                    "actions_list_index": trigger.index,
                }),
            );
            found.push(Json::Object(entry));
        }
    }
    Json::Array(found)
}

fn entry(change: &Change) -> Map<String, Json> {
    let mut values = Map::new();
    let mut unknown = Map::new();
    let mut hidden = Map::new();
    for (name, value) in change.after.iter().filter_map(Value::fields).flatten() {
        let part = sensitive(value);
        if part != Json::Bool(false) {
            hidden.insert(name.to_string(), part);
        }
        if value.is_wholly_known() {
            values.insert(name.to_string(), shown(value));
        } else {
            unknown.insert(name.to_string(), Json::Bool(true));
        }
    }
    let mut entry = Map::new();
    entry.insert("address".to_owned(), change.addr.to_string().into());
    entry.insert("type".to_owned(), change.addr.resource.kind.to_string().into());
    entry.insert("name".to_owned(), change.addr.resource.name.to_string().into());
    entry.insert("provider_name".to_owned(), change.provider.to_string().into());
    entry.insert("config_values".to_owned(), Json::Object(values));
    entry.insert("config_sensitive".to_owned(), Json::Object(hidden));
    entry.insert("config_unknown".to_owned(), Json::Object(unknown));
    entry
}

/// Terraform writes events without underscores: `AfterCreate`.
fn event(trigger: &Triggered) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        letters
            .next()
            .map(|first| first.to_ascii_uppercase().to_string() + letters.as_str())
            .unwrap_or_default()
    };
    trigger.event.name().split('_').map(word).collect()
}
