//! Reading of request bodies and queries: null counts as absent, a wrong type is refused.

use serde_json::Map;
use serde_json::Value;

use super::errors::Refusal;
use super::errors::invalid;
use super::errors::missing;
use crate::emulator::exchange::Call;

/// The JSON object of a request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fields {
    map: Map<String, Value>,
}

impl Fields {
    /// The body; an empty one is an empty object.
    pub(crate) fn of(call: &Call) -> Result<Self, Refusal> {
        if call.body.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self::default());
        }
        let value: Value =
            serde_json::from_slice(&call.body).map_err(|_bad| invalid("body", "it is not JSON"))?;
        Self::from_value(&value).ok_or_else(|| invalid("body", "it is not an object"))
    }

    pub(crate) fn from_value(value: &Value) -> Option<Self> {
        Some(Self { map: value.as_object()?.clone() })
    }

    /// The value, unless it is absent or null.
    pub(crate) fn get(&self, key: &str) -> Option<&Value> {
        self.map.get(key).filter(|value| !value.is_null())
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    pub(crate) fn text(&self, key: &str) -> Result<Option<String>, Refusal> {
        self.get(key)
            .map(|value| value.as_str().map(str::to_owned).ok_or_else(|| invalid(key, "it is not a string")))
            .transpose()
    }

    /// A text that is not empty.
    pub(crate) fn filled(&self, key: &str) -> Result<Option<String>, Refusal> {
        Ok(self.text(key)?.filter(|text| !text.is_empty()))
    }

    pub(crate) fn required(&self, key: &str) -> Result<String, Refusal> {
        self.filled(key)?.ok_or_else(|| missing(key))
    }

    pub(crate) fn flag(&self, key: &str) -> Result<Option<bool>, Refusal> {
        self.get(key)
            .map(|value| value.as_bool().ok_or_else(|| invalid(key, "it is not a boolean")))
            .transpose()
    }

    /// A whole number, also as a text.
    pub(crate) fn number(&self, key: &str) -> Result<Option<i64>, Refusal> {
        self.get(key)
            .map(|value| whole(value).ok_or_else(|| invalid(key, "it is not an integer")))
            .transpose()
    }

    /// A whole number within a range.
    pub(crate) fn within(
        &self,
        key: &str,
        range: std::ops::RangeInclusive<i64>,
    ) -> Result<Option<u64>, Refusal> {
        let Some(number) = self.number(key)? else { return Ok(None) };
        if !range.contains(&number) {
            return Err(invalid(key, &format!("it must be from {} to {}", range.start(), range.end())));
        }
        Ok(u64::try_from(number).ok())
    }

    pub(crate) fn fraction(&self, key: &str) -> Result<Option<f64>, Refusal> {
        self.get(key)
            .map(|value| value.as_f64().ok_or_else(|| invalid(key, "it is not a number")))
            .transpose()
    }

    pub(crate) fn texts(&self, key: &str) -> Result<Option<Vec<String>>, Refusal> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let list = value.as_array().ok_or_else(|| invalid(key, "it is not a list"))?;
        list.iter()
            .map(|item| {
                item.as_str().map(str::to_owned).ok_or_else(|| invalid(key, "it is not a list of strings"))
            })
            .collect::<Result<Vec<_>, _>>()
            .map(Some)
    }

    pub(crate) fn objects(&self, key: &str) -> Result<Option<Vec<Self>>, Refusal> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let list = value.as_array().ok_or_else(|| invalid(key, "it is not a list"))?;
        list.iter()
            .map(|item| Self::from_value(item).ok_or_else(|| invalid(key, "it is not a list of objects")))
            .collect::<Result<Vec<_>, _>>()
            .map(Some)
    }

    /// An object; empty if it is absent.
    pub(crate) fn object(&self, key: &str) -> Result<Self, Refusal> {
        match self.get(key) {
            None => Ok(Self::default()),
            Some(value) => Self::from_value(value).ok_or_else(|| invalid(key, "it is not an object")),
        }
    }

    /// One of a few texts.
    pub(crate) fn one_of(&self, key: &str, allowed: &[&str]) -> Result<Option<String>, Refusal> {
        let found = self.filled(key)?;
        if let Some(text) = &found
            && !allowed.contains(&text.as_str())
        {
            return Err(invalid(key, &format!("it must be one of {}", allowed.join(", "))));
        }
        Ok(found)
    }
}

/// A whole number, however JSON spells it.
pub(crate) fn whole(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

/// A query parameter that must be there.
pub(crate) fn query<'a>(call: &'a Call, name: &str) -> Result<&'a str, Refusal> {
    call.query(name).filter(|text| !text.is_empty()).ok_or_else(|| missing(name))
}

/// A list in the query: a JSON array, or elements joined by commas.
pub(crate) fn listed(text: &str) -> Vec<String> {
    serde_json::from_str::<Vec<String>>(text).unwrap_or_else(|_not_json| {
        text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
    })
}
