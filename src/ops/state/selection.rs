//! What a command about the state is about: addresses, and patterns of them.

use std::fmt;
use std::str::FromStr;

use crate::addr::AddrError;
use crate::addr::InstanceAddr;
use crate::addr::Target;
use crate::value::matches_wildcard;

/// An address, or a pattern of addresses in which `*` stands for any text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// An instance, a resource with all its instances, or a module.
    Named(Target),
    /// All instances whose address, or whose resource's address, matches.
    Pattern(String),
}

impl Selection {
    /// Returns true if an instance is selected.
    #[must_use]
    pub fn contains(&self, addr: &InstanceAddr) -> bool {
        match self {
            Self::Named(target) => target.contains(addr),
            Self::Pattern(pattern) => {
                matches_wildcard(pattern, &addr.to_string())
                    || matches_wildcard(pattern, &addr.resource.to_string())
            }
        }
    }
}

impl From<Target> for Selection {
    fn from(target: Target) -> Self {
        Self::Named(target)
    }
}

impl FromStr for Selection {
    type Err = AddrError;

    fn from_str(text: &str) -> Result<Self, AddrError> {
        if text.contains('*') { Ok(Self::Pattern(text.to_owned())) } else { text.parse().map(Self::Named) }
    }
}

impl fmt::Display for Selection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(target) => write!(f, "{target}"),
            Self::Pattern(pattern) => f.write_str(pattern),
        }
    }
}
