//! Worlds whose objects are kept in a log: every commit takes what has changed there.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde_json::Value;
use serde_json::json;

use super::clock;
use super::commit_log::Change;
use super::commit_log::CommitLog;
use super::commit_log::Ticket;

/// Where the log has the time and the last number.
const META: &str = "meta";

/// A world that can be kept.
pub(crate) trait Kept {
    /// What names one object.
    type Record: Ord;

    /// The log; none if the world is kept nowhere.
    fn log(&mut self) -> &mut Option<CommitLog>;

    /// Takes what has changed since the last commit.
    fn take_dirty(&mut self) -> BTreeSet<Self::Record>;

    /// Every object there is.
    fn everything(&self) -> Vec<Self::Record>;

    /// An object as the log has it.
    fn change(&self, record: &Self::Record) -> Change;

    /// Milliseconds of virtual time, and the last number of the sequence that orders everything.
    fn moment(&self) -> (i64, u64);
}

/// Commits what has changed; there is no ticket if nothing has, or if there is no directory to be durable in.
pub(crate) fn flush<W: Kept>(world: &mut W) -> Option<Ticket> {
    let dirty = world.take_dirty();
    if dirty.is_empty() || world.log().is_none() {
        return None;
    }
    let mut changes: Vec<Change> = vec![meta(world)];
    changes.extend(dirty.iter().map(|record| world.change(record)));
    let log = world.log().as_mut()?;
    let ticket = log.append(&changes);
    if log.wants_compaction() {
        let contents = contents(world);
        if let Some(log) = world.log() {
            log.compact(&contents);
        }
    }
    Some(ticket)
}

fn meta<W: Kept>(world: &W) -> Change {
    let (now, counter) = world.moment();
    (META.to_owned(), Some(json!({ "now": now, "counter": counter })))
}

fn contents<W: Kept>(world: &W) -> BTreeMap<String, Value> {
    let everything = world.everything();
    let changes = everything.iter().map(|record| world.change(record)).chain([meta(world)]);
    changes.filter_map(|(key, value)| Some((key, value?))).collect()
}

/// The time and the last number of a world that goes on; time has not stood still meanwhile.
pub(crate) fn resumed(contents: &BTreeMap<String, Value>) -> Option<(i64, u64)> {
    let meta = contents.get(META)?;
    let number = |key: &str| meta.get(key).and_then(Value::as_i64).unwrap_or(0);
    Some((number("now").max(clock::wall_ms()), u64::try_from(number("counter")).unwrap_or(0)))
}
