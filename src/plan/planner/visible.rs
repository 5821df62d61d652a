//! What expressions see of the objects of a resource.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::addr::InstanceKey;
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
        let mut one = None;
        let mut list: BTreeMap<u64, Value> = BTreeMap::new();
        let mut map: BTreeMap<Arc<str>, Value> = BTreeMap::new();
        let first = ObjectKey { addr: addr.instance(None), deposed: None };
        for (key, prior) in self.prior.range(first..).take_while(|(key, _)| key.addr.resource == *addr) {
            let Some(found) = prior.found.clone().filter(|_| key.deposed.is_none()) else { continue };
            match &key.addr.key {
                None => one = Some(found),
                Some(InstanceKey::Int(index)) => {
                    list.insert(*index, found);
                }
                Some(InstanceKey::Str(text)) => {
                    map.insert(Arc::clone(text), found);
                }
            }
        }
        let instances = if let Some(value) = one {
            Instances::One(value)
        } else if !list.is_empty() {
            Instances::Count(list.into_values().collect())
        } else if !map.is_empty() {
            Instances::Each(map)
        } else {
            Instances::Unknown(object_type(&schema))
        };
        self.world.set_resource(addr, instances);
    }
}

/// The instances of a resource with their planned values.
pub(super) fn instances_of(resource: &Resource, values: Vec<(Each, Value)>) -> Instances {
    match &resource.repetition {
        crate::config::Repetition::One => match values.into_iter().next() {
            Some((_, value)) => Instances::One(value),
            None => Instances::Unknown(Type::Any),
        },
        crate::config::Repetition::Enabled(_) => {
            values.into_iter().next().map_or(Instances::Absent, |(_, value)| Instances::One(value))
        }
        crate::config::Repetition::Count(_) => {
            Instances::Count(values.into_iter().map(|(_, value)| value).collect())
        }
        crate::config::Repetition::ForEach(_) => Instances::Each(
            values
                .into_iter()
                .filter_map(|(each, value)| match each {
                    Each::Pair(key, _) => Some((key, value)),
                    _ => None,
                })
                .collect(),
        ),
    }
}
