//! Converts values between types that convert.

use super::super::Data;
use super::super::Fields;
use super::super::Number;
use super::super::Refinement;
use super::super::Type;
use super::super::Unknown;
use super::super::Value;
use super::ConvertError;
use super::exists::element;
use super::exists::exists;
use super::mismatch::mismatch_message;
use super::unify::unify_with;

use std::collections::BTreeMap;
use std::sync::Arc;

/// Where in the value the conversion is.
#[derive(Clone, Copy)]
pub(super) struct Path<'p> {
    outer: Option<&'p Self>,
    step: Step<'p>,
}

#[derive(Clone, Copy)]
enum Step<'p> {
    Attribute(&'p str),
    Index(usize),
    Key(&'p str),
}

fn error(path: Option<&Path<'_>>, message: impl Into<String>) -> ConvertError {
    let mut message = message.into();
    let mut path = path;
    while let Some(here) = path {
        message = match here.step {
            Step::Attribute(name) => format!("attribute {name:?}: {message}"),
            Step::Index(index) => format!("element {index}: {message}"),
            Step::Key(key) => format!("element {key:?}: {message}"),
        };
        path = here.outer;
    }
    ConvertError { message }
}

/// Converts a value to a type that its type converts to.
pub(super) fn apply(value: &Value, to: &Type, path: Option<&Path<'_>>) -> Result<Value, ConvertError> {
    if *to == Type::Any || value.has_type(to) {
        return Ok(value.clone());
    }
    if let Data::Unknown(unknown) = value.data() {
        return Ok(unknown_result(unknown, &to.without_optional()).mark(value.marks()));
    }
    if let Data::Null(from) = value.data() {
        return Ok(Value::null_of(replace_any(from, &to.without_optional())).mark(value.marks()));
    }
    Ok(apply_known(value.data(), to, path)?.mark(value.marks()))
}

fn apply_known(data: &Data, to: &Type, path: Option<&Path<'_>>) -> Result<Value, ConvertError> {
    let mismatch = || error(path, mismatch_message(&Value::from(data.clone()).ty(), to));
    match (data, to) {
        (Data::Bool(value), Type::String) => Ok(Value::string(if *value { "true" } else { "false" })),
        (Data::Number(number), Type::String) => Ok(Value::string(number.to_string())),
        (Data::String(text), Type::Number) => match Number::parse(text) {
            Ok(number) => Ok(Value::number(number)),
            Err(_) => Err(error(path, "a number is required")),
        },
        (Data::String(text), Type::Bool) => match &**text {
            "true" | "1" => Ok(Value::bool(true)),
            "false" | "0" => Ok(Value::bool(false)),
            other => {
                let lower = other.to_lowercase();
                Err(error(
                    path,
                    if lower == "true" || lower == "false" {
                        format!("a bool is required; to convert from string, use lowercase \"{lower}\"")
                    } else {
                        "a bool is required".to_owned()
                    },
                ))
            }
        },
        (Data::Object(parts), Type::Object(_)) => object(parts, to, path, Step::Attribute),
        (Data::Map(_, parts), Type::Object(_)) => map_to_object(parts, to, path),
        (Data::Tuple(parts), Type::Tuple(types)) if parts.len() == types.len() => {
            let converted = parts.iter().zip(types.iter()).enumerate().map(|(index, (part, ty))| {
                apply(part, ty, Some(&Path { outer: path, step: Step::Index(index) }))
            });
            Ok(Value::tuple(converted.collect::<Result<Vec<_>, _>>()?))
        }
        (Data::List(from, parts) | Data::Set(from, parts), Type::List(wanted) | Type::Set(wanted)) => {
            if matches!(to, Type::List(_))
                && matches!(data, Data::Set(..))
                && parts.iter().any(|part| !part.is_wholly_known())
            {
                // How many elements the set will have is open.
                return Ok(Value::unknown(Type::list(from.clone())));
            }
            if parts.is_empty() {
                let wanted = if **wanted == Type::Any { from } else { &**wanted };
                return Ok(collection(to, wanted.without_optional(), Vec::new()));
            }
            let parts = each(parts, wanted, path)?;
            finish(to, parts, path)
        }
        (Data::Tuple(parts), Type::List(wanted) | Type::Set(wanted)) => {
            if parts.is_empty() {
                return Ok(collection(to, wanted.without_optional(), Vec::new()));
            }
            let types: Vec<Type> = parts.iter().map(Value::ty).collect();
            let wanted = element(types.iter(), wanted, true).ok_or_else(mismatch)?;
            let mut parts = each(parts, &wanted, path)?;
            if matches!(to, Type::List(_)) && wanted.has_any() {
                parts = unified(&parts, path)?;
            }
            finish(to, parts, path)
        }
        (Data::Map(from, parts), Type::Map(wanted)) => {
            if parts.is_empty() {
                let wanted = if **wanted == Type::Any { from } else { &**wanted };
                return Ok(Value::map(wanted.without_optional(), Vec::<(Arc<str>, Value)>::new()));
            }
            fields_to_map(parts, wanted, path, Step::Key)
        }
        (Data::Object(parts), Type::Map(wanted)) => {
            if parts.is_empty() {
                return Ok(Value::map(wanted.without_optional(), Vec::<(Arc<str>, Value)>::new()));
            }
            let types: Vec<Type> = parts.values().map(Value::ty).collect();
            let wanted = element(types.iter(), wanted, true).ok_or_else(mismatch)?;
            fields_to_map(parts, &wanted, path, Step::Key)
        }
        _ => Err(mismatch()),
    }
}

fn each(parts: &[Value], ty: &Type, path: Option<&Path<'_>>) -> Result<Vec<Value>, ConvertError> {
    parts
        .iter()
        .enumerate()
        .map(|(index, part)| {
            let here = Path { outer: path, step: Step::Index(index) };
            checked(part, ty, &here)
        })
        .collect()
}

/// Converts a part whose static type may be less exact than its own.
fn checked(part: &Value, ty: &Type, here: &Path<'_>) -> Result<Value, ConvertError> {
    if *ty == Type::Any || part.has_type(ty) {
        return Ok(part.clone());
    }
    let from = part.ty();
    if from != *ty && !exists(&from, ty, true) {
        return Err(error(Some(here), mismatch_message(&from, ty)));
    }
    apply(part, ty, Some(here))
}

/// Makes parts that were converted to a type with `any` inside the same type.
fn unified(parts: &[Value], path: Option<&Path<'_>>) -> Result<Vec<Value>, ConvertError> {
    let types: Vec<Type> = parts.iter().map(Value::ty).collect();
    let Some(common) = unify_with(types.iter(), true) else {
        return Err(error(path, "cannot find a common base type for all elements"));
    };
    each(parts, &common, path)
}

/// Builds a list or set of parts that should be of one type by now.
fn finish(to: &Type, parts: Vec<Value>, path: Option<&Path<'_>>) -> Result<Value, ConvertError> {
    let kind = if matches!(to, Type::Set(_)) { "set" } else { "list" };
    let Some(element) = common_type(parts.iter()) else {
        return Err(error(path, format!("element types must all match for conversion to {kind}")));
    };
    let parts = typed_nulls(parts, &element);
    Ok(collection(to, element, parts))
}

/// The type of parts that have all the same type, untyped ones aside.
#[expect(single_use_lifetimes, reason = "the lifetime cannot be left out here in stable Rust")]
fn common_type<'v>(parts: impl Iterator<Item = &'v Value>) -> Option<Type> {
    let mut common = Type::Any;
    for part in parts {
        if common == Type::Any {
            common = part.ty();
        } else if !part.has_type(&common) && part.ty() != Type::Any {
            return None;
        }
    }
    Some(common)
}

