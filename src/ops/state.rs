//! `state …`: looking at what is known of objects, and settling by hand what cannot be settled otherwise.

use std::sync::Arc;

use crate::addr::InstanceAddr;
use crate::addr::Target;
use crate::api::Stop;
use crate::apply::timestamp;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::diag::did_you_mean;
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
use crate::state::store::Ledger;

use super::place::Place;

/// Returns the objects of the state that a selection names; all of them for an empty one.
///
/// # Errors
/// If a part of the selection names nothing.
pub fn select<'s>(
    state: &'s State,
    selection: &[Target],
) -> Result<Vec<(ObjectRef, &'s Instance, &'s Object)>, Diagnostics> {
    let mut missing = Diagnostics::new();
    for target in selection {
        if !state.resources.keys().any(|addr| target.contains(addr)) {
            missing.push(not_there(state, &target.to_string()));
        }
    }
    if missing.has_errors() {
        return Err(missing);
    }
    Ok(state
        .objects()
        .filter(|(object, _, _)| {
            selection.is_empty() || selection.iter().any(|target| target.contains(&object.addr))
        })
        .collect())
}

fn not_there(state: &State, text: &str) -> Diagnostic {
    let names: Vec<String> = state.resources.keys().map(ToString::to_string).collect();
    Diagnostic::error(Code::InvalidTarget, format!("the state holds no object `{text}`")).hint(
        did_you_mean(text, names.iter().map(String::as_str))
            .unwrap_or_else(|| "`queueform state list` shows the addresses there are".to_owned()),
    )
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
    command: &str,
    registry: &Registry,
    addr: &InstanceAddr,
    resolution: &Resolution,
) -> Result<(), Diagnostics> {
    let ledger = place.open(command, &Stop::never())?.ledger;
    let target = ObjectRef::current(addr.clone());
    let state = ledger.state(Clone::clone);
    let Some(object) = state.object(&target) else {
        return Err(not_there(&state, &addr.to_string()).into());
    };
    let Some(intent) = object.status.intent() else {
        return Err(Diagnostic::error(Code::InDoubt, format!("`{addr}` is not in doubt"))
            .about(addr.clone())
            .hint("`queueform plan` shows what is to be done about it")
            .into());
    };
    let result = match resolution {
        Resolution::Absent if intent.action == Action::Create && intent.done.is_empty() => {
            OutcomeResult::Unchanged
        }
        Resolution::Absent => OutcomeResult::Gone,
        Resolution::Adopt(id) => OutcomeResult::Object(Box::new(adopted(registry, addr, object, id)?)),
    };
    let outcome = Outcome {
        intent: intent.sequence,
        target,
        result,
        step_done: false,
        at: timestamp(&crate::api::SystemClock::default()),
    };
    write(&ledger, vec![Record::Outcome(Box::new(outcome))])
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
    let ty = crate::plan::object_type(&schema);
    let stored = object.value(&ty).map_err(|error| unreadable(addr, &error.to_string()))?;
    let fields = known.fields().into_iter().flat_map(|fields| fields.iter());
    let given = fields
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| (Arc::clone(name), value.clone()));
    let value = crate::plan::mark_object(&crate::plan::with_attributes(&stored, given), &schema);
    let attributes = Attributes::encode(&value, &ty, Some(&object.attributes))
        .map_err(|error| unreadable(addr, &error.to_string()))?
        .or_digests_of(&object.attributes);
    Ok(Object { attributes, ..object.clone() }.with_status(Status::Ready))
}

fn unreadable(addr: &InstanceAddr, reason: &str) -> Diagnostics {
    Diagnostic::error(Code::StateCorrupt, format!("the state of `{addr}` cannot be read: {reason}")).into()
}

/// Lifts the protection that `prevent_destroy` left on an object.
///
/// # Errors
/// If there is no such object, or the state cannot be written.
pub fn unprotect(place: &Place, command: &str, addr: &InstanceAddr) -> Result<(), Diagnostics> {
    let ledger = place.open(command, &Stop::never())?.ledger;
    let target = ObjectRef::current(addr.clone());
    let state = ledger.state(Clone::clone);
    let (Some(instance), Some(object)) = (state.instance(addr), state.object(&target)) else {
        return Err(not_there(&state, &addr.to_string()).into());
    };
    let free = Object { prevent_destroy: false, ..object.clone() };
    write(&ledger, vec![Record::Put(Box::new(Put::new(target, instance, free)))])
}

fn write(ledger: &Ledger, records: Vec<Record>) -> Result<(), Diagnostics> {
    let written = ledger.append(records).wait().and_then(|()| ledger.commit());
    written.map_err(Diagnostic::from)?;
    Ok(())
}
