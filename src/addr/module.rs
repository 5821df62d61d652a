//! Module paths: as declared, and with instance keys.

use std::fmt;
use std::sync::Arc;

use super::InstanceKey;

/// A module as declared: the names of the `module` blocks from the root down.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModulePath(pub Vec<Arc<str>>);

/// One instance of a module: names with keys from the root down.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModuleInstance(pub Vec<(Arc<str>, Option<InstanceKey>)>);

impl ModulePath {
    /// Returns the path of the root module.
    #[must_use]
    pub fn root() -> Self {
        Self::default()
    }

    /// Returns true for the root module.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the path of a module that this one calls.
    #[must_use]
    pub fn child(&self, name: &Arc<str>) -> Self {
        Self(self.0.iter().chain([name]).cloned().collect())
    }

    /// Returns the path of the module that calls this one, and under which name; nothing for the root.
    #[must_use]
    pub fn parent(&self) -> Option<(Self, &Arc<str>)> {
        let (name, parent) = self.0.split_last()?;
        Some((Self(parent.to_vec()), name))
    }

    /// Returns the path as an instance without keys.
    #[must_use]
    pub fn unkeyed(&self) -> ModuleInstance {
        ModuleInstance(self.0.iter().map(|name| (Arc::clone(name), None)).collect())
    }
}

impl ModuleInstance {
    /// Returns the path of the root module.
    #[must_use]
    pub fn root() -> Self {
        Self::default()
    }

    /// Returns true for the root module.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the path without keys.
    #[must_use]
    pub fn path(&self) -> ModulePath {
        ModulePath(self.0.iter().map(|(name, _)| Arc::clone(name)).collect())
    }

    /// Returns an instance of a module that this one calls.
    #[must_use]
    pub fn child(&self, name: &Arc<str>, key: Option<InstanceKey>) -> Self {
        Self(self.0.iter().cloned().chain([(Arc::clone(name), key)]).collect())
    }

    /// Returns the instance that calls this one, with the name of the call and the key; nothing for the root.
    #[must_use]
    pub fn parent(&self) -> Option<(Self, &Arc<str>, Option<&InstanceKey>)> {
        let ((name, key), parent) = self.0.split_last()?;
        Some((Self(parent.to_vec()), name, key.as_ref()))
    }

    /// Returns true if another instance is this one or lies in it, where names without a key stand for every
    /// instance of that name.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        self.0.len() <= other.0.len()
            && self
                .0
                .iter()
                .zip(&other.0)
                .all(|((name, key), (other, other_key))| name == other && (key.is_none() || key == other_key))
    }

    /// Returns true if no name has a key.
    #[must_use]
    pub fn is_unkeyed(&self) -> bool {
        self.0.iter().all(|(_, key)| key.is_none())
    }

    /// Returns the path without keys, as an instance: what is recorded of a module as declared.
    #[must_use]
    pub fn unkeyed(&self) -> Self {
        Self(self.0.iter().map(|(name, _)| (Arc::clone(name), None)).collect())
    }
}

impl fmt::Display for ModulePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, name) in self.0.iter().enumerate() {
            write!(f, "{}module.{name}", if index == 0 { "" } else { "." })?;
        }
        Ok(())
    }
}

impl fmt::Display for ModuleInstance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (name, key)) in self.0.iter().enumerate() {
            write!(f, "{}module.{name}", if index == 0 { "" } else { "." })?;
            if let Some(key) = key {
                write!(f, "{key}")?;
            }
        }
        Ok(())
    }
}
