//! Objects as the schema types them: arguments of a configuration made whole.

use std::sync::Arc;

use crate::addr::ValuePath;
use crate::diag::Code;
use crate::diag::Severity;
use crate::schema::Attribute;
use crate::schema::Nested;
use crate::schema::NestedKind;
use crate::schema::ResourceKind;
use crate::schema::ResourceSchema;
use crate::syntax::ast::Name;
use crate::value::Fields;
use crate::value::Marks;
use crate::value::Type;
use crate::value::Value;
use crate::value::convert;

use super::Finding;
use super::SettledStep;
use super::compare::each_object;
use super::difference;
use super::identity;
use super::members::without_undecided;
use super::normalised_eq;

/// An object made whole, and the arguments that do not fit.
#[derive(Debug, Clone)]
pub struct Completed {
    /// The object: every attribute, of its type.
    pub value: Value,
    /// The object as calls see it: null where the provider decides, so that what is unknown here comes from the
    /// configuration.
    pub sent: Value,
    /// Arguments that do not convert to the type of their attribute; they are unknown in the object.
    pub findings: Vec<Finding>,
}

/// Makes a whole object of the arguments in a configuration (an object; missing means null). `provider` are the
/// arguments of the provider configuration.
///
/// Unset attributes are null, or their default, or, where the provider decides, as in the prior object. Where
/// there is none they are unknown (null in data sources, which have no say before they are read, and where the
/// service never tells). A value that
/// means the same as the prior one is written as the prior one. What follows attributes that differ from the
/// prior ones is unknown again. Sensitive attributes are marked.
#[must_use]
pub fn complete(
    schema: &ResourceSchema,
    config: &Value,
    prior: Option<&Value>,
    provider: &Value,
) -> Completed {
    let prior = prior.filter(|prior| !prior.is_null());
    let mut findings = Vec::new();
    let mut fields = Fields::new();
    for attribute in &schema.attributes {
        let name = &attribute.name;
        let path = ValuePath::attr(Arc::clone(name));
        let before = prior.and_then(|prior| prior.get(name));
        let context = Context { kind: schema.kind, has_prior: prior.is_some() };
        let value = attribute_value(attribute, config.get(name), before, context, &path, &mut findings);
        fields.insert(Arc::clone(name), value);
    }
    if schema.kind == ResourceKind::Managed && !schema.has_server_id() && schema.attribute("id").is_some() {
        let object = Value::object(fields.iter().map(|(name, value)| (Arc::clone(name), value.clone())));
        let id = identity(schema, &object);
        let id = id.map_or_else(|| Value::unknown(Type::String).refine_not_null(), Value::string);
        fields.insert(Arc::from("id"), id);
    }
    if let Some(prior) = prior {
        follow(schema, config, prior, &mut fields);
    }
    let value = super::derive(schema, &Value::of_fields(fields), provider);
    let sent = sent(schema, config, &value);
    Completed { value, sent, findings }
}

/// Makes unknown what the provider decides anew because attributes that it follows differ.
fn follow(schema: &ResourceSchema, config: &Value, prior: &Value, fields: &mut Fields) {
    for attribute in schema.attributes.iter().filter(|attribute| !attribute.follows.is_empty()) {
        if config.get(&attribute.name).is_some_and(|value| !value.is_null()) && attribute.mode.is_settable() {
            continue;
        }
        let differs = attribute.follows.iter().filter_map(|name| schema.attribute(name)).any(|followed| {
            let planned = fields.get(&followed.name);
            planned.is_some_and(|planned| {
                difference(followed, prior.get(&followed.name), planned) != Some(false)
            })
        });
        if differs {
            let unknown = mark_sensitive(attribute, Value::unknown(attribute.ty.without_optional()));
            fields.insert(Arc::clone(&attribute.name), unknown);
        }
    }
}

fn sent(schema: &ResourceSchema, config: &Value, value: &Value) -> Value {
    as_sent(schema, value, &|name| config.get(name).is_some_and(|value| !value.is_null()))
}

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

/// Returns the planned object of a creation with null where nothing will set a computed attribute: no step that
/// runs, and no reading.
#[must_use]
pub fn settled_computed(schema: &ResourceSchema, value: &Value, steps: &[SettledStep]) -> Value {
    let Some(fields) = value.fields().filter(|_| schema.read.is_none()) else { return value.clone() };
    let operation = schema.create.as_ref();
    let sets = |name: &str| {
        steps
            .iter()
            .filter_map(|step| operation?.steps.get(step.index))
            .any(|step| step.set.iter().any(|field| &*field.name == name))
    };
    Value::object(fields.iter().map(|(name, value)| {
        let attribute = schema.attribute(name).filter(|attribute| attribute.mode.is_computed());
        let value = match attribute {
            Some(attribute) if !value.is_known() && !sets(name) => {
                Value::null_of(attribute.ty.without_optional()).mark(value.marks())
            }
            _ => value.clone(),
        };
        (Arc::clone(name), value)
    }))
}

