//! Which objects an expression read.

use std::collections::BTreeSet;

use crate::addr::InstanceAddr;
use crate::addr::ResourceAddr;

/// The objects that were read: single instances, or a resource as a whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Touched {
    /// Single instances.
    pub instances: BTreeSet<InstanceAddr>,
    /// Resources of which all instances were read.
    pub whole: BTreeSet<ResourceAddr>,
}

impl Touched {
    /// Adds everything of another record.
    pub fn extend(&mut self, other: &Self) {
        self.instances.extend(other.instances.iter().cloned());
        self.whole.extend(other.whole.iter().cloned());
    }

    /// Returns whether a resource was read, in whole or in part.
    #[must_use]
    pub fn has(&self, addr: &ResourceAddr) -> bool {
        let mut from = self.instances.range(addr.instance(None)..);
        self.whole.contains(addr) || from.next().is_some_and(|first| first.resource == *addr)
    }

    /// Returns every resource that was read, in whole or in part.
    #[must_use]
    pub fn resources(&self) -> BTreeSet<&ResourceAddr> {
        self.instances.iter().map(|addr| &addr.resource).chain(&self.whole).collect()
    }
}
