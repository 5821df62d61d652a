//! Floats as decimal digits.

#![expect(clippy::cast_possible_wrap, reason = "lengths in memory are far below the range of i64")]

use dashu_int::UBig;
use dashu_int::ops::BitTest;

use super::float::Float;
use super::float::Magnitude;

/// Exponents of two up to this are written out digit by digit; the time grows with their square.
const EXACT: u64 = 1 << 17;

/// Digits of numbers beyond that: more than any precision tells apart.
const DIGITS: i64 = 200;

/// Numbers with more digits than this before or behind the point are written with an exponent.
const LONGEST: u64 = 1_000_000;

/// A finite number as decimal digits: `0.digits * 10^point`, without trailing zeros; no digits for zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decimal {
    /// The number has a minus sign (also zero may have one).
    pub negative: bool,
    /// ASCII digits.
    pub digits: Vec<u8>,
    /// Where the decimal point stands, counted from before the first digit.
    pub point: i64,
}

impl Decimal {
    /// The digits of `mantissa * 2^exponent`; of very large and very small numbers only those that count.
    fn exact(negative: bool, mantissa: &UBig, exponent: i64) -> Self {
        if exponent.unsigned_abs() > EXACT {
            return Self::leading(negative, mantissa, exponent);
        }
        let shift = usize::try_from(exponent.unsigned_abs()).unwrap_or(usize::MAX);
        let (whole, places) = if exponent >= 0 {
            (mantissa << shift, 0)
        } else {
            // x / 2^n = x * 5^n / 10^n
            (mantissa * UBig::from(5u8).pow(shift), exponent.unsigned_abs())
        };
        if whole.is_zero() {
            return Self { negative, digits: Vec::new(), point: 0 };
        }
        let digits = whole.to_string().into_bytes();
        let point = digits.len() as i64 - i64::try_from(places).unwrap_or(i64::MAX);
        let mut decimal = Self { negative, digits, point };
        decimal.trim();
        decimal
    }

    /// The first digits of `mantissa * 2^exponent`.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "an estimate to within one"
    )]
    fn leading(negative: bool, mantissa: &UBig, exponent: i64) -> Self {
        const PRECISION: u32 = 1024;
        let bits = mantissa.bit_len() as i64 + exponent;
        let shift = DIGITS - (bits as f64 * std::f64::consts::LOG10_2).floor() as i64;
        // In two halves, so that neither is beyond what a float can hold.
        let power = |shift: i64| Float::from_decimal(false, UBig::ONE, shift, PRECISION);
        let scaled = Float::of_parts(mantissa.clone(), exponent, PRECISION)
            .multiply(&power(shift / 2), PRECISION)
            .and_then(|half| half.multiply(&power(shift - shift / 2), PRECISION));
        let digits =
            scaled.and_then(|scaled| scaled.truncated()).map(|(whole, _)| whole.to_string().into_bytes());
        let digits = digits.unwrap_or_default();
        let point = digits.len() as i64 - shift;
        let mut decimal = Self { negative, digits, point };
        decimal.trim();
        decimal
    }

    fn trim(&mut self) {
        while self.digits.last() == Some(&b'0') {
            self.digits.pop();
        }
        if self.digits.is_empty() {
            self.point = 0;
        }
    }

    fn at(&self, index: usize) -> u8 {
        self.digits.get(index).copied().unwrap_or(b'0')
    }

    /// Rounds to a number of digits, ties to even.
    pub fn round(&mut self, count: usize) {
        if count >= self.digits.len() {
            return;
        }
        let digit = self.at(count);
        let up = if digit == b'5' && count + 1 == self.digits.len() {
            count > 0 && self.at(count - 1) & 1 == 1
        } else {
            digit >= b'5'
        };
        if up { self.round_up(count) } else { self.round_down(count) }
    }

    fn round_down(&mut self, count: usize) {
        self.digits.truncate(count);
        self.trim();
    }

    fn round_up(&mut self, count: usize) {
        self.digits.truncate(count);
        while self.digits.last() == Some(&b'9') {
            self.digits.pop();
        }
        if let Some(last) = self.digits.last_mut() {
            *last += 1;
        } else {
            self.digits.push(b'1');
            self.point += 1;
        }
    }

    /// Rounds to a number of places after the decimal point, ties to even.
    pub fn round_places(&mut self, places: usize) {
        if let Ok(count) = usize::try_from(self.point + places as i64) {
            self.round(count);
        } else {
            self.digits.clear();
            self.point = 0;
        }
    }

    /// Writes plain notation: `-12.5`, with at least `places` digits after the point.
    #[must_use]
    pub fn plain(&self, places: usize) -> String {
        if self.point.unsigned_abs() > LONGEST {
            return self.scientific();
        }
        let mut text = String::with_capacity(self.digits.len() + places + 3);
        if self.negative {
            text.push('-');
        }
        let whole = usize::try_from(self.point).unwrap_or(0);
        if whole == 0 {
            text.push('0');
        }
        text.extend((0..whole).map(|index| char::from(self.at(index))));
        let fraction = usize::try_from(self.digits.len() as i64 - self.point).unwrap_or(0).max(places);
        if fraction > 0 && (places > 0 || !self.digits.is_empty()) {
            text.push('.');
            let start = self.point;
            text.extend(
                (0..fraction as i64).map(|place| {
                    usize::try_from(start + place).map_or('0', |index| char::from(self.at(index)))
                }),
            );
        }
        text
    }
}

