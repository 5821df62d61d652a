//! What one expression sees.

use std::cell::RefCell;
use std::sync::Arc;

use crate::addr::InstanceKey;
use crate::diag::Diagnostics;
use crate::eval::Files;
use crate::eval::Referent;
use crate::eval::Scope;
use crate::source::Span;
use crate::value::Value;

use super::Touched;
use super::World;
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
    pub(super) each: Each,
    pub(super) own: Option<Value>,
    touched: RefCell<Touched>,
}

impl<'w> View<'w> {
    /// A view without `each`, `count` and `self`.
    #[must_use]
    pub fn of(world: &'w World<'w>) -> Self {
        Self { world, each: Each::None, own: None, touched: RefCell::default() }
    }

    /// A view for an instance.
    #[must_use]
    pub fn instance(world: &'w World<'w>, each: Each) -> Self {
        Self { world, each, own: None, touched: RefCell::default() }
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

    pub(super) fn touch_instance(&self, id: &crate::config::ResourceId, key: Option<InstanceKey>) {
        self.touched.borrow_mut().instances.insert((id.clone(), key));
    }

    pub(super) fn touch_whole(&self, id: &crate::config::ResourceId) {
        self.touched.borrow_mut().whole.insert(id.clone());
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
