//! `state mv --to-state`: objects that another state manages from now on.
//!
//! Two states cannot be written at one instant. The objects are first marked in the state that they leave, and protected,
//! so that no run of it deletes them meanwhile; then the other state takes them; then they are forgotten here. A run that
//! is killed in between loses nothing, and the same command finishes it.

use serde_json::Value as Json;
use serde_json::json;

use crate::addr::InstanceAddr;
use crate::addr::Pattern;
use crate::api::Stop;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::state::Instance;
use crate::state::Object;
use crate::state::ObjectRef;
use crate::state::State;
use crate::state::journal::Put;
use crate::state::journal::Record;

use super::super::place::Place;
use super::edit::unfinished;
use super::pairs;
use super::pairs::Moved;
use super::pairs::Rename;

/// Where an object that leaves says where it goes, and whether it was protected before.
const LEAVING: &str = "leaving";

/// What went from one state to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handed {
    /// The old and the new address of each object.
    pub moved: Vec<Moved>,
    /// The other state, as it is shown.
    pub to: String,
    /// Objects that an earlier run had taken there already.
    pub arrived: usize,
}

const COMMAND: &str = "queueform state mv --to-state";

/// Moves everything under addresses into another state: all of it, or nothing. Returns what moved (or, in a dry run,
/// would have).
///
/// # Errors
/// If there is nothing to move, the other state holds something else there or belongs to another account, or one of the
/// states cannot be read or written.
pub fn hand_over(
    place: &Place,
    to: &str,
    renames: &[Rename],
    dry_run: bool,
    stop: &Stop,
) -> Result<Handed, Diagnostics> {
    let other = place.other(to)?;
    let name = other.store()?.place();
    if name == place.store()?.place() {
        return Err(Diagnostic::error(Code::Usage, format!("`{to}` is the state that is worked on"))
            .hint("leave `--to-state` out to move objects within it")
            .into());
    }
    if dry_run {
        let (here, there) = (place.view()?.recovered.state, other.view()?.recovered.state);
        let plan = Handover::plan(&here, &there, renames, &name)?;
        return Ok(plan.handed(name));
    }
    let leaving = place.open(COMMAND, stop)?;
    let arriving = other.open(COMMAND, stop)?;
    let (here, there) = (&leaving.recovered.state, &arriving.recovered.state);
    let plan = Handover::plan(here, there, renames, &name)?;
    let marked = plan.moved.iter().flat_map(|(from, _)| objects(here, from, &|object| mark(object, &name)));
    let begin = std::iter::once(Record::Run(leaving.header())).chain(marked).collect();
    leaving.ledger.append(begin).wait().map_err(Diagnostic::from)?;
    let puts: Vec<Record> = plan.puts(here, there);
    if !puts.is_empty()
        && let Err(found) = arriving.record(puts)
    {
        // Nothing arrived: they stay as they were.
        let back = plan.moved.iter().flat_map(|(from, _)| objects(here, from, &|object| object));
        let mut all = Diagnostics::from(found);
        all.extend(leaving.end(back.collect(), "failed").err());
        return Err(all);
    }
    let gone = plan.moved.iter().flat_map(|(from, _)| refs(here, from)).map(Record::Forget);
    leaving.end(gone.collect(), "done")?;
    Ok(plan.handed(name))
}

/// What is to be moved.
struct Handover {
    moved: Vec<Moved>,
    /// Those that are in the other state already.
    arrived: Vec<InstanceAddr>,
}

