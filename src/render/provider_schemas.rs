//! Schemas of all providers as JSON: format 1.0 of Terraform's `providers schema -json`, with what we know beyond it
//! under `queueform`.

use serde_json::Map;
use serde_json::Value as Json;
use serde_json::json;

use crate::schema::Argument;
use crate::schema::Attribute;
use crate::schema::Change;
use crate::schema::Mode;
use crate::schema::ProviderSchema;
use crate::schema::Registry;
use crate::schema::ResourceKind;
use crate::schema::ResourceSchema;
use crate::value::Type;
use crate::value::type_to_json;

use super::json::provider_name;

/// Returns the schemas of providers.
#[must_use]
pub fn json<'n>(registry: &Registry, providers: impl Iterator<Item = &'n str>) -> Json {
    let schemas: Map<String, Json> = providers
        .filter_map(|name| Some((provider_name(name), provider(registry, &*registry.provider(name)?))))
        .collect();
    json!({ "format_version": "1.0", "provider_schemas": schemas })
}

fn provider(registry: &Registry, schema: &ProviderSchema) -> Json {
    let arguments: Map<String, Json> =
        schema.arguments.iter().map(|found| (found.name.to_string(), argument(found))).collect();
    let mut block = Map::new();
    if !arguments.is_empty() {
        block.insert("attributes".to_owned(), arguments.into());
    }
    block.insert("description".to_owned(), schema.description.to_string().into());
    block.insert("description_kind".to_owned(), "plain".into());
    let mut out = Map::new();
    out.insert("provider".to_owned(), json!({ "version": schema.version, "block": block }));
    for (kind, name) in [
        (ResourceKind::Managed, "resource_schemas"),
        (ResourceKind::Data, "data_source_schemas"),
        (ResourceKind::Ephemeral, "ephemeral_resource_schemas"),
        (ResourceKind::Action, "action_schemas"),
    ] {
        let types: Map<String, Json> = of_kind(registry, schema, kind)
            .map(|found| (found.type_name.to_string(), resource(&found)))
            .collect();
        if !types.is_empty() {
            out.insert(name.to_owned(), types.into());
        }
    }
    let identities: Map<String, Json> = of_kind(registry, schema, ResourceKind::Managed)
        .map(|found| (found.type_name.to_string(), identity(&found)))
        .collect();
    if !identities.is_empty() {
        out.insert("resource_identity_schemas".to_owned(), identities.into());
    }
    out.insert("queueform".to_owned(), json!({ "digest": schema.digest.to_string() }));
    out.into()
}

fn of_kind(
    registry: &Registry,
    schema: &ProviderSchema,
    kind: ResourceKind,
) -> impl Iterator<Item = std::sync::Arc<ResourceSchema>> {
    let types = registry.type_names(kind).filter_map(move |name| registry.resource(kind, name));
    types.filter(|found| found.provider == schema.name).collect::<Vec<_>>().into_iter()
}

fn argument(found: &Argument) -> Json {
    let mut out = Map::new();
    out.insert("type".to_owned(), type_to_json(&found.ty));
    out.insert("description".to_owned(), found.description.to_string().into());
    out.insert("description_kind".to_owned(), "plain".into());
    // What a variable of the environment may set need not stand in the block.
    let word = if found.required && found.env.is_empty() { "required" } else { "optional" };
    out.insert(word.to_owned(), true.into());
    if found.sensitive {
        out.insert("sensitive".to_owned(), true.into());
    }
    if !found.env.is_empty() {
        let names: Vec<&str> = found.env.iter().map(|name| &**name).collect();
        out.insert("queueform".to_owned(), json!({ "environment": names }));
    }
    out.into()
}

fn resource(schema: &ResourceSchema) -> Json {
    let mut told = Map::new();
    told.insert("digest".to_owned(), schema.digest.to_string().into());
    if schema.kind == ResourceKind::Managed {
        told.insert("import_id".to_owned(), schema.id_form().into());
    }
    for (name, text) in [("loses", &schema.loses), ("impact", &schema.impact), ("notice", &schema.notice)] {
        if let Some(text) = text {
            told.insert(name.to_owned(), text.to_string().into());
        }
    }
    json!({
        "version": schema.version,
        "block": {
            "attributes": attributes(&schema.attributes),
            "description": schema.description,
            "description_kind": "plain",
        },
        "queueform": told,
    })
}

fn identity(schema: &ResourceSchema) -> Json {
    let parts: Map<String, Json> = schema
        .identity
        .iter()
        .filter_map(|name| {
            let attribute = schema.attribute(name)?;
            let mut part = Map::new();
            part.insert("type".to_owned(), type_to_json(&attribute.ty));
            part.insert("description".to_owned(), attribute.description.to_string().into());
            part.insert("required_for_import".to_owned(), true.into());
            Some((name.to_string(), part.into()))
        })
        .collect();
    json!({ "version": 0, "attributes": parts })
}

fn attributes(list: &[Attribute]) -> Json {
    list.iter().map(|found| (found.name.to_string(), attribute(found))).collect::<Map<_, _>>().into()
}

fn attribute(found: &Attribute) -> Json {
    let mut out = Map::new();
    match &found.nested {
        Some(nested) => {
            let mode = match &found.ty {
                Type::List(_) | Type::Tuple(_) => "list",
                Type::Set(_) => "set",
                Type::Map(_) => "map",
                _ => "single",
            };
            let inner = json!({ "attributes": attributes(&nested.attributes), "nesting_mode": mode });
            out.insert("nested_type".to_owned(), inner);
        }
        None => {
            out.insert("type".to_owned(), type_to_json(&found.ty));
        }
    }
    out.insert("description".to_owned(), found.description.to_string().into());
    out.insert("description_kind".to_owned(), "plain".into());
    for (name, holds) in [
        ("required", found.mode == Mode::Required),
        ("optional", matches!(found.mode, Mode::Optional | Mode::OptionalComputed)),
        ("computed", found.mode.is_computed()),
        ("sensitive", found.sensitive),
        ("write_only", found.write_only),
    ] {
        if holds {
            out.insert(name.to_owned(), true.into());
        }
    }
    let mut told = Map::new();
    for (name, holds) in [
        ("forces_replacement", found.change == Change::Replace),
        ("not_read_back", found.readback.is_never()),
        ("volatile", found.volatile),
    ] {
        if holds {
            told.insert(name.to_owned(), true.into());
        }
    }
    if let Some(unit) = &found.unit {
        told.insert("unit".to_owned(), unit.to_string().into());
    }
    if !told.is_empty() {
        out.insert("queueform".to_owned(), told.into());
    }
    out.into()
}
