//! Texts that hold JSON.

use serde_json::Value as Json;

use crate::value::Value;
use crate::value::from_implied_json;

/// Returns what a text means if it holds a JSON object or array. Other texts, also those that happen to be a
/// JSON number or string, mean themselves.
pub(super) fn meaning(text: &str) -> Option<Value> {
    let start = text.trim_start().as_bytes().first().copied()?;
    if !matches!(start, b'{' | b'[') {
        return None;
    }
    let json: Json = serde_json::from_str(text).ok()?;
    from_implied_json(&json).ok()
}