impl Decimal {
    /// Writes notation with an exponent: `-1.25e+1000001`.
    fn scientific(&self) -> String {
        let sign = if self.negative { "-" } else { "" };
        let digit = |index: usize| char::from(self.at(index));
        let rest: String = (1..self.digits.len()).map(digit).collect();
        let dot = if rest.is_empty() { "" } else { "." };
        let power = self.point - 1;
        format!("{sign}{}{dot}{rest}e{power:+}", digit(0))
    }
}

impl Float {
    /// All digits; nothing for infinities.
    pub(crate) fn exact_decimal(&self) -> Option<Decimal> {
        match &self.magnitude {
            Magnitude::Zero => Some(Decimal { negative: self.negative, digits: Vec::new(), point: 0 }),
            Magnitude::Finite(mantissa, exponent) => Some(Decimal::exact(self.negative, mantissa, *exponent)),
            Magnitude::Infinite => None,
        }
    }

    /// The fewest digits that lead back to the number at its precision; nothing for infinities.
    ///
    /// The digits are compared with those of the two bounds half a unit away, place by place from the first
    /// digit on, and cut as soon as either direction of rounding stays inside. (Bounds with another number
    /// of digits before the point are compared the same way; results depend on that.)
    pub(crate) fn shortest_decimal(&self) -> Option<Decimal> {
        let mut decimal = self.exact_decimal()?;
        let Magnitude::Finite(mantissa, exponent) = &self.magnitude else { return Some(decimal) };
        let wanted = self.precision as usize + 1;
        let length = mantissa.bit_len();
        let (middle, exponent) = if length <= wanted {
            (mantissa << (wanted - length), exponent - (wanted - length) as i64)
        } else {
            (mantissa >> (length - wanted), exponent + (length - wanted) as i64)
        };
        let lower = Decimal::exact(false, &(&middle - UBig::ONE), exponent);
        let upper = Decimal::exact(false, &(&middle + UBig::ONE), exponent);
        let inclusive = !middle.bit(1);
        for index in 0..decimal.digits.len() {
            let (low, digit, high) = (lower.at(index), decimal.at(index), upper.at(index));
            let down = low != digit || (inclusive && index + 1 == lower.digits.len());
            let up = digit != high && (inclusive || digit + 1 < high || index + 1 < upper.digits.len());
            match (down, up) {
                (true, true) => decimal.round(index + 1),
                (true, false) => decimal.round_down(index + 1),
                (false, true) => decimal.round_up(index + 1),
                (false, false) => continue,
            }
            break;
        }
        Some(decimal)
    }
}
