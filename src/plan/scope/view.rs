//! What one expression sees.

use std::cell::RefCell;
use std::sync::Arc;

use crate::addr::InstanceKey;
use crate::addr::ModuleInstance;
use crate::config::ResourceId;
use crate::diag::Diagnostics;
use crate::eval::Files;
use crate::eval::Referent;
use crate::eval::Scope;
use crate::source::Span;
use crate::value::Value;

use super::Touched;
use super::World;
use super::module::ModuleWorld;
use super::names;

/// The instance an expression belongs to.
#[derive(Debug, Clone, Default)]
pub enum Each {
    /// A block without `count` and `for_each`.
    #[default]
    None,
    /// An instance by `count`.
    Index(u64),
    /// An instance by `for_each`: key and value. The value may be unknown.
    Pair(Arc<str>, Value),
    /// An instance whose key is not known, as while validating `for_each`.
    UnknownPair,
    /// An instance whose index is not known.
    UnknownIndex,
}

impl Each {
    /// The instance key this stands for.
    #[must_use]
    pub fn key(&self) -> Option<InstanceKey> {
        match self {
            Self::Index(index) => Some(InstanceKey::Int(*index)),
            Self::Pair(key, _) => Some(InstanceKey::Str(Arc::clone(key))),
            Self::None | Self::UnknownPair | Self::UnknownIndex => None,
        }
    }
}

/// The names that one expression can use.
#[derive(Debug)]
pub struct View<'w> {
    pub(super) world: &'w World<'w>,
    pub(super) here: &'w ModuleWorld<'w>,
    pub(super) each: Each,
    pub(super) own: Option<Value>,
    touched: RefCell<Touched>,
}

impl<'w> View<'w> {
    /// A view of the root module without `each`, `count` and `self`.
    #[must_use]
    pub fn of(world: &'w World<'w>) -> Self {
        Self::instance(world, &ModuleInstance::root(), Each::None)
    }

    /// A view of a module without `each`, `count` and `self`.
    #[must_use]
    pub fn module(world: &'w World<'w>, module: &ModuleInstance) -> Self {
        Self::instance(world, module, Each::None)
    }

    /// A view for an instance of a block in a module.
    #[must_use]
    pub fn instance(world: &'w World<'w>, module: &ModuleInstance, each: Each) -> Self {
        Self::within(world, world.here(module), each)
    }

    pub(super) fn within(world: &'w World<'w>, here: &'w ModuleWorld<'w>, each: Each) -> Self {
        Self { world, here, each, own: None, touched: RefCell::default() }
    }

    /// Sets `self`.
    #[must_use]
    pub fn with_self(mut self, own: Value) -> Self {
        self.own = Some(own);
        self
    }

    /// Returns what was read through this view.
    #[must_use]
    pub fn touched(&self) -> Touched {
        self.touched.borrow().clone()
    }

    pub(super) fn touch(&self, more: &Touched) {
        self.touched.borrow_mut().extend(more);
    }

    pub(super) fn touch_instance(&self, id: &ResourceId, key: Option<InstanceKey>) {
        let addr = id.within(&self.here.at).instance(key);
        self.touched.borrow_mut().instances.insert(addr);
    }

    pub(super) fn touch_whole(&self, id: &ResourceId) {
        self.touched.borrow_mut().whole.insert(id.within(&self.here.at));
    }
}

impl Scope for View<'_> {
    fn root(&self, name: &str, span: Span) -> Result<Referent<'_>, Diagnostics> {
        names::root(self, name, span)
    }

    fn files(&self) -> Option<&dyn Files> {
        self.world.files
    }

    fn plan_time(&self) -> Option<Arc<str>> {
        self.world.plan_time.clone()
    }

    fn impure_is_unknown(&self) -> bool {
        self.world.planning
    }
}
