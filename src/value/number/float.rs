//! Binary floats of a chosen precision, rounded to the nearest with ties to even.

#![expect(clippy::cast_possible_wrap, reason = "lengths in memory are far below the range of i64")]

use std::cmp::Ordering;

use dashu_int::UBig;
use dashu_int::ops::BitTest;
use dashu_int::ops::DivRem;

/// The precision of numbers that come from text, in bits.
pub(crate) const TEXT_PRECISION: u32 = 512;

/// A float: sign, magnitude, and the number of bits its results are rounded to.
#[derive(Debug, Clone)]
pub(crate) struct Float {
    pub(crate) negative: bool,
    pub(crate) magnitude: Magnitude,
    pub(crate) precision: u32,
}

/// The size of a float.
#[derive(Debug, Clone)]
pub(crate) enum Magnitude {
    Zero,
    /// `mantissa * 2^exponent`; the mantissa is odd.
    Finite(UBig, i64),
    Infinite,
}

/// Exponents beyond this overflow to infinity or zero.
const EXPONENT_LIMIT: i64 = i32::MAX as i64;

impl Float {
    pub(crate) fn zero(negative: bool, precision: u32) -> Self {
        Self { negative, magnitude: Magnitude::Zero, precision }
    }

    pub(crate) fn infinite(negative: bool, precision: u32) -> Self {
        Self { negative, magnitude: Magnitude::Infinite, precision }
    }

    pub(crate) fn from_int(value: i64, precision: u32) -> Self {
        Self::round(value < 0, UBig::from(value.unsigned_abs()), 0, false, precision)
    }

    /// Rounds `mantissa * 2^exponent` (a little more if `sticky`) to a precision.
    pub(crate) fn round(negative: bool, mantissa: UBig, exponent: i64, sticky: bool, precision: u32) -> Self {
        let (mut mantissa, mut exponent) = (mantissa, exponent);
        let length = mantissa.bit_len();
        let wanted = precision as usize;
        if length > wanted {
            let surplus = length - wanted;
            let half = mantissa.bit(surplus - 1);
            let beyond = sticky || mantissa.trailing_zeros().is_some_and(|zeros| zeros < surplus - 1);
            mantissa >>= surplus;
            exponent += surplus as i64;
            if half && (beyond || mantissa.bit(0)) {
                mantissa += UBig::ONE;
            }
        }
        let Some(zeros) = mantissa.trailing_zeros() else { return Self::zero(negative, precision) };
        mantissa >>= zeros;
        exponent += zeros as i64;
        let top = exponent + mantissa.bit_len() as i64;
        if top > EXPONENT_LIMIT {
            return Self::infinite(negative, precision);
        }
        if top < -EXPONENT_LIMIT {
            return Self::zero(negative, precision);
        }
        Self { negative, magnitude: Magnitude::Finite(mantissa, exponent), precision }
    }

    /// Rounds to another precision.
    pub(crate) fn with_precision(self, precision: u32) -> Self {
        match self.magnitude {
            Magnitude::Finite(mantissa, exponent) => {
                Self::round(self.negative, mantissa, exponent, false, precision)
            }
            magnitude @ (Magnitude::Zero | Magnitude::Infinite) => {
                Self { negative: self.negative, magnitude, precision }
            }
        }
    }

    /// The least precision that holds the number exactly.
    pub(crate) fn least_precision(&self) -> u32 {
        match &self.magnitude {
            Magnitude::Finite(mantissa, _) => u32::try_from(mantissa.bit_len()).unwrap_or(u32::MAX),
            Magnitude::Zero | Magnitude::Infinite => 0,
        }
    }

    pub(crate) fn is_infinite(&self) -> bool {
        matches!(self.magnitude, Magnitude::Infinite)
    }

    pub(crate) fn is_zero(&self) -> bool {
        matches!(self.magnitude, Magnitude::Zero)
    }

    pub(crate) fn negated(mut self) -> Self {
        self.negative = !self.negative;
        self
    }

