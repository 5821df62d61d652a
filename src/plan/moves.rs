//! Moves: objects of the state under the addresses that the configuration gives them now.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::addr::InstanceAddr;
use crate::addr::InstanceKey;
use crate::addr::Mode;
use crate::addr::ModuleInstance;
use crate::addr::ModulePath;
use crate::addr::ResourceAddr;
use crate::config::Config;
use crate::config::MovedAddresses;
use crate::config::Repetition;
use crate::state::State;

/// A state whose objects have moved.
#[derive(Debug, Clone, Default)]
pub(super) struct Moves {
    /// The state after all moves; none if nothing moved.
    pub state: Option<State>,
    /// Where each object that moved was before, by its new address.
    pub done: BTreeMap<InstanceAddr, InstanceAddr>,
    /// Objects that could not move because another one is at the new address: from and to.
    pub blocked: BTreeMap<InstanceAddr, InstanceAddr>,
}

/// A move, and the module its addresses are relative to.
#[derive(Debug, Clone)]
struct Statement {
    within: ModulePath,
    addresses: MovedAddresses,
}

/// Follows the moves of a configuration, declared and implied ones.
pub(super) fn follow(config: &Config, state: &State) -> Moves {
    let mut moves = Moves::default();
    let declared: Vec<Statement> = config
        .all_modules()
        .flat_map(|module| {
            module
                .moved
                .iter()
                .map(|moved| Statement { within: module.path.clone(), addresses: moved.addresses.clone() })
        })
        .collect();
    for statement in in_order(&declared) {
        moves.follow(statement, state);
    }
    let implied = implied(config, &declared, moves.state.as_ref().unwrap_or(state));
    for statement in &implied {
        moves.follow(statement, state);
    }
    moves
}

impl Statement {
    /// A statement about addresses of the root module.
    fn root(addresses: MovedAddresses) -> Self {
        Self { within: ModulePath::root(), addresses }
    }

    /// Returns where an object goes, if the statement speaks of it.
    fn destination(&self, addr: &InstanceAddr) -> Option<InstanceAddr> {
        let inner = addr.within(&self.within)?;
        let moved = match &self.addresses {
            MovedAddresses::Resource { from, to } => {
                (inner.resource == *from).then(|| to.instance(inner.key.clone()))?
            }
            MovedAddresses::Instance { from, to } => (inner == *from).then(|| to.clone())?,
            MovedAddresses::Module { from, to } => {
                let (last, before) = from.0.split_last()?;
                let module = &inner.resource.module.0;
                let (name, key) = module.get(before.len())?;
                if !module.starts_with(before) || *name != last.0 {
                    return None;
                }
                let (new, above) = to.0.split_last()?;
                let rest = module.iter().skip(before.len() + 1);
                let path = above
                    .iter()
                    .chain([&(std::sync::Arc::clone(&new.0), key.clone())])
                    .chain(rest)
                    .cloned()
                    .collect();
                in_module(&inner, ModuleInstance(path))
            }
            MovedAddresses::ModuleInstance { from, to } => {
                let module = &inner.resource.module.0;
                if !module.starts_with(&from.0) {
                    return None;
                }
                let rest = module.iter().skip(from.0.len());
                in_module(&inner, ModuleInstance(to.0.iter().chain(rest).cloned().collect()))
            }
        };
        let around = addr.resource.module.0.iter().take(self.within.0.len());
        let path = around.chain(&moved.resource.module.0).cloned().collect();
        Some(in_module(&moved, ModuleInstance(path)))
    }

    /// The area of the old or of the new address, without keys.
    fn area(&self, new: bool) -> Area {
        let absolute = |module: &ModuleInstance| {
            ModuleInstance(self.within.unkeyed().0.into_iter().chain(module.unkeyed().0).collect())
        };
        match &self.addresses {
            MovedAddresses::Resource { from, to } => {
                let addr = if new { to } else { from };
                Area::Resource(ResourceAddr { module: absolute(&addr.module), ..addr.clone() })
            }
            MovedAddresses::Instance { from, to } => {
                let addr = if new { to } else { from };
                let resource = &addr.resource;
                let resource = ResourceAddr { module: absolute(&resource.module), ..resource.clone() };
                Area::Instance(resource, addr.key.clone())
            }
            MovedAddresses::Module { from, to } | MovedAddresses::ModuleInstance { from, to } => {
                Area::Module(absolute(if new { to } else { from }))
            }
        }
    }
}

