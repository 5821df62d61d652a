//! Values and types as JSON, in the forms of state and plan documents.
//!
//! A value of a place typed `any` is written with its type: `{"value": …, "type": …}`.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Map;
use serde_json::Value as Json;

use super::Data;
use super::Fields;
use super::Number;
use super::ObjectAttr;
use super::Type;
use super::Value;

/// Why a JSON text does not give a value of a type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct JsonError {
    /// What is wrong and where.
    pub message: String,
}

impl JsonError {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }

    fn inside(self, place: &str) -> Self {
        Self { message: format!("{place}: {}", self.message) }
    }
}

/// Writes a value as JSON; numbers with all their digits.
///
/// # Errors
/// If a part is unknown or an infinity.
pub fn to_json(value: &Value) -> Result<Json, JsonError> {
    match value.data() {
        Data::Null(_) => Ok(Json::Null),
        Data::Bool(value) => Ok(Json::Bool(*value)),
        Data::Number(number) => number_to_json(number),
        Data::String(text) => Ok(Json::String(text.to_string())),
        Data::List(_, parts) | Data::Set(_, parts) | Data::Tuple(parts) => {
            parts.iter().map(to_json).collect::<Result<Vec<_>, _>>().map(Json::Array)
        }
        Data::Map(_, parts) | Data::Object(parts) => {
            let mut object = Map::new();
            for (name, part) in parts.iter() {
                object.insert(name.to_string(), to_json(part).map_err(|error| error.inside(name))?);
            }
            Ok(Json::Object(object))
        }
        Data::Unknown(_) => Err(JsonError::new("the value is not known")),
    }
}

/// Writes a value for a place of a type: where the type says `any`, the value's own type goes with it.
///
/// # Errors
/// If a part is unknown or an infinity.
pub fn to_json_as(value: &Value, ty: &Type) -> Result<Json, JsonError> {
    if !ty.has_any() {
        return to_json(value);
    }
    if *ty == Type::Any {
        let mut wrapper = Map::new();
        wrapper.insert("value".to_owned(), to_json(value)?);
        wrapper.insert("type".to_owned(), type_to_json(&value.ty()));
        return Ok(Json::Object(wrapper));
    }
    let inner = |index: usize, name: Option<&str>| match ty {
        Type::List(element) | Type::Set(element) | Type::Map(element) => Some(&**element),
        Type::Tuple(elements) => elements.get(index),
        Type::Object(attributes) => name.and_then(|name| attributes.get(name)).map(|attr| &attr.ty),
        Type::Any | Type::Bool | Type::Number | Type::String => None,
    };
    if let Some(parts) = value.elements() {
        let parts = parts.iter().enumerate();
        let written = parts.map(|(index, part)| to_json_as(part, inner(index, None).unwrap_or(&Type::Any)));
        return written.collect::<Result<Vec<_>, _>>().map(Json::Array);
    }
    if let Some(parts) = value.fields() {
        let mut object = Map::new();
        for (name, part) in parts {
            let written = to_json_as(part, inner(0, Some(name)).unwrap_or(&Type::Any));
            object.insert(name.to_string(), written.map_err(|error| error.inside(name))?);
        }
        return Ok(Json::Object(object));
    }
    to_json(value)
}

fn number_to_json(number: &Number) -> Result<Json, JsonError> {
    if number.is_infinite() {
        return Err(JsonError::new("an infinite number cannot be written as JSON"));
    }
    let text = number.to_string();
    text.parse::<serde_json::Number>()
        .map(Json::Number)
        .map_err(|error| JsonError::new(format!("number {text}: {error}")))
}

