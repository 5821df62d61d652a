//! Conversion between types and their unification.
//!
//! Whether types convert is decided from the types alone ([`exists`]); the values are then converted part by
//! part. *Safe* conversions always succeed (number to string), unsafe ones may fail on a value (string to
//! number).

mod apply;
mod defaults;
mod exists;
mod mismatch;
#[cfg(test)]
mod tests;
mod unify;

pub use exists::convertible;
pub use mismatch::mismatch_message;
pub use unify::unify;
pub use unify::unify_safe;

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
///
/// # Errors
/// If the types do not convert, or a part of the value does not.
pub fn convert(value: &Value, ty: &Type) -> Result<Value, ConvertError> {
    if value.has_type(ty) || *ty == Type::Any {
        return Ok(value.clone());
    }
    let filled;
    let value = if ty.has_defaults() {
        filled = defaults::fill(value, ty);
        &filled
    } else {
        value
    };
    let plain = ty.without_optional();
    if value.has_type(&plain) {
        return Ok(value.clone());
    }
    let from = value.ty();
    if !exists::exists(&from, ty, true) {
        return Err(ConvertError { message: mismatch_message(&from, ty) });
    }
    apply::apply(value, ty, None)
}
