//! Taking the arguments of a call apart, with the messages for values that do not fit.

use std::sync::Arc;

use super::Call;
use super::FunctionError;
use crate::value::Data;
use crate::value::Number;
use crate::value::Value;

/// The message for a number with a fraction, or outside 64 bits, where a whole number is needed.
pub(super) const WHOLE_NUMBER: &str =
    "value must be a whole number, between -9223372036854775808 and 9223372036854775807";

/// Returns the text of an argument that the contract made a known string.
pub(super) fn text<'c>(call: &Call<'c>, index: usize) -> Result<&'c Arc<str>, FunctionError> {
    call.args
        .get(index)
        .and_then(Value::as_str)
        .ok_or_else(|| FunctionError::argument(index, "string required"))
}

/// Returns an argument that the contract made a known number.
pub(super) fn number<'c>(call: &Call<'c>, index: usize) -> Result<&'c Number, FunctionError> {
    call.args
        .get(index)
        .and_then(Value::as_number)
        .ok_or_else(|| FunctionError::argument(index, "number required"))
}

/// Returns an argument that must be a whole number of 64 bits; the call as a whole fails otherwise.
pub(super) fn whole(call: &Call<'_>, index: usize) -> Result<i64, FunctionError> {
    number(call, index)?.to_i64().ok_or_else(|| FunctionError::new(WHOLE_NUMBER))
}

/// Returns an argument of any kind.
pub(super) fn value<'c>(call: &Call<'c>, index: usize) -> Result<&'c Value, FunctionError> {
    call.args.get(index).ok_or_else(|| FunctionError::argument(index, "argument required"))
}

/// Returns the elements of an argument that is a known list, set or tuple.
pub(super) fn elements<'c>(call: &Call<'c>, index: usize) -> Result<&'c [Value], FunctionError> {
    value(call, index)?
        .elements()
        .ok_or_else(|| FunctionError::argument(index, "list of any single type required"))
}

/// Returns how many elements a collection has, if that is settled: the length of a set is not as long as
/// elements that are unknown could turn out equal to others.
pub(super) fn known_length(value: &Value) -> Option<usize> {
    match value.data() {
        Data::List(_, parts) | Data::Tuple(parts) => Some(parts.len()),
        Data::Set(_, parts) => {
            (parts.len() <= 1 || parts.iter().all(Value::is_wholly_known)).then_some(parts.len())
        }
        Data::Map(_, fields) | Data::Object(fields) => Some(fields.len()),
        Data::Unknown(unknown) => match &unknown.ty {
            crate::value::Type::Tuple(parts) => Some(parts.len()),
            crate::value::Type::Object(attributes) => Some(attributes.len()),
            _ => None,
        },
        Data::Null(_) | Data::Bool(_) | Data::Number(_) | Data::String(_) => None,
    }
}

/// Returns whether two values are equal in the sense of `==`, or nothing while that depends on unknown parts.
pub(super) fn equal(left: &Value, right: &Value) -> Option<bool> {
    left.equals(right).as_bool()
}