/// Reads a value of a type; numbers keep all their digits.
///
/// # Errors
/// If the JSON does not have the shape of the type.
pub fn from_json(json: &Json, ty: &Type) -> Result<Value, JsonError> {
    if *ty == Type::Any {
        return dynamic_from_json(json);
    }
    if json.is_null() {
        return Ok(Value::null_of(ty.without_optional()));
    }
    let element_of = |element: &Type, value: Value| {
        // `any` elements bring their own type; the first one names it.
        if *element == Type::Any { value.ty() } else { element.clone() }
    };
    match (ty, json) {
        (Type::Bool, Json::Bool(value)) => Ok(Value::bool(*value)),
        (Type::Bool, Json::String(text)) if text == "true" || text == "1" => Ok(Value::bool(true)),
        (Type::Bool, Json::String(text)) if text == "false" || text == "0" => Ok(Value::bool(false)),
        (Type::Number, Json::Number(number)) => number_from_json(number),
        (Type::Number, Json::String(text)) => {
            Number::parse(text).map(Value::number).map_err(|error| JsonError::new(error.to_string()))
        }
        (Type::String, Json::String(text)) => Ok(Value::string(text.as_str())),
        (Type::String, Json::Number(number)) => {
            let number = number_from_json(number)?;
            Ok(Value::string(number.as_number().map(Number::to_string).unwrap_or_default()))
        }
        (Type::String, Json::Bool(value)) => Ok(Value::string(if *value { "true" } else { "false" })),
        (Type::List(element) | Type::Set(element), Json::Array(parts)) => {
            let parts = parts
                .iter()
                .enumerate()
                .map(|(index, part)| {
                    from_json(part, element).map_err(|error| error.inside(&format!("element {index}")))
                })
                .collect::<Result<Vec<_>, _>>()?;
            let element = parts.first().cloned().map_or_else(
                || element.without_optional(),
                |first| element_of(&element.without_optional(), first),
            );
            Ok(if matches!(ty, Type::Set(_)) {
                Value::set(element, parts)
            } else {
                Value::list(element, parts)
            })
        }
        (Type::Map(element), Json::Object(parts)) => {
            let mut fields = Vec::with_capacity(parts.len());
            for (name, part) in parts {
                fields.push((name.as_str(), from_json(part, element).map_err(|error| error.inside(name))?));
            }
            let element = fields.first().map_or_else(
                || element.without_optional(),
                |(_, first)| element_of(&element.without_optional(), first.clone()),
            );
            Ok(Value::map(element, fields))
        }
        (Type::Tuple(types), Json::Array(parts)) => {
            if types.len() != parts.len() {
                return Err(JsonError::new(format!("{} elements required", types.len())));
            }
            let parts = parts.iter().zip(types.iter()).enumerate().map(|(index, (part, ty))| {
                from_json(part, ty).map_err(|error| error.inside(&format!("element {index}")))
            });
            Ok(Value::tuple(parts.collect::<Result<Vec<_>, _>>()?))
        }
        (Type::Object(attributes), Json::Object(parts)) => {
            if let Some(name) = parts.keys().find(|name| !attributes.contains_key(name.as_str())) {
                return Err(JsonError::new(format!("unsupported attribute {name:?}")));
            }
            let mut fields = Fields::new();
            for (name, attr) in attributes.iter() {
                let value = match parts.get(&**name) {
                    Some(part) => from_json(part, &attr.ty).map_err(|error| error.inside(name))?,
                    None if attr.optional => Value::null_of(attr.ty.without_optional()),
                    None => return Err(JsonError::new(format!("attribute {name:?} is required"))),
                };
                fields.insert(Arc::clone(name), value);
            }
            Ok(Data::Object(Arc::new(fields)).into())
        }
        _ => Err(JsonError::new(format!("{} required", ty.constraint_name()))),
    }
}

fn number_from_json(number: &serde_json::Number) -> Result<Value, JsonError> {
    Number::parse(&number.to_string()).map(Value::number).map_err(|error| JsonError::new(error.to_string()))
}

/// Reads `{"value": …, "type": …}`; null stands for an untyped null.
fn dynamic_from_json(json: &Json) -> Result<Value, JsonError> {
    if json.is_null() {
        return Ok(Value::null());
    }
    match (json.get("value"), json.get("type")) {
        (Some(value), Some(ty)) => from_json(value, &type_from_json(ty)?),
        _ => Err(JsonError::new("a value with its type is required")),
    }
}

/// Reads a value with the type that the JSON itself has: tuples and objects.
///
/// # Errors
/// If a number cannot be read.
pub fn from_implied_json(json: &Json) -> Result<Value, JsonError> {
    match json {
        Json::Null => Ok(Value::null()),
        Json::Bool(value) => Ok(Value::bool(*value)),
        Json::Number(number) => number_from_json(number),
        Json::String(text) => Ok(Value::string(text.as_str())),
        Json::Array(parts) => {
            Ok(Value::tuple(parts.iter().map(from_implied_json).collect::<Result<Vec<_>, _>>()?))
        }
        Json::Object(parts) => {
            let mut fields = Fields::new();
            for (name, part) in parts {
                fields.insert(Arc::from(name.as_str()), from_implied_json(part)?);
            }
            Ok(Data::Object(Arc::new(fields)).into())
        }
    }
}

