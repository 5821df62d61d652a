//! Called modules: how many instances there are, their variables and outputs.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::addr::InstanceKey;
use crate::addr::ModuleInstance;
use crate::addr::ModulePath;
use crate::config::Repetition;
use crate::graph::Item;
use crate::graph::Node;
use crate::syntax::ast::Name;
use crate::value::Type;
use crate::value::Value;

use super::super::PlanMode;
use super::super::expand::expand;
use super::super::scope::CalledInstances;
use super::super::scope::Each;
use super::super::scope::Touched;
use super::super::scope::View;
use super::Planner;
use super::conditions::check_conditions;

impl Planner<'_> {
    /// Makes the instances of modules known that provider configurations take values from, as far as they can be told
    /// before anything is read.
    pub(super) fn open_for_providers(&mut self) {
        let graph = self.input.graph;
        let providers: Vec<&Node> =
            graph.order().filter(|node| matches!(node.item, Item::Provider(_))).collect();
        let needed = graph.closure(providers);
        for node in graph.order().filter(|node| needed.contains(node)) {
            let Item::Call(name) = &node.item else { continue };
            for module in self.world.modules_of(&node.module) {
                let Some(call) = self.input.config.call(&node.module.child(name)) else { continue };
                // What is wrong or not known yet is told when everything else is known.
                if let Ok(expansion) = expand(&call.repetition, &self.world, &module) {
                    let instances = CalledInstances::of(&call.repetition, expansion.each);
                    self.world.open_call(&module, name, instances);
                }
            }
        }
    }

    /// Works out the instances of a called module.
    pub(super) fn plan_call(&mut self, parent: &ModuleInstance, name: &Name) {
        let path = parent.path().child(name);
        let Some(call) = self.input.config.call(&path) else { return };
        let instances = match expand(&call.repetition, &self.world, parent) {
            Ok(expansion) => {
                if !expansion.touched.resources().is_empty() {
                    let all = self.call_touched.entry(parent.child(name, None)).or_default();
                    all.extend(&expansion.touched);
                }
                CalledInstances::of(&call.repetition, expansion.each)
            }
            // Deleting and refreshing go by what the state has.
            Err(_) if self.options.mode != PlanMode::Normal => {
                self.stored_instances(parent, name, &call.repetition)
            }
            Err(found) => {
                let at = parent.child(name, None);
                let found = self.defer_call(&at, &call.repetition, call.header, found);
                self.diagnostics.extend(found.into_iter().flatten());
                return;
            }
        };
        self.world.open_call(parent, name, instances);
    }

    /// The instances of a module that the state has objects of.
    fn stored_instances(
        &self,
        parent: &ModuleInstance,
        name: &Name,
        repetition: &Repetition,
    ) -> CalledInstances {
        let depth = parent.0.len();
        let keys: BTreeSet<Option<&InstanceKey>> = self
            .prior
            .keys()
            .map(|key| &key.addr.resource.module)
            .filter(|module| module.0.starts_with(&parent.0))
            .filter_map(|module| module.0.get(depth))
            .filter(|(found, _)| found == name)
            .map(|(_, key)| key.as_ref())
            .collect();
        match repetition {
            Repetition::One => CalledInstances::One,
            Repetition::Enabled(_) if keys.contains(&None) => CalledInstances::One,
            Repetition::Enabled(_) => CalledInstances::Absent,
            Repetition::Count(_) => {
                let last = keys.iter().filter_map(|key| match key {
                    Some(InstanceKey::Int(index)) => Some(index + 1),
                    _ => None,
                });
                CalledInstances::Count(last.max().unwrap_or(0))
            }
            Repetition::ForEach(_) => {
                let all = keys.into_iter().filter_map(|key| match key {
                    Some(InstanceKey::Str(key)) => {
                        Some(Each::Pair(Arc::clone(key), Value::unknown(Type::Any)))
                    }
                    _ => None,
                });
                CalledInstances::Each(all.collect())
            }
        }
    }

    /// Checks a variable of a module: its value and its validations.
    pub(super) fn plan_variable(&mut self, module: &ModuleInstance, name: &Name) {
        if !module.is_root()
            && let Err(found) = self.world.variable(module, name)
        {
            self.diagnostics.extend(found);
            return;
        }
        self.validate_variable(module, name);
    }

    /// Checks the conditions of an output of a called module. Its value is computed where it is asked for.
    pub(super) fn plan_inner_output(&mut self, module: &ModuleInstance, name: &Name) {
        let config = self.input.config.module(&module.path());
        let Some(output) = config.and_then(|module| module.outputs.get(name)) else { return };
        if self.options.mode == PlanMode::Destroy {
            return;
        }
        let outcome = {
            let view = View::module(&self.world, module);
            let addr = format!("{module}.output.{name}");
            check_conditions(&output.preconditions, "precondition", &addr, &view)
        };
        if !self.note_conditions(outcome) {
            return;
        }
        if let Err(found) = self.world.output(module, name) {
            self.diagnostics.extend(found);
        }
    }

    /// What the number of instances of the modules around an object was computed from.
    pub(super) fn touched_by_calls(&self, module: &ModuleInstance) -> Touched {
        let mut touched = Touched::default();
        if self.call_touched.is_empty() {
            return touched;
        }
        let mut at = module.clone();
        while let Some((parent, name, _)) = at.parent() {
            if let Some(more) = self.call_touched.get(&parent.child(name, None)) {
                touched.extend(more);
            }
            at = parent;
        }
        touched
    }

    /// What `depends_on` of the modules around a module names.
    pub(super) fn behind_calls(&self, module: &ModulePath) -> Vec<Node> {
        let mut found = Vec::new();
        let mut at = module.clone();
        while let Some((parent, _)) = at.parent() {
            if let Some(call) = self.input.config.call(&at) {
                let nodes = call
                    .depends_on
                    .iter()
                    .filter_map(|reference| crate::graph::ordered_behind(&parent, reference));
                found.extend(nodes);
            }
            at = parent;
        }
        found
    }
}
