//! Addresses of provider configurations.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::InstanceKey;

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

    /// Returns the address of one configuration of a `provider` block with `for_each`: `dms.west["a"]`. The key is a
    /// part of the alias.
    #[must_use]
    pub fn keyed(&self, key: &Arc<str>) -> Self {
        let alias = self.alias.as_deref().unwrap_or_default();
        let alias = format!("{alias}{}", InstanceKey::Str(Arc::clone(key)));
        Self { name: Arc::clone(&self.name), alias: Some(alias.into()) }
    }

    /// Returns whether another address is one configuration of this block with `for_each`.
    #[must_use]
    pub fn has_keyed(&self, other: &Self) -> bool {
        let (Some(alias), Some(keyed)) = (&self.alias, &other.alias) else { return false };
        self.name == other.name && keyed.strip_prefix(&**alias).is_some_and(|rest| rest.starts_with('['))
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

impl FromStr for ProviderAddr {
    type Err = String;

    /// Reads the form of configurations, `dms` or `dms.west`, and the one of state documents.
    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(addr) = Self::from_state_form(text) {
            return Ok(addr);
        }
        let (name, alias) = match text.split_once('.') {
            Some((name, alias)) => (name, Some(alias)),
            None => (text, None),
        };
        let is_name = |part: &str| {
            !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
        };
        // The key of a configuration with `for_each` is a part of the alias.
        let plain = alias.map(|alias| alias.split_once('[').map_or(alias, |(plain, _)| plain));
        if is_name(name) && plain.is_none_or(is_name) {
            Ok(Self { name: Arc::from(name), alias: alias.map(Arc::from) })
        } else {
            Err(format!("`{text}` is not a provider configuration, such as `dms` or `dms.west`"))
        }
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
