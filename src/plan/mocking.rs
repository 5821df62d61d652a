//! Objects of tests that no provider is asked about: their schemas without calls, and values for what a provider would
//! decide. The same test gives the same values.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::addr::InstanceAddr;
use crate::config::Standin;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::schema::Attribute;
use crate::schema::Nested;
use crate::schema::NestedKind;
use crate::schema::Operation;
use crate::schema::ResourceSchema;
use crate::syntax::ast::Name;
use crate::value::Data;
use crate::value::Type;
use crate::value::Value;
use crate::value::convert;

use super::shape::mark_sensitive;
use super::shape::with_attributes;

/// What made-up strings consist of, and how long they are.
const LETTERS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
const LENGTH: usize = 8;

/// Returns the schema of an object that no provider is asked about: the same attributes, and no calls.
#[must_use]
pub fn mocked_schema(schema: &ResourceSchema, standin: &Standin) -> Arc<ResourceSchema> {
    let idle = || Some(Operation { steps: Vec::new(), span: schema.span });
    let mut mocked = ResourceSchema {
        serialize: None,
        parent: None,
        list: None,
        read: None,
        find: None,
        always_exists: false,
        gone_when: None,
        system_when: None,
        cool_down: None,
        ready: None,
        create: schema.create.as_ref().and_then(|_| idle()),
        update: schema.update.as_ref().and_then(|_| idle()),
        delete: schema.delete.as_ref().and_then(|_| idle()),
        guards: Vec::new(),
        lookups: Vec::new(),
        capacities: Vec::new(),
        waiters: Vec::new(),
        loses: None,
        impact: None,
        notice: None,
        ..schema.clone()
    };
    mocked.checks.retain(|check| check.lookups.is_empty());
    if let Some(invocation) = &mut mocked.invocation {
        invocation.run.steps.clear();
        invocation.verifies.clear();
        invocation.confirm = None;
    }
    for attribute in &mut mocked.attributes {
        // A mocked update decides nothing anew.
        attribute.follows.clear();
    }
    if standin.values.contains_key("id") {
        mocked.identity = vec![Arc::from("id")];
    }
    Arc::new(mocked)
}

/// Returns a new object as a plan knows it: what the test gives takes the place of what would follow from arguments,
/// and waits for the apply unless it is known while planning. `set` are the attributes that the configuration sets.
///
/// # Errors
/// If a value does not suit its attribute.
pub(super) fn mocked_plan(
    schema: &ResourceSchema,
    planned: &Value,
    set: &BTreeSet<Name>,
    standin: &Standin,
    addr: &InstanceAddr,
) -> Result<Value, Diagnostics> {
    let open = schema.attributes.iter().filter(|attribute| {
        attribute.mode.is_computed()
            && !set.contains(&attribute.name)
            && standin.values.contains_key(&attribute.name)
    });
    let open = open.map(|attribute| {
        let unknown = Value::unknown(attribute.ty.clone());
        (Arc::clone(&attribute.name), mark_sensitive(unknown, attribute))
    });
    let planned = with_attributes(planned, open);
    if standin.while_planning { fill(schema, &planned, set, standin, addr) } else { Ok(planned) }
}

/// Returns an object with everything in it that a provider would decide.
///
/// # Errors
/// If a value does not suit its attribute.
pub fn mocked_result(
    schema: &ResourceSchema,
    planned: &Value,
    standin: &Standin,
    addr: &InstanceAddr,
) -> Result<Value, Diagnostics> {
    fill(schema, planned, &BTreeSet::new(), standin, addr)
}

fn fill(
    schema: &ResourceSchema,
    object: &Value,
    set: &BTreeSet<Name>,
    standin: &Standin,
    addr: &InstanceAddr,
) -> Result<Value, Diagnostics> {
    let mut found = Diagnostics::new();
    let mut filled = Vec::new();
    for attribute in schema.attributes.iter().filter(|attribute| !set.contains(&attribute.name)) {
        let Some(value) = object.get(&attribute.name) else { continue };
        if value.is_wholly_known() {
            continue;
        }
        let seed = format!("{addr}.{}", attribute.name);
        match of_attribute(attribute, value, standin.values.get(&attribute.name), &seed) {
            Ok(value) => filled.push((Arc::clone(&attribute.name), mark_sensitive(value, attribute))),
            Err(error) => found.push(
                Diagnostic::error(
                    Code::UnsuitableValue,
                    format!("unsuitable value for `{}`: {error}", attribute.name),
                )
                .at(standin.span, "given here")
                .about(addr.clone())
                .hint(format!("`{}` is {}", attribute.name, attribute.ty)),
            ),
        }
    }
    if found.is_empty() { Ok(with_attributes(object, filled)) } else { Err(found) }
}

