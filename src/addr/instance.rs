//! Addresses of resources and of their instances.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use super::ModuleInstance;
use super::ModulePath;

/// Whether an object is managed, only read, run, or there for one run only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// A `resource` block.
    Managed,
    /// A `data` block.
    Data,
    /// An `action` block.
    Action,
    /// An `ephemeral` block.
    Ephemeral,
}

impl Mode {
    /// The word used in state documents and plan JSON: `managed`, `data`, `action` or `ephemeral`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Managed => "managed",
            Self::Data => "data",
            Self::Action => "action",
            Self::Ephemeral => "ephemeral",
        }
    }

    /// What stands before the type in an address.
    #[must_use]
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Managed => "",
            Self::Data => "data.",
            Self::Action => "action.",
            Self::Ephemeral => "ephemeral.",
        }
    }

    /// The words for one such object.
    #[must_use]
    pub fn noun(self) -> &'static str {
        match self {
            Self::Managed => "resource",
            Self::Data => "data source",
            Self::Action => "action",
            Self::Ephemeral => "ephemeral resource",
        }
    }
}

/// The key of one instance of a resource or module with `count` or `for_each`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InstanceKey {
    /// An index given by `count`.
    Int(u64),
    /// A key given by `for_each`.
    Str(Arc<str>),
}

impl fmt::Display for InstanceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(index) => write!(f, "[{index}]"),
            Self::Str(key) if !key.contains(['"', '\\', '\n', '\r', '\t', '$', '%']) => {
                write!(f, "[\"{key}\"]")
            }
            Self::Str(key) => {
                f.write_str("[\"")?;
                for (position, c) in key.char_indices() {
                    match c {
                        '"' => f.write_str("\\\"")?,
                        '\\' => f.write_str("\\\\")?,
                        '\n' => f.write_str("\\n")?,
                        '\r' => f.write_str("\\r")?,
                        '\t' => f.write_str("\\t")?,
                        '$' | '%' if key.get(position + 1..).is_some_and(|rest| rest.starts_with('{')) => {
                            write!(f, "{c}{c}")?;
                        }
                        other => write!(f, "{other}")?,
                    }
                }
                f.write_str("\"]")
            }
        }
    }
}

/// A resource or data source as declared, in one instance of its module: `module.a["x"].dms_rocketmq_topic.orders`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ResourceAddr {
    /// The module instance the block stands in; the root module for most.
    pub module: ModuleInstance,
    /// Managed or data.
    pub mode: Mode,
    /// The resource type, such as `dms_rocketmq_topic`.
    pub kind: Arc<str>,
    /// The name in the configuration.
    pub name: Arc<str>,
}

impl ResourceAddr {
    /// Returns the address of a managed resource in the root module.
    pub fn managed(kind: impl Into<Arc<str>>, name: impl Into<Arc<str>>) -> Self {
        Self { module: ModuleInstance::root(), mode: Mode::Managed, kind: kind.into(), name: name.into() }
    }

    /// Returns the address of a data source in the root module.
    pub fn data(kind: impl Into<Arc<str>>, name: impl Into<Arc<str>>) -> Self {
        Self { module: ModuleInstance::root(), mode: Mode::Data, kind: kind.into(), name: name.into() }
    }

    /// Returns the address of an action in the root module.
    pub fn action(kind: impl Into<Arc<str>>, name: impl Into<Arc<str>>) -> Self {
        Self { module: ModuleInstance::root(), mode: Mode::Action, kind: kind.into(), name: name.into() }
    }

    /// Returns the address as declared: without the keys of its modules.
    #[must_use]
    pub fn declared(&self) -> Self {
        Self { module: self.module.unkeyed(), ..self.clone() }
    }

    /// Returns an address as declared as seen from a module: what lies in the modules around is in the same instance of
    /// them.
    #[must_use]
    pub fn nearest(&self, from: &ModuleInstance) -> Self {
        let mut nearest = self.clone();
        for (place, around) in nearest.module.0.iter_mut().zip(&from.0) {
            if place.0 != around.0 {
                break;
            }
            place.1.clone_from(&around.1);
        }
        nearest
    }

    /// Returns true if another resource is this one, where modules without a key stand for all their instances.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        self.mode == other.mode
            && compare_names(&self.kind, &other.kind).is_eq()
            && compare_names(&self.name, &other.name).is_eq()
            && self.module.0.len() == other.module.0.len()
            && self.module.covers(&other.module)
    }

    /// Returns the address of one instance.
    #[must_use]
    pub fn instance(&self, key: Option<InstanceKey>) -> InstanceAddr {
        InstanceAddr { resource: self.clone(), key }
    }
}

impl Ord for ResourceAddr {
    fn cmp(&self, other: &Self) -> Ordering {
        self.module
            .cmp(&other.module)
            .then_with(|| self.mode.cmp(&other.mode))
            .then_with(|| compare_names(&self.kind, &other.kind))
            .then_with(|| compare_names(&self.name, &other.name))
    }
}

impl PartialOrd for ResourceAddr {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Orders names that mostly share their text: objects of one block are compared far more often than others.
pub(crate) fn compare_names(a: &Arc<str>, b: &Arc<str>) -> Ordering {
    if Arc::ptr_eq(a, b) { Ordering::Equal } else { a.cmp(b) }
}

impl fmt::Display for ResourceAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.module.is_root() {
            write!(f, "{}.", self.module)?;
        }
        f.write_str(self.mode.prefix())?;
        write!(f, "{}.{}", self.kind, self.name)
    }
}

/// One object of a resource: `dms_rocketmq_topic.topic["orders"]`. This is an object's identity in state.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InstanceAddr {
    /// The resource.
    pub resource: ResourceAddr,
    /// The key, if the resource uses `count` or `for_each`.
    pub key: Option<InstanceKey>,
}

impl InstanceAddr {
    /// Returns the address relative to an instance of a module, if the object lies in one.
    #[must_use]
    pub fn within(&self, path: &ModulePath) -> Option<Self> {
        let module = &self.resource.module.0;
        let depth = path.0.len();
        let lies =
            module.len() >= depth && module.iter().zip(&path.0).all(|((name, _), other)| name == other);
        lies.then(|| {
            let module = ModuleInstance(module.iter().skip(depth).cloned().collect());
            let resource = ResourceAddr { module, ..self.resource.clone() };
            Self { resource, key: self.key.clone() }
        })
    }
}

impl fmt::Display for InstanceAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.resource)?;
        match &self.key {
            Some(key) => write!(f, "{key}"),
            None => Ok(()),
        }
    }
}
