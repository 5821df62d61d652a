//! Numbers: integers on a fast path, otherwise binary floats, each with a precision of its own.
//!
//! Numbers that come from text have 512 bits, integers made by the engine 64, results of logarithms and
//! powers 53; an operation works with the greater precision of its operands. The precision decides how many
//! digits a number shows, so it is part of the language.

mod decimal;
mod float;
mod power;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use dashu_int::UBig;
use dashu_int::ops::BitTest;

pub use decimal::Decimal;
use float::Float;
use float::Magnitude;
use float::TEXT_PRECISION;

/// A number of the language.
#[derive(Debug, Clone)]
pub struct Number(Repr);

#[derive(Debug, Clone)]
enum Repr {
    /// A whole number and its precision in bits.
    Int(i64, u32),
    /// Everything else, and negative zero.
    Float(Arc<Float>),
}

/// Why a text is not a number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a number")]
pub struct NumberError {
    /// The text.
    pub text: String,
}

impl Number {
    /// Zero.
    pub const ZERO: Self = Self(Repr::Int(0, 64));

    /// Reads a decimal number: digits with an optional sign, fraction and exponent, or an infinity.
    ///
    /// # Errors
    /// If the text is anything else.
    pub fn parse(text: &str) -> Result<Self, NumberError> {
        if let Ok(value) = text.parse::<i64>() {
            let plain = text.bytes().all(|byte| byte.is_ascii_digit()) || value != 0;
            if plain {
                return Ok(Self(Repr::Int(value, TEXT_PRECISION)));
            }
        }
        parse_float(text).map(Self::from_float).ok_or_else(|| NumberError { text: text.to_owned() })
    }