    /// The sum rounded to a precision; nothing for infinities of opposite sign.
    pub(crate) fn add(&self, other: &Self, precision: u32) -> Option<Self> {
        Some(match (&self.magnitude, &other.magnitude) {
            (Magnitude::Infinite, Magnitude::Infinite) if self.negative != other.negative => return None,
            (Magnitude::Infinite, _) => Self::infinite(self.negative, precision),
            (_, Magnitude::Infinite) => Self::infinite(other.negative, precision),
            (Magnitude::Zero, Magnitude::Zero) => Self::zero(self.negative && other.negative, precision),
            (Magnitude::Zero, Magnitude::Finite(..)) => other.clone().with_precision(precision),
            (Magnitude::Finite(..), Magnitude::Zero) => self.clone().with_precision(precision),
            (Magnitude::Finite(left, left_exp), Magnitude::Finite(right, right_exp)) => {
                let exponent = *left_exp.min(right_exp);
                let left = left << usize::try_from(left_exp - exponent).unwrap_or(0);
                let right = right << usize::try_from(right_exp - exponent).unwrap_or(0);
                if self.negative == other.negative {
                    return Some(Self::round(self.negative, left + right, exponent, false, precision));
                }
                match left.cmp(&right) {
                    Ordering::Equal => Self::zero(false, precision),
                    Ordering::Greater => Self::round(self.negative, left - right, exponent, false, precision),
                    Ordering::Less => Self::round(other.negative, right - left, exponent, false, precision),
                }
            }
        })
    }

    /// The product rounded to a precision; nothing for zero times infinity.
    pub(crate) fn multiply(&self, other: &Self, precision: u32) -> Option<Self> {
        let negative = self.negative != other.negative;
        Some(match (&self.magnitude, &other.magnitude) {
            (Magnitude::Finite(left, left_exp), Magnitude::Finite(right, right_exp)) => {
                Self::round(negative, left * right, left_exp + right_exp, false, precision)
            }
            (Magnitude::Zero, Magnitude::Infinite) | (Magnitude::Infinite, Magnitude::Zero) => return None,
            (Magnitude::Infinite, _) | (_, Magnitude::Infinite) => Self::infinite(negative, precision),
            (Magnitude::Zero, _) | (_, Magnitude::Zero) => Self::zero(negative, precision),
        })
    }

    /// The quotient rounded to a precision; nothing for 0/0 and infinity/infinity.
    pub(crate) fn divide(&self, other: &Self, precision: u32) -> Option<Self> {
        let negative = self.negative != other.negative;
        Some(match (&self.magnitude, &other.magnitude) {
            (Magnitude::Finite(left, left_exp), Magnitude::Finite(right, right_exp)) => {
                let shift = (precision as usize + 2 + right.bit_len()).saturating_sub(left.bit_len());
                let (quotient, rest) = (left << shift).div_rem(right);
                let exponent = left_exp - right_exp - shift as i64;
                // One more bit below the quotient stands for the rest of the division.
                let sticky = !rest.is_zero();
                let quotient = (quotient << 1usize) + UBig::from(u8::from(sticky));
                Self::round(negative, quotient, exponent - 1, sticky, precision)
            }
            (Magnitude::Zero, Magnitude::Zero) | (Magnitude::Infinite, Magnitude::Infinite) => return None,
            (Magnitude::Zero, _) | (_, Magnitude::Infinite) => Self::zero(negative, precision),
            (_, Magnitude::Zero) | (Magnitude::Infinite, _) => Self::infinite(negative, precision),
        })
    }

    /// The whole number next to zero, and whether that is the number itself; nothing for infinities.
    pub(crate) fn truncated(&self) -> Option<(UBig, bool)> {
        match &self.magnitude {
            Magnitude::Zero => Some((UBig::ZERO, true)),
            Magnitude::Infinite => None,
            Magnitude::Finite(mantissa, exponent) => {
                let shift = usize::try_from(exponent.unsigned_abs()).unwrap_or(usize::MAX);
                if *exponent >= 0 {
                    Some((mantissa << shift, true))
                } else {
                    Some((mantissa >> shift, false))
                }
            }
        }
    }

    /// `mantissa * 2^exponent` rounded to a precision.
    pub(super) fn of_parts(mantissa: UBig, exponent: i64, precision: u32) -> Self {
        Self::round(false, mantissa, exponent, false, precision)
    }

    /// 5 to a power, rounded at every step.
    fn power_of_five(power: u64, precision: u32) -> Self {
        let mut result = Self::from_int(1, precision);
        let mut square = Self::from_int(5, precision);
        let mut rest = power;
        while rest > 0 {
            if rest & 1 == 1 {
                result = result.multiply(&square, precision).unwrap_or(result);
            }
            square = square.multiply(&square, precision).unwrap_or(square);
            rest >>= 1;
        }
        result
    }

