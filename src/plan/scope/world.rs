//! The values of a configuration that are known so far.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use crate::addr::InstanceKey;
use crate::addr::ModuleInstance;
use crate::addr::ModulePath;
use crate::addr::ResourceAddr;
use crate::config::Config;
use crate::config::ResourceId;
use crate::diag::Diagnostics;
use crate::eval::Files;
use crate::syntax::ast::Name;
use crate::value::Value;

use super::Each;
use super::Instances;
use super::Touched;
use super::module::CalledInstances;
use super::module::Derived;
use super::module::ModuleWorld;

/// A derived value: in which module, and which.
type Place = (ModuleInstance, Derived, Name);

/// Derived values that may be known better later.
#[derive(Debug, Default)]
struct Open {
    /// By the resources they were computed from.
    behind: BTreeMap<ResourceAddr, BTreeSet<Place>>,
    /// Those that could not be computed.
    failed: BTreeSet<Place>,
}

/// All values of a configuration known so far.
pub struct World<'c> {
    pub(super) config: &'c Config,
    root: ModuleWorld<'c>,
    /// The instances of called modules.
    called: BTreeMap<ModuleInstance, ModuleWorld<'c>>,
    /// The same by their paths as declared.
    by_path: BTreeMap<ModulePath, BTreeSet<ModuleInstance>>,
    open: RefCell<Open>,
    pub(super) files: Option<&'c dyn Files>,
    pub(super) plan_time: Option<Arc<str>>,
    pub(super) workspace: Arc<str>,
    /// Impure functions give unknowns, as while planning.
    pub(super) planning: bool,
    /// It shows what a plan knows.
    pub(super) shows_plan: bool,
}

impl fmt::Debug for World<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World").field("modules", &self.called.len()).finish_non_exhaustive()
    }
}

impl<'c> World<'c> {
    /// Returns a world in which only the given variables of the root module are known.
    #[must_use]
    pub fn new(config: &'c Config, variables: BTreeMap<Name, Value>) -> Self {
        Self {
            config,
            root: ModuleWorld::root(&config.root, variables),
            called: BTreeMap::new(),
            by_path: BTreeMap::new(),
            open: RefCell::default(),
            files: None,
            plan_time: None,
            workspace: Arc::from("default"),
            planning: true,
            shows_plan: false,
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

    /// Shows what a plan knows, although impure functions give values.
    #[must_use]
    pub fn showing_plan(mut self, shows_plan: bool) -> Self {
        self.shows_plan = shows_plan;
        self
    }

    /// The configuration whose values these are.
    #[must_use]
    pub fn config(&self) -> &'c Config {
        self.config
    }

    /// Returns what is known of a module; nobody asks for one that was not opened.
    pub(super) fn here(&self, module: &ModuleInstance) -> &ModuleWorld<'c> {
        if module.is_root() { &self.root } else { self.called.get(module).unwrap_or(&self.root) }
    }

