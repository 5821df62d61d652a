//! Looking at single objects, and settling by hand what cannot be settled otherwise.

use std::sync::Arc;

use crate::addr::InstanceAddr;
use crate::addr::Target;
use crate::api::Stop;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::diag::did_you_mean;
use crate::plan::mark_object;
use crate::plan::object_type;
use crate::plan::with_attributes;
use crate::schema::Registry;
use crate::schema::ResourceKind;
use crate::schema::scope;
use crate::state::Action;
use crate::state::Attributes;
use crate::state::Instance;
use crate::state::Object;
use crate::state::ObjectRef;
use crate::state::State;
use crate::state::Status;
use crate::state::journal::Outcome;
use crate::state::journal::OutcomeResult;
use crate::state::journal::Put;
use crate::state::journal::Record;
use crate::state::store::Clock as _;
use crate::state::store::SystemClock;

use super::super::place::Place;
use super::Selection;

/// One line of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The object.
    pub target: ObjectRef,
    /// Its id, if it has one.
    pub id: Option<String>,
}

/// Lists the objects of a state that a selection names, all of them for an empty one, and of those only the one
/// with an id if that is given.
///
/// # Errors
/// If a part of the selection names nothing.
pub fn list(state: &State, selection: &[Selection], id: Option<&str>) -> Result<Vec<Listed>, Diagnostics> {
    let chosen = select(state, selection)?;
    Ok(chosen
        .into_iter()
        .map(|(target, _, object)| Listed { target, id: object.attributes.text("id") })
        .filter(|listed| id.is_none() || listed.id.as_deref() == id)
        .collect())
}

/// Returns the objects of a state that a selection names; all of them for an empty one.
///
/// # Errors
/// If a part of the selection names nothing.
pub fn select<'s>(
    state: &'s State,
    selection: &[Selection],
) -> Result<Vec<(ObjectRef, &'s Instance, &'s Object)>, Diagnostics> {
    let missing: Diagnostics = selection
        .iter()
        .filter(|one| !state.resources.keys().any(|addr| one.contains(addr)))
        .map(|one| not_there(state, &one.to_string()))
        .collect();
    if !missing.is_empty() {
        return Err(missing);
    }
    Ok(state
        .objects()
        .filter(|(object, _, _)| {
            selection.is_empty() || selection.iter().any(|one| one.contains(&object.addr))
        })
        .collect())
}

/// Returns everything that is kept under one address.
///
/// # Errors
/// If there is nothing.
pub fn find<'s>(state: &'s State, addr: &InstanceAddr) -> Result<&'s Instance, Diagnostic> {
    state.instance(addr).ok_or_else(|| not_there(state, &addr.to_string()))
}

pub(super) fn not_there(state: &State, text: &str) -> Diagnostic {
    let names: Vec<String> = state.resources.keys().map(ToString::to_string).collect();
    Diagnostic::error(Code::InvalidTarget, format!("the state holds no object `{text}`")).hint(
        did_you_mean(text, names.iter().map(String::as_str))
            .unwrap_or_else(|| "`queueform state list` shows the addresses there are".to_owned()),
    )
}

/// What is wrong with changing an object of which an operation is not finished.
pub(super) fn unfinished(state: &State, addr: &InstanceAddr) -> Option<Diagnostic> {
    let mut objects = state.instance(addr).into_iter().flat_map(Instance::objects);
    objects.any(|(_, object)| !matches!(object.status, Status::Ready | Status::Tainted)).then(|| {
        Diagnostic::error(Code::Pending, format!("an earlier operation on `{addr}` is not finished"))
            .about(addr.clone())
            .hint("run `queueform apply`, which takes it up, and do this then")
    })
}

/// How a doubt is settled by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolution {
    /// The object exists, under this id.
    Adopt(String),
    /// It does not exist.
    Absent,
}

/// Settles by hand whether an unfinished call took effect.
///
/// # Errors
/// If the object is not in doubt, the id is malformed, or the state cannot be written.
pub fn resolve(
    place: &Place,
    registry: &Registry,
    addr: &InstanceAddr,
    resolution: &Resolution,
    stop: &Stop,
) -> Result<(), Diagnostics> {
    change(place, "queueform state resolve", stop, |state| {
        let mut records = Vec::new();
        for (target, _, object) in select(state, &[Target::Instance(addr.clone()).into()])? {
            let Some(intent) = object.status.intent() else { continue };
            let result = match resolution {
                Resolution::Absent if intent.action == Action::Create && intent.done.is_empty() => {
                    OutcomeResult::Unchanged
                }
                Resolution::Absent => OutcomeResult::Gone,
                Resolution::Adopt(id) => {
                    OutcomeResult::Object(Box::new(adopted(registry, addr, object, id)?))
                }
            };
            let at = SystemClock::default().now();
            // What did not happen is still due, and what did makes other things due.
            let due = match resolution {
                Resolution::Adopt(_) => intent.due.clone(),
                Resolution::Absent => intent.serves.clone().into_iter().collect(),
            };
            let outcome =
                Outcome { intent: intent.sequence, target, result, step_done: false, due, failure: None, at };
            records.push(Record::Outcome(Box::new(outcome)));
        }
        if records.is_empty() {
            return Err(Diagnostic::error(Code::InDoubt, format!("`{addr}` is not in doubt"))
                .about(addr.clone())
                .hint("`queueform plan` shows what is to be done about it")
                .into());
        }
        Ok(records)
    })
}

