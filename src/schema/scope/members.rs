//! Objects inside an attribute: which of them is which, and what of each the provider decides.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::schema::Attribute;
use crate::schema::Nested;
use crate::schema::NestedKind;
use crate::syntax::ast::Name;
use crate::value::Type;
use crate::value::Value;
use crate::value::to_json;

use super::Frame;
use super::Root;
use super::compare::each_object;
use super::mark_sensitive;

/// Returns what tells an element from the others; nothing without `match`, or if that is not known.
fn key(attribute: &Attribute, element: &Value) -> Option<String> {
    let expr = attribute.matches.as_ref()?;
    if element.is_null() || !element.is_known() {
        return None;
    }
    let (plain, _marks) = element.clone().unmark_deep();
    let value = Frame::new().with(Root::Value, plain).value(expr).ok()?;
    if !value.is_wholly_known() {
        return None;
    }
    to_json(&value).ok().map(|json| json.to_string())
}

/// For each element of `value`, the place of the element of `others` that is the same one.
fn partners(attribute: &Attribute, value: &Value, others: &Value) -> Vec<Option<usize>> {
    let (Some(parts), Some(others)) = (value.elements(), others.elements()) else { return Vec::new() };
    if attribute.matches.is_none() {
        return (0..parts.len()).map(|index| (index < others.len()).then_some(index)).collect();
    }
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for (index, other) in others.iter().enumerate() {
        if let Some(key) = key(attribute, other) {
            places.entry(key).or_insert(index);
        }
    }
    parts.iter().map(|part| places.remove(&key(attribute, part)?)).collect()
}

/// Returns the list in the order of another one; elements that are not in the other come last. Without `match`
/// the order means something and stays.
#[must_use]
pub fn in_order_of(attribute: &Attribute, value: &Value, other: &Value) -> Value {
    if attribute.matches.is_none() {
        return value.clone();
    }
    let Some(parts) = value.elements() else { return value.clone() };
    let order: Vec<usize> = partners(attribute, other, value).into_iter().flatten().collect();
    let rest = (0..parts.len()).filter(|index| !order.contains(index));
    let ordered: Vec<usize> = order.iter().copied().chain(rest).collect();
    let mut places = ordered.into_iter();
    value.clone().map_parts(&mut |part| {
        let place = places.next().and_then(|place| parts.get(place));
        place.cloned().unwrap_or(part)
    })
}

/// Where an element of the reordered list was before: see [`in_order_of`].
#[must_use]
pub fn former_place(attribute: &Attribute, value: &Value, other: &Value, place: usize) -> usize {
    let Some(parts) = value.elements().filter(|_| attribute.matches.is_some()) else { return place };
    let order: Vec<usize> = partners(attribute, other, value).into_iter().flatten().collect();
    let rest = (0..parts.len()).filter(|index| !order.contains(index));
    order.iter().copied().chain(rest).nth(place).unwrap_or(place)
}

/// Changes each object together with the one of `others` that is the same.
fn each_pair(
    attribute: &Attribute,
    nested: &Nested,
    value: &Value,
    others: &Value,
    change: &dyn Fn(&Value, Option<&Value>) -> Value,
) -> Value {
    let usable = |part: &Value| part.is_known() && !part.is_null();
    if !usable(value) {
        return value.clone();
    }
    let others = if usable(others) { others.clone() } else { Value::null() };
    match nested.kind {
        NestedKind::Object => change(value, Some(&others).filter(|other| usable(other))).mark(value.marks()),
        // Elements of a set have nothing that says which is which.
        NestedKind::Set => each_object(nested, value, &|object| change(object, None)),
        NestedKind::List => {
            let places = partners(attribute, value, &others);
            let earlier: &[Value] = others.elements().unwrap_or_default();
            let mut index = 0;
            value.clone().map_parts(&mut |part| {
                let place = places.get(index).copied().flatten();
                index += 1;
                let other = place.and_then(|place| earlier.get(place)).filter(|other| usable(other));
                if usable(&part) { change(&part, other).mark(part.marks()) } else { part }
            })
        }
        NestedKind::Map => {
            let Some(fields) = value.fields() else { return value.clone() };
            let element = match value.ty() {
                Type::Map(element) => (*element).clone(),
                other => other,
            };
            let parts = fields.iter().map(|(name, part)| {
                let other = others.get(name).filter(|other| usable(other));
                let part = if usable(part) { change(part, other).mark(part.marks()) } else { part.clone() };
                (Arc::clone(name), part)
            });
            Value::map(element, parts).mark(value.marks())
        }
    }
}

/// Rebuilds an object leaf by leaf.
fn leaves(nested: &Nested, object: &Value, leaf: impl Fn(&Attribute, Value) -> Value) -> Value {
    let mut fields = object.fields().cloned().unwrap_or_default();
    for attribute in &nested.attributes {
        let part = fields.remove(&attribute.name);
        let part = part.unwrap_or_else(|| Value::null_of(attribute.ty.without_optional()));
        fields.insert(Arc::clone(&attribute.name), mark_sensitive(attribute, leaf(attribute, part)));
    }
    Value::of_fields(fields)
}

