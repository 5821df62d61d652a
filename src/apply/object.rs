//! Objects on their way into the state.

use std::sync::Arc;

use crate::api;
use crate::plan::object_type;
use crate::plan::with_attributes;
use crate::schema::Attribute;
use crate::schema::Nested;
use crate::schema::ResourceSchema;
use crate::state::AttributeError;
use crate::state::Attributes;
use crate::state::Output;
use crate::value::Marks;
use crate::value::Value;

/// Returns the date and time of a clock as RFC 3339.
#[must_use]
pub fn timestamp(clock: &dyn api::Clock) -> Arc<str> {
    let now = jiff::Timestamp::try_from(clock.now()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    now.round(jiff::Unit::Millisecond).unwrap_or(now).to_string().into()
}

/// Encodes an object for state or journal; with secrets if they are kept there. Write-only leaves leave no trace, but
/// for the digests of those whose changes nothing else would tell.
pub(super) fn encode(
    schema: &ResourceSchema,
    value: &Value,
    prior: Option<&Attributes>,
    keep: bool,
) -> Result<Attributes, AttributeError> {
    let digested = schema.attributes.iter().filter(|attribute| is_digested(attribute, value));
    let digested: Vec<(Arc<str>, Value)> = digested
        .filter_map(|attribute| {
            let part = value.get(&attribute.name).filter(|part| !part.marks().is_ephemeral())?;
            Some((Arc::clone(&attribute.name), part.clone().mark(Marks::SENSITIVE)))
        })
        .collect();
    let names: Vec<Arc<str>> = digested.iter().map(|(name, _)| Arc::clone(name)).collect();
    let bare = with_attributes(&without_written(schema, value), digested);
    let ty = object_type(schema);
    if keep {
        Attributes::encode_kept(&bare, &ty, prior, &names)
    } else {
        Attributes::encode(&bare, &ty, prior)
    }
}

/// Encodes an output; with its value if it is a secret and secrets are kept.
pub(super) fn output(
    value: &Value,
    sensitive: bool,
    prior: Option<&Output>,
    keep: bool,
) -> Result<Output, AttributeError> {
    let known = known_so_far(value);
    if keep {
        Output::from_value_kept(&known, sensitive, prior)
    } else {
        Output::from_value(&known, sensitive, prior)
    }
}

/// Whether a digest is kept of a write-only attribute: its version could tell of a change, but is not set.
fn is_digested(attribute: &Attribute, object: &Value) -> bool {
    attribute.write_only
        && attribute
            .version
            .as_ref()
            .and_then(|version| object.get(version))
            .is_some_and(|version| version.is_known() && version.is_null())
}

/// Returns an object with null for everything that is only written.
pub(super) fn without_written(schema: &ResourceSchema, value: &Value) -> Value {
    strip(value, &schema.attributes)
}

fn strip(value: &Value, attributes: &[Attribute]) -> Value {
    if !attributes.iter().any(writes) {
        return value.clone();
    }
    let Some(fields) = value.fields() else { return value.clone() };
    let stripped = fields.iter().map(|(name, part)| {
        let attribute = attributes.iter().find(|attribute| attribute.name == *name);
        let part = match attribute {
            Some(attribute) if attribute.write_only => Value::null_of(attribute.ty.clone()),
            Some(Attribute { nested: Some(nested), .. }) => strip_nested(part, nested),
            _ => part.clone(),
        };
        (Arc::clone(name), part)
    });
    Value::object(stripped).mark(value.marks())
}

fn strip_nested(value: &Value, nested: &Nested) -> Value {
    match nested.kind {
        crate::schema::NestedKind::Object => strip(value, &nested.attributes),
        _ => value.clone().map_parts(&mut |part| strip(&part, &nested.attributes)),
    }
}

fn writes(attribute: &Attribute) -> bool {
    attribute.write_only
        || attribute.nested.as_ref().is_some_and(|nested| nested.attributes.iter().any(writes))
}

/// Returns the id of an object for messages.
pub(super) fn shown_id(value: &Value) -> Option<String> {
    let id = value.get("id")?;
    if id.marks().is_sensitive() { None } else { id.as_str().map(ToString::to_string) }
}

/// Returns an object with nothing unknown in it: what is not known yet is null.
pub(super) fn known_so_far(value: &Value) -> Value {
    if !value.is_known() {
        return Value::null_of(value.ty()).mark(value.marks());
    }
    if value.is_wholly_known() {
        return value.clone();
    }
    value.clone().map_parts(&mut |part| known_so_far(&part))
}
