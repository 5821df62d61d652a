//! How long ago messages last moved, as seen from the instant of the plan.

use crate::eval::functions::unix_millis;

use super::Last;

/// Returns a guard's message with the time since messages last moved: `12 unread; last message 3 minutes ago`.
/// `now` is an instant in RFC 3339.
#[must_use]
pub fn with_last(message: &str, last: Last, now: &str) -> String {
    let mut text = message.to_owned();
    let Some(now) = unix_millis(now) else { return text };
    for (what, at) in [("last message", last.written), ("last read", last.read)] {
        let Some(at) = at.filter(|at| *at > 0) else { continue };
        text.push_str("; ");
        text.push_str(what);
        text.push(' ');
        text.push_str(&ago(now.saturating_sub(at) / 1000));
    }
    text
}

/// `less than a minute ago`, `1 hour ago`. What lies ahead is a matter of clocks.
fn ago(seconds: i64) -> String {
    let (number, unit) = match seconds {
        ..60 => return "less than a minute ago".to_owned(),
        60..3600 => (seconds / 60, "minute"),
        3600..172_800 => (seconds / 3600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    let ending = if number == 1 { "" } else { "s" };
    format!("{number} {unit}{ending} ago")
}

#[cfg(test)]
mod tests {
    use super::Last;
    use super::with_last;

    #[test]
    fn times_are_told_from_the_instant_of_the_plan() {
        let now = "2026-05-01T12:00:00Z";
        let at = 1_777_636_800_000;
        for (before, expected) in [
            (-5_000, "less than a minute ago"),
            (59_999, "less than a minute ago"),
            (60_000, "1 minute ago"),
            (180_000, "3 minutes ago"),
            (3_600_000, "1 hour ago"),
            (47 * 3_600_000, "47 hours ago"),
            (48 * 3_600_000, "2 days ago"),
        ] {
            let last = Last { written: Some(at - before), read: None };
            assert_eq!(with_last("5 unread", last, now), format!("5 unread; last message {expected}"));
        }
        let both = Last { written: Some(at - 60_000), read: Some(at - 7_200_000) };
        assert_eq!(with_last("", both, now), "; last message 1 minute ago; last read 2 hours ago");
        assert_eq!(with_last("x", Last { written: Some(0), read: None }, now), "x");
        assert_eq!(with_last("x", both, "soon"), "x");
    }
}