/// Fills the leaves of a configured value that the configuration leaves open: those that the provider decides are
/// as before, or unknown where there is nothing before; others have their defaults.
#[must_use]
pub fn with_open_leaves(attribute: &Attribute, value: &Value, before: &Value) -> Value {
    let Some(nested) = &attribute.nested else { return value.clone() };
    let open = |leaf: &Attribute| leaf.mode.is_computed() || leaf.default.is_some() || leaf.nested.is_some();
    if !nested.attributes.iter().any(open) {
        return value.clone();
    }
    let unset = |attribute: &Attribute, before: Option<&Value>| {
        let ty = attribute.ty.without_optional();
        if attribute.mode.is_computed() {
            return match before.and_then(|before| before.get(&attribute.name)) {
                Some(known) => known.clone(),
                None if attribute.readback.is_never() => Value::null_of(ty),
                None => Value::unknown(ty),
            };
        }
        attribute.default.clone().unwrap_or_else(|| Value::null_of(ty))
    };
    each_pair(attribute, nested, value, before, &|object, before| {
        leaves(nested, object, |leaf, part| {
            if part.is_known() && part.is_null() {
                return unset(leaf, before);
            }
            let earlier = before.and_then(|before| before.get(&leaf.name)).cloned();
            with_open_leaves(leaf, &part, &earlier.unwrap_or_else(Value::null))
        })
    })
}

/// Returns what is known of the objects before, with what is taken to be as wanted: write-only leaves whose version
/// is the same, and (if `unread`) everything that the API never tells where nothing is known.
#[must_use]
pub fn assumed(attribute: &Attribute, before: &Value, wanted: &Value, unread: bool) -> Value {
    let Some(nested) = &attribute.nested else { return before.clone() };
    let is_open = |leaf: &Attribute| leaf.write_only || leaf.readback.is_never();
    if !nested.attributes.iter().any(is_open) {
        return before.clone();
    }
    each_pair(attribute, nested, before, wanted, &|object, wanted| {
        leaves(nested, object, |leaf, part| {
            let Some(wanted) = wanted.filter(|_| is_open(leaf) && part.is_null()) else { return part };
            let Some(after) = wanted.get(&leaf.name) else { return part };
            let version = |of: &Value| leaf.version.as_ref().and_then(|name| of.get(name)).cloned();
            let same = match (version(object), version(wanted)) {
                (Some(old), Some(new)) => old.is_known() && !old.is_null() && old.same_as(&new),
                _ => false,
            };
            if unread || leaf.write_only && same { after.clone() } else { part }
        })
    })
}

/// Returns what the API returned of the objects, in the order of what was known of them; leaves that it did not
/// return are as known.
#[must_use]
pub fn as_known(attribute: &Attribute, returned: &Value, known: &Value) -> Value {
    let Some(nested) = &attribute.nested else { return returned.clone() };
    if attribute.matches.is_none() || known.is_null() || !known.is_known() {
        return returned.clone();
    }
    let ordered = in_order_of(attribute, returned, known);
    each_pair(attribute, nested, &ordered, known, &|object, known| {
        let mut fields = object.fields().cloned().unwrap_or_default();
        for leaf in nested.attributes.iter().filter(|leaf| leaf.write_only || leaf.readback.is_never()) {
            if let Some(part) = known.and_then(|known| known.get(&leaf.name)) {
                fields.insert(Arc::clone(&leaf.name), part.clone());
            }
        }
        Value::of_fields(fields)
    })
}

/// Returns what was planned, with what nothing was promised about as it is: leaves that the provider decides where
/// the plan has null, and secrets, which are compared elsewhere.
#[must_use]
pub fn learnt(attribute: &Attribute, planned: &Value, actual: &Value) -> Value {
    let Some(nested) = &attribute.nested else { return planned.clone() };
    let is_free = |leaf: &Attribute| leaf.mode.is_computed() || leaf.sensitive || leaf.write_only;
    if !nested.attributes.iter().any(|leaf| is_free(leaf) || leaf.nested.is_some()) {
        return planned.clone();
    }
    each_pair(attribute, nested, planned, actual, &|object, actual| {
        leaves(nested, object, |leaf, part| {
            let Some(actual) = actual.and_then(|actual| actual.get(&leaf.name)) else { return part };
            let is_secret = leaf.sensitive || leaf.write_only;
            if is_secret || leaf.mode.is_computed() && part.is_known() && part.is_null() {
                return actual.clone();
            }
            learnt(leaf, &part, actual)
        })
    })
}

/// Returns what was planned, with what was not known of it as it was found.
#[must_use]
pub fn with_found_leaves(attribute: &Attribute, planned: &Value, found: &Value) -> Value {
    let Some(nested) = attribute.nested.as_ref().filter(|_| planned.is_known()) else {
        return if planned.is_wholly_known() { planned.clone() } else { found.clone() };
    };
    each_pair(attribute, nested, planned, found, &|object, found| {
        leaves(nested, object, |leaf, part| match found.and_then(|found| found.get(&leaf.name)) {
            Some(found) => with_found_leaves(leaf, &part, found),
            None => part,
        })
    })
}

/// Returns the objects as calls see them: null where a leaf is unknown because the provider decides it.
#[must_use]
pub(super) fn without_undecided(attribute: &Attribute, value: &Value) -> Value {
    let Some(nested) = &attribute.nested else { return value.clone() };
    if value.is_wholly_known() || value.is_null() || !value.is_known() {
        return value.clone();
    }
    each_object(nested, value, &|object| {
        let Some(fields) = object.fields() else { return object.clone() };
        Value::object(fields.iter().map(|(name, part): (&Name, &Value)| {
            let leaf = nested.attribute(name);
            let part = match leaf {
                Some(leaf) if leaf.mode.is_computed() && !part.is_known() => {
                    Value::null_of(leaf.ty.without_optional()).mark(part.marks())
                }
                Some(leaf) => without_undecided(leaf, part),
                None => part.clone(),
            };
            (Arc::clone(name), part)
        }))
    })
}