/// What an address stands for.
#[derive(Debug, PartialEq, Eq)]
enum Area {
    /// A resource with all its instances.
    Resource(ResourceAddr),
    /// One instance.
    Instance(ResourceAddr, Option<InstanceKey>),
    Module(ModuleInstance),
}

impl Area {
    fn meets(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Instance(one, key), Self::Instance(other, other_key)) => one == other && key == other_key,
            (
                Self::Resource(one) | Self::Instance(one, _),
                Self::Resource(other) | Self::Instance(other, _),
            ) => one == other,
            (Self::Module(module), Self::Resource(resource) | Self::Instance(resource, _))
            | (Self::Resource(resource) | Self::Instance(resource, _), Self::Module(module)) => {
                module.covers(&resource.module)
            }
            (Self::Module(one), Self::Module(other)) => one.covers(other) || other.covers(one),
        }
    }
}

fn in_module(addr: &InstanceAddr, module: ModuleInstance) -> InstanceAddr {
    ResourceAddr { module, ..addr.resource.clone() }.instance(addr.key.clone())
}

impl Moves {
    fn follow(&mut self, statement: &Statement, original: &State) {
        let now = self.state.as_ref().unwrap_or(original);
        let pairs: Vec<(InstanceAddr, InstanceAddr)> = match &statement.addresses {
            MovedAddresses::Resource { from, to } if statement.within.is_root() => {
                let pairs =
                    now.instances(from).map(|(addr, _)| (addr.clone(), to.instance(addr.key.clone())));
                pairs.collect()
            }
            MovedAddresses::Instance { from, to } if statement.within.is_root() => {
                now.instance(from).map(|_| (from.clone(), to.clone())).into_iter().collect()
            }
            _ => {
                let places = now.resources.keys();
                places.filter_map(|addr| Some((addr.clone(), statement.destination(addr)?))).collect()
            }
        };
        // Two resources cannot become one.
        let taken: BTreeSet<ResourceAddr> = match &statement.addresses {
            MovedAddresses::Resource { .. } => pairs
                .iter()
                .map(|(_, to)| &to.resource)
                .filter(|to| now.instances(to).next().is_some())
                .cloned()
                .collect(),
            _ => BTreeSet::new(),
        };
        for (from, to) in pairs {
            let now = self.state.as_ref().unwrap_or(original);
            if taken.contains(&to.resource) || now.instance(&to).is_some() {
                self.blocked.insert(from, to);
                continue;
            }
            let state = self.state.get_or_insert_with(|| original.clone());
            if state.relocate(&from, &to) {
                let first = self.done.remove(&from).unwrap_or(from);
                self.done.insert(to, first);
            }
        }
    }
}

/// Puts moves that lead to where another one starts before that one.
fn in_order(statements: &[Statement]) -> Vec<&Statement> {
    let areas: Vec<(Area, Area)> =
        statements.iter().map(|statement| (statement.area(false), statement.area(true))).collect();
    // Moves of resources are found by where they end; the few of modules are compared with all.
    let mut ending: BTreeMap<&ResourceAddr, Vec<usize>> = BTreeMap::new();
    let mut modules: Vec<usize> = Vec::new();
    for (index, (_, to)) in areas.iter().enumerate() {
        match to {
            Area::Resource(addr) | Area::Instance(addr, _) => ending.entry(addr).or_default().push(index),
            Area::Module(_) => modules.push(index),
        }
    }
    let before = |index: usize| -> Vec<usize> {
        let Some((from, _)) = areas.get(index) else { return Vec::new() };
        let leads =
            |other: &usize| *other != index && areas.get(*other).is_some_and(|(_, to)| to.meets(from));
        match from {
            Area::Resource(addr) | Area::Instance(addr, _) => {
                let candidates = ending.get(addr).into_iter().flatten().chain(&modules);
                candidates.copied().filter(leads).collect()
            }
            Area::Module(_) => (0..areas.len()).filter(leads).collect(),
        }
    };
    let mut order = Vec::with_capacity(statements.len());
    let mut seen = BTreeSet::new();
    for start in 0..statements.len() {
        // Each with those that come before it still to be looked at; circles are errors of the configuration, and
        // their order does not matter.
        let mut open = if seen.insert(start) { vec![(start, before(start))] } else { Vec::new() };
        while let Some((index, left)) = open.last_mut() {
            match left.pop() {
                Some(next) if seen.insert(next) => open.push((next, before(next))),
                Some(_) => {}
                None => {
                    order.extend(statements.get(*index));
                    open.pop();
                }
            }
        }
    }
    order
}

