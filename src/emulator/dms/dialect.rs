//! Dialects: where clouds that run the same service answer differently. Without a dialect every form is taken, and
//! answers have the shapes that all clients can read.

use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use serde_json::json;

use super::errors::Refusal;
use super::errors::no_url;
use crate::emulator::exchange::Reply;

/// Whose cloud the emulator behaves like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dialect {
    /// Any form is taken.
    #[default]
    Any,
    /// As the API document of `SberCloud` says, with the shapes of its examples.
    Sbercloud,
    /// As the current client of Huawei Cloud expects.
    Huawei,
}

/// Refuses operations that a cloud does not have, by method and path behind the instance list.
pub(crate) fn refuses(dialect: Dialect, method: &str, rest: &[&str]) -> Option<Refusal> {
    let lacks = match dialect {
        Dialect::Any => false,
        Dialect::Sbercloud => matches!(
            (method, rest),
            ("POST", [_, "metadata", "batch-delete"] | [_, "messages"])
                | (
                    _,
                    [_, "auto-volume-expand" | "ces-hierarchy" | "scheduled-tasks" | "extend-check"]
                        | [_, "restart" | "diagnosis", ..]
                )
        ),
        Dialect::Huawei => matches!((method, rest), ("DELETE", [_, "metadata"])),
    };
    lacks.then(no_url)
}

/// Whether a cloud has something that belongs to the whole project.
pub(crate) fn has_project_wide(dialect: Dialect, what: &str) -> bool {
    dialect != Dialect::Sbercloud || !matches!(what, "recycle" | "quotas" | "cores" | "diagnosis")
}

/// Gives an answer the form of a cloud.
pub(crate) fn adapt(dialect: Dialect, method: &str, rest: &[&str], reply: Reply) -> Reply {
    if !reply.is_success() {
        return reply;
    }
    match dialect {
        Dialect::Any => reply,
        Dialect::Sbercloud => sbercloud(method, rest, reply),
        Dialect::Huawei => huawei(method, rest, reply),
    }
}

/// The examples of the document show single objects where its tables say lists, and bare lists where they say objects.
fn sbercloud(method: &str, rest: &[&str], reply: Reply) -> Reply {
    let Ok(mut body) = serde_json::from_slice::<Value>(&reply.body) else { return reply };
    match (method, rest) {
        ("GET", [_, "trace"]) => {
            let bare = body.get_mut("trace").map(Value::take).unwrap_or_default();
            Reply::json(reply.status, &bare)
        }
        ("POST", [_, "messages", "export"]) => Reply::json(reply.status, &alone(body)),
        ("GET", [_, "groups", _, "accesspolicy"]) => {
            replace(&mut body, "policies", alone);
            Reply::json(reply.status, &body)
        }
        ("GET", [_, "topics", _, "status"]) => {
            replace(&mut body, "brokers", alone);
            Reply::json(reply.status, &body)
        }
        ("GET", [_, "groups"]) => {
            for group in body.get_mut("groups").and_then(Value::as_array_mut).into_iter().flatten() {
                without(group, "created_at");
            }
            Reply::json(reply.status, &body)
        }
        _ => reply,
    }
}

/// The client takes several statuses for success; this cloud uses the rarer ones.
fn huawei(method: &str, rest: &[&str], reply: Reply) -> Reply {
    let status = match (method, rest) {
        ("POST", [_, "groups" | "metadata"]) => 201,
        ("POST", [_, "extend" | "plain-ssl-switch"]) => 202,
        ("DELETE", [_, "groups", _]) => return Reply::ok(&json!({})),
        _ => reply.status,
    };
    match (method, rest) {
        ("GET", [_, "groups"]) => {
            let Ok(mut body) = serde_json::from_slice::<Value>(&reply.body) else { return reply };
            for group in body.get_mut("groups").and_then(Value::as_array_mut).into_iter().flatten() {
                without(group, "createdAt");
            }
            Reply::json(status, &body)
        }
        _ => Reply { status, ..reply },
    }
}

/// A list of one as the one alone.
fn alone(value: Value) -> Value {
    match value {
        Value::Array(mut list) if list.len() == 1 => list.pop().unwrap_or_default(),
        other => other,
    }
}

fn replace(body: &mut Value, key: &str, change: fn(Value) -> Value) {
    if let Some(place) = body.get_mut(key) {
        let old = place.take();
        *place = change(old);
    }
}

fn without(object: &mut Value, key: &str) {
    if let Some(map) = object.as_object_mut() {
        map.remove(key);
    }
}
