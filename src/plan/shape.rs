//! Objects shaped by a schema: types, sensitive parts, equality by attribute.

use std::sync::Arc;

use crate::addr::Step;
use crate::addr::ValuePath;
use crate::schema::Attribute;
use crate::schema::Nested;
use crate::schema::NestedKind;
use crate::schema::ResourceSchema;
use crate::value::Data;
use crate::value::Marks;
use crate::value::Type;
use crate::value::Value;

/// Returns the type of a whole object of a schema.
#[must_use]
pub fn object_type(schema: &ResourceSchema) -> Type {
    schema.object_type.clone()
}

/// Marks the parts of an attribute's value that its schema says are sensitive.
#[must_use]
pub fn mark_sensitive(value: Value, attribute: &Attribute) -> Value {
    if attribute.sensitive || attribute.write_only {
        return value.mark(Marks::SENSITIVE);
    }
    match &attribute.nested {
        Some(nested) if nested_sensitive(nested) => mark_nested(value, nested),
        _ => value,
    }
}

/// Marks the sensitive parts of a whole object.
#[must_use]
pub fn mark_object(value: &Value, schema: &ResourceSchema) -> Value {
    if !schema.attributes.iter().any(is_sensitive) {
        return value.clone();
    }
    let Some(fields) = value.fields() else { return value.clone() };
    let marked = fields.iter().map(|(name, part)| {
        let part = match schema.attribute(name) {
            Some(attribute) => mark_sensitive(part.clone(), attribute),
            None => part.clone(),
        };
        (Arc::clone(name), part)
    });
    Value::object(marked).mark(value.marks())
}

fn is_sensitive(attribute: &Attribute) -> bool {
    attribute.sensitive || attribute.write_only || attribute.nested.as_ref().is_some_and(nested_sensitive)
}

fn nested_sensitive(nested: &Nested) -> bool {
    nested.attributes.iter().any(is_sensitive)
}

fn mark_nested(value: Value, nested: &Nested) -> Value {
    let marks = value.marks();
    match nested.kind {
        NestedKind::Object => {
            let Some(fields) = value.fields() else { return value };
            let marked = fields.iter().map(|(name, part)| {
                let part = match nested.attribute(name) {
                    Some(attribute) => mark_sensitive(part.clone(), attribute),
                    None => part.clone(),
                };
                (Arc::clone(name), part)
            });
            Value::object(marked).mark(marks)
        }
        NestedKind::List | NestedKind::Map | NestedKind::Set => {
            let inner = Nested { kind: NestedKind::Object, attributes: nested.attributes.clone() };
            value.map_parts(&mut |part| mark_nested(part, &inner))
        }
    }
}

/// Returns the paths at which two values differ, as deep as their structure is the same. Sensitive parts of
/// `before` that are null because they are not stored are compared by `same_secret`.
pub fn differences(
    before: &Value,
    after: &Value,
    path: &ValuePath,
    same_secret: &dyn Fn(&ValuePath, &Value) -> bool,
    found: &mut Vec<ValuePath>,
) {
    if !after.is_known() {
        found.push(path.clone());
        return;
    }
    let secret = before.marks().is_sensitive() || after.marks().is_sensitive();
    if secret && before.is_null() && !after.is_null() {
        let (plain, _marks) = after.clone().unmark_deep();
        if !plain.is_wholly_known() || !same_secret(path, &plain) {
            found.push(path.clone());
        }
        return;
    }
    match (before.data(), after.data()) {
        (Data::Object(a), Data::Object(b)) | (Data::Map(_, a), Data::Map(_, b)) => {
            let map = matches!(before.data(), Data::Map(..));
            let names: std::collections::BTreeSet<&Arc<str>> = a.keys().chain(b.keys()).collect();
            for name in names {
                let step = if map { Step::Key(Arc::clone(name)) } else { Step::Attr(Arc::clone(name)) };
                let at = path.join(step);
                match (a.get(name), b.get(name)) {
                    (Some(a), Some(b)) => differences(a, b, &at, same_secret, found),
                    _ => found.push(at),
                }
            }
        }
        (Data::List(_, a), Data::List(_, b)) | (Data::Tuple(a), Data::Tuple(b)) if a.len() == b.len() => {
            for (index, (a, b)) in a.iter().zip(b.iter()).enumerate() {
                let at = path.join(Step::Index(index as u64));
                differences(a, b, &at, same_secret, found);
            }
        }
        _ => {
            let (a, _marks) = before.clone().unmark_deep();
            let (b, _marks) = after.clone().unmark_deep();
            if !a.same_as(&b) {
                found.push(path.clone());
            }
        }
    }
}

/// Returns an object with some attributes replaced.
#[must_use]
pub fn with_attributes(object: &Value, changes: impl IntoIterator<Item = (Arc<str>, Value)>) -> Value {
    let mut fields = object.fields().cloned().unwrap_or_default();
    fields.extend(changes);
    Value::of_fields(fields).mark(object.marks())
}

/// Returns the object with sensitive nulls of `object` filled from `other`: secrets are not stored, but the
/// configuration knows them.
#[must_use]
pub fn fill_secrets(object: &Value, other: &Value) -> Value {
    if object.marks().is_sensitive() && object.is_null() {
        return other.clone().mark(Marks::SENSITIVE);
    }
    match (object.data(), other.data()) {
        (Data::Object(parts), Data::Object(_)) => {
            let filled = parts.iter().map(|(name, part)| {
                let part = other.get(name).map_or_else(|| part.clone(), |other| fill_secrets(part, other));
                (Arc::clone(name), part)
            });
            Value::object(filled).mark(object.marks())
        }
        (Data::Map(ty, parts), Data::Map(..) | Data::Object(_)) => {
            let filled = parts.iter().map(|(name, part)| {
                let part = other.get(name).map_or_else(|| part.clone(), |other| fill_secrets(part, other));
                (Arc::clone(name), part)
            });
            Value::map(ty.clone(), filled).mark(object.marks())
        }
        (Data::List(_, parts) | Data::Tuple(parts), Data::List(_, others) | Data::Tuple(others))
            if parts.len() == others.len() =>
        {
            let mut others = others.iter();
            object.clone().map_parts(&mut |part| match others.next() {
                Some(other) => fill_secrets(&part, other),
                None => part,
            })
        }
        _ => object.clone(),
    }
}