/// Gives untyped nulls and unknowns the type of their neighbours.
fn typed_nulls(parts: Vec<Value>, element: &Type) -> Vec<Value> {
    parts
        .into_iter()
        .map(|part| match part.data() {
            Data::Null(Type::Any) => Value::null_of(element.clone()).mark(part.marks()),
            _ => part,
        })
        .collect()
}

fn collection(to: &Type, element: Type, parts: Vec<Value>) -> Value {
    if matches!(to, Type::Set(_)) { Value::set(element, parts) } else { Value::list(element, parts) }
}

fn object<'n>(
    parts: &'n Fields,
    to: &Type,
    path: Option<&Path<'_>>,
    step: impl Fn(&'n str) -> Step<'n>,
) -> Result<Value, ConvertError> {
    let Type::Object(attributes) = to else {
        return Err(error(path, "object required"));
    };
    let mut fields = Fields::new();
    for (name, part) in parts {
        if let Some(attr) = attributes.get(name) {
            let here = Path { outer: path, step: step(name) };
            fields.insert(Arc::clone(name), apply(part, &attr.ty, Some(&here))?);
        }
    }
    for (name, attr) in attributes.iter() {
        if attr.optional && !fields.contains_key(name) {
            fields.insert(Arc::clone(name), Value::null_of(attr.ty.without_optional()));
        }
    }
    Ok(Data::Object(Arc::new(fields)).into())
}

