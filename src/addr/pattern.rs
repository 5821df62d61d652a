//! Targets that stand for several objects: `*` in a name or in a key is any text.

use std::fmt;
use std::str::FromStr;

use crate::value::matches_wildcard;

use super::AddrError;
use super::InstanceAddr;
use super::InstanceKey;
use super::ModuleInstance;
use super::ResourceAddr;
use super::Target;
use super::parse::wild_target;

/// An address as commands take it to choose objects: a module, a resource, an instance, or all whose names and keys
/// fit, as in `dms_rocketmq_topic.topic["payments-*"]`, `dms_rocketmq_topic.*` or `module.team[*]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(Target);

impl Pattern {
    /// Returns true if an instance is one of those that are meant. Modules without a key stand for all their instances.
    #[must_use]
    pub fn contains(&self, addr: &InstanceAddr) -> bool {
        match &self.0 {
            Target::Module(module) => covers(module, &addr.resource.module),
            Target::Resource(resource) => is_same(resource, &addr.resource),
            Target::Instance(instance) => {
                is_same(&instance.resource, &addr.resource)
                    && match (&instance.key, &addr.key) {
                        (None, None) => true,
                        (Some(pattern), Some(key)) => fits(pattern, key),
                        _ => false,
                    }
            }
        }
    }

    /// Returns whether it may mean instances of a resource, of whose modules some keys are known.
    #[must_use]
    pub fn meets(&self, resource: &ResourceAddr) -> bool {
        match &self.0 {
            Target::Module(module) => may_cover(module, &resource.module),
            Target::Resource(other) | Target::Instance(InstanceAddr { resource: other, .. }) => {
                is_named(other, resource)
                    && other.module.0.len() == resource.module.0.len()
                    && may_cover(&other.module, &resource.module)
            }
        }
    }

    /// Returns whether it means all instances of what it names.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.0.is_whole()
    }

    /// Returns whether it means a resource as declared, or instances of it.
    #[must_use]
    pub fn is_about(&self, declared: &ResourceAddr) -> bool {
        match &self.0 {
            Target::Module(module) => covers(&module.unkeyed(), &declared.module),
            Target::Resource(resource) | Target::Instance(InstanceAddr { resource, .. }) => {
                is_named(resource, declared)
                    && resource.module.0.len() == declared.module.0.len()
                    && covers(&resource.module.unkeyed(), &declared.module)
            }
        }
    }
}

/// Whether a resource pattern stands for a resource.
fn is_same(pattern: &ResourceAddr, other: &ResourceAddr) -> bool {
    is_named(pattern, other)
        && pattern.module.0.len() == other.module.0.len()
        && covers(&pattern.module, &other.module)
}

fn is_named(pattern: &ResourceAddr, other: &ResourceAddr) -> bool {
    pattern.mode == other.mode
        && matches_wildcard(&pattern.kind, &other.kind)
        && matches_wildcard(&pattern.name, &other.name)
}

/// Whether a module pattern stands for a module instance or for one around it.
fn covers(pattern: &ModuleInstance, other: &ModuleInstance) -> bool {
    pattern.0.len() <= other.0.len()
        && pattern.0.iter().zip(&other.0).all(|((name, wanted), (other, key))| {
            matches_wildcard(name, other)
                && wanted.as_ref().is_none_or(|wanted| key.as_ref().is_some_and(|key| fits(wanted, key)))
        })
}

/// The same where keys that are not known may be any.
fn may_cover(pattern: &ModuleInstance, other: &ModuleInstance) -> bool {
    pattern.0.len() <= other.0.len()
        && pattern.0.iter().zip(&other.0).all(|((name, wanted), (other, key))| {
            matches_wildcard(name, other)
                && wanted.as_ref().zip(key.as_ref()).is_none_or(|(wanted, key)| fits(wanted, key))
        })
}

fn fits(pattern: &InstanceKey, key: &InstanceKey) -> bool {
    match (pattern, key) {
        (InstanceKey::Str(pattern), InstanceKey::Str(key)) => {
            pattern == key || matches_wildcard(pattern, key)
        }
        // `[*]` stands for every key.
        (InstanceKey::Str(pattern), InstanceKey::Int(_)) => &**pattern == "*",
        (InstanceKey::Int(pattern), InstanceKey::Int(key)) => pattern == key,
        (InstanceKey::Int(_), InstanceKey::Str(_)) => false,
    }
}

impl From<Target> for Pattern {
    fn from(target: Target) -> Self {
        Self(target)
    }
}

impl FromStr for Pattern {
    type Err = AddrError;

    fn from_str(text: &str) -> Result<Self, AddrError> {
        wild_target(text).map(Self)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, addr: &str, expected: bool) {
        let pattern: Pattern = pattern.parse().unwrap();
        let addr: InstanceAddr = addr.parse().unwrap();
        assert_eq!(pattern.contains(&addr), expected, "{pattern} {addr}");
        if expected {
            assert!(pattern.is_about(&addr.resource.declared()), "{pattern} {addr}");
            assert!(pattern.meets(&addr.resource), "{pattern} {addr}");
        }
        assert_eq!(pattern.to_string().parse::<Pattern>().unwrap(), pattern);
    }

    #[test]
    fn plain_addresses_mean_what_they_name() {
        check("a.b", "a.b", true);
        check("a.b", "a.b[\"x\"]", true);
        check("a.b[\"x\"]", "a.b[\"x\"]", true);
        check("a.b[\"x\"]", "a.b", false);
        check("a.b[\"x\"]", "a.b[\"xy\"]", false);
        check("a.b[1]", "a.b[1]", true);
        check("a.b[1]", "a.b[11]", false);
        check("a.b", "module.m.a.b", false);
        check("data.a.b", "a.b", false);
    }

    #[test]
    fn stars_stand_for_any_text() {
        check("a.b[\"x*\"]", "a.b[\"xy\"]", true);
        check("a.b[\"x*\"]", "a.b[\"y\"]", false);
        check("a.b[*]", "a.b[\"y\"]", true);
        check("a.b[*]", "a.b[7]", true);
        check("a.b[*]", "a.b", false);
        check("a.b[\"1*\"]", "a.b[12]", false);
        check("a.*", "a.b[\"y\"]", true);
        check("*_topic.*", "dms_rocketmq_topic.orders", true);
        check("*_topic.*", "dms_rocketmq_user.orders", false);
        check("a.b[\"*\"]", "a.b[\"a*b\"]", true);
    }

    #[test]
    fn modules_mean_everything_in_them() {
        check("module.m", "module.m[\"x\"].a.b", true);
        check("module.m[\"x*\"]", "module.m[\"xy\"].module.n.a.b", true);
        check("module.m[\"x*\"]", "module.m[\"y\"].a.b", false);
        check("module.*.a.b", "module.m.a.b", true);
        check("module.m[*].a.b[\"k\"]", "module.m[1].a.b[\"k\"]", true);
        check("module.m[*].a.b[\"k\"]", "module.m.a.b[\"k\"]", false);
    }

    #[test]
    fn stars_are_for_patterns_alone() {
        assert!("a.*".parse::<Target>().is_err());
        assert!("a.b[*]".parse::<InstanceAddr>().is_err());
        assert_eq!("a.b[\"*\"]".parse::<InstanceAddr>().unwrap().to_string(), "a.b[\"*\"]");
        assert!("a.b[*".parse::<Pattern>().is_err());
    }
}