/// The object under the id that it was found with.
fn adopted(
    registry: &Registry,
    addr: &InstanceAddr,
    object: &Object,
    id: &str,
) -> Result<Object, Diagnostics> {
    let kind = &addr.resource.kind;
    let Some(schema) = registry.resource(ResourceKind::Managed, kind) else {
        return Err(Diagnostic::error(Code::UnknownResourceType, format!("there is no type `{kind}`")).into());
    };
    let Some(known) = scope::from_identity(&schema, id) else {
        return Err(Diagnostic::error(Code::InvalidValue, format!("`{id}` is not an id of `{kind}`"))
            .hint(format!("its form is `{}`", schema.id_form()))
            .into());
    };
    let ty = object_type(&schema);
    let stored = object.value(&ty).map_err(|error| unreadable(addr, &error))?;
    let given: Vec<_> = known
        .fields()
        .into_iter()
        .flat_map(|fields| fields.iter())
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| (Arc::clone(name), value.clone()))
        .collect();
    let value = mark_object(&with_attributes(&stored, given), &schema);
    // Where secrets are not kept, they become digests when this is written.
    let attributes = Attributes::encode_kept(&value, &ty, Some(&object.attributes), &[])
        .map_err(|error| unreadable(addr, &error))?
        .or_secrets_of(&object.attributes);
    Ok(Object { attributes, ..object.clone() }.with_status(Status::Ready))
}

fn unreadable(addr: &InstanceAddr, reason: &dyn std::fmt::Display) -> Diagnostics {
    Diagnostic::error(Code::StateCorrupt, format!("the state of `{addr}` cannot be read: {reason}")).into()
}

/// Lifts the protection that `prevent_destroy` left on an object. Returns whether there was any.
///
/// # Errors
/// If there is no such object, or the state cannot be written.
pub fn unprotect(place: &Place, addr: &InstanceAddr, stop: &Stop) -> Result<bool, Diagnostics> {
    let mut lifted = false;
    change(place, "queueform state unprotect", stop, |state| {
        let chosen = select(state, &[Target::Instance(addr.clone()).into()])?;
        let records: Vec<Record> = chosen
            .into_iter()
            .filter(|(_, _, object)| object.prevent_destroy)
            .map(|(target, instance, object)| {
                let free = Object { prevent_destroy: false, ..object.clone() };
                Record::Put(Box::new(Put::new(target, instance, free)))
            })
            .collect();
        lifted = !records.is_empty();
        Ok(records)
    })?;
    Ok(lifted)
}

/// Lifts the protection of every object of a state.
///
/// # Errors
/// If the state cannot be written.
pub(in super::super) fn unprotect_all(place: &Place, command: &str, stop: &Stop) -> Result<(), Diagnostics> {
    change(place, command, stop, |state| {
        let protected = state.objects().filter(|(_, _, object)| object.prevent_destroy);
        Ok(protected
            .map(|(target, instance, object)| {
                let free = Object { prevent_destroy: false, ..object.clone() };
                Record::Put(Box::new(Put::new(target, instance, free)))
            })
            .collect())
    })
}

/// Forgets objects without touching them. Returns what was (or, in a dry run, would have been) forgotten.
///
/// # Errors
/// If a part of the selection names nothing, it is empty, or the state cannot be written.
pub fn remove(
    place: &Place,
    selection: &[Selection],
    dry_run: bool,
    stop: &Stop,
) -> Result<Vec<ObjectRef>, Diagnostics> {
    if selection.is_empty() {
        return Err(Diagnostic::error(Code::Usage, "name the objects to forget")
            .hint("`queueform state rm ADDRESS…`; `queueform state list` shows the addresses there are")
            .into());
    }
    if dry_run {
        let state = place.view()?.recovered.state;
        return Ok(select(&state, selection)?.into_iter().map(|(target, _, _)| target).collect());
    }
    let mut removed = Vec::new();
    change(place, "queueform state rm", stop, |state| {
        removed = select(state, selection)?.into_iter().map(|(target, _, _)| target).collect();
        Ok(removed.iter().cloned().map(Record::Forget).collect())
    })?;
    Ok(removed)
}

/// Marks an object as not usable, or takes the mark away. Returns whether that changed anything.
///
/// # Errors
/// If there is no such object, an earlier call for it is not finished, or the state cannot be written.
pub fn taint(place: &Place, addr: &InstanceAddr, tainted: bool, stop: &Stop) -> Result<bool, Diagnostics> {
    let mut changed = false;
    let command = if tainted { "queueform taint" } else { "queueform untaint" };
    change(place, command, stop, |state| {
        let target = ObjectRef::current(addr.clone());
        let instance = find(state, addr)?;
        let Some(object) = state.object(&target) else {
            return Err(not_there(state, &addr.to_string()).into());
        };
        let status = match &object.status {
            Status::Ready if tainted => Status::Tainted,
            Status::Tainted if !tainted => Status::Ready,
            Status::Ready | Status::Tainted => return Ok(Vec::new()),
            Status::Pending(_) | Status::Incomplete { .. } | Status::InDoubt(_) => {
                let summary = format!("an earlier operation on `{addr}` is not finished");
                return Err(Diagnostic::error(Code::Pending, summary)
                    .about(addr.clone())
                    .hint("run `queueform apply`, which takes it up")
                    .into());
            }
        };
        changed = true;
        let object = object.clone().with_status(status);
        Ok(vec![Record::Put(Box::new(Put::new(target, instance, object)))])
    })?;
    Ok(changed)
}

/// Opens a state, decides on its contents what to record, and records it as a run of its own.
pub(super) fn change(
    place: &Place,
    command: &str,
    stop: &Stop,
    decide: impl FnOnce(&State) -> Result<Vec<Record>, Diagnostics>,
) -> Result<(), Diagnostics> {
    let open = place.open(command, stop)?;
    let records = decide(&open.recovered.state)?;
    if records.is_empty() {
        return Ok(());
    }
    open.record(records).map_err(Diagnostics::from)
}
