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
