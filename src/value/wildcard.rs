//! Patterns with `*`.

/// Tells whether a pattern, in which `*` stands for any run of characters, matches a whole text.
#[must_use]
pub fn matches_wildcard(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::matches_wildcard;

    #[test]
    fn patterns_match_whole_texts() {
        for (pattern, text, expected) in [
            ("payments-*", "payments-orders", true),
            ("payments-*", "payments-", true),
            ("payments-*", "payment", false),
            ("*-dlq", "orders-dlq", true),
            ("*.NotFound", "Plan.NotFoundYet", false),
            ("*Throttling*", "Rejected.Throttling.User", true),
            ("*", "", true),
            ("a*b*c", "a1b2c", true),
            ("a*b*c", "a1b2", false),
            ("ab*ba", "aba", false),
            ("orders", "orders", true),
            ("orders", "orders2", false),
            ("*ü*", "grün", true),
            ("", "", true),
            ("", "x", false),
        ] {
            assert_eq!(matches_wildcard(pattern, text), expected, "{pattern} {text}");
        }
    }
}
