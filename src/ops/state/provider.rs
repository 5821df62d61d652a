//! `state replace-provider`: objects under another configuration of their provider.

use crate::addr::InstanceAddr;
use crate::addr::ProviderAddr;
use crate::api::Stop;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::diag::did_you_mean;
use crate::state::State;
use crate::state::journal::Put;
use crate::state::journal::Record;

use super::super::place::Place;
use super::Selection;
use super::edit::change;
use super::edit::unfinished;

/// Puts objects under another provider configuration: those of the selection, or all. Returns which (or, in a dry run,
/// which it would be).
///
/// # Errors
/// If no object belongs to the first configuration, the second one is of another provider or account, an operation is
/// not finished, or the state cannot be written.
pub fn replace_provider(
    place: &Place,
    from: &ProviderAddr,
    to: &ProviderAddr,
    selection: &[Selection],
    dry_run: bool,
    stop: &Stop,
) -> Result<Vec<InstanceAddr>, Diagnostics> {
    if dry_run {
        return chosen(&place.view()?.recovered.state, from, to, selection);
    }
    let mut replaced = Vec::new();
    change(place, "queueform state replace-provider", stop, |state| {
        replaced = chosen(state, from, to, selection)?;
        let mut records = Vec::new();
        for (target, instance, object) in state.objects() {
            if replaced.contains(&target.addr) {
                let like = crate::state::Instance { provider: to.clone(), ..instance.clone() };
                records.push(Record::Put(Box::new(Put::new(target, &like, object.clone()))));
            }
        }
        if let (Some(identity), false) = (state.pins.get(from), state.pins.contains_key(to)) {
            records.push(Record::Pin { provider: to.clone(), identity: identity.clone() });
        }
        Ok(records)
    })?;
    Ok(replaced)
}

fn chosen(
    state: &State,
    from: &ProviderAddr,
    to: &ProviderAddr,
    selection: &[Selection],
) -> Result<Vec<InstanceAddr>, Diagnostics> {
    if from == to {
        return Err(Diagnostic::error(Code::Usage, format!("`{from}` cannot replace itself")).into());
    }
    if from.name != to.name {
        return Err(Diagnostic::error(
            Code::Usage,
            format!("`{to}` is not a configuration of the provider `{}`", from.name),
        )
        .detail("Its types are others, so that it could not read these objects.")
        .hint(format!("name another configuration of `{}`, such as `{}.west`", from.name, from.name))
        .into());
    }
    if let (Some(one), Some(other)) = (state.pins.get(from), state.pins.get(to))
        && one != other
    {
        return Err(Diagnostic::error(
            Code::Usage,
            format!("`{from}` and `{to}` point to different accounts"),
        )
        .detail("The objects would not be found there, and would be made again.")
        .hint("give the block the same account, region and project first")
        .into());
    }
    let found: Vec<InstanceAddr> = state
        .resources
        .iter()
        .filter(|(_, instance)| instance.provider == *from)
        .filter(|(addr, _)| selection.is_empty() || selection.iter().any(|one| one.contains(addr)))
        .map(|(addr, _)| addr.clone())
        .collect();
    if found.is_empty() {
        let mut names: Vec<String> =
            state.resources.values().map(|instance| instance.provider.to_string()).collect();
        names.sort_unstable();
        names.dedup();
        let guess = did_you_mean(&from.to_string(), names.iter().map(String::as_str));
        let known = if names.is_empty() {
            "the state is empty".to_owned()
        } else {
            format!("the state has objects of `{}`", names.join("`, `"))
        };
        return Err(Diagnostic::error(
            Code::InvalidTarget,
            format!("the state holds no such object of `{from}`"),
        )
        .hint(guess.unwrap_or(known))
        .into());
    }
    let wrong: Diagnostics = found.iter().filter_map(|addr| unfinished(state, addr)).collect();
    if wrong.is_empty() { Ok(found) } else { Err(wrong) }
}
