//! Powers and logarithms of floats.
//!
//! The last digit of such results depends on the algorithm, and it is visible in the language; these are the
//! steps that Terraform's results come from: repeated squaring, and the logarithm by a polynomial in
//! `(x - 1) / (x + 1)`.

use std::f64::consts::SQRT_2;

/// `x` to the power of `y`.
pub(super) fn power(x: f64, y: f64) -> f64 {
    #[expect(clippy::float_cmp, reason = "exactly one half has its own rule")]
    let is_special = y == 0.0 || y.abs() == 0.5 || x == 0.0 || !x.is_finite() || !y.is_finite();
    let (whole, mut fraction) = (y.abs().trunc(), y.abs().fract());
    if is_special || (fraction != 0.0 && x < 0.0) || whole >= 9_223_372_036_854_775_808.0 {
        return x.powf(y);
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range was checked")]
    let mut count = whole as u64;
    let (mut result, mut result_exponent) = (1.0_f64, 0_i64);
    if fraction != 0.0 {
        if fraction > 0.5 {
            fraction -= 1.0;
            count += 1;
        }
        result = (fraction * logarithm(x)).exp();
    }
    let (mut square, mut exponent) = split(x);
    while count != 0 {
        if exponent.abs() > 1 << 12 {
            // Out of every range already.
            result_exponent += exponent;
            break;
        }
        if count & 1 == 1 {
            result *= square;
            result_exponent += exponent;
        }
        square *= square;
        exponent <<= 1;
        if square.abs() < 0.5 {
            square += square;
            exponent -= 1;
        }
        count >>= 1;
    }
    if y < 0.0 {
        result = 1.0 / result;
        result_exponent = -result_exponent;
    }
    join(result, result_exponent)
}

/// The natural logarithm.
pub(super) fn logarithm(x: f64) -> f64 {
    const LN2_HIGH: f64 = 6.931_471_803_691_238e-1;
    const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    const L1: f64 = 6.666_666_666_666_735e-1;
    const L2: f64 = 3.999_999_999_940_942e-1;
    const L3: f64 = 2.857_142_874_366_239e-1;
    const L4: f64 = 2.222_219_843_214_978_4e-1;
    const L5: f64 = 1.818_357_216_161_805e-1;
    const L6: f64 = 1.531_383_769_920_937_3e-1;
    const L7: f64 = 1.479_819_860_511_658_6e-1;
    if x.is_nan() || x <= 0.0 || x.is_infinite() {
        return x.ln();
    }
    let (mut mantissa, mut exponent) = split(x);
    if mantissa < SQRT_2 / 2.0 {
        mantissa *= 2.0;
        exponent -= 1;
    }
    let f = mantissa - 1.0;
    #[expect(clippy::cast_precision_loss, reason = "exponents are small")]
    let k = exponent as f64;
    let s = f / (2.0 + f);
    let s2 = s * s;
    let s4 = s2 * s2;
    let odd = s2 * (L1 + s4 * (L3 + s4 * (L5 + s4 * L7)));
    let even = s4 * (L2 + s4 * (L4 + s4 * L6));
    let rest = odd + even;
    let half_square = 0.5 * f * f;
    k * LN2_HIGH - ((half_square - (s * (half_square + rest) + k * LN2_LOW)) - f)
}

/// Takes a finite number apart: a mantissa from 0.5 to below 1, and the power of two.
fn split(x: f64) -> (f64, i64) {
    const BIAS: i64 = 1022;
    if x == 0.0 {
        return (x, 0);
    }
    let (x, shift) = if x.is_normal() { (x, 0) } else { (x * 2f64.powi(52), -52) };
    let bits = x.to_bits();
    let exponent = i64::try_from((bits >> 52) & 0x7ff).unwrap_or(0) - BIAS;
    (f64::from_bits((bits & !(0x7ff << 52)) | (1022 << 52)), exponent + shift)
}

/// `mantissa * 2^exponent`, infinite or zero beyond the range.
fn join(mantissa: f64, exponent: i64) -> f64 {
    let mut result = mantissa;
    let mut rest = exponent.clamp(-4000, 4000);
    while rest != 0 {
        let step = rest.clamp(-1000, 1000);
        result *= 2f64.powi(i32::try_from(step).unwrap_or(0));
        rest -= step;
    }
    result
}
