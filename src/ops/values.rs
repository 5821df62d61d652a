//! What expressions see of a configuration outside of planning: the objects of a state, or those of a plan.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::addr::InstanceAddr;
use crate::addr::InstanceKey;
use crate::addr::Mode;
use crate::addr::ResourceAddr;
use crate::config::Module;
use crate::config::VariableValues;
use crate::graph::DependencyGraph;
use crate::graph::Item;
use crate::plan::Plan;
use crate::plan::expand;
use crate::plan::fill_secrets;
use crate::plan::mark_object;
use crate::plan::object_type;
use crate::plan::scope::CalledInstances;
use crate::plan::scope::Instances;
use crate::plan::scope::World;
use crate::schema::Registry;
use crate::schema::ResourceKind;
use crate::state::State;
use crate::syntax::ast::Name;
use crate::value::Type;
use crate::value::Value;

/// The instances of one resource by their key.
type Found = BTreeMap<Option<InstanceKey>, Value>;

/// What a resource without any instance is taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    /// Not known: it may not have been created yet.
    Unknown,
    /// There are none.
    None,
}

/// Returns the values of a module's variables; those without a value are not known.
pub(super) fn variables(module: &Module, values: &VariableValues) -> BTreeMap<Name, Value> {
    let mut variables = BTreeMap::new();
    for (name, variable) in &module.variables {
        let value = match values.values.get(name) {
            Some(found) => found.value.clone(),
            None => variable.unknown(),
        };
        variables.insert(Arc::clone(name), value);
    }
    variables
}

/// How a world is shown the objects there are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shown<'s> {
    /// The order in which modules and resources become known.
    pub graph: &'s DependencyGraph,
    /// The schemas of the objects.
    pub registry: &'s Registry,
    /// What a resource without any instance is taken for.
    pub missing: Missing,
}

impl Shown<'_> {
    /// Shows a world the objects of a state. Secrets that are not stored are taken from a plan, if there is one.
    pub(super) fn state(self, world: &mut World<'_>, state: &State, plan: Option<&Plan>) {
        let planned: BTreeMap<&InstanceAddr, &Value> = plan
            .iter()
            .flat_map(|plan| &plan.changes)
            .filter(|change| change.deposed.is_none())
            .filter_map(|change| Some((&change.addr, change.after.as_ref()?)))
            .collect();
        let mut all: BTreeMap<ResourceAddr, Found> = BTreeMap::new();
        for (target, _, object) in state.objects() {
            let addr = &target.addr;
            let kind = ResourceKind::of(addr.resource.mode);
            if target.deposed.is_none()
                && let Some(schema) = self.registry.resource(kind, &addr.resource.kind)
                && let Ok(value) = object.value(&object_type(&schema))
            {
                let mut value = mark_object(&value, &schema);
                if let Some(planned) = planned.get(addr) {
                    value = fill_secrets(&value, planned);
                }
                all.entry(addr.resource.clone()).or_default().insert(addr.key.clone(), value);
            }
        }
        // Data sources are not stored.
        for (addr, value) in planned.into_iter().filter(|(addr, _)| addr.resource.mode == Mode::Data) {
            all.entry(addr.resource.clone()).or_default().insert(addr.key.clone(), value.clone());
        }
        self.show(world, all);
    }

    /// Shows a world what the objects of a plan would be.
    pub(super) fn plan(self, world: &mut World<'_>, plan: &Plan) {
        let mut all: BTreeMap<ResourceAddr, Found> = BTreeMap::new();
        for change in &plan.changes {
            if change.deposed.is_none()
                && let Some(after) = &change.after
            {
                let found = all.entry(change.addr.resource.clone()).or_default();
                found.insert(change.addr.key.clone(), after.clone());
            }
        }
        self.show(world, all);
    }

    fn show(self, world: &mut World<'_>, mut all: BTreeMap<ResourceAddr, Found>) {
        let config = world.config();
        for node in self.graph.order() {
            for at in world.modules_of(&node.module) {
                match &node.item {
                    Item::Resource(id) => {
                        let addr = id.within(&at);
                        let Some(resource) = config.resource(&addr) else { continue };
                        let found = all.remove(&addr).unwrap_or_default();
                        let schema = self.registry.resource(ResourceKind::of(id.mode), &id.kind);
                        let ty = || schema.map_or(Type::Any, |schema| object_type(&schema));
                        let instances = if found.is_empty() && self.missing == Missing::Unknown {
                            Instances::Unknown(ty())
                        } else {
                            Instances::of(&resource.repetition, found, ty)
                        };
                        world.set_resource(&addr, instances);
                    }
                    Item::Call(name) => {
                        let Some(call) = config.call(&node.module.child(name)) else { continue };
                        // Instances that cannot be told yet are not there yet.
                        if let Ok(expansion) = expand(&call.repetition, world, &at) {
                            let instances = CalledInstances::of(&call.repetition, expansion.each);
                            world.open_call(&at, name, instances);
                        }
                    }
                    _ => {}
                }
            }
        }
    }
}
