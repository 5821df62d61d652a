//! Numbers: exact integers on a fast path, otherwise binary floats of up to 512 bits.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use dashu_float::FBig;
use dashu_float::round::mode::HalfEven;

/// The big float behind numbers that are not small integers.
pub(crate) type Big = FBig<HalfEven, 2>;

/// A number of the language.
#[derive(Debug, Clone)]
pub struct Number(Repr);

#[derive(Debug, Clone)]
enum Repr {
    Int(i64),
    Big(Arc<Big>),
}

/// Why a text is not a number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a number")]
pub struct NumberError {
    /// The text.
    pub text: String,
}

impl Number {
    /// Returns the number as `i64` if it is a whole number in that range.
    #[must_use]
    pub fn to_i64(&self) -> Option<i64> {
        match &self.0 {
            Repr::Int(value) => Some(*value),
            Repr::Big(_) => None,
        }
    }

    /// Returns the nearest `f64`.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "the nearest float is what is asked for")]
    pub fn to_f64(&self) -> f64 {
        match &self.0 {
            Repr::Int(value) => *value as f64,
            Repr::Big(big) => big.to_f64().value(),
        }
    }
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self(Repr::Int(value))
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Number {}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        match (&self.0, &other.0) {
            (Repr::Int(a), Repr::Int(b)) => a.cmp(b),
            (Repr::Int(a), Repr::Big(b)) => Big::from(*a).cmp(b),
            (Repr::Big(a), Repr::Int(b)) => (**a).cmp(&Big::from(*b)),
            (Repr::Big(a), Repr::Big(b)) => a.cmp(b),
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Int(value) => write!(f, "{value}"),
            Repr::Big(value) => write!(f, "{value}"),
        }
    }
}
