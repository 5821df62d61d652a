//! Control routes under `/_emulator/` that every system has. They need no authentication.

use serde_json::Value;
use serde_json::json;

use super::calls::CallFilter;
use super::exchange::Call;
use super::exchange::Reply;
use super::faults::FaultRule;
use super::faults::RateLimit;
use super::host::Host;
use super::host::guard;

pub(crate) fn answer(host: &Host, call: &Call) -> Reply {
    let segments = call.segment_refs();
    let route = segments.get(1..).unwrap_or_default();
    match (call.method.as_str(), route) {
        ("GET", [] | ["status"]) => Reply::ok(&json!(host.service.figures())),
        ("GET", ["calls"]) => calls(host, call),
        ("DELETE", ["calls"]) => {
            guard(&host.calls).clear();
            Reply::empty(204)
        }
        ("GET", ["creates"]) => Reply::ok(&json!(guard(&host.calls).creates())),
        ("GET", ["faults"]) => Reply::ok(&list_faults(host)),
        ("POST", ["faults"]) => add_faults(host, call),
        ("DELETE", ["faults"]) => {
            guard(&host.faults).clear();
            host.service.end_stale_reads();
            Reply::empty(204)
        }
        ("DELETE", ["faults", id]) => {
            let removed = id.parse().is_ok_and(|id| guard(&host.faults).remove(id));
            Reply::empty(if removed { 204 } else { 404 })
        }
        ("PUT", ["rate"]) => match body::<RateLimit>(call) {
            Ok(limit) if limit.requests_per_second > 0.0 => {
                guard(&host.faults).set_limit(Some(limit));
                Reply::empty(204)
            }
            Ok(_) => {
                guard(&host.faults).set_limit(None);
                Reply::empty(204)
            }
            Err(reply) => reply,
        },
        ("DELETE", ["rate"]) => {
            guard(&host.faults).set_limit(None);
            Reply::empty(204)
        }
        ("PUT", ["lanes"]) => match body::<Value>(call) {
            Ok(value) => {
                let width = value.get("width").and_then(Value::as_u64).unwrap_or(0);
                host.set_lane_width(usize::try_from(width).unwrap_or(usize::MAX));
                Reply::empty(204)
            }
            Err(reply) => reply,
        },
        ("POST", ["reset"]) => {
            host.service.reset();
            host.service.end_stale_reads();
            guard(&host.faults).clear();
            guard(&host.calls).clear();
            host.set_lane_width(0);
            Reply::empty(204)
        }
        _ => host.service.control(call).unwrap_or_else(|| refusal(404, "no such control route")),
    }
}

fn calls(host: &Host, call: &Call) -> Reply {
    let filter = CallFilter {
        method: call.query("method").map(str::to_ascii_uppercase),
        path: call.query("path").map(str::to_owned),
        status: call.query("status").and_then(|text| text.parse().ok()),
        after: call.query("after").and_then(|text| text.parse().ok()).unwrap_or(0),
        mutating: call.query("mutating") == Some("true"),
    };
    let found = guard(&host.calls).matching(&filter);
    Reply::ok(&json!({ "total": found.len(), "calls": found }))
}

fn list_faults(host: &Host) -> Value {
    let rows: Vec<Value> = guard(&host.faults)
        .list()
        .into_iter()
        .map(|(id, rule, seen, hits)| json!({ "id": id, "rule": rule, "seen": seen, "hits": hits }))
        .collect();
    json!({ "faults": rows })
}

fn add_faults(host: &Host, call: &Call) -> Reply {
    let rules = match body::<Value>(call) {
        Ok(Value::Array(rules)) => rules,
        Ok(rule) => vec![rule],
        Err(reply) => return reply,
    };
    let rules: Result<Vec<FaultRule>, _> = rules.into_iter().map(serde_json::from_value).collect();
    match rules {
        Ok(rules) => {
            let mut faults = guard(&host.faults);
            let ids: Vec<u64> = rules.into_iter().map(|rule| faults.add(rule)).collect();
            Reply::ok(&json!({ "ids": ids }))
        }
        Err(error) => refusal(400, &error.to_string()),
    }
}

/// Reads the JSON body of a control call.
pub(crate) fn body<T: serde::de::DeserializeOwned>(call: &Call) -> Result<T, Reply> {
    let bytes: &[u8] = if call.body.is_empty() { b"{}" } else { &call.body };
    serde_json::from_slice(bytes).map_err(|error| refusal(400, &error.to_string()))
}

/// The error shape of control routes.
pub(crate) fn refusal(status: u16, message: &str) -> Reply {
    Reply::json(status, &json!({ "error": message }))
}