    fn here_mut(&mut self, module: &ModuleInstance) -> &mut ModuleWorld<'c> {
        if module.is_root() { &mut self.root } else { self.called.get_mut(module).unwrap_or(&mut self.root) }
    }

    /// Whether an instance of a module is known.
    #[must_use]
    pub fn has_module(&self, module: &ModuleInstance) -> bool {
        module.is_root() || self.called.contains_key(module)
    }

    /// Whether the instances of a called module are known.
    #[must_use]
    pub fn is_expanded(&self, parent: &ModuleInstance, name: &str) -> bool {
        self.here(parent).calls.contains_key(name)
    }

    /// Returns the instances of a module, in the order of their keys.
    #[must_use]
    pub fn modules_of(&self, path: &ModulePath) -> Vec<ModuleInstance> {
        if path.is_root() {
            return vec![ModuleInstance::root()];
        }
        self.by_path.get(path).into_iter().flatten().cloned().collect()
    }

    /// Makes the instances of a called module known. Those that were known before are forgotten.
    pub fn open_call(&mut self, parent: &ModuleInstance, name: &Name, instances: CalledInstances) {
        let path = parent.path().child(name);
        let Some(module) = self.config.module(&path) else { return };
        let Some(call) = self.config.call(&path) else { return };
        if self.here(parent).calls.contains_key(name) {
            let of = parent.child(name, None);
            let inside: Vec<ModuleInstance> =
                self.called.keys().filter(|at| of.covers(at)).cloned().collect();
            for at in inside {
                self.called.remove(&at);
                if let Some(others) = self.by_path.get_mut(&at.path()) {
                    others.remove(&at);
                }
            }
        }
        for each in instances.each() {
            let at = parent.child(name, each.key());
            let world = ModuleWorld::called(module, at.clone(), call, each);
            self.by_path.entry(path.clone()).or_default().insert(at.clone());
            self.called.insert(at, world);
        }
        self.here_mut(parent).calls.insert(Arc::clone(name), instances);
    }

    /// Sets the instances of a resource. Values that were computed from them and unknown are computed anew when next
    /// used.
    pub fn set_resource(&mut self, addr: &ResourceAddr, instances: Instances) {
        self.forget_unknown(addr);
        self.here_mut(&addr.module).resources.insert(ResourceId::of(addr), instances);
    }

    /// Replaces the value of one instance.
    pub fn set_instance(&mut self, addr: &ResourceAddr, key: Option<&InstanceKey>, value: Value) {
        if let Some(instances) = self.here_mut(&addr.module).resources.get_mut(&ResourceId::of(addr)) {
            instances.set(key, value);
        }
        self.forget_unknown(addr);
    }

    /// Returns the instances of a resource, if they are known.
    #[must_use]
    pub fn instances(&self, addr: &ResourceAddr) -> Option<&Instances> {
        if !self.has_module(&addr.module) {
            return None;
        }
        self.here(&addr.module).resources.get(&ResourceId::of(addr))
    }

    /// Sets or replaces the value of a variable of the root module.
    pub fn set_variable(&mut self, name: Name, value: Value) {
        self.root.given.insert(name, value);
    }

    /// Returns the value of a local and what it touched.
    ///
    /// # Errors
    /// If it cannot be computed. The findings are returned to the first caller only; later ones get an empty
    /// collection, so that a mistake is reported once.
    pub fn local(&self, module: &ModuleInstance, name: &str) -> Result<(Value, Touched), Diagnostics> {
        self.here(module).derived(self, Derived::Local, name)
    }

    /// Returns the value of a variable of a called module and what it touched.
    ///
    /// # Errors
    /// As for locals.
    pub fn variable(&self, module: &ModuleInstance, name: &str) -> Result<(Value, Touched), Diagnostics> {
        self.here(module).derived(self, Derived::Variable, name)
    }

    /// Returns the value of an output of a called module and what it touched.
    ///
    /// # Errors
    /// As for locals.
    pub fn output(&self, module: &ModuleInstance, name: &str) -> Result<(Value, Touched), Diagnostics> {
        self.here(module).derived(self, Derived::Output, name)
    }

    /// Forgets what was computed from a resource and may be known better now.
    fn forget_unknown(&self, addr: &ResourceAddr) {
        if self.planning {
            // Planning sets each resource once, before anything that refers to it is evaluated.
            return;
        }
        let mut open = self.open.borrow_mut();
        let places = open.behind.remove(addr).unwrap_or_default();
        let failed = std::mem::take(&mut open.failed);
        for (at, what, name) in places.iter().chain(&failed) {
            if self.has_module(at) {
                self.here(at).forget(*what, name);
            }
        }
    }

    /// Notes a derived value that may be known better when something is found out of what it was computed from; what
    /// that is, unless it could not be computed.
    pub(super) fn note_open(&self, place: Place, behind: Option<&Touched>) {
        if self.planning {
            return;
        }
        let mut open = self.open.borrow_mut();
        match behind {
            None => {
                open.failed.insert(place);
            }
            Some(touched) => {
                for addr in touched.resources() {
                    open.behind.entry(addr.clone()).or_default().insert(place.clone());
                }
            }
        }
    }
}

impl Each {
    /// The entries of `count`, from 0.
    #[must_use]
    pub fn counted(number: u64) -> Vec<Self> {
        (0..number).map(Self::Index).collect()
    }
}
