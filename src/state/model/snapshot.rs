//! The whole state.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use serde::Deserialize;
use serde::Serialize;

use crate::addr::InstanceAddr;
use crate::addr::ProviderAddr;
use crate::addr::ResourceAddr;

use super::CheckResult;
use super::Due;
use super::Identity;
use super::Instance;
use super::Object;
use super::ObjectRef;
use super::Output;
use super::Status;

/// Names a state for its whole life: a UUID given at its first write.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Lineage(pub Arc<str>);

impl Lineage {
    /// Returns a new random lineage.
    #[must_use]
    pub fn random() -> Self {
        Self(uuid::Uuid::new_v4().to_string().into())
    }
}

impl fmt::Display for Lineage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How much of a plan has been done; lets an interrupted `apply FILE` go on and refuses a second one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanProgress {
    /// The steps that are done.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub steps: BTreeSet<u32>,
    /// Whether all of it is done (the steps are forgotten then).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub complete: bool,
    /// The sequence number of the last record about it; the oldest plans are forgotten first.
    pub last: u64,
}

/// The state: what is known about remote objects between runs.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct State {
    /// Counts the contents written under one lineage.
    pub serial: u64,
    /// Names the state; empty until its first write.
    pub lineage: Lineage,
    /// The version of the tool that wrote it.
    pub written_by: Arc<str>,
    /// The outputs of the root module.
    pub outputs: BTreeMap<Arc<str>, Output>,
    /// The objects by address.
    pub resources: BTreeMap<InstanceAddr, Instance>,
    /// The results of conditions and checks of the last run.
    pub checks: Vec<CheckResult>,
    /// Where the objects of each provider configuration live.
    pub pins: BTreeMap<ProviderAddr, Identity>,
    /// How much of recent plans has been done, by plan id.
    pub plans: BTreeMap<Arc<str>, PlanProgress>,
    /// Runs of actions that were asked for and not made, by their ids.
    pub due: BTreeMap<Arc<str>, Due>,
    /// The sequence number of the last journal record that is part of this state.
    pub folded: u64,
}

impl State {
    /// Returns an empty state with a new lineage.
    #[must_use]
    pub fn empty() -> Self {
        Self { lineage: Lineage::random(), ..Self::default() }
    }

