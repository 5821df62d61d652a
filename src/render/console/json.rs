//! The console's results as JSON.

use serde_json::Value as Json;
use serde_json::json;

use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::value::Data;
use crate::value::JsonError;
use crate::value::Value;
use crate::value::to_json;

use super::type_text;

/// Returns `{"value", "type", "sensitive", "unknown"}`. Parts that are sensitive or not known are null.
///
/// # Errors
/// If the value holds a number that JSON cannot hold.
pub fn value_json(value: &Value) -> Result<Json, JsonError> {
    Ok(json!({
        "value": visible(value)?,
        "type": type_text(&value.ty()),
        "sensitive": value.marks_deep().is_sensitive(),
        "unknown": !value.is_wholly_known(),
    }))
}

/// Returns the result of `type(…)`, given as text.
#[must_use]
pub fn type_value_json(ty: &str) -> Json {
    json!({ "value": ty, "type": "type", "sensitive": false, "unknown": false })
}

/// Returns `{"error": {"summary", "detail"}}` for the first error.
#[must_use]
pub fn error_json(diagnostics: &Diagnostics) -> Json {
    match diagnostics.iter().find(|item| item.is_error()) {
        Some(Diagnostic { summary, detail, code, hints, .. }) => {
            json!({ "error": { "summary": summary, "detail": detail, "code": code.name(), "hints": hints } })
        }
        None => json!({ "error": { "summary": "the expression has no value", "detail": "" } }),
    }
}

fn visible(value: &Value) -> Result<Json, JsonError> {
    if value.marks().is_sensitive() {
        return Ok(Json::Null);
    }
    match value.data() {
        Data::Unknown(_) => Ok(Json::Null),
        Data::List(_, parts) | Data::Set(_, parts) | Data::Tuple(parts) => {
            parts.iter().map(visible).collect::<Result<Vec<_>, _>>().map(Json::Array)
        }
        Data::Map(_, parts) | Data::Object(parts) => parts
            .iter()
            .map(|(name, part)| Ok((name.to_string(), visible(part)?)))
            .collect::<Result<serde_json::Map<_, _>, _>>()
            .map(Json::Object),
        Data::Null(_) | Data::Bool(_) | Data::Number(_) | Data::String(_) => to_json(value),
    }
}
