//! The state that a plan starts from: as it was found, where the plan says that it belongs.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::addr::InstanceAddr;
use crate::addr::Mode;
use crate::addr::ModuleInstance;
use crate::plan::Action;
use crate::plan::Change;
use crate::plan::Drift;
use crate::plan::Plan;
use crate::plan::PlanMode;
use crate::schema::Registry;
use crate::state::DeposedKey;
use crate::state::State;
use crate::value::Value;

use super::plan::planned_resource;
use super::plan::resource_head;
use super::shape::sensitive;
use super::shape::shown;
use super::state::Entry;
use super::state::entries;
use super::state::with_resources;
use super::tree;

/// What a plan says of objects of the state: where they are, and what they were found to be.
struct Found<'p> {
    addr: &'p InstanceAddr,
    /// Nothing if it is gone.
    value: Option<&'p Value>,
}

/// Returns the state that a plan starts from; nothing if it holds nothing.
///
/// Objects are as they were found and at the addresses they are moved to, imported ones are among them, and so are
/// data sources that were read. Outputs are those of the last run.
pub(super) fn of_plan(prior: &State, plan: &Plan, registry: &Registry) -> Option<Json> {
    let found = found(plan);
    // By address and deposed key: imported and moved objects stand among the others.
    let mut resources: BTreeMap<(InstanceAddr, Option<String>), Json> = BTreeMap::new();
    for Entry { target, mut fields } in entries(prior, registry) {
        let deposed = target.deposed.as_ref().map(DeposedKey::as_str);
        let addr = match found.get(&(&target.addr, deposed)) {
            Some(Found { value: None, .. }) => continue,
            Some(Found { addr, value: Some(value) }) => {
                for head in ["address", "module_address", "name", "index"] {
                    fields.remove(head);
                }
                fields.extend(resource_head(addr, None));
                fields.insert("values".to_owned(), shown(value));
                fields.insert("sensitive_values".to_owned(), sensitive(value));
                InstanceAddr::clone(addr)
            }
            None => target.addr.clone(),
        };
        resources.insert((addr, deposed.map(ToOwned::to_owned)), Json::Object(fields));
    }
    for change in &plan.changes {
        let imported = change.importing.is_some() && !prior.resources.contains_key(&change.addr);
        if let Some(before) = change.before.as_ref().filter(|_| imported) {
            let resource = planned_resource(change, before, registry);
            resources.insert((change.addr.clone(), None), resource);
        }
    }
    let data: Vec<(ModuleInstance, Json)> = plan
        .changes
        .iter()
        .filter(|change| change.addr.resource.mode == Mode::Data && change.action == Action::NoOp)
        .filter_map(|change| {
            let resource = planned_resource(change, change.before.as_ref()?, registry);
            Some((change.addr.resource.module.clone(), resource))
        })
        .collect();
    if prior.is_empty() && resources.is_empty() && data.is_empty() {
        return None;
    }
    let resources =
        resources.into_iter().map(|((addr, _), resource)| (addr.resource.module, resource)).collect();
    let mut document = with_resources(prior, resources);
    // The results of a plan stand beside it.
    if let Some(fields) = document.as_object_mut() {
        fields.remove("checks");
    }
    if !data.is_empty() {
        tree::add_first(&mut document, data);
    }
    Some(document)
}

/// Returns what was found of every object of the state, by where it was.
fn found(plan: &Plan) -> BTreeMap<(&InstanceAddr, Option<&str>), Found<'_>> {
    let drifted: BTreeMap<&InstanceAddr, &Drift> =
        plan.drift.iter().map(|drift| (&drift.addr, drift)).collect();
    let managed = |change: &&Change| change.addr.resource.mode == Mode::Managed;
    let mut found = BTreeMap::new();
    for change in plan.changes.iter().filter(managed) {
        let was = change.previous_addr.as_ref().unwrap_or(&change.addr);
        let drift = drifted.get(&change.addr).filter(|_| change.deposed.is_none());
        let value = match drift {
            // A plan that only refreshes has the state of the last run before, and what was found after.
            Some(drift) if plan.mode == PlanMode::RefreshOnly => drift.after.as_ref(),
            _ => change.before.as_ref(),
        };
        found.insert((was, change.deposed.as_deref()), Found { addr: &change.addr, value });
    }
    found
}