#[derive(Clone, Copy)]
struct Context {
    kind: ResourceKind,
    has_prior: bool,
}

fn attribute_value(
    attribute: &Attribute,
    config: Option<&Value>,
    prior: Option<&Value>,
    context: Context,
    path: &ValuePath,
    findings: &mut Vec<Finding>,
) -> Value {
    let ty = attribute.ty.without_optional();
    let config = config.filter(|value| !value.is_null() && attribute.mode.is_settable());
    let value = match config {
        Some(written) => match convert(written, &attribute.ty) {
            Ok(value) => value,
            Err(error) => {
                let summary = format!("unsuitable value for `{path}`: {}", error.message);
                findings.push(Finding {
                    path: path.clone(),
                    severity: Severity::Error,
                    code: Code::UnsuitableValue,
                    summary,
                    hint: None,
                });
                Value::unknown(ty)
            }
        },
        None => unset(attribute, prior, context),
    };
    let value = match &attribute.nested {
        Some(nested) if config.is_some() => leaves(nested, &value, prior, context),
        _ => value,
    };
    let value = match prior {
        Some(prior) if !attribute.write_only && normalised_eq(attribute, prior, &value) == Some(true) => {
            prior.clone().mark(value.marks())
        }
        _ => value,
    };
    mark_sensitive(attribute, value)
}

fn unset(attribute: &Attribute, prior: Option<&Value>, context: Context) -> Value {
    let ty = attribute.ty.without_optional();
    if attribute.mode.is_computed() {
        return match (prior, context) {
            (Some(prior), _) => prior.clone(),
            (None, Context { kind: ResourceKind::Managed | ResourceKind::Action, has_prior: false })
                if !attribute.readback.is_never() =>
            {
                Value::unknown(ty)
            }
            (None, _) => Value::null_of(ty),
        };
    }
    attribute.default.clone().unwrap_or_else(|| Value::null_of(ty))
}

/// Fills the leaves of nested objects that the provider decides or that have defaults.
fn leaves(nested: &Nested, value: &Value, prior: Option<&Value>, context: Context) -> Value {
    let fill = |object: &Value, before: Option<&Value>| {
        let before = before.filter(|before| !before.is_null());
        let mut fields = object.fields().cloned().unwrap_or_default();
        for attribute in &nested.attributes {
            let unset_leaf = fields.get(&attribute.name).is_none_or(Value::is_null);
            let earlier = before.and_then(|before| before.get(&attribute.name));
            let context = Context { has_prior: before.is_some(), ..context };
            let leaf = match fields.get(&attribute.name) {
                Some(leaf) if !unset_leaf => match &attribute.nested {
                    Some(inner) => leaves(inner, leaf, earlier, context),
                    None => leaf.clone(),
                },
                _ => unset(attribute, earlier, context),
            };
            fields.insert(Arc::clone(&attribute.name), mark_sensitive(attribute, leaf));
        }
        Value::of_fields(fields)
    };
    let settled = |part: &Value| part.is_known() && !part.is_null();
    if !settled(value) {
        return value.clone();
    }
    match nested.kind {
        NestedKind::Object => fill(value, prior).mark(value.marks()),
        // Elements of a set have nothing that says which is which.
        NestedKind::Set => each_object(nested, value, &|object| fill(object, None)),
        NestedKind::List => {
            let earlier: &[Value] = prior.and_then(Value::elements).unwrap_or_default();
            let mut index = 0;
            value.clone().map_parts(&mut |part| {
                let before = earlier.get(index);
                index += 1;
                if settled(&part) { fill(&part, before).mark(part.marks()) } else { part }
            })
        }
        NestedKind::Map => {
            let Some(fields) = value.fields() else { return value.clone() };
            let ty = match value.ty() {
                Type::Map(element) => (*element).clone(),
                other => other,
            };
            let parts = fields.iter().map(|(key, part)| {
                let before = prior.and_then(|prior| prior.get(key));
                (
                    Arc::clone(key),
                    if settled(part) { fill(part, before).mark(part.marks()) } else { part.clone() },
                )
            });
            Value::map(ty, parts).mark(value.marks())
        }
    }
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
