//! Addresses of provider configurations.

use std::fmt;
use std::sync::Arc;

/// A provider configuration: `dms`, or `dms.west` for an alias.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProviderAddr {
    /// The provider, such as `dms`.
    pub name: Arc<str>,
    /// The alias of an additional configuration.
    pub alias: Option<Arc<str>>,
}

impl ProviderAddr {
    /// Returns the address of the default configuration of a provider.
    pub fn default_of(name: impl Into<Arc<str>>) -> Self {
        Self { name: name.into(), alias: None }
    }

    /// The form used in state documents: `provider["queueform.io/builtin/dms"].west`.
    #[must_use]
    pub fn state_form(&self) -> String {
        match &self.alias {
            Some(alias) => format!("provider[\"queueform.io/builtin/{}\"].{alias}", self.name),
            None => format!("provider[\"queueform.io/builtin/{}\"]", self.name),
        }
    }

    /// Reads the form used in state documents.
    #[must_use]
    pub fn from_state_form(text: &str) -> Option<Self> {
        let start = text.rfind("provider[\"")?;
        let rest = text.get(start + "provider[\"".len()..)?;
        let (source, rest) = rest.split_once("\"]")?;
        let name = source.rsplit('/').next()?;
        let alias = match rest.strip_prefix('.') {
            Some(alias) if !alias.is_empty() => Some(Arc::from(alias)),
            None if rest.is_empty() => None,
            Some(_) | None => return None,
        };
        Some(Self { name: Arc::from(name), alias })
    }
}

impl fmt::Display for ProviderAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.alias {
            Some(alias) => write!(f, "{}.{alias}", self.name),
            None => write!(f, "{}", self.name),
        }
    }
}
