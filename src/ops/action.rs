//! The results of actions, for people, for programs and for files.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value as Json;

use crate::addr::InstanceAddr;
use crate::addr::Target;
use crate::schema::Registry;
use crate::schema::ResourceKind;
use crate::schema::ResourceSchema;
use crate::value::Value;
use crate::value::to_json;

use super::plan::Planned;

/// Results by action.
pub type Results = BTreeMap<InstanceAddr, Value>;

/// Returns the schema of the action that a target names.
#[must_use]
pub fn schema(registry: &Registry, addr: &Target) -> Option<Arc<ResourceSchema>> {
    let kind = match addr {
        Target::Module(_) => return None,
        Target::Resource(resource) => &resource.kind,
        Target::Instance(instance) => &instance.resource.kind,
    };
    registry.resource(ResourceKind::Action, kind)
}

/// What a plan knows of earlier runs.
#[derive(Debug, Clone, Default)]
pub struct Recorded {
    /// When each action was run (RFC 3339), if that is known.
    pub at: Vec<(InstanceAddr, Option<String>)>,
    /// What it gave back.
    pub results: Results,
}

/// Returns the runs that are recorded for a target.
#[must_use]
pub fn recorded(planned: &Planned, addr: &Target) -> Recorded {
    let mut found = Recorded::default();
    for change in planned.plan.changes.iter().filter(|change| addr.contains(&change.addr)) {
        let instance = planned.state.instance(&change.addr).and_then(|found| found.current.as_ref());
        let at = instance.and_then(|object| object.invoked_at()).map(str::to_owned);
        found.at.push((change.addr.clone(), at));
        found.results.extend(change.after.clone().map(|value| (change.addr.clone(), value)));
    }
    found
}

/// Returns results as JSON by address, without secrets.
#[must_use]
pub fn shown(schema: &ResourceSchema, results: &Results) -> serde_json::Map<String, Json> {
    results.iter().map(|(addr, value)| (addr.to_string(), object(schema, value, false))).collect()
}

/// Returns results as the content of a file, with secrets. `lines`: one JSON text a line, one for each row if the
/// action gives back rows.
#[must_use]
pub fn file_text(schema: &ResourceSchema, results: &Results, lines: bool) -> String {
    let rows = schema.invocation.as_ref().and_then(|invocation| invocation.rows.clone());
    let mut text = String::new();
    for value in results.values() {
        let row = rows.as_ref().and_then(|rows| value.get(rows)).cloned();
        match row.filter(|_| lines).map(|row| json(row, true)) {
            Some(Json::Array(elements)) => {
                for element in elements {
                    text.push_str(&format!("{element}\n"));
                }
            }
            _ if lines => text.push_str(&format!("{}\n", object(schema, value, true))),
            _ => text.push_str(&format!("{:#}\n", object(schema, value, true))),
        }
    }
    text
}

/// The results of one run; secrets only where they are asked for.
fn object(schema: &ResourceSchema, value: &Value, secrets: bool) -> Json {
    let results = schema.attributes.iter().filter(|attribute| !attribute.mode.is_settable());
    let entries = results.map(|attribute| {
        let part = value.get(&attribute.name).cloned().unwrap_or_else(Value::null);
        (attribute.name.to_string(), json(part, secrets))
    });
    Json::Object(entries.collect())
}

fn json(value: Value, secrets: bool) -> Json {
    let (plain, marks) = value.unmark_deep();
    if marks.is_sensitive() && !secrets && !plain.is_null() {
        return "(sensitive value)".into();
    }
    to_json(&plain).unwrap_or(Json::Null)
}
