//! Blocks about objects that exist already: `removed`, `moved` and `import`.

use crate::addr::InstanceAddr;
use crate::addr::ModuleInstance;
use crate::addr::ProviderAddr;
use crate::addr::ResourceAddr;
use crate::source::Span;
use crate::source::Spanned;
use crate::syntax::ast::Expr;

/// A `removed` block: what happens to objects whose configuration is gone.
#[derive(Debug, Clone)]
pub struct Removed {
    /// What was removed: a resource or one instance.
    pub from: Spanned<crate::addr::Target>,
    /// Delete the objects (true) or only forget them (false).
    pub destroy: bool,
    /// Whether `prevent_destroy`, which the state remembers, is lifted.
    pub unprotect: bool,
    /// The greatest loss that deleting may cause.
    pub allow_data_loss: Option<Spanned<u64>>,
}

/// A `moved` block: what has another address now.
#[derive(Debug, Clone)]
pub struct Moved {
    /// The old and the new address.
    pub addresses: MovedAddresses,
    /// Where the old address stands.
    pub from: Span,
    /// Where the new address stands.
    pub to: Span,
    /// The block's header.
    pub header: Span,
}

/// The addresses of a `moved` block, relative to the module it stands in: both of resources, both of instances, or
/// both of modules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MovedAddresses {
    /// A resource with all its instances.
    Resource {
        /// The old address.
        from: ResourceAddr,
        /// The new one.
        to: ResourceAddr,
    },
    /// One instance.
    Instance {
        /// The old address.
        from: InstanceAddr,
        /// The new one.
        to: InstanceAddr,
    },
    /// A module with all its instances.
    Module {
        /// The old path, without keys at its end.
        from: ModuleInstance,
        /// The new one.
        to: ModuleInstance,
    },
    /// One instance of a module.
    ModuleInstance {
        /// The old path.
        from: ModuleInstance,
        /// The new one.
        to: ModuleInstance,
    },
}

impl MovedAddresses {
    /// Returns the resources of both addresses, if they are of resources.
    #[must_use]
    pub fn resources(&self) -> Option<(&ResourceAddr, &ResourceAddr)> {
        match self {
            Self::Resource { from, to } => Some((from, to)),
            Self::Instance { from, to } => Some((&from.resource, &to.resource)),
            Self::Module { .. } | Self::ModuleInstance { .. } => None,
        }
    }

    /// Returns both addresses as texts.
    #[must_use]
    pub fn texts(&self) -> (String, String) {
        match self {
            Self::Resource { from, to } => (from.to_string(), to.to_string()),
            Self::Instance { from, to } => (from.to_string(), to.to_string()),
            Self::Module { from, to } | Self::ModuleInstance { from, to } => {
                (from.to_string(), to.to_string())
            }
        }
    }
}

/// An `import` block: an object that exists already and is to be managed.
#[derive(Debug, Clone)]
pub struct Import {
    /// The resource it is to be, in an instance of its module.
    pub to: ResourceAddr,
    /// The key of the instance, which may use `each`.
    pub key: Option<Expr>,
    /// Where the address stands.
    pub to_span: Span,
    /// What identifies the object.
    pub identity: ImportIdentity,
    /// One import for each element.
    pub for_each: Option<Expr>,
    /// The provider configuration, if one is named.
    pub provider: Option<Spanned<ProviderAddr>>,
    /// The block's header.
    pub header: Span,
}

/// What identifies an object to be imported.
#[derive(Debug, Clone)]
pub enum ImportIdentity {
    /// `id`: the parts of the identity joined.
    Id(Expr),
    /// `identity`: the parts of the identity by name.
    Parts(Expr),
}

impl ImportIdentity {
    /// Returns the expression.
    #[must_use]
    pub fn expr(&self) -> &Expr {
        match self {
            Self::Id(expr) | Self::Parts(expr) => expr,
        }
    }
}
