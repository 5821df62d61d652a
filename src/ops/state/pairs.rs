//! Which objects move where: pairs of addresses or patterns, on the command line or in a file.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::addr::InstanceAddr;
use crate::addr::ModuleInstance;
use crate::addr::Target;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::state::State;
use crate::value::wildcards;

use super::edit::not_there;
use super::edit::unfinished;

/// Where something moves. In patterns, each `*` of the new address is what the `*` at its place in the old one stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rename {
    /// The address or pattern of what moves.
    pub from: String,
    /// The new address or pattern.
    pub to: String,
}

/// The old and the new address of one object.
pub type Moved = (InstanceAddr, InstanceAddr);

/// Reads a file of pairs: one on a line, old and new address, with a space or ` -> ` between them. Empty lines, and what
/// follows a `#` at the start of a line, count for nothing.
///
/// # Errors
/// All lines that do not hold two addresses.
pub fn read(name: &str, text: &str) -> Result<Vec<Rename>, Diagnostics> {
    let mut found = Vec::new();
    let mut wrong = Diagnostics::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let words: Vec<String> = words(line).into_iter().filter(|word| word != "->").collect();
        match <[String; 2]>::try_from(words) {
            Ok([from, to]) => found.push(Rename { from, to }),
            Err(words) => wrong.push(
                Diagnostic::error(
                    Code::Usage,
                    format!("line {} of `{name}` holds {} addresses", number + 1, words.len()),
                )
                .hint("write two on each line, as in `dms_rocketmq_topic.a dms_rocketmq_topic.t[\"a\"]`"),
            ),
        }
    }
    if wrong.is_empty() && found.is_empty() {
        wrong.push(Diagnostic::error(Code::Usage, format!("`{name}` holds no pair of addresses")));
    }
    if wrong.is_empty() { Ok(found) } else { Err(wrong) }
}

