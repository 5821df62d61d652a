//! Functions on maps and objects.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Call;
use super::Function;
use super::FunctionError;
use super::Param;
use super::Returns;
use super::Ty;
use super::args::elements;
use super::args::equal;
use super::args::known_length;
use super::args::value;
use crate::value::Data;
use crate::value::Fields;
use crate::value::Marks;
use crate::value::ObjectAttr;
use crate::value::Type;
use crate::value::Value;
use crate::value::convert;
use crate::value::unify;

const ANY_LIST: Ty = Ty::List(&Ty::Any);
const MAP: Param = Param::new("inputMap", Ty::Any).marked();

/// The functions of this family.
pub(super) const ALL: &[Function] = &[
    Function::new("keys", &[MAP.unknown()], Returns::By(keys_type), keys)
        .doc("Returns the keys of a map or object in order.", "keys({ b = 1, a = 2 })"),
    Function::new("lookup", &[MAP, Param::new("key", Ty::String).marked()], Returns::By(lookup_type), lookup)
        .variadic(Param::new("default", Ty::Any).nullable().unknown().dynamic().marked())
        .may_be_null()
        .doc(
            "Returns an element of a map by its key, or a default if there is none.",
            r#"lookup({ a = "ay" }, "c", "what?")"#,
        ),
    Function::new(
        "matchkeys",
        &[Param::new("values", ANY_LIST), Param::new("keys", ANY_LIST), Param::new("searchset", ANY_LIST)],
        Returns::By(match_keys_type),
        match_keys,
    )
    .doc(
        "Returns the elements of a list whose partners in a second list occur in a third.",
        r#"matchkeys(["i-1", "i-2"], ["west", "east"], ["east"])"#,
    ),
    Function::new("merge", &[], Returns::By(merge_type), merge)
        .variadic(Param::new("maps", Ty::Any).nullable().dynamic().marked())
        .doc("Puts maps or objects together; later ones win.", r#"merge({ a = "b" }, { a = "c", d = "e" })"#),
    Function::new(
        "transpose",
        &[Param::new("values", Ty::Map(&Ty::List(&Ty::String)))],
        Returns::Is(Ty::Map(&Ty::List(&Ty::String))),
        transpose,
    )
    .doc(
        "Swaps the keys and the elements of a map of lists of strings.",
        r#"transpose({ a = ["1", "2"], b = ["2"] })"#,
    ),
    Function::new("values", &[Param::new("mapping", Ty::Any).marked()], Returns::By(values_type), values)
        .doc(
            "Returns the elements of a map or object in the order of their keys.",
            "values({ b = 1, a = 2 })",
        ),
    Function::new(
        "zipmap",
        &[Param::new("keys", Ty::List(&Ty::String)).marked(), Param::new("values", Ty::Any).marked()],
        Returns::By(zip_map_type),
        zip_map,
    )
    .doc("Makes a map of a list of keys and a list of elements.", r#"zipmap(["a", "b"], [1, 2])"#),
];

fn keys_type(args: &[Value]) -> Result<Type, FunctionError> {
    match args.first().map(Value::ty) {
        Some(Type::Map(_)) => Ok(Type::list(Type::String)),
        Some(Type::Object(attributes)) => Ok(Type::tuple(attributes.keys().map(|_| Type::String))),
        _ => Err(FunctionError::argument(0, "must have map or object type")),
    }
}

fn keys(call: &Call<'_>) -> Result<Value, FunctionError> {
    let map = value(call, 0)?;
    let text = |name: &Arc<str>| Value::string(Arc::clone(name));
    let result = match (map.ty(), map.fields()) {
        (Type::Object(attributes), _) => Value::tuple(attributes.keys().map(text)),
        (_, Some(fields)) => Value::list(Type::String, fields.keys().map(text)),
        (_, None) => Value::unknown(call.returns.clone()),
    };
    Ok(result.mark(map.marks()))
}

fn lookup_type(args: &[Value]) -> Result<Type, FunctionError> {
    if args.len() > 3 {
        return Err(FunctionError::new(format!("lookup() takes two or three arguments, got {}", args.len())));
    }
    let (map, key, default) = match args {
        [map, key] => (map, key, None),
        [map, key, default] => (map, key, Some(default)),
        _ => return Ok(Type::Any),
    };
    match (map.ty(), default) {
        (Type::Object(attributes), _) => {
            let Some(name) = key.as_str() else { return Ok(Type::Any) };
            match (attributes.get(name), default) {
                (Some(attribute), _) => Ok(attribute.ty.clone()),
                (None, Some(default)) => Ok(default.ty()),
                (None, None) if (map.marks() | key.marks()).is_sensitive() => {
                    Err(FunctionError::argument(0, "the given object has no such attribute"))
                }
                (None, None) => {
                    Err(FunctionError::argument(0, format!("the given object has no attribute \"{name}\"")))
                }
            }
        }
        (Type::Map(element), None) => Ok((*element).clone()),
        (Type::Map(element), Some(default)) => match convert(default, &element) {
            Ok(_) => Ok((*element).clone()),
            Err(_) => Err(FunctionError::argument(
                2,
                "the default value must have the same type as the map elements",
            )),
        },
        _ => Err(FunctionError::argument(0, "lookup() requires a map as the first argument")),
    }
}

fn lookup(call: &Call<'_>) -> Result<Value, FunctionError> {
    let (map, key) = (value(call, 0)?, value(call, 1)?);
    let marks = map.marks() | key.marks();
    let name = key.as_str().ok_or_else(|| FunctionError::argument(1, "string required"))?;
    if let Some(found) = map.get(name) {
        return Ok(found.clone().mark(marks));
    }
    if let Some(default) = call.args.get(2) {
        let default =
            convert(default, call.returns).map_err(|error| FunctionError::argument(2, error.message))?;
        return Ok(default.mark(marks));
    }
    let shown = if marks.is_sensitive() { "(sensitive value)".to_owned() } else { format!("\"{name}\"") };
    Err(FunctionError::new(format!("lookup failed to find key {shown}")))
}

fn match_keys_type(args: &[Value]) -> Result<Type, FunctionError> {
    let [values, keys, wanted] = args else { return Ok(Type::Any) };
    match unify(&[keys.ty(), wanted.ty()]) {
        Some(_) => Ok(values.ty()),
        None => Err(FunctionError::new("keys and searchset must be of the same type")),
    }
}

fn match_keys(call: &Call<'_>) -> Result<Value, FunctionError> {
    let (values, keys, wanted) = (elements(call, 0)?, elements(call, 1)?, elements(call, 2)?);
    if values.len() != keys.len() {
        return Err(FunctionError::new("length of keys and values should be equal"));
    }
    let element = match call.returns {
        Type::List(element) => (**element).clone(),
        _ => Type::Any,
    };
    if wanted.is_empty() {
        return Ok(Value::list(element, []));
    }
    if !values.iter().chain(keys).all(Value::is_wholly_known) {
        return Ok(Value::unknown(call.returns.clone()));
    }
    let common = unify(&[value(call, 1)?.ty(), value(call, 2)?.ty()]);
    let common = match &common {
        Some(Type::List(element)) => (**element).clone(),
        _ => Type::Any,
    };
    let all_as = |list: &[Value], index: usize| -> Result<Vec<Value>, FunctionError> {
        list.iter()
            .map(|key| convert(key, &common).map_err(|error| FunctionError::argument(index, error.message)))
            .collect()
    };
    let (keys, wanted) = (all_as(keys, 1)?, all_as(wanted, 2)?);
    let mut found = Vec::new();
    for (key, partner) in keys.iter().zip(values) {
        for candidate in &wanted {
            match equal(key, candidate) {
                Some(true) => {
                    found.push(partner.clone());
                    break;
                }
                Some(false) => {}
                None => return Ok(Value::unknown(call.returns.clone())),
            }
        }
    }
    Ok(Value::list(element, found))
}

fn merge_type(args: &[Value]) -> Result<Type, FunctionError> {
    let Some(first) = args.first() else { return Ok(Type::object::<Arc<str>>([])) };
    let mut attributes: BTreeMap<Arc<str>, ObjectAttr> = BTreeMap::new();
    let mut open = false;
    for arg in args {
        match (arg.ty(), arg.fields()) {
            (Type::Any, _) => return Ok(Type::Any),
            (Type::Map(_) | Type::Object(_), _) if arg.is_null() => {}
            (Type::Object(names), _) => {
                attributes
                    .extend(names.iter().map(|(name, attribute)| (Arc::clone(name), attribute.clone())));
            }
            (Type::Map(element), Some(fields)) => {
                attributes.extend(
                    fields.keys().map(|name| (Arc::clone(name), ObjectAttr::required((*element).clone()))),
                );
            }
            (Type::Map(_), None) => open = true,
            (other, _) => {
                return Err(FunctionError::new(format!(
                    "arguments must be maps or objects, got \"{}\"",
                    other.friendly_name()
                )));
            }
        }
    }
    let ty = first.ty();
    if args.iter().all(|arg| arg.ty() == ty) {
        return Ok(ty);
    }
    Ok(if open { Type::Any } else { Type::Object(Arc::new(attributes)) })
}

fn merge(call: &Call<'_>) -> Result<Value, FunctionError> {
    let mut merged = Fields::new();
    let mut marks = Marks::NONE;
    for arg in call.args {
        marks |= arg.marks();
        let Some(fields) = arg.fields() else { continue };
        merged.extend(fields.iter().map(|(name, value)| (Arc::clone(name), value.clone())));
    }
    let data = match call.returns {
        Type::Map(element) => Data::Map((**element).clone(), Arc::new(merged)),
        _ => Data::Object(Arc::new(merged)),
    };
    Ok(Value::new(data, marks))
}

fn transpose(call: &Call<'_>) -> Result<Value, FunctionError> {
    let map = value(call, 0)?;
    if !map.is_wholly_known() {
        return Ok(Value::unknown(call.returns.clone()));
    }
    let mut swapped: BTreeMap<Arc<str>, Vec<Value>> = BTreeMap::new();
    for (key, list) in map.fields().into_iter().flatten() {
        let list = list.elements().ok_or_else(|| FunctionError::new("input must not contain null list"))?;
        for element in list {
            let text = element
                .as_str()
                .ok_or_else(|| FunctionError::new("input list must not contain null string"))?;
            swapped.entry(Arc::clone(text)).or_default().push(Value::string(Arc::clone(key)));
        }
    }
    let lists = swapped.into_iter().map(|(key, list)| (key, Value::list(Type::String, list)));
    Ok(Value::map(Type::list(Type::String), lists))
}

fn values_type(args: &[Value]) -> Result<Type, FunctionError> {
    match args.first().map(Value::ty) {
        Some(Type::Map(element)) => Ok(Type::List(element)),
        Some(Type::Object(attributes)) => {
            Ok(Type::tuple(attributes.values().map(|attribute| attribute.ty.clone())))
        }
        _ => Err(FunctionError::new("values() requires a map as the first argument")),
    }
}

fn values(call: &Call<'_>) -> Result<Value, FunctionError> {
    let map = value(call, 0)?;
    let parts = map.fields().into_iter().flat_map(|fields| fields.values().cloned());
    let result = match call.returns {
        Type::List(element) => Value::list((**element).clone(), parts),
        _ => Value::tuple(parts),
    };
    Ok(result.mark(map.marks()))
}

fn counts_differ(keys: usize, values: usize) -> FunctionError {
    FunctionError::new(format!("number of keys ({keys}) does not match number of values ({values})"))
}

fn zip_map_type(args: &[Value]) -> Result<Type, FunctionError> {
    let [keys, values] = args else { return Ok(Type::Any) };
    match values.ty() {
        Type::List(element) => Ok(Type::Map(element)),
        Type::Tuple(parts) => {
            let Some(names) = keys.elements().filter(|_| keys.is_wholly_known()) else {
                return Ok(Type::Any);
            };
            if names.len() != parts.len() {
                return Err(counts_differ(names.len(), parts.len()));
            }
            let mut attributes = BTreeMap::new();
            for (position, (name, ty)) in names.iter().zip(parts.iter()).enumerate() {
                let name = name.as_str().ok_or_else(|| {
                    FunctionError::new(format!("keys list has null value at index {position}"))
                })?;
                attributes.insert(Arc::clone(name), ObjectAttr::required(ty.clone()));
            }
            Ok(Type::Object(Arc::new(attributes)))
        }
        _ => Err(FunctionError::new("values argument must be a list or tuple value")),
    }
}

fn zip_map(call: &Call<'_>) -> Result<Value, FunctionError> {
    let (keys, values) = (value(call, 0)?, value(call, 1)?);
    let marks = keys.marks_deep() | values.marks();
    let (Some(names), Some(parts)) = (keys.elements().filter(|_| keys.is_wholly_known()), values.elements())
    else {
        return Ok(Value::unknown(call.returns.clone()).mark(marks));
    };
    if known_length(keys) != known_length(values) {
        return Err(counts_differ(names.len(), parts.len()));
    }
    let mut zipped: BTreeMap<Arc<str>, Value> = BTreeMap::new();
    for (position, (name, part)) in names.iter().zip(parts).enumerate() {
        let name = name
            .as_str()
            .ok_or_else(|| FunctionError::new(format!("keys list has null value at index {position}")))?;
        zipped.insert(Arc::clone(name), part.clone());
    }
    let data = match call.returns {
        Type::Map(element) => Data::Map((**element).clone(), Arc::new(zipped.into_iter().collect())),
        _ => Data::Object(Arc::new(zipped.into_iter().collect())),
    };
    Ok(Value::new(data, marks))
}
