//! Values and their shapes: what is shown, what is unknown, what is sensitive.

use serde_json::Map;
use serde_json::Value as Json;

use crate::value::Data;
use crate::value::Type;
use crate::value::Value;

/// Returns the known, not sensitive part of a value: unknown attributes of objects are left out, other unknown
/// or sensitive parts are null.
#[must_use]
pub fn shown(value: &Value) -> Json {
    if value.marks().is_sensitive() {
        return Json::Null;
    }
    match value.data() {
        Data::Null(_) | Data::Unknown(_) => Json::Null,
        Data::Bool(value) => Json::Bool(*value),
        Data::Number(number) => number_json(&number.to_string()),
        Data::String(text) => Json::String(text.to_string()),
        Data::List(_, parts) | Data::Set(_, parts) | Data::Tuple(parts) => parts.iter().map(shown).collect(),
        Data::Map(_, parts) | Data::Object(parts) => Json::Object(
            parts
                .iter()
                .filter(|(_, part)| part.is_known() || part.marks().is_sensitive())
                .map(|(name, part)| (name.to_string(), shown(part)))
                .collect(),
        ),
    }
}

pub(super) fn number_json(text: &str) -> Json {
    serde_json::from_str(text).unwrap_or_else(|_| Json::String(text.to_owned()))
}

/// Returns the shape with `true` where a value is unknown; parts that are wholly known are left out of objects
/// and `false` in lists.
#[must_use]
pub(super) fn unknown(value: &Value) -> Json {
    shape(value, &|value| (!value.is_known()).then_some(Json::Bool(true)))
}

/// Returns the shape with `true` where a value is sensitive.
#[must_use]
pub(super) fn sensitive(value: &Value) -> Json {
    shape(value, &|value| {
        if value.marks().is_sensitive() {
            return Some(Json::Bool(true));
        }
        match value.data() {
            // Nothing can be said of parts that are not known yet.
            Data::Unknown(unknown) => Some(match &unknown.ty {
                Type::List(_) | Type::Set(_) | Type::Tuple(_) => Json::Array(Vec::new()),
                Type::Map(_) | Type::Object(_) => Json::Object(Map::new()),
                _ => Json::Bool(false),
            }),
            _ => None,
        }
    })
}

fn shape(value: &Value, is: &dyn Fn(&Value) -> Option<Json>) -> Json {
    if let Some(said) = is(value) {
        return said;
    }
    match value.data() {
        Data::List(_, parts) | Data::Set(_, parts) | Data::Tuple(parts) => {
            parts.iter().map(|part| shape(part, is)).collect()
        }
        Data::Map(_, parts) | Data::Object(parts) => {
            let mut found = Map::new();
            for (name, part) in parts.iter() {
                let inner = shape(part, is);
                if inner != Json::Bool(false) {
                    found.insert(name.to_string(), inner);
                }
            }
            Json::Object(found)
        }
        Data::Null(_) | Data::Bool(_) | Data::Number(_) | Data::String(_) | Data::Unknown(_) => {
            Json::Bool(false)
        }
    }
}
