//! The values of a module that are known so far.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::addr::InstanceKey;
use crate::config::Module;
use crate::config::ResourceId;
use crate::diag::Diagnostics;
use crate::eval;
use crate::eval::Files;
use crate::syntax::ast::Name;
use crate::value::Type;
use crate::value::Value;

use super::Touched;
use super::View;

/// The instances of a resource as expressions see them.
#[derive(Debug, Clone)]
pub enum Instances {
    /// A resource without `count` or `for_each`.
    One(Value),
    /// A resource with `count`.
    Count(Vec<Value>),
    /// A resource with `for_each`.
    Each(BTreeMap<Arc<str>, Value>),
    /// Not known at all yet: every instance is an unknown object of this type.
    Unknown(Type),
}

impl Instances {
    /// Returns one instance, if it is there.
    #[must_use]
    pub fn get(&self, key: Option<&InstanceKey>) -> Option<&Value> {
        match (self, key) {
            (Self::One(value), None) => Some(value),
            (Self::Count(list), Some(InstanceKey::Int(index))) => list.get(usize::try_from(*index).ok()?),
            (Self::Each(map), Some(InstanceKey::Str(key))) => map.get(key),
            _ => None,
        }
    }

    /// Replaces one instance, if it is there.
    pub fn set(&mut self, key: Option<&InstanceKey>, value: Value) {
        let place = match (self, key) {
            (Self::One(place), None) => Some(place),
            (Self::Count(list), Some(InstanceKey::Int(index))) => {
                usize::try_from(*index).ok().and_then(|index| list.get_mut(index))
            }
            (Self::Each(map), Some(InstanceKey::Str(key))) => map.get_mut(key),
            _ => None,
        };
        if let Some(place) = place {
            *place = value;
        }
    }

    /// Returns all instances as one value: the object, a tuple or an object by key.
    #[must_use]
    pub fn whole(&self) -> Value {
        match self {
            Self::One(value) => value.clone(),
            Self::Count(list) => Value::tuple(list.iter().cloned()),
            Self::Each(map) => Value::object(map.iter().map(|(key, value)| (Arc::clone(key), value.clone()))),
            Self::Unknown(_) => Value::unknown(Type::Any),
        }
    }
}

/// A local value once computed.
#[derive(Clone)]
struct Local {
    result: Result<(Value, Touched), ()>,
    /// Nothing that is found out during an apply changes it.
    is_settled: bool,
}

/// All values of a module known so far.
pub struct World<'c> {
    pub(super) module: &'c Module,
    pub(super) variables: BTreeMap<Name, Value>,
    locals: RefCell<BTreeMap<Name, Local>>,
    pub(super) resources: BTreeMap<ResourceId, Instances>,
    pub(super) files: Option<&'c dyn Files>,
    pub(super) plan_time: Option<Arc<str>>,
    pub(super) workspace: Arc<str>,
    pub(super) root_path: Arc<str>,
    /// Impure functions give unknowns, as while planning.
    pub(super) planning: bool,
}

impl fmt::Debug for World<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World").field("resources", &self.resources.len()).finish_non_exhaustive()
    }
}

impl<'c> World<'c> {
    /// Returns a world in which only the given variables are known.
    #[must_use]
    pub fn new(module: &'c Module, variables: BTreeMap<Name, Value>) -> Self {
        Self {
            module,
            variables,
            locals: RefCell::default(),
            resources: BTreeMap::new(),
            files: None,
            plan_time: None,
            workspace: Arc::from("default"),
            root_path: Arc::from("."),
            planning: true,
        }
    }

    /// Lets file functions read.
    #[must_use]
    pub fn with_files(mut self, files: &'c dyn Files) -> Self {
        self.files = Some(files);
        self
    }

    /// Sets the instant of the plan (RFC 3339).
    #[must_use]
    pub fn with_plan_time(mut self, time: impl Into<Arc<str>>) -> Self {
        self.plan_time = Some(time.into());
        self
    }

    /// Sets the workspace.
    #[must_use]
    pub fn with_workspace(mut self, workspace: impl Into<Arc<str>>) -> Self {
        self.workspace = workspace.into();
        self
    }

    /// Lets impure functions give values, as during apply.
    #[must_use]
    pub fn applying(mut self) -> Self {
        self.planning = false;
        self
    }

    /// The module whose values these are.
    #[must_use]
    pub fn module(&self) -> &'c Module {
        self.module
    }

    /// Sets the instances of a resource. Local values that were unknown are computed anew when next used.
    pub fn set_resource(&mut self, id: ResourceId, instances: Instances) {
        self.forget_unknown_locals(&id);
        self.resources.insert(id, instances);
    }

    /// Replaces the value of one instance.
    pub fn set_instance(&mut self, id: &ResourceId, key: Option<&InstanceKey>, value: Value) {
        if let Some(instances) = self.resources.get_mut(id) {
            instances.set(key, value);
        }
        self.forget_unknown_locals(id);
    }

    /// Returns the instances of a resource, if they are known.
    #[must_use]
    pub fn instances(&self, id: &ResourceId) -> Option<&Instances> {
        self.resources.get(id)
    }

    /// Sets or replaces the value of a variable.
    pub fn set_variable(&mut self, name: Name, value: Value) {
        self.variables.insert(name, value);
    }

    /// Returns the value of a local and what it touched.
    ///
    /// # Errors
    /// If it cannot be computed. The findings are returned to the first caller only; later ones get an empty
    /// collection, so that a mistake is reported once.
    pub fn local(&self, name: &str) -> Result<(Value, Touched), Diagnostics> {
        if let Some(done) = self.locals.borrow().get(name) {
            return done.result.clone().map_err(|()| Diagnostics::new());
        }
        let Some(local) = self.module.locals.get(name) else { return Err(Diagnostics::new()) };
        // A value that is made of itself fails here; the circle is reported where references are checked.
        let open = Local { result: Err(()), is_settled: true };
        self.locals.borrow_mut().insert(Arc::clone(&local.name.value), open);
        let view = View::of(self);
        let result = eval::evaluate(&local.expr, &view);
        let touched = view.touched();
        let (kept, returned) = match result {
            Ok(value) => {
                let is_settled = value.is_wholly_known();
                (Local { result: Ok((value.clone(), touched.clone())), is_settled }, Ok((value, touched)))
            }
            Err(found) => (Local { result: Err(()), is_settled: false }, Err(found)),
        };
        self.locals.borrow_mut().insert(Arc::clone(&local.name.value), kept);
        returned
    }

    /// Forgets what was computed from a resource and may be known better now.
    fn forget_unknown_locals(&self, id: &ResourceId) {
        if self.planning {
            // Planning sets each resource once, before anything that refers to it is evaluated.
            return;
        }
        self.locals.borrow_mut().retain(|_, local| {
            local.is_settled || local.result.as_ref().is_ok_and(|(_, touched)| !touched.has(id))
        });
    }
}
