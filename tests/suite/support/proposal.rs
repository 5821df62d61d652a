//! Objects as the planner proposes them.

use std::collections::BTreeMap;
use std::sync::Arc;

use queueform::plan::changed_object;
use queueform::plan::convert_argument;
use queueform::plan::for_reading;
use queueform::plan::new_object;
use queueform::plan::with_written;
use queueform::schema::ResourceKind;
use queueform::schema::ResourceSchema;
use queueform::schema::scope::as_sent;
use queueform::value::Value;

/// An object as planned, and as calls see it.
pub(crate) struct Proposed {
    pub(crate) value: Value,
    pub(crate) sent: Value,
}

/// Proposes an object for the arguments of a configuration.
pub(crate) fn proposed(
    schema: &ResourceSchema,
    config: &Value,
    prior: Option<&Value>,
    provider: &Value,
) -> Proposed {
    let convert = |(name, value): (&Arc<str>, &Value)| {
        let attribute = schema.attribute(name).unwrap_or_else(|| panic!("no attribute {name}"));
        (Arc::clone(name), convert_argument(value, attribute).unwrap())
    };
    let arguments: BTreeMap<Arc<str>, Value> = config.fields().unwrap().iter().map(convert).collect();
    let planned = match prior {
        _ if schema.kind == ResourceKind::Data => for_reading(schema, &arguments),
        Some(prior) => changed_object(schema, &arguments, prior, provider),
        None => new_object(schema, &arguments, provider),
    };
    let value = with_written(&planned, schema, &arguments);
    let is_set = |name: &str| arguments.get(name).is_some_and(|value| !value.is_null());
    let sent = as_sent(schema, &value, &is_set);
    Proposed { value, sent }
}
