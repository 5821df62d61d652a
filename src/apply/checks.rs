//! Checks when everything is done: evaluated once more on what is known now, and written down.

use std::collections::BTreeSet;

use crate::config::ResourceId;
use crate::diag::Diagnostics;
use crate::graph::Item;
use crate::graph::Node;
use crate::plan::CheckResult;
use crate::plan::StepId;
use crate::plan::grouped;
use crate::plan::run_checks;
use crate::state::CheckStatus;
use crate::state::journal::Record;

use super::coordinator::Run;

/// What stands before the name of a check.
const CHECK: &str = "check.";

impl Run<'_, '_> {
    /// The data source of a check that a step reads.
    fn scoped(&self, id: StepId) -> Option<Node> {
        let key = self.step(id).and_then(Self::key_of)?;
        let module = self.input.config.module(&key.addr.resource.module.path())?;
        let id = ResourceId::of(&key.addr.resource);
        module
            .scoped
            .contains_key(&id)
            .then(|| Node { module: module.path.clone(), item: Item::Resource(id) })
    }

    /// Takes what a check's own data source failed with as warnings; gives back what is no matter of a check.
    pub(super) fn spare_check(&mut self, id: StepId, found: Diagnostics) -> Option<Diagnostics> {
        let Some(node) = self.scoped(id) else { return Some(found) };
        self.diagnostics.extend(found.into_warnings());
        self.unread.insert(node);
        self.done(id);
        None
    }

    /// Evaluates the checks, tells of those that do not hold, and returns what the state keeps of all conditions.
    pub(super) fn judge_checks(&mut self, complete: bool) -> Option<Record> {
        let is_check =
            |result: &CheckResult| result.addr.starts_with(CHECK) || result.addr.contains(".check.");
        let mut results: Vec<CheckResult> =
            self.plan().checks.iter().filter(|result| !is_check(result)).cloned().collect();
        // Whatever else was not known has been looked at on the way: it would have ended the run.
        for result in results.iter_mut().filter(|result| complete && result.status == CheckStatus::Unknown) {
            result.status = CheckStatus::Pass;
        }
        let asked = self.plan().checks.iter().any(is_check);
        if asked {
            let unread: &BTreeSet<Node> = &self.unread;
            let outcome = run_checks(self.input.config, &self.world, &|node| unread.contains(node));
            let planned = &self.plan().checks;
            results.extend(outcome.checks.into_iter().map(|result| {
                // What could not be read while planning was not read again.
                let was =
                    planned.iter().find(|was| was.addr == result.addr && was.status == CheckStatus::Error);
                was.filter(|_| result.status == CheckStatus::Unknown).cloned().unwrap_or(result)
            }));
            // Everything is done already.
            self.diagnostics.extend(outcome.diagnostics.into_warnings());
        }
        let results = grouped(&results);
        let same = self.input.ledger.state(|state| state.checks == results);
        (!same).then_some(Record::Checks(results))
    }
}