    /// `mantissa * 10^exponent` rounded to a precision.
    pub(crate) fn from_decimal(negative: bool, mantissa: UBig, exponent: i64, precision: u32) -> Self {
        if mantissa.is_zero() {
            return Self::zero(negative, precision);
        }
        let power = exponent.unsigned_abs();
        // Powers with up to 248 fit into 576 bits exactly; beyond them the digits of the text hardly matter.
        let five = if power <= 2048 {
            let exact = UBig::from(5u8).pow(usize::try_from(power).unwrap_or(0));
            Self::round(false, exact, 0, false, u32::MAX)
        } else {
            Self::power_of_five(power, precision + 64)
        };
        let whole = Self::round(negative, mantissa, 0, false, u32::MAX);
        let scaled =
            if exponent < 0 { whole.divide(&five, precision) } else { whole.multiply(&five, precision) };
        match scaled.map(|float| float.magnitude) {
            Some(Magnitude::Finite(mantissa, binary)) => {
                Self::round(negative, mantissa, binary + exponent, false, precision)
            }
            Some(magnitude) => Self { negative, magnitude, precision },
            None => Self::zero(negative, precision),
        }
    }

    /// Takes a finite or infinite `f64` apart exactly.
    pub(crate) fn from_f64(value: f64) -> Option<Self> {
        const PRECISION: u32 = 53;
        let negative = value.is_sign_negative();
        if value.is_nan() {
            return None;
        }
        if value.is_infinite() {
            return Some(Self::infinite(negative, PRECISION));
        }
        let bits = value.to_bits();
        let fraction = bits & ((1 << 52) - 1);
        let exponent = i64::try_from((bits >> 52) & 0x7ff).unwrap_or(0);
        let (mantissa, exponent) =
            if exponent == 0 { (fraction, -1074) } else { (fraction | (1 << 52), exponent - 1075) };
        Some(Self::round(negative, UBig::from(mantissa), exponent, false, PRECISION))
    }

    /// The nearest `f64`.
    #[expect(clippy::cast_precision_loss, reason = "at most 53 bits are left")]
    pub(crate) fn to_f64(&self) -> f64 {
        let positive = match &self.magnitude {
            Magnitude::Zero => 0.0,
            Magnitude::Infinite => f64::INFINITY,
            Magnitude::Finite(mantissa, exponent) => {
                let top = exponent + mantissa.bit_len() as i64;
                // Below the normal range every halving costs a bit.
                let precision = if top < -1021 { 53 - (-1021 - top) } else { 53 };
                if top > 1024 {
                    f64::INFINITY
                } else if precision < 0 {
                    0.0
                } else {
                    let precision = u32::try_from(precision).unwrap_or(0);
                    let rounded = if precision == 0 {
                        // Exactly half of the least number is rounded to zero, more than half to that number.
                        if mantissa.is_one() {
                            Self::zero(false, 53)
                        } else {
                            Self::round(false, UBig::ONE, -1074, false, 53)
                        }
                    } else {
                        Self::round(false, mantissa.clone(), *exponent, false, precision)
                    };
                    match rounded.magnitude {
                        Magnitude::Finite(mantissa, exponent) => {
                            let mantissa = u64::try_from(mantissa).unwrap_or(u64::MAX) as f64;
                            scale(mantissa, exponent)
                        }
                        Magnitude::Zero => 0.0,
                        Magnitude::Infinite => f64::INFINITY,
                    }
                }
            }
        };
        if self.negative { -positive } else { positive }
    }

    pub(crate) fn compare(&self, other: &Self) -> Ordering {
        let sign = |float: &Self| match (&float.magnitude, float.negative) {
            (Magnitude::Zero, _) => 0i8,
            (_, true) => -1,
            (_, false) => 1,
        };
        let (left, right) = (sign(self), sign(other));
        if left != right {
            return left.cmp(&right);
        }
        let order = match (&self.magnitude, &other.magnitude) {
            (Magnitude::Finite(a, a_exp), Magnitude::Finite(b, b_exp)) => {
                let tops = (a_exp + a.bit_len() as i64).cmp(&(b_exp + b.bit_len() as i64));
                tops.then_with(|| {
                    let exponent = *a_exp.min(b_exp);
                    let a = a << usize::try_from(a_exp - exponent).unwrap_or(0);
                    let b = b << usize::try_from(b_exp - exponent).unwrap_or(0);
                    a.cmp(&b)
                })
            }
            (Magnitude::Infinite, Magnitude::Finite(..)) => Ordering::Greater,
            (Magnitude::Finite(..), Magnitude::Infinite) => Ordering::Less,
            _ => Ordering::Equal,
        };
        if left < 0 { order.reverse() } else { order }
    }
}

/// `mantissa * 2^exponent` for numbers that `f64` holds exactly.
fn scale(mantissa: f64, exponent: i64) -> f64 {
    let mut result = mantissa;
    let mut rest = exponent;
    while rest > 0 {
        let step = rest.min(1000);
        result *= 2f64.powi(i32::try_from(step).unwrap_or(0));
        rest -= step;
    }
    while rest < 0 {
        let step = (-rest).min(1000);
        result /= 2f64.powi(i32::try_from(step).unwrap_or(0));
        rest += step;
    }
    result
}
