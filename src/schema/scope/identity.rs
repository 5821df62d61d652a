//! Ids of objects in state and import.

use std::sync::Arc;

use crate::schema::ResourceSchema;
use crate::syntax::ast::Name;
use crate::value::Type;
use crate::value::Value;
use crate::value::convert;

use super::null_object;

/// Returns the id of an object: the values of its identity attributes, joined. Nothing if one of them is
/// unknown, null or empty.
#[must_use]
pub fn identity(schema: &ResourceSchema, object: &Value) -> Option<String> {
    if schema.identity.is_empty() {
        return None;
    }
    let mut parts = Vec::with_capacity(schema.identity.len());
    for name in &schema.identity {
        let (value, _) = object.get(name)?.clone().unmark_deep();
        let text = convert(&value, &Type::String).ok()?;
        parts.push(text.as_str().filter(|text| !text.is_empty())?.to_string());
    }
    Some(parts.join(&schema.separator))
}

/// Returns the object that an id names, everything else null: what an import starts from. Nothing if the id
/// does not have the form [`ResourceSchema::id_form`].
#[must_use]
pub fn from_identity(schema: &ResourceSchema, id: &str) -> Option<Value> {
    let mut known: Vec<(Name, Value)> =
        schema.split_id(id)?.into_iter().map(|(name, part)| (name, Value::string(part))).collect();
    if !schema.has_server_id() {
        known.push((Arc::from("id"), Value::string(id)));
    }
    Some(null_object(schema, &known))
}
