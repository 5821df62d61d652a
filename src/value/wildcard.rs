//! Patterns with `*`.

/// Tells whether a pattern, in which `*` stands for any run of characters, matches a whole text.
#[must_use]
pub fn matches_wildcard(pattern: &str, text: &str) -> bool {
    wildcards(pattern, text).is_some()
}

/// Returns what each `*` of a pattern stands for in a whole text that it matches; each stands for as little as it can.
#[must_use]
pub fn wildcards<'t>(pattern: &str, text: &'t str) -> Option<Vec<&'t str>> {
    let mut parts = pattern.split('*');
    let mut rest = text.strip_prefix(parts.next()?)?;
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty().then(Vec::new) };
    let mut found = Vec::with_capacity(parts.len() + 1);
    for part in parts {
        let (before, after) = rest.split_once(part)?;
        found.push(before);
        rest = after;
    }
    found.push(rest.strip_suffix(last)?);
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::matches_wildcard;
    use super::wildcards;

    #[test]
    fn what_stars_stand_for() {
        for (pattern, text, expected) in [
            ("t[\"*\"]", "t[\"orders\"]", Some(vec!["orders"])),
            ("a.*[\"*\"]", "a.b[\"c\"]", Some(vec!["b", "c"])),
            ("*", "", Some(vec![""])),
            ("a", "a", Some(vec![])),
            ("a*", "b", None),
        ] {
            assert_eq!(wildcards(pattern, text), expected, "{pattern} {text}");
        }
    }

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
