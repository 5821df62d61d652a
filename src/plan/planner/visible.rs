//! What expressions see of the objects of a resource.

use crate::addr::ResourceAddr;
use crate::config::Resource;
use crate::value::Type;
use crate::value::Value;

use super::super::query::ObjectKey;
use super::super::scope::Each;
use super::super::scope::Instances;
use super::super::shape::object_type;
use super::Planner;

impl Planner<'_> {
    /// In destroy and refresh-only plans: makes the objects of a resource visible to expressions as they are.
    pub(super) fn show_resource(&mut self, addr: &ResourceAddr) {
        let Some(schema) = self.schema(addr.mode, &addr.kind) else { return };
        let first = ObjectKey { addr: addr.instance(None), deposed: None };
        let there = self.prior.range(first..).take_while(|(key, _)| key.addr.resource == *addr);
        let found = there.filter(|(key, _)| key.deposed.is_none());
        let found = found.filter_map(|(key, prior)| Some((key.addr.key.clone(), prior.found.clone()?)));
        let instances = Instances::as_found(found.collect(), || object_type(&schema));
        self.world.set_resource(addr, instances);
    }
}

/// The instances of a resource with their planned values.
pub(super) fn instances_of(resource: &Resource, values: Vec<(Each, Value)>) -> Instances {
    let values = values.into_iter().map(|(each, value)| (each.key(), value));
    Instances::of(&resource.repetition, values, || Type::Any)
}
