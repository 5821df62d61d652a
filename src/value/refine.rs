//! Unknown values: what is known about them nevertheless.

use std::sync::Arc;

use super::Data;
use super::Marks;
use super::Number;
use super::Type;
use super::Value;

/// A value that will be known only after apply.
#[derive(Debug, Clone)]
pub struct Unknown {
    /// Its type; [`Type::Any`] if even that is unknown.
    pub ty: Type,
    /// What is known about it.
    pub refinement: Refinement,
}

/// What is known about an unknown value. The default says nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Refinement {
    /// It will not be null.
    pub not_null: bool,
    /// Strings: it starts with this text.
    pub prefix: Option<Arc<str>>,
    /// Numbers: lower bound and whether the bound itself is included.
    pub min: Option<(Number, bool)>,
    /// Numbers: upper bound and whether the bound itself is included.
    pub max: Option<(Number, bool)>,
    /// Collections: the least possible length.
    pub min_length: Option<u64>,
    /// Collections: the greatest possible length.
    pub max_length: Option<u64>,
}

impl Refinement {
    /// Says only that the value will not be null.
    #[must_use]
    pub fn not_null() -> Self {
        Self { not_null: true, ..Self::default() }
    }
}

impl Value {
    /// An unknown value with refinements. If they leave only one possibility, that value: a number between
    /// equal bounds, an empty collection, a list of known length with unknown elements.
    #[must_use]
    pub fn refined(ty: Type, refinement: Refinement) -> Self {
        if refinement.not_null
            && let Some(value) = only_possibility(&ty, &refinement)
        {
            return value;
        }
        Self::new(Data::Unknown(Arc::new(Unknown { ty, refinement })), Marks::NONE)
    }

    /// Says of an unknown value that it will not be null; other values are returned as they are.
    #[must_use]
    pub fn refine_not_null(self) -> Self {
        match self.data() {
            Data::Unknown(unknown) if unknown.ty != Type::Any && !unknown.refinement.not_null => {
                let refinement = Refinement { not_null: true, ..unknown.refinement.clone() };
                Self::refined(unknown.ty.clone(), refinement).mark(self.marks())
            }
            _ => self,
        }
    }

    /// Returns what is known about a value: nothing beyond the value itself if it is known.
    #[must_use]
    pub fn refinement(&self) -> Option<&Refinement> {
        match self.data() {
            Data::Unknown(unknown) => Some(&unknown.refinement),
            _ => None,
        }
    }
}

fn only_possibility(ty: &Type, refinement: &Refinement) -> Option<Value> {
    if let (Type::Number, Some((min, true)), Some((max, true))) = (ty, &refinement.min, &refinement.max) {
        return min.equals(max).then(|| Value::number(min.clone()));
    }
    let length = refinement.max_length?;
    if refinement.min_length.unwrap_or(0) != length {
        return None;
    }
    match (ty, length) {
        (Type::List(element), 0) => Some(Value::list((**element).clone(), [])),
        (Type::Set(element), 0) => Some(Value::set((**element).clone(), [])),
        (Type::Map(element), 0) => Some(Value::map((**element).clone(), Vec::<(Arc<str>, Value)>::new())),
        (Type::List(element), 1..=MOST_ELEMENTS) => {
            let unknown = Value::unknown((**element).clone());
            let count = usize::try_from(length).unwrap_or(0);
            Some(Value::list((**element).clone(), std::iter::repeat_n(unknown, count)))
        }
        (Type::Set(element), 1) => {
            Some(Value::set((**element).clone(), [Value::unknown((**element).clone())]))
        }
        _ => None,
    }
}

/// Longer unknown lists are not written out.
const MOST_ELEMENTS: u64 = 100_000;
