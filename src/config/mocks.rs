//! What a test puts in place of providers, objects and modules: as declared, and with its values evaluated.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::addr::InstanceAddr;
use crate::addr::Mode;
use crate::addr::ModuleInstance;
use crate::addr::ProviderAddr;
use crate::addr::Target;
use crate::source::Span;
use crate::source::Spanned;
use crate::syntax::ast::Expr;
use crate::syntax::ast::Name;
use crate::value::Value;

/// A `mock_provider` block.
#[derive(Debug, Clone)]
pub struct MockProvider {
    /// The configuration it takes the place of.
    pub addr: ProviderAddr,
    /// Values by type.
    pub types: Vec<MockType>,
    /// Values of objects of this provider.
    pub overrides: Vec<Override>,
    /// A directory with files of such blocks.
    pub source: Option<Spanned<String>>,
    /// Whether its values are known while planning; blocks inside may say otherwise.
    pub while_planning: Option<bool>,
    /// The block's header.
    pub header: Span,
}

/// A `mock_resource` or `mock_data` block.
#[derive(Debug, Clone)]
pub struct MockType {
    /// Resources or data sources.
    pub mode: Mode,
    /// The type.
    pub kind: Spanned<Name>,
    /// Values of computed attributes.
    pub defaults: Option<Expr>,
    /// Whether they are known while planning.
    pub while_planning: Option<bool>,
    /// The block's header.
    pub header: Span,
}

/// An `override_resource`, `override_data` or `override_module` block.
#[derive(Debug, Clone)]
pub struct Override {
    /// What it is about.
    pub target: Spanned<Target>,
    /// Values of computed attributes, or of outputs.
    pub values: Option<Expr>,
    /// Whether they are known while planning.
    pub while_planning: Option<bool>,
    /// The block's header.
    pub header: Span,
}

/// Values that stand in for what a provider would decide or a module would put out.
#[derive(Debug, Clone)]
pub struct Standin {
    /// By attribute or output. What is missing is made up.
    pub values: BTreeMap<Name, Value>,
    /// Known while planning already.
    pub while_planning: bool,
    /// It is about this object, not about all of a provider.
    pub is_override: bool,
    /// Where it is declared.
    pub span: Span,
}

/// Everything a test puts in place of something, evaluated.
#[derive(Debug, Clone, Default)]
pub struct Mocks {
    /// Provider configurations that are never called.
    pub providers: BTreeMap<ProviderAddr, MockedProvider>,
    /// What stands in for objects and modules, the strongest first.
    pub overrides: Vec<(Target, Standin)>,
}

/// A provider configuration that is never called.
#[derive(Debug, Clone)]
pub struct MockedProvider {
    /// Values by type.
    pub types: BTreeMap<(Mode, Name), Standin>,
    /// What stands in for its objects, the strongest first.
    pub overrides: Vec<(Target, Standin)>,
    /// What stands in for all others.
    pub otherwise: Standin,
}

impl Mocks {
    /// Returns true if nothing is put in place of anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.providers.is_empty() && self.overrides.is_empty()
    }

    /// Returns what stands in for an object; nothing if its provider is asked.
    #[must_use]
    pub fn object(&self, addr: &InstanceAddr, provider: &ProviderAddr) -> Option<&Standin> {
        if self.is_empty() {
            return None;
        }
        let mocked = self.providers.get(provider);
        let inner = mocked.map(|mocked| mocked.overrides.as_slice()).unwrap_or_default();
        let mut all = self.overrides.iter().chain(inner).filter(|(target, _)| {
            // A module that is overridden has no objects.
            !matches!(target, Target::Module(_)) && target.contains(addr)
        });
        let instance = all.clone().find(|(target, _)| matches!(target, Target::Instance(_)));
        if let Some((_, found)) = instance.or_else(|| all.next()) {
            return Some(found);
        }
        let mocked = mocked?;
        let kind = (addr.resource.mode, Arc::clone(&addr.resource.kind));
        Some(mocked.types.get(&kind).unwrap_or(&mocked.otherwise))
    }

    /// Returns what stands in for the outputs of a module.
    #[must_use]
    pub fn module(&self, module: &ModuleInstance) -> Option<&Standin> {
        let same = |of: &ModuleInstance| of.0.len() == module.0.len() && of.covers(module);
        let mut all = self.overrides.iter().filter_map(|(target, found)| match target {
            Target::Module(of) if same(of) => Some((of, found)),
            _ => None,
        });
        let exact = all.clone().find(|(of, _)| *of == module);
        exact.or_else(|| all.next()).map(|(_, found)| found)
    }

    /// Whether a module is overridden, or lies in one that is: nothing in it is planned.
    #[must_use]
    pub fn hides(&self, module: &ModuleInstance) -> bool {
        self.overrides.iter().any(|(target, _)| matches!(target, Target::Module(of) if of.covers(module)))
    }
}
