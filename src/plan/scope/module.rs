//! What is known of one instance of a module.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::addr::ModuleInstance;
use crate::config::Module;
use crate::config::ModuleCall;
use crate::config::Output;
use crate::config::Repetition;
use crate::config::ResourceId;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::eval;
use crate::syntax::ast::Name;
use crate::value::Marks;
use crate::value::Type;
use crate::value::Value;

use super::super::expand::expand;
use super::Each;
use super::Instances;
use super::Touched;
use super::View;
use super::World;

/// The instances of a called module.
#[derive(Debug, Clone)]
pub enum CalledInstances {
    /// One without a key.
    One,
    /// None: it is not enabled.
    Absent,
    /// By `count`.
    Count(u64),
    /// By `for_each`: keys and values.
    Each(Vec<Each>),
    /// It cannot be told how many: one instance without a key stands for each of them.
    Unknown(Each),
}

impl CalledInstances {
    /// The instances that a `module` block of some repetition stands for.
    #[must_use]
    pub fn of(repetition: &Repetition, each: Vec<Each>) -> Self {
        match repetition {
            Repetition::Enabled(_) if each.is_empty() => Self::Absent,
            Repetition::One | Repetition::Enabled(_) => Self::One,
            Repetition::Count(_) => Self::Count(each.len() as u64),
            Repetition::ForEach(_) => Self::Each(each),
        }
    }

    /// The entry of each instance.
    pub(super) fn each(&self) -> Vec<Each> {
        match self {
            Self::One => vec![Each::None],
            Self::Absent => Vec::new(),
            Self::Count(number) => Each::counted(*number),
            Self::Each(all) => all.clone(),
            Self::Unknown(each) => vec![each.clone()],
        }
    }
}

/// What is computed from other values when it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Derived {
    /// A local value.
    Local,
    /// A variable of a called module.
    Variable,
    /// An output of a called module.
    Output,
}

/// A derived value once computed.
#[derive(Clone)]
struct Computed {
    result: Result<(Value, Touched), ()>,
    /// Nothing that is found out during an apply changes it.
    is_settled: bool,
}

/// What is known of one instance of a module.
pub(super) struct ModuleWorld<'c> {
    pub module: &'c Module,
    /// Which instance.
    pub at: ModuleInstance,
    /// Variables of the root module.
    pub given: BTreeMap<Name, Value>,
    /// What calls it, and for which entry.
    call: Option<(&'c ModuleCall, Each)>,
    locals: RefCell<BTreeMap<Name, Computed>>,
    variables: RefCell<BTreeMap<Name, Computed>>,
    outputs: RefCell<BTreeMap<Name, Computed>>,
    pub resources: BTreeMap<ResourceId, Instances>,
    pub calls: BTreeMap<Name, CalledInstances>,
}

impl fmt::Debug for ModuleWorld<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ModuleWorld").field("at", &self.at).finish_non_exhaustive()
    }
}

/// The entry of a call as it is now: parts of its value that were not known while planning come during an apply.
fn current(
    world: &World<'_>,
    parent: &ModuleInstance,
    call: &ModuleCall,
    each: &Each,
) -> Result<(Each, Touched), Diagnostics> {
    match each {
        Each::Pair(_, value) if !world.planning && !value.is_wholly_known() => {
            let expansion = expand(&call.repetition, world, parent)?;
            let found = expansion.each.into_iter().find(|found| found.key() == each.key());
            Ok((found.unwrap_or_else(|| each.clone()), expansion.touched))
        }
        _ => Ok((each.clone(), Touched::default())),
    }
}

impl<'c> ModuleWorld<'c> {
    pub(super) fn root(module: &'c Module, given: BTreeMap<Name, Value>) -> Self {
        Self {
            module,
            at: ModuleInstance::root(),
            given,
            call: None,
            locals: RefCell::default(),
            variables: RefCell::default(),
            outputs: RefCell::default(),
            resources: BTreeMap::new(),
            calls: BTreeMap::new(),
        }
    }

    pub(super) fn called(module: &'c Module, at: ModuleInstance, call: &'c ModuleCall, each: Each) -> Self {
        Self { at, call: Some((call, each)), ..Self::root(module, BTreeMap::new()) }
    }

