//! Which objects an expression read.

use std::collections::BTreeSet;

use crate::addr::InstanceKey;
use crate::config::ResourceId;

/// The objects that were read: single instances, or a resource as a whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Touched {
    /// Single instances.
    pub instances: BTreeSet<(ResourceId, Option<InstanceKey>)>,
    /// Resources of which all instances were read.
    pub whole: BTreeSet<ResourceId>,
}

impl Touched {
    /// Adds everything of another record.
    pub fn extend(&mut self, other: &Self) {
        self.instances.extend(other.instances.iter().cloned());
        self.whole.extend(other.whole.iter().cloned());
    }

    /// Returns whether a resource was read, in whole or in part.
    #[must_use]
    pub fn has(&self, id: &ResourceId) -> bool {
        let mut from = self.instances.range((id.clone(), None)..);
        self.whole.contains(id) || from.next().is_some_and(|(first, _)| first == id)
    }

    /// Returns every resource that was read, in whole or in part.
    #[must_use]
    pub fn resources(&self) -> BTreeSet<&ResourceId> {
        self.instances.iter().map(|(id, _)| id).chain(&self.whole).collect()
    }
}
