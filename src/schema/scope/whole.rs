//! Objects as the schema shapes them: as calls see them, with their secrets marked, and with nothing known.

use std::sync::Arc;

use crate::schema::Attribute;
use crate::schema::ResourceSchema;
use crate::syntax::ast::Name;
use crate::value::Marks;
use crate::value::Value;
use crate::value::convert;

use super::compare::each_object;
use super::members::without_undecided;

/// Returns a planned object as calls see it: null where it is unknown because the provider decides, that is,
/// where the configuration does not set a computed attribute.
#[must_use]
pub fn as_sent(schema: &ResourceSchema, planned: &Value, is_set: &dyn Fn(&str) -> bool) -> Value {
    let Some(fields) = planned.fields() else { return planned.clone() };
    Value::object(fields.iter().map(|(name, value)| {
        let inner = schema.attribute(name).filter(|_| value.is_known() && !value.is_wholly_known());
        if let Some(attribute) = inner {
            return (Arc::clone(name), without_undecided(attribute, value));
        }
        let attribute = schema.attribute(name).filter(|_| !value.is_known());
        let value = match attribute {
            Some(attribute)
                if attribute.mode.is_computed()
                    && attribute.derived.is_none()
                    && !(attribute.mode.is_settable() && is_set(name)) =>
            {
                Value::null_of(attribute.ty.without_optional()).mark(value.marks())
            }
            _ => value.clone(),
        };
        (Arc::clone(name), value)
    }))
}

/// Marks the value of a sensitive attribute, and the sensitive leaves of a nested one. Write-only values are
/// ephemeral too: they are never stored.
#[must_use]
pub fn mark_sensitive(attribute: &Attribute, value: Value) -> Value {
    let value = match &attribute.nested {
        Some(nested)
            if nested
                .attributes
                .iter()
                .any(|leaf| leaf.sensitive || leaf.write_only || leaf.nested.is_some()) =>
        {
            each_object(nested, &value, &|object| {
                let Some(fields) = object.fields() else { return object.clone() };
                Value::object(fields.iter().map(|(name, leaf)| {
                    let leaf = match nested.attribute(name) {
                        Some(attribute) => mark_sensitive(attribute, leaf.clone()),
                        None => leaf.clone(),
                    };
                    (Arc::clone(name), leaf)
                }))
            })
        }
        _ => value,
    };
    let mut marks = Marks::NONE;
    if attribute.sensitive {
        marks |= Marks::SENSITIVE;
    }
    if attribute.write_only {
        marks |= Marks::SENSITIVE | Marks::EPHEMERAL;
    }
    value.mark(marks)
}

/// Returns the object of which nothing is known but what is given: everything else is null.
#[must_use]
pub fn null_object(schema: &ResourceSchema, known: &[(Name, Value)]) -> Value {
    Value::object(schema.attributes.iter().map(|attribute| {
        let given = known.iter().find(|(name, _)| *name == attribute.name).map(|(_, value)| value);
        let value = given.and_then(|value| convert(value, &attribute.ty).ok());
        (
            Arc::clone(&attribute.name),
            value.unwrap_or_else(|| Value::null_of(attribute.ty.without_optional())),
        )
    }))
}
