//! States as JSON, format 1.0 of `show -json`.

use serde_json::Map;
use serde_json::Value as Json;
use serde_json::json;

use crate::addr::Mode;
use crate::plan::mark_object;
use crate::plan::object_type;
use crate::schema::Registry;
use crate::schema::ResourceKind;
use crate::state::State;
use crate::state::Status;

use super::plan::resource_head;
use super::shape::sensitive;
use super::shape::shown;

/// Returns a state as JSON. Objects whose type is not known any more are left out.
#[must_use]
pub fn state_json(state: &State, registry: &Registry) -> Json {
    let version = env!("CARGO_PKG_VERSION");
    let mut resources = Vec::new();
    for (target, instance, object) in state.objects() {
        let kind = match target.addr.resource.mode {
            Mode::Managed => ResourceKind::Managed,
            Mode::Data => ResourceKind::Data,
        };
        let Some(schema) = registry.resource(kind, &target.addr.resource.kind) else { continue };
        let Ok(value) = object.value(&object_type(&schema)) else { continue };
        let value = mark_object(&value, &schema);
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
        if !object.dependencies.is_empty() {
            let names: Vec<String> = object.dependencies.iter().map(ToString::to_string).collect();
            entry.insert("depends_on".to_owned(), names.into());
        }
        resources.push(Json::Object(entry));
    }
    let outputs: Map<String, Json> = state
        .outputs
        .iter()
        .map(|(name, output)| {
            let value = if output.sensitive {
                Json::Null
            } else {
                output.value(name).map_or(Json::Null, |value| shown(&value))
            };
            (name.to_string(), json!({ "sensitive": output.sensitive, "value": value }))
        })
        .collect();
    let mut document =
        json!({ "format_version": "1.0", "terraform_version": version, "queueform_version": version });
    if !state.is_empty()
        && let Some(document) = document.as_object_mut()
    {
        document.insert(
            "values".to_owned(),
            json!({ "outputs": outputs, "root_module": { "resources": resources } }),
        );
    }
    document
}
