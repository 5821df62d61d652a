//! Values without unknown parts.

use super::Value;

/// A value of which every part is known. State, providers and the wire accept only this.
#[derive(Debug, Clone)]
pub struct Known(Value);

impl Known {
    /// Returns the value if all of it is known, otherwise gives it back.
    pub fn new(value: Value) -> Result<Self, Value> {
        if value.is_wholly_known() { Ok(Self(value)) } else { Err(value) }
    }

    /// The value.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.0
    }

    /// Gives the value up.
    #[must_use]
    pub fn into_value(self) -> Value {
        self.0
    }
}
