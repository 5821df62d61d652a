//! `state mv`: objects under other addresses.

use crate::addr::InstanceAddr;
use crate::addr::ModuleInstance;
use crate::addr::Target;
use crate::api::Stop;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::state::Instance;
use crate::state::State;
use crate::state::Status;
use crate::state::journal::Record;

use super::super::place::Place;
use super::edit::change;
use super::edit::not_there;

/// Moves everything under an address to another one: an instance, a resource with all its instances, or a module
/// with all its resources. Returns what moved (or, in a dry run, would have), from and to.
///
/// # Errors
/// If there is nothing to move, the new address is taken or of another type, or the state cannot be written.
pub fn relocate(
    place: &Place,
    from: &Target,
    to: &Target,
    dry_run: bool,
    stop: &Stop,
) -> Result<Vec<(InstanceAddr, InstanceAddr)>, Diagnostics> {
    if dry_run {
        return Ok(pairs(&place.view()?.recovered.state, from, to)?);
    }
    let mut moved = Vec::new();
    change(place, "queueform state mv", stop, |state| {
        moved = pairs(state, from, to)?;
        let records = moved.iter().map(|(from, to)| Record::Moved { from: from.clone(), to: to.clone() });
        Ok(records.collect())
    })?;
    Ok(moved)
}

fn pairs(state: &State, from: &Target, to: &Target) -> Result<Vec<(InstanceAddr, InstanceAddr)>, Diagnostic> {
    let pairs = renamed(state, from, to)?;
    if pairs.is_empty() {
        return Err(not_there(state, &from.to_string()));
    }
    for (old, new) in &pairs {
        if old == new {
            return Err(Diagnostic::error(Code::InvalidAddress, format!("`{old}` is where it is already")));
        }
        let (kind, other) = (&old.resource.kind, &new.resource.kind);
        if kind != other || old.resource.mode != new.resource.mode {
            return Err(Diagnostic::error(
                Code::InvalidAddress,
                format!("`{old}` cannot become `{new}`: they are of different types"),
            )
            .hint("an object keeps its type; use `state rm` and `import` to manage it as another one"));
        }
        if state.instance(new).is_some() {
            return Err(Diagnostic::error(Code::AlreadyManaged, format!("`{new}` is taken"))
                .about(new.clone())
                .hint(format!("move or forget what is there first: `queueform state rm '{new}'`")));
        }
        let unfinished = state.instance(old).into_iter().flat_map(Instance::objects);
        if unfinished.into_iter().any(|(_, object)| !matches!(object.status, Status::Ready | Status::Tainted))
        {
            return Err(Diagnostic::error(
                Code::Pending,
                format!("an earlier operation on `{old}` is not finished"),
            )
            .about(old.clone())
            .hint("run `queueform apply`, which takes it up, and move the object then"));
        }
    }
    Ok(pairs)
}

/// The addresses of what moves, old and new.
fn renamed(
    state: &State,
    from: &Target,
    to: &Target,
) -> Result<Vec<(InstanceAddr, InstanceAddr)>, Diagnostic> {
    let there = |addr: &InstanceAddr| state.instance(addr).is_some();
    match (from, to) {
        (Target::Module(from), Target::Module(to)) => {
            let inside = state.resources.keys().filter(|addr| addr.resource.module.0.starts_with(&from.0));
            Ok(inside.map(|addr| (addr.clone(), within(addr, from, to))).collect())
        }
        (Target::Module(_), _) | (_, Target::Module(_)) => Err(Diagnostic::error(
            Code::InvalidAddress,
            format!("`{from}` cannot become `{to}`: one is a module, the other is not"),
        )
        .hint("give two modules, two resources, or two instances")),
        (Target::Resource(from), Target::Resource(to)) => {
            if from != to
                && let Some((taken, _)) = state.instances(to).next()
            {
                return Err(Diagnostic::error(Code::AlreadyManaged, format!("`{taken}` is there already"))
                    .hint("two resources cannot become one; move single instances, as in `queueform state mv 'a.b[0]' 'a.c[1]'`"));
            }
            let all = state.instances(from).map(|(addr, _)| (addr.clone(), to.instance(addr.key.clone())));
            Ok(all.collect())
        }
        (Target::Instance(from), Target::Resource(to)) => {
            Ok(Some((from.clone(), to.instance(None))).filter(|(from, _)| there(from)).into_iter().collect())
        }
        (Target::Resource(from), Target::Instance(to)) => {
            let from = from.instance(None);
            Ok(Some((from, to.clone())).filter(|(from, _)| there(from)).into_iter().collect())
        }
        (Target::Instance(from), Target::Instance(to)) => {
            Ok(Some((from.clone(), to.clone())).filter(|(from, _)| there(from)).into_iter().collect())
        }
    }
}

fn within(addr: &InstanceAddr, from: &ModuleInstance, to: &ModuleInstance) -> InstanceAddr {
    let rest = addr.resource.module.0.iter().skip(from.0.len()).cloned();
    let mut moved = addr.clone();
    moved.resource.module = ModuleInstance(to.0.iter().cloned().chain(rest).collect());
    moved
}