impl Handover {
    fn plan(here: &State, there: &State, renames: &[Rename], name: &str) -> Result<Self, Diagnostics> {
        let mut wrong = Diagnostics::new();
        let mut moved: Vec<Moved> = Vec::new();
        for rename in renames {
            match pairs::one(here, rename) {
                Ok(found) => moved.extend(found),
                Err(found) => {
                    let is_there = rename
                        .to
                        .parse::<Pattern>()
                        .is_ok_and(|to| there.resources.keys().any(|addr| to.contains(addr)));
                    let hint =
                        is_there.then(|| format!("{name} holds `{}`: it has moved already", rename.to));
                    wrong.push(found.maybe_hint(hint));
                }
            }
        }
        let mut arrived = Vec::new();
        for (from, to) in &moved {
            wrong.extend(pairs::differs(from, to));
            wrong.extend(unfinished(here, from));
            let Some(instance) = here.instance(from) else { continue };
            match there.instance(to) {
                Some(known) if is_same(instance, known) => arrived.push(to.clone()),
                Some(_) => wrong.push(
                    Diagnostic::error(Code::AlreadyManaged, format!("`{to}` is there already, in {name}"))
                        .about(to.clone())
                        .hint("give it another address: `queueform state mv --to-state STATE FROM TO`"),
                ),
                None => {
                    let twin = there.resources.iter().find(|(_, known)| is_same(instance, known));
                    if let Some((twin, _)) = twin
                        && from.resource.mode == twin.resource.mode
                        && from.resource.kind == twin.resource.kind
                    {
                        wrong.push(
                            Diagnostic::error(
                                Code::AlreadyManaged,
                                format!("{name} manages the object of `{from}` already, as `{twin}`"),
                            )
                            .hint(format!("forget it here: `queueform state rm '{from}'`")),
                        );
                    }
                }
            }
            if let (Some(one), Some(other)) =
                (here.pins.get(&instance.provider), there.pins.get(&instance.provider))
                && one != other
            {
                wrong.push(
                    Diagnostic::error(
                        Code::Usage,
                        format!("`{}` of the two states points to different accounts", instance.provider),
                    )
                    .about(from.clone())
                    .hint("there the object would not be found, and would be made again"),
                );
            }
        }
        if wrong.is_empty() { Ok(Self { moved, arrived }) } else { Err(wrong) }
    }

    /// What the other state is told.
    fn puts(&self, here: &State, there: &State) -> Vec<Record> {
        let mut records = Vec::new();
        for (from, to) in &self.moved {
            let Some(instance) = here.instance(from).filter(|_| !self.arrived.contains(to)) else { continue };
            let provider = &instance.provider;
            let is_pinned = there.pins.contains_key(provider)
                || records
                    .iter()
                    .any(|record| matches!(record, Record::Pin { provider: known, .. } if known == provider));
            if let Some(identity) = here.pins.get(provider).filter(|_| !is_pinned) {
                records.push(Record::Pin { provider: provider.clone(), identity: identity.clone() });
            }
            for (key, object) in instance.objects() {
                let mut object = unmark(object.clone());
                // What it depends on may stay behind.
                object.dependencies = object
                    .dependencies
                    .iter()
                    .filter_map(|needed| {
                        let along = self.moved.iter().find(|(from, _)| from.resource.declared() == *needed);
                        match along {
                            Some((_, to)) => Some(to.resource.declared()),
                            None => {
                                let known =
                                    there.resources.keys().any(|addr| addr.resource.declared() == *needed);
                                known.then(|| needed.clone())
                            }
                        }
                    })
                    .collect();
                let target = ObjectRef { addr: to.clone(), deposed: key.cloned() };
                records.push(Record::Put(Box::new(Put::new(target, instance, object))));
            }
        }
        records
    }

    fn handed(self, to: String) -> Handed {
        Handed { moved: self.moved, to, arrived: self.arrived.len() }
    }
}

/// Whether two objects are the same remote one.
fn is_same(one: &Instance, other: &Instance) -> bool {
    let id = |instance: &Instance| instance.current.as_ref().and_then(|object| object.attributes.text("id"));
    match (id(one), id(other)) {
        (Some(one_id), Some(other_id)) => one_id == other_id && one.provider.name == other.provider.name,
        _ => false,
    }
}

fn refs(state: &State, addr: &InstanceAddr) -> Vec<ObjectRef> {
    let keys = state.instance(addr).into_iter().flat_map(Instance::objects);
    keys.map(|(key, _)| ObjectRef { addr: addr.clone(), deposed: key.cloned() }).collect()
}

fn objects(state: &State, addr: &InstanceAddr, change: &dyn Fn(Object) -> Object) -> Vec<Record> {
    let Some(instance) = state.instance(addr) else { return Vec::new() };
    let put = |(target, object)| Record::Put(Box::new(Put::new(target, instance, object)));
    let changed = instance.objects().map(|(key, object)| {
        put((ObjectRef { addr: addr.clone(), deposed: key.cloned() }, change(object.clone())))
    });
    changed.collect()
}

/// The object as it is kept while it leaves.
fn mark(mut object: Object, to: &str) -> Object {
    if !object.private.contains_key(LEAVING) {
        object.private.insert(LEAVING.to_owned(), json!({ "to": to, "protected": object.prevent_destroy }));
    }
    object.prevent_destroy = true;
    object
}

/// The object as it was before it began to leave.
fn unmark(mut object: Object) -> Object {
    if let Some(left) = object.private.remove(LEAVING) {
        object.prevent_destroy = left.get("protected").and_then(Json::as_bool).unwrap_or(true);
    }
    object
}