/// Writes a type: `"string"`, `["list", "string"]`, `["object", {…}, [optional names]]`.
#[must_use]
pub fn type_to_json(ty: &Type) -> Json {
    let pair = |kind: &str, inner: Json| Json::Array(vec![Json::String(kind.to_owned()), inner]);
    match ty {
        Type::Any => Json::String("dynamic".to_owned()),
        Type::Bool => Json::String("bool".to_owned()),
        Type::Number => Json::String("number".to_owned()),
        Type::String => Json::String("string".to_owned()),
        Type::List(element) => pair("list", type_to_json(element)),
        Type::Set(element) => pair("set", type_to_json(element)),
        Type::Map(element) => pair("map", type_to_json(element)),
        Type::Tuple(elements) => pair("tuple", Json::Array(elements.iter().map(type_to_json).collect())),
        Type::Object(attributes) => {
            let types =
                attributes.iter().map(|(name, attr)| (name.to_string(), type_to_json(&attr.ty))).collect();
            let mut parts = vec![Json::String("object".to_owned()), Json::Object(types)];
            let optional: Vec<Json> = attributes
                .iter()
                .filter(|(_, attr)| attr.optional)
                .map(|(name, _)| Json::String(name.to_string()))
                .collect();
            if !optional.is_empty() {
                parts.push(Json::Array(optional));
            }
            Json::Array(parts)
        }
    }
}

/// Reads what [`type_to_json`] writes.
///
/// # Errors
/// If the JSON is not a type.
pub fn type_from_json(json: &Json) -> Result<Type, JsonError> {
    let wrong = || JsonError::new(format!("{json} is not a type"));
    if let Json::String(name) = json {
        return match name.as_str() {
            "dynamic" => Ok(Type::Any),
            "bool" => Ok(Type::Bool),
            "number" => Ok(Type::Number),
            "string" => Ok(Type::String),
            _ => Err(wrong()),
        };
    }
    let Json::Array(parts) = json else { return Err(wrong()) };
    match parts.as_slice() {
        [Json::String(kind), inner] if matches!(kind.as_str(), "list" | "set" | "map") => {
            let element = type_from_json(inner)?;
            Ok(match kind.as_str() {
                "list" => Type::list(element),
                "set" => Type::set(element),
                _ => Type::map(element),
            })
        }
        [Json::String(kind), Json::Array(elements)] if kind == "tuple" => {
            Ok(Type::tuple(elements.iter().map(type_from_json).collect::<Result<Vec<_>, _>>()?))
        }
        [Json::String(kind), Json::Object(types), rest @ ..] if kind == "object" => {
            let optional: &[Json] = match rest {
                [] => &[],
                [Json::Array(names)] => names,
                _ => return Err(wrong()),
            };
            let mut attributes = BTreeMap::new();
            for (name, ty) in types {
                let optional = optional.iter().any(|other| other.as_str() == Some(name));
                let attr = ObjectAttr { ty: type_from_json(ty)?, optional, default: None };
                attributes.insert(Arc::from(name.as_str()), attr);
            }
            Ok(Type::Object(Arc::new(attributes)))
        }
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_digits() {
        let json: Json = serde_json::from_str("[123456789012345678901234567890, 0.1]").unwrap();
        let value = from_json(&json, &Type::list(Type::Number)).unwrap();
        assert_eq!(to_json(&value).unwrap(), json);
    }

    #[test]
    fn dynamic_places_carry_their_type() {
        let ty = Type::object([("input", Type::Any), ("id", Type::String)]);
        let value = Value::object([
            ("input", Value::list(Type::String, [Value::string("a")])),
            ("id", Value::string("x")),
        ]);
        let json = to_json_as(&value, &ty).unwrap();
        assert_eq!(json.to_string(), r#"{"id":"x","input":{"type":["list","string"],"value":["a"]}}"#);
        assert!(from_json(&json, &ty).unwrap().same_as(&value));
    }

    #[test]
    fn types_survive() {
        let text = r#"["object",{"a":["list","string"],"b":["tuple",["number","dynamic"]]},["a"]]"#;
        let json: Json = serde_json::from_str(text).unwrap();
        assert_eq!(type_to_json(&type_from_json(&json).unwrap()).to_string(), text);
        assert!(type_from_json(&Json::String("int".to_owned())).is_err());
    }
}
