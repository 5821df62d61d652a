//! Curves: how many messages were stored or read, by time.

use serde_json::Value;
use serde_json::json;

use super::envelope::Outcome;
use super::envelope::Refusal;
use super::groups;
use super::params::Params;
use super::topics;
use super::world::World;

/// Longest span: no curve has more points than this.
const POINTS: i64 = 10_000;

pub(super) fn input(world: &mut World, params: &Params) -> Outcome {
    let (iid, topic) = topics::meant(world, params)?;
    let times: Vec<i64> = world.space(&iid)?.messages_of(&topic).map(|message| message.stored_at).collect();
    curve(params, &format!("{topic} input"), &times)
}

/// What a group has read, at the times when it was stored.
pub(super) fn output(world: &mut World, params: &Params) -> Outcome {
    let (iid, topic) = topics::meant(world, params)?;
    let (_, group) = groups::meant(world, params)?;
    let space = world.space(&iid)?;
    let read =
        space.groups.get(&group).and_then(|group| group.progress.get(&topic)).map_or(0, |at| at.offset);
    let times: Vec<i64> = space
        .messages_of(&topic)
        .filter(|message| message.offset < read)
        .map(|message| message.stored_at)
        .collect();
    curve(params, &format!("{group} {topic} output"), &times)
}

fn curve(params: &Params, title: &str, times: &[i64]) -> Outcome {
    let span = params.span()?;
    let minutes = params.choice("period", &[1, 5, 10])?;
    let as_rate = params.choice("type", &[0, 1])? == 1;
    let step = minutes * 60_000;
    if (span.end - span.start) / step > POINTS {
        return Err(Refusal::field("endTime", "is too far from beginTime"));
    }
    let mut records: Vec<Value> = Vec::new();
    let mut from = span.start;
    while from < span.end {
        let to = (from + step).min(span.end);
        let count = times.iter().filter(|at| (from..to).contains(*at)).count();
        #[expect(clippy::cast_precision_loss, reason = "counts of messages and seconds are small")]
        let height = if as_rate { count as f64 / (step as f64 / 1000.0) } else { count as f64 };
        records.push(json!({ "x": from, "y": height }));
        from = to;
    }
    Ok(json!({ "title": title, "records": records }).into())
}