    /// Returns a derived value and what it touched. The findings of a failure are returned once.
    pub(super) fn derived(
        &self,
        world: &World<'_>,
        what: Derived,
        name: &str,
    ) -> Result<(Value, Touched), Diagnostics> {
        let all = match what {
            Derived::Local => &self.locals,
            Derived::Variable => &self.variables,
            Derived::Output => &self.outputs,
        };
        if let Some(done) = all.borrow().get(name) {
            return done.result.clone().map_err(|()| Diagnostics::new());
        }
        // A value that is made of itself fails here; the circle is reported where references are checked.
        all.borrow_mut().insert(name.into(), Computed { result: Err(()), is_settled: true });
        let result = match what {
            Derived::Local => self.compute_local(world, name),
            Derived::Variable => self.compute_variable(world, name),
            Derived::Output => self.compute_output(world, name),
        };
        let (kept, returned) = match result {
            Ok((value, touched)) => {
                let is_settled = value.is_wholly_known();
                (Computed { result: Ok((value.clone(), touched.clone())), is_settled }, Ok((value, touched)))
            }
            Err(found) => (Computed { result: Err(()), is_settled: false }, Err(found)),
        };
        if !kept.is_settled {
            let behind = kept.result.as_ref().ok().map(|(_, touched)| touched);
            world.note_open((self.at.clone(), what, Arc::from(name)), behind);
        }
        all.borrow_mut().insert(name.into(), kept);
        returned
    }

    fn compute_local(&self, world: &World<'_>, name: &str) -> Result<(Value, Touched), Diagnostics> {
        let Some(local) = self.module.locals.get(name) else { return Err(Diagnostics::new()) };
        let view = View::within(world, self, Each::None);
        let value = eval::evaluate(&local.expr, &view)?;
        Ok((value, view.touched()))
    }

    /// A variable gets its value from the call, which is evaluated in the module that calls.
    fn compute_variable(&self, world: &World<'_>, name: &str) -> Result<(Value, Touched), Diagnostics> {
        let Some(variable) = self.module.variables.get(name) else { return Err(Diagnostics::new()) };
        let (Some((call, each)), Some((parent, ..))) = (&self.call, self.at.parent()) else {
            return Ok((variable.unknown(), Touched::default()));
        };
        let Some(argument) = call.arguments.get(name) else {
            // A missing value is reported where the configuration is checked.
            let value = variable.default.clone().unwrap_or_else(|| variable.unknown());
            return Ok((value, Touched::default()));
        };
        let (each, mut touched) = current(world, &parent, call, each)?;
        let view = View::instance(world, &parent, each);
        let value = eval::evaluate(&argument.expr, &view)?;
        let value = variable.accept(&value, argument.expr.span)?;
        touched.extend(&view.touched());
        Ok((value, touched))
    }

    fn compute_output(&self, world: &World<'_>, name: &str) -> Result<(Value, Touched), Diagnostics> {
        let Some(output) = self.module.outputs.get(name) else { return Err(Diagnostics::new()) };
        if let Some(standin) = world.config.mocks.module(&self.at) {
            let given = standin.values.get(name).cloned().unwrap_or_else(Value::null);
            let is_known = standin.while_planning || !(world.planning || world.shows_plan);
            let value = if is_known { given } else { Value::unknown(Type::Any) };
            let value = if output.sensitive { value.mark(Marks::SENSITIVE) } else { value };
            return Ok((value, Touched::default()));
        }
        let view = View::within(world, self, Each::None);
        let value = eval::evaluate(&output.value, &view)?;
        if value.marks_deep().is_ephemeral() && output.ephemeral.is_none() {
            return Err(ephemeral_output(output).into());
        }
        let value = if output.sensitive { value.mark(Marks::SENSITIVE) } else { value };
        let value = if output.ephemeral.is_some() { value.mark(Marks::EPHEMERAL) } else { value };
        Ok((value, view.touched()))
    }

    /// Forgets a value, unless nothing that is found out changes it.
    pub(super) fn forget(&self, what: Derived, name: &str) {
        let all = match what {
            Derived::Local => &self.locals,
            Derived::Variable => &self.variables,
            Derived::Output => &self.outputs,
        };
        let mut all = all.borrow_mut();
        if all.get(name).is_some_and(|value| !value.is_settled) {
            all.remove(name);
        }
    }

    /// The directory of the module, as `path.module` gives it.
    pub(super) fn directory(&self) -> Arc<str> {
        if self.module.directory.is_empty() {
            Arc::from(".")
        } else {
            Arc::from(self.module.directory.as_str())
        }
    }
}

/// What is wrong with an output of a module that gives an ephemeral value away without saying so.
pub(in crate::plan) fn ephemeral_output(output: &Output) -> Diagnostic {
    Diagnostic::error(
        Code::InvalidValue,
        format!("output `{}` cannot hold an ephemeral value", output.name.value),
    )
    .at(output.value.span, "ephemeral")
    .at(output.header, "not declared as ephemeral")
    .hint("add `ephemeral = true` to the output, or leave the ephemeral part out")
}