/// The value of an attribute of which something is not known.
fn of_attribute(
    attribute: &Attribute,
    value: &Value,
    given: Option<&Value>,
    seed: &str,
) -> Result<Value, String> {
    if !value.is_known() {
        if !attribute.mode.is_computed() {
            return Ok(value.clone());
        }
        return match given {
            Some(given) => suited(given, &attribute.ty, seed),
            None => Ok(made_up(&attribute.ty, seed)),
        };
    }
    let Some(nested) = &attribute.nested else { return Ok(value.clone()) };
    if nested.kind == NestedKind::Object {
        return of_nested(nested, value, given, seed);
    }
    let mut index = 0_usize;
    let mut failed = None;
    let filled = value.clone().map_parts(&mut |part| {
        let seed = format!("{seed}[{index}]");
        index += 1;
        of_nested(nested, &part, given, &seed).unwrap_or_else(|error| {
            failed.get_or_insert(error);
            part
        })
    });
    match failed {
        Some(error) => Err(error),
        None => Ok(filled),
    }
}

/// One object inside of an attribute: what is given counts for each.
fn of_nested(nested: &Nested, value: &Value, given: Option<&Value>, seed: &str) -> Result<Value, String> {
    if !value.is_known() || value.is_wholly_known() {
        return Ok(value.clone());
    }
    let mut filled = Vec::new();
    for attribute in &nested.attributes {
        let Some(part) = value.get(&attribute.name).filter(|part| !part.is_wholly_known()) else { continue };
        let given = given.and_then(|given| given.get(&attribute.name));
        let seed = format!("{seed}.{}", attribute.name);
        let part = of_attribute(attribute, part, given, &seed)?;
        filled.push((Arc::clone(&attribute.name), mark_sensitive(part, attribute)));
    }
    Ok(with_attributes(value, filled))
}

/// A given value as a type has it: what objects in it leave out is made up.
fn suited(given: &Value, ty: &Type, seed: &str) -> Result<Value, String> {
    let completed = completed(given, ty, seed);
    convert(&completed, ty).map_err(|error| error.to_string())
}

fn completed(given: &Value, ty: &Type, seed: &str) -> Value {
    if given.is_null() || !given.is_known() {
        return given.clone();
    }
    match (ty, given.data()) {
        (Type::Object(wanted), Data::Object(_) | Data::Map(..)) => {
            let fields = wanted.iter().map(|(name, wanted)| {
                let seed = format!("{seed}.{name}");
                let value = match given.get(name) {
                    Some(value) => completed(value, &wanted.ty, &seed),
                    None => made_up(&wanted.ty, &seed),
                };
                (Arc::clone(name), value)
            });
            Value::object(fields).mark(given.marks())
        }
        (Type::List(of) | Type::Set(of), Data::List(..) | Data::Set(..) | Data::Tuple(_)) => {
            let parts = given.elements().unwrap_or_default().iter().enumerate();
            let parts = parts.map(|(index, part)| completed(part, of, &format!("{seed}[{index}]")));
            Value::tuple(parts).mark(given.marks())
        }
        (Type::Map(of), Data::Object(fields)) => {
            let fields = fields.iter();
            let fields =
                fields.map(|(key, part)| (Arc::clone(key), completed(part, of, &format!("{seed}.{key}"))));
            Value::object(fields).mark(given.marks())
        }
        _ => given.clone(),
    }
}

/// A value of a type that nobody gave.
fn made_up(ty: &Type, seed: &str) -> Value {
    match ty {
        Type::String => Value::string(letters(seed)),
        Type::Number => Value::int(0),
        Type::Bool => Value::bool(false),
        Type::List(of) => Value::list((**of).clone(), []),
        Type::Set(of) => Value::set((**of).clone(), []),
        Type::Map(of) => Value::map((**of).clone(), std::iter::empty::<(Name, Value)>()),
        Type::Object(fields) => Value::object(
            fields
                .iter()
                .map(|(name, field)| (Arc::clone(name), made_up(&field.ty, &format!("{seed}.{name}")))),
        ),
        Type::Tuple(parts) => Value::tuple(
            parts.iter().enumerate().map(|(index, part)| made_up(part, &format!("{seed}[{index}]"))),
        ),
        Type::Any => Value::null_of(ty.clone()),
    }
}

/// Letters and digits that follow from a text (FNV-1a).
fn letters(seed: &str) -> String {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    let mut hash = seed.bytes().fold(0xcbf2_9ce4_8422_2325, step);
    let mut text = String::with_capacity(LENGTH);
    for _ in 0..LENGTH {
        hash = step(hash, 0);
        let index = usize::try_from((hash >> 32) % LETTERS.len() as u64).unwrap_or_default();
        text.extend(LETTERS.get(index).map(|letter| char::from(*letter)));
    }
    text
}
