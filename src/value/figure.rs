//! Figures as people read them.

/// Returns a whole number with its thousands apart: `18,204`. `digits` are its decimal digits.
#[must_use]
pub fn grouped_digits(digits: &str) -> String {
    let count = digits.chars().count();
    let mut text = String::with_capacity(count + count / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (count - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Returns a number with its thousands apart: `18,204`.
#[must_use]
pub fn grouped(number: u64) -> String {
    grouped_digits(&number.to_string())
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(
            ["0", "1", "999", "1,000", "18,204", "1,234,567"].map(str::to_owned),
            [0, 1, 999, 1000, 18204, 1_234_567].map(grouped)
        );
    }
}