    /// Returns true if it holds neither objects nor outputs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.resources.is_empty() && self.outputs.is_empty()
    }

    /// Returns what is kept under an address.
    #[must_use]
    pub fn instance(&self, addr: &InstanceAddr) -> Option<&Instance> {
        self.resources.get(addr)
    }

    /// Returns one object.
    #[must_use]
    pub fn object(&self, target: &ObjectRef) -> Option<&Object> {
        self.resources.get(&target.addr)?.object(target.deposed.as_ref())
    }

    /// Returns one object to be changed.
    #[must_use]
    pub fn object_mut(&mut self, target: &ObjectRef) -> Option<&mut Object> {
        let instance = self.resources.get_mut(&target.addr)?;
        match &target.deposed {
            Some(key) => instance.deposed.get_mut(key),
            None => instance.current.as_mut(),
        }
    }

    /// Returns the instances of a resource in the order of their keys.
    pub fn instances<'s>(
        &'s self,
        resource: &'s ResourceAddr,
    ) -> impl Iterator<Item = (&'s InstanceAddr, &'s Instance)> {
        self.resources
            .range(resource.instance(None)..)
            .take_while(move |(addr, _)| addr.resource == *resource)
    }

    /// Returns all objects with their names, in order.
    pub fn objects(&self) -> impl Iterator<Item = (ObjectRef, &Instance, &Object)> {
        self.resources.iter().flat_map(|(addr, instance)| {
            instance.objects().map(move |(key, object)| {
                (ObjectRef { addr: addr.clone(), deposed: key.cloned() }, instance, object)
            })
        })
    }

    /// Returns the objects in use of which it is not known whether a call took effect.
    #[must_use]
    pub fn doubts(&self) -> BTreeSet<InstanceAddr> {
        let doubtful = |instance: &Instance| {
            instance.current.as_ref().is_some_and(|object| matches!(object.status, Status::InDoubt(_)))
        };
        let found = self.resources.iter().filter(|(_, instance)| doubtful(instance));
        found.map(|(addr, _)| addr.clone()).collect()
    }

    /// Puts an object in its place, with the provider configuration and schema it follows.
    pub fn put(&mut self, target: &ObjectRef, like: &Instance, object: Object) {
        let instance = self.resources.entry(target.addr.clone()).or_insert_with(|| {
            Instance::new(like.provider.clone(), like.schema_version, Arc::clone(&like.schema_digest))
        });
        if let Some(key) = &target.deposed {
            instance.deposed.insert(key.clone(), object);
        } else {
            instance.provider.clone_from(&like.provider);
            instance.schema_version = like.schema_version;
            instance.schema_digest = Arc::clone(&like.schema_digest);
            instance.current = Some(object);
        }
    }

    /// Moves everything kept under an address to another one, which must be free. What depended on the old
    /// resource depends on the new one as soon as nothing is left under the old one. Returns whether anything
    /// moved.
    pub fn relocate(&mut self, from: &InstanceAddr, to: &InstanceAddr) -> bool {
        if self.resources.contains_key(to) {
            return false;
        }
        let Some(instance) = self.resources.remove(from) else { return false };
        self.resources.insert(to.clone(), instance);
        self.due_moves(&BTreeMap::from([(from, to)]));
        self.dependents_follow(from, to);
        true
    }

    /// Moves everything kept under several addresses at once, so that an address may become free and be taken. Addresses
    /// under which nothing is kept are passed over.
    ///
    /// # Errors
    /// If a new address is taken by what does not move; it is returned, and nothing has moved.
    pub fn relocate_all(&mut self, pairs: &[(InstanceAddr, InstanceAddr)]) -> Result<(), InstanceAddr> {
        let leaving: BTreeMap<&InstanceAddr, &InstanceAddr> = pairs
            .iter()
            .filter(|(from, _)| self.resources.contains_key(from))
            .map(|(from, to)| (from, to))
            .collect();
        let mut arriving = BTreeSet::new();
        for to in leaving.values() {
            let is_taken = self.resources.contains_key(to) && !leaving.contains_key(to);
            if is_taken || !arriving.insert(*to) {
                return Err((*to).clone());
            }
        }
        let moved: Vec<(&InstanceAddr, Instance)> =
            leaving.iter().filter_map(|(from, to)| Some((*to, self.resources.remove(*from)?))).collect();
        for (to, instance) in moved {
            self.resources.insert(to.clone(), instance);
        }
        self.due_moves(&leaving);
        for (from, to) in &leaving {
            self.dependents_follow(from, to);
        }
        Ok(())
    }

    /// What is due because of an object that moved is due under its new address.
    fn due_moves(&mut self, moved: &BTreeMap<&InstanceAddr, &InstanceAddr>) {
        for due in self.due.values_mut() {
            for addr in [&mut due.by, &mut due.action] {
                if let Some(to) = moved.get(addr) {
                    *addr = (*to).clone();
                }
            }
        }
    }

    /// What depended on a resource of which nothing is left depends on the new one.
    fn dependents_follow(&mut self, from: &InstanceAddr, to: &InstanceAddr) {
        // Dependencies are on resources as declared.
        let (old, new) = (&from.resource.declared(), &to.resource.declared());
        if old != new && !self.has_declared(old) {
            let objects = self
                .resources
                .values_mut()
                .flat_map(|instance| instance.current.iter_mut().chain(instance.deposed.values_mut()));
            for dependency in objects.flat_map(|object| &mut object.dependencies) {
                if dependency == old {
                    dependency.clone_from(new);
                }
            }
        }
    }

    /// Whether there are objects of a resource in any instance of its module.
    fn has_declared(&self, declared: &ResourceAddr) -> bool {
        if declared.module.is_root() {
            return self.instances(declared).next().is_some();
        }
        self.resources.keys().any(|addr| declared.covers(&addr.resource))
    }

    /// Takes an object out; an address without objects disappears.
    pub fn remove(&mut self, target: &ObjectRef) -> Option<Object> {
        let instance = self.resources.get_mut(&target.addr)?;
        let object = match &target.deposed {
            Some(key) => instance.deposed.remove(key),
            None => instance.current.take(),
        };
        if target.deposed.is_none() {
            self.due.retain(|_, due| due.by != target.addr);
        }
        if instance.is_empty() {
            self.resources.remove(&target.addr);
        }
        object
    }
}
