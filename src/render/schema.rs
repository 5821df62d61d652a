//! Resource types as their schemas describe them.

use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::Map;
use serde_json::Value as Json;
use serde_json::json;

use crate::schema::Attribute;
use crate::schema::Call;
use crate::schema::Change;
use crate::schema::Mode;
use crate::schema::Operation;
use crate::schema::ResourceKind;
use crate::schema::ResourceSchema;
use crate::schema::Segment;
use crate::value::type_to_json;

/// Returns one line for each type.
#[must_use]
pub fn list(types: &[Arc<ResourceSchema>]) -> String {
    let name = |schema: &ResourceSchema| format!("{} {}", schema.kind.block(), schema.type_name);
    let width = types.iter().map(|schema| name(schema).len()).max().unwrap_or(0);
    let mut out = String::new();
    for schema in types {
        line(&mut out, &format!("{:width$}  {}", name(schema), schema.description));
    }
    out
}

/// Returns all types as JSON: kind, name, description.
#[must_use]
pub fn list_json(types: &[Arc<ResourceSchema>]) -> Json {
    let list: Vec<Json> = types
        .iter()
        .map(|schema| {
            json!({
                "kind": schema.kind.block(),
                "type": schema.type_name,
                "provider": schema.provider,
                "description": schema.description,
            })
        })
        .collect();
    json!({ "format_version": "1.0", "types": list })
}

/// Returns what there is to know about a type when a block of it is written.
#[must_use]
pub fn type_page(schema: &ResourceSchema) -> String {
    let mut out = String::new();
    line(&mut out, &format!("{} \"{}\"", schema.kind.block(), schema.type_name));
    line(&mut out, &schema.description);
    if schema.kind == ResourceKind::Managed {
        line(&mut out, "");
        line(&mut out, &format!("Import id: {}", schema.id_form()));
    }
    for (what, text) in [("Loses", &schema.loses), ("Impact", &schema.impact), ("Notice", &schema.notice)] {
        if let Some(text) = text {
            line(&mut out, &format!("{what}: {text}"));
        }
    }
    line(&mut out, "\nAttributes:");
    attributes(&mut out, &schema.attributes, 1);
    let operations: Vec<(&str, &Option<Operation>)> = vec![
        ("create", &schema.create),
        ("read", &schema.read),
        ("update", &schema.update),
        ("delete", &schema.delete),
    ];
    line(&mut out, "\nCalls:");
    for (name, operation) in operations {
        for step in operation.iter().flat_map(|operation| &operation.steps) {
            if let Some(call) = &step.call {
                line(&mut out, &format!("  {name:<7} {}", call_text(call)));
            }
        }
    }
    if let Some(list) = &schema.list {
        line(&mut out, &format!("  {:<7} {}", "list", call_text(&list.call)));
    }
    if !schema.guards.is_empty() {
        let names: Vec<&str> = schema.guards.iter().map(|guard| &*guard.name).collect();
        line(&mut out, &format!("\nGuards: {}", names.join(", ")));
    }
    if !schema.example.trim().is_empty() {
        line(&mut out, "\nExample:");
        for text in schema.example.trim_end().lines() {
            line(&mut out, format!("  {text}").trim_end());
        }
    }
    out
}

/// Returns a type as JSON; attributes have the fields of Terraform's `providers schema -json`.
#[must_use]
pub fn type_json(schema: &ResourceSchema) -> Json {
    json!({
        "format_version": "1.0",
        "kind": schema.kind.block(),
        "type": schema.type_name,
        "provider": schema.provider,
        "version": schema.version,
        "digest": schema.digest.to_string(),
        "description": schema.description,
        "import_id": if schema.kind == ResourceKind::Managed { schema.id_form().into() } else { Json::Null },
        "attributes": attributes_json(&schema.attributes),
        "example": schema.example,
    })
}

fn attributes(out: &mut String, list: &[Attribute], depth: usize) {
    let indent = "  ".repeat(depth);
    let width = list.iter().map(|attribute| attribute.name.len()).max().unwrap_or(0);
    for attribute in list {
        let mut facts = vec![type_name(attribute), attribute.mode.name().replace('_', ", ")];
        if attribute.change == Change::Replace {
            facts.push("forces replacement".to_owned());
        }
        for (holds, word) in [
            (attribute.sensitive, "sensitive"),
            (attribute.write_only, "write-only"),
            (attribute.readback.is_never(), "not read back"),
            (attribute.volatile, "volatile"),
        ] {
            if holds {
                facts.push(word.to_owned());
            }
        }
        if let Some(unit) = &attribute.unit {
            facts.push(format!("in {unit}"));
        }
        line(
            out,
            &format!("{indent}{:width$}  ({}) {}", attribute.name, facts.join("; "), attribute.description),
        );
        if let Some(nested) = &attribute.nested {
            attributes(out, &nested.attributes, depth + 1);
        }
    }
}

fn type_name(attribute: &Attribute) -> String {
    if attribute.nested.is_some() { attribute.ty.friendly_name() } else { attribute.ty.to_string() }
}

fn attributes_json(list: &[Attribute]) -> Json {
    let mut out = Map::new();
    for attribute in list {
        let mut fields = Map::new();
        fields.insert("type".to_owned(), type_to_json(&attribute.ty));
        fields.insert("description".to_owned(), json!(attribute.description));
        fields.insert("description_kind".to_owned(), "plain".into());
        let flags = [
            ("required", attribute.mode == Mode::Required),
            ("optional", matches!(attribute.mode, Mode::Optional | Mode::OptionalComputed)),
            ("computed", attribute.mode.is_computed()),
            ("sensitive", attribute.sensitive),
            ("write_only", attribute.write_only),
            ("forces_replacement", attribute.change == Change::Replace),
        ];
        for (name, holds) in flags {
            if holds {
                fields.insert(name.to_owned(), true.into());
            }
        }
        if let Some(nested) = &attribute.nested {
            fields.insert("attributes".to_owned(), attributes_json(&nested.attributes));
        }
        out.insert(attribute.name.to_string(), fields.into());
    }
    out.into()
}

/// Returns method and path; what is filled in stands in braces.
fn call_text(call: &Call) -> String {
    let mut out = format!("{} ", call.method.name());
    for segment in &call.path {
        out.push('/');
        out.push_str(match segment {
            Segment::Literal(text) => text,
            Segment::Value(_) => "{…}",
        });
    }
    out
}

fn line(out: &mut String, text: &str) {
    // Writing to a string cannot fail.
    writeln!(out, "{text}").ok();
}
