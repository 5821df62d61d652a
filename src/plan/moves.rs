//! Moves: objects of the state under the addresses that the configuration gives them now.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::addr::InstanceAddr;
use crate::addr::InstanceKey;
use crate::addr::Mode;
use crate::addr::ResourceAddr;
use crate::config::Module;
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

/// Follows the moves of a module, declared and implied ones.
pub(super) fn follow(module: &Module, state: &State) -> Moves {
    let mut moves = Moves::default();
    let declared: Vec<&MovedAddresses> = module.moved.iter().map(|moved| &moved.addresses).collect();
    for statement in in_order(&declared) {
        moves.follow(statement, state);
    }
    let implied = implied(module, &declared, moves.state.as_ref().unwrap_or(state));
    for statement in &implied {
        moves.follow(statement, state);
    }
    moves
}

impl Moves {
    fn follow(&mut self, statement: &MovedAddresses, original: &State) {
        let now = self.state.as_ref().unwrap_or(original);
        let pairs: Vec<(InstanceAddr, InstanceAddr)> = match statement {
            MovedAddresses::Resource { from, to } => {
                let pairs =
                    now.instances(from).map(|(addr, _)| (addr.clone(), to.instance(addr.key.clone())));
                let pairs = pairs.collect();
                if now.instances(to).next().is_some() {
                    // Two resources cannot become one.
                    self.blocked.extend(pairs);
                    return;
                }
                pairs
            }
            MovedAddresses::Instance { from, to } => {
                if now.instance(from).is_none() {
                    return;
                }
                if now.instance(to).is_some() {
                    self.blocked.insert(from.clone(), to.clone());
                    return;
                }
                vec![(from.clone(), to.clone())]
            }
        };
        for (from, to) in pairs {
            let state = self.state.get_or_insert_with(|| original.clone());
            if state.relocate(&from, &to) {
                let first = self.done.remove(&from).unwrap_or(from);
                self.done.insert(to, first);
            }
        }
    }
}

/// Puts moves that lead to where another one starts before that one.
fn in_order<'m>(statements: &[&'m MovedAddresses]) -> Vec<&'m MovedAddresses> {
    let mut ending: BTreeMap<&ResourceAddr, Vec<usize>> = BTreeMap::new();
    for (index, statement) in statements.iter().enumerate() {
        ending.entry(statement.resources().1).or_default().push(index);
    }
    let before = |index: usize| -> Vec<usize> {
        let Some(statement) = statements.get(index) else { return Vec::new() };
        let candidates = ending.get(statement.resources().0).into_iter().flatten();
        let leading = candidates.filter(|other| {
            **other != index && statements.get(**other).is_some_and(|other| leads_to(other, statement))
        });
        leading.copied().collect()
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
                    order.extend(statements.get(*index).copied());
                    open.pop();
                }
            }
        }
    }
    order
}

/// Whether one move ends where another one starts.
fn leads_to(one: &MovedAddresses, other: &MovedAddresses) -> bool {
    match (one, other) {
        (MovedAddresses::Instance { to, .. }, MovedAddresses::Instance { from, .. }) => to == from,
        _ => one.resources().1 == other.resources().0,
    }
}

/// The moves that nobody has to declare: adding or removing `count` keeps the object without a key, or with the
/// key 0, unless a declared move is about the resource.
fn implied(module: &Module, declared: &[&MovedAddresses], state: &State) -> Vec<MovedAddresses> {
    let spoken_of: BTreeSet<&ResourceAddr> = declared
        .iter()
        .flat_map(|moved| {
            let (from, to) = moved.resources();
            [from, to]
        })
        .collect();
    let mut found = Vec::new();
    for (id, block) in module.resources.iter().filter(|(id, _)| id.mode == Mode::Managed) {
        let resource = ResourceAddr::managed(Arc::clone(&id.kind), Arc::clone(&id.name));
        let (plain, first) = (resource.instance(None), resource.instance(Some(InstanceKey::Int(0))));
        let (from, to) = match block.repetition {
            Repetition::Count(_) => (plain, first),
            Repetition::One => (first, plain),
            Repetition::ForEach(_) => continue,
        };
        let is_free = state.instance(&from).is_some() && state.instance(&to).is_none();
        if is_free && !spoken_of.contains(&resource) {
            found.push(MovedAddresses::Instance { from, to });
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
        let statements: Vec<MovedAddresses> = of
            .iter()
            .map(|(from, to)| {
                let (from, to) = (instance(from), instance(to));
                if from.key.is_none() && to.key.is_none() {
                    MovedAddresses::Resource { from: from.resource, to: to.resource }
                } else {
                    MovedAddresses::Instance { from, to }
                }
            })
            .collect();
        let original = state(names);
        let mut moves = Moves::default();
        for statement in in_order(&statements.iter().collect::<Vec<_>>()) {
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
