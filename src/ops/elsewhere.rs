//! Objects that a plan would make and that another workspace manages already.

use crate::addr::Mode;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::plan::Action;
use crate::plan::Plan;
use crate::plan::object_type;
use crate::schema::Registry;
use crate::schema::ResourceKind;
use crate::schema::scope::identity;
use crate::state::State;

use super::place::Place;

/// No more workspaces than this are looked at.
const WORKSPACES: usize = 32;

/// Returns what is told of objects that would be made here and are managed by another workspace of the same place. Only
/// states on this machine are looked at: reading those of others would cost every plan calls.
pub(super) fn managed(place: &Place, registry: &Registry, plan: &Plan) -> Vec<Diagnostic> {
    let wanted: Vec<_> = plan
        .changes
        .iter()
        .filter(|change| change.action == Action::Create && change.addr.resource.mode == Mode::Managed)
        .filter_map(|change| {
            let schema = registry.resource(ResourceKind::Managed, &change.addr.resource.kind)?;
            // An id that the service gives tells nothing about an object that is not there yet.
            let id = if schema.has_server_id() { None } else { identity(&schema, change.after.as_ref()?) };
            Some((change, id?))
        })
        .collect();
    if wanted.is_empty() || place.backend().kind() != "local" {
        return Vec::new();
    }
    let names = place.backend().workspaces().unwrap_or_default();
    let others = names.into_iter().filter(|name| name != place.workspace()).take(WORKSPACES);
    let mut found = Vec::new();
    for name in others {
        // What cannot be read there does not concern this plan.
        let Ok(view) = place.of_workspace(&name).view() else { continue };
        let state = &view.recovered.state;
        for (change, id) in &wanted {
            let target = plan.targets.get(&change.provider).map(crate::plan::Target::identity);
            let Some(addr) = holder(state, registry, change, id, target.as_ref()) else { continue };
            let here = place.workspace();
            let (from, to) = (format!("'{addr}'"), format!("'{}'", change.addr));
            let addresses = if from == to { from } else { format!("{from} {to}") };
            found.push(
                Diagnostic::warning(
                    Code::LooksMoved,
                    format!("`{}` is managed by the workspace `{name}` already, as `{addr}`", change.addr),
                )
                .about(change.addr.clone())
                .detail(
                    "It would be made a second time, which the service refuses or takes for the same object.",
                )
                .hint(format!(
                    "move it here: `QF_WORKSPACE={name} queueform state mv --to-state={here} {addresses}`"
                )),
            );
        }
    }
    found
}

/// The address under which a state holds an object of the same identity and the same account.
fn holder(
    state: &State,
    registry: &Registry,
    change: &crate::plan::Change,
    id: &str,
    target: Option<&crate::state::Identity>,
) -> Option<crate::addr::InstanceAddr> {
    let kind = &change.addr.resource.kind;
    let schema = registry.resource(ResourceKind::Managed, kind)?;
    let mut known = state
        .resources
        .iter()
        .filter(|(addr, _)| addr.resource.mode == Mode::Managed && addr.resource.kind == *kind);
    let found = known.find(|(_, instance)| {
        let same_account = match (state.pins.get(&instance.provider), target) {
            (Some(one), Some(other)) => one == other,
            _ => true,
        };
        let value = instance.current.as_ref().and_then(|object| object.value(&object_type(&schema)).ok());
        same_account && value.is_some_and(|value| identity(&schema, &value).as_deref() == Some(id))
    });
    found.map(|(addr, _)| addr.clone())
}
