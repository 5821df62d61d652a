//! What faults make of an answer on its way: half of it, another one, or one of another time. Knows no system.

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use serde_json::Value;

use super::exchange::Reply;

/// Only the first part of the body, as a whole answer.
pub(crate) fn beginning(mut reply: Reply, percent: u8) -> Reply {
    let share = usize::from(percent.min(100));
    reply.body.truncate(reply.body.len().saturating_mul(share) / 100);
    reply
}

/// Another body in the same answer.
pub(crate) fn another(mut reply: Reply, body: &Value) -> Reply {
    reply.body = body.to_string().into_bytes();
    reply
}

/// Only the first half of the longest list in the body; totals and cursors stay as they are.
pub(crate) fn half_page(mut reply: Reply) -> Reply {
    if let Ok(mut body) = serde_json::from_slice::<Value>(&reply.body)
        && halve_longest(&mut body)
    {
        reply.body = body.to_string().into_bytes();
    }
    reply
}

/// Returns whether there was a list with anything in it.
fn halve_longest(body: &mut Value) -> bool {
    let longest = longest(body);
    longest > 0 && halve(body, longest)
}

/// The length of the longest list of objects or texts.
fn longest(value: &Value) -> usize {
    match value {
        // What is inside of items belongs to the items.
        Value::Array(items) => items.len(),
        Value::Object(fields) => fields.values().map(longest).max().unwrap_or(0),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

fn halve(value: &mut Value, length: usize) -> bool {
    match value {
        Value::Array(items) if items.len() == length => {
            items.truncate(length / 2);
            true
        }
        Value::Object(fields) => fields.values_mut().any(|field| halve(field, length)),
        Value::Array(_) | Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// A time as the header `Date` has it.
pub(crate) fn http_date(ms: i64) -> String {
    Timestamp::from_millisecond(ms)
        .ok()
        .and_then(|time| DateTimePrinter::new().timestamp_to_rfc9110_string(&time).ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn half_of_the_longest_list_is_left_and_the_total_stays() {
        let page = json!({ "total": 5, "few": [1], "data": { "list": [[1, 2], 2, 3, 4, 5] } });
        let half = half_page(Reply::ok(&page));
        let body: Value = serde_json::from_slice(&half.body).expect("JSON");
        assert_eq!(body, json!({ "total": 5, "few": [1], "data": { "list": [[1, 2], 2] } }));
        let nothing = Reply::ok(&json!({ "total": 0, "list": [] }));
        assert_eq!(half_page(nothing.clone()).body, nothing.body);
    }

    #[test]
    fn bodies_are_cut_and_replaced() {
        let reply = Reply::ok(&json!("0123456"));
        assert_eq!(beginning(reply.clone(), 50).body, b"\"012");
        assert_eq!(beginning(reply.clone(), 0).body, b"");
        assert_eq!(another(reply, &Value::Null).body, b"null");
        assert_eq!(http_date(784_111_777_000), "Sun, 06 Nov 1994 08:49:37 GMT");
    }
}