fn map_to_object(parts: &Fields, to: &Type, path: Option<&Path<'_>>) -> Result<Value, ConvertError> {
    let Type::Object(attributes) = to else {
        return Err(error(path, "object required"));
    };
    let mut fields = Fields::new();
    for (name, attr) in attributes.iter() {
        let value = match parts.get(name) {
            Some(part) => {
                let from = part.ty();
                if from != attr.ty && !exists(&from, &attr.ty, true) {
                    let reason = mismatch_message(&from, &attr.ty);
                    return Err(error(
                        path,
                        format!("map element type is incompatible with attribute {name:?}: {reason}"),
                    ));
                }
                apply(part, &attr.ty, Some(&Path { outer: path, step: Step::Key(name) }))?
            }
            None if attr.optional => Value::null_of(attr.ty.without_optional()),
            None => return Err(error(path, format!("map has no element for required attribute {name:?}"))),
        };
        fields.insert(Arc::clone(name), value);
    }
    Ok(Data::Object(Arc::new(fields)).into())
}

fn fields_to_map<'n>(
    parts: &'n Fields,
    wanted: &Type,
    path: Option<&Path<'_>>,
    step: impl Fn(&'n str) -> Step<'n>,
) -> Result<Value, ConvertError> {
    let mut fields = Vec::with_capacity(parts.len());
    for (name, part) in parts {
        let here = Path { outer: path, step: step(name) };
        fields.push((Arc::clone(name), checked(part, wanted, &here)?));
    }
    let (names, mut parts): (Vec<Arc<str>>, Vec<Value>) = fields.into_iter().unzip();
    if wanted.has_any() && !wanted.is_primitive() && *wanted != Type::Any {
        parts = unified(&parts, path)?;
    }
    let Some(element) = common_type(parts.iter()) else {
        return Err(error(path, "attribute types must all match for conversion to map"));
    };
    let parts = typed_nulls(parts, &element);
    Ok(Value::map(element, names.into_iter().zip(parts)))
}

/// An unknown of the target type, with what is known about the source where that still holds.
fn unknown_result(from: &Unknown, to: &Type) -> Value {
    let to = replace_any(&from.ty, to);
    let mut refinement = Refinement { not_null: from.refinement.not_null, ..Refinement::default() };
    let length = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    match (&from.ty, &to) {
        (Type::Object(attributes), Type::Map(_)) => {
            refinement.min_length = Some(length(attributes.len()));
            refinement.max_length = refinement.min_length;
        }
        (Type::Tuple(elements), Type::List(_)) => {
            refinement.min_length = Some(length(elements.len()));
            refinement.max_length = refinement.min_length;
        }
        (Type::Tuple(elements), Type::Set(_)) => {
            refinement.min_length = Some(length(elements.len()).min(1));
            refinement.max_length = Some(length(elements.len()));
        }
        (Type::List(_) | Type::Set(_) | Type::Map(_), Type::List(_) | Type::Set(_) | Type::Map(_)) => {
            let least = from.refinement.min_length;
            refinement.min_length =
                if matches!(to, Type::Set(_)) { least.map(|least| least.min(1)) } else { least };
            refinement.max_length = from.refinement.max_length;
        }
        _ => {}
    }
    Value::refined(to, refinement)
}

/// Replaces `any` in a constraint by what stands in the same place of a type that converts to it.
fn replace_any(from: &Type, to: &Type) -> Type {
    if *from == Type::Any || !to.has_any() {
        return to.clone();
    }
    let common = |parts: &mut dyn Iterator<Item = &Type>, element: &Type| {
        replace_any(&unify_with(parts, true).unwrap_or(Type::Any), element)
    };
    match (from, to) {
        (_, Type::Any) => from.clone(),
        (Type::Map(from), Type::Map(element)) => Type::map(replace_any(from, element)),
        (Type::Object(from), Type::Map(element)) => {
            Type::map(common(&mut from.values().map(|attr| &attr.ty), element))
        }
        (Type::List(from) | Type::Set(from), Type::List(element)) => Type::list(replace_any(from, element)),
        (Type::List(from) | Type::Set(from), Type::Set(element)) => Type::set(replace_any(from, element)),
        (Type::Tuple(from), Type::List(element)) => Type::list(common(&mut from.iter(), element)),
        (Type::Tuple(from), Type::Set(element)) => Type::set(common(&mut from.iter(), element)),
        (Type::Tuple(from), Type::Tuple(to)) => {
            Type::tuple(from.iter().zip(to.iter()).map(|(from, to)| replace_any(from, to)))
        }
        (Type::Map(from), Type::Object(to)) => {
            Type::object(to.iter().map(|(name, attr)| (Arc::clone(name), replace_any(from, &attr.ty))))
        }
        (Type::Object(from), Type::Object(to)) => {
            let attributes: BTreeMap<Arc<str>, Type> = to
                .iter()
                .map(|(name, attr)| {
                    let ty = from
                        .get(name)
                        .map_or_else(|| attr.ty.clone(), |found| replace_any(&found.ty, &attr.ty));
                    (Arc::clone(name), ty)
                })
                .collect();
            Type::object(attributes)
        }
        _ => to.clone(),
    }
}