    /// Reads a whole number in a base from 2 to 62: digits, then lower case letters, then upper case letters
    /// (up to base 36 both cases mean the same). Nothing if a character is not a digit of the base.
    #[must_use]
    pub fn parse_radix(text: &str, radix: u32) -> Option<Self> {
        let (negative, digits) = match text.as_bytes() {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] | rest => (false, rest),
        };
        if digits.is_empty() {
            return None;
        }
        let mut value = UBig::ZERO;
        for byte in digits {
            let digit = match byte {
                b'0'..=b'9' => u32::from(byte - b'0'),
                b'a'..=b'z' => u32::from(byte - b'a') + 10,
                b'A'..=b'Z' if radix <= 36 => u32::from(byte - b'A') + 10,
                b'A'..=b'Z' => u32::from(byte - b'A') + 36,
                _ => return None,
            };
            if digit >= radix {
                return None;
            }
            value = value * UBig::from(radix) + UBig::from(digit);
        }
        Some(Self::from_magnitude(negative, value))
    }

    /// A whole number of any size with just the precision it needs (at least 64 bits).
    fn from_magnitude(negative: bool, magnitude: UBig) -> Self {
        let precision = u32::try_from(magnitude.bit_len()).unwrap_or(u32::MAX).max(64);
        Self::from_float(Float::round(negative && !magnitude.is_zero(), magnitude, 0, false, precision))
    }

    /// Returns the number of an `f64`, with the precision of an `f64`; nothing for "not a number".
    #[must_use]
    pub fn from_f64(value: f64) -> Option<Self> {
        Float::from_f64(value).map(Self::from_float)
    }

    /// Keeps integers on the fast path.
    fn from_float(float: Float) -> Self {
        let small = match &float.magnitude {
            Magnitude::Zero if !float.negative => Some(0),
            Magnitude::Finite(mantissa, exponent) if (0..63).contains(exponent) => u64::try_from(mantissa)
                .ok()
                .and_then(|mantissa| {
                    let shift = u32::try_from(*exponent).ok()?;
                    (mantissa.leading_zeros() > shift + 1).then(|| mantissa << shift)
                })
                .and_then(|value| i64::try_from(value).ok())
                .map(|value| if float.negative { -value } else { value }),
            Magnitude::Zero | Magnitude::Finite(..) | Magnitude::Infinite => None,
        };
        match small {
            Some(value) => Self(Repr::Int(value, float.precision)),
            None => Self(Repr::Float(Arc::new(float))),
        }
    }

    fn to_float(&self) -> std::borrow::Cow<'_, Float> {
        match &self.0 {
            Repr::Int(value, precision) => std::borrow::Cow::Owned(Float::from_int(*value, *precision)),
            Repr::Float(float) => std::borrow::Cow::Borrowed(float),
        }
    }

    fn precision(&self) -> u32 {
        match &self.0 {
            Repr::Int(_, precision) => *precision,
            Repr::Float(float) => float.precision,
        }
    }

    /// The result of an integer operation, if it is exact at the precision.
    fn exact(value: Option<i64>, precision: u32) -> Option<Self> {
        let value = value?;
        (precision >= 64 || value.unsigned_abs() >> precision.min(63) == 0)
            .then_some(Self(Repr::Int(value, precision)))
    }

    /// Returns the sum; nothing for infinities of opposite sign.
    #[must_use]
    pub fn add(&self, other: &Self) -> Option<Self> {
        let precision = self.precision().max(other.precision());
        if let (Repr::Int(left, _), Repr::Int(right, _)) = (&self.0, &other.0)
            && let Some(sum) = Self::exact(left.checked_add(*right), precision)
        {
            return Some(sum);
        }
        self.to_float().add(&other.to_float(), precision).map(Self::from_float)
    }

    /// Returns the difference; nothing for equal infinities.
    #[must_use]
    pub fn subtract(&self, other: &Self) -> Option<Self> {
        let precision = self.precision().max(other.precision());
        if let (Repr::Int(left, _), Repr::Int(right, _)) = (&self.0, &other.0)
            && let Some(difference) = Self::exact(left.checked_sub(*right), precision)
        {
            return Some(difference);
        }
        let negated = other.to_float().into_owned().negated();
        self.to_float().add(&negated, precision).map(Self::from_float)
    }

    /// Returns the product, which keeps all its bits up to 512; nothing for zero times infinity.
    #[must_use]
    pub fn multiply(&self, other: &Self) -> Option<Self> {
        let precision = self.precision().max(other.precision());
        if let (Repr::Int(left, _), Repr::Int(right, _)) = (&self.0, &other.0)
            && *left != 0
            && *right != 0
            && let Some(product) = Self::exact(left.checked_mul(*right), precision)
        {
            return Some(product);
        }
        let product = self.to_float().multiply(&other.to_float(), TEXT_PRECISION)?;
        let precision = precision.max(product.least_precision());
        Some(Self::from_float(product.with_precision(precision)))
    }

    /// Returns the quotient: infinite for a divisor of zero; nothing for 0/0 and infinity/infinity.
    #[must_use]
    pub fn divide(&self, other: &Self) -> Option<Self> {
        let precision = self.precision().max(other.precision());
        if let (Repr::Int(left, _), Repr::Int(right, _)) = (&self.0, &other.0)
            && *left != 0
            && *right != 0
            && left.checked_rem(*right) == Some(0)
            && let Some(quotient) = Self::exact(left.checked_div(*right), precision)
        {
            return Some(quotient);
        }
        self.to_float().divide(&other.to_float(), precision).map(Self::from_float)
    }

    /// Returns what is left after dividing towards zero; the number itself for a divisor of zero; nothing
    /// where that has no meaning.
    #[must_use]
    pub fn remainder(&self, other: &Self) -> Option<Self> {
        let divisor = other.to_float();
        if divisor.is_zero() {
            return Some(self.clone());
        }
        if let (Repr::Int(left, precision), Repr::Int(right, _)) = (&self.0, &other.0)
            && let Some(rest) = Self::exact(left.checked_rem(*right), *precision)
        {
            return Some(rest);
        }
        let quotient = self.divide(other)?;
        let quotient = quotient.to_float();
        let (whole, _) = quotient.truncated()?;
        let precision = self.precision();
        let whole = Float::round(quotient.negative, whole, 0, false, precision);
        let part = whole.multiply(&divisor, precision)?.negated();
        self.to_float().add(&part, precision).map(Self::from_float)
    }

    /// Returns the number with the other sign; zero becomes negative zero.
    #[must_use]
    pub fn negate(&self) -> Self {
        if let Repr::Int(value, precision) = &self.0
            && *value != 0
            && let Some(negated) = value.checked_neg()
        {
            return Self(Repr::Int(negated, *precision));
        }
        Self::from_float(self.to_float().into_owned().negated())
    }

    /// Returns the number without its sign.
    #[must_use]
    pub fn abs(&self) -> Self {
        if self.is_negative() { self.negate() } else { self.clone() }
    }

    /// Returns true for numbers below zero and for negative zero.
    #[must_use]
    pub fn is_negative(&self) -> bool {
        match &self.0 {
            Repr::Int(value, _) => *value < 0,
            Repr::Float(float) => float.negative,
        }
    }

    /// Returns true for zero of either sign.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        match &self.0 {
            Repr::Int(value, _) => *value == 0,
            Repr::Float(float) => float.is_zero(),
        }
    }

    /// Returns true for both infinities.
    #[must_use]
    pub fn is_infinite(&self) -> bool {
        matches!(&self.0, Repr::Float(float) if float.is_infinite())
    }

    /// Returns true for whole numbers of any size.
    #[must_use]
    pub fn is_integer(&self) -> bool {
        match &self.0 {
            Repr::Int(..) => true,
            Repr::Float(float) => match &float.magnitude {
                Magnitude::Zero => true,
                Magnitude::Finite(_, exponent) => *exponent >= 0,
                Magnitude::Infinite => false,
            },
        }
    }

    /// Returns the number without its fraction; infinities stay.
    #[must_use]
    pub fn truncate(&self) -> Self {
        self.whole(false)
    }

    /// Returns the greatest whole number that is not above this one.
    #[must_use]
    pub fn floor(&self) -> Self {
        self.whole(self.is_negative())
    }

    /// Returns the least whole number that is not below this one.
    #[must_use]
    pub fn ceil(&self) -> Self {
        self.whole(!self.is_negative())
    }

    /// The whole number next to zero, or the one beyond if `away` and there is a fraction.
    fn whole(&self, away: bool) -> Self {
        let Repr::Float(float) = &self.0 else { return self.clone() };
        match float.truncated() {
            Some((whole, exact)) => {
                let whole = if away && !exact { whole + UBig::ONE } else { whole };
                let negative = float.negative && !whole.is_zero();
                Self::from_float(Float::round(negative, whole, 0, false, float.precision))
            }
            None => self.clone(),
        }
    }

    /// Returns the power, computed with `f64`; nothing where that is not a number.
    #[must_use]
    pub fn power(&self, exponent: &Self) -> Option<Self> {
        Self::from_f64(power::power(self.to_f64(), exponent.to_f64()))
    }

    /// Returns the logarithm, computed with `f64`; nothing where that is not a number.
    #[must_use]
    pub fn logarithm(&self, base: &Self) -> Option<Self> {
        Self::from_f64(power::logarithm(self.to_f64()) / power::logarithm(base.to_f64()))
    }

    /// Returns the number as `i64` if it is a whole number in that range.
    #[must_use]
    pub fn to_i64(&self) -> Option<i64> {
        match &self.0 {
            Repr::Int(value, _) => Some(*value),
            Repr::Float(float) => match float.truncated()? {
                (whole, true) => {
                    let value = i128::try_from(whole).ok()?;
                    i64::try_from(if float.negative { -value } else { value }).ok()
                }
                (_, false) => None,
            },
        }
    }

    /// Returns the number as `u64` if it is a whole number in that range.
    #[must_use]
    pub fn to_u64(&self) -> Option<u64> {
        match &self.0 {
            Repr::Int(value, _) => u64::try_from(*value).ok(),
            Repr::Float(float) if float.negative && !float.is_zero() => None,
            Repr::Float(float) => match float.truncated()? {
                (whole, true) => u64::try_from(whole).ok(),
                (_, false) => None,
            },
        }
    }

    /// Returns the nearest `f64`.
    #[must_use]
    pub fn to_f64(&self) -> f64 {
        self.to_float().to_f64()
    }

    /// Returns all decimal digits; nothing for infinities.
    #[must_use]
    pub fn exact_decimal(&self) -> Option<Decimal> {
        self.to_float().exact_decimal()
    }

    /// Returns the fewest decimal digits that stand for the number at its precision; nothing for infinities.
    #[must_use]
    pub fn shortest_decimal(&self) -> Option<Decimal> {
        self.to_float().shortest_decimal()
    }

    /// Returns the digits of a whole number in a base from 2 to 36, without its sign; nothing for others.
    #[must_use]
    pub fn magnitude_in_radix(&self, radix: u8) -> Option<String> {
        match self.to_float().truncated()? {
            (whole, true) => Some(whole.in_radix(radix).to_string()),
            (_, false) => None,
        }
    }

    /// The language's `==`: whole numbers by value, others by the digits they show. (0.1 with 53 bits and 0.1
    /// with 512 bits are equal although one is the greater.)
    #[must_use]
    pub fn equals(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Repr::Int(a, _), Repr::Int(b, _)) => a == b,
            _ if self.is_integer() != other.is_integer() => false,
            _ if self.is_integer() => self == other,
            _ => {
                self.precision() == other.precision() && self == other
                    || self.to_string() == other.to_string()
            }
        }
    }
}

