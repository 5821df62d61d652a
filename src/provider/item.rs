//! An object as the API returned it becomes an object as the schema types it.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::schema::Attribute;
use crate::schema::Readback;
use crate::schema::ResourceSchema;
use crate::schema::scope::Frame;
use crate::schema::scope::Root;
use crate::schema::scope::as_known;
use crate::schema::scope::identity;
use crate::schema::scope::mark_sensitive;
use crate::schema::scope::normalised_eq;
use crate::value::Data;
use crate::value::Type;
use crate::value::Value;
use crate::value::convert;

use super::ProviderError;
use super::connection::About;

/// Returns the object with everything that the API returned; the rest is as in `prior`. The frame has the
/// lookups that attributes refer to.
pub(super) fn adopt(
    schema: &ResourceSchema,
    item: &Value,
    prior: &Value,
    frame: &Frame<'_>,
    about: &About,
) -> Result<Value, ProviderError> {
    let frame = frame.clone().with(Root::Item, item.clone()).with(Root::This, prior.clone());
    let mut fields = prior.fields().cloned().unwrap_or_default();
    for attribute in &schema.attributes {
        let ty = attribute.ty.without_optional();
        let known = fields.get(&attribute.name).filter(|value| value.is_wholly_known()).cloned();
        let before = known.unwrap_or_else(|| Value::null_of(ty));
        let value = match returned(schema, attribute, item, &frame, about)? {
            Some(value) => {
                let fitted = fit(attribute, &value, &before, about)?;
                // What the API never returns is as planned, also beside what was not known yet.
                match fields.get(&attribute.name).filter(|planned| !planned.is_wholly_known()) {
                    Some(planned) => as_known(attribute, &fitted, planned),
                    None => fitted,
                }
            }
            None => before,
        };
        fields.insert(Arc::clone(&attribute.name), mark_sensitive(attribute, value));
    }
    let object = Value::object(fields.clone());
    if !schema.has_server_id()
        && schema.attribute("id").is_some()
        && let Some(id) = identity(schema, &object)
    {
        fields.insert(Arc::from("id"), Value::string(id));
        return Ok(Value::of_fields(fields));
    }
    Ok(object)
}

/// Returns what the API says about an attribute; nothing if it says nothing.
fn returned(
    schema: &ResourceSchema,
    attribute: &Attribute,
    item: &Value,
    frame: &Frame<'_>,
    about: &About,
) -> Result<Option<Value>, ProviderError> {
    if attribute.write_only {
        return Ok(None);
    }
    match &attribute.readback {
        Readback::Always => {}
        Readback::Never => return Ok(None),
        Readback::Masked(hidden) => {
            if frame.holds_found(hidden).map_err(|findings| about.after(findings))? {
                return Ok(None);
            }
        }
    }
    match &attribute.from {
        Some(expr) => frame.found(expr).map_err(|findings| about.after(findings)),
        // What a step of its own reads may have another shape in the object.
        None if set_by_steps(schema, &attribute.name) => Ok(None),
        None => Ok(item.get(&attribute.name).cloned()),
    }
}

/// Returns true if a step of `read` sets an attribute, so that the object itself does not.
pub(super) fn set_by_steps(schema: &ResourceSchema, name: &str) -> bool {
    let steps = schema.read.iter().flat_map(|read| &read.steps);
    steps.flat_map(|step| &step.set).any(|field| &*field.name == name)
}

/// Converts what the API returned to the type of the attribute. The spelling of the prior value is kept if both
/// mean the same.
pub(super) fn fit(
    attribute: &Attribute,
    value: &Value,
    before: &Value,
    about: &About,
) -> Result<Value, ProviderError> {
    let (value, _) = value.clone().unmark_deep();
    let value = shape(&value, &attribute.ty.without_optional(), Some(before))
        .map_err(|reason| about.answer(format!("`{}`: {reason}", attribute.name)))?;
    let value = as_known(attribute, &value, before);
    if !before.is_null() && normalised_eq(attribute, before, &value) == Some(true) {
        return Ok(before.clone());
    }
    Ok(value)
}

/// Converts leniently: fields that a type does not name are dropped, those that are missing are as before, or
/// null.
fn shape(value: &Value, ty: &Type, before: Option<&Value>) -> Result<Value, String> {
    if value.is_null() {
        return Ok(Value::null_of(ty.clone()));
    }
    let wrong =
        || format!("{} is needed, the API returned {}", ty.friendly_name(), value.ty().friendly_name());
    match ty {
        Type::Any => Ok(value.clone()),
        Type::Object(attributes) => {
            let given = value.fields().ok_or_else(wrong)?;
            let mut fields = BTreeMap::new();
            for (name, attr) in attributes.iter() {
                let earlier = before.and_then(|before| before.get(name));
                let part = match given.get(name) {
                    Some(part) => {
                        shape(part, &attr.ty, earlier).map_err(|reason| format!("{name}: {reason}"))?
                    }
                    None => earlier.cloned().unwrap_or_else(|| Value::null_of(attr.ty.clone())),
                };
                fields.insert(Arc::clone(name), part);
            }
            Ok(Value::object(fields))
        }
        Type::List(element) | Type::Set(element) => {
            let parts = value.elements().ok_or_else(wrong)?;
            let parts = parts.iter().map(|part| shape(part, element, None)).collect::<Result<Vec<_>, _>>()?;
            Ok(match ty {
                Type::Set(_) => Value::set((**element).clone(), parts),
                _ => Value::list((**element).clone(), parts),
            })
        }
        Type::Map(element) => {
            let parts = value.fields().ok_or_else(wrong)?;
            let parts = parts
                .iter()
                .map(|(key, part)| {
                    Ok((Arc::clone(key), shape(part, element, before.and_then(|b| b.get(key)))?))
                })
                .collect::<Result<Vec<_>, String>>()?;
            Ok(Value::map((**element).clone(), parts))
        }
        Type::Tuple(_) | Type::Bool | Type::Number | Type::String => {
            convert(value, ty).map_err(|error| error.message)
        }
    }
}

/// Returns the value with every unknown part replaced by null: after all reading, nobody knows better.
pub(super) fn without_unknowns(value: &Value) -> Value {
    match value.data() {
        Data::Unknown(unknown) => Value::null_of(unknown.ty.clone()).mark(value.marks()),
        _ if value.is_wholly_known() => value.clone(),
        _ => value.clone().map_parts(&mut |part| without_unknowns(&part)),
    }
}
