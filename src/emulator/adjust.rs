//! Control routes that every system has: its clock and its settings.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::json;

use super::clock::Clock;
use super::control::body;
use super::control::refusal;
use super::exchange::Call;
use super::exchange::Reply;

/// A world whose clock and settings can be changed.
pub(crate) trait Adjustable {
    /// The switches of the system.
    type Settings: Serialize + DeserializeOwned;

    /// Virtual time.
    fn clock(&mut self) -> &mut Clock;

    /// The switches.
    fn settings(&mut self) -> &mut Self::Settings;

    /// Ends what is due.
    fn settle(&mut self) {}
}

/// Answers a route of the clock or the settings; nothing for other routes.
pub(crate) fn answer<W: Adjustable>(
    world: &mut W,
    call: &Call,
    route: (&str, &[&str]),
) -> Option<Result<Reply, Reply>> {
    Some(match route {
        ("GET", ["clock"]) => Ok(shown(world)),
        ("PUT", ["clock"]) => set_clock(world, call),
        ("POST", ["clock", "advance"]) => advance(world, call),
        ("GET", ["settings"]) => Ok(Reply::ok(&json!(world.settings()))),
        ("PUT", ["settings"]) => set(world, call),
        _ => return None,
    })
}

fn shown<W: Adjustable>(world: &mut W) -> Reply {
    let clock = world.clock();
    Reply::ok(&json!({ "now_ms": clock.now_ms(), "clock": clock.mode() }))
}

fn set_clock<W: Adjustable>(world: &mut W, call: &Call) -> Result<Reply, Reply> {
    let mode = body(call)?;
    world.clock().set_mode(mode);
    Ok(shown(world))
}

#[derive(Deserialize)]
struct Advance {
    seconds: i64,
}

fn advance<W: Adjustable>(world: &mut W, call: &Call) -> Result<Reply, Reply> {
    let by: Advance = body(call)?;
    world.clock().advance_ms(by.seconds.saturating_mul(1000));
    world.settle();
    Ok(shown(world))
}

/// Settings that the body does not name stay as they are.
fn set<W: Adjustable>(world: &mut W, call: &Call) -> Result<Reply, Reply> {
    let changes: BTreeMap<String, Value> = body(call)?;
    let mut current = json!(world.settings());
    for (key, value) in changes {
        match current.as_object_mut().and_then(|map| map.get_mut(&key)) {
            Some(place) => *place = value,
            None => return Err(refusal(400, &format!("there is no setting {key}"))),
        }
    }
    *world.settings() = serde_json::from_value(current).map_err(|error| refusal(400, &error.to_string()))?;
    Ok(Reply::ok(&json!(world.settings())))
}
