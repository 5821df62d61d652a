//! Objects of random configurations, and what an edit of them must come to by the words of their schemas.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use fastrand::Rng;
use queueform::schema::Change;
use queueform::schema::Mode;
use queueform::schema::Registry;
use queueform::schema::ResourceKind;

/// Values by argument; a member of an object is named `acl.types`.
pub(super) type Values = BTreeMap<&'static str, String>;

/// What a configuration wants of one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wish {
    pub(super) kind: &'static str,
    pub(super) name: String,
    /// As they are written.
    pub(super) arguments: Values,
    /// Lines that are no arguments.
    pub(super) rest: String,
}

/// What is to be done with an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Verb {
    Nothing,
    Update,
    Replace,
}

impl Verb {
    /// As plans are listed: `update dms_rocketmq_instance.main`.
    pub(super) fn of(self, addr: &str) -> Option<String> {
        match self {
            Self::Nothing => None,
            Self::Update => Some(format!("update {addr}")),
            Self::Replace => Some(format!("replace {addr}")),
        }
    }
}

impl Wish {
    pub(super) fn new(kind: &'static str, name: &str) -> Self {
        Self { kind, name: name.to_owned(), arguments: Values::new(), rest: String::new() }
    }

    pub(super) fn addr(&self) -> String {
        format!("{}.{}", self.kind, self.name)
    }

    /// Sets an argument, or leaves it out.
    pub(super) fn set(&mut self, name: &'static str, value: Option<String>) {
        match value {
            Some(value) => self.arguments.insert(name, value),
            None => self.arguments.remove(name),
        };
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.arguments.get(name).map(String::as_str)
    }

    /// The block.
    pub(super) fn text(&self) -> String {
        let mut text = format!("resource \"{}\" \"{}\" {{\n", self.kind, self.name);
        let mut objects: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for (name, value) in &self.arguments {
            match name.split_once('.') {
                Some((object, member)) => {
                    objects.entry(object).or_default().push(format!("{member} = {value}"))
                }
                None => writeln!(text, "  {name} = {value}").unwrap(),
            }
        }
        for (name, members) in objects {
            writeln!(text, "  {name} = {{ {} }}", members.join(", ")).unwrap();
        }
        writeln!(text, "{}}}", self.rest).unwrap();
        text
    }

    /// What an edit to these arguments must come to, where the service has what `held` says; of what it does not say,
    /// the service has `otherwise`.
    pub(super) fn verb(&self, held: &Values, otherwise: impl Fn(&str) -> Option<String>) -> Verb {
        let registry = Registry::embedded();
        let schema = registry.resource(ResourceKind::Managed, self.kind).unwrap();
        let mut verb = Verb::Nothing;
        for name in self.arguments.keys().chain(held.keys()) {
            let (head, member) =
                name.split_once('.').map_or((*name, None), |(head, member)| (head, Some(member)));
            let attribute = schema.attribute(head).unwrap_or_else(|| panic!("`{name}`"));
            let part = member.map(|member| attribute.nested.as_ref().unwrap().attribute(member).unwrap());
            let mode = part.map_or(attribute.mode, |part| part.mode);
            let known = held.get(name).cloned().or_else(|| otherwise(name));
            let differs = match self.arguments.get(name) {
                // What the service decides if it is left out stays as it is.
                None if mode == Mode::OptionalComputed || attribute.mode == Mode::OptionalComputed => false,
                None => known != otherwise(name),
                Some(value) => known.as_ref() != Some(value),
            };
            if differs {
                verb = verb.max(match attribute.change {
                    Change::Update => Verb::Update,
                    Change::Replace => Verb::Replace,
                    Change::None => panic!("`{name}` can be set, but not changed"),
                });
            }
        }
        verb
    }

    /// What the service has after these arguments were applied to what it had.
    pub(super) fn applied_to(&self, held: &Values, verb: Verb) -> Values {
        let registry = Registry::embedded();
        let schema = registry.resource(ResourceKind::Managed, self.kind).unwrap();
        let stays = |name: &str| {
            let attribute = schema.attribute(name.split('.').next().unwrap()).unwrap();
            verb != Verb::Replace && attribute.mode == Mode::OptionalComputed
        };
        let kept = held.iter().filter(|(name, _)| stays(name));
        kept.chain(&self.arguments).map(|(name, value)| (*name, value.clone())).collect()
    }
}

pub(super) fn pick<'a>(rng: &mut Rng, of: &[&'a str]) -> &'a str {
    of[rng.usize(..of.len())]
}

/// One of them, or none at all.
pub(super) fn maybe(rng: &mut Rng, of: &[&str]) -> Option<String> {
    rng.bool().then(|| pick(rng, of).to_owned())
}
