//! States as JSON, format 1.0 of `show -json`.

use serde_json::Map;
use serde_json::Value as Json;
use serde_json::json;

use crate::addr::Mode;
use crate::addr::ModuleInstance;
use crate::plan::mark_object;
use crate::plan::object_type;
use crate::schema::Registry;
use crate::schema::ResourceKind;
use crate::state::Instance;
use crate::state::Object;
use crate::state::ObjectRef;
use crate::state::Output;
use crate::state::State;
use crate::state::Status;
use crate::value::type_to_json;

use super::TERRAFORM;
use super::checks;
use super::plan::resource_head;
use super::shape::sensitive;
use super::shape::shown;
use super::tree::root_module;

/// An object of a state.
pub(super) struct Entry {
    /// Which one.
    pub target: ObjectRef,
    /// What is said of it.
    pub fields: Map<String, Json>,
}

impl Entry {
    fn is_action(&self) -> bool {
        self.target.addr.resource.mode == Mode::Action
    }
}

/// Returns a state as JSON. Objects whose type is not known any more are left out. What runs of actions gave stands beside
/// the resources, since the format knows no such mode.
#[must_use]
pub fn state_json(state: &State, registry: &Registry) -> Json {
    let (actions, resources): (Vec<Entry>, Vec<Entry>) =
        all(state, registry).into_iter().partition(Entry::is_action);
    let resources = resources.into_iter();
    let resources =
        resources.map(|entry| (entry.target.addr.resource.module, Json::Object(entry.fields))).collect();
    let mut document = with_resources(state, resources);
    if let Some(Json::Object(ours)) = document.get_mut("queueform").filter(|_| !actions.is_empty()) {
        let actions = actions.into_iter().map(|entry| Json::Object(entry.fields));
        ours.insert("actions".to_owned(), actions.collect());
    }
    document
}

/// Returns the resources of a state. Those whose type is not known any more are left out.
pub(super) fn entries(state: &State, registry: &Registry) -> Vec<Entry> {
    all(state, registry).into_iter().filter(|entry| !entry.is_action()).collect()
}

fn all(state: &State, registry: &Registry) -> Vec<Entry> {
    let mut found = Vec::new();
    for (target, instance, object) in state.objects() {
        if let Some(fields) = object_fields(&target, instance, object, registry) {
            found.push(Entry { target, fields });
        }
    }
    found
}

/// Returns a state as JSON, with these objects in it.
pub(super) fn with_resources(state: &State, resources: Vec<(ModuleInstance, Json)>) -> Json {
    let version = env!("CARGO_PKG_VERSION");
    let outputs: Map<String, Json> =
        state.outputs.iter().map(|(name, found)| (name.to_string(), output(name, found))).collect();
    let mut document = Map::new();
    document.insert("format_version".to_owned(), "1.0".into());
    document.insert("terraform_version".to_owned(), TERRAFORM.into());
    document.insert("queueform_version".to_owned(), version.into());
    if !state.is_empty() || !resources.is_empty() {
        let mut values = Map::new();
        if !outputs.is_empty() {
            values.insert("outputs".to_owned(), outputs.into());
        }
        values.insert("root_module".to_owned(), root_module(resources));
        document.insert("values".to_owned(), values.into());
        document
            .insert("queueform".to_owned(), json!({ "serial": state.serial, "lineage": state.lineage.0 }));
    }
    if !state.checks.is_empty() {
        document.insert("checks".to_owned(), checks::of_state(&state.checks));
    }
    document.into()
}

/// Returns one object as it stands among the resources of a state; none if its type is not known any more.
#[must_use]
pub fn object_json(
    target: &ObjectRef,
    instance: &Instance,
    object: &Object,
    registry: &Registry,
) -> Option<Json> {
    object_fields(target, instance, object, registry).map(Json::Object)
}

fn object_fields(
    target: &ObjectRef,
    instance: &Instance,
    object: &Object,
    registry: &Registry,
) -> Option<Map<String, Json>> {
    let kind = ResourceKind::of(target.addr.resource.mode);
    let schema = registry.resource(kind, &target.addr.resource.kind)?;
    let value = mark_object(&object.value(&object_type(&schema)).ok()?, &schema);
    let mut entry = resource_head(&target.addr, Some(&instance.provider));
    entry.insert("schema_version".to_owned(), instance.schema_version.into());
    entry.insert("values".to_owned(), shown(&value));
    entry.insert("sensitive_values".to_owned(), sensitive(&value));
    if let Some(key) = &target.deposed {
        entry.insert("deposed_key".to_owned(), key.as_str().into());
    }
    if object.status == Status::Tainted {
        entry.insert("tainted".to_owned(), Json::Bool(true));
    }
    entry.insert("queueform".to_owned(), ours(object));
    if !object.dependencies.is_empty() {
        let names: Vec<String> = object.dependencies.iter().map(ToString::to_string).collect();
        entry.insert("depends_on".to_owned(), names.into());
    }
    Some(entry)
}

fn output(name: &str, output: &Output) -> Json {
    let value = if output.sensitive {
        Json::Null
    } else {
        output.value(name).map_or(Json::Null, |value| shown(&value))
    };
    json!({ "sensitive": output.sensitive, "type": type_to_json(&output.ty), "value": value })
}

/// Returns what else is known of an object: what an earlier run left unfinished, and whether it is protected.
fn ours(object: &Object) -> Json {
    let status = match &object.status {
        Status::Ready => "ready",
        Status::Tainted => "tainted",
        Status::Pending(_) => "pending",
        Status::Incomplete { .. } => "incomplete",
        Status::InDoubt(_) => "in_doubt",
    };
    json!({
        "status": status,
        "call": object.status.intent().map(|intent| intent.call.to_string()),
        "prevent_destroy": object.prevent_destroy,
        "create_before_destroy": object.create_before_destroy,
    })
}
