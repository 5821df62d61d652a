//! `check` blocks: what does not hold is told, and keeps nothing from being done.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::addr::InstanceAddr;
use crate::addr::ModuleInstance;
use crate::config::Check;
use crate::config::Config;
use crate::config::Module;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::eval;
use crate::graph::Item;
use crate::graph::Node;
use crate::state::CheckObject;
use crate::state::CheckResult as Stored;
use crate::state::CheckStatus;

use super::super::CheckResult;
use super::super::PlanMode;
use super::super::scope::View;
use super::super::scope::World;
use super::Planner;
use super::conditions::Held;
use super::conditions::evaluate_condition;

impl Planner<'_> {
    /// Evaluates the checks of all modules. A part of a configuration says nothing about the whole.
    pub(super) fn run_checks(&mut self) {
        let is_part = self.within.is_some() || self.invokes() || !self.options.imports.is_empty();
        if self.options.mode == PlanMode::Destroy || is_part {
            return;
        }
        let failed = &self.failed_scoped;
        let outcome = run_checks(self.input.config, &self.world, &|node| failed.contains(node));
        self.checks.extend(outcome.checks);
        self.diagnostics.extend(outcome.diagnostics);
    }

    /// Whether a declaration is the data source of a check.
    pub(super) fn is_scoped(&self, node: &Node) -> bool {
        let Item::Resource(id) = &node.item else { return false };
        self.input.config.module(&node.module).is_some_and(|module| module.scoped.contains_key(id))
    }
}

/// What all checks said.
#[derive(Debug, Default)]
pub struct Checked {
    /// One result for each assertion.
    pub checks: Vec<CheckResult>,
    /// Warnings of those that do not hold, and what keeps others from being evaluated.
    pub diagnostics: Diagnostics,
}

/// Evaluates the checks of all modules. `is_unread` tells which of their data sources could not be read.
#[must_use]
pub fn run_checks(config: &Config, world: &World<'_>, is_unread: &dyn Fn(&Node) -> bool) -> Checked {
    let mut outcome = Checked::default();
    for module in config.all_modules().filter(|module| !module.checks.is_empty()) {
        let planned = world.modules_of(&module.path).into_iter().filter(|at| !config.mocks.hides(at));
        for at in planned {
            for check in module.checks.values() {
                let unread = unread(module, check, is_unread);
                one(check, &at, world, unread, &mut outcome);
            }
        }
    }
    outcome
}

/// Whether the data source of a check could not be read.
fn unread(module: &Module, check: &Check, is_unread: &dyn Fn(&Node) -> bool) -> bool {
    let node = |id| Node { module: module.path.clone(), item: Item::Resource(id) };
    check.data.clone().is_some_and(|id| is_unread(&node(id)))
}

fn one(check: &Check, at: &ModuleInstance, world: &World<'_>, unread: bool, outcome: &mut Checked) {
    let name = &check.name.value;
    let addr = if at.is_root() { format!("check.{name}") } else { format!("{at}.check.{name}") };
    for assert in &check.asserts {
        let view = View::module(world, at);
        let mut result = CheckResult { addr: addr.clone(), status: CheckStatus::Unknown, message: None };
        match evaluate_condition(assert, &view) {
            Ok(Held::Yes) => result.status = CheckStatus::Pass,
            Ok(Held::Unknown) if unread => {
                result.status = CheckStatus::Error;
                result.message = Some("its data source could not be read".to_owned());
            }
            Ok(Held::Unknown) => {}
            Ok(Held::No(message)) => {
                result.status = CheckStatus::Fail;
                result.message = Some(message.clone());
                let found = Diagnostic::warning(Code::CheckFailed, format!("`{addr}` does not hold"))
                    .at(assert.condition.span, "is false")
                    .detail(message);
                outcome.diagnostics.push(eval::explain(found, &assert.condition, &view));
            }
            Err(found) => {
                result.status = CheckStatus::Error;
                result.message = found.iter().next().map(|item| item.summary.clone());
                outcome.diagnostics.extend(found);
            }
        }
        outcome.checks.push(result);
    }
}

/// Groups results by declaration and instance, as the state keeps them and views show them.
#[must_use]
pub fn grouped(results: &[CheckResult]) -> Vec<Stored> {
    let mut declarations: BTreeMap<(String, String), BTreeMap<&str, CheckObject>> = BTreeMap::new();
    for result in results {
        let parsed = result.addr.parse::<InstanceAddr>().ok();
        let (kind, declared) = match &parsed {
            Some(addr) => {
                let kind = match &*addr.resource.kind {
                    kind @ ("output" | "var" | "check") => kind,
                    _ => "resource",
                };
                (kind.to_owned(), addr.resource.declared().to_string())
            }
            None => ("resource".to_owned(), result.addr.clone()),
        };
        let objects = declarations.entry((declared, kind)).or_default();
        let object = objects.entry(&result.addr).or_insert_with(|| CheckObject {
            object_addr: Arc::from(result.addr.as_str()),
            status: CheckStatus::Pass,
            failure_messages: Vec::new(),
        });
        object.status = object.status.worse(result.status);
        object.failure_messages.extend(result.message.as_deref().map(Arc::from));
    }
    declarations
        .into_iter()
        .map(|((declared, kind), objects)| {
            let objects: Vec<CheckObject> = objects.into_values().collect();
            let status = objects.iter().fold(CheckStatus::Pass, |worst, object| worst.worse(object.status));
            Stored { object_kind: Arc::from(kind), config_addr: Arc::from(declared), status, objects }
        })
        .collect()
}
