//! How long to wait where a schema leaves it to the object.

use std::time::Duration;

use crate::schema::ResourceSchema;
use crate::value::Value;

use super::Frame;
use super::Root;

/// How long a replacement waits between deleting the old object and creating the new one.
#[must_use]
pub fn cool_down(schema: &ResourceSchema, this: &Value) -> Duration {
    let Some(expr) = &schema.cool_down else { return Duration::ZERO };
    let found = Frame::of(schema).with(Root::This, this.clone()).value(expr);
    let Ok((value, _marks)) = found.map(Value::unmark_deep) else { return Duration::ZERO };
    match (value.as_str(), value.as_number()) {
        (Some(text), _) => crate::schema::duration(text).unwrap_or_default(),
        (None, Some(seconds)) => seconds.to_u64().map(Duration::from_secs).unwrap_or_default(),
        (None, None) => Duration::ZERO,
    }
}
