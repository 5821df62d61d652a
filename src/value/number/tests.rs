use super::Number;

fn number(text: &str) -> Number {
    Number::parse(text).unwrap()
}

#[test]
fn decimal_sums_round_as_512_bit_floats() {
    let sum = number("0.1").add(&number("0.2")).unwrap();
    assert_eq!(sum.to_string(), "0.3");
    let third = number("1").divide(&number("3")).unwrap();
    assert!(third.to_string().starts_with("0.33333333333333333333"));
    assert!(third.to_string().len() > 150);
    assert_eq!(third.multiply(&number("3")).unwrap().to_string(), "1");
}

#[test]
fn precision_decides_the_digits() {
    let power = Number::from_f64(3f64.powi(50)).unwrap();
    assert_eq!(power.to_string(), "717897987691852600000000");
    assert_eq!(power.add(&number("1")).unwrap().to_string(), "717897987691852578422785");
    let log = Number::from_f64(1000f64.ln() / 10f64.ln()).unwrap();
    assert_eq!(log.to_string(), "2.9999999999999996");
}

#[test]
fn zero_divisors() {
    assert_eq!(number("1").divide(&number("0")).unwrap().to_string(), "+Inf");
    assert_eq!(number("-1").divide(&number("0")).unwrap().to_string(), "-Inf");
    assert!(number("0").divide(&number("0")).is_none());
    assert_eq!(number("5").remainder(&number("0")).unwrap().to_string(), "5");
}

#[test]
fn remainder_takes_the_sign_of_the_dividend() {
    assert_eq!(number("-5").remainder(&number("3")).unwrap().to_string(), "-2");
    assert_eq!(number("5").remainder(&number("-3")).unwrap().to_string(), "2");
    assert_eq!(number("5.5").remainder(&number("2")).unwrap().to_string(), "1.5");
}

#[test]
fn negative_zero_is_kept() {
    assert_eq!(number("0").negate().to_string(), "-0");
    assert_eq!(number("-0").to_string(), "-0");
    assert_eq!(number("0").negate(), number("0"));
}

#[test]
fn floats_survive_the_way_through_f64() {
    for value in [0.1, 1e300, 5e-324, 2.2e-308, f64::MAX, f64::MIN_POSITIVE, 123_456.789, -0.5] {
        assert_eq!(Number::from_f64(value).unwrap().to_f64().to_bits(), value.to_bits(), "{value}");
        assert_eq!(number(&format!("{value:e}")).to_f64().to_bits(), value.to_bits(), "{value}");
    }
}

#[test]
fn malformed_texts_are_refused() {
    for text in ["", "-", ".", "1e", "1e+", "0x10", "1_000", " 1", "1 ", "--1", "1.2.3", "e5", "NaN", "½"] {
        assert!(Number::parse(text).is_err(), "{text:?}");
    }
    assert_eq!(number("1e3").to_string(), "1000");
    assert_eq!(number("-12.50").to_string(), "-12.5");
    assert_eq!(number("0.001e-3").to_string(), "0.000001");
}

#[test]
fn floor_and_ceil() {
    for (text, floor, ceil) in [("1.5", "1", "2"), ("-1.5", "-2", "-1"), ("4", "4", "4"), ("-0.2", "-1", "0")]
    {
        assert_eq!(number(text).floor().to_string(), floor);
        assert_eq!(number(text).ceil().to_string(), ceil);
    }
}

#[test]
fn other_bases() {
    assert_eq!(Number::parse_radix("ff", 16).unwrap().to_string(), "255");
    assert_eq!(Number::parse_radix("aA", 62).unwrap().to_string(), "656");
    assert!(Number::parse_radix("12", 2).is_none());
}

#[test]
fn powers_and_logarithms_have_the_known_last_digits() {
    assert_eq!(number("10").power(&number("23")).unwrap().to_string(), "100000000000000000000000");
    assert_eq!(number("2").power(&number("-1")).unwrap().to_string(), "0.5");
    assert_eq!(number("2").power(&number("0.25")).unwrap().to_f64().to_bits(), 2f64.powf(0.25).to_bits());
    assert_eq!(number("243").logarithm(&number("3")).unwrap().to_string(), "5");
    assert_eq!(number("1000").logarithm(&number("10")).unwrap().to_string(), "2.9999999999999996");
    assert!(number("-8").power(&number("0.3")).is_none());
    assert!(number("10").power(&number("5000")).unwrap().is_infinite());
}

/// The digits of very large and very small numbers are found without writing all of them out.
#[test]
fn huge_exponents_cost_little() {
    let shown = |text: &str| Number::parse(text).unwrap().to_string();
    for (text, expected) in [
        ("1e100000", format!("1{}", "0".repeat(100_000))),
        ("1.5e100000", format!("15{}", "0".repeat(99_999))),
        ("1e-100000", format!("0.{}1", "0".repeat(99_999))),
        ("-1e10000000", "-1e+10000000".to_owned()),
        ("1.25e-10000000", "1.25e-10000000".to_owned()),
        ("123456789e300000000", "1.23456789e+300000008".to_owned()),
    ] {
        assert!(shown(text) == expected, "{text}: {}", shown(text).chars().take(80).collect::<String>());
    }
    // Both ways of finding the digits agree where they meet.
    for power in [39_400_i64, 39_500, 39_460] {
        let text = format!("1.2345678901234567890123456789e{power}");
        assert!(shown(&text).starts_with("12345678901234567890123456789000"), "{power}");
    }
}