/// Reads the decimal forms that [`Number::parse`] takes.
fn parse_float(text: &str) -> Option<Float> {
    let (negative, rest) = match text.as_bytes() {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] | rest => (false, rest),
    };
    if matches!(rest, b"Inf" | b"inf") {
        return Some(Float::infinite(negative, TEXT_PRECISION));
    }
    let mut digits = String::with_capacity(rest.len());
    let mut places: i64 = 0;
    let mut point = false;
    let mut exponent: i64 = 0;
    let mut bytes = rest.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'0'..=b'9' => {
                digits.push(char::from(*byte));
                places += i64::from(point);
            }
            b'.' if !point => point = true,
            b'e' | b'E' => {
                let text = std::str::from_utf8(bytes.as_slice()).ok()?;
                let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
                if unsigned.is_empty() || !unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
                    return None;
                }
                // An exponent beyond i64 is beyond every float too.
                exponent =
                    text.parse().unwrap_or(if text.starts_with('-') { i64::MIN / 4 } else { i64::MAX / 4 });
                break;
            }
            _ => return None,
        }
    }
    if digits.is_empty() {
        return None;
    }
    let mantissa = UBig::from_str_radix(&digits, 10).ok()?;
    let exponent = exponent.saturating_sub(places);
    if mantissa.is_zero() {
        return Some(Float::zero(negative, TEXT_PRECISION));
    }
    // The power of two in it must fit the exponent of a float before the power of five is applied.
    let top = i64::try_from(mantissa.bit_len()).unwrap_or(i64::MAX).saturating_add(exponent);
    if i32::try_from(top).is_err() {
        return None;
    }
    Some(Float::from_decimal(negative, mantissa, exponent, TEXT_PRECISION))
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self(Repr::Int(value, 64))
    }
}

impl From<u64> for Number {
    fn from(value: u64) -> Self {
        match i64::try_from(value) {
            Ok(value) => Self::from(value),
            Err(_) => Self::from_magnitude(false, UBig::from(value)),
        }
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
            (Repr::Int(a, _), Repr::Int(b, _)) => a.cmp(b),
            _ => self.to_float().compare(&other.to_float()),
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            // Integers of few bits show all their digits at every precision that holds them exactly.
            Repr::Int(value, precision) if *precision >= 64 => write!(f, "{value}"),
            Repr::Int(value, precision) if value.unsigned_abs() >> (*precision).min(63) == 0 => {
                write!(f, "{value}")
            }
            _ => match self.shortest_decimal() {
                Some(decimal) => f.write_str(&decimal.plain(0)),
                None => f.write_str(if self.is_negative() { "-Inf" } else { "+Inf" }),
            },
        }
    }
}
