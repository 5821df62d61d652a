//! The instances of a resource as expressions see them.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::addr::InstanceKey;
use crate::config::Repetition;
use crate::value::Type;
use crate::value::Value;

/// The instances of a resource as expressions see them.
#[derive(Debug, Clone)]
pub enum Instances {
    /// A resource without `count` or `for_each`.
    One(Value),
    /// A resource that is not enabled.
    Absent,
    /// A resource with `count`.
    Count(Vec<Value>),
    /// A resource with `for_each`.
    Each(BTreeMap<Arc<str>, Value>),
    /// Not known at all yet: every instance is an unknown object of this type.
    Unknown(Type),
}

impl Instances {
    /// Returns the keys of the instances; none if they are not known yet.
    #[must_use]
    pub fn keys(&self) -> Option<Vec<Option<InstanceKey>>> {
        match self {
            Self::One(_) | Self::Absent => Some(vec![None]),
            Self::Count(all) => {
                Some((0u64..).zip(all).map(|(index, _)| Some(InstanceKey::Int(index))).collect())
            }
            Self::Each(all) => Some(all.keys().map(|key| Some(InstanceKey::Str(Arc::clone(key)))).collect()),
            Self::Unknown(_) => None,
        }
    }

    /// Returns the instances that a block stands for, out of their values by key, in any order. A single object that
    /// is not there is not known yet; so are those of `count` behind a gap, which are left out.
    pub fn of(
        repetition: &Repetition,
        found: impl IntoIterator<Item = (Option<InstanceKey>, Value)>,
        ty: impl FnOnce() -> Type,
    ) -> Self {
        let mut found = found.into_iter();
        let keyless = |(key, value): (Option<InstanceKey>, Value)| key.is_none().then_some(value);
        match repetition {
            Repetition::One => found.find_map(keyless).map_or_else(|| Self::Unknown(ty()), Self::One),
            Repetition::Enabled(_) => found.find_map(keyless).map_or(Self::Absent, Self::One),
            Repetition::Count(_) => Self::counted(found),
            Repetition::ForEach(_) => Self::keyed(found),
        }
    }

    /// Returns the instances that there are, whatever a block says, out of their values by key.
    pub fn as_found(found: Vec<(Option<InstanceKey>, Value)>, ty: impl FnOnce() -> Type) -> Self {
        match found.first() {
            None => Self::Unknown(ty()),
            Some((None, value)) => Self::One(value.clone()),
            Some((Some(InstanceKey::Int(_)), _)) => {
                let by_index: BTreeMap<Option<InstanceKey>, Value> = found.into_iter().collect();
                Self::Count(by_index.into_values().collect())
            }
            Some((Some(InstanceKey::Str(_)), _)) => Self::keyed(found.into_iter()),
        }
    }

    fn counted(found: impl Iterator<Item = (Option<InstanceKey>, Value)>) -> Self {
        let mut by_index: BTreeMap<u64, Value> = found
            .filter_map(|(key, value)| match key {
                Some(InstanceKey::Int(index)) => Some((index, value)),
                _ => None,
            })
            .collect();
        Self::Count((0_u64..).map_while(|index| by_index.remove(&index)).collect())
    }

    fn keyed(found: impl Iterator<Item = (Option<InstanceKey>, Value)>) -> Self {
        Self::Each(
            found
                .filter_map(|(key, value)| match key {
                    Some(InstanceKey::Str(key)) => Some((key, value)),
                    _ => None,
                })
                .collect(),
        )
    }

    /// Returns one instance, if it is there.
    #[must_use]
    pub fn get(&self, key: Option<&InstanceKey>) -> Option<&Value> {
        match (self, key) {
            (Self::One(value), None) => Some(value),
            (Self::Count(list), Some(InstanceKey::Int(index))) => list.get(usize::try_from(*index).ok()?),
            (Self::Each(map), Some(InstanceKey::Str(key))) => map.get(key),
            _ => None,
        }
    }

    /// Replaces one instance, if it is there.
    pub fn set(&mut self, key: Option<&InstanceKey>, value: Value) {
        let place = match (self, key) {
            (Self::One(place), None) => Some(place),
            (Self::Count(list), Some(InstanceKey::Int(index))) => {
                usize::try_from(*index).ok().and_then(|index| list.get_mut(index))
            }
            (Self::Each(map), Some(InstanceKey::Str(key))) => map.get_mut(key),
            _ => None,
        };
        if let Some(place) = place {
            *place = value;
        }
    }

    /// Returns all instances as one value: the object, a tuple or an object by key.
    #[must_use]
    pub fn whole(&self) -> Value {
        match self {
            Self::One(value) => value.clone(),
            Self::Absent => Value::null(),
            Self::Count(list) => Value::tuple(list.iter().cloned()),
            Self::Each(map) => Value::object(map.iter().map(|(key, value)| (Arc::clone(key), value.clone()))),
            Self::Unknown(_) => Value::unknown(Type::Any),
        }
    }
}