/// The moves that nobody has to declare: adding or removing `count` keeps the object without a key, or with the
/// key 0, unless a declared move is about the resource.
fn implied(config: &Config, declared: &[Statement], state: &State) -> Vec<Statement> {
    let spoken: BTreeSet<ResourceAddr> = declared
        .iter()
        .flat_map(|statement| [statement.area(false), statement.area(true)])
        .filter_map(|area| match area {
            Area::Resource(addr) | Area::Instance(addr, _) => Some(addr),
            Area::Module(_) => None,
        })
        .collect();
    let mut found = Vec::new();
    for from in state.resources.keys() {
        if from.resource.mode != Mode::Managed || !matches!(from.key, None | Some(InstanceKey::Int(0))) {
            continue;
        }
        let Some(block) = config.resource(&from.resource) else { continue };
        let key = match (&block.repetition, &from.key) {
            (Repetition::Count(_), None) => Some(InstanceKey::Int(0)),
            (Repetition::One | Repetition::Enabled(_), Some(_)) => None,
            _ => continue,
        };
        let to = from.resource.instance(key);
        if state.instance(&to).is_none() && !spoken.contains(&from.resource.declared()) {
            found.push(Statement::root(MovedAddresses::Instance { from: from.clone(), to }));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instance(text: &str) -> InstanceAddr {
        text.parse().unwrap()
    }

    fn state(names: &[&str]) -> State {
        let like = crate::state::Instance::new(crate::addr::ProviderAddr::default_of("a"), 1, "");
        let mut state = State::default();
        for name in names {
            state.put(
                &crate::state::ObjectRef::current(instance(name)),
                &like,
                crate::state::Object::default(),
            );
        }
        state
    }

    fn moves(of: &[(&str, &str)], names: &[&str]) -> Vec<String> {
        let statements: Vec<Statement> = of
            .iter()
            .map(|(from, to)| {
                let (from, to) = (instance(from), instance(to));
                Statement::root(if from.key.is_none() && to.key.is_none() {
                    MovedAddresses::Resource { from: from.resource, to: to.resource }
                } else {
                    MovedAddresses::Instance { from, to }
                })
            })
            .collect();
        let original = state(names);
        let mut moves = Moves::default();
        for statement in in_order(&statements) {
            moves.follow(statement, &original);
        }
        let done = moves.done.iter().map(|(to, from)| format!("{from} -> {to}"));
        done.chain(moves.blocked.iter().map(|(from, to)| format!("{from} blocked by {to}"))).collect()
    }

    #[test]
    fn chains_are_followed_whatever_their_order() {
        assert_eq!(moves(&[("a.b", "a.c"), ("a.a", "a.b")], &["a.a[0]"]), ["a.a[0] -> a.c[0]"]);
        assert_eq!(
            moves(&[("a.b[0]", "a.b[\"x\"]"), ("a.a", "a.b")], &["a.a[0]", "a.a[1]"]),
            ["a.a[1] -> a.b[1]", "a.a[0] -> a.b[\"x\"]"]
        );
    }

    #[test]
    fn what_is_taken_blocks() {
        assert_eq!(moves(&[("a.a", "a.b")], &["a.a", "a.b"]), ["a.a blocked by a.b"]);
        assert_eq!(moves(&[("a.a[0]", "a.a[1]")], &["a.a[0]", "a.a[1]"]), ["a.a[0] blocked by a.a[1]"]);
        assert_eq!(moves(&[("a.x", "a.y")], &["a.a"]), Vec::<String>::new());
    }

    #[test]
    fn dependencies_follow() {
        let mut state = state(&["a.a[0]", "a.a[1]", "a.d"]);
        let dependent = crate::state::ObjectRef::current(instance("a.d"));
        state.object_mut(&dependent).unwrap().dependencies = vec![instance("a.a").resource];
        assert!(state.relocate(&instance("a.a[0]"), &instance("a.b[0]")));
        assert_eq!(state.object(&dependent).unwrap().dependencies, [instance("a.a").resource]);
        assert!(state.relocate(&instance("a.a[1]"), &instance("a.b[1]")));
        assert_eq!(state.object(&dependent).unwrap().dependencies, [instance("a.b").resource]);
        assert!(!state.relocate(&instance("a.b[0]"), &instance("a.d")));
    }
}
