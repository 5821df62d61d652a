//! What expressions see of a module outside of planning: the objects of a state, or those of a plan.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::addr::InstanceAddr;
use crate::addr::InstanceKey;
use crate::config::Module;
use crate::config::Repetition;
use crate::config::Resource;
use crate::config::ResourceId;
use crate::config::VariableValues;
use crate::plan::Plan;
use crate::plan::fill_secrets;
use crate::plan::mark_object;
use crate::plan::object_type;
use crate::plan::scope::Instances;
use crate::plan::scope::World;
use crate::schema::Registry;
use crate::schema::ResourceKind;
use crate::state::State;
use crate::syntax::ast::Name;
use crate::value::Marks;
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
            None => {
                let mut marks = Marks::NONE;
                if variable.sensitive {
                    marks |= Marks::SENSITIVE;
                }
                if variable.ephemeral {
                    marks |= Marks::EPHEMERAL;
                }
                Value::unknown(variable.ty.without_optional()).mark(marks)
            }
        };
        variables.insert(Arc::clone(name), value);
    }
    variables
}

/// Shows a world the objects of a state. Secrets that are not stored are taken from a plan, if there is one.
pub(super) fn show_state(
    world: &mut World<'_>,
    state: &State,
    registry: &Registry,
    plan: Option<&Plan>,
    missing: Missing,
) {
    let planned: BTreeMap<&InstanceAddr, &Value> = plan
        .iter()
        .flat_map(|plan| &plan.changes)
        .filter(|change| change.deposed.is_none())
        .filter_map(|change| Some((&change.addr, change.after.as_ref()?)))
        .collect();
    let mut all: BTreeMap<ResourceId, Found> = BTreeMap::new();
    for (target, _, object) in state.objects() {
        let addr = &target.addr;
        let kind = ResourceKind::of(addr.resource.mode);
        if target.deposed.is_none()
            && addr.resource.module.0.is_empty()
            && let Some(schema) = registry.resource(kind, &addr.resource.kind)
            && let Ok(value) = object.value(&object_type(&schema))
        {
            let mut value = mark_object(&value, &schema);
            if let Some(planned) = planned.get(addr) {
                value = fill_secrets(&value, planned);
            }
            all.entry(id_of(addr)).or_default().insert(addr.key.clone(), value);
        }
    }
    show(world, registry, all, missing);
}

/// Shows a world what the objects of a plan would be.
pub(super) fn show_plan(world: &mut World<'_>, plan: &Plan, registry: &Registry, missing: Missing) {
    let mut all: BTreeMap<ResourceId, Found> = BTreeMap::new();
    for change in &plan.changes {
        if change.deposed.is_none()
            && change.addr.resource.module.0.is_empty()
            && let Some(after) = &change.after
        {
            all.entry(id_of(&change.addr)).or_default().insert(change.addr.key.clone(), after.clone());
        }
    }
    show(world, registry, all, missing);
}

fn id_of(addr: &InstanceAddr) -> ResourceId {
    let resource = &addr.resource;
    ResourceId { mode: resource.mode, kind: Arc::clone(&resource.kind), name: Arc::clone(&resource.name) }
}

fn show(world: &mut World<'_>, registry: &Registry, mut all: BTreeMap<ResourceId, Found>, missing: Missing) {
    for (id, resource) in &world.module().resources {
        let found = all.remove(id).unwrap_or_default();
        let schema = registry.resource(ResourceKind::of(id.mode), &id.kind);
        let ty = schema.map_or(Type::Any, |schema| object_type(&schema));
        world.set_resource(id.clone(), instances(resource, found, ty, missing));
    }
}

fn instances(resource: &Resource, mut found: Found, ty: Type, missing: Missing) -> Instances {
    if found.is_empty() && missing == Missing::Unknown {
        return Instances::Unknown(ty);
    }
    match resource.repetition {
        Repetition::One => match found.remove(&None) {
            Some(value) => Instances::One(value),
            None => Instances::Unknown(ty),
        },
        Repetition::Count(_) => Instances::Count(found.into_values().collect()),
        Repetition::ForEach(_) => Instances::Each(
            found
                .into_iter()
                .filter_map(|(key, value)| match key {
                    Some(InstanceKey::Str(key)) => Some((key, value)),
                    _ => None,
                })
                .collect(),
        ),
    }
}
