//! Attributes that follow from others and from the provider configuration.

use std::sync::Arc;

use crate::diag::Diagnostics;
use crate::schema::Attribute;
use crate::schema::ResourceSchema;
use crate::value::Value;
use crate::value::convert;

use super::Frame;
use super::Root;
use super::mark_sensitive;

/// Returns what a derived attribute should be, given the object and the arguments of the provider configuration;
/// nothing for any other attribute.
///
/// # Errors
/// If the expression of the schema fails.
pub fn derived(
    schema: &ResourceSchema,
    attribute: &Attribute,
    object: &Value,
    provider: &Value,
) -> Result<Option<Value>, Diagnostics> {
    let Some(expr) = &attribute.derived else { return Ok(None) };
    let frame = Frame::of(schema).with(Root::This, object.clone()).with(Root::Provider, provider.clone());
    let value = frame.value(expr)?;
    let ty = attribute.ty.without_optional();
    let value = convert(&value, &attribute.ty).unwrap_or_else(|_| Value::unknown(ty));
    Ok(Some(mark_sensitive(attribute, value)))
}

/// Returns an object with its derived attributes as they should be. One that cannot be told is unknown.
#[must_use]
pub fn derive(schema: &ResourceSchema, object: &Value, provider: &Value) -> Value {
    let Some(mut fields) = object.fields().cloned() else { return object.clone() };
    for attribute in schema.attributes.iter().filter(|attribute| attribute.derived.is_some()) {
        let unknown = || mark_sensitive(attribute, Value::unknown(attribute.ty.without_optional()));
        if let Some(value) = derived(schema, attribute, object, provider).unwrap_or_else(|_| Some(unknown()))
        {
            fields.insert(Arc::clone(&attribute.name), value);
        }
    }
    Value::object(fields).mark(object.marks())
}