/// The words of a line; spaces within quotes are part of a word.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let (mut quoted, mut escaped) = (false, false);
    for c in line.chars() {
        if c.is_whitespace() && !quoted {
            words.push(String::new());
            continue;
        }
        if c == '"' && !escaped {
            quoted = !quoted;
        }
        escaped = c == '\\' && !escaped;
        if let Some(word) = words.last_mut() {
            word.push(c);
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Works out what moves where. Everything moves at once: an address may become free and be taken.
///
/// # Errors
/// All that cannot move, with the reasons: nothing is there, the new address is taken or of another type, or an operation
/// is not finished.
pub fn resolve(state: &State, renames: &[Rename]) -> Result<Vec<Moved>, Diagnostics> {
    let mut all: Vec<Moved> = Vec::new();
    let mut wrong = Diagnostics::new();
    for rename in renames {
        match one(state, rename) {
            Ok(pairs) => all.extend(pairs),
            Err(found) => wrong.push(found),
        }
    }
    let leaving: BTreeSet<&InstanceAddr> = all.iter().map(|(from, _)| from).collect();
    let mut arriving: BTreeMap<&InstanceAddr, &InstanceAddr> = BTreeMap::new();
    let mut left: BTreeSet<&InstanceAddr> = BTreeSet::new();
    for (from, to) in &all {
        if !left.insert(from) {
            wrong.push(Diagnostic::error(
                Code::InvalidAddress,
                format!("`{from}` cannot move to two addresses at once"),
            ));
        }
        if let Some(other) = arriving.insert(to, from)
            && other != from
        {
            wrong.push(Diagnostic::error(
                Code::InvalidAddress,
                format!("`{other}` and `{from}` cannot both become `{to}`"),
            ));
        }
        wrong.extend(check(state, from, to, &leaving));
    }
    if wrong.is_empty() { Ok(all) } else { Err(wrong) }
}

fn check(
    state: &State,
    from: &InstanceAddr,
    to: &InstanceAddr,
    leaving: &BTreeSet<&InstanceAddr>,
) -> Option<Diagnostic> {
    if from == to {
        return Some(Diagnostic::error(Code::InvalidAddress, format!("`{from}` is where it is already")));
    }
    if let Some(found) = differs(from, to) {
        return Some(found);
    }
    if state.instance(to).is_some() && !leaving.contains(to) {
        return Some(
            Diagnostic::error(Code::AlreadyManaged, format!("`{to}` is there already"))
                .about(to.clone())
                .hint(format!("move or forget what is there first: `queueform state rm '{to}'`")),
        );
    }
    unfinished(state, from)
}

/// An object keeps its type.
pub(super) fn differs(from: &InstanceAddr, to: &InstanceAddr) -> Option<Diagnostic> {
    let is_same = from.resource.kind == to.resource.kind && from.resource.mode == to.resource.mode;
    (!is_same).then(|| {
        Diagnostic::error(
            Code::InvalidAddress,
            format!("`{from}` cannot become `{to}`: they are of different types"),
        )
        .hint("an object keeps its type; use `state rm` and `import` to manage it as another one")
    })
}

pub(super) fn one(state: &State, rename: &Rename) -> Result<Vec<Moved>, Diagnostic> {
    let Rename { from, to } = rename;
    let pairs =
        if from.contains('*') { by_pattern(state, from, to)? } else { by_name(state, &target(from)?, to)? };
    if pairs.is_empty() { Err(not_there(state, from)) } else { Ok(pairs) }
}

fn target(text: &str) -> Result<Target, Diagnostic> {
    text.parse().map_err(|error| {
        Diagnostic::error(Code::InvalidAddress, format!("`{text}` is not an address: {error}"))
    })
}

fn by_pattern(state: &State, from: &str, to: &str) -> Result<Vec<Moved>, Diagnostic> {
    let stars = |text: &str| text.matches('*').count();
    if stars(from) != stars(to) {
        return Err(Diagnostic::error(
            Code::Usage,
            format!("`{from}` and `{to}` do not have the same number of `*`"),
        )
        .hint("each `*` of the new address is what the one at its place in the old one stands for"));
    }
    let mut pairs = Vec::new();
    for addr in state.resources.keys() {
        let text = addr.to_string();
        let (known, key) = match wildcards(from, &text) {
            Some(known) => (known, None),
            // A pattern of resources takes their instances along.
            None => {
                let resource =
                    text.strip_suffix(&addr.key.as_ref().map_or(String::new(), ToString::to_string));
                match resource.and_then(|resource| wildcards(from, resource)) {
                    Some(known) => (known, addr.key.clone()),
                    None => continue,
                }
            }
        };
        let mut pieces = to.split('*');
        let mut new = pieces.next().unwrap_or_default().to_owned();
        for (part, piece) in known.into_iter().zip(pieces) {
            new.push_str(part);
            new.push_str(piece);
        }
        let mut new: InstanceAddr = new.parse().map_err(|error| {
            Diagnostic::error(
                Code::InvalidAddress,
                format!("`{addr}` would become `{new}`, which is not an address: {error}"),
            )
        })?;
        if new.key.is_none() {
            new.key = key;
        }
        pairs.push((addr.clone(), new));
    }
    Ok(pairs)
}

fn by_name(state: &State, from: &Target, to: &str) -> Result<Vec<Moved>, Diagnostic> {
    let there = |addr: &InstanceAddr| state.instance(addr).is_some();
    let to = target(to)?;
    match (from, &to) {
        (Target::Module(from), Target::Module(to)) => {
            let inside = state.resources.keys().filter(|addr| addr.resource.module.0.starts_with(&from.0));
            Ok(inside.map(|addr| (addr.clone(), within(addr, from, to))).collect())
        }
        (Target::Module(_), _) | (_, Target::Module(_)) => Err(Diagnostic::error(
            Code::InvalidAddress,
            format!("`{from}` cannot become `{to}`: one is a module, the other is not"),
        )
        .hint("give two modules, two resources, or two instances")),
        (Target::Resource(from), Target::Resource(to)) => {
            if from != to
                && state.instances(from).next().is_some()
                && let Some((taken, _)) = state.instances(to).next()
            {
                return Err(Diagnostic::error(Code::AlreadyManaged, format!("`{taken}` is there already"))
                    .hint("two resources cannot become one; move single instances, as in `queueform state mv 'a.b[0]' 'a.c[1]'`"));
            }
            let all = state.instances(from).map(|(addr, _)| (addr.clone(), to.instance(addr.key.clone())));
            Ok(all.collect())
        }
        (Target::Instance(from), Target::Resource(to)) => {
            Ok(Some((from.clone(), to.instance(None))).filter(|(from, _)| there(from)).into_iter().collect())
        }
        (Target::Resource(from), Target::Instance(to)) => {
            let from = from.instance(None);
            Ok(Some((from, to.clone())).filter(|(from, _)| there(from)).into_iter().collect())
        }
        (Target::Instance(from), Target::Instance(to)) => {
            Ok(Some((from.clone(), to.clone())).filter(|(from, _)| there(from)).into_iter().collect())
        }
    }
}

fn within(addr: &InstanceAddr, from: &ModuleInstance, to: &ModuleInstance) -> InstanceAddr {
    let rest = addr.resource.module.0.iter().skip(from.0.len()).cloned();
    let mut moved = addr.clone();
    moved.resource.module = ModuleInstance(to.0.iter().cloned().chain(rest).collect());
    moved
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::addr::ProviderAddr;
    use crate::state::Instance;
    use crate::state::Object;
    use crate::state::ObjectRef;

    fn state(names: &[&str]) -> State {
        let like = Instance::new(ProviderAddr::default_of("a"), 1, "");
        let mut state = State::default();
        for name in names {
            state.put(&ObjectRef::current(name.parse().unwrap()), &like, Object::default());
        }
        state
    }

    fn shown(state: &State, renames: &[(&str, &str)]) -> String {
        let renames: Vec<Rename> =
            renames.iter().map(|(from, to)| Rename { from: (*from).into(), to: (*to).into() }).collect();
        match resolve(state, &renames) {
            Ok(pairs) => pairs.iter().map(|(from, to)| format!("{from} -> {to}\n")).collect(),
            Err(found) => found.iter().map(|one| format!("{}\n", one.summary)).collect(),
        }
    }

    #[test]
    fn patterns_take_what_their_stars_stand_for() {
        let state = state(&["a.t[\"x\"]", "a.t[\"y z\"]", "a.u", "module.m[\"k\"].a.t[0]"]);
        assert_eq!(
            shown(&state, &[("a.t[\"*\"]", "a.v[\"new-*\"]")]),
            "a.t[\"x\"] -> a.v[\"new-x\"]\na.t[\"y z\"] -> a.v[\"new-y z\"]\n"
        );
        assert_eq!(shown(&state, &[("module.m[*].a.t", "a.m[*]")]), "module.m[\"k\"].a.t[0] -> a.m[\"k\"]\n");
        assert_eq!(
            shown(&state, &[("*.a.t", "*.a.w")]),
            "module.m[\"k\"].a.t[0] -> module.m[\"k\"].a.w[0]\n"
        );
        assert_eq!(
            shown(&state, &[("a.t[*]", "a.v")]),
            "`a.t[*]` and `a.v` do not have the same number of `*`\n"
        );
        assert_eq!(shown(&state, &[("b.*", "b.c*")]), "the state holds no object `b.*`\n");
        assert!(shown(&state, &[("a.t[\"*\"]", "a.t.*")]).contains("which is not an address"));
    }

    #[test]
    fn addresses_may_be_swapped() {
        let mut state = state(&["a.t[0]", "a.t[1]"]);
        let renames = [("a.t[0]", "a.t[1]"), ("a.t[1]", "a.t[0]")];
        assert_eq!(shown(&state, &renames), "a.t[0] -> a.t[1]\na.t[1] -> a.t[0]\n");
        let pairs: Vec<Moved> =
            renames.iter().map(|(from, to)| (from.parse().unwrap(), to.parse().unwrap())).collect();
        state.relocate_all(&pairs).unwrap();
        assert_eq!(state.resources.len(), 2);
        assert_eq!(state.relocate_all(&[pairs[0].clone()]), Err("a.t[1]".parse().unwrap()));
    }

    #[test]
    fn all_that_is_wrong_is_told() {
        let state = state(&["a.t", "a.u", "b.t"]);
        assert_eq!(
            shown(&state, &[("a.t", "a.u"), ("a.z", "a.y"), ("a.u", "b.u"), ("b.t", "b.t")]),
            "`a.u` is there already\nthe state holds no object `a.z`\n`a.u` cannot become `b.u`: they are of different types\n`b.t` is where it is already\n"
        );
        assert_eq!(
            shown(&state, &[("a.t[0]", "a.z"), ("a.t", "a.x[0]"), ("a.u", "a.x[0]")]),
            "the state holds no object `a.t[0]`\n`a.t` and `a.u` cannot both become `a.x[0]`\n"
        );
    }

    #[test]
    fn files_of_pairs() {
        let text = "# all of them\n\na.t[\"x y\"] a.u\n  a.v -> a.w[\"q\\\" r\"]\n";
        let pairs = read("f", text).unwrap();
        let shown: Vec<String> = pairs.iter().map(|one| format!("{} => {}", one.from, one.to)).collect();
        assert_eq!(shown, ["a.t[\"x y\"] => a.u", "a.v => a.w[\"q\\\" r\"]"]);
        let wrong = read("f", "a.t\na.b a.c a.d\n").unwrap_err();
        let shown: Vec<&str> = wrong.iter().map(|one| &*one.summary).collect();
        assert_eq!(shown, ["line 1 of `f` holds 1 addresses", "line 2 of `f` holds 3 addresses"]);
        assert!(read("f", "\n").is_err());
    }
}
