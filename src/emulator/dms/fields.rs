//! Typed reading of request bodies: a wrong type is refused with the key, null counts as absent.

use serde_json::Map;
use serde_json::Value;

use super::errors::Refusal;
use super::errors::empty_body;
use super::errors::not_json;
use super::errors::wrong_type;
use crate::emulator::exchange::Call;

/// The JSON object of a request.
#[derive(Clone, Debug)]
pub(crate) struct Fields {
    map: Map<String, Value>,
}

impl Fields {
    pub(crate) fn of(call: &Call) -> Result<Self, Refusal> {
        if call.body.iter().all(u8::is_ascii_whitespace) {
            return Err(empty_body());
        }
        let value: Value = serde_json::from_slice(&call.body).map_err(|_bad| not_json())?;
        Self::from_value(&value).ok_or_else(not_json)
    }

    pub(crate) fn from_value(value: &Value) -> Option<Self> {
        Some(Self { map: value.as_object()?.clone() })
    }

    /// The value, unless it is absent or null.
    pub(crate) fn get(&self, key: &str) -> Option<&Value> {
        self.map.get(key).filter(|value| !value.is_null())
    }

    /// The value under the first of two spellings.
    pub(crate) fn either(&self, one: &str, other: &str) -> Option<&Value> {
        self.get(one).or_else(|| self.get(other))
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    pub(crate) fn text(&self, key: &str) -> Result<Option<String>, Refusal> {
        self.get(key)
            .map(|value| value.as_str().map(str::to_owned).ok_or_else(|| wrong_type(key)))
            .transpose()
    }

    /// A text that counts as empty when absent.
    pub(crate) fn text_or_empty(&self, key: &str) -> Result<String, Refusal> {
        Ok(self.text(key)?.unwrap_or_default())
    }

    pub(crate) fn flag(&self, key: &str) -> Result<Option<bool>, Refusal> {
        self.get(key).map(|value| value.as_bool().ok_or_else(|| wrong_type(key))).transpose()
    }

    /// A whole number that is not negative; `3.0` counts as 3.
    pub(crate) fn number(&self, key: &str) -> Result<Option<u64>, Refusal> {
        self.get(key).map(|value| whole(value).ok_or_else(|| wrong_type(key))).transpose()
    }

    pub(crate) fn texts(&self, key: &str) -> Result<Option<Vec<String>>, Refusal> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let list = value.as_array().ok_or_else(|| wrong_type(key))?;
        list.iter()
            .map(|item| item.as_str().map(str::to_owned).ok_or_else(|| wrong_type(key)))
            .collect::<Result<Vec<_>, _>>()
            .map(Some)
    }

    pub(crate) fn objects(&self, key: &str) -> Result<Option<Vec<Self>>, Refusal> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let list = value.as_array().ok_or_else(|| wrong_type(key))?;
        list.iter()
            .map(|item| Self::from_value(item).ok_or_else(|| wrong_type(key)))
            .collect::<Result<Vec<_>, _>>()
            .map(Some)
    }
}

/// A whole number that is not negative, however JSON spells it.
pub(crate) fn whole(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| {
        let number = value.as_f64()?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "checked: whole, not negative, small"
        )]
        (number >= 0.0 && number.fract() == 0.0 && number < 9e15).then_some(number as u64)
    })
}

/// Whether the text is `first` followed by `rest`, with a length between `least` and `most`.
pub(crate) fn is_name(
    text: &str,
    (least, most): (usize, usize),
    first: fn(char) -> bool,
    rest: fn(char) -> bool,
) -> bool {
    let length = text.chars().count();
    (least..=most).contains(&length) && text.chars().next().is_some_and(first) && text.chars().all(rest)
}
