//! Whether two values of an attribute are the same, and what a difference means.

use std::sync::Arc;

use crate::diag::Diagnostics;
use crate::schema::Attribute;
use crate::schema::Nested;
use crate::schema::NestedKind;
use crate::schema::ResourceSchema;
use crate::value::Data;
use crate::value::Value;
use crate::value::convert;

use super::Frame;
use super::Root;

/// Returns whether two values of an attribute mean the same: both normalised, volatile leaves left out. Nothing if that depends on unknown parts.
#[must_use]
pub fn normalised_eq(attribute: &Attribute, a: &Value, b: &Value) -> Option<bool> {
    let (a, b) = (a.clone().unmark_deep().0, b.clone().unmark_deep().0);
    // What is the same as it stands needs no normal form.
    if a.same_as(&b) && a.is_wholly_known() {
        return Some(true);
    }
    let a = normalised(attribute, &a);
    let b = normalised(attribute, &b);
    if a.same_as(&b) && a.is_wholly_known() {
        return Some(true);
    }
    a.equals(&b).as_bool()
}

/// Returns whether a planned value differs from the prior one in a way that counts. Nothing if unknown.
///
/// Volatile attributes never differ. Write-only ones never differ by themselves: see [`to_be_sent`].
#[must_use]
pub fn difference(attribute: &Attribute, prior: Option<&Value>, planned: &Value) -> Option<bool> {
    if attribute.volatile || attribute.write_only {
        return Some(false);
    }
    let Some(prior) = prior else {
        return if planned.is_known() { Some(!planned.is_null()) } else { None };
    };
    normalised_eq(attribute, prior, planned).map(|same| !same)
}

/// Returns whether a write-only attribute is sent: it has a value, and either nothing versions it or its
/// version changed. A planner that knows that the value is the one sent before plans null.
#[must_use]
pub fn to_be_sent(
    schema: &ResourceSchema,
    attribute: &Attribute,
    this: &Value,
    prior: Option<&Value>,
) -> Option<bool> {
    let value = this.get(&attribute.name)?;
    if value.is_null() {
        return Some(false);
    }
    let Some(prior) = prior.filter(|prior| !prior.is_null()) else { return Some(true) };
    let version = attribute.version.as_ref().and_then(|name| schema.attribute(name));
    match version {
        Some(version) => {
            let now = this.get(&version.name)?;
            if now.is_known() && now.is_null() {
                return Some(true);
            }
            difference(version, prior.get(&version.name), now)
        }
        None => Some(true),
    }
}

/// Returns what `changed.NAME` is.
pub(super) fn changed(
    schema: &ResourceSchema,
    attribute: &Attribute,
    this: &Value,
    prior: Option<&Value>,
) -> Option<bool> {
    if attribute.write_only {
        return to_be_sent(schema, attribute, this, prior);
    }
    let prior = prior.filter(|prior| !prior.is_null()).and_then(|prior| prior.get(&attribute.name));
    difference(attribute, prior, this.get(&attribute.name)?)
}

/// Returns whether an update of this attribute must become a replacement by its `replace_when`. Nothing if
/// that is not known.
///
/// # Errors
/// If the expression of the schema fails.
pub fn replace_when(
    schema: &ResourceSchema,
    attribute: &Attribute,
    this: &Value,
    prior: &Value,
) -> Result<Option<bool>, Diagnostics> {
    let Some(expr) = &attribute.replace_when else { return Ok(Some(false)) };
    let frame = Frame::of(schema).with(Root::This, this.clone()).with(Root::Prior, prior.clone());
    frame.holds(expr)
}

/// Normalises a value without marks: the whole of it, then its leaves.
pub fn normalised(attribute: &Attribute, value: &Value) -> Value {
    let mut value = value.clone();
    let ty = attribute.ty.without_optional();
    if !value.has_type(&ty)
        && let Ok(converted) = convert(&value, &attribute.ty)
    {
        value = converted;
    }
    if let Some(expr) = &attribute.normalize
        && value.is_known()
        && !value.is_null()
    {
        // A value that the expression cannot take is compared as it is.
        let frame = Frame::new().with(Root::Value, value.clone());
        if let Ok(normal) = frame.value(expr) {
            value = convert(&normal, &ty).unwrap_or(normal);
        }
    }
    match &attribute.nested {
        Some(nested) => each_object(nested, &value, &|object| normalised_leaves(nested, object)),
        None => value,
    }
}

fn normalised_leaves(nested: &Nested, object: &Value) -> Value {
    let Some(fields) = object.fields() else { return object.clone() };
    let leaves = fields.iter().map(|(name, leaf)| {
        let leaf = match nested.attribute(name) {
            Some(attribute) if attribute.volatile => Value::null_of(attribute.ty.without_optional()),
            Some(attribute) => normalised(attribute, leaf),
            None => leaf.clone(),
        };
        (Arc::clone(name), leaf)
    });
    Value::object(leaves)
}

/// Applies a change to every object of a nested attribute; nulls and unknowns are left alone.
pub(super) fn each_object(nested: &Nested, value: &Value, change: &dyn Fn(&Value) -> Value) -> Value {
    if value.is_null() || !value.is_known() {
        return value.clone();
    }
    let whole = |part: Value| {
        if part.is_null() || !part.is_known() { part } else { change(&part).mark(part.marks()) }
    };
    match nested.kind {
        NestedKind::Object => whole(value.clone()),
        NestedKind::Set => match value.data() {
            Data::Set(ty, parts) => {
                Value::set(ty.clone(), parts.iter().cloned().map(whole)).mark(value.marks())
            }
            _ => value.clone(),
        },
        NestedKind::List | NestedKind::Map => value.clone().map_parts(&mut |part| whole(part)),
    }
}
