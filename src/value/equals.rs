//! The language's equality, which may be unknown.

use std::cmp::Ordering;

use super::Data;
use super::Fields;
use super::Number;
use super::Refinement;
use super::Type;
use super::Unknown;
use super::Value;

impl Value {
    /// Compares as `==` does: nothing is converted, values of different types are not equal, nulls of all types
    /// are. The result is an unknown bool if that depends on unknown parts, and carries the marks of both
    /// sides at every depth.
    #[must_use]
    pub fn equals(&self, other: &Self) -> Self {
        let marks = self.marks_deep() | other.marks_deep();
        let result = match equal(self, other) {
            Some(result) => Self::bool(result),
            None => Self::refined(Type::Bool, Refinement::not_null()),
        };
        result.mark(marks)
    }

    /// Returns true if the value can never be null.
    #[must_use]
    pub fn is_definitely_not_null(&self) -> bool {
        match self.data() {
            Data::Null(_) => false,
            Data::Unknown(unknown) => unknown.refinement.not_null,
            _ => true,
        }
    }
}

/// Nothing if it depends on unknown parts.
fn equal(left: &Value, right: &Value) -> Option<bool> {
    match (left.data(), right.data()) {
        (Data::Null(_), Data::Null(_)) => Some(true),
        (Data::Null(_), _) if right.is_definitely_not_null() => Some(false),
        (_, Data::Null(_)) if left.is_definitely_not_null() => Some(false),
        (Data::Unknown(_), Data::Unknown(_)) => None,
        (Data::Unknown(unknown), _) => equal_unknown(unknown, right),
        (_, Data::Unknown(unknown)) => equal_unknown(unknown, left),
        (Data::Null(_), _) | (_, Data::Null(_)) => Some(false),
        (Data::Bool(a), Data::Bool(b)) => Some(a == b),
        (Data::Number(a), Data::Number(b)) => Some(a.equals(b)),
        (Data::String(a), Data::String(b)) => Some(a == b),
        (a, b) => {
            if !wholly_typed(left) || !wholly_typed(right) {
                let (left, right) = (left.ty(), right.ty());
                return if left.conforms_to(&right) || right.conforms_to(&left) { None } else { Some(false) };
            }
            if !left.has_type(&right.ty()) {
                return Some(false);
            }
            match (a, b) {
                (Data::List(_, a), Data::List(_, b)) | (Data::Tuple(a), Data::Tuple(b)) => {
                    if a.len() != b.len() {
                        return Some(false);
                    }
                    sequence(a.iter().zip(b.iter()))
                }
                (Data::Set(_, a), Data::Set(_, b)) => equal_sets(a, b),
                (Data::Map(_, a), Data::Map(_, b)) | (Data::Object(a), Data::Object(b)) => equal_fields(a, b),
                _ => Some(false),
            }
        }
    }
}

/// Equal if all pairs are; the first pair that is not known to be equal decides.
fn sequence<'v>(pairs: impl Iterator<Item = (&'v Value, &'v Value)>) -> Option<bool> {
    for (a, b) in pairs {
        match equal(a, b) {
            Some(true) => {}
            other => return other,
        }
    }
    Some(true)
}

fn equal_fields(a: &Fields, b: &Fields) -> Option<bool> {
    if a.len() != b.len() || !a.keys().eq(b.keys()) {
        return Some(false);
    }
    sequence(a.values().zip(b.values()))
}

fn equal_sets(a: &[Value], b: &[Value]) -> Option<bool> {
    if a.iter().chain(b).any(|part| !part.is_known()) {
        return None;
    }
    Some(a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.same_as(b)))
}

/// Compares an unknown value with a known one that is either not null or meets an unknown that may be null.
fn equal_unknown(unknown: &Unknown, known: &Value) -> Option<bool> {
    if known.is_null() {
        return None;
    }
    if !known.ty().conforms_to(&unknown.ty) {
        return Some(false);
    }
    let refinement = &unknown.refinement;
    let outside = match known.data() {
        Data::String(text) => refinement.prefix.as_ref().is_some_and(|prefix| !text.starts_with(&**prefix)),
        Data::Number(number) => !within(number, refinement),
        Data::List(_, parts) => !length_within(parts.len(), refinement),
        Data::Map(_, parts) => !length_within(parts.len(), refinement),
        Data::Set(_, parts) if known.is_wholly_known() => !length_within(parts.len(), refinement),
        _ => false,
    };
    if outside { Some(false) } else { None }
}

fn within(number: &Number, refinement: &Refinement) -> bool {
    let above = |(bound, inclusive): &(Number, bool)| match number.cmp(bound) {
        Ordering::Greater => true,
        Ordering::Equal => *inclusive,
        Ordering::Less => false,
    };
    let below = |(bound, inclusive): &(Number, bool)| match number.cmp(bound) {
        Ordering::Less => true,
        Ordering::Equal => *inclusive,
        Ordering::Greater => false,
    };
    refinement.min.as_ref().is_none_or(above) && refinement.max.as_ref().is_none_or(below)
}

fn length_within(length: usize, refinement: &Refinement) -> bool {
    let length = u64::try_from(length).unwrap_or(u64::MAX);
    refinement.min_length.is_none_or(|least| length >= least)
        && refinement.max_length.is_none_or(|most| length <= most)
}

/// Returns true if the type of no part is still unknown.
fn wholly_typed(value: &Value) -> bool {
    match value.data() {
        Data::Unknown(unknown) => !unknown.ty.has_any(),
        Data::List(_, parts) | Data::Set(_, parts) | Data::Tuple(parts) => parts.iter().all(wholly_typed),
        Data::Map(_, parts) | Data::Object(parts) => parts.values().all(wholly_typed),
        Data::Null(_) | Data::Bool(_) | Data::Number(_) | Data::String(_) => true,
    }
}
