//! JSON straight to values of a type, without a tree of JSON in between. Says only that something does not fit,
//! not what: whoever needs to know that reads the text again with `json::decode`.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::Deserialize as _;
use serde::Deserializer;
use serde::de::DeserializeSeed;
use serde::de::Error;
use serde::de::IgnoredAny;
use serde::de::MapAccess;
use serde::de::SeqAccess;
use serde::de::Visitor;
use serde_json::value::RawValue;

use crate::value::Fields;
use crate::value::Number;
use crate::value::ObjectAttr;
use crate::value::Type;
use crate::value::Value;

use super::forms;

/// Decodes a text as a value of a type without optional attributes.
pub(super) fn decode(text: &str, ty: &Type) -> Result<Value, serde_json::Error> {
    let mut json = serde_json::Deserializer::from_str(text);
    let value = Typed(ty).deserialize(&mut json)?;
    json.end()?;
    Ok(value)
}

/// A value of this type, or null.
#[derive(Clone, Copy)]
struct Typed<'t>(&'t Type);

impl<'de> DeserializeSeed<'de> for Typed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_option(self)
    }
}

impl<'de> Visitor<'de> for Typed<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }

    fn visit_none<E: Error>(self) -> Result<Value, E> {
        Ok(Value::null_of(self.0.clone()))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        match self.0 {
            Type::Bool => bool::deserialize(deserializer).map(Value::bool),
            Type::String => deserializer.deserialize_str(self),
            Type::Number => {
                let text = <&RawValue>::deserialize(deserializer)?.get();
                // A text in quotes is no number, whatever it says.
                let number = text.starts_with(|c: char| c == '-' || c.is_ascii_digit());
                match Number::parse(text) {
                    Ok(value) if number => Ok(Value::number(value)),
                    _ => Err(D::Error::custom("no number")),
                }
            }
            Type::List(_) | Type::Set(_) | Type::Tuple(_) => deserializer.deserialize_seq(self),
            Type::Any | Type::Map(_) | Type::Object(_) => deserializer.deserialize_map(self),
        }
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::string(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        match self.0 {
            Type::List(element) | Type::Set(element) => {
                while let Some(value) = parts.next_element_seed(Typed(element))? {
                    values.push(value);
                }
            }
            Type::Tuple(types) => {
                for ty in types.iter() {
                    values.push(
                        parts.next_element_seed(Typed(ty))?.ok_or_else(|| A::Error::custom("too few"))?,
                    );
                }
                if parts.next_element::<IgnoredAny>()?.is_some() {
                    return Err(A::Error::custom("too many"));
                }
            }
            _ => return Err(A::Error::custom("no sequence")),
        }
        Ok(match self.0 {
            Type::List(element) => Value::list((**element).clone(), values),
            Type::Set(element) => Value::set((**element).clone(), values),
            _ => Value::tuple(values),
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        match self.0 {
            Type::Map(element) => {
                let mut parts: Vec<(Arc<str>, Value)> = Vec::new();
                while let Some(name) = entries.next_key::<Arc<str>>()? {
                    parts.push((name, entries.next_value_seed(Typed(element))?));
                }
                Ok(Value::map((**element).clone(), parts))
            }
            Type::Object(attributes) => {
                let mut parts = Fields::new();
                while let Some(found) = entries.next_key_seed(Attribute(attributes))? {
                    match found {
                        Some((name, ty)) => {
                            parts.insert(Arc::clone(name), entries.next_value_seed(Typed(ty))?);
                        }
                        None => {
                            entries.next_value::<IgnoredAny>()?;
                        }
                    }
                }
                if parts.len() < attributes.len() {
                    for (name, attribute) in attributes.iter() {
                        if !parts.contains_key(name) {
                            parts.insert(Arc::clone(name), Value::null_of(attribute.ty.clone()));
                        }
                    }
                }
                Ok(Value::of_fields(parts))
            }
            Type::Any => dynamic(entries),
            _ => Err(A::Error::custom("no object")),
        }
    }
}

/// The name of an attribute, with its type; nothing for a name that the type does not have.
struct Attribute<'t>(&'t BTreeMap<Arc<str>, ObjectAttr>);

impl<'de, 't> DeserializeSeed<'de> for Attribute<'t> {
    type Value = Option<(&'t Arc<str>, &'t Type)>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'t> Visitor<'_> for Attribute<'t> {
    type Value = Option<(&'t Arc<str>, &'t Type)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of an attribute")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.get_key_value(name).map(|(name, attribute)| (name, &attribute.ty)))
    }
}

/// The two parts of a dynamic place.
#[derive(serde::Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum Part {
    Value,
    Type,
}

/// `{"value": …, "type": …}`. The type mostly stands behind the value.
fn dynamic<'de, A: MapAccess<'de>>(mut entries: A) -> Result<Value, A::Error> {
    let (mut value, mut ty) = (None, None);
    while let Some(part) = entries.next_key()? {
        match part {
            Part::Value => value = Some(entries.next_value::<&'de RawValue>()?),
            Part::Type => ty = Some(entries.next_value::<serde_json::Value>()?),
        }
    }
    let (Some(value), Some(ty)) = (value, ty) else { return Err(A::Error::custom("no value with its type")) };
    let ty = forms::type_from_json(&ty).map_err(A::Error::custom)?;
    decode(value.get(), &ty).map_err(A::Error::custom)
}
