//! How names, paths and types are written in state documents and journal records.

use std::str::FromStr;
use std::sync::Arc;

use serde::Deserialize;
use serde::Deserializer;
use serde::Serializer;
use serde_json::Value as Json;
use serde_json::json;

use crate::addr::Step;
use crate::addr::ValuePath;
use crate::value::ObjectAttr;
use crate::value::Type;

/// Returns bytes as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// Anything with a text form that it is read back from, such as an address.
pub(crate) mod text {
    use super::Deserialize;
    use super::Deserializer;
    use super::FromStr;
    use super::Serializer;

    pub(crate) fn serialize<T: std::fmt::Display, S: Serializer>(
        item: &T,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(item)
    }

    pub(crate) fn deserialize<'de, T, D>(deserializer: D) -> Result<T, D::Error>
    where
        T: FromStr,
        T::Err: std::fmt::Display,
        D: Deserializer<'de>,
    {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Provider addresses.
pub(crate) mod provider {
    use super::Deserialize;
    use super::Deserializer;
    use super::Serializer;
    use crate::addr::ProviderAddr;

    pub(crate) fn serialize<S: Serializer>(item: &ProviderAddr, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(item)
    }

    /// Reads `dms`, `dms.west` or `dms.west["key"]`.
    pub(crate) fn parse(text: &str) -> Option<ProviderAddr> {
        let (name, alias) = match text.split_once('.') {
            Some((name, alias)) => (name, Some(alias)),
            None => (text, None),
        };
        let is_name = |part: &str| !part.is_empty() && !part.contains(['.', '"', '[', ']']);
        // The key of a block with `for_each` is a part of the alias.
        let is_alias = |alias: &str| match alias.split_once("[\"") {
            Some((alias, key)) => is_name(alias) && key.ends_with("\"]"),
            None => is_name(alias),
        };
        (is_name(name) && alias.is_none_or(is_alias))
            .then(|| ProviderAddr { name: name.into(), alias: alias.map(Into::into) })
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ProviderAddr, D::Error> {
        let text = String::deserialize(deserializer)?;
        parse(&text).ok_or_else(|| serde::de::Error::custom(format!("`{text}` is no provider configuration")))
    }
}

/// Lists of resources (without instance keys).
pub(crate) mod resources {
    use super::Deserialize;
    use super::Deserializer;
    use super::Serializer;
    use crate::addr::ResourceAddr;
    use crate::addr::Target;

    pub(crate) fn serialize<S: Serializer>(items: &[ResourceAddr], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(items.iter().map(ToString::to_string))
    }

    /// Reads `module.a.dms_rocketmq_topic.orders`; an instance key at the end is dropped.
    pub(crate) fn parse(text: &str) -> Option<ResourceAddr> {
        match text.parse::<Target>().ok()? {
            Target::Resource(resource) => Some(resource),
            Target::Instance(instance) => Some(instance.resource),
            Target::Module(_) => None,
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<ResourceAddr>, D::Error> {
        let texts = Vec::<String>::deserialize(deserializer)?;
        let resource =
            |text: String| parse(&text).ok_or_else(|| format!("`{text}` is no address of a resource"));
        texts.into_iter().map(resource).collect::<Result<_, _>>().map_err(serde::de::Error::custom)
    }
}

/// Types, as in the `type` of outputs.
pub(crate) mod types {
    use super::Deserialize;
    use super::Deserializer;
    use super::Json;
    use super::Serializer;
    use crate::value::Type;
    use serde::Serialize;

    pub(crate) fn serialize<S: Serializer>(ty: &Type, serializer: S) -> Result<S::Ok, S::Error> {
        super::type_json(ty).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Type, D::Error> {
        super::type_from_json(&Json::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// Paths in their short form: `["topics", {"key": "a"}, 0, "name"]`.
pub(crate) mod path {
    use super::Deserialize;
    use super::Deserializer;
    use super::Json;
    use super::Serializer;
    use crate::addr::ValuePath;

    pub(crate) fn serialize<S: Serializer>(path: &ValuePath, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(path.0.iter().map(super::step_json))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ValuePath, D::Error> {
        let steps = Vec::<Json>::deserialize(deserializer)?;
        steps
            .iter()
            .map(|step| super::step_from_json(step).ok_or("a step of a path is malformed"))
            .collect::<Result<_, _>>()
            .map(ValuePath)
            .map_err(serde::de::Error::custom)
    }
}

/// Lists of paths.
pub(crate) mod paths {
    use super::Deserialize;
    use super::Deserializer;
    use super::Serializer;
    use crate::addr::ValuePath;
    use serde::Serialize;

    #[derive(Serialize, Deserialize)]
    struct Short(#[serde(with = "super::path")] ValuePath);

    pub(crate) fn serialize<S: Serializer>(paths: &[ValuePath], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(paths.iter().map(|path| Short(path.clone())))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<ValuePath>, D::Error> {
        Ok(Vec::<Short>::deserialize(deserializer)?.into_iter().map(|Short(path)| path).collect())
    }
}

fn step_json(step: &Step) -> Json {
    match step {
        Step::Attr(name) => json!(name),
        Step::Key(key) => json!({ "key": key }),
        Step::Index(position) => json!(position),
    }
}

fn step_from_json(step: &Json) -> Option<Step> {
    match step {
        Json::String(name) => Some(Step::Attr(name.as_str().into())),
        Json::Number(position) => Some(Step::Index(position.as_u64()?)),
        Json::Object(key) => Some(Step::Key(key.get("key")?.as_str()?.into())),
        Json::Null | Json::Bool(_) | Json::Array(_) => None,
    }
}

/// Returns a path as in `sensitive_attributes` of a state document.
pub(crate) fn document_path(path: &ValuePath) -> Json {
    let step = |step: &Step| match step {
        Step::Attr(name) => json!({ "type": "get_attr", "value": name }),
        Step::Key(key) => json!({ "type": "index", "value": { "value": key, "type": "string" } }),
        Step::Index(at) => json!({ "type": "index", "value": { "value": at, "type": "number" } }),
    };
    path.0.iter().map(step).collect()
}

/// Reads a path of `sensitive_attributes`.
pub(crate) fn path_from_document(json: &Json) -> Option<ValuePath> {
    let step = |step: &Json| {
        let value = step.get("value")?;
        match step.get("type")?.as_str()? {
            "get_attr" => Some(Step::Attr(value.as_str()?.into())),
            "index" => match value.get("value")? {
                Json::String(key) => Some(Step::Key(key.as_str().into())),
                Json::Number(at) => Some(Step::Index(at.as_u64()?)),
                Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_) => None,
            },
            _ => None,
        }
    };
    json.as_array()?.iter().map(step).collect::<Option<_>>().map(ValuePath)
}

/// Returns a type as in the `type` of outputs: `"string"`, `["list", "string"]` and so on.
pub(crate) fn type_json(ty: &Type) -> Json {
    match ty {
        Type::Any => json!("dynamic"),
        Type::Bool => json!("bool"),
        Type::Number => json!("number"),
        Type::String => json!("string"),
        Type::List(element) => json!(["list", type_json(element)]),
        Type::Set(element) => json!(["set", type_json(element)]),
        Type::Map(element) => json!(["map", type_json(element)]),
        Type::Tuple(elements) => json!(["tuple", elements.iter().map(type_json).collect::<Vec<_>>()]),
        Type::Object(attributes) => {
            let types: serde_json::Map<String, Json> =
                attributes.iter().map(|(name, attr)| (name.to_string(), type_json(&attr.ty))).collect();
            let optional: Vec<&Arc<str>> =
                attributes.iter().filter(|(_, attr)| attr.optional).map(|(name, _)| name).collect();
            if optional.is_empty() { json!(["object", types]) } else { json!(["object", types, optional]) }
        }
    }
}

/// Reads a type as in the `type` of outputs.
pub(crate) fn type_from_json(json: &Json) -> Result<Type, String> {
    let malformed = || format!("`{json}` is not a type");
    match json {
        Json::String(word) => match word.as_str() {
            "dynamic" => Ok(Type::Any),
            "bool" => Ok(Type::Bool),
            "number" => Ok(Type::Number),
            "string" => Ok(Type::String),
            _ => Err(malformed()),
        },
        Json::Array(parts) => {
            let inner = parts.get(1).ok_or_else(malformed)?;
            match parts.first().and_then(Json::as_str) {
                Some("list") => Ok(Type::list(type_from_json(inner)?)),
                Some("set") => Ok(Type::set(type_from_json(inner)?)),
                Some("map") => Ok(Type::map(type_from_json(inner)?)),
                Some("tuple") => {
                    let types = inner.as_array().ok_or_else(malformed)?;
                    Ok(Type::Tuple(types.iter().map(type_from_json).collect::<Result<_, _>>()?))
                }
                Some("object") => {
                    let optional: Vec<&str> = parts
                        .get(2)
                        .and_then(Json::as_array)
                        .map(|names| names.iter().filter_map(Json::as_str).collect())
                        .unwrap_or_default();
                    let attributes = inner.as_object().ok_or_else(malformed)?.iter().map(|(name, ty)| {
                        let mut attr = ObjectAttr::required(type_from_json(ty)?);
                        attr.optional = optional.contains(&name.as_str());
                        Ok((Arc::from(name.as_str()), attr))
                    });
                    Ok(Type::Object(Arc::new(attributes.collect::<Result<_, String>>()?)))
                }
                _ => Err(malformed()),
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Object(_) => Err(malformed()),
    }
}
